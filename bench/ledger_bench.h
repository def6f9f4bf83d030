/* Owns what the ledger's benchmarks need: an encrypted SQLite database with a ledger in a folder of its own. */
#ifndef XIEDUN_BENCH_LEDGER_BENCH_H
#define XIEDUN_BENCH_LEDGER_BENCH_H

#include "base/file.h"
#include "base/memory.h"
#include "bench.h"
#include "crypto/keyring.h"
#include "ledger/ledger.h"

struct ledger_bench {
	char folder[64];
	struct keyring *keyring;
	struct store *store;
	struct anchor *anchor;
	struct ledger_config config;
};

static inline void bench_require(bool done, const struct err *err)
{
	auto_writer text = { 0 };

	if (done)
		return;
	err_render(err, LANGUAGE_EN, &text);
	fprintf(stderr, "%s\n", text.at);
	exit(EXIT_ENVIRONMENT);
}

/* Processor time of the whole process in microseconds: what the figure would be worth on a machine of one's own. */
static inline int64_t bench_processor(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static inline void ledger_bench_start(struct ledger_bench *bench)
{
	const struct root_key root = { { 1 } };
	struct migration_list lists[] = { store_migrations, ledger_migrations };
	struct migration_report report;
	struct store_config config = { .backend = BACKEND_SQLITE };
	uint8_t key[KEY_SIZE];
	struct err err;

	(void)snprintf(bench->folder, sizeof(bench->folder), "/tmp/xiedun-bench-XXXXXX");
	if (!mkdtemp(bench->folder))
		abort();

	auto_memory char *keyring = path_join(bench->folder, "keyring");
	auto_memory char *anchor = path_join(bench->folder, "anchor");

	bench_require(keyring_create(keyring, &root, &bench->keyring, &err), &err);
	keyring_copy_key(bench->keyring, KEY_DATABASE, key);
	config.directory = bench->folder;
	config.database_key = key;
	bench_require(store_open(&config, true, &bench->store, &err), &err);
	bench_require(migrations_apply(bench->store, &(struct migrations){ lists, nitems(lists) },
				       false, &report, &err),
		      &err);
	bench->anchor = anchor_file_new(anchor);
	bench->config =
		(struct ledger_config){ .origin = "bench.example", .anchor = bench->anchor };
}

static inline void ledger_bench_end(struct ledger_bench *bench)
{
	struct err err;

	store_close(bench->store);
	keyring_free(bench->keyring);
	anchor_free(bench->anchor);
	bench_require(path_remove(bench->folder, &err), &err);
}

#endif
