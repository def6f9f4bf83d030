/* Owns what the HTTP tests share: a server that echoes, and a client that sends raw bytes. */
#ifndef XIEDUN_TEST_HTTP_WIRE_H
#define XIEDUN_TEST_HTTP_WIRE_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "check.h"
#include "crypto/certificate.h"
#include "http/server.h"

/* For functions that return something: counts a failure and goes on. */
#define WIRE_CHECK(holds) (void)check_that((holds), __FILE__, __LINE__, #holds)

static inline struct http_server *wire_start(struct http_config config)
{
	struct http_server *server = NULL;
	struct err err;

	config.address = "127.0.0.1";
	check_no_error(http_server_start(&config, &server, &err), &err, __FILE__, __LINE__,
		       "http_server_start");
	return server;
}

/* A certificate for localhost, made once for the program. */
struct wire_certificate {
	struct writer certificate, key, fingerprint;
};

static inline struct wire_certificate wire_certificate_make(void)
{
	const struct str hosts[] = { STR("localhost"), STR("127.0.0.1") };
	struct wire_certificate made = { 0 };
	struct err err;

	check_no_error(certificate_make(hosts, nitems(hosts), &made.certificate, &made.key, &err),
		       &err, __FILE__, __LINE__, "certificate_make");
	check_no_error(
		certificate_fingerprint(writer_str(&made.certificate), &made.fingerprint, &err),
		&err, __FILE__, __LINE__, "certificate_fingerprint");
	return made;
}

static inline void wire_certificate_release(struct wire_certificate *made)
{
	writer_release(&made->certificate);
	writer_release(&made->key);
	writer_release(&made->fingerprint);
}
#define auto_certificate cleanup_with(wire_certificate_release) struct wire_certificate

/* A connection whose reads end after ten seconds. */
static inline int wire_connect(const struct http_server *server)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)http_server_port(server)),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval patience = { .tv_sec = 10 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	/* Not counted: threads call this too. */
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		abort();
	return fd;
}

static inline void wire_send(int fd, struct str bytes)
{
	while (bytes.len > 0) {
		ssize_t sent = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);

		if (sent <= 0)
			return; /* the server may have closed: the answer is what counts */
		bytes = str_sub(bytes, (size_t)sent, bytes.len);
	}
}

/* Reads until `enough` bytes or the end; false at a time-out. */
static inline bool wire_read(int fd, struct writer *to, size_t enough)
{
	char bytes[16384];

	while (to->len < enough) {
		ssize_t got = recv(fd, bytes, sizeof(bytes), 0);

		if (got < 0 && errno == EAGAIN)
			return false;
		if (got <= 0)
			return true;
		writer_put(to, (struct str){ bytes, (size_t)got });
	}
	return true;
}

/* Sends and reads to the server's end of the connection. */
static inline void wire_ask(const struct http_server *server, struct str request,
			    struct writer *reply)
{
	int fd = wire_connect(server);

	wire_send(fd, request);
	(void)shutdown(fd, SHUT_WR);
	if (!wire_read(fd, reply, SIZE_MAX))
		(void)check_that(false, __FILE__, __LINE__, request.at);
	(void)close(fd);
}

/* Whether the metrics come to hold this line within ten seconds: the server counts an answer just after the client has it. */
static inline bool wire_counts(struct http_server *server, const char *line)
{
	for (int turn = 0; turn < 1000; turn++) {
		auto_writer metrics = { 0 };

		http_server_metrics(server, &metrics);
		if (strstr(metrics.at, line))
			return true;
		(void)usleep(10000);
	}
	return false;
}

/* The status of the first answer in the text, or 0. */
static inline int wire_status(const struct writer *reply)
{
	struct str text = writer_str(reply);

	return str_starts(text, "HTTP/1.1 ") && text.len > 12
		       ? (text.at[9] - '0') * 100 + (text.at[10] - '0') * 10 + (text.at[11] - '0')
		       : 0;
}

#endif
