/* RPM's versions and those of pacman, whose comparison began as RPM's. */
#include "ident/version_key.h"

enum { RPM_TILDE = 1, RPM_END = 2, RPM_CARET = 3, RPM_LETTERS = 4, RPM_NUMBER = 5 };

/* rpm-version(7), "Version comparison", rpmvercmp(): "~" before the end, "^" behind it, letters before numbers. */
static void put_rpm(struct str text, struct writer *key)
{
	while (text.len > 0) {
		char c = text.at[0];

		if (is_digit(c)) {
			writer_byte(key, RPM_NUMBER);
			key_number(key, take_digits(&text));
		} else if (is_letter(c)) {
			writer_byte(key, RPM_LETTERS);
			key_text(key, take_letters(&text));
		} else {
			if (c == '~' || c == '^')
				writer_byte(key, c == '~' ? RPM_TILDE : RPM_CARET);
			skip(&text, 1);
		}
	}
	writer_byte(key, RPM_END);
}

/* The epoch before the first ":" when it is a number; everything behind the last "-" is the release. */
static void split_evr(struct str text, struct str *epoch, struct str *version, struct str *release)
{
	struct str rest = text;
	struct str digits = take_digits(&rest);
	size_t dash;

	*epoch = STR_NONE;
	if (digits.len < text.len && take_byte(&rest, ':')) {
		*epoch = digits;
		text = rest;
	}
	for (dash = text.len; dash > 0 && text.at[dash - 1] != '-'; dash--)
		;
	*release = dash > 0 ? str_sub(text, dash, text.len) : STR_NONE;
	*version = dash > 0 ? str_sub(text, 0, dash - 1) : text;
}

bool key_rpm(struct str text, struct writer *key)
{
	struct str epoch, version, release;

	split_evr(text, &epoch, &version, &release);
	key_number(key, epoch);
	put_rpm(version, key);
	/* Without a release below every release, even an empty one. */
	writer_byte(key, release.at != NULL);
	if (release.at)
		put_rpm(release, key);
	return true;
}

enum { ALPM_LETTERS = 1, ALPM_END = 2, ALPM_NUMBER = 3 };

/*
 * vercmp(8) and rpmvercmp() of libalpm: more separators are newer; letters that follow at once are older than the end, a number is newer.
 * Where a version ends in separators libalpm's answers form a circle ("1..a" < "1." < "1.1" < "1..a"); here they count as separators do.
 */
static void put_alpm(struct str text, struct writer *key)
{
	for (;;) {
		size_t separators = 0;

		while (separators < text.len && !is_digit(text.at[separators]) &&
		       !is_letter(text.at[separators]))
			separators++;
		skip(&text, separators);
		/* One byte each keeps the order: no separator is 1, and all that follow stand above. */
		for (; separators > 0; separators--)
			writer_byte(key, ALPM_NUMBER + 1);
		if (text.len == 0)
			break;
		if (is_digit(text.at[0])) {
			writer_byte(key, ALPM_NUMBER);
			key_number(key, take_digits(&text));
		} else {
			writer_byte(key, ALPM_LETTERS);
			key_text(key, take_letters(&text));
		}
	}
	writer_byte(key, ALPM_END);
}

/* The length of what stands before the release leads the tail, so that it can be cut off: see version_keys_order. */
bool key_alpm(struct str text, struct writer *key)
{
	struct str epoch, version, release;
	size_t start = key->len;

	split_evr(text, &epoch, &version, &release);
	key_number(key, epoch);
	put_alpm(version, key);

	size_t len = key->len - start;

	writer_byte(key, release.at != NULL);
	if (release.at)
		put_alpm(release, key);
	writer_byte(key, (char)(len >> 8));
	writer_byte(key, (char)len);
	return true;
}

struct str alpm_key_without_release(struct str key, bool *released)
{
	const unsigned char *tail = (const unsigned char *)key.at + key.len - 2;
	size_t len = (size_t)tail[0] << 8 | tail[1];

	*released = key.at[len] != 0;
	return str_sub(key, 0, len);
}
