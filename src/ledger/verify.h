/* Owns the check of a whole log: every entry, hash, index row, epoch and the anchor, each damage named. */
#ifndef XIEDUN_LEDGER_VERIFY_H
#define XIEDUN_LEDGER_VERIFY_H

#include "crypto/keyring.h"
#include "ledger/anchor.h"
#include "store/store.h"

struct ledger_verify {
	struct store *store;
	const struct keyring *keyring;
	struct anchor *anchor; /* may be NULL: not compared */
	/* Told now and then how many of how many entries are done; from any thread. May be NULL. */
	void (*progress)(void *context, int64_t done, int64_t all);
	void *context;
};

struct ledger_verified {
	int64_t epochs;
	int64_t entries;
	int64_t waiting; /* entries without a position, checked too */
};

/*
 * Recomputes the log from its entries. What is wrong goes to `problems`, with epoch, position, level, tile or byte; false is
 * only for what kept it from checking. Works beside a running sequencer: it checks what was there when it began. Two threads.
 */
must_use bool ledger_verify(const struct ledger_verify *, struct problems *,
			    struct ledger_verified *, struct err *);

#endif
