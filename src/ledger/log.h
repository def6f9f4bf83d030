/* Owns the log's inner state, shared by the files of this floor and by nobody else. */
#ifndef XIEDUN_LEDGER_LOG_H
#define XIEDUN_LEDGER_LOG_H

#include <pthread.h>
#include <stdatomic.h>

#include "ledger/ledger.h"
#include "ledger/peer.h"
#include "ledger/state.h"

/* Room for "/" and the epoch's number behind the origin. */
enum { ORIGIN_MAX = NOTE_NAME_SIZE - 24 };

/* What the outside may see: set only after the anchor has it. */
struct published {
	struct log_state state;
	int64_t instant;
};

/* A trouble that was shown stays in memory, for others hold pointers to it; many different ones are not kept. */
enum { TROUBLES_MAX = 100 };
struct trouble {
	struct err err;
	struct trouble *older;
};

/* Positions given lately, so that whoever waits for one need not ask the database: a slot for each hash of an entry number. */
enum { RECENT_SLOTS = 16384 };
struct recent {
	int64_t entry, position;
};

struct figures {
	_Atomic int64_t rounds, overtaken, failures, anchor_failures, refused;
};

struct ledger {
	struct store *store;
	const struct keyring *keyring;
	struct anchor *anchor; /* borrowed, may be NULL */
	int64_t interval;
	char origin[NOTE_NAME_SIZE]; /* without the epoch */

	struct signer *signer;
	struct digest pending_key; /* authenticates rows of ledger_pending */
	struct peer_cache *peers;
	_Atomic int64_t last_entry; /* the highest entry number given out */
	struct figures figures;

	pthread_t thread; /* the sequencer */
	bool running;

	pthread_mutex_t lock;
	pthread_cond_t work;        /* for the sequencer */
	pthread_cond_t changed;     /* something was published */
	struct published published; /* under the lock, like all below */
	struct trouble *troubles;   /* the newest first */
	int trouble_count;
	const struct err *trouble; /* the one of now, or NULL */
	bool broken;               /* the trouble does not go away by itself */
	int64_t signals;           /* grows with each change */
	int waiting;               /* callers of ledger_wait */
	int64_t adoptions;         /* publications of what other servers have sequenced */
	struct recent *recent;
	bool stopping;
};

/* Authenticates a pending entry: nobody without the keys can slip one in by SQL. */
struct digest pending_key(const struct keyring *);
struct digest pending_seal(const struct digest *key, struct str body);
/* The row of ledger_pending is what change_entry has written. */
bool pending_valid(const struct digest *key, int64_t id, struct str body, struct str seal);

/* The signing key, from the keyring's KEY_LEDGER. */
must_use bool log_keys(const struct keyring *, struct signer **, struct err *);

/* "origin/N": each epoch is a log of its own and has its own name. */
void epoch_name(struct str origin, int64_t number, char name[NOTE_NAME_SIZE]);

/* Wakes the sequencer. */
void ledger_signal(struct ledger *);

/* Waits for one of the two conditions at most so many microseconds; the lock is held. */
void ledger_pause(struct ledger *, pthread_cond_t *, int64_t limit);

/* The slot of an entry number. */
struct recent *ledger_recent(struct ledger *, int64_t entry);

/* What ledger_trouble tells. A broken log stays so: its writes are forbidden. */
void ledger_trouble_set(struct ledger *, const struct err *, bool broken);
void ledger_trouble_clear(struct ledger *);
bool ledger_is_broken(struct ledger *);

/* A copy of what is published. */
struct published ledger_published(struct ledger *);

#endif
