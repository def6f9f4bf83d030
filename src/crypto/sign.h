/* Owns signatures: Ed25519 (RFC 8032). */
#ifndef XIEDUN_CRYPTO_SIGN_H
#define XIEDUN_CRYPTO_SIGN_H

#include "base/err.h"

enum { SIGN_SEED_SIZE = 32, SIGN_PUBLIC_SIZE = 32, SIGNATURE_SIZE = 64 };

struct public_key {
	uint8_t bytes[SIGN_PUBLIC_SIZE];
};

struct signature {
	uint8_t bytes[SIGNATURE_SIZE];
};

/* A signing key in memory; opaque, wiped when freed. */
struct signer;

must_use bool signer_new(const uint8_t seed[SIGN_SEED_SIZE], struct signer **, struct err *);
void signer_free(struct signer *);
DEFINE_AUTO(signer, signer_free)
#define auto_signer cleanup_with(auto_free_signer) struct signer *

const struct public_key *signer_public(const struct signer *);
must_use bool signer_sign(const struct signer *, struct str message, struct signature *,
			  struct err *);

/* True only for a valid signature of exactly these bytes. */
bool signature_valid(const struct public_key *, struct str message, const struct signature *);

#endif
