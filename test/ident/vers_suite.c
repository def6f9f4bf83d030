/* The cases of package-url/vers-spec, 21 files, from the folder XIEDUN_SHARED. */
#include "base/file.h"
#include "base/node.h"
#include "check.h"
#include "ident/vers.h"

static const struct {
	const char *name;
	int cases;
} files[] = {
	{ "alpine_version_cmp_test", 716 },
	{ "alpm_version_cmp_test", 42 },
	{ "conan_range_from_native_basic_test", 20 },
	{ "conan_range_from_native_test", 209 },
	{ "conan_version_cmp_test", 47 },
	{ "datetime_version_cmp_test", 7 },
	{ "gem_range_from_native_test", 1 },
	{ "gentoo_version_cmp_test", 48 },
	{ "lexicographic-test", 8 },
	{ "maven_version_cmp_test", 977 },
	{ "nginx_range_from_native_test", 4 },
	{ "npm_range_containment_test", 1 },
	{ "npm_range_from_native_test", 491 },
	{ "nuget_range_from_native_test", 1 },
	{ "nuget_version_cmp_test", 33 },
	{ "openssl_range_from_native_test", 8 },
	{ "openssl_version_cmp_test", 44 },
	{ "pypi_range_containment_test", 10 },
	{ "pypi_range_from_native_test", 3 },
	{ "pypi_range_validate_test", 19 },
	{ "vers_canonical_parse_test", 12 },
};

/* Native ranges whose expected VERS is held to be wrong, with the one that the notation's specification gives. */
static const struct {
	const char *scheme, *range, *answer, *reason;
} wrong[] = {
	{ "npm", "<= 1.0", "vers:npm/<1.1.0",
	  "node-semver, X-Ranges: a shortened version stands for all that begin with it" },
	{ "npm", "<=2.1 >=1.1", "vers:npm/>=1.1.0|<2.2.0", "node-semver, X-Ranges: the same" },
	{ "npm", "2.1 || 2.6", "vers:npm/>=2.1.0|<2.2.0|>=2.6.0|<2.7.0",
	  "node-semver, X-Ranges: 2.1 is 2.1.x" },
	{ "npm", ">= 2.2.x", "vers:npm/>=2.2.0", "node-semver, X-Ranges: >= has no upper bound" },
	{ "npm", ">= 1.x", "vers:npm/>=1.0.0", "node-semver, X-Ranges: >= has no upper bound" },
	{ "npm", ">= 0.2.0 <= 0.9.6 || ~0.8.0-pre", "vers:npm/>=0.2.0|>=0.8.0-pre|<0.9.0|<=0.9.6",
	  "node-semver, Tilde Ranges: ~0.8.0-pre allows patch releases, up to 0.9.0" },
	{ "npm", ">=5.0.3 >=4.2.1", "vers:npm/>=5.0.3",
	  "node-semver, Ranges: comparators in one set must all be fulfilled" },
	{ "npm", "1.1.2 1.2.2", "vers:none/*",
	  "node-semver, Ranges: comparators in one set must all be fulfilled" },
	{ "conan", "", "vers:conan/>=0.0.0",
	  "VERS 5.3.3: there must be constraints; Conan's empty range is *, expected as >=0.0.0 "
	  "elsewhere in the suite" },
};

static struct str text_at(const struct node *list, size_t index)
{
	const struct node *one = list->child;

	for (; one && index > 0; index--)
		one = one->next;
	return one ? one->text : STR_NONE;
}

/* True when the case is right. */
typedef bool case_fn(struct arena *, const struct node *input, const struct node *expected);

/* Sorting the versions must give the expected order: each pair in its order, or equal. */
static bool comparison(struct arena *arena unused, const struct node *input,
		       const struct node *expected)
{
	const struct node *versions = node_member(input, "versions");
	enum version_scheme scheme;
	struct err err;

	if (!version_scheme_parse(node_member_text(input, "input_scheme"), &scheme, &err) ||
	    versions->count != expected->count)
		return false;
	for (size_t i = 0; i + 1 < expected->count; i++) {
		int order;

		if (!version_compare(scheme, text_at(expected, i), text_at(expected, i + 1), &order,
				     &err) ||
		    order > 0)
			return false;
		/* Two that stand in another order than they came are not equal. */
		if (expected->count == 2 && order == 0 &&
		    !str_equal(text_at(versions, 0), text_at(expected, 0)))
			return false;
	}
	return true;
}

