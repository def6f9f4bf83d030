#include "store/postgres.h"

#include "base/arena.h"
#include "base/encode.h"
#include "base/memory.h"

/* Types by their fixed numbers (pg_type.dat): the ones that we bind or read otherwise than as text.
 */
enum { TYPE_UNKNOWN = 0, TYPE_BOOL = 16, TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_TEXT = 25 };

struct postgres_conn {
	struct conn base;
	PGconn *pg;
	unsigned prepared; /* names handed out */
	bool gone;
};

struct parameter {
	Oid type;   /* as prepared */
	Oid wanted; /* as bound now */
	char number[8];
	const char *value;
	int len;
};

struct postgres_statement {
	struct statement base;
	char name[16]; /* on the server; empty: not prepared yet */
	struct writer numbered;
	struct parameter *parameters;
	struct arena *bound;   /* copies of the values */
	struct arena *decoded; /* of the row's columns */
	PGresult *result;
	int row, rows;
};

static struct postgres_conn *conn_of(struct conn *conn)
{
	return (struct postgres_conn *)conn;
}

static struct postgres_statement *statement_of(struct statement *statement)
{
	return (struct postgres_statement *)statement;
}

PGconn *postgres_handle(struct conn *conn)
{
	return conn_of(conn)->pg;
}

/* By the first characters of the SQLSTATE (appendix A of PostgreSQL's manual); the first that fits
 * counts. */
static const struct state_row {
	const char *state;
	enum message message;
} states[] = {
	{ "23505", MSG_STORE_DUPLICATE },   { "23", MSG_STORE_CONSTRAINT },
	{ "40001", MSG_STORE_CONFLICT },    { "40P01", MSG_STORE_CONFLICT },
	{ "25006", MSG_STORE_READ_ONLY },   { "53100", MSG_STORE_FULL },
	{ "53300", MSG_STORE_UNREACHABLE }, { "08", MSG_STORE_UNREACHABLE },
	{ "57P01", MSG_STORE_UNREACHABLE }, { "57P02", MSG_STORE_UNREACHABLE },
	{ "57P03", MSG_STORE_UNREACHABLE }, { "55P03", MSG_STORE_LOCKED },
	{ "XX001", MSG_STORE_DAMAGED },     { "XX002", MSG_STORE_DAMAGED },
};

bool postgres_failed(struct conn *conn, const PGresult *result, struct err *err)
{
	struct postgres_conn *self = conn_of(conn);
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const char *constraint =
		result ? PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME) : NULL;
	enum message message = MSG_STORE_FAILED;

	for (size_t i = 0; state && i < nitems(states) && message == MSG_STORE_FAILED; i++) {
		if (str_starts(str_of(state), states[i].state))
			message = states[i].message;
	}
	if (PQstatus(self->pg) != CONNECTION_OK)
		message = MSG_STORE_UNREACHABLE;
	if (message == MSG_STORE_UNREACHABLE)
		self->gone = true;
	if (message == MSG_STORE_DUPLICATE && constraint)
		text = constraint;

	struct str reason = str_trim(str_of(text ? text : PQerrorMessage(self->pg)));

	return err_set(err, message, 1, &(struct err_arg){ .text = reason.at ? reason : STR("?") });
}

static bool finish(struct conn *conn, PGresult *result, struct err *err)
{
	ExecStatusType status = PQresultStatus(result);
	bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!good)
		(void)postgres_failed(conn, result, err);
	PQclear(result);
	return good;
}

static bool postgres_execute(struct conn *conn, const char *sql, struct err *err)
{
	PGresult *result = PQexec(postgres_handle(conn), sql);

	/* The COMMIT of a transaction that failed "succeeds" as a ROLLBACK. */
	if (strcmp(sql, "COMMIT") == 0 && PQresultStatus(result) == PGRES_COMMAND_OK &&
	    strcmp(PQcmdStatus(result), "COMMIT") != 0) {
		PQclear(result);
		return fail(err, MSG_STORE_FAILED,
			    "the transaction was rolled back instead of committed");
	}
	return finish(conn, result, err);
}

static void no_notices(void *context unused, const char *text unused)
{
}

/* What the session must be, whatever the server's configuration says; an acknowledged commit is on
 * disk. */
