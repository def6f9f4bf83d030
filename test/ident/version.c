/* Version schemes: an ascending row for each, what is refused, and the laws of an order over mutated versions. */
#include "base/vec.h"
#include "check.h"
#include "ident/version.h"

/* Ascending, "=" between equals; every pair of a row is compared, both ways. */
static const struct {
	enum version_scheme scheme;
	const char *ascending;
} chains[] = {
	{ VERSION_SEMVER,
	  "1.0.0-0 < 1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < "
	  "1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0 = v1.0.0 = 1.0.0+b1 = 1 = 1.0 < 1.0.1 < 1.2.0 < "
	  "1.10.0 < "
	  "2.0.0-9007199254740993 < 2.0.0--1 < 2.0.0-A < 2.0.0-a < 2.0.0" },
	{ VERSION_NPM, "0.0.1 < 1.2.3-0 < 1.2.3-beta = 1.2.3beta = v1.2.3-beta+x < 1.2.3 = =v1.2.3 "
		       "= 01.02.03 < 1.2.4" },
	{ VERSION_PYPI,
	  "0.1-bulbasaur < 0.1-charmander < 0.9-doduo < 1.0.dev0 < 1.0.dev456 < "
	  "1.0a1.dev1 < 1.0a1 = 1.0.alpha1 "
	  "= 1.0-A.1 < 1.0a2.dev456 < 1.0a12.dev456 < 1.0a12 < 1.0b1.dev456 < 1.0b2 "
	  "< 1.0b2.post345.dev456 < "
	  "1.0b2.post345 < 1.0rc1.dev456 < 1.0rc1 = 1.0c1 = 1.0.preview1 < 1.0 = 1 = "
	  "v1.0.0 = 0!1.0 < "
	  "1.0+abc.5 < 1.0+abc.7 < 1.0+5 = 1.0+05 < 1.0+5.1 < 1.0.post0.dev1 = 1.0postdev1 < "
	  "1.0.post0 = 1.0-0 = 1.0.rev < "
	  "1.0.post456.dev34 < 1.0.post456 = 1.0-456 = 1.0.r456 < 1.0.15 < 1.1.dev1 "
	  "< 1.10 < 2014.04 = 2014.4 < "
	  "1!0.1" },
	{ VERSION_MAVEN, "1-alpha-1 = 1a1 = 1.0-ALPHA-1 < 1-alpha-2 < 1-beta-1 = 1b1 < "
			 "1-milestone-1 = 1.0.m1 < 1-rc = 1cr < "
			 "1.0.0.RC1 < 1-RC2 < 1-SNAPSHOT < 1 = 1.0 = 1.0.0-final-ga = 1.ga = 1. = "
			 "1- < 1-sp < 1-a = 1.0a < "
			 "1-abc < 1-foo = 1.0.0-foo.0.0 < 1-foo-1 = 1foo1 < 1-1 = 1.0-1 = 1-ga-1 < "
			 "1-2 < 1.0.a < 1.0.1 < 1.1 = 1.01 < "
			 "6.1.0rc3 < 6.1.0 < 6.1H.5-beta < 12345678901234567890.1" },
	{ VERSION_DEB, "0~~ < 0~~a < 0~ < 0 = 00 = 0-0 = 0:0 < 0a < 1.0~rc1-1 < 1.0-1~deb12u1 < "
		       "1.0-1 < 1.0-1+b1 < 1.0-1+deb12u1 < "
		       "1.0-1.1 < 1.0-2 < 1.0-10 < 1.0a-1 < 1.0+dfsg-1 < 1.0.1-1 = 1.00.1-1 < "
		       "1.0.1-a < 1:0 < 1:0.1-1" },
	{ VERSION_RPM,
	  "1.0~rc1 < 1.0~rc1^git1 < 1.0~rc2 < 1.0 = 1_0 = 0:1.0 = 1.00 < 1.0-1.el8 < 1.0-1.el9 < "
	  "1.0-10.el9 < 1.0^git1~pre < "
	  "1.0^git1 < 1.0^20160101 < 1.0a < 1.0aa < 1.0.1 < 1.1.α = 1.1.β < 1.2 < 1:0.1" },
	{ VERSION_APK, "0.1_alpha < 0.1_alpha2 < 0.1_beta < 0.1_pre1 < 0.1_rc1 < 0.1_rc1-r0 < 0.1 "
		       "< 0.1-r0 = 0.1-r00 < 0.1-r1 < 0.1-r10 < "
		       "0.1~abc < 0.1_git20200101 < 0.1_p1 < 0.1_p1-r1 < 0.1a < 0.1.01 < 0.1.010 < "
		       "0.1.1 < 0.1.10 < 1.06 < 1.1 < 1.10" },
	{ VERSION_GEM, "0.a < 0.0.beta.1 = 0.beta.1 < 0 = 0.0 < 0.0.0.1.a < 0.0.0.1 < 1.0.0.a.2 = "
		       "1.a.2 = 1.0.a2 < 1.0.b1 < 1.pre.1 = 1-1 < 1 = 1.0 = 1.0.0.0 < "
		       "1.0.1.a < 1.0.1 < 1.1.rc1 < 1.1 < 1.9 < 1.10" },
	{ VERSION_NUGET, "1.0.0-ALPHA = 1.0.0-alpha < 1.0.0-alpha.2 < 1.0.0-alpha.10 < 1.0.0-beta "
			 "< 1.0.0 = 1.0 = 1 = 1.0.0.0 = 1.0.0+x < "
			 "1.0.0.1-a < 1.0.0.1 < 1.0.1 = 1.0.01 < 1.1" },
	{ VERSION_COMPOSER, "dev-foo < 1.foo = 1.quux < 1.0-dev < 1.0a1 = 1.0-alpha1 < 1.0b1 = "
			    "1.0-beta.1 < 1.0RC1 = 1.0rc1 = v1.0-rc1 < 1.0 = 1.0.0 = 1 < "
			    "1.0.0.0.1 < 1.0pl1 = 1.0-p1 = 1.0-patch1 < 1.0.1 < 1.1 < 1.10" },
	{ VERSION_GOLANG,
	  "v0.0.0-20190101000000-abcdefabcdef < v0.0.0-20200101000000-000000000000 < v0.0.0 < "
	  "v1.0.0-rc.1 < "
	  "v1.0.1-0.20191109021931-daa7c04131f5 < v1.0.1 = 1.0.1+incompatible = v1.0.1 < v1.1 = "
	  "v1.1.0 < go1.21rc2 = 1.21.0-rc.2 < go1.21rc10 < go1.21 = go1.21.0 < go1.21.1" },
	{ VERSION_CARGO, "1.0.0-alpha < 1.0.0 = 1.0.0+7 < 1.0.1" },
	{ VERSION_HEX, "1.0.0-rc.9 < 1.0.0-rc.10 < 1.0.0 < 1.0.10" },
	{ VERSION_PUB, "1.0.0-pre < 1.0.0-pre+build < 1.0.0 < 1.0.0+1 < 1.0.0+2 < 1.0.0+10 < "
		       "1.0.0+a < 1.0.0+a.1 < 1.0.1" },
	{ VERSION_HACKAGE, "1 < 1.0 < 1.0.0 < 1.0.1 = 1.00.1 < 1.2 < 1.10" },
	{ VERSION_CRAN, "0 < 0.1 < 0.1-0 = 0.1.0 < 0.1-1 < 0.1.18 < 0.75 < 1.0" },
	{ VERSION_CONAN,
	  "1- < 1.0-alpha.3 < 1.0-alpha.22 < 1.0-pre1 = 1-pre1.0 < 1 = 1.0 = 1.0.0.0 < 1+b1 < "
	  "1.0+b2 < 1.0.1 < 1.0.2 < 1.0.2a < 1.0.2za < 1.0.a < 1.3 < 1.22 < 2- < "
	  "2 < cci.20200203" },
	{ VERSION_ALPM, "1.0a < 1.0alpha < 1.0b-1 < 1.0b.1 < 1.0rc < 1.0-1 < 1.0-1.1 < 1.0-2 < "
			"1.0-10 < 1.0.a < 1.0.1 < 1.0..1 < 1.1 < 1:0.1" },
	{ VERSION_GENTOO,
	  "1 < 1.0_alpha1 < 1.0_beta < 1.0_beta2 < 1.0_pre < 1.0_rc3 < 1.0_rc3-r1 < 1.0 = 1.0-r0 = "
	  "1.00 < 1.0-r1 < 1.0_p < 1.0_p1_alpha < 1.0_p1 < 1.0_p1_p2 < 1.0b < "
	  "1.0.0 < 1.01 = 1.010 < 1.1 < 1.10 < 12.2b < 12.2.5" },
	{ VERSION_OPENSSL,
	  "0.9.8 < 0.9.8z < 0.9.8za < 0.9.8zh < 1.0.2-beta1 < 1.0.2-beta10 < 1.0.2 = 1.0.2-fips < "
	  "1.0.2k = 1.0.2k-fips < 1.0.2z < 1.0.2zd < 1.1.0-pre2 < 1.1.0 < "
	  "1.1.1w < 3.0.0-alpha17 < 3.0.0-beta1 < 3.0.0 < 3.0.9 < 3.0.10" },
	{ VERSION_NGINX, "0.8.40 < 0.9.0 < 1.4.1 < 1.25.3 < 1.25.10" },
	{ VERSION_DATETIME,
	  "0000-01-01T00:00:00+23:59 < 1969-12-31 < 2024-01-01T00:00:00+02:00 < "
	  "2023-12-31T23:00:00Z < 2024-01-01 = 2024-01-01T00:00:00.000Z = "
	  "2023-12-31T19:00:00-05:00 < "
	  "2024-01-01T00:00:00.09Z < 2024-01-01t00:00:00.1z = 2024-01-01T00:00:00.100Z < "
	  "2024-02-29T23:59:60Z < 2024-03-01T00:00:01Z < 9999-12-31T23:59:59-23:59" },
	{ VERSION_LEXICOGRAPHIC, "  a < 10 < 2 < A < a < aa < b < z < ß < é < €" },
	{ VERSION_INTDOT,
	  "1 = 1.0 < 1.2 = 01.002 = 1.2beta = 1.2.0-1 < 1.2.0.1 < 1.10 < 10.1.2.4" },
	{ VERSION_GENERIC,
	  "1.0-dev < 1.0 alpha 1 = 1.0a1 = v1.0-alpha_1 < 1.0 beta < 1.0 pre-release < 1.0-rc.1 < "
	  "1.0 = 1 = Version 1.0.0 = 1.0 final < 1.0 SP1 < "
	  "1.0 SP2 < 1.0b < 1.0-1 = 1.0+1 < 1.0.1 < 1.1 < 1.10 < 20240101" },
	{ VERSION_WINDOWS,
	  "6.1.7601 < 10.0.17763.5329 < 10.0.19045 = 10.0.19045.0 < 10.0.19045.3803 < 10.0.22000" },
	{ VERSION_FIRMWARE, "V2.0 beta 2 < V2 = Firmware Version 2.0 = fw: 2.0.0 < V2.01 < V2.01 "
			    "SP3 < V2.01 SP10 < V2.1 build 33 < "
			    "2.1.0 build 34 < 2.1.1 < 012U000040 < 012U000041 < 13" },
	{ VERSION_FIRMWARE, "Rev. A < Revision B = b < Rev B1 < C < AA" },
	{ VERSION_FIRMWARE, "june 2017 < june 30, 2017 < july 1 2017 = 2017-07-01 = 1-Jul-2017 = "
			    "July 1st, 2017 = 2017年7月1日 = 2017/7/1 < "
			    "2 July 2017 < Sept 2018" },
};

