#include "fixture.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"

static const char SQL_INSERT[] =
	"INSERT INTO item (name, number, body) VALUES (:name, :number, :body) RETURNING id";
static const char SQL_BY_NAME[] = "SELECT id, number, body, name FROM item WHERE name = :name";

struct item {
	struct str name, body;
	int64_t number, id;
};

static bool insert(struct conn *conn, void *context, struct err *err)
{
	struct item *item = context;
	auto_query struct query query = query_start(conn, SQL_INSERT);
	bool found;

	query_text(&query, "name", item->name);
	query_int(&query, "number", item->number);
	query_blob(&query, "body", item->body);
	if (!query_one(&query, &found, err) || !found)
		return false;
	item->id = column_int(&query, 0);
	return query_end(&query, err);
}

static bool compare(struct conn *conn, void *context, struct err *err)
{
	struct item *item = context;
	auto_query struct query query = query_start(conn, SQL_BY_NAME);
	bool found;

	query_text(&query, "name", item->name);
	if (!query_one(&query, &found, err))
		return false;
	check_that(found, __FILE__, __LINE__, "found");
	if (!found)
		return true;
	check_int(column_int(&query, 0), item->id, __FILE__, __LINE__, "id");
	check_int(column_int(&query, 1), item->number, __FILE__, __LINE__, "number");
	check_str(column_blob(&query, 2), item->body, __FILE__, __LINE__, "body");
	check_that(column_is_null(&query, 2) == !item->body.at, __FILE__, __LINE__, "null body");
	check_str(column_text(&query, 3), item->name, __FILE__, __LINE__, "name");
	check_that(!query_row(&query), __FILE__, __LINE__, "one row only");
	return query_end(&query, err);
}

static void values_come_back_as_they_went(void)
{
	static const struct item cases[] = {
		{ STR("plain"), STR("body"), 1, 0 },
		{ STR("械盾"), STR("\0\x01\xff\\x'"), -1, 0 },
		{ STR(""), STR(""), INT64_MAX, 0 },
		{ STR("it's :name -- \"x\" ::int $1"), { NULL, 0 }, INT64_MIN, 0 },
	};
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	struct err err;

	CHECK(store);
	for (size_t i = 0; i < nitems(cases); i++) {
		struct item item = cases[i];

		CHECK_DONE(store_write(store, insert, &item, &err), err);
		CHECK_INT(item.id, (int64_t)i + 1);
		CHECK_DONE(store_read(store, compare, &item, &err), err);
	}
	store_close(steal(store));
	CHECK_DONE(store_open(&config, false, &store, &err), err);
	struct item last = cases[3];

	last.id = 4;
	CHECK_DONE(store_read(store, compare, &last, &err), err);
}

static bool one_int(struct conn *conn, const char *sql, int64_t *to, struct err *err)
{
	auto_query struct query query = query_start(conn, sql);
	bool found;

	if (!query_one(&query, &found, err))
		return false;
	*to = found ? column_int(&query, 0) : -999;
	return query_end(&query, err);
}

static bool read_integers(struct conn *conn, void *context unused, struct err *err)
{
	static const struct {
		const char *sql;
		int64_t want;
	} cases[] = {
		{ "SELECT 7", 7 },
		{ "SELECT CAST(-7 AS INTEGER)", -7 },
		{ "SELECT CAST(7 AS BIGINT)", 7 },
		{ "SELECT count(*) FROM item", 0 },
		{ "SELECT 1 = 1", 1 },
		{ "SELECT 1 = 2", 0 },
		{ "SELECT sum(n) FROM (SELECT CAST(40 AS BIGINT) AS n UNION ALL SELECT 2) AS t",
		  42 },
		{ "SELECT CAST(2.0 AS REAL)", 2 },
		{ "SELECT ':x' = ':x' -- :y\n /* :z */", 1 },
		{ "SELECT \":x\" FROM (SELECT 5 AS \":x\") AS t", 5 },
		{ "SELECT NULL", 0 },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		int64_t got;

		if (!one_int(conn, cases[i].sql, &got, err))
			return false;
		check_int(got, cases[i].want, __FILE__, __LINE__, cases[i].sql);
	}
	return true;
}

static void integers_of_every_kind_read_right(void)
{
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	struct err err;

	CHECK(store);
	CHECK_DONE(store_read(store, read_integers, NULL, &err), err);
}

/* One text with one parameter, bound in turn as each kind: what was prepared for one must serve the
 * others. */
static bool change_kinds(struct conn *conn, void *context unused, struct err *err)
{
	static const char sql[] = "SELECT count(*) FROM item WHERE number = :n OR :n IS NULL";

	for (int round = 0; round < 3; round++) {
		for (int kind = 0; kind < 2; kind++) {
			auto_query struct query query = query_start(conn, sql);
			bool found;

			if (kind == round % 2)
				query_null(&query, "n");
			else
				query_int(&query, "n", 5);
			if (!query_one(&query, &found, err))
				return false;
			check_int(column_int(&query, 0), kind == round % 2, __FILE__, __LINE__,
				  "rows");
			if (!query_end(&query, err))
				return false;
		}
	}
	return true;
}

