/* Owns plain allocation: it succeeds or the process aborts, since nobody can go on without memory. */
#ifndef XIEDUN_BASE_MEMORY_H
#define XIEDUN_BASE_MEMORY_H

#include "base/str.h"

/* Zeroed memory for `count` things of `size` bytes; release with free(). */
never_null void *memory_zero(size_t count, size_t size);

/* realloc() that aborts instead of failing; the new part is not zeroed. */
never_null void *memory_resize(void *old, size_t count, size_t size);

/* A terminated copy, released with free(); NULL for the absent string. */
char *memory_copy(struct str);

/* Overwrites with zeros in a way that the compiler keeps. */
void memory_wipe(void *at, size_t size);

static inline void auto_free_memory(void *pointer)
{
	void *memory;

	memcpy(&memory, pointer, sizeof(memory));
	free(memory);
}
#define auto_memory cleanup_with(auto_free_memory)

#endif
