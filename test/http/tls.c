/* The server's TLS: what it speaks, what it refuses, and many clients at once. */
/* OpenSSL first: its headers use a word that base/compiler.h gives a meaning. */
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <pthread.h>
#include <stdatomic.h>

#include "base/file.h"
#include "wire.h"

static void answer(const struct http_request *request, struct http_response *response,
		   void *context)
{
	(void)context;
	response->status = 200;
	response->content_type = "text/plain";
	writer_put(&response->body, request->path);
}

static struct http_server *start(const struct wire_certificate *certificate, int64_t idle_limit)
{
	return wire_start(
		(struct http_config){ .handler = answer,
				      .idle_limit = idle_limit,
				      .certificate_pem = writer_str(&certificate->certificate),
				      .key_pem = writer_str(&certificate->key) });
}

struct offer {
	const char *name;
	int lowest, highest;
	const char *ciphers; /* of TLS 1.2 */
	const char *protocols;
	bool accepted;
	const char *cipher; /* chosen, or NULL: any */
};

/* Shakes hands and asks once; true when an answer came. */
static bool ask(const struct http_server *server, const struct offer *offer, struct writer *cipher)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	int fd = wire_connect(server);
	char bytes[1024] = "";
	int got = 0;

	SSL_CTX_set_security_level(context, 0); /* the refusal must be the server's */
	SSL_CTX_set_min_proto_version(context, offer->lowest);
	SSL_CTX_set_max_proto_version(context, offer->highest);
	if (offer->ciphers)
		WIRE_CHECK(SSL_CTX_set_cipher_list(context, offer->ciphers) == 1);
	if (offer->protocols)
		SSL_CTX_set_alpn_protos(context, (const unsigned char *)offer->protocols,
					(unsigned int)strlen(offer->protocols));

	SSL *tls = SSL_new(context);

	SSL_set_fd(tls, fd);
	if (SSL_connect(tls) == 1 && SSL_write(tls, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", 28) == 28)
		got = SSL_read(tls, bytes, sizeof(bytes) - 1);
	writer_text(cipher, SSL_get_cipher(tls));
	SSL_free(tls);
	SSL_CTX_free(context);
	ERR_clear_error();
	(void)close(fd);
	return got > 0 && strncmp(bytes, "HTTP/1.1 200", 12) == 0;
}

static void versions_and_suites(void)
{
	static const struct offer offers[] = {
		{ "1.3", TLS1_3_VERSION, TLS1_3_VERSION, NULL, NULL, true, NULL },
		{ "1.2", TLS1_2_VERSION, TLS1_2_VERSION, NULL, NULL, true, NULL },
		{ "any", 0, 0, NULL, NULL, true, NULL },
		{ "GCM", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", NULL,
		  true, "ECDHE-ECDSA-AES128-GCM-SHA256" },
		{ "ChaCha20", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", NULL,
		  true, "ECDHE-ECDSA-CHACHA20-POLY1305" },
		{ "http/1.1", 0, 0, NULL, "\x02h2\x08http/1.1", true, NULL },
		{ "1.1", TLS1_1_VERSION, TLS1_1_VERSION, NULL, NULL, false, NULL },
		{ "1.0", TLS1_VERSION, TLS1_VERSION, NULL, NULL, false, NULL },
		{ "CBC", TLS1_2_VERSION, TLS1_2_VERSION,
		  "ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA", NULL, false, NULL },
		{ "CCM", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM8", NULL, false,
		  NULL },
		{ "DHE", TLS1_2_VERSION, TLS1_2_VERSION, "DHE-RSA-AES256-GCM-SHA384", NULL, false,
		  NULL },
		{ "RSA", TLS1_2_VERSION, TLS1_2_VERSION, "AES256-GCM-SHA384", NULL, false, NULL },
		{ "anonymous", TLS1_2_VERSION, TLS1_2_VERSION, "aNULL", NULL, false, NULL },
		{ "no encryption", TLS1_2_VERSION, TLS1_2_VERSION, "eNULL", NULL, false, NULL },
		{ "only h2", 0, 0, NULL, "\x02h2", false, NULL },
	};
	auto_certificate certificate = wire_certificate_make();
	struct http_server *server = start(&certificate, 0);

	for (size_t i = 0; i < nitems(offers); i++) {
		auto_writer cipher = { 0 };

		check_int(ask(server, &offers[i], &cipher), offers[i].accepted, __FILE__, __LINE__,
			  offers[i].name);
		if (offers[i].cipher)
			CHECK_STR(writer_str(&cipher), str_of(offers[i].cipher));
	}
	http_server_stop(server, SECONDS(1));
}

/* Whatever comes instead of a handshake, the next client is served. */
static void broken_handshakes(void)
{
	static const struct str cases[] = {
		STR(""),
		STR("G"),
		STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
		STR("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"),
		STR("\x16\x03\x01\xff\xff\x01"),
		STR("\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10"),
		STR("\0\0\0\0\0\0\0\0\0\0\0\0"),
		STR("\x15\x03\x03\x00\x02\x02\x28"),
	};
	static const struct offer any = { "any", 0, 0, NULL, NULL, true, NULL };
	auto_certificate certificate = wire_certificate_make();
	struct http_server *server = start(&certificate, SECONDS(1));

	for (size_t i = 0; i < 2 * nitems(cases); i++) {
		auto_writer cipher = { 0 }, reply = { 0 };
		auto_fd fd = wire_connect(server);

		wire_send(fd, cases[i / 2]);
		if (i % 2)
			CHECK(wire_read(
				fd, &reply,
				SIZE_MAX)); /* ended by the server, if only for its slowness */
		CHECK(ask(server, &any, &cipher));
	}
	http_server_stop(server, SECONDS(1));
}

enum { CLIENTS = 200, REQUESTS = 5 };

struct crowd {
	const struct http_server *server;
	pthread_barrier_t together;
	atomic_int answers;
};

static void *client(void *argument)
{
	struct crowd *crowd = argument;
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	int fd = wire_connect(crowd->server);
	SSL *tls = SSL_new(context);
	bool fine;

	SSL_set_fd(tls, fd);
	fine = SSL_connect(tls) == 1;
	/* All are connected before any asks. */
	pthread_barrier_wait(&crowd->together);
	for (int i = 0; fine && i < REQUESTS; i++) {
		char bytes[1024] = "";

		fine = SSL_write(tls, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", 28) == 28 &&
		       SSL_read(tls, bytes, sizeof(bytes) - 1) > 0 &&
		       strncmp(bytes, "HTTP/1.1 200", 12) == 0;
		crowd->answers += fine;
	}
	SSL_free(tls);
	SSL_CTX_free(context);
	(void)close(fd);
	return NULL;
}

static void two_hundred_at_once(void)
{
	auto_certificate certificate = wire_certificate_make();
	struct crowd crowd = { .server = start(&certificate, 0) };
	struct http_server *server = (struct http_server *)(uintptr_t)crowd.server;
	pthread_t threads[CLIENTS];

	CHECK(pthread_barrier_init(&crowd.together, NULL, CLIENTS) == 0);
	for (size_t i = 0; i < CLIENTS; i++)
		CHECK(pthread_create(&threads[i], NULL, client, &crowd) == 0);
	for (size_t i = 0; i < CLIENTS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	CHECK_INT(crowd.answers, CLIENTS * REQUESTS);
	CHECK(wire_counts(server, "xiedun_http_connections_accepted_total 200\n"));
	CHECK(wire_counts(server, "xiedun_http_answers_total{class=\"2xx\"} 1000\n"));
	pthread_barrier_destroy(&crowd.together);
	http_server_stop(server, SECONDS(1));
}

static void certificates_that_cannot_be_used(void)
{
	auto_certificate one = wire_certificate_make(), other = wire_certificate_make();
	const struct {
		struct str certificate, key;
	} cases[] = {
		{ writer_str(&one.certificate), writer_str(&other.key) },
		{ writer_str(&one.certificate), STR("") },
		{ STR("no certificate"), writer_str(&one.key) },
		{ writer_str(&one.key), writer_str(&one.key) },
		{ str_sub(writer_str(&one.certificate), 0, one.certificate.len / 2),
		  writer_str(&one.key) },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct http_server *server = NULL;
		struct http_config config = { .address = "127.0.0.1",
					      .handler = answer,
					      .certificate_pem = cases[i].certificate,
					      .key_pem = cases[i].key };
		struct err err;

		CHECK_FAILS(http_server_start(&config, &server, &err), err, MSG_HTTP_CERTIFICATE);
		CHECK(!server);
	}
}

static void addresses_that_cannot_be_used(void)
{
	struct http_server *first = wire_start((struct http_config){ .handler = answer }),
			   *second = NULL;
	struct http_config taken = { .address = "127.0.0.1",
				     .handler = answer,
				     .port = http_server_port(first) };
	struct http_config unknown = { .address = "hospital", .handler = answer };
	struct err err;

	CHECK_FAILS(http_server_start(&taken, &second, &err), err, MSG_HTTP_ADDRESS);
	CHECK_FAILS(http_server_start(&unknown, &second, &err), err, MSG_HTTP_ADDRESS);
	CHECK(!second);
	http_server_stop(first, SECONDS(1));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(versions_and_suites),           TEST(broken_handshakes),
		TEST(two_hundred_at_once),           TEST(certificates_that_cannot_be_used),
		TEST(addresses_that_cannot_be_used),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
