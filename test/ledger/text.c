/* The texts of the log: signed notes, checkpoints, names of tiles, bundles, entries. */
#include <ctype.h>

#include "base/encode.h"
#include "check.h"
#include "ledger/bundle.h"
#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "ledger/tile.h"
#include "ledger/tree.h"

/* --- Signed notes --- */

/* The example of c2sp.org/signed-note; its key is known from the implementation in Go's package
 * note. */
#define POEM                                     \
	"Ognuno sta solo sul cuor della terra\n" \
	"trafitto da un raggio di sole:\n\n"     \
	"\xc3\xa8"                               \
	"d \xc3\xa8 subito sera.\n"

static struct signer *test_signer(uint8_t fill)
{
	uint8_t seed[SIGN_SEED_SIZE];
	struct signer *signer;
	struct err err;

	memset(seed, fill, sizeof(seed));
	if (!signer_new(seed, &signer, &err))
		abort();
	return signer;
}

static struct note_verifier verifier_for(const struct signer *signer, const char *name)
{
	struct note_verifier verifier = { .key = *signer_public(signer) };

	memcpy(verifier.name, name, strlen(name));
	return verifier;
}

static void verifier_keys(void)
{
	auto_signer signer = test_signer(7);
	struct note_verifier verifier = verifier_for(signer, "hospital.example/ledger/1"), again;
	auto_writer text = { 0 };
	struct err err;

	note_verifier_write(&verifier, &text);
	CHECK_DONE(note_verifier_parse(writer_str(&text), &again, &err), err);
	CHECK_STR(str_of(again.name), str_of(verifier.name));
	CHECK(memcmp(&again.key, &verifier.key, sizeof(again.key)) == 0);

	/* The id guards name and key. */
	for (size_t i = 0; i < text.len; i++) {
		auto_writer changed = { 0 };

		writer_put(&changed, writer_str(&text));
		changed.at[i] = changed.at[i] == 'A' ? 'B' : 'A';
		if (toupper(text.at[i]) == changed.at[i] && i > strlen(verifier.name))
			continue; /* hexadecimal digits may be of either case */
		CHECK_FAILS(note_verifier_parse(writer_str(&changed), &again, &err), err,
			    MSG_LEDGER_VERIFIER_KEY);
	}
	CHECK_FAILS(note_verifier_parse(STR("a+b"), &again, &err), err, MSG_LEDGER_VERIFIER_KEY);
	CHECK_FAILS(note_verifier_parse(STR(""), &again, &err), err, MSG_LEDGER_VERIFIER_KEY);
}

/* PeterNeumann's key and note: the test of Go's golang.org/x/mod/sumdb/note, used by every
 * implementation. */
static void known_note(void)
{
	static const char key[] =
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	static const char note[] =
		"If you think cryptography is the answer to your problem,\n"
		"then you don't know what your problem is.\n"
		"\n"
		"\xe2\x80\x94 PeterNeumann "
		"x08go/ZJkuBS9UG/"
		"SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
	struct note_verifier verifier;
	struct str text;
	struct err err;

	CHECK_DONE(note_verifier_parse(STR(key), &verifier, &err), err);
	CHECK_DONE(note_open(STR(note), &verifier, 1, &text, &err), err);
	CHECK_INT((int64_t)text.len, 99);
}

static void note_round(void)
{
	auto_signer signer = test_signer(1);
	auto_signer other = test_signer(2);
	struct note_verifier both[] = { verifier_for(signer, "quasimodo.example/salvatore"),
					verifier_for(other, "other") };
	auto_writer note = { 0 }, changed = { 0 };
	struct str text;
	struct err err;

	CHECK_DONE(note_sign(signer, str_of(both[0].name), STR(POEM), &note, &err), err);
	CHECK_DONE(note_open(writer_str(&note), both, 2, &text, &err), err);
	CHECK_STR(text, STR(POEM));
	CHECK_FAILS(note_open(writer_str(&note), &both[1], 1, &text, &err), err,
		    MSG_LEDGER_NOTE_UNSIGNED);

	/* Each flipped bit is noticed: by the form, by the signature, or because the key is then
	 * another one. */
	for (size_t i = 0; i < note.len * 8; i++) {
		writer_clear(&changed);
		writer_put(&changed, writer_str(&note));
		changed.at[i / 8] = (char)(changed.at[i / 8] ^ (1 << i % 8));
		CHECK(!note_open(writer_str(&changed), both, 2, &text, &err));
	}
	check_cases((int)note.len * 8);
}

