/*
 * Durable, audited creates by direct calls: 32 threads, one record and one ledger entry each, three declared indexes, the
 * sequencer running, after many records are there already. Arguments: records before (1,000,000), seconds (60).
 */
#include <pthread.h>
#include <stdatomic.h>

#include "records.h"

enum { THREADS = 32 };

struct producer {
	struct records *r;
	_Atomic bool *stop;
	uint64_t random;
	int64_t made;
};

static void *produce(void *context)
{
	struct producer *p = context;

	while (!atomic_load(p->stop)) {
		records_add(p->r, p->random, 1);
		(void)records_random(&p->random);
		p->made++;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static struct records r;
	struct producer producers[THREADS];
	pthread_t threads[THREADS];
	_Atomic bool stop = false;
	int64_t before = 1000000, seconds = 60, made = 0, start;

	if ((argc > 1 && !str_to_int(str_of(argv[1]), &before)) ||
	    (argc > 2 && !str_to_int(str_of(argv[2]), &seconds)))
		return EXIT_USAGE;
	records_open(&r, before, 64 << 20);
	start = clock_elapsed();
	for (int i = 0; i < THREADS; i++) {
		producers[i] = (struct producer){ &r, &stop, (uint64_t)i + (UINT64_C(1) << 40), 0 };
		if (pthread_create(&threads[i], NULL, produce, &producers[i]) != 0)
			return EXIT_ENVIRONMENT;
	}
	while (clock_elapsed() - start < SECONDS(seconds))
		(void)usleep(10000);
	atomic_store(&stop, true);
	for (int i = 0; i < THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
		made += producers[i].made;
	}

	double took = (double)(clock_elapsed() - start) / 1e6;

	bench_machine();
	printf("input: %lld records before, %d threads, %.0f s, page cache 64 MiB a connection\n",
	       (long long)r.made, THREADS, took);
	printf("creates: %.0f/s\n", (double)made / took);
	records_close(&r);
	return 0;
}
