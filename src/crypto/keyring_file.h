/*
 * Owns the text of the keyring file. One line each: "xiedun-keyring 1", the root key's name, the
 * wrapped key-encryption key with its version, the data keys wrapped under it, a MAC under the root
 * key, and a plain checksum. The checksum tells a damaged file from a wrong root key; the MAC tells
 * one that a hand has changed.
 */
#ifndef XIEDUN_CRYPTO_KEYRING_FILE_H
#define XIEDUN_CRYPTO_KEYRING_FILE_H

#include "crypto/keyring.h"

enum { KEY_USES = KEY_TRANSPORT, ROOT_NAME_SIZE = 8, KEYRING_FILE_MAX = 64 * 1024 };

/* What is derived from a root key; the root key itself is not kept. */
struct root_keys {
	uint8_t wrap[KEY_SIZE];
	uint8_t mac[KEY_SIZE];
	uint8_t name[ROOT_NAME_SIZE]; /* not secret: stands in the file */
};

/* Everything that is secret, in memory of its own. */
struct keyring_secrets {
	struct root_keys root;
	uint8_t data[KEY_USES][KEY_SIZE]; /* data[use - 1] */
};

void root_keys_derive(const struct root_key *, struct root_keys *);

/* The file's text with a fresh key-encryption key of this version. */
must_use bool keyring_file_write(const struct keyring_secrets *, uint32_t version, struct writer *,
				 struct err *);

/* Takes the data keys out; `secrets->root` is filled in before. `path` is for the messages. */
must_use bool keyring_file_read(struct str text, const char *path, struct keyring_secrets *secrets,
				uint32_t *version, struct err *);

/* Adds the two last lines, MAC and checksum, to a text. */
void keyring_file_finish(const struct root_keys *, struct writer *text);

#endif
