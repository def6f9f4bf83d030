/*
 * The keyring file and sealed values: as they come, and, so that what lies behind MAC and checksum is reached, as a file's
 * text with both of them made to fit.
 */
#include <sys/mman.h>

#include "base/file.h"
#include "crypto/keyring_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct root_key root = { "the fuzz target's own root key.." };

static const struct keyring_secrets *fixed_secrets(void)
{
	static struct keyring_secrets secrets;

	root_keys_derive(&root, &secrets.root);
	for (size_t i = 0; i < KEY_USES; i++)
		memset(secrets.data[i], (int)i + 1, KEY_SIZE);
	return &secrets;
}

/* A keyring whose data keys are always the same, so that the seeds open. */
static struct keyring *make_keyring(void)
{
	auto_writer text = { 0 };
	auto_fd fd = memfd_create("keyring", MFD_CLOEXEC);
	struct keyring *keyring;
	char path[64];
	struct err err;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!keyring_file_write(fixed_secrets(), 1, &text, &err) ||
	    !fd_write(fd, path, writer_str(&text), &err) ||
	    !keyring_open(path, &root, &keyring, &err))
		abort();
	return keyring;
}

static void read_file(struct str text)
{
	struct keyring_secrets secrets = { .root = fixed_secrets()->root };
	uint32_t version = 0;
	struct err err = { 0 };

	if (keyring_file_read(text, "keyring", &secrets, &version, &err) ? version == 0
									 : err.message == MSG_NONE)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct keyring *keyring;
	struct str input = { (const char *)data, size };
	auto_writer finished = { 0 }, plain = { 0 };
	struct err err;

	if (!keyring)
		keyring = make_keyring();
	read_file(input);
	writer_put(&finished, input);
	keyring_file_finish(&fixed_secrets()->root, &finished);
	read_file(writer_str(&finished));
	if (!keyring_unseal(keyring, KEY_FIELD, STR("seed"), input, &plain, &err) && plain.len > 0)
		abort();
	return 0;
}
