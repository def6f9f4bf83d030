/* The streaming JSON reader: what it takes and refuses, where, and that pieces of a stream change
 * nothing. */
#include "base/json_read.h"
#include "base/json_scan.h"
#include "check.h"
#include "json_tokens.h"

struct valid {
	struct str text;
	const char *tokens;
};

struct invalid {
	struct str text;
	enum message message;
	int64_t line, column;
	const char *found; /* what the message quotes */
};

static const struct valid valids[] = {
	{ STR("{}"), "{}" },
	{ STR(" \t\r\n[ \n ] \t\r\n"), "[]" },
	{ STR("null"), "z" },
	{ STR("true"), "t" },
	{ STR("[true,false,null]"), "[tfz]" },
	{ STR("\"\""), "s0:" },
	{ STR("0"), "n1:0" },
	{ STR("-0"), "n2:-0" },
	{ STR("[0,-0,10,1.5,-1.50,1e5,1E+5,1e-05,0.0e0,123456789012345678901234567890]"),
	  "[n1:0n2:-0n2:10n3:1.5n5:-1.50n3:1e5n4:1E+5n5:1e-05n5:0.0e0n30:"
	  "123456789012345678901234567890]" },
	{ STR("{\"a\":{\"b\":[1,{\"c\":[[]]}]},\"\":\"\"}"), "{k1:a{k1:b[n1:1{k1:c[[]]}]}k0:s0:}" },
	{ STR("{\"a\" : 1 , \"b\" : [ 2 , 3 ] }"), "{k1:an1:1k1:b[n1:2n1:3]}" },
	{ STR("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "s8:\"\\/\b\f\n\r\t" },
	{ STR("\"\\u0041\\u00e9\\u68b0\\ud83d\\ude00\\uFFFF\""), "s13:Aé械😀\xef\xbf\xbf" },
	{ STR("\"a\\nb械c\\td\""), "s9:a\nb械c\td" },
	{ STR("\"械盾\xf4\x8f\xbf\xbf\x7f\""), "s11:械盾\xf4\x8f\xbf\xbf\x7f" },
	{ STR("[\"0123456789abcdef0123456789abcdef\\n\",\"0123456789abcdef\"]"),
	  "[s33:0123456789abcdef0123456789abcdef\ns16:0123456789abcdef]" },
	{ STR("{\"\\u0061\":1,\"a\":2}"), "{k1:an1:1k1:an1:2}" },
	{ STR("[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]"),
	  "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]" },
};

static const struct invalid invalids[] = {
	{ STR(""), MSG_JSON_EMPTY, 1, 1, NULL },
	{ STR(" \n "), MSG_JSON_EMPTY, 2, 2, NULL },
	{ STR("\xef\xbb\xbf{}"), MSG_BYTE_ORDER_MARK, 1, 1, NULL },
	{ STR("[\xef\xbb\xbf]"), MSG_JSON_VALUE, 1, 2, "\xef\xbb\xbf" },
	{ STR("\xff\xfe{\0}\0"), MSG_JSON_VALUE, 1, 1, "0xff" },
	/* structure */
	{ STR("{"), MSG_JSON_CUT, 1, 2, NULL },
	{ STR("[1,"), MSG_JSON_CUT, 1, 4, NULL },
	{ STR("[1"), MSG_JSON_CUT, 1, 3, NULL },
	{ STR("{\"a\""), MSG_JSON_CUT, 1, 5, NULL },
	{ STR("{\"a\":"), MSG_JSON_CUT, 1, 6, NULL },
	{ STR("]"), MSG_JSON_VALUE, 1, 1, "]" },
	{ STR("}"), MSG_JSON_VALUE, 1, 1, "}" },
	{ STR(","), MSG_JSON_VALUE, 1, 1, "," },
	{ STR("[1,]"), MSG_JSON_COMMA_BEFORE_END, 1, 4, "]" },
	{ STR("{\"a\":1,\n}"), MSG_JSON_COMMA_BEFORE_END, 2, 1, "}" },
	{ STR("[,1]"), MSG_JSON_VALUE, 1, 2, "," },
	{ STR("[1,,2]"), MSG_JSON_VALUE, 1, 4, "," },
	{ STR("[1 2]"), MSG_JSON_NEXT_ELEMENT, 1, 4, "2" },
	{ STR("[1}"), MSG_JSON_NEXT_ELEMENT, 1, 3, "}" },
	{ STR("[1:2]"), MSG_JSON_NEXT_ELEMENT, 1, 3, ":" },
	{ STR("{\"a\":1]"), MSG_JSON_NEXT_KEY, 1, 7, "]" },
	{ STR("{\"a\":1 \"b\":2}"), MSG_JSON_NEXT_KEY, 1, 8, "\"" },
	{ STR("{\"a\" 1}"), MSG_JSON_COLON, 1, 6, "1" },
	{ STR("{\"a\",1}"), MSG_JSON_COLON, 1, 5, "," },
	{ STR("{\"a\":}"), MSG_JSON_VALUE, 1, 6, "}" },
	{ STR("{\"a\"::1}"), MSG_JSON_VALUE, 1, 6, ":" },
	{ STR("{a:1}"), MSG_JSON_KEY, 1, 2, "a" },
	{ STR("{1:1}"), MSG_JSON_KEY, 1, 2, "1" },
	{ STR("{,}"), MSG_JSON_KEY, 1, 2, "," },
	{ STR("{'a':1}"), MSG_JSON_KEY, 1, 2, "'" },
	{ STR("{\"a\":1,b}"), MSG_JSON_KEY, 1, 8, "b" },
	{ STR("{}{}"), MSG_JSON_BEHIND, 1, 3, "{" },
	{ STR("1 2"), MSG_JSON_BEHIND, 1, 3, "2" },
	{ STR("[]\n\n 械"), MSG_JSON_BEHIND, 3, 2, "械" },
	{ STR("{}\0"), MSG_JSON_BEHIND, 1, 3, "0x00" },
	{ STR("[1,\f2]"), MSG_JSON_VALUE, 1, 4, "0x0c" },
	{ STR("[1,\xc2\xa0"
	      "2]"),
	  MSG_JSON_VALUE, 1, 4, "\xc2\xa0" },
	{ STR("// note\n1"), MSG_JSON_VALUE, 1, 1, "/" },
	{ STR("['a']"), MSG_JSON_VALUE, 1, 2, "'" },
	{ STR("[“a”]"), MSG_JSON_VALUE, 1, 2, "“" },
	/* words */
	{ STR("tru"), MSG_JSON_WORD, 1, 1, "tru" },
	{ STR("truer"), MSG_JSON_WORD, 1, 1, "truer" },
	{ STR("[True]"), MSG_JSON_WORD, 1, 2, "True" },
	{ STR("[nul]"), MSG_JSON_WORD, 1, 2, "nul" },
	{ STR("[fals\0]"), MSG_JSON_WORD, 1, 2, "fals" },
	{ STR("[NaN]"), MSG_JSON_WORD, 1, 2, "NaN" },
	{ STR("[undefined_and_longer_than_shown]"), MSG_JSON_WORD, 1, 2, "undefined_and_longer" },
	/* numbers */
	{ STR("[01]"), MSG_JSON_NUMBER, 1, 2, "01" },
	{ STR("[-01]"), MSG_JSON_NUMBER, 1, 2, "-01" },
	{ STR("[-]"), MSG_JSON_NUMBER, 1, 2, "-" },
	{ STR("[--1]"), MSG_JSON_NUMBER, 1, 2, "--1" },
	{ STR("[1.]"), MSG_JSON_NUMBER, 1, 2, "1." },
	{ STR("[1.e5]"), MSG_JSON_NUMBER, 1, 2, "1.e5" },
	{ STR("[.5]"), MSG_JSON_VALUE, 1, 2, "." },
	{ STR("[+1]"), MSG_JSON_VALUE, 1, 2, "+" },
	{ STR("[1e]"), MSG_JSON_NUMBER, 1, 2, "1e" },
	{ STR("[1e+]"), MSG_JSON_NUMBER, 1, 2, "1e+" },
	{ STR("[1.5.5]"), MSG_JSON_NUMBER, 1, 2, "1.5.5" },
	{ STR("[0x1F]"), MSG_JSON_NUMBER, 1, 2, "0x1F" },
	{ STR("[1_000]"), MSG_JSON_NUMBER, 1, 2, "1_000" },
	{ STR("[-Infinity]"), MSG_JSON_NUMBER, 1, 2, "-Infinity" },
	{ STR("1e"), MSG_JSON_NUMBER, 1, 1, "1e" },
	/* strings */
	{ STR("\"a"), MSG_JSON_CUT, 1, 3, NULL },
	{ STR("\"a\\"), MSG_JSON_CUT, 1, 3, NULL },
	{ STR("\"\\u00"), MSG_JSON_CUT, 1, 2, NULL },
	{ STR("\"\\u00\""), MSG_JSON_ESCAPE, 1, 2, "\\u00" },
	{ STR("\"\\u00g0\""), MSG_JSON_ESCAPE, 1, 2, "\\u00" },
	{ STR("\"\\U0041\""), MSG_JSON_ESCAPE, 1, 2, "\\U" },
	{ STR("\"\\x41\""), MSG_JSON_ESCAPE, 1, 2, "\\x" },
	{ STR("\"C:\\dir\""), MSG_JSON_ESCAPE, 1, 4, "\\d" },
	{ STR("\"\\\0\""), MSG_JSON_ESCAPE, 1, 2, "\\" },
	{ STR("\"\\\xe6\xa2\xb0\""), MSG_JSON_ESCAPE, 1, 2, "\\" },
	{ STR("\"\\ud83d\""), MSG_JSON_SURROGATE, 1, 2, "\\ud83d" },
	{ STR("\"\\ud83dx\\ude00\""), MSG_JSON_SURROGATE, 1, 2, "\\ud83d" },
	{ STR("\"\\ud83d\\u0041\""), MSG_JSON_SURROGATE, 1, 2, "\\ud83d" },
	{ STR("\"\\ud83d\\ud83d\""), MSG_JSON_SURROGATE, 1, 2, "\\ud83d" },
	{ STR("\"\\ude00\\ud83d\""), MSG_JSON_SURROGATE, 1, 2, "\\ude00" },
	{ STR("\"\\ude00\\ude00\""), MSG_JSON_SURROGATE, 1, 2, "\\ude00" },
	{ STR("\"\\uDFFF\""), MSG_JSON_SURROGATE, 1, 2, "\\uDFFF" },
	{ STR("[\"a\n\"]"), MSG_JSON_CONTROL, 1, 4, "0x0a" },
	{ STR("\"\t\""), MSG_JSON_CONTROL, 1, 2, "0x09" },
	{ STR("\"a\0b\""), MSG_JSON_CONTROL, 1, 3, "0x00" },
	{ STR("\"0123456789abcdef0123\x1f\""), MSG_JSON_CONTROL, 1, 22, "0x1f" },
	{ STR("\"\x80\""), MSG_UTF8_BYTE, 1, 2, "0x80" },
	{ STR("\"械\xff盾\""), MSG_UTF8_BYTE, 1, 3, "0xff" },
	{ STR("\"\xc0\x80\""), MSG_UTF8_BYTE, 1, 2, "0xc0" },
	{ STR("\"\xe0\x9f\xbf\""), MSG_UTF8_BYTE, 1, 2, "0xe0" },
	{ STR("\"\xed\xa0\x80\""), MSG_UTF8_BYTE, 1, 2, "0xed" },
	{ STR("\"\xf4\x90\x80\x80\""), MSG_UTF8_BYTE, 1, 2, "0xf4" },
	{ STR("\"\xe6\xa2\""), MSG_UTF8_BYTE, 1, 2, "0xe6" },
	{ STR("\"\xe6\xa2"), MSG_UTF8_BYTE, 1, 2, "0xe6" },
	{ STR("{\"\xe6\":1}"), MSG_UTF8_BYTE, 1, 3, "0xe6" },
	/* places */
	{ STR("{\"设备\": [\n  1,\r\n  \"械\", x\n]}"), MSG_JSON_WORD, 3, 8, "x" },
};

static void values_are_read(void)
{
	for (size_t i = 0; i < nitems(valids); i++) {
		auto_json_reader reader = json_reader_new(valids[i].text, NULL);
		auto_writer tokens = { 0 };

		CHECK(json_tokens(reader, &tokens));
		CHECK_STR(writer_str(&tokens), str_of(valids[i].tokens));
		CHECK_INT(json_next(reader), JSON_END);
		CHECK_INT(json_depth(reader), 0);
		CHECK_INT(json_offset(reader), (int64_t)valids[i].text.len);
	}
	check_cases(nitems(valids));
}

static void faults_are_named_and_placed(void)
{
	for (size_t i = 0; i < nitems(invalids); i++) {
		const struct invalid *c = &invalids[i];
		auto_json_reader reader = json_reader_new(c->text, NULL);
		auto_writer tokens = { 0 };
		const struct err *err = json_reader_err(reader);

		CHECK(!json_tokens(reader, &tokens));
		if (err->message != c->message || err->place.column != c->column)
			printf("# %.*s\n", STR_ARGS(c->text));
		CHECK_STR(str_of(message_code(err->message)), str_of(message_code(c->message)));
		CHECK_INT(err->place.line, c->line);
		CHECK_INT(err->place.column, c->column);
		CHECK_STR(str_of(err->argc ? err->arg[0] : NULL), str_of(c->found));
		CHECK_INT(json_next(reader), JSON_ERROR);
	}
	check_cases(nitems(invalids));
}

/* The same tokens and, at the end, the same error as from memory; with the smallest window if the limits name none. */
static bool same_in_pieces(struct str text, size_t piece, const struct json_limits *given)
{
	struct json_limits limits = given ? *given : (struct json_limits){ .window = 16 };
	struct json_pieces pieces = { .rest = text, .piece = piece, .random = (uint32_t)text.len };
	auto_json_reader whole = json_reader_new(text, &limits);
	auto_json_reader stream = json_reader_stream(json_pieces_fill, &pieces, &limits);
	auto_writer a = { 0 }, b = { 0 };
	bool taken = json_tokens(whole, &a);

	return json_tokens(stream, &b) == taken && str_equal(writer_str(&a), writer_str(&b)) &&
	       json_offset(whole) == json_offset(stream) &&
	       memcmp(json_reader_err(whole), json_reader_err(stream), sizeof(struct err)) == 0;
}

static void pieces_change_nothing(void)
{
	for (size_t piece = 0; piece < 20; piece++) {
		for (size_t i = 0; i < nitems(valids); i++)
			CHECK(same_in_pieces(valids[i].text, piece, NULL));
		for (size_t i = 0; i < nitems(invalids); i++) {
			if (!same_in_pieces(invalids[i].text, piece, NULL))
				printf("# %.*s\n", STR_ARGS(invalids[i].text));
			CHECK(same_in_pieces(invalids[i].text, piece, NULL));
		}
	}
	check_cases(20 * (int)(nitems(valids) + nitems(invalids)));
}

/* Wherever the window happens to slide. */
static void what_stands_before_changes_nothing(void)
{
	for (int pad = 0; pad < 40; pad++) {
		for (size_t i = 0; i < nitems(invalids); i++) {
			auto_writer text = { 0 };

			writer_printf(&text, "[\"%*s\",", pad, "");
			writer_put(&text, invalids[i].text);
			for (size_t piece = 0; piece < 9; piece += 4)
				CHECK(same_in_pieces(writer_str(&text), piece, NULL));
			writer_clear(&text);
			writer_printf(&text, "\"%*s", pad, "");
			writer_put(&text, str_sub(invalids[i].text, 1, SIZE_MAX));
			for (size_t piece = 0; piece < 9; piece += 4)
				CHECK(same_in_pieces(writer_str(&text), piece, NULL));
		}
	}
	check_cases(40 * (int)nitems(invalids));
}

static void every_prefix_is_refused(void)
{
	int cases = 0;

	for (size_t i = 0; i < nitems(valids); i++) {
		struct str text = str_trim(valids[i].text);
		bool number = text.at[0] == '-' || (text.at[0] >= '0' && text.at[0] <= '9');

		/* A number's beginning is a number, too. */
		for (size_t len = 0; !number && len < text.len; len++, cases++) {
			auto_json_reader reader = json_reader_new(str_sub(text, 0, len), NULL);
			auto_writer tokens = { 0 };

			CHECK(!json_tokens(reader, &tokens));
			CHECK(same_in_pieces(str_sub(text, 0, len), 3, NULL));
		}
	}
	check_cases(cases);
}

static void limits_hold(void)
{
	static const struct {
		struct str text;
		struct json_limits limits;
		enum message message;
		int64_t column;
	} cases[] = {
		{ STR("[[[]]]"), { .depth = 3 }, MSG_NONE, 0 },
		{ STR("[[[[]]]]"), { .depth = 3 }, MSG_JSON_DEPTH, 4 },
		{ STR("[{\"a\":{\"b\":{}}}]"), { .depth = 3 }, MSG_JSON_DEPTH, 12 },
		{ STR("[\"1234\",12345]"), { .text = 5 }, MSG_NONE, 0 },
		{ STR("[\"123456\"]"), { .text = 5 }, MSG_JSON_TEXT, 2 },
		{ STR("[\"\\u0041\"]"), { .text = 5 }, MSG_JSON_TEXT, 2 },
		{ STR("{\"123456\":1}"), { .text = 5 }, MSG_JSON_TEXT, 2 },
		{ STR("[\"a\",123456]"), { .text = 5 }, MSG_JSON_TEXT, 6 },
		{ STR("[\"a\",1.2345678]"), { .text = 5 }, MSG_JSON_TEXT, 6 },
		{ STR("[\"123456"), { .text = 5 }, MSG_JSON_TEXT, 2 },
		{ STR("[\"12345"), { .text = 5 }, MSG_JSON_CUT, 8 },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct json_limits limits = cases[i].limits;
		auto_json_reader reader = json_reader_new(cases[i].text, &limits);
		auto_writer tokens = { 0 };

		CHECK_INT(json_tokens(reader, &tokens), cases[i].message == MSG_NONE);
		CHECK_INT(json_reader_err(reader)->message, cases[i].message);
		CHECK_INT(json_reader_err(reader)->place.column, cases[i].column);
		limits.window = 16;
		for (size_t piece = 0; piece < 9; piece++)
			CHECK(same_in_pieces(cases[i].text, piece, &limits));
	}
	check_cases(nitems(cases));
}

static void bytes_are_limited(void)
{
	static const char text[] = "[1,2,3,4,5,6,7]";

	for (size_t limit = 1; limit < sizeof(text) + 2; limit++) {
		struct json_limits limits = { .bytes = (int64_t)limit };
		struct json_pieces pieces = { .rest = STR(text), .piece = 2 };
		auto_json_reader whole = json_reader_new(STR(text), &limits);
		auto_json_reader stream = json_reader_stream(json_pieces_fill, &pieces, &limits);
		auto_writer a = { 0 }, b = { 0 };
		bool fits = limit >= sizeof(text) - 1;

		CHECK_INT(json_tokens(whole, &a), fits);
		CHECK_INT(json_tokens(stream, &b), fits);
		CHECK_INT(json_reader_err(whole)->message, fits ? MSG_NONE : MSG_LIMIT_SIZE);
		CHECK_INT(json_reader_err(stream)->message, fits ? MSG_NONE : MSG_LIMIT_SIZE);
	}
}

/* Each line's tokens, a bar behind each value and the message's code at last. */
static void lines_tokens(struct json_reader *reader, struct writer *out)
{
	for (size_t before = SIZE_MAX; before != out->len;) {
		before = out->len;
		if (!json_tokens(reader, out)) {
			writer_text(out, message_code(json_reader_err(reader)->message));
			return;
		}
		if (before != out->len)
			writer_byte(out, '|');
	}
}

static void lines_follow_one_another(void)
{
	static const struct {
		const char *text, *tokens;
	} cases[] = {
		{ "", "" },
		{ "\n \n", "" },
		{ "1", "n1:1|" },
		{ "1\n", "n1:1|" },
		{ "{\"a\":1}\r\n\n  [2]\t\n3", "{k1:an1:1}|[n1:2]|n1:3|" },
		{ "[1,\n2]\n3\n", "[n1:1n1:2]|n1:3|" },
		{ "1 2\n", "n1:1JSON_LINE" },
		{ "{}{}\n", "{}JSON_LINE" },
		{ "{}\n{", "{}|{JSON_CUT" },
		{ "1\n\xef\xbb\xbf"
		  "2\n",
		  "n1:1|JSON_VALUE" },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct json_limits limits = { .lines = true };
		auto_json_reader whole = json_reader_new(str_of(cases[i].text), &limits);
		auto_writer a = { 0 };

		lines_tokens(whole, &a);
		CHECK_STR(writer_str(&a), str_of(cases[i].tokens));
		for (size_t piece = 0; piece < 4; piece++) {
			struct json_pieces pieces = { .rest = str_of(cases[i].text),
						      .piece = piece };
			auto_json_reader stream =
				json_reader_stream(json_pieces_fill, &pieces, &limits);
			auto_writer b = { 0 };

			lines_tokens(stream, &b);
			CHECK_STR(writer_str(&b), str_of(cases[i].tokens));
		}
	}
	check_cases(nitems(cases));
}

static void values_are_skipped_and_captured(void)
{
	static const char text[] =
		"{\"a\": [1, {\"b\": 2}] ,\"c\":\"x\\ny\",\"d\": {} , \"e\" : -1.5,\"f\":[true]}";
	static const char *const raws[] = { "[1, {\"b\": 2}]", "\"x\\ny\"", "{}", "-1.5",
					    "[true]" };

	struct json_limits limits = { .window = 16 };

	for (size_t piece = 1; piece < 40; piece++) {
		for (int by_value = 0; by_value < 2; by_value++) {
			struct json_pieces a = { .rest = STR(text), .piece = piece }, b = a;
			auto_json_reader skipping =
				json_reader_stream(json_pieces_fill, &a, &limits);
			auto_json_reader capturing =
				json_reader_stream(json_pieces_fill, &b, &limits);

			CHECK_INT(json_next(skipping), JSON_OBJECT);
			CHECK_INT(json_next(capturing), JSON_OBJECT);
			for (size_t i = 0; i < nitems(raws); i++) {
				struct str raw;

				CHECK_INT(json_next(skipping), JSON_KEY);
				CHECK_INT(json_next(capturing), JSON_KEY);
				if (by_value) {
					(void)json_next(skipping);
					(void)json_next(capturing);
				}
				CHECK(json_skip(skipping));
				CHECK(json_capture(capturing, &raw));
				CHECK_STR(raw, str_of(raws[i]));
				CHECK_INT(json_depth(skipping), 1);
				CHECK_INT(json_offset(skipping), json_offset(capturing));
			}
			CHECK_INT(json_next(skipping), JSON_OBJECT_END);
			CHECK_INT(json_next(capturing), JSON_OBJECT_END);
			CHECK_INT(json_next(capturing), JSON_END);
		}
	}
}

static void skipping_checks_too(void)
{
	static const char text[] = "[[1,[2,,3]],4]";
	auto_json_reader a = json_reader_new(STR(text), NULL);
	auto_json_reader b = json_reader_new(STR(text), NULL);
	struct str raw = STR("untouched");

	CHECK_INT(json_next(a), JSON_ARRAY);
	CHECK_INT(json_next(a), JSON_ARRAY);
	CHECK(!json_skip(a));
	CHECK_INT(json_reader_err(a)->place.column, 8);
	CHECK_INT(json_next(b), JSON_ARRAY);
	CHECK(!json_capture(b, &raw));
	CHECK_STR(raw, STR("untouched"));
}

static void what_is_captured_is_limited(void)
{
	static const char text[] = "[[1,2,3,4,5,6,7,8,9]]";
	struct json_limits limits = { .text = 10 };
	struct json_pieces pieces = { .rest = STR(text), .piece = 3 };
	auto_json_reader whole = json_reader_new(STR(text), &limits);
	auto_json_reader stream = json_reader_stream(json_pieces_fill, &pieces, &limits);
	struct str raw;

	CHECK_INT(json_next(whole), JSON_ARRAY);
	CHECK(!json_capture(whole, &raw));
	CHECK_INT(json_reader_err(whole)->message, MSG_JSON_TEXT);
	CHECK_INT(json_next(whole), JSON_ERROR);
	CHECK_INT(json_next(stream), JSON_ARRAY);
	CHECK(!json_capture(stream, &raw));
	CHECK_INT(json_reader_err(stream)->message, MSG_JSON_TEXT);
}

static void places_are_told(void)
{
	static const char text[] = "{\n  \"设备\" : [\r\n 1,\"械盾\" , true ]\n}\n";
	static const struct {
		enum json_token token;
		int64_t line, column;
	} want[] = {
		{ JSON_OBJECT, 1, 1 },     { JSON_KEY, 2, 3 },        { JSON_ARRAY, 2, 10 },
		{ JSON_NUMBER, 3, 2 },     { JSON_STRING, 3, 4 },     { JSON_TRUE, 3, 11 },
		{ JSON_ARRAY_END, 3, 16 }, { JSON_OBJECT_END, 4, 1 }, { JSON_END, 5, 1 },
	};

	struct json_limits limits = { .window = 16 };

	for (size_t piece = 1; piece < 10; piece++) {
		struct json_pieces pieces = { .rest = STR(text), .piece = piece };
		auto_json_reader reader = json_reader_stream(json_pieces_fill, &pieces, &limits);

		for (size_t i = 0; i < nitems(want); i++) {
			int64_t line, column;

			CHECK_INT(json_next(reader), want[i].token);
			json_place(reader, &line, &column);
			CHECK_INT(line, want[i].line);
			CHECK_INT(column, want[i].column);
		}
	}
}

/* `count` keys, of which `twice` repeat an earlier one. */
static void put_object(struct writer *out, int count, int twice)
{
	for (int i = 0; i < count; i++)
		writer_printf(out, "%c\"key%d\":%d", i ? ',' : '{',
			      i < count - twice ? i : i - count + twice, i);
	writer_byte(out, '}');
}

static void keys_that_stand_twice_are_counted(void)
{
	static const struct {
		const char *text;
		int64_t twice;
	} cases[] = {
		{ "{\"a\":1,\"b\":2}", 0 },
		{ "{\"a\":1,\"a\":2}", 1 },
		{ "{\"a\":1,\"a\":2,\"a\":3}", 2 },
		{ "{\"a\":{\"a\":1,\"b\":[{\"a\":1},{\"a\":1}]},\"b\":1}", 0 },
		{ "[{\"a\":{\"b\":1,\"b\":2},\"c\":1,\"a\":3}]", 2 },
		{ "{\"\":1,\"\\u0000\":2,\"\\u0000\\u0000\":3}", 0 },
		{ "{\"\\u0061bcdefgh\":1,\"abcdefgh\":2,\"abcdefgi\":3,\"xbcdefgh\":4,"
		  "\"abcdefghabcdefgh\":5}",
		  1 },
	};
	struct json_limits limits = { .duplicates = true };

	for (size_t i = 0; i < nitems(cases); i++) {
		auto_json_reader counting = json_reader_new(str_of(cases[i].text), &limits);
		auto_json_reader not_asked = json_reader_new(str_of(cases[i].text), NULL);
		auto_writer tokens = { 0 };

		CHECK(json_tokens(counting, &tokens) && json_tokens(not_asked, &tokens));
		CHECK_INT(json_duplicates(counting), cases[i].twice);
		CHECK_INT(json_duplicates(not_asked), 0);
	}
	for (int count = 2; count < 200; count++) {
		auto_writer text = { 0 }, tokens = { 0 };

		put_object(&text, count, count / 3);

		auto_json_reader reader = json_reader_new(writer_str(&text), &limits);

		CHECK(json_tokens(reader, &tokens));
		CHECK_INT(json_duplicates(reader), count / 3);
	}
	check_cases(nitems(cases));
}

static void counted_keys_are_limited(void)
{
	auto_writer text = { 0 }, tokens = { 0 };

	put_object(&text, (1 << 20) + 1, 0);

	auto_json_reader counting =
		json_reader_new(writer_str(&text), &(struct json_limits){ .duplicates = true });
	auto_json_reader plain = json_reader_new(writer_str(&text), NULL);

	CHECK(!json_tokens(counting, &tokens));
	CHECK_INT(json_reader_err(counting)->message, MSG_JSON_KEYS);
	CHECK(json_tokens(plain, &tokens));
}

struct failing {
	struct json_pieces pieces;
	int calls_left;
};

static int64_t fill_and_fail(void *context, char *to, size_t size, struct err *err)
{
	struct failing *failing = context;

	if (failing->calls_left-- > 0)
		return json_pieces_fill(&failing->pieces, to, size, err);
	(void)fail(err, MSG_SYSTEM_FAILED, "read", "out of order");
	return -1;
}

static void a_failing_stream_is_reported(void)
{
	static const char text[] = "{\"a\":[1,true,\"x\\ny\\ud83d\\ude00 械\"],\"b\":null}";
	bool taken = false;

	for (int calls = 0; !taken; calls++) {
		struct failing failing = { .pieces = { .rest = STR(text), .piece = 1 },
					   .calls_left = calls };
		auto_json_reader reader = json_reader_stream(fill_and_fail, &failing, NULL);
		auto_writer tokens = { 0 };

		taken = json_tokens(reader, &tokens);
		CHECK_INT(json_reader_err(reader)->message, taken ? MSG_NONE : MSG_SYSTEM_FAILED);
		CHECK(taken == (calls > (int)sizeof(text) - 1));
	}
}

/* Much longer than the window, and in the smallest pieces. */
static void long_strings_pass(void)
{
	auto_writer text = { 0 };

	writer_text(&text, "[\n\"short\",\"");
	for (int i = 0; i < 60000; i++)
		writer_text(&text, i % 1000 ? "械盾 and plain" : "\\n\\u68b0");
	writer_text(&text, "\",");
	for (int i = 0; i < 200000; i++)
		writer_byte(&text, '1');
	for (int i = 0; i < 200000; i++)
		writer_byte(&text, ' ');
	writer_text(&text, ",\"end\" x]");
	for (size_t piece = 0; piece < 3; piece++)
		CHECK(same_in_pieces(writer_str(&text), piece, NULL));
	CHECK(same_in_pieces(writer_str(&text), 100000, NULL));
	CHECK(same_in_pieces(writer_str(&text), 100000, &(struct json_limits){ 0 }));
}

/* Each byte at each place of texts up to three vectors long: the quick scanners stop where the
 * plain rule does. */
static void scanners_agree(void)
{
	char text[48];

	for (size_t len = 0; len <= sizeof(text); len++) {
		for (size_t at = 0; at < len; at++) {
			for (int byte = 0; byte < 256; byte++) {
				const char *end = text + len, *want = text;

				memset(text, 'a', sizeof(text));
				text[at] = (char)byte;
				while (want < end && !scan_is_stop(*want))
					want++;
				CHECK(scan_string(text, end) == want);
				CHECK(scan_string_plain(text, end) == want);

				memset(text, 0xe6, sizeof(text));
				text[at] = (char)byte;
				want = byte < 0x80 ? text + at : end;
				CHECK(scan_not_ascii(text, end) == want);

				memset(text, "\n \t\r"[at % 4], sizeof(text));
				text[at] = (char)byte;
				want = text;
				while (want < end && scan_is_space(*want))
					want++;
				CHECK(scan_space(text, end) == want);
				CHECK(scan_space_plain(text, end) == want);
			}
		}
	}
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(values_are_read),
		TEST(faults_are_named_and_placed),
		TEST(pieces_change_nothing),
		TEST(what_stands_before_changes_nothing),
		TEST(every_prefix_is_refused),
		TEST(limits_hold),
		TEST(bytes_are_limited),
		TEST(lines_follow_one_another),
		TEST(values_are_skipped_and_captured),
		TEST(skipping_checks_too),
		TEST(what_is_captured_is_limited),
		TEST(places_are_told),
		TEST(keys_that_stand_twice_are_counted),
		TEST(counted_keys_are_limited),
		TEST(a_failing_stream_is_reported),
		TEST(long_strings_pass),
		TEST(scanners_agree),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
