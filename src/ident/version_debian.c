/* Debian's versions: Debian Policy 5.6.12, deb-version(7). */
#include "ident/version_key.h"

/* In a part without digits "~" stands before its end, that before letters, and they before all others. */
enum { TILDE = 1, PART_END = 2, OTHER = 0x7f };

static void put_other(struct writer *key, char c)
{
	if (c == '~') {
		writer_byte(key, TILDE);
		return;
	}
	if (!is_letter(c))
		writer_byte(key, OTHER);
	writer_byte(key, c);
}

/* Parts without and with digits in turn; a missing number is 0, so "1." equals "1.0". */
static void put_parts(struct str text, struct writer *key)
{
	do {
		while (text.len > 0 && !is_digit(text.at[0])) {
			put_other(key, text.at[0]);
			skip(&text, 1);
		}
		writer_byte(key, PART_END);
		key_number(key, take_digits(&text));
	} while (text.len > 0);
	writer_byte(key, PART_END);
}

static bool allowed(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_digit(text.at[i]) && !is_letter(text.at[i]) && !strchr(".+-~:", text.at[i]))
			return false;
	return true;
}

bool key_deb(struct str text, struct writer *key)
{
	size_t colon = str_find(text, ':'), dash;
	struct str epoch = STR_NONE;

	if (!allowed(text))
		return false;
	if (colon < text.len) {
		epoch = str_sub(text, 0, colon);
		if (epoch.len == 0 || !all_digits(epoch))
			return false;
		skip(&text, colon + 1);
	}
	for (dash = text.len; dash > 0 && text.at[dash - 1] != '-'; dash--)
		;

	struct str revision = dash > 0 ? str_sub(text, dash, text.len) : STR_NONE;
	struct str upstream = dash > 0 ? str_sub(text, 0, dash - 1) : text;

	if (upstream.len == 0)
		return false;
	key_number(key, epoch);
	put_parts(upstream, key);
	put_parts(revision, key);
	return true;
}
