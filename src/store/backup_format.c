#include "store/backup_format.h"

#include <errno.h>
#include <fcntl.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/memory.h"
#include "base/random.h"

static const char MAGIC[] = "XIEDUN BACKUP 1\n";

enum { MAGIC_SIZE = 16, ID_SIZE = 16, KEYRING_MAX = 1024 * 1024, OPENING_MAX = 1024 * 1024 };
enum { RECORD_OPENING = 'O', RECORD_PART = 'P', RECORD_END = 'E' };

void backup_file_release(struct backup_file *file)
{
	if (file->fd >= 0 && file->path)
		(void)close(file->fd);
	free(file->path);
	hasher_release(&file->hasher);
	hasher_release(&file->parts.hasher);
	sealed_stream_release(&file->stream);
	writer_release(&file->parts.list);
	writer_release(&file->block);
}

static void put_u32(struct writer *to, size_t number)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		writer_byte(to, (char)(number >> shift));
}

static size_t get_u32(const uint8_t *at)
{
	return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

static void start_stream(struct backup_file *file, const struct keyring *keyring,
			 struct digest header)
{
	auto_writer context = { 0 };

	writer_text(&context, "backup");
	writer_put(&context, digest_str(&header));
	sealed_stream_start(&file->stream, file->fd, file->path, keyring, KEY_BACKUP,
			    writer_str(&context));
	file->stream.hasher = &file->hasher;
}

static bool put_record(struct backup_file *file, char kind, struct str bytes, struct err *err)
{
	auto_writer head = { 0 };

	writer_byte(&head, kind);
	put_u32(&head, bytes.len);
	return sealed_put(&file->stream, writer_str(&head), err) &&
	       sealed_put(&file->stream, bytes, err);
}

bool backup_start(struct backup_file *file, const char *path, const struct keyring *keyring,
		  struct str keyring_bytes, struct str opening, struct err *err)
{
	auto_writer header = { 0 };

	memset(file, 0, sizeof(*file));
	file->path = memory_copy(str_of(path));
	file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file->fd < 0)
		return fail(err, MSG_FILE_FAILED, "create", path, errno_text(errno));
	writer_text(&header, MAGIC);
	random_bytes(writer_reserve(&header, ID_SIZE), ID_SIZE);
	put_u32(&header, keyring_bytes.len);
	writer_put(&header, keyring_bytes);
	hasher_start(&file->hasher);
	hasher_add(&file->hasher, writer_str(&header));
	start_stream(file, keyring, sha256(writer_str(&header)));
	return fd_write(file->fd, path, writer_str(&header), err) &&
	       put_record(file, RECORD_OPENING, opening, err);
}

static void part_begin(struct backup_parts *parts, struct str name)
{
	memcpy(parts->name, name.at, name.len);
	parts->name[name.len] = '\0';
	parts->size = 0;
	hasher_start(&parts->hasher);
}

static void part_add(struct backup_parts *parts, struct str bytes)
{
	parts->size += (int64_t)bytes.len;
	hasher_add(&parts->hasher, bytes);
}

static void part_finish(struct backup_parts *parts)
{
	struct json json = json_into(&parts->list);
	struct digest hash = hasher_finish(&parts->hasher);
	auto_writer digits = { 0 };

	hex_write(&digits, digest_str(&hash));
	if (parts->count++ > 0)
		writer_byte(&parts->list, ',');
	json_object(&json);
	json_put_text(&json, "name", parts->name);
	json_put_int(&json, "size", parts->size);
	json_put_str(&json, "sha256", writer_str(&digits));
	json_object_end(&json);
}

bool backup_part(struct backup_file *file, const char *name, struct err *err)
{
	struct str text = str_of(name);

	assert(text.len <= BACKUP_NAME_MAX);
	part_begin(&file->parts, text);
	return put_record(file, RECORD_PART, text, err);
}

bool backup_put(struct backup_file *file, struct str block, struct err *err)
{
	while (block.len > 0) {
		struct str part = str_sub(block, 0, BACKUP_BLOCK_MAX);
		auto_writer head = { 0 };

		put_u32(&head, part.len);
		part_add(&file->parts, part);
		if (!sealed_put(&file->stream, writer_str(&head), err) ||
		    !sealed_put(&file->stream, part, err))
			return false;
		block = str_sub(block, part.len, block.len);
	}
	return true;
}

bool backup_part_end(struct backup_file *file, struct err *err)
{
	part_finish(&file->parts);
	return sealed_put(&file->stream, (struct str){ "\0\0\0", 4 }, err);
}