static bool set_up(struct conn *conn, bool read_only, struct err *err)
{
	static const char SQL_SESSION[] =
		"SET client_min_messages = warning; SET TimeZone = 'UTC'; SET bytea_output = 'hex';"
		"SET standard_conforming_strings = on; SET DateStyle = 'ISO';"
		"SELECT set_config('synchronous_commit', 'on', false)"
		" WHERE current_setting('synchronous_commit') IN ('off', 'local')";
	const char *encoding = PQparameterStatus(postgres_handle(conn), "server_encoding");

	if (!encoding || strcmp(encoding, "UTF8") != 0)
		return fail(err, MSG_STORE_ENCODING, encoding ? encoding : "?");
	return postgres_execute(conn, SQL_SESSION, err) &&
	       (!read_only ||
		postgres_execute(conn, "SET default_transaction_read_only = on", err));
}

static void postgres_close(struct conn *conn)
{
	PQfinish(postgres_handle(conn));
	free(conn);
}

static bool postgres_open(const struct conn_options *options, struct conn **to, struct err *err)
{
	/* What stands behind "dbname" (the address) does not let itself be overridden by it. */
	static const char *const names[] = { "connect_timeout",  "tcp_user_timeout",
					     "application_name", "dbname",
					     "client_encoding",  NULL };
	const char *const values[] = { "10",   "30000", "xiedun", options->config->address,
				       "UTF8", NULL };
	struct postgres_conn *conn = memory_zero(1, sizeof(*conn));

	conn->base.driver = &postgres_driver;
	conn->pg = PQconnectdbParams(names, values, 1);
	if (!conn->pg)
		abort();
	(void)PQsetNoticeProcessor(conn->pg, no_notices, NULL);
	if (PQstatus(conn->pg) != CONNECTION_OK)
		(void)postgres_failed(&conn->base, NULL, err);
	else if (set_up(&conn->base, options->read_only, err)) {
		*to = &conn->base;
		return true;
	}
	postgres_close(&conn->base);
	return false;
}

static bool postgres_alive(struct conn *conn)
{
	return !conn_of(conn)->gone && PQstatus(postgres_handle(conn)) == CONNECTION_OK;
}

/* The server learns of a statement at its first run, when the kinds of its values are known. */
static bool postgres_prepare(struct statement *statement, struct err *err unused)
{
	struct postgres_statement *self = statement_of(statement);
	struct sql_parameters again;

	sql_parameters_find((struct str){ statement->sql, statement->len }, &again,
			    &self->numbered);
	sql_parameters_release(&again);
	self->parameters =
		memory_zero((size_t)statement->parameters.count, sizeof(struct parameter));
	self->bound = arena_new(SIZE_MAX / 2);
	self->decoded = arena_new(SIZE_MAX / 2);
	return true;
}

/* Fails in a transaction that has failed; the name is lost then, which does no harm. */
static void deallocate(struct postgres_statement *self)
{
	char sql[40];

	if (!self->name[0])
		return;
	(void)snprintf(sql, sizeof(sql), "DEALLOCATE %s", self->name);
	PQclear(PQexec(postgres_handle(self->base.conn), sql));
	self->name[0] = '\0';
}

static void postgres_finalize(struct statement *statement)
{
	struct postgres_statement *self = statement_of(statement);

	/* A connection that is closed takes its statements along. */
	if (!statement->conn->closing && postgres_alive(statement->conn))
		deallocate(self);
	PQclear(self->result);
	writer_release(&self->numbered);
	free(self->parameters);
	arena_free(self->bound);
	arena_free(self->decoded);
}

static void postgres_bind(struct statement *statement, int number, const struct value *value)
{
	struct postgres_statement *self = statement_of(statement);
	struct parameter *parameter = &self->parameters[number];

	switch (value->kind) {
	case VALUE_NULL:
		parameter->wanted = parameter->type;
		parameter->value = NULL;
		parameter->len = 0;
		return;
	case VALUE_INT:
		for (int i = 0; i < 8; i++)
			parameter->number[i] = (char)((uint64_t)value->number >> (56 - 8 * i));
		parameter->wanted = TYPE_INT8;
		parameter->value = parameter->number;
		parameter->len = 8;
		return;
	case VALUE_TEXT:
	case VALUE_BLOB:
		/* PostgreSQL's own limit of a value is below INT_MAX. */
		if (value->bytes.len > INT32_MAX)
			abort();
		parameter->wanted = value->kind == VALUE_TEXT ? TYPE_TEXT : TYPE_BYTEA;
		parameter->value = arena_copy(self->bound, value->bytes).at;
		parameter->len = (int)value->bytes.len;
		return;
	}
}

