#include "identity/identity.h"

#include "identity/internal.h"

#define IDLE_LIMIT     SECONDS(30 * 60)
#define ABSOLUTE_LIMIT SECONDS(12 * 60 * 60)
#define MINUTE         SECONDS(60)
#define HOUR           SECONDS(60 * 60)

static bool read_generation(struct conn *conn, void *context, struct err *err)
{
	return generation_read(conn, context, err);
}

bool identity_open(struct ledger *ledger, struct store *store, const struct keyring *keyring,
		   const struct identity_config *config, struct identity **opened, struct err *err)
{
	int64_t generation;

	if (!store_read(store, read_generation, &generation, err))
		return false;

	struct identity *identity = memory_zero(1, sizeof(*identity));

	identity->ledger = ledger;
	identity->store = store;
	identity->keyring = keyring;
	identity->idle_limit = config->idle_limit ? config->idle_limit : IDLE_LIMIT;
	identity->absolute_limit = config->absolute_limit ? config->absolute_limit : ABSOLUTE_LIMIT;
	identity->issuer = memory_copy(str_of(config->issuer ? config->issuer : "Xiedun"));
	roles_init(&identity->roles);
	identity->cache = session_cache_new();
	session_cache_saw(identity->cache, generation);
	*opened = identity;
	return true;
}

void identity_close(struct identity *identity)
{
	if (!identity)
		return;
	session_cache_free(identity->cache);
	roles_release(&identity->roles);
	free(identity->issuer);
	free(identity);
}

struct pruning {
	int64_t now, idle_limit;
};

static bool prune(struct conn *conn, void *context, struct err *err)
{
	const struct pruning *pruning = context;

	return sessions_prune(conn, pruning->now, pruning->idle_limit, err) &&
	       back_off_prune(conn, pruning->now, err) && failures_prune(conn, pruning->now, err);
}

/* True for one caller each time `now` has reached a new period. */
static bool period_begins(_Atomic int64_t *last, int64_t now, int64_t length)
{
	int64_t period = now / length, known = atomic_load(last);

	return period != known && atomic_compare_exchange_strong(last, &known, period);
}

bool identity_tick(struct identity *identity, struct err *err)
{
	int64_t now = clock_now();
	struct pruning pruning = { now, identity->idle_limit };

	if (period_begins(&identity->flushed, now, MINUTE) && !failures_flush(identity, now, err))
		return false;
	if (period_begins(&identity->pruned, now, HOUR) &&
	    !store_write(identity->store, prune, &pruning, err))
		return false;
	return true;
}

void identity_metrics(struct identity *identity, struct writer *out)
{
	static const char *const results[SIGN_IN_RESULTS] = {
		[SIGN_IN_DONE] = "done", [SIGN_IN_REFUSED] = "refused", [SIGN_IN_HELD] = "held"
	};

	writer_text(out, "# HELP xiedun_sign_ins_total Attempts to sign in, by result.\n"
			 "# TYPE xiedun_sign_ins_total counter\n");
	for (size_t i = 0; i < nitems(results); i++)
		writer_printf(out, "xiedun_sign_ins_total{result=\"%s\"} %lld\n", results[i],
			      (long long)atomic_load(&identity->sign_ins[i]));
	session_cache_metrics(identity->cache, out);
}
