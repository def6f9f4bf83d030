#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"

enum { BUSY_MILLISECONDS = 10000, DEFAULT_CACHE = 8 * 1024 * 1024 };

struct sqlite_conn {
	struct conn base;
	sqlite3 *db;
};

struct sqlite_statement {
	struct statement base;
	sqlite3_stmt *handle;
};

static sqlite3_stmt *handle_of(struct statement *statement)
{
	return ((struct sqlite_statement *)statement)->handle;
}

sqlite3 *sqlite_handle(struct conn *conn)
{
	return ((struct sqlite_conn *)conn)->db;
}

static bool is_disk_full(sqlite3 *db)
{
	int number = sqlite3_system_errno(db);

	return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

/* "UNIQUE constraint failed: device.number" → "device.number" */
static struct str constraint_of(const char *text)
{
	const char *colon = strstr(text, ": ");

	return str_of(colon ? colon + 2 : text);
}

bool sqlite_failed(sqlite3 *db, struct err *err)
{
	int code = sqlite3_extended_errcode(db);
	const char *text = sqlite3_errmsg(db);

	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return fail(err, MSG_STORE_DUPLICATE, constraint_of(text));
	default:
		break;
	}
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:
		return fail(err, MSG_STORE_CONSTRAINT, text);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return fail(err, MSG_STORE_LOCKED, text);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return fail(err, MSG_STORE_DAMAGED, text);
	case SQLITE_FULL:
		return fail(err, MSG_STORE_FULL, text);
	case SQLITE_READONLY:
		return fail(err, MSG_STORE_READ_ONLY, text);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		if (is_disk_full(db))
			return fail(err, MSG_STORE_FULL, errno_text(sqlite3_system_errno(db)));
		break;
	default:
		break;
	}
	return fail(err, MSG_STORE_FAILED, text);
}

static bool run_sql(sqlite3 *db, const char *sql, struct err *err)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? true : sqlite_failed(db, err);
}

bool sqlite_open_handle(const char *path, const uint8_t *key, int flags, sqlite3 **to,
			struct err *err)
{
	uint8_t raw[4 + DATABASE_KEY_SIZE] = { 'r', 'a', 'w', ':' };
	sqlite3 *db = NULL;
	int status = sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
				     NULL);
	bool opened = status == SQLITE_OK ? run_sql(db, "PRAGMA cipher='chacha20'", err)
					  : sqlite_failed(db, err);

	memcpy(raw + 4, key, DATABASE_KEY_SIZE);
	if (opened && sqlite3_key(db, raw, sizeof(raw)) != SQLITE_OK)
		opened = sqlite_failed(db, err);
	memory_wipe(raw, sizeof(raw));
	if (!opened) {
		(void)sqlite3_close_v2(db);
		return false;
	}
	*to = db;
	return true;
}

/* Temporary tables and sorts would lie on the disk in clear otherwise; the compile-time 2 cannot be
 * undone by a pragma set to 0. */
static bool check_temporary(sqlite3 *db, struct err *err)
{
	if (!sqlite3_compileoption_used("TEMP_STORE=2") &&
	    !sqlite3_compileoption_used("TEMP_STORE=3"))
		return fail(err, MSG_STORE_TEMPORARY);
	return run_sql(db, "PRAGMA temp_store=MEMORY", err);
}

/*
 * The first read tells whether the key is right. Looking into the file drops this process's locks on it (fcntl(2)), which is
 * fine here: a connection that cannot be used is its only one.
 */
static bool check_key(sqlite3 *db, const char *path, struct err *err)
{
	char start[16] = "";

	if (run_sql(db, "SELECT count(*) FROM sqlite_schema", err))
		return true;
	if ((sqlite3_errcode(db) & 0xff) != SQLITE_NOTADB)
		return false;

	auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info = { 0 };

	if (fd < 0 || fstat(fd, &info) != 0 || pread(fd, start, sizeof(start), 0) < 0)
		return fail(err, MSG_FILE_FAILED, "read", path, errno_text(errno));
	if (info.st_size < 512 || info.st_size % 512 != 0 ||
	    str_equal((struct str){ start, sizeof(start) }, (struct str){ "SQLite format 3", 16 }))
		return fail(err, MSG_STORE_NOT_DATABASE, path);
	return fail(err, MSG_STORE_WRONG_KEY, path);
}

static bool set_up(sqlite3 *db, const struct conn_options *options, const char *path,
		   struct err *err)
{
	const struct store_config *config = options->config;
	int64_t cache = config->cache_bytes ? config->cache_bytes : DEFAULT_CACHE;
	char pragmas[300];

	(void)sqlite3_busy_timeout(db, BUSY_MILLISECONDS);
	(void)snprintf(
		pragmas, sizeof(pragmas),
		"PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=0;"
		"PRAGMA cache_size=-%lld; PRAGMA trusted_schema=OFF; PRAGMA journal_size_limit=-1;"
		"PRAGMA query_only=%d",
		(long long)(cache / 1024), options->read_only);
	if (!check_temporary(db, err) || !check_key(db, path, err))
		return false;
	/* A visitor that only reads must not move the log into the database when it leaves. */
	if (config->read_only)
		(void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return run_sql(db, options->read_only ? "SELECT 1" : "PRAGMA journal_mode=WAL", err) &&
	       run_sql(db, pragmas, err);
}

/* The file is made by us so that nobody else may ever read it, whatever the umask; SQLite gives its
 * log the same mode. */
static bool make_file(const char *path, struct err *err)
{
	auto_fd fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 || fchmod(fd, 0600) != 0)
		return fail(err, MSG_FILE_FAILED, "create", path, errno_text(errno));
	return true;
}

