/*
 * Owns sealed streams: bytes of any length as chunks under a data key, each bound to its place, the
 * last one marked, so that a changed, moved, missing or added chunk is noticed. Internal to the
 * store: blobs and backups.
 *
 * A chunk: length of the sealed bytes (4 bytes, big-endian), sealed bytes (keyring_seal) with the
 * context CONTEXT ‖ number (8 bytes, big-endian) ‖ 1 for the last chunk, else 0.
 */
#ifndef XIEDUN_STORE_SEALED_STREAM_H
#define XIEDUN_STORE_SEALED_STREAM_H

#include "crypto/keyring.h"

enum { SEALED_CHUNK = 64 * 1024 };

struct sealed_stream {
	int fd;           /* borrowed */
	const char *path; /* borrowed, for messages */
	const struct keyring *keyring;
	enum key_use use;
	struct writer context, plain, sealed;
	size_t context_len, taken; /* taken: bytes of `plain` that were read */
	uint64_t number;
	bool last;             /* the last chunk was read */
	struct hasher *hasher; /* may be NULL: over the bytes of the file */
};

void sealed_stream_start(struct sealed_stream *, int fd, const char *path, const struct keyring *,
			 enum key_use, struct str context);
void sealed_stream_release(struct sealed_stream *);
#define auto_sealed_stream cleanup_with(sealed_stream_release) struct sealed_stream

must_use bool sealed_put(struct sealed_stream *, struct str, struct err *);
/* Writes the last chunk; flushing the file is the caller's. */
must_use bool sealed_end(struct sealed_stream *, struct err *);

/* Some bytes, borrowed until the next call; empty only at the stream's proven end.
 * MSG_STORE_SEAL_BROKEN. */
must_use bool sealed_get(struct sealed_stream *, size_t limit, struct str *, struct err *);
/* Exactly so many; an end before is MSG_STORE_SEAL_BROKEN. */
must_use bool sealed_read(struct sealed_stream *, void *to, size_t size, struct err *);

/* Reads `size` bytes of a file, or what is left of it; *got tells. */
must_use bool fd_read(int fd, const char *path, void *to, size_t size, size_t *got, struct err *);

#endif
