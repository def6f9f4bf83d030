#include "store/parts.h"

#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "store/sqlite.h"

enum { DEFAULT_READERS = 4, POSTGRES_WRITERS = 8, REPEATS_MAX = 10 };

static const char *const begin_read[] = {
	[BACKEND_SQLITE] = "BEGIN",
	[BACKEND_POSTGRES] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
};

static char *copy(const char *text)
{
	return text ? memory_copy(str_of(text)) : NULL;
}

static bool open_file(struct store *store, struct err *err)
{
	auto_memory char *path = path_join(store->config.directory, SQLITE_FILE_NAME);

	store->file = open(path, O_RDONLY | O_CLOEXEC);
	return store->file >= 0 ? true
				: fail(err, MSG_FILE_FAILED, "open", path, errno_text(errno));
}

static bool start_sqlite(struct store *store, bool create, struct err *err)
{
	const struct store_config *config = &store->config;

	if (create && !folder_make(config->directory, 0700, err))
		return false;
	/* Whoever asks for a database that is not there shall hear that, not of a lock. */
	if (!config->read_only && path_exists(config->directory) &&
	    !store_lock(config->directory, &store->lock, err))
		return false;
	return group_writer_start(store, create, err) && pool_fill(&store->readers, err) &&
	       open_file(store, err);
}

static bool start_postgres(struct store *store, struct err *err)
{
	struct conn *conn;

	/* One connection now, so that a wrong address shows at once; the others when they are
	 * needed. */
	if (!pool_begin(&store->readers, "BEGIN", &conn, err))
		return false;
	conn_rollback(conn);
	pool_give(&store->readers, conn);
	return true;
}

bool store_open(const struct store_config *config, bool create, struct store **to, struct err *err)
{
	auto_store store = memory_zero(1, sizeof(*store));
	struct conn_options options = { .config = &store->config, .read_only = true };
	int readers = config->readers > 0 ? config->readers : DEFAULT_READERS;

	store->config = *config;
	store->config.directory = copy(config->directory);
	store->config.address = copy(config->address);
	store->lock = store->file = -1;
	pthread_mutex_init(&store->mutex, NULL);
	pthread_mutex_init(&store->hold_mutex, NULL);
	pthread_mutex_init(&store->reason_mutex, NULL);
	pthread_cond_init(&store->work, NULL);
	pthread_cond_init(&store->paused, NULL);
	pthread_cond_init(&store->wal_grew, NULL);
	pool_init(&store->readers, &options, readers);
	options.read_only = config->read_only;
	pool_init(&store->writers, &options, POSTGRES_WRITERS);
	if (config->read_only)
		store_forbid_writes(store, "read-only");

	bool started = config->backend == BACKEND_SQLITE ? start_sqlite(store, create, err)
							 : start_postgres(store, err);

	store->config.database_key = NULL;
	if (!started)
		return false;
	*to = steal(store);
	return true;
}

void store_close(struct store *store)
{
	if (!store)
		return;

	char *texts[2];

	pool_release(&store->readers);
	pool_release(&store->writers);
	if (store->config.backend == BACKEND_SQLITE)
		group_writer_stop(store);
	/* Closing it drops SQLite's own locks on the file (fcntl(2)), so never before the last connection is closed. */
	if (store->file >= 0)
		(void)close(store->file);
	if (store->lock >= 0)
		(void)close(store->lock);
	pthread_mutex_destroy(&store->mutex);
	pthread_mutex_destroy(&store->hold_mutex);
	pthread_mutex_destroy(&store->reason_mutex);
	pthread_cond_destroy(&store->work);
	pthread_cond_destroy(&store->paused);
	pthread_cond_destroy(&store->wal_grew);
	memcpy(&texts[0], &store->config.directory, sizeof(texts[0]));
	memcpy(&texts[1], &store->config.address, sizeof(texts[1]));
	free(texts[0]);
	free(texts[1]);
	free(store);
}

enum backend store_backend(const struct store *store)
{
	return store->config.backend;
}

