/*
 * Owns the change: one write transaction with its ledger entries. Every write of the program goes
 * through it, but the sequencer's own and those of marks that are no record (last use of a
 * session).
 */
#ifndef XIEDUN_LEDGER_CHANGE_H
#define XIEDUN_LEDGER_CHANGE_H

#include "base/arena.h"
#include "base/uuid.h"
#include "crypto/digest.h"
#include "store/query.h"

struct ledger;

enum { SALT_SIZE = 16 };

/* Who changes something, as the door knows it. Borrowed. */
struct actor {
	struct uuid account;   /* all zero: the system itself */
	struct str address;    /* the peer's network address, may be absent: erasable side table */
	struct str user_agent; /* may be absent: erasable side table */
	struct str reason;     /* may be absent: erasable side table */
};

/* A commitment to a body: SHA-256 over a domain tag, the salt and the body. The zero digest: "there
 * was none". */
struct commitment {
	struct digest digest;
};
struct commitment commitment_to(const uint8_t salt[SALT_SIZE], struct str body);
void salt_new(uint8_t salt[SALT_SIZE]);

struct change {
	struct conn *conn;
	struct arena *arena; /* cleared before each run of apply */
	struct ledger *ledger;
	const struct actor *actor;
	int64_t now; /* the instant of the change, the same in every run */
	void *prepared;
	int entries;
	bool nothing; /* set by an apply that found all as it should be, and wrote nothing */
	struct commitment peer, reason; /* of the actor, in every entry of the change */
	bool collided; /* another server gave out the same entry number: the change runs again */
};

/* One entry: what happened to which version of what. */
struct entry {
	const char *action; /* "device.create", "session.open", "account.disable": ASCII, at most 63
			       bytes */
	const char *type;   /* "device", "account" */
	struct uuid subject;
	int64_t version; /* of the subject after the change, from 1 on; 0: has no versions */
	struct commitment before, after;
	struct str document; /* SHA-256 of an imported document, 32 bytes; may be absent */
};

typedef bool change_apply_fn(struct change *, struct err *);

/*
 * Runs `apply` in one transaction together with the entries that it adds, and returns after COMMIT.
 * An apply that succeeds without adding an entry or saying "nothing" is a broken invariant. Memory of one run: at most
 * 16 MiB.
 */
must_use bool ledger_change(struct ledger *, const struct actor *, change_apply_fn *apply,
			    void *prepared, struct err *);

/* Adds an entry; *id (may be NULL) is its number in this ledger, to be stored beside the version.
 */
must_use bool change_entry(struct change *, const struct entry *, int64_t *id, struct err *);

#endif
