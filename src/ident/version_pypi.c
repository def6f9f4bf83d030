/* Python: PEP 440, and below it the versions from before. */
#include "ident/version_key.h"

enum { LEGACY = 1, PEP440 = 2 };
enum { LIST_END = 1, LIST_TEXT = 2, LIST_NUMBER = 3 };
enum { LOWEST = 1, HIGHEST = 9 };

struct release {
	struct str epoch, numbers; /* numbers: "1.0.2" */
	int stage;                 /* 2 a, 3 b, 4 rc; 0: none */
	bool post, dev;
	struct str stage_number, post_number, dev_number;
	struct str local; /* absent: none */
};

static const struct {
	const char *word;
	int stage;
} stages[] = {
	{ "alpha", 2 },   { "a", 2 },   { "beta", 3 }, { "b", 3 },
	{ "preview", 4 }, { "pre", 4 }, { "rc", 4 },   { "c", 4 },
};

static void take_separator(struct str *rest)
{
	if (first_of(*rest) == '.' || first_of(*rest) == '-' || first_of(*rest) == '_')
		skip(rest, 1);
}

/* Takes "[-_.]?WORD[-_.]?digits?"; without the word nothing is taken. */
static bool take_part(struct str *rest, const char *word, struct str *number)
{
	struct str part = *rest;

	take_separator(&part);
	if (!take_word(&part, word))
		return false;
	*rest = part;
	take_separator(&part);
	if (is_digit(first_of(part)))
		*rest = part;
	*number = take_digits(rest);
	return true;
}

static bool take_post(struct str *rest, struct release *release)
{
	static const char *const words[] = { "post", "rev", "r" };

	if (first_of(*rest) == '-' && rest->len > 1 && is_digit(rest->at[1])) {
		skip(rest, 1);
		release->post_number = take_digits(rest);
		return true;
	}
	for (size_t i = 0; i < nitems(words); i++)
		if (take_part(rest, words[i], &release->post_number))
			return true;
	return false;
}

static bool local_valid(struct str local)
{
	bool wanted = true; /* a letter or digit must come */

	for (size_t i = 0; i < local.len; i++) {
		bool separator = strchr("._-", local.at[i]) != NULL;

		if (separator ? wanted : !is_letter(local.at[i]) && !is_digit(local.at[i]))
			return false;
		wanted = separator;
	}
	return !wanted;
}

/* PEP 440, "Parsing version strings with regular expressions". */
static bool read_release(struct str text, struct release *release)
{
	struct str rest = text, digits;

	(void)take_word(&rest, "v");
	digits = take_digits(&rest);
	if (digits.len > 0 && take_byte(&rest, '!')) {
		release->epoch = digits;
		digits = take_digits(&rest);
	}
	if (digits.len == 0)
		return false;
	release->numbers = digits;
	while (rest.len > 1 && rest.at[0] == '.' && is_digit(rest.at[1])) {
		skip(&rest, 1);
		digits = take_digits(&rest);
	}
	release->numbers.len = (size_t)(digits.at + digits.len - release->numbers.at);
	for (size_t i = 0; i < nitems(stages) && release->stage == 0; i++)
		if (take_part(&rest, stages[i].word, &release->stage_number))
			release->stage = stages[i].stage;
	release->post = take_post(&rest, release);
	release->dev = take_part(&rest, "dev", &release->dev_number);
	if (take_byte(&rest, '+')) {
		release->local = rest;
		return local_valid(rest);
	}
	return rest.len == 0;
}

/* Zeros at the end do not count. */
static void put_release_numbers(struct str numbers, struct writer *key)
{
	struct str one;

	while (numbers.len > 0 && strchr("0.", numbers.at[numbers.len - 1])) {
		size_t zeros = numbers.len;

		while (zeros > 0 && numbers.at[zeros - 1] == '0')
			zeros--;
		if (zeros > 0 && numbers.at[zeros - 1] != '.')
			break;
		numbers.len = zeros > 0 ? zeros - 1 : 0;
	}
	while (numbers.len > 0 && str_split(&numbers, '.', &one)) {
		writer_byte(key, LIST_NUMBER);
		key_number(key, one);
	}
	writer_byte(key, LIST_END);
}

