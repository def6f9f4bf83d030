/* libcrypto's headers first: they use the word "unused", which base/compiler.h defines. */
#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto/suite.h"

#include "base/random.h"
#include "crypto/algorithms.h"
#include "crypto/secret.h"

enum { GCM_KEY_SIZE = 32, GCM_NONCE_SIZE = 12, GCM_TAG_SIZE = 16 };

static inline void free_context(EVP_CIPHER_CTX **context)
{
	EVP_CIPHER_CTX_free(*context);
}
#define auto_context cleanup_with(free_context) EVP_CIPHER_CTX *

static bool gcm_seal(const uint8_t *message_key, struct str header, struct str plain, uint8_t *to)
{
	auto_context context = EVP_CIPHER_CTX_new();
	int len;

	return context &&
	       EVP_EncryptInit_ex2(context, algorithms()->aes_256_gcm, message_key,
				   message_key + GCM_KEY_SIZE, NULL) == 1 &&
	       EVP_EncryptUpdate(context, NULL, &len, (const uint8_t *)header.at,
				 (int)header.len) == 1 &&
	       EVP_EncryptUpdate(context, to, &len, (const uint8_t *)plain.at, (int)plain.len) ==
		       1 &&
	       EVP_EncryptFinal_ex(context, to + plain.len, &len) == 1 &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_SIZE, to + plain.len) ==
		       1;
}

static bool gcm_open(const uint8_t *message_key, struct str header, struct str sealed, uint8_t *to)
{
	auto_context context = EVP_CIPHER_CTX_new();
	size_t size = sealed.len - GCM_TAG_SIZE;
	uint8_t tag[GCM_TAG_SIZE];
	int len;

	memcpy(tag, sealed.at + size, sizeof(tag));
	return context &&
	       EVP_DecryptInit_ex2(context, algorithms()->aes_256_gcm, message_key,
				   message_key + GCM_KEY_SIZE, NULL) == 1 &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_SIZE, tag) == 1 &&
	       EVP_DecryptUpdate(context, NULL, &len, (const uint8_t *)header.at,
				 (int)header.len) == 1 &&
	       EVP_DecryptUpdate(context, to, &len, (const uint8_t *)sealed.at, (int)size) == 1 &&
	       EVP_DecryptFinal_ex(context, to + size, &len) == 1;
}

static const struct suite suites[] = {
	{
		.tag = SUITE_AES_SHA2,
		.name = "AES-256-GCM, SHA-256, Ed25519",
		.message_key_size = GCM_KEY_SIZE + GCM_NONCE_SIZE,
		.tag_size = GCM_TAG_SIZE,
		.derive = hkdf_sha256,
		.mac = hmac_sha256,
		.seal = gcm_seal,
		.open = gcm_open,
	},
};

bool suite_find(uint8_t tag, const struct suite **suite, struct err *err)
{
	for (size_t i = 0; i < nitems(suites); i++) {
		if (suites[i].tag == tag) {
			*suite = &suites[i];
			return true;
		}
	}
	return fail(err, MSG_SUITE_UNKNOWN, tag);
}

static void message_key(const struct suite *suite, const uint8_t key[KEY_SIZE], const char *salt,
			struct secret *to)
{
	static_assert(sizeof(to->bytes) >= SUITE_MESSAGE_KEY_MAX, "a message key fits a secret");
	suite->derive((struct str){ (const char *)key, KEY_SIZE },
		      (struct str){ salt, SUITE_SALT_SIZE }, STR("xiedun message key"), to->bytes,
		      suite->message_key_size);
}

bool suite_seal(const struct suite *suite, const uint8_t key[KEY_SIZE], struct str header,
		struct str plain, struct writer *sealed, struct err *err)
{
	auto_secret secret;
	size_t before = sealed->len;

	if (plain.len > SUITE_PLAIN_MAX || header.len > SUITE_PLAIN_MAX)
		return fail(err, MSG_LIMIT_SIZE, (int64_t)SUITE_PLAIN_MAX);

	char *to = writer_reserve(sealed, SUITE_SALT_SIZE + plain.len + suite->tag_size);

	if (!to)
		return writer_check(sealed, err);
	random_bytes(to, SUITE_SALT_SIZE);
	message_key(suite, key, to, &secret);
	if (suite->seal(secret.bytes, header, plain, (uint8_t *)to + SUITE_SALT_SIZE))
		return true;
	sealed->len = before;
	sealed->at[before] = '\0';
	return crypto_failed(err, "seal a value");
}

bool suite_open(const struct suite *suite, const uint8_t key[KEY_SIZE], struct str header,
		struct str sealed, struct writer *plain, struct err *err)
{
	auto_secret secret;
	size_t before = plain->len, around = SUITE_SALT_SIZE + suite->tag_size;

	if (sealed.len < around || sealed.len - around > SUITE_PLAIN_MAX ||
	    header.len > SUITE_PLAIN_MAX)
		return fail(err, MSG_SEALED_DAMAGED);

	size_t size = sealed.len - around;
	uint8_t *to = writer_reserve(plain, size);

	if (!to)
		return writer_check(plain, err);
	message_key(suite, key, sealed.at, &secret);
	if (suite->open(secret.bytes, header, str_sub(sealed, SUITE_SALT_SIZE, sealed.len), to))
		return true;
	memory_wipe(to, size);
	plain->len = before;
	plain->at[before] = '\0';
	ERR_clear_error();
	return fail(err, MSG_SEALED_DAMAGED);
}
