#include "ledger/tree.h"

struct digest tree_leaf_hash(struct hasher *hasher, struct str entry)
{
	hasher_start(hasher);
	hasher_add(hasher, (struct str){ "\0", 1 });
	hasher_add(hasher, entry);
	return hasher_finish(hasher);
}

struct digest tree_node_hash(struct hasher *hasher, const struct digest *left,
			     const struct digest *right)
{
	char both[1 + 2 * DIGEST_SIZE];

	both[0] = 1;
	memcpy(both + 1, left->bytes, DIGEST_SIZE);
	memcpy(both + 1 + DIGEST_SIZE, right->bytes, DIGEST_SIZE);
	hasher_start(hasher);
	hasher_add(hasher, (struct str){ both, sizeof(both) });
	return hasher_finish(hasher);
}

struct digest tree_empty_root(void)
{
	return sha256(STR(""));
}

struct digest tree_fold(struct hasher *hasher, const struct digest *hashes, size_t count)
{
	struct digest level[TILE_WIDTH / 2];

	if (count == 1)
		return hashes[0];
	for (size_t i = 0; i < count / 2; i++)
		level[i] = tree_node_hash(hasher, &hashes[2 * i], &hashes[2 * i + 1]);
	for (count /= 2; count > 1; count /= 2) {
		for (size_t i = 0; i < count / 2; i++)
			level[i] = tree_node_hash(hasher, &level[2 * i], &level[2 * i + 1]);
	}
	return level[0];
}

/* The size counted in whole subtrees below one hash of that level of tiles; 2^63 leaves fill eight
 * levels. */
static int64_t tiles_count(int64_t size, int level)
{
	return level >= TILE_LEVELS ? 0 : size >> (TILE_HEIGHT * level);
}

size_t tile_width_at(int64_t size, int level)
{
	return (size_t)(tiles_count(size, level) & (TILE_WIDTH - 1));
}

bool tree_append(struct tree *tree, struct hasher *hasher, const struct digest *leaf,
		 const struct tile_sink *sink, struct err *err)
{
	struct digest hash = *leaf;
	int64_t index = tree->size++;

	for (int level = 0; level < TILE_LEVELS; level++) {
		tree->row[level][index % TILE_WIDTH] = hash;
		if (index % TILE_WIDTH != TILE_WIDTH - 1)
			return true;

		index /= TILE_WIDTH;
		if (sink && !sink->full(sink->context, level, index, tree->row[level], err))
			return false;
		hash = tree_fold(hasher, tree->row[level], TILE_WIDTH);
	}
	return true;
}

/* The largest power of two that divides the positive number. */
static int64_t lowest_bit(int64_t number)
{
	return number & -number;
}

struct digest tree_root(const struct tree *tree, struct hasher *hasher)
{
	struct digest root = tree_empty_root();
	bool begun = false;

	for (int level = 0; level < TILE_LEVELS; level++) {
		int64_t width = (int64_t)tile_width_at(tree->size, level);

		while (width > 0) {
			int64_t part = lowest_bit(width);
			struct digest hash =
				tree_fold(hasher, &tree->row[level][width - part], (size_t)part);

			root = begun ? tree_node_hash(hasher, &hash, &root) : hash;
			begun = true;
			width -= part;
		}
	}
	return root;
}

/*
 * MTH of the leaves [begin, end): `begin` is a multiple of a power of two that is not below the
 * length, so that the range falls into whole subtrees, one for each bit of the length, the smallest
 * at the right.
 */
static bool range_hash(const struct tree_source *source, struct hasher *hasher, int64_t begin,
		       int64_t end, struct digest *hash, struct err *err)
{
	struct digest right = { 0 }, part;
	bool begun = false;

	while (end > begin) {
		int level = __builtin_ctzll((unsigned long long)(end - begin));

		end -= (int64_t)1 << level;
		if (!source->hash(source->context, level, end >> level, &part, err))
			return false;
		right = begun ? tree_node_hash(hasher, &part, &right) : part;
		begun = true;
	}
	*hash = right;
	return true;
}

bool tree_root_of(const struct tree_source *source, int64_t size, struct digest *root,
		  struct err *err)
{
	auto_hasher hasher = { 0 };

	if (size == 0) {
		*root = tree_empty_root();
		return true;
	}
	return range_hash(source, &hasher, 0, size, root, err);
}

/* The largest power of two below `length`, which is at least 2. */
static int64_t split_of(int64_t length)
{
	return (int64_t)1 << (63 - __builtin_clzll((unsigned long long)(length - 1)));
}

