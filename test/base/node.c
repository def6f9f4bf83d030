/* The document tree from JSON and from YAML: what is taken, what is refused, and where. */
#include "base/node.h"
#include "check.h"

enum { ROOM = 1 << 20 };

struct taken {
	const char *text, *json; /* written back */
};

struct refused {
	const char *text;
	enum message message;
	int64_t line, column;
};

typedef bool reader_fn(struct arena *, struct str, const struct node **, struct err *);

static void check_taken(reader_fn *read, const struct taken *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		auto_arena arena = arena_new(ROOM);
		auto_writer out = { 0 };
		struct json json = json_into(&out);
		const struct node *root = NULL;
		struct err err = { 0 };

		CHECK_DONE(read(arena, str_of(cases[i].text), &root, &err), err);
		node_write_json(root, &json);
		CHECK_STR(writer_str(&out), str_of(cases[i].json));
	}
	check_cases((int)count);
}

static void check_refused(reader_fn *read, const struct refused *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		auto_arena arena = arena_new(ROOM);
		const struct node *root = NULL;
		struct err err = { 0 };
		bool done = read(arena, str_of(cases[i].text), &root, &err);

		CHECK_STR(str_of(done ? "done" : message_code(err.message)),
			  str_of(message_code(cases[i].message)));
		if (err.place.line != cases[i].line || err.place.column != cases[i].column)
			printf("# case %zu: %s\n", i, cases[i].text);
		CHECK_INT(err.place.line, cases[i].line);
		CHECK_INT(err.place.column, cases[i].column);
		CHECK(root == NULL);
	}
	check_cases((int)count);
}

static void json_is_read(void)
{
	static const struct taken cases[] = {
		{ "{}", "{}" },
		{ " [ ] ", "[]" },
		{ "null", "null" },
		{ "[true,false,null,-0.5e+7,\"\"]", "[true,false,null,-0.5e+7,\"\"]" },
		{ "{\"a\":{\"b\":[1,{\"c\":\"\\u00e9\\ud83d\\ude00\"}]},\"d\":\"\\\"\\\\\\/\"}",
		  "{\"a\":{\"b\":[1,{\"c\":\"é😀\"}]},\"d\":\"\\\"\\\\/\"}" },
		{ "\"械盾\"", "\"械盾\"" },
	};

	check_taken(node_from_json, cases, nitems(cases));
}

static void json_is_refused(void)
{
	static const struct refused cases[] = {
		{ "", MSG_JSON_EMPTY, 1, 1 },
		{ "{\"a\":1,\n \"b\":2,\n \"a\":3}", MSG_KEY_TWICE, 3, 2 },
		{ "{\"a\":1,\"\\u0061\":2}", MSG_KEY_TWICE, 1, 8 },
		{ "{\"x\":1,\"x\":2,\"b\":1,\"a\":1,\"a\":1}", MSG_KEY_TWICE, 1, 8 },
		{ "{} x", MSG_JSON_BEHIND, 1, 4 },
		{ "\xef\xbb\xbf{}", MSG_BYTE_ORDER_MARK, 1, 1 },
		{ "[\"械\", \"\xff\"]", MSG_UTF8_BYTE, 1, 8 },
		{ "{\"a\":}", MSG_JSON_VALUE, 1, 6 },
	};

	check_refused(node_from_json, cases, nitems(cases));
}

