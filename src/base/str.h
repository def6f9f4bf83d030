/* Owns the borrowed string: a pointer and a length, not terminated, never freed through this type. */
#ifndef XIEDUN_BASE_STR_H
#define XIEDUN_BASE_STR_H

#include "base/compiler.h"

struct str {
	const char *at;
	size_t len;
};

#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
#define STR_NONE     ((struct str){ NULL, 0 })

/* For printf's "%.*s". A text longer than INT_MAX is cut. */
#define STR_ARGS(s) ((s).len > 0x7fffffff ? 0x7fffffff : (int)(s).len), ((s).at ? (s).at : "")

/* A borrowed view of a terminated string; NULL gives the absent string. */
struct str str_of(const char *terminated);

/* True when both hold the same bytes. An absent string equals only an empty or absent one. */
bool str_equal(struct str a, struct str b);
bool str_is(struct str a, const char *terminated);

/* Byte order, shorter first on a common prefix: below, at or above 0. */
int str_compare(struct str a, struct str b);

bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);

/* The part from byte offset `from` on, at most `len` bytes; clipped to the string. */
struct str str_sub(struct str s, size_t from, size_t len);

/* Without ASCII white space at both ends. */
struct str str_trim(struct str s);

/* Takes the text before the first `separator` off *rest (the separator too). False when *rest is absent. */
bool str_split(struct str *rest, char separator, struct str *part);

/* Offset of the first `byte`, or s.len. */
size_t str_find(struct str s, char byte);

/* A decimal integer with optional sign and nothing else; false when malformed or out of range. */
must_use bool str_to_int(struct str s, int64_t *value);

/* True when the bytes are well-formed UTF-8 (RFC 3629): no overlong form, surrogate or value above U+10FFFF. */
bool str_is_utf8(struct str s);

#endif
