/* Owns the pieces that keys of versions are made of, and the key function of each family; for this floor's version_*.c only. */
#ifndef XIEDUN_IDENT_VERSION_KEY_H
#define XIEDUN_IDENT_VERSION_KEY_H

#include "base/writer.h"

/*
 * A key is a row of items. Each item of a list starts with a tag that tells its kind, and a list ends with a tag too, whose place among
 * the others tells how a shorter list stands to a longer one. Numbers and texts delimit themselves.
 */

/* A number of any length, from decimal digits; leading zeros do not count, no digits are 0. */
void key_number(struct writer *, struct str digits);

/* The same for a count, so that a larger one stands first. */
void key_number_down(struct writer *, size_t count);

/* A text, byte order, a prefix first. It holds no zero byte. */
void key_text(struct writer *, struct str);

/* A text whose ASCII letters count as lower case. */
void key_folded(struct writer *, struct str);

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool is_letter(char c)
{
	return is_lower((char)(c | 0x20));
}

static inline char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The first byte, or 0 at the end. */
static inline char first_of(struct str s)
{
	return s.len > 0 ? s.at[0] : '\0';
}

static inline void skip(struct str *rest, size_t count)
{
	*rest = str_sub(*rest, count, rest->len);
}

/* Takes the digits, the ASCII letters, that the text starts with; may be none. */
struct str take_digits(struct str *rest);
struct str take_letters(struct str *rest);

/* Takes one byte where the text starts with it. */
bool take_byte(struct str *rest, char byte);

/* Takes a word where the text starts with it, in any case of its ASCII letters. */
bool take_word(struct str *rest, const char *lower);

/* Equal but for the case of ASCII letters. */
bool same_word(struct str word, const char *lower);

/* Nothing but digits, and at least one. */
bool all_digits(struct str);

/* All zeros, or empty. */
bool is_zero(struct str digits);

/* Appends a version's key. False: it is no version of the scheme; what was appended is then dropped by the caller. */
typedef bool version_key_fn(struct str text, struct writer *key);

version_key_fn key_semver, key_npm, key_golang, key_cargo, key_pub, key_nuget;
version_key_fn key_pypi, key_maven, key_generic, key_firmware;
version_key_fn key_deb, key_rpm, key_alpm, key_apk, key_gentoo;
version_key_fn key_gem, key_composer, key_conan;
version_key_fn key_dotted, key_intdot, key_cran, key_windows, key_openssl;
version_key_fn key_datetime, key_lexicographic;

/* The part of an alpm key before the package release. */
struct str alpm_key_without_release(struct str key, bool *released);

#endif
