/*
 * Owns the key hierarchy: root key → key-encryption keys with versions → data keys. The keyring file holds
 * only wrapped keys; what is unwrapped lives in locked memory, out of cores.
 */
#ifndef XIEDUN_CRYPTO_KEYRING_H
#define XIEDUN_CRYPTO_KEYRING_H

#include "base/err.h"
#include "base/writer.h"
#include "crypto/digest.h"

enum { KEY_SIZE = 32 };

/* What a data key is for. The numbers stand in sealed values and never change. */
enum key_use {
	KEY_DATABASE = 1,    /* pages of the embedded database */
	KEY_FIELD = 2,       /* sealed values in rows: seeds, personal data */
	KEY_BLIND_INDEX = 3, /* exact match on sealed values */
	KEY_BLOB = 4,        /* files */
	KEY_BACKUP = 5,      /* backups */
	KEY_LEDGER = 6,      /* seed of the ledger's Ed25519 key */
	KEY_TRANSPORT = 7,   /* wraps the TLS private key file made at first start */
};

struct root_key {
	uint8_t bytes[KEY_SIZE];
};

struct keyring;

/* Makes the keyring file with fresh keys; refuses where one stands. */
must_use bool keyring_create(const char *path, const struct root_key *, struct keyring **,
			     struct err *);

/* MSG_KEYRING_WRONG_ROOT when the root key does not open it, MSG_KEYRING_DAMAGED when the file is not ours. */
must_use bool keyring_open(const char *path, const struct root_key *, struct keyring **,
			   struct err *);

void keyring_free(struct keyring *);
DEFINE_AUTO(keyring, keyring_free)
#define auto_keyring cleanup_with(auto_free_keyring) struct keyring *

/* The current key of a use, copied out: only for a database's key and signing seeds. Wipe it after use. */
void keyring_copy_key(const struct keyring *, enum key_use, uint8_t to[KEY_SIZE]);

/*
 * Seals a value of at most 1 GiB: suite tag (1 byte), key-encryption key version (4 bytes, big-endian), salt (24 bytes),
 * ciphertext, tag (16 bytes). `context` is authenticated with it (table, field and record), so that a sealed value cannot
 * be moved. Threads may seal while another rotates. Unsealing gives MSG_SEALED_DAMAGED or MSG_SUITE_UNKNOWN.
 */
must_use bool keyring_seal(const struct keyring *, enum key_use, struct str context,
			   struct str plain, struct writer *sealed, struct err *);
must_use bool keyring_unseal(const struct keyring *, enum key_use, struct str context,
			     struct str sealed, struct writer *plain, struct err *);

/* The blind index of a value of one field: HMAC-SHA-256 under a key of that field. */
struct digest keyring_blind(const struct keyring *, struct str field, struct str value);

/*
 * A new key-encryption key, the data keys wrapped again under it; sealed values stay readable.
 * MSG_KEYRING_CHANGED when another process has replaced the file since it was opened.
 */
must_use bool keyring_rotate(struct keyring *, struct err *);

/* The same under a new root key. After it only the new root key opens the file. */
must_use bool keyring_change_root(struct keyring *, const struct root_key *, struct err *);

/* Version of the key-encryption keys now in use, from 1 on. */
uint32_t keyring_version(const struct keyring *);

#endif
