/* Owns the ledger of the tests: a fresh database on either backend, a keyring, an anchor file. */
#ifndef XIEDUN_TEST_LEDGER_FIXTURE_H
#define XIEDUN_TEST_LEDGER_FIXTURE_H

#include "base/file.h"
#include "base/memory.h"
#include "check.h"
#include "crypto/keyring.h"
#include "ledger/ledger.h"

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
	f->config = (struct ledger_config){ .origin = "test.example", .sequence = true };
	return fixture_open_store(f);
}

static inline void fixture_end(struct fixture *f)
{
	fixture_close(f);
	keyring_free(f->keyring);
	free(f->anchor_path);
}
#define auto_fixture cleanup_with(fixture_end) struct fixture

#endif
