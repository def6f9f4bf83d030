/*
 * A load of HTTPS requests on keep-alive connections, one thread each, for bench/https.py:
 *	bench-https_load create PORT TOKEN CONNECTIONS SECONDS COUNT ORGANISATIONS   (ends after either; 0: no limit)
 *	bench-https_load list PORT TOKEN CONNECTIONS SECONDS
 * `create` writes tickets into the organisations of a file (a UUID a line); only answers 201 count. `list` reads pages of 50
 * by a declared index. Prints what was acknowledged, the rate and the latencies.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/uuid.h"
#include "base/vec.h"

enum { THREADS_MAX = 256, REPLY_SIZE = 256 * 1024 };

struct load {
	bool create;
	int port;
	const char *token;
	int64_t end, limit;
	_Atomic int64_t sent, good, bad;
	struct organisations VEC(struct str) organisations;
	SSL_CTX *tls;
};

struct worker {
	struct load *load;
	pthread_t thread;
	uint64_t state;
	struct times VEC(int64_t) times;
	char reply[REPLY_SIZE];
};

/* xorshift64*: the load must not wait for the kernel's random bytes. */
static uint64_t next_random(struct worker *worker)
{
	worker->state ^= worker->state >> 12;
	worker->state ^= worker->state << 25;
	worker->state ^= worker->state >> 27;
	return worker->state * 2685821657736338717ULL;
}

static SSL *connect_to(const struct load *load)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)load->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
		return NULL;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

	SSL *ssl = SSL_new(load->tls);

	SSL_set_fd(ssl, fd);
	if (SSL_connect(ssl) != 1)
		return NULL;
	return ssl;
}

/* Sends the request, reads the whole reply; its status, or -1. */
static int exchange(struct worker *worker, SSL *ssl, struct str request)
{
	size_t have = 0, want = SIZE_MAX;

	if (SSL_write(ssl, request.at, (int)request.len) <= 0)
		return -1;
	while (have < want) {
		int got = SSL_read(ssl, worker->reply + have,
				   (int)(sizeof(worker->reply) - 1 - have));

		if (got <= 0)
			return -1;
		have += (size_t)got;
		worker->reply[have] = '\0';

		const char *body = strstr(worker->reply, "\r\n\r\n");
		const char *length = body ? strcasestr(worker->reply, "content-length:") : NULL;
		int64_t bytes;

		if (!body)
			continue;
		if (!length)
			return -1;

		struct str text = str_of(length + 15);

		text.len = str_find(text, '\r');
		if (!str_to_int(str_trim(text), &bytes))
			return -1;
		want = (size_t)(body + 4 - worker->reply) + (size_t)bytes;
	}
	return (worker->reply[9] - '0') * 100 + (worker->reply[10] - '0') * 10 +
	       (worker->reply[11] - '0');
}

