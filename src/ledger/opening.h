/* Owns the comparison of the log with itself and with its anchor: at the start, and whenever another server moved it. */
#ifndef XIEDUN_LEDGER_OPENING_H
#define XIEDUN_LEDGER_OPENING_H

#include "ledger/anchor.h"
#include "ledger/state.h"

/* The signed checkpoint says what the columns beside it say, and the key is the one of the epoch. */
must_use bool state_signed(struct conn *, const struct log_state *, const struct signer *,
			   struct err *);

/*
 * What the first entry of the epoch behind `epoch` says of it: the last known checkpoint, and what the database held of it
 * (the same, but after a restore). MSG_LEDGER_EPOCH_CHAIN when it says nothing valid.
 */
must_use bool chain_read(struct conn *, const struct log_epoch *epoch, struct log_state *known,
			 struct log_state *kept, struct err *);

/* The signed checkpoint, the columns beside it and the tiles say the same; the key is the one of the epoch. */
must_use bool state_whole(struct conn *, const struct log_state *, const struct signer *,
			  struct err *);

/*
 * `to` is `from` or grew out of it: a consistency proof, or the chain of epochs. MSG_LEDGER_ANCHOR_AHEAD when it is less,
 * MSG_LEDGER_ANCHOR_FORK when it is another tree.
 */
must_use bool state_follows(struct conn *, const struct log_state *from, const struct log_state *to,
			    struct err *);

/* The state that the anchor's note tells. MSG_LEDGER_ANCHOR_DAMAGED when no key of ours has signed it. */
must_use bool anchor_read(struct conn *, const struct anchor_state *, struct log_state *,
			  struct err *);

#endif
