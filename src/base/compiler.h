/* Owns the few compiler attributes and macros that every file may use. */
#ifndef XIEDUN_BASE_COMPILER_H
#define XIEDUN_BASE_COMPILER_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"

#define must_use          __attribute__((warn_unused_result))
#define printf_like(f, a) __attribute__((format(printf, f, a)))
#define cleanup_with(fn)  __attribute__((cleanup(fn)))
#define never_null        __attribute__((returns_nonnull))
#define unused            __attribute__((unused))
#define nitems(array)     (sizeof(array) / sizeof((array)[0]))

/* Hands ownership of a cleanup variable on: yields its value and leaves NULL behind. */
#define steal(pointer)                           \
	__extension__({                          \
		__auto_type _stolen = (pointer); \
		(pointer) = NULL;                \
		_stolen;                         \
	})

/* Declares the cleanup function of an owning pointer type: DEFINE_AUTO(store, store_free) gives auto_free_store. */
#define DEFINE_AUTO(type, release)                               \
	static inline void auto_free_##type(struct type **thing) \
	{                                                        \
		release(*thing);                                 \
	}

#endif
