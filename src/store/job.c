#include "store/job.h"

#include "base/clock.h"
#include "base/writer.h"

static const char SQL_PUT[] =
	"INSERT INTO job (kind, key, body, due, attempts) VALUES (:kind, :key, :body, :due, 0)"
	" ON CONFLICT (kind, key) DO NOTHING";
static const char *const SQL_LEASE[] = {
	[BACKEND_SQLITE] =
		"UPDATE job SET due = :until, holder = :holder, attempts = attempts + 1 WHERE id ="
		" (SELECT id FROM job WHERE due <= :now"
		" AND (CAST(:kind AS TEXT) IS NULL OR kind = :kind) ORDER BY due, id LIMIT 1)"
		" RETURNING id, kind, key, body, attempts",
	[BACKEND_POSTGRES] =
		"UPDATE job SET due = :until, holder = :holder, attempts = attempts + 1 WHERE id ="
		" (SELECT id FROM job WHERE due <= :now"
		" AND (CAST(:kind AS TEXT) IS NULL OR kind = :kind) ORDER BY due, id LIMIT 1"
		" FOR UPDATE SKIP LOCKED) RETURNING id, kind, key, body, attempts",
};
static const char SQL_DONE[] = "DELETE FROM job WHERE id = :id AND holder = :holder";
static const char SQL_FAILED[] = "UPDATE job SET due = :due, holder = NULL, error = :error WHERE "
				 "id = :id AND holder = :holder";

enum { BACK_OFF_SECONDS = 10, BACK_OFF_MAX_SECONDS = 3600 };

bool job_put(struct conn *conn, const char *kind, const char *key, struct str body, int64_t due,
	     struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_PUT);

	query_text(&query, "kind", str_of(kind));
	query_text(&query, "key", str_of(key));
	query_blob(&query, "body", body.at ? body : STR(""));
	query_int(&query, "due", due);
	return query_run(&query, NULL, err);
}

struct lease {
	const char *kind;
	int64_t lease;
	struct arena *arena;
	struct job job;
	bool found;
};

static bool lease(struct conn *conn, void *context, struct err *err)
{
	struct lease *self = context;
	auto_query struct query query = query_start(conn, SQL_LEASE[conn_backend(conn)]);
	struct uuid holder = uuid_new();
	int64_t now = clock_now();

	query_int(&query, "now", now);
	query_int(&query, "until", now + self->lease);
	query_blob(&query, "holder", uuid_str(&holder));
	query_text(&query, "kind", self->kind ? str_of(self->kind) : STR_NONE);
	if (!query_one(&query, &self->found, err))
		return false;
	if (self->found)
		self->job = (struct job){
			.id = column_int(&query, 0),
			.kind = arena_text(self->arena, column_text(&query, 1)),
			.key = arena_text(self->arena, column_text(&query, 2)),
			.body = arena_copy(self->arena, column_blob(&query, 3)),
			.attempts = column_int(&query, 4),
			.holder = holder,
		};
	return query_end(&query, err) && arena_check(self->arena, err);
}

bool job_lease(struct store *store, const char *kind, int64_t time, struct arena *arena,
	       struct job *job, bool *found, struct err *err)
{
	struct lease self = { .kind = kind, .lease = time, .arena = arena };

	if (!store_write(store, lease, &self, err))
		return false;
	*found = self.found;
	if (self.found)
		*job = self.job;
	return true;
}

/* Runs an update of a leased job; whoever lost the lease touches no row. */
static bool run_as_holder(struct query *query, const struct job *job, struct err *err)
{
	int64_t changed;

	query_int(query, "id", job->id);
	query_blob(query, "holder", uuid_str(&job->holder));
	if (!query_run(query, &changed, err))
		return false;
	return changed == 1 ? true : fail(err, MSG_JOB_LEASE_LOST, job->kind, job->key);
}

bool job_done(struct conn *conn, const struct job *job, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_DONE);

	return run_as_holder(&query, job, err);
}

bool job_failed(struct conn *conn, const struct job *job, const struct err *reason, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_FAILED);
	auto_writer text = { 0 };
	int64_t wait = BACK_OFF_MAX_SECONDS;

	if (job->attempts < 9)
		wait = (int64_t)BACK_OFF_SECONDS << (job->attempts - 1);
	err_render(reason, LANGUAGE_EN, &text);
	query_int(&query, "due", clock_now() + SECONDS(wait));
	query_text(&query, "error", writer_str(&text));
	return run_as_holder(&query, job, err);
}
