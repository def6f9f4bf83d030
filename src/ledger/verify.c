#include "ledger/verify.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/memory.h"
#include "base/vec.h"
#include "ledger/entry.h"
#include "ledger/log.h"
#include "ledger/opening.h"
#include "ledger/storage.h"
#include "ledger/verify_index.h"
#include "ledger/verify_side.h"

/* Work is handed out in slices of so many bundles. */
enum { SLICE_TILES = 64, VERIFY_THREADS = 2 };

/* What an epoch must be: its size and root are signed or stand in the next epoch's first entry. */
struct epoch_check {
	struct log_state end;
	struct note_verifier verifier;
	int64_t tiles;         /* of level 0, the unfinished one too */
	struct digest *stored; /* of each level-0 tile: the hash of its stored hashes */
	struct digest *made;   /* and of the entries themselves */
	struct index_sums sums;
};

/* A level-0 hash that differs from its entry; which of them is wrong shows only at the end. */
struct mismatch {
	int64_t epoch, position;
};
struct mismatch_list VEC(struct mismatch);

struct verification {
	const struct ledger_verify *verify;
	struct epoch_check *epochs; /* epoch n at n - 1 */
	int64_t count, entries;
	struct index_key key;

	_Atomic int64_t next_slice, done;
	_Atomic bool index_taken;
	pthread_mutex_t lock; /* for all below */
	struct problems *problems;
	struct mismatch_list mismatches;
	bool failed;
	struct err err;
};

static void add_problem(struct verification *v, const struct err *err)
{
	pthread_mutex_lock(&v->lock);
	problems_add(v->problems, err);
	pthread_mutex_unlock(&v->lock);
}

/* Yields true: the check goes on. Damage of the database itself counts too; all else ends the check. */
static bool problem_or_error(struct verification *v, const struct err *found, struct err *err)
{
	if (message_exit_status(found->message) != EXIT_NO && found->message != MSG_STORE_DAMAGED) {
		*err = *found;
		return false;
	}
	add_problem(v, found);
	return true;
}

/* --- Level 0: entries against their hashes --- */

struct tile_check {
	struct verification *v;
	struct epoch_check *epoch;
	struct hasher hasher;
	struct digest leaf[TILE_WIDTH], stored[TILE_WIDTH];
	int64_t first;
	uint64_t sum;
};

static bool hash_entry(void *context, int64_t position, struct str body, struct err *err)
{
	struct tile_check *check = context;
	int64_t id = 0;

	(void)err;
	check->leaf[position - check->first] = tree_leaf_hash(&check->hasher, body);
	if (!entry_parse_id(body, &id)) {
		struct err form;

		(void)fail(&form, MSG_LEDGER_ENTRY_FORM, check->epoch->end.epoch, position);
		add_problem(check->v, &form);
	}
	check->sum += index_mix(&check->v->key, id, position);
	return true;
}

static void add_mismatch(struct verification *v, int64_t epoch, int64_t position)
{
	const struct mismatch mismatch = { epoch, position };

	pthread_mutex_lock(&v->lock);
	if (v->mismatches.count <= PROBLEMS_MAX)
		vec_push(&v->mismatches, mismatch);
	pthread_mutex_unlock(&v->lock);
}

/* The hash of a tile that may be unfinished: what it adds to the level above, or to the root. */
static struct digest tile_root(struct hasher *hasher, const struct digest *hashes, int64_t count)
{
	struct digest root = { 0 };
	bool begun = false;

	while (count > 0) {
		int64_t part = count & -count;
		struct digest hash = tree_fold(hasher, hashes + (count - part), (size_t)part);

		root = begun ? tree_node_hash(hasher, &hash, &root) : hash;
		begun = true;
		count -= part;
	}
	return root;
}