bool backup_finish(struct backup_file *file, struct err *err)
{
	if (!put_record(file, RECORD_END, writer_str(&file->parts.list), err) ||
	    !sealed_end(&file->stream, err))
		return false;
	return fsync(file->fd) == 0
		       ? true
		       : fail(err, MSG_FILE_FAILED, "flush", file->path, errno_text(errno));
}

struct digest backup_hash(struct backup_file *file)
{
	return hasher_finish(&file->hasher);
}

/* Some bytes of the header; too few mean that this is no backup. */
static bool read_header(struct backup_file *file, struct writer *to, size_t size, struct err *err)
{
	size_t got;

	if (!fd_read(file->fd, file->path, writer_reserve(to, size), size, &got, err))
		return false;
	return got == size ? true : fail(err, MSG_BACKUP_FORMAT, file->path);
}

bool backup_open(struct backup_file *file, const char *path, struct writer *keyring_bytes,
		 struct err *err)
{
	enum { FIXED = MAGIC_SIZE + ID_SIZE + 4 };

	memset(file, 0, sizeof(*file));
	file->path = memory_copy(str_of(path));
	file->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0 && errno == ENOENT)
		return fail(err, MSG_FILE_MISSING, path);
	if (file->fd < 0)
		return fail(err, MSG_FILE_FAILED, "open", path, errno_text(errno));
	if (!read_header(file, &file->block, FIXED, err))
		return false;

	size_t size = get_u32((const uint8_t *)file->block.at + FIXED - 4);

	if (memcmp(file->block.at, MAGIC, MAGIC_SIZE) != 0 || size > KEYRING_MAX)
		return fail(err, MSG_BACKUP_FORMAT, path);
	if (!read_header(file, &file->block, size, err))
		return false;
	writer_put(keyring_bytes, str_sub(writer_str(&file->block), FIXED, size));
	hasher_start(&file->hasher);
	hasher_add(&file->hasher, writer_str(&file->block));
	return true;
}

static bool get_head(struct backup_file *file, char *kind, size_t *size, struct err *err)
{
	uint8_t head[5];

	if (!sealed_read(&file->stream, head, sizeof(head), err))
		return false;
	*kind = (char)head[0];
	*size = get_u32(head + 1);
	return true;
}

static bool get_bytes(struct backup_file *file, size_t size, struct writer *to, struct err *err)
{
	writer_clear(to);
	return sealed_read(&file->stream, writer_reserve(to, size), size, err);
}

bool backup_opening(struct backup_file *file, const struct keyring *keyring, struct writer *opening,
		    struct err *err)
{
	char kind;
	size_t size;

	start_stream(file, keyring, sha256(writer_str(&file->block)));
	if (!get_head(file, &kind, &size, err))
		return false;
	if (kind != RECORD_OPENING || size > OPENING_MAX)
		return fail(err, MSG_BACKUP_FORMAT, file->path);
	return get_bytes(file, size, opening, err);
}

/* The list must tell what came, and nothing may follow. */
static bool check_end(struct backup_file *file, size_t size, struct err *err)
{
	struct str rest;

	if (size != file->parts.list.len)
		return fail(err, MSG_BACKUP_FORMAT, file->path);
	if (!get_bytes(file, size, &file->block, err) || !sealed_get(&file->stream, 1, &rest, err))
		return false;
	if (rest.len > 0 || !str_equal(writer_str(&file->block), writer_str(&file->parts.list)))
		return fail(err, MSG_BACKUP_FORMAT, file->path);
	return true;
}

bool backup_next_part(struct backup_file *file, bool *more, struct err *err)
{
	char kind;
	size_t size;

	if (!get_head(file, &kind, &size, err))
		return false;
	*more = kind == RECORD_PART;
	if (kind == RECORD_END)
		return check_end(file, size, err);
	if (kind != RECORD_PART || size > BACKUP_NAME_MAX)
		return fail(err, MSG_BACKUP_FORMAT, file->path);
	if (!get_bytes(file, size, &file->block, err))
		return false;
	part_begin(&file->parts, writer_str(&file->block));
	return true;
}

bool backup_block(struct backup_file *file, struct str *block, struct err *err)
{
	uint8_t head[4];
	size_t size;

	if (!sealed_read(&file->stream, head, sizeof(head), err))
		return false;
	size = get_u32(head);
	if (size > BACKUP_BLOCK_MAX)
		return fail(err, MSG_BACKUP_FORMAT, file->path);
	if (!get_bytes(file, size, &file->block, err))
		return false;
	if (size == 0)
		part_finish(&file->parts);
	else
		part_add(&file->parts, writer_str(&file->block));
	*block = writer_str(&file->block);
	return true;
}
