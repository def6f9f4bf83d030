#include "base/vec.h"
#include "ident/version_words.h"

/* Behind the words: a number that begins a segment stands below one that follows a dot. */
enum { SEGMENT_NUMBER = 0x30, DOT_NUMBER = 0x40 };

struct token {
	struct str text;
	bool number;
	bool segment; /* begins one: behind a hyphen, at a change between digits and letters, or a pre-release */
	unsigned char rank; /* of a word */
};

struct tokens VEC(struct token);

static unsigned char rank_of(struct str word, bool digit_follows, const struct word_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		if (same_word(word, rules->words[i].word) &&
		    (digit_follows || !rules->words[i].before_number))
			return rules->words[i].rank;
	return WORD_OTHER;
}

static bool separates(char c, const struct word_rules *rules)
{
	if (!rules->loose)
		return c == '.' || c == '-';
	return !is_digit(c) && !is_letter(c) && (unsigned char)c < 0x80;
}

static struct str take_word_bytes(struct str *rest, const struct word_rules *rules)
{
	size_t len = 0;

	while (len < rest->len && !is_digit(rest->at[len]) && !separates(rest->at[len], rules))
		len++;

	struct str word = str_sub(*rest, 0, len);

	skip(rest, len);
	return word;
}

static void split_tokens(struct str text, const struct word_rules *rules, struct tokens *tokens)
{
	bool hyphen = false, separated = true; /* what stood before the token */

	while (text.len > 0) {
		struct token token = { .text = take_digits(&text), .number = true };

		token.segment = tokens->count > 0 && (hyphen || !separated);
		if (token.text.len == 0) {
			token.text = take_word_bytes(&text, rules);
			token.number = token.text.len == 0; /* nothing between two separators: 0 */
		}
		if (!token.number) {
			token.rank = rank_of(token.text, is_digit(first_of(text)), rules);
			token.segment |= rules->loose || token.rank <= WORD_NONE;
		}
		if (token.text.len > 0 || !rules->loose)
			vec_push(tokens, token);
		separated = text.len > 0 && separates(text.at[0], rules);
		hyphen = false;
		while (text.len > 0 && separates(text.at[0], rules)) {
			hyphen |= text.at[0] != '.';
			skip(&text, 1);
			if (!rules->loose)
				break;
		}
	}
}

/* A segment's end weighs nothing where it is 0 or a word for the release itself: "1.0.0-foo.0.0" is 1-foo. */
static void trim_segments(struct tokens *tokens)
{
	size_t kept = 0, floor = 0;

	for (size_t i = 0; i <= tokens->count; i++) {
		if (i == tokens->count || tokens->at[i].segment) {
			while (kept > floor && (tokens->at[kept - 1].number
							? is_zero(tokens->at[kept - 1].text)
							: tokens->at[kept - 1].rank == WORD_NONE))
				kept--;
			floor = kept;
		}
		if (i < tokens->count)
			tokens->at[kept++] = tokens->at[i];
	}
	tokens->count = kept;
}

void key_words(struct str text, const struct word_rules *rules, struct writer *key)
{
	struct tokens tokens = { 0 };

	split_tokens(text, rules, &tokens);
	trim_segments(&tokens);
	vec_each (const struct token, token, &tokens) {
		if (token->number) {
			writer_byte(key, token->segment ? SEGMENT_NUMBER : DOT_NUMBER);
			key_number(key, token->text);
			continue;
		}
		writer_byte(key, (char)token->rank);
		if (token->rank == WORD_OTHER)
			key_folded(key, token->text);
	}
	writer_byte(key, WORD_NONE);
	vec_release(&tokens);
}

/*
 * Maven, POM Reference, "Version Order Specification". Its rules alone give a circle, 1 < 1-1 < 1.0.alpha < 1; so zeros are trimmed before
 * ".alpha" as before "-alpha", as Maven does since 3.9 (MNG-7644).
 */
bool key_maven(struct str text, struct writer *key)
{
	static const struct version_word words[] = {
		{ "alpha", WORD_FIRST, false },
		{ "a", WORD_FIRST, true },
		{ "beta", WORD_FIRST + 1, false },
		{ "b", WORD_FIRST + 1, true },
		{ "milestone", WORD_FIRST + 2, false },
		{ "m", WORD_FIRST + 2, true },
		{ "rc", WORD_FIRST + 3, false },
		{ "cr", WORD_FIRST + 3, false },
		{ "snapshot", WORD_FIRST + 4, false },
		{ "ga", WORD_NONE, false },
		{ "final", WORD_NONE, false },
		{ "release", WORD_NONE, false },
		{ "sp", WORD_PACK, false },
	};
	static const struct word_rules rules = { words, nitems(words), false };

	key_words(text, &rules, key);
	return true;
}

static const struct version_word generic_words[] = {
	{ "dev", WORD_FIRST, false },
	{ "nightly", WORD_FIRST, false },
	{ "alpha", WORD_FIRST + 1, false },
	{ "a", WORD_FIRST + 1, true },
	{ "beta", WORD_FIRST + 2, false },
	{ "b", WORD_FIRST + 2, true },
	{ "milestone", WORD_FIRST + 3, false },
	{ "m", WORD_FIRST + 3, true },
	{ "pre", WORD_FIRST + 4, false },
	{ "preview", WORD_FIRST + 4, false },
	{ "prerelease", WORD_FIRST + 4, false },
	{ "rc", WORD_FIRST + 5, false },
	{ "cr", WORD_FIRST + 5, false },
	{ "snapshot", WORD_FIRST + 6, false },
	{ "ga", WORD_NONE, false },
	{ "final", WORD_NONE, false },
	{ "release", WORD_NONE, false },
	{ "sp", WORD_PACK, false },
};

void key_words_generic(struct str text, struct writer *key)
{
	static const struct word_rules rules = { generic_words, nitems(generic_words), true };

	key_words(text, &rules, key);
}

bool is_no_version(struct str text)
{
	static const char *const words[] = { "unknown", "unspecified", "none", "n/a",
					     "na",      "any",         "all",  "tbd" };

	for (size_t i = 0; i < nitems(words); i++)
		if (same_word(text, words[i]))
			return true;
	for (size_t i = 0; i < text.len; i++)
		if (is_digit(text.at[i]) || is_letter(text.at[i]) ||
		    (unsigned char)text.at[i] >= 0x80)
			return false;
	return true;
}

/* For what no specification describes: numbers and words in turn, any separator, zeros at the end without weight. */
bool key_generic(struct str text, struct writer *key)
{
	struct str rest = text;

	if (is_no_version(text))
		return false;
	if (take_word(&rest, "version") || take_word(&rest, "ver") || take_word(&rest, "v")) {
		while (first_of(rest) == '.' || first_of(rest) == ' ')
			skip(&rest, 1);
		text = is_digit(first_of(rest)) ? rest : text;
	}
	key_words_generic(text, key);
	return true;
}
