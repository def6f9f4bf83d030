/* `ledger verify` of ten million entries of about 300 bytes on encrypted SQLite, and one proof out of them. Argument: entries. */
#include "base/clock.h"
#include "ledger/entry.h"
#include "ledger/log.h"
#include "ledger/round.h"
#include "ledger/verify.h"
#include "ledger_bench.h"

enum { ENTRIES = 10000000, SLICE = 65536, PROOFS = 1000 };

struct generator {
	struct round *round;
	const struct signer *signer;
	int64_t first, count;
};

static bool prepare(struct conn *conn, void *context, struct err *err)
{
	struct generator *g = context;
	auto_writer body = { 0 };

	if (!round_begin(g->round, conn, err))
		return false;
	for (int64_t i = g->first; i < g->first + g->count; i++) {
		const struct ledger_entry entry = {
			.id = 1000000000 + i * 3,
			.time = 1795000000000000 + i,
			.actor = { { 1 } },
			.action = STR("device.change"),
			.type = STR("device"),
			.subject = { { (uint8_t)i, (uint8_t)(i >> 8), 1 } },
			.version = 1,
			.peer = { { { 1, 2, 3 } } },
			.after = { sha256((struct str){ (const char *)&i, sizeof(i) }) },
		};

		writer_clear(&body);
		entry_write(&entry, &body);
		round_add(g->round, entry.id, writer_str(&body));
	}
	return round_plan(g->round, conn, g->signer, err);
}

static bool write_round(struct conn *conn, void *context, struct err *err)
{
	struct generator *g = context;

	return round_write(g->round, conn, clock_now(), err);
}

static void generate(struct ledger_bench *bench, int64_t entries)
{
	auto_round round = round_new();
	auto_signer signer = NULL;
	struct err err;

	bench_require(log_keys(bench->keyring, &signer, &err), &err);
	for (int64_t first = 0; first < entries; first += SLICE) {
		int64_t left = entries - first;
		struct generator g = { round, signer, first, left < SLICE ? left : SLICE };

		bench_require(store_read(bench->store, prepare, &g, &err), &err);
		bench_require(store_write(bench->store, write_round, &g, &err), &err);
		round_finish(round);
	}
}

int main(int argc, char **argv)
{
	struct ledger_bench bench;
	struct ledger *ledger;
	struct ledger_verified verified;
	auto_problems problems = { 0 };
	auto_writer bundle = { 0 };
	int64_t entries = ENTRIES, begun, took, busy;
	struct err err;

	if (argc > 1 && !str_to_int(str_of(argv[1]), &entries))
		return EXIT_USAGE;
	ledger_bench_start(&bench);
	bench_require(ledger_open(bench.store, bench.keyring, &bench.config, &ledger, &err), &err);
	ledger_close(ledger);
	begun = clock_elapsed();
	generate(&bench, entries);
	took = clock_elapsed() - begun;
	fprintf(stderr, "generated in %.0f s\n", (double)took / 1e6);

	const struct ledger_verify verify = { .store = bench.store, .keyring = bench.keyring };

	begun = clock_elapsed();
	busy = bench_processor();
	bench_require(ledger_verify(&verify, &problems, &verified, &err), &err);
	took = clock_elapsed() - begun;
	busy = bench_processor() - busy;
	bench.config.accept_missing_anchor = true;
	bench_require(ledger_open(bench.store, bench.keyring, &bench.config, &ledger, &err), &err);
	bench_require(ledger_file(ledger, STR("tile/entries/000"), &bundle, &err), &err);
	bench_machine();
	printf("ledger verify: %.1f s (%lld entries of %zu bytes, two threads, %.1f s of processor "
	       "time, encrypted SQLite, "
	       "caches 8 MiB a connection, %zu problems, goal 15)\n",
	       (double)took / 1e6, (long long)verified.entries, bundle.len / 256 - 2,
	       (double)busy / 1e6, problems.count);

	busy = bench_processor();
	begun = clock_elapsed();
	for (int64_t i = 0; i < PROOFS; i++) {
		auto_writer proof = { 0 };

		bench_require(ledger_prove(ledger, i * 7919 % entries, &proof, &err), &err);
	}
	took = clock_elapsed() - begun;
	printf("ledger prove: %.0f µs (from the database, %lld entries, mean of %d, %.0f µs of "
	       "processor time)\n",
	       (double)took / PROOFS, (long long)entries, PROOFS,
	       (double)(bench_processor() - busy) / PROOFS);
	ledger_close(ledger);
	ledger_bench_end(&bench);
	return problems.count > 0 ? EXIT_NO : EXIT_DONE;
}
