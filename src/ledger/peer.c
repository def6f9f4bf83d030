#include "ledger/peer.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/memory.h"
#include "crypto/keyring.h"

enum { PEER_SLOTS = 512, PEER_TEXT_MAX = 512 };
#define DAY SECONDS(86400)

struct peer_slot {
	struct digest key; /* of account, day, address and user agent */
	uint8_t salt[SALT_SIZE];
	bool stored;
};

struct peer_cache {
	pthread_mutex_t lock;
	struct peer_slot slot[PEER_SLOTS];
};

struct peer_cache *peer_cache_new(void)
{
	struct peer_cache *cache = memory_zero(1, sizeof(*cache));

	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

void peer_cache_free(struct peer_cache *cache)
{
	if (!cache)
		return;
	pthread_mutex_destroy(&cache->lock);
	memory_wipe(cache, sizeof(*cache));
	free(cache);
}

void erasable_release(struct erasable *row)
{
	writer_release(&row->sealed);
}

static void note_context(struct str commitment, struct writer *context)
{
	writer_text(context, "ledger_note ");
	writer_put(context, commitment);
}

/* The commitment and, where a row is needed, the sealed text; bound to each other by the commitment
 * as context. */
static bool erasable_fill(struct erasable *row, const struct keyring *keyring, struct str text,
			  struct err *err)
{
	auto_writer context = { 0 };

	row->commitment = commitment_to(row->salt, text);
	if (!row->needed)
		return true;
	note_context(digest_str(&row->commitment.digest), &context);
	writer_clear(&row->sealed);
	return keyring_seal(keyring, KEY_FIELD, writer_str(&context), text, &row->sealed, err);
}

static struct digest peer_key(const struct actor *actor, struct str text, int64_t now)
{
	auto_hasher hasher = { 0 };
	int64_t day = now / DAY;

	hasher_start(&hasher);
	hasher_add(&hasher, uuid_str(&actor->account));
	hasher_add(&hasher, (struct str){ (const char *)&day, sizeof(day) });
	hasher_add(&hasher, text);
	return hasher_finish(&hasher);
}

static struct peer_slot *slot_of(struct peer_cache *cache, const struct digest *key)
{
	return &cache->slot[(key->bytes[0] | key->bytes[1] << 8) % PEER_SLOTS];
}

bool peer_prepare(struct peer_cache *cache, const struct keyring *keyring,
		  const struct actor *actor, int64_t now, struct erasable *row, struct err *err)
{
	auto_writer text = { 0 };

	if (actor->address.len == 0 && actor->user_agent.len == 0)
		return true;
	writer_put(&text, str_sub(actor->address, 0, PEER_TEXT_MAX));
	writer_byte(&text, '\n');
	writer_put(&text, str_sub(actor->user_agent, 0, PEER_TEXT_MAX));

	struct digest key = peer_key(actor, writer_str(&text), now);
	struct peer_slot *slot = slot_of(cache, &key);

	pthread_mutex_lock(&cache->lock);
	if (!digest_equal(&slot->key, &key)) {
		slot->key = key;
		slot->stored = false;
		salt_new(slot->salt);
	}
	memcpy(row->salt, slot->salt, SALT_SIZE);
	row->needed = !slot->stored;
	pthread_mutex_unlock(&cache->lock);

	row->kind = NOTE_PEER;
	row->account = actor->account;
	return erasable_fill(row, keyring, writer_str(&text), err);
}

void peer_stored(struct peer_cache *cache, const struct erasable *row)
{
	if (!row->needed)
		return;
	/* Found by its salt: the slot may have gone to another peer meanwhile. */
	pthread_mutex_lock(&cache->lock);
	for (size_t i = 0; i < PEER_SLOTS; i++) {
		if (memcmp(cache->slot[i].salt, row->salt, SALT_SIZE) == 0)
			cache->slot[i].stored = true;
	}
	pthread_mutex_unlock(&cache->lock);
}

bool reason_prepare(const struct keyring *keyring, const struct actor *actor, struct erasable *row,
		    struct err *err)
{
	if (actor->reason.len == 0)
		return true;
	row->kind = NOTE_REASON;
	row->account = actor->account;
	row->needed = true;
	salt_new(row->salt);
	return erasable_fill(row, keyring, actor->reason, err);
}

#define SQL_NOTE_INSERT                                                               \
	"INSERT INTO ledger_note (commitment, kind, account, salt, sealed, created) " \
	"VALUES (:commitment, :kind, :account, :salt, :sealed, :created) ON CONFLICT DO NOTHING"

bool erasable_insert(struct conn *conn, const struct erasable *row, int64_t now, struct err *err)
{
	if (!row->needed)
		return true;

	auto_query struct query q = query_start(conn, SQL_NOTE_INSERT);

	query_blob(&q, "commitment", digest_str(&row->commitment.digest));
	query_int(&q, "kind", row->kind);
	query_blob(&q, "account", uuid_str(&row->account));
	query_blob(&q, "salt", (struct str){ (const char *)row->salt, SALT_SIZE });
	query_blob(&q, "sealed", writer_str(&row->sealed));
	query_int(&q, "created", now);
	return query_run(&q, NULL, err);
}

bool erasable_holds(const struct keyring *keyring, struct str commitment, struct str salt,
		    struct str sealed)
{
	auto_writer context = { 0 }, text = { 0 };
	struct err ignored;

	if (salt.len != SALT_SIZE)
		return false;
	note_context(commitment, &context);
	if (!keyring_unseal(keyring, KEY_FIELD, writer_str(&context), sealed, &text, &ignored))
		return false;

	struct commitment want = commitment_to((const uint8_t *)salt.at, writer_str(&text));

	return str_equal(commitment, digest_str(&want.digest));
}
