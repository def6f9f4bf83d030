#include "store/parts.h"

#include "store/postgres_copy.h"
#include "store/sqlite.h"

static const char SQL_PAGE_COUNT[] = "PRAGMA page_count";
static const char SQL_PAGE[] = "SELECT length(data) FROM sqlite_dbpage WHERE pgno = :page";
static const char SQL_INTEGRITY[] = "PRAGMA integrity_check";

/* Reads one page through the cipher, whose tag shows every change, also of a page that nothing uses. */
static bool page_is_whole(struct conn *conn, int64_t page)
{
	auto_query struct query query = query_start(conn, SQL_PAGE);
	struct err err;

	query_int(&query, "page", page);
	return query_run(&query, NULL, &err);
}

/* *whole turns false for a damaged page. */
static bool check_page(struct conn *conn, int64_t page, struct problems *problems, bool *whole,
		       struct err *err)
{
	struct err damage;

	if (page_is_whole(conn, page))
		return true;
	(void)fail(&damage, MSG_STORE_PAGE_DAMAGED, page);
	problems_add(problems, &damage);
	*whole = false;
	/* The cipher's error holds until the transaction ends, for every page. */
	conn_rollback(conn);
	return conn_begin(conn, "BEGIN", err);
}

static void check_structure(struct conn *conn, struct problems *problems)
{
	auto_query struct query query = query_start(conn, SQL_INTEGRITY);
	struct err err;

	while (query_row(&query)) {
		if (str_is(column_text(&query, 0), "ok"))
			continue;
		(void)fail(&err, MSG_STORE_DAMAGED, column_text(&query, 0));
		problems_add(problems, &err);
	}
	if (!query_end(&query, &err))
		problems_add(problems, &err);
}

static bool check_pages(struct conn *conn, struct problems *problems, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_PAGE_COUNT);
	int64_t count = 0;
	bool found, whole = true;

	if (!query_one(&query, &found, err)) {
		struct err first;

		/* The count stands on the first page. */
		if (err->message != MSG_STORE_DAMAGED)
			return false;
		(void)fail(&first, MSG_STORE_PAGE_DAMAGED, 1);
		problems_add(problems, &first);
		return true;
	}
	count = column_int(&query, 0);
	if (!query_end(&query, err))
		return false;
	for (int64_t page = 1; page <= count; page++) {
		if (!check_page(conn, page, problems, &whole, err))
			return false;
	}
	/* On top of damaged pages it would only repeat them in other words. */
	if (whole)
		check_structure(conn, problems);
	return true;
}

static bool verify_sqlite(struct store *store, struct problems *problems, struct err *err)
{
	bool hold = !store->config.read_only;
	struct conn *conn;

	/* What is still in the log would hide the page below it. */
	if (hold && !checkpoint_hold(store, err))
		return false;

	bool begun = pool_begin(&store->readers, "BEGIN", &conn, err), done = false;

	if (begun) {
		/* The pages that this connection holds in memory must come from the disk. */
		(void)sqlite3_db_release_memory(sqlite_handle(conn));
		done = check_pages(conn, problems, err);
		conn_rollback(conn);
		pool_give(&store->readers, conn);
	}
	if (hold)
		checkpoint_release(store);
	return done;
}

static bool drop(void *context unused, struct str piece unused, struct err *err unused)
{
	return true;
}

/* Reading every row of every table makes PostgreSQL check its own page checksums, where they are on. */
static bool verify_postgres(struct conn *conn, void *context, struct err *err)
{
	struct problems *problems = context;
	auto_texts tables = { 0 };

	if (!texts_read(conn, SQL_POSTGRES_TABLES, &tables, err))
		return false;
	vec_each (char *, table, &tables) {
		auto_writer sql = { 0 };
		struct err failure, ignored;

		writer_printf(&sql, "COPY %s TO STDOUT", *table);
		if (!conn_execute(conn, "SAVEPOINT verify", err))
			return false;
		if (copy_out(conn, sql.at, drop, NULL, &failure))
			continue;
		if (!conn->driver->alive(conn) ||
		    !conn->driver->execute(conn, "ROLLBACK TO verify", &ignored)) {
			*err = failure;
			return false;
		}
		(void)err_in_field(&failure, str_of(*table));
		problems_add(problems, &failure);
	}
	return true;
}

bool store_verify(struct store *store, struct problems *problems, struct err *err)
{
	if (store->config.backend == BACKEND_SQLITE)
		return verify_sqlite(store, problems, err);
	return store_read(store, verify_postgres, problems, err);
}