static void yaml_is_read(void)
{
	static const struct taken cases[] = {
		{ "a: 1", "{\"a\":1}" },
		{ "# note\nname: device\nlabel:\n  zh: 设备\n  en: Device\n",
		  "{\"name\":\"device\",\"label\":{\"zh\":\"设备\",\"en\":\"Device\"}}" },
		{ "- true\n- false\n- null\n- ~\n-\n- 'true'\n- \"1\"\n",
		  "[true,false,null,null,null,\"true\",\"1\"]" },
		{ "[no, on, yes, True, NULL, 2026-11-22, 0x1f, 010, 1_000, .5, 1., +1, 1:20, .inf]",
		  "[\"no\",\"on\",\"yes\",\"True\",\"NULL\",\"2026-11-22\",\"0x1f\",\"010\",\"1_"
		  "000\",\".5\",\"1.\",\"+1\","
		  "\"1:20\",\".inf\"]" },
		{ "[0, -12, 3.5, 1e9, -0.5E-7]", "[0,-12,3.5,1e9,-0.5E-7]" },
		{ "{a: {b: [x, y]}, 1: 2, no: 3, true: 4}",
		  "{\"a\":{\"b\":[\"x\",\"y\"]},\"1\":2,\"no\":3,\"true\":4}" },
		{ "text: |\n  one\n  two\nfolded: >-\n  three\n  four\n",
		  "{\"text\":\"one\\ntwo\\n\",\"folded\":\"three four\"}" },
		{ "---\na: b\n...\n", "{\"a\":\"b\"}" },
		{ "%YAML 1.2\n---\n- \"a!b & *c\"\n- '!x'\n- 'it''s'\n",
		  "[\"a!b & *c\",\"!x\",\"it's\"]" },
		{ "\"<<\": 1", "{\"<<\":1}" },
		{ "'': 1", "{\"\":1}" },
		{ "plain words here", "\"plain words here\"" },
		{ "? a\n: b\n", "{\"a\":\"b\"}" },
	};

	check_taken(node_from_yaml, cases, nitems(cases));
}

static void yaml_is_refused(void)
{
	static const struct refused cases[] = {
		{ "", MSG_YAML_EMPTY, 1, 1 },
		{ "# only a note\n", MSG_YAML_EMPTY, 2, 1 },
		{ "a: 1\n---\nb: 2\n", MSG_YAML_DOCUMENT, 2, 1 },
		{ "a: !!str 1\n", MSG_YAML_TAG, 1, 4 },
		{ "a: ! 1\n", MSG_YAML_TAG, 1, 4 },
		{ "设备: !x [1]\n", MSG_YAML_TAG, 1, 5 },
		{ "!x {a: 1}\n", MSG_YAML_TAG, 1, 1 },
		{ "a: &x !y 1\n", MSG_YAML_ALIAS, 1, 4 },
		{ "a: &x 1\n", MSG_YAML_ALIAS, 1, 4 },
		{ "a: &x [1]\n", MSG_YAML_ALIAS, 1, 4 },
		{ "a: &x {b: 1}\n", MSG_YAML_ALIAS, 1, 4 },
		{ "a: *x\n", MSG_YAML_ALIAS, 1, 4 },
		{ "a:\n  <<: {b: 1}\n", MSG_YAML_MERGE, 2, 3 },
		{ "a: 1\nb: 2\na: 3\n", MSG_KEY_TWICE, 3, 1 },
		{ "a: 1\n\"a\": 3\n", MSG_KEY_TWICE, 2, 1 },
		{ "{a: 1, a: 2}", MSG_KEY_TWICE, 1, 8 },
		{ "[a, b]: 1\n", MSG_YAML_KEY, 1, 1 },
		{ "? {a: b}\n: 1\n", MSG_YAML_KEY, 1, 3 },
		{ "?\n: 1\n", MSG_YAML_KEY, 1, 2 },
		{ "a: b: c\n", MSG_YAML_COLON, 1, 5 },
		{ "a:\n\tb: 1\n", MSG_YAML_CHARACTER, 2, 1 },
		{ "a: \"x\n", MSG_YAML_QUOTE, 2, 1 },
		{ "a: \"\\q\"\n", MSG_YAML_ESCAPE, 1, 5 },
		{ "a: [1, 2\n", MSG_YAML_BRACKET, 2, 1 },
		{ "a: 1\n b: 2\n", MSG_YAML_COLON, 2, 3 },
		{ "  a: 1\n b: 2\n", MSG_YAML_DOCUMENT, 2, 2 },
		{ "- a\nb: 1\n", MSG_YAML_INDENT, 2, 1 },
		{ "a: 'it's'\n", MSG_YAML_INDENT, 1, 8 },
		{ "a: |\n x\n\ty\n", MSG_YAML_TAB, 3, 1 },
		{ "%FOO\n---\na: 1\n", MSG_YAML_SYNTAX, 1, 5 },
		{ "a: @x\n", MSG_YAML_CHARACTER, 1, 4 },
		{ "a: x\xff\n", MSG_UTF8_BYTE, 1, 5 },
		{ "a: b\n设: \xed\xa0\x80\n", MSG_UTF8_BYTE, 2, 4 },
		{ "a: b\nc: \x01\n", MSG_YAML_CONTROL, 2, 4 },
		{ "\xef\xbb\xbf"
		  "a: 1\n",
		  MSG_BYTE_ORDER_MARK, 1, 1 },
		{ "%TAG ! tag:example.org,2026:\n---\na: 1\n", MSG_YAML_TAG, 1, 1 },
	};

	check_refused(node_from_yaml, cases, nitems(cases));
}

