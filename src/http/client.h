/* Owns the HTTPS client of the command line: one server, its certificate pinned by fingerprint or checked by authority. */
#ifndef XIEDUN_HTTP_CLIENT_H
#define XIEDUN_HTTP_CLIENT_H

#include "base/err.h"
#include "base/writer.h"
#include "http/server.h"

struct http_client;

struct http_client_config {
	const char *base; /* "https://host[:port]"; "http://…" only for this machine */
	const char *
		fingerprint; /* SHA-256 of the certificate, "AB:CD:…", or NULL: the system's authorities */
	int64_t limit; /* microseconds for one request; 0: 30 s */
};

/* MSG_HTTP_BASE, MSG_HTTP_FINGERPRINT_FORM. A client belongs to one thread at a time. */
must_use bool http_client_new(const struct http_client_config *, struct http_client **,
			      struct err *);
void http_client_free(struct http_client *);
DEFINE_AUTO(http_client, http_client_free)
#define auto_http_client cleanup_with(auto_free_http_client) struct http_client *

struct http_reply {
	int status;
	struct writer content_type, body, etag;
};
void http_reply_release(struct http_reply *);

/*
 * Sends one request on a kept connection; the path is sent as given. Redirects are not followed, at most 256 MiB are read; to
 * this machine never through a proxy. On success *reply is overwritten, whatever its status. MSG_HTTP_UNREACHABLE,
 * MSG_HTTP_FINGERPRINT (the certificate is another one), MSG_HTTP_AUTHORITY, MSG_HTTP_REPLY_LIMIT, MSG_HTTP_TARGET,
 * MSG_HTTP_REQUEST (a header with a line end).
 */
must_use bool http_client_send(struct http_client *, enum http_method, const char *path,
			       const struct http_header *, size_t count, struct str body,
			       struct http_reply *, struct err *);

/* The fingerprint that the server shows, without trusting it: for the first sign-in. */
must_use bool http_client_peek(const char *base, struct writer *fingerprint, struct err *);

#endif
