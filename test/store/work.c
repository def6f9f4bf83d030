#include "fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "store/blob.h"
#include "store/job.h"
#include "store/outbox.h"

enum { NOW = 1000, LEASE = 60 };

static bool add_three(struct conn *conn, void *context unused, struct err *err)
{
	return outbox_add(conn, "mail", STR("first"), err) &&
	       outbox_add(conn, "mail", STR("second"), err) &&
	       outbox_add(conn, "call", STR_NONE, err);
}

static bool add_and_refuse(struct conn *conn, void *context, struct err *err)
{
	return add_three(conn, context, err) && fail(err, MSG_NOT_UTF8);
}

static bool message_done(struct conn *conn, void *context, struct err *err)
{
	return outbox_done(conn, *(int64_t *)context, err);
}

static void messages_are_delivered_in_order_and_again_until_done(void)
{
	static const struct {
		int64_t second;
		const char *body; /* NULL: nothing due */
		bool done;
		int64_t attempts;
	} steps[] = {
		{ 0, "first", false, 1 },
		{ 1, "second", true, 1 },
		{ 2, "", true, 1 },
		{ 3, NULL, false, 0 },
		{ LEASE, "first", false, 2 },
		{ LEASE, NULL, false, 0 },
		{ 2 * LEASE, "first", true, 3 },
		{ 9 * LEASE, NULL, false, 0 },
	};
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	auto_arena arena = arena_new(1 << 20);
	struct outbox_message message;
	struct err err;
	bool found;

	CHECK(store);
	clock_hold(SECONDS(NOW));
	CHECK_FAILS(store_write(store, add_and_refuse, NULL, &err), err, MSG_NOT_UTF8);
	CHECK_DONE(store_write(store, add_three, NULL, &err), err);
	for (size_t i = 0; i < nitems(steps); i++) {
		clock_hold(SECONDS(NOW + steps[i].second));
		CHECK_DONE(outbox_take(store, SECONDS(LEASE), arena, &message, &found, &err), err);
		CHECK(found == (steps[i].body != NULL));
		if (!found)
			continue;
		CHECK_STR(message.body, str_of(steps[i].body));
		CHECK_INT(message.attempts, steps[i].attempts);
		CHECK_INT(message.created, SECONDS(NOW));
		if (steps[i].done)
			CHECK_DONE(store_write(store, message_done, &message.id, &err), err);
	}
	clock_run();
}

static bool put_jobs(struct conn *conn, void *context unused, struct err *err)
{
	return job_put(conn, "feed", "a", STR("body"), SECONDS(NOW + 5), err) &&
	       job_put(conn, "feed", "a", STR("other"), SECONDS(NOW), err) &&
	       job_put(conn, "mail", "a", STR("m"), SECONDS(NOW), err);
}

static bool finish_job(struct conn *conn, void *context, struct err *err)
{
	return job_done(conn, context, err);
}

static bool fail_job(struct conn *conn, void *context, struct err *err)
{
	struct err reason;

	(void)fail(&reason, MSG_NOT_UTF8);
	return job_failed(conn, context, &reason, err);
}

static void a_job_belongs_to_one_holder_until_its_lease_ends(void)
{
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	auto_arena arena = arena_new(1 << 20);
	struct job first, second, none;
	struct err err;
	bool found;

	CHECK(store);
	clock_hold(SECONDS(NOW));
	CHECK_DONE(store_write(store, put_jobs, NULL, &err), err);
	CHECK_DONE(job_lease(store, "feed", SECONDS(LEASE), arena, &none, &found, &err), err);
	CHECK(!found);
	CHECK_DONE(job_lease(store, NULL, SECONDS(LEASE), arena, &second, &found, &err), err);
	CHECK(found && strcmp(second.kind, "mail") == 0);
	clock_hold(SECONDS(NOW + 5));
	CHECK_DONE(job_lease(store, NULL, SECONDS(LEASE), arena, &first, &found, &err), err);
	CHECK(found && strcmp(first.kind, "feed") == 0 && strcmp(first.key, "a") == 0);
	CHECK_STR(first.body, STR("body"));
	CHECK_DONE(job_lease(store, NULL, SECONDS(LEASE), arena, &none, &found, &err), err);
	CHECK(!found);

	/* The first holder is too late: another has taken it over, and finishes. */
	clock_hold(SECONDS(NOW + 5 + LEASE));
	CHECK_DONE(job_lease(store, "feed", SECONDS(LEASE), arena, &second, &found, &err), err);
	CHECK(found && second.id == first.id && second.attempts == 2);
	CHECK_FAILS(store_write(store, finish_job, &first, &err), err, MSG_JOB_LEASE_LOST);
	CHECK_FAILS(store_write(store, fail_job, &first, &err), err, MSG_JOB_LEASE_LOST);

	/* A failed one waits 20 s after its second attempt. */
	CHECK_DONE(store_write(store, fail_job, &second, &err), err);
	clock_hold(SECONDS(NOW + 5 + LEASE + 19));
	CHECK_DONE(job_lease(store, "feed", SECONDS(LEASE), arena, &none, &found, &err), err);
	CHECK(!found);
	clock_hold(SECONDS(NOW + 5 + LEASE + 20));
	CHECK_DONE(job_lease(store, "feed", SECONDS(LEASE), arena, &second, &found, &err), err);
	CHECK(found && second.attempts == 3);
	CHECK_DONE(store_write(store, finish_job, &second, &err), err);
	clock_hold(SECONDS(NOW + 100 * LEASE));
	CHECK_DONE(job_lease(store, "feed", SECONDS(LEASE), arena, &none, &found, &err), err);
	CHECK(!found);
	clock_run();
}

