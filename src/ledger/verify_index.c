#include "ledger/verify_index.h"

#include "base/memory.h"
#include "base/random.h"
#include "ledger/entry.h"
#include "ledger/storage.h"

enum { PAGE = 50000 };

void index_key_new(struct index_key *key)
{
	random_bytes(key, sizeof(*key));
}

/* Mixes as murmur3's finalizer does, under secret words: whoever changes rows cannot make a sum fit. */
static uint64_t mix(uint64_t word)
{
	word = (word ^ word >> 33) * 0xff51afd7ed558ccdU;
	word = (word ^ word >> 33) * 0xc4ceb9fe1a85ec53U;
	return word ^ word >> 33;
}

uint64_t index_mix(const struct index_key *key, int64_t entry, int64_t position)
{
	uint64_t word = mix((uint64_t)entry ^ key->word[0]);

	return mix((word + (uint64_t)position) ^ key->word[1]) + key->word[2];
}

void index_sums_init(struct index_sums *sums, int64_t bundles)
{
	sums->bundles = bundles;
	sums->entries = memory_zero((size_t)bundles + 1, sizeof(*sums->entries));
	sums->rows = memory_zero((size_t)bundles + 1, sizeof(*sums->rows));
}

void index_sums_release(struct index_sums *sums)
{
	free(sums->entries);
	free(sums->rows);
}

struct page {
	const struct index_scan *scan;
	struct problems *problems;
	int64_t after, rows;
	int64_t epoch, size; /* how far the log reaches in this snapshot: it may have grown since */
};

static void scan_row(struct page *page, int64_t entry, int64_t epoch, int64_t position)
{
	struct index_sums *sums = page->scan->sums_of(page->scan->context, epoch, position);
	struct err found;

	page->rows++;
	page->after = entry;
	if (sums) {
		sums->rows[position / TILE_WIDTH] += index_mix(page->scan->key, entry, position);
		return;
	}
	if (position >= 0 && epoch == page->epoch && position < page->size)
		return;
	(void)fail(&found, MSG_LEDGER_BAD_INDEX, entry, epoch, position);
	problems_add(page->problems, &found);
}

static bool scan_page(struct conn *conn, void *context, struct err *err)
{
	struct page *page = context;
	struct log_state state;
	bool found;

	page->rows = 0;
	if (!state_read(conn, &state, &found, err))
		return false;
	page->epoch = found ? state.epoch : 0;
	page->size = found ? state.size : 0;

	auto_query struct query q =
		query_start(conn, "SELECT entry, epoch, position FROM ledger_index "
				  "WHERE entry > :after ORDER BY entry LIMIT :limit");

	query_int(&q, "after", page->after);
	query_int(&q, "limit", PAGE);
	while (query_row(&q))
		scan_row(page, column_int(&q, 0), column_int(&q, 1), column_int(&q, 2));
	return query_end(&q, err);
}

bool index_scan(const struct index_scan *scan, struct problems *problems, struct err *err)
{
	struct page page = { .scan = scan, .problems = problems, .after = INT64_MIN };

	do {
		if (!store_read(scan->store, scan_page, &page, err))
			return false;
	} while (page.rows == PAGE);
	return true;
}

/* --- Naming --- */

struct naming {
	const struct index_compare *compare;
	struct problems *problems;
};

static bool name_entry(void *context, int64_t position, struct str body, struct err *err)
{
	struct naming *naming = context;
	const struct index_compare *compare = naming->compare;
	auto_query struct query q = query_start(
		compare->conn, "SELECT epoch, position FROM ledger_index WHERE entry = :entry");
	int64_t entry = 0;
	struct err found;
	bool any;

	if (!entry_parse_id(body, &entry))
		entry = -1;
	query_int(&q, "entry", entry);
	if (!query_one(&q, &any, err))
		return false;
	if (!any)
		(void)fail(&found, MSG_LEDGER_NO_INDEX, entry, compare->epoch, position);
	else if (column_int(&q, 0) != compare->epoch || column_int(&q, 1) != position)
		(void)fail(&found, MSG_LEDGER_BAD_INDEX, entry, column_int(&q, 0),
			   column_int(&q, 1));
	else
		return query_end(&q, err);
	problems_add(naming->problems, &found);
	return query_end(&q, err);
}

/* A row too many does not show when the entries are looked up: it is found by its position. */
static bool name_surplus(const struct index_compare *compare, int64_t first, int64_t end,
			 struct problems *problems, struct err *err)
{
	auto_query struct query q = query_start(
		compare->conn, "SELECT entry, position FROM ledger_index AS i WHERE epoch = :epoch "
			       "AND position >= :first "
			       "AND position < :end AND (SELECT count(*) FROM ledger_index AS j "
			       "WHERE j.epoch = i.epoch AND j.position = i.position) > 1");
	struct err found;

	query_int(&q, "epoch", compare->epoch);
	query_int(&q, "first", first);
	query_int(&q, "end", end);
	while (query_row(&q)) {
		(void)fail(&found, MSG_LEDGER_BAD_INDEX, column_int(&q, 0), compare->epoch,
			   column_int(&q, 1));
		problems_add(problems, &found);
	}
	return query_end(&q, err);
}

bool index_name_differences(const struct index_compare *compare, struct problems *problems,
			    struct err *err)
{
	struct naming naming = { compare, problems };
	bool surplus_named = false;

	for (int64_t b = 0; b < compare->sums->bundles; b++) {
		int64_t first = b * TILE_WIDTH, end = first + TILE_WIDTH;
		struct err ignored;

		if (compare->sums->entries[b] == compare->sums->rows[b])
			continue;
		end = end < compare->size ? end : compare->size;

		size_t before = problems->count + problems->dropped;

		/* A bundle that cannot be read was named already. */
		if (!bundles_read(compare->conn, compare->epoch, first, end, name_entry, &naming,
				  &ignored)) {
			if (ignored.message == MSG_LEDGER_BUNDLE_DAMAGED)
				continue;
			*err = ignored;
			return false;
		}
		if (before == problems->count + problems->dropped && !surplus_named) {
			surplus_named = true;
			if (!name_surplus(compare, first, end, problems, err))
				return false;
		}
	}
	return true;
}
