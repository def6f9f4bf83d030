#include "ledger/round.h"

#include "base/memory.h"
#include "ledger/bundle.h"
#include "ledger/storage.h"

struct round *round_new(void)
{
	struct round *round = memory_zero(1, sizeof(*round));

	round->tree.size = -1;
	return round;
}

void round_free(struct round *round)
{
	if (!round)
		return;
	hasher_release(&round->hasher);
	vec_release(&round->entries);
	writer_release(&round->bodies);
	vec_release(&round->tiles);
	vec_release(&round->hashes);
	vec_release(&round->rows);
	writer_release(&round->bundles);
	writer_release(&round->ids);
	free(round);
}

static void round_clear(struct round *round)
{
	round->entries.count = 0;
	round->tiles.count = 0;
	round->hashes.count = 0;
	round->rows.count = 0;
	writer_clear(&round->bodies);
	writer_clear(&round->bundles);
	writer_clear(&round->ids);
}

/* Also against memory that has changed under us: the edge in hand must give the root that was signed. */
static bool tree_fits(struct round *round)
{
	struct digest root;

	if (round->tree.size != round->before.size)
		return false;
	root = tree_root(&round->tree, &round->hasher);
	return digest_equal(&root, &round->before.root);
}

bool round_begin(struct round *round, struct conn *conn, struct err *err)
{
	int64_t epoch = round->before.epoch;
	bool found;

	round_clear(round);
	if (!state_read(conn, &round->before, &found, err))
		return false;
	if (!found)
		return fail(err, MSG_LEDGER_STATE_DAMAGED);
	round->base = round->before.size;
	if (epoch == round->before.epoch && tree_fits(round))
		return true;

	if (!epoch_read(conn, round->before.epoch, &round->epoch, &found, err))
		return false;
	if (!found)
		return fail(err, MSG_LEDGER_EPOCH_MISSING, round->before.epoch);
	if (!tree_load(conn, round->before.epoch, round->before.size, &round->tree, err))
		return false;
	return tree_fits(round) ||
	       fail(err, MSG_LEDGER_ROOT_DAMAGED, round->before.epoch, round->before.size);
}

void round_add(struct round *round, int64_t id, struct str body)
{
	const struct round_entry entry = { .id = id, .at = round->bodies.len, .len = body.len };

	writer_put(&round->bodies, body);
	vec_push(&round->entries, entry);
}

static struct str round_body(const struct round *round, const struct round_entry *entry)
{
	return (struct str){ round->bodies.at + entry->at, entry->len };
}

/* --- Planning --- */

static bool keep_tile(void *context, int level, int64_t index,
		      const struct digest hashes[TILE_WIDTH], struct err *err)
{
	struct round *round = context;
	const struct round_tile tile = { level, index, round->hashes.count };

	(void)err;
	for (int i = 0; i < TILE_WIDTH; i++)
		vec_push(&round->hashes, hashes[i]);
	vec_push(&round->tiles, tile);
	return true;
}

static bool plan_tree(struct round *round, struct err *err)
{
	const struct tile_sink sink = { keep_tile, round };

	memcpy(&round->grown, &round->tree, sizeof(round->grown));
	vec_each (struct round_entry, entry, &round->entries) {
		struct digest leaf = tree_leaf_hash(&round->hasher, round_body(round, entry));

		if (!tree_append(&round->grown, &round->hasher, &leaf, &sink, err))
			return false;
	}
	return true;
}

/* A bundle that becomes full is written whole, in place of the rows that it grew from. */
static bool plan_bundles(struct round *round, struct conn *conn, struct err *err)
{
	int64_t position = round->base, end = round->base + (int64_t)round->entries.count;

	while (position < end) {
		int64_t begin = position / TILE_WIDTH * TILE_WIDTH, stop = begin + TILE_WIDTH;
		struct round_bundle row = { .first = position, .at = round->bundles.len };

		if (stop <= end && position > begin) {
			row.first = begin;
			row.replaces = true;
			if (!bundle_collect(conn, round->after.epoch, begin, position,
					    &round->bundles, err))
				return false;
		}
		for (; position < stop && position < end; position++)
			bundle_put(&round->bundles,
				   round_body(round, &round->entries.at[position - round->base]));
		row.len = round->bundles.len - row.at;
		vec_push(&round->rows, row);
	}
	return true;
}

bool round_plan(struct round *round, struct conn *conn, const struct signer *signer,
		struct err *err)
{
	const char *separator = "[";

	round->after = (struct log_state){ .epoch = round->epoch.number,
					   .size = round->base + (int64_t)round->entries.count };
	if (!plan_tree(round, err) || !plan_bundles(round, conn, err))
		return false;
	vec_each (struct round_entry, entry, &round->entries) {
		writer_text(&round->ids, separator);
		writer_int(&round->ids, entry->id);
		separator = ",";
	}
	writer_byte(&round->ids, ']');
	round->after.root = tree_root(&round->grown, &round->hasher);
	return state_sign(&round->after, str_of(round->epoch.verifier.name), signer, err);
}

/* --- Writing --- */

