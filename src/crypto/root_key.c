#include "crypto/root_key.h"

#include <sys/stat.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/random.h"
#include "crypto/argon.h"
#include "crypto/secret.h"

#define FILE_PREFIX     "file:"
#define CREDENTIAL_NAME "xiedun-root"
#define SALT_PREFIX     "argon2id "

/* A secret read whole fits the writer's first block: it does not grow, so no copy is left behind.
 */
enum { KEY_FILE_MAX = 128, PASSPHRASE_MIN = 15 };

/* RFC 9106, section 4, the second recommended option. */
static const struct argon_cost cost = { .memory = 64 * 1024, .passes = 3, .lanes = 4 };

bool root_key_source_parse(const char *text, struct root_key_source *source, struct err *err)
{
	struct root_key_source parsed = { 0 };

	if (strcmp(text, "credential") == 0)
		parsed.kind = ROOT_KEY_CREDENTIAL;
	else if (strcmp(text, "passphrase") == 0)
		parsed.kind = ROOT_KEY_PASSPHRASE;
	else if (str_starts(str_of(text), FILE_PREFIX "/"))
		parsed =
			(struct root_key_source){ ROOT_KEY_FILE, text + strlen(FILE_PREFIX), NULL };
	else
		return fail(err, MSG_ROOT_KEY_SOURCE);
	*source = parsed;
	return true;
}

static bool parse_hex_line(struct str text, struct root_key *key)
{
	if (str_ends(text, "\n"))
		text.len--;
	return hex_parse(text, key->bytes, KEY_SIZE);
}

/* No look at the mode: systemd hands a credential over in a folder of its own, with an access list
 * that reads like a group's right. */
static bool load_credential(struct root_key *key, struct err *err)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	auto_secret_writer text = { 0 };

	if (!folder || !folder[0])
		return fail(err, MSG_CREDENTIAL_MISSING);

	auto_memory char *path = path_join(folder, CREDENTIAL_NAME);

	if (!path_exists(path))
		return fail(err, MSG_CREDENTIAL_MISSING);
	if (!file_read(path, KEY_FILE_MAX, &text, err))
		return false;
	if (text.len == KEY_SIZE) {
		memcpy(key->bytes, text.at, KEY_SIZE);
		return true;
	}
	return parse_hex_line(writer_str(&text), key) ? true
						      : fail(err, MSG_ROOT_KEY_CONTENT, path);
}

static bool load_file(const char *path, struct root_key *key, struct err *err)
{
	auto_secret_writer text = { 0 };
	struct stat info;

	if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
		return fail(err, MSG_ROOT_KEY_MISSING, path);
	if (info.st_mode & (S_IRWXG | S_IRWXO))
		return fail(err, MSG_ROOT_KEY_OPEN_MODE, path);
	if (info.st_uid != geteuid() && info.st_uid != 0)
		return fail(err, MSG_ROOT_KEY_OWNER, path);
	if (!file_read(path, KEY_FILE_MAX, &text, err))
		return false;
	return parse_hex_line(writer_str(&text), key) ? true
						      : fail(err, MSG_ROOT_KEY_CONTENT, path);
}

static bool create_file(const char *path, struct root_key *key, struct err *err)
{
	auto_secret_writer text = { 0 };
	struct root_key fresh;

	if (path_exists(path))
		return fail(err, MSG_ROOT_KEY_EXISTS, path);
	random_bytes(fresh.bytes, KEY_SIZE);
	hex_write(&text, (struct str){ (const char *)fresh.bytes, KEY_SIZE });
	writer_byte(&text, '\n');

	bool done = file_replace(path, writer_str(&text), 0600, err);

	if (done)
		*key = fresh;
	root_key_wipe(&fresh);
	return done;
}

/* "argon2id HEX\n": the costs belong to the format; others would get another word. */
static bool load_passphrase(const struct root_key_source *source, struct root_key *key,
			    struct err *err)
{
	auto_writer text = { 0 };
	uint8_t salt[ARGON_SALT_SIZE];

	if (!source->passphrase || !source->passphrase[0])
		return fail(err, MSG_PASSPHRASE_MISSING);
	if (!file_read(source->path, KEY_FILE_MAX, &text, err))
		return false;

	struct str line = writer_str(&text);

	if (!str_starts(line, SALT_PREFIX) || !str_ends(line, "\n") ||
	    !hex_parse(str_sub(line, strlen(SALT_PREFIX), line.len - strlen(SALT_PREFIX) - 1), salt,
		       sizeof(salt)))
		return fail(err, MSG_SALT_DAMAGED, source->path);
	argon_derive(&cost, str_of(source->passphrase), salt, key->bytes, KEY_SIZE);
	return true;
}

static bool create_passphrase(const struct root_key_source *source, struct root_key *key,
			      struct err *err)
{
	auto_writer text = { 0 };
	uint8_t salt[ARGON_SALT_SIZE];

	if (path_exists(source->path))
		return fail(err, MSG_ROOT_KEY_EXISTS, source->path);
	if (!source->passphrase || !source->passphrase[0])
		return fail(err, MSG_PASSPHRASE_MISSING);
	if (strlen(source->passphrase) < PASSPHRASE_MIN)
		return fail(err, MSG_PASSPHRASE_SHORT, PASSPHRASE_MIN);
	random_bytes(salt, sizeof(salt));
	writer_text(&text, SALT_PREFIX);
	hex_write(&text, (struct str){ (const char *)salt, sizeof(salt) });
	writer_byte(&text, '\n');
	return file_replace(source->path, writer_str(&text), 0600, err) &&
	       load_passphrase(source, key, err);
}

bool root_key_create(const struct root_key_source *source, struct root_key *key, struct err *err)
{
	switch (source->kind) {
	case ROOT_KEY_CREDENTIAL:
		return load_credential(key, err);
	case ROOT_KEY_FILE:
		return create_file(source->path, key, err);
	case ROOT_KEY_PASSPHRASE:
		return create_passphrase(source, key, err);
	}
	abort();
}

bool root_key_load(const struct root_key_source *source, struct root_key *key, struct err *err)
{
	switch (source->kind) {
	case ROOT_KEY_CREDENTIAL:
		return load_credential(key, err);
	case ROOT_KEY_FILE:
		return load_file(source->path, key, err);
	case ROOT_KEY_PASSPHRASE:
		return load_passphrase(source, key, err);
	}
	abort();
}

void root_key_wipe(struct root_key *key)
{
	memory_wipe(key, sizeof(*key));
}

bool root_key_is_beside(const char *root_path, const char *data_directory)
{
	struct stat root, data;

	return stat(root_path, &root) != 0 || stat(data_directory, &data) != 0 ||
	       root.st_dev == data.st_dev;
}
