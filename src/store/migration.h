/* Owns migrations: forward only, each in a transaction, one list from all floors. */
#ifndef XIEDUN_STORE_MIGRATION_H
#define XIEDUN_STORE_MIGRATION_H

#include "store/query.h"

/* Numbers are unique over the whole program and never change once released: floors take blocks of 100. */
struct migration {
	int number; /* store 1–99, ledger 100–199, identity 200–299, model 300–399 */
	const char *name;
	const char *sql; /* statements divided by ";\n", with conn_execute's tokens */
	bool (*run)(struct conn *, struct err *); /* or a function, after the SQL; may be NULL */
};

struct migration_list {
	const struct migration *rows;
	size_t count;
};

/* The store's own: store_state, outbox, job, blob. */
extern const struct migration_list store_migrations;

/* A table per floor, in the order of the floors. */
struct migrations {
	const struct migration_list *lists;
	size_t count;
};

struct migration_report {
	int before, after; /* highest number applied; 0: none */
	int applied;       /* how many now (dry run: would be) */
};

/*
 * Applies what is missing, in the order of the numbers, one transaction each; the table migration(number, name, hash of
 * the SQL, applied) tells what was. A database with a number that this program does not know is refused with
 * MSG_STORE_NEWER. `dry_run` runs all in one transaction and undoes it.
 */
must_use bool migrations_apply(struct store *, const struct migrations *, bool dry_run,
			       struct migration_report *, struct err *);

/* The highest number that the program knows. */
int migrations_highest(const struct migrations *);

/* True in *current when nothing is missing. MSG_STORE_NEWER as above. */
must_use bool migrations_check(struct store *, const struct migrations *, bool *current,
			       struct err *);

#endif
