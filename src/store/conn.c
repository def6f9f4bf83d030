#include "store/driver.h"

bool conn_open(const struct conn_options *options, struct conn **conn, struct err *err)
{
	const struct driver *driver =
		options->config->backend == BACKEND_SQLITE ? &sqlite_driver : &postgres_driver;

	return driver->open(options, conn, err);
}

void conn_close(struct conn *conn)
{
	if (!conn)
		return;
	conn->closing = true;
	conn_forget_statements(conn);
	conn->driver->close(conn);
}

enum backend conn_backend(const struct conn *conn)
{
	return conn->driver->backend;
}

bool conn_begin(struct conn *conn, const char *sql, struct err *err)
{
	err_clear(&conn->trouble);
	if (!conn->driver->execute(conn, sql, err))
		return false;
	conn->in_transaction = true;
	return true;
}

bool conn_commit(struct conn *conn, struct err *err)
{
	if (conn->trouble.message != MSG_NONE) {
		*err = conn->trouble;
		conn_rollback(conn);
		return false;
	}
	if (!conn->driver->execute(conn, "COMMIT", err)) {
		conn_rollback(conn);
		return false;
	}
	conn->in_transaction = false;
	return true;
}

void conn_rollback(struct conn *conn)
{
	struct err ignored;

	/* It fails where the database has rolled back by itself or is gone: nothing to undo then.
	 */
	(void)!conn->driver->execute(conn, "ROLLBACK", &ignored);
	conn->in_transaction = false;
	err_clear(&conn->trouble);
}

bool conn_execute(struct conn *conn, const char *sql, struct err *err)
{
	struct str rest = str_of(sql), statement;

	if (conn->trouble.message != MSG_NONE) {
		*err = conn->trouble;
		return false;
	}
	while (sql_next(&rest, &statement)) {
		auto_writer text = { 0 };

		sql_expand(conn_backend(conn), statement, &text);
		if (conn->driver->execute(conn, text.at, err))
			continue;
		if (conn->in_transaction)
			conn->trouble = *err;
		return false;
	}
	return true;
}
