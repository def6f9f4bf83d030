/*
 * Owns Merkle trees over SHA-256: hashes and roots of RFC 6962 section 2.1, the growing right edge
 * of a log, proofs and their check. No I/O: what lies to the left of the edge is asked from a
 * callback.
 */
#ifndef XIEDUN_LEDGER_TREE_H
#define XIEDUN_LEDGER_TREE_H

#include "base/err.h"
#include "crypto/digest.h"

/* A tile holds 256 hashes of every eighth level of the tree (C2SP tlog-tiles). */
enum { TILE_WIDTH = 256, TILE_HEIGHT = 8, TILE_LEVELS = 8, TREE_PROOF_MAX = 64 };

/* RFC 6962 section 2.1: SHA-256(0x00 || entry), SHA-256(0x01 || left || right), SHA-256(""). */
struct digest tree_leaf_hash(struct hasher *, struct str entry);
struct digest tree_node_hash(struct hasher *, const struct digest *left,
			     const struct digest *right);
struct digest tree_empty_root(void);

/* The root of `count` (a power of two, at most 256) neighbouring hashes. */
struct digest tree_fold(struct hasher *, const struct digest *hashes, size_t count);

/*
 * The right edge of a growing tree: for each level of tiles the one that is not full yet. Plain
 * data, 64 KiB; the widths follow from the size.
 */
struct tree {
	int64_t size;
	struct digest row[TILE_LEVELS][TILE_WIDTH];
};

/* How many hashes the unfinished tile of a level has in a tree of this size, 0 to 255. */
size_t tile_width_at(int64_t size, int level);

/* Told of each tile that has become full, lower levels first. */
struct tile_sink {
	bool (*full)(void *context, int level, int64_t index,
		     const struct digest hashes[TILE_WIDTH], struct err *);
	void *context;
};

/* Adds a leaf's hash. Fails only when the sink does; the tree is then not usable any more. `sink`
 * may be NULL. */
must_use bool tree_append(struct tree *, struct hasher *, const struct digest *leaf,
			  const struct tile_sink *sink, struct err *err);

struct digest tree_root(const struct tree *, struct hasher *);

/* Gives the hash of node `index` on `level` (0: leaves); asked only for nodes whose leaves all
 * exist. */
struct tree_source {
	bool (*hash)(void *context, int level, int64_t index, struct digest *, struct err *);
	void *context;
};

/* Hashes of a proof, leaf side first. */
struct tree_proof {
	struct digest hash[TREE_PROOF_MAX];
	size_t count;
};

/* The root of the first `size` leaves. */
must_use bool tree_root_of(const struct tree_source *, int64_t size, struct digest *root,
			   struct err *err);

/* RFC 6962 section 2.1.1; 0 <= position < size. */
must_use bool tree_prove_inclusion(const struct tree_source *, int64_t position, int64_t size,
				   struct tree_proof *, struct err *err);

/* RFC 6962 section 2.1.2; 0 < old <= size. */
must_use bool tree_prove_consistency(const struct tree_source *, int64_t old, int64_t size,
				     struct tree_proof *, struct err *err);

/* RFC 9162 section 2.1.3.2. */
bool tree_inclusion_holds(int64_t position, int64_t size, const struct digest *leaf,
			  const struct tree_proof *, const struct digest *root);

/* RFC 9162 section 2.1.4.2. Sizes below 1 never hold: the empty tree is consistent with anything
 * and proves nothing. */
bool tree_consistency_holds(int64_t old, int64_t size, const struct digest *old_root,
			    const struct digest *root, const struct tree_proof *);

/* A digest from bytes; false when they are not exactly 32. */
must_use bool digest_from(struct str bytes, struct digest *);

#endif
