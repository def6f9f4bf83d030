/* Owns growing output: bytes appended one after another, with a limit and an error that sticks. */
#ifndef XIEDUN_BASE_WRITER_H
#define XIEDUN_BASE_WRITER_H

#include "base/str.h"

struct err;

/*
 * Start with `struct writer out = { 0 };` (no limit) or `{ .limit = bytes }`; end with writer_release.
 * Past the limit nothing more is written and `over` stays true: check once, at the end.
 */
struct writer {
	char *at; /* terminated, NULL while empty */
	size_t len, size;
	size_t limit; /* 0: none */
	bool over;
};

void writer_put(struct writer *, struct str);
void writer_text(struct writer *, const char *);
void writer_byte(struct writer *, char);
void writer_printf(struct writer *, const char *format, ...) printf_like(2, 3);
void writer_int(struct writer *, int64_t);

/* `len` bytes to fill in by the caller, or NULL past the limit. */
void *writer_reserve(struct writer *, size_t len);

/* A borrowed view; it lives until the next write. Never absent. */
struct str writer_str(const struct writer *);

/* MSG_LIMIT_SIZE when the limit was passed. */
must_use bool writer_check(const struct writer *, struct err *);

/* Empty again; the memory stays. */
void writer_clear(struct writer *);
void writer_release(struct writer *);
#define auto_writer cleanup_with(writer_release) struct writer

#endif
