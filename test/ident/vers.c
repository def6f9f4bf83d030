/* Ranges: strict and liberal reading, containment, and the ecosystems' notations. */
#include "check.h"
#include "ident/vers.h"

static void canonical_text_is_read(void)
{
	static const char *const rows[] = {
		"vers:npm/>=1.0.0|<2.0.0",
		"vers:npm/1.2.3|>=2.0.0|<5.0.0",
		"vers:gem/>=2.2.0|!=2.2.1|<2.3.0",
		"vers:deb/*",
		"vers:all/*",
		"vers:none/*",
		"vers:deb/1:1.0~rc1+b1",
		"vers:pypi/<1%212.0",
		"vers:pypi/!=1.0|!=2.0",
		"vers:generic/1.0%20beta",
		"vers:lexicographic/%3E%3C%3D%21%2A%7C%25%C3%A9",
		"vers:maven/<1|>=1.5|<2|2.5|>3",
	};
	auto_arena arena = arena_new(1 << 20);

	for (size_t i = 0; i < nitems(rows); i++) {
		auto_writer out = { 0 };
		struct vers vers;
		struct err err;

		CHECK_DONE(vers_parse(arena, str_of(rows[i]), &vers, &err), err);
		vers_write(&vers, &out);
		CHECK_STR(writer_str(&out), str_of(rows[i]));
	}
}

static void parts_as_json(void)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{ "vers:npm/1.0%252F0",
		  "{\"scheme\":\"npm\",\"version_constraints\":[[\"=\",\"1.0%2F0\"]]}" },
		{ "vers:deb/!=1|>=2",
		  "{\"scheme\":\"deb\",\"version_constraints\":[[\"!=\",\"1\"],[\">=\",\"2\"]]}" },
		{ "vers:deb/*", "{\"scheme\":\"deb\",\"version_constraints\":[[\"*\",\"\"]]}" },
		{ "vers:all/*", "{\"scheme\":\"all\",\"version_constraints\":[[\"*\",\"\"]]}" },
		{ "vers:none/*", "{\"scheme\":\"none\",\"version_constraints\":[[\"*\",\"\"]]}" },
	};
	auto_arena arena = arena_new(1 << 20);

	for (size_t i = 0; i < nitems(rows); i++) {
		auto_writer out = { 0 };
		struct vers vers;
		struct err err;

		CHECK_DONE(vers_parse(arena, str_of(rows[i].text), &vers, &err), err);
		vers_write_json(&vers, &out);
		CHECK_STR(writer_str(&out), str_of(rows[i].json));
	}
}

static void deviations_are_refused(void)
{
	static const struct {
		const char *text;
		enum message message;
	} rows[] = {
		{ "npm/1.0.0", MSG_VERS_FORM },
		{ "vers:npm", MSG_VERS_FORM },
		{ "VERS:npm/1.0.0", MSG_VERS_FORM },
		{ "vers:npm/", MSG_VERS_EMPTY },
		{ "vers:NPM/1.0.0", MSG_VERSION_SCHEME },
		{ "vers:invalid/*", MSG_VERSION_SCHEME },
		{ "vers:debian/1.0", MSG_VERS_ALIAS },
		{ "vers:npm/>=1.0.0| <2.0.0", MSG_VERS_SPACE },
		{ "vers:npm/|>=1.0.0", MSG_VERS_PIPE },
		{ "vers:npm/>=1.0.0|", MSG_VERS_PIPE },
		{ "vers:npm/>=1.0.0||<2.0.0", MSG_VERS_PIPE },
		{ "vers:npm/=1.0.0", MSG_VERS_EQUAL },
		{ "vers:npm/>=", MSG_VERS_NO_VERSION },
		{ "vers:npm/>=1.0.0|*", MSG_VERS_SIGN },
		{ "vers:npm/><1.0.0", MSG_VERS_SIGN },
		{ "vers:npm/1.0%2G0", MSG_VERS_PERCENT },
		{ "vers:npm/1.0%2", MSG_VERS_PERCENT },
		{ "vers:npm/1.0%2e0", MSG_VERS_ENCODED },
		{ "vers:generic/1.0%3A", MSG_VERS_ENCODED },
		{ "vers:datetime/2024-01-01t00:00:00z", MSG_VERS_DATETIME },
		{ "vers:npm/>=2.0.0|<1.0.0", MSG_VERS_UNSORTED },
		{ "vers:npm/1.0.0|v1.0.0", MSG_VERS_TWICE },
		{ "vers:npm/<=1.0.0|>=1.0.0", MSG_VERS_TWICE },
		{ "vers:npm/>1.0.0|>2.0.0", MSG_VERS_REDUNDANT },
		{ "vers:npm/<1.0.0|<2.0.0", MSG_VERS_REDUNDANT },
		{ "vers:npm/>1.0.0|2.0.0", MSG_VERS_REDUNDANT },
		{ "vers:npm/1.0.0|!=1.5.0|<2.0.0", MSG_VERS_REDUNDANT },
		{ "vers:npm/1.0.0|foo", MSG_VERSION_INVALID },
		{ "vers:all/1.0", MSG_VERS_STAR },
		{ "vers:none/", MSG_VERS_STAR },
	};
	auto_arena arena = arena_new(1 << 20);

	for (size_t i = 0; i < nitems(rows); i++) {
		struct vers vers = { .count = 77 };
		struct err err;

		CHECK_FAILS(vers_parse(arena, str_of(rows[i].text), &vers, &err), err,
			    rows[i].message);
		CHECK_INT((int64_t)vers.count, 77);
	}
}