bool store_read(struct store *store, store_read_fn *read, void *context, struct err *err)
{
	struct conn *conn;

	if (!pool_begin(&store->readers, begin_read[store->config.backend], &conn, err))
		return false;

	bool done = read(conn, context, err);

	if (done && conn->trouble.message != MSG_NONE) {
		*err = conn->trouble;
		done = false;
	}
	conn_rollback(conn);
	pool_give(&store->readers, conn);
	atomic_fetch_add(&store->reads, 1);
	return done;
}

/* One try on PostgreSQL, which brings the commits of many connections to the disk together by
 * itself. */
static bool write_once(struct store *store, store_apply_fn *apply, void *context, struct err *err)
{
	struct conn *conn;

	if (!pool_begin(&store->writers, "BEGIN", &conn, err))
		return false;

	bool applied = apply(conn, context, err);

	/* A conflict is worth another try, whatever `apply` made of it. */
	if (!applied && conn->trouble.message == MSG_STORE_CONFLICT)
		*err = conn->trouble;
	if (applied)
		applied = conn_commit(conn, err);
	else
		conn_rollback(conn);
	pool_give(&store->writers, conn);
	return applied;
}

/* Up to 2, 4, 8, … milliseconds, so that those who collided do not collide again. */
static void wait_a_little(int repeat)
{
	uint32_t random;

	random_bytes(&random, sizeof(random));

	uint32_t microseconds = random % (2000U << (repeat < 6 ? repeat : 6));
	struct timespec pause = { .tv_nsec = (long)microseconds * 1000 };

	(void)nanosleep(&pause, NULL);
}

static bool write_postgres(struct store *store, store_apply_fn *apply, void *context,
			   struct err *err)
{
	for (int repeat = 0;; repeat++) {
		struct err failure;

		if (write_once(store, apply, context, &failure)) {
			atomic_fetch_add(&store->writes, 1);
			return true;
		}
		if (failure.message != MSG_STORE_CONFLICT || repeat == REPEATS_MAX) {
			atomic_fetch_add(&store->failed_writes, 1);
			*err = failure;
			return false;
		}
		atomic_fetch_add(&store->repeats, 1);
		wait_a_little(repeat);
	}
}

bool store_write(struct store *store, store_apply_fn *apply, void *context, struct err *err)
{
	if (atomic_load(&store->forbidden)) {
		pthread_mutex_lock(&store->reason_mutex);
		(void)fail(err, MSG_STORE_READ_ONLY, store->reason);
		pthread_mutex_unlock(&store->reason_mutex);
		return false;
	}
	if (store->config.backend == BACKEND_SQLITE)
		return group_write(store, apply, context, err);
	return write_postgres(store, apply, context, err);
}

int64_t store_commits(const struct store *store)
{
	return store->config.backend == BACKEND_SQLITE ? atomic_load(&store->commits) : -1;
}

void store_forbid_writes(struct store *store, const char *reason)
{
	pthread_mutex_lock(&store->reason_mutex);
	(void)snprintf(store->reason, sizeof(store->reason), "%s", reason);
	pthread_mutex_unlock(&store->reason_mutex);
	atomic_store(&store->forbidden, true);
}

static void metric(struct writer *out, const char *name, const char *kind, const char *help,
		   int64_t value)
{
	writer_printf(
		out, "# HELP xiedun_store_%s %s\n# TYPE xiedun_store_%s %s\nxiedun_store_%s %lld\n",
		name, help, name, kind, name, (long long)value);
}

void store_metrics(struct store *store, struct writer *out)
{
	metric(out, "writes_total", "counter", "Write transactions committed.",
	       atomic_load(&store->writes));
	metric(out, "write_failures_total", "counter", "Write transactions refused or failed.",
	       atomic_load(&store->failed_writes));
	metric(out, "reads_total", "counter", "Read transactions.", atomic_load(&store->reads));
	if (store->config.backend == BACKEND_POSTGRES) {
		metric(out, "write_repeats_total", "counter",
		       "Write transactions run again after a conflict.",
		       atomic_load(&store->repeats));
		return;
	}
	metric(out, "groups_total", "counter", "Groups of write transactions with one commit.",
	       atomic_load(&store->groups));
	metric(out, "checkpoints_total", "counter",
	       "Runs that move the write-ahead log into the database.",
	       atomic_load(&store->checkpoints));
	metric(out, "wal_pages", "gauge", "Pages in the write-ahead log.",
	       atomic_load(&store->wal_pages));
}
