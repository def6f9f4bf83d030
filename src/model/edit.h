/* Owns the editing of one record inside a change: fields are taken in and checked, then the row, its version and its entry written. */
#ifndef XIEDUN_MODEL_EDIT_H
#define XIEDUN_MODEL_EDIT_H

#include "model/parts.h"
#include "model/row.h"

struct edit {
	struct change *change;
	const struct model *model;
	const struct scope *scope;
	const struct table *table;
	struct problems *problems;
	enum clearance clearance;
	struct uuid id;
	struct row before; /* values NULL: a new record */
	struct row now;
	bool touched; /* some field differs */
};

/* The record as it is, if the scope reaches it (else MSG_RECORD_MISSING), at this version (else MSG_RECORD_CHANGED). */
must_use bool edit_open(struct edit *, int64_t version, struct err *);

/* Takes in a map of fields; `only` (may be NULL) limits which. Mistakes go to the problems. */
must_use bool edit_fields(struct edit *, const struct node *fields, const struct move *only,
			  struct err *);

/* Required fields are there; then MSG_RECORD_INVALID when there are problems. */
must_use bool edit_check(struct edit *, struct err *);

void edit_problem(struct edit *, struct str field, struct err *);

/* Writes what is new with its entry. `action`: "create", "change", "move.retire". */
must_use bool edit_insert(struct edit *, struct record_ref *, struct err *);
must_use bool edit_update(struct edit *, const char *action, struct str move, struct record_ref *,
			  struct err *);

/* The clear text of a sealed field. The writer is the caller's to wipe. */
must_use bool row_unseal(const struct model *, const struct table *, const struct row *,
			 const struct column *, struct writer *plain, struct err *);

/* "device.change" for an entry; when it would be too long, without what follows the first word. */
const char *edit_action(struct arena *, const struct table *, const char *what);

#endif
