#include "ledger/state.h"

#include "ledger/ledger.h"
#include "ledger/tree.h"

/*
 * ledger_bundle: entries in the form of an entry bundle, from position `first` on; one row a full
 * bundle of 256, several for the one that still grows, so that a slow log does not write its last
 * bundle again with each entry.
 */
static const struct migration rows[] = {
	{
		.number = 100,
		.name = "ledger",
		.sql = "CREATE TABLE ledger_pending (id {int} PRIMARY KEY, body {blob} NOT NULL, "
		       "seal {blob} NOT NULL) {strict};\n"
		       "CREATE TABLE ledger_index (entry {int} PRIMARY KEY, epoch {int} NOT NULL, "
		       "position {int} NOT NULL) {strict};\n"
		       "CREATE TABLE ledger_bundle (epoch {int} NOT NULL, first {int} NOT NULL, "
		       "data {blob} NOT NULL, PRIMARY KEY (epoch, first)) {strict};\n"
		       "CREATE TABLE ledger_tile (epoch {int} NOT NULL, level {int} NOT NULL, "
		       "idx {int} NOT NULL, hashes {blob} NOT NULL, PRIMARY KEY (epoch, level, "
		       "idx)) {strict};\n"
		       "CREATE TABLE ledger_epoch (number {int} PRIMARY KEY, origin {text} NOT "
		       "NULL, "
		       "key {blob} NOT NULL, opened {int} NOT NULL, closed {int}, size {int}, root "
		       "{blob}, "
		       "note {text}) {strict};\n"
		       "CREATE TABLE ledger_state (one {int} PRIMARY KEY, epoch {int} NOT NULL, "
		       "size {int} NOT NULL, "
		       "root {blob} NOT NULL, note {text} NOT NULL, changed {int} NOT NULL) "
		       "{strict};\n"
		       "CREATE TABLE ledger_note (commitment {blob} PRIMARY KEY, kind {int} NOT "
		       "NULL, "
		       "account {blob} NOT NULL, salt {blob} NOT NULL, sealed {blob} NOT NULL, "
		       "created {int} NOT NULL) {strict}",
	},
};

const struct migration_list ledger_migrations = { rows, nitems(rows) };

/* A note or root that does not fit is kept as nothing: it then fails its checks instead of being
 * cut. */
static void note_copy(struct log_state *state, struct str note)
{
	if (note.len < sizeof(state->note))
		memcpy(state->note, note.at ? note.at : "", note.len);
}

static void root_copy(struct log_state *state, struct str root)
{
	if (!digest_from(root, &state->root))
		memset(&state->root, 0, sizeof(state->root));
}

bool state_read(struct conn *conn, struct log_state *to, bool *found, struct err *err)
{
	auto_query struct query q =
		query_start(conn, "SELECT epoch, size, root, note FROM ledger_state WHERE one = 1");
	struct log_state state = { 0 };
	bool any;

	if (!query_one(&q, &any, err))
		return false;
	if (any) {
		state.epoch = column_int(&q, 0);
		state.size = column_int(&q, 1);
		root_copy(&state, column_blob(&q, 2));
		note_copy(&state, column_text(&q, 3));
	}
	if (!query_end(&q, err))
		return false;
	if (any)
		*to = state;
	*found = any;
	return true;
}

static void bind_state(struct query *q, const struct log_state *state, int64_t now)
{
	query_int(q, "epoch", state->epoch);
	query_int(q, "size", state->size);
	query_blob(q, "root", digest_str(&state->root));
	query_text(q, "note", str_of(state->note));
	query_int(q, "now", now);
}

bool state_insert(struct conn *conn, const struct log_state *state, int64_t now, struct err *err)
{
	auto_query struct query q = query_start(
		conn, "INSERT INTO ledger_state (one, epoch, size, root, note, changed) "
		      "VALUES (1, :epoch, :size, :root, :note, :now)");

	bind_state(&q, state, now);
	return query_run(&q, NULL, err);
}

bool state_advance(struct conn *conn, const struct log_state *old, const struct log_state *new,
		   int64_t now, bool *won, struct err *err)
{
	auto_query struct query q = query_start(
		conn,
		"UPDATE ledger_state SET epoch = :epoch, size = :size, root = :root, note = :note, "
		"changed = :now WHERE one = 1 AND epoch = :mine AND size = :old");
	int64_t changed;

	bind_state(&q, new, now);
	query_int(&q, "mine", old->epoch);
	query_int(&q, "old", old->size);
	if (!query_run(&q, &changed, err))
		return false;
	*won = changed == 1;
	return true;
}

bool epoch_read(struct conn *conn, int64_t number, struct log_epoch *to, bool *found,
		struct err *err)
{
	auto_query struct query q =
		query_start(conn, "SELECT origin, key, closed, size, root, note FROM ledger_epoch "
				  "WHERE number = :number");
	struct log_epoch epoch = { .number = number, .last.epoch = number };
	bool any;

	query_int(&q, "number", number);
	if (!query_one(&q, &any, err))
		return false;
	if (any) {
		struct str origin = column_text(&q, 0), key = column_blob(&q, 1);

		if (note_name_valid(origin))
			memcpy(epoch.verifier.name, origin.at, origin.len);
		if (key.len == SIGN_PUBLIC_SIZE)
			memcpy(epoch.verifier.key.bytes, key.at, key.len);
		epoch.closed = !column_is_null(&q, 2);
		epoch.last.size = column_int(&q, 3);
		root_copy(&epoch.last, column_blob(&q, 4));
		note_copy(&epoch.last, column_text(&q, 5));
	}
	if (!query_end(&q, err))
		return false;
	if (any)
		*to = epoch;
	*found = any;
	return true;
}

bool epoch_insert(struct conn *conn, const struct log_epoch *epoch, int64_t now, struct err *err)
{
	auto_query struct query q =
		query_start(conn, "INSERT INTO ledger_epoch (number, origin, key, opened) "
				  "VALUES (:number, :origin, :key, :now)");

	query_int(&q, "number", epoch->number);
	query_text(&q, "origin", str_of(epoch->verifier.name));
	query_blob(&q, "key",
		   (struct str){ (const char *)epoch->verifier.key.bytes, SIGN_PUBLIC_SIZE });
	query_int(&q, "now", now);
	return query_run(&q, NULL, err);
}

bool epoch_close(struct conn *conn, const struct log_state *last, int64_t now, struct err *err)
{
	auto_query struct query q = query_start(
		conn,
		"UPDATE ledger_epoch SET closed = :now, size = :size, root = :root, note = :note "
		"WHERE number = :epoch AND closed IS NULL");
	int64_t changed;

	bind_state(&q, last, now);
	if (!query_run(&q, &changed, err))
		return false;
	return changed == 1 || fail(err, MSG_LEDGER_EPOCH_MISSING, last->epoch);
}

bool state_sign(struct log_state *state, struct str origin, const struct signer *signer,
		struct err *err)
{
	const struct checkpoint checkpoint = { .origin = origin,
					       .size = state->size,
					       .root = state->root };
	auto_writer note = { .limit = CHECKPOINT_NOTE_SIZE - 1 };

	if (!checkpoint_sign(&checkpoint, signer, &note, err))
		return false;
	memset(state->note, 0, sizeof(state->note));
	memcpy(state->note, note.at, note.len);
	return true;
}
