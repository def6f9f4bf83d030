#include "store/driver.h"

#include "base/log.h"
#include "base/memory.h"

static uint64_t hash_of(struct str text)
{
	uint64_t hash = 0xcbf29ce484222325U; /* FNV-1a */

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.at[i]) * 0x100000001b3U;
	return hash;
}

static void statement_free(struct statement *statement)
{
	statement->conn->driver->finalize(statement);
	sql_parameters_release(&statement->parameters);
	free(statement->bound);
	free(statement->sql);
	free(statement);
}

static struct statement **bucket_of(struct conn *conn, uint64_t hash)
{
	return &conn->buckets[hash % STATEMENT_BUCKETS];
}

static void statement_unlink(struct statement *statement)
{
	struct statement **at = bucket_of(statement->conn, statement->hash);

	while (*at != statement)
		at = &(*at)->next;
	*at = statement->next;
	statement->conn->kept--;
}

/* Makes room by dropping the one that was not used for the longest time. */
static void forget_oldest(struct conn *conn)
{
	struct statement *oldest = NULL;

	for (int b = 0; b < STATEMENT_BUCKETS; b++) {
		for (struct statement *s = conn->buckets[b]; s; s = s->next) {
			if (!s->busy && (!oldest || s->used < oldest->used))
				oldest = s;
		}
	}
	if (oldest) {
		statement_unlink(oldest);
		statement_free(oldest);
	}
}

void conn_forget_statements(struct conn *conn)
{
	for (int b = 0; b < STATEMENT_BUCKETS; b++) {
		struct statement *next;

		for (struct statement *s = conn->buckets[b]; s; s = next) {
			next = s->next;
			assert(!s->busy);
			statement_free(s);
		}
		conn->buckets[b] = NULL;
	}
	conn->kept = 0;
}

static struct statement *statement_new(struct conn *conn, struct str sql, uint64_t hash,
				       struct err *err)
{
	struct statement *statement = memory_zero(1, conn->driver->statement_size);

	statement->conn = conn;
	statement->sql = memory_copy(sql);
	statement->len = sql.len;
	statement->hash = hash;
	sql_parameters_find((struct str){ statement->sql, sql.len }, &statement->parameters, NULL);
	statement->bound = memory_zero((size_t)statement->parameters.count, sizeof(bool));
	if (conn->driver->prepare(statement, err))
		return statement;
	statement_free(statement);
	return NULL;
}

/* The prepared statement of this text; a second one when the first is in use by an outer query. */
static struct statement *statement_of(struct conn *conn, struct str sql, struct err *err)
{
	uint64_t hash = hash_of(sql);
	struct statement **bucket = bucket_of(conn, hash);
	bool known = false;

	for (struct statement *s = *bucket; s; s = s->next) {
		if (s->hash != hash || s->len != sql.len || memcmp(s->sql, sql.at, sql.len) != 0)
			continue;
		if (!s->busy)
			return s;
		known = true;
	}

	struct statement *statement = statement_new(conn, sql, hash, err);

	if (!statement || known)
		return statement;
	if (conn->kept >= STATEMENTS_KEPT)
		forget_oldest(conn);
	statement->kept = true;
	statement->next = *bucket;
	*bucket = statement;
	conn->kept++;
	return statement;
}

static void query_failed(struct query *query)
{
	if (query->conn->in_transaction && query->conn->trouble.message == MSG_NONE)
		query->conn->trouble = query->err;
}

struct query query_start(struct conn *conn, const char *sql)
{
	struct query query = { .conn = conn };

	if (conn->trouble.message != MSG_NONE) {
		query.err = conn->trouble;
		return query;
	}
	query.statement = statement_of(conn, str_of(sql), &query.err);
	if (query.statement) {
		query.statement->busy = true;
		query.statement->used = ++conn->uses;
	} else {
		query_failed(&query);
	}
	return query;
}

