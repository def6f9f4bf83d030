#include "ledger/storage.h"

#include "base/memory.h"
#include "ledger/bundle.h"

bool tile_read(struct conn *conn, int64_t epoch, int level, int64_t index,
	       struct digest hashes[TILE_WIDTH], int *count, struct err *err)
{
	auto_query struct query q =
		query_start(conn, "SELECT hashes FROM ledger_tile WHERE epoch = :epoch "
				  "AND level = :level AND idx = :idx");
	bool found;
	int got = 0;

	query_int(&q, "epoch", epoch);
	query_int(&q, "level", level);
	query_int(&q, "idx", index);
	if (!query_one(&q, &found, err))
		return false;
	if (found) {
		struct str bytes = column_blob(&q, 0);

		got = bytes.len % DIGEST_SIZE == 0 && bytes.len > 0 &&
				      bytes.len / DIGEST_SIZE <= TILE_WIDTH
			      ? (int)(bytes.len / DIGEST_SIZE)
			      : -1;
		if (got > 0)
			memcpy(hashes, bytes.at, bytes.len);
	}
	*count = got;
	return query_end(&q, err);
}

bool tile_write(struct conn *conn, int64_t epoch, int level, int64_t index,
		const struct digest *hashes, size_t count, struct err *err)
{
	auto_query struct query q = query_start(
		conn, "INSERT INTO ledger_tile (epoch, level, idx, hashes) VALUES (:epoch, :level, "
		      ":idx, :hashes) "
		      "ON CONFLICT (epoch, level, idx) DO UPDATE SET hashes = excluded.hashes");

	query_int(&q, "epoch", epoch);
	query_int(&q, "level", level);
	query_int(&q, "idx", index);
	query_blob(&q, "hashes", (struct str){ (const char *)hashes, count * DIGEST_SIZE });
	return query_run(&q, NULL, err);
}

bool tree_load(struct conn *conn, int64_t epoch, int64_t size, struct tree *tree, struct err *err)
{
	int count;

	memset(tree, 0, sizeof(*tree));
	for (int level = 0; level < TILE_LEVELS; level++) {
		int width = (int)tile_width_at(size, level);
		int64_t index = size >> (TILE_HEIGHT * level) >> TILE_HEIGHT;

		if (width == 0)
			continue;
		if (!tile_read(conn, epoch, level, index, tree->row[level], &count, err))
			return false;
		if (count < width)
			return fail(err, MSG_LEDGER_TILE_DAMAGED, epoch, level, index);
	}
	tree->size = size;
	return true;
}

struct stored_tree *stored_tree_new(struct conn *conn, int64_t epoch)
{
	struct stored_tree *tree = memory_zero(1, sizeof(*tree));

	tree->conn = conn;
	tree->epoch = epoch;
	return tree;
}

void stored_tree_free(struct stored_tree *tree)
{
	if (!tree)
		return;
	hasher_release(&tree->hasher);
	free(tree);
}

static bool stored_hash(void *context, int level, int64_t index, struct digest *hash,
			struct err *err)
{
	struct stored_tree *tree = context;
	int row = level / TILE_HEIGHT, height = level % TILE_HEIGHT;
	int64_t first = index << height, tile = first >> TILE_HEIGHT;
	int at = (int)(first & (TILE_WIDTH - 1)), count = 1 << height;

	assert(row < TILE_LEVELS);
	if (!tree->level[row].loaded || tree->level[row].index != tile) {
		tree->level[row].loaded = false;
		if (!tile_read(tree->conn, tree->epoch, row, tile, tree->level[row].hashes,
			       &tree->level[row].count, err))
			return false;
		tree->level[row].index = tile;
		tree->level[row].loaded = true;
	}
	if (tree->level[row].count < at + count)
		return fail(err, MSG_LEDGER_TILE_DAMAGED, tree->epoch, row, tile);
	*hash = tree_fold(&tree->hasher, &tree->level[row].hashes[at], (size_t)count);
	return true;
}

struct tree_source stored_tree_source(struct stored_tree *tree)
{
	return (struct tree_source){ stored_hash, tree };
}

/* Slices of bundles are read at a time: PostgreSQL holds a whole result in memory. */
enum { SLICE = 64 * TILE_WIDTH };

struct reading {
	int64_t epoch, next, end;
	bundle_entry_fn *entry;
	void *context;
};

static bool damaged(const struct reading *reading, int64_t position, struct err *err)
{
	return fail(err, MSG_LEDGER_BUNDLE_DAMAGED, reading->epoch, position / TILE_WIDTH,
		    position);
}

static bool read_row(struct reading *reading, int64_t first, struct str data, struct err *err)
{
	struct str body;

	if (first != reading->next)
		return damaged(reading, reading->next, err);
	while (reading->next < reading->end && bundle_next(&data, &body)) {
		if (!reading->entry(reading->context, reading->next, body, err))
			return false;
		reading->next++;
	}
	/* A row may hold entries behind the end asked for, but no broken ones, and none of the next bundle. */
	if ((data.len > 0 && reading->next < reading->end) ||
	    (reading->next - 1) / TILE_WIDTH != first / TILE_WIDTH || reading->next == first)
		return damaged(reading, reading->next, err);
	return true;
}

static bool read_slice(struct conn *conn, struct reading *reading, int64_t end, struct err *err)
{
	auto_query struct query q = query_start(
		conn,
		"SELECT first, data FROM ledger_bundle WHERE epoch = :epoch AND first >= :first "
		"AND first < :end ORDER BY first");

	query_int(&q, "epoch", reading->epoch);
	query_int(&q, "first", reading->next);
	query_int(&q, "end", end);
	while (query_row(&q)) {
		if (!read_row(reading, column_int(&q, 0), column_blob(&q, 1), err))
			return false;
	}
	return query_end(&q, err);
}

bool bundles_read(struct conn *conn, int64_t epoch, int64_t first, int64_t end,
		  bundle_entry_fn *entry, void *context, struct err *err)
{
	struct reading reading = { epoch, first, end, entry, context };

	while (reading.next < end) {
		int64_t before = reading.next, stop = (before / SLICE + 1) * SLICE;

		if (!read_slice(conn, &reading, stop < end ? stop : end, err))
			return false;
		if (reading.next == before)
			return damaged(&reading, before, err);
	}
	return true;
}

bool bundle_insert(struct conn *conn, int64_t epoch, int64_t first, struct str data,
		   struct err *err)
{
	auto_query struct query q = query_start(
		conn,
		"INSERT INTO ledger_bundle (epoch, first, data) VALUES (:epoch, :first, :data)");

	query_int(&q, "epoch", epoch);
	query_int(&q, "first", first);
	query_blob(&q, "data", data);
	return query_run(&q, NULL, err);
}

bool bundles_delete(struct conn *conn, int64_t epoch, int64_t first, int64_t end, struct err *err)
{
	auto_query struct query q =
		query_start(conn, "DELETE FROM ledger_bundle WHERE epoch = :epoch "
				  "AND first >= :first AND first < :end");

	query_int(&q, "epoch", epoch);
	query_int(&q, "first", first);
	query_int(&q, "end", end);
	return query_run(&q, NULL, err);
}

static bool collect(void *context, int64_t position, struct str body, struct err *err)
{
	(void)position;
	(void)err;
	bundle_put(context, body);
	return true;
}

bool bundle_collect(struct conn *conn, int64_t epoch, int64_t first, int64_t end, struct writer *to,
		    struct err *err)
{
	return bundles_read(conn, epoch, first, end, collect, to, err);
}
