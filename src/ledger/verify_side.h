/* Owns the checks beside the tree: state and anchor, ends of epochs, what lies behind them, the queue, the erasable notes. */
#ifndef XIEDUN_LEDGER_VERIFY_SIDE_H
#define XIEDUN_LEDGER_VERIFY_SIDE_H

#include "ledger/state.h"
#include "ledger/verify.h"

struct side_check {
	struct conn *conn;
	const struct ledger_verify *verify;
	struct problems *problems;
};

/*
 * How far an epoch reaches: the open one by the state, a closed one by the first entry of the next. Differences to its row are
 * MSG_LEDGER_EPOCH_CHAIN; *end then still tells what the row says.
 */
must_use bool epoch_end(struct conn *, int64_t number, const struct log_state *state,
			struct log_state *end, struct note_verifier *, struct err *);

/* The signature of the checkpoint, by the key in the keyring. */
must_use bool side_state(const struct side_check *, const struct log_state *, struct err *);
must_use bool side_anchor(const struct side_check *, const struct log_state *, struct err *);

/* Rows of bundles and tiles that no checkpoint covers; the open epoch may have grown since. */
must_use bool side_behind_end(const struct side_check *, const struct log_state *end, bool open,
			      struct err *);

/* Every text in ledger_note against its commitment. */
must_use bool side_notes(const struct side_check *, struct err *);

/* Every waiting entry against its seal. */
must_use bool side_pending(const struct ledger_verify *, struct problems *, int64_t *count,
			   struct err *);

#endif
