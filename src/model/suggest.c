#include "model/suggest.h"

enum { WORD_MAX = 64 };

/* Levenshtein's distance in bytes, swaps of neighbours counted as one change (optimal string alignment). */
static size_t edit_distance(struct str a, struct str b)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b.len; j++)
		above[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t best = above[j - 1] + (a.at[i - 1] != b.at[j - 1]);

			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] &&
			    a.at[i - 2] == b.at[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}

		size_t *spare = before;

		before = above;
		above = row;
		row = spare;
	}
	return above[b.len];
}

struct suggestion suggestion_for(struct str meant)
{
	/* One change in a short word, a third of a long one: further away it would be a guess. */
	size_t allowed = meant.len < 3 ? 1 : (meant.len + 2) / 3;

	return (struct suggestion){ .meant = meant, .distance = allowed + 1 };
}

void suggestion_try(struct suggestion *suggestion, struct str known)
{
	if (suggestion->meant.len > WORD_MAX || known.len > WORD_MAX)
		return;

	size_t distance = edit_distance(suggestion->meant, known);

	if (distance < suggestion->distance) {
		suggestion->distance = distance;
		suggestion->best = known;
	}
}
