/*
 * Owns the filter language's text: from characters to a tree of comparisons, without a type. The language is described in
 * doc/filter.md.
 */
#ifndef XIEDUN_MODEL_FILTER_TREE_H
#define XIEDUN_MODEL_FILTER_TREE_H

#include "base/arena.h"
#include "base/err.h"

enum {
	FILTER_TEXT_MAX = 8192,
	FILTER_DEPTH_MAX = 32,
	FILTER_COMPARISONS_MAX = 100,
	FILTER_VALUES_MAX = 500
};

enum literal_kind {
	LITERAL_WORD,     /* high, 超声 */
	LITERAL_TEXT,     /* "ICU" */
	LITERAL_NUMBER,   /* 12, -0.5: as text */
	LITERAL_DATE,     /* 2026-11-24: days */
	LITERAL_INSTANT,  /* 2026-11-24T08:00:00Z: microseconds */
	LITERAL_DURATION, /* 7d: seconds */
	LITERAL_NOW,
	LITERAL_TODAY,
	LITERAL_ME,
};

struct literal {
	enum literal_kind kind;
	struct str text; /* as written, quotes and escapes taken off */
	int64_t number;
	int64_t shift; /* now + 7d: seconds */
	int position;  /* in characters, from 1 */
};

enum filter_operator {
	FILTER_EQUAL,
	FILTER_NOT_EQUAL,
	FILTER_LESS,
	FILTER_LESS_EQUAL,
	FILTER_GREATER,
	FILTER_GREATER_EQUAL,
	FILTER_IN,
	FILTER_NOT_IN,
	FILTER_EMPTY,
	FILTER_NOT_EMPTY,
	FILTER_CONTAINS,
	FILTER_OPERATORS,
};

enum filter_kind { FILTER_AND, FILTER_OR, FILTER_NOT, FILTER_COMPARISON };

struct filter_tree {
	enum filter_kind kind;
	const struct filter_tree *child; /* and, or: two or more; not: one */
	const struct filter_tree *next;  /* in the same and, or */
	struct str field;
	enum filter_operator op;
	int position, op_position; /* of the field, of the operator */
	const struct literal *values;
	size_t count;
};

/* A tree in the arena, borrowing nothing; NULL in *tree for an empty text. The errors are MSG_FILTER_… with the position. */
must_use bool filter_parse(struct arena *, struct str text, const struct filter_tree **tree,
			   struct err *);

/* "=", "is empty", … */
const char *filter_operator_name(enum filter_operator);

#endif
