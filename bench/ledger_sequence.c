/*
 * The ledger end to end on encrypted SQLite: 32 producers write changes of one entry, the clock stops when the last entry has
 * its published position (anchor written). First each producer goes on after its commit, as the server's handlers do; then
 * each waits for the position of its entry before it writes the next, which measures the latency of a round.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "ledger_bench.h"

enum { PRODUCERS = 32 };
#define DURATION SECONDS(5)

struct run {
	struct ledger *ledger;
	bool each; /* wait for each position, not only for the last */
	_Atomic bool stop;
	_Atomic int64_t count;
};

static bool one_entry(struct change *change, struct err *err)
{
	const struct entry entry = {
		.action = "device.change",
		.type = "device",
		.subject = { { 7, 8, 9 } },
		.version = 1,
		.after = { sha256(STR("after")) },
	};

	return change_entry(change, &entry, change->prepared, err);
}

static void *produce(void *context)
{
	struct run *run = context;
	const struct actor actor = { .account = { { 1 } }, .address = STR("192.0.2.1") };
	int64_t entry = 0, position;
	struct err err;

	while (!atomic_load(&run->stop)) {
		bench_require(ledger_change(run->ledger, &actor, one_entry, &entry, &err), &err);
		if (run->each)
			bench_require(ledger_wait(run->ledger, entry, SECONDS(30), &position, &err),
				      &err);
		atomic_fetch_add(&run->count, 1);
	}
	bench_require(ledger_wait(run->ledger, entry, SECONDS(60), &position, &err), &err);
	return NULL;
}

/* Entries a second. */
static double measure(struct ledger *ledger, bool each)
{
	struct run run = { .ledger = ledger, .each = each };
	int64_t begun = clock_elapsed();
	pthread_t threads[PRODUCERS];

	for (int i = 0; i < PRODUCERS; i++) {
		if (pthread_create(&threads[i], NULL, produce, &run) != 0)
			abort();
	}
	while (clock_elapsed() - begun < DURATION)
		(void)usleep(10000);
	atomic_store(&run.stop, true);
	for (int i = 0; i < PRODUCERS; i++)
		pthread_join(threads[i], NULL);
	return (double)atomic_load(&run.count) / ((double)(clock_elapsed() - begun) / 1e6);
}

int main(void)
{
	struct ledger_bench bench;
	struct ledger *ledger;
	auto_writer bundle = { 0 };
	struct err err;

	ledger_bench_start(&bench);
	bench.config.sequence = true;
	bench_require(ledger_open(bench.store, bench.keyring, &bench.config, &ledger, &err), &err);

	int64_t busy = bench_processor();
	double flowing = measure(ledger, false);

	busy = bench_processor() - busy;

	double waiting = measure(ledger, true);

	bench_require(ledger_file(ledger, STR("tile/entries/000"), &bundle, &err), &err);
	bench_machine();
	printf("ledger end to end: %.0f entries/s until all positions are published (%d producers, "
	       "entries of %zu bytes, "
	       "5 s, %.1f s of processor time, encrypted SQLite, caches 8 MiB a connection, goal "
	       "10,000)\n",
	       flowing, PRODUCERS, bundle.len / 256 - 2, (double)busy / 1e6);
	printf("ledger round trip: %.0f entries/s, each producer waits for every position\n",
	       waiting);
	ledger_close(ledger);
	ledger_bench_end(&bench);
	return 0;
}
