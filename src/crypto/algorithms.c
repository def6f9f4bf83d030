/* libcrypto's headers first: they use the word "unused", which base/compiler.h defines. */
#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto/algorithms.h"

#include <pthread.h>

static struct algorithms fetched;

static void fetch(void)
{
	fetched.sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	fetched.aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (!fetched.sha256 || !fetched.aes_256_gcm)
		abort();
}

const struct algorithms *algorithms(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, fetch);
	return &fetched;
}

bool crypto_failed(struct err *err, const char *action)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return fail(err, MSG_CRYPTO_FAILED, action, reason ? reason : "no reason given");
}