struct item {
	struct str text;
	int rank;
};

/* The texts of a row with their ranks; how many, at most `most`. */
static size_t split_chain(const char *chain, struct item *items, size_t most)
{
	struct str rest = str_of(chain);
	size_t count = 0, start = 0;
	int rank = 0;

	for (size_t i = 0; i + 3 <= rest.len; i++) {
		struct str middle = str_sub(rest, i, 3);

		if ((!str_is(middle, " < ") && !str_is(middle, " = ")) || count == most)
			continue;
		items[count++] = (struct item){ str_sub(rest, start, i - start), rank };
		rank += rest.at[i + 1] == '<';
		start = i + 3;
	}
	items[count++] = (struct item){ str_sub(rest, start, rest.len), rank };
	return count;
}

static void compare_pair(enum version_scheme scheme, const struct item *a, const struct item *b)
{
	int order = 9, want = (a->rank > b->rank) - (a->rank < b->rank);
	struct err err;

	CHECK_DONE(version_compare(scheme, a->text, b->text, &order, &err), err);
	order = (order > 0) - (order < 0);
	if (order != want)
		printf("# %s: %.*s against %.*s\n", version_scheme_name(scheme), STR_ARGS(a->text),
		       STR_ARGS(b->text));
	CHECK_INT(order, want);
}

