/* RubyGems: Gem::Version, "How Gem::Version compares" and <=>. */
#include "base/vec.h"
#include "ident/version_key.h"

/*
 * Segments are compared as if an endless row of zeros stood behind them, and a text is below a number. So what matters of a run of zeros is
 * how long it is and whether it leads to a text (then the version is below its end) or to a number (then above).
 */
enum {
	TEXT_NOW = 1,
	TEXT_BEHIND_ZEROS = 2,
	SEGMENTS_END = 3,
	NUMBER_BEHIND_ZEROS = 4,
	NUMBER_NOW = 5
};

struct segments VEC(struct str);

static bool split_segments(struct str text, struct segments *segments)
{
	while (text.len > 0) {
		char c = text.at[0];
		struct str digits = take_digits(&text), letters = take_letters(&text);

		if (digits.len > 0)
			vec_push(segments, digits);
		if (letters.len > 0)
			vec_push(segments, letters);
		if (digits.len + letters.len > 0)
			continue;
		if (c != '.' && c != '-')
			return false;
		if (c == '-') /* "1.0-2" is 1.0.pre.2 */
			vec_push(segments, STR("pre"));
		skip(&text, 1);
	}
	return true;
}

/* Gem::Version#canonical_segments: zeros at the end of the leading numbers and of the whole do not count. */
static void drop_zeros(struct segments *segments, size_t from)
{
	size_t end = from;

	while (end < segments->count && all_digits(segments->at[end]))
		end++;
	for (; end > from && is_zero(segments->at[end - 1]); end--) {
		memmove(segments->at + end - 1, segments->at + end,
			(segments->count - end) * sizeof(*segments->at));
		segments->count--;
	}
	while (segments->count > 0 && all_digits(segments->at[segments->count - 1]) &&
	       is_zero(segments->at[segments->count - 1]))
		segments->count--;
}

static void put_segments(const struct segments *segments, struct writer *key)
{
	size_t zeros = 0;

	vec_each (const struct str, one, segments) {
		bool number = all_digits(*one);

		if (number && is_zero(*one)) {
			zeros++;
			continue;
		}
		if (number) {
			writer_byte(key, zeros > 0 ? NUMBER_BEHIND_ZEROS : NUMBER_NOW);
			if (zeros > 0)
				key_number_down(key, zeros);
			key_number(key, *one);
		} else {
			writer_byte(key, zeros > 0 ? TEXT_BEHIND_ZEROS : TEXT_NOW);
			if (zeros > 0) {
				writer_byte(key, (char)(zeros >> 8));
				writer_byte(key, (char)zeros);
			}
			key_text(key, *one);
		}
		zeros = 0;
	}
	writer_byte(key, SEGMENTS_END);
}

bool key_gem(struct str text, struct writer *key)
{
	struct segments segments = { 0 };
	bool valid = is_digit(first_of(text)) && split_segments(text, &segments);

	if (valid) {
		drop_zeros(&segments, 0);
		put_segments(&segments, key);
	}
	vec_release(&segments);
	return valid;
}
