/* Gentoo's versions and Alpine's, which grew out of them. */
#include "ident/version_key.h"

/* What a version can go on with, in the order of the results: apk-tools' version.c, apk_version_compare(). */
enum {
	APK_EARLY = 1, /* _alpha _beta _pre _rc */
	APK_INVALID,
	APK_EMPTY, /* a dot without digits */
	APK_END,
	APK_REVISION,
	APK_HASH,
	APK_LATE, /* _cvs _svn _git _hg _p */
	APK_LETTER,
	APK_NUMBER,
};

static const char *const early[] = { "alpha", "beta", "pre", "rc" };
static const char *const late[] = { "cvs", "svn", "git", "hg", "p" };

/* Where a number has a leading zero both are compared as texts, which stand below all others. */
static void put_fraction(struct str digits, struct writer *key)
{
	bool text = first_of(digits) == '0';

	writer_byte(key, text ? 1 : 2);
	if (text)
		key_text(key, digits);
	else
		key_number(key, digits);
}

static bool put_suffix(struct str word, const char *const *names, size_t count, char tag,
		       struct writer *key)
{
	for (size_t i = 0; i < count; i++) {
		if (!str_is(word, names[i]))
			continue;
		writer_byte(key, tag);
		writer_byte(key, (char)i);
		return true;
	}
	return false;
}

/* The numbers and letters before the first "_", "~" or "-". */
static bool put_apk_numbers(struct str *rest, struct writer *key)
{
	bool letter = false;

	for (;;) {
		char c = first_of(*rest);

		if (c == '.') {
			skip(rest, 1);
			struct str digits = take_digits(rest);

			writer_byte(key, digits.len > 0 ? APK_NUMBER : APK_EMPTY);
			if (digits.len > 0)
				put_fraction(digits, key);
			letter = false;
		} else if (is_lower(c) && !letter) {
			writer_byte(key, APK_LETTER);
			writer_byte(key, c);
			skip(rest, 1);
			letter = true;
		} else if (is_digit(c) && letter) { /* 6.6.2p1 */
			writer_byte(key, APK_NUMBER);
			put_fraction(take_digits(rest), key);
			letter = false;
		} else {
			return c == '\0' || c == '_' || c == '~' || c == '-';
		}
	}
}

static bool put_apk_suffixes(struct str *rest, struct writer *key)
{
	while (take_byte(rest, '_')) {
		struct str word = take_letters(rest);

		if (!put_suffix(word, early, nitems(early), APK_EARLY, key) &&
		    !put_suffix(word, late, nitems(late), APK_LATE, key))
			return false;
		if (is_digit(first_of(*rest))) {
			writer_byte(key, APK_NUMBER);
			key_number(key, take_digits(rest));
		}
	}
	return true;
}

/*
 * apk-package(5), "pkgver": numbers, letter, suffixes, hash, revision. What does not fit is where a version ends, below its regular
 * end, as apk-tools 3 has it; two that differ only behind such a place are equal.
 */
bool key_apk(struct str text, struct writer *key)
{
	bool valid;

	key_number(key, take_digits(&text));
	valid = put_apk_numbers(&text, key) && put_apk_suffixes(&text, key);
	if (valid && take_byte(&text, '~')) {
		struct str hash = str_sub(text, 0, str_find(text, '-'));

		writer_byte(key, APK_HASH);
		key_text(key, hash);
		skip(&text, hash.len);
	}
	if (valid && str_starts(text, "-r") && !is_letter(first_of(str_sub(text, 2, 1)))) {
		skip(&text, 2);
		writer_byte(key, APK_REVISION);
		key_number(key, take_digits(&text));
	}
	writer_byte(key, valid && text.len == 0 ? APK_END : APK_INVALID);
	return true;
}

enum { NUMBERS_END = 1, NUMBER = 2 };

/* Package Manager Specification 8, algorithm 3.3: as a text without its trailing zeros where a leading zero stands. */
static void put_gentoo_number(struct str digits, struct writer *key)
{
	if (digits.at[0] == '0')
		while (digits.len > 0 && digits.at[digits.len - 1] == '0')
			digits.len--;
	if (digits.len == 0 || digits.at[0] == '0') {
		writer_byte(key, 1);
		key_text(key, digits);
	} else {
		writer_byte(key, 2);
		key_number(key, digits);
	}
}

/* Package Manager Specification 8, sections 3.2 and 3.3. */
bool key_gentoo(struct str text, struct writer *key)
{
	static const char *const patch[] = { "p" };
	/* "_alpha" to "_rc" stand before the end of the suffixes, "_p" behind it: algorithm 3.5. */
	enum { BEFORE_END = 1, SUFFIXES_END = 2, BEHIND_END = 3 };
	struct str digits = take_digits(&text);

	if (digits.len == 0)
		return false;
	key_number(key, digits);
	while (take_byte(&text, '.')) {
		digits = take_digits(&text);
		if (digits.len == 0)
			return false;
		writer_byte(key, NUMBER);
		put_gentoo_number(digits, key);
	}
	writer_byte(key, NUMBERS_END);
	writer_byte(key, is_lower(first_of(text)) ? text.at[0] : 1);
	if (is_lower(first_of(text)))
		skip(&text, 1);
	while (take_byte(&text, '_')) {
		struct str word = take_letters(&text);

		if (!put_suffix(word, early, nitems(early), BEFORE_END, key) &&
		    !put_suffix(word, patch, nitems(patch), BEHIND_END, key))
			return false;
		key_number(key, take_digits(&text));
	}
	writer_byte(key, SUFFIXES_END);
	digits = STR_NONE;
	if (str_starts(text, "-r")) {
		skip(&text, 2);
		digits = take_digits(&text);
		if (digits.len == 0)
			return false;
	}
	key_number(key, digits);
	return text.len == 0;
}