/* The ids go over as one JSON list: a statement for each would be a round trip each on PostgreSQL. */
static const char *const sql_index[] = {
	[BACKEND_SQLITE] = "INSERT INTO ledger_index (entry, epoch, position) "
			   "SELECT value, :epoch, :first + key FROM json_each(:ids)",
	[BACKEND_POSTGRES] = "INSERT INTO ledger_index (entry, epoch, position) "
			     "SELECT CAST(value AS BIGINT), CAST(:epoch AS BIGINT), CAST(:first AS "
			     "BIGINT) + number - 1 "
			     "FROM json_array_elements_text(CAST(:ids AS JSON)) WITH ORDINALITY AS "
			     "t(value, number)",
};
static const char *const sql_delete[] = {
	[BACKEND_SQLITE] =
		"DELETE FROM ledger_pending WHERE id IN (SELECT value FROM json_each(:ids))",
	[BACKEND_POSTGRES] =
		"DELETE FROM ledger_pending WHERE id IN "
		"(SELECT CAST(t AS BIGINT) FROM json_array_elements_text(CAST(:ids AS JSON)) AS t)",
};

static bool write_index(struct round *round, struct conn *conn, struct err *err)
{
	auto_query struct query q = query_start(conn, sql_index[conn_backend(conn)]);

	query_int(&q, "epoch", round->after.epoch);
	query_int(&q, "first", round->base);
	query_text(&q, "ids", writer_str(&round->ids));
	return query_run(&q, NULL, err);
}

static bool delete_pending(struct round *round, struct conn *conn, struct err *err)
{
	auto_query struct query q = query_start(conn, sql_delete[conn_backend(conn)]);

	query_text(&q, "ids", writer_str(&round->ids));
	return query_run(&q, NULL, err);
}

static bool write_bundles(struct round *round, struct conn *conn, struct err *err)
{
	vec_each (struct round_bundle, row, &round->rows) {
		struct str data = { round->bundles.at + row->at, row->len };

		if (row->replaces && !bundles_delete(conn, round->after.epoch, row->first,
						     row->first + TILE_WIDTH, err))
			return false;
		if (!bundle_insert(conn, round->after.epoch, row->first, data, err))
			return false;
	}
	return true;
}

static bool write_tiles(struct round *round, struct conn *conn, struct err *err)
{
	int64_t epoch = round->after.epoch, size = round->after.size;

	vec_each (struct round_tile, tile, &round->tiles) {
		if (!tile_write(conn, epoch, tile->level, tile->index, &round->hashes.at[tile->at],
				TILE_WIDTH, err))
			return false;
	}
	for (int level = 0; level < TILE_LEVELS; level++) {
		size_t width = tile_width_at(size, level);
		bool grew = size >> (TILE_HEIGHT * level) != round->base >> (TILE_HEIGHT * level);

		if (width > 0 && grew &&
		    !tile_write(conn, epoch, level, size >> (TILE_HEIGHT * level) >> TILE_HEIGHT,
				round->grown.row[level], width, err))
			return false;
	}
	return true;
}

/* --- Reading again --- */

struct reading_back {
	struct round *round;
	struct conn *conn;
	struct tree *tree;
	bool differs;
};

static bool compare_tile(void *context, int level, int64_t index,
			 const struct digest hashes[TILE_WIDTH], struct err *err)
{
	struct reading_back *back = context;
	struct digest stored[TILE_WIDTH];
	int count;

	if (!tile_read(back->conn, back->round->after.epoch, level, index, stored, &count, err))
		return false;
	if (count != TILE_WIDTH || memcmp(stored, hashes, sizeof(stored)) != 0)
		back->differs = true;
	return true;
}

static bool compare_entry(void *context, int64_t position, struct str body, struct err *err)
{
	struct reading_back *back = context;
	const struct tile_sink sink = { compare_tile, back };

	if (position < back->round->base)
		return true;

	struct digest leaf = tree_leaf_hash(&back->round->hasher, body);

	return tree_append(back->tree, &back->round->hasher, &leaf, &sink, err);
}

/*
 * The tree is grown once more, from the bytes that the database now holds, and compared with its tiles and with the root
 * that was signed: a bit that flipped on the way is found before it is published for ever.
 */
static bool read_back(struct round *round, struct conn *conn, struct err *err)
{
	auto_memory struct tree *tree = memory_zero(2, sizeof(*tree));
	struct tree *stored = tree + 1;
	struct reading_back back = { round, conn, tree, false };
	int64_t epoch = round->after.epoch, size = round->after.size;

	if (round->entries.count == 0)
		return true;
	memcpy(tree, &round->tree, sizeof(*tree));
	if (!bundles_read(conn, epoch, round->rows.at[0].first, size, compare_entry, &back, err) ||
	    !tree_load(conn, epoch, size, stored, err))
		return false;

	struct digest root = tree_root(tree, &round->hasher);
	struct digest stored_root = tree_root(stored, &round->hasher);

	if (back.differs || !digest_equal(&root, &round->after.root) ||
	    !digest_equal(&stored_root, &root))
		return fail(err, MSG_LEDGER_READ_BACK, round->base);
	return true;
}

bool round_write(struct round *round, struct conn *conn, int64_t now, struct err *err)
{
	bool won;

	if (!state_advance(conn, &round->before, &round->after, now, &won, err))
		return false;
	if (!won)
		return fail(err, MSG_LEDGER_OVERTAKEN);
	return write_bundles(round, conn, err) && write_tiles(round, conn, err) &&
	       write_index(round, conn, err) && delete_pending(round, conn, err) &&
	       read_back(round, conn, err);
}

void round_finish(struct round *round)
{
	memcpy(&round->tree, &round->grown, sizeof(round->tree));
	round->before = round->after;
}
