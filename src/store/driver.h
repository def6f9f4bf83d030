/*
 * Owns the interface of a database driver, and what every connection and statement has whatever the
 * database. Internal to the store: the floors above see query.h.
 */
#ifndef XIEDUN_STORE_DRIVER_H
#define XIEDUN_STORE_DRIVER_H

#include "store/query.h"
#include "store/sql_text.h"

enum step { STEP_ROW, STEP_END, STEP_FAILED };
enum value_kind { VALUE_NULL, VALUE_INT, VALUE_TEXT, VALUE_BLOB };

struct value {
	enum value_kind kind;
	int64_t number;
	struct str bytes;
};

/* What a connection is opened for. */
struct conn_options {
	const struct store_config *config;
	bool create;    /* SQLite: make the file when there is none */
	bool read_only; /* refuses to write */
};

enum { STATEMENT_BUCKETS = 64, STATEMENTS_KEPT = 128 };

struct conn {
	const struct driver *driver;
	struct statement *buckets[STATEMENT_BUCKETS];
	int kept;
	uint64_t uses;
	bool in_transaction, closing;
	struct err trouble; /* the error that ended the transaction; further queries in it fail with
			       it */
};

struct statement {
	struct conn *conn;
	struct statement *next; /* in its bucket */
	char *sql;
	size_t len;
	uint64_t hash, used;
	struct sql_parameters parameters;
	bool *bound;
	bool busy, kept;
};

struct driver {
	enum backend backend;
	bool (*open)(const struct conn_options *, struct conn **, struct err *);
	void (*close)(struct conn *);
	/* False when the connection is gone for good and must be opened again. */
	bool (*alive)(struct conn *);
	/* One statement without parameters and rows. */
	bool (*execute)(struct conn *, const char *sql, struct err *);

	/* Fills in a fresh struct of statement_size bytes, whose base (text, parameters) is set
	 * already. */
	size_t statement_size;
	bool (*prepare)(struct statement *, struct err *);
	void (*finalize)(struct statement *);
	/* Copies the value. */
	void (*bind)(struct statement *, int parameter, const struct value *);
	enum step (*step)(struct statement *, struct err *);
	/* Ready for the next values. */
	void (*reset)(struct statement *);
	int64_t (*changed)(struct statement *);

	int64_t (*column_int)(struct statement *, int column);
	struct str (*column_text)(struct statement *, int column);
	struct str (*column_blob)(struct statement *, int column);
	bool (*column_is_null)(struct statement *, int column);
};

extern const struct driver sqlite_driver, postgres_driver;

must_use bool conn_open(const struct conn_options *, struct conn **, struct err *);
void conn_close(struct conn *);

/* "BEGIN …", a savepoint: opens a transaction as far as conn->trouble is concerned. */
must_use bool conn_begin(struct conn *, const char *sql, struct err *);
/* Commits; fails with the trouble when a query failed, and has rolled back then. */
must_use bool conn_commit(struct conn *, struct err *);
void conn_rollback(struct conn *);

/* Releases all statements that are kept prepared. */
void conn_forget_statements(struct conn *);

#endif
