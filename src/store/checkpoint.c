#include "store/parts.h"

#include "base/log.h"
#include "store/sqlite.h"

/* In pages of 4 KiB. A log that is begun anew is overwritten, which is cheaper to flush than one
 * that grows. */
enum {
	START_PAGES = 1000,
	RESTART_PAGES =
		8 *
		START_PAGES, /* 32 MiB: hold the writer up for a moment and begin the log anew */
	TRUNCATE_PAGES = 16 * RESTART_PAGES, /* 512 MiB: give the space back too */
	RESTART_WAIT_MILLISECONDS = 50,
	HOLD_TRIES = 200, /* about 20 s with the waits for readers */
};

void checkpoint_notice(struct store *store)
{
	if (atomic_load(&store->wal_pages) < START_PAGES)
		return;
	pthread_mutex_lock(&store->mutex);
	pthread_cond_signal(&store->wal_grew);
	pthread_mutex_unlock(&store->mutex);
}

static bool move_log(struct store *store, sqlite3 *db, int mode, int *pages, int *moved)
{
	int status = sqlite3_wal_checkpoint_v2(db, NULL, mode, pages, moved);

	atomic_fetch_add(&store->checkpoints, 1);
	/* Busy: a reader still needs the log; the next turn does it. */
	if (status != SQLITE_OK && (status & 0xff) != SQLITE_BUSY)
		log_error("store", "checkpoint: %s", sqlite3_errmsg(db));
	return status == SQLITE_OK;
}

/* Holds the writer up between two groups and moves the log; called with the mutex, which is free meanwhile. */
static bool move_log_alone(struct store *store, int mode, int *pages, int *moved)
{
	store->pause = true;
	while (store->writing)
		pthread_cond_wait(&store->paused, &store->mutex);
	pthread_mutex_unlock(&store->mutex);

	bool done = move_log(store, sqlite_handle(store->checkpointer), mode, pages, moved);

	pthread_mutex_lock(&store->mutex);
	store->pause = false;
	pthread_cond_signal(&store->work);
	return done;
}

static void one_turn(struct store *store)
{
	int pages = 0, moved = 0;

	pthread_mutex_unlock(&store->mutex);

	bool done = move_log(store, sqlite_handle(store->checkpointer), SQLITE_CHECKPOINT_PASSIVE,
			     &pages, &moved);

	pthread_mutex_lock(&store->mutex);
	/*
	 * Under constant load the log never ends while it is moved, so at last the writer waits while the little that is
	 * left is moved. Where a reader holds the log up, the writer would wait for nothing.
	 */
	if (!done || pages < RESTART_PAGES || moved < pages - START_PAGES || store->stopping)
		return;
	if (move_log_alone(store,
			   pages < TRUNCATE_PAGES ? SQLITE_CHECKPOINT_RESTART
						  : SQLITE_CHECKPOINT_TRUNCATE,
			   &pages, &moved))
		atomic_store(&store->wal_pages, 0);
}

void *checkpoint_run(void *argument)
{
	struct store *store = argument;

	(void)sqlite3_busy_timeout(sqlite_handle(store->checkpointer), RESTART_WAIT_MILLISECONDS);
	pthread_mutex_lock(&store->mutex);
	while (!store->stopping) {
		pthread_cond_wait(&store->wal_grew, &store->mutex);
		if (store->stopping || store->held || atomic_load(&store->wal_pages) < START_PAGES)
			continue;
		store->checkpointing = true;
		one_turn(store);
		store->checkpointing = false;
		pthread_cond_broadcast(&store->paused);
	}
	pthread_mutex_unlock(&store->mutex);
	return NULL;
}

/* Without threads there is no one else to wait for. */
static bool move_all(struct store *store)
{
	int pages = 0, moved = 0;
	bool done = store->threads ? move_log_alone(store, SQLITE_CHECKPOINT_FULL, &pages, &moved)
				   : move_log(store, sqlite_handle(store->writer),
					      SQLITE_CHECKPOINT_FULL, &pages, &moved);

	return done && pages == moved;
}

bool checkpoint_hold(struct store *store, struct err *err)
{
	struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	bool whole = false;

	pthread_mutex_lock(&store->hold_mutex);
	pthread_mutex_lock(&store->mutex);
	store->held = true;
	while (store->checkpointing)
		pthread_cond_wait(&store->paused, &store->mutex);
	if (!store->threads)
		(void)sqlite3_wal_autocheckpoint(sqlite_handle(store->writer), 0);
	for (int try = 0; try < HOLD_TRIES && !(whole = move_all(store)); try++) {
		pthread_mutex_unlock(&store->mutex);
		(void)nanosleep(&pause, NULL);
		pthread_mutex_lock(&store->mutex);
	}
	pthread_mutex_unlock(&store->mutex);
	if (whole)
		return true;
	checkpoint_release(store);
	return fail(err, MSG_STORE_LOCKED, "a long read keeps the write-ahead log");
}

void checkpoint_release(struct store *store)
{
	pthread_mutex_lock(&store->mutex);
	store->held = false;
	if (!store->threads)
		(void)sqlite3_wal_autocheckpoint(sqlite_handle(store->writer), START_PAGES);
	pthread_mutex_unlock(&store->mutex);
	pthread_mutex_unlock(&store->hold_mutex);
}
