/* Versions that are rows of numbers: nginx, PVP, R, Windows builds, and OpenSSL with its letters. */
#include "ident/version_key.h"

enum { ROW_END = 1, ROW_NUMBER = 2 };

/* Numbers between separators; where one row begins the other the shorter is below. */
static bool put_row(struct str text, const char *separators, struct writer *key)
{
	for (;;) {
		struct str digits = take_digits(&text);

		if (digits.len == 0)
			return false;
		writer_byte(key, ROW_NUMBER);
		key_number(key, digits);
		if (text.len == 0)
			break;
		if (!strchr(separators, text.at[0]))
			return false;
		skip(&text, 1);
	}
	writer_byte(key, ROW_END);
	return true;
}

/* Haskell PVP section "Version numbers"; nginx's own numbers. */
bool key_dotted(struct str text, struct writer *key)
{
	return put_row(text, ".", key);
}

/* VERS, "Generic VERS types", intdot: what follows the digits and dots is not read, and zeros at the end have no weight. */
bool key_intdot(struct str text, struct writer *key)
{
	size_t end;

	if (!is_digit(first_of(text)))
		return false;
	end = key->len;
	do {
		struct str digits = take_digits(&text);

		writer_byte(key, ROW_NUMBER);
		key_number(key, digits);
		if (!is_zero(digits))
			end = key->len;
	} while (take_byte(&text, '.'));
	key->len = end;
	writer_byte(key, ROW_END);
	return true;
}

/* R, package_version: "Writing R Extensions" 1.1.1, "at least two integers separated by single . or - characters". */
bool key_cran(struct str text, struct writer *key)
{
	return put_row(text, ".-", key);
}

/* Windows builds: major.minor.build.revision, where what is left out is 0. */
bool key_windows(struct str text, struct writer *key)
{
	size_t count = 0;

	do {
		struct str digits = take_digits(&text);

		if (digits.len == 0 || count++ == 4)
			return false;
		key_number(key, digits);
	} while (take_byte(&text, '.'));
	for (; count < 4; count++)
		key_number(key, STR_NONE);
	return text.len == 0;
}

static bool put_openssl_stage(struct str text, struct writer *key)
{
	/* In the order of the project's stages; "fips" marks a build and has no weight. */
	static const char *const stages[] = { "dev", "alpha", "beta", "pre", "rc" };

	if (text.len == 0 || take_word(&text, "-fips")) {
		writer_byte(key, 2);
		return text.len == 0;
	}
	if (!take_byte(&text, '-'))
		return false;
	for (size_t i = 0; i < nitems(stages); i++) {
		if (!take_word(&text, stages[i]))
			continue;
		writer_byte(key, 1);
		writer_byte(key, (char)i);
		key_number(key, take_digits(&text));
		return text.len == 0;
	}
	return false;
}

/*
 * OpenSSL, "Versioning" (policies/releasestrat): before 3.0 a letter counts the fixes, and after z come za, zb; from 3.0 on the third number
 * does. Pre-releases stand below the release.
 */
bool key_openssl(struct str text, struct writer *key)
{
	for (int count = 0; count < 3; count++) {
		struct str digits = take_digits(&text);

		if (digits.len == 0)
			return false;
		key_number(key, digits);
		if (count < 2 && !take_byte(&text, '.'))
			return false;
	}
	key_folded(key, take_letters(&text));
	return put_openssl_stage(text, key);
}
