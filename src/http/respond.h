/* Owns the answer's bytes: status line, headers, problems. */
#ifndef XIEDUN_HTTP_RESPOND_H
#define XIEDUN_HTTP_RESPOND_H

#include "http/server.h"

/* Frees the body, closes the file. */
void respond_clear(struct http_response *);

/*
 * Whether what a handler filled in can be sent: a status of 200 to 599, headers without line ends (no response splitting),
 * a body within its limit. *file_size is 0 without a file. MSG_HTTP_RESPONSE, MSG_LIMIT_SIZE.
 */
must_use bool respond_check(const struct http_response *, int64_t *file_size, struct err *);

/* Replaces the answer by application/problem+json (RFC 9457) in the language of the request. */
void respond_problem(const struct http_request *, struct http_response *, const struct err *);

/* The head; a short body joins it and is released, an answer to HEAD keeps neither body nor file. */
void respond_write(const struct http_request *, struct http_response *, int64_t file_size,
		   bool close, struct writer *out);

#endif
