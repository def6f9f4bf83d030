#include "store/postgres_copy.h"

const char SQL_POSTGRES_TABLES[] = "SELECT quote_ident(relname) FROM pg_class"
				   " WHERE relkind = 'r' AND relnamespace = "
				   "current_schema()::regnamespace ORDER BY relname COLLATE \"C\"";

void texts_release(struct texts *texts)
{
	vec_each (char *, text, texts)
		free(*text);
	vec_release(texts);
}

bool texts_read(struct conn *conn, const char *sql, struct texts *texts, struct err *err)
{
	auto_query struct query query = query_start(conn, sql);

	while (query_row(&query))
		vec_push(texts, memory_copy(column_text(&query, 0)));
	return query_end(&query, err);
}

/* Takes the results that are left; the first bad one is the error. */
static bool drain(struct conn *conn, struct err *err)
{
	bool good = true;
	PGresult *result;

	while ((result = PQgetResult(postgres_handle(conn)))) {
		if (good && PQresultStatus(result) != PGRES_COMMAND_OK)
			good = postgres_failed(conn, result, err);
		PQclear(result);
	}
	return good;
}

static bool start(struct conn *conn, const char *sql, ExecStatusType want, struct err *err)
{
	PGresult *result = PQexec(postgres_handle(conn), sql);
	bool good = PQresultStatus(result) == want;

	if (!good)
		(void)postgres_failed(conn, result, err);
	PQclear(result);
	return good;
}

bool copy_out(struct conn *conn, const char *sql, copy_sink_fn *sink, void *context,
	      struct err *err)
{
	PGconn *pg = postgres_handle(conn);
	bool taken = true;
	char *piece;
	int len;

	if (!start(conn, sql, PGRES_COPY_OUT, err))
		return false;
	/* After a failed sink the rest is read and dropped, so that the connection stays usable. */
	while ((len = PQgetCopyData(pg, &piece, 0)) > 0) {
		taken = taken && sink(context, (struct str){ piece, (size_t)len }, err);
		PQfreemem(piece);
	}
	if (!taken) {
		struct err ignored;

		(void)!drain(conn, &ignored);
		return false;
	}
	return len == -1 ? drain(conn, err) : postgres_failed(conn, NULL, err);
}

bool copy_in(struct conn *conn, const char *sql, copy_source_fn *source, void *context,
	     struct err *err)
{
	PGconn *pg = postgres_handle(conn);
	struct str piece = STR("");
	bool given;

	if (!start(conn, sql, PGRES_COPY_IN, err))
		return false;
	while ((given = source(context, &piece, err)) && piece.len > 0) {
		if (PQputCopyData(pg, piece.at, (int)piece.len) != 1)
			return postgres_failed(conn, NULL, err);
	}
	if (PQputCopyEnd(pg, given ? NULL : "the source failed") != 1)
		return postgres_failed(conn, NULL, err);
	if (!given) {
		struct err ignored;

		(void)!drain(conn, &ignored);
		return false;
	}
	return drain(conn, err);
}
