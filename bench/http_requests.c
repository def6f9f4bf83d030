/*
 * The HTTPS server with a trivial handler (66 bytes of JSON, made by a worker thread): requests a second over 32 kept TLS 1.3
 * connections, driven by wrk on the same machine, time to the first answer of a new connection, and the anonymous memory of an
 * idle TLS connection. The clients run in other processes; their processor time is not ours but they take from the same cores.
 */
/* OpenSSL first: its headers use a word that base/compiler.h gives a meaning. */
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "bench.h"
#include "crypto/certificate.h"
#include "http/server.h"

enum { IDLE = 1000, FIRST = 200 };

static void answer(const struct http_request *request, struct http_response *response,
		   void *context)
{
	(void)request, (void)context;
	response->status = 200;
	response->content_type = "application/json";
	writer_text(&response->body,
		    "{\"id\":\"0190163d-8694-739b-aea5-966c26f8ad91\",\"state\":\"open\",\"n\":1}");
}

static struct http_server *start(void)
{
	const struct str hosts[] = { STR("localhost") };
	auto_writer certificate = { 0 }, key = { 0 };
	struct http_config config = { .address = "127.0.0.1", .handler = answer };
	struct http_server *server;
	struct err err;

	if (!certificate_make(hosts, nitems(hosts), &certificate, &key, &err))
		abort();
	config.certificate_pem = writer_str(&certificate);
	config.key_pem = writer_str(&key);
	if (!http_server_start(&config, &server, &err))
		abort();
	return server;
}

/* Of this process, which is the server. */
static long anonymous_kb(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	long kb = 0;

	while (file && fgets(line, sizeof(line), file)) {
		struct str value = str_of(line), key;
		int64_t number;

		if (str_split(&value, ':', &key) && str_is(key, "RssAnon")) {
			value = str_trim(value);
			if (str_to_int(str_sub(value, 0, str_find(value, ' ')), &number))
				kb = (long)number;
		}
	}
	if (file)
		(void)fclose(file);
	return kb;
}

/* Connects, shakes hands, asks once; the connection stays open. */
static SSL *first_request(SSL_CTX *context, int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	SSL *tls = SSL_new(context);
	char bytes[1024];

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
	    SSL_set_fd(tls, fd) != 1 || SSL_connect(tls) != 1 ||
	    SSL_write(tls, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 27) != 27 ||
	    SSL_read(tls, bytes, sizeof(bytes)) <= 0)
		abort();
	return tls;
}

static int by_time(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The client process: is told the port, times first requests, then holds idle connections until the pipe closes. */
static int run_client(int ready, int go_on)
{
	int port;
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	static int64_t took[FIRST];
	char byte = 0;

	if (read(go_on, &port, sizeof(port)) != sizeof(port))
		return 1;
	for (size_t i = 0; i < FIRST; i++) {
		int64_t begin = clock_elapsed();
		SSL *tls = first_request(context, port);
		int fd = SSL_get_fd(tls);

		took[i] = clock_elapsed() - begin;
		SSL_free(tls);
		(void)close(fd);
	}
	qsort(took, FIRST, sizeof(*took), by_time);
	printf("first answer of a new connection: p50 %.2f ms, p99 %.2f ms (%d in turn: connect, "
	       "TLS 1.3, one request)\n",
	       (double)took[FIRST / 2] / 1000, (double)took[FIRST * 99 / 100] / 1000, FIRST);
	(void)fflush(stdout);
	if (write(ready, &byte, 1) != 1 || read(go_on, &byte, 1) != 1)
		return 1;
	for (int i = 0; i < IDLE; i++)
		(void)first_request(context, port);
	return write(ready, &byte, 1) == 1 && read(go_on, &byte, 1) == 0 ? 0 : 1;
}

struct client {
	pid_t process;
	int ready, go_on; /* pipes: from it and to it */
};

/* Before there are threads. */
static struct client client_fork(void)
{
	int ready[2], go_on[2];

	if (pipe(ready) != 0 || pipe(go_on) != 0)
		abort();

	pid_t process = fork();

	if (process == 0) {
		(void)close(go_on[1]);
		_exit(run_client(ready[1], go_on[0]));
	}
	return (struct client){ process, ready[0], go_on[1] };
}

static void measure_connections(const struct client *client, int port)
{
	int status;
	char byte = 0;

	if (write(client->go_on, &port, sizeof(port)) != sizeof(port) ||
	    read(client->ready, &byte, 1) != 1)
		abort();

	long before = anonymous_kb();

	if (write(client->go_on, &byte, 1) != 1 || read(client->ready, &byte, 1) != 1)
		abort();
	(void)usleep(300000);

	long after = anonymous_kb();

	printf("anonymous memory: %.1f MB with no connection, %.1f MB with %d idle TLS connections "
	       "that asked once "
	       "(%.1f kB each)\n",
	       (double)before / 1024, (double)after / 1024, IDLE, (double)(after - before) / IDLE);
	(void)close(client->go_on);
	(void)waitpid(client->process, &status, 0);
}

static void measure_rate(int port)
{
	char url[64];
	pid_t child;
	int status;

	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%d/", port);
	printf("wrk -t1 -c32 -d5s --latency, TLS kept alive:\n");
	(void)fflush(stdout);
	child = fork();
	if (child == 0) {
		(void)execlp("wrk", "wrk", "-t1", "-c32", "-d5s", "--latency", url, (char *)NULL);
		_exit(127);
	}
	if (waitpid(child, &status, 0) < 0 || status != 0)
		printf("wrk is not installed or failed: no rate measured\n");
}

int main(void)
{
	struct client client = client_fork();
	struct http_server *server = start();

	bench_machine();
	(void)fflush(stdout);
	measure_connections(&client, http_server_port(server));
	measure_rate(http_server_port(server));
	http_server_stop(server, SECONDS(1));
	return 0;
}