static void put_create(struct worker *worker, struct writer *out)
{
	static const char *const severities[] = { "low", "medium", "high", "critical" };
	const struct load *load = worker->load;
	uint64_t random = next_random(worker);
	struct str organisation = load->organisations.at[random % load->organisations.count];
	char date[DATE_TEXT_SIZE];
	auto_writer body = { 0 };

	writer_printf(&body,
		      "{\"organisation\":\"%.*s\",\"name\":\"工单 "
		      "%llu\",\"severity\":\"%s\",\"due\":\"%s\",\"hours\":%d,"
		      "\"notes\":\"输液泵固件需要更新,联系设备科确认停机时间\"}",
		      STR_ARGS(organisation), (unsigned long long)(random >> 20),
		      severities[random >> 8 & 3],
		      date_text(20000 + (int64_t)(random >> 12 & 1023), date),
		      (int)(random >> 30 & 127));
	writer_printf(out,
		      "POST /api/v1/records/ticket HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
		      "Bearer %s\r\n"
		      "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		      load->token, body.len);
	writer_put(out, writer_str(&body));
}

static void put_list(struct worker *worker, struct writer *out)
{
	static const char *const severities[] = { "low", "medium", "high", "critical" };

	writer_printf(out,
		      "GET /api/v1/records/ticket?filter=severity%%20%%3D%%20%s&sort=due "
		      "HTTP/1.1\r\nHost: localhost\r\n"
		      "Authorization: Bearer %s\r\n\r\n",
		      severities[next_random(worker) & 3], worker->load->token);
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct load *load = worker->load;
	SSL *ssl = connect_to(load);
	auto_writer request = { 0 };

	while (ssl && clock_elapsed() < load->end &&
	       (load->limit == 0 || atomic_fetch_add(&load->sent, 1) < load->limit)) {
		writer_clear(&request);
		if (load->create)
			put_create(worker, &request);
		else
			put_list(worker, &request);

		int64_t begin = clock_elapsed();
		int status = exchange(worker, ssl, writer_str(&request));

		vec_push(&worker->times, clock_elapsed() - begin);
		if (status == (load->create ? 201 : 200)) {
			atomic_fetch_add(&load->good, 1);
		} else if (atomic_fetch_add(&load->bad, 1) == 0) {
			fprintf(stderr, "status %d: %.600s\n", status, worker->reply);
		}
		if (status < 0)
			break;
	}
	if (!ssl)
		atomic_fetch_add(&load->bad, 1);
	return NULL;
}

static int compare_times(const void *a, const void *b)
{
	const int64_t *one = a, *two = b;

	return (*one > *two) - (*one < *two);
}

static int run(struct load *load, int connections)
{
	struct worker *workers = memory_zero((size_t)connections, sizeof(*workers));
	struct times all = { 0 };
	int64_t begin = clock_elapsed();

	for (int i = 0; i < connections; i++) {
		workers[i].load = load;
		random_bytes(&workers[i].state, sizeof(workers[i].state));
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			abort();
	}
	for (int i = 0; i < connections; i++) {
		(void)pthread_join(workers[i].thread, NULL);
		vec_each (int64_t, time, &workers[i].times)
			vec_push(&all, *time);
	}

	double seconds = (double)(clock_elapsed() - begin) / 1e6;

	if (all.count == 0)
		return EXIT_ENVIRONMENT;
	qsort(all.at, all.count, sizeof(*all.at), compare_times);
	printf("%s: %lld good, %lld bad, %.1f s, %.0f/s, p50 %.2f ms, p99 %.2f ms, max %.2f ms, %d "
	       "connections\n",
	       load->create ? "create" : "list", (long long)load->good, (long long)load->bad,
	       seconds, (double)load->good / seconds, (double)all.at[all.count / 2] / 1e3,
	       (double)all.at[all.count * 99 / 100] / 1e3, (double)all.at[all.count - 1] / 1e3,
	       connections);
	return load->bad ? EXIT_NO : EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct load load = { .create = argc == 8 };
	int64_t port, connections, seconds;
	auto_writer text = { 0 };
	struct err err;

	if ((argc != 8 && argc != 6) || !str_to_int(str_of(argv[2]), &port) ||
	    !str_to_int(str_of(argv[4]), &connections) || connections < 1 ||
	    connections > THREADS_MAX || !str_to_int(str_of(argv[5]), &seconds) ||
	    (load.create && !str_to_int(str_of(argv[6]), &load.limit)))
		return EXIT_USAGE;
	load.port = (int)port;
	load.token = argv[3];
	load.end = seconds ? clock_elapsed() + SECONDS(seconds) : INT64_MAX;
	load.tls = SSL_CTX_new(TLS_client_method());
	if (load.create) {
		struct str rest, line;

		if (!file_read(argv[7], 1 << 24, &text, &err))
			return EXIT_ENVIRONMENT;
		rest = writer_str(&text);
		while (str_split(&rest, '\n', &line)) {
			if (line.len == UUID_TEXT_SIZE - 1)
				vec_push(&load.organisations, line);
		}
		if (load.organisations.count == 0)
			return EXIT_INPUT;
	}
	return run(&load, (int)connections);
}
