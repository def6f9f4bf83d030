#include "base/file.h"
#include "check.h"
#include "model/pack.h"

#define HEAD "pack: 1\nname: demo\nedition: 1\nlabel: { zh: 演示, en: Demo }\n"
#define TYPE                                                                                        \
	HEAD "types:\n  tool:\n    label: { zh: 工具, en: Tool }\n    plural: { zh: 工具, en: " \
	     "Tools }\n"
#define FIELDS TYPE "    fields:\n      name: { kind: text, label: { zh: 名称, en: Name } }\n"
#define STATES                                                                                       \
	FIELDS "    states:\n      open: { zh: 打开, en: Open }\n      closed: { zh: 关闭, en: " \
	       "Closed }\n"

static const struct {
	const char *text;
	enum message message;
	int line, column;
	const char *en;
} wrong[] = {
	{ "pack: 1\nname: [\n", MSG_YAML_BRACKET, 3, 0, NULL },
	{ "- a\n", MSG_PACK_NOT_MAP, 1, 1, "demo.yaml:1:1: this must be a map of keys and values" },
	{ "pack: 2\nname: demo\nedition: 1\nlabel: { zh: 演示, en: Demo }\n", MSG_PACK_FORMAT, 1, 1,
	  NULL },
	{ "pack: 1\nedition: 1\nlabel: { zh: 演示, en: Demo }\n", MSG_PACK_KEY_MISSING, 1, 1,
	  "demo.yaml:1:1: the key “name” is missing" },
	{ "pack: 1\nname: demo\nedition: 0\nlabel: { zh: 演示, en: Demo }\n", MSG_PACK_NUMBER_RANGE,
	  3, 1, NULL },
	{ "pack: 1\nname: demo\nedition: one\nlabel: { zh: 演示, en: Demo }\n", MSG_PACK_NOT_NUMBER,
	  3, 1, NULL },
	{ "pack: 1\nname: Demo\nedition: 1\nlabel: { zh: 演示, en: Demo }\n", MSG_PACK_NAME_FORM, 2,
	  1, NULL },
	{ "pack: 1\nname: demo\nedition: 1\nlabel: { zh: 演示 }\n", MSG_PACK_LABEL_MISSING, 4, 1,
	  "demo.yaml:4:1: label: the label in the language en is missing; a label has both zh and "
	  "en" },
	{ "pack: 1\nname: demo\nedition: 1\nlabel: { en: Demo }\n", MSG_PACK_LABEL_MISSING, 4, 1,
	  NULL },
	{ HEAD "type: {}\n", MSG_PACK_KEY_MISTYPED, 5, 1,
	  "demo.yaml:5:1: there is no key “type”; is “types” meant?" },
	{ HEAD "colour: red\n", MSG_PACK_KEY_UNKNOWN, 5, 1, NULL },
	{ HEAD "types: [a]\n", MSG_PACK_NOT_MAP, 5, 1, NULL },
	{ HEAD
	  "roles:\n  boss:\n    label: { zh: 主管, en: Boss }\n    permissions: [Device.read]\n",
	  MSG_PACK_PERMISSION_FORM, 8, 5, NULL },
	{ TYPE, MSG_PACK_KEY_MISSING, 6, 3,
	  "demo.yaml:6:3: types.tool: the key “fields” is missing" },
	{ FIELDS "      size: { kind: txt, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_WORD_MISTYPED, 11, 15,
	  "demo.yaml:11:15: types.tool.fields.size.kind: “txt” is not known; is “text” meant?" },
	{ FIELDS "      size: { kind: widget, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_WORD_UNKNOWN, 11, 15, NULL },
	{ FIELDS "      state: { kind: text, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_NAME_RESERVED, 11, 7, NULL },
	{ FIELDS "      Size: { kind: text, label: { zh: 大小, en: Size } }\n", MSG_PACK_NAME_FORM,
	  11, 7, NULL },
	{ FIELDS "      name: { kind: text, label: { zh: 大小, en: Size } }\n", MSG_KEY_TWICE, 11,
	  7, NULL },
	{ FIELDS "      size: { kind: text, requird: true, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_KEY_MISTYPED, 11, 27, NULL },
	{ FIELDS "      size: { kind: text, required: yes, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_NOT_BOOLEAN, 11, 27, NULL },
	{ FIELDS "      size: { kind: date, min: 1, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_KEY_MEANINGLESS, 11, 27, NULL },
	{ FIELDS "      size: { kind: choice, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_KEY_NEEDED, 11, 7, NULL },
	{ FIELDS "      size: { kind: choice, choices: {}, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_CHOICES_EMPTY, 11, 29, NULL },
	{ FIELDS
	  "      size: { kind: choice, choices: { big: 大 }, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_NOT_MAP, 11, 40, NULL },
	{ FIELDS "      size: { kind: reference, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_KEY_NEEDED, 11, 7, NULL },
	{ FIELDS "      size: { kind: integer, sealed: true, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_KEY_MEANINGLESS, 11, 30, NULL },
	{ FIELDS "      size: { kind: text, exact: true, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_EXACT_UNSEALED, 11, 27, NULL },
	{ FIELDS "      size: { kind: integer, min: 5, max: 4, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_RANGE_EMPTY, 11, 7, NULL },
	{ FIELDS "      size: { kind: decimal, scale: 10, label: { zh: 大小, en: Size } }\n",
	  MSG_PACK_NUMBER_RANGE, 11, 30, NULL },
	{ FIELDS "    title: nam\n", MSG_PACK_NAME_MISTYPED, 11, 5, NULL },
	{ FIELDS "    number: tool\n", MSG_PACK_NUMBER_FORM, 11, 5, NULL },
	{ FIELDS "    moves: {}\n", MSG_PACK_MOVES_WITHOUT_STATES, 11, 5, NULL },
	{ FIELDS "    indexes:\n      - [nmae]\n", MSG_PACK_NAME_MISTYPED, 11, 5, NULL },
	{ FIELDS "    indexes:\n      - []\n", MSG_PACK_INDEX_SIZE, 12, 9, NULL },
	{ STATES
	  "    moves:\n      close: { from: opn, to: closed, label: { zh: 关闭, en: Close } }\n",
	  MSG_PACK_NAME_MISTYPED, 15, 16,
	  "demo.yaml:15:16: types.tool.moves.close.from: there is no “opn”; is “open” meant?" },
	{ STATES "    moves:\n      close: { from: open, to: closed, required: [nothing_here], "
		 "label: { zh: 关闭, en: Close } }\n",
	  MSG_PACK_NAME_UNKNOWN, 15, 40, NULL },
	{ STATES "    moves:\n      close: { from: open, to: closed, guard: \"name =\", label: { "
		 "zh: 关闭, en: Close } }\n",
	  MSG_FILTER_VALUE_EXPECTED, 15, 40, NULL },
	{ STATES "    moves:\n      close: { from: open, to: closed, guard: nmae = x, label: { zh: "
		 "关闭, en: Close } }\n",
	  MSG_FILTER_FIELD_MISTYPED, 15, 40, NULL },
};

static void wrong_packs_are_refused_with_their_place(void)
{
	for (size_t i = 0; i < nitems(wrong); i++) {
		auto_arena arena = arena_new(1 << 20);
		auto_problems problems = { 0 };
		const struct pack *pack;
		struct err err;

		CHECK_FAILS(pack_parse(arena, "demo.yaml", str_of(wrong[i].text), &problems, &pack,
				       &err),
			    err, MSG_PACK_REFUSED);
		CHECK_INT((int64_t)problems.count, 1);

		const struct err *problem = &problems.list[0];
		auto_writer zh = { 0 }, en = { 0 };

		err_render(problem, LANGUAGE_ZH, &zh);
		err_render(problem, LANGUAGE_EN, &en);
		if (problem->message != wrong[i].message || problem->place.line != wrong[i].line ||
		    (wrong[i].column && problem->place.column != wrong[i].column))
			printf("# case %zu: %s\n", i, en.at);
		CHECK_STR(str_of(message_code(problem->message)),
			  str_of(message_code(wrong[i].message)));
		CHECK_INT(problem->place.line, wrong[i].line);
		if (wrong[i].column)
			CHECK_INT(problem->place.column, wrong[i].column);
		if (wrong[i].en)
			CHECK_STR(writer_str(&en), str_of(wrong[i].en));
		CHECK(str_starts(writer_str(&zh), "demo.yaml:"));
		CHECK(!str_equal(writer_str(&zh), writer_str(&en)));
	}
	check_cases(nitems(wrong));
}

static void many_mistakes_are_told_at_once(void)
{
	static const char text[] =
		"pack: 1\nname: demo\nedition: 1\nlable: { zh: 演示, en: Demo }\n"
		"types:\n  tool:\n    label: { zh: 工具 }\n    plural: { zh: 工具, en: Tools }\n"
		"    fields:\n      a: { kind: txt, label: { zh: 甲, en: A } }\n"
		"      b: { kind: text, sensitivity: privat, label: { zh: 乙, en: B } }\n";
	static const int lines[] = { 4, 1, 7, 10, 11 };
	auto_arena arena = arena_new(1 << 20);
	auto_problems problems = { 0 };
	const struct pack *pack;
	struct err err;

	CHECK_FAILS(pack_parse(arena, "demo.yaml", STR(text), &problems, &pack, &err), err,
		    MSG_PACK_REFUSED);
	CHECK_INT((int64_t)problems.count, (int64_t)nitems(lines));
	for (size_t i = 0; i < nitems(lines); i++)
		CHECK_INT(problems.list[i].place.line, lines[i]);
}

static void the_core_pack_is_good(void)
{
	char path[512];
	auto_writer text = { 0 };
	auto_arena arena = arena_new(8 << 20);
	auto_problems problems = { 0 };
	const struct pack *pack;
	const struct type_set *set, empty = { .count = 0 };
	struct err err;

	(void)snprintf(path, sizeof(path), "%.*s../../packs/core.yaml",
		       (int)(strlen(__FILE__) - strlen("pack.c")), __FILE__);
	CHECK_DONE(file_read(path, PACK_TEXT_MAX, &text, &err), err);

	bool good = pack_parse(arena, "core.yaml", writer_str(&text), &problems, &pack, &err);

	for (size_t i = 0; i < problems.count; i++) {
		auto_writer line = { 0 };

		err_render(&problems.list[i], LANGUAGE_EN, &line);
		printf("# %s\n", line.at);
	}
	CHECK_DONE(good, err);
	CHECK_DONE(pack_join(arena, &empty, pack, &problems, &set, &err), err);
	CHECK_INT((int64_t)set->count, 5);
	CHECK(type_find(set, STR("device")) && type_find(set, STR("organisation")) &&
	      !type_find(set, STR("devic")));
	CHECK_INT((int64_t)type_find(set, STR("device"))->state_count, 7);
}

/* One field before and after; MSG_NONE: allowed. */
static const struct {
	const char *before, *after;
	enum message message;
} upgrades[] = {
	{ "a: { kind: text, LABEL }", "a: { kind: text, max: 5000, LABEL }", MSG_NONE },
	{ "a: { kind: text, max: 10, LABEL }", "a: { kind: text, max: 20, LABEL }", MSG_NONE },
	{ "a: { kind: text, max: 20, LABEL }", "a: { kind: text, max: 10, LABEL }",
	  MSG_PACK_NARROWED },
	{ "a: { kind: integer, min: 0, LABEL }", "a: { kind: integer, min: 1, LABEL }",
	  MSG_PACK_NARROWED },
	{ "a: { kind: text, LABEL }", "a: { kind: integer, LABEL }", MSG_PACK_KIND_CHANGED },
	{ "a: { kind: text, LABEL }", "a: { kind: text, sealed: true, LABEL }", MSG_PACK_KEPT },
	{ "a: { kind: decimal, scale: 2, LABEL }", "a: { kind: decimal, scale: 3, LABEL }",
	  MSG_PACK_KEPT },
	{ "a: { kind: text, LABEL }", "b: { kind: text, was: a, LABEL }", MSG_NONE },
	{ "a: { kind: text, LABEL }", "b: { kind: text, was: aa, LABEL }", MSG_PACK_NAME_MISTYPED },
	{ "a: { kind: text, LABEL }", "b: { kind: text, LABEL }", MSG_NONE },
	{ "a: { kind: text, LABEL }",
	  "a: { kind: text, LABEL }\n      b: { kind: text, was: a, LABEL }",
	  MSG_PACK_RENAME_TWICE },
	{ "a: { kind: text, LABEL }\n      b: { kind: text, LABEL }",
	  "b: { kind: text, was: a, LABEL }", MSG_PACK_RENAME_BOTH },
	{ "a: { kind: choice, choices: { x: { zh: 甲, en: X } }, LABEL }",
	  "a: { kind: choice, choices: { x: { zh: 甲, en: X }, y: { zh: 乙, en: Y } }, LABEL }",
	  MSG_NONE },
	{ "a: { kind: choice, choices: { x: { zh: 甲, en: X } }, LABEL }",
	  "a: { kind: choice, choices: { y: { zh: 乙, en: Y } }, LABEL }", MSG_PACK_CHOICE_GONE },
	{ "a: { kind: text, LABEL }", "a: { kind: reference, target: tol, LABEL }",
	  MSG_PACK_NAME_MISTYPED },
};

/* LABEL stands for a label in both languages. */
static void write_pack(struct writer *text, const char *field)
{
	struct str rest = str_of(field);

	writer_text(text, TYPE "    fields:\n      ");
	while (rest.len) {
		const char *hit = strstr(rest.at, "LABEL");
		size_t len = hit ? (size_t)(hit - rest.at) : rest.len;

		writer_put(text, str_sub(rest, 0, len));
		if (hit)
			writer_text(text, "label: { zh: 甲, en: A }");
		rest = str_sub(rest, len + 5, rest.len);
	}
	writer_byte(text, '\n');
}

static void upgrades_only_widen(void)
{
	for (size_t i = 0; i < nitems(upgrades); i++) {
		auto_arena arena = arena_new(1 << 20);
		auto_problems problems = { 0 };
		auto_writer before = { 0 }, after = { 0 };
		const struct pack *first, *second;
		const struct type_set *old, *set, empty = { .count = 0 };
		struct err err;

		write_pack(&before, upgrades[i].before);
		write_pack(&after, upgrades[i].after);
		CHECK_DONE(
			pack_parse(arena, "a.yaml", writer_str(&before), &problems, &first, &err),
			err);
		CHECK_DONE(pack_join(arena, &empty, first, &problems, &old, &err), err);
		CHECK_DONE(
			pack_parse(arena, "b.yaml", writer_str(&after), &problems, &second, &err),
			err);

		bool joined = pack_join(arena, old, second, &problems, &set, &err);

		if (joined != (upgrades[i].message == MSG_NONE))
			printf("# case %zu\n", i);
		if (upgrades[i].message == MSG_NONE) {
			CHECK_DONE(joined, err);
			CHECK_INT(set->types[0]->edition, 2);
			CHECK(type_field(set->types[0], STR("a")) ||
			      type_field(set->types[0], STR("b")));
			if (type_field(set->types[0], STR("b")))
				CHECK(type_field(set->types[0], STR("b"))->column.at[0] ==
				      (strstr(upgrades[i].after, "was") ? 'a' : 'b'));
			CHECK_DONE(pack_join(arena, set, second, &problems, &old, &err), err);
			CHECK_INT(old->types[0]->edition, 2);
		} else {
			CHECK_FAILS(joined, err, MSG_PACK_REFUSED);
			CHECK_STR(str_of(message_code(problems.list[0].message)),
				  str_of(message_code(upgrades[i].message)));
			CHECK(problems.list[0].place.line > 8);
		}
	}
	check_cases(nitems(upgrades));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(wrong_packs_are_refused_with_their_place),
		TEST(many_mistakes_are_told_at_once),
		TEST(the_core_pack_is_good),
		TEST(upgrades_only_widen),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
