/* Changes: entries come into being with their change or not at all. */
#include <pthread.h>

#include "crypto/digest.h"
#include "fixture.h"
#include "ledger/entry.h"

static const struct uuid someone = { { 1, 2, 3 } }, something = { { 4, 5, 6 } };

static bool two_entries(struct change *change, struct err *err)
{
	const struct entry entry = {
		.action = "thing.change", .type = "thing", .subject = something, .version = 2
	};
	int64_t *ids = change->prepared;

	return change_entry(change, &entry, &ids[0], err) &&
	       change_entry(change, &entry, &ids[1], err);
}

static bool entry_then_failure(struct change *change, struct err *err)
{
	return two_entries(change, err) && fail(err, MSG_NOT_UTF8);
}

struct pending {
	int count;
	int64_t id[8];
	struct ledger_entry entry[8];
	char body[8][1000];
};

static bool read_pending(struct conn *conn, void *context, struct err *err)
{
	struct pending *pending = context;
	auto_query struct query q =
		query_start(conn, "SELECT id, body FROM ledger_pending ORDER BY id");

	pending->count = 0;
	while (query_row(&q) && pending->count < 8) {
		struct str body = column_blob(&q, 1);
		int i = pending->count++;

		pending->id[i] = column_int(&q, 0);
		if (body.len < sizeof(pending->body[i]))
			memcpy(pending->body[i], body.at, body.len);
		if (!entry_parse((struct str){ pending->body[i], body.len }, &pending->entry[i]))
			pending->count = -100;
	}
	return query_end(&q, err);
}

static bool count_notes(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query q = query_start(conn, "SELECT count(*) FROM ledger_note");
	bool found;

	if (!query_one(&q, &found, err))
		return false;
	*(int64_t *)context = column_int(&q, 0);
	return query_end(&q, err);
}

static void entries_of_a_change(void)
{
	auto_fixture f;
	const struct actor actor = { .account = someone,
				     .address = STR("192.0.2.7"),
				     .user_agent = STR("browser") };
	struct actor with_reason = actor;
	struct pending pending;
	int64_t ids[2], notes;
	struct err err;

	CHECK(fixture_start(&f));
	f.config.sequence = false;
	CHECK(fixture_open_ledger(&f));
	CHECK_FAILS(ledger_change(f.ledger, &actor, entry_then_failure, ids, &err), err,
		    MSG_NOT_UTF8);
	CHECK_DONE(store_read(f.store, read_pending, &pending, &err), err);
	CHECK_INT(pending.count, 0);
	CHECK_DONE(store_read(f.store, count_notes, &notes, &err), err);
	CHECK_INT(notes, 0);

	CHECK_DONE(ledger_change(f.ledger, &actor, two_entries, ids, &err), err);
	CHECK_DONE(ledger_change(f.ledger, &actor, two_entries, ids, &err), err);
	with_reason.reason = STR("because");
	CHECK_DONE(ledger_change(f.ledger, &with_reason, two_entries, ids, &err), err);
	CHECK_DONE(store_read(f.store, read_pending, &pending, &err), err);
	CHECK_INT(pending.count, 6);
	CHECK_INT(pending.id[5], ids[1]);
	for (int i = 0; i < 6; i++) {
		CHECK_INT(pending.id[i], pending.entry[i].id);
		CHECK(i == 0 || pending.id[i] > pending.id[i - 1]);
		CHECK(uuid_equal(&pending.entry[i].actor, &someone));
		CHECK(digest_equal(&pending.entry[i].peer.digest, &pending.entry[0].peer.digest));
		CHECK(digest_is_zero(&pending.entry[i].reason.digest) == (i < 4));
	}
	/* One peer, one reason; the peer's text is stored once. */
	CHECK_DONE(store_read(f.store, count_notes, &notes, &err), err);
	CHECK_INT(notes, 2);
}

enum { THREADS = 8, CHANGES = 50 };

static void *many_changes(void *context)
{
	struct fixture *f = context;
	const struct actor actor = { .account = someone };
	int64_t ids[2];
	struct err err;

	for (int i = 0; i < CHANGES; i++) {
		if (!ledger_change(f->ledger, &actor, two_entries, ids, &err))
			return NULL;
	}
	return f;
}

static bool count_pending(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query q = query_start(conn, "SELECT count(*) FROM ledger_pending");
	bool found;

	if (!query_one(&q, &found, err))
		return false;
	*(int64_t *)context = column_int(&q, 0);
	return query_end(&q, err);
}

static void changes_at_once(void)
{
	auto_fixture f;
	pthread_t threads[THREADS];
	int64_t count;
	struct err err;
	void *done;

	CHECK(fixture_start(&f));
	f.config.sequence = false;
	CHECK(fixture_open_ledger(&f));
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, many_changes, &f) == 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &done);
		CHECK(done);
	}
	CHECK_DONE(store_read(f.store, count_pending, &count, &err), err);
	CHECK_INT(count, THREADS * CHANGES * 2);
}

static const struct check_test tests[] = { TEST(entries_of_a_change), TEST(changes_at_once) };

int main(int argc, char **argv)
{
	return check_main(tests, nitems(tests), argc, argv);
}
