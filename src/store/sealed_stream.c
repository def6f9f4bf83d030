#include "store/sealed_stream.h"

#include <errno.h>

#include "base/file.h"
#include "base/memory.h"

/* Sealing adds tag, version, nonce and tag: far below this. */
enum { SEALED_MAX = SEALED_CHUNK + 1024 };

void sealed_stream_start(struct sealed_stream *stream, int fd, const char *path,
			 const struct keyring *keyring, enum key_use use, struct str context)
{
	memset(stream, 0, sizeof(*stream));
	stream->fd = fd;
	stream->path = path;
	stream->keyring = keyring;
	stream->use = use;
	writer_put(&stream->context, context);
	stream->context_len = context.len;
}

void sealed_stream_release(struct sealed_stream *stream)
{
	if (stream->plain.at)
		memory_wipe(stream->plain.at, stream->plain.size);
	writer_release(&stream->context);
	writer_release(&stream->plain);
	writer_release(&stream->sealed);
}

static void put_number(struct writer *to, uint64_t number, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		writer_byte(to, (char)(number >> (8 * i)));
}

static struct str context_of(struct sealed_stream *stream, bool last)
{
	stream->context.len = stream->context_len;
	put_number(&stream->context, stream->number, 8);
	writer_byte(&stream->context, last ? 1 : 0);
	return writer_str(&stream->context);
}

static bool put_chunk(struct sealed_stream *stream, struct str plain, bool last, struct err *err)
{
	auto_writer length = { 0 };

	writer_clear(&stream->sealed);
	if (!keyring_seal(stream->keyring, stream->use, context_of(stream, last), plain,
			  &stream->sealed, err))
		return false;
	stream->number++;
	put_number(&length, stream->sealed.len, 4);
	if (stream->hasher) {
		hasher_add(stream->hasher, writer_str(&length));
		hasher_add(stream->hasher, writer_str(&stream->sealed));
	}
	return fd_write(stream->fd, stream->path, writer_str(&length), err) &&
	       fd_write(stream->fd, stream->path, writer_str(&stream->sealed), err);
}

bool sealed_put(struct sealed_stream *stream, struct str bytes, struct err *err)
{
	while (bytes.len > 0) {
		struct str part = str_sub(bytes, 0, SEALED_CHUNK - stream->plain.len);

		writer_put(&stream->plain, part);
		bytes = str_sub(bytes, part.len, bytes.len);
		if (stream->plain.len < SEALED_CHUNK)
			continue;
		if (!put_chunk(stream, writer_str(&stream->plain), false, err))
			return false;
		writer_clear(&stream->plain);
	}
	return true;
}

bool sealed_end(struct sealed_stream *stream, struct err *err)
{
	return put_chunk(stream, writer_str(&stream->plain), true, err);
}

bool fd_read(int fd, const char *path, void *to, size_t size, size_t *got, struct err *err)
{
	size_t total = 0;

	while (total < size) {
		ssize_t part = read(fd, (char *)to + total, size - total);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return fail(err, MSG_FILE_FAILED, "read", path, errno_text(errno));
		if (part == 0)
			break;
		total += (size_t)part;
	}
	*got = total;
	return true;
}

static bool broken(const struct sealed_stream *stream, struct err *err)
{
	return fail(err, MSG_STORE_SEAL_BROKEN, stream->path, stream->number);
}

static bool unseal_chunk(struct sealed_stream *stream, struct str sealed, struct err *err)
{
	/* Whether it is the last one stands nowhere in clear: the end of the file says what to
	 * expect. */
	char probe;
	size_t more;

	if (!fd_read(stream->fd, stream->path, &probe, 1, &more, err))
		return false;
	stream->last = more == 0;
	if (more && lseek(stream->fd, -1, SEEK_CUR) < 0)
		return fail(err, MSG_FILE_FAILED, "read", stream->path, errno_text(errno));
	writer_clear(&stream->plain);
	if (!keyring_unseal(stream->keyring, stream->use, context_of(stream, stream->last), sealed,
			    &stream->plain, err))
		return broken(stream, err);
	stream->number++;
	stream->taken = 0;
	return true;
}

static bool get_chunk(struct sealed_stream *stream, struct err *err)
{
	uint8_t length[4];
	size_t got, size;

	if (!fd_read(stream->fd, stream->path, length, sizeof(length), &got, err))
		return false;
	if (got < sizeof(length))
		return broken(stream, err);
	size = (size_t)length[0] << 24 | (size_t)length[1] << 16 | (size_t)length[2] << 8 |
	       length[3];
	if (size > SEALED_MAX)
		return broken(stream, err);
	writer_clear(&stream->sealed);

	char *to = writer_reserve(&stream->sealed, size);

	if (!fd_read(stream->fd, stream->path, to, size, &got, err))
		return false;
	if (got < size)
		return broken(stream, err);
	if (stream->hasher) {
		hasher_add(stream->hasher, (struct str){ (const char *)length, sizeof(length) });
		hasher_add(stream->hasher, writer_str(&stream->sealed));
	}
	return unseal_chunk(stream, writer_str(&stream->sealed), err);
}

bool sealed_get(struct sealed_stream *stream, size_t limit, struct str *bytes, struct err *err)
{
	while (stream->taken == stream->plain.len && !stream->last) {
		if (!get_chunk(stream, err))
			return false;
	}
	*bytes = str_sub(writer_str(&stream->plain), stream->taken, limit);
	stream->taken += bytes->len;
	return true;
}

bool sealed_read(struct sealed_stream *stream, void *to, size_t size, struct err *err)
{
	while (size > 0) {
		struct str part;

		if (!sealed_get(stream, size, &part, err))
			return false;
		if (part.len == 0)
			return broken(stream, err);
		memcpy(to, part.at, part.len);
		to = (char *)to + part.len;
		size -= part.len;
	}
	return true;
}
