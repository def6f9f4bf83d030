/*
 * Owns JSON input: one streaming pull reader with depth and byte limits (RFC 8259), for feeds,
 * component lists and the interface alike. Numbers are handed over as text. It checks UTF-8 and
 * unescapes.
 */
#ifndef XIEDUN_BASE_JSON_READ_H
#define XIEDUN_BASE_JSON_READ_H

#include "base/err.h"

enum json_token {
	JSON_END,   /* behind the one value */
	JSON_ERROR, /* see json_reader_err; stays */
	JSON_OBJECT,
	JSON_OBJECT_END,
	JSON_ARRAY,
	JSON_ARRAY_END,
	JSON_KEY, /* followed by its value's tokens */
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
};

struct json_reader;

/* Gives up to `size` more bytes: their number, 0 at the end, -1 on an error that it has set. */
typedef int64_t json_fill_fn(void *context, char *to, size_t size, struct err *);

struct json_limits {
	int depth;     /* 0: 256 */
	int64_t bytes; /* of the whole text; 0: none */
	size_t text;   /* of one string or number, as written; 0: 16 MiB */
	size_t window; /* of a stream, to begin with, at least 16; 0: 64 KiB */
	bool lines; /* JSON lines: after JSON_END of one value the next begins; JSON_END without a
		       value is the end */
	bool duplicates; /* count keys that stand twice in their object, by a hash of 64 bits: at
			    most 2^20 keys open at once */
};

/* Over bytes in memory (borrowed; they need no padding). */
struct json_reader *json_reader_new(struct str text, const struct json_limits *);
/* Over a stream, through a window that grows only for a longer string. */
struct json_reader *json_reader_stream(json_fill_fn *, void *context, const struct json_limits *);
void json_reader_free(struct json_reader *);
DEFINE_AUTO(json_reader, json_reader_free)
#define auto_json_reader cleanup_with(auto_free_json_reader) struct json_reader *

enum json_token json_next(struct json_reader *);

/* Text of the last JSON_KEY, JSON_STRING (unescaped) or JSON_NUMBER (as written). Borrowed until
 * the next json_next. */
struct str json_value(const struct json_reader *);

/* Skips the value that begins with the token just read (after JSON_KEY: the whole value of the
 * key), checking it. */
must_use bool json_skip(struct json_reader *);

/* The value that begins with the token just read, as raw bytes, for keeping what was not
 * understood. At most `text` bytes. */
must_use bool json_capture(struct json_reader *, struct str *raw);

/* Open objects and arrays. */
int json_depth(const struct json_reader *);

/* How many keys stood in their object before, so far; 0 unless limits.duplicates asks for it. */
int64_t json_duplicates(const struct json_reader *);

/* Byte offset behind the last token. */
int64_t json_offset(const struct json_reader *);

/* Where the last token begins: line and column from 1, the column in characters. Worked out when
 * asked. */
void json_place(struct json_reader *, int64_t *line, int64_t *column);

/* The error of JSON_ERROR, with line and column. */
const struct err *json_reader_err(const struct json_reader *);

#endif
