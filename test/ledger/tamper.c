/* Whatever is changed behind the ledger's back is found and named; what the log shows outside, the other verifier finds too. */
#include "base/clock.h"
#include "base/vec.h"
#include "fixture.h"
#include "ledger/bundle.h"
#include "ledger/continue.h"
#include "ledger/export.h"
#include "ledger/verify.h"
#include "ledger/visit.h"

enum { ENTRIES = 600 };

/* Runs verify; the messages found, as codes with a space between. */
static bool verify(struct fixture *f, struct writer *codes)
{
	auto_problems problems = { 0 };
	const struct ledger_verify verify = { .store = f->store,
					      .keyring = f->keyring,
					      .anchor = f->anchor };
	struct ledger_verified verified;
	struct err err;

	writer_clear(codes);
	if (!check_no_error(ledger_verify(&verify, &problems, &verified, &err), &err, __FILE__,
			    __LINE__, "verify"))
		return false;
	for (size_t i = 0; i < problems.count; i++) {
		auto_writer text = { 0 };

		err_render(&problems.list[i], LANGUAGE_EN, &text);
		writer_printf(codes, "%s[%s] ", message_code(problems.list[i].message), text.at);
	}
	writer_text(codes, "");
	return true;
}

/* The blob of one row with one bit flipped; on both databases the same way: read, change, write. */
struct flip {
	const char *select, *update;
	size_t byte;
};

static bool flip(struct conn *conn, void *context, struct err *err)
{
	const struct flip *f = context;
	auto_writer bytes = { 0 };
	bool found;

	{
		auto_query struct query q = query_start(conn, f->select);

		if (!query_one(&q, &found, err))
			return false;
		writer_put(&bytes, column_blob(&q, 0));
		if (!query_end(&q, err))
			return false;
	}
	bytes.at[f->byte] = (char)(bytes.at[f->byte] ^ 4);

	auto_query struct query q = query_start(conn, f->update);

	query_blob(&q, "blob", writer_str(&bytes));
	return query_run(&q, NULL, err);
}

