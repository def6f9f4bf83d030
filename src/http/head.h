/* Owns the parsing of a request's head (RFC 9112): what is odd is refused, never repaired. */
#ifndef XIEDUN_HTTP_HEAD_H
#define XIEDUN_HTTP_HEAD_H

#include "http/server.h"

/* The request line and all headers together, and how many headers. */
enum { HEAD_BYTES_MAX = 16 * 1024, HEAD_HEADERS_MAX = 64 };

/* Texts are borrowed from what was parsed. */
struct head {
	enum http_method method;
	struct str target;
	struct http_header headers[HEAD_HEADERS_MAX];
	size_t header_count;
	int64_t content_length; /* 0 without a body, not used when chunked */
	bool version_1_0, chunked, keep_alive, expects_continue;
};

/*
 * Where the head ends (behind its empty line), *end = 0 when more bytes are needed; *from says where to search on, 0 at first.
 * Empty lines before the request line must be taken off by the caller. MSG_HTTP_REQUEST: no request begins like this, so that
 * nobody waits for its end (TLS sent to a port in clear, bare line feeds).
 */
must_use bool head_find_end(struct str bytes, size_t *from, size_t *end, struct err *err);

/*
 * Fills *head from a whole head. MSG_HTTP_REQUEST, MSG_HTTP_METHOD, MSG_HTTP_VERSION, MSG_HTTP_HEADER_LIMIT,
 * MSG_HTTP_EXPECT. After a failure the headers before the fault stand in *head.
 */
must_use bool head_parse(struct str bytes, struct head *, struct err *);

#endif
