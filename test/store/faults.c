/* Each write, flush and truncation of the embedded database made to fail in turn, by a file layer below the cipher's. */
#include "fixture.h"

#include <sqlite3.h>
#include <stdatomic.h>

#include "base/memory.h"

enum fault { FAULT_WRITE, FAULT_TORN_WRITE, FAULT_FLUSH, FAULT_TRUNCATE, FAULT_OPEN, FAULT_COUNT };

static const char *const fault_names[FAULT_COUNT] = { "write", "torn write", "flush", "truncate",
						      "open" };

static _Atomic int wanted = FAULT_COUNT,
		   left; /* the fault, and after how many more calls it comes */
static _Atomic bool came;
static sqlite3_vfs *real;

struct file {
	sqlite3_file base;
	sqlite3_file *real;
};

static sqlite3_file *below(sqlite3_file *file)
{
	return ((struct file *)file)->real;
}

static bool fails(enum fault fault)
{
	if (atomic_load(&wanted) != (int)fault || atomic_fetch_sub(&left, 1) != 1)
		return false;
	atomic_store(&came, true);
	return true;
}

static int file_close(sqlite3_file *file)
{
	int status = below(file)->pMethods->xClose(below(file));

	free(below(file));
	return status;
}

static int file_read_at(sqlite3_file *file, void *to, int size, sqlite3_int64 at)
{
	return below(file)->pMethods->xRead(below(file), to, size, at);
}

static int file_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 at)
{
	if (fails(FAULT_WRITE))
		return SQLITE_IOERR_WRITE;
	if (fails(FAULT_TORN_WRITE)) {
		(void)below(file)->pMethods->xWrite(below(file), from, size / 2, at);
		return SQLITE_IOERR_WRITE;
	}
	return below(file)->pMethods->xWrite(below(file), from, size, at);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return fails(FAULT_TRUNCATE) ? SQLITE_IOERR_TRUNCATE
				     : below(file)->pMethods->xTruncate(below(file), size);
}

static int file_flush(sqlite3_file *file, int flags)
{
	return fails(FAULT_FLUSH) ? SQLITE_IOERR_FSYNC
				  : below(file)->pMethods->xSync(below(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return below(file)->pMethods->xFileSize(below(file), size);
}

static int file_lock(sqlite3_file *file, int kind)
{
	return below(file)->pMethods->xLock(below(file), kind);
}

static int file_unlock(sqlite3_file *file, int kind)
{
	return below(file)->pMethods->xUnlock(below(file), kind);
}

static int file_check_lock(sqlite3_file *file, int *held)
{
	return below(file)->pMethods->xCheckReservedLock(below(file), held);
}

static int file_control(sqlite3_file *file, int what, void *argument)
{
	return below(file)->pMethods->xFileControl(below(file), what, argument);
}

static int file_sector(sqlite3_file *file)
{
	return below(file)->pMethods->xSectorSize(below(file));
}

static int file_device(sqlite3_file *file)
{
	return below(file)->pMethods->xDeviceCharacteristics(below(file));
}

static int shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **to)
{
	return below(file)->pMethods->xShmMap(below(file), page, size, extend, to);
}

static int shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
	return below(file)->pMethods->xShmLock(below(file), offset, count, flags);
}

static void shm_barrier(sqlite3_file *file)
{
	below(file)->pMethods->xShmBarrier(below(file));
}

static int shm_unmap(sqlite3_file *file, int remove)
{
	return below(file)->pMethods->xShmUnmap(below(file), remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read_at,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_flush,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_device,
	.xShmMap = shm_map,
	.xShmLock = shm_lock,
	.xShmBarrier = shm_barrier,
	.xShmUnmap = shm_unmap,
};

static int open_file(sqlite3_vfs *vfs unused, const char *path, sqlite3_file *to, int flags,
		     int *out)
{
	struct file *file = (struct file *)to;
	int status;

	file->base.pMethods = NULL;
	if (fails(FAULT_OPEN))
		return SQLITE_CANTOPEN;
	file->real = memory_zero(1, (size_t)real->szOsFile);
	status = real->xOpen(real, path, file->real, flags, out);
	if (file->real->pMethods)
		file->base.pMethods = &methods;
	else
		free(file->real);
	return status;
}

static void install(void)
{
	static sqlite3_vfs vfs;

	(void)sqlite3_initialize();
	real = sqlite3_vfs_find("unix");
	vfs = *real;
	vfs.pNext = NULL;
	vfs.zName = "faults";
	vfs.szOsFile = sizeof(struct file);
	vfs.xOpen = open_file;
	if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK ||
	    sqlite3mc_vfs_create("faults", 1) != SQLITE_OK)
		abort();
}