static void chains_ascend(void)
{
	struct item items[64];

	for (size_t c = 0; c < nitems(chains); c++) {
		size_t count = split_chain(chains[c].ascending, items, nitems(items) - 1);

		CHECK(count > 2 && count < nitems(items));
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; j < count; j++)
				compare_pair(chains[c].scheme, items + i, items + j);
	}
}

static void every_scheme_has_a_chain(void)
{
	for (int scheme = 0; scheme < VERSION_SCHEMES; scheme++) {
		bool found = false;

		for (size_t c = 0; c < nitems(chains); c++)
			found |= chains[c].scheme == (enum version_scheme)scheme;
		CHECK(found);
	}
}

static void malformed_versions_are_refused(void)
{
	static const struct {
		enum version_scheme scheme;
		const char *text;
	} rows[] = {
		{ VERSION_SEMVER, "1.2.3.4" },
		{ VERSION_SEMVER, "01.2.3" },
		{ VERSION_SEMVER, "1.2.3-01" },
		{ VERSION_SEMVER, "1.2.3-" },
		{ VERSION_SEMVER, "1.2.3+" },
		{ VERSION_SEMVER, "1.2.3-a..b" },
		{ VERSION_SEMVER, "1.2.3-a_b" },
		{ VERSION_SEMVER, "a.b.c" },
		{ VERSION_NPM, "1.2.x" },
		{ VERSION_NPM, "latest" },
		{ VERSION_PYPI, "1.0 beta" },
		{ VERSION_DEB, "a:1.0" },
		{ VERSION_DEB, "1.0_1" },
		{ VERSION_DEB, "-1" },
		{ VERSION_DEB, "1:" },
		{ VERSION_GEM, "a.1" },
		{ VERSION_GEM, "1.0_1" },
		{ VERSION_NUGET, "1.2.3.4.5" },
		{ VERSION_NUGET, "1.2.3-a_b" },
		{ VERSION_CARGO, "v1.2.3" },
		{ VERSION_CARGO, "1.2" },
		{ VERSION_HEX, "1.2" },
		{ VERSION_GOLANG, "v1.2.3.4" },
		{ VERSION_GOLANG, "(devel)" },
		{ VERSION_HACKAGE, "1.0-2" },
		{ VERSION_HACKAGE, "1..2" },
		{ VERSION_CRAN, "1.0a" },
		{ VERSION_CONAN, "-1" },
		{ VERSION_GENTOO, "1.0a_foo" },
		{ VERSION_GENTOO, "1.0-r" },
		{ VERSION_GENTOO, "1." },
		{ VERSION_GENTOO, "1.0ab" },
		{ VERSION_OPENSSL, "1.0" },
		{ VERSION_OPENSSL, "1.0.2-foo1" },
		{ VERSION_NGINX, "1.25.3a" },
		{ VERSION_DATETIME, "2023-02-29" },
		{ VERSION_DATETIME, "2024-13-01" },
		{ VERSION_DATETIME, "2024-01-01T24:00:00Z" },
		{ VERSION_DATETIME, "2024-01-01T00:00:00" },
		{ VERSION_DATETIME, "2024-01-01T00:00:00.Z" },
		{ VERSION_DATETIME, "2024-01-01T00:00:00+24:00" },
		{ VERSION_INTDOT, "a.1" },
		{ VERSION_GENERIC, "unknown" },
		{ VERSION_GENERIC, "*" },
		{ VERSION_WINDOWS, "10.0.1.2.3" },
		{ VERSION_WINDOWS, "10..1" },
		{ VERSION_FIRMWARE, "07/01/2017" },
		{ VERSION_FIRMWARE, "N/A" },
		{ VERSION_FIRMWARE, "---" },
		{ VERSION_RPM, "" },
		{ VERSION_LEXICOGRAPHIC, "" },
	};
	auto_writer key = { 0 };
	struct err err;

	for (size_t i = 0; i < nitems(rows); i++)
		CHECK_FAILS(version_key(rows[i].scheme, str_of(rows[i].text), &key, &err), err,
			    MSG_VERSION_INVALID);
	CHECK_INT((int64_t)key.len, 0);
}