static bool equality(struct arena *arena unused, const struct node *input,
		     const struct node *expected)
{
	const struct node *versions = node_member(input, "versions");
	enum version_scheme scheme;
	struct err err;
	int order;

	return version_scheme_parse(node_member_text(input, "input_scheme"), &scheme, &err) &&
	       version_compare(scheme, text_at(versions, 0), text_at(versions, 1), &order, &err) &&
	       (order == 0) == expected->boolean;
}

static bool containment(struct arena *arena, const struct node *input, const struct node *expected)
{
	struct vers vers;
	struct err err;
	bool contained;

	return vers_read(arena, node_member_text(input, "vers"), &vers, &err) &&
	       vers_contains(&vers, node_member_text(input, "version"), &contained, &err) &&
	       contained == expected->boolean;
}

static bool written_is(const struct vers *vers, struct str expected)
{
	auto_writer out = { 0 };

	vers_write(vers, &out);
	if (!str_equal(writer_str(&out), expected))
		printf("# %s, expected %.*s\n", out.at, STR_ARGS(expected));
	return str_equal(writer_str(&out), expected);
}

static bool from_native(struct arena *arena, const struct node *input, const struct node *expected)
{
	struct str range = node_member_text(input, "native_range"),
		   name = node_member_text(input, "scheme");
	struct str answer = expected->text;
	enum version_scheme scheme;
	struct vers vers;
	struct err err;

	for (size_t i = 0; i < nitems(wrong); i++)
		if (str_is(name, wrong[i].scheme) && str_is(range, wrong[i].range))
			answer = str_of(wrong[i].answer);
	return version_scheme_parse(name, &scheme, &err) &&
	       vers_from_native(arena, scheme, range, &vers, &err) && written_is(&vers, answer);
}

static bool canonical(struct arena *arena, const struct node *input, const struct node *expected)
{
	struct vers vers;
	struct err err;

	return vers_read(arena, input->text, &vers, &err) && written_is(&vers, expected->text);
}

/* `expected` is missing where parsing must fail. */
static bool parse(struct arena *arena, const struct node *input, const struct node *expected)
{
	auto_writer got = { 0 }, want = { 0 };
	struct json json = json_into(&want);
	struct vers vers;
	struct err err;

	if (!vers_parse(arena, input->text, &vers, &err))
		return expected == NULL;
	if (!expected)
		return false;
	vers_write_json(&vers, &got);
	node_write_json(expected, &json);
	return str_equal(writer_str(&got), writer_str(&want));
}

static const struct {
	const char *type;
	case_fn *run;
} types[] = {
	{ "comparison", comparison },   { "equality", equality },  { "containment", containment },
	{ "from_native", from_native }, { "validate", canonical }, { "parse", parse },
};

static bool run_case(struct arena *arena, const struct node *one)
{
	for (size_t i = 0; i < nitems(types); i++)
		if (str_is(node_member_text(one, "test_type"), types[i].type))
			return types[i].run(arena, node_member(one, "input"),
					    node_member(one, "expected_output"));
	return false;
}

static void run_file(const char *folder, const char *name, int cases)
{
	auto_writer path = { 0 }, text = { 0 };
	auto_arena arena = arena_new(64 << 20);
	const struct node *file;
	struct err err;
	int ran = 0;

	writer_printf(&path, "%s/vers-spec/tests/%s.json", folder, name);
	CHECK_DONE(file_read(path.at, 16 << 20, &text, &err), err);
	CHECK_DONE(node_from_json(arena, writer_str(&text), &file, &err), err);

	const struct node *tests = node_member(file, "tests");

	CHECK(tests != NULL);
	for (const struct node *one = tests->child; one; one = one->next, ran++) {
		bool right = run_case(arena, one);

		if (!right)
			printf("# %s: line %lld\n", name, (long long)one->line);
		CHECK(right);
	}
	CHECK_INT(ran, cases);
	check_cases(ran);
}

static void cases_of_the_suite(void)
{
	const char *folder = getenv("XIEDUN_SHARED");

	if (!folder) {
		printf("# skipped: XIEDUN_SHARED names no folder with vers-spec\n");
		CHECK(true);
		return;
	}
	for (size_t i = 0; i < nitems(files); i++)
		run_file(folder, files[i].name, files[i].cases);
	for (size_t i = 0; i < nitems(wrong); i++)
		printf("# %s “%s” is held to be wrong: %s\n", wrong[i].scheme, wrong[i].range,
		       wrong[i].reason);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = { TEST(cases_of_the_suite) };

	return check_main(tests, nitems(tests), argc, argv);
}
