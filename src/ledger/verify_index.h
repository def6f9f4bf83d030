/*
 * Owns the check of ledger_index against the entries. Both sides are summed up for each bundle under a secret key, so that ten
 * million rows are compared without looking up one; only a bundle whose sums differ is looked at row by row.
 */
#ifndef XIEDUN_LEDGER_VERIFY_INDEX_H
#define XIEDUN_LEDGER_VERIFY_INDEX_H

#include "store/query.h"

struct index_key {
	uint64_t word[3];
};
void index_key_new(struct index_key *);
uint64_t index_mix(const struct index_key *, int64_t entry, int64_t position);

/* A sum for each bundle of an epoch. */
struct index_sums {
	uint64_t *entries, *rows;
	int64_t bundles;
};
void index_sums_init(struct index_sums *, int64_t bundles);
void index_sums_release(struct index_sums *);

struct index_scan {
	struct store *store;
	const struct index_key *key;
	/* Where a row belongs, or NULL when there is no such position in the log that is checked. */
	struct index_sums *(*sums_of)(void *context, int64_t epoch, int64_t position);
	void *context;
};

/* Sums up all rows. A row that points nowhere is named. */
must_use bool index_scan(const struct index_scan *, struct problems *, struct err *);

struct index_compare {
	struct conn *conn;
	int64_t epoch, size;
	const struct index_key *key;
	const struct index_sums *sums;
};

/* Names the rows of bundles whose sums differ: wrong, missing, too many. */
must_use bool index_name_differences(const struct index_compare *, struct problems *, struct err *);

#endif