static bool check_tile(struct conn *conn, struct tile_check *check, int64_t tile, struct err *err)
{
	struct epoch_check *epoch = check->epoch;
	int64_t number = epoch->end.epoch, end = (tile + 1) * TILE_WIDTH;
	struct err found;
	int count;

	check->first = tile * TILE_WIDTH;
	check->sum = 0;
	end = end < epoch->end.size ? end : epoch->end.size;

	int64_t width = end - check->first;
	bool read = bundles_read(conn, number, check->first, end, hash_entry, check, &found);

	if (!read && !problem_or_error(check->v, &found, err))
		return false;
	if (!tile_read(conn, number, 0, tile, check->stored, &count, err))
		return false;
	if (count < width) {
		(void)fail(&found, MSG_LEDGER_TILE_DAMAGED, number, 0, tile);
		add_problem(check->v, &found);
		memcpy(check->stored, check->leaf, sizeof(check->leaf));
	}
	if (!read) /* named already: go on as if it were what the tile says */
		memcpy(check->leaf, check->stored, sizeof(check->leaf));
	epoch->made[tile] = tile_root(&check->hasher, check->leaf, width);
	epoch->stored[tile] = epoch->made[tile];
	epoch->sums.entries[tile] = check->sum;
	if (memcmp(check->leaf, check->stored, (size_t)width * DIGEST_SIZE) == 0)
		return true;
	epoch->stored[tile] = tile_root(&check->hasher, check->stored, width);
	for (int64_t i = 0; i < width; i++) {
		if (!digest_equal(&check->leaf[i], &check->stored[i]))
			add_mismatch(check->v, number, check->first + i);
	}
	return true;
}

struct slice {
	struct verification *v;
	struct epoch_check *epoch;
	int64_t first, end; /* tiles */
};

static bool check_slice(struct conn *conn, void *context, struct err *err)
{
	struct slice *slice = context;
	auto_memory struct tile_check *check = memory_zero(1, sizeof(*check));
	bool done = true;

	check->v = slice->v;
	check->epoch = slice->epoch;
	for (int64_t tile = slice->first; done && tile < slice->end; tile++)
		done = check_tile(conn, check, tile, err);
	hasher_release(&check->hasher);
	return done;
}

/* The number-th slice over all epochs; false behind the last. */
static bool find_slice(struct verification *v, int64_t number, struct slice *slice)
{
	for (int64_t e = 0; e < v->count; e++) {
		int64_t slices = (v->epochs[e].tiles + SLICE_TILES - 1) / SLICE_TILES;

		if (number < slices) {
			int64_t end = (number + 1) * SLICE_TILES;

			slice->v = v;
			slice->epoch = &v->epochs[e];
			slice->first = number * SLICE_TILES;
			slice->end = end < slice->epoch->tiles ? end : slice->epoch->tiles;
			return true;
		}
		number -= slices;
	}
	return false;
}

static bool check_index(struct verification *v, struct err *err);

static bool work(struct verification *v, struct err *err)
{
	struct slice slice;

	if (!atomic_exchange(&v->index_taken, true) && !check_index(v, err))
		return false;
	while (find_slice(v, atomic_fetch_add(&v->next_slice, 1), &slice)) {
		if (!store_read(v->verify->store, check_slice, &slice, err))
			return false;

		int64_t tiles = slice.end - slice.first;
		int64_t done = atomic_fetch_add(&v->done, tiles * TILE_WIDTH) + tiles * TILE_WIDTH;

		if (v->verify->progress)
			v->verify->progress(v->verify->context,
					    done < v->entries ? done : v->entries, v->entries);
	}
	return true;
}

static void *worker(void *context)
{
	struct verification *v = context;
	struct err err;

	if (!work(v, &err)) {
		pthread_mutex_lock(&v->lock);
		v->failed = true;
		v->err = err;
		pthread_mutex_unlock(&v->lock);
	}
	return NULL;
}

