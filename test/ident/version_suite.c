/* The comparisons of osv-scalibr, 12 files of lines "A < B", from the folder XIEDUN_SHARED. */
#include "base/file.h"
#include "check.h"
#include "ident/version.h"

static const struct {
	const char *name; /* also an alias of the scheme */
	int cases;
} files[] = {
	{ "alpine", 778 }, { "cran", 21 },    { "debian", 30 },    { "hackage", 11 },
	{ "maven", 102 },  { "nuget", 35 },   { "packagist", 95 }, { "pub", 100 },
	{ "pypi", 37 },    { "redhat", 165 }, { "rubygems", 25 },  { "semver", 86 },
};

/* Cases held to be wrong, with the answer that the specification gives. */
static const struct {
	const char *scheme, *line, *answer, *reason;
} wrong[] = {
	{ "semver", "1.1.3.4.5 = 1.1.3.4.5", "error",
	  "SemVer 2.0.0 section 2: a version has three numbers" },
	{ "pub", "1.1.3.4.5 = 1.1.3.4.5", "error",
	  "pub_semver's grammar: a version has three numbers" },
	{ "packagist", "1.0.0 > 1.0", "=",
	  "Composer's VersionParser::normalize() writes both as 1.0.0.0" },
	{ "packagist", "1.2.3.# = 1.2.3.1", "<",
	  "# is version_compare()'s own sign for a number and no part of a version; with 1.2.3.# = "
	  "1.2.3 < 1.2.3.1 it cannot hold" },
};

static const char *answer_of(enum version_scheme scheme, struct str a, struct str b)
{
	struct err err;
	int order;

	if (!version_compare(scheme, a, b, &order, &err))
		return "error";
	return order < 0 ? "<" : order > 0 ? ">" : "=";
}

/* "A < B"; a side may be empty of all but signs, so the middle is looked for. False for comments and empty lines. */
static bool split_case(struct str line, struct str *a, struct str *b, char *sign)
{
	line = str_trim(line);
	if (line.len == 0 || str_starts(line, "//") || (str_starts(line, "#")))
		return false;
	for (size_t i = 0; i + 2 < line.len; i++) {
		if (line.at[i] != ' ' || line.at[i + 2] != ' ' || !strchr("<=>", line.at[i + 1]))
			continue;
		*a = str_sub(line, 0, i);
		*b = str_sub(line, i + 3, line.len);
		*sign = line.at[i + 1];
		return true;
	}
	return false;
}

static void expect(const char *scheme_name, struct str line, const char *answer, char sign)
{
	for (size_t i = 0; i < nitems(wrong); i++)
		if (strcmp(wrong[i].scheme, scheme_name) == 0 && str_is(line, wrong[i].line)) {
			CHECK_STR(str_of(answer), str_of(wrong[i].answer));
			return;
		}
	if (answer[0] != sign)
		printf("# %s: %.*s: %s\n", scheme_name, STR_ARGS(line), answer);
	CHECK(answer[0] == sign);
}

static void run_file(const char *folder, const char *name, int cases)
{
	auto_writer path = { 0 }, text = { 0 };
	enum version_scheme scheme;
	struct str rest, line, a, b;
	struct err err;
	char sign;
	int ran = 0;

	writer_printf(&path, "%s/osv-scalibr-semantic/semantic/testdata/%s-versions.txt", folder,
		      name);
	CHECK_DONE(file_read(path.at, 16 << 20, &text, &err), err);
	CHECK_DONE(version_scheme_parse(str_of(name), &scheme, &err), err);
	rest = writer_str(&text);
	while (str_split(&rest, '\n', &line)) {
		if (!split_case(line, &a, &b, &sign))
			continue;
		expect(name, str_trim(line), answer_of(scheme, a, b), sign);
		ran++;
	}
	CHECK_INT(ran, cases);
	check_cases(ran);
}

static void comparisons_of_the_suite(void)
{
	const char *folder = getenv("XIEDUN_SHARED");

	if (!folder) {
		printf("# skipped: XIEDUN_SHARED names no folder with osv-scalibr-semantic\n");
		CHECK(true);
		return;
	}
	for (size_t i = 0; i < nitems(files); i++)
		run_file(folder, files[i].name, files[i].cases);
	for (size_t i = 0; i < nitems(wrong); i++)
		printf("# %s: %s is held to be wrong: %s\n", wrong[i].scheme, wrong[i].line,
		       wrong[i].reason);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = { TEST(comparisons_of_the_suite) };

	return check_main(tests, nitems(tests), argc, argv);
}
