/* Owns versions of numbers and words in turn, where known words stand below or above the plain version; for version_*.c only. */
#ifndef XIEDUN_IDENT_VERSION_WORDS_H
#define XIEDUN_IDENT_VERSION_WORDS_H

#include "ident/version_key.h"

/* Ranks of words. WORD_NONE weighs nothing; below it stand pre-releases in their order. */
enum { WORD_FIRST = 1, WORD_NONE = 0x20, WORD_PACK = 0x21, WORD_OTHER = 0x22 };

struct version_word {
	const char *word;
	unsigned char rank;
	bool before_number; /* only where a digit follows at once: "a1" */
};

struct word_rules {
	const struct version_word *words;
	size_t count;
	bool loose; /* all that is no letter or digit separates, and separators in a row count once */
};

void key_words(struct str text, const struct word_rules *, struct writer *key);

/* The key of the tolerant scheme, without the texts that it refuses. */
void key_words_generic(struct str text, struct writer *key);

/* Texts that stand in a version's place and are none: "unknown", "n/a", "*"; and those without a letter or digit. */
bool is_no_version(struct str text);

#endif