/* Runs test/verifier/verify_log.py, found beside this file, with these arguments: its exit status. */
static int run_verifier(struct ledger *ledger, const char *arguments)
{
	auto_writer command = { 0 }, key = { 0 };
	struct str here = str_of(__FILE__);

	ledger_verifier_key(ledger, &key);
	writer_printf(&command, "python3 '%.*s/../verifier/verify_log.py' %s --key '%s' >/dev/null",
		      (int)(here.len - strlen("/tamper.c")), here.at, arguments, key.at);

	FILE *run = popen(command.at, "w");
	int status = run ? pclose(run) : -1;

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The independent verifier over an export: 0 or 1. */
static int other_verifier(struct fixture *f)
{
	auto_memory char *folder = path_join(check_folder(), "export");
	int64_t entries;
	struct err err;

	/* Damage that makes the export itself impossible has no other side to ask. */
	if (!ledger_export(f->store, folder, &entries, &err))
		return err.message == MSG_LEDGER_BUNDLE_DAMAGED ||
				       err.message == MSG_LEDGER_TILE_DAMAGED
			       ? 1
			       : -1;
	return run_verifier(f->ledger, folder);
}

#define TILE_ROW(level, index)                                                                     \
	"SELECT hashes FROM ledger_tile WHERE epoch = 1 AND level = " #level " AND idx = " #index, \
		"UPDATE ledger_tile SET hashes = :blob WHERE epoch = 1 AND level = " #level        \
		" AND idx = " #index
#define BUNDLE_ROW(first)                                                     \
	"SELECT data FROM ledger_bundle WHERE epoch = 1 AND first = " #first, \
		"UPDATE ledger_bundle SET data = :blob WHERE epoch = 1 AND first = " #first

/* Each case: one damage, the finding that must be there, and whether it shows in an exported log. */
static const struct {
	const char *name;
	struct flip flip;
	const char *sql; /* in place of a flip */
	const char *finds;
	bool exported;
} cases[] = {
	{ "tile, full",
	  { TILE_ROW(0, 0), 33 },
	  NULL,
	  "LEDGER_BAD_TILE[tile 0 on level 0 of epoch 1 differs from the entries from byte 32",
	  true },
	{ "tile, unfinished",
	  { TILE_ROW(0, 2), 0 },
	  NULL,
	  "LEDGER_BAD_TILE[tile 2 on level 0",
	  true },
	{ "tile above",
	  { TILE_ROW(1, 0), 63 },
	  NULL,
	  "LEDGER_BAD_TILE[tile 0 on level 1 of epoch 1 differs from the entries from byte 63",
	  true },
	{ "entry, full bundle",
	  { BUNDLE_ROW(0), 100 },
	  NULL,
	  "LEDGER_BAD_ENTRY[the entry at position 0 of epoch 1",
	  true },
	{ "entry, its number",
	  { BUNDLE_ROW(256), 16 },
	  NULL,
	  "LEDGER_BAD_ENTRY[the entry at position 256 of epoch 1",
	  true },
	{ "length of an entry", { BUNDLE_ROW(0), 1 }, NULL, "LEDGER_BUNDLE_DAMAGED", true },
	{ "tile row deleted",
	  { 0 },
	  "DELETE FROM ledger_tile WHERE level = 0 AND idx = 1",
	  "LEDGER_TILE_DAMAGED",
	  true },
	{ "upper tile row deleted",
	  { 0 },
	  "DELETE FROM ledger_tile WHERE level = 1",
	  "LEDGER_TILE_DAMAGED",
	  true },
	{ "bundle deleted",
	  { 0 },
	  "DELETE FROM ledger_bundle WHERE first = 256",
	  "LEDGER_BUNDLE_DAMAGED",
	  true },
	{ "bundles reordered",
	  { 0 },
	  "UPDATE ledger_bundle SET first = CASE first WHEN 0 THEN 257 ELSE 0 END WHERE first IN "
	  "(0, 256)",
	  "LEDGER_BUNDLE_DAMAGED",
	  true },
	{ "bundle replayed",
	  { 0 },
	  "UPDATE ledger_bundle SET data = (SELECT data FROM ledger_bundle WHERE first = 0) WHERE "
	  "first = 256",
	  "LEDGER_BAD_ENTRY[the entry at position 256",
	  true },
	{ "bundle added behind the end",
	  { 0 },
	  "INSERT INTO ledger_bundle (epoch, first, data) SELECT 1, 100000, data FROM "
	  "ledger_bundle WHERE first = 0",
	  "LEDGER_BEHIND_END",
	  false },
	{ "checkpoint's root",
	  { "SELECT root FROM ledger_state", "UPDATE ledger_state SET root = :blob", 9 },
	  NULL,
	  "LEDGER_STATE_DAMAGED",
	  false },
	{ "checkpoint's size",
	  { 0 },
	  "UPDATE ledger_state SET size = size - 1",
	  "LEDGER_STATE_DAMAGED",
	  false },
	{ "checkpoint's note",
	  { 0 },
	  "UPDATE ledger_state SET note = replace(note, '/1', '/2')",
	  "LEDGER_STATE_DAMAGED",
	  true },
	{ "epoch's key",
	  { "SELECT key FROM ledger_epoch", "UPDATE ledger_epoch SET key = :blob", 5 },
	  NULL,
	  "LEDGER_KEY",
	  false },
	{ "index row changed",
	  { 0 },
	  "UPDATE ledger_index SET position = 7 WHERE position = 300",
	  "LEDGER_BAD_INDEX",
	  false },
	{ "index rows exchanged",
	  { 0 },
	  "UPDATE ledger_index SET position = 301 - position + 300 WHERE position IN (300, 301)",
	  "LEDGER_BAD_INDEX",
	  false },
	{ "index row deleted",
	  { 0 },
	  "DELETE FROM ledger_index WHERE position = 0",
	  "LEDGER_NO_INDEX",
	  false },
	{ "index row added",
	  { 0 },
	  "INSERT INTO ledger_index (entry, epoch, position) VALUES (1, 1, 5)",
	  "LEDGER_BAD_INDEX[the index gives entry 1 ",
	  false },
	{ "index row beyond the end",
	  { 0 },
	  "INSERT INTO ledger_index (entry, epoch, position) VALUES (1, 1, 50000)",
	  "LEDGER_BAD_INDEX",
	  false },
	{ "index row of no epoch",
	  { 0 },
	  "INSERT INTO ledger_index (entry, epoch, position) VALUES (1, 4, 5)",
	  "LEDGER_BAD_INDEX",
	  false },
	{ "queue, added",
	  { 0 },
	  "INSERT INTO ledger_pending (id, body, seal) SELECT 9, data, data FROM ledger_bundle "
	  "WHERE first = 0",
	  "LEDGER_BAD_PENDING",
	  false },
	{ "note's salt",
	  { "SELECT salt FROM ledger_note", "UPDATE ledger_note SET salt = :blob", 3 },
	  NULL,
	  "LEDGER_BAD_NOTE",
	  false },
	{ "note's text",
	  { "SELECT sealed FROM ledger_note", "UPDATE ledger_note SET sealed = :blob", 20 },
	  NULL,
	  "LEDGER_BAD_NOTE",
	  false },
};

/* A closed, whole log of 600 entries, opened without a sequencer. */
static bool start_filled(struct fixture *f)
{
	const struct actor actor = { .account = { { 1 } }, .address = STR("192.0.2.1") };
	int64_t entry;
	struct err err;

	if (!fixture_start(f) || !fixture_open_ledger(f) ||
	    !check_no_error(ledger_change(f->ledger, &actor, fixture_apply, &entry, &err), &err,
			    __FILE__, __LINE__, "change") ||
	    !fixture_fill(f, ENTRIES - 1))
		return false;
	ledger_close(steal(f->ledger));
	f->config.sequence = false;
	return fixture_open_ledger(f);
}

static bool damage(struct fixture *f, size_t i)
{
	struct flip with = cases[i].flip;
	struct err err;

	if (cases[i].sql)
		return fixture_sql(f, cases[i].sql, NULL);
	return check_no_error(store_write(f->store, flip, &with, &err), &err, __FILE__, __LINE__,
			      cases[i].name);
}

/* Tables as they were, so that one filled log serves all cases. */
static const char *const copied[] = { "ledger_bundle", "ledger_tile",  "ledger_state",
				      "ledger_epoch",  "ledger_index", "ledger_pending",
				      "ledger_note" };

static bool copy_tables(struct fixture *f, bool back)
{
	for (size_t i = 0; i < nitems(copied); i++) {
		auto_writer sql = { 0 };

		if (!back) {
			writer_printf(&sql, "CREATE TABLE copy_%s AS SELECT * FROM %s", copied[i],
				      copied[i]);
		} else {
			writer_printf(&sql, "DELETE FROM %s", copied[i]);
			if (!fixture_sql(f, sql.at, NULL))
				return false;
			writer_clear(&sql);
			writer_printf(&sql, "INSERT INTO %s SELECT * FROM copy_%s", copied[i],
				      copied[i]);
		}
		if (!fixture_sql(f, sql.at, NULL))
			return false;
	}
	return true;
}

static void every_damage_is_named(void)
{
	auto_fixture f;
	auto_writer codes = { 0 };

	CHECK(start_filled(&f));
	CHECK(verify(&f, &codes));
	CHECK_STR(writer_str(&codes), STR(""));
	CHECK_INT(other_verifier(&f), 0);
	CHECK(copy_tables(&f, false));
	for (size_t i = 0; i < nitems(cases); i++) {
		CHECK(damage(&f, i));
		CHECK(verify(&f, &codes));
		if (!check_that(strstr(codes.at, cases[i].finds) != NULL, __FILE__, __LINE__,
				cases[i].name))
			printf("# found: %s\n", codes.at);
		if (cases[i].exported)
			CHECK_INT(other_verifier(&f), 1);
		CHECK(copy_tables(&f, true));
	}
	CHECK(verify(&f, &codes));
	CHECK_STR(writer_str(&codes), STR(""));
	check_cases((int)nitems(cases));
}

/* --- Opening against the anchor --- */

/* Closes, does SQL or not, opens again: the trouble it opens with. */
static enum message trouble_after(struct fixture *f)
{
	const struct err *trouble;

	ledger_close(steal(f->ledger));
	if (!fixture_open_ledger(f))
		return MSG_COUNT;
	trouble = ledger_trouble(f->ledger);
	return trouble ? trouble->message : MSG_NONE;
}

static bool write_anchor(struct fixture *f, struct anchor_state *state)
{
	struct err err;

	return check_no_error(f->anchor->store(f->anchor, state, &err), &err, __FILE__, __LINE__,
			      "anchor");
}

static void anchors(void)
{
	auto_fixture f;
	struct anchor_state state = { 0 }, changed;
	bool found;
	struct err err;
	int64_t entry;

	CHECK(start_filled(&f));
	CHECK_DONE(f.anchor->load(f.anchor, &state, &found, &err), err);
	CHECK(found);
	CHECK_INT(trouble_after(&f), MSG_NONE);

	/* Another program's text; a flipped bit of the note. */
	CHECK_DONE(file_replace(f.anchor_path, STR("something else\n"), 0600, &err), err);
	CHECK_INT(trouble_after(&f), MSG_LEDGER_ANCHOR_DAMAGED);
	CHECK_FAILS(ledger_change(f.ledger, &(struct actor){ 0 }, fixture_apply, &entry, &err), err,
		    MSG_STORE_READ_ONLY);
	fixture_close(&f);
	CHECK(fixture_open_store(&f));
	state.note.at[state.note.len - 10] ^= 1;
	CHECK(write_anchor(&f, &state));
	CHECK_INT(trouble_after(&f), MSG_LEDGER_ANCHOR_DAMAGED);
	fixture_close(&f);
	CHECK(fixture_open_store(&f));
	state.note.at[state.note.len - 10] ^= 1;

	/* Missing: only when somebody says so. */
	CHECK_DONE(path_remove(f.anchor_path, &err), err);
	CHECK_INT(trouble_after(&f), MSG_LEDGER_ANCHOR_MISSING);
	fixture_close(&f);
	CHECK(fixture_open_store(&f));
	f.config.accept_missing_anchor = true;
	CHECK_INT(trouble_after(&f), MSG_NONE);
	f.config.accept_missing_anchor = false;

	/* More commits than the database has had. */
	if (check_backend() == BACKEND_SQLITE) {
		changed = state;
		changed.commits += 100000;
		CHECK(write_anchor(&f, &changed));
		CHECK_INT(trouble_after(&f), MSG_LEDGER_ANCHOR_COMMITS);
		fixture_close(&f);
		CHECK(fixture_open_store(&f));
	}

	/* A later epoch. */
	changed = state;
	changed.epoch = 2;
	CHECK(write_anchor(&f, &changed));
	CHECK_INT(trouble_after(&f), MSG_LEDGER_ANCHOR_AHEAD);
	fixture_close(&f);
	CHECK(fixture_open_store(&f));
	CHECK(write_anchor(&f, &state));
	CHECK_INT(trouble_after(&f), MSG_NONE);
	writer_release(&state.note);
}

static struct ledger_continue continuation(struct fixture *f)
{
	return (struct ledger_continue){
		.store = f->store,
		.keyring = f->keyring,
		.origin = "test.example",
		.anchor = f->anchor,
		.reason = STR("restored a backup after the disk failed"),
		.first = { { 1 } },
		.second = { { 2 } },
	};
}

static bool count_visits(void *context, int64_t epoch, int64_t position,
			 const struct ledger_entry *entry, struct err *err)
{
	int64_t *counts = context;

	(void)err;
	(void)entry;
	counts[position < 0 ? 0 : epoch]++;
	return true;
}

static bool visit_all(struct conn *conn, void *context, struct err *err)
{
	return ledger_visit(conn, count_visits, context, err);
}

/* An old copy of the tables comes back: refused until two people continue, and then everything holds again. */
static void restored_copy(void)
{
	auto_fixture f;
	auto_writer codes = { 0 };
	struct ledger_continue with;
	struct ledger_status status;
	int64_t epoch, counts[4] = { 0 };
	struct err err;

	CHECK(start_filled(&f));
	CHECK(copy_tables(&f, false));
	ledger_close(steal(f.ledger));
	f.config.sequence = true;
	CHECK(fixture_open_ledger(&f));
	CHECK(fixture_fill(&f, 50));
	ledger_close(steal(f.ledger));
	f.config.sequence = false;
	CHECK(fixture_open_ledger(&f));
	CHECK(copy_tables(&f, true));
	CHECK(verify(&f, &codes));
	CHECK(strstr(codes.at, "LEDGER_ANCHOR_AHEAD"));
	CHECK_INT(trouble_after(&f), MSG_LEDGER_ANCHOR_AHEAD);
	fixture_close(&f);
	CHECK(fixture_open_store(&f));

	with = continuation(&f);
	with.second = with.first;
	CHECK_FAILS(ledger_continue(&with, &epoch, &err), err, MSG_LEDGER_CONTINUE_PEOPLE);
	with = continuation(&f);
	with.reason = STR("  ");
	CHECK_FAILS(ledger_continue(&with, &epoch, &err), err, MSG_LEDGER_CONTINUE_REASON);
	with = continuation(&f);
	CHECK_DONE(ledger_continue(&with, &epoch, &err), err);
	CHECK_INT(epoch, 2);

	f.config.sequence = true;
	CHECK(fixture_open_ledger(&f));
	CHECK(!ledger_trouble(f.ledger));
	CHECK(fixture_fill(&f, 20));
	CHECK_DONE(ledger_status(f.ledger, &status, &err), err);
	CHECK_INT(status.epoch, 2);
	CHECK_INT(status.size, 21);
	CHECK(verify(&f, &codes));
	CHECK_STR(writer_str(&codes), STR(""));
	CHECK_DONE(store_read(f.store, visit_all, counts, &err), err);
	CHECK_INT(counts[0], 0);
	CHECK_INT(counts[1], ENTRIES);
	CHECK_INT(counts[2], 21);
	CHECK_INT(other_verifier(&f), 0);

	/* What was lost stays named in the log, and the closed epoch is guarded by it. */
	CHECK(fixture_sql(&f, "UPDATE ledger_epoch SET size = size - 1 WHERE number = 1", NULL));
	CHECK(verify(&f, &codes));
	CHECK(strstr(codes.at, "LEDGER_EPOCH_CHAIN"));
}

/* A server that runs while the log is continued goes over to the new epoch by itself. */
static void continued_while_running(void)
{
	auto_fixture f;
	auto_writer codes = { 0 };
	struct ledger_continue with;
	struct ledger_status status;
	int64_t epoch;
	struct err err;

	CHECK(fixture_start(&f));
	CHECK(fixture_open_ledger(&f));
	CHECK(fixture_fill(&f, 10));
	with = continuation(&f);
	CHECK_DONE(ledger_continue(&with, &epoch, &err), err);
	CHECK(fixture_fill(&f, 10));
	CHECK(!ledger_trouble(f.ledger));
	CHECK_DONE(ledger_status(f.ledger, &status, &err), err);
	CHECK_INT(status.epoch, 2);
	CHECK_INT(status.size, 11);
	CHECK(verify(&f, &codes));
	CHECK_STR(writer_str(&codes), STR(""));
}

static void put_file(const char *path, struct str bytes)
{
	struct err err;

	(void)check_no_error(file_replace(path, bytes, 0600, &err), &err, __FILE__, __LINE__, path);
}

/* A single proof, checked by the other verifier: the entry, a changed entry, a changed proof. */
static void proof_for_outsiders(void)
{
	auto_fixture f;
	const char *folder = check_folder();
	auto_memory char *proof_path = path_join(folder, "one.tlog-proof");
	auto_memory char *entry_path = path_join(folder, "entry");
	auto_writer proof = { 0 }, bundle = { 0 }, arguments = { 0 };
	struct str rest, entry;
	struct err err;

	CHECK(start_filled(&f));
	CHECK_DONE(ledger_prove(f.ledger, 512, &proof, &err), err);
	CHECK_DONE(ledger_file(f.ledger, STR("tile/entries/002.p/88"), &bundle, &err), err);
	rest = writer_str(&bundle);
	CHECK(bundle_next(&rest, &entry));
	put_file(proof_path, writer_str(&proof));
	put_file(entry_path, entry);
	writer_printf(&arguments, "--proof '%s' --entry '%s'", proof_path, entry_path);
	CHECK_INT(run_verifier(f.ledger, arguments.at), 0);

	bundle.at[20] ^= 1;
	put_file(entry_path, entry);
	CHECK_INT(run_verifier(f.ledger, arguments.at), 1);
	bundle.at[20] ^= 1;
	put_file(entry_path, entry);
	proof.at[60] = proof.at[60] == 'A' ? 'B' : 'A';
	put_file(proof_path, writer_str(&proof));
	CHECK_INT(run_verifier(f.ledger, arguments.at), 1);
	CHECK_INT(run_verifier(f.ledger, "--proof x"), 2);
}

static const struct check_test tests[] = {
	TEST(proof_for_outsiders), TEST(every_damage_is_named),   TEST(anchors),
	TEST(restored_copy),       TEST(continued_while_running),
};

int main(int argc, char **argv)
{
	return check_main(tests, nitems(tests), argc, argv);
}
