/*
 * A connection's bytes as head, body, target and query. Read whole and read byte by byte they must mean the same: where
 * a request ends may never depend on how it was cut into packets.
 */
#include "base/file.h"
#include "http/exchange.h"
#include "http/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was understood: the outcome as text, and how many bytes it took. */
struct outcome {
	struct writer text;
	size_t used;
};

static void read_target(struct exchange *exchange, struct writer *text)
{
	struct http_request *request = &exchange->request;
	auto_arena arena = arena_new(1024 * 1024);
	struct str value = STR_NONE;
	struct err err = { 0 };

	request->arena = arena;
	if (!message_target(arena, exchange->head.target, &request->path, &request->query, &err)) {
		writer_text(text, message_code(err.message));
		return;
	}
	if (request->path.at[0] != '/' || memchr(request->path.at, '\0', request->path.len) ||
	    !str_is_utf8(request->path))
		abort();
	if (http_query_value(request, "q", &value, &err) && value.at && !str_is_utf8(value))
		abort();
	writer_put(text, request->path);
	writer_printf(text, " %d", (int)http_language(request));
}

/* Offers one byte more at a time when `step` is 1. */
static void read_body(struct exchange *exchange, struct str input, size_t step,
		      struct outcome *outcome)
{
	const struct http_config config = { .body_memory = 64, .body_limit = 4096 };
	size_t offered = 0;
	bool whole = false, fine = true;
	struct err err = { 0 };

	while (fine && !whole) {
		struct str piece = str_sub(input, outcome->used, offered - outcome->used);

		fine = exchange_receive(exchange, &config, &piece, &whole, &err);
		outcome->used = offered - piece.len;
		if (offered == input.len)
			break;
		offered = step < input.len - offered ? offered + step : input.len;
	}
	writer_printf(&outcome->text, " body %d %d %lld", whole, (int)err.message,
		      fine ? (long long)exchange->request.body_size : -1LL);
}

static struct outcome read_connection(struct str input, size_t step)
{
	const struct http_config config = { .body_memory = 64, .body_limit = 4096 };
	struct outcome outcome = { 0 };
	struct exchange *exchange = exchange_new();
	size_t from = 0, end = 0, offered = 0;
	struct err err = { 0 };
	bool fine = true;

	while (fine && end == 0 && offered < input.len) {
		offered = step < input.len - offered ? offered + step : input.len;
		fine = head_find_end(str_sub(input, 0, offered), &from, &end, &err);
	}
	if (!fine) {
		writer_text(&outcome.text, message_code(err.message));
	} else if (end > 0 && !exchange_begin(exchange, &config, str_sub(input, 0, end), &err)) {
		writer_text(&outcome.text, message_code(err.message));
	} else if (end > 0) {
		read_target(exchange, &outcome.text);
		read_body(exchange, str_sub(input, end, input.len), step, &outcome);
	}
	exchange_free(exchange);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = { (const char *)data, size };

	if (size > HEAD_BYTES_MAX)
		return 0;

	struct outcome whole = read_connection(input, size), bytes = read_connection(input, 1);

	if (!str_equal(writer_str(&whole.text), writer_str(&bytes.text)))
		abort();
	writer_release(&whole.text);
	writer_release(&bytes.text);
	return 0;
}
