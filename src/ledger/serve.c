/* What the log tells: its state, its files, positions and proofs, all of them as far as it is published. */
#include "base/clock.h"
#include "base/encode.h"
#include "ledger/ledger.h"
#include "ledger/log.h"
#include "ledger/storage.h"
#include "ledger/tile.h"
#include "ledger/tree.h"

static bool count_pending(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query q = query_start(conn, "SELECT count(*) FROM ledger_pending");
	bool found;

	if (!query_one(&q, &found, err))
		return false;
	*(int64_t *)context = column_int(&q, 0);
	return query_end(&q, err);
}

bool ledger_status(struct ledger *ledger, struct ledger_status *to, struct err *err)
{
	struct published published = ledger_published(ledger);
	int64_t waiting;

	if (!store_read(ledger->store, count_pending, &waiting, err))
		return false;
	*to = (struct ledger_status){
		.epoch = published.state.epoch,
		.size = published.state.size,
		.waiting = waiting,
		.published = published.instant,
		.root = published.state.root,
	};
	return true;
}

bool ledger_checkpoint(struct ledger *ledger, struct writer *out, struct err *err)
{
	struct published published = ledger_published(ledger);

	writer_text(out, published.state.note);
	return writer_check(out, err);
}

void ledger_verifier_key(struct ledger *ledger, struct writer *out)
{
	struct note_verifier verifier = { .key = *signer_public(ledger->signer) };
	struct published published = ledger_published(ledger);
	struct str rest = str_of(published.state.note), origin;

	/* The first line of the checkpoint. */
	if (str_split(&rest, '\n', &origin) && note_name_valid(origin))
		memcpy(verifier.name, origin.at, origin.len);
	note_verifier_write(&verifier, out);
}

/* --- Files --- */

struct serving {
	struct tile_path path;
	struct log_state state; /* how far the epoch asked for may be shown */
	struct writer *out;
	bool found;
};

static bool serve_hashes(struct conn *conn, struct serving *serving, struct err *err)
{
	struct digest hashes[TILE_WIDTH];
	int count;

	if (!tile_read(conn, serving->state.epoch, serving->path.level, serving->path.index, hashes,
		       &count, err))
		return false;
	serving->found = count >= (int)serving->path.width;
	if (serving->found)
		writer_put(serving->out,
			   (struct str){ (const char *)hashes, serving->path.width * DIGEST_SIZE });
	return true;
}

/* Rows grow and are merged later, so that every partial width that was ever published can still be cut out. */
static bool serve(struct conn *conn, void *context, struct err *err)
{
	struct serving *serving = context;
	const struct tile_path *path = &serving->path;
	bool hashes = path->kind == TILE_HASHES;
	struct log_epoch epoch;
	int64_t available, first;
	bool known;

	serving->found = false;
	if (path->epoch > 0 && path->epoch != serving->state.epoch) {
		if (!epoch_read(conn, path->epoch, &epoch, &known, err))
			return false;
		if (!known || !epoch.closed)
			return true;
		serving->state = epoch.last;
	}
	if (path->kind == TILE_CHECKPOINT) {
		serving->found = true;
		writer_text(serving->out, serving->state.note);
		return true;
	}
	if (hashes && path->level >= TILE_LEVELS)
		return true;
	available = serving->state.size >> (hashes ? TILE_HEIGHT * path->level : 0);
	if (path->index > available / TILE_WIDTH)
		return true;
	first = path->index * TILE_WIDTH;
	if (first + (int64_t)path->width > available)
		return true;
	if (hashes)
		return serve_hashes(conn, serving, err);
	serving->found = true;
	return bundle_collect(conn, serving->state.epoch, first, first + (int64_t)path->width,
			      serving->out, err);
}

bool ledger_file(struct ledger *ledger, struct str path, struct writer *out, struct err *err)
{
	struct serving serving = { .state = ledger_published(ledger).state, .out = out };

	if (!tile_path_parse(path, &serving.path))
		return fail(err, MSG_LEDGER_NO_TILE, path);
	if (!store_read(ledger->store, serve, &serving, err))
		return false;
	return (serving.found || fail(err, MSG_LEDGER_NO_TILE, path)) && writer_check(out, err);
}

/* --- Positions --- */

struct index_row {
	int64_t entry, epoch, position;
	bool found;
};

static bool read_index(struct conn *conn, void *context, struct err *err)
{
	struct index_row *row = context;
	auto_query struct query q =
		query_start(conn, "SELECT epoch, position FROM ledger_index WHERE entry = :entry");

	query_int(&q, "entry", row->entry);
	if (!query_one(&q, &row->found, err))
		return false;
	row->epoch = row->found ? column_int(&q, 0) : 0;
	row->position = row->found ? column_int(&q, 1) : 0;
	return query_end(&q, err);
}

