/* Owns the log's inner state, shared by the files of this floor and by nobody else. */
#ifndef XIEDUN_LEDGER_LOG_H
#define XIEDUN_LEDGER_LOG_H

#include <pthread.h>
#include <stdatomic.h>

#include "ledger/ledger.h"
#include "ledger/peer.h"
#include "ledger/state.h"

/* What the outside may see: set only after the anchor has it. */
struct published {
	struct log_state state;
	int64_t instant;
};

/* Room for "/" and the epoch's number behind the origin. */
enum { ORIGIN_MAX = NOTE_NAME_SIZE - 24 };

struct ledger {
	struct store *store;
	const struct keyring *keyring;
	struct anchor *anchor; /* borrowed, may be NULL */
	int64_t interval;
	bool sequence;
	char origin[NOTE_NAME_SIZE]; /* without the epoch */

	struct signer *signer;
	struct digest pending_key; /* authenticates rows of ledger_pending */
	struct peer_cache *peers;
	_Atomic int64_t last_entry; /* the highest entry number given out */

	pthread_mutex_t lock;
	pthread_cond_t changed;     /* work for the sequencer, or something was published */
	struct published published; /* under the lock, like all below */
	struct err trouble;
	int64_t signals; /* grows with each change */
	bool stopping;
};

/* Authenticates a pending entry: nobody without the keys can slip one in by SQL. */
struct digest pending_seal(const struct ledger *, struct str body);

/* The signing key, from the keyring's KEY_LEDGER. */
must_use bool log_keys(const struct keyring *, struct signer **, struct err *);

/* "origin/N": each epoch is a log of its own and has its own name. */
void epoch_name(struct str origin, int64_t number, char name[NOTE_NAME_SIZE]);

/* Wakes the sequencer. */
void ledger_signal(struct ledger *);

#endif
