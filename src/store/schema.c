#include "store/migration.h"

/* outbox and job: `due` is when a row may be taken next; taking it moves `due` to the end of the
 * lease. */
static const char SQL_TABLES[] =
	"CREATE TABLE store_state (commits {int} NOT NULL) {strict};\n"
	"INSERT INTO store_state (commits) VALUES (0);\n"
	"CREATE TABLE outbox (id {id}, kind {text} NOT NULL, body {blob} NOT NULL, created {int} "
	"NOT NULL,"
	" due {int} NOT NULL, attempts {int} NOT NULL) {strict};\n"
	"CREATE INDEX outbox_due ON outbox (due, id);\n"
	"CREATE TABLE job (id {id}, kind {text} NOT NULL, key {text} NOT NULL, body {blob} NOT "
	"NULL,"
	" due {int} NOT NULL, holder {blob}, attempts {int} NOT NULL, error {text}) {strict};\n"
	"CREATE UNIQUE INDEX job_key ON job (kind, key);\n"
	"CREATE INDEX job_due ON job (due, id);\n"
	"CREATE TABLE blob (hash {blob} PRIMARY KEY NOT NULL, size {int} NOT NULL, created {int} "
	"NOT NULL) {strict};\n";

static const struct migration rows[] = {
	{ .number = 1, .name = "store", .sql = SQL_TABLES },
};

const struct migration_list store_migrations = { rows, nitems(rows) };
