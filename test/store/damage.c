#include "fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"

enum { PAGE = 4096, ROWS = 400 };

static bool fill(struct conn *conn, void *context unused, struct err *err)
{
	char body[2000];

	memset(body, 'x', sizeof(body));
	for (int i = 0; i < ROWS; i++) {
		auto_query struct query query =
			query_start(conn, "INSERT INTO item (body) VALUES (:body)");

		query_blob(&query, "body", (struct str){ body, sizeof(body) });
		if (!query_run(&query, NULL, err))
			return false;
	}
	return true;
}

static bool empty_half(struct conn *conn, void *context unused, struct err *err)
{
	return conn_execute(conn, "DELETE FROM item WHERE id > 200", err);
}

/* True when the verification names exactly this page. */
static bool names_page(struct store *store, int64_t page)
{
	auto_problems problems = { 0 };
	struct err err;

	return store_verify(store, &problems, &err) && problems.count == 1 &&
	       problems.list[0].message == MSG_STORE_PAGE_DAMAGED &&
	       atoll(problems.list[0].arg[0]) == page;
}

static bool flip(int fd, int64_t offset, int bit)
{
	char byte;

	if (pread(fd, &byte, 1, offset) != 1)
		return false;
	byte = (char)(byte ^ (1 << bit));
	return pwrite(fd, &byte, 1, offset) == 1;
}

static void a_flipped_bit_in_any_page_is_named(void)
{
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	auto_problems problems = { 0 };
	struct err err;

	CHECK(store);
	CHECK_DONE(store_write(store, fill, NULL, &err), err);
	CHECK_DONE(store_write(store, empty_half, NULL, &err), err);
	CHECK_DONE(store_verify(store, &problems, &err), err);
	CHECK(!problems_any(&problems));
	if (config.backend != BACKEND_SQLITE)
		return;

	auto_memory char *path = path_join(config.directory, "xiedun.db");
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct stat info;

	CHECK(fd >= 0 && fstat(fd, &info) == 0);
	CHECK(info.st_size > 200 * PAGE);
	for (int64_t page = 1, step = 100; page <= info.st_size / PAGE; page++, step += 1237) {
		int64_t offset = (page - 1) * PAGE + step % PAGE;

		CHECK(flip(fd, offset, (int)(page % 8)));
		if (!names_page(store, page))
			CHECK_INT(offset, -1);
		CHECK(flip(fd, offset, (int)(page % 8)));
		check_cases(1);
	}
	/* The start of the file is special: salt and page size in clear. */
	for (int64_t offset = 0; offset < 32; offset++) {
		CHECK(flip(fd, offset, 3));
		CHECK(names_page(store, 1));
		CHECK(flip(fd, offset, 3));
		check_cases(1);
	}
	CHECK(flip(fd, 5 * PAGE, 1) && flip(fd, 9 * PAGE - 1, 1));
	CHECK_DONE(store_verify(store, &problems, &err), err);
	CHECK_INT((int64_t)problems.count, 2);
	CHECK_STR(str_of(problems.list[0].arg[0]), STR("6"));
	CHECK_STR(str_of(problems.list[1].arg[0]), STR("9"));
	CHECK(flip(fd, 5 * PAGE, 1) && flip(fd, 9 * PAGE - 1, 1));
	problems_release(&problems);
	CHECK_DONE(store_verify(store, &problems, &err), err);
	CHECK(!problems_any(&problems));
	(void)close(fd);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(a_flipped_bit_in_any_page_is_named),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