static void note_signatures(void)
{
	auto_signer signer = test_signer(1);
	auto_signer other = test_signer(2);
	struct note_verifier verifier = verifier_for(signer, "log");
	auto_writer note = { 0 }, line = { 0 };
	struct str text;
	struct err err;

	/* Twenty signatures of strangers, one of them under our name, before and behind ours. */
	CHECK_DONE(note_sign(other, STR("log"), STR("text\n"), &note, &err), err);
	for (int i = 0; i < 20; i++)
		writer_printf(&note, "\xe2\x80\x94 witness%d.example AAAAAQID\n", i);
	CHECK_FAILS(note_open(writer_str(&note), &verifier, 1, &text, &err), err,
		    MSG_LEDGER_NOTE_UNSIGNED);
	CHECK_DONE(note_sign(signer, STR("log"), STR("text\n"), &line, &err), err);
	writer_put(&note, str_sub(writer_str(&line), strlen("text\n\n"), line.len));
	CHECK_DONE(note_open(writer_str(&note), &verifier, 1, &text, &err), err);
	CHECK_STR(text, STR("text\n"));

	/* A wrong one of ours beside a right one: the whole note is refused. */
	auto_writer wrong = { 0 }, lines = { 0 };

	CHECK_DONE(note_sign(signer, STR("log"), STR("other\n"), &lines, &err), err);
	writer_put(&wrong, writer_str(&note));
	writer_put(&wrong, str_sub(writer_str(&lines), strlen("other\n\n"), lines.len));
	CHECK_FAILS(note_open(writer_str(&wrong), &verifier, 1, &text, &err), err,
		    MSG_LEDGER_NOTE_SIGNATURE);
}

static void note_forms(void)
{
	static const char *const malformed[] = {
		"",
		"\n",
		"text\n",
		"text\n\n",
		"\n\n\xe2\x80\x94 a AAAAAAAA\n",
		"text\n\n\xe2\x80\x94 a AAAAAAAA",
		"text\r\n\n\xe2\x80\x94 a AAAAAAAA\n",
		"text\n\xe2\x80\x94 a AAAAAAAA\n",
		"text\n\n- a AAAAAAAA\n",
		"text\n\n\xe2\x80\x94 aAAAAAAAA\n",
		"text\n\n\xe2\x80\x94  AAAAAAAA\n",
		"text\n\n\xe2\x80\x94 a+b AAAAAAAA\n",
		"text\n\n\xe2\x80\x94 a AAAAAA==\n",
		"text\n\n\xe2\x80\x94 a AAAAAAA\n",
		"text\n\n\xe2\x80\x94 a AAAAAAAA \n",
		"text\n\n\xe2\x80\x94 a AAAAAAAA\nmore\n",
		"t\xffxt\n\n\xe2\x80\x94 a AAAAAAAA\n",
	};
	auto_signer signer = test_signer(1);
	struct note_verifier verifier = verifier_for(signer, "log");
	struct str text;
	struct err err;

	for (size_t i = 0; i < nitems(malformed); i++)
		CHECK_FAILS(note_open(str_of(malformed[i]), &verifier, 1, &text, &err), err,
			    MSG_LEDGER_NOTE_MALFORMED);
	check_cases((int)nitems(malformed));

	static const struct {
		const char *name;
		bool valid;
	} names[] = {
		{ "log.example/1", true },
		{ "\xe6\x97\xa5\xe5\xbf\x97", true },
		{ "", false },
		{ "a b", false },
		{ "a+b", false },
		{ "a\tb", false },
		{ "a\xc2\xa0"
		  "b",
		  false },
		{ "a\xe3\x80\x80", false },
		{ "a\xff", false },
	};

	for (size_t i = 0; i < nitems(names); i++)
		CHECK_INT(note_name_valid(str_of(names[i].name)), names[i].valid);
	check_cases((int)nitems(names));
}

/* --- Checkpoints --- */

