#include "base/memory.h"

void *memory_zero(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size ? size : 1);

	if (!memory)
		abort();
	return memory;
}

void *memory_resize(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		abort();

	void *memory = realloc(old, bytes ? bytes : 1);

	if (!memory)
		abort();
	return memory;
}

char *memory_copy(struct str s)
{
	if (!s.at)
		return NULL;

	char *copy = memory_zero(s.len + 1, 1);

	if (s.len)
		memcpy(copy, s.at, s.len);
	return copy;
}

void memory_wipe(void *at, size_t size)
{
	if (size)
		explicit_bzero(at, size);
}
