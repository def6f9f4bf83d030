/* Owns reading the log from one end to the other, for floors above that compare their rows with it. */
#ifndef XIEDUN_LEDGER_VISIT_H
#define XIEDUN_LEDGER_VISIT_H

#include "ledger/entry.h"
#include "store/store.h"

/* Position -1: the entry still waits for one. The entry is borrowed during the call. False ends the visit with *err. */
typedef bool ledger_visit_fn(void *context, int64_t epoch, int64_t position,
			     const struct ledger_entry *, struct err *);

/*
 * Every entry of every epoch in order, then those that wait, in one snapshot. A bundle that cannot be read and an entry that
 * is none end it: MSG_LEDGER_BUNDLE_DAMAGED, MSG_LEDGER_ENTRY_FORM. `conn` is the caller's own read, so that it sees its
 * rows in the same snapshot.
 */
must_use bool ledger_visit(struct conn *, ledger_visit_fn *, void *context, struct err *);

#endif