/* PEP 440, "Local version identifiers": numbers above texts, more segments above fewer. */
static void put_local(struct str local, struct writer *key)
{
	while (local.len > 0) {
		size_t len = 0;

		while (len < local.len && !strchr("._-", local.at[len]))
			len++;

		struct str one = str_sub(local, 0, len);

		writer_byte(key, all_digits(one) ? LIST_NUMBER : LIST_TEXT);
		if (all_digits(one))
			key_number(key, one);
		else
			key_folded(key, one);
		skip(&local, len + 1);
	}
	writer_byte(key, LIST_END);
}

/* PEP 440, "Summary of permitted suffixes and relative ordering". */
static void put_release(const struct release *release, struct writer *key)
{
	bool dev_alone = release->dev && release->stage == 0 && !release->post;

	key_number(key, release->epoch);
	put_release_numbers(release->numbers, key);
	if (release->stage > 0) {
		writer_byte(key, (char)release->stage);
		key_number(key, release->stage_number);
	} else {
		writer_byte(key, dev_alone ? LOWEST : HIGHEST);
	}
	writer_byte(key, release->post ? HIGHEST : LOWEST);
	if (release->post)
		key_number(key, release->post_number);
	writer_byte(key, release->dev ? LOWEST : HIGHEST);
	if (release->dev)
		key_number(key, release->dev_number);
	put_local(release->local, key);
}

/* What setuptools turned a word of an old version into. */
static const struct {
	const char *word, *stands;
} legacy_words[] = { { "pre", "c" }, { "preview", "c" }, { "rc", "c" }, { "dev", "@" } };

static struct str legacy_word(struct str word)
{
	for (size_t i = 0; i < nitems(legacy_words); i++)
		if (same_word(word, legacy_words[i].word))
			return str_of(legacy_words[i].stands);
	return word;
}

/*
 * Versions that PEP 440 does not know stand below all that it knows, as in packaging's LegacyVersion: "-" before a pre-release and zeros
 * before a word do not count, and a word is above "final" when its letters are.
 */
static void put_legacy(struct str text, struct writer *key)
{
	enum { WORD_BELOW = 1, FINAL = 2, DASH = 3, WORD_ABOVE = 4, WORD_NUMBER = 5 };
	size_t zeros = 0, dashes = 0;

	while (text.len > 0) {
		struct str digits = take_digits(&text), word = STR_NONE;

		if (digits.len == 0) {
			word = take_letters(&text);
			if (word.len == 0) {
				dashes += text.at[0] == '-';
				zeros = text.at[0] == '-' ? 0 : zeros;
				word = str_sub(text, 0, 1);
				skip(&text, 1);
				if (word.at[0] == '.' || word.at[0] == '-')
					continue;
			}
			word = legacy_word(word);
		}
		if (digits.len > 0 && is_zero(digits)) {
			zeros++;
			continue;
		}

		bool below = digits.len == 0 && to_lower(word.at[0]) < 'f';

		for (; digits.len > 0 && zeros > 0; zeros--) {
			writer_byte(key, WORD_NUMBER);
			key_number(key, STR_NONE);
		}
		for (; !below && dashes > 0; dashes--)
			writer_byte(key, DASH);
		zeros = dashes = 0;
		writer_byte(key, digits.len > 0 ? WORD_NUMBER : below ? WORD_BELOW : WORD_ABOVE);
		if (digits.len > 0)
			key_number(key, digits);
		else
			key_folded(key, word);
	}
	writer_byte(key, FINAL);
}

bool key_pypi(struct str text, struct writer *key)
{
	struct release release = { 0 };

	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == ' ')
			return false;
	if (read_release(text, &release)) {
		writer_byte(key, PEP440);
		put_release(&release, key);
	} else {
		writer_byte(key, LEGACY);
		put_legacy(text, key);
	}
	return true;
}
