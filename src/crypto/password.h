/* Owns password hashing: Argon2id (RFC 9106), at most two at once in the process. */
#ifndef XIEDUN_CRYPTO_PASSWORD_H
#define XIEDUN_CRYPTO_PASSWORD_H

#include "base/err.h"
#include "base/writer.h"

/* Bytes; nothing longer is a password. */
enum { PASSWORD_MAX = 256 };

/* The PHC string: $argon2id$v=19$m=…,t=…,p=1$salt$hash. Waits while two others run. MSG_PASSWORD_LONG. */
must_use bool password_hash(struct str password, struct writer *phc, struct err *);

/* False also when the string is not one of ours. Takes as long for any outcome. */
bool password_matches(struct str password, struct str phc);

/* Costs the same time as a check and always fails: for accounts that do not exist. */
void password_pretend(struct str password);

/* True when the string was made with weaker parameters than today's. */
bool password_is_old(struct str phc);

#endif
