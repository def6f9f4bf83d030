/* Owns the Merkle log: C2SP tlog-tiles v0.1.0, tlog-checkpoint v1.0.0, signed-note v1.0.0 over RFC
 * 6962 trees. */
#ifndef XIEDUN_LEDGER_LEDGER_H
#define XIEDUN_LEDGER_LEDGER_H

#include "crypto/keyring.h"
#include "crypto/sign.h"
#include "ledger/anchor.h"
#include "ledger/change.h"
#include "store/migration.h"

struct ledger_config {
	/* The installation's name: "xiedun.example"; epoch N is the log "xiedun.example/N". No spaces, no "+", at most
	 * 136 bytes; only a new epoch takes it. */
	const char *origin;
	struct anchor *anchor; /* borrowed; may be NULL only in tests */
	bool accept_missing_anchor; /* somebody has said that the anchor was lost and shall be made anew */
	bool sequence;    /* start the sequencer thread; one per database wins, by fencing */
	int64_t interval; /* longest wait between rounds, microseconds; 0: 200 ms */
};

extern const struct migration_list ledger_migrations;

/*
 * Opens the log, makes the first epoch when there is none, compares with the anchor. Anchor behind:
 * goes on after a consistency check. Anchor ahead or another tree: writes are forbidden
 * (store_forbid_writes), *ledger is given all the same and ledger_trouble tells.
 */
must_use bool ledger_open(struct store *, const struct keyring *, const struct ledger_config *,
			  struct ledger **, struct err *);

/* Sequences what is left, publishes, stops. */
void ledger_close(struct ledger *);
DEFINE_AUTO(ledger, ledger_close)
#define auto_ledger cleanup_with(auto_free_ledger) struct ledger *

/* NULL, or what is wrong (an error of this floor); borrowed for the ledger's life. */
const struct err *ledger_trouble(struct ledger *);

struct ledger_status {
	int64_t epoch;     /* from 1 on */
	int64_t size;      /* entries published */
	int64_t waiting;   /* entries without a position */
	int64_t published; /* instant of the last checkpoint */
	struct digest root;
};
must_use bool ledger_status(struct ledger *, struct ledger_status *, struct err *);

/* The last published checkpoint, a signed note. */
must_use bool ledger_checkpoint(struct ledger *, struct writer *, struct err *);

/*
 * What stands under a path of the log: "checkpoint", "tile/0/x001/234.p/5", "tile/entries/000",
 * with "epoch/N/" before it for a closed epoch. MSG_LEDGER_NO_TILE when there is none (yet).
 */
must_use bool ledger_file(struct ledger *, struct str path, struct writer *, struct err *);

/* Blocks until the entry has a published position (or the limit in microseconds passes:
 * MSG_LEDGER_WAITING). */
must_use bool ledger_wait(struct ledger *, int64_t entry, int64_t limit, int64_t *position,
			  struct err *);

/* The position of an entry of the current epoch; *found false while it is waiting. */
must_use bool ledger_position(struct ledger *, int64_t entry, int64_t *epoch, int64_t *position,
			      bool *found, struct err *);

/* A c2sp.org/tlog-proof@v1 text: inclusion of a position in the published checkpoint. Its hashes
 * also as plain list. */
must_use bool ledger_prove(struct ledger *, int64_t position, struct writer *, struct err *);

/* The verifier key of the log: "name+hex+base64" (signed-note). */
void ledger_verifier_key(struct ledger *, struct writer *);

/* Prometheus text. */
void ledger_metrics(struct ledger *, struct writer *);

#endif