static void hostile_texts_are_refused(void)
{
	auto_writer key = { 0 }, text = { 0 };
	struct err err;

	writer_text(&key, "before");
	for (int scheme = 0; scheme < VERSION_SCHEMES; scheme++) {
		CHECK_FAILS(version_key((enum version_scheme)scheme, STR("1.0\0002"), &key, &err),
			    err, MSG_VERSION_TEXT);
		CHECK_FAILS(version_key((enum version_scheme)scheme, STR("1.\xff"), &key, &err),
			    err, MSG_VERSION_TEXT);
	}
	for (int i = 0; i <= VERSION_SIZE; i++)
		writer_byte(&text, '7');
	CHECK_FAILS(version_key(VERSION_SEMVER, writer_str(&text), &key, &err), err,
		    MSG_VERSION_SIZE);
	CHECK_STR(writer_str(&key), STR("before"));
}

/* Numbers longer than a length byte tells. */
static void numbers_of_any_length(void)
{
	auto_writer a = { 0 }, b = { 0 };
	struct err err;
	int order = 0;

	for (int len = 250; len < 260; len++) {
		writer_clear(&a);
		writer_clear(&b);
		for (int i = 0; i < len; i++) {
			writer_byte(&a, '9');
			writer_byte(&b, i == 0 ? '1' : '0');
		}
		writer_byte(&b, '0');
		CHECK_DONE(version_compare(VERSION_INTDOT, writer_str(&a), writer_str(&b), &order,
					   &err),
			   err);
		CHECK(order < 0);
	}
}

