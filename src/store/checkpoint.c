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
};

void checkpoint_notice(struct store *store)
{
	if (atomic_load(&store->wal_pages) < START_PAGES)
		return;
	pthread_mutex_lock(&store->mutex);
	pthread_cond_signal(&store->wal_grew);
	pthread_mutex_unlock(&store->mutex);
}

static bool checkpoint(struct store *store, int mode, int *pages, int *moved)
{
	sqlite3 *db = sqlite_handle(store->checkpointer);
	int status = sqlite3_wal_checkpoint_v2(db, NULL, mode, pages, moved);

	atomic_fetch_add(&store->checkpoints, 1);
	/* Busy: a reader still needs the log; the next turn does it. */
	if (status != SQLITE_OK && (status & 0xff) != SQLITE_BUSY)
		log_error("store", "checkpoint: %s", sqlite3_errmsg(db));
	return status == SQLITE_OK;
}

/* Under constant load the log never ends while it is moved, so the writer waits while the little
 * that is left is. */
static void restart(struct store *store, int mode)
{
	int pages, moved;

	store->pause = true;
	while (store->writing)
		pthread_cond_wait(&store->paused, &store->mutex);
	pthread_mutex_unlock(&store->mutex);
	if (checkpoint(store, mode, &pages, &moved))
		atomic_store(&store->wal_pages, 0);
	pthread_mutex_lock(&store->mutex);
	store->pause = false;
	pthread_cond_signal(&store->work);
}

void *checkpoint_run(void *argument)
{
	struct store *store = argument;
	int moved = 0;

	(void)sqlite3_busy_timeout(sqlite_handle(store->checkpointer), RESTART_WAIT_MILLISECONDS);
	pthread_mutex_lock(&store->mutex);
	while (!store->stopping) {
		int pages = 0, before = moved;

		pthread_cond_wait(&store->wal_grew, &store->mutex);
		if (store->stopping || atomic_load(&store->wal_pages) < START_PAGES)
			continue;
		pthread_mutex_unlock(&store->mutex);
		(void)checkpoint(store, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
		pthread_mutex_lock(&store->mutex);
		/* A reader that pins the log would make the writer wait for nothing. */
		if (pages >= RESTART_PAGES && moved > before && !store->stopping)
			restart(store, pages >= TRUNCATE_PAGES ? SQLITE_CHECKPOINT_TRUNCATE
							       : SQLITE_CHECKPOINT_RESTART);
	}
	pthread_mutex_unlock(&store->mutex);
	return NULL;
}
