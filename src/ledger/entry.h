/* Owns the text of an entry: one JSON object with fixed keys in a fixed order (doc/ledger.md,
 * "Entries"). */
#ifndef XIEDUN_LEDGER_ENTRY_H
#define XIEDUN_LEDGER_ENTRY_H

#include "base/uuid.h"
#include "base/writer.h"
#include "ledger/change.h"

/* An entry as it stands in the log. Zero digests, an absent text and a zero `second` stand for keys
 * that are not there. */
struct ledger_entry {
	int64_t id;
	int64_t time;
	struct uuid actor;
	struct str action, type;
	struct uuid subject;
	int64_t version;
	struct commitment before, after;
	struct digest document;
	struct commitment peer, reason;
	struct uuid second; /* "ledger.continue": the other person */
	struct str known;   /* "ledger.continue": base64 of the last known checkpoint of the epoch
			       before */
	struct str kept;    /* the same of what the database held, where that is less */
};

/* True for what may stand as action or type: 1 to 63 of a-z, A-Z, 0-9, ".", "_" and "-". */
bool entry_word_valid(struct str);

bool digest_is_zero(const struct digest *);

void entry_write(const struct ledger_entry *, struct writer *);

/* Strict: true only for what entry_write gives. Texts are borrowed from the body. */
must_use bool entry_parse(struct str body, struct ledger_entry *);

/* The id alone. */
must_use bool entry_parse_id(struct str body, int64_t *id);

#endif
