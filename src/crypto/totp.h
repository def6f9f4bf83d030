/* Owns time-based one-time passwords: RFC 6238 with SHA-1, 30 seconds, six digits. */
#ifndef XIEDUN_CRYPTO_TOTP_H
#define XIEDUN_CRYPTO_TOTP_H

#include "base/writer.h"

enum { TOTP_SEED_SIZE = 20, TOTP_DIGITS = 6 };

/* The step of an instant: 30-second intervals since 1970. */
int64_t totp_step(int64_t instant);

/* The code of one step, six digits and a terminator. */
void totp_code(const uint8_t seed[TOTP_SEED_SIZE], int64_t step, char code[TOTP_DIGITS + 1]);

/*
 * The step (now's, the one before or the one after) whose code this is, later than `last_used`; -1 for none.
 * The caller stores the step with one compare-and-set, so that a code works once (RFC 6238, section 5.2).
 */
int64_t totp_match(const uint8_t seed[TOTP_SEED_SIZE], struct str code, int64_t instant,
		   int64_t last_used);

/* The otpauth:// address for an authenticator application. */
void totp_address(const uint8_t seed[TOTP_SEED_SIZE], struct str issuer, struct str account,
		  struct writer *);

#endif
