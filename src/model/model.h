/* Owns record types and records: packs to types, types to tables, and the only ways to read and write records. */
#ifndef XIEDUN_MODEL_MODEL_H
#define XIEDUN_MODEL_MODEL_H

#include "identity/identity.h"
#include "model/type.h"

struct model;

extern const struct migration_list model_migrations;

/* Loads the packs that the database holds. `builtin` are installed or upgraded first: a folder with *.yaml, or NULL. */
must_use bool model_open(struct store *, struct ledger *, struct identity *, const struct keyring *,
			 const char *builtin, struct model **, struct err *);
void model_close(struct model *);

/* The types of now. A set is immutable; it lives until released. Adding a pack makes a new set. */
const struct type_set *model_types(struct model *);
void type_set_release(const struct type_set *);

/*
 * Adds or upgrades a pack (YAML text): checks it, changes the tables, stores it, in one transaction with its ledger entry; the
 * types are there when it returns. `problems` has every fault with file, line and what would be right; then the error is
 * MSG_PACK_REFUSED. Other servers on the same database notice within a second.
 */
must_use bool model_pack_add(struct model *, const struct scope *, const struct actor *,
			     const char *file, struct str text, struct problems *, struct err *);
must_use bool model_packs(struct model *, struct json *, struct err *);

/* --- Records. All of them take the scope; JSON goes to the writer ---------------------------------- */

struct record_ref {
	struct uuid id;
	int64_t version;
};

/* `fields` is a map of field name to value, with "id" (UUIDv7, may be absent). The same id and content again gives the same answer. */
must_use bool record_create(struct change *, struct model *, const struct scope *,
			    const struct type *, const struct node *fields, struct problems *,
			    struct record_ref *, struct err *);

/* Only the fields named change. MSG_RECORD_CHANGED when `version` is not the record's own. */
must_use bool record_change(struct change *, struct model *, const struct scope *,
			    const struct type *, const struct uuid *, int64_t version,
			    const struct node *fields, struct problems *, struct record_ref *,
			    struct err *);

must_use bool record_move(struct change *, struct model *, const struct scope *,
			  const struct type *, const struct uuid *, int64_t version,
			  struct str move, const struct node *fields, struct problems *,
			  struct record_ref *, struct err *);

/* One record, masked by the scope. MSG_RECORD_MISSING also when the scope does not reach it. */
must_use bool record_read(struct conn *, struct model *, const struct scope *, const struct type *,
			  const struct uuid *, struct json *, int64_t *version, struct err *);

/* Every version: number, when, who, which fields changed from what, ledger entry. Newest first. */
must_use bool record_history(struct conn *, struct model *, const struct scope *,
			     const struct type *, const struct uuid *, struct json *, struct err *);

struct record_query {
	struct str filter; /* the filter language; absent: all */
	struct str sort;   /* "due", "-due"; absent: newest first */
	struct str cursor; /* from the page before */
	int limit;         /* 1 to 500; 0: 50 */
	bool count;        /* also count, at most 10,001 */
};

/* {"items": […], "next": cursor or null, "count": …} */
must_use bool record_list(struct conn *, struct model *, const struct scope *, const struct type *,
			  const struct record_query *, struct arena *, struct json *, struct err *);

/* Shows one sealed field in clear: a change with one ledger entry. */
must_use bool record_reveal(struct change *, struct model *, const struct scope *,
			    const struct type *, const struct uuid *, struct str field,
			    struct writer *value, struct err *);

/* For verify --deep: every row and version of every type against its commitments in the ledger. */
must_use bool model_verify(struct model *, struct problems *, struct err *);

#endif
