#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "http/loop.h"

enum { LOOPS = 2, BACKLOG = 1024, WAITING_MAX = 1024 };

struct http_server {
	struct service service;
	char *spool_directory;
	int listener, port;
	pthread_mutex_t lock;
	struct ssl_ctx_st *context; /* under the lock; NULL: in clear */
	struct loop *loops[LOOPS];
};

static struct http_config with_defaults(const struct http_config *given)
{
	struct http_config config = *given;

	config.workers = config.workers ? config.workers : 48;
	config.connections = config.connections ? config.connections : 10000;
	config.body_memory = config.body_memory ? config.body_memory : 1024 * 1024;
	config.body_limit = config.body_limit ? config.body_limit : 64 * 1024 * 1024;
	config.idle_limit = config.idle_limit ? config.idle_limit : SECONDS(60);
	config.waiting = config.waiting ? config.waiting : WAITING_MAX;
	return config;
}

static bool parse_address(const char *text, int port, struct sockaddr_storage *address,
			  socklen_t *len)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };

	if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
		memcpy(address, &four, *len = sizeof(four));
		return true;
	}
	if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1) {
		memcpy(address, &six, *len = sizeof(six));
		return true;
	}
	errno = EINVAL;
	return false;
}

/* A listening socket, or -1 and errno. "::" takes IPv4 too. */
static int listen_at(const char *text, int port)
{
	struct sockaddr_storage address;
	socklen_t len;
	int on = 1, off = 0;

	if (!parse_address(text, port, &address, &len))
		return -1;

	auto_fd fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return -1;
	if (address.ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, BACKLOG) != 0)
		return -1;
	return fd_steal(&fd);
}

static int bound_port(int listener)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof(address);
	const struct sockaddr_in *four = (const void *)&address;
	const struct sockaddr_in6 *six = (const void *)&address;

	(void)getsockname(listener, (struct sockaddr *)&address, &len);
	return ntohs(address.ss_family == AF_INET ? four->sin_port : six->sin6_port);
}

static void answer(struct exchange *exchange, struct arena *arena, void *context)
{
	const struct service *service = context;

	exchange_answer(exchange, &service->config, arena);
	loop_answered(exchange);
}

static struct ssl_ctx_st *current_context(void *of)
{
	struct http_server *server = of;
	struct ssl_ctx_st *context;

	pthread_mutex_lock(&server->lock);
	context = tls_context_share(server->context);
	pthread_mutex_unlock(&server->lock);
	return context;
}

static void enter_phase(struct http_server *server, enum phase phase)
{
	server->service.phase = (int)phase;
	for (size_t i = 0; i < LOOPS; i++) {
		if (server->loops[i])
			loop_wake(server->loops[i]);
	}
}

static void server_free(struct http_server *server)
{
	/* Handlers first: the loops keep the connections that those answer. */
	enter_phase(server, PHASE_CLOSING);
	workers_free(server->service.workers);
	enter_phase(server, PHASE_ENDED);
	for (size_t i = 0; i < LOOPS; i++)
		loop_free(server->loops[i]);
	if (server->listener >= 0)
		(void)close(server->listener);
	tls_context_free(server->context);
	pthread_mutex_destroy(&server->lock);
	free(server->spool_directory);
	free(server);
}

static bool open_all(struct http_server *server, const struct http_config *config, struct err *err)
{
	struct service *service = &server->service;

	if (config->certificate_pem.at &&
	    !tls_context_new(config->certificate_pem, config->key_pem, &server->context, err))
		return false;
	server->listener = listen_at(config->address, config->port);
	if (server->listener < 0)
		return fail(err, MSG_HTTP_ADDRESS, config->address, config->port,
			    errno_text(errno));
	server->port = bound_port(server->listener);
	if (!workers_start(service->config.workers, service->config.waiting, answer, service,
			   &service->workers, err))
		return false;
	for (size_t i = 0; i < LOOPS; i++) {
		if (!loop_start(service, server->listener, current_context, server,
				&server->loops[i], err))
			return false;
	}
	return true;
}

bool http_server_start(const struct http_config *config, struct http_server **started,
		       struct err *err)
{
	struct http_server *server = memory_zero(1, sizeof(*server));

	pthread_mutex_init(&server->lock, NULL);
	server->listener = -1;
	server->spool_directory = memory_copy(str_of(config->spool_directory));
	server->service.config = with_defaults(config);
	server->service.config.spool_directory = server->spool_directory;
	if (!open_all(server, config, err)) {
		server_free(server);
		return false;
	}
	*started = server;
	return true;
}

int http_server_port(const struct http_server *server)
{
	return server->port;
}

bool http_server_set_certificate(struct http_server *server, struct str certificate_pem,
				 struct str key_pem, struct err *err)
{
	struct ssl_ctx_st *context, *old;

	if (!tls_context_new(certificate_pem, key_pem, &context, err))
		return false;
	pthread_mutex_lock(&server->lock);
	old = server->context;
	server->context = context;
	pthread_mutex_unlock(&server->lock);
	tls_context_free(old);
	return true;
}

void http_server_stop(struct http_server *server, int64_t limit)
{
	if (!server)
		return;

	int64_t end = clock_elapsed() + limit;
	struct timespec pause = { .tv_nsec = 2000000 };

	enter_phase(server, PHASE_STOPPING);
	while (server->service.open > 0 && clock_elapsed() < end)
		(void)nanosleep(&pause, NULL);
	server_free(server);
}

void http_server_metrics(struct http_server *server, struct writer *out)
{
	const struct service *service = &server->service;
	const struct {
		const char *name, *type, *help;
		int64_t value;
	} rows[] = {
		{ "connections", "gauge", "Open connections.", service->open },
		{ "connections_accepted_total", "counter", "Connections accepted.",
		  service->accepted },
		{ "connections_refused_total", "counter", "Connections over the limit.",
		  service->refused },
		{ "connections_late_total", "counter", "Connections ended by a time limit.",
		  service->late },
		{ "handshakes_failed_total", "counter", "TLS handshakes that failed.",
		  service->broken_handshakes },
		{ "requests_busy", "gauge", "Requests that wait for a worker or run.",
		  (int64_t)workers_busy(service->workers) },
		{ "received_bytes_total", "counter", "Bytes received, without TLS.",
		  service->bytes_in },
		{ "sent_bytes_total", "counter", "Bytes sent, without TLS.", service->bytes_out },
	};

	for (size_t i = 0; i < nitems(rows); i++)
		writer_printf(
			out,
			"# HELP xiedun_http_%s %s\n# TYPE xiedun_http_%s %s\nxiedun_http_%s %lld\n",
			rows[i].name, rows[i].help, rows[i].name, rows[i].type, rows[i].name,
			(long long)rows[i].value);
	writer_text(out, "# HELP xiedun_http_answers_total Answers sent, by class of status.\n"
			 "# TYPE xiedun_http_answers_total counter\n");
	for (size_t i = 2; i < nitems(service->answers); i++)
		writer_printf(out, "xiedun_http_answers_total{class=\"%zuxx\"} %lld\n", i,
			      (long long)service->answers[i]);
}
