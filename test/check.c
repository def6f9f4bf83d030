#include "check.h"

#include <libpq-fe.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/vec.h"

static int cases_passed, checks;
static bool test_failed;
static struct texts VEC(char *) folders, databases, addresses;

static bool report(bool holds, const char *file, int line, const char *text, const char *detail)
{
	checks++;
	if (!holds) {
		test_failed = true;
		printf("# %s:%d: %s%s%s\n", file, line, text, detail[0] ? ": " : "", detail);
	}
	return holds;
}

bool check_that(bool holds, const char *file, int line, const char *text)
{
	return report(holds, file, line, text, "");
}

bool check_int(int64_t got, int64_t want, const char *file, int line, const char *text)
{
	char detail[80];

	(void)snprintf(detail, sizeof(detail), "got %lld, want %lld", (long long)got,
		       (long long)want);
	return report(got == want, file, line, text, detail);
}

bool check_str(struct str got, struct str want, const char *file, int line, const char *text)
{
	auto_writer detail = { 0 };

	writer_printf(&detail, "got “%.*s”, want “%.*s”", STR_ARGS(got), STR_ARGS(want));
	return report(str_equal(got, want), file, line, text, detail.at);
}

bool check_no_error(bool done, const struct err *err, const char *file, int line, const char *text)
{
	auto_writer detail = { 0 };

	if (!done)
		err_render(err, LANGUAGE_EN, &detail);
	return report(done, file, line, text, detail.at ? detail.at : "");
}

bool check_message(bool done, const struct err *err, enum message want, const char *file, int line,
		   const char *text)
{
	auto_writer detail = { 0 };

	if (done)
		writer_printf(&detail, "succeeded, want %s", message_code(want));
	else
		writer_printf(&detail, "got %s, want %s", message_code(err->message),
			      message_code(want));
	return report(!done && err->message == want, file, line, text, detail.at);
}

void check_cases(int cases)
{
	cases_passed += cases;
}

static bool chosen(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], name) == 0)
			return true;
	}
	return argc < 2;
}

const char *check_folder(void)
{
	char path[] = "/tmp/xiedun-test-XXXXXX";

	if (!mkdtemp(path))
		abort();
	vec_push(&folders, memory_copy(str_of(path)));
	return folders.at[folders.count - 1];
}

enum backend check_backend(void)
{
	const char *name = getenv("XIEDUN_TEST_BACKEND");

	return name && strcmp(name, "postgres") == 0 ? BACKEND_POSTGRES : BACKEND_SQLITE;
}

static void server_does(const char *format, const char *name)
{
	const char *server = getenv("XIEDUN_TEST_POSTGRES");
	char sql[200];
	PGconn *conn = PQconnectdb(server ? server : "");

	(void)snprintf(sql, sizeof(sql), format, name);

	PGresult *result = PQexec(conn, sql);

	if (PQresultStatus(result) != PGRES_COMMAND_OK) {
		printf("# PostgreSQL (XIEDUN_TEST_POSTGRES): %s%s", PQerrorMessage(conn),
		       PQresultErrorMessage(result));
		exit(1);
	}
	PQclear(result);
	PQfinish(conn);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
const char *check_postgres(void)
{
	static int number;
	const char *server = getenv("XIEDUN_TEST_POSTGRES");
	char name[64];
	auto_writer address = { 0 };

	(void)snprintf(name, sizeof(name), "xiedun_test_%d_%d", (int)getpid(), ++number);
	server_does(
		"CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'",
		name);
	writer_printf(&address, "%s dbname=%s", server, name);
	vec_push(&databases, memory_copy(str_of(name)));
	vec_push(&addresses, steal(address.at));
	return addresses.at[addresses.count - 1];
}
#pragma GCC diagnostic pop

static void clean_up(void)
{
	struct err err;

	for (size_t i = 0; i < folders.count; i++) {
		(void)!path_remove(folders.at[i], &err);
		free(folders.at[i]);
	}
	for (size_t i = 0; i < databases.count; i++) {
		server_does("DROP DATABASE IF EXISTS %s WITH (FORCE)", databases.at[i]);
		free(databases.at[i]);
		free(addresses.at[i]);
	}
	vec_release(&folders);
	vec_release(&databases);
	vec_release(&addresses);
}

int check_main(const struct check_test *tests, size_t count, int argc, char **argv)
{
	int passed = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < count; i++) {
		if (!chosen(tests[i].name, argc, argv))
			continue;
		test_failed = false;
		checks = 0;
		tests[i].run();
		if (checks == 0 && !test_failed) {
			test_failed = true;
			printf("# %s checked nothing\n", tests[i].name);
		}
		printf("%s %s\n", test_failed ? "not ok" : "ok", tests[i].name);
		if (test_failed)
			failed++;
		else
			passed++;
	}
	clean_up();
	printf("%d passed, %d failed\n", passed + cases_passed, failed);
	return failed || passed == 0;
}
