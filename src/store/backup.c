#include "store/backup_format.h"

#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/memory.h"
#include "store/blob.h"
#include "store/parts.h"
#include "store/sqlite.h"

enum { KEYRING_FILE_MAX = 1024 * 1024, BLOBS_AT_ONCE = 1000 };

static const char SQL_MIGRATION[] = "SELECT coalesce(max(number), 0) FROM migration";
static const char SQL_BLOBS[] =
	"SELECT hash FROM blob WHERE hash > :after ORDER BY hash LIMIT 1000";

void backup_facts_release(struct backup_facts *facts)
{
	writer_release(&facts->checkpoint);
	memset(facts, 0, sizeof(*facts));
}

static bool read_migration(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_MIGRATION);
	bool found;

	if (!query_one(&query, &found, err))
		return false;
	*(int64_t *)context = column_int(&query, 0);
	return query_end(&query, err);
}

static void write_opening(const struct backup_plan *plan, const struct backup_facts *facts,
			  struct writer *to)
{
	struct json json = json_into(to);
	char time[INSTANT_TEXT_SIZE];

	json_object(&json);
	json_put_text(&json, "program", XIEDUN_VERSION);
	json_put_text(&json, "backend",
		      store_backend(plan->store) == BACKEND_SQLITE ? "sqlite" : "postgres");
	json_put_int(&json, "migration", facts->migration);
	json_put_text(&json, "time", instant_text(facts->time, time));
	json_put_str(&json, "checkpoint", plan->checkpoint);
	json_object_end(&json);
}

/* An open file from its beginning to its end, whatever its offset is. */
static bool put_file(struct backup_file *file, int fd, const char *path, struct err *err)
{
	auto_memory char *piece = memory_zero(SEALED_CHUNK, 1);
	off_t at = 0;

	for (;;) {
		ssize_t got = pread(fd, piece, SEALED_CHUNK, at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(err, MSG_FILE_FAILED, "read", path, errno_text(errno));
		if (got == 0)
			return true;
		if (!backup_put(file, (struct str){ piece, (size_t)got }, err))
			return false;
		at += got;
	}
}

/* A file of the data directory as the part of its name. */
static bool put_named(struct backup_file *file, const char *directory, const char *name,
		      bool optional, struct err *err)
{
	auto_memory char *path = path_join(directory, name);
	auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return optional ? true : fail(err, MSG_FILE_MISSING, path);
	if (fd < 0)
		return fail(err, MSG_FILE_FAILED, "open", path, errno_text(errno));
	return backup_part(file, name, err) && put_file(file, fd, path, err) &&
	       backup_part_end(file, err);
}

/* The pages go over as they are, encrypted; checkpoints are held off, so that nobody changes the file meanwhile. */
static bool put_sqlite(struct backup_file *file, struct store *store, struct err *err)
{
	if (!checkpoint_hold(store, err))
		return false;

	bool put = backup_part(file, SQLITE_FILE_NAME, err) &&
		   put_file(file, store->file, SQLITE_FILE_NAME, err) && backup_part_end(file, err);

	checkpoint_release(store);
	return put;
}

static bool put_postgres(struct conn *conn, void *context, struct err *err)
{
	return backup_dump_postgres(context, conn, err);
}

struct blob_list {
	struct digest after;
	struct digest hashes[BLOBS_AT_ONCE];
	size_t count;
	bool started; /* before it, "after" is the empty value */
};

static bool read_blobs(struct conn *conn, void *context, struct err *err)
{
	struct blob_list *list = context;
	auto_query struct query query = query_start(conn, SQL_BLOBS);

	list->count = 0;
	query_blob(&query, "after",
		   str_sub(digest_str(&list->after), 0, list->started ? DIGEST_SIZE : 0));
	while (query_row(&query) && list->count < BLOBS_AT_ONCE) {
		struct str hash = column_blob(&query, 0);

		if (hash.len != DIGEST_SIZE)
			return fail(err, MSG_STORE_DAMAGED, "a row of the table blob");
		memcpy(list->hashes[list->count++].bytes, hash.at, DIGEST_SIZE);
	}
	return query_end(&query, err);
}

/* The table is read after the database's snapshot was taken: it names all that the snapshot names. */
static bool put_blobs(struct backup_file *file, const struct backup_plan *plan, struct err *err)
{
	auto_memory struct blob_list *list = memory_zero(1, sizeof(*list));

	do {
		if (!store_read(plan->store, read_blobs, list, err))
			return false;
		for (size_t i = 0; i < list->count; i++) {
			auto_memory char *name = blob_path(&list->hashes[i]);

			if (!put_named(file, plan->directory, name, false, err))
				return false;
			list->after = list->hashes[i];
			list->started = true;
		}
	} while (list->count == BLOBS_AT_ONCE);
	return true;
}

static bool put_all(struct backup_file *file, const struct backup_plan *plan, struct err *err)
{
	bool put = store_backend(plan->store) == BACKEND_SQLITE
			   ? put_sqlite(file, plan->store, err)
			   : store_read(plan->store, put_postgres, file, err);

	for (size_t i = 0; put && i < plan->file_count; i++)
		put = put_named(file, plan->directory, plan->files[i], true, err);
	return put && put_blobs(file, plan, err) && backup_finish(file, err);
}

static bool make(const struct backup_plan *plan, const char *path, struct backup_facts *facts,
		 struct err *err)
{
	auto_memory char *keys = path_join(plan->directory, plan->keyring_file);
	auto_writer keyring_bytes = { 0 };
	auto_writer opening = { 0 };
	auto_backup_file file = { .fd = -1 };

	if (!store_read(plan->store, read_migration, &facts->migration, err) ||
	    !file_read(keys, KEYRING_FILE_MAX, &keyring_bytes, err))
		return false;
	write_opening(plan, facts, &opening);
	if (!backup_start(&file, path, plan->keyring, writer_str(&keyring_bytes),
			  writer_str(&opening), err) ||
	    !put_all(&file, plan, err))
		return false;
	facts->hash = backup_hash(&file);
	facts->parts = file.parts.count;
	facts->size = lseek(file.fd, 0, SEEK_CUR);
	return true;
}

bool backup_make(const struct backup_plan *plan, const char *out, struct backup_facts *to,
		 struct err *err)
{
	struct backup_facts facts = { .time = clock_now() };
	auto_writer partial = { 0 };

	if (path_exists(out))
		return fail(err, MSG_BACKUP_EXISTS, out);
	writer_printf(&partial, "%s.partial", out);
	if (!make(plan, partial.at, &facts, err)) {
		(void)unlink(partial.at);
		return false;
	}
	if (rename(partial.at, out) != 0) {
		(void)fail(err, MSG_FILE_FAILED, "replace", out, errno_text(errno));
		(void)unlink(partial.at);
		return false;
	}

	const char *slash = strrchr(out, '/');
	auto_memory char *folder =
		slash ? memory_copy((struct str){ out, (size_t)(slash - out) + 1 })
		      : memory_copy(STR("."));

	(void)snprintf(facts.program, sizeof(facts.program), "%s", XIEDUN_VERSION);
	writer_put(&facts.checkpoint, plan->checkpoint);
	if (!folder_flush(folder, err)) {
		backup_facts_release(&facts);
		return false;
	}
	*to = facts;
	return true;
}
