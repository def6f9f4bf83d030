#include "crypto/keyring.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/random.h"
#include "crypto/keyring_file.h"
#include "crypto/secret.h"
#include "crypto/suite.h"

enum { SEALED_HEADER_SIZE = 5 }; /* suite tag, version */

/*
 * Data keys never change while the keyring lives, so that sealing takes no lock. A rotation changes
 * the file and the version; `rotation` keeps two of them apart.
 */
struct keyring {
	struct keyring_secrets *secrets;
	_Atomic uint32_t version;
	pthread_mutex_t rotation;
	struct digest file; /* what this process read or wrote last */
	char *path;
};

static struct keyring *keyring_new(const char *path, const struct root_key *root)
{
	struct keyring *keyring = memory_zero(1, sizeof(*keyring));
	size_t size = sizeof(*keyring->secrets);
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		abort();
	/* Best effort: where locked memory is not granted, swap is the machine's affair. */
	(void)mlock(pages, size);
	(void)madvise(pages, size, MADV_DONTDUMP);
	keyring->secrets = pages;
	root_keys_derive(root, &keyring->secrets->root);
	keyring->path = memory_copy(str_of(path));
	(void)pthread_mutex_init(&keyring->rotation, NULL);
	return keyring;
}

void keyring_free(struct keyring *keyring)
{
	if (!keyring)
		return;
	memory_wipe(keyring->secrets, sizeof(*keyring->secrets));
	(void)munmap(keyring->secrets, sizeof(*keyring->secrets));
	(void)pthread_mutex_destroy(&keyring->rotation);
	free(keyring->path);
	free(keyring);
}

static bool write_file(struct keyring *keyring, const struct keyring_secrets *secrets,
		       uint32_t version, struct err *err)
{
	auto_writer text = { 0 };

	if (!keyring_file_write(secrets, version, &text, err) ||
	    !file_replace(keyring->path, writer_str(&text), 0600, err))
		return false;
	keyring->file = sha256(writer_str(&text));
	atomic_store(&keyring->version, version);
	return true;
}

bool keyring_create(const char *path, const struct root_key *root, struct keyring **keyring,
		    struct err *err)
{
	if (path_exists(path))
		return fail(err, MSG_KEYRING_EXISTS, path);

	auto_keyring made = keyring_new(path, root);

	random_bytes(made->secrets->data, sizeof(made->secrets->data));
	if (!write_file(made, made->secrets, 1, err))
		return false;
	*keyring = steal(made);
	return true;
}

bool keyring_open(const char *path, const struct root_key *root, struct keyring **keyring,
		  struct err *err)
{
	auto_writer text = { 0 };
	auto_keyring opened = keyring_new(path, root);
	uint32_t version;

	if (!file_read(path, KEYRING_FILE_MAX, &text, err) ||
	    !keyring_file_read(writer_str(&text), path, opened->secrets, &version, err))
		return false;
	opened->file = sha256(writer_str(&text));
	atomic_store(&opened->version, version);
	*keyring = steal(opened);
	return true;
}

/* Where another process has rotated, or changed the root key, our writing would undo it. */
static bool file_is_ours(const struct keyring *keyring, struct err *err)
{
	auto_writer text = { 0 };

	if (!file_read(keyring->path, KEYRING_FILE_MAX, &text, err))
		return false;

	struct digest found = sha256(writer_str(&text));

	return digest_equal(&found, &keyring->file) ? true
						    : fail(err, MSG_KEYRING_CHANGED, keyring->path);
}

static bool rewrap(struct keyring *keyring, const struct keyring_secrets *secrets, struct err *err)
{
	uint32_t version = atomic_load(&keyring->version);

	if (version == UINT32_MAX)
		return fail(err, MSG_KEYRING_VERSIONS, keyring->path);
	return file_is_ours(keyring, err) && write_file(keyring, secrets, version + 1, err);
}

bool keyring_rotate(struct keyring *keyring, struct err *err)
{
	(void)pthread_mutex_lock(&keyring->rotation);

	bool done = rewrap(keyring, keyring->secrets, err);

	(void)pthread_mutex_unlock(&keyring->rotation);
	return done;
}

bool keyring_change_root(struct keyring *keyring, const struct root_key *root, struct err *err)
{
	auto_keyring changed = keyring_new(keyring->path, root);

	memcpy(changed->secrets->data, keyring->secrets->data, sizeof(changed->secrets->data));
	(void)pthread_mutex_lock(&keyring->rotation);

	bool done = rewrap(keyring, changed->secrets, err);

	if (done)
		keyring->secrets->root = changed->secrets->root;
	(void)pthread_mutex_unlock(&keyring->rotation);
	return done;
}

uint32_t keyring_version(const struct keyring *keyring)
{
	return atomic_load(&keyring->version);
}

static const uint8_t *data_key(const struct keyring *keyring, enum key_use use)
{
	assert(use >= KEY_DATABASE && use <= KEY_TRANSPORT);
	return keyring->secrets->data[use - 1];
}

void keyring_copy_key(const struct keyring *keyring, enum key_use use, uint8_t to[KEY_SIZE])
{
	memcpy(to, data_key(keyring, use), KEY_SIZE);
}

/* Suite tag and version as they stand before the sealed value, the use, the context: none can be
 * exchanged. */
static void write_authenticated(struct writer *header, struct str prefix, enum key_use use,
				struct str context)
{
	writer_put(header, prefix);
	writer_byte(header, (char)use);
	writer_put(header, context);
}

bool keyring_seal(const struct keyring *keyring, enum key_use use, struct str context,
		  struct str plain, struct writer *sealed, struct err *err)
{
	uint32_t version = keyring_version(keyring);
	char prefix[SEALED_HEADER_SIZE] = { SUITE_CURRENT, (char)(version >> 24),
					    (char)(version >> 16), (char)(version >> 8),
					    (char)version };
	auto_writer header = { 0 }, value = { 0 };
	const struct suite *suite;

	write_authenticated(&header, (struct str){ prefix, sizeof(prefix) }, use, context);
	if (!suite_find(SUITE_CURRENT, &suite, err) ||
	    !suite_seal(suite, data_key(keyring, use), writer_str(&header), plain, &value, err))
		return false;
	writer_put(sealed, (struct str){ prefix, sizeof(prefix) });
	writer_put(sealed, writer_str(&value));
	return writer_check(sealed, err);
}

bool keyring_unseal(const struct keyring *keyring, enum key_use use, struct str context,
		    struct str sealed, struct writer *plain, struct err *err)
{
	auto_writer header = { 0 };
	const struct suite *suite;

	if (sealed.len < SEALED_HEADER_SIZE)
		return fail(err, MSG_SEALED_DAMAGED);
	write_authenticated(&header, str_sub(sealed, 0, SEALED_HEADER_SIZE), use, context);
	return suite_find((uint8_t)sealed.at[0], &suite, err) &&
	       suite_open(suite, data_key(keyring, use), writer_str(&header),
			  str_sub(sealed, SEALED_HEADER_SIZE, sealed.len), plain, err);
}

struct digest keyring_blind(const struct keyring *keyring, struct str field, struct str value)
{
	auto_secret key;
	auto_writer label = { 0 };

	writer_text(&label, "xiedun blind index ");
	writer_put(&label, field);
	hkdf_sha256((struct str){ (const char *)data_key(keyring, KEY_BLIND_INDEX), KEY_SIZE },
		    STR_NONE, writer_str(&label), key.bytes, KEY_SIZE);
	return hmac_sha256((struct str){ (const char *)key.bytes, KEY_SIZE }, value);
}
