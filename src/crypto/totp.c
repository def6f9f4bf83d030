/* libcrypto's headers first: they use the word "unused", which base/compiler.h defines. */
#include <openssl/evp.h>

#include "crypto/totp.h"

#include "base/clock.h"
#include "base/encode.h"
#include "crypto/digest.h"
#include "crypto/secret.h"

enum { STEP_SECONDS = 30, SHA1_SIZE = 20, CODES = 1000000 };

int64_t totp_step(int64_t instant)
{
	int64_t step = instant / SECONDS(STEP_SECONDS);

	return instant % SECONDS(STEP_SECONDS) < 0 ? step - 1 : step;
}

/* RFC 4226, section 5.3. */
void totp_code(const uint8_t seed[TOTP_SEED_SIZE], int64_t step, char code[TOTP_DIGITS + 1])
{
	uint8_t counter[8];
	auto_secret mac;
	size_t size;

	for (size_t i = 0; i < sizeof(counter); i++)
		counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
	if (!EVP_Q_mac(NULL, "HMAC", NULL, "SHA1", NULL, seed, TOTP_SEED_SIZE, counter,
		       sizeof(counter), mac.bytes, sizeof(mac.bytes), &size) ||
	    size != SHA1_SIZE)
		abort();

	const uint8_t *at = mac.bytes + (mac.bytes[SHA1_SIZE - 1] & 15);
	uint32_t number = (uint32_t)(at[0] & 127) << 24 | (uint32_t)at[1] << 16 |
			  (uint32_t)at[2] << 8 | at[3];

	(void)snprintf(code, TOTP_DIGITS + 1, "%06u", number % CODES);
}

int64_t totp_match(const uint8_t seed[TOTP_SEED_SIZE], struct str code, int64_t instant,
		   int64_t last_used)
{
	int64_t now = totp_step(instant), match = -1;

	/* All three are computed for any code, the earliest that fits counts. */
	for (int64_t step = now + 1; step >= now - 1; step--) {
		char right[TOTP_DIGITS + 1];

		totp_code(seed, step, right);
		if (secret_equal(code, (struct str){ right, TOTP_DIGITS }) && step > last_used)
			match = step;
		memory_wipe(right, sizeof(right));
	}
	return match;
}

/* RFC 3986, section 2.3: all but unreserved characters as %XX. */
static void write_escaped(struct writer *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '.' || c == '_' || c == '~')
			writer_byte(out, text.at[i]);
		else
			writer_printf(out, "%%%02X", c);
	}
}

void totp_address(const uint8_t seed[TOTP_SEED_SIZE], struct str issuer, struct str account,
		  struct writer *out)
{
	writer_text(out, "otpauth://totp/");
	write_escaped(out, issuer);
	writer_byte(out, ':');
	write_escaped(out, account);
	writer_text(out, "?secret=");
	base32_write(out, (struct str){ (const char *)seed, TOTP_SEED_SIZE });
	writer_text(out, "&issuer=");
	write_escaped(out, issuer);
	writer_printf(out, "&algorithm=SHA1&digits=%d&period=%d", TOTP_DIGITS, STEP_SECONDS);
}