enum { JOBS = 60, WORKERS = 6 };

static bool put_many(struct conn *conn, void *context unused, struct err *err)
{
	for (int i = 0; i < JOBS; i++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "%d", i);
		if (!job_put(conn, "many", key, STR_NONE, 0, err))
			return false;
	}
	return true;
}

struct worker {
	struct store *store;
	int done;
};

static void *work(void *context)
{
	struct worker *worker = context;
	auto_arena arena = arena_new(1 << 20);

	for (;;) {
		struct err err;
		struct job job;
		bool found;

		if (!job_lease(worker->store, "many", SECONDS(600), arena, &job, &found, &err) ||
		    !found)
			return NULL;
		if (store_write(worker->store, finish_job, &job, &err))
			worker->done++;
	}
}

static void many_workers_do_each_job_once(void)
{
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	struct worker workers[WORKERS];
	pthread_t threads[WORKERS];
	int done = 0;
	struct err err;

	CHECK(store);
	CHECK_DONE(store_write(store, put_many, NULL, &err), err);
	for (int i = 0; i < WORKERS; i++) {
		workers[i] = (struct worker){ store, 0 };
		CHECK(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
	}
	for (int i = 0; i < WORKERS; i++) {
		pthread_join(threads[i], NULL);
		done += workers[i].done;
	}
	CHECK_INT(done, JOBS);
}

static bool collect(void *context, struct str piece, struct err *err unused)
{
	writer_put(context, piece);
	return true;
}

static bool register_blob(struct conn *conn, void *context, struct err *err)
{
	return blob_register(conn, context, err) && blob_register(conn, context, err);
}

static int file_with(const char *folder, struct str bytes)
{
	auto_memory char *path = path_join(folder, "upload");
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct err err;

	return fd >= 0 && fd_write(fd, path, bytes, &err) ? fd : -1;
}

static void blobs_of_every_size_come_back_or_are_refused(void)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 200000 };
	const char *folder = check_folder();
	auto_memory char *keys = path_join(folder, "keyring");
	struct root_key root = { { 7 } };
	auto_keyring keyring = NULL;
	auto_blobs blobs = NULL;
	struct store_config config = fixture_config();
	auto_store store = fixture_open(&config);
	struct err err;

	CHECK(store);
	CHECK_DONE(keyring_create(keys, &root, &keyring, &err), err);
	CHECK_DONE(blobs_open(folder, keyring, &blobs, &err), err);
	for (size_t i = 0; i < nitems(sizes); i++) {
		auto_writer content = { 0 }, back = { 0 }, raw = { 0 };
		auto_fd fd = -1;
		struct blob blob;

		random_bytes(writer_reserve(&content, sizes[i]), sizes[i]);
		fd = file_with(folder, writer_str(&content));
		CHECK(fd >= 0);
		CHECK_DONE(blob_put(blobs, fd, &blob, &err), err);
		CHECK_DONE(blob_put(blobs, fd, &blob, &err), err);
		CHECK_INT(blob.size, (int64_t)sizes[i]);
		CHECK_DONE(store_write(store, register_blob, &blob, &err), err);
		CHECK_DONE(blob_get(blobs, &blob.hash, collect, &back, &err), err);
		CHECK_STR(writer_str(&back), writer_str(&content));

		auto_memory char *relative = blob_path(&blob.hash);
		auto_memory char *path = path_join(folder, relative);

		/* One flipped bit anywhere, a lost end, a chunk too many. */
		CHECK_DONE(file_read(path, 1 << 20, &raw, &err), err);
		for (size_t at = 0; at < raw.len; at += 1 + raw.len / 97) {
			raw.at[at] ^= 0x10;
			CHECK_DONE(file_replace(path, writer_str(&raw), 0600, &err), err);
			raw.at[at] ^= 0x10;
			writer_clear(&back);
			CHECK_FAILS(blob_get(blobs, &blob.hash, collect, &back, &err), err,
				    MSG_BLOB_DAMAGED);
			check_cases(1);
		}
		CHECK_DONE(
			file_replace(path, str_sub(writer_str(&raw), 0, raw.len - 1), 0600, &err),
			err);
		CHECK_FAILS(blob_get(blobs, &blob.hash, collect, &back, &err), err,
			    MSG_BLOB_DAMAGED);
		auto_writer twice = { 0 };

		writer_put(&twice, writer_str(&raw));
		writer_put(&twice, writer_str(&raw));
		CHECK_DONE(file_replace(path, writer_str(&twice), 0600, &err), err);
		CHECK_FAILS(blob_get(blobs, &blob.hash, collect, &back, &err), err,
			    MSG_BLOB_DAMAGED);
		/* Storing it again mends it. */
		CHECK_DONE(blob_put(blobs, fd, &blob, &err), err);
		writer_clear(&back);
		CHECK_DONE(blob_get(blobs, &blob.hash, collect, &back, &err), err);
		CHECK_STR(writer_str(&back), writer_str(&content));
	}

	struct digest unknown = sha256(STR("unknown"));

	CHECK_FAILS(blob_get(blobs, &unknown, collect, NULL, &err), err, MSG_BLOB_MISSING);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(messages_are_delivered_in_order_and_again_until_done),
		TEST(a_job_belongs_to_one_holder_until_its_lease_ends),
		TEST(many_workers_do_each_job_once),
		TEST(blobs_of_every_size_come_back_or_are_refused),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
