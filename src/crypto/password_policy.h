/* Owns the rules that a new password must meet. */
#ifndef XIEDUN_CRYPTO_PASSWORD_POLICY_H
#define XIEDUN_CRYPTO_PASSWORD_POLICY_H

#include "base/err.h"

struct password_policy {
	int64_t characters; /* at least */
	bool composed;      /* must hold a digit, a letter and a special character */
};

/* At least 8 characters with digits, letters and special characters, as the checklists of hospitals
 * ask. */
extern const struct password_policy password_policy_composed;
/* At least 15 characters of any kind (NIST SP 800-63B-4, section 3.1.1.2; ASVS 5.0, V6.2.5). */
extern const struct password_policy password_policy_long;

/*
 * True when the password meets the policy; else one problem for each thing that is missing. Always
 * refused: more than 256 bytes, text that is not UTF-8, a password with the login or the person's
 * name in it, and the most common ones. Letters beyond ASCII count as letters. No message repeats
 * the password.
 */
bool password_policy_check(const struct password_policy *, struct str password, struct str login,
			   struct str name, struct problems *);

#endif
