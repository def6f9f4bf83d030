#include "fixture.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"

enum { ROUNDS = 10, CLIENTS = 8, FULL_BYTES = 3 * 1024 * 1024 };

struct client {
	struct store *store;
	int acknowledged; /* write end of a pipe */
	int64_t first;
};

static bool add_pair(struct conn *conn, void *context, struct err *err)
{
	for (int i = 0; i < 2; i++) {
		auto_query struct query query = query_start(
			conn, "INSERT INTO item (number, body) VALUES (:number, :body)");

		query_int(&query, "number", *(int64_t *)context);
		query_blob(&query, "body", STR("some bytes that make a row of some length"));
		if (!query_run(&query, NULL, err))
			return false;
	}
	return true;
}

static void *client_run(void *context)
{
	struct client *client = context;

	for (int64_t number = client->first;; number += CLIENTS) {
		struct err err;

		if (!store_write(client->store, add_pair, &number, &err) ||
		    write(client->acknowledged, &number, sizeof(number)) != sizeof(number))
			return NULL;
	}
}

/* The child: writes until it is killed, and says each number once its write is acknowledged. */
static void child_run(const struct store_config *config, int acknowledged, int64_t first)
{
	struct client clients[CLIENTS];
	pthread_t threads[CLIENTS];
	struct store *store;
	struct err err;

	if (!store_open(config, false, &store, &err))
		_exit(1);
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){ store, acknowledged, first + i };
		if (pthread_create(&threads[i], NULL, client_run, &clients[i]) != 0)
			_exit(1);
	}
	for (int i = 0; i < CLIENTS; i++)
		pthread_join(threads[i], NULL);
	_exit(1);
}

static bool count_number(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query query =
		query_start(conn, "SELECT count(*) FROM item WHERE number = :number");
	int64_t *number = context;
	bool found;

	query_int(&query, "number", *number);
	if (!query_one(&query, &found, err))
		return false;
	*number = column_int(&query, 0);
	return query_end(&query, err);
}

/* How many numbers are there once only: halves of a write. */
static bool count_halves(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query query =
		query_start(conn, "SELECT count(*) FROM (SELECT number FROM item GROUP BY number "
				  "HAVING count(*) <> 2) AS t");
	bool found;

	if (!query_one(&query, &found, err))
		return false;
	*(int64_t *)context = column_int(&query, 0);
	return query_end(&query, err);
}

/* One round: returns how many acknowledged writes were checked, or -1 after a failed check. */
static int kill_round(const struct store_config *config, int round)
{
	int ends[2], checked = 0;
	int64_t number, commits = -1, halves;
	uint16_t random;
	struct err err;

	if (pipe(ends) != 0)
		return -1;

	pid_t child = fork();

	if (child == 0) {
		(void)close(ends[0]);
		child_run(config, ends[1], round * INT64_C(1000000));
	}
	(void)close(ends[1]);
	/* Let it begin; then any moment will do. */
	if (read(ends[0], &number, sizeof(number)) != sizeof(number))
		return -1;
	random_bytes(&random, sizeof(random));
	usleep(5000 + random % 60000);
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);

	auto_store store = NULL;
	auto_problems problems = { 0 };

	if (!check_no_error(store_open(config, false, &store, &err), &err, __FILE__, __LINE__,
			    "open"))
		return -1;
	do {
		int64_t count = number;

		if (!check_no_error(store_read(store, count_number, &count, &err), &err, __FILE__,
				    __LINE__, "count") ||
		    !check_int(count, 2, __FILE__, __LINE__, "rows of an acknowledged write"))
			return -1;
		checked++;
	} while (read(ends[0], &number, sizeof(number)) == sizeof(number));
	(void)close(ends[0]);
	commits = store_commits(store);
	if (!check_no_error(store_read(store, count_halves, &halves, &err), &err, __FILE__,
			    __LINE__, "halves") ||
	    !check_int(halves, 0, __FILE__, __LINE__, "halves of writes") ||
	    !check_that(commits != 0, __FILE__, __LINE__, "commits are counted") ||
	    !check_no_error(store_verify(store, &problems, &err), &err, __FILE__, __LINE__,
			    "verify") ||
	    !check_that(!problems_any(&problems), __FILE__, __LINE__, "no damage"))
		return -1;
	return checked;
}

