/* Owns the server's certificate made at first start: ECDSA P-256, self-signed, and its fingerprint. */
#ifndef XIEDUN_CRYPTO_CERTIFICATE_H
#define XIEDUN_CRYPTO_CERTIFICATE_H

#include "base/err.h"
#include "base/writer.h"

/* PEM texts for the host names and addresses given ("localhost", "192.168.1.5"), valid for 825 days. */
must_use bool certificate_make(const struct str *hosts, size_t count,
			       struct writer *certificate_pem, struct writer *key_pem,
			       struct err *);

/* SHA-256 over the DER form of the first certificate, "AB:CD:…". */
must_use bool certificate_fingerprint(struct str certificate_pem, struct writer *, struct err *);

/* When the first certificate ends. */
must_use bool certificate_expiry(struct str certificate_pem, int64_t *instant, struct err *);

#endif
