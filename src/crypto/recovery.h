/* Owns the recovery sheet: the root key in three shares, any two of which give it back (Shamir over GF(256)). */
#ifndef XIEDUN_CRYPTO_RECOVERY_H
#define XIEDUN_CRYPTO_RECOVERY_H

#include "crypto/keyring.h"

enum { RECOVERY_SHARES = 3, RECOVERY_NEEDED = 2 };

/* Three lines of text, each with its number and a checksum, in groups that can be read aloud and typed. */
void recovery_split(const struct root_key *, struct writer share[RECOVERY_SHARES]);

/* MSG_RECOVERY_SHARE names the share that is mistyped; two different shares of the same sheet are needed. */
must_use bool recovery_join(struct str first, struct str second, struct root_key *, struct err *);

#endif
