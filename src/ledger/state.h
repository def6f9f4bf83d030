/* Owns the ledger's tables and the one row that tells how far the log reaches. */
#ifndef XIEDUN_LEDGER_STATE_H
#define XIEDUN_LEDGER_STATE_H

#include "ledger/checkpoint.h"
#include "store/query.h"

enum { CHECKPOINT_NOTE_SIZE = 1024 };

/* How far the log reaches; `note` is the signed checkpoint of it. */
struct log_state {
	int64_t epoch;
	int64_t size;
	struct digest root;
	char note[CHECKPOINT_NOTE_SIZE];
};

/* A row of ledger_epoch. For a closed one `last` is its end. */
struct log_epoch {
	int64_t number;
	struct note_verifier verifier; /* origin and key */
	bool closed;
	struct log_state last;
};

must_use bool state_read(struct conn *, struct log_state *, bool *found, struct err *);

/* Makes the one row; for the first epoch. */
must_use bool state_insert(struct conn *, const struct log_state *, int64_t now, struct err *);

/*
 * The fence: moves the row from `old` to `new`, *won false when another has moved it since. Whoever
 * wins owns the positions between; everything else of a round happens in the same transaction.
 */
must_use bool state_advance(struct conn *, const struct log_state *old, const struct log_state *new,
			    int64_t now, bool *won, struct err *);

must_use bool epoch_read(struct conn *, int64_t number, struct log_epoch *, bool *found,
			 struct err *);
must_use bool epoch_insert(struct conn *, const struct log_epoch *, int64_t now, struct err *);
must_use bool epoch_close(struct conn *, const struct log_state *last, int64_t now, struct err *);

/* Signs the checkpoint of epoch, size and root into state->note. `origin` is the epoch's own. */
must_use bool state_sign(struct log_state *, struct str origin, const struct signer *,
			 struct err *);

#endif
