/* How the server holds up: limits, slow and broken clients, many at once, its end. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/memory.h"
#include "wire.h"

enum { BODY_MEMORY = 1000, BODY_LIMIT = 5000 };

/* What a handler saw and may be told; one for each test. */
struct watch {
	atomic_int calls, running;
	atomic_bool hold;
};

/* Says the body's size, where it was and a sum over it. */
static void sum(const struct http_request *request, struct http_response *response, void *context)
{
	struct watch *watch = context;
	unsigned long total = 0;
	char bytes[4096];
	ssize_t got;

	watch->calls++;
	for (size_t i = 0; i < request->body.len; i++)
		total += (unsigned char)request->body.at[i];
	while (request->body_fd >= 0 && (got = read(request->body_fd, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < got; i++)
			total += (unsigned char)bytes[i];
	}
	response->status = 200;
	response->content_type = "text/plain";
	writer_printf(&response->body, "[%lld %s %lu]", (long long)request->body_size,
		      request->body_fd >= 0 ? "spooled" : "memory", total);
}

static void hold(const struct http_request *request, struct http_response *response, void *context)
{
	struct watch *watch = context;

	(void)request;
	watch->calls++;
	watch->running++;
	while (watch->hold)
		(void)usleep(2000);
	watch->running--;
	response->status = 204;
}

/* `size` bytes "x", as one announced body or in chunks of 700. */
static void write_body(struct writer *out, size_t size, bool chunked)
{
	writer_text(out, "POST /a HTTP/1.1\r\nHost: h\r\n");
	if (!chunked)
		writer_printf(out, "Content-Length: %zu\r\n\r\n", size);
	else
		writer_text(out, "Transfer-Encoding: chunked\r\n\r\n");
	while (size > 0) {
		size_t piece = chunked && size > 700 ? 700 : size;
		char *to;

		if (chunked)
			writer_printf(out, "%zx\r\n", piece);
		to = writer_reserve(out, piece);
		memset(to, 'x', piece);
		if (chunked)
			writer_text(out, "\r\n");
		size -= piece;
	}
	if (chunked)
		writer_text(out, "0\r\n\r\n");
}

static void bodies_up_to_the_limit(void)
{
	static const size_t sizes[] = { 0,
					1,
					BODY_MEMORY - 1,
					BODY_MEMORY,
					BODY_MEMORY + 1,
					BODY_LIMIT - 1,
					BODY_LIMIT,
					BODY_LIMIT + 1 };
	struct watch watch = { 0 };
	struct http_server *server =
		wire_start((struct http_config){ .handler = sum,
						 .context = &watch,
						 .body_memory = BODY_MEMORY,
						 .body_limit = BODY_LIMIT,
						 .spool_directory = check_folder() });
	int answered = 0;

	for (size_t i = 0; i < 2 * nitems(sizes); i++) {
		size_t size = sizes[i / 2];
		auto_writer request = { 0 }, reply = { 0 }, want = { 0 };

		write_body(&request, size, i % 2);
		wire_ask(server, writer_str(&request), &reply);
		if (size > BODY_LIMIT) {
			CHECK_INT(wire_status(&reply), 413);
			CHECK(strstr(reply.at, "HTTP_BODY_LIMIT") &&
			      strstr(reply.at, "Connection: close"));
			continue;
		}
		answered++;
		writer_printf(&want, "[%zu %s %zu]", size,
			      size > BODY_MEMORY ? "spooled" : "memory", size * 'x');
		CHECK_INT(wire_status(&reply), 200);
		CHECK(strstr(reply.at, want.at));
	}
	CHECK_INT(watch.calls, answered);
	http_server_stop(server, SECONDS(1));
}

static void a_refused_body_is_not_awaited(void)
{
	struct watch watch = { 0 };
	struct http_server *server = wire_start((struct http_config){
		.handler = sum, .context = &watch, .body_limit = BODY_LIMIT });
	auto_writer reply = { 0 };
	auto_fd fd = wire_connect(server);

	/* Nothing of the body is ever sent, and the client does not close first. */
	wire_send(fd, STR("POST /a HTTP/1.1\r\nHost: h\r\nAccept-Language: en\r\nContent-Length: "
			  "5001\r\n\r\n"));
	CHECK(wire_read(fd, &reply, SIZE_MAX));
	CHECK_INT(wire_status(&reply), 413);
	CHECK(strstr(reply.at, "the limit is 5000 bytes"));
	CHECK_INT(watch.calls, 0);
	http_server_stop(server, SECONDS(1));
}

/* A large upload that is refused: the answer must arrive although the client goes on sending. */
static void a_refusal_survives_what_is_still_sent(void)
{
	struct watch watch = { 0 };
	struct http_server *server = wire_start((struct http_config){
		.handler = sum, .context = &watch, .body_limit = BODY_LIMIT });
	auto_writer request = { 0 }, reply = { 0 };

	write_body(&request, 3000000, false);
	wire_ask(server, writer_str(&request), &reply);
	CHECK_INT(wire_status(&reply), 413);
	http_server_stop(server, SECONDS(1));
}

static void expectations(void)
{
	struct watch watch = { 0 };
	struct http_server *server = wire_start((struct http_config){
		.handler = sum, .context = &watch, .body_limit = BODY_LIMIT });
	auto_writer reply = { 0 }, refused = { 0 };
	auto_fd fd = wire_connect(server);
	struct str first = STR("HTTP/1.1 100 Continue\r\n\r\n");

	wire_send(fd, STR("POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: "
			  "100-continue\r\nContent-Length: 3\r\n\r\n"));
	CHECK(wire_read(fd, &reply, first.len));
	CHECK_STR(writer_str(&reply), first);
	writer_clear(&reply);
	wire_send(fd, STR("abc"));
	CHECK(wire_read(fd, &reply, SIZE_MAX));
	CHECK_INT(wire_status(&reply), 200);
	wire_ask(server,
		 STR("POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: "
		     "5001\r\n\r\n"),
		 &refused);
	CHECK_INT(wire_status(&refused), 413);
	http_server_stop(server, SECONDS(1));
}

static void heads_are_bounded(void)
{
	struct watch watch = { 0 };
	struct http_server *server =
		wire_start((struct http_config){ .handler = sum, .context = &watch });
	auto_writer line = { 0 }, many = { 0 }, most = { 0 }, reply = { 0 }, reply_many = { 0 },
		    reply_most = { 0 };

	writer_text(&line, "GET /");
	memset(writer_reserve(&line, 20000), 'a', 20000);
	wire_ask(server, writer_str(&line), &reply);
	CHECK_INT(wire_status(&reply), 431);
	CHECK(strstr(reply.at, "HTTP_HEADER_LIMIT"));

	writer_text(&many, "GET / HTTP/1.1\r\nHost: h\r\n");
	writer_text(&most, "GET / HTTP/1.1\r\nHost: h\r\n");
	for (int i = 0; i < 64; i++) {
		writer_text(&many, "X: y\r\n");
		writer_text(&most, i < 63 ? "X: y\r\n" : "\r\n");
	}
	writer_text(&many, "\r\n");
	wire_ask(server, writer_str(&many), &reply_many);
	CHECK_INT(wire_status(&reply_many), 431);
	wire_ask(server, writer_str(&most), &reply_most);
	CHECK_INT(wire_status(&reply_most), 200);
	http_server_stop(server, SECONDS(1));
}

static void pipelined_requests_are_answered_in_order(void)
{
	struct watch watch = { 0 };
	struct http_server *server =
		wire_start((struct http_config){ .handler = sum, .context = &watch });
	auto_writer request = { 0 }, reply = { 0 };
	const char *at;

	for (int i = 0; i < 50; i++)
		writer_printf(&request,
			      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%.*s", i, i,
			      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	wire_ask(server, writer_str(&request), &reply);
	at = reply.at;
	for (int i = 0; i < 50; i++) {
		char want[32];

		(void)snprintf(want, sizeof(want), "[%d memory", i);
		at = strstr(at, want);
		CHECK(at);
	}
	CHECK_INT(watch.calls, 50);
	http_server_stop(server, SECONDS(1));
}

/* A request that arrives byte by byte is the same request; one that ends anywhere is none. */
static void every_cut(void)
{
	struct str request = STR("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
				 "chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n");
	struct watch watch = { 0 };
	struct http_server *server =
		wire_start((struct http_config){ .handler = sum, .context = &watch });

	for (size_t cut = 0; cut < request.len; cut++) {
		auto_writer reply = { 0 };
		auto_fd whole = wire_connect(server);

		/* Ends with a reset here and an orderly end there. */
		int half = wire_connect(server);
		struct linger reset = { .l_onoff = 1 };

		wire_send(half, str_sub(request, 0, cut));
		if (cut % 2)
			CHECK(setsockopt(half, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) == 0);
		(void)close(half);

		wire_send(whole, str_sub(request, 0, cut));
		(void)usleep(1000);
		wire_send(whole, str_sub(request, cut, request.len));
		CHECK(wire_read(whole, &reply, 100));
		CHECK_INT(wire_status(&reply), 200);
		check_cases(1);
	}
	CHECK_INT(watch.calls, (int)request.len);
	http_server_stop(server, SECONDS(1));
}

static void slow_clients_are_ended(void)
{
	struct watch watch = { 0 };
	struct http_server *server = wire_start((struct http_config){
		.handler = sum, .context = &watch, .idle_limit = SECONDS(1) / 2 });
	struct str head =
		STR("POST /a HTTP/1.1\r\nHost: h\r\nX: 0123456789\r\nContent-Length: 100\r\n\r\n");
	int64_t begin = clock_elapsed();
	auto_fd idle = wire_connect(server);
	auto_fd dripping = wire_connect(server);
	auto_fd body = wire_connect(server);
	auto_writer nothing = { 0 }, late = { 0 }, late_body = { 0 };

	wire_send(body, head);
	/* A byte every 20 ms: never silent, and yet too slow. */
	for (size_t i = 0; i < 40; i++) {
		wire_send(dripping, str_sub(head, i, 1));
		wire_send(body, STR("x"));
		(void)usleep(20000);
	}
	CHECK(wire_read(dripping, &late, SIZE_MAX) && wire_read(body, &late_body, SIZE_MAX));
	CHECK_INT(wire_status(&late), 408);
	CHECK_INT(wire_status(&late_body), 408);
	CHECK(wire_read(idle, &nothing, SIZE_MAX));
	CHECK_INT((int64_t)nothing.len, 0);
	CHECK(clock_elapsed() - begin < SECONDS(10));
	CHECK_INT(watch.calls, 0);
	http_server_stop(server, SECONDS(1));
}

static void long_answer(const struct http_request *request, struct http_response *response,
			void *context)
{
	size_t size = 50000000;

	(void)request, (void)context;
	response->status = 200;
	response->content_type = "application/octet-stream";
	memset(writer_reserve(&response->body, size), 'x', size);
}

static void a_reader_that_stops_is_ended(void)
{
	struct http_server *server = wire_start(
		(struct http_config){ .handler = long_answer, .idle_limit = SECONDS(1) / 2 });
	auto_writer whole = { 0 }, part = { 0 };
	auto_fd quick = wire_connect(server);
	auto_fd stuck = wire_connect(server);

	wire_send(stuck, STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
	wire_send(quick, STR("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
	CHECK(wire_read(quick, &whole, SIZE_MAX));
	CHECK_INT(wire_status(&whole), 200);
	CHECK(whole.len > 50000000);
	(void)usleep(1500000);
	CHECK(wire_read(stuck, &part, SIZE_MAX));
	CHECK_INT(wire_status(&part), 200);
	CHECK(part.len < 50000000);
	http_server_stop(server, SECONDS(1));
}

static void file_answer(const struct http_request *request, struct http_response *response,
			void *context)
{
	(void)context;
	response->status = 200;
	response->content_type = "application/octet-stream";
	response->file = open(arena_printf(request->arena, "%s/file", (const char *)context),
			      O_RDONLY | O_CLOEXEC);
}

static void files_are_sent(void)
{
	static const size_t sizes[] = { 0, 1, 16384, 16385, 3000000 };

	for (size_t i = 0; i < nitems(sizes); i++) {
		const char *folder = check_folder();
		auto_memory char *path = path_join(folder, "file");
		auto_writer content = { 0 }, reply = { 0 }, head = { 0 };
		union {
			const char *in;
			void *out;
		} context = { folder };
		struct http_server *server = wire_start(
			(struct http_config){ .handler = file_answer, .context = context.out });
		struct err err;

		for (size_t j = 0; j < sizes[i]; j++)
			writer_byte(&content, (char)(j * 31 >> 3));
		CHECK_DONE(file_replace(path, writer_str(&content), 0600, &err), err);
		wire_ask(server, STR("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
			 &reply);
		CHECK_INT(wire_status(&reply), 200);
		CHECK(reply.len > sizes[i]);
		CHECK_STR(str_sub(writer_str(&reply), reply.len - sizes[i], sizes[i]),
			  writer_str(&content));
		wire_ask(server, STR("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
			 &head);
		CHECK(str_ends(writer_str(&head), "\r\n\r\n"));
		http_server_stop(server, SECONDS(1));
	}
}

static void bad_answer(const struct http_request *request, struct http_response *response,
		       void *context)
{
	(void)context;
	if (str_is(request->path, "/status"))
		response->status = 42;
	if (str_is(request->path, "/split")) {
		response->status = 302;
		http_response_header(response, "Location", STR("/a\r\nSet-Cookie: x"));
	}
	if (str_is(request->path, "/over")) {
		response->status = 200;
		response->body.limit = 3;
		writer_text(&response->body, "abcd");
	}
	if (str_is(request->path, "/none"))
		response->status = 204;
}

static void what_a_handler_may_not_say(void)
{
	static const struct {
		const char *path;
		int status;
	} cases[] = { { "/status", 500 },
		      { "/split", 500 },
		      { "/over", 413 },
		      { "/nothing", 500 },
		      { "/none", 204 } };
	struct http_server *server = wire_start((struct http_config){ .handler = bad_answer });

	for (size_t i = 0; i < nitems(cases); i++) {
		auto_writer request = { 0 }, reply = { 0 };

		writer_printf(&request, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", cases[i].path);
		wire_ask(server, writer_str(&request), &reply);
		CHECK_INT(wire_status(&reply), cases[i].status);
		CHECK(!strstr(reply.at, "Set-Cookie") && !strstr(reply.at, "Server:"));
		CHECK((cases[i].status == 204) == !strstr(reply.at, "Content-Length"));
	}
	http_server_stop(server, SECONDS(1));
}

static void when_too_many_wait(void)
{
	enum { WORKERS = 2, WAITING = 3, MORE = 4 };
	struct watch watch = { .hold = true };
	struct http_server *server = wire_start((struct http_config){
		.handler = hold, .context = &watch, .workers = WORKERS, .waiting = WAITING });
	int fds[WORKERS + WAITING + MORE];
	int busy = 0, done = 0;

	for (size_t i = 0; i < nitems(fds); i++) {
		fds[i] = wire_connect(server);
		wire_send(fds[i], STR("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
		for (int turn = 0; turn < 1000 && i < WORKERS && watch.running < (int)i + 1; turn++)
			(void)usleep(1000);
		(void)usleep(5000);
	}
	CHECK_INT(watch.running, WORKERS);
	CHECK(wire_counts(server, "xiedun_http_requests_busy 5\n"));
	CHECK(wire_counts(server, "xiedun_http_answers_total{class=\"5xx\"} 4\n"));
	watch.hold = false;
	for (size_t i = 0; i < nitems(fds); i++) {
		auto_writer reply = { 0 };

		CHECK(wire_read(fds[i], &reply, SIZE_MAX));
		busy += wire_status(&reply) == 503 && strstr(reply.at, "HTTP_BUSY");
		done += wire_status(&reply) == 204;
		(void)close(fds[i]);
	}
	CHECK_INT(busy, MORE);
	CHECK_INT(done, WORKERS + WAITING);
	http_server_stop(server, SECONDS(1));
}

static void connections_are_bounded(void)
{
	struct watch watch = { 0 };
	struct http_server *server = wire_start(
		(struct http_config){ .handler = sum, .context = &watch, .connections = 3 });
	int fds[6];
	int refused = 0;

	for (size_t i = 0; i < nitems(fds); i++) {
		auto_writer reply = { 0 };

		fds[i] = wire_connect(server);
		wire_send(fds[i], STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
		CHECK(wire_read(fds[i], &reply, 10));
		refused += reply.len == 0;
	}
	CHECK_INT(refused, 3);
	for (size_t i = 0; i < nitems(fds); i++)
		(void)close(fds[i]);
	CHECK(wire_counts(server, "xiedun_http_connections 0\n"));

	auto_writer again = { 0 };

	wire_ask(server, STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), &again);
	CHECK_INT(wire_status(&again), 200);
	http_server_stop(server, SECONDS(1));
}

/* A child that was forked meanwhile holds every socket; the server must not hear of those that it has closed. */
static void a_forked_child_brings_no_connection_back(void)
{
	struct watch watch = { 0 };
	struct http_server *server =
		wire_start((struct http_config){ .handler = sum, .context = &watch });
	int fds[20];
	int status;
	auto_writer again = { 0 };

	for (size_t i = 0; i < nitems(fds); i++) {
		auto_writer reply = { 0 };

		fds[i] = wire_connect(server);
		wire_send(fds[i], STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
		CHECK(wire_read(fds[i], &reply, 10));
	}

	pid_t child = fork();

	if (child == 0) {
		for (size_t i = 0; i < nitems(fds); i++)
			(void)close(fds[i]);
		(void)pause();
		_exit(0);
	}
	for (size_t i = 0; i < nitems(fds); i++)
		CHECK(shutdown(fds[i], SHUT_WR) == 0);
	CHECK(wire_counts(server, "xiedun_http_connections 0\n"));
	for (size_t i = 0; i < nitems(fds); i++)
		(void)close(fds[i]);
	(void)usleep(50000);
	wire_ask(server, STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), &again);
	CHECK_INT(wire_status(&again), 200);
	CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child);
	http_server_stop(server, SECONDS(1));
}

static void *stop_server(void *server)
{
	http_server_stop(server, SECONDS(5));
	return NULL;
}

static void stop_waits_for_what_runs(void)
{
	struct watch watch = { .hold = true };
	struct http_server *server =
		wire_start((struct http_config){ .handler = hold, .context = &watch });
	auto_fd idle = wire_connect(server);
	auto_fd busy = wire_connect(server);
	auto_writer reply = { 0 }, nothing = { 0 };
	pthread_t thread;

	wire_send(busy, STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
	for (int i = 0; i < 1000 && watch.running == 0; i++)
		(void)usleep(1000);
	CHECK_INT(watch.running, 1);

	CHECK(pthread_create(&thread, NULL, stop_server, server) == 0);
	CHECK(wire_read(idle, &nothing, SIZE_MAX)); /* closed at once */
	CHECK_INT((int64_t)nothing.len, 0);
	watch.hold = false;
	CHECK(wire_read(busy, &reply, SIZE_MAX));
	CHECK_INT(wire_status(&reply), 204);
	(void)close(busy);
	busy = -1;
	CHECK(pthread_join(thread, NULL) == 0);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(bodies_up_to_the_limit),
		TEST(a_refused_body_is_not_awaited),
		TEST(a_refusal_survives_what_is_still_sent),
		TEST(expectations),
		TEST(heads_are_bounded),
		TEST(pipelined_requests_are_answered_in_order),
		TEST(every_cut),
		TEST(slow_clients_are_ended),
		TEST(a_reader_that_stops_is_ended),
		TEST(files_are_sent),
		TEST(what_a_handler_may_not_say),
		TEST(when_too_many_wait),
		TEST(connections_are_bounded),
		TEST(a_forked_child_brings_no_connection_back),
		TEST(stop_waits_for_what_runs),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
