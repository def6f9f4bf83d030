#include "ledger/sequencer.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "ledger/opening.h"
#include "ledger/round.h"

/* Between rounds, unless somebody waits for a position: a round costs two flushes of the disk whatever its size. */
#define GATHER      (SECONDS(1) / 20)
#define ANCHOR_IDLE (SECONDS(1) / 2)
#define RETRY_FIRST (SECONDS(1) / 10)
#define RETRY_LAST  SECONDS(5)

struct sequencer {
	struct ledger *ledger;
	struct round *round;
	bool more;          /* pending entries are left */
	bool progressed;    /* the last turn moved the log */
	int64_t last_round; /* clock_elapsed */
	int64_t anchored_commits, anchored_at;
	struct log_state anchored;
	int64_t retry; /* wait before the next try; 0 while all is well */
};

/* --- Reading what waits --- */

/* An entry that has its position already was put back by hand: it gets no second one. */
#define SQL_PENDING                                                                               \
	"SELECT id, body, seal, (SELECT i.position FROM ledger_index AS i WHERE i.entry = p.id) " \
	"FROM ledger_pending AS p ORDER BY id LIMIT :limit"

static bool read_pending(struct sequencer *s, struct conn *conn, struct err *err)
{
	auto_query struct query q = query_start(conn, SQL_PENDING);
	int64_t rows = 0, refused = 0;

	query_int(&q, "limit", ROUND_ENTRIES);
	while (query_row(&q)) {
		int64_t id = column_int(&q, 0);
		struct str body = column_blob(&q, 1);

		rows++;
		if (column_is_null(&q, 3) &&
		    pending_valid(&s->ledger->pending_key, id, body, column_blob(&q, 2)))
			round_add(s->round, id, body);
		else
			refused++;
	}
	s->more = rows == ROUND_ENTRIES && refused < rows;
	atomic_store(&s->ledger->figures.refused, refused);
	return query_end(&q, err);
}

static bool prepare(struct conn *conn, void *context, struct err *err)
{
	struct sequencer *s = context;

	if (!round_begin(s->round, conn, err) || !read_pending(s, conn, err))
		return false;
	return s->round->entries.count == 0 || round_plan(s->round, conn, s->ledger->signer, err);
}

static bool write(struct conn *conn, void *context, struct err *err)
{
	struct sequencer *s = context;

	return round_write(s->round, conn, clock_now(), err);
}

/* Moves the log by one round; a round that another server has won is no failure. */
static bool sequence(struct sequencer *s, struct err *err)
{
	s->progressed = false;
	if (!store_read(s->ledger->store, prepare, s, err))
		return false;
	if (s->round->entries.count == 0)
		return true;
	if (!store_write(s->ledger->store, write, s, err)) {
		if (err->message != MSG_LEDGER_OVERTAKEN)
			return false;
		atomic_fetch_add(&s->ledger->figures.overtaken, 1);
		s->more = true;
		return store_read(s->ledger->store, prepare, s, err);
	}
	round_finish(s->round);
	atomic_fetch_add(&s->ledger->figures.rounds, 1);
	s->progressed = true;
	return true;
}

/* --- Telling the anchor, publishing --- */

struct adoption {
	const struct log_state *from, *to;
};

static bool adopt(struct conn *conn, void *context, struct err *err)
{
	const struct adoption *adoption = context;

	return state_follows(conn, adoption->from, adoption->to, err);
}

static bool same_state(const struct log_state *a, const struct log_state *b)
{
	return a->epoch == b->epoch && a->size == b->size && digest_equal(&a->root, &b->root);
}

static bool write_anchor(struct sequencer *s, const struct log_state *state, struct err *err)
{
	struct anchor *anchor = s->ledger->anchor;
	struct anchor_state to = { .epoch = state->epoch,
				   .commits = store_commits(s->ledger->store) };

	if (same_state(state, &s->anchored) && to.commits == s->anchored_commits)
		return true;
	if (anchor) {
		bool stored;

		writer_text(&to.note, state->note);
		stored = anchor->store(anchor, &to, err);
		writer_release(&to.note);
		if (!stored) {
			atomic_fetch_add(&s->ledger->figures.anchor_failures, 1);
			return false;
		}
	}
	s->anchored = *state;
	s->anchored_commits = to.commits;
	s->anchored_at = clock_elapsed();
	return true;
}

static void publish(struct sequencer *s, const struct log_state *state)
{
	struct ledger *ledger = s->ledger;
	int64_t position = s->round->base;

	pthread_mutex_lock(&ledger->lock);
	if (s->progressed) {
		vec_each (struct round_entry, entry, &s->round->entries)
			*ledger_recent(ledger, entry->id) =
				(struct recent){ entry->id, position++ };
	} else {
		ledger->adoptions++;
	}
	ledger->published.state = *state;
	ledger->published.instant = clock_now();
	pthread_cond_broadcast(&ledger->changed);
	pthread_mutex_unlock(&ledger->lock);
}

