/* Owns the texts of a request before it is handed on: method, target, language. */
#ifndef XIEDUN_HTTP_MESSAGE_H
#define XIEDUN_HTTP_MESSAGE_H

#include "http/server.h"

/* Methods are case-sensitive (RFC 9110, section 9.1). False: none of ours. */
must_use bool message_method(struct str name, enum http_method *);

/*
 * The origin form of a request target (RFC 9112, section 3.2.1) as decoded path and raw query.
 * MSG_HTTP_TARGET: another form, a malformed encoding, NUL, a "." or ".." segment, invalid UTF-8.
 */
must_use bool message_target(struct arena *, struct str target, struct str *path, struct str *query,
			     struct err *);

#endif
