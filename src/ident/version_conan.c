/* Conan: "Version ranges" in its reference, and the order of its model Version. */
#include "ident/version_key.h"

enum { ITEMS_END = 1, ITEM_NUMBER = 2, ITEM_TEXT = 3 };

/* Where the items end but for zeros. */
static size_t without_zeros(struct str text)
{
	for (;;) {
		size_t dot = text.len;

		while (dot > 0 && text.at[dot - 1] != '.')
			dot--;

		struct str last = str_sub(text, dot, text.len);

		if (!all_digits(last) || last.len == 0 || !is_zero(last))
			return text.len;
		if (dot == 0)
			return 0;
		text.len = dot - 1;
	}
}

/*
 * Conan compares a number with any other item as texts, so that 2 < 10 < "1a" < 2; here an item's leading digits are compared as a number
 * first: 1 < "1a" < 2 < 10.
 */
static void put_items(struct str text, struct writer *key)
{
	struct str item;

	text.len = without_zeros(text);
	while (text.len > 0 && str_split(&text, '.', &item)) {
		struct str digits = take_digits(&item);

		writer_byte(key, digits.len > 0 ? ITEM_NUMBER : ITEM_TEXT);
		if (digits.len > 0)
			key_number(key, digits);
		key_folded(key, item);
	}
	writer_byte(key, ITEMS_END);
}

bool key_conan(struct str text, struct writer *key)
{
	size_t plus = text.len, dash;
	struct str build = STR_NONE, pre = STR_NONE;

	for (size_t i = text.len; i > 0 && plus == text.len; i--)
		if (text.at[i - 1] == '+')
			plus = i - 1;
	if (plus < text.len)
		build = str_sub(text, plus + 1, text.len);
	text = str_sub(text, 0, plus);
	dash = str_find(text, '-');
	if (dash < text.len)
		pre = str_sub(text, dash + 1, text.len);
	if (dash == 0)
		return false;

	put_items(str_sub(text, 0, dash), key);
	/* "2-" is below every pre-release of 2. */
	writer_byte(key, dash < text.len ? 1 : 2);
	if (dash < text.len)
		put_items(pre, key);
	writer_byte(key, plus < text.len + build.len + 1 && build.at ? 2 : 1);
	if (build.at)
		put_items(build, key);
	return true;
}
