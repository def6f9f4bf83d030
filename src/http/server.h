/*
 * Owns the HTTP server: TLS 1.2 and 1.3, requests handed whole to worker threads. Behind this interface stands a
 * library (doc/decisions/); nothing above it sees which.
 */
#ifndef XIEDUN_HTTP_SERVER_H
#define XIEDUN_HTTP_SERVER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/writer.h"

struct http_server;

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_METHODS
};

struct http_header {
	struct str name, value;
};

/* Borrowed for the handler's call. */
struct http_request {
	enum http_method method;
	struct str path;  /* percent-decoded, begins with "/", no "." or ".." segments, no NUL */
	struct str query; /* raw, without "?" */
	const struct http_header *headers;
	size_t header_count;
	struct str body; /* whole, when at most body_memory; else absent and in body_fd */
	int body_fd;     /* -1, or an unlinked file at its beginning */
	int64_t body_size;
	struct str peer; /* "192.0.2.7", "::1" */
	struct arena *arena;
};

/* Filled by the handler. Texts are borrowed from the request's arena or static; the body is the response's own. */
struct http_response {
	int status;
	const char *content_type;
	struct http_header headers[16];
	size_t header_count;
	struct writer body;
	int file; /* -1, or sent from its beginning and closed by the server */
};

typedef void http_handler_fn(const struct http_request *, struct http_response *, void *context);

struct http_config {
	const char *address; /* "127.0.0.1", "::", … */
	int port;            /* 0: any free one, see http_server_port */
	struct str certificate_pem,
		key_pem;    /* both absent: plain HTTP, for tests and behind a proxy */
	int workers;        /* handler threads; 0: 48 */
	size_t waiting;     /* requests that may wait for a worker, then 503; 0: 1,024 */
	int connections;    /* at most; 0: 10,000 */
	size_t body_memory; /* 0: 1 MiB */
	int64_t body_limit; /* 0: 64 MiB; over it: 413 before the body is read */
	const char *
		spool_directory; /* for larger bodies; made unlinked, O_TMPFILE; NULL: anonymous memory */
	int64_t idle_limit; /* microseconds without a request, and for one (8 KiB/s more for a long one); 0: 60 s */
	http_handler_fn *handler;
	void *context;
};

must_use bool http_server_start(const struct http_config *, struct http_server **, struct err *);
int http_server_port(const struct http_server *);

/* A changed certificate, for connections from now on. MSG_HTTP_CERTIFICATE; the old one then stays. */
must_use bool http_server_set_certificate(struct http_server *, struct str certificate_pem,
					  struct str key_pem, struct err *);

/*
 * No new connections; waits for what is under way up to `limit` microseconds, closes the rest, waits for handlers that
 * still run and frees the server. NULL is fine.
 */
void http_server_stop(struct http_server *, int64_t limit);

/* The value of a header (name in any case), or absent. */
struct str http_header_value(const struct http_request *, const char *name);

/* A query parameter, percent- and plus-decoded into the arena, or absent. MSG_HTTP_QUERY when it is malformed or given twice. */
must_use bool http_query_value(const struct http_request *, const char *name, struct str *,
			       struct err *);

/* Adds a header; the texts are borrowed. Broken invariant when there are too many. */
void http_response_header(struct http_response *, const char *name, struct str value);

const char *http_method_name(enum http_method);

/* What Accept-Language prefers (RFC 9110, section 12.5.4), Chinese when it names neither language. */
enum language http_language(const struct http_request *);

/* Requests, connections and bytes in the Prometheus text format. */
void http_server_metrics(struct http_server *, struct writer *);

#endif
