#include "ledger/verify_side.h"

#include "base/encode.h"
#include "ledger/entry.h"
#include "ledger/log.h"
#include "ledger/opening.h"
#include "ledger/storage.h"

/* A finding; yields true, for the check goes on. */
#define found_problem(problems, ...)               \
	__extension__({                            \
		struct err _found;                 \
		(void)fail(&_found, __VA_ARGS__);  \
		problems_add((problems), &_found); \
		true;                              \
	})

bool epoch_end(struct conn *conn, int64_t number, const struct log_state *state,
	       struct log_state *end, struct note_verifier *verifier, struct err *err)
{
	struct log_epoch epoch;
	struct log_state known, named;
	bool found;

	if (!epoch_read(conn, number, &epoch, &found, err))
		return false;
	if (!found)
		return fail(err, MSG_LEDGER_EPOCH_MISSING, number);
	*verifier = epoch.verifier;
	if (number == state->epoch) {
		*end = *state;
		return true;
	}
	*end = epoch.last;
	if (!chain_read(conn, &epoch, &known, &named, err))
		return false;
	return (named.size == epoch.last.size && digest_equal(&named.root, &epoch.last.root)) ||
	       fail(err, MSG_LEDGER_EPOCH_CHAIN, number + 1, number);
}

bool side_state(const struct side_check *side, const struct log_state *state, struct err *err)
{
	auto_signer signer = NULL;
	struct err found;

	if (!log_keys(side->verify->keyring, &signer, err))
		return false;
	if (state_signed(side->conn, state, signer, &found))
		return true;
	if (found.message != MSG_LEDGER_STATE_DAMAGED && found.message != MSG_LEDGER_KEY &&
	    found.message != MSG_LEDGER_EPOCH_MISSING) {
		*err = found;
		return false;
	}
	problems_add(side->problems, &found);
	return true;
}

bool side_anchor(const struct side_check *side, const struct log_state *state, struct err *err)
{
	struct anchor *anchor = side->verify->anchor;
	struct anchor_state kept = { 0 };
	struct log_state anchored;
	struct err found;
	bool any = false, fine;
	int64_t commits = store_commits(side->verify->store);

	if (!anchor)
		return true;
	fine = anchor->load(anchor, &kept, &any, &found);
	if (fine && !any)
		fine = (state->epoch == 1 && state->size == 0) ||
		       fail(&found, MSG_LEDGER_ANCHOR_MISSING, anchor->name);
	else if (fine)
		fine = anchor_read(side->conn, &kept, &anchored, &found) &&
		       state_follows(side->conn, &anchored, state, &found) &&
		       (commits < 0 || kept.commits <= commits ||
			fail(&found, MSG_LEDGER_ANCHOR_COMMITS, kept.commits, commits));
	writer_release(&kept.note);
	(void)err;
	if (!fine)
		problems_add(side->problems, &found);
	return true;
}

static bool count_rows(struct conn *conn, const char *sql, const struct log_state *end,
		       int64_t *rows, struct err *err)
{
	auto_query struct query q = query_start(conn, sql);
	bool found;

	query_int(&q, "epoch", end->epoch);
	query_int(&q, "size", end->size);
	if (!query_one(&q, &found, err))
		return false;
	*rows = column_int(&q, 0);
	return query_end(&q, err);
}

bool side_behind_end(const struct side_check *side, const struct log_state *checked, bool open,
		     struct err *err)
{
	struct log_state end = *checked, now;
	int64_t rows, tiles;
	bool found;

	/* Rows that came while the check ran are the sequencer's. */
	if (open && !state_read(side->conn, &now, &found, err))
		return false;
	if (open && found && now.epoch == end.epoch)
		end.size = now.size;
	if (!count_rows(
		    side->conn,
		    "SELECT count(*) FROM ledger_bundle WHERE epoch = :epoch AND first >= :size",
		    &end, &rows, err) ||
	    !count_rows(side->conn,
			"SELECT count(*) FROM ledger_tile WHERE epoch = :epoch AND level = 0 AND "
			"idx * 256 >= :size",
			&end, &tiles, err))
		return false;
	if (rows + tiles > 0)
		return found_problem(side->problems, MSG_LEDGER_BEHIND_END, end.epoch, end.size);
	return true;
}

/* --- Notes --- */

bool side_notes(const struct side_check *side, struct err *err)
{
	auto_query struct query q =
		query_start(side->conn, "SELECT commitment, salt, sealed FROM ledger_note");

	while (query_row(&q)) {
		struct str commitment = column_blob(&q, 0);

		if (!erasable_holds(side->verify->keyring, commitment, column_blob(&q, 1),
				    column_blob(&q, 2))) {
			auto_writer hex = { 0 };

			hex_write(&hex, str_sub(commitment, 0, DIGEST_SIZE));
			(void)found_problem(side->problems, MSG_LEDGER_BAD_NOTE, writer_str(&hex));
		}
	}
	return query_end(&q, err);
}

/* --- The queue --- */

struct queue {
	const struct ledger_verify *verify;
	struct problems *problems;
	struct digest key;
	int64_t count;
};

static bool read_queue(struct conn *conn, void *context, struct err *err)
{
	struct queue *queue = context;
	auto_query struct query q =
		query_start(conn, "SELECT id, body, seal, (SELECT i.position FROM ledger_index AS "
				  "i WHERE i.entry = p.id) "
				  "FROM ledger_pending AS p ORDER BY id");

	queue->count = 0;
	while (query_row(&q)) {
		int64_t id = column_int(&q, 0);

		queue->count++;
		if (!column_is_null(&q, 3) ||
		    !pending_valid(&queue->key, id, column_blob(&q, 1), column_blob(&q, 2)))
			(void)found_problem(queue->problems, MSG_LEDGER_BAD_PENDING, id);
	}
	return query_end(&q, err);
}

bool side_pending(const struct ledger_verify *verify, struct problems *problems, int64_t *count,
		  struct err *err)
{
	struct queue queue = { verify, problems, pending_key(verify->keyring), 0 };

	if (!store_read(verify->store, read_queue, &queue, err))
		return false;
	*count = queue.count;
	return true;
}
