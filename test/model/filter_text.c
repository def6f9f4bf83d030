#include "base/writer.h"
#include "check.h"
#include "model/filter_tree.h"

static void show(const struct filter_tree *tree, struct writer *out)
{
	static const char *const names[] = {
		[FILTER_AND] = "and", [FILTER_OR] = "or", [FILTER_NOT] = "not"
	};

	if (tree->kind != FILTER_COMPARISON) {
		writer_printf(out, "(%s", names[tree->kind]);
		for (const struct filter_tree *child = tree->child; child; child = child->next) {
			writer_byte(out, ' ');
			show(child, out);
		}
		writer_byte(out, ')');
		return;
	}
	writer_printf(out, "(%.*s %s", STR_ARGS(tree->field), filter_operator_name(tree->op));
	for (size_t i = 0; i < tree->count; i++) {
		const struct literal *value = &tree->values[i];

		writer_printf(out, " %d:%.*s", value->kind, STR_ARGS(value->text));
		if (value->shift)
			writer_printf(out, "%+lld", (long long)value->shift);
	}
	writer_byte(out, ')');
}

static const struct {
	const char *text, *tree;
} good[] = {
	{ "", "" },
	{ "  ", "" },
	{ "state = open", "(state = 0:open)" },
	{ "state = open and severity >= high and place in \"ICU\" and due < now + 7d",
	  "(and (state = 0:open) (severity >= 0:high) (place in 1:ICU) (due < 6:now+604800))" },
	{ "a = 1 or b = 2 and c = 3", "(or (a = 2:1) (and (b = 2:2) (c = 2:3)))" },
	{ "(a = 1 or b = 2) and not c = -3.5",
	  "(and (or (a = 2:1) (b = 2:2)) (not (c = 2:-3.5)))" },
	{ "not not a is empty", "(not (not (a is empty)))" },
	{ "a is not empty", "(a is not empty)" },
	{ "a not in [x, \"y z\"]", "(a not in 0:x 1:y z)" },
	{ "a in (x)", "(a in 0:x)" },
	{ "a=1 and b!=2", "(and (a = 2:1) (b != 2:2))" },
	{ "due >= 2026-11-24 - 2w + 1d", "(due >= 3:2026-11-24-1123200)" },
	{ "at < 2026-11-24T08:00:00.5+08:00", "(at < 4:2026-11-24T08:00:00.5+08:00)" },
	{ "a contains \"x \\\"y\\\\\"", "(a contains 1:x \"y\\)" },
	{ "place in 重症医学科", "(place in 0:重症医学科)" },
	{ "owner = me and d > 30min", "(and (owner = 8:me) (d > 5:30min))" },
};

static void filters_are_read(void)
{
	for (size_t i = 0; i < nitems(good); i++) {
		auto_arena arena = arena_new(1 << 20);
		auto_writer out = { 0 };
		const struct filter_tree *tree;
		struct err err;

		CHECK_DONE(filter_parse(arena, str_of(good[i].text), &tree, &err), err);
		if (tree)
			show(tree, &out);
		CHECK_STR(writer_str(&out), str_of(good[i].tree));
	}
	check_cases(nitems(good));
}

static const struct {
	const char *text;
	enum message message;
	const char *position;
} bad[] = {
	{ "=", MSG_FILTER_FIELD_EXPECTED, "1" },
	{ "and", MSG_FILTER_FIELD_EXPECTED, "1" },
	{ "a", MSG_FILTER_OPERATOR_EXPECTED, "2" },
	{ "a like b", MSG_FILTER_OPERATOR_EXPECTED, "3" },
	{ "a not b", MSG_FILTER_OPERATOR_EXPECTED, "7" },
	{ "a =", MSG_FILTER_VALUE_EXPECTED, "4" },
	{ "a = -x", MSG_FILTER_VALUE_EXPECTED, "6" },
	{ "a = 1 b = 2", MSG_FILTER_JOIN_EXPECTED, "7" },
	{ "a = 1 and", MSG_FILTER_FIELD_EXPECTED, "10" },
	{ "(a = 1", MSG_FILTER_CLOSE_EXPECTED, "7" },
	{ "a in [1, 2", MSG_FILTER_CLOSE_EXPECTED, "11" },
	{ "a in []", MSG_FILTER_VALUE_EXPECTED, "7" },
	{ "a is open", MSG_FILTER_EMPTY_EXPECTED, "6" },
	{ "a = \"x", MSG_FILTER_QUOTE_OPEN, "5" },
	{ "a = \"x\\\"", MSG_FILTER_QUOTE_OPEN, "5" },
	{ "a = 2026-13-01", MSG_FILTER_DATE, "5" },
	{ "a = 2026-11-24x", MSG_FILTER_DATE, "5" },
	{ "a < now + 7", MSG_FILTER_DURATION, "11" },
	{ "a < now + 7y", MSG_FILTER_DURATION, "11" },
	{ "a < 99999999999999999999d", MSG_FILTER_DURATION, "5" },
	{ "a = 1;", MSG_FILTER_CHARACTER, "6" },
	{ "名称 = 超声 型号", MSG_FILTER_JOIN_EXPECTED, "9" },
	{ "a = ‘x’", MSG_FILTER_CHARACTER, "5" },
	{ "名称 = “x”", MSG_FILTER_CHARACTER, "6" },
	{ "a =x（", MSG_FILTER_CHARACTER, "5" },
};

static void mistakes_name_their_position(void)
{
	for (size_t i = 0; i < nitems(bad); i++) {
		auto_arena arena = arena_new(1 << 20);
		const struct filter_tree *tree;
		struct err err;

		CHECK_FAILS(filter_parse(arena, str_of(bad[i].text), &tree, &err), err,
			    bad[i].message);
		for (int a = 0; a < err.argc; a++) {
			if (strcmp(message_argument(err.message, a), "position") == 0)
				CHECK_STR(str_of(err.arg[a]), str_of(bad[i].position));
		}
	}
	check_cases(nitems(bad));
}

static bool parses(struct writer *text)
{
	auto_arena arena = arena_new(16 << 20);
	const struct filter_tree *tree;
	struct err err;

	return filter_parse(arena, writer_str(text), &tree, &err);
}

static void size_and_depth_are_limited(void)
{
	for (int extra = 0; extra < 2; extra++) {
		auto_writer deep = { 0 }, wide = { 0 }, list = { 0 };

		for (int i = 0; i < FILTER_DEPTH_MAX - 1 + extra; i++)
			writer_byte(&deep, '(');
		writer_text(&deep, "a=1");
		for (int i = 0; i < FILTER_DEPTH_MAX - 1 + extra; i++)
			writer_byte(&deep, ')');
		for (int i = 0; i < FILTER_COMPARISONS_MAX + extra; i++)
			writer_printf(&wide, "%sa=1", i ? " and " : "");
		writer_text(&list, "a in [1");
		for (int i = 1; i < FILTER_VALUES_MAX + extra; i++)
			writer_text(&list, ",1");
		writer_text(&list, "]");
		CHECK(parses(&deep) == !extra);
		CHECK(parses(&wide) == !extra);
		CHECK(parses(&list) == !extra);
	}
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(filters_are_read),
		TEST(mistakes_name_their_position),
		TEST(size_and_depth_are_limited),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
