/* Owns buffers for secrets: wiped on every way out of the block that holds them. */
#ifndef XIEDUN_CRYPTO_SECRET_H
#define XIEDUN_CRYPTO_SECRET_H

#include "base/memory.h"
#include "base/writer.h"

/* Wide enough for a key and its nonce, or two keys. */
struct secret {
	uint8_t bytes[64];
};

static inline void secret_wipe(struct secret *secret)
{
	memory_wipe(secret, sizeof(*secret));
}
#define auto_secret cleanup_with(secret_wipe) struct secret

/* A writer whose content is wiped. It must not grow while it holds a secret: growing leaves a copy
 * behind. */
static inline void secret_writer_release(struct writer *writer)
{
	if (writer->at)
		memory_wipe(writer->at, writer->size);
	writer_release(writer);
}
#define auto_secret_writer cleanup_with(secret_writer_release) struct writer

#endif
