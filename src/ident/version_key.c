#include "ident/version_key.h"

enum { LONG_NUMBER = 0xff };

void key_number(struct writer *key, struct str digits)
{
	while (digits.len > 0 && digits.at[0] == '0')
		skip(&digits, 1);
	/* More digits are a larger number. */
	if (digits.len < LONG_NUMBER) {
		writer_byte(key, (char)digits.len);
	} else {
		writer_byte(key, (char)LONG_NUMBER);
		writer_byte(key, (char)(digits.len >> 8));
		writer_byte(key, (char)digits.len);
	}
	writer_put(key, digits);
}

void key_number_down(struct writer *key, size_t count)
{
	size_t down = 0xffff - count;

	writer_byte(key, (char)(down >> 8));
	writer_byte(key, (char)down);
}

void key_text(struct writer *key, struct str text)
{
	writer_put(key, text);
	writer_byte(key, '\0');
}

void key_folded(struct writer *key, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		writer_byte(key, to_lower(text.at[i]));
	writer_byte(key, '\0');
}

static struct str take(struct str *rest, size_t len)
{
	struct str taken = str_sub(*rest, 0, len);

	skip(rest, len);
	return taken;
}

struct str take_digits(struct str *rest)
{
	size_t len = 0;

	while (len < rest->len && is_digit(rest->at[len]))
		len++;
	return take(rest, len);
}

struct str take_letters(struct str *rest)
{
	size_t len = 0;

	while (len < rest->len && is_letter(rest->at[len]))
		len++;
	return take(rest, len);
}

bool take_byte(struct str *rest, char byte)
{
	if (rest->len == 0 || rest->at[0] != byte)
		return false;
	skip(rest, 1);
	return true;
}

bool same_word(struct str word, const char *lower)
{
	if (word.len != strlen(lower))
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (to_lower(word.at[i]) != lower[i])
			return false;
	return true;
}

bool take_word(struct str *rest, const char *lower)
{
	size_t len = strlen(lower);

	if (!same_word(str_sub(*rest, 0, len), lower))
		return false;
	skip(rest, len);
	return true;
}

bool all_digits(struct str text)
{
	(void)take_digits(&text);
	return text.len == 0 && text.at;
}

bool is_zero(struct str digits)
{
	for (size_t i = 0; i < digits.len; i++)
		if (digits.at[i] != '0')
			return false;
	return true;
}
