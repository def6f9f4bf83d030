/* Owns the growing array: a struct with `at`, `count` and `size`, for any element type. */
#ifndef XIEDUN_BASE_VEC_H
#define XIEDUN_BASE_VEC_H

#include "base/memory.h"

/* struct device_list VEC(struct device); is open plain data: read at[i], count. */
#define VEC(type)                   \
	{                           \
		type *at;           \
		size_t count, size; \
	}

/* Appends one element (its value is copied); aborts when there is no memory. */
#define vec_push(vec, ...)                                                                     \
	do {                                                                                   \
		if ((vec)->count == (vec)->size) {                                             \
			(vec)->size = (vec)->size ? (vec)->size * 2 : 8;                       \
			(vec)->at = memory_resize((vec)->at, (vec)->size, sizeof(*(vec)->at)); \
		}                                                                              \
		(vec)->at[(vec)->count++] = (__VA_ARGS__);                                     \
	} while (0)

/* Frees the array, not what the elements hold. */
#define vec_release(vec)                          \
	do {                                      \
		free((vec)->at);                  \
		memset((vec), 0, sizeof(*(vec))); \
	} while (0)

/* vec_each (struct device, d, &devices) { … } */
#define vec_each(type, name, vec) \
	for (type *name = (vec)->at; (vec)->count > 0 && name < (vec)->at + (vec)->count; name++)

#endif
