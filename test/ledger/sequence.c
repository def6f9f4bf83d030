/* The sequencer: every acknowledged entry gets one position, in one log, whatever happens around it. */
#include <pthread.h>

#include "base/clock.h"
#include "base/encode.h"
#include "fixture.h"
#include "ledger/bundle.h"
#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "ledger/tile.h"
#include "ledger/tree.h"

enum { PRODUCERS = 32, EACH = 40, LONG = 20 };

struct producer {
	struct ledger *ledger;
	int64_t entry[EACH], position[EACH];
	bool done;
};

static void *produce(void *context)
{
	struct producer *producer = context;
	const struct actor actor = { .account = { { 1 } } };
	struct err err;

	for (int i = 0; i < EACH; i++) {
		if (!ledger_change(producer->ledger, &actor, fixture_apply, &producer->entry[i],
				   &err) ||
		    !ledger_wait(producer->ledger, producer->entry[i], SECONDS(LONG),
				 &producer->position[i], &err))
			return NULL;
	}
	producer->done = true;
	return NULL;
}

/* The whole log as its files say, checked from the leaves up; gives the ids in their order. */
static bool read_log(struct ledger *ledger, const struct note_verifier *verifier, int64_t **ids,
		     int64_t *size)
{
	auto_writer note = { 0 };
	auto_memory struct tree *tree = memory_zero(1, sizeof(*tree));
	auto_hasher hasher = { 0 };
	struct checkpoint checkpoint;
	struct err err;

	if (!ledger_checkpoint(ledger, &note, &err) ||
	    !check_no_error(checkpoint_open(writer_str(&note), verifier, &checkpoint, &err), &err,
			    __FILE__, __LINE__, "checkpoint"))
		return false;
	*size = checkpoint.size;
	*ids = memory_zero((size_t)checkpoint.size + 1, sizeof(**ids));
	while (tree->size < checkpoint.size) {
		int64_t left = checkpoint.size - tree->size;
		struct tile_path path = { .kind = TILE_ENTRIES,
					  .index = tree->size / TILE_WIDTH,
					  .width = left < TILE_WIDTH ? (size_t)left : TILE_WIDTH };
		auto_writer name = { 0 }, bundle = { 0 };
		struct str rest, body;

		tile_path_write(&path, &name);
		if (!check_no_error(ledger_file(ledger, writer_str(&name), &bundle, &err), &err,
				    __FILE__, __LINE__, name.at))
			return false;
		rest = writer_str(&bundle);
		while (bundle_next(&rest, &body)) {
			struct digest leaf = tree_leaf_hash(&hasher, body);

			if (!entry_parse_id(body, &(*ids)[tree->size]) ||
			    !tree_append(tree, &hasher, &leaf, NULL, &err))
				return false;
		}
		if (!check_int((int64_t)rest.len, 0, __FILE__, __LINE__, "rest of the bundle"))
			return false;
	}

	struct digest root = tree_root(tree, &hasher);

	return check_that(digest_equal(&root, &checkpoint.root), __FILE__, __LINE__, "root");
}

static struct note_verifier verifier_of(struct ledger *ledger)
{
	struct note_verifier verifier = { 0 };
	auto_writer key = { 0 };
	struct err err;

	ledger_verifier_key(ledger, &key);
	(void)check_no_error(note_verifier_parse(writer_str(&key), &verifier, &err), &err, __FILE__,
			     __LINE__, "key");
	return verifier;
}

/* Runs 32 producers over these ledgers, which share one database, and checks that the log holds each entry once. */
static void producers_over(struct ledger **ledgers, int count)
{
	auto_memory struct producer *producers = memory_zero(PRODUCERS, sizeof(*producers));
	auto_memory int64_t *ids = NULL;
	pthread_t threads[PRODUCERS];
	struct note_verifier verifier = verifier_of(ledgers[0]);
	int64_t size;

	for (int i = 0; i < PRODUCERS; i++) {
		producers[i].ledger = ledgers[i % count];
		CHECK(pthread_create(&threads[i], NULL, produce, &producers[i]) == 0);
	}
	for (int i = 0; i < PRODUCERS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < PRODUCERS; i++)
		CHECK(producers[i].done);

	for (int l = 0; l < count; l++) {
		int64_t known = 0;

		/* A server that did not win the last round learns of it in its next turn. */
		for (int tries = 0; tries < 200 && known < PRODUCERS * EACH; tries++) {
			struct ledger_status status;
			struct err err;

			CHECK_DONE(ledger_status(ledgers[l], &status, &err), err);
			known = status.size;
			if (known < PRODUCERS * EACH)
				(void)usleep(20000);
		}
		free(steal(ids));
		CHECK(read_log(ledgers[l], &verifier, &ids, &size));
		CHECK_INT(size, PRODUCERS * EACH);
		for (int i = 0; i < PRODUCERS; i++) {
			for (int e = 0; e < EACH; e++) {
				CHECK(producers[i].position[e] >= 0 &&
				      producers[i].position[e] < size);
				CHECK_INT(ids[producers[i].position[e]], producers[i].entry[e]);
			}
		}
	}
	check_cases(PRODUCERS * EACH);
}

