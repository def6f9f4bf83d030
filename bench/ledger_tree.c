/* The tree alone: leaves of 300 bytes hashed and appended in a second, and the time of one proof, all in memory, one thread. */
#include "base/clock.h"
#include "base/memory.h"
#include "base/vec.h"
#include "bench.h"
#include "ledger/tree.h"

enum { LEAVES = 4000000, LEAF_SIZE = 300, PROOFS = 20000 };

struct digests VEC(struct digest);

/* Full tiles, as the database would hold them. */
struct memory {
	struct tree *tree;
	struct digests level[TILE_LEVELS];
	struct hasher hasher;
};

static bool keep(void *context, int level, int64_t index unused,
		 const struct digest hashes[TILE_WIDTH], struct err *err unused)
{
	struct memory *memory = context;

	for (int i = 0; i < TILE_WIDTH; i++)
		vec_push(&memory->level[level], hashes[i]);
	return true;
}

static bool node(void *context, int level, int64_t index, struct digest *hash,
		 struct err *err unused)
{
	struct memory *memory = context;
	int row = level / TILE_HEIGHT, height = level % TILE_HEIGHT;
	int64_t first = index << height, full = (int64_t)memory->level[row].count;
	const struct digest *at = first < full ? memory->level[row].at + first
					       : memory->tree->row[row] + (first - full);

	*hash = tree_fold(&memory->hasher, at, (size_t)1 << height);
	return true;
}

int main(void)
{
	static char leaf[LEAF_SIZE];
	struct memory memory = { .tree = memory_zero(1, sizeof(struct tree)) };
	const struct tile_sink sink = { keep, &memory };
	const struct tree_source source = { node, &memory };
	struct tree_proof proof;
	struct err err;
	int64_t begun = clock_elapsed(), took;

	for (int i = 0; i < LEAVES; i++) {
		memcpy(leaf, &i, sizeof(i));

		struct digest hash =
			tree_leaf_hash(&memory.hasher, (struct str){ leaf, LEAF_SIZE });

		if (!tree_append(memory.tree, &memory.hasher, &hash, &sink, &err))
			abort();
	}
	took = clock_elapsed() - begun;
	bench_machine();
	printf("ledger tree: %.2f million leaves/s (%d leaves of %d bytes, one thread, goal 1)\n",
	       (double)LEAVES / (double)took, LEAVES, LEAF_SIZE);

	begun = clock_elapsed();
	for (int64_t i = 0; i < PROOFS; i++) {
		if (!tree_prove_inclusion(&source, i * 7919 % LEAVES, LEAVES, &proof, &err))
			abort();
	}
	took = clock_elapsed() - begun;
	printf("ledger proof: %.1f µs (%d hashes, tree of %d in memory, mean of %d, goal 100)\n",
	       (double)took / PROOFS, (int)proof.count, LEAVES, PROOFS);
	for (int i = 0; i < TILE_LEVELS; i++)
		vec_release(&memory.level[i]);
	hasher_release(&memory.hasher);
	free(memory.tree);
	return 0;
}
