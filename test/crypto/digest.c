#include "base/encode.h"
#include "check.h"
#include "crypto/digest.h"

static void hex(struct digest digest, char to[2 * DIGEST_SIZE + 1])
{
	auto_writer text = { 0 };

	hex_write(&text, digest_str(&digest));
	memcpy(to, text.at, 2 * DIGEST_SIZE + 1);
}

/* FIPS 180-4's examples (NIST, "Examples with Intermediate Values"), and a million times "a". */
static void sha256_examples(void)
{
	static const struct {
		const char *text, *digest;
	} cases[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	char text[2 * DIGEST_SIZE + 1];
	auto_hasher hasher = { 0 };

	for (size_t i = 0; i < nitems(cases); i++) {
		hex(sha256(str_of(cases[i].text)), text);
		CHECK_STR(str_of(text), str_of(cases[i].digest));
		hasher_start(&hasher);
		for (size_t j = 0; j < strlen(cases[i].text); j++)
			hasher_add(&hasher, (struct str){ cases[i].text + j, 1 });
		hex(hasher_finish(&hasher), text);
		CHECK_STR(str_of(text), str_of(cases[i].digest));
	}
	hasher_start(&hasher);
	for (int i = 0; i < 100000; i++)
		hasher_add(&hasher, STR("aaaaaaaaaa"));
	hex(hasher_finish(&hasher), text);
	CHECK_STR(str_of(text),
		  STR("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

static void a_hasher_keeps_its_context(void)
{
	auto_hasher hasher = { 0 };

	hasher_start(&hasher);

	const void *context = hasher.context;

	hasher_add(&hasher, STR("left over"));
	hasher_start(&hasher);
	CHECK(hasher.context == context);

	struct digest again = hasher_finish(&hasher), empty = sha256(STR_NONE);

	CHECK(digest_equal(&again, &empty));
}

/* RFC 4231, test cases 1, 2 and 6. */
static void hmac_examples(void)
{
	char long_key[131], short_key[20], text[2 * DIGEST_SIZE + 1];

	memset(long_key, 0xaa, sizeof(long_key));
	memset(short_key, 0x0b, sizeof(short_key));

	const struct {
		struct str key, data;
		const char *digest;
	} cases[] = {
		{ { short_key, sizeof(short_key) },
		  STR("Hi There"),
		  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ STR("Jefe"), STR("what do ya want for nothing?"),
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ { long_key, sizeof(long_key) },
		  STR("Test Using Larger Than Block-Size Key - Hash Key First"),
		  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		hex(hmac_sha256(cases[i].key, cases[i].data), text);
		CHECK_STR(str_of(text), str_of(cases[i].digest));
	}
}

/* RFC 5869, appendix A.1 to A.3. */
static void hkdf_examples(void)
{
	static const struct {
		const char *key, *salt, *info, *output;
	} cases[] = {
		{ "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
		  "f0f1f2f3f4f5f6f7f8f9",
		  "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b88718"
		  "5865" },
		{ "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
		  "28292a2b2c2d2e2f"
		  "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
		  "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f8081828384858687"
		  "88898a8b8c8d8e8f"
		  "909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
		  "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7"
		  "d8d9dadbdcdddedf"
		  "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
		  "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac78272"
		  "71cb41c65e590e09"
		  "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87" },
		{ "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
		  "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a"
		  "96c8" },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		char key[80], salt[80], info[80], output[82];
		size_t key_size = strlen(cases[i].key) / 2, salt_size = strlen(cases[i].salt) / 2,
		       info_size = strlen(cases[i].info) / 2, size = strlen(cases[i].output) / 2;
		auto_writer text = { 0 };

		CHECK(hex_parse(str_of(cases[i].key), key, key_size));
		CHECK(hex_parse(str_of(cases[i].salt), salt, salt_size));
		CHECK(hex_parse(str_of(cases[i].info), info, info_size));
		hkdf_sha256((struct str){ key, key_size }, (struct str){ salt, salt_size },
			    (struct str){ info, info_size }, output, size);
		hex_write(&text, (struct str){ output, size });
		CHECK_STR(writer_str(&text), str_of(cases[i].output));
	}
}

static void secrets_are_compared(void)
{
	CHECK(secret_equal(STR("abc"), STR("abc")));
	CHECK(secret_equal(STR_NONE, STR("")));
	CHECK(!secret_equal(STR("abc"), STR("abd")));
	CHECK(!secret_equal(STR("abc"), STR("ab")));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(sha256_examples), TEST(a_hasher_keeps_its_context), TEST(hmac_examples),
		TEST(hkdf_examples),   TEST(secrets_are_compared),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
