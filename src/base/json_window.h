/* Owns the bytes that a JSON reader looks at: a borrowed text, or a window that slides over a
 * stream. */
#ifndef XIEDUN_BASE_JSON_WINDOW_H
#define XIEDUN_BASE_JSON_WINDOW_H

#include "base/json_read.h"

struct window {
	const char *start, *at, *end; /* what is held, and the next byte of it */
	const char *token;            /* the token being read; NULL between tokens */
	const char *pin;              /* held from here on for json_capture; or NULL */
	int64_t offset;               /* of start in the whole text */
	int64_t limit;                /* of the whole text; 0: none */
	size_t text;                  /* limit of what is kept for one token */

	json_fill_fn *fill; /* NULL: all is held */
	void *context;
	char *own;
	size_t size;

	/* Line and column at an offset that only goes forward. */
	int64_t counted, line, column;
};

/* Over a borrowed text, or over a stream. The limits are for the caller to set. */
void window_over_text(struct window *, struct str text);
void window_over_stream(struct window *, json_fill_fn *fill, void *context, size_t size);

/*
 * Brings at least one byte behind `end`, moving what is held; false at the end of the text, or with
 * *err set when the stream failed, the text is too long (MSG_LIMIT_SIZE) or so is its token
 * (MSG_JSON_TEXT).
 */
must_use bool window_more(struct window *, struct err *);

/* At least `size` bytes from `at` on, as long as the text has them. */
bool window_holds(struct window *, size_t size, struct err *);

/* Line and column of a byte that is held, both from 1, the column in characters. Asked for in
 * rising order. */
void window_place(struct window *, const char *at, int64_t *line, int64_t *column);

#endif
