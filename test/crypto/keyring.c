#include <pthread.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "check.h"
#include "crypto/keyring_file.h"
#include "crypto/suite.h"

static const struct root_key root = { "0123456789abcdef0123456789abcde" };
static const struct root_key other_root = { "0123456789abcdef0123456789abcdf" };

static bool opens_as(const struct keyring *keyring, enum key_use use, const char *context,
		     struct str sealed, struct str plain)
{
	auto_writer out = { 0 };
	struct err err;

	return keyring_unseal(keyring, use, str_of(context), sealed, &out, &err) &&
	       str_equal(writer_str(&out), plain);
}

static void a_keyring_is_made_and_opened(void)
{
	auto_memory char *path = path_join(check_folder(), "keyring");
	auto_keyring made = NULL;
	auto_keyring opened = NULL;
	auto_keyring refused = NULL;
	auto_writer sealed = { 0 };
	struct stat info;
	struct err err;

	CHECK_DONE(keyring_create(path, &root, &made, &err), err);
	CHECK(stat(path, &info) == 0 && (info.st_mode & 07777) == 0600);
	CHECK_FAILS(keyring_create(path, &root, &refused, &err), err, MSG_KEYRING_EXISTS);
	CHECK_FAILS(keyring_open(path, &other_root, &refused, &err), err, MSG_KEYRING_WRONG_ROOT);
	CHECK_FAILS(keyring_open("/nowhere/keyring", &root, &refused, &err), err, MSG_FILE_MISSING);
	CHECK(refused == NULL);
	CHECK_DONE(keyring_open(path, &root, &opened, &err), err);
	CHECK_INT(keyring_version(opened), 1);
	for (int use = KEY_DATABASE; use <= KEY_TRANSPORT; use++) {
		uint8_t a[KEY_SIZE], b[KEY_SIZE];

		keyring_copy_key(made, (enum key_use)use, a);
		keyring_copy_key(opened, (enum key_use)use, b);
		CHECK(memcmp(a, b, KEY_SIZE) == 0);
		for (int before = KEY_DATABASE; before < use; before++) {
			keyring_copy_key(made, (enum key_use)before, b);
			CHECK(memcmp(a, b, KEY_SIZE) != 0);
		}
	}
	CHECK_DONE(keyring_seal(made, KEY_FIELD, STR("account.seed 7"), STR("秘密"), &sealed, &err),
		   err);
	CHECK(opens_as(opened, KEY_FIELD, "account.seed 7", writer_str(&sealed), STR("秘密")));
}

static void sealed_values_stay_where_they_are(void)
{
	auto_memory char *path = path_join(check_folder(), "keyring");
	auto_keyring keyring = NULL;
	auto_writer sealed = { 0 }, again = { 0 }, empty = { 0 }, out = { 0 };
	struct err err;

	CHECK_DONE(keyring_create(path, &root, &keyring, &err), err);
	CHECK_DONE(keyring_seal(keyring, KEY_FIELD, STR("a 1"), STR("plain"), &sealed, &err), err);
	CHECK_DONE(keyring_seal(keyring, KEY_FIELD, STR("a 1"), STR("plain"), &again, &err), err);
	CHECK_INT((int64_t)sealed.len, 1 + 4 + 24 + 5 + 16);
	CHECK(!str_equal(writer_str(&sealed), writer_str(&again)));
	CHECK(opens_as(keyring, KEY_FIELD, "a 1", writer_str(&sealed), STR("plain")));
	for (int use = KEY_DATABASE; use <= KEY_TRANSPORT; use++)
		CHECK(opens_as(keyring, (enum key_use)use, "a 1", writer_str(&sealed),
			       STR("plain")) == (use == KEY_FIELD));
	CHECK_FAILS(keyring_unseal(keyring, KEY_FIELD, STR("a 2"), writer_str(&sealed), &out, &err),
		    err, MSG_SEALED_DAMAGED);
	CHECK_FAILS(
		keyring_unseal(keyring, KEY_FIELD, STR("a 1\0"), writer_str(&sealed), &out, &err),
		err, MSG_SEALED_DAMAGED);
	CHECK_FAILS(keyring_unseal(keyring, KEY_FIELD, STR_NONE, writer_str(&sealed), &out, &err),
		    err, MSG_SEALED_DAMAGED);
	CHECK_INT((int64_t)out.len, 0);
	CHECK_DONE(keyring_seal(keyring, KEY_BLOB, STR_NONE, STR_NONE, &empty, &err), err);
	CHECK(opens_as(keyring, KEY_BLOB, "", writer_str(&empty), STR("")));
}

