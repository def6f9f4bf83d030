#include "crypto/keyring_file.h"

#include "base/encode.h"
#include "base/random.h"
#include "crypto/secret.h"
#include "crypto/suite.h"

#define FORMAT   "xiedun-keyring "
#define MAC_LINE "mac "
#define SUM_LINE "sum "

static const char *const use_names[] = {
	[KEY_DATABASE - 1] = "database",       [KEY_FIELD - 1] = "field",
	[KEY_BLIND_INDEX - 1] = "blind-index", [KEY_BLOB - 1] = "blob",
	[KEY_BACKUP - 1] = "backup",           [KEY_LEDGER - 1] = "ledger",
	[KEY_TRANSPORT - 1] = "transport",
};
static_assert(nitems(use_names) == KEY_USES, "every use of a key has its line in the file");

static struct str key_str(const uint8_t key[KEY_SIZE])
{
	return (struct str){ (const char *)key, KEY_SIZE };
}

void root_keys_derive(const struct root_key *root, struct root_keys *keys)
{
	hkdf_sha256(key_str(root->bytes), STR_NONE, STR("xiedun root wrap"), keys->wrap, KEY_SIZE);
	hkdf_sha256(key_str(root->bytes), STR_NONE, STR("xiedun root mac"), keys->mac, KEY_SIZE);
	hkdf_sha256(key_str(root->bytes), STR_NONE, STR("xiedun root name"), keys->name,
		    ROOT_NAME_SIZE);
}

/* "kek 1 3 ": kind, suite, key-encryption key version; it is authenticated with the key that
 * follows it. */
static void write_label(struct writer *label, const char *kind, uint8_t suite, uint32_t version)
{
	writer_printf(label, "%s %u %u ", kind, suite, version);
}

static bool write_key(struct writer *text, const char *kind, uint32_t version,
		      const uint8_t under[KEY_SIZE], const uint8_t key[KEY_SIZE], struct err *err)
{
	auto_writer label = { 0 }, wrapped = { 0 };
	const struct suite *suite;

	if (!suite_find(SUITE_CURRENT, &suite, err))
		return false;
	write_label(&label, kind, suite->tag, version);
	if (!suite_seal(suite, under, writer_str(&label), key_str(key), &wrapped, err))
		return false;
	writer_put(text, writer_str(&label));
	hex_write(text, writer_str(&wrapped));
	writer_byte(text, '\n');
	return true;
}

void keyring_file_finish(const struct root_keys *root, struct writer *text)
{
	struct digest digest = hmac_sha256(key_str(root->mac), writer_str(text));

	writer_text(text, MAC_LINE);
	hex_write(text, digest_str(&digest));
	writer_byte(text, '\n');
	digest = sha256(writer_str(text));
	writer_text(text, SUM_LINE);
	hex_write(text, digest_str(&digest));
	writer_byte(text, '\n');
}

bool keyring_file_write(const struct keyring_secrets *secrets, uint32_t version, struct writer *out,
			struct err *err)
{
	auto_writer text = { 0 };
	auto_secret kek;

	random_bytes(kek.bytes, KEY_SIZE);
	writer_text(&text, FORMAT "1\nroot ");
	hex_write(&text, (struct str){ (const char *)secrets->root.name, ROOT_NAME_SIZE });
	writer_byte(&text, '\n');
	if (!write_key(&text, "kek", version, secrets->root.wrap, kek.bytes, err))
		return false;
	for (size_t i = 0; i < KEY_USES; i++) {
		if (!write_key(&text, use_names[i], version, kek.bytes, secrets->data[i], err))
			return false;
	}
	keyring_file_finish(&secrets->root, &text);
	writer_put(out, writer_str(&text));
	return true;
}

/* The last line off the text: "LABEL HEX\n" with exactly this digest. */
static bool take_digest(struct str *text, const char *label, struct str *hex)
{
	size_t size = strlen(label) + 2 * DIGEST_SIZE + 1;

	if (text->len < size || text->at[text->len - 1] != '\n')
		return false;

	struct str line = str_sub(*text, text->len - size, size - 1);

	text->len -= size;
	*hex = str_sub(line, strlen(label), line.len);
	return str_starts(line, label);
}

static bool is_digest(struct str hex, const struct digest *digest)
{
	auto_writer right = { 0 };

	hex_write(&right, digest_str(digest));
	return secret_equal(hex, writer_str(&right));
}

