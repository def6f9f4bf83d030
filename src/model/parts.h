/* Owns what the files of this floor share: the opened model and its sets of types. */
#ifndef XIEDUN_MODEL_PARTS_H
#define XIEDUN_MODEL_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "model/model.h"
#include "model/pack.h"
#include "model/table.h"

struct model {
	struct store *store;
	struct ledger *ledger;
	struct identity *identity;
	const struct keyring *keyring;
	int32_t zone; /* seconds east of UTC */
	pthread_mutex_t lock;
	struct held_set *current; /* under the lock */
	_Atomic int64_t looked;   /* clock_elapsed of the last look at the generation */
};

/* A set with what it lives in. */
struct held_set {
	struct type_set set; /* first */
	struct arena *arena;
	const struct pack **packs; /* the newest edition of each */
	size_t pack_count;
	struct role *roles;
	struct str *role_packs; /* whose each role is */
	size_t role_count;
	_Atomic int users;
};

/* Reads all packs from the database and joins them in the order in which they came. */
must_use bool set_load(struct conn *, struct held_set **, struct err *);
void set_free(struct held_set *);

#endif
