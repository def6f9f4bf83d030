/* libcrypto's headers first: they use the word "unused", which base/compiler.h defines. */
#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto/sign.h"

#include "base/memory.h"
#include "crypto/algorithms.h"

struct signer {
	EVP_PKEY *key; /* libcrypto wipes it when it is freed */
	struct public_key public;
};

static inline void free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}
#define auto_pkey cleanup_with(free_key) EVP_PKEY *

static inline void free_context(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}
#define auto_context cleanup_with(free_context) EVP_MD_CTX *

bool signer_new(const uint8_t seed[SIGN_SEED_SIZE], struct signer **signer, struct err *err)
{
	auto_pkey key =
		EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, SIGN_SEED_SIZE);
	struct public_key public;
	size_t size = sizeof(public.bytes);

	if (!key || EVP_PKEY_get_raw_public_key(key, public.bytes, &size) != 1)
		return crypto_failed(err, "make an Ed25519 key");

	struct signer *made = memory_zero(1, sizeof(*made));

	made->key = steal(key);
	made->public = public;
	*signer = made;
	return true;
}

void signer_free(struct signer *signer)
{
	if (!signer)
		return;
	EVP_PKEY_free(signer->key);
	free(signer);
}

const struct public_key *signer_public(const struct signer *signer)
{
	return &signer->public;
}

bool signer_sign(const struct signer *signer, struct str message, struct signature *signature,
		 struct err *err)
{
	auto_context context = EVP_MD_CTX_new();
	struct signature made;
	size_t size = sizeof(made.bytes);

	if (!context ||
	    EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, signer->key, NULL) != 1 ||
	    EVP_DigestSign(context, made.bytes, &size, (const uint8_t *)message.at, message.len) !=
		    1)
		return crypto_failed(err, "sign");
	*signature = made;
	return true;
}

bool signature_valid(const struct public_key *public, struct str message,
		     const struct signature *signature)
{
	auto_pkey key = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, public->bytes,
						       SIGN_PUBLIC_SIZE);
	auto_context context = EVP_MD_CTX_new();
	bool valid = key && context &&
		     EVP_DigestVerifyInit_ex(context, NULL, NULL, NULL, NULL, key, NULL) == 1 &&
		     EVP_DigestVerify(context, signature->bytes, SIGNATURE_SIZE,
				      (const uint8_t *)message.at, message.len) == 1;

	ERR_clear_error();
	return valid;
}
