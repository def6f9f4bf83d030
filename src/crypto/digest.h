/* Owns hashing: SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), the algorithms fetched once. */
#ifndef XIEDUN_CRYPTO_DIGEST_H
#define XIEDUN_CRYPTO_DIGEST_H

#include "base/str.h"

enum { DIGEST_SIZE = 32 };

struct digest {
	uint8_t bytes[DIGEST_SIZE];
};

struct digest sha256(struct str data);

/* A hash over several pieces: start, add, finish. Abort when libcrypto fails; it does so only without memory. */
struct hasher {
	void *context;
};
void hasher_start(struct hasher *);
void hasher_add(struct hasher *, struct str data);
/* The digest so far's end; the hasher may start again without a new allocation. */
struct digest hasher_finish(struct hasher *);
void hasher_release(struct hasher *);
#define auto_hasher cleanup_with(hasher_release) struct hasher

struct digest hmac_sha256(struct str key, struct str data);

/* HKDF (RFC 5869) with SHA-256: `size` bytes, at most 8160; aborts beyond. */
void hkdf_sha256(struct str key, struct str salt, struct str info, void *to, size_t size);

bool digest_equal(const struct digest *, const struct digest *);
struct str digest_str(const struct digest *);

/* The same time for any content: for secrets. */
bool secret_equal(struct str, struct str);

#endif
