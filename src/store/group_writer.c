#include "store/parts.h"

#include "store/sqlite.h"

enum { GROUP_MAX = 128, OFFLINE_CHECKPOINT_PAGES = 1000 };

static const char SQL_HAS_STATE[] =
	"SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'store_state'";
static const char SQL_STATE[] = "SELECT commits FROM store_state";
static const char SQL_COUNT[] = "UPDATE store_state SET commits = commits + 1 RETURNING commits";

static bool run(struct conn *conn, const char *sql, struct err *err)
{
	auto_query struct query query = query_start(conn, sql);

	return query_run(&query, NULL, err);
}

static bool one_number(struct conn *conn, const char *sql, bool *found, int64_t *number,
		       struct err *err)
{
	auto_query struct query query = query_start(conn, sql);

	if (!query_one(&query, found, err))
		return false;

	int64_t value = *found ? column_int(&query, 0) : 0;

	if (!query_end(&query, err))
		return false;
	*number = value;
	return true;
}

/* False too when SQLite has rolled the whole transaction back, as it does on a full disk. */
static bool in_transaction(struct conn *conn)
{
	return sqlite3_get_autocommit(sqlite_handle(conn)) == 0;
}

static bool apply_one(struct conn *conn, struct write_request *request)
{
	struct err ignored;

	err_clear(&conn->trouble);
	if (!run(conn, "SAVEPOINT apply", request->err))
		return false;

	bool applied = request->apply(conn, request->context, request->err);

	if (applied && conn->trouble.message != MSG_NONE) {
		*request->err = conn->trouble;
		applied = false;
	}
	err_clear(&conn->trouble);
	if (!in_transaction(conn))
		return false;
	if (!applied)
		(void)!run(conn, "ROLLBACK TO apply", &ignored);
	(void)!run(conn, "RELEASE apply", &ignored);
	return applied;
}

/* Counts this group in the table that migration 1 makes; there is nothing to count in before. */
static bool count_group(struct store *store, int64_t *commits, struct err *err)
{
	bool found = store->counted;
	int64_t number = 0;

	if (!found && !one_number(store->writer, SQL_HAS_STATE, &found, &number, err))
		return false;
	if (!found)
		return true;
	if (!one_number(store->writer, SQL_COUNT, &found, commits, err))
		return false;
	store->counted = true;
	return true;
}

static bool run_group(struct store *store, struct write_request *group, struct err *err)
{
	struct conn *conn = store->writer;
	int64_t commits = atomic_load(&store->commits);
	int succeeded = 0;

	if (!conn_begin(conn, "BEGIN IMMEDIATE", err))
		return false;
	for (struct write_request *r = group; r; r = r->next) {
		r->succeeded = apply_one(conn, r);
		succeeded += r->succeeded;
		if (!in_transaction(conn)) {
			*err = *r->err;
			conn_rollback(conn);
			return false;
		}
	}
	if (succeeded == 0) {
		conn_rollback(conn);
		return true;
	}
	if (!count_group(store, &commits, err)) {
		conn_rollback(conn);
		return false;
	}
	if (!conn_commit(conn, err))
		return false;
	atomic_store(&store->commits, commits);
	return true;
}

/* Runs a group of requests, linked by `next`, and fills in how each ended. */
static void do_group(struct store *store, struct write_request *group)
{
	struct err err;
	bool committed = run_group(store, group, &err);

	/* The group that failed may have been the one that made the table. */
	store->counted = store->counted && committed;
	for (struct write_request *r = group; r; r = r->next) {
		if (!committed) {
			*r->err = err;
			r->succeeded = false;
		}
		atomic_fetch_add(r->succeeded ? &store->writes : &store->failed_writes, 1);
	}
	atomic_fetch_add(&store->groups, 1);
}

/* Takes all that wait, at most GROUP_MAX. */
static struct write_request *take_group(struct store *store)
{
	struct write_request *group = store->first, **end = &group;