static bool work_together(struct verification *v, struct err *err)
{
	pthread_t threads[VERIFY_THREADS];
	int started = 0;

	while (started < VERIFY_THREADS - 1 &&
	       pthread_create(&threads[started], NULL, worker, v) == 0)
		started++;
	(void)worker(v);
	for (int i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	if (v->failed)
		*err = v->err;
	return !v->failed;
}

/* --- The index --- */

static struct index_sums *sums_of(void *context, int64_t epoch, int64_t position)
{
	struct verification *v = context;

	if (epoch < 1 || epoch > v->count || position < 0 ||
	    position >= v->epochs[epoch - 1].end.size)
		return NULL;
	return &v->epochs[epoch - 1].sums;
}

static bool check_index(struct verification *v, struct err *err)
{
	const struct index_scan scan = { v->verify->store, &v->key, sums_of, v };
	struct problems problems = { 0 };
	bool done = index_scan(&scan, &problems, err);

	for (size_t i = 0; i < problems.count; i++)
		add_problem(v, &problems.list[i]);
	problems_release(&problems);
	return done;
}

/* --- The levels above, the root --- */

struct upper {
	struct verification *v;
	struct epoch_check *epoch;
	struct conn *conn;
};

/* One stored tile of a level above 0 against the hashes made from below. */
static bool compare_upper(struct upper *upper, int level, int64_t tile, const struct digest *made,
			  int64_t width, struct err *err)
{
	struct digest stored[TILE_WIDTH];
	struct err found;
	int count;

	if (!tile_read(upper->conn, upper->epoch->end.epoch, level, tile, stored, &count, err))
		return false;
	if (count < width) {
		(void)fail(&found, MSG_LEDGER_TILE_DAMAGED, upper->epoch->end.epoch, level, tile);
		add_problem(upper->v, &found);
		return true;
	}
	for (int64_t byte = 0; byte < width * DIGEST_SIZE; byte++) {
		if (((const uint8_t *)stored)[byte] != ((const uint8_t *)made)[byte]) {
			(void)fail(&found, MSG_LEDGER_BAD_TILE, upper->epoch->end.epoch, level,
				   tile, byte);
			add_problem(upper->v, &found);
			break;
		}
	}
	return true;
}

/*
 * Grows the levels above from the hashes of level 0's tiles, comparing each stored tile with `compare` set; gives the root.
 * The hashes are overwritten.
 */
static bool grow(struct upper *upper, struct digest *hashes, bool compare, struct digest *root,
		 struct err *err)
{
	auto_hasher hasher = { 0 };
	int64_t size = upper->epoch->end.size;
	bool begun = size % TILE_WIDTH != 0;
	struct digest tail = { 0 };

	if (begun)
		tail = hashes[upper->epoch->tiles - 1];
	for (int level = 1; level < TILE_LEVELS && size >> (TILE_HEIGHT * level) > 0; level++) {
		int64_t count = size >> (TILE_HEIGHT * level);

		for (int64_t tile = 0; tile * TILE_WIDTH < count; tile++) {
			const struct digest *made = hashes + tile * TILE_WIDTH;
			int64_t left = count - tile * TILE_WIDTH,
				width = left < TILE_WIDTH ? left : TILE_WIDTH;
			struct digest hash;

			if (compare && !compare_upper(upper, level, tile, made, width, err))
				return false;
			if (width == TILE_WIDTH) {
				hashes[tile] = tree_fold(&hasher, made, TILE_WIDTH);
				continue;
			}
			/* An unfinished tile lies to the left of all unfinished ones below it. */
			for (int64_t rest = width, piece; rest > 0; rest -= piece) {
				piece = rest & -rest;
				hash = tree_fold(&hasher, made + (rest - piece), (size_t)piece);
				tail = begun ? tree_node_hash(&hasher, &hash, &tail) : hash;
				begun = true;
			}
		}
	}
	*root = begun ? tail : tree_empty_root();
	return true;
}

static void name_mismatches(struct verification *v, const struct epoch_check *epoch,
			    bool entries_right, bool tiles_right)
{
	struct err found;

	vec_each (struct mismatch, m, &v->mismatches) {
		int64_t tile = m->position / TILE_WIDTH,
			byte = m->position % TILE_WIDTH * DIGEST_SIZE;

		if (m->epoch != epoch->end.epoch)
			continue;
		if (!entries_right) {
			(void)fail(&found, MSG_LEDGER_BAD_ENTRY, m->epoch, tile, m->position);
			add_problem(v, &found);
		}
		if (!tiles_right) {
			(void)fail(&found, MSG_LEDGER_BAD_TILE, m->epoch, 0, tile, byte);
			add_problem(v, &found);
		}
	}
}

/*
 * Where entries and hashes of level 0 differ, the one that leads to the signed root is right and the other is damaged; the
 * levels above are compared with what is right.
 */
static bool check_root(struct verification *v, struct epoch_check *epoch, struct conn *conn,
		       struct err *err)
{
	size_t bytes = (size_t)epoch->tiles * DIGEST_SIZE;
	bool differ = bytes > 0 && memcmp(epoch->made, epoch->stored, bytes) != 0,
	     entries_right = true;
	auto_memory struct digest *copy = memory_zero((size_t)epoch->tiles + 1, DIGEST_SIZE);
	struct upper upper = { v, epoch, conn };
	struct digest root;
	struct err found;

	if (differ) {
		memcpy(copy, epoch->made, bytes);
		if (!grow(&upper, copy, false, &root, err))
			return false;
		entries_right = digest_equal(&root, &epoch->end.root);
	}
	if (!grow(&upper, entries_right ? epoch->made : epoch->stored, true, &root, err))
		return false;

	bool right = digest_equal(&root, &epoch->end.root);

	name_mismatches(v, epoch, differ && entries_right, !entries_right && right);
	if (!right) {
		(void)fail(&found, MSG_LEDGER_ROOT_DAMAGED, epoch->end.epoch, epoch->end.size);
		add_problem(v, &found);
	}
	return true;
}

/* --- Beginning and end --- */

static bool check_ends(struct conn *conn, void *context, struct err *err)
{
	struct verification *v = context;

	for (int64_t e = 0; e < v->count; e++) {
		if (!check_root(v, &v->epochs[e], conn, err))
			return false;
	}
	return true;
}

static void release(struct verification *v)
{
	for (int64_t e = 0; e < v->count; e++) {
		free(v->epochs[e].stored);
		free(v->epochs[e].made);
		index_sums_release(&v->epochs[e].sums);
	}
	free(v->epochs);
	vec_release(&v->mismatches);
	pthread_mutex_destroy(&v->lock);
}
#define auto_verification cleanup_with(release) struct verification

static bool prepare_epoch(struct verification *v, struct epoch_check *epoch, struct conn *conn,
			  int64_t number, const struct log_state *state, struct err *err)
{
	struct err found;

	epoch->end.epoch = number;
	if (!epoch_end(conn, number, state, &epoch->end, &epoch->verifier, &found) &&
	    !problem_or_error(v, &found, err))
		return false;
	epoch->tiles = (epoch->end.size + TILE_WIDTH - 1) / TILE_WIDTH;
	epoch->stored = memory_zero((size_t)epoch->tiles + 1, DIGEST_SIZE);
	epoch->made = memory_zero((size_t)epoch->tiles + 1, DIGEST_SIZE);
	index_sums_init(&epoch->sums, epoch->tiles);
	v->entries += epoch->end.size;
	return true;
}

/* What is small or must be seen in one snapshot: state, epochs, what lies behind the end, the queue, the anchor. */
static bool check_beginning(struct conn *conn, void *context, struct err *err)
{
	struct verification *v = context;
	const struct side_check side = { conn, v->verify, v->problems };
	struct log_state state;
	bool found;

	if (!state_read(conn, &state, &found, err))
		return false;
	if (!found || state.epoch < 1 || state.size < 0) {
		struct err damage;

		(void)fail(&damage, MSG_LEDGER_STATE_DAMAGED);
		add_problem(v, &damage);
		return true;
	}
	v->count = state.epoch;
	v->epochs = memory_zero((size_t)v->count, sizeof(*v->epochs));
	for (int64_t number = 1; number <= v->count; number++) {
		if (!prepare_epoch(v, &v->epochs[number - 1], conn, number, &state, err))
			return false;
	}
	return side_state(&side, &state, err) && side_anchor(&side, &state, err);
}

static bool check_rest(struct conn *conn, void *context, struct err *err)
{
	struct verification *v = context;
	const struct side_check side = { conn, v->verify, v->problems };

	for (int64_t e = 0; e < v->count; e++) {
		const struct index_compare compare = { conn, v->epochs[e].end.epoch,
						       v->epochs[e].end.size, &v->key,
						       &v->epochs[e].sums };

		if (!side_behind_end(&side, &v->epochs[e].end, e + 1 == v->count, err) ||
		    !index_name_differences(&compare, v->problems, err))
			return false;
	}
	return side_notes(&side, err);
}

bool ledger_verify(const struct ledger_verify *verify, struct problems *problems,
		   struct ledger_verified *to, struct err *err)
{
	auto_verification v = { .verify = verify, .problems = problems };
	struct ledger_verified result = { 0 };

	pthread_mutex_init(&v.lock, NULL);
	index_key_new(&v.key);
	if (!store_read(verify->store, check_beginning, &v, err) || !work_together(&v, err) ||
	    !store_read(verify->store, check_ends, &v, err) ||
	    !store_read(verify->store, check_rest, &v, err) ||
	    !side_pending(verify, problems, &result.waiting, err))
		return false;
	result.epochs = v.count;
	result.entries = v.entries;
	*to = result;
	return true;
}