bool ledger_position(struct ledger *ledger, int64_t entry, int64_t *epoch, int64_t *position,
		     bool *found, struct err *err)
{
	struct index_row row = { .entry = entry };

	if (!store_read(ledger->store, read_index, &row, err))
		return false;

	/* Asked after the index: what is not published yet when it is read stays hidden. */
	struct published published = ledger_published(ledger);

	*found = row.found &&
		 (row.epoch < published.state.epoch ||
		  (row.epoch == published.state.epoch && row.position < published.state.size));
	if (*found) {
		*epoch = row.epoch;
		*position = row.position;
	}
	return true;
}

/* The database is asked only for what this process has not sequenced itself a moment ago. */
#define FIRST_LOOK (SECONDS(1) / 50)
#define NEXT_LOOK  (SECONDS(1) / 5)

bool ledger_wait(struct ledger *ledger, int64_t entry, int64_t limit, int64_t *position,
		 struct err *err)
{
	int64_t begun = clock_elapsed(), look = begun + FIRST_LOOK, now = begun, epoch, adoptions;
	struct recent *recent = ledger_recent(ledger, entry);
	bool done = true, found = false;

	pthread_mutex_lock(&ledger->lock);
	ledger->waiting++;
	adoptions = ledger->adoptions;
	pthread_cond_signal(&ledger->work);
	while (done && !found && now - begun <= limit) {
		if (recent->entry == entry) {
			*position = recent->position;
			found = true;
		} else if (now >= look || adoptions != ledger->adoptions) {
			look = now + NEXT_LOOK;
			adoptions = ledger->adoptions;
			pthread_mutex_unlock(&ledger->lock);
			done = ledger_position(ledger, entry, &epoch, position, &found, err);
			pthread_mutex_lock(&ledger->lock);
		} else {
			int64_t until = look < begun + limit ? look : begun + limit;

			ledger_pause(ledger, &ledger->changed, until > now ? until - now : 1);
		}
		now = clock_elapsed();
	}
	ledger->waiting--;
	pthread_mutex_unlock(&ledger->lock);
	if (!done)
		return false;
	return found || fail(err, MSG_LEDGER_WAITING, entry);
}

/* --- Proofs --- */

struct proving {
	struct log_state state;
	int64_t position;
	struct tree_proof proof;
};

static bool prove(struct conn *conn, void *context, struct err *err)
{
	struct proving *proving = context;
	auto_stored_tree tree = stored_tree_new(conn, proving->state.epoch);
	struct tree_source source = stored_tree_source(tree);

	return tree_prove_inclusion(&source, proving->position, proving->state.size,
				    &proving->proof, err);
}

bool ledger_prove(struct ledger *ledger, int64_t position, struct writer *out, struct err *err)
{
	struct proving proving = { .state = ledger_published(ledger).state, .position = position };

	if (position < 0 || position >= proving.state.size)
		return fail(err, MSG_LEDGER_NO_POSITION, position, proving.state.size);
	if (!store_read(ledger->store, prove, &proving, err))
		return false;
	writer_text(out, "c2sp.org/tlog-proof@v1\nindex ");
	writer_int(out, position);
	writer_byte(out, '\n');
	for (size_t i = 0; i < proving.proof.count; i++) {
		base64_write(out, digest_str(&proving.proof.hash[i]));
		writer_byte(out, '\n');
	}
	writer_byte(out, '\n');
	writer_text(out, proving.state.note);
	return writer_check(out, err);
}

/* --- Figures --- */

static void metric(struct writer *out, const char *name, const char *kind, const char *help,
		   int64_t value)
{
	writer_printf(
		out,
		"# HELP xiedun_ledger_%s %s\n# TYPE xiedun_ledger_%s %s\nxiedun_ledger_%s %lld\n",
		name, help, name, kind, name, (long long)value);
}

void ledger_metrics(struct ledger *ledger, struct writer *out)
{
	struct published published = ledger_published(ledger);
	struct figures *figures = &ledger->figures;

	metric(out, "epoch", "gauge", "Number of the open log.", published.state.epoch);
	metric(out, "size", "gauge", "Entries with a published position.", published.state.size);
	metric(out, "published_seconds", "gauge",
	       "When the last checkpoint was published, Unix time.",
	       published.instant / SECONDS(1));
	metric(out, "rounds_total", "counter", "Rounds of sequencing.",
	       atomic_load(&figures->rounds));
	metric(out, "overtaken_total", "counter", "Rounds that another server won.",
	       atomic_load(&figures->overtaken));
	metric(out, "failures_total", "counter", "Rounds that failed and were tried again.",
	       atomic_load(&figures->failures));
	metric(out, "anchor_failures_total", "counter", "Checkpoints that the anchor did not take.",
	       atomic_load(&figures->anchor_failures));
	metric(out, "refused_entries", "gauge",
	       "Waiting entries that are damaged, forged or replayed.",
	       atomic_load(&figures->refused));
	metric(out, "trouble", "gauge", "1 while the log is not well.",
	       ledger_trouble(ledger) != NULL);
}