static void producers_at_once(void)
{
	auto_fixture f;

	CHECK(fixture_start(&f));
	CHECK(fixture_open_ledger(&f));
	producers_over(&f.ledger, 1);
}

/* Two servers (PostgreSQL: two stores; SQLite: two sequencers in one process) never make two logs. */
static void two_sequencers(void)
{
	auto_fixture f;
	auto_memory char *path = path_join(check_folder(), "anchor");
	struct anchor *anchor = anchor_file_new(path);
	struct ledger *ledgers[2];
	struct ledger_config config;
	struct store *second = NULL;
	struct err err;

	CHECK(fixture_start(&f));
	CHECK(fixture_open_ledger(&f));
	config = f.config;
	config.anchor = anchor;
	if (check_backend() == BACKEND_POSTGRES)
		CHECK_DONE(store_open(&f.store_config, false, &second, &err), err);
	CHECK_DONE(ledger_open(second ? second : f.store, f.keyring, &config, &ledgers[1], &err),
		   err);
	ledgers[0] = f.ledger;
	producers_over(ledgers, 2);
	CHECK(!ledger_trouble(ledgers[0]) && !ledger_trouble(ledgers[1]));
	ledger_close(ledgers[1]);
	store_close(second);
	anchor_free(anchor);
}

/* Every proof of a log that needs three levels of nodes and two tiles holds, and only for its own entry. */
static void proofs(void)
{
	enum { ENTRIES = 300 };
	auto_fixture f;
	auto_hasher hasher = { 0 };
	struct ledger_status status;
	struct err err;

	CHECK(fixture_start(&f));
	CHECK(fixture_open_ledger(&f));
	CHECK(fixture_fill(&f, ENTRIES));
	CHECK_DONE(ledger_status(f.ledger, &status, &err), err);
	CHECK_INT(status.size, ENTRIES);
	CHECK_INT(status.waiting, 0);
	for (int64_t at = 0; at < ENTRIES; at++) {
		auto_writer text = { 0 }, bundle = { 0 };
		struct tree_proof proof = { .count = 0 };
		struct str rest, line, body = STR_NONE, entries;

		CHECK_DONE(ledger_prove(f.ledger, at, &text, &err), err);
		rest = writer_str(&text);
		CHECK(str_split(&rest, '\n', &line) && str_is(line, "c2sp.org/tlog-proof@v1"));
		CHECK(str_split(&rest, '\n', &line) && str_starts(line, "index "));
		while (str_split(&rest, '\n', &line) && line.len > 0) {
			auto_writer bytes = { 0 };

			CHECK(base64_parse(line, &bytes) &&
			      digest_from(writer_str(&bytes), &proof.hash[proof.count++]));
		}
		CHECK_DONE(ledger_file(f.ledger,
				       at < 256 ? STR("tile/entries/000")
						: STR("tile/entries/001.p/44"),
				       &bundle, &err),
			   err);
		entries = writer_str(&bundle);
		for (int64_t i = at / 256 * 256; i <= at; i++)
			CHECK(bundle_next(&entries, &body));

		struct digest leaf = tree_leaf_hash(&hasher, body);

		CHECK(tree_inclusion_holds(at, ENTRIES, &leaf, &proof, &status.root));
		CHECK(!tree_inclusion_holds(at ^ 1, ENTRIES, &leaf, &proof, &status.root));
	}
	check_cases(ENTRIES);

	auto_writer out = { 0 };

	CHECK_FAILS(ledger_prove(f.ledger, ENTRIES, &out, &err), err, MSG_LEDGER_NO_POSITION);
	CHECK_FAILS(ledger_prove(f.ledger, -1, &out, &err), err, MSG_LEDGER_NO_POSITION);
}

static void files(void)
{
	static const struct {
		const char *path;
		int64_t size; /* -1: not there; 0: any */
	} cases[] = {
		{ "checkpoint", 0 },
		{ "tile/0/000", 8192 },
		{ "tile/0/001.p/44", 1408 },
		{ "tile/0/001.p/1", 32 },
		{ "tile/1/000.p/1", 32 },
		{ "tile/0/000.p/7", 224 },
		{ "tile/entries/000", 0 },
		{ "tile/entries/001.p/44", 0 },
		{ "tile/entries/001.p/3", 0 },
		{ "epoch/1/checkpoint", 0 },
		{ "epoch/1/tile/0/000", 8192 },
		{ "tile/0/001", -1 },
		{ "tile/0/001.p/45", -1 },
		{ "tile/0/002", -1 },
		{ "tile/1/000", -1 },
		{ "tile/1/000.p/2", -1 },
		{ "tile/2/000.p/1", -1 },
		{ "tile/63/000", -1 },
		{ "tile/entries/001", -1 },
		{ "tile/entries/001.p/45", -1 },
		{ "epoch/2/checkpoint", -1 },
		{ "tile/0/x999/x999/x999/999", -1 },
		{ "nothing", -1 },
		{ "", -1 },
	};
	auto_fixture f;
	struct err err;

	CHECK(fixture_start(&f));
	CHECK(fixture_open_ledger(&f));
	CHECK(fixture_fill(&f, 300));
	for (size_t i = 0; i < nitems(cases); i++) {
		auto_writer out = { 0 };

		if (cases[i].size < 0)
			CHECK_FAILS(ledger_file(f.ledger, str_of(cases[i].path), &out, &err), err,
				    MSG_LEDGER_NO_TILE);
		else
			CHECK_DONE(ledger_file(f.ledger, str_of(cases[i].path), &out, &err), err);
		CHECK(cases[i].size <= 0 || (int64_t)out.len == cases[i].size);
	}
	check_cases((int)nitems(cases));
}

