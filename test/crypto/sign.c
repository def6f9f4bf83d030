#include "base/encode.h"
#include "check.h"
#include "crypto/sign.h"

/* RFC 8032, section 7.1, tests 1 to 3. */
static void ed25519_examples(void)
{
	static const struct {
		const char *seed, *public, *message, *signature;
	} cases[] = {
		{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
		  "c61e39701cf9b46b"
		  "d25bf5f0595bbe24655141438e7a100b" },
		{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
		  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
		  "458f3613d0f11d8c"
		  "387b2eaeb4302aeeb00d291612bb0c00" },
		{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
		  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
		  "ae67f760984dc659"
		  "4a7c15e9716ed28dc027beceea1ec40a" },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		uint8_t seed[SIGN_SEED_SIZE];
		char message[8];
		size_t size = strlen(cases[i].message) / 2;
		struct signature made, right;
		struct public_key public;
		auto_signer signer = NULL;
		struct err err;

		CHECK(hex_parse(str_of(cases[i].seed), seed, sizeof(seed)));
		CHECK(hex_parse(str_of(cases[i].public), public.bytes, sizeof(public.bytes)));
		CHECK(hex_parse(str_of(cases[i].message), message, size));
		CHECK(hex_parse(str_of(cases[i].signature), right.bytes, sizeof(right.bytes)));
		CHECK_DONE(signer_new(seed, &signer, &err), err);
		CHECK(memcmp(signer_public(signer), &public, sizeof(public)) == 0);
		CHECK_DONE(signer_sign(signer, (struct str){ message, size }, &made, &err), err);
		CHECK(memcmp(&made, &right, sizeof(made)) == 0);
		CHECK(signature_valid(&public, (struct str){ message, size }, &made));
	}
}

static void every_flipped_bit_is_refused(void)
{
	static const uint8_t seed[SIGN_SEED_SIZE] = { 1, 2, 3 };
	struct str text = STR("example.org/log\n42\n");
	struct signature signature;
	auto_signer signer = NULL;
	struct err err;

	CHECK_DONE(signer_new(seed, &signer, &err), err);
	CHECK_DONE(signer_sign(signer, text, &signature, &err), err);
	for (size_t bit = 0; bit < 8 * SIGNATURE_SIZE; bit++) {
		struct signature flipped = signature;

		flipped.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(!signature_valid(signer_public(signer), text, &flipped));
	}
	for (size_t bit = 0; bit < 8 * SIGN_PUBLIC_SIZE; bit++) {
		struct public_key flipped = *signer_public(signer);

		flipped.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(!signature_valid(&flipped, text, &signature));
	}
	CHECK(!signature_valid(signer_public(signer), STR("example.org/log\n43\n"), &signature));
	CHECK(signature_valid(signer_public(signer), text, &signature));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = { TEST(ed25519_examples),
						   TEST(every_flipped_bit_is_refused) };

	return check_main(tests, nitems(tests), argc, argv);
}
