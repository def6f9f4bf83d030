/* Owns Argon2id (RFC 9106): a key or hash from what a person can remember. */
#ifndef XIEDUN_CRYPTO_ARGON_H
#define XIEDUN_CRYPTO_ARGON_H

#include "base/str.h"

enum { ARGON_SALT_SIZE = 16 };

struct argon_cost {
	uint32_t memory; /* KiB, at least 8 a lane */
	uint32_t passes;
	uint32_t lanes;
};

/* `size` bytes, 4 to 64. Aborts when there is no memory. */
void argon_derive(const struct argon_cost *, struct str password,
		  const uint8_t salt[ARGON_SALT_SIZE], void *to, size_t size);

#endif