/* An anchor that cannot be written: nothing is published, and it goes on by itself once it can. */
static void anchor_refuses(void)
{
	auto_fixture f;
	auto_memory char *folder = path_join(check_folder(), "volume");
	auto_memory char *path = path_join(folder, "anchor");
	struct anchor *anchor = anchor_file_new(path);
	auto_writer metrics = { 0 };
	struct ledger_status status;
	int64_t entry, position;
	struct err err;

	CHECK(fixture_start(&f));
	f.config.anchor = anchor;
	CHECK(fixture_open_ledger(&f));
	CHECK(fixture_change(f.ledger, &entry));
	CHECK_FAILS(ledger_wait(f.ledger, entry, SECONDS(1), &position, &err), err,
		    MSG_LEDGER_WAITING);
	CHECK_DONE(ledger_status(f.ledger, &status, &err), err);
	CHECK_INT(status.size, 0);
	CHECK(ledger_trouble(f.ledger));
	ledger_metrics(f.ledger, &metrics);
	CHECK(strstr(metrics.at, "xiedun_ledger_trouble 1\n"));
	CHECK(!strstr(metrics.at, "xiedun_ledger_anchor_failures_total 0\n"));

	CHECK_DONE(folder_make(folder, 0700, &err), err);
	CHECK_DONE(ledger_wait(f.ledger, entry, SECONDS(LONG), &position, &err), err);
	CHECK_INT(position, 0);
	CHECK(!ledger_trouble(f.ledger));
	ledger_close(steal(f.ledger));
	anchor_free(anchor);
	f.config.anchor = NULL;
}

/* What the last server left waiting is sequenced by the next; a close sequences what is there. */
static void across_restarts(void)
{
	auto_fixture f;
	auto_memory int64_t *ids = NULL;
	int64_t entry[3], size;
	struct note_verifier verifier;

	CHECK(fixture_start(&f));
	f.config.sequence = false;
	CHECK(fixture_open_ledger(&f));
	CHECK(fixture_change(f.ledger, &entry[0]));
	fixture_close(&f);

	f.config.sequence = true;
	CHECK(fixture_open_store(&f) && fixture_open_ledger(&f));
	CHECK(fixture_change(f.ledger, &entry[1]));
	CHECK(fixture_change(f.ledger, &entry[2]));
	fixture_close(&f);

	f.config.sequence = false;
	CHECK(fixture_open_store(&f) && fixture_open_ledger(&f));
	CHECK(!ledger_trouble(f.ledger));
	verifier = verifier_of(f.ledger);
	CHECK(read_log(f.ledger, &verifier, &ids, &size));
	CHECK_INT(size, 3);
	for (int i = 0; i < 3; i++)
		CHECK_INT(ids[i], entry[i]);
}

/* A row that was put or changed in the queue by hand gets no position, and the others still do. */
static void forged_entries(void)
{
	auto_fixture f;
	auto_writer metrics = { 0 };
	int64_t position;
	int64_t good, forged;
	struct err err;

	CHECK(fixture_start(&f));
	f.config.sequence = false;
	CHECK(fixture_open_ledger(&f));
	CHECK(fixture_change(f.ledger, &forged));
	CHECK(fixture_change(f.ledger, &good));
	CHECK(fixture_sql(
		&f,
		"INSERT INTO ledger_pending (id, body, seal) SELECT id + 1000000, body, seal FROM "
		"ledger_pending",
		NULL));
	CHECK(fixture_sql(&f,
			  "UPDATE ledger_pending SET seal = body WHERE id = (SELECT min(id) FROM "
			  "ledger_pending)",
			  NULL));
	ledger_close(steal(f.ledger));
	f.config.sequence = true;
	CHECK(fixture_open_ledger(&f));
	CHECK_DONE(ledger_wait(f.ledger, good, SECONDS(LONG), &position, &err), err);
	CHECK_INT(position, 0);
	CHECK_FAILS(ledger_wait(f.ledger, forged, SECONDS(1), &position, &err), err,
		    MSG_LEDGER_WAITING);
	ledger_metrics(f.ledger, &metrics);
	CHECK(strstr(metrics.at, "xiedun_ledger_refused_entries 3\n"));
	CHECK(ledger_trouble(f.ledger));
}

static const struct check_test tests[] = {
	TEST(producers_at_once), TEST(two_sequencers),  TEST(proofs),         TEST(files),
	TEST(anchor_refuses),    TEST(across_restarts), TEST(forged_entries),
};

int main(int argc, char **argv)
{
	return check_main(tests, nitems(tests), argc, argv);
}
