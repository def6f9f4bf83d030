#include "base/json_window.h"

#include "base/memory.h"

void window_over_text(struct window *w, struct str text)
{
	w->start = w->at = text.at ? text.at : "";
	w->end = w->start + text.len;
	w->line = w->column = 1;
}

void window_over_stream(struct window *w, json_fill_fn *fill, void *context, size_t size)
{
	assert(size >= 16);
	w->own = memory_zero(size, 1);
	w->size = size;
	window_over_text(w, (struct str){ w->own, 0 });
	w->fill = fill;
	w->context = context;
}

/* Bytes that begin a character: all but 10xxxxxx. */
static int64_t characters(const char *at, const char *to)
{
	int64_t count = to - at;

	while (to - at >= 8) {
		/* Eight sums side by side, none of them ever above 31. */
		const char *stop = to - at >= 31 * 8 ? at + 31 * 8 : to - (to - at) % 8;
		uint64_t sums = 0;

		for (uint64_t word; at < stop; at += 8) {
			memcpy(&word, at, sizeof(word));
			sums += (word >> 7) & ~(word >> 6) & 0x0101010101010101u;
		}
		count -= (int64_t)(sums * 0x0101010101010101u >> 56);
	}
	for (; at < to; at++)
		count -= ((unsigned char)*at & 0xc0) == 0x80;
	return count;
}

static void count_to(struct window *w, const char *to)
{
	const char *at = w->start + (w->counted - w->offset);

	if (at >= to)
		return;
	w->counted = w->offset + (to - w->start);
	for (const char *lf; (lf = memchr(at, '\n', (size_t)(to - at))) != NULL; at = lf + 1) {
		w->line++;
		w->column = 1;
	}
	w->column += characters(at, to);
}

void window_place(struct window *w, const char *at, int64_t *line, int64_t *column)
{
	count_to(w, at);
	*line = w->line;
	*column = w->column;
}

static const char *held_from(const struct window *w)
{
	if (w->pin)
		return w->pin;
	return w->token ? w->token : w->at;
}

/* Moves what must stay held to the start of a window that has room behind it. */
static void slide(struct window *w)
{
	const char *keep = held_from(w);

	count_to(w, keep);

	size_t gone = (size_t)(keep - w->start), kept = (size_t)(w->end - keep);
	size_t at = (size_t)(w->at - keep), token = w->token ? (size_t)(w->token - keep) : 0;

	if (kept > 0)
		memmove(w->own, keep, kept);
	if (kept > w->size / 2) {
		w->size *= 2;
		w->own = memory_resize(w->own, w->size, 1);
	}
	w->offset += (int64_t)gone;
	w->start = w->own;
	w->at = w->own + at;
	w->end = w->own + kept;
	w->token = w->token ? w->own + token : NULL;
	w->pin = w->pin ? w->own : NULL;
}

bool window_more(struct window *w, struct err *err)
{
	if (!w->fill)
		return false;

	/* The opening quote does not count. */
	if ((size_t)(w->end - held_from(w)) > w->text + 1)
		return fail(err, MSG_JSON_TEXT, w->text);

	size_t room = w->size - (size_t)(w->end - w->own);

	/* Not for every small piece, which would cost the square of a long string. */
	if (room < w->size / 4) {
		slide(w);
		room = w->size - (size_t)(w->end - w->own);
	}

	int64_t got = w->fill(w->context, w->own + (w->end - w->own), room, err);

	if (got <= 0) {
		w->fill = NULL;
		return false;
	}
	assert((size_t)got <= room);
	w->end += got;
	if (w->limit > 0 && w->offset + (w->end - w->start) > w->limit)
		return fail(err, MSG_LIMIT_SIZE, w->limit);
	return true;
}

bool window_holds(struct window *w, size_t size, struct err *err)
{
	while ((size_t)(w->end - w->at) < size) {
		if (!window_more(w, err))
			return false;
	}
	return true;
}
