#include "store/blob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/uuid.h"
#include "store/sealed_stream.h"

static const char SQL_REGISTER[] = "INSERT INTO blob (hash, size, created) VALUES (:hash, :size, "
				   ":now) ON CONFLICT (hash) DO NOTHING";

struct blobs {
	char *directory, *folder;
	const struct keyring *keyring;
};

enum { STALE_SECONDS = 24 * 60 * 60 };

static void remove_stale(const char *folder)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;
	struct stat info;

	if (!entries)
		return;
	while ((entry = readdir(entries))) {
		auto_memory char *path = path_join(folder, entry->d_name);

		if (str_ends(str_of(entry->d_name), ".new") && stat(path, &info) == 0 &&
		    info.st_mtime < clock_now() / SECONDS(1) - STALE_SECONDS)
			(void)unlink(path);
	}
	(void)closedir(entries);
}

bool blobs_open(const char *directory, const struct keyring *keyring, struct blobs **to,
		struct err *err)
{
	auto_memory char *folder = path_join(directory, "blobs");

	if (!folder_make(folder, 0700, err))
		return false;
	remove_stale(folder);

	struct blobs *blobs = memory_zero(1, sizeof(*blobs));

	blobs->directory = memory_copy(str_of(directory));
	blobs->folder = steal(folder);
	blobs->keyring = keyring;
	*to = blobs;
	return true;
}

void blobs_free(struct blobs *blobs)
{
	if (!blobs)
		return;
	free(blobs->directory);
	free(blobs->folder);
	free(blobs);
}

char *blob_path(const struct digest *hash)
{
	auto_writer path = { 0 };

	writer_text(&path, "blobs/");
	hex_write(&path, str_sub(digest_str(hash), 0, 1));
	writer_byte(&path, '/');
	hex_write(&path, str_sub(digest_str(hash), 1, DIGEST_SIZE));
	return steal(path.at);
}

/* Reads the file from its beginning on; each piece goes into the hash and, where there is one, into
 * the stream. */
static bool pass(int fd, struct sealed_stream *stream, struct blob *blob, struct err *err)
{
	auto_memory char *piece = memory_zero(SEALED_CHUNK, 1);
	auto_hasher hasher = { 0 };
	int64_t size = 0;
	size_t got;

	if (lseek(fd, 0, SEEK_SET) != 0)
		return fail(err, MSG_FILE_FAILED, "read", "upload", errno_text(errno));
	hasher_start(&hasher);
	do {
		struct str part = { piece, 0 };

		if (!fd_read(fd, "upload", piece, SEALED_CHUNK, &got, err))
			return false;
		part.len = got;
		size += (int64_t)got;
		hasher_add(&hasher, part);
		if (stream && !sealed_put(stream, part, err))
			return false;
	} while (got > 0);
	memory_wipe(piece, SEALED_CHUNK);
	*blob = (struct blob){ hasher_finish(&hasher), size };
	return true;
}

static bool write_sealed(struct blobs *blobs, int from, const char *path, const struct blob *blob,
			 struct err *err)
{
	auto_fd fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	auto_sealed_stream stream;
	struct blob again;

	sealed_stream_start(&stream, fd, path, blobs->keyring, KEY_BLOB, digest_str(&blob->hash));
	if (fd < 0)
		return fail(err, MSG_FILE_FAILED, "create", path, errno_text(errno));
	if (!pass(from, &stream, &again, err) || !sealed_end(&stream, err))
		return false;
	if (!digest_equal(&again.hash, &blob->hash))
		return fail(err, MSG_BLOB_CHANGED);
	if (fsync(fd) != 0)
		return fail(err, MSG_FILE_FAILED, "flush", path, errno_text(errno));
	return true;
}

bool blob_put(struct blobs *blobs, int fd, struct blob *to, struct err *err)
{
	struct uuid id = uuid_new();
	char name[UUID_TEXT_SIZE];
	auto_writer beside = { 0 };
	struct blob blob;

	if (!pass(fd, NULL, &blob, err))
		return false;

	auto_memory char *relative = blob_path(&blob.hash);
	auto_memory char *path = path_join(blobs->directory, relative);
	auto_memory char *folder = memory_copy(str_sub(str_of(path), 0, strlen(path) - 63));

	writer_printf(&beside, "%s/%s.new", blobs->folder, uuid_text(&id, name));
	if (!folder_make(folder, 0700, err))
		return false;
	if (!write_sealed(blobs, fd, beside.at, &blob, err)) {
		(void)unlink(beside.at);
		return false;
	}
	if (rename(beside.at, path) != 0) {
		(void)fail(err, MSG_FILE_FAILED, "replace", path, errno_text(errno));
		(void)unlink(beside.at);
		return false;
	}
	if (!folder_flush(folder, err))
		return false;
	*to = blob;
	return true;
}

bool blob_register(struct conn *conn, const struct blob *blob, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_REGISTER);

	query_blob(&query, "hash", digest_str(&blob->hash));
	query_int(&query, "size", blob->size);
	query_int(&query, "now", clock_now());
	return query_run(&query, NULL, err);
}

bool blob_get(struct blobs *blobs, const struct digest *hash, blob_sink_fn *sink, void *context,
	      struct err *err)
{
	auto_memory char *relative = blob_path(hash);
	auto_memory char *path = path_join(blobs->directory, relative);
	auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	auto_hasher hasher = { 0 };
	auto_sealed_stream stream;
	struct str piece;

	sealed_stream_start(&stream, fd, path, blobs->keyring, KEY_BLOB, digest_str(hash));
	if (fd < 0)
		return errno == ENOENT
			       ? fail(err, MSG_BLOB_MISSING, path)
			       : fail(err, MSG_FILE_FAILED, "open", path, errno_text(errno));
	hasher_start(&hasher);
	do {
		if (!sealed_get(&stream, SEALED_CHUNK, &piece, err))
			return err->message == MSG_STORE_SEAL_BROKEN
				       ? fail(err, MSG_BLOB_DAMAGED, path)
				       : false;
		hasher_add(&hasher, piece);
		if (piece.len > 0 && !sink(context, piece, err))
			return false;
	} while (piece.len > 0);

	struct digest got = hasher_finish(&hasher);

	return digest_equal(&got, hash) ? true : fail(err, MSG_BLOB_DAMAGED, path);
}
