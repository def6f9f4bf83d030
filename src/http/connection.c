#include "http/connection.h"

#include <arpa/inet.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

/* One turn moves so many pieces at most, then others have theirs. */
enum { TURN_PIECES = 32, FILE_PIECE = 16 * 1024, SLOWEST = 8 * 1024, DRAIN_SECONDS = 2 };

static void enter(struct connection *connection, enum connection_state state)
{
	connection->state = state;
	connection->since = connection->touched = clock_elapsed();
	connection->moved = 0;
	connection->sent = 0;
}

static void moved_on(struct connection *connection, size_t bytes)
{
	connection->moved += bytes;
	connection->touched = clock_elapsed();
}

static void write_peer(const struct sockaddr_storage *peer, char text[INET6_ADDRSTRLEN])
{
	const struct sockaddr_in *four = (const void *)peer;
	const struct sockaddr_in6 *six = (const void *)peer;

	text[0] = '\0';
	if (peer->ss_family == AF_INET)
		(void)inet_ntop(AF_INET, &four->sin_addr, text, INET6_ADDRSTRLEN);
	else if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		(void)inet_ntop(AF_INET, &six->sin6_addr.s6_addr[12], text, INET6_ADDRSTRLEN);
	else
		(void)inet_ntop(AF_INET6, &six->sin6_addr, text, INET6_ADDRSTRLEN);
}

struct connection *connection_new(struct service *service, int fd, struct ssl_ctx_st *context,
				  const struct sockaddr_storage *peer)
{
	struct connection *connection = memory_zero(1, sizeof(*connection));

	connection->service = service;
	transport_open(&connection->transport, fd, context);
	write_peer(peer, connection->peer);
	enter(connection, CONNECTION_HANDSHAKE);
	return connection;
}

void connection_free(struct connection *connection)
{
	if (!connection)
		return;
	if (connection_is_idle(connection))
		transport_finish(&connection->transport);
	transport_close(&connection->transport);
	exchange_free(connection->exchange);
	free(connection->in);
	free(connection);
}

static void consume(struct connection *connection, size_t len)
{
	if (len == 0)
		return;
	connection->in_len -= len;
	connection->searched = 0;
	memmove(connection->in, connection->in + len, connection->in_len);
}

/* Reads what fits. */
static enum step fill(struct connection *connection)
{
	size_t moved;

	if (!connection->in)
		connection->in = memory_resize(NULL, HEAD_BYTES_MAX, 1);

	enum io io = transport_read(&connection->transport, connection->in + connection->in_len,
				    HEAD_BYTES_MAX - connection->in_len, &moved);

	if (io != IO_DONE) {
		if (connection->in_len == 0)
			free(steal(connection->in));
		return io == IO_BLOCKED ? STEP_BLOCKED : STEP_CLOSE;
	}
	/* The first byte of a request ends the idle time. */
	if (connection->state == CONNECTION_HEAD && connection->moved == 0)
		enter(connection, CONNECTION_HEAD);
	connection->in_len += moved;
	moved_on(connection, moved);
	connection->service->bytes_in += (int64_t)moved;
	return STEP_ON;
}

static enum step step_handshake(struct connection *connection)
{
	enum io io = transport_handshake(&connection->transport);

	if (io == IO_DONE) {
		enter(connection, CONNECTION_HEAD);
		return STEP_ON;
	}
	if (io == IO_CLOSED)
		connection->service->broken_handshakes++;
	return io == IO_BLOCKED ? STEP_BLOCKED : STEP_CLOSE;
}

static enum step refuse(struct connection *connection, const struct err *err)
{
	connection->exchange->close = true;
	exchange_refuse(connection->exchange, err);
	enter(connection, CONNECTION_SENDING);
	return STEP_ON;
}

static enum step submit(struct connection *connection)
{
	struct exchange *exchange = connection->exchange;
	struct service *service = connection->service;
	struct err err;

	exchange->close = !exchange->head.keep_alive || service->phase != PHASE_RUNNING;
	enter(connection, CONNECTION_WAITING);
	if (workers_submit(service->workers, exchange))
		return STEP_BLOCKED;
	fail(&err, MSG_HTTP_BUSY);
	return refuse(connection, &err);
}

static enum step begin(struct connection *connection, size_t head_len)
{
	struct exchange *exchange = connection->exchange = exchange_new();
	struct err err;
	bool fine = exchange_begin(exchange, &connection->service->config,
				   (struct str){ connection->in, head_len }, &err);

	exchange->connection = connection;
	exchange->request.peer = str_of(connection->peer);
	consume(connection, head_len);
	if (!fine)
		return refuse(connection, &err);
	enter(connection, exchange->head.expects_continue && connection->in_len == 0
				  ? CONNECTION_CONTINUE
				  : CONNECTION_BODY);
	return STEP_ON;
}

static enum step refuse_head(struct connection *connection, const struct err *err)
{
	connection->exchange = exchange_new();
	return refuse(connection, err);
}

static enum step step_head(struct connection *connection)
{
	struct err err;
	size_t end, empty = 0;

	/* Empty lines before a request are to be read over (RFC 9112, section 2.2). */
	while (connection->in_len - empty >= 2 && memcmp(connection->in + empty, "\r\n", 2) == 0)
		empty += 2;
	consume(connection, empty);

	if (!head_find_end((struct str){ connection->in, connection->in_len },
			   &connection->searched, &end, &err))
		return refuse_head(connection, &err);
	if (end > 0)
		return begin(connection, end);
	if (connection->in_len < HEAD_BYTES_MAX)
		return fill(connection);
	fail(&err, MSG_HTTP_HEADER_LIMIT, HEAD_BYTES_MAX, HEAD_HEADERS_MAX);
	return refuse_head(connection, &err);
}

