#include "identity/scope.h"

#include "base/writer.h"
#include "check.h"

#define ROLE(name, ...)                                                       \
	static const struct permission_list name = {                          \
		(const char *const[]){ __VA_ARGS__ },                         \
		sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *) \
	}

ROLE(everything, "*");
ROLE(engineer, "device.*", "party.read");
ROLE(reader, "device.read", "model.read");
ROLE(odd, "dev*", "", ".*", "release.move.*");
static const struct permission_list nothing = { NULL, 0 };

static void permissions(void)
{
	static const struct {
		const struct permission_list *list;
		const char *permission;
		bool given;
	} cases[] = {
		{ &everything, "device.read", true },
		{ &everything, "*", true },
		{ &everything, "", false },
		{ &engineer, "device.read", true },
		{ &engineer, "device.move.retire", true },
		{ &engineer, "device.*", true },
		{ &engineer, "device.move.*", true },
		{ &engineer, "device.", false },
		{ &engineer, "device", false },
		{ &engineer, "devices.read", false },
		{ &engineer, "*", false },
		{ &engineer, "party.read", true },
		{ &engineer, "party.*", false },
		{ &engineer, "party.readers", false },
		{ &reader, "device.read", true },
		{ &reader, "device.create", false },
		{ &reader, "device.*", false },
		{ &reader, "Device.read", false },
		{ &odd, "device.read", false },
		{ &odd, "dev*", true },
		{ &odd, "release.move.publish", true },
		{ &odd, "release.read", false },
		{ &nothing, "device.read", false },
		{ &nothing, "", false },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		bool given = permission_given(cases[i].list, str_of(cases[i].permission));

		if (given != cases[i].given)
			printf("# %s\n", cases[i].permission);
		CHECK_INT(given, cases[i].given);
	}
	check_cases(nitems(cases));
}

static const struct scope_grant grants[] = {
	{ 7, { "/1/7/", 5 }, "engineer", CLEARANCE_INTERNAL, INT64_MAX, &engineer },
	{ 9, { "/1/7/9/", 7 }, "reader", CLEARANCE_PERSONAL, INT64_MAX, &reader },
	{ 3, { "/1/3/", 5 }, "reader", CLEARANCE_PUBLIC, INT64_MAX, &reader },
};
static const struct scope some = { .account = 1, .grants = grants, .count = nitems(grants) };
static const struct scope none = { .account = 2 };

static void places(void)
{
	static const struct {
		const struct scope *scope;
		const char *permission, *path;
		bool anywhere, there;
		enum clearance clearance;
	} cases[] = {
		{ &some, "device.create", "/1/7/", true, true, CLEARANCE_INTERNAL },
		{ &some, "device.create", "/1/7/8/", true, true, CLEARANCE_INTERNAL },
		{ &some, "device.create", "/1/7/9/4/", true, true, CLEARANCE_PERSONAL },
		{ &some, "device.create", "/1/3/", true, false, CLEARANCE_PUBLIC },
		{ &some, "device.create", "/1/70/", true, false, CLEARANCE_PUBLIC },
		{ &some, "device.create", "/1/", true, false, CLEARANCE_PUBLIC },
		{ &some, "device.create", "", true, false, CLEARANCE_PUBLIC },
		{ &some, "model.read", "/1/7/", true, false, CLEARANCE_INTERNAL },
		{ &some, "model.read", "/1/7/9/", true, true, CLEARANCE_PERSONAL },
		{ &some, "model.read", "/1/3/5/", true, true, CLEARANCE_PUBLIC },
		{ &some, "account.manage", "/1/7/", false, false, CLEARANCE_INTERNAL },
		{ &some, "*", "/1/7/", false, false, CLEARANCE_INTERNAL },
		{ &none, "device.read", "/1/", false, false, CLEARANCE_PUBLIC },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct str permission = str_of(cases[i].permission), path = str_of(cases[i].path);

		CHECK_INT(scope_allows(cases[i].scope, permission), cases[i].anywhere);
		CHECK_INT(scope_allows_in(cases[i].scope, permission, path), cases[i].there);
		CHECK_INT(scope_clearance(cases[i].scope, path), cases[i].clearance);
		CHECK(scope_allows(scope_program(), permission));
		CHECK(scope_allows_in(scope_program(), permission, path));
	}
	CHECK_INT(scope_clearance(scope_program(), STR("/1/")), CLEARANCE_SECRET);
	check_cases(nitems(cases));
}

static void subtrees(void)
{
	static const struct scope_grant wide[] = {
		{ 9, { "/1/7/9/", 7 }, "reader", CLEARANCE_PUBLIC, INT64_MAX, &reader },
		{ 1, { "/1/", 3 }, "administrator", CLEARANCE_SECRET, INT64_MAX, &everything },
	};
	static const struct scope root = { .account = 3, .grants = wide, .count = nitems(wide) };
	static const struct {
		const struct scope *scope;
		const char *permission, *paths;
		bool everywhere;
	} cases[] = {
		{ &some, "device.read", "/1/3/ /1/7/ ", false },
		{ &some, "device.create", "/1/7/ ", false },
		{ &some, "model.read", "/1/3/ /1/7/9/ ", false },
		{ &some, "account.manage", "", false },
		{ &none, "device.read", "", false },
		{ &root, "device.read", "/1/ ", true },
		{ &root, "account.manage", "/1/ ", true },
	};
	auto_arena arena = arena_new(1 << 16);
	const struct str *paths;
	bool everywhere;

	for (size_t i = 0; i < nitems(cases); i++) {
		auto_writer text = { 0 };
		size_t count = scope_subtrees(cases[i].scope, str_of(cases[i].permission), arena,
					      &paths, &everywhere);

		for (size_t p = 0; p < count; p++)
			writer_printf(&text, "%.*s ", STR_ARGS(paths[p]));
		CHECK_STR(writer_str(&text), str_of(cases[i].paths));
		CHECK_INT(everywhere, cases[i].everywhere);
	}
	CHECK(scope_subtrees(scope_program(), STR("x.read"), arena, &paths, &everywhere) == 0);
	CHECK(everywhere);
	check_cases(nitems(cases));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(permissions),
		TEST(places),
		TEST(subtrees),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