/* More texts than are kept, and the same text inside of itself. */
static bool many_statements(struct conn *conn, void *context unused, struct err *err)
{
	for (int i = 0; i < 400; i++) {
		char sql[64];
		int64_t got;

		(void)snprintf(sql, sizeof(sql), "SELECT %d", i % 200);
		if (!one_int(conn, sql, &got, err))
			return false;
		check_int(got, i % 200, __FILE__, __LINE__, sql);
	}

	auto_query struct query outer = query_start(conn, SQL_BY_NAME);
	auto_query struct query inner = query_start(conn, SQL_BY_NAME);

	query_text(&outer, "name", STR("a"));
	query_text(&inner, "name", STR("b"));
	check_that(query_row(&outer) && query_row(&inner), __FILE__, __LINE__, "both find");
	check_str(column_text(&outer, 3), STR("a"), __FILE__, __LINE__, "outer");
	check_str(column_text(&inner, 3), STR("b"), __FILE__, __LINE__, "inner");
	return query_end(&inner, err) && query_end(&outer, err);
}

static void statements_are_kept_and_shared(void)
{
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	struct item a = { .name = STR("a"), .number = 6 }, b = { .name = STR("b"), .number = 7 };
	struct err err;

	CHECK(store);
	CHECK_DONE(store_write(store, insert, &a, &err), err);
	CHECK_DONE(store_write(store, insert, &b, &err), err);
	CHECK_DONE(store_read(store, many_statements, NULL, &err), err);
}

static void a_parameter_may_be_null_now_and_a_number_then(void)
{
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	struct item item = { .name = STR("a"), .number = 6 };
	struct err err;

	CHECK(store);
	CHECK_DONE(store_write(store, insert, &item, &err), err);
	CHECK_DONE(store_read(store, change_kinds, NULL, &err), err);
}

static bool run_text(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query query = query_start(conn, context);

	return query_run(&query, NULL, err);
}

static bool two_then_one(struct conn *conn, void *context, struct err *err)
{
	struct item *item = context;
	struct err ignored;

	/* The second one fails; an apply that goes on all the same must not get through. */
	(void)!insert(conn, item, err);
	(void)!insert(conn, item, &ignored);
	item->name = STR("third");
	(void)!insert(conn, item, &ignored);
	return true;
}

static void errors_have_their_class(void)
{
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	struct item item = { .name = STR("a"), .number = 6 }, bad = { .name = STR("a\0b") };
	struct err err;

	CHECK(store);
	CHECK_DONE(store_write(store, insert, &item, &err), err);
	CHECK_FAILS(store_write(store, insert, &item, &err), err, MSG_STORE_DUPLICATE);
	CHECK(err_is_duplicate(&err));
	CHECK(strstr(err.arg[0], "name"));
	CHECK_FAILS(store_write(store, insert, &bad, &err), err, MSG_STORE_TEXT);
	bad.name = STR("\xff");
	CHECK_FAILS(store_write(store, insert, &bad, &err), err, MSG_STORE_TEXT);
	CHECK_FAILS(store_write(store, run_text, "SELECT nothing FROM nowhere", &err), err,
		    MSG_STORE_FAILED);
	CHECK_FAILS(store_write(store, run_text, "SELECT 1; SELECT 2", &err), err,
		    MSG_STORE_FAILED);
	CHECK_FAILS(store_write(store, run_text, "UPDATE migration SET name = NULL", &err), err,
		    MSG_STORE_CONSTRAINT);
	CHECK_FAILS(store_read(store, run_text, "DELETE FROM item", &err), err,
		    MSG_STORE_READ_ONLY);

	struct item twice = { .name = STR("second") };

	CHECK_FAILS(store_write(store, two_then_one, &twice, &err), err, MSG_STORE_DUPLICATE);
	CHECK_FAILS(store_write(store, two_then_one, &item, &err), err, MSG_STORE_DUPLICATE);
	store_forbid_writes(store, "the anchor is ahead");
	CHECK_FAILS(store_write(store, insert, &item, &err), err, MSG_STORE_READ_ONLY);
	CHECK_STR(str_of(err.arg[0]), STR("the anchor is ahead"));
}

static void a_database_is_opened_with_its_key_by_one_writer(void)
{
	static const uint8_t other_key[32] = { 9 };
	struct store_config config = fixture_config(), other = config;
	auto_store store = NULL;
	auto_store second = NULL;
	struct err err;

	if (config.backend != BACKEND_SQLITE) {
		CHECK(true);
		return;
	}
	auto_memory char *path = path_join(config.directory, "xiedun.db");
	struct stat info;

	CHECK_FAILS(store_open(&config, false, &store, &err), err, MSG_STORE_MISSING);
	store = fixture_open(&config);
	CHECK(store);
	CHECK_FAILS(store_open(&config, false, &second, &err), err, MSG_STORE_BUSY);
	CHECK_INT(atoll(err.arg[1]), getpid());
	config.read_only = true;
	CHECK_DONE(store_open(&config, false, &second, &err), err);
	CHECK_FAILS(store_write(second, run_text, "DELETE FROM item", &err), err,
		    MSG_STORE_READ_ONLY);
	config.read_only = false;
	CHECK(stat(path, &info) == 0 && (info.st_mode & 0777) == 0600);
	store_close(steal(store));
	other.database_key = other_key;
	CHECK_FAILS(store_open(&other, false, &store, &err), err, MSG_STORE_WRONG_KEY);
	CHECK_DONE(file_replace(path, STR("this is a text and no database"), 0600, &err), err);
	CHECK_FAILS(store_open(&config, false, &store, &err), err, MSG_STORE_NOT_DATABASE);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(values_come_back_as_they_went),
		TEST(integers_of_every_kind_read_right),
		TEST(statements_are_kept_and_shared),
		TEST(a_parameter_may_be_null_now_and_a_number_then),
		TEST(errors_have_their_class),
		TEST(a_database_is_opened_with_its_key_by_one_writer),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