/*
 * The state that the round has found or made becomes known outside: one that another server has made only after its
 * consistency with what we have published ourselves.
 */
static bool make_known(struct sequencer *s, struct err *err)
{
	struct ledger *ledger = s->ledger;
	const struct log_state *now = &s->round->before;
	struct log_state known = ledger->published.state; /* only this thread writes it */

	if (same_state(now, &known)) {
		if (clock_elapsed() - s->anchored_at < ANCHOR_IDLE)
			return true;
		return write_anchor(s, now, err);
	}
	if (!s->progressed) {
		struct adoption adoption = { &known, now };

		if (!store_read(ledger->store, adopt, &adoption, err))
			return false;
	}
	if (!write_anchor(s, now, err))
		return false;
	publish(s, now);
	return true;
}

/* --- The thread --- */

static bool is_damage(enum message message)
{
	static const enum message damages[] = {
		MSG_LEDGER_STATE_DAMAGED,  MSG_LEDGER_ROOT_DAMAGED,  MSG_LEDGER_TILE_DAMAGED,
		MSG_LEDGER_BUNDLE_DAMAGED, MSG_LEDGER_EPOCH_MISSING, MSG_LEDGER_ANCHOR_AHEAD,
		MSG_LEDGER_ANCHOR_FORK,
	};

	for (size_t i = 0; i < nitems(damages); i++) {
		if (damages[i] == message)
			return true;
	}
	return false;
}

/* Rows that nobody with the keys has written do not stop the log, but they must be seen. */
static void show_refused(struct ledger *ledger)
{
	int64_t refused = atomic_load(&ledger->figures.refused);
	struct err err;

	if (refused > 0) {
		(void)fail(&err, MSG_LEDGER_REFUSED, refused);
		ledger_trouble_set(ledger, &err, false);
	} else {
		ledger_trouble_clear(ledger);
	}
}

static void turn(struct sequencer *s)
{
	struct ledger *ledger = s->ledger;
	struct err err;

	s->last_round = clock_elapsed();
	if (sequence(s, &err) && make_known(s, &err)) {
		s->retry = 0;
		show_refused(ledger);
		return;
	}
	s->more = false;
	s->retry = s->retry == 0               ? RETRY_FIRST
		   : s->retry * 2 < RETRY_LAST ? s->retry * 2
					       : RETRY_LAST;
	atomic_fetch_add(&ledger->figures.failures, 1);
	if (s->retry == RETRY_FIRST)
		log_err("ledger", NULL, &err);
	ledger_trouble_set(ledger, &err, is_damage(err.message));
}

/* Waits until there is something to do; false at the end. */
static bool wait_for_work(struct sequencer *s, int64_t *seen)
{
	struct ledger *ledger = s->ledger;
	int64_t idle_until = clock_elapsed() + (s->retry ? s->retry : ledger->interval);
	int64_t gather_until = s->last_round + GATHER;

	pthread_mutex_lock(&ledger->lock);
	for (;;) {
		int64_t now = clock_elapsed();
		bool work = s->retry == 0 && (s->more || ledger->signals != *seen);

		if (ledger->stopping || now >= idle_until ||
		    (work && (s->more || ledger->waiting > 0 || now >= gather_until)))
			break;
		ledger_pause(ledger, &ledger->work,
			     work && gather_until < idle_until ? gather_until - now
							       : idle_until - now);
	}
	*seen = ledger->signals;

	bool stopping = ledger->stopping;

	pthread_mutex_unlock(&ledger->lock);
	return !stopping;
}

static void *run(void *argument)
{
	struct ledger *ledger = argument;
	auto_round round = round_new();
	auto_memory struct sequencer *s = memory_zero(1, sizeof(*s));
	int64_t seen = 0;

	s->ledger = ledger;
	s->round = round;
	s->anchored_commits = -2;
	do {
		if (!ledger_is_broken(ledger))
			turn(s);
	} while (wait_for_work(s, &seen));

	/* What came in the meantime, and its anchor. */
	s->anchored_at = clock_elapsed() - ANCHOR_IDLE;
	do {
		if (!ledger_is_broken(ledger))
			turn(s);
	} while (s->more && s->retry == 0);
	return NULL;
}

bool sequencer_start(struct ledger *ledger, struct err *err)
{
	int status = pthread_create(&ledger->thread, NULL, run, ledger);

	if (status != 0)
		return fail(err, MSG_SYSTEM_FAILED, "pthread_create", strerror(status));
	ledger->running = true;
	return true;
}

void sequencer_stop(struct ledger *ledger)
{
	if (!ledger->running)
		return;
	pthread_mutex_lock(&ledger->lock);
	ledger->stopping = true;
	pthread_cond_signal(&ledger->work);
	pthread_mutex_unlock(&ledger->lock);
	pthread_join(ledger->thread, NULL);
	ledger->running = false;
}