static void reverse(struct tree_proof *proof)
{
	for (size_t i = 0; i < proof->count / 2; i++) {
		struct digest hash = proof->hash[i];

		proof->hash[i] = proof->hash[proof->count - 1 - i];
		proof->hash[proof->count - 1 - i] = hash;
	}
}

/* One more hash, going down from the root. */
static bool proof_add(const struct tree_source *source, struct hasher *hasher, int64_t begin,
		      int64_t end, struct tree_proof *proof, struct err *err)
{
	return range_hash(source, hasher, begin, end, &proof->hash[proof->count++], err);
}

bool tree_prove_inclusion(const struct tree_source *source, int64_t position, int64_t size,
			  struct tree_proof *to, struct err *err)
{
	struct tree_proof proof = { .count = 0 };
	auto_hasher hasher = { 0 };
	int64_t begin = 0, end = size;

	assert(position >= 0 && position < size);
	while (end - begin > 1) {
		int64_t middle = begin + split_of(end - begin);
		bool left = position < middle;

		if (!proof_add(source, &hasher, left ? middle : begin, left ? end : middle, &proof,
			       err))
			return false;
		if (left)
			end = middle;
		else
			begin = middle;
	}
	reverse(&proof);
	*to = proof;
	return true;
}

bool tree_prove_consistency(const struct tree_source *source, int64_t old, int64_t size,
			    struct tree_proof *to, struct err *err)
{
	struct tree_proof proof = { .count = 0 };
	auto_hasher hasher = { 0 };
	int64_t begin = 0, end = size;

	assert(old > 0 && old <= size);
	while (end != old) {
		int64_t middle = begin + split_of(end - begin);
		bool left = old <= middle;

		if (!proof_add(source, &hasher, left ? middle : begin, left ? end : middle, &proof,
			       err))
			return false;
		if (left)
			end = middle;
		else
			begin = middle;
	}
	/* A whole old tree needs no hash of itself: the verifier has it. */
	if (begin > 0 && !proof_add(source, &hasher, begin, end, &proof, err))
		return false;
	reverse(&proof);
	*to = proof;
	return true;
}

/* Shifts both until the lowest bit of the first is set or nothing is left of it. */
static void shift_to_right_child(int64_t *node, int64_t *last)
{
	while (*node != 0 && !(*node & 1)) {
		*node >>= 1;
		*last >>= 1;
	}
}

bool tree_inclusion_holds(int64_t position, int64_t size, const struct digest *leaf,
			  const struct tree_proof *proof, const struct digest *root)
{
	auto_hasher hasher = { 0 };
	int64_t node = position, last = size - 1;
	struct digest hash = *leaf;

	if (position < 0 || position >= size || proof->count > TREE_PROOF_MAX)
		return false;
	for (size_t i = 0; i < proof->count; i++) {
		if (last == 0)
			return false;
		if ((node & 1) || node == last) {
			hash = tree_node_hash(&hasher, &proof->hash[i], &hash);
			shift_to_right_child(&node, &last);
		} else {
			hash = tree_node_hash(&hasher, &hash, &proof->hash[i]);
		}
		node >>= 1;
		last >>= 1;
	}
	return last == 0 && digest_equal(&hash, root);
}

bool tree_consistency_holds(int64_t old, int64_t size, const struct digest *old_root,
			    const struct digest *root, const struct tree_proof *proof)
{
	auto_hasher hasher = { 0 };
	int64_t node = old - 1, last = size - 1;
	bool whole = old > 0 && lowest_bit(old) == old;

	if (old < 1 || old > size || proof->count > TREE_PROOF_MAX)
		return false;
	if (old == size)
		return proof->count == 0 && digest_equal(old_root, root);
	if (proof->count == 0)
		return false;

	while (node & 1) {
		node >>= 1;
		last >>= 1;
	}

	struct digest first = whole ? *old_root : proof->hash[0];
	struct digest second = first;

	for (size_t i = whole ? 0 : 1; i < proof->count; i++) {
		const struct digest *hash = &proof->hash[i];

		if (last == 0)
			return false;
		if ((node & 1) || node == last) {
			first = tree_node_hash(&hasher, hash, &first);
			second = tree_node_hash(&hasher, hash, &second);
			shift_to_right_child(&node, &last);
		} else {
			second = tree_node_hash(&hasher, &second, hash);
		}
		node >>= 1;
		last >>= 1;
	}
	return last == 0 && digest_equal(&first, old_root) && digest_equal(&second, root);
}

bool digest_from(struct str bytes, struct digest *digest)
{
	if (bytes.len != DIGEST_SIZE)
		return false;
	memcpy(digest->bytes, bytes.at, DIGEST_SIZE);
	return true;
}