static void schemes_have_names(void)
{
	static const struct {
		const char *alias;
		enum version_scheme scheme;
	} aliases[] = {
		{ "debian", VERSION_DEB },         { "redhat", VERSION_RPM },
		{ "alpine", VERSION_APK },         { "rubygems", VERSION_GEM },
		{ "packagist", VERSION_COMPOSER },
	};
	enum version_scheme scheme = VERSION_SCHEMES;
	struct err err;

	for (int i = 0; i < VERSION_SCHEMES; i++) {
		CHECK_DONE(version_scheme_parse(str_of(version_scheme_name((enum version_scheme)i)),
						&scheme, &err),
			   err);
		CHECK_INT(scheme, i);
	}
	for (size_t i = 0; i < nitems(aliases); i++) {
		CHECK_DONE(version_scheme_parse(str_of(aliases[i].alias), &scheme, &err), err);
		CHECK_INT(scheme, aliases[i].scheme);
	}
	CHECK_FAILS(version_scheme_parse(STR("Deb"), &scheme, &err), err, MSG_VERSION_SCHEME);
}

/* Without a package release a version of pacman's equals each of its releases: vercmp(8). */
static void alpm_releases_count_only_between_two(void)
{
	static const struct {
		const char *a, *b;
		int want;
	} rows[] = { { "1.0", "1.0-1", 0 },
		     { "1.0-9", "1.0", 0 },
		     { "1.0-1", "1.0-2", -1 },
		     { "1.1", "1.0-2", 1 },
		     { "0:1-1", "1", 0 } };
	struct err err;
	int order = 0;

	for (size_t i = 0; i < nitems(rows); i++) {
		CHECK_DONE(version_compare(VERSION_ALPM, str_of(rows[i].a), str_of(rows[i].b),
					   &order, &err),
			   err);
		CHECK_INT((order > 0) - (order < 0), rows[i].want);
	}
}

