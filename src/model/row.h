/*
 * Owns one record as it lies in the database: reading it, its canonical body, its commitment, and its earlier versions.
 *
 * The canonical body is the JSON object of the row's columns that are not empty, sorted by column name, in their stored
 * form: integers as numbers, texts as strings, bytes (ids, sealed values) as base64. The internal key, the salt and the number of
 * the ledger entry are no part of it. record_version keeps of each superseded version what the next one changed.
 */
#ifndef XIEDUN_MODEL_ROW_H
#define XIEDUN_MODEL_ROW_H

#include "ledger/change.h"
#include "model/sql.h"
#include "model/table.h"

struct row {
	int64_t id;
	int64_t entry;
	uint8_t salt[SALT_SIZE];
	struct str path;         /* of its organisation; absent in a catalogue */
	struct str organisation; /* its public id, or absent */
	struct value *values;    /* in the order of the table's columns */
};

/* The row that a query by `select` stands on, copied into the arena; false when the arena is full. */
must_use bool row_take(struct arena *, const struct table *, struct query *, struct row *);

/* By public id. */
must_use bool row_find(struct conn *, struct arena *, const struct table *, const struct uuid *,
		       struct row *, bool *found, struct err *);

/* A copy whose values may be changed; false when the arena is full. */
must_use bool row_copy(struct arena *, const struct table *, const struct row *, struct row *);

struct value *row_at(const struct table *, const struct row *, enum column_role);
int64_t row_version(const struct table *, const struct row *);
struct uuid row_uuid(const struct table *, const struct row *);

void row_write_body(const struct table *, const struct value *values, struct writer *);
struct commitment row_commitment(const struct table *, const struct row *);

/* What turns `now` back into `before`: column names with their former values, null for empty. */
void row_write_difference(const struct table *, const struct value *now, const struct value *before,
			  struct writer *);

/*
 * Goes from the present version back to the first: `visit` is given each one, newest first. Texts live in the arena. A
 * version that is not there, or cannot be read, is MSG_RECORD_VERSION_LOST.
 */
typedef bool row_visit_fn(void *context, const struct row *, struct err *);
must_use bool row_versions(struct conn *, struct arena *, const struct table *,
			   const struct row *now, row_visit_fn *, void *context, struct err *);

#endif
