/* Secrets stay where they belong: not in the log, not in messages, not in a file, not in the rows. */
#include <dirent.h>
#include <fcntl.h>

#include "base/encode.h"
#include "base/log.h"
#include "base/vec.h"
#include "fixture.h"

static const char PASSWORD[] = "Marked-Password-4711";
static const char UNKNOWN_NAME[] = "marked-name-typed-here-4712";
static const char WRONG_PASSWORD[] = "Marked-Wrong-Password-4713";

/* With its length: a seed is bytes, and one of them may be zero. */
struct mark {
	char *bytes;
	size_t len;
};
struct marks VEC(struct mark);

static void mark(struct marks *marks, struct str text)
{
	vec_push(marks, (struct mark){ memory_copy(text), text.len });
}

static void marks_release(struct marks *marks)
{
	for (size_t i = 0; i < marks->count; i++)
		free(marks->at[i].bytes);
	vec_release(marks);
}

/* The first mark that the text holds, or NULL. */
static const char *marked(const struct marks *marks, struct str text)
{
	for (size_t i = 0; i < marks->count; i++) {
		if (text.len && memmem(text.at, text.len, marks->at[i].bytes, marks->at[i].len))
			return marks->at[i].bytes;
	}
	return NULL;
}

static const char *marked_file(const struct marks *marks, const char *folder)
{
	const char *found = NULL;
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && !found && (entry = readdir(dir))) {
		auto_memory char *path = path_join(folder, entry->d_name);
		auto_writer bytes = { 0 };
		struct err err;

		if (file_read(path, 64 << 20, &bytes, &err))
			found = marked(marks, writer_str(&bytes));
	}
	if (dir)
		(void)closedir(dir);
	return found;
}

/* Every text and every blob of every table, the ledger's too. */
struct rows {
	const struct marks *marks;
	const char *found;
	int64_t values;
};

static bool read_table(struct conn *conn, const char *sql, int columns, struct rows *rows,
		       struct err *err)
{
	auto_query struct query q = query_start(conn, sql);

	while (query_row(&q)) {
		for (int i = 0; i < columns && !rows->found; i++) {
			rows->found = marked(rows->marks, column_blob(&q, i));
			rows->values++;
		}
	}
	return query_end(&q, err);
}

static bool read_rows(struct conn *conn, void *context, struct err *err)
{
	static const struct {
		const char *sql;
		int columns;
	} tables[] = {
		{ "SELECT totp, recovery, token, token_seed, salt FROM account", 5 },
		{ "SELECT token, salt FROM session", 2 },
		{ "SELECT key FROM sign_in_counter", 1 },
		{ "SELECT address FROM sign_in_known", 1 },
		{ "SELECT source FROM failure_minute", 1 },
		{ "SELECT body FROM ledger_pending", 1 },
	};
	static const char *const texts[] = {
		"SELECT COALESCE(login, '') || state FROM account",
		"SELECT COALESCE(password, '') FROM account",
		"SELECT name FROM person",
		"SELECT address || user_agent FROM session",
	};
	struct rows *rows = context;

	for (size_t i = 0; i < nitems(tables); i++) {
		if (!read_table(conn, tables[i].sql, tables[i].columns, rows, err))
			return false;
	}
	for (size_t i = 0; i < nitems(texts); i++) {
		auto_query struct query q = query_start(conn, texts[i]);

		while (query_row(&q) && !rows->found) {
			rows->found = marked(rows->marks, column_text(&q, 0));
			rows->values++;
		}
		if (!query_end(&q, err))
			return false;
	}
	return true;
}

static int error_output(int to)
{
	int saved = dup(STDERR_FILENO);

	(void)fflush(stderr);
	if (saved < 0 || dup2(to, STDERR_FILENO) < 0)
		abort();
	return saved;
}

/* What a server does in a day, with secrets that can be found again. */
static bool a_day(struct fixture *f, struct person *admin, struct writer *said, struct marks *marks,
		  struct err *err)
{
	auto_writer token = { 0 }, base32 = { 0 };
	struct person stranger = { .address = "203.0.113.9" };
	const struct scope *scope;
	char code[TOTP_DIGITS + 1];
	struct err refused;

