/* Owns tables: how a record type lies in the database, and the SQL texts that follow from it. */
#ifndef XIEDUN_MODEL_TABLE_H
#define XIEDUN_MODEL_TABLE_H

#include "base/arena.h"
#include "model/value.h"
#include "store/query.h"

enum { RECORD_COUNT_MAX = 10000 };

/* What a column holds besides a field of the pack. */
enum column_role {
	COLUMN_FIELD,
	COLUMN_BLIND, /* the blind index of a sealed field */
	COLUMN_ID,
	COLUMN_ORGANISATION,
	COLUMN_NUMBER,
	COLUMN_STATE,
	COLUMN_MOVE,
	COLUMN_VERSION,
	COLUMN_EDITION,
	COLUMN_CREATED,
	COLUMN_CREATED_BY,
	COLUMN_CHANGED,
	COLUMN_CHANGED_BY,
	COLUMN_ROLES,
};

struct column {
	enum column_role role;
	const struct field
		*field;   /* name, kind, sensitivity; a made one for what every record has */
	const char *name; /* in the table: "f_due" */
	const char *sql;  /* in a query over the table as t: "t.f_due" */
	enum storage storage;
	bool nullable;
	bool account; /* holds an account's id, not a person's */
};

struct table {
	struct type type;           /* first: see table_of */
	const struct type_set *set; /* the set that it belongs to */
	const char *name;           /* "r_device" */
	const struct column *columns;
	size_t count;
	size_t at[COLUMN_ROLES]; /* index of what there is once, or SIZE_MAX */
	const size_t *sorted;    /* indexes by column name, for the canonical body */
	const char *read_permission;
	const char *select; /* SELECT id, salt, entry, path, organisation, columns … FROM … */
	const char *insert;
};

/* Columns of `select` before the table's own. */
enum { SELECT_ID, SELECT_SALT, SELECT_ENTRY, SELECT_PATH, SELECT_ORGANISATION, SELECT_COLUMNS };

/* The table of a type that came out of a set of this model. */
const struct table *table_of(const struct type *);

/* In the arena; NULL when it is full. `set` is where references find their types. */
const struct table *table_new(struct arena *, const struct type *, const struct type_set *set);

/* By the name that interface and filter use; NULL for a name that is not there or lies above the clearance. */
const struct column *table_column(const struct table *, struct str name, enum clearance);
const struct column *table_role(const struct table *, enum column_role);
/* The blind index of a sealed field, or NULL. */
const struct column *table_blind(const struct table *, const struct field *);
size_t column_index(const struct table *, const struct column *);

/* The fields that a suggestion may name. */
bool column_is_shown(const struct column *, enum clearance);

/* Creates what `now` has and `before` (NULL: nothing) has not: tables, columns, indexes; drops undeclared indexes. */
must_use bool table_migrate(struct conn *, const struct table *before, const struct table *now,
			    struct err *);

/* The field whose UNIQUE index or column the store's error names, or NULL. */
const struct field *table_duplicate(const struct table *, const struct err *);

#endif
