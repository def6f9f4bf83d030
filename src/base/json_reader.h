/* Owns the state of a JSON reader, shared by its two halves: structure (json_read.c) and strings,
 * numbers and words (json_text.c). */
#ifndef XIEDUN_BASE_JSON_READER_H
#define XIEDUN_BASE_JSON_READER_H

#include "base/json_keys.h"
#include "base/json_window.h"

/* What may come next. */
enum json_step {
	STEP_COLON,         /* behind a key */
	STEP_FIRST_KEY,     /* behind { */
	STEP_FIRST_ELEMENT, /* behind [ */
	STEP_IN_OBJECT,     /* behind a value in an object */
	STEP_IN_ARRAY,      /* behind a value in an array */
	STEP_DONE,          /* behind the one value */
	STEP_BEGIN,         /* before the first byte, or the next of several values */
	STEP_ERROR,
};

struct level {
	char kind;        /* '{' or '[' */
	size_t first_key; /* in keys */
};

struct json_reader {
	struct window window;
	enum json_step step;
	enum json_token last;
	int depth, limit_depth;
	struct level *levels; /* 1 to depth */
	bool lines, count_duplicates;
	struct json_keys keys;
	int64_t duplicates;
	struct str value;
	struct {
		char *at;
		size_t len, size;
	} plain; /* a string with escapes, unescaped */
	struct err err;
};

/* Each reads the token that begins at window.token, or gives JSON_ERROR; a string's plain beginning was read up to window.at. */
enum json_token text_string(struct json_reader *, enum json_token);
enum json_token text_number(struct json_reader *);
/* No word at all is given for letters that begin none. */
enum json_token text_word(struct json_reader *, struct str word, enum json_token);

/*
 * All yield JSON_ERROR. The first adds the place of window.at to an error that is set; the second
 * sets one that quotes the byte at window.at (MSG_JSON_CUT at the end of the text); the third
 * quotes `found`. An error that stands is never replaced.
 */
enum json_token json_stop(struct json_reader *);
enum json_token json_wrong(struct json_reader *, enum message);
enum json_token json_wrong_text(struct json_reader *, enum message, struct str found);

#endif