/* Sends the rest of a text from `sent` on; STEP_ON when all is sent. */
static enum step send_text(struct connection *connection, struct str text)
{
	for (int piece = 0; connection->sent < text.len; piece++) {
		size_t moved;

		if (piece == TURN_PIECES)
			return STEP_LATER;

		enum io io = transport_write(&connection->transport,
					     str_sub(text, connection->sent, text.len), &moved);

		if (io != IO_DONE)
			return io == IO_BLOCKED ? STEP_BLOCKED : STEP_CLOSE;
		connection->sent += moved;
		moved_on(connection, moved);
		connection->service->bytes_out += (int64_t)moved;
	}
	return STEP_ON;
}

static enum step step_continue(struct connection *connection)
{
	enum step step = send_text(connection, STR("HTTP/1.1 100 Continue\r\n\r\n"));

	if (step == STEP_ON)
		enter(connection, CONNECTION_BODY);
	return step;
}

static enum step step_body(struct connection *connection)
{
	struct str input = { connection->in, connection->in_len };
	struct err err;
	bool whole;

	if (!exchange_receive(connection->exchange, &connection->service->config, &input, &whole,
			      &err))
		return refuse(connection, &err);
	consume(connection, connection->in_len - input.len);
	return whole ? submit(connection) : fill(connection);
}

static enum step step_waiting(struct connection *connection)
{
	(void)connection;
	return STEP_BLOCKED;
}

void connection_answered(struct connection *connection)
{
	enter(connection, CONNECTION_SENDING);
}

/* The next piece of the answer's file, in place of what was sent. */
static enum step load_file(struct connection *connection)
{
	struct exchange *exchange = connection->exchange;
	size_t len = exchange->file_left < FILE_PIECE ? (size_t)exchange->file_left : FILE_PIECE;

	writer_clear(&exchange->out);
	connection->sent = 0;

	ssize_t got = read(exchange->response.file, writer_reserve(&exchange->out, len), len);

	/* A file that shrank: the promised length cannot be kept, and only an early end can say so.
	 */
	if (got <= 0)
		return STEP_CLOSE;
	exchange->out.len = (size_t)got;
	exchange->file_left -= got;
	return STEP_ON;
}

static void end_exchange(struct connection *connection)
{
	struct exchange *exchange = connection->exchange;

	connection->service->answers[exchange->status / 100]++;
	if (exchange->close) {
		transport_finish(&connection->transport);
		enter(connection, CONNECTION_DRAINING);
	} else {
		enter(connection, CONNECTION_HEAD);
	}
	exchange_free(exchange);
	connection->exchange = NULL;
}

static enum step step_sending(struct connection *connection)
{
	struct exchange *exchange = connection->exchange;

	for (int piece = 0; piece < TURN_PIECES; piece++) {
		enum step step = send_text(connection, writer_str(&exchange->out));

		if (step != STEP_ON)
			return step;
		if (exchange->response.body.len > 0) {
			/* What was sent makes room for the long body. */
			writer_release(&exchange->out);
			exchange->out = exchange->response.body;
			exchange->response.body = (struct writer){ 0 };
			connection->sent = 0;
		} else if (exchange->response.file >= 0 && exchange->file_left > 0) {
			if (load_file(connection) == STEP_CLOSE)
				return STEP_CLOSE;
		} else {
			end_exchange(connection);
			return STEP_ON;
		}
	}
	return STEP_LATER;
}

static enum step step_draining(struct connection *connection)
{
	for (int piece = 0; piece < TURN_PIECES; piece++) {
		enum io io = transport_discard(&connection->transport);

		if (io != IO_DONE)
			return io == IO_BLOCKED ? STEP_BLOCKED : STEP_CLOSE;
	}
	return STEP_LATER;
}

enum step connection_step(struct connection *connection)
{
	static enum step (*const steps[CONNECTION_STATES])(struct connection *) = {
		[CONNECTION_HANDSHAKE] = step_handshake, [CONNECTION_HEAD] = step_head,
		[CONNECTION_CONTINUE] = step_continue,   [CONNECTION_BODY] = step_body,
		[CONNECTION_WAITING] = step_waiting,     [CONNECTION_SENDING] = step_sending,
		[CONNECTION_DRAINING] = step_draining,
	};

	for (int turn = 0; turn < TURN_PIECES; turn++) {
		enum step step = steps[connection->state](connection);

		if (step != STEP_ON)
			return step;
	}
	return STEP_LATER;
}

bool connection_is_idle(const struct connection *connection)
{
	return connection->state == CONNECTION_HANDSHAKE ||
	       (connection->state == CONNECTION_HEAD && connection->in_len == 0);
}

bool connection_is_late(const struct connection *connection, int64_t now)
{
	int64_t limit = connection->service->config.idle_limit;

	if (connection->state == CONNECTION_WAITING)
		return false;
	if (connection->state == CONNECTION_DRAINING)
		return now - connection->since > SECONDS(DRAIN_SECONDS);
	return now - connection->touched > limit ||
	       now - connection->since > limit + SECONDS(connection->moved / SLOWEST);
}

enum step connection_give_up(struct connection *connection)
{
	struct err err;

	connection->service->late++;
	if (connection_is_idle(connection) || connection->state >= CONNECTION_WAITING)
		return STEP_CLOSE;
	if (!connection->exchange)
		connection->exchange = exchange_new();
	fail(&err, MSG_HTTP_TIMEOUT, connection->service->config.idle_limit / SECONDS(1));
	return refuse(connection, &err);
}
