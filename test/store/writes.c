#include "fixture.h"

#include <pthread.h>

enum { WRITERS = 16, WRITES = 60 };

static bool count_rows(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query query = query_start(conn, "SELECT count(*), sum(number) FROM item");
	int64_t *to = context;
	bool found;

	if (!query_one(&query, &found, err))
		return false;
	to[0] = column_int(&query, 0);
	to[1] = column_int(&query, 1);
	return query_end(&query, err);
}

struct job {
	struct store *store;
	int number, written, refused;
};

struct row {
	int number;
	bool refuse;
};

static bool add_rows(struct conn *conn, void *context, struct err *err)
{
	struct row *row = context;

	for (int i = 0; i < 2; i++) {
		auto_query struct query query =
			query_start(conn, "INSERT INTO item (number, name) VALUES (:number, NULL)");

		query_int(&query, "number", row->number);
		if (!query_run(&query, NULL, err))
			return false;
	}
	return row->refuse ? fail(err, MSG_NOT_UTF8) : true;
}

static void *write_many(void *context)
{
	struct job *job = context;

	for (int i = 0; i < WRITES; i++) {
		struct row row = { .number = 1, .refuse = (i + job->number) % 5 == 0 };
		struct err err;

		if (store_write(job->store, add_rows, &row, &err))
			job->written++;
		else if (err.message == MSG_NOT_UTF8 && row.refuse)
			job->refused++;
	}
	return NULL;
}

static void a_refused_write_does_not_harm_the_others_of_its_group(void)
{
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	struct job jobs[WRITERS] = { 0 };
	pthread_t threads[WRITERS];
	int64_t sums[2], before = store ? store_commits(store) : 0;
	int written = 0, refused = 0;
	struct err err;

	CHECK(store);
	for (int i = 0; i < WRITERS; i++) {
		jobs[i] = (struct job){ .store = store, .number = i };
		CHECK(pthread_create(&threads[i], NULL, write_many, &jobs[i]) == 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(threads[i], NULL);
		written += jobs[i].written;
		refused += jobs[i].refused;
	}
	CHECK_INT(refused, WRITERS * WRITES / 5);
	CHECK_INT(written, WRITERS * WRITES - refused);
	CHECK_DONE(store_read(store, count_rows, sums, &err), err);
	CHECK_INT(sums[0], 2 * written);
	CHECK_INT(sums[1], 2 * written);
	if (config.backend == BACKEND_POSTGRES) {
		CHECK_INT(store_commits(store), -1);
		return;
	}
	/* Groups are fewer than writes, and each is counted, durably. */
	int64_t commits = store_commits(store);

	CHECK(commits > before && commits <= before + written);
	store_close(steal(store));
	CHECK_DONE(store_open(&config, false, &store, &err), err);
	CHECK_INT(store_commits(store), commits);
}

static void an_offline_visit_writes_without_threads(void)
{
	struct store_config config = fixture_config();
	struct row row = { .number = 3 };
	int64_t sums[2];
	struct err err;

	config.offline = true;
	auto_store store = fixture_open(&config);

	CHECK(store);
	CHECK_DONE(store_write(store, add_rows, &row, &err), err);
	row.refuse = true;
	CHECK_FAILS(store_write(store, add_rows, &row, &err), err, MSG_NOT_UTF8);
	CHECK_DONE(store_read(store, count_rows, sums, &err), err);
	CHECK_INT(sums[0], 2);
	CHECK_INT(sums[1], 6);
}

static void a_dry_run_changes_nothing(void)
{
	static const struct migration good[] = {
		{ .number = 901,
		  .name = "b",
		  .sql = "CREATE TABLE b (x {int}) {strict};\nINSERT INTO b VALUES (1);\n" },
		{ .number = 902, .name = "c", .sql = "INSERT INTO b VALUES (2)" },
	};
	static const struct migration changed[] = {
		{ .number = 901, .name = "b", .sql = "SELECT 1" }
	};
	static const struct migration bad[] = {
		{ .number = 903,
		  .name = "d",
		  .sql = "CREATE TABLE d (x {int}) {strict};\nINSERT INTO nowhere VALUES (1)" },
	};
	struct migration_list lists[] = { store_migrations, test_list, { good, nitems(good) } };
	struct migration_list changed_lists[] = { store_migrations,
						  test_list,
						  { changed, nitems(changed) } };
	struct migration_list bad_lists[] = {
		store_migrations, test_list, lists[2], { bad, nitems(bad) }
	};
	struct migrations all = { lists, nitems(lists) };
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	struct migration_report report;
	struct err err;
	bool current;

	CHECK(store);
	CHECK_DONE(migrations_check(store, &all, &current, &err), err);
	CHECK(!current);
	CHECK_DONE(migrations_apply(store, &all, true, &report, &err), err);
	CHECK_INT(report.applied, 2);
	CHECK_INT(report.before, 900);
	CHECK_INT(report.after, 902);
	CHECK_DONE(migrations_check(store, &all, &current, &err), err);
	CHECK(!current);
	CHECK_DONE(migrations_apply(store, &all, false, &report, &err), err);
	CHECK_INT(report.applied, 2);
	CHECK_DONE(migrations_check(store, &all, &current, &err), err);
	CHECK(current);
	CHECK_DONE(migrations_apply(store, &all, false, &report, &err), err);
	CHECK_INT(report.applied, 0);
	CHECK_FAILS(migrations_apply(store, &(struct migrations){ changed_lists, 3 }, false,
				     &report, &err),
		    err, MSG_STORE_MIGRATION_CHANGED);
	CHECK_FAILS(
		migrations_apply(store, &(struct migrations){ bad_lists, 4 }, false, &report, &err),
		err, MSG_STORE_MIGRATION_FAILED);
	CHECK_INT(atoll(err.arg[0]), 903);
	CHECK_FAILS(migrations_check(store, &(struct migrations){ lists, 2 }, &current, &err), err,
		    MSG_STORE_NEWER);
	CHECK_INT(atoll(err.arg[0]), 902);
	CHECK_FAILS(migrations_apply(store, &(struct migrations){ lists, 2 }, false, &report, &err),
		    err, MSG_STORE_NEWER);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(a_refused_write_does_not_harm_the_others_of_its_group),
		TEST(an_offline_visit_writes_without_threads),
		TEST(a_dry_run_changes_nothing),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
