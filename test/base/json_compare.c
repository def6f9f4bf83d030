/*
 * Our JSON reader against simdjson: both take and refuse the same texts and read the same tokens
 * from them. The one difference of convention: simdjson turns numbers into binary ones and refuses
 * what is out of their range, ours hands any number over as it is written.
 */
#include <ftw.h>

#include "base/file.h"
#include "base/json_read.h"
#include "base/memory.h"
#include "check.h"
#include "json_peer.h"
#include "json_tokens.h"

enum { MUTATIONS = 20000, CVE_STEP = 20 };

static struct json_peer *peer;

/* Tells in which way the two disagree, or NULL. */
static const char *disagreement(struct str text)
{
	enum json_peer_verdict verdict = json_peer_verdict(peer, text.at, text.len);
	auto_json_reader reader = json_reader_new(text, NULL);
	auto_writer ours = { 0 };

	if (!json_tokens(reader, &ours))
		return verdict == PEER_TAKES ? "only simdjson takes it" : NULL;
	if (verdict == PEER_REFUSES)
		return "only ours takes it";
	if (verdict == PEER_REFUSES_NUMBER)
		return NULL;

	struct str theirs;

	theirs.at = json_peer_tokens(peer, text.at, text.len, &theirs.len);
	if (!theirs.at)
		return "simdjson takes it but does not read it";
	return str_equal(writer_str(&ours), theirs) ? NULL : "other tokens";
}

static bool agree(struct str text)
{
	const char *how = disagreement(text);

	if (how)
		printf("# %s: %.*s\n", how, STR_ARGS(str_sub(text, 0, 400)));
	return how == NULL;
}

static const char *const seeds[] = {
	"{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"e\"}}",
	"[0,-0,1.5,-1.5e10,1E+5,1e-5,123456789012345678]",
	"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"\\u0041\\u68b0\\ud83d\\ude00\",\"械盾😀é\"]",
	"{ \"设备\" : { \"型号\" : \"a long text that fills more than one vector\" } ,\n\t\"n\" : "
	"[ ] }",
	"[[[[[[]]]]],{},{\"\":\"\"},\"\"]",
	"{\"cvssData\":{\"version\":\"3.1\",\"baseScore\":9.8,\"vectorString\":\"CVSS:3.1/AV:N/"
	"AC:L\"}}",
	"[\"0123456789abcde\",\"0123456789abcdef\",\"0123456789abcdef\\u0000\"]",
};

/* What stands in the way of JSON readers, put in at random places. */
static const char *const pieces[] = {
	"\"",
	"\\",
	",",
	":",
	"{",
	"}",
	"[",
	"]",
	"\\u",
	"\\ud83d",
	"\\udc00",
	"null",
	"true",
	"-",
	"0",
	"1e",
	".",
	"e+",
	"\x01",
	"\x80",
	"\xc0\xaf",
	"\xed\xa0\x80",
	"\xe6",
	"\xf4\x8f\xbf\xbf",
	" ",
	"\n",
	"\t",
	"\"\":",
	"[1,2]",
	"{\"a\":0}",
	"\x7f",
	"\xc2\x80",
	"\xe0\x80\x80",
	"\xf0\x90\x80\x80",
	"\\x",
	"\\\"",
	"01",
	"1.",
	"E",
	"//",
	"\f",
};

static uint32_t draw(uint32_t *state, size_t below)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 8) % (uint32_t)below;
}

