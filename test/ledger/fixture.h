/* Owns the ledger of the tests: a fresh database on either backend, a keyring, an anchor file. */
#ifndef XIEDUN_TEST_LEDGER_FIXTURE_H
#define XIEDUN_TEST_LEDGER_FIXTURE_H

#include "base/file.h"
#include "base/memory.h"
#include "check.h"
#include "crypto/keyring.h"
#include "ledger/ledger.h"
#include "store/query.h"

struct fixture {
	struct store_config store_config;
	uint8_t key[KEY_SIZE];
	struct keyring *keyring;
	char *anchor_path;
	struct anchor *anchor;
	struct store *store;
	struct ledger *ledger;
	struct ledger_config config;
};

static inline bool fixture_open_store(struct fixture *f)
{
	struct migration_list lists[] = { store_migrations, ledger_migrations };
	struct migration_report report;
	struct err err;

	f->store_config.database_key = f->key;
	return check_no_error(store_open(&f->store_config, true, &f->store, &err), &err, __FILE__,
			      __LINE__, "store_open") &&
	       check_no_error(migrations_apply(f->store,
					       &(struct migrations){ lists, nitems(lists) }, false,
					       &report, &err),
			      &err, __FILE__, __LINE__, "migrations_apply");
}

static inline bool fixture_open_ledger(struct fixture *f)
{
	struct err err;

	return check_no_error(ledger_open(f->store, f->keyring, &f->config, &f->ledger, &err), &err,
			      __FILE__, __LINE__, "ledger_open");
}

static inline void fixture_close(struct fixture *f)
{
	ledger_close(steal(f->ledger));
	store_close(steal(f->store));
}

static inline bool fixture_start(struct fixture *f)
{
	const struct root_key root = { { 1, 2, 3 } };
	const char *folder = check_folder();
	auto_memory char *path = path_join(folder, "keyring");
	struct err err;

	memset(f, 0, sizeof(*f));
	f->store_config.backend = check_backend();
	if (f->store_config.backend == BACKEND_SQLITE)
		f->store_config.directory = folder;
	else
		f->store_config.address = check_postgres();
	if (!check_no_error(keyring_create(path, &root, &f->keyring, &err), &err, __FILE__,
			    __LINE__, "keyring"))
		return false;
	keyring_copy_key(f->keyring, KEY_DATABASE, f->key);
	f->anchor_path = path_join(check_folder(), "anchor");
	f->anchor = anchor_file_new(f->anchor_path);
	f->config = (struct ledger_config){ .origin = "test.example",
					    .anchor = f->anchor,
					    .sequence = true };
	return fixture_open_store(f);
}

static inline void fixture_end(struct fixture *f)
{
	fixture_close(f);
	keyring_free(f->keyring);
	anchor_free(f->anchor);
	free(f->anchor_path);
}
/* One change with one entry. */
static inline bool fixture_apply(struct change *change, struct err *err)
{
	const struct entry entry = {
		.action = "thing.change",
		.type = "thing",
		.subject = { { 7, 8, 9 } },
		.version = 1,
		.after = { sha256(STR("after")) },
	};

	return change_entry(change, &entry, change->prepared, err);
}

static inline bool fixture_change(struct ledger *ledger, int64_t *entry)
{
	const struct actor actor = { .account = { { 1 } } };
	struct err err;

	return check_no_error(ledger_change(ledger, &actor, fixture_apply, entry, &err), &err,
			      __FILE__, __LINE__, "ledger_change");
}

/* So many entries, all of them published. */
static inline bool fixture_fill(struct fixture *f, int count)
{
	int64_t entry = 0, position;
	struct err err;

	for (int i = 0; i < count; i++) {
		if (!fixture_change(f->ledger, &entry))
			return false;
	}
	return check_no_error(ledger_wait(f->ledger, entry, (int64_t)20 * 1000000, &position, &err),
			      &err, __FILE__, __LINE__, "ledger_wait");
}

struct fixture_sql {
	const char *sql;
	struct str blob; /* bound as :blob where it is there */
	int64_t result;
};

static inline bool fixture_run_sql(struct conn *conn, void *context, struct err *err)
{
	struct fixture_sql *run = context;
	auto_query struct query q = query_start(conn, run->sql);
	bool found;

	if (run->blob.at)
		query_blob(&q, "blob", run->blob);
	if (!query_one(&q, &found, err))
		return false;
	run->result = found ? column_int(&q, 0) : 0;
	return query_end(&q, err);
}

/* SQL behind the ledger's back; the first column of the first row. */
static inline bool fixture_sql(struct fixture *f, const char *sql, int64_t *result)
{
	struct fixture_sql run = { .sql = sql };
	struct err err;

	if (!check_no_error(store_write(f->store, fixture_run_sql, &run, &err), &err, __FILE__,
			    __LINE__, sql))
		return false;
	if (result)
		*result = run.result;
	return true;
}
#define auto_fixture cleanup_with(fixture_end) struct fixture

#endif