/* `depth` lists inside one another. */
static struct str nested(struct writer *out, int depth)
{
	for (int i = 0; i < depth; i++)
		writer_byte(out, '[');
	for (int i = 0; i < depth; i++)
		writer_byte(out, ']');
	return writer_str(out);
}

static void depth_ends_at_64(void)
{
	auto_writer fits = { 0 }, over = { 0 }, out = { 0 };
	struct json json = json_into(&out);
	auto_arena arena = arena_new(ROOM);
	const struct node *root;
	struct err err = { 0 };

	CHECK_DONE(node_from_json(arena, nested(&fits, 64), &root, &err), err);
	node_write_json(root, &json);
	CHECK_STR(writer_str(&out), writer_str(&fits));
	CHECK_DONE(node_from_yaml(arena, writer_str(&fits), &root, &err), err);
	CHECK_FAILS(node_from_json(arena, nested(&over, 65), &root, &err), err, MSG_JSON_DEPTH);
	CHECK_INT(err.place.column, 65);
	CHECK_FAILS(node_from_yaml(arena, writer_str(&over), &root, &err), err, MSG_YAML_DEPTH);
	CHECK_INT(err.place.column, 65);
}

static void arena_ends_it(void)
{
	static const char text[] = "{\"a\":[1,\"two\",{\"three\":null}]}";
	reader_fn *const readers[] = { node_from_json, node_from_yaml };

	for (size_t r = 0; r < nitems(readers); r++) {
		for (size_t limit = 0;; limit += 16) {
			auto_arena arena = arena_new(limit);
			const struct node *root = NULL;
			struct err err = { 0 };

			if (readers[r](arena, STR(text), &root, &err))
				break;
			CHECK_INT(err.message, MSG_LIMIT_MEMORY);
			CHECK(root == NULL);
		}
	}
}

static void places_and_members(void)
{
	static const char text[] = "name: x\nlist:\n  - 1\n  - {deep: 7}\n";
	auto_arena arena = arena_new(ROOM);
	const struct node *root, *list;
	struct err err = { 0 };
	int64_t value;

	CHECK_DONE(node_from_yaml(arena, STR(text), &root, &err), err);
	CHECK_INT((int64_t)root->count, 2);
	CHECK_STR(node_member_text(root, "name"), STR("x"));
	CHECK(node_member(root, "none") == NULL);
	CHECK(node_member(NULL, "name") == NULL);
	CHECK(!node_member_text(root, "list").at);
	list = node_member(root, "list");
	CHECK_INT(list->line, 2);
	CHECK_INT(list->column, 1);
	CHECK_INT(list->child->line, 3);
	CHECK_INT(list->child->column, 5);
	CHECK_INT(list->child->next->child->column, 6);
	CHECK(node_int(list->child->next->child, &value));
	CHECK_INT(value, 7);
	CHECK(!node_int(list, &value));
	CHECK(!node_int(NULL, &value));
}

/* Sorted once: a hostile body of very many keys must not cost the square of their number. */
static void many_keys(void)
{
	auto_writer text = { 0 };
	auto_arena arena = arena_new(64 << 20);
	const struct node *root;
	struct err err = { 0 };

	for (int i = 0; i < 200000; i++)
		writer_printf(&text, "%c\"k%d\":0", i ? ',' : '{', i);
	writer_text(&text, "}");
	CHECK_DONE(node_from_json(arena, writer_str(&text), &root, &err), err);
	CHECK_INT((int64_t)root->count, 200000);
	text.at[text.len - 1] = ',';
	writer_text(&text, "\n\"k77\":1}");
	CHECK_FAILS(node_from_json(arena, writer_str(&text), &root, &err), err, MSG_KEY_TWICE);
	CHECK_INT(err.place.line, 2);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(json_is_read),       TEST(json_is_refused),  TEST(yaml_is_read),
		TEST(yaml_is_refused),    TEST(depth_ends_at_64), TEST(arena_ends_it),
		TEST(places_and_members), TEST(many_keys),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
