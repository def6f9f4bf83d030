#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "check.h"
#include "crypto/root_key.h"

static void sources_are_parsed(void)
{
	static const char *const bad[] = {
		"", "file:", "file:key", "Credential", "passphrase:open sesame", "/key"
	};
	struct root_key_source source = { 0 };
	struct err err;

	CHECK_DONE(root_key_source_parse("credential", &source, &err), err);
	CHECK_INT(source.kind, ROOT_KEY_CREDENTIAL);
	CHECK_DONE(root_key_source_parse("passphrase", &source, &err), err);
	CHECK_INT(source.kind, ROOT_KEY_PASSPHRASE);
	CHECK_DONE(root_key_source_parse("file:/mnt/key", &source, &err), err);
	CHECK_INT(source.kind, ROOT_KEY_FILE);
	CHECK_STR(str_of(source.path), STR("/mnt/key"));
	for (size_t i = 0; i < nitems(bad); i++)
		CHECK_FAILS(root_key_source_parse(bad[i], &source, &err), err, MSG_ROOT_KEY_SOURCE);
}

static void a_key_file_is_made_and_read(void)
{
	auto_memory char *path = path_join(check_folder(), "root");
	struct root_key_source source = { ROOT_KEY_FILE, path, NULL };
	struct root_key made, loaded;
	struct stat info;
	struct err err;

	CHECK_FAILS(root_key_load(&source, &loaded, &err), err, MSG_ROOT_KEY_MISSING);
	CHECK_DONE(root_key_create(&source, &made, &err), err);
	CHECK(stat(path, &info) == 0 && (info.st_mode & 07777) == 0600 && info.st_size == 65);
	CHECK_DONE(root_key_load(&source, &loaded, &err), err);
	CHECK(memcmp(&made, &loaded, sizeof(made)) == 0);
	CHECK_FAILS(root_key_create(&source, &made, &err), err, MSG_ROOT_KEY_EXISTS);

	static const mode_t open_modes[] = { 0640, 0604, 0620, 0602, 0610, 0677 };

	for (size_t i = 0; i < nitems(open_modes); i++) {
		CHECK(chmod(path, open_modes[i]) == 0);
		CHECK_FAILS(root_key_load(&source, &loaded, &err), err, MSG_ROOT_KEY_OPEN_MODE);
	}
	CHECK(chmod(path, 0400) == 0);
	CHECK_DONE(root_key_load(&source, &loaded, &err), err);
	if (geteuid() == 0) {
		/* Run by somebody who may give files away, the key's owner is neither us nor root. */
		CHECK(chown(path, 12345, 12345) == 0);
		CHECK_FAILS(root_key_load(&source, &loaded, &err), err, MSG_ROOT_KEY_OWNER);
	}
}

#define HEX_KEY "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static const struct {
	const char *text;
	bool file, credential;
} contents[] = {
	{ HEX_KEY, true, true },
	{ HEX_KEY "\n", true, true },
	{ "32 bytes as they are, unprintable", false, false }, /* 33 */
	{ "32 bytes as they are, unprinted.", false, true },
	{ "", false, false },
	{ "\n", false, false },
	{ HEX_KEY "\n\n", false, false },
	{ " " HEX_KEY, false, false },
	{ HEX_KEY "0", false, false },
	{ "0x112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF", false, false },
};

static void key_files_hold_64_digits(void)
{
	auto_memory char *path = path_join(check_folder(), "root");
	struct root_key_source source = { ROOT_KEY_FILE, path, NULL };

	for (size_t i = 0; i < nitems(contents); i++) {
		struct root_key key = { 0 };
		struct err err;

		CHECK_DONE(file_replace(path, str_of(contents[i].text), 0600, &err), err);
		if (contents[i].file)
			CHECK_DONE(root_key_load(&source, &key, &err), err);
		else
			CHECK_FAILS(root_key_load(&source, &key, &err), err, MSG_ROOT_KEY_CONTENT);
		CHECK_INT(key.bytes[1], contents[i].file ? 0x11 : 0);
	}
}

static void a_credential_is_read(void)
{
	const char *folder = check_folder();
	auto_memory char *path = path_join(folder, "xiedun-root");
	struct root_key_source source = { ROOT_KEY_CREDENTIAL, NULL, NULL };
	struct root_key key;
	struct err err;

	CHECK(unsetenv("CREDENTIALS_DIRECTORY") == 0);
	CHECK_FAILS(root_key_load(&source, &key, &err), err, MSG_CREDENTIAL_MISSING);
	CHECK(setenv("CREDENTIALS_DIRECTORY", folder, 1) == 0);
	CHECK_FAILS(root_key_create(&source, &key, &err), err, MSG_CREDENTIAL_MISSING);
	for (size_t i = 0; i < nitems(contents); i++) {
		CHECK_DONE(file_replace(path, str_of(contents[i].text), 0440, &err), err);
		if (contents[i].credential)
			CHECK_DONE(root_key_load(&source, &key, &err), err);
		else
			CHECK_FAILS(root_key_load(&source, &key, &err), err, MSG_ROOT_KEY_CONTENT);
	}
	CHECK(unsetenv("CREDENTIALS_DIRECTORY") == 0);
}

static void a_passphrase_gives_the_same_key(void)
{
	auto_memory char *path = path_join(check_folder(), "salt");
	struct root_key_source source = { ROOT_KEY_PASSPHRASE, path, NULL };
	struct root_key made, loaded;
	struct err err;

	CHECK_FAILS(root_key_create(&source, &made, &err), err, MSG_PASSPHRASE_MISSING);
	source.passphrase = "too short";
	CHECK_FAILS(root_key_create(&source, &made, &err), err, MSG_PASSPHRASE_SHORT);
	source.passphrase = "北京时间 long enough";
	CHECK_FAILS(root_key_load(&source, &made, &err), err, MSG_FILE_MISSING);
	CHECK_DONE(root_key_create(&source, &made, &err), err);
	CHECK_FAILS(root_key_create(&source, &made, &err), err, MSG_ROOT_KEY_EXISTS);
	CHECK_DONE(root_key_load(&source, &loaded, &err), err);
	CHECK(memcmp(&made, &loaded, sizeof(made)) == 0);
	source.passphrase = "北京时间 long enougH";
	CHECK_DONE(root_key_load(&source, &loaded, &err), err);
	CHECK(memcmp(&made, &loaded, sizeof(made)) != 0);
	CHECK_DONE(file_replace(path, STR("argon2id 00\n"), 0600, &err), err);
	CHECK_FAILS(root_key_load(&source, &loaded, &err), err, MSG_SALT_DAMAGED);
}

static void a_key_beside_the_data_is_noticed(void)
{
	const char *folder = check_folder();

	CHECK(root_key_is_beside(folder, folder));
	CHECK(root_key_is_beside("/nowhere/root", folder));
	CHECK(!root_key_is_beside("/proc/version", folder));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(sources_are_parsed),
		TEST(a_key_file_is_made_and_read),
		TEST(key_files_hold_64_digits),
		TEST(a_credential_is_read),
		TEST(a_passphrase_gives_the_same_key),
		TEST(a_key_beside_the_data_is_noticed),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