static void liberal_text_becomes_canonical(void)
{
	static const struct {
		const char *text, *canonical;
	} rows[] = {
		{ " Vers:NPM/ >= 1.0.0 || < 2.0.0 | ", "vers:npm/>=1.0.0|<2.0.0" },
		{ "vers:debian/<2|>=1", "vers:deb/>=1|<2" },
		{ "vers:npm/=1.0.0", "vers:npm/1.0.0" },
		{ "vers:npm/1.0.0|*x", NULL },
		{ "vers:pypi/0.0.2|>=0.0.0|0.0.1", "vers:pypi/>=0.0.0|0.0.1|0.0.2" },
		{ "vers:generic/1.0%2b1|0.9 beta", "vers:generic/0.9%20beta|1.0+1" },
		{ "vers:npm/ * ", "vers:npm/*" },
		{ "vers:npm/ | ", NULL },
		{ "vers:npm/1.0.0|foo", NULL },
		{ "vers:npm/foo", "vers:npm/foo" },
	};
	auto_arena arena = arena_new(1 << 20);

	for (size_t i = 0; i < nitems(rows); i++) {
		auto_writer out = { 0 };
		struct vers vers;
		struct err err;
		bool read = vers_read(arena, str_of(rows[i].text), &vers, &err);

		if (!rows[i].canonical) {
			CHECK(!read);
			continue;
		}
		CHECK_DONE(read, err);
		vers_write(&vers, &out);
		CHECK_STR(writer_str(&out), str_of(rows[i].canonical));
	}
}

static void ranges_contain_versions(void)
{
	static const struct {
		const char *range, *inside, *outside; /* separated by spaces */
	} rows[] = {
		{ "vers:npm/>=1.0.0|<2.0.0", "1.0.0 1.9.9 2.0.0-rc.1",
		  "0.9.9 1.0.0-rc.1 2.0.0 2.0.1" },
		{ "vers:npm/>1.0.0|<=2.0.0", "1.0.1 2.0.0", "1.0.0 2.0.1" },
		{ "vers:npm/<1.0.0", "0.9.9", "1.0.0 1.0.1" },
		{ "vers:npm/<=1.0.0", "1.0.0", "1.0.1" },
		{ "vers:npm/>1.0.0", "1.0.1", "1.0.0 0.9.9" },
		{ "vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.2.3 2.0.0 4.9.9", "1.2.2 1.2.4 5.0.0" },
		{ "vers:gem/>=2.2.0|!=2.2.1|<2.3.0", "2.2.0 2.2 2.2.2", "2.2.1 2.3 2.3.0" },
		{ "vers:npm/<1.0.0|>=2.0.0|<3.0.0|>4.0.0", "0.1.0 2.5.0 4.0.1",
		  "1.0.0 1.5.0 3.0.0 3.5.0 4.0.0" },
		{ "vers:npm/!=1.0.0", "0.9.0 1.0.1", "1.0.0" },
		{ "vers:npm/1.0.0|!=2.0.0", "1.0.0", "2.0.0 3.0.0" },
		{ "vers:npm/*", "0.0.1 9.9.9", "" },
		{ "vers:none/*", "", "0.0.1 9.9.9" },
		/* Redundant bounds are the union of what they say. */
		{ "vers:npm/>=1.0.0|>=2.0.0|<3.0.0|<4.0.0", "1.0.0 2.5.0 3.5.0", "0.9.0 4.0.0" },
		{ "vers:npm/<1.0.0|<2.0.0", "0.5.0 1.0.0 1.5.0", "2.0.0" },
		{ "vers:npm/>1.0.0|>2.0.0", "1.5.0 2.0.0 2.5.0", "1.0.0" },
		{ "vers:alpm/>=1.0-2|<1.0-4", "1.0-2 1.0-3 1.0", "1.0-1 1.0-4" },
		{ "vers:openssl/>=1.0.2|<1.0.2zd", "1.0.2 1.0.2k 1.0.2zc",
		  "1.0.2-beta1 1.0.2zd 1.1.0" },
		{ "vers:firmware/<V2.01%20SP3", "V2.01 2.0", "V2.01SP3 2.2" },
		{ "vers:firmware/<july%201%202017", "2017-06-30", "2017-07-01" },
	};
	auto_arena arena = arena_new(1 << 20);

	for (size_t i = 0; i < nitems(rows); i++) {
		for (int side = 0; side < 2; side++) {
			struct str rest = str_of(side == 0 ? rows[i].inside : rows[i].outside),
				   version;

			while (str_split(&rest, ' ', &version)) {
				bool contained = side != 0;
				struct vers vers;
				struct err err;

				if (version.len == 0)
					continue;
				CHECK_DONE(vers_read(arena, str_of(rows[i].range), &vers, &err),
					   err);
				CHECK_DONE(vers_contains(&vers, version, &contained, &err), err);
				if (contained != (side == 0))
					printf("# %s: %.*s\n", rows[i].range, STR_ARGS(version));
				CHECK(contained == (side == 0));
			}
		}
	}
}

