#include "ledger/ledger.h"

#include "base/clock.h"
#include "base/memory.h"
#include "crypto/keyring.h"
#include "ledger/log.h"
#include "ledger/opening.h"
#include "ledger/sequencer.h"
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
	struct ledger *ledger;
	struct log_state state;
	bool found;
	int64_t last_entry;

	bool anchored;
	bool accept_missing;
	struct anchor_state anchor;
	struct err trouble; /* what the comparison found */
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

static bool open_state(struct ledger *ledger, struct opening *opening, struct err *err)
{
	if (!store_read(ledger->store, read_opening, opening, err))
		return false;
	if (!opening->found) {
		/* Another server may make it at the same moment. */
		if (!store_write(ledger->store, first_epoch, ledger, err) && !err_is_duplicate(err))
			return false;
		if (!store_read(ledger->store, read_opening, opening, err))
			return false;
	}
	atomic_store(&ledger->last_entry, opening->last_entry);
	return true;
}

/* --- The comparison with the anchor --- */

static bool compare_anchor(struct conn *conn, const struct opening *opening, struct err *err)
{
	int64_t commits = store_commits(opening->ledger->store);
	struct log_state anchored;

	if (!opening->ledger->anchor)
		return true;
	if (!opening->anchored)
		return opening->accept_missing ||
		       (opening->state.size == 0 && opening->state.epoch == 1) ||
		       fail(err, MSG_LEDGER_ANCHOR_MISSING, opening->ledger->anchor->name);
	if (!anchor_read(conn, &opening->anchor, &anchored, err) ||
	    !state_follows(conn, &anchored, &opening->state, err))
		return false;
	return commits < 0 || opening->anchor.commits <= commits ||
	       fail(err, MSG_LEDGER_ANCHOR_COMMITS, opening->anchor.commits, commits);
}

static bool compare(struct conn *conn, void *context, struct err *err)
{
	struct opening *opening = context;

	(void)err;
	err_clear(&opening->trouble);
	if (state_whole(conn, &opening->state, opening->ledger->signer, &opening->trouble))
		(void)!compare_anchor(conn, opening, &opening->trouble);
	return true;
}

static bool open_compared(struct ledger *ledger, const struct ledger_config *config,
			  struct err *err)
{
	struct opening opening = { .ledger = ledger,
				   .accept_missing = config->accept_missing_anchor };
	bool done = open_state(ledger, &opening, err);

	/* An anchor that cannot be read is no reason to stay down, but one to write nothing. */
	if (done && ledger->anchor &&
	    !ledger->anchor->load(ledger->anchor, &opening.anchor, &opening.anchored,
				  &opening.trouble))
		ledger_trouble_set(ledger, &opening.trouble, true);
	else
		done = done && store_read(ledger->store, compare, &opening, err);
	if (done && !ledger_is_broken(ledger) && opening.trouble.message != MSG_NONE)
		ledger_trouble_set(ledger, &opening.trouble, true);
	ledger->published.state = opening.state;
	ledger->published.instant = clock_now();
	writer_release(&opening.anchor.note);
	return done;
}

static void init_lock(struct ledger *ledger)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&ledger->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&ledger->changed, &attributes);
	pthread_cond_init(&ledger->work, &attributes);
	pthread_condattr_destroy(&attributes);
}

bool ledger_open(struct store *store, const struct keyring *keyring,
		 const struct ledger_config *config, struct ledger **to, struct err *err)
{
	auto_ledger ledger = memory_zero(1, sizeof(*ledger));
	struct str origin = str_of(config->origin);

	init_lock(ledger);
	ledger->store = store;
	ledger->keyring = keyring;
	ledger->anchor = config->anchor;
	ledger->interval = config->interval > 0 ? config->interval : DEFAULT_INTERVAL;
	ledger->peers = peer_cache_new();
	ledger->recent = memory_zero(RECENT_SLOTS, sizeof(*ledger->recent));
	ledger->pending_key = pending_key(keyring);
	if (!note_name_valid(origin) || origin.len > ORIGIN_MAX)
		return fail(err, MSG_LEDGER_ORIGIN, config->origin);
	memcpy(ledger->origin, origin.at, origin.len);
	if (!log_keys(keyring, &ledger->signer, err) || !open_compared(ledger, config, err))
		return false;
	if (config->sequence && !sequencer_start(ledger, err))
		return false;
	*to = steal(ledger);
	return true;
}

