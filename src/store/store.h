/*
 * Owns the database: one interface over the embedded encrypted SQLite and PostgreSQL, pools of
 * connections, and the one way to write.
 */
#ifndef XIEDUN_STORE_STORE_H
#define XIEDUN_STORE_STORE_H

#include "base/err.h"

struct store;
struct conn;

enum backend { BACKEND_SQLITE, BACKEND_POSTGRES };

struct store_config {
	enum backend backend;
	const char *directory; /* SQLite: the folder of xiedun.db */
	const uint8_t *
		database_key; /* SQLite: 32 bytes, read by store_open only (keyring_copy_key, KEY_DATABASE) */
	const char *address; /* PostgreSQL: a libpq connection string */
	int readers;         /* read connections, at least 1; 0: four */
	int64_t cache_bytes; /* SQLite: page cache of each connection; 0: 8 MiB */
	bool read_only;
	bool offline; /* a command line's own short visit: no writer thread, no checkpoint thread */
};

/*
 * Opens the database, makes an empty one when there is none and `create` is set. Checks that temporary data
 * stays in memory (SQLite) and that the text is UTF-8 (PostgreSQL). Runs no migrations.
 * SQLite: a second process that writes is refused with MSG_STORE_BUSY.
 */
must_use bool store_open(const struct store_config *, bool create, struct store **, struct err *);

/* Waits for running transactions, flushes the write-ahead log, closes. */
void store_close(struct store *);
DEFINE_AUTO(store, store_close)
#define auto_store cleanup_with(auto_free_store) struct store *

enum backend store_backend(const struct store *);

/*
 * Runs `read` on a read connection, inside one snapshot: all its queries see the same state.
 * It must not write.
 */
typedef bool store_read_fn(struct conn *, void *context, struct err *);
must_use bool store_read(struct store *, store_read_fn *, void *context, struct err *);

/*
 * Runs `apply` inside one write transaction and returns after its COMMIT is on disk. `apply` takes a few
 * milliseconds, has no effect but on the connection and *context, and may run more than once: it must set what it
 * hands out in *context anew each time. When it returns false, its changes are undone and its error is handed on.
 * SQLite: one writer thread runs waiting ones as savepoints of one group; a failed commit fails the whole group.
 * PostgreSQL: a transaction each (READ COMMITTED), repeated on serialisation failures and dead locks.
 */
typedef bool store_apply_fn(struct conn *, void *context, struct err *);
must_use bool store_write(struct store *, store_apply_fn *apply, void *context, struct err *);

/*
 * How many write groups were committed since the database was made; grows by at least one for each COMMIT.
 * The ledger's anchor keeps it, so that a database rolled back by any write is noticed. SQLite only: -1 elsewhere.
 */
int64_t store_commits(const struct store *);

/* Refuses writes from now on (MSG_STORE_READ_ONLY with this reason), e.g. when the anchor is ahead. */
void store_forbid_writes(struct store *, const char *reason);

/* Adds the store's figures in the Prometheus text format. */
struct writer;
void store_metrics(struct store *, struct writer *);

/* Reads every page (SQLite: through the cipher, free ones too) or every row; reports each damage found. */
must_use bool store_verify(struct store *, struct problems *, struct err *);

#endif
