/* Owns the test harness: named tests over real code; a failed check tells where and goes on with the next test. */
#ifndef XIEDUN_TEST_CHECK_H
#define XIEDUN_TEST_CHECK_H

#include "base/err.h"
#include "store/store.h"

struct check_test {
	const char *name;
	void (*run)(void);
};
#define TEST(function)              \
	{                           \
#function, function \
	}

/*
 * Runs all tests (or those whose names are given on the command line), prints "ok NAME" or "not ok NAME" for each and at last
 * "N passed, N failed"; returns main's status. A test that checked nothing has failed.
 */
int check_main(const struct check_test *, size_t count, int argc, char **argv);

/* Counts `cases` more cases of a table or suite as passed, so that the sum tells what really ran. */
void check_cases(int cases);

bool check_that(bool holds, const char *file, int line, const char *text);
bool check_int(int64_t got, int64_t want, const char *file, int line, const char *text);
bool check_str(struct str got, struct str want, const char *file, int line, const char *text);
bool check_no_error(bool done, const struct err *, const char *file, int line, const char *text);
bool check_message(bool done, const struct err *, enum message, const char *file, int line,
		   const char *text);

/* Each leaves the test function when it does not hold. */
#define CHECK(holds)                                                  \
	do {                                                          \
		if (!check_that((holds), __FILE__, __LINE__, #holds)) \
			return;                                       \
	} while (0)
#define CHECK_INT(got, want)                                             \
	do {                                                             \
		if (!check_int((got), (want), __FILE__, __LINE__, #got)) \
			return;                                          \
	} while (0)
#define CHECK_STR(got, want)                                             \
	do {                                                             \
		if (!check_str((got), (want), __FILE__, __LINE__, #got)) \
			return;                                          \
	} while (0)
/* A call with an err that must succeed: CHECK_DONE(store_open(…, &err), err). */
#define CHECK_DONE(call, error)                                                   \
	do {                                                                      \
		if (!check_no_error((call), &(error), __FILE__, __LINE__, #call)) \
			return;                                                   \
	} while (0)
/* A call that must fail with this message. */
#define CHECK_FAILS(call, error, message)                                                   \
	do {                                                                                \
		if (!check_message((call), &(error), (message), __FILE__, __LINE__, #call)) \
			return;                                                             \
	} while (0)

/* A fresh folder, removed at the end of the program. */
const char *check_folder(void);

/* The database to test on: XIEDUN_TEST_BACKEND is "sqlite" (default) or "postgres". */
enum backend check_backend(void);
/* PostgreSQL: a fresh, empty database made on the server of XIEDUN_TEST_POSTGRES, dropped at the end; its libpq connection string. */
const char *check_postgres(void);

#endif
