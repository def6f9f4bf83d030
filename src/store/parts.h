/* Owns what the parts of the store share: pools of connections, the group writer, the checkpoints.
 * Internal to the store. */
#ifndef XIEDUN_STORE_PARTS_H
#define XIEDUN_STORE_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/driver.h"

/* Connections of one kind, opened when first needed. Which one is lent is nobody's business. */
struct pool {
	pthread_mutex_t mutex;
	pthread_cond_t given_back;
	struct conn_options options;
	struct conn **idle; /* a stack; NULL: not open */
	int idle_count, count;
};

void pool_init(struct pool *, const struct conn_options *, int count);
/* Opens all connections now. */
must_use bool pool_fill(struct pool *, struct err *);
void pool_release(struct pool *);
/* Waits for a free connection, opens it again when it is gone, and begins a transaction with
 * `begin`. */
must_use bool pool_begin(struct pool *, const char *begin, struct conn **, struct err *);
void pool_give(struct pool *, struct conn *);

/* One caller of store_write waiting for its group. */
struct write_request {
	store_apply_fn *apply;
	void *context;
	struct err *err;
	struct write_request *next;
	pthread_cond_t finished;
	bool done, succeeded;
};

struct store {
	struct store_config config; /* its pointers are ours */
	int lock;                   /* SQLite: the lock file, or -1 */
	int file;                   /* SQLite: the database file, for reading it as it is; or -1 */
	struct pool readers;
	struct pool writers; /* PostgreSQL */

	/* SQLite: the group writer. */
	struct conn *writer;
	bool counted; /* store_state is there */
	pthread_mutex_t mutex;
	pthread_cond_t work,
		paused; /* for the writer; for those who wait for it or for a checkpoint */
	struct write_request *first, **last;
	bool writing, pause, stopping, threads, checkpointing, held;
	pthread_mutex_t hold_mutex; /* one who holds the checkpoints */
	pthread_t writer_thread, checkpoint_thread;

	/* SQLite: the checkpoints. */
	struct conn *checkpointer;
	pthread_cond_t wal_grew;

	_Atomic int64_t commits, wal_pages, writes, failed_writes, groups, checkpoints, reads,
		repeats;
	_Atomic bool forbidden;
	pthread_mutex_t reason_mutex;
	char reason[ERR_ARG_SIZE];
};

/* SQLite: the file DIR/xiedun.lock says who may write; MSG_STORE_BUSY names its process. */
must_use bool store_lock(const char *directory, int *lock, struct err *);

must_use bool group_writer_start(struct store *, bool create, struct err *);
/* Finishes what waits, moves the log into the database, closes. */
void group_writer_stop(struct store *);
must_use bool group_write(struct store *, store_apply_fn *, void *context, struct err *);

/* The thread that moves the write-ahead log into the database, so that no commit has to. */
void *checkpoint_run(void *store);
/* After each commit. */
void checkpoint_notice(struct store *);
/*
 * Moves the whole log into the database file and lets no checkpoint touch the file until checkpoint_release (same
 * thread): the file then is a complete database and stays as it is, while writes go on into the log.
 */
must_use bool checkpoint_hold(struct store *, struct err *);
void checkpoint_release(struct store *);

#endif
