/*
 * Owns one round of sequencing: entries get their positions. What is written is worked out before the transaction; inside
 * it rows are written, read again and compared.
 */
#ifndef XIEDUN_LEDGER_ROUND_H
#define XIEDUN_LEDGER_ROUND_H

#include "base/vec.h"
#include "ledger/state.h"
#include "ledger/tree.h"

enum { ROUND_ENTRIES = 4096 };

/* An entry that gets a position; its body lies in round->bodies. */
struct round_entry {
	int64_t id;
	size_t at, len;
};

/* A tile that has become full; its hashes lie in round->hashes. */
struct round_tile {
	int level;
	int64_t index;
	size_t at;
};

/* A row of entries to write; its bytes lie in round->bundles. It takes the place of all rows from `first` to its bundle's end. */
struct round_bundle {
	int64_t first;
	size_t at, len;
	bool replaces;
};

struct round_entry_list VEC(struct round_entry);
struct round_tile_list VEC(struct round_tile);
struct round_bundle_list VEC(struct round_bundle);
struct digest_list VEC(struct digest);

struct round {
	struct log_epoch epoch;  /* that the entries go to */
	struct log_state before; /* what the fence compares with */
	struct log_state after;
	struct tree tree; /* at size `base`; at the end of the round at `after` */
	struct tree grown;
	int64_t base; /* 0 when the round opens an epoch, else before.size */
	struct hasher hasher;

	struct round_entry_list entries;
	struct writer bodies;
	struct round_tile_list tiles;
	struct digest_list hashes;
	struct round_bundle_list rows;
	struct writer bundles;
	struct writer ids; /* JSON list of the entries' ids */
};
struct round *round_new(void);
void round_free(struct round *);
DEFINE_AUTO(round, round_free)
#define auto_round cleanup_with(auto_free_round) struct round *

/* Begins a round in the open epoch: reads the state; loads the tree when it is not the one of the last round. */
must_use bool round_begin(struct round *, struct conn *, struct err *);

/* Adds an entry. */
void round_add(struct round *, int64_t id, struct str body);

/* Works out tiles, rows and the signed checkpoint of what was added. */
must_use bool round_plan(struct round *, struct conn *, const struct signer *, struct err *);

/*
 * Inside a write transaction: the fence first, then all rows, then the check of what now stands there. MSG_LEDGER_OVERTAKEN
 * when another server was faster; MSG_LEDGER_READ_BACK when the database gives other bytes than it was given. May run again.
 */
must_use bool round_write(struct round *, struct conn *, int64_t now, struct err *);

/* After COMMIT: the round's end is the next one's beginning. */
void round_finish(struct round *);

#endif