static bool sqlite_open(const struct conn_options *options, struct conn **to, struct err *err)
{
	auto_memory char *path = path_join(options->config->directory, SQLITE_FILE_NAME);
	sqlite3 *db;

	if (!path_exists(path) && !options->create)
		return fail(err, MSG_STORE_MISSING, path);
	if (options->create &&
	    (!folder_make(options->config->directory, 0700, err) || !make_file(path, err) ||
	     !folder_flush(options->config->directory, err)))
		return false;
	if (!sqlite_open_handle(path, options->config->database_key, SQLITE_OPEN_READWRITE, &db,
				err))
		return false;
	if (!set_up(db, options, path, err)) {
		(void)sqlite3_close_v2(db);
		return false;
	}

	struct sqlite_conn *conn = memory_zero(1, sizeof(*conn));

	conn->base.driver = &sqlite_driver;
	conn->db = db;
	*to = &conn->base;
	return true;
}

static void sqlite_close(struct conn *conn)
{
	(void)sqlite3_close_v2(sqlite_handle(conn));
	free(conn);
}

static bool sqlite_alive(struct conn *conn unused)
{
	return true;
}

static bool sqlite_execute(struct conn *conn, const char *sql, struct err *err)
{
	return run_sql(sqlite_handle(conn), sql, err);
}

static bool sqlite_prepare(struct statement *statement, struct err *err)
{
	struct sqlite_statement *self = (struct sqlite_statement *)statement;
	sqlite3 *db = sqlite_handle(statement->conn);
	const char *tail = NULL;

	if (sqlite3_prepare_v3(db, statement->sql, -1, SQLITE_PREPARE_PERSISTENT, &self->handle,
			       &tail) != SQLITE_OK)
		return sqlite_failed(db, err);
	if (!self->handle || str_trim(str_of(tail)).len > 0)
		return fail(err, MSG_STORE_FAILED, "a query must be one statement");
	assert(sqlite3_bind_parameter_count(self->handle) == statement->parameters.count);
	return true;
}

static void sqlite_finalize(struct statement *statement)
{
	(void)sqlite3_finalize(handle_of(statement));
}

static void sqlite_bind(struct statement *statement, int parameter, const struct value *value)
{
	sqlite3_stmt *handle = handle_of(statement);
	const char *at = value->bytes.at;
	size_t len = value->bytes.len;
	int status = SQLITE_OK;

	switch (value->kind) {
	case VALUE_NULL:
		status = sqlite3_bind_null(handle, parameter + 1);
		break;
	case VALUE_INT:
		status = sqlite3_bind_int64(handle, parameter + 1, value->number);
		break;
	case VALUE_TEXT:
		status = sqlite3_bind_text64(handle, parameter + 1, at, len, SQLITE_TRANSIENT,
					     SQLITE_UTF8);
		break;
	case VALUE_BLOB:
		status = sqlite3_bind_blob64(handle, parameter + 1, at, len, SQLITE_TRANSIENT);
		break;
	}
	/* Only memory, or a value above SQLite's limit of a thousand million bytes, can be the
	 * reason. */
	if (status != SQLITE_OK)
		abort();
}

static enum step sqlite_step(struct statement *statement, struct err *err)
{
	int status = sqlite3_step(handle_of(statement));

	if (status == SQLITE_ROW)
		return STEP_ROW;
	if (status == SQLITE_DONE)
		return STEP_END;
	(void)sqlite_failed(sqlite_handle(statement->conn), err);
	return STEP_FAILED;
}

static void sqlite_reset(struct statement *statement)
{
	(void)sqlite3_reset(handle_of(statement));
	(void)sqlite3_clear_bindings(handle_of(statement));
}

static int64_t sqlite_changed(struct statement *statement)
{
	return sqlite3_changes64(sqlite_handle(statement->conn));
}

static int64_t sqlite_column_int(struct statement *statement, int column)
{
	return sqlite3_column_int64(handle_of(statement), column);
}

static bool sqlite_column_is_null(struct statement *statement, int column)
{
	return sqlite3_column_type(handle_of(statement), column) == SQLITE_NULL;
}

static struct str column_bytes(struct statement *statement, int column, const void *at)
{
	size_t len = (size_t)sqlite3_column_bytes(handle_of(statement), column);

	/* SQLite has no pointer for an empty value. */
	return (struct str){ at ? at : "", len };
}

static struct str sqlite_column_text(struct statement *statement, int column)
{
	if (sqlite_column_is_null(statement, column))
		return STR_NONE;
	return column_bytes(statement, column, sqlite3_column_text(handle_of(statement), column));
}

static struct str sqlite_column_blob(struct statement *statement, int column)
{
	if (sqlite_column_is_null(statement, column))
		return STR_NONE;
	return column_bytes(statement, column, sqlite3_column_blob(handle_of(statement), column));
}

const struct driver sqlite_driver = {
	.backend = BACKEND_SQLITE,
	.open = sqlite_open,
	.close = sqlite_close,
	.alive = sqlite_alive,
	.execute = sqlite_execute,
	.statement_size = sizeof(struct sqlite_statement),
	.prepare = sqlite_prepare,
	.finalize = sqlite_finalize,
	.bind = sqlite_bind,
	.step = sqlite_step,
	.reset = sqlite_reset,
	.changed = sqlite_changed,
	.column_int = sqlite_column_int,
	.column_text = sqlite_column_text,
	.column_blob = sqlite_column_blob,
	.column_is_null = sqlite_column_is_null,
};
