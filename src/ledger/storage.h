/* Owns the rows of tiles and bundles: the log's bytes as the database holds them. */
#ifndef XIEDUN_LEDGER_STORAGE_H
#define XIEDUN_LEDGER_STORAGE_H

#include "ledger/state.h"
#include "ledger/tree.h"

/* The hashes of one tile's row, at most 256; *count is 0 when there is no row, and -1 when its length is none of a tile. */
must_use bool tile_read(struct conn *, int64_t epoch, int level, int64_t index,
			struct digest hashes[TILE_WIDTH], int *count, struct err *);
must_use bool tile_write(struct conn *, int64_t epoch, int level, int64_t index,
			 const struct digest *hashes, size_t count, struct err *);

/* The right edge of a tree of this size, from the unfinished tiles. MSG_LEDGER_TILE_DAMAGED when one is missing or short. */
must_use bool tree_load(struct conn *, int64_t epoch, int64_t size, struct tree *, struct err *);

/* Nodes of a stored tree; keeps the last tile of each level. */
struct stored_tree {
	struct conn *conn;
	int64_t epoch;
	struct hasher hasher;
	struct {
		int64_t index;
		int count;
		bool loaded;
		struct digest hashes[TILE_WIDTH];
	} level[TILE_LEVELS];
};
struct stored_tree *stored_tree_new(struct conn *, int64_t epoch);
void stored_tree_free(struct stored_tree *);
DEFINE_AUTO(stored_tree, stored_tree_free)
#define auto_stored_tree cleanup_with(auto_free_stored_tree) struct stored_tree *

/* MSG_LEDGER_TILE_DAMAGED where a tile is missing or too short. */
struct tree_source stored_tree_source(struct stored_tree *);

/*
 * Calls `entry` for each entry in [first, end), in order; `first` begins a row (a multiple of 256, or where a row was begun).
 * MSG_LEDGER_BUNDLE_DAMAGED names the bundle where entries are missing or too many. The body is borrowed during the call.
 */
typedef bool bundle_entry_fn(void *context, int64_t position, struct str body, struct err *);
must_use bool bundles_read(struct conn *, int64_t epoch, int64_t first, int64_t end,
			   bundle_entry_fn *entry, void *context, struct err *);

/* Adds a row of entries from position `first` on. */
must_use bool bundle_insert(struct conn *, int64_t epoch, int64_t first, struct str data,
			    struct err *);

/* Removes the rows that begin in [first, end). */
must_use bool bundles_delete(struct conn *, int64_t epoch, int64_t first, int64_t end,
			     struct err *);

/* The entries in [first, end) as one bundle's bytes. */
must_use bool bundle_collect(struct conn *, int64_t epoch, int64_t first, int64_t end,
			     struct writer *, struct err *);

#endif