static bool sum_holds(struct str *text)
{
	struct str hex;

	if (!take_digest(text, SUM_LINE, &hex))
		return false;

	struct digest sum = sha256(*text);

	return is_digest(hex, &sum);
}

static bool mac_holds(struct str *text, const struct root_keys *root)
{
	struct str hex;

	if (!take_digest(text, MAC_LINE, &hex))
		return false;

	struct digest mac = hmac_sha256(key_str(root->mac), *text);

	return is_digest(hex, &mac);
}

/* "KIND SUITE VERSION HEX": unwraps the key and gives its version. */
static bool read_key(struct str line, const char *kind, const uint8_t under[KEY_SIZE],
		     uint8_t key[KEY_SIZE], int64_t *version, struct err *err)
{
	struct str rest = line, word[3];
	const struct suite *suite;
	auto_secret_writer plain = { 0 };
	int64_t tag;

	for (size_t i = 0; i < nitems(word); i++) {
		if (!str_split(&rest, ' ', &word[i]))
			return fail(err, MSG_SEALED_DAMAGED);
	}
	if (!str_is(word[0], kind) || !str_to_int(word[1], &tag) || tag < 0 || tag > UINT8_MAX ||
	    !str_to_int(word[2], version) || *version < 1 || *version > UINT32_MAX)
		return fail(err, MSG_SEALED_DAMAGED);
	if (!suite_find((uint8_t)tag, &suite, err))
		return false;

	uint8_t wrapped[SUITE_SALT_SIZE + KEY_SIZE + 64];
	size_t size = SUITE_SALT_SIZE + KEY_SIZE + suite->tag_size;

	assert(size <= sizeof(wrapped));
	if (!hex_parse(rest, wrapped, size) ||
	    !suite_open(suite, under, str_sub(line, 0, line.len - rest.len),
			(struct str){ (const char *)wrapped, size }, &plain, err))
		return fail(err, MSG_SEALED_DAMAGED);
	memcpy(key, plain.at, KEY_SIZE);
	return true;
}

static bool read_keys(struct str rest, struct keyring_secrets *secrets, uint32_t *version,
		      struct err *err)
{
	struct str line;
	auto_secret kek;
	int64_t first, later;

	if (!str_split(&rest, '\n', &line) ||
	    !read_key(line, "kek", secrets->root.wrap, kek.bytes, &first, err))
		return false;
	for (size_t i = 0; i < KEY_USES; i++) {
		if (!str_split(&rest, '\n', &line))
			return fail(err, MSG_SEALED_DAMAGED);
		if (!read_key(line, use_names[i], kek.bytes, secrets->data[i], &later, err))
			return false;
		if (later != first)
			return fail(err, MSG_SEALED_DAMAGED);
	}
	if (rest.len > 0)
		return fail(err, MSG_SEALED_DAMAGED);
	*version = (uint32_t)first;
	return true;
}

bool keyring_file_read(struct str text, const char *path, struct keyring_secrets *secrets,
		       uint32_t *version, struct err *err)
{
	uint8_t name[ROOT_NAME_SIZE];
	struct str rest = text, line;

	if (!sum_holds(&rest) || !str_starts(rest, FORMAT))
		return fail(err, MSG_KEYRING_DAMAGED, path);

	struct str body = rest;

	(void)str_split(&body, '\n', &line);
	line = str_sub(line, strlen(FORMAT), line.len);
	if (!str_is(line, "1"))
		return fail(err, MSG_KEYRING_FORMAT, path, line);
	if (!str_split(&body, '\n', &line) || !str_starts(line, "root ") ||
	    !hex_parse(str_sub(line, 5, line.len), name, sizeof(name)))
		return fail(err, MSG_KEYRING_DAMAGED, path);
	if (memcmp(name, secrets->root.name, sizeof(name)) != 0)
		return fail(err, MSG_KEYRING_WRONG_ROOT, path);
	if (!mac_holds(&rest, &secrets->root))
		return fail(err, MSG_KEYRING_DAMAGED, path);
	/* What the MAC covers, we have written: only a suite of a newer program can stand in the
	 * way. */
	body = str_sub(body, 0, (size_t)(rest.at + rest.len - body.at));
	if (read_keys(body, secrets, version, err))
		return true;
	return err->message == MSG_SUITE_UNKNOWN ? err_in_file(err, path)
						 : fail(err, MSG_KEYRING_DAMAGED, path);
}
