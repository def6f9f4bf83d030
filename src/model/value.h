/* Owns values of fields: from JSON with checks, to JSON, and how they are stored. */
#ifndef XIEDUN_MODEL_VALUE_H
#define XIEDUN_MODEL_VALUE_H

#include "base/node.h"
#include "model/type.h"

enum storage { STORED_INT, STORED_TEXT, STORED_BLOB };

/* What stands in a column. Its storage is the column's. */
struct value {
	bool present; /* false: empty, NULL */
	int64_t number;
	struct str text; /* STORED_TEXT and STORED_BLOB */
};

enum storage field_storage(enum field_kind);

/*
 * Reads and checks a value; null and the empty text are the empty value. Texts may be borrowed from the node, others lie in the
 * arena. Whether a reference's target is there is not looked at. The error names the field.
 */
must_use bool value_read(struct arena *, const struct field *, const struct node *, struct value *,
			 struct err *);

/* As the interface shows it: ids and instants as text, decimals as numbers. */
void value_write_json(const struct field *, const struct value *, struct json *);

bool value_equal(enum storage, const struct value *, const struct value *);
/* Below, at or above 0; both present. */
int value_compare(enum storage, const struct value *, const struct value *);

struct value value_int(int64_t);
struct value value_text(struct str);

/* ISO 8601: weeks, days, hours, minutes and seconds: "P3D", "PT4H", "P1DT12H". */
must_use bool duration_parse(struct str, int64_t *seconds);
void duration_write(int64_t seconds, struct writer *);

/* "12.5" with scale 2: 1250. No exponent, no more digits behind the point than the scale. */
must_use bool decimal_parse(struct str, int scale, int64_t *scaled);
void decimal_write(int64_t scaled, int scale, struct writer *);

/* Position of a choice, or -1. */
int field_choice(const struct field *, struct str name);

#endif