static void what_cannot_be_judged_is_an_error(void)
{
	static const struct {
		const char *range, *version;
		enum message message;
	} rows[] = {
		{ "vers:npm/<1.0.0", "latest", MSG_VERSION_INVALID },
		{ "vers:npm/foo", "1.0.0", MSG_VERSION_INVALID },
		{ "vers:firmware/<2.0", "Rev. B", MSG_VERSION_KINDS },
		{ "vers:firmware/<2.0|>=3.0", "july 1 2017", MSG_VERSION_KINDS },
	};
	auto_arena arena = arena_new(1 << 20);

	for (size_t i = 0; i < nitems(rows); i++) {
		struct vers vers;
		struct err err;
		bool contained;

		CHECK_DONE(vers_read(arena, str_of(rows[i].range), &vers, &err), err);
		CHECK_FAILS(vers_contains(&vers, str_of(rows[i].version), &contained, &err), err,
			    rows[i].message);
	}
}

static void native_ranges_become_vers(void)
{
	static const struct {
		enum version_scheme scheme;
		const char *range, *vers;
	} rows[] = {
		{ VERSION_NPM, "^1.2.3", "vers:npm/>=1.2.3|<2.0.0" },
		{ VERSION_NPM, "^0.2.3", "vers:npm/>=0.2.3|<0.3.0" },
		{ VERSION_NPM, "^0.0.3", "vers:npm/>=0.0.3|<0.0.4" },
		{ VERSION_NPM, "^0.0", "vers:npm/>=0.0.0|<0.1.0" },
		{ VERSION_NPM, "^0.x", "vers:npm/>=0.0.0|<1.0.0" },
		{ VERSION_NPM, "~1.2.3", "vers:npm/>=1.2.3|<1.3.0" },
		{ VERSION_NPM, "~1", "vers:npm/>=1.0.0|<2.0.0" },
		{ VERSION_NPM, "1.2.x || >3", "vers:npm/>=1.2.0|<1.3.0|>=4.0.0" },
		{ VERSION_NPM, "1.2 - 2.3", "vers:npm/>=1.2.0|<2.4.0" },
		{ VERSION_NPM, "1.2.3 - 2.3.4", "vers:npm/>=1.2.3|<=2.3.4" },
		{ VERSION_NPM, "<=1.2", "vers:npm/<1.3.0" },
		{ VERSION_NPM, ">=v1.2.3+b <2", "vers:npm/>=1.2.3|<2.0.0" },
		{ VERSION_NPM, ">=1.0.0 <=1.0.0", "vers:npm/1.0.0" },
		{ VERSION_NPM, ">1.0.0 <1.0.0", "vers:none/*" },
		{ VERSION_NPM, "1.0.0 >2.0.0 || 3.0.0 <4", "vers:npm/3.0.0" },
		/* Bounds stay as given while the list still says the union, else they are the union's. */
		{ VERSION_NPM, "^3.0.16 || ^3.1.6", "vers:npm/>=3.0.16|>=3.1.6|<4.0.0|<4.0.0" },
		{ VERSION_NPM, "<=6.0.0 || >=6.0.0 <7.0.0", "vers:npm/<=6.0.0|>=6.0.0|<7.0.0" },
		{ VERSION_NPM, "^1.2 || >=0.4.0", "vers:npm/>=0.4.0" },
		{ VERSION_NPM, "<3.0.0 || ~1.2", "vers:npm/<3.0.0" },
		{ VERSION_NPM, ">=1.0.0 <9.0.0 || ~2.0.0 || ~4.0.0", "vers:npm/>=1.0.0|<9.0.0" },
		{ VERSION_NPM, "<2.0.0 || >1.0.0", "vers:npm/*" },
		{ VERSION_COMPOSER, "!=5 || 5", "vers:composer/*" },
		{ VERSION_COMPOSER, "!=5 || >=7", "vers:composer/!=5" },
		{ VERSION_COMPOSER, ">=1 !=5 || <=2 !=5", "vers:composer/!=5" },
		{ VERSION_PYPI, "!=2,>=2", "vers:pypi/>2" },
		{ VERSION_PYPI, "!=3.0,<=3", "vers:pypi/<3" },
		{ VERSION_PYPI, ">=1,<=1,!=1.0", "vers:none/*" },
		{ VERSION_NPM, "", "vers:npm/*" },
		{ VERSION_NPM, "<*", "vers:none/*" },
		{ VERSION_NPM, ">=*", "vers:npm/*" },
		{ VERSION_CARGO, "1.2.3, <1.5", "vers:cargo/>=1.2.3|<1.5.0" },
		{ VERSION_CARGO, "0.2", "vers:cargo/>=0.2.0|<0.3.0" },
		{ VERSION_CARGO, "=1.2.3", "vers:cargo/1.2.3" },
		{ VERSION_CARGO, "1.*", "vers:cargo/>=1.0.0|<2.0.0" },
		{ VERSION_COMPOSER, "~1.2", "vers:composer/>=1.2|<2" },
		{ VERSION_COMPOSER, "~1.2.3", "vers:composer/>=1.2.3|<1.3" },
		{ VERSION_COMPOSER, "^0.3 | 1.0.*", "vers:composer/>=0.3|<0.4|>=1.0|<1.1" },
		{ VERSION_COMPOSER, "1.0 - 2.0", "vers:composer/>=1.0|<2.1" },
		{ VERSION_HEX, "~> 2.0.1", "vers:hex/>=2.0.1|<2.1.0" },
		{ VERSION_HEX, ">= 1.0.0 and < 2.0.0 or ~> 3.1",
		  "vers:hex/>=1.0.0|<2.0.0|>=3.1.0|<4.0.0" },
		{ VERSION_PUB, "^0.1.2", "vers:pub/>=0.1.2|<0.2.0" },
		{ VERSION_PUB, "any", "vers:pub/*" },
		{ VERSION_GEM, "~> 2.0.8, != 2.0.9", "vers:gem/>=2.0.8|!=2.0.9|<2.1" },
		{ VERSION_GEM, "~> 2", "vers:gem/>=2|<3" },
		{ VERSION_PYPI, "~=2.2", "vers:pypi/>=2.2|<3.dev0" },
		{ VERSION_PYPI, "==1.4.*, !=1.4.7", "vers:pypi/>=1.4.dev0|!=1.4.7|<1.5.dev0" },
		{ VERSION_PYPI, ">=1.0,!=1.5.*,<2", "vers:pypi/>=1.0|<1.5.dev0|>=1.6.dev0|<2" },
		{ VERSION_PYPI, "(>=1.0)", "vers:pypi/>=1.0" },
		{ VERSION_PYPI, "===1!1.0", "vers:pypi/1%211.0" },
		{ VERSION_MAVEN, "[1.0,2.0)", "vers:maven/>=1.0|<2.0" },
		{ VERSION_MAVEN, "(,1.0],[1.2,)", "vers:maven/<=1.0|>=1.2" },
		{ VERSION_MAVEN, "[1.5]", "vers:maven/1.5" },
		{ VERSION_MAVEN, "1.0", "vers:maven/1.0" },
		{ VERSION_MAVEN, "(,)", "vers:maven/*" },
		{ VERSION_MAVEN, "[2.0,1.0]", "vers:none/*" },
		{ VERSION_MAVEN, ">= 1.0, < 2.0", "vers:maven/>=1.0|<2.0" },
		{ VERSION_NUGET, "1.0", "vers:nuget/>=1.0" },
		{ VERSION_NUGET, "(1.0, 2.0]", "vers:nuget/>1.0|<=2.0" },
		{ VERSION_HACKAGE, "^>=1.2.3 || ==2.0.*", "vers:hackage/>=1.2.3|<1.3|>=2.0|<2.1" },
		{ VERSION_HACKAGE, ">=1.2 && <1.3", "vers:hackage/>=1.2|<1.3" },
		{ VERSION_CONAN, "~1.1.2-", "vers:conan/>=1.1.2|<1.2-" },
		{ VERSION_CONAN, "*, include_prerelease=True", "vers:conan/>=0.0.0" },
		{ VERSION_DEB, "(>= 1.0), << 2.0", NULL },
		{ VERSION_DEB, ">= 1.0, << 2.0", "vers:deb/>=1.0|<2.0" },
		{ VERSION_NGINX, "1.5.0+, 1.4.1+", "vers:nginx/>=1.4.1|<1.5.0|>=1.5.0" },
		{ VERSION_NGINX, "all", "vers:nginx/*" },
		{ VERSION_NGINX, "none", "vers:none/*" },
		{ VERSION_OPENSSL, "3.0.0, 1.0.1b", "vers:openssl/1.0.1b|3.0.0" },
		{ VERSION_OPENSSL, ">=1.0.2 <1.0.2zd", "vers:openssl/>=1.0.2|<1.0.2zd" },
		{ VERSION_GENERIC, "< 2.0", "vers:generic/<2.0" },
		/* refused */
		{ VERSION_NPM, ">=", NULL },
		{ VERSION_NPM, "^foo", NULL },
		{ VERSION_NPM, "latest", NULL },
		{ VERSION_CONAN, "-", NULL },
		{ VERSION_NPM, "^18446744073709551999.0.0", NULL },
		{ VERSION_NPM, "1.0.0 - ", NULL },
		{ VERSION_DEB, "^1.0", NULL },
		{ VERSION_DEB, "", NULL },
		{ VERSION_GEM, "^1.0", NULL },
		{ VERSION_MAVEN, "(1.0)", NULL },
		{ VERSION_MAVEN, "[1.0,2.0", NULL },
		{ VERSION_MAVEN, "[1.0,2.0)x", NULL },
		{ VERSION_MAVEN, "[1,2,3]", NULL },
		{ VERSION_MAVEN, "[]", NULL },
		{ VERSION_NGINX, "1.5.0+,", NULL },
		{ VERSION_PYPI, "!=1.*,!=2.*,!=3.*,!=4.*,!=5.*", NULL },
	};
	auto_arena arena = arena_new(1 << 20);

	for (size_t i = 0; i < nitems(rows); i++) {
		auto_writer out = { 0 };
		struct vers vers;
		struct err err = { 0 };
		bool read =
			vers_from_native(arena, rows[i].scheme, str_of(rows[i].range), &vers, &err);

		if (!rows[i].vers) {
			if (read)
				printf("# %s\n", rows[i].range);
			CHECK(!read && err.message != MSG_NONE);
			continue;
		}
		CHECK_DONE(read, err);
		vers_write(&vers, &out);
		CHECK_STR(writer_str(&out), str_of(rows[i].vers));
	}
}

/* Whatever the arena's limit: a result or its error, never half of one. */
static void arena_limits_are_errors(void)
{
	bool done = false;

	for (size_t limit = 64; limit < 1 << 16 && !done; limit += 64) {
		auto_arena arena = arena_new(limit);
		struct vers vers;
		struct err err;

		done = vers_from_native(arena, VERSION_NPM, STR("^1.2.3 || ~2.0 || 3.x"), &vers,
					&err);
		CHECK(done ? vers.count == 6 : err.message == MSG_LIMIT_MEMORY);
	}
	CHECK(done);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(canonical_text_is_read),    TEST(parts_as_json),
		TEST(deviations_are_refused),    TEST(liberal_text_becomes_canonical),
		TEST(ranges_contain_versions),   TEST(what_cannot_be_judged_is_an_error),
		TEST(native_ranges_become_vers), TEST(arena_limits_are_errors),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
