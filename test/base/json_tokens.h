/* Owns the text of what a JSON reader reads, in which two readers are compared: json_peer.h tells
 * its form. */
#ifndef XIEDUN_TEST_JSON_TOKENS_H
#define XIEDUN_TEST_JSON_TOKENS_H

#include "base/json_read.h"
#include "base/writer.h"

/* All tokens up to JSON_END (true) or JSON_ERROR (false). */
static inline bool json_tokens(struct json_reader *reader, struct writer *out)
{
	static const char letters[] = {
		[JSON_OBJECT] = '{',    [JSON_OBJECT_END] = '}', [JSON_ARRAY] = '[',
		[JSON_ARRAY_END] = ']', [JSON_KEY] = 'k',        [JSON_STRING] = 's',
		[JSON_NUMBER] = 'n',    [JSON_TRUE] = 't',       [JSON_FALSE] = 'f',
		[JSON_NULL] = 'z',
	};

	for (;;) {
		enum json_token token = json_next(reader);

		if (token == JSON_END || token == JSON_ERROR)
			return token == JSON_END;
		writer_byte(out, letters[token]);
		if (token == JSON_KEY || token == JSON_STRING || token == JSON_NUMBER) {
			writer_int(out, (int64_t)json_value(reader).len);
			writer_byte(out, ':');
			writer_put(out, json_value(reader));
		}
	}
}

/* A stream over bytes in memory that gives at most `piece` at a time (0: pieces of changing size).
 */
struct json_pieces {
	struct str rest;
	size_t piece;
	uint32_t random;
};

static inline int64_t json_pieces_fill(void *context, char *to, size_t size, struct err *err unused)
{
	struct json_pieces *pieces = context;
	size_t len = pieces->piece;

	if (len == 0) {
		pieces->random = pieces->random * 1664525 + 1013904223;
		len = 1 + (pieces->random >> 16) % 40;
	}
	if (len > size)
		len = size;
	if (len > pieces->rest.len)
		len = pieces->rest.len;
	if (len > 0)
		memcpy(to, pieces->rest.at, len);
	pieces->rest = str_sub(pieces->rest, len, pieces->rest.len);
	return (int64_t)len;
}

#endif
