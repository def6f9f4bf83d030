#include "identity/internal.h"

#include <strings.h>

#include "base/encode.h"
#include "base/random.h"
#include "crypto/totp.h"

/* 80 bits, as 16 letters and digits in four groups. */
enum { RECOVERY_SIZE = 10, RECOVERY_LETTERS = 16, RECOVERY_GROUP = 4 };

enum { PASSWORD_MIN = 12, PASSWORD_MAX_BYTES = 256, PASSWORD_DISTINCT = 5 };

void token_new(struct writer *text)
{
	uint8_t bytes[TOKEN_SIZE];

	random_bytes(bytes, sizeof(bytes));
	base64url_write(text, (struct str){ (const char *)bytes, sizeof(bytes) });
	memory_wipe(bytes, sizeof(bytes));
}

struct digest token_hash(const struct identity *identity, struct str text)
{
	return keyring_blind(identity->keyring, STR("identity.token"), text);
}

static struct digest recovery_hash(const struct identity *identity, const struct uuid *account,
				   struct str letters)
{
	char value[sizeof(account->bytes) + RECOVERY_LETTERS];

	memcpy(value, account->bytes, sizeof(account->bytes));
	memcpy(value + sizeof(account->bytes), letters.at, RECOVERY_LETTERS);

	struct digest hash = keyring_blind(identity->keyring, STR("identity.recovery_code"),
					   (struct str){ value, sizeof(value) });

	memory_wipe(value, sizeof(value));
	return hash;
}

static void write_grouped(struct json *codes, struct str letters)
{
	auto_writer grouped = { 0 };

	for (size_t i = 0; i < letters.len; i += RECOVERY_GROUP) {
		writer_put(&grouped, i > 0 ? STR("-") : STR(""));
		writer_put(&grouped, str_sub(letters, i, RECOVERY_GROUP));
	}
	json_str(codes, writer_str(&grouped));
	memory_wipe(grouped.at, grouped.len);
}

void recovery_new(const struct identity *identity, const struct uuid *account, struct json *codes,
		  struct writer *hashes)
{
	json_array(codes);
	for (int i = 0; i < RECOVERY_CODES; i++) {
		uint8_t bytes[RECOVERY_SIZE];
		auto_writer letters = { 0 };

		random_bytes(bytes, sizeof(bytes));
		base32_write(&letters, (struct str){ (const char *)bytes, sizeof(bytes) });
		write_grouped(codes, writer_str(&letters));

		struct digest hash = recovery_hash(identity, account, writer_str(&letters));

		writer_put(hashes, digest_str(&hash));
		memory_wipe(letters.at, letters.len);
		memory_wipe(bytes, sizeof(bytes));
	}
	json_array_end(codes);
}

bool recovery_use(const struct identity *identity, const struct uuid *account, struct str hashes,
		  struct str code, struct writer *left)
{
	char letters[RECOVERY_LETTERS];
	size_t count = 0;

	for (size_t i = 0; i < code.len; i++) {
		char c = code.at[i];

		if (c == '-' || c == ' ')
			continue;
		if (count == sizeof(letters))
			return false;
		letters[count++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	if (count != sizeof(letters))
		return false;

	struct digest hash = recovery_hash(identity, account, (struct str){ letters, count });
	bool found = false;

	for (size_t at = 0; at + DIGEST_SIZE <= hashes.len; at += DIGEST_SIZE) {
		struct str one = str_sub(hashes, at, DIGEST_SIZE);

		if (secret_equal(one, digest_str(&hash)))
			found = true;
		else
			writer_put(left, one);
	}
	return found;
}

static struct str seed_context(const struct uuid *account, char text[80])
{
	char id[UUID_TEXT_SIZE];
	int len = snprintf(text, 80, "account/totp/%s", uuid_text(account, id));

	return (struct str){ text, (size_t)len };
}

bool seed_seal(const struct identity *identity, const struct uuid *account, const uint8_t *seed,
	       struct writer *sealed, struct err *err)
{
	char context[80];

	return keyring_seal(identity->keyring, KEY_FIELD, seed_context(account, context),
			    (struct str){ (const char *)seed, TOTP_SEED_SIZE }, sealed, err);
}

bool seed_unseal(const struct identity *identity, const struct uuid *account, struct str sealed,
		 uint8_t *seed, struct err *err)
{
	char context[80];
	auto_writer plain = { 0 };

	if (!keyring_unseal(identity->keyring, KEY_FIELD, seed_context(account, context), sealed,
			    &plain, err))
		return false;
	assert(plain.len == TOTP_SEED_SIZE);
	memcpy(seed, plain.at, TOTP_SEED_SIZE);
	memory_wipe(plain.at, plain.len);
	return true;
}

static int distinct_bytes(struct str text)
{
	bool seen[256] = { false };
	int count = 0;

	for (size_t i = 0; i < text.len; i++) {
		count += !seen[(unsigned char)text.at[i]];
		seen[(unsigned char)text.at[i]] = true;
	}
	return count;
}

static bool holds_folded(struct str text, struct str folded)
{
	for (size_t at = 0; folded.len > 0 && at + folded.len <= text.len; at++) {
		if (strncasecmp(text.at + at, folded.at, folded.len) == 0)
			return true;
	}
	return false;
}

bool password_check(struct str password, struct str login, struct err *err)
{
	size_t characters = 0;

	for (size_t i = 0; i < password.len; i++)
		characters += ((unsigned char)password.at[i] & 0xc0) != 0x80;
	if (characters < PASSWORD_MIN || password.len > PASSWORD_MAX_BYTES ||
	    !str_is_utf8(password))
		return fail(err, MSG_PASSWORD_LENGTH, PASSWORD_MIN, PASSWORD_MAX_BYTES);
	if (distinct_bytes(password) < PASSWORD_DISTINCT || holds_folded(password, login))
		return fail(err, MSG_PASSWORD_GUESSABLE, PASSWORD_DISTINCT);
	return true;
}