static void firmware_kinds_have_no_order(void)
{
	static const char *const kinds[] = { "Rev. B", "V2.01", "july 1 2017" };
	struct err err;
	int order = 5;

	for (size_t i = 0; i < nitems(kinds); i++)
		for (size_t j = 0; j < nitems(kinds); j++)
			if (i != j)
				CHECK_FAILS(version_compare(VERSION_FIRMWARE, str_of(kinds[i]),
							    str_of(kinds[j]), &order, &err),
					    err, MSG_VERSION_KINDS);
	CHECK_INT(order, 5);
}

/* A small generator of our own: the same mutations on every machine. */
static unsigned next_random(uint64_t *state, unsigned below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*state >> 33) % below;
}

static void mutate(struct str text, uint64_t *state, struct writer *out)
{
	static const char alphabet[] = "0123456789.-_+~^:abprvz!*\xc3\xa9";
	unsigned edits = next_random(state, 4);

	writer_clear(out);
	writer_put(out, text);
	for (; edits > 0 && out->len > 0; edits--) {
		size_t at = next_random(state, (unsigned)out->len);

		switch (next_random(state, 3)) {
		case 0: /* another byte */
			out->at[at] = alphabet[next_random(state, sizeof(alphabet) - 1)];
			break;
		case 1: /* cut */
			out->len = at;
			break;
		default: /* one more */
			writer_byte(out, alphabet[next_random(state, sizeof(alphabet) - 1)]);
		}
	}
}

enum { SAMPLES = 40 };

static void order_holds(enum version_scheme scheme, const struct writer *samples, size_t count)
{
	static int order[SAMPLES][SAMPLES];
	static bool known[SAMPLES][SAMPLES];
	struct err err;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			known[i][j] = version_compare(scheme, writer_str(samples + i),
						      writer_str(samples + j), &order[i][j], &err);
			order[i][j] = (order[i][j] > 0) - (order[i][j] < 0);
		}
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			CHECK(known[i][j] == known[j][i]);
			CHECK(!known[i][j] || order[i][j] == -order[j][i]);
			for (size_t k = 0; k < count && known[i][j]; k++) {
				if (!known[j][k] || order[i][j] != -1 || order[j][k] != -1)
					continue;
				CHECK(known[i][k] && order[i][k] == -1);
			}
		}
}

static void mutated_versions_keep_their_order(void)
{
	uint64_t state = 7;
	struct item items[64];
	struct writer samples[SAMPLES] = { 0 };

	for (size_t c = 0; c < nitems(chains); c++) {
		size_t count = split_chain(chains[c].ascending, items, nitems(items) - 1), kept = 0;

		for (int tries = 0; tries < 4000 && kept < SAMPLES; tries++) {
			auto_writer key = { 0 };
			struct err err;

			mutate(items[next_random(&state, (unsigned)count)].text, &state,
			       &samples[kept]);
			/* pacman's missing releases equal all: the law of order does not hold for them. */
			if (chains[c].scheme == VERSION_ALPM &&
			    str_find(writer_str(&samples[kept]), '-') == samples[kept].len)
				writer_text(&samples[kept], "-1");
			kept += version_key(chains[c].scheme, writer_str(&samples[kept]), &key,
					    &err);
		}
		CHECK(kept == SAMPLES);
		order_holds(chains[c].scheme, samples, kept);
	}
	for (size_t i = 0; i < SAMPLES; i++)
		writer_release(&samples[i]);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(chains_ascend),
		TEST(every_scheme_has_a_chain),
		TEST(malformed_versions_are_refused),
		TEST(hostile_texts_are_refused),
		TEST(numbers_of_any_length),
		TEST(schemes_have_names),
		TEST(alpm_releases_count_only_between_two),
		TEST(firmware_kinds_have_no_order),
		TEST(mutated_versions_keep_their_order),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
