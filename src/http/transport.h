/* Owns what lies under HTTP: a non-blocking socket, in clear or under TLS 1.2 or 1.3. */
#ifndef XIEDUN_HTTP_TRANSPORT_H
#define XIEDUN_HTTP_TRANSPORT_H

#include "base/err.h"

/* OpenSSL's, whose headers only transport.c sees. */
struct ssl_st;
struct ssl_ctx_st;

enum io { IO_DONE, IO_BLOCKED, IO_CLOSED };

struct transport {
	int fd;
	struct ssl_st *tls; /* NULL: in clear */
};

/*
 * Certificate chain and key for new connections: ECDHE with an AEAD cipher only (RFC 9325, section 4.2), no resumption,
 * no renegotiation. MSG_HTTP_CERTIFICATE.
 */
must_use bool tls_context_new(struct str certificate_pem, struct str key_pem, struct ssl_ctx_st **,
			      struct err *);

/* A further reference, given back with tls_context_free; NULL is fine. */
struct ssl_ctx_st *tls_context_share(struct ssl_ctx_st *);
void tls_context_free(struct ssl_ctx_st *);

/* Takes the socket. `context` NULL: in clear. */
void transport_open(struct transport *, int fd, struct ssl_ctx_st *context);
enum io transport_handshake(struct transport *);
/* *moved is above 0 exactly when the answer is IO_DONE. */
enum io transport_read(struct transport *, void *to, size_t size, size_t *moved);
enum io transport_write(struct transport *, struct str bytes, size_t *moved);

/* Says that no more will be written; the peer may still write. */
void transport_finish(struct transport *);

/* Throws away what the peer still sends, below TLS. */
enum io transport_discard(struct transport *);
void transport_close(struct transport *);

#endif
