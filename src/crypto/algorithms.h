/* Owns libcrypto's algorithm objects: each fetched once for the life of the process, since a fetch
 * by name costs as much as hashing a leaf. */
#ifndef XIEDUN_CRYPTO_ALGORITHMS_H
#define XIEDUN_CRYPTO_ALGORITHMS_H

#include <openssl/types.h>

#include "base/err.h"

struct algorithms {
	EVP_MD *sha256;
	EVP_CIPHER *aes_256_gcm;
};

/* Never NULL; aborts when libcrypto cannot give them. */
const struct algorithms *algorithms(void);

/* MSG_CRYPTO_FAILED with libcrypto's own reason; empties its error queue. False. */
bool crypto_failed(struct err *, const char *action);

#endif