void ledger_close(struct ledger *ledger)
{
	if (!ledger)
		return;
	sequencer_stop(ledger);
	for (struct trouble *trouble = ledger->troubles, *older; trouble; trouble = older) {
		older = trouble->older;
		free(trouble);
	}
	signer_free(ledger->signer);
	peer_cache_free(ledger->peers);
	memory_wipe(&ledger->pending_key, sizeof(ledger->pending_key));
	pthread_cond_destroy(&ledger->changed);
	pthread_cond_destroy(&ledger->work);
	pthread_mutex_destroy(&ledger->lock);
	free(ledger->recent);
	free(ledger);
}

/* --- Shared with the sequencer --- */

void ledger_signal(struct ledger *ledger)
{
	pthread_mutex_lock(&ledger->lock);
	ledger->signals++;
	pthread_cond_signal(&ledger->work);
	pthread_mutex_unlock(&ledger->lock);
}

struct recent *ledger_recent(struct ledger *ledger, int64_t entry)
{
	uint64_t hash = (uint64_t)entry * 0x9e3779b97f4a7c15U; /* Fibonacci hashing */

	return &ledger->recent[hash >> 32 & (RECENT_SLOTS - 1)];
}

void ledger_pause(struct ledger *ledger, pthread_cond_t *condition, int64_t limit)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += limit / SECONDS(1);
	until.tv_nsec += limit % SECONDS(1) * 1000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	(void)pthread_cond_timedwait(condition, &ledger->lock, &until);
}

static bool same_err(const struct err *a, const struct err *b)
{
	bool same = a->message == b->message && a->argc == b->argc;

	for (int i = 0; same && i < a->argc; i++)
		same = strcmp(a->arg[i], b->arg[i]) == 0;
	return same;
}

void ledger_trouble_set(struct ledger *ledger, const struct err *err, bool broken)
{
	if (broken)
		store_forbid_writes(ledger->store, message_code(err->message));
	pthread_mutex_lock(&ledger->lock);
	if (!ledger->broken) {
		bool same = ledger->troubles && same_err(&ledger->troubles->err, err);

		if (!same && (broken || ledger->trouble_count < TROUBLES_MAX)) {
			struct trouble *trouble = memory_zero(1, sizeof(*trouble));

			trouble->err = *err;
			trouble->older = ledger->troubles;
			ledger->troubles = trouble;
			ledger->trouble_count++;
		}
		ledger->trouble = &ledger->troubles->err;
		ledger->broken = broken;
	}
	pthread_mutex_unlock(&ledger->lock);
}

void ledger_trouble_clear(struct ledger *ledger)
{
	pthread_mutex_lock(&ledger->lock);
	if (!ledger->broken)
		ledger->trouble = NULL;
	pthread_mutex_unlock(&ledger->lock);
}

bool ledger_is_broken(struct ledger *ledger)
{
	pthread_mutex_lock(&ledger->lock);

	bool broken = ledger->broken;

	pthread_mutex_unlock(&ledger->lock);
	return broken;
}

struct published ledger_published(struct ledger *ledger)
{
	pthread_mutex_lock(&ledger->lock);

	struct published published = ledger->published;

	pthread_mutex_unlock(&ledger->lock);
	return published;
}

const struct err *ledger_trouble(struct ledger *ledger)
{
	pthread_mutex_lock(&ledger->lock);

	const struct err *trouble = ledger->trouble;

	pthread_mutex_unlock(&ledger->lock);
	return trouble;
}