static bool add_pair(struct conn *conn, void *context, struct err *err)
{
	for (int i = 0; i < 2; i++) {
		auto_query struct query query =
			query_start(conn, "INSERT INTO item (number) VALUES (:number)");

		query_int(&query, "number", *(int64_t *)context);
		if (!query_run(&query, NULL, err))
			return false;
	}
	return true;
}

struct counts {
	int64_t number, rows, halves;
};

static bool count(struct conn *conn, void *context, struct err *err)
{
	struct counts *counts = context;
	auto_query struct query rows =
		query_start(conn, "SELECT count(*) FROM item WHERE number = :number");
	auto_query struct query halves =
		query_start(conn, "SELECT count(*) FROM (SELECT 1 FROM item GROUP BY number HAVING "
				  "count(*) <> 2) AS t");
	bool found;

	query_int(&rows, "number", counts->number);
	if (!query_one(&rows, &found, err))
		return false;
	counts->rows = column_int(&rows, 0);
	if (!query_end(&rows, err) || !query_one(&halves, &found, err))
		return false;
	counts->halves = column_int(&halves, 0);
	return query_end(&halves, err);
}

/* Opens, writes three times, closes; bit i of the result: write i was acknowledged. */
static unsigned visit(const struct store_config *config, int64_t first)
{
	unsigned acknowledged = 0;
	struct store *store;
	struct err err;

	if (!store_open(config, false, &store, &err))
		return 0;
	for (unsigned i = 0; i < 3; i++) {
		int64_t number = first + i;

		if (store_write(store, add_pair, &number, &err))
			acknowledged |= 1U << i;
	}
	store_close(store);
	return acknowledged;
}

static bool all_is_well(const struct store_config *config, int64_t first, unsigned acknowledged)
{
	auto_store store = NULL;
	auto_problems problems = { 0 };
	struct err err;

	if (!check_no_error(store_open(config, false, &store, &err), &err, __FILE__, __LINE__,
			    "open"))
		return false;
	for (unsigned i = 0; i < 3; i++) {
		struct counts counts = { .number = first + i };

		if (!check_no_error(store_read(store, count, &counts, &err), &err, __FILE__,
				    __LINE__, "count") ||
		    !check_int(counts.halves, 0, __FILE__, __LINE__, "halves of writes") ||
		    !check_that(counts.rows == 2 || !(acknowledged >> i & 1), __FILE__, __LINE__,
				"an acknowledged write is there"))
			return false;
	}
	return check_no_error(store_verify(store, &problems, &err), &err, __FILE__, __LINE__,
			      "verify") &&
	       check_that(!problems_any(&problems), __FILE__, __LINE__, "no damage");
}

static void each_call_may_fail(void)
{
	struct store_config config = { .directory = check_folder(), .database_key = test_key };
	int64_t first = 0;

	store_close(fixture_open(&config));
	for (int fault = 0; fault < FAULT_COUNT; fault++) {
		int n = 0, refused = 0;

		do {
			unsigned acknowledged;

			atomic_store(&came, false);
			atomic_store(&left, ++n);
			atomic_store(&wanted, fault);
			acknowledged = visit(&config, first);
			atomic_store(&wanted, FAULT_COUNT);
			if (!atomic_load(&came))
				CHECK_INT(acknowledged, 7);
			refused += acknowledged != 7;
			CHECK(all_is_well(&config, first, acknowledged));
			first += 3;
		} while (atomic_load(&came));
		/* The faults really reached the writes. */
		CHECK(n > 1 && (refused > 0 || fault == FAULT_TRUNCATE));
		printf("# %s: %d calls failed in turn, %d times a write was refused\n",
		       fault_names[fault], n - 1, refused);
		check_cases(n - 1);
	}
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(each_call_may_fail),
	};

	install();
	return check_main(tests, nitems(tests), argc, argv);
}