	for (int n = 0; n < GROUP_MAX && *end; n++)
		end = &(*end)->next;
	store->first = *end;
	if (!store->first)
		store->last = &store->first;
	*end = NULL;
	return group;
}

static void *writer_run(void *argument)
{
	struct store *store = argument;

	pthread_mutex_lock(&store->mutex);
	for (;;) {
		while (store->pause || (!store->first && !store->stopping))
			pthread_cond_wait(&store->work, &store->mutex);
		if (!store->first)
			break;

		struct write_request *group = take_group(store), *next;

		store->writing = true;
		pthread_mutex_unlock(&store->mutex);
		do_group(store, group);
		checkpoint_notice(store);
		pthread_mutex_lock(&store->mutex);
		store->writing = false;
		if (store->pause)
			pthread_cond_broadcast(&store->paused);
		for (struct write_request *r = group; r; r = next) {
			next = r->next;
			r->done = true;
			pthread_cond_signal(&r->finished);
		}
	}
	pthread_mutex_unlock(&store->mutex);
	return NULL;
}

static bool write_offline(struct store *store, struct write_request *request)
{
	pthread_mutex_lock(&store->mutex);
	do_group(store, request);
	pthread_mutex_unlock(&store->mutex);
	return request->succeeded;
}

bool group_write(struct store *store, store_apply_fn *apply, void *context, struct err *err)
{
	struct write_request request = { .apply = apply, .context = context, .err = err };

	if (!store->threads)
		return write_offline(store, &request);
	pthread_cond_init(&request.finished, NULL);
	pthread_mutex_lock(&store->mutex);
	*store->last = &request;
	store->last = &request.next;
	pthread_cond_signal(&store->work);
	while (!request.done)
		pthread_cond_wait(&request.finished, &store->mutex);
	pthread_mutex_unlock(&store->mutex);
	pthread_cond_destroy(&request.finished);
	return request.succeeded;
}

static int wal_grew(void *argument, sqlite3 *db unused, const char *name unused, int pages)
{
	struct store *store = argument;

	atomic_store(&store->wal_pages, pages);
	return SQLITE_OK;
}

static bool start_threads(struct store *store, struct err *err)
{
	struct conn_options options = { .config = &store->config };

	if (!conn_open(&options, &store->checkpointer, err))
		return false;
	(void)sqlite3_wal_hook(sqlite_handle(store->writer), wal_grew, store);
	if (pthread_create(&store->writer_thread, NULL, writer_run, store) != 0 ||
	    pthread_create(&store->checkpoint_thread, NULL, checkpoint_run, store) != 0)
		abort();
	store->threads = true;
	return true;
}

bool group_writer_start(struct store *store, bool create, struct err *err)
{
	struct conn_options options = { .config = &store->config,
					.create = create,
					.read_only = store->config.read_only };
	int64_t number = 0;

	store->last = &store->first;
	if (!conn_open(&options, &store->writer, err) ||
	    !one_number(store->writer, SQL_HAS_STATE, &store->counted, &number, err))
		return false;
	if (store->counted) {
		bool found;

		if (!one_number(store->writer, SQL_STATE, &found, &number, err))
			return false;
		atomic_store(&store->commits, number);
	}
	if (!store->config.offline && !store->config.read_only)
		return start_threads(store, err);
	if (!store->config.read_only)
		(void)sqlite3_wal_autocheckpoint(sqlite_handle(store->writer),
						 OFFLINE_CHECKPOINT_PAGES);
	return true;
}

void group_writer_stop(struct store *store)
{
	if (store->threads) {
		pthread_mutex_lock(&store->mutex);
		store->stopping = true;
		pthread_cond_signal(&store->work);
		pthread_cond_signal(&store->wal_grew);
		pthread_mutex_unlock(&store->mutex);
		pthread_join(store->checkpoint_thread, NULL);
		pthread_join(store->writer_thread, NULL);
	}
	conn_close(store->checkpointer);
	if (store->writer && !store->config.read_only)
		(void)sqlite3_wal_checkpoint_v2(sqlite_handle(store->writer), NULL,
						SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	conn_close(store->writer);
}