/* One to three changes: a bit flipped, bytes taken out, a piece put in, or the text cut. */
static void mutate(struct writer *text, struct str seed, uint32_t *random)
{
	writer_put(text, seed);
	for (uint32_t changes = 1 + draw(random, 3); changes > 0 && text->len > 0; changes--) {
		size_t at = draw(random, text->len);
		size_t out = 0;
		struct str in = { 0 };
		auto_writer tail = { 0 };

		switch (draw(random, 8)) {
		case 0:
		case 1:
			text->at[at] = (char)(text->at[at] ^ 1 << draw(random, 8));
			continue;
		case 2:
			out = 1 + draw(random, 4);
			break;
		case 3:
			text->len = at;
			continue;
		default:
			in = str_of(pieces[draw(random, nitems(pieces))]);
			out = draw(random, 2);
		}
		writer_put(&tail, str_sub(writer_str(text), at + out, text->len));
		text->len = at;
		writer_put(text, in);
		writer_put(text, writer_str(&tail));
	}
}

static void seeds_read_alike(void)
{
	for (size_t i = 0; i < nitems(seeds); i++)
		CHECK(agree(str_of(seeds[i])));
}

static void mutations_read_alike(void)
{
	uint32_t random = 1;
	int taken = 0;

	for (int i = 0; i < MUTATIONS; i++) {
		auto_writer text = { 0 };

		mutate(&text, str_of(seeds[(size_t)i % nitems(seeds)]), &random);
		CHECK(agree(writer_str(&text)));
		taken += json_peer_verdict(peer, text.at ? text.at : "", text.len) == PEER_TAKES;
	}
	/* Both sides of the border were visited. */
	CHECK(taken > MUTATIONS / 20 && taken < MUTATIONS / 2);
	check_cases(MUTATIONS);
}

/* Every first two bytes of a sequence outside ASCII, and the borders of the third and fourth. */
static void sequences_read_alike(void)
{
	static const unsigned char borders[] = { 0x22, 0x7f, 0x80, 0x9f, 0xbf, 0xc0 };
	int cases = 0;

	for (unsigned lead = 0x80; lead < 0x100; lead++) {
		for (unsigned second = 0x20; second < 0x100; second++) {
			for (size_t i = 0; i < nitems(borders) * nitems(borders); i++, cases++) {
				char text[] = { '"',
						(char)lead,
						(char)second,
						(char)borders[i / nitems(borders)],
						(char)borders[i % nitems(borders)],
						'"' };

				CHECK(agree((struct str){ text, sizeof(text) }));
			}
		}
	}
	check_cases(cases);
}

static int files_seen, files_alike;

static int compare_file(const char *path, const struct stat *status unused, int type,
			struct FTW *place unused)
{
	auto_writer bytes = { 0 };
	struct err err;

	if (type != FTW_F || !str_ends(str_of(path), ".json"))
		return 0;
	/* Every page of NVD, and of the twenty thousand small records some. */
	if (strstr(path, "/cve5/") && ++files_seen % CVE_STEP != 0)
		return 0;
	if (!file_read(path, SIZE_MAX / 2, &bytes, &err) || !agree(writer_str(&bytes))) {
		printf("# %s\n", path);
		return 1;
	}
	files_alike++;
	return 0;
}

static void feeds_read_alike(void)
{
	const char *shared = getenv("XIEDUN_SHARED");
	auto_memory char *nvd = path_join(shared, "nvd2");
	auto_memory char *cve = path_join(shared, "cve5");

	files_seen = files_alike = 0;
	CHECK_INT(nftw(nvd, compare_file, 20, FTW_PHYS), 0);
	CHECK_INT(files_alike, 32);
	CHECK_INT(nftw(cve, compare_file, 20, FTW_PHYS), 0);
	CHECK_INT(files_seen, 20155);
	CHECK_INT(files_alike, 32 + 20155 / CVE_STEP);
	check_cases(files_alike);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(seeds_read_alike),
		TEST(mutations_read_alike),
		TEST(sequences_read_alike),
		TEST(feeds_read_alike),
	};
	bool feeds = getenv("XIEDUN_SHARED") != NULL;

	if (!feeds)
		printf("# XIEDUN_SHARED names no folder of public data: the feeds are not "
		       "compared\n");
	peer = json_peer_new();

	int status = check_main(tests, nitems(tests) - !feeds, argc, argv);

	json_peer_free(peer);
	return status;
}
