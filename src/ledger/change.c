#include "ledger/change.h"

#include "base/clock.h"
#include "base/random.h"
#include "ledger/bundle.h"
#include "ledger/entry.h"
#include "ledger/log.h"

enum { CHANGE_MEMORY = 16 << 20, COLLISIONS_MAX = 5 };

/* 2020-01-01T00:00:00Z: leaves 52 bits for microseconds until 2162 and 11 for chance. */
#define ENTRY_EPOCH  ((int64_t)1577836800 * 1000000)
#define ENTRY_CHANCE 11

struct running {
	struct change change;
	change_apply_fn *apply;
	struct erasable peer, reason;
};

static void auto_release_running(struct running *running)
{
	erasable_release(&running->peer);
	erasable_release(&running->reason);
}

/*
 * Entry numbers grow with time, so that pending entries are read about in their order; they are
 * made here and not by the database because they stand in the entry. Two servers that draw the same
 * one: the later insert fails and draws again.
 */
static int64_t entry_number(struct ledger *ledger)
{
	uint16_t chance;
	int64_t last = atomic_load(&ledger->last_entry), next;

	random_bytes(&chance, sizeof(chance));
	do {
		next = (clock_now() - ENTRY_EPOCH) << ENTRY_CHANCE |
		       (chance & ((1 << ENTRY_CHANCE) - 1));
		if (next <= last)
			next = last + 1;
	} while (!atomic_compare_exchange_weak(&ledger->last_entry, &last, next));
	return next;
}

struct digest pending_key(const struct keyring *keyring)
{
	return keyring_blind(keyring, STR("ledger_pending"), STR("key"));
}

struct digest pending_seal(const struct digest *key, struct str body)
{
	return hmac_sha256(digest_str(key), body);
}

bool pending_valid(const struct digest *key, int64_t id, struct str body, struct str seal)
{
	struct digest want = pending_seal(key, body);
	struct ledger_entry entry;

	return secret_equal(seal, digest_str(&want)) && entry_parse(body, &entry) && entry.id == id;
}

static bool pending_insert(struct change *change, int64_t id, struct str body, struct err *err)
{
	auto_query struct query q = query_start(
		change->conn,
		"INSERT INTO ledger_pending (id, body, seal) VALUES (:id, :body, :seal)");
	struct digest seal = pending_seal(&change->ledger->pending_key, body);

	query_int(&q, "id", id);
	query_blob(&q, "body", body);
	query_blob(&q, "seal", digest_str(&seal));
	if (query_run(&q, NULL, err))
		return true;
	change->collided = err_is_duplicate(err);
	return false;
}

bool change_entry(struct change *change, const struct entry *entry, int64_t *id, struct err *err)
{
	struct ledger_entry full = {
		.id = entry_number(change->ledger),
		.time = change->now,
		.actor = change->actor->account,
		.action = str_of(entry->action),
		.type = str_of(entry->type),
		.subject = entry->subject,
		.version = entry->version,
		.before = entry->before,
		.after = entry->after,
		.peer = change->peer,
		.reason = change->reason,
	};
	auto_writer body = { .limit = ENTRY_SIZE_MAX };

	assert(entry_word_valid(full.action) && entry_word_valid(full.type) && entry->version >= 0);
	assert(entry->document.len == 0 || entry->document.len == DIGEST_SIZE);
	if (entry->document.len == DIGEST_SIZE)
		memcpy(full.document.bytes, entry->document.at, DIGEST_SIZE);
	entry_write(&full, &body);
	if (!pending_insert(change, full.id, writer_str(&body), err))
		return false;
	change->entries++;
	if (id)
		*id = full.id;
	return true;
}

static bool run(struct conn *conn, void *context, struct err *err)
{
	struct running *running = context;
	struct change *change = &running->change;

	change->conn = conn;
	change->entries = 0;
	change->nothing = false;
	change->collided = false;
	arena_clear(change->arena);
	if (!running->apply(change, err))
		return false;
	if (change->nothing && change->entries == 0)
		return true;
	/* A change without an entry would be invisible for ever: no handler may forget it. */
	if (change->entries == 0)
		abort();
	return erasable_insert(conn, &running->peer, change->now, err) &&
	       erasable_insert(conn, &running->reason, change->now, err);
}

bool ledger_change(struct ledger *ledger, const struct actor *actor, change_apply_fn *apply,
		   void *prepared, struct err *err)
{
	auto_arena arena = arena_new(CHANGE_MEMORY);
	cleanup_with(auto_release_running) struct running running = {
		.change = {
			.arena = arena,
			.ledger = ledger,
			.actor = actor,
			.now = clock_now(),
			.prepared = prepared,
		},
		.apply = apply,
	};

	if (!peer_prepare(ledger->peers, ledger->keyring, actor, running.change.now, &running.peer,
			  err) ||
	    !reason_prepare(ledger->keyring, actor, &running.reason, err))
		return false;
	running.change.peer = running.peer.commitment;
	running.change.reason = running.reason.commitment;

	bool done = store_write(ledger->store, run, &running, err);

	for (int i = 0; !done && running.change.collided && i < COLLISIONS_MAX; i++)
		done = store_write(ledger->store, run, &running, err);
	if (!done)
		return false;
	peer_stored(ledger->peers, &running.peer);
	ledger_signal(ledger);
	return true;
}
