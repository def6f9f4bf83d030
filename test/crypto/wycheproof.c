/* The vectors of C2SP's Wycheproof for the algorithms of the suite, from the folder XIEDUN_SHARED. */
#include <signal.h>
#include <sys/wait.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/node.h"
#include "check.h"
#include "crypto/sign.h"
#include "crypto/suite.h"

enum outcome { WRONG, RIGHT, NOT_OURS };

typedef enum outcome case_fn(const struct node *group, const struct node *one, bool valid);

/* The bytes of a member in hexadecimal digits. */
static void bytes_of(const struct node *map, const char *key, struct writer *to)
{
	struct str hex = node_member_text(map, key);
	char *at = writer_reserve(to, hex.len / 2);

	if (!at || !hex_parse(hex, at, hex.len / 2))
		abort();
}

static int64_t number_of(const struct node *map, const char *key)
{
	const struct node *node = node_member(map, key);
	int64_t number;

	if (!node || !node_int(node, &number))
		abort();
	return number;
}

static enum outcome hmac_case(const struct node *group, const struct node *one, bool valid)
{
	auto_writer key = { 0 }, message = { 0 }, tag = { 0 };

	bytes_of(one, "key", &key);
	bytes_of(one, "msg", &message);
	bytes_of(one, "tag", &tag);

	struct digest mac = hmac_sha256(writer_str(&key), writer_str(&message));
	struct str cut = str_sub(digest_str(&mac), 0, (size_t)number_of(group, "tagSize") / 8);

	return secret_equal(cut, writer_str(&tag)) == valid ? RIGHT : WRONG;
}

/* True when a child that asks for so many bytes is stopped: the function's contract ends at 8160. */
static bool hkdf_aborts(struct str key, struct str salt, struct str info, size_t size)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		auto_memory char *to = memory_zero(size, 1);

		hkdf_sha256(key, salt, info, to, size);
		_exit(0);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGABRT;
}

static enum outcome hkdf_case(const struct node *group unused, const struct node *one, bool valid)
{
	auto_writer key = { 0 }, salt = { 0 }, info = { 0 }, output = { 0 };
	size_t size = (size_t)number_of(one, "size");
	auto_memory char *to = memory_zero(size, 1);

	bytes_of(one, "ikm", &key);
	bytes_of(one, "salt", &salt);
	bytes_of(one, "info", &info);
	bytes_of(one, "okm", &output);
	if (!valid)
		return hkdf_aborts(writer_str(&key), writer_str(&salt), writer_str(&info), size)
			       ? RIGHT
			       : WRONG;
	hkdf_sha256(writer_str(&key), writer_str(&salt), writer_str(&info), to, size);
	return str_equal((struct str){ to, size }, writer_str(&output)) ? RIGHT : WRONG;
}

/* The suite knows 256-bit keys, 96-bit nonces and 128-bit tags only. */
static enum outcome gcm_case(const struct node *group, const struct node *one, bool valid)
{
	auto_writer key = { 0 }, header = { 0 }, plain = { 0 }, sealed = { 0 }, to = { 0 };
	const struct suite *suite;
	struct err err;

	if (number_of(group, "keySize") != 256 || number_of(group, "ivSize") != 96 ||
	    number_of(group, "tagSize") != 128)
		return NOT_OURS;
	bytes_of(one, "key", &key);
	bytes_of(one, "iv", &key);
	bytes_of(one, "aad", &header);
	bytes_of(one, "msg", &plain);
	bytes_of(one, "ct", &sealed);
	bytes_of(one, "tag", &sealed);
	if (!suite_find(SUITE_AES_SHA2, &suite, &err) || key.len != suite->message_key_size)
		return WRONG;

	const uint8_t *message_key = (const uint8_t *)key.at;
	uint8_t *out = writer_reserve(&to, sealed.len);
	bool opened = suite->open(message_key, writer_str(&header), writer_str(&sealed), out);

	if (!valid)
		return opened ? WRONG : RIGHT;
	if (!opened || memcmp(out, writer_str(&plain).at, plain.len) != 0)
		return WRONG;
	if (!suite->seal(message_key, writer_str(&header), writer_str(&plain), out))
		return WRONG;
	return memcmp(out, sealed.at, sealed.len) == 0 ? RIGHT : WRONG;
}

/* A signature of another length does not fit the type, which refuses it. */
static enum outcome ed25519_case(const struct node *group, const struct node *one, bool valid)
{
	auto_writer message = { 0 }, bytes = { 0 }, key = { 0 };
	struct signature signature;
	struct public_key public;

	bytes_of(one, "msg", &message);
	bytes_of(one, "sig", &bytes);
	bytes_of(node_member(group, "publicKey"), "pk", &key);
	if (bytes.len != sizeof(signature.bytes) || key.len != sizeof(public.bytes))
		return valid ? WRONG : RIGHT;
	memcpy(signature.bytes, bytes.at, bytes.len);
	memcpy(public.bytes, key.at, key.len);
	return signature_valid(&public, writer_str(&message), &signature) == valid ? RIGHT : WRONG;
}

static void run_file(const char *name, case_fn *run)
{
	const char *folder = getenv("XIEDUN_SHARED");
	int64_t right = 0, others = 0;
	auto_writer path = { 0 }, text = { 0 };
	auto_arena arena = arena_new(256 << 20);
	const struct node *file;
	struct err err;

	if (!folder) {
		printf("# skipped: XIEDUN_SHARED names no folder with "
		       "wycheproof/testvectors_v1/%s\n",
		       name);
		CHECK(true);
		return;
	}
	writer_printf(&path, "%s/wycheproof/testvectors_v1/%s", folder, name);
	CHECK_DONE(file_read(path.at, 64 << 20, &text, &err), err);
	CHECK_DONE(node_from_json(arena, writer_str(&text), &file, &err), err);

	const struct node *groups = node_member(file, "testGroups");

	CHECK(groups != NULL);
	for (const struct node *group = groups->child; group; group = group->next) {
		const struct node *tests = node_member(group, "tests");

		CHECK(tests != NULL);
		for (const struct node *one = tests->child; one; one = one->next) {
			struct str result = node_member_text(one, "result");
			enum outcome outcome = run(group, one, str_is(result, "valid"));

			CHECK(str_is(result, "valid") || str_is(result, "invalid"));
			if (outcome == WRONG)
				printf("# %s: case %lld\n", name,
				       (long long)number_of(one, "tcId"));
			CHECK(outcome != WRONG);
			right += outcome == RIGHT;
			others += outcome == NOT_OURS;
		}
	}
	printf("# %s: %lld cases ran, %lld are of other key, nonce or tag sizes\n", name,
	       (long long)right, (long long)others);
	CHECK_INT(right + others, number_of(file, "numberOfTests"));
	CHECK(right > 60);
	check_cases((int)right);
}

static void hmac_sha256_vectors(void)
{
	run_file("hmac_sha256_test.json", hmac_case);
}

static void hkdf_sha256_vectors(void)
{
	run_file("hkdf_sha256_test.json", hkdf_case);
}

static void aes_gcm_vectors(void)
{
	run_file("aes_gcm_test.json", gcm_case);
}

static void ed25519_vectors(void)
{
	run_file("ed25519_test.json", ed25519_case);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(hmac_sha256_vectors),
		TEST(hkdf_sha256_vectors),
		TEST(aes_gcm_vectors),
		TEST(ed25519_vectors),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