static bool prepare_on_server(struct postgres_statement *self, struct err *err)
{
	struct postgres_conn *conn = conn_of(self->base.conn);
	int count = self->base.parameters.count;
	bool same = self->name[0] != '\0';

	for (int i = 0; i < count; i++)
		same &= self->parameters[i].type == self->parameters[i].wanted;
	if (same)
		return true;
	deallocate(self);

	auto_memory Oid *types = memory_zero((size_t)count, sizeof(Oid));
	char name[sizeof(self->name)];

	for (int i = 0; i < count; i++)
		types[i] = self->parameters[i].type = self->parameters[i].wanted;
	(void)snprintf(name, sizeof(name), "s%u", ++conn->prepared);
	if (!finish(self->base.conn, PQprepare(conn->pg, name, self->numbered.at, count, types),
		    err))
		return false;
	memcpy(self->name, name, sizeof(name));
	return true;
}

static bool run(struct postgres_statement *self, struct err *err)
{
	PGconn *pg = postgres_handle(self->base.conn);
	size_t count = (size_t)self->base.parameters.count;
	auto_memory const char **values = memory_zero(count, sizeof(*values));
	auto_memory int *lengths = memory_zero(count, sizeof(*lengths));
	auto_memory int *formats = memory_zero(count, sizeof(*formats));

	if (!prepare_on_server(self, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		values[i] = self->parameters[i].value;
		lengths[i] = self->parameters[i].len;
		formats[i] = 1;
	}
	self->result = PQexecPrepared(pg, self->name, (int)count, values, lengths, formats, 0);

	ExecStatusType status = PQresultStatus(self->result);

	self->rows = status == PGRES_TUPLES_OK ? PQntuples(self->result) : 0;
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		return true;
	return postgres_failed(self->base.conn, self->result, err);
}

static enum step postgres_step(struct statement *statement, struct err *err)
{
	struct postgres_statement *self = statement_of(statement);

	if (arena_used(self->decoded))
		arena_clear(self->decoded);
	if (self->result)
		self->row++;
	else if (!run(self, err))
		return STEP_FAILED;
	return self->row < self->rows ? STEP_ROW : STEP_END;
}

static void postgres_reset(struct statement *statement)
{
	struct postgres_statement *self = statement_of(statement);

	PQclear(self->result);
	self->result = NULL;
	self->row = self->rows = 0;
	if (arena_used(self->bound))
		arena_clear(self->bound);
	if (arena_used(self->decoded))
		arena_clear(self->decoded);
}

static int64_t postgres_changed(struct statement *statement)
{
	int64_t changed;

	/* Empty for statements that touch no rows. */
	return str_to_int(str_of(PQcmdTuples(statement_of(statement)->result)), &changed) ? changed
											  : 0;
}

static bool postgres_column_is_null(struct statement *statement, int column)
{
	struct postgres_statement *self = statement_of(statement);

	return PQgetisnull(self->result, self->row, column);
}

static struct str postgres_column_text(struct statement *statement, int column)
{
	struct postgres_statement *self = statement_of(statement);

	if (postgres_column_is_null(statement, column))
		return STR_NONE;
	return (struct str){ PQgetvalue(self->result, self->row, column),
			     (size_t)PQgetlength(self->result, self->row, column) };
}

/* A fraction is cut off, as SQLite does. */
static int64_t postgres_column_int(struct statement *statement, int column)
{
	struct str text = postgres_column_text(statement, column);

	if (!text.at)
		return 0;
	if (PQftype(statement_of(statement)->result, column) == TYPE_BOOL)
		return text.at[0] == 't';
	return strtoll(text.at, NULL, 10);
}

static struct str postgres_column_blob(struct statement *statement, int column)
{
	struct postgres_statement *self = statement_of(statement);
	struct str text = postgres_column_text(statement, column);

	if (!text.at || PQftype(self->result, column) != TYPE_BYTEA)
		return text;

	size_t len = (text.len - 2) / 2; /* "\x", two digits a byte */
	char *bytes = arena_take(self->decoded, len + 1);

	if (!hex_parse(str_sub(text, 2, text.len), bytes, len))
		abort();
	return (struct str){ bytes, len };
}

const struct driver postgres_driver = {
	.backend = BACKEND_POSTGRES,
	.open = postgres_open,
	.close = postgres_close,
	.alive = postgres_alive,
	.execute = postgres_execute,
	.statement_size = sizeof(struct postgres_statement),
	.prepare = postgres_prepare,
	.finalize = postgres_finalize,
	.bind = postgres_bind,
	.step = postgres_step,
	.reset = postgres_reset,
	.changed = postgres_changed,
	.column_int = postgres_column_int,
	.column_text = postgres_column_text,
	.column_blob = postgres_column_blob,
	.column_is_null = postgres_column_is_null,
};