static void broken(const struct statement *statement, const char *what, const char *name)
{
	log_error("store", "%s :%s in: %s", what, name, statement->sql);
	abort();
}

static void query_bind(struct query *query, const char *name, const struct value *value)
{
	struct statement *statement = query->statement;

	if (query->err.message != MSG_NONE || !statement)
		return;
	for (int i = 0; i < statement->parameters.count; i++) {
		if (!str_is(statement->parameters.names[i], name))
			continue;
		if (statement->bound[i] || query->begun)
			broken(statement, "bound twice or too late:", name);
		statement->bound[i] = true;
		statement->conn->driver->bind(statement, i, value);
		return;
	}
	broken(statement, "there is no parameter", name);
}

void query_int(struct query *query, const char *name, int64_t number)
{
	query_bind(query, name, &(struct value){ .kind = VALUE_INT, .number = number });
}

void query_text(struct query *query, const char *name, struct str text)
{
	if (query->err.message == MSG_NONE && text.at &&
	    (!str_is_utf8(text) || memchr(text.at, '\0', text.len))) {
		(void)fail(&query->err, MSG_STORE_TEXT, name);
		query_failed(query);
	}
	query_bind(query, name,
		   &(struct value){ .kind = text.at ? VALUE_TEXT : VALUE_NULL, .bytes = text });
}

void query_blob(struct query *query, const char *name, struct str bytes)
{
	query_bind(query, name,
		   &(struct value){ .kind = bytes.at ? VALUE_BLOB : VALUE_NULL, .bytes = bytes });
}

void query_null(struct query *query, const char *name)
{
	query_bind(query, name, &(struct value){ .kind = VALUE_NULL });
}

static void check_all_bound(const struct statement *statement)
{
	for (int i = 0; i < statement->parameters.count; i++) {
		if (!statement->bound[i]) {
			auto_memory char *name = memory_copy(statement->parameters.names[i]);

			broken(statement, "not bound:", name);
		}
	}
}

bool query_row(struct query *query)
{
	struct statement *statement = query->statement;

	if (query->err.message != MSG_NONE || query->ended || !statement)
		return false;
	if (!query->begun)
		check_all_bound(statement);
	query->begun = true;

	enum step step = statement->conn->driver->step(statement, &query->err);

	if (step == STEP_ROW)
		return true;
	query->ended = true;
	if (step == STEP_FAILED)
		query_failed(query);
	return false;
}

int64_t column_int(struct query *query, int column)
{
	return query->conn->driver->column_int(query->statement, column);
}

struct str column_text(struct query *query, int column)
{
	return query->conn->driver->column_text(query->statement, column);
}

struct str column_blob(struct query *query, int column)
{
	return query->conn->driver->column_blob(query->statement, column);
}

bool column_is_null(struct query *query, int column)
{
	return query->conn->driver->column_is_null(query->statement, column);
}

void query_release(struct query *query)
{
	struct statement *statement = query->statement;

	query->statement = NULL;
	query->ended = true;
	if (!statement)
		return;
	statement->conn->driver->reset(statement);
	memset(statement->bound, 0, (size_t)statement->parameters.count);
	statement->busy = false;
	if (!statement->kept)
		statement_free(statement);
}

bool query_end(struct query *query, struct err *err)
{
	query_release(query);
	if (query->err.message == MSG_NONE)
		return true;
	*err = query->err;
	return false;
}

bool query_run(struct query *query, int64_t *changed, struct err *err)
{
	while (query_row(query))
		;

	int64_t count =
		query->err.message == MSG_NONE ? query->conn->driver->changed(query->statement) : 0;

	if (!query_end(query, err))
		return false;
	if (changed)
		*changed = count;
	return true;
}

bool query_one(struct query *query, bool *found, struct err *err)
{
	bool row = query_row(query);

	if (query->err.message != MSG_NONE)
		return query_end(query, err);
	*found = row;
	return true;
}

bool err_is_duplicate(const struct err *err)
{
	return err->message == MSG_STORE_DUPLICATE;
}
