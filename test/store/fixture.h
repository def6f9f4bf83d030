/* Owns the database of the store's tests: a fresh one on either backend, with the store's own
 * tables and one for the tests. */
#ifndef XIEDUN_TEST_STORE_FIXTURE_H
#define XIEDUN_TEST_STORE_FIXTURE_H

#include "check.h"
#include "store/migration.h"

static const uint8_t test_key[32] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

static const struct migration test_rows[] = {
	{ .number = 900,
	  .name = "item",
	  .sql = "CREATE TABLE item (id {id}, name {text} UNIQUE, number {int}, body {blob}, "
		 "weight {real}) {strict}" },
};
static const struct migration_list test_list = { test_rows, nitems(test_rows) };

static inline struct store_config fixture_config(void)
{
	struct store_config config = { .backend = check_backend(), .database_key = test_key };

	if (config.backend == BACKEND_SQLITE)
		config.directory = check_folder();
	else
		config.address = check_postgres();
	return config;
}

static inline bool fixture_migrate(struct store *store, struct err *err)
{
	struct migration_list lists[] = { store_migrations, test_list };
	struct migration_report report;

	return migrations_apply(store, &(struct migrations){ lists, nitems(lists) }, false, &report,
				err);
}

/* A store with tables, or NULL after a failed check. */
static inline struct store *fixture_open(const struct store_config *config)
{
	struct store *store;
	struct err err;

	if (!check_no_error(store_open(config, true, &store, &err), &err, __FILE__, __LINE__,
			    "store_open"))
		return NULL;
	if (check_no_error(fixture_migrate(store, &err), &err, __FILE__, __LINE__, "migrate"))
		return store;
	store_close(store);
	return NULL;
}

#endif
