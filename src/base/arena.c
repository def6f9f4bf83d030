#include "base/arena.h"

#include <stdarg.h>

#include "base/err.h"
#include "base/memory.h"

#if defined(__SANITIZE_ADDRESS__)
#define ONE_MALLOC_EACH 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ONE_MALLOC_EACH 1
#endif
#endif
#ifndef ONE_MALLOC_EACH
#define ONE_MALLOC_EACH 0
#endif

enum { FIRST_BLOCK = 4 * 1024, LARGEST_BLOCK = 256 * 1024, ALIGNMENT = 16 };

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena {
	struct block *blocks; /* newest first */
	size_t limit, used, block_size;
	bool over;
};

struct arena *arena_new(size_t limit)
{
	struct arena *arena = memory_zero(1, sizeof(*arena));

	arena->limit = limit;
	arena->block_size = FIRST_BLOCK;
	return arena;
}

static void blocks_free(struct block *block)
{
	while (block) {
		struct block *next = block->next;

		free(block);
		block = next;
	}
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	blocks_free(arena->blocks);
	free(arena);
}

void arena_clear(struct arena *arena)
{
	struct block *keep = ONE_MALLOC_EACH ? NULL : arena->blocks;

	blocks_free(keep ? keep->next : arena->blocks);
	if (keep) {
		/* What a request held must not be readable by the next one's mistakes. */
		memset(keep->bytes, 0, keep->used);
		keep->next = NULL;
		keep->used = 0;
	}
	arena->blocks = keep;
	arena->used = 0;
	arena->over = false;
}

static struct block *block_new(struct arena *arena, size_t size)
{
	struct block *block = memory_zero(1, sizeof(*block) + size);

	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_take(struct arena *arena, size_t size)
{
	size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);

	if (rounded < size || rounded > arena->limit - arena->used) {
		arena->over = true;
		return NULL;
	}
	arena->used += rounded;

	struct block *block = arena->blocks;

	if (ONE_MALLOC_EACH) {
		/* A block each, so that the sanitizer sees every overrun. */
		block = block_new(arena, size ? size : 1);
	} else if (!block || block->size - block->used < rounded) {
		block = block_new(arena, rounded > arena->block_size ? rounded : arena->block_size);
		if (arena->block_size < LARGEST_BLOCK)
			arena->block_size *= 2;
	}

	void *taken = block->bytes + block->used;

	block->used += ONE_MALLOC_EACH ? size : rounded;
	return taken;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		arena->over = true;
		return NULL;
	}
	return arena_take(arena, bytes);
}

struct str arena_copy(struct arena *arena, struct str s)
{
	if (!s.at)
		return STR_NONE;

	char *copy = arena_take(arena, s.len + 1);

	if (!copy)
		return STR_NONE;
	if (s.len)
		memcpy(copy, s.at, s.len);
	return (struct str){ copy, s.len };
}

const char *arena_text(struct arena *arena, struct str s)
{
	return arena_copy(arena, s.at ? s : STR("")).at;
}

const char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);

	int len = vsnprintf(NULL, 0, format, args);
	char *text = len < 0 ? NULL : arena_take(arena, (size_t)len + 1);

	if (text)
		(void)vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	va_end(args);
	return text;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}

bool arena_over(const struct arena *arena)
{
	return arena->over;
}

bool arena_check(const struct arena *arena, struct err *err)
{
	return arena->over ? fail(err, MSG_LIMIT_MEMORY, arena->limit) : true;
}
