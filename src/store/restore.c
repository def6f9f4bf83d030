#include "store/backup_format.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/node.h"
#include "store/driver.h"

enum { OPENING_MEMORY = 8 * 1024 * 1024 };

struct restore {
	const struct restore_plan *plan;
	const char *directory; /* the temporary one */
	struct backup_file file;
	struct conn *conn; /* PostgreSQL, in a transaction */
	struct backup_facts *facts;
};

static bool check_empty(const char *directory, struct err *err)
{
	DIR *entries = opendir(directory);
	struct dirent *entry;
	bool empty = true;

	if (!entries)
		return errno == ENOENT
			       ? true
			       : fail(err, MSG_FILE_FAILED, "open", directory, errno_text(errno));
	while ((entry = readdir(entries)))
		empty &= strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	(void)closedir(entries);
	return empty ? true : fail(err, MSG_BACKUP_NOT_EMPTY, directory);
}

static bool read_opening(struct restore *restore, struct str text, struct err *err)
{
	auto_arena arena = arena_new(OPENING_MEMORY);
	struct backup_facts *facts = restore->facts;
	const char *backend = restore->plan->backend == BACKEND_SQLITE ? "sqlite" : "postgres";
	const struct node *opening;

	if (!node_from_json(arena, text, &opening, err))
		return false;
	if (!node_int(node_member(opening, "migration"), &facts->migration) ||
	    !instant_parse(node_member_text(opening, "time"), &facts->time))
		return fail(err, MSG_BACKUP_FORMAT, restore->file.path);
	(void)snprintf(facts->program, sizeof(facts->program), "%.*s",
		       STR_ARGS(node_member_text(opening, "program")));
	writer_put(&facts->checkpoint, node_member_text(opening, "checkpoint"));
	if (!str_is(node_member_text(opening, "backend"), backend))
		return fail(err, MSG_BACKUP_BACKEND, node_member_text(opening, "backend"), backend);
	if (facts->migration > restore->plan->highest_migration)
		return fail(err, MSG_STORE_NEWER, facts->migration);
	return true;
}

/* A relative path that stays below its folder. Only we can have written it, but a slip of ours must not leave the folder. */
static bool name_is_safe(const char *name)
{
	for (const char *at = name; *at; at++) {
		bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
			     (*at >= '0' && *at <= '9') || strchr("._-/", *at);

		if (!plain)
			return false;
	}
	return name[0] && name[0] != '/' && !strstr(name, "..");
}

static char *folder_of(const char *path)
{
	return memory_copy((struct str){ path, (size_t)(strrchr(path, '/') - path) });
}

static bool load_file(struct restore *restore, struct err *err)
{
	auto_memory char *path = path_join(restore->directory, restore->file.parts.name);
	auto_memory char *folder = folder_of(path);
	auto_fd fd = -1;

	if (!name_is_safe(restore->file.parts.name))
		return fail(err, MSG_BACKUP_FORMAT, restore->file.path);
	if (!folder_make(folder, 0700, err))
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(err, MSG_FILE_FAILED, "create", path, errno_text(errno));
	for (;;) {
		struct str block;

		if (!backup_block(&restore->file, &block, err))
			return false;
		if (block.len == 0)
			break;
		if (!fd_write(fd, path, block, err))
			return false;
	}
	if (fsync(fd) != 0)
		return fail(err, MSG_FILE_FAILED, "flush", path, errno_text(errno));
	return folder_flush(folder, err);
}

static bool load_parts(struct restore *restore, struct err *err)
{
	for (;;) {
		bool more, loaded;

		if (!backup_next_part(&restore->file, &more, err))
			return false;
		if (!more)
			return true;
		loaded = restore->conn && str_starts(str_of(restore->file.parts.name), "postgres/")
				 ? backup_load_postgres(&restore->file, restore->conn, err)
				 : load_file(restore, err);
		if (!loaded)
			return false;
	}
}

static bool open_postgres(struct restore *restore, struct err *err)
{
	struct store_config config = { .backend = BACKEND_POSTGRES,
				       .address = restore->plan->address };
	struct conn_options options = { .config = &config };

	if (restore->plan->backend != BACKEND_POSTGRES)
		return true;
	return conn_open(&options, &restore->conn, err) &&
	       conn_begin(restore->conn, "BEGIN", err) &&
	       backup_check_postgres_empty(restore->conn, err) &&
	       conn_execute(restore->conn, "SET LOCAL check_function_bodies = off", err);
}

static bool load(struct restore *restore, struct err *err)
{
	auto_memory char *keys = path_join(restore->directory, restore->plan->keyring_file);
	auto_keyring keyring = NULL;
	auto_writer bytes = { 0 };
	auto_writer opening = { 0 };

	if (!backup_open(&restore->file, restore->plan->from, &bytes, err) ||
	    !folder_make(restore->directory, 0700, err) ||
	    !file_replace(keys, writer_str(&bytes), 0600, err) ||
	    !keyring_open(keys, restore->plan->root, &keyring, err))
		return false;
	if (!backup_opening(&restore->file, keyring, &opening, err) ||
	    !read_opening(restore, writer_str(&opening), err))
		return false;
	if (!open_postgres(restore, err) || !load_parts(restore, err))
		return false;
	restore->facts->hash = backup_hash(&restore->file);
	restore->facts->parts = restore->file.parts.count;
	restore->facts->size = lseek(restore->file.fd, 0, SEEK_CUR);
	return true;
}

/* The rows first: rows without the keyring can be restored again into another empty database, a keyring without rows looks whole. */
static bool put_in_place(struct restore *restore, struct err *err)
{
	const struct restore_plan *plan = restore->plan;
	const char *to = plan->directory;

	if (plan->settle && !plan->settle(restore->directory, plan->context, err))
		return false;
	if (!folder_flush(restore->directory, err) ||
	    (restore->conn && !conn_commit(restore->conn, err)))
		return false;
	if (rename(restore->directory, to) != 0)
		return fail(err, MSG_FILE_FAILED, "replace", to, errno_text(errno));

	auto_memory char *up = path_join(to, "..");

	return folder_flush(up, err);
}

bool backup_restore(const struct restore_plan *plan, struct backup_facts *to, struct err *err)
{
	auto_writer partial = { 0 };
	auto_backup_facts facts = { 0 };
	struct restore restore = { .plan = plan, .file.fd = -1, .facts = &facts };
	struct err ignored;

	writer_printf(&partial, "%s.partial", plan->directory);
	restore.directory = partial.at;
	if (!check_empty(plan->directory, err) || !path_remove(partial.at, err))
		return false;

	bool done = load(&restore, err) && put_in_place(&restore, err);

	if (restore.conn && !done)
		conn_rollback(restore.conn);
	conn_close(restore.conn);
	backup_file_release(&restore.file);
	if (!done) {
		(void)!path_remove(partial.at, &ignored);
		return false;
	}
	*to = facts;
	memset(&facts, 0, sizeof(facts));
	return true;
}