static void every_flipped_bit_of_a_sealed_value_is_refused(void)
{
	auto_memory char *path = path_join(check_folder(), "keyring");
	auto_keyring keyring = NULL;
	auto_writer sealed = { 0 };
	struct err err;

	CHECK_DONE(keyring_create(path, &root, &keyring, &err), err);
	CHECK_DONE(
		keyring_seal(keyring, KEY_FIELD, STR("a 1"), STR("a plain value"), &sealed, &err),
		err);
	for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
		auto_writer out = { 0 };

		writer_text(&out, "kept");
		sealed.at[bit / 8] ^= (char)(1 << bit % 8);
		CHECK_FAILS(keyring_unseal(keyring, KEY_FIELD, STR("a 1"), writer_str(&sealed),
					   &out, &err),
			    err, bit < 8 ? MSG_SUITE_UNKNOWN : MSG_SEALED_DAMAGED);
		CHECK_STR(writer_str(&out), STR("kept"));
		CHECK_INT((int64_t)strlen(out.at), 4);
		sealed.at[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t len = 0; len < sealed.len; len++) {
		auto_writer out = { 0 };

		CHECK_FAILS(keyring_unseal(keyring, KEY_FIELD, STR("a 1"),
					   str_sub(writer_str(&sealed), 0, len), &out, &err),
			    err, MSG_SEALED_DAMAGED);
	}
	CHECK(opens_as(keyring, KEY_FIELD, "a 1", writer_str(&sealed), STR("a plain value")));
}

