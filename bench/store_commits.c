/*
 * Durable commits of two rows each (one with an index, one of 300 bytes) by many producers, each waiting for its own.
 * bench-store_commits [FOLDER [SECONDS [PRODUCERS]]]; with BENCH_POSTGRES set to an empty database, the same there.
 */
#include "bench.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/vec.h"
#include "store/migration.h"

enum { PRODUCERS_MAX = 256, CACHE = 8 * 1024 * 1024 };

struct times VEC(int64_t);

struct producer {
	struct store *store;
	_Atomic bool *stop;
	struct times times;
	struct err err;
	bool failed;
};

static const struct migration rows[] = {
	{ .number = 990,
	  .name = "bench",
	  .sql = "CREATE TABLE a (id {id}, number {int}, state {int}) {strict};\nCREATE INDEX "
		 "a_number ON a (number);\n"
		 "CREATE TABLE b (id {id}, body {blob}) {strict}" },
};

static bool add_two(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query a =
		query_start(conn, "INSERT INTO a (number, state) VALUES (:number, 1)");
	auto_query struct query b = query_start(conn, "INSERT INTO b (body) VALUES (:body)");
	const char *body = context;
	int64_t number;

	memcpy(&number, body, sizeof(number));
	query_int(&a, "number", number);
	query_blob(&b, "body", (struct str){ body, 300 });
	return query_run(&a, NULL, err) && query_run(&b, NULL, err);
}

static void *produce(void *context)
{
	struct producer *producer = context;
	char body[300];

	random_bytes(body, sizeof(body));
	while (!atomic_load(producer->stop)) {
		int64_t start = clock_elapsed();

		random_bytes(body, 8);
		if (!store_write(producer->store, add_two, body, &producer->err)) {
			producer->failed = true;
			return NULL;
		}
		vec_push(&producer->times, clock_elapsed() - start);
	}
	return NULL;
}

static int by_time(const void *a, const void *b)
{
	int64_t left, right;

	memcpy(&left, a, sizeof(left));
	memcpy(&right, b, sizeof(right));
	return left < right ? -1 : left > right;
}

static int measure(struct store *store, const char *name, const char *folder, int seconds,
		   int count)
{
	static struct producer producers[PRODUCERS_MAX];
	pthread_t threads[PRODUCERS_MAX];
	_Atomic bool stop = false;
	struct times all = { 0 };
	int64_t start = clock_elapsed(), groups = store_commits(store);

	for (int i = 0; i < count; i++) {
		producers[i] = (struct producer){ .store = store, .stop = &stop };
		if (pthread_create(&threads[i], NULL, produce, &producers[i]) != 0)
			abort();
	}
	(void)sleep((unsigned)seconds);
	atomic_store(&stop, true);
	for (int i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		if (producers[i].failed) {
			log_err("bench", NULL, &producers[i].err);
			return 1;
		}
		vec_each (int64_t, time, &producers[i].times)
			vec_push(&all, *time);
		vec_release(&producers[i].times);
	}

	double taken = (double)(clock_elapsed() - start) / 1e6;

	groups = store_commits(store) - groups;
	qsort(all.at, all.count, sizeof(*all.at), by_time);
	printf("store_commits: %.0f commits/s on %s\n", (double)all.count / taken, name);
	printf("input: %d producers, %.1f s, two rows each (one indexed number, one of 300 bytes), "
	       "empty database at the start\n",
	       count, taken);
	printf("wait: p50 %.2f ms, p99 %.2f ms, longest %.2f ms; %.1f writes in a group\n",
	       (double)all.at[all.count / 2] / 1000, (double)all.at[all.count * 99 / 100] / 1000,
	       (double)all.at[all.count - 1] / 1000,
	       groups > 0 ? (double)all.count / (double)groups : 1.0);
	printf("caches: %d MiB of pages for each connection\n", CACHE / 1024 / 1024);
	bench_machine();
	bench_disk(folder);
	vec_release(&all);
	return 0;
}

int main(int argc, char **argv)
{
	static const uint8_t key[32] = { 1 };
	const char *folder = argc > 1 ? argv[1] : ".", *address = getenv("BENCH_POSTGRES");
	int64_t seconds = 5, producers = 32;
	auto_memory char *data = path_join(folder, "bench-store");
	struct store_config config = { .backend = address ? BACKEND_POSTGRES : BACKEND_SQLITE,
				       .directory = data,
				       .address = address,
				       .database_key = key,
				       .cache_bytes = CACHE };
	struct migration_list lists[] = { store_migrations, { rows, nitems(rows) } };
	struct migration_report report;
	auto_store store = NULL;
	struct err err;
	int status;

	if ((argc > 2 && !str_to_int(str_of(argv[2]), &seconds)) ||
	    (argc > 3 && !str_to_int(str_of(argv[3]), &producers)) || producers < 1 ||
	    producers > PRODUCERS_MAX)
		return 2;
	if (!path_remove(data, &err) || !store_open(&config, true, &store, &err) ||
	    !migrations_apply(store, &(struct migrations){ lists, 2 }, false, &report, &err)) {
		log_err("bench", NULL, &err);
		return 1;
	}
	status = measure(store, address ? "PostgreSQL" : "encrypted SQLite", folder, (int)seconds,
			 (int)producers);
	store_close(steal(store));
	return path_remove(data, &err) ? status : 1;
}
