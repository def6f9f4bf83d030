/* libcrypto's headers first: they use the word "unused", which base/compiler.h defines. */
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "crypto/digest.h"

#include "base/memory.h"
#include "crypto/algorithms.h"

enum { BLOCK_SIZE = 64 }; /* SHA-256's, FIPS 180-4, section 1 */

/* libcrypto refuses to hash only when it has no memory. */
static void require(int done)
{
	if (done != 1)
		abort();
}

struct digest sha256(struct str data)
{
	struct digest digest;

	require(EVP_Digest(data.at, data.len, digest.bytes, NULL, algorithms()->sha256, NULL));
	return digest;
}

void hasher_start(struct hasher *hasher)
{
	if (!hasher->context)
		hasher->context = EVP_MD_CTX_new();
	if (!hasher->context)
		abort();
	require(EVP_DigestInit_ex2(hasher->context, algorithms()->sha256, NULL));
}

void hasher_add(struct hasher *hasher, struct str data)
{
	require(EVP_DigestUpdate(hasher->context, data.at, data.len));
}

struct digest hasher_finish(struct hasher *hasher)
{
	struct digest digest;

	require(EVP_DigestFinal_ex(hasher->context, digest.bytes, NULL));
	return digest;
}

void hasher_release(struct hasher *hasher)
{
	EVP_MD_CTX_free(hasher->context);
	hasher->context = NULL;
}

/*
 * HMAC is put together here from the digest fetched once: libcrypto's own looks its digest up by
 * name each time that it starts, which costs more than the hashing of a short text.
 */
struct hmac {
	struct hasher hasher;
	uint8_t pad[BLOCK_SIZE];
};

static void hmac_release(struct hmac *hmac)
{
	memory_wipe(hmac->pad, sizeof(hmac->pad));
	hasher_release(&hmac->hasher);
}
#define auto_hmac cleanup_with(hmac_release) struct hmac

static void hmac_flip_pad(struct hmac *hmac, uint8_t with)
{
	for (size_t i = 0; i < BLOCK_SIZE; i++)
		hmac->pad[i] ^= with;
}

static void hmac_start(struct hmac *hmac, struct str key)
{
	struct digest short_key;

	if (key.len > BLOCK_SIZE) {
		short_key = sha256(key);
		key = digest_str(&short_key);
	}
	memset(hmac->pad, 0, BLOCK_SIZE);
	if (key.len > 0)
		memcpy(hmac->pad, key.at, key.len);
	hmac_flip_pad(hmac, 0x36);
	hasher_start(&hmac->hasher);
	hasher_add(&hmac->hasher, (struct str){ (const char *)hmac->pad, BLOCK_SIZE });
}

static struct digest hmac_finish(struct hmac *hmac)
{
	struct digest inner = hasher_finish(&hmac->hasher);

	hmac_flip_pad(hmac, 0x36 ^ 0x5c);
	hasher_start(&hmac->hasher);
	hasher_add(&hmac->hasher, (struct str){ (const char *)hmac->pad, BLOCK_SIZE });
	hasher_add(&hmac->hasher, digest_str(&inner));
	return hasher_finish(&hmac->hasher);
}

struct digest hmac_sha256(struct str key, struct str data)
{
	auto_hmac hmac = { 0 };

	hmac_start(&hmac, key);
	hasher_add(&hmac.hasher, data);
	return hmac_finish(&hmac);
}

void hkdf_sha256(struct str key, struct str salt, struct str info, void *to, size_t size)
{
	struct digest pseudorandom_key = hmac_sha256(salt, key), block;
	auto_hmac hmac = { 0 };
	uint8_t *out = to;

	if (size > 255 * DIGEST_SIZE)
		abort();
	for (uint8_t counter = 1; size > 0; counter++) {
		size_t part = size < DIGEST_SIZE ? size : DIGEST_SIZE;

		hmac_start(&hmac, digest_str(&pseudorandom_key));
		if (counter > 1)
			hasher_add(&hmac.hasher, digest_str(&block));
		hasher_add(&hmac.hasher, info);
		hasher_add(&hmac.hasher, (struct str){ (const char *)&counter, 1 });
		block = hmac_finish(&hmac);
		memcpy(out, block.bytes, part);
		out += part;
		size -= part;
	}
	memory_wipe(&pseudorandom_key, sizeof(pseudorandom_key));
	memory_wipe(&block, sizeof(block));
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

struct str digest_str(const struct digest *digest)
{
	return (struct str){ (const char *)digest->bytes, DIGEST_SIZE };
}

bool secret_equal(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.at, b.at, a.len) == 0);
}