static void every_changed_byte_of_the_file_is_refused(void)
{
	auto_memory char *path = path_join(check_folder(), "keyring");
	auto_keyring keyring = NULL;
	auto_keyring refused = NULL;
	auto_writer text = { 0 };
	struct keyring_secrets secrets;
	uint32_t version;
	struct err err;

	root_keys_derive(&root, &secrets.root);
	CHECK_DONE(keyring_create(path, &root, &keyring, &err), err);
	CHECK_DONE(file_read(path, KEYRING_FILE_MAX, &text, &err), err);
	for (size_t bit = 0; bit < 8 * text.len; bit++) {
		text.at[bit / 8] ^= (char)(1 << bit % 8);
		CHECK_FAILS(keyring_file_read(writer_str(&text), path, &secrets, &version, &err),
			    err, MSG_KEYRING_DAMAGED);
		text.at[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t len = 0; len < text.len; len++)
		CHECK_FAILS(keyring_file_read(str_sub(writer_str(&text), 0, len), path, &secrets,
					      &version, &err),
			    err, MSG_KEYRING_DAMAGED);
	writer_byte(&text, '\n');
	CHECK_DONE(file_replace(path, writer_str(&text), 0600, &err), err);
	CHECK_FAILS(keyring_open(path, &root, &refused, &err), err, MSG_KEYRING_DAMAGED);
}

/* Somebody with the file but not the root key changes it and makes the checksum fit. */
static void a_forged_file_is_refused(void)
{
	auto_memory char *path = path_join(check_folder(), "keyring");
	auto_keyring keyring = NULL;
	auto_writer text = { 0 }, newer = { 0 };
	struct keyring_secrets secrets;
	struct root_keys forger;
	uint32_t version;
	struct err err;

	root_keys_derive(&root, &secrets.root);
	root_keys_derive(&other_root, &forger);
	CHECK_DONE(keyring_create(path, &root, &keyring, &err), err);
	CHECK_DONE(file_read(path, KEYRING_FILE_MAX, &text, &err), err);

	/* Without the lines "mac …" and "sum …". */
	struct str body = str_sub(writer_str(&text), 0, text.len - 2 * (4 + 2 * DIGEST_SIZE + 1));

	for (size_t i = 0; i < body.len; i += 7) {
		auto_writer forged = { 0 };
		bool named = i >= strlen("xiedun-keyring 1\nroot ") &&
			     i < strlen("xiedun-keyring 1\nroot 0123456789abcdef");

		writer_put(&forged, body);
		forged.at[i] = forged.at[i] == '0' ? '1' : '0';
		keyring_file_finish(&forger, &forged);
		if (str_starts(writer_str(&forged), "xiedun-keyring 1\n"))
			CHECK_FAILS(keyring_file_read(writer_str(&forged), path, &secrets, &version,
						      &err),
				    err, named ? MSG_KEYRING_WRONG_ROOT : MSG_KEYRING_DAMAGED);
		else
			CHECK(!keyring_file_read(writer_str(&forged), path, &secrets, &version,
						 &err));
	}
	writer_text(&newer, "xiedun-keyring 2\n");
	keyring_file_finish(&secrets.root, &newer);
	CHECK_FAILS(keyring_file_read(writer_str(&newer), path, &secrets, &version, &err), err,
		    MSG_KEYRING_FORMAT);
}

static void rotation_keeps_values_readable(void)
{
	auto_memory char *path = path_join(check_folder(), "keyring");
	auto_keyring keyring = NULL;
	auto_keyring opened = NULL;
	auto_keyring refused = NULL;
	auto_writer before = { 0 }, after = { 0 }, first = { 0 }, second = { 0 };
	struct err err;

	CHECK_DONE(keyring_create(path, &root, &keyring, &err), err);
	CHECK_DONE(file_read(path, KEYRING_FILE_MAX, &first, &err), err);
	CHECK_DONE(keyring_seal(keyring, KEY_FIELD, STR("a"), STR("old"), &before, &err), err);
	CHECK_DONE(keyring_rotate(keyring, &err), err);
	CHECK_INT(keyring_version(keyring), 2);
	CHECK_DONE(keyring_seal(keyring, KEY_FIELD, STR("a"), STR("new"), &after, &err), err);
	CHECK(memcmp(before.at, "\1\0\0\0\1", 5) == 0 && memcmp(after.at, "\1\0\0\0\2", 5) == 0);
	CHECK_DONE(file_read(path, KEYRING_FILE_MAX, &second, &err), err);
	CHECK(!str_equal(writer_str(&first), writer_str(&second)));

	CHECK_DONE(keyring_change_root(keyring, &other_root, &err), err);
	CHECK_DONE(keyring_rotate(keyring, &err), err);
	CHECK_FAILS(keyring_open(path, &root, &refused, &err), err, MSG_KEYRING_WRONG_ROOT);
	CHECK_DONE(keyring_open(path, &other_root, &opened, &err), err);
	CHECK_INT(keyring_version(opened), 4);
	CHECK(opens_as(opened, KEY_FIELD, "a", writer_str(&before), STR("old")));
	CHECK(opens_as(opened, KEY_FIELD, "a", writer_str(&after), STR("new")));

	/* The one that has not seen the other's rotation must not undo it. */
	CHECK_DONE(keyring_rotate(opened, &err), err);
	CHECK_FAILS(keyring_rotate(keyring, &err), err, MSG_KEYRING_CHANGED);
	CHECK_FAILS(keyring_change_root(keyring, &root, &err), err, MSG_KEYRING_CHANGED);
	CHECK_INT(keyring_version(keyring), 4);
}

static void a_failed_rotation_changes_nothing(void)
{
	const char *folder = check_folder();
	auto_memory char *path = path_join(folder, "keyring");
	auto_memory char *blocked = path_join(folder, "keyring.new");
	auto_keyring keyring = NULL;
	auto_keyring opened = NULL;
	struct err err;

	CHECK_DONE(keyring_create(path, &root, &keyring, &err), err);
	CHECK_DONE(folder_make(blocked, 0700, &err), err);
	CHECK_FAILS(keyring_rotate(keyring, &err), err, MSG_FILE_FAILED);
	CHECK_FAILS(keyring_change_root(keyring, &other_root, &err), err, MSG_FILE_FAILED);
	CHECK_INT(keyring_version(keyring), 1);
	CHECK_DONE(path_remove(blocked, &err), err);
	CHECK_DONE(keyring_rotate(keyring, &err), err);
	CHECK_DONE(keyring_open(path, &root, &opened, &err), err);
	CHECK_INT(keyring_version(opened), 2);
}

enum { SEALERS = 3, SEALS = 400, ROTATIONS = 12 };

struct sealer {
	pthread_t thread;
	struct keyring *keyring;
	int good;
};

static void *seal_many(void *argument)
{
	struct sealer *sealer = argument;

	for (int i = 0; i < SEALS; i++) {
		auto_writer sealed = { 0 };
		struct err err;

		if (keyring_seal(sealer->keyring, KEY_FIELD, STR("row"), STR("value"), &sealed,
				 &err) &&
		    opens_as(sealer->keyring, KEY_FIELD, "row", writer_str(&sealed), STR("value")))
			sealer->good++;
	}
	return NULL;
}

static void threads_seal_while_another_rotates(void)
{
	auto_memory char *path = path_join(check_folder(), "keyring");
	auto_keyring keyring = NULL;
	struct sealer sealers[SEALERS] = { 0 };
	bool rotated = true;
	struct err err;

	CHECK_DONE(keyring_create(path, &root, &keyring, &err), err);
	for (int i = 0; i < SEALERS; i++) {
		sealers[i].keyring = keyring;
		CHECK(pthread_create(&sealers[i].thread, NULL, seal_many, &sealers[i]) == 0);
	}
	for (int i = 0; i < ROTATIONS; i++)
		rotated &= i == ROTATIONS / 2 ? keyring_change_root(keyring, &other_root, &err)
					      : keyring_rotate(keyring, &err);
	for (int i = 0; i < SEALERS; i++)
		(void)pthread_join(sealers[i].thread, NULL);
	CHECK_DONE(rotated, err);
	CHECK_INT(keyring_version(keyring), ROTATIONS + 1);
	for (int i = 0; i < SEALERS; i++)
		CHECK_INT(sealers[i].good, SEALS);
}

static void blind_indexes(void)
{
	auto_memory char *path = path_join(check_folder(), "keyring");
	auto_keyring keyring = NULL;
	struct err err;

	CHECK_DONE(keyring_create(path, &root, &keyring, &err), err);

	struct digest phone = keyring_blind(keyring, STR("phone"), STR("13800000000")),
		      same = keyring_blind(keyring, STR("phone"), STR("13800000000")),
		      next = keyring_blind(keyring, STR("phone"), STR("13800000001")),
		      moved = keyring_blind(keyring, STR("fax"), STR("13800000000"));

	CHECK(digest_equal(&phone, &same));
	CHECK(!digest_equal(&phone, &next));
	CHECK(!digest_equal(&phone, &moved));
}

static void unknown_suites_are_named(void)
{
	const struct suite *suite = NULL;
	struct err err;

	CHECK_DONE(suite_find(SUITE_CURRENT, &suite, &err), err);
	CHECK_FAILS(suite_find(0, &suite, &err), err, MSG_SUITE_UNKNOWN);
	CHECK_FAILS(suite_find(77, &suite, &err), err, MSG_SUITE_UNKNOWN);
	CHECK_STR(str_of(err.arg[0]), STR("77"));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(a_keyring_is_made_and_opened),
		TEST(sealed_values_stay_where_they_are),
		TEST(every_flipped_bit_of_a_sealed_value_is_refused),
		TEST(every_changed_byte_of_the_file_is_refused),
		TEST(a_forged_file_is_refused),
		TEST(rotation_keeps_values_readable),
		TEST(a_failed_rotation_changes_nothing),
		TEST(threads_seal_while_another_rotates),
		TEST(blind_indexes),
		TEST(unknown_suites_are_named),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