	admin->address = "192.0.2.1";
	if (!identity_invite_first(f->identity, STR("第一医院"), &token, err))
		return false;
	mark(marks, writer_str(&token));
	if (redeem(f, admin, writer_str(&token), "a", PASSWORD, &refused))
		return false;
	err_render(&refused, LANGUAGE_EN, said);
	if (!redeem(f, admin, writer_str(&token), "root", PASSWORD, err) ||
	    !sign_in(f, admin, err) || !scope_now(f, admin, &scope, err))
		return false;
	base32_write(&base32, (struct str){ (const char *)admin->seed, sizeof(admin->seed) });
	mark(marks, writer_str(&base32));
	mark(marks, (struct str){ (const char *)admin->seed, sizeof(admin->seed) });
	mark(marks, str_of(admin->token));
	for (size_t i = 0; i < nitems(admin->recovery); i++)
		mark(marks, str_of(admin->recovery[i]));
	(void)snprintf(stranger.login, sizeof(stranger.login), "%s", UNKNOWN_NAME);
	for (int i = 0; i < 6; i++) {
		struct person *who = i % 2 ? admin : &stranger;

		if (try_sign_in(f, who, "203.0.113.9", WRONG_PASSWORD, code_now(admin, code),
				&refused))
			return false;
		err_render(&refused, LANGUAGE_EN, said);
		log_err("test", "request", &refused);
	}
	fixture_later(SECONDS(1200));

	struct actor self = from(admin->address);

	if (identity_password_change(f->identity, scope, &self, admin->session.id,
				     str_of(WRONG_PASSWORD), STR("short"), &refused))
		return false;
	err_render(&refused, LANGUAGE_EN, said);
	log_err("test", "request", &refused);
	identity_metrics(f->identity, said);
	return identity_tick(f->identity, err);
}

static void secrets_stay_secret(void)
{
	auto_fixture f;
	struct person admin = { 0 };
	cleanup_with(marks_release) struct marks marks = { 0 };
	auto_memory char *log_path = path_join(check_folder(), "log");
	auto_writer said = { 0 }, log = { 0 };
	struct err err;

	mark(&marks, str_of(PASSWORD));
	mark(&marks, str_of(WRONG_PASSWORD));
	mark(&marks, str_of(UNKNOWN_NAME));
	CHECK(fixture_start(&f));

	auto_fd file = open(log_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	int saved = error_output(file);

	log_set_level(LOG_DEBUG);

	bool done = a_day(&f, &admin, &said, &marks, &err);

	log_set_level(LOG_INFO);
	(void)close(error_output(saved));
	(void)close(saved);
	CHECK_DONE(done, err);
	CHECK_DONE(file_read(log_path, 64 << 20, &log, &err), err);
	CHECK(log.len > 0 && said.len > 0);
	CHECK_STR(str_of(marked(&marks, writer_str(&log))), STR_NONE);
	CHECK_STR(str_of(marked(&marks, writer_str(&said))), STR_NONE);

	/* The search would find what is there. */
	cleanup_with(marks_release) struct marks control = { 0 };
	struct rows shown = { .marks = &control };

	mark(&control, STR("SIGN_IN_REFUSED"));
	mark(&control, STR("192.0.2.1"));
	CHECK(marked(&control, writer_str(&log)) != NULL);
	CHECK_DONE(store_read(f.store, read_rows, &shown, &err), err);
	CHECK(shown.found != NULL);

	/* Also the words of a recovery code without its hyphens, as it is hashed. */
	for (size_t i = 0; i < nitems(admin.recovery); i++) {
		char letters[24] = "";
		size_t n = 0;

		for (size_t c = 0; admin.recovery[i][c]; c++) {
			if (admin.recovery[i][c] != '-')
				letters[n++] = admin.recovery[i][c];
		}
		CHECK_INT((int64_t)n, 16);
		mark(&marks, str_of(letters));
	}

	struct rows rows = { .marks = &marks };

	CHECK_DONE(store_read(f.store, read_rows, &rows, &err), err);
	CHECK_STR(str_of(rows.found), STR_NONE);
	CHECK(rows.values > 20);
	if (f.store_config.directory)
		CHECK_STR(str_of(marked_file(&marks, f.store_config.directory)), STR_NONE);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(secrets_stay_secret),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
