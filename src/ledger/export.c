#include "ledger/export.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/memory.h"
#include "ledger/state.h"
#include "ledger/storage.h"
#include "ledger/tile.h"
#include "ledger/tree.h"

struct export
{
	struct conn *conn;
	const char *directory;
	int64_t epoch;
	struct writer path, bytes;
};

/* Puts export->bytes under a name below the epoch's folder. */
static bool put_file(struct export *export, const char *name, struct err *err)
{
	auto_writer folder = { 0 };
	size_t slash;

	writer_clear(&export->path);
	writer_printf(&export->path, "%s/epoch/%lld/%s", export->directory,
		      (long long)export->epoch, name);
	for (slash = export->path.len; export->path.at[slash] != '/'; slash--)
		;
	writer_put(&folder, str_sub(writer_str(&export->path), 0, slash));

	auto_fd fd = -1;

	if (!folder_make(folder.at, 0755, err))
		return false;
	fd = open(export->path.at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return fail(err, MSG_FILE_FAILED, "create", export->path.at, errno_text(errno));
	return fd_write(fd, export->path.at, writer_str(&export->bytes), err);
}

static bool put_tile(struct export *export, const struct tile_path *path, struct err *err)
{
	auto_writer name = { 0 };

	tile_path_write(path, &name);
	return put_file(export, name.at, err);
}

/* All tiles of one level, or all bundles. */
static bool export_row(struct export *export, enum tile_kind kind, int level, int64_t count,
		       struct err *err)
{
	for (int64_t index = 0; index * TILE_WIDTH < count; index++) {
		int64_t first = index * TILE_WIDTH, left = count - first;
		struct tile_path path = { .kind = kind, .level = level, .index = index };
		struct digest hashes[TILE_WIDTH];
		int stored;

		path.width = left < TILE_WIDTH ? (size_t)left : TILE_WIDTH;
		writer_clear(&export->bytes);
		if (kind == TILE_ENTRIES) {
			if (!bundle_collect(export->conn, export->epoch, first,
					    first + (int64_t)path.width, &export->bytes, err))
				return false;
		} else {
			if (!tile_read(export->conn, export->epoch, level, index, hashes, &stored,
				       err))
				return false;
			if (stored < (int)path.width)
				return fail(err, MSG_LEDGER_TILE_DAMAGED, export->epoch, level,
					    index);
			writer_put(&export->bytes,
				   (struct str){ (const char *)hashes, path.width * DIGEST_SIZE });
		}
		if (!put_tile(export, &path, err))
			return false;
	}
	return true;
}

static bool export_epoch(struct export *export, const struct log_state *end,
			 const struct note_verifier *verifier, struct err *err)
{
	writer_clear(&export->bytes);
	note_verifier_write(verifier, &export->bytes);
	writer_byte(&export->bytes, '\n');
	if (!put_file(export, "key", err) || !export_row(export, TILE_ENTRIES, 0, end->size, err))
		return false;
	for (int level = 0; level < TILE_LEVELS && end->size >> (TILE_HEIGHT * level) > 0;
	     level++) {
		if (!export_row(export, TILE_HASHES, level, end->size >> (TILE_HEIGHT * level),
				err))
			return false;
	}
	/* The checkpoint last: who finds one finds all that it covers. */
	writer_clear(&export->bytes);
	writer_text(&export->bytes, end->note);
	return put_file(export, "checkpoint", err);
}

struct exporting {
	const char *directory;
	int64_t entries;
};

static bool export_all(struct conn *conn, void *context, struct err *err)
{
	struct exporting *exporting = context;
	struct export export = { .conn = conn, .directory = exporting->directory, .epoch = 1 };
	struct log_state state;
	bool found, done;

	exporting->entries = 0;
	done = state_read(conn, &state, &found, err) &&
	       (found || fail(err, MSG_LEDGER_STATE_DAMAGED));
	for (; done && export.epoch <= state.epoch; export.epoch++) {
		struct log_epoch epoch;

		done = epoch_read(conn, export.epoch, &epoch, &found, err) &&
		       (found || fail(err, MSG_LEDGER_EPOCH_MISSING, export.epoch));
		if (!done)
			break;
		if (export.epoch == state.epoch)
			epoch.last = state;
		done = export_epoch(&export, &epoch.last, &epoch.verifier, err);
		exporting->entries += epoch.last.size;
	}
	writer_release(&export.path);
	writer_release(&export.bytes);
	return done;
}

static bool folder_is_empty(const char *path)
{
	DIR *folder = opendir(path);
	int names = 0;

	for (struct dirent *file; folder && (file = readdir(folder));)
		names += strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0;
	if (folder)
		closedir(folder);
	return folder && names == 0;
}

bool ledger_export(struct store *store, const char *directory, int64_t *entries, struct err *err)
{
	struct exporting exporting = { .directory = directory };

	if (!folder_make(directory, 0755, err))
		return false;
	if (!folder_is_empty(directory))
		return fail(err, MSG_LEDGER_EXPORT_FOLDER, directory);
	if (!store_read(store, export_all, &exporting, err))
		return false;
	*entries = exporting.entries;
	return true;
}