static void a_killed_process_loses_no_acknowledged_write(void)
{
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);

	CHECK(store);
	store_close(steal(store));
	for (int round = 1; round <= ROUNDS; round++) {
		int checked = kill_round(&config, round);

		CHECK(checked > 0);
		check_cases(checked);
	}
}

/* The child: a process that may write no file beyond a limit stands for a full disk. */
static int run_full(const struct store_config *config)
{
	struct rlimit limit = { FULL_BYTES, RLIM_INFINITY };
	int64_t number = 0, count, written;
	struct store *store;
	struct err err = { 0 };

	(void)signal(SIGXFSZ, SIG_IGN);
	if (!store_open(config, false, &store, &err) || setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 1;
	while (number < 1000000 && store_write(store, add_pair, &number, &err))
		number++;
	written = number;
	if (err.message != MSG_STORE_FULL || written == 0)
		return 2;
	/* Reads go on; what was acknowledged is there; what was not is not. */
	count = written - 1;
	if (!store_read(store, count_number, &count, &err) || count != 2)
		return 3;
	count = written;
	if (!store_read(store, count_number, &count, &err) || count != 0)
		return 4;
	limit.rlim_cur = RLIM_INFINITY;
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 5;
	/* Room again: writes go on without a restart. */
	if (!store_write(store, add_pair, &number, &err))
		return 6;
	store_close(store);
	if (!store_open(config, false, &store, &err))
		return 7;
	for (number = 0; number <= written; number++) {
		count = number;
		if (!store_read(store, count_number, &count, &err) || count != 2)
			return 8;
	}
	return 0;
}

static void a_full_disk_is_named_and_survived(void)
{
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	int status;

	CHECK(store);
	if (config.backend != BACKEND_SQLITE)
		return;
	store_close(steal(store));

	pid_t child = fork();

	if (child == 0)
		_exit(run_full(&config));
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 0);
}

/* The server ends our connections, as it does when it is started again. */
static bool end_connections(struct conn *conn, void *context unused, struct err *err)
{
	return conn_execute(conn,
			    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname "
			    "= current_database()"
			    " AND pid <> pg_backend_pid()",
			    err);
}

static bool end_itself(struct conn *conn, void *context unused, struct err *err)
{
	return conn_execute(conn, "SELECT pg_terminate_backend(pg_backend_pid())", err);
}

static void a_server_that_was_started_again_is_found_again(void)
{
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	int64_t number = 7, count = 7;
	struct err err;

	CHECK(store);
	if (config.backend != BACKEND_POSTGRES)
		return;
	CHECK_DONE(store_write(store, add_pair, &number, &err), err);
	for (int i = 0; i < 3; i++) {
		CHECK_DONE(store_read(store, count_number, &count, &err), err);
		CHECK_INT(count, 2);
		count = 7;
		CHECK_DONE(store_write(store, end_connections, NULL, &err), err);
	}
	CHECK_FAILS(store_write(store, end_itself, NULL, &err), err, MSG_STORE_UNREACHABLE);
	CHECK_DONE(store_read(store, count_number, &count, &err), err);
	CHECK_INT(count, 2);

	struct store *other;

	config.address = "host=/nowhere port=1";
	CHECK_FAILS(store_open(&config, false, &other, &err), err, MSG_STORE_UNREACHABLE);
}

/* Says three times that it collided with another. */
static bool collide(struct conn *conn, void *context, struct err *err)
{
	int *runs = context;

	(*runs)++;
	if (*runs < 4)
		return conn_execute(conn, "DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$",
				    err);
	return true;
}

static void a_conflict_is_tried_again(void)
{
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	struct err err;
	int runs = 0;

	CHECK(store);
	if (config.backend != BACKEND_POSTGRES)
		return;
	CHECK_DONE(store_write(store, collide, &runs, &err), err);
	CHECK_INT(runs, 4);
	runs = -1000;
	CHECK_FAILS(store_write(store, collide, &runs, &err), err, MSG_STORE_CONFLICT);
	CHECK_INT(runs, -1000 + 11);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(a_killed_process_loses_no_acknowledged_write),
		TEST(a_full_disk_is_named_and_survived),
		TEST(a_server_that_was_started_again_is_found_again),
		TEST(a_conflict_is_tried_again),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
