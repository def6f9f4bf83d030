/* Owns where the root key comes from: a systemd credential, a file on another volume, or a passphrase. */
#ifndef XIEDUN_CRYPTO_ROOT_KEY_H
#define XIEDUN_CRYPTO_ROOT_KEY_H

#include "crypto/keyring.h"

enum root_key_kind {
	ROOT_KEY_CREDENTIAL, /* $CREDENTIALS_DIRECTORY/xiedun-root, systemd.exec(5) */
	ROOT_KEY_FILE,       /* a file with 64 hexadecimal digits, mode 0600 or stricter */
	ROOT_KEY_PASSPHRASE, /* Argon2id over a passphrase, salt in the data directory */
};

struct root_key_source {
	enum root_key_kind kind;
	const char *path;       /* ROOT_KEY_FILE: the file; ROOT_KEY_PASSPHRASE: the salt's file */
	const char *passphrase; /* ROOT_KEY_PASSPHRASE */
};

/*
 * "credential", "file:/path" (an absolute path, borrowed from the text) or "passphrase", for which the caller adds path and
 * passphrase. MSG_ROOT_KEY_SOURCE, which does not repeat the text: people put passphrases in the wrong place.
 */
must_use bool root_key_source_parse(const char *text, struct root_key_source *, struct err *);

/*
 * Makes a fresh root key and puts it there (a credential must stand already: it is only read). MSG_ROOT_KEY_EXISTS where a
 * key or salt stands; a new passphrase has at least 15 bytes.
 */
must_use bool root_key_create(const struct root_key_source *, struct root_key *, struct err *);
must_use bool root_key_load(const struct root_key_source *, struct root_key *, struct err *);
void root_key_wipe(struct root_key *);

/* True when key file and data lie on the same volume, so that a thief of one has both; also when that cannot be told. */
bool root_key_is_beside(const char *root_path, const char *data_directory);

#endif
