#include "ledger/continue.h"

#include "base/clock.h"
#include "base/encode.h"
#include "ledger/entry.h"
#include "ledger/log.h"
#include "ledger/opening.h"
#include "ledger/round.h"

struct continuation {
	const struct ledger_continue *with;
	const struct signer *signer;
	struct round *round;
	struct anchor_state anchor;
	bool anchored;
	struct erasable reason;
	struct log_epoch old;
	struct log_state known; /* the last checkpoint of the old epoch that anybody has seen */
	int64_t name;           /* number in the new log's name */
	int64_t last_entry;
	int64_t now;
};

/* The number at the end of a log's name, 0 when there is none. */
static int64_t name_number(struct str name)
{
	int64_t number = 0;

	for (size_t i = name.len; i > 0; i--) {
		if (name.at[i - 1] == '/')
			return str_to_int(str_sub(name, i, name.len), &number) ? number : 0;
	}
	return 0;
}

/*
 * The anchor's checkpoint counts when our key has signed it and it reaches further than the database. No name is used twice:
 * where the anchor knows an epoch that the database has lost, the new one is named behind it.
 */
static bool choose_known(struct conn *conn, struct continuation *c, struct err *err)
{
	const struct log_state *state = &c->round->before;
	struct str note = writer_str(&c->anchor.note), name;
	struct log_state anchored;
	struct err found;

	c->known = *state;
	c->name = name_number(str_of(c->old.verifier.name)) + 1;
	if (!c->anchored)
		return true;
	if (!anchor_read(conn, &c->anchor, &anchored, &found)) {
		if (found.message == MSG_LEDGER_ANCHOR_DAMAGED)
			return true;
		*err = found;
		return false;
	}
	if (str_split(&note, '\n', &name) && name_number(name) >= c->name)
		c->name = name_number(name) + 1;
	if (anchored.epoch == state->epoch &&
	    (anchored.size > state->size ||
	     (anchored.size == state->size && !digest_equal(&anchored.root, &state->root))))
		c->known = anchored;
	return true;
}

static void write_first_entry(struct continuation *c, struct writer *body)
{
	const struct log_state *state = &c->round->before;
	auto_writer known = { 0 }, kept = { 0 };
	struct ledger_entry entry = {
		.id = c->last_entry + 1,
		.time = c->now,
		.actor = c->with->first,
		.action = STR("ledger.continue"),
		.type = STR("ledger"),
		.version = state->epoch + 1,
		.reason = c->reason.commitment,
		.second = c->with->second,
	};

	base64_write(&known, str_of(c->known.note));
	entry.known = writer_str(&known);
	if (strcmp(c->known.note, state->note) != 0) {
		base64_write(&kept, str_of(state->note));
		entry.kept = writer_str(&kept);
	}
	entry_write(&entry, body);
}

static bool highest_entry(struct conn *conn, int64_t *entry, struct err *err)
{
	auto_query struct query q = query_start(
		conn,
		"SELECT coalesce(max(entry), 0) FROM (SELECT max(entry) AS entry FROM ledger_index "
		"UNION ALL SELECT max(id) FROM ledger_pending) AS t");
	bool found;

	if (!query_one(&q, &found, err))
		return false;
	*entry = column_int(&q, 0);
	return query_end(&q, err);
}

static bool prepare(struct conn *conn, void *context, struct err *err)
{
	struct continuation *c = context;
	struct round *round = c->round;
	auto_writer body = { 0 };
	bool found;

	if (!state_read(conn, &round->before, &found, err))
		return false;
	if (!found)
		return fail(err, MSG_LEDGER_STATE_DAMAGED);
	if (!epoch_read(conn, round->before.epoch, &c->old, &found, err) ||
	    !choose_known(conn, c, err) || !highest_entry(conn, &c->last_entry, err))
		return false;
	round->epoch = (struct log_epoch){ .number = round->before.epoch + 1,
					   .verifier.key = *signer_public(c->signer) };
	epoch_name(str_of(c->with->origin), c->name, round->epoch.verifier.name);
	round->base = 0;
	memset(&round->tree, 0, sizeof(round->tree));
	write_first_entry(c, &body);
	round_add(round, c->last_entry + 1, writer_str(&body));
	return round_plan(round, conn, c->signer, err);
}

static bool apply(struct conn *conn, void *context, struct err *err)
{
	struct continuation *c = context;

	return epoch_close(conn, &c->round->before, c->now, err) &&
	       epoch_insert(conn, &c->round->epoch, c->now, err) &&
	       erasable_insert(conn, &c->reason, c->now, err) &&
	       round_write(c->round, conn, c->now, err);
}

static bool tell_anchor(const struct continuation *c, struct err *err)
{
	struct anchor_state to = { .epoch = c->round->after.epoch,
				   .commits = store_commits(c->with->store) };
	bool told;

	if (!c->with->anchor)
		return true;
	writer_text(&to.note, c->round->after.note);
	told = c->with->anchor->store(c->with->anchor, &to, err);
	writer_release(&to.note);
	return told;
}

static bool run(struct continuation *c, struct err *err)
{
	const struct ledger_continue *with = c->with;
	const struct actor actor = { .account = with->first, .reason = with->reason };
	struct err ignored;

	/* A damaged anchor says nothing; what it would have said is lost, and the reason says so. */
	if (with->anchor && !with->anchor->load(with->anchor, &c->anchor, &c->anchored, &ignored))
		c->anchored = false;
	return reason_prepare(with->keyring, &actor, &c->reason, err) &&
	       store_read(with->store, prepare, c, err) &&
	       store_write(with->store, apply, c, err) && tell_anchor(c, err);
}

bool ledger_continue(const struct ledger_continue *with, int64_t *epoch, struct err *err)
{
	static const struct uuid nobody;
	auto_signer signer = NULL;
	auto_round round = round_new();
	struct continuation c = { .with = with, .round = round, .now = clock_now() };
	struct str origin = str_of(with->origin);

	if (uuid_equal(&with->first, &nobody) || uuid_equal(&with->second, &nobody) ||
	    uuid_equal(&with->first, &with->second))
		return fail(err, MSG_LEDGER_CONTINUE_PEOPLE);
	if (str_trim(with->reason).len == 0)
		return fail(err, MSG_LEDGER_CONTINUE_REASON);
	if (!note_name_valid(origin) || origin.len > ORIGIN_MAX)
		return fail(err, MSG_LEDGER_ORIGIN, origin);
	if (!log_keys(with->keyring, &signer, err))
		return false;
	c.signer = signer;

	bool done = run(&c, err);

	writer_release(&c.anchor.note);
	erasable_release(&c.reason);
	if (done)
		*epoch = round->after.epoch;
	return done;
}
