/*
 * Owns the seam behind which a certified module can stand: a table of suites. A sealed value names
 * its suite by tag, so that values of an old suite stay readable beside those of a new one.
 */
#ifndef XIEDUN_CRYPTO_SUITE_H
#define XIEDUN_CRYPTO_SUITE_H

#include "crypto/keyring.h"

/* Tags stand in stored values and never change. */
enum {
	SUITE_AES_SHA2 = 1, /* AES-256-GCM, SHA-256, Ed25519 */
	SUITE_CURRENT = SUITE_AES_SHA2,
};

enum { SUITE_SALT_SIZE = 24, SUITE_MESSAGE_KEY_MAX = 64, SUITE_PLAIN_MAX = 1 << 30 };

struct suite {
	uint8_t tag;
	const char *name;
	size_t message_key_size; /* what seal and open take: key and nonce, at most
				    SUITE_MESSAGE_KEY_MAX */
	size_t tag_size;
	void (*derive)(struct str key, struct str salt, struct str info, void *to, size_t size);
	struct digest (*mac)(struct str key, struct str data);
	/* Ciphertext and tag to `to`; false only when the module fails. */
	bool (*seal)(const uint8_t *message_key, struct str header, struct str plain, uint8_t *to);
	/* `sealed` is ciphertext and tag. False when not authentic: then nothing of `to` may be
	 * used. */
	bool (*open)(const uint8_t *message_key, struct str header, struct str sealed, uint8_t *to);
};

/* The suite of a tag; MSG_SUITE_UNKNOWN. */
must_use bool suite_find(uint8_t tag, const struct suite **, struct err *);

/*
 * Seals under a key of any life: salt, ciphertext, tag. `header` is authenticated with it. Each
 * value is sealed under a key of its own, derived with a random salt of 192 bits: random 96-bit
 * nonces under one key would end at 2^32 values (NIST SP 800-38D, section 8.3), which a busy
 * installation reaches.
 */
must_use bool suite_seal(const struct suite *, const uint8_t key[KEY_SIZE], struct str header,
			 struct str plain, struct writer *sealed, struct err *);

/* MSG_SEALED_DAMAGED when it is not what suite_seal made under this key with this header. */
must_use bool suite_open(const struct suite *, const uint8_t key[KEY_SIZE], struct str header,
			 struct str sealed, struct writer *plain, struct err *);

#endif
