/* Owns the change from one log to the next: after a restore, a lost failover, a change of key. */
#ifndef XIEDUN_LEDGER_CONTINUE_H
#define XIEDUN_LEDGER_CONTINUE_H

#include "ledger/ledger.h"

struct ledger_continue {
	struct store *store;
	const struct keyring *keyring;
	const char *origin;    /* as in ledger_config */
	struct anchor *anchor; /* may be NULL */
	struct str reason;     /* must be there; lies in the log as a commitment */
	struct uuid first,
		second; /* accounts of two different people; their rights are the caller's business */
};

/*
 * Closes the open epoch and opens the next, whose first entry holds the last known checkpoint of the old one: the anchor's
 * where that is ahead of the database. Needs no opened ledger and must come before ledger_open has forbidden writes; a
 * sequencer that runs elsewhere follows. MSG_LEDGER_CONTINUE_PEOPLE, MSG_LEDGER_CONTINUE_REASON. Gives the new epoch.
 */
must_use bool ledger_continue(const struct ledger_continue *, int64_t *epoch, struct err *err);

#endif
