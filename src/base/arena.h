/* Owns arenas: memory of one request or one batch, given back all at once, with a limit in bytes. */
#ifndef XIEDUN_BASE_ARENA_H
#define XIEDUN_BASE_ARENA_H

#include "base/str.h"

struct err;
struct arena;

/* An arena that gives out at most `limit` bytes. Aborts when the system has no memory. */
struct arena *arena_new(size_t limit);
void arena_free(struct arena *);

/* Gives all memory back and keeps the arena (and one block) for the next request. */
void arena_clear(struct arena *);

/*
 * Zeroed memory, aligned for any type; it lives until the arena is cleared.
 * NULL when the limit would be passed; arena_over then stays true, so that a caller
 * may check once at its end (arena_check).
 */
void *arena_take(struct arena *, size_t size);

/* The same for an array; NULL also when count * size overflows. */
void *arena_array(struct arena *, size_t count, size_t size);

/* A terminated copy; the absent string stays absent. On the limit: absent, and arena_over is true. */
struct str arena_copy(struct arena *, struct str);
const char *arena_text(struct arena *, struct str);
const char *arena_printf(struct arena *, const char *format, ...) printf_like(2, 3);

size_t arena_used(const struct arena *);
bool arena_over(const struct arena *);

/* MSG_LIMIT_MEMORY (HTTP 413) when the limit was passed. */
must_use bool arena_check(const struct arena *, struct err *);

DEFINE_AUTO(arena, arena_free)
#define auto_arena cleanup_with(auto_free_arena) struct arena *

#endif
