#include "http/loop.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "http/connection.h"

enum { EVENTS_MAX = 64, ACCEPTS_MAX = 4 };

struct loop {
	struct service *service;
	loop_context_fn *context;
	void *context_of;
	pthread_t thread;
	bool running;
	int epoll, wake, listener;
	bool listening;
	struct connection *connections, *later;
	pthread_mutex_t lock;
	struct exchange *answered; /* under the lock */
};

static void close_connection(struct loop *loop, struct connection *connection)
{
	for (struct connection **at = &loop->later; connection->later && *at;
	     at = &(*at)->next_later) {
		if (*at == connection) {
			*at = connection->next_later;
			break;
		}
	}
	/* Not left to close(): a child that is just being forked holds the socket, and epoll would still speak of it. */
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, connection->transport.fd, NULL);
	if (connection->previous)
		connection->previous->next = connection->next;
	else
		loop->connections = connection->next;
	if (connection->next)
		connection->next->previous = connection->previous;
	connection_free(connection);
	loop->service->open--;
}

static void run(struct loop *loop, struct connection *connection)
{
	switch (connection_step(connection)) {
	case STEP_CLOSE:
		close_connection(loop, connection);
		break;
	case STEP_LATER:
		if (!connection->later) {
			connection->later = true;
			connection->next_later = loop->later;
			loop->later = connection;
		}
		break;
	case STEP_ON:
	case STEP_BLOCKED:
		break;
	}
}

static void add_connection(struct loop *loop, int fd, const struct sockaddr_storage *peer)
{
	struct ssl_ctx_st *context = loop->context(loop->context_of);
	struct connection *connection = connection_new(loop->service, fd, context, peer);
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
				     .data.ptr = connection };
	int on = 1;

	tls_context_free(context);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	connection->loop = loop;
	connection->next = loop->connections;
	if (loop->connections)
		loop->connections->previous = connection;
	loop->connections = connection;
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		close_connection(loop, connection);
	else
		run(loop, connection);
}

static void listen_on(struct loop *loop, bool on)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE,
				     .data.ptr = &loop->listener };

	if (loop->listening != on)
		(void)epoll_ctl(loop->epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, loop->listener,
				&event);
	loop->listening = on;
}

static void accept_some(struct loop *loop)
{
	struct service *service = loop->service;

	for (int i = 0; i < ACCEPTS_MAX; i++) {
		struct sockaddr_storage peer = { 0 };
		socklen_t len = sizeof(peer);
		int fd = accept4(loop->listener, (struct sockaddr *)&peer, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			/* Out of descriptors: look again at the next sweep instead of spinning. */
			if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
			    errno == ENOBUFS)
				listen_on(loop, false);
			return;
		}
		service->accepted++;
		if (++service->open > service->config.connections) {
			service->open--;
			service->refused++;
			(void)close(fd);
			continue;
		}
		add_connection(loop, fd, &peer);
	}
}

static void take_answers(struct loop *loop)
{
	struct exchange *next;

	pthread_mutex_lock(&loop->lock);
	next = loop->answered;
	loop->answered = NULL;
	pthread_mutex_unlock(&loop->lock);
	while (next) {
		struct connection *connection = next->connection;

		next = next->next;
		connection_answered(connection);
		run(loop, connection);
	}
}

static void run_later(struct loop *loop)
{
	struct connection *list = steal(loop->later);

	/* Each closes only itself, and comes off the list first. */
	while (list) {
		struct connection *connection = list;

		list = connection->next_later;
		connection->later = false;
		run(loop, connection);
	}
}

static void sweep(struct loop *loop, int64_t now)
{
	struct connection *next;

	for (struct connection *connection = loop->connections; connection; connection = next) {
		next = connection->next;
		if (!connection_is_late(connection, now))
			continue;
		if (connection_give_up(connection) == STEP_CLOSE)
			close_connection(loop, connection);
		else
			run(loop, connection);
	}
}

/* What the phase asks of every connection; true when the thread is to end. */
static bool obey(struct loop *loop)
{
	int phase = loop->service->phase;
	struct connection *next;

	if (phase == PHASE_RUNNING)
		return false;
	listen_on(loop, false);
	for (struct connection *connection = loop->connections; connection; connection = next) {
		next = connection->next;
		if (phase == PHASE_STOPPING ? connection_is_idle(connection)
					    : connection->state != CONNECTION_WAITING)
			close_connection(loop, connection);
	}
	return phase == PHASE_ENDED;
}

static void handle_event(struct loop *loop, void *of)
{
	uint64_t count;

	if (of == &loop->listener)
		accept_some(loop);
	else if (of == &loop->wake)
		(void)!read(loop->wake, &count, sizeof(count));
	else
		run(loop, of);
}

static void *turn(void *argument)
{
	struct loop *loop = argument;
	int64_t pause = loop->service->config.idle_limit / 8;
	int64_t swept = clock_elapsed();
	struct epoll_event events[EVENTS_MAX];

	pause = pause < SECONDS(1) ? pause : SECONDS(1);
	for (;;) {
		int timeout = loop->later ? 0 : (int)(pause / 1000) + 1;
		int count = epoll_wait(loop->epoll, events, EVENTS_MAX, timeout);

		for (int i = 0; i < count; i++)
			handle_event(loop, events[i].data.ptr);
		take_answers(loop);
		run_later(loop);

		int64_t now = clock_elapsed();

		if (now - swept >= pause) {
			sweep(loop, now);
			listen_on(loop, true);
			swept = now;
		}
		if (obey(loop))
			return NULL;
	}
}

/* No signal is handled here; one for the process goes to a thread that wants it. */
static int start_thread(struct loop *loop)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);

	int number = pthread_create(&loop->thread, NULL, turn, loop);

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	loop->running = number == 0;
	return number;
}

bool loop_start(struct service *service, int listener, loop_context_fn *context, void *of,
		struct loop **started, struct err *err)
{
	struct loop *loop = memory_zero(1, sizeof(*loop));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = &loop->wake };

	loop->service = service;
	loop->listener = listener;
	loop->context = context;
	loop->context_of = of;
	pthread_mutex_init(&loop->lock, NULL);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	int number = loop->epoll < 0 || loop->wake < 0 ||
				     epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event) != 0
			     ? errno
			     : 0;

	if (number == 0) {
		listen_on(loop, true);
		number = start_thread(loop);
	}
	if (number != 0) {
		loop_free(loop);
		return fail(err, MSG_SYSTEM_FAILED, "epoll", errno_text(number));
	}
	*started = loop;
	return true;
}

void loop_wake(struct loop *loop)
{
	uint64_t one = 1;

	(void)!write(loop->wake, &one, sizeof(one));
}

void loop_answered(struct exchange *exchange)
{
	struct connection *connection = exchange->connection;
	struct loop *loop = connection->loop;
	bool first;

	pthread_mutex_lock(&loop->lock);
	first = !loop->answered;
	exchange->next = loop->answered;
	loop->answered = exchange;
	pthread_mutex_unlock(&loop->lock);
	if (first)
		loop_wake(loop);
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	if (loop->running)
		pthread_join(loop->thread, NULL);
	if (loop->epoll >= 0)
		(void)close(loop->epoll);
	if (loop->wake >= 0)
		(void)close(loop->wake);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}
