/* What one thread does in a second: leaf hashes, HMAC, sealed values, signatures; and what one password costs. */
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "crypto/keyring.h"
#include "crypto/password.h"
#include "crypto/sign.h"

struct bench {
	struct hasher hasher;
	struct keyring *keyring;
	struct signer *signer;
	struct signature signature;
	struct writer sealed;
	struct str text; /* 300 bytes */
	struct err err;
};

static void leaf(struct bench *bench)
{
	hasher_start(&bench->hasher);
	hasher_add(&bench->hasher, (struct str){ "\0", 1 });
	hasher_add(&bench->hasher, bench->text);
	(void)hasher_finish(&bench->hasher);
}

static void mac(struct bench *bench)
{
	(void)hmac_sha256(STR("0123456789abcdef0123456789abcdef"), bench->text);
}

static void seal(struct bench *bench)
{
	writer_clear(&bench->sealed);
	if (!keyring_seal(bench->keyring, KEY_FIELD, STR("row"), bench->text, &bench->sealed,
			  &bench->err))
		abort();
}

static void unseal(struct bench *bench)
{
	auto_writer plain = { 0 };

	if (!keyring_unseal(bench->keyring, KEY_FIELD, STR("row"), writer_str(&bench->sealed),
			    &plain, &bench->err))
		abort();
}

static void sign(struct bench *bench)
{
	if (!signer_sign(bench->signer, bench->text, &bench->signature, &bench->err))
		abort();
}

static void verify(struct bench *bench)
{
	if (!signature_valid(signer_public(bench->signer), bench->text, &bench->signature))
		abort();
}

static void password(struct bench *bench unused)
{
	password_pretend(STR("a password"));
}

int main(void)
{
	static const struct {
		const char *name;
		void (*run)(struct bench *);
		int times;
	} rows[] = {
		{ "leaf hash, 1 + 300 bytes", leaf, 500000 },
		{ "HMAC, 300 bytes", mac, 200000 },
		{ "seal, 300 bytes", seal, 100000 },
		{ "unseal, 300 bytes", unseal, 100000 },
		{ "sign, 300 bytes", sign, 10000 },
		{ "verify, 300 bytes", verify, 5000 },
		{ "password", password, 10 },
	};
	static const uint8_t seed[SIGN_SEED_SIZE] = { 1 };
	static const struct root_key root = { "a root key for the benchmark..." };
	char folder[] = "/tmp/xiedun-bench-XXXXXX", bytes[300];
	struct bench bench = { .text = { bytes, sizeof(bytes) } };

	memset(bytes, 'x', sizeof(bytes));
	if (!mkdtemp(folder))
		abort();

	auto_memory char *path = path_join(folder, "keyring");

	if (!keyring_create(path, &root, &bench.keyring, &bench.err) ||
	    !signer_new(seed, &bench.signer, &bench.err))
		abort();
	for (size_t i = 0; i < nitems(rows); i++) {
		int64_t before = clock_elapsed();

		for (int n = 0; n < rows[i].times; n++)
			rows[i].run(&bench);

		double each = (double)(clock_elapsed() - before) / rows[i].times;

		printf("%-26s %10.2f us each, %9.0f/s\n", rows[i].name, each, 1e6 / each);
	}
	hasher_release(&bench.hasher);
	writer_release(&bench.sealed);
	signer_free(bench.signer);
	keyring_free(bench.keyring);
	return path_remove(folder, &bench.err) ? EXIT_DONE : EXIT_ENVIRONMENT;
}
