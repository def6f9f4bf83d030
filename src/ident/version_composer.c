/* Composer, which compares with PHP's version_compare(): PHP manual, "version_compare". */
#include "ident/version_key.h"

/* "any string not found < dev < alpha = a < beta = b < RC = rc < # < pl = p"; # is a number, and the end stands just below it. */
enum { OTHER_WORD = 1, DEV, ALPHA, BETA, CANDIDATE, PARTS_END, PART_NUMBER, PATCH };

/* Looked for in this order, and a word that begins with one of them counts as it: "patch2", "beta". */
static const struct {
	const char *word;
	char rank;
} words[] = {
	{ "dev", DEV }, { "alpha", ALPHA },  { "a", ALPHA },  { "beta", BETA },
	{ "b", BETA },  { "rc", CANDIDATE }, { "pl", PATCH }, { "p", PATCH },
};

static char rank_of(struct str word)
{
	for (size_t i = 0; i < nitems(words); i++) {
		struct str rest = word;

		if (take_word(&rest, words[i].word))
			return words[i].rank;
	}
	return OTHER_WORD;
}

/* What VersionParser::normalize() fills up to: 1.0 and 1.0.0 are both 1.0.0.0. */
enum { NUMBERS_FILLED = 4 };

bool key_composer(struct str text, struct writer *key)
{
	struct str rest = text;
	size_t numbers = 0;
	bool leading = true; /* no word came */

	if (take_word(&rest, "v") && is_digit(first_of(rest)))
		text = rest;
	while (text.len > 0 || leading) {
		struct str digits = take_digits(&text);
		struct str letters = take_letters(&text);

		if (digits.len > 0) {
			writer_byte(key, PART_NUMBER);
			key_number(key, digits);
			numbers++;
		}
		if (leading && (letters.len > 0 || text.len == 0)) {
			for (; numbers > 0 && numbers < NUMBERS_FILLED; numbers++) {
				writer_byte(key, PART_NUMBER);
				key_number(key, STR_NONE);
			}
			leading = false;
		}
		if (letters.len > 0)
			writer_byte(key, rank_of(letters));
		if (digits.len + letters.len == 0)
			skip(&text, 1);
	}
	writer_byte(key, PARTS_END);
	return true;
}
