/* Owns the recovery sheet: the root key in three shares, any two of which give it back (Shamir over GF(256)). */
#ifndef XIEDUN_CRYPTO_RECOVERY_H
#define XIEDUN_CRYPTO_RECOVERY_H

#include "crypto/keyring.h"

enum { RECOVERY_SHARES = 3, RECOVERY_NEEDED = 2 };

/*
 * Three lines of text, "1-XXXXX-…" (73 characters): the number, the mark of the sheet, the share and a checksum that notices
 * any four wrong characters, in Crockford's base32 (no I, L, O, U). Wipe the writers.
 */
void recovery_split(const struct root_key *, struct writer share[RECOVERY_SHARES]);

/*
 * Two different shares of the same sheet, in any order, letters of any case, separators left out or not, O, I and L for 0, 1
 * and 1. MSG_RECOVERY_CHARACTER, _LENGTH and MSG_RECOVERY_SHARE name the one that is mistyped, MSG_RECOVERY_SHEETS and
 * MSG_RECOVERY_SAME say that the two do not belong together.
 */
must_use bool recovery_join(struct str first, struct str second, struct root_key *, struct err *);

#endif