static void checkpoints(void)
{
	static const struct {
		const char *text;
		bool valid;
	} texts[] = {
		{ "log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", true },
		{ "log\n12\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nextension\n", true },
		{ "log\n9223372036854775807\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		  true },
		{ "log\n9223372036854775808\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		  false },
		{ "log\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", false },
		{ "log\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", false },
		{ "log\n+1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", false },
		{ "log\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n", false },
		{ "log\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hS\n", false },
		{ "log\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n", false },
		{ "\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", false },
		{ "log\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", false },
		{ "log\n1\n", false },
		{ "", false },
	};
	struct checkpoint checkpoint;
	struct err err;

	for (size_t i = 0; i < nitems(texts); i++) {
		bool done = checkpoint_parse(str_of(texts[i].text), &checkpoint, &err);

		CHECK_INT(done, texts[i].valid);
		CHECK(done || err.message == MSG_LEDGER_CHECKPOINT_MALFORMED);
	}
	check_cases((int)nitems(texts));

	auto_signer signer = test_signer(3);
	struct note_verifier verifier = verifier_for(signer, "log"),
			     stranger = verifier_for(signer, "gol");
	const struct checkpoint made = { .origin = STR("log"),
					 .size = 70000,
					 .root = sha256(STR("root")) };
	auto_writer note = { 0 };

	CHECK_DONE(checkpoint_sign(&made, signer, &note, &err), err);
	CHECK_DONE(checkpoint_open(writer_str(&note), &verifier, &checkpoint, &err), err);
	CHECK_INT(checkpoint.size, 70000);
	CHECK(digest_equal(&checkpoint.root, &made.root));
	CHECK_FAILS(checkpoint_open(writer_str(&note), &stranger, &checkpoint, &err), err,
		    MSG_LEDGER_NOTE_UNSIGNED);
}

/* --- Names of tiles --- */

static void tile_paths(void)
{
	static const struct {
		const char *text;
		struct tile_path path;
	} valid[] = {
		{ "checkpoint", { .kind = TILE_CHECKPOINT, .width = 256 } },
		{ "epoch/3/checkpoint", { .kind = TILE_CHECKPOINT, .epoch = 3, .width = 256 } },
		{ "tile/0/000", { .kind = TILE_HASHES, .width = 256 } },
		{ "tile/63/999", { .kind = TILE_HASHES, .level = 63, .index = 999, .width = 256 } },
		{ "tile/1/x001/000",
		  { .kind = TILE_HASHES, .level = 1, .index = 1000, .width = 256 } },
		{ "tile/0/x001/x234/067", { .kind = TILE_HASHES, .index = 1234067, .width = 256 } },
		{ "tile/0/x001/x234/067.p/1",
		  { .kind = TILE_HASHES, .index = 1234067, .width = 1 } },
		{ "tile/entries/x001/x000/000.p/255",
		  { .kind = TILE_ENTRIES, .index = 1000000, .width = 255 } },
		{ "epoch/12/tile/entries/001",
		  { .kind = TILE_ENTRIES, .epoch = 12, .index = 1, .width = 256 } },
	};
	static const char *const invalid[] = {
		"",
		"/",
		"tile",
		"tile/",
		"tile/0",
		"tile/0/",
		"tile/00/000",
		"tile/64/000",
		"tile/-1/000",
		"tile/0/0",
		"tile/0/00",
		"tile/0/0000",
		"tile/0/x000",
		"tile/0/x000/001",
		"tile/0/x001/",
		"tile/0/x001",
		"tile/0/001/002",
		"tile/0/x1/001",
		"tile/0/001.p/0",
		"tile/0/001.p/256",
		"tile/0/001.p/01",
		"tile/0/001.p/",
		"tile/0/001.p",
		"tile/0/001/",
		"tile/0/001.p/1/",
		"tile/entry/000",
		"tile/entries/000.p/-1",
		"tile/entries/000.p/+1",
		"Tile/0/000",
		"epoch/0/checkpoint",
		"epoch/01/checkpoint",
		"epoch//checkpoint",
		"epoch/1/",
		"checkpoint/",
		"../checkpoint",
		"tile/0/x999/x999/x999/x999/x999/x999/x999/999",
		"tile/0/ 01",
		"tile/0/0a1",
	};
	struct tile_path path;

	for (size_t i = 0; i < nitems(valid); i++) {
		auto_writer text = { 0 };

		CHECK(tile_path_parse(str_of(valid[i].text), &path));
		CHECK(path.kind == valid[i].path.kind && path.epoch == valid[i].path.epoch &&
		      path.level == valid[i].path.level && path.index == valid[i].path.index &&
		      path.width == valid[i].path.width);
		tile_path_write(&path, &text);
		CHECK_STR(writer_str(&text), str_of(valid[i].text));
	}
	for (size_t i = 0; i < nitems(invalid); i++)
		CHECK(!tile_path_parse(str_of(invalid[i]), &path) || !printf("# %s\n", invalid[i]));
	check_cases((int)(nitems(valid) + nitems(invalid)));
}

/* --- Bundles --- */

static void bundles(void)
{
	auto_writer bundle = { 0 }, large = { 0 };
	struct str rest, entry;

	memset(writer_reserve(&large, ENTRY_SIZE_MAX), 'x', ENTRY_SIZE_MAX);
	bundle_put(&bundle, STR("one"));
	bundle_put(&bundle, STR(""));
	bundle_put(&bundle, writer_str(&large));
	rest = writer_str(&bundle);
	CHECK(bundle_next(&rest, &entry));
	CHECK_STR(entry, STR("one"));
	CHECK(bundle_next(&rest, &entry));
	CHECK_STR(entry, STR(""));
	CHECK(bundle_next(&rest, &entry));
	CHECK(str_equal(entry, writer_str(&large)));
	CHECK(!bundle_next(&rest, &entry));
	CHECK_INT((int64_t)rest.len, 0);

	static const struct str broken[] = { { "\0", 1 },
					     { "\0\1", 2 },
					     { "\0\3ab", 4 },
					     { "\xff\xff"
					       "abc",
					       5 } };

	for (size_t i = 0; i < nitems(broken); i++) {
		rest = broken[i];
		CHECK(!bundle_next(&rest, &entry));
		CHECK(rest.len > 0);
	}
	check_cases((int)nitems(broken));
}

/* --- Entries --- */

#define UUID_A "0190163d-8694-739b-aea5-966c26f8ad91"
#define UUID_B "00000000-0000-0000-0000-000000000000"
#define SOME   "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define HEAD                                                               \
	"{\"v\":1,\"id\":12,\"time\":1700000000000000,\"actor\":\"" UUID_A \
	"\",\"action\":\"device.create\","                                 \
	"\"type\":\"device\",\"subject\":\"" UUID_A "\",\"version\":1"

static void entries(void)
{
	static const char *const valid[] = {
		HEAD "}",
		HEAD ",\"before\":\"" SOME "\",\"after\":\"" SOME "\",\"document\":\"" SOME
		     "\",\"peer\":\"" SOME "\",\"reason\":\"" SOME "\"}",
		HEAD ",\"after\":\"" SOME "\",\"peer\":\"" SOME "\"}",
		HEAD ",\"reason\":\"" SOME "\",\"second\":\"" UUID_A
		     "\",\"known\":\"YQ==\",\"kept\":\"YWI=\"}",
	};
	static const char *const invalid[] = {
		"",
		"{}",
		HEAD,
		HEAD "} ",
		HEAD ",\"after\":\"\"}",
		HEAD ",\"after\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}",
		HEAD ",\"after\":\"" SOME "\",\"before\":\"" SOME "\"}",
		HEAD ",\"after\":\"" SOME "\",\"after\":\"" SOME "\"}",
		HEAD ",\"other\":1}",
		HEAD ",\"second\":\"" UUID_B "\"}",
		HEAD ",\"second\":\"0190163D-8694-739b-aea5-966c26f8ad91\"}",
		HEAD ",\"known\":\"\"}",
		HEAD ",\"known\":\"YQ\"}",
		"{\"v\":2,\"id\":12}",
		"{\"v\":1,\"id\":012,\"time\":1}",
		"{\"v\":1,\"id\":-1,\"time\":1}",
	};
	struct ledger_entry entry;

	for (size_t i = 0; i < nitems(valid); i++) {
		auto_writer again = { 0 };
		int64_t id;

		CHECK(entry_parse(str_of(valid[i]), &entry));
		entry_write(&entry, &again);
		CHECK_STR(writer_str(&again), str_of(valid[i]));
		CHECK(entry_parse_id(str_of(valid[i]), &id));
		CHECK_INT(id, 12);

		/* No prefix of an entry is one. */
		for (size_t len = 0; len < again.len; len++)
			CHECK(!entry_parse(str_sub(writer_str(&again), 0, len), &entry));
	}
	for (size_t i = 0; i < nitems(invalid); i++)
		CHECK(!entry_parse(str_of(invalid[i]), &entry) || !printf("# %s\n", invalid[i]));
	check_cases((int)(nitems(valid) + nitems(invalid)));
}

static void commitments(void)
{
	const uint8_t salt[SALT_SIZE] = { 1, 2, 3 }, other[SALT_SIZE] = { 1, 2, 4 };
	struct commitment a = commitment_to(salt, STR("body")),
			  b = commitment_to(other, STR("body"));
	struct commitment c = commitment_to(salt, STR("bodz"));
	auto_writer text = { 0 };

	CHECK(!digest_equal(&a.digest, &b.digest));
	CHECK(!digest_equal(&a.digest, &c.digest));
	writer_put(&text, STR("xiedun commitment v1\n"));
	writer_put(&text, (struct str){ (const char *)salt, SALT_SIZE });
	writer_put(&text, STR("body"));

	struct digest want = sha256(writer_str(&text));

	CHECK(digest_equal(&a.digest, &want));
}

static const struct check_test tests[] = {
	TEST(verifier_keys), TEST(known_note),  TEST(note_round), TEST(note_signatures),
	TEST(note_forms),    TEST(checkpoints), TEST(tile_paths), TEST(bundles),
	TEST(entries),       TEST(commitments),
};

int main(int argc, char **argv)
{
	return check_main(tests, nitems(tests), argc, argv);
}
