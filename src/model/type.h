/* Owns the declaration of a record type: plain data, made from a pack, never changed afterwards. */
#ifndef XIEDUN_MODEL_TYPE_H
#define XIEDUN_MODEL_TYPE_H

#include "base/json_write.h"
#include "identity/scope.h"

enum field_kind {
	FIELD_TEXT,
	FIELD_MARKDOWN,
	FIELD_INTEGER,
	FIELD_DECIMAL, /* scaled integer */
	FIELD_BOOLEAN,
	FIELD_DATE,
	FIELD_INSTANT,
	FIELD_DURATION, /* seconds; ISO 8601 "P3D", "PT4H" */
	FIELD_CHOICE,
	FIELD_CHOICES,
	FIELD_REFERENCE,
	FIELD_PERSON,
	FIELD_ORGANISATION,
	FIELD_NETWORK, /* IP address, prefix or MAC */
	FIELD_KINDS,
};

enum { TYPE_NAME_MAX = 40 };

struct label {
	struct str zh, en;
};

struct choice {
	struct str name;
	struct label label;
};

struct field {
	struct str name;
	struct str was;    /* earlier name, or absent */
	struct str column; /* the name it was first declared with: stays through renames */
	struct label label, help;
	enum field_kind kind;
	enum clearance sensitivity;
	bool sealed; /* encrypted, masked, shown by record_reveal only */
	bool exact;  /* sealed, and found by "=" through a blind index */
	bool audited, required, unique, removed;
	int scale; /* FIELD_DECIMAL: digits behind the point, 0 to 9 */
	int64_t minimum,
		maximum; /* number's value or text's characters; INT64_MIN and INT64_MAX: none */
	const struct choice *choices; /* in ascending order: severity >= high */
	size_t choice_count;
	struct str target; /* FIELD_REFERENCE: type name */
};

struct state {
	struct str name;
	struct label label;
};

struct move {
	struct str name;
	struct label label;
	const struct str *from; /* states */
	size_t from_count;
	struct str to;
	const struct str *required; /* fields that must be filled in afterwards */
	size_t required_count;
	struct str guard; /* filter language over the record, or absent */
	bool not_creator; /* separation of duties: not the person who created the record */
};

/* A composite index: organisation is put in by the model. */
struct type_index {
	const struct str *fields; /* "state", field names */
	size_t count;
};

struct type {
	struct str name; /* "device": lower case, digits, "_", at most 40 bytes */
	struct str pack;
	struct label label, plural;
	int64_t edition;          /* grows by one with each changed declaration */
	bool native;              /* kept by another floor, shown as a source (organisation) */
	bool catalogue;           /* one list for the installation, no organisation */
	bool removed;             /* gone from its pack: records can be read, not written */
	struct str title;         /* field that names a record, or absent */
	struct str number_prefix; /* "D": human number "D-000001"; or absent */
	const struct field *fields;
	size_t field_count;
	const struct state *states; /* first is the initial one; may be none */
	size_t state_count;
	const struct move *moves;
	size_t move_count;
	const struct type_index *indexes;
	size_t index_count;
};

struct type_set {
	const struct type *const *types; /* by name */
	size_t count;
	int64_t generation;
};

/* NULL when there is none of that name. */
const struct type *type_find(const struct type_set *, struct str name);
const struct field *type_field(const struct type *, struct str name);
const struct move *type_move(const struct type *, struct str name);
bool type_has_state(const struct type *, struct str name);

/* The words of packs: "text", "network", …; "public" to "secret". */
const char *field_kind_name(enum field_kind);
const char *clearance_name(enum clearance);

/*
 * The declaration as JSON, with the fields that may be read up to a clearance: for the interface, and to tell whether an
 * edition changed it (which leaves `edition` out).
 */
void type_write_json(const struct type *, bool with_edition, enum clearance, struct json *);

#endif
