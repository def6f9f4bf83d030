/*
 * Owns filters bound to a type: one meaning, compiled to SQL for both databases and evaluated in memory over one record. A
 * comparison with an empty value is false, and "!=" and "not in" are the exact opposites of "=" and "in": doc/filter.md.
 */
#ifndef XIEDUN_MODEL_FILTER_H
#define XIEDUN_MODEL_FILTER_H

#include "base/uuid.h"
#include "crypto/keyring.h"
#include "model/filter_tree.h"
#include "model/sql.h"
#include "model/table.h"

enum condition_kind {
	CONDITION_AND,
	CONDITION_OR,
	CONDITION_COMPARE,  /* one value: = < <= > >= */
	CONDITION_SET,      /* equal to one of the values; none: never */
	CONDITION_RANGES,   /* between a pair of the values */
	CONDITION_CONTAINS, /* text, folded; or a token of several choices */
	CONDITION_EMPTY,
	CONDITION_UNDER, /* an organisation below one of those named by the values */
	CONDITION_NAMED, /* one of the organisations named by the values */
};

/* A bound filter: negations are pushed down to the comparisons. */
struct filter {
	enum condition_kind kind;
	bool negated;
	const struct filter *child, *next;
	const struct column *column;
	enum filter_operator op; /* CONDITION_COMPARE */
	struct value *values;    /* of an organisation: its name, or its id when `number` is set */
	size_t count;
};

/* What the words of a filter stand for in one request; the same instant for all of it. */
struct filter_context {
	enum clearance clearance; /* fields above it are unknown */
	int64_t now;
	int32_t zone;                  /* seconds east of UTC: where a day begins */
	struct uuid account, person;   /* me */
	const struct keyring *keyring; /* for sealed fields; NULL: the filter is only checked */
};

/* NULL in *filter for no condition. Errors name field, value and position. */
must_use bool filter_bind(struct arena *, const struct filter_tree *, const struct table *,
			  const struct filter_context *, const struct filter **filter,
			  struct err *);

/* Appends a condition over the table as t; "1=1" for NULL. */
void filter_sql(const struct filter *, struct sql *);

/* The same over values in the order of the table's columns. `conn` is asked about organisations. */
must_use bool filter_matches(const struct filter *, const struct table *,
			     const struct value *values, struct conn *, bool *matches,
			     struct err *);

/* The name under which a sealed field's values are blinded: "type/field". */
struct digest blind_of(const struct keyring *, const struct table *, const struct field *,
		       struct str value);

#endif
