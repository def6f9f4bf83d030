/*
 * Owns the search for the byte at which a JSON reader has to stop and look: 16 bytes at a time with
 * SSE2, 8 in a plain register elsewhere. Both stay inside the text, which needs no padding.
 */
#ifndef XIEDUN_BASE_JSON_SCAN_H
#define XIEDUN_BASE_JSON_SCAN_H

#include "base/compiler.h"

/* A quote, a backslash, a control character or the first byte of something outside ASCII. */
static inline bool scan_is_stop(char c)
{
	return c == '"' || c == '\\' || (signed char)c < 0x20;
}

static inline bool scan_is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Marks the top bit of the first byte that is zero; of those behind it some may be marked wrongly.
 */
static inline uint64_t scan_zero_bytes(uint64_t word)
{
	return (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
}

static inline const char *scan_string_plain(const char *at, const char *end)
{
	while (end - at >= 8) {
		uint64_t word, stop;

		memcpy(&word, at, sizeof(word));
		stop = scan_zero_bytes(word ^ 0x2222222222222222u) |
		       scan_zero_bytes(word ^ 0x5c5c5c5c5c5c5c5cu) |
		       ((word - 0x2020202020202020u) & 0x8080808080808080u) |
		       (word & 0x8080808080808080u);
		/* Which byte it was is looked up below: that is right in either byte order. */
		if (stop)
			break;
		at += 8;
	}
	while (at < end && !scan_is_stop(*at))
		at++;
	return at;
}

/* Over bytes outside ASCII. */
static inline const char *scan_not_ascii(const char *at, const char *end)
{
	for (uint64_t word; end - at >= 8; at += 8) {
		memcpy(&word, at, sizeof(word));
		if ((word & 0x8080808080808080u) != 0x8080808080808080u)
			break;
	}
	while (at < end && (signed char)*at < 0)
		at++;
	return at;
}

static inline const char *scan_space_plain(const char *at, const char *end)
{
	while (at < end && scan_is_space(*at))
		at++;
	return at;
}

#ifdef __SSE2__
#include <emmintrin.h>

static inline const char *scan_string_sse2(const char *at, const char *end)
{
	while (end - at >= 16) {
		__m128i bytes = _mm_loadu_si128((const void *)at);
		/* Compared as signed numbers, what is outside ASCII lies below the space too. */
		__m128i stop =
			_mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
				     _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
						  _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
		unsigned mask = (unsigned)_mm_movemask_epi8(stop);

		if (mask)
			return at + __builtin_ctz(mask);
		at += 16;
	}
	return scan_string_plain(at, end);
}

static inline const char *scan_space_sse2(const char *at, const char *end)
{
	while (end - at >= 16) {
		__m128i bytes = _mm_loadu_si128((const void *)at);
		__m128i space =
			_mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')),
						  _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'))),
				     _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')),
						  _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'))));
		unsigned mask = (unsigned)_mm_movemask_epi8(space) ^ 0xffff;

		if (mask)
			return at + __builtin_ctz(mask);
		at += 16;
	}
	return scan_space_plain(at, end);
}

#define scan_string scan_string_sse2
#define scan_space  scan_space_sse2
#else
#define scan_string scan_string_plain
#define scan_space  scan_space_plain
#endif

#endif
