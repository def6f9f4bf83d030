/*
 * Owns blobs: files named by the SHA-256 of their content, sealed on disk. DIR/blobs/ab/cdef… holds one sealed stream
 * under KEY_BLOB, bound to the hash. With several servers the folder is a shared mount.
 */
#ifndef XIEDUN_STORE_BLOB_H
#define XIEDUN_STORE_BLOB_H

#include "crypto/keyring.h"
#include "store/query.h"

struct blobs;

/* `directory` is the data directory; the keyring is borrowed. Removes what a crash left half written a day or more ago. */
must_use bool blobs_open(const char *directory, const struct keyring *, struct blobs **,
			 struct err *);
void blobs_free(struct blobs *);
DEFINE_AUTO(blobs, blobs_free)
#define auto_blobs cleanup_with(auto_free_blobs) struct blobs *

struct blob {
	struct digest hash;
	int64_t size; /* in bytes, of the content */
};

/*
 * Stores what the regular file holds from its beginning on, durable when this returns. It is read twice: content that
 * changes meanwhile is MSG_BLOB_CHANGED. The same content again is fine, and mends a damaged copy.
 */
must_use bool blob_put(struct blobs *, int fd, struct blob *, struct err *);

/* Says inside of a change that this blob belongs to the data: backups take only such. The same one again is fine. */
must_use bool blob_register(struct conn *, const struct blob *, struct err *);

/*
 * Hands the content out piece by piece. MSG_BLOB_MISSING when there is none; MSG_BLOB_DAMAGED at the first piece that is
 * not what was stored, so that what the sink got before is right but not all.
 */
typedef bool blob_sink_fn(void *context, struct str piece, struct err *);
must_use bool blob_get(struct blobs *, const struct digest *hash, blob_sink_fn *, void *context,
		       struct err *);

/* "blobs/ab/cdef…", relative to the data directory; the caller frees it. */
char *blob_path(const struct digest *hash);

#endif
