/* OpenSSL first: its headers use a word that base/compiler.h gives a meaning. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "http/transport.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static BIO *memory_of(struct str pem)
{
	return pem.len > 0 && pem.len < 1024 * 1024 ? BIO_new_mem_buf(pem.at, (int)pem.len) : NULL;
}

/* Keys without a passphrase only: no question on a terminal. */
static int no_passphrase(char *to, int size, int writing, void *context)
{
	(void)to, (void)size, (void)writing, (void)context;
	return 0;
}

static bool use_certificate(SSL_CTX *context, struct str pem)
{
	BIO *from = memory_of(pem);
	X509 *leaf = from ? PEM_read_bio_X509(from, NULL, no_passphrase, NULL) : NULL;
	bool fine = leaf && SSL_CTX_use_certificate(context, leaf) == 1;
	X509 *issuer;

	while (fine && (issuer = PEM_read_bio_X509(from, NULL, no_passphrase, NULL))) {
		/* Owned by the context when it was added. */
		fine = SSL_CTX_add0_chain_cert(context, issuer) == 1;
		if (!fine)
			X509_free(issuer);
	}
	X509_free(leaf);
	BIO_free(from);
	return fine;
}

static bool use_key(SSL_CTX *context, struct str pem)
{
	BIO *from = memory_of(pem);
	EVP_PKEY *key = from ? PEM_read_bio_PrivateKey(from, NULL, no_passphrase, NULL) : NULL;
	bool fine = key && SSL_CTX_use_PrivateKey(context, key) == 1 &&
		    SSL_CTX_check_private_key(context) == 1;

	EVP_PKEY_free(key);
	BIO_free(from);
	return fine;
}

/* A client that offers protocols must offer ours (RFC 7301, section 3.2): no other service is to be
 * mistaken for this. */
static int choose_protocol(SSL *tls, const unsigned char **chosen, unsigned char *chosen_len,
			   const unsigned char *offered, unsigned int offered_len, void *context)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *hit;

	(void)tls, (void)context;
	if (SSL_select_next_proto(&hit, chosen_len, ours, sizeof(ours) - 1, offered, offered_len) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*chosen = hit;
	return SSL_TLSEXT_ERR_OK;
}

static bool set_policy(SSL_CTX *context)
{
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					     SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
					     SSL_OP_PRIORITIZE_CHACHA |
					     SSL_OP_IGNORE_UNEXPECTED_EOF);
	/* Idle connections give their buffers back; a retried write may come from elsewhere. */
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_num_tickets(context, 0) == 1 &&
	       SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
	       SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1;
}

bool tls_context_new(struct str certificate_pem, struct str key_pem, SSL_CTX **made,
		     struct err *err)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	const char *reason = NULL;

	if (!context || !set_policy(context))
		reason = "TLS";
	else if (!use_certificate(context, certificate_pem))
		reason = "certificate";
	else if (!use_key(context, key_pem))
		reason = "key";
	ERR_clear_error();
	if (reason) {
		SSL_CTX_free(context);
		return fail(err, MSG_HTTP_CERTIFICATE, reason);
	}
	*made = context;
	return true;
}

SSL_CTX *tls_context_share(SSL_CTX *context)
{
	if (context)
		(void)SSL_CTX_up_ref(context);
	return context;
}

void tls_context_free(SSL_CTX *context)
{
	SSL_CTX_free(context);
}

void transport_open(struct transport *transport, int fd, SSL_CTX *context)
{
	transport->fd = fd;
	transport->tls = NULL;
	if (!context)
		return;
	transport->tls = SSL_new(context);
	if (!transport->tls || SSL_set_fd(transport->tls, fd) != 1)
		abort(); /* only without memory */
	SSL_set_accept_state(transport->tls);
}

static enum io tls_result(struct transport *transport, int result)
{
	int reason = SSL_get_error(transport->tls, result);

	return reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE ? IO_BLOCKED
									       : IO_CLOSED;
}

enum io transport_handshake(struct transport *transport)
{
	if (!transport->tls)
		return IO_DONE;
	ERR_clear_error();

	int result = SSL_do_handshake(transport->tls);

	return result == 1 ? IO_DONE : tls_result(transport, result);
}

static enum io socket_result(ssize_t result, size_t *moved)
{
	if (result > 0) {
		*moved = (size_t)result;
		return IO_DONE;
	}
	return result < 0 && errno == EAGAIN ? IO_BLOCKED : IO_CLOSED;
}

enum io transport_read(struct transport *transport, void *to, size_t size, size_t *moved)
{
	if (!transport->tls)
		return socket_result(TEMP_FAILURE_RETRY(recv(transport->fd, to, size, 0)), moved);
	ERR_clear_error();

	int result = SSL_read_ex(transport->tls, to, size, moved);

	return result == 1 ? IO_DONE : tls_result(transport, result);
}

enum io transport_write(struct transport *transport, struct str bytes, size_t *moved)
{
	if (!transport->tls)
		return socket_result(
			TEMP_FAILURE_RETRY(send(transport->fd, bytes.at, bytes.len, MSG_NOSIGNAL)),
			moved);
	ERR_clear_error();

	int result = SSL_write_ex(transport->tls, bytes.at, bytes.len, moved);

	return result == 1 ? IO_DONE : tls_result(transport, result);
}

void transport_finish(struct transport *transport)
{
	if (transport->tls && SSL_is_init_finished(transport->tls)) {
		ERR_clear_error();
		(void)SSL_shutdown(transport->tls);
	}
	(void)shutdown(transport->fd, SHUT_WR);
}

enum io transport_discard(struct transport *transport)
{
	char bytes[4096];
	size_t moved;

	return socket_result(TEMP_FAILURE_RETRY(recv(transport->fd, bytes, sizeof(bytes), 0)),
			     &moved);
}

void transport_close(struct transport *transport)
{
	SSL_free(transport->tls);
	transport->tls = NULL;
	if (transport->fd >= 0)
		(void)close(transport->fd);
	transport->fd = -1;
}
