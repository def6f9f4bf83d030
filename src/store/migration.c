#include "store/migration.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/writer.h"
#include "crypto/digest.h"

static const char SQL_CREATE[] =
	"CREATE TABLE IF NOT EXISTS migration (number {int} PRIMARY KEY, name {text} NOT NULL,"
	" hash {blob} NOT NULL, applied {int} NOT NULL) {strict}";
static const char *const SQL_EXISTS[] = {
	[BACKEND_SQLITE] =
		"SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'",
	[BACKEND_POSTGRES] = "SELECT 1 WHERE to_regclass('migration') IS NOT NULL",
};
/* Several servers may start at once: one migrates, the others wait for it. */
static const char SQL_LOCK[] = "SELECT pg_advisory_xact_lock(7234581936)";
static const char SQL_APPLIED[] = "SELECT number, hash FROM migration ORDER BY number";
static const char SQL_ADD[] =
	"INSERT INTO migration (number, name, hash, applied) VALUES (:number, :name, :hash, :now)";

struct plan_row {
	const struct migration *migration;
	bool applied;
};

struct plan {
	const struct migrations *migrations;
	struct plan_row *rows; /* in the order of the numbers */
	size_t count;
	bool dry_run;
	struct migration_report report;
	bool more, through; /* the dry run got through */
};

static int by_number(const void *a, const void *b)
{
	const struct plan_row *left = a, *right = b;

	return left->migration->number - right->migration->number;
}

static void plan_make(struct plan *plan, const struct migrations *migrations)
{
	size_t count = 0;

	memset(plan, 0, sizeof(*plan));
	plan->migrations = migrations;
	for (size_t l = 0; l < migrations->count; l++)
		count += migrations->lists[l].count;
	plan->rows = memory_zero(count, sizeof(*plan->rows));
	for (size_t l = 0; l < migrations->count; l++) {
		for (size_t r = 0; r < migrations->lists[l].count; r++)
			plan->rows[plan->count++].migration = &migrations->lists[l].rows[r];
	}
	qsort(plan->rows, count, sizeof(*plan->rows), by_number);
	for (size_t i = 1; i < count; i++)
		assert(plan->rows[i - 1].migration->number < plan->rows[i].migration->number);
}

static void plan_release(struct plan *plan)
{
	free(plan->rows);
}

static struct digest hash_of(const struct migration *migration)
{
	return sha256(str_of(migration->sql ? migration->sql : migration->name));
}

static struct plan_row *row_of(struct plan *plan, int64_t number)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->rows[i].migration->number == number)
			return &plan->rows[i];
	}
	return NULL;
}

/* Marks what was applied; the database must hold nothing that this program does not know or knows
 * otherwise. */
static bool plan_compare(struct plan *plan, struct conn *conn, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_APPLIED);
	int64_t highest = 0, unknown = 0;

	for (size_t i = 0; i < plan->count; i++)
		plan->rows[i].applied = false;
	while (query_row(&query)) {
		struct plan_row *row;

		highest = column_int(&query, 0);
		row = row_of(plan, highest);
		if (!row) {
			unknown = highest;
			continue;
		}

		struct digest hash = hash_of(row->migration);

		if (!str_equal(column_blob(&query, 1), digest_str(&hash)))
			return fail(err, MSG_STORE_MIGRATION_CHANGED, row->migration->number,
				    row->migration->name);
		row->applied = true;
	}
	if (!query_end(&query, err))
		return false;
	plan->report.after = (int)highest;
	return unknown ? fail(err, MSG_STORE_NEWER, unknown) : true;
}

/* Troubles of the surroundings keep their own message; others say which migration it was. */
static bool migration_failed(const struct migration *migration, struct err *err)
{
	auto_writer reason = { 0 };

	if (err->message != MSG_STORE_FAILED && err->message != MSG_STORE_CONSTRAINT &&
	    err->message != MSG_STORE_DUPLICATE)
		return false;
	err_render(err, LANGUAGE_EN, &reason);
	return fail(err, MSG_STORE_MIGRATION_FAILED, migration->number, migration->name,
		    writer_str(&reason));
}

static bool apply_one(struct conn *conn, const struct migration *migration, struct err *err)
{
	struct digest hash = hash_of(migration);

	if (migration->sql && !conn_execute(conn, migration->sql, err))
		return migration_failed(migration, err);
	if (migration->run && !migration->run(conn, err))
		return migration_failed(migration, err);

	auto_query struct query query = query_start(conn, SQL_ADD);

	query_int(&query, "number", migration->number);
	query_text(&query, "name", str_of(migration->name));
	query_blob(&query, "hash", digest_str(&hash));
	query_int(&query, "now", clock_now());
	return query_run(&query, NULL, err);
}

/* One missing migration, or all of them in a dry run. */
static bool plan_apply(struct conn *conn, void *context, struct err *err)
{
	struct plan *plan = context;
	int applied = 0, highest;

	plan->more = plan->through = false;
	if (conn_backend(conn) == BACKEND_POSTGRES) {
		auto_query struct query lock = query_start(conn, SQL_LOCK);

		if (!query_run(&lock, NULL, err))
			return false;
	}
	if (!conn_execute(conn, SQL_CREATE, err) || !plan_compare(plan, conn, err))
		return false;
	highest = plan->report.after;
	for (size_t i = 0; i < plan->count; i++) {
		const struct migration *migration = plan->rows[i].migration;

		if (plan->rows[i].applied)
			continue;
		plan->more = applied > 0 && !plan->dry_run;
		if (plan->more)
			break;
		if (!apply_one(conn, migration, err))
			return false;
		highest = migration->number > highest ? migration->number : highest;
		applied++;
	}
	plan->report.before = plan->report.after;
	plan->report.after = highest;
	plan->report.applied = applied;
	plan->through = true;
	return plan->dry_run ? fail(err, MSG_STORE_FAILED, "dry run") : true;
}

bool migrations_apply(struct store *store, const struct migrations *migrations, bool dry_run,
		      struct migration_report *report, struct err *err)
{
	cleanup_with(plan_release) struct plan plan;
	struct migration_report sum = { 0 };
	bool first = true;

	plan_make(&plan, migrations);
	plan.dry_run = dry_run;
	do {
		if (!store_write(store, plan_apply, &plan, err) && !(dry_run && plan.through))
			return false;
		sum.before = first ? plan.report.before : sum.before;
		sum.after = plan.report.after;
		sum.applied += plan.report.applied;
		first = false;
	} while (plan.more);
	*report = sum;
	return true;
}

static bool plan_check(struct conn *conn, void *context, struct err *err)
{
	struct plan *plan = context;
	auto_query struct query query = query_start(conn, SQL_EXISTS[conn_backend(conn)]);
	bool found;

	return query_one(&query, &found, err) && query_end(&query, err) &&
	       (!found || plan_compare(plan, conn, err));
}

bool migrations_check(struct store *store, const struct migrations *migrations, bool *current,
		      struct err *err)
{
	cleanup_with(plan_release) struct plan plan;
	bool missing = false;

	plan_make(&plan, migrations);
	if (!store_read(store, plan_check, &plan, err))
		return false;
	for (size_t i = 0; i < plan.count; i++)
		missing |= !plan.rows[i].applied;
	*current = !missing;
	return true;
}

int migrations_highest(const struct migrations *migrations)
{
	int highest = 0;

	for (size_t l = 0; l < migrations->count; l++) {
		for (size_t i = 0; i < migrations->lists[l].count; i++) {
			if (migrations->lists[l].rows[i].number > highest)
				highest = migrations->lists[l].rows[i].number;
		}
	}
	return highest;
}
