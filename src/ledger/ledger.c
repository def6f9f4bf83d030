#include "ledger/ledger.h"

#include "base/clock.h"
#include "base/memory.h"
#include "crypto/keyring.h"
#include "ledger/log.h"
#include "ledger/tree.h"

#define DEFAULT_INTERVAL (SECONDS(1) / 5)

bool log_keys(const struct keyring *keyring, struct signer **signer, struct err *err)
{
	uint8_t seed[KEY_SIZE];

	keyring_copy_key(keyring, KEY_LEDGER, seed);

	bool made = signer_new(seed, signer, err);

	memory_wipe(seed, sizeof(seed));
	return made;
}

void epoch_name(struct str origin, int64_t number, char name[NOTE_NAME_SIZE])
{
	(void)snprintf(name, NOTE_NAME_SIZE, "%.*s/%lld", STR_ARGS(origin), (long long)number);
}

/* --- The first epoch --- */

static bool first_epoch(struct conn *conn, void *context, struct err *err)
{
	const struct ledger *ledger = context;
	struct log_epoch epoch = { .number = 1, .verifier.key = *signer_public(ledger->signer) };
	struct log_state state = { .epoch = 1, .root = tree_empty_root() };
	int64_t now = clock_now();

	epoch_name(str_of(ledger->origin), 1, epoch.verifier.name);
	return state_sign(&state, str_of(epoch.verifier.name), ledger->signer, err) &&
	       epoch_insert(conn, &epoch, now, err) && state_insert(conn, &state, now, err);
}

struct opening {
	struct log_state state;
	bool found;
	int64_t last_entry;
};

static bool highest(struct conn *conn, const char *sql, int64_t *number, struct err *err)
{
	auto_query struct query q = query_start(conn, sql);
	bool found;

	if (!query_one(&q, &found, err))
		return false;
	if (found && column_int(&q, 0) > *number)
		*number = column_int(&q, 0);
	return query_end(&q, err);
}

static bool read_opening(struct conn *conn, void *context, struct err *err)
{
	struct opening *opening = context;

	return state_read(conn, &opening->state, &opening->found, err) &&
	       highest(conn, "SELECT max(id) FROM ledger_pending", &opening->last_entry, err) &&
	       highest(conn, "SELECT max(entry) FROM ledger_index", &opening->last_entry, err);
}

static bool open_state(struct ledger *ledger, struct err *err)
{
	struct opening opening = { 0 };
	bool raced = false;

	if (!store_read(ledger->store, read_opening, &opening, err))
		return false;
	if (!opening.found) {
		/* Another server may make it at the same moment. */
		if (!store_write(ledger->store, first_epoch, ledger, err)) {
			raced = err_is_duplicate(err);
			if (!raced)
				return false;
		}
		if (!store_read(ledger->store, read_opening, &opening, err))
			return false;
	}
	atomic_store(&ledger->last_entry, opening.last_entry);
	ledger->published.state = opening.state;
	return true;
}

bool ledger_open(struct store *store, const struct keyring *keyring,
		 const struct ledger_config *config, struct ledger **to, struct err *err)
{
	auto_ledger ledger = memory_zero(1, sizeof(*ledger));
	struct str origin = str_of(config->origin);

	pthread_mutex_init(&ledger->lock, NULL);
	pthread_cond_init(&ledger->changed, NULL);
	ledger->store = store;
	ledger->keyring = keyring;
	ledger->anchor = config->anchor;
	ledger->interval = config->interval > 0 ? config->interval : DEFAULT_INTERVAL;
	ledger->sequence = config->sequence;
	ledger->peers = peer_cache_new();
	ledger->pending_key = keyring_blind(keyring, STR("ledger_pending"), STR("key"));
	if (!note_name_valid(origin) || origin.len > ORIGIN_MAX)
		return fail(err, MSG_LEDGER_ORIGIN, config->origin);
	memcpy(ledger->origin, origin.at, origin.len);
	if (!log_keys(keyring, &ledger->signer, err) || !open_state(ledger, err))
		return false;
	*to = steal(ledger);
	return true;
}

void ledger_close(struct ledger *ledger)
{
	if (!ledger)
		return;
	signer_free(ledger->signer);
	peer_cache_free(ledger->peers);
	memory_wipe(&ledger->pending_key, sizeof(ledger->pending_key));
	pthread_cond_destroy(&ledger->changed);
	pthread_mutex_destroy(&ledger->lock);
	free(ledger);
}

void ledger_signal(struct ledger *ledger)
{
	pthread_mutex_lock(&ledger->lock);
	ledger->signals++;
	pthread_cond_broadcast(&ledger->changed);
	pthread_mutex_unlock(&ledger->lock);
}

const struct err *ledger_trouble(struct ledger *ledger)
{
	const struct err *shown = NULL;

	pthread_mutex_lock(&ledger->lock);
	if (ledger->trouble.message != MSG_NONE)
		shown = &ledger->trouble;
	pthread_mutex_unlock(&ledger->lock);
	return shown;
}
