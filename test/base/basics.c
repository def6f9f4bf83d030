#include "base/clock.h"
#include "base/encode.h"
#include "base/json_write.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "check.h"

static void every_message_names_its_arguments_in_both_languages(void)
{
	for (int m = MSG_NONE + 1; m < MSG_COUNT; m++) {
		for (int l = LANGUAGE_ZH; l <= LANGUAGE_EN; l++) {
			struct str text =
				str_of(message_template((enum message)m, (enum language)l));
			char seen[256] = "";

			CHECK(text.len > 0);
			for (size_t open; (open = str_find(text, '{')) < text.len;) {
				text = str_sub(text, open + 1, text.len);

				struct str name = str_sub(text, 0, str_find(text, '}'));
				bool known = false;

				for (int a = 0;
				     a < ERR_ARGS_MAX && message_argument((enum message)m, a); a++)
					known |= str_is(name, message_argument((enum message)m, a));
				if (!known)
					(void)snprintf(seen, sizeof(seen), "%s: {%.*s}",
						       message_code((enum message)m),
						       STR_ARGS(name));
			}
			CHECK_STR(str_of(seen), STR(""));
		}
	}
}

static void errors_are_cut_at_a_character(void)
{
	struct err err;
	auto_writer text = { 0 };
	char path[400];

	for (size_t i = 0; i + 3 < sizeof(path); i += 3)
		memcpy(path + i, "械", 3);
	path[399] = '\0';
	CHECK(!fail(&err, MSG_FILE_MISSING, path));
	err_render(&err, LANGUAGE_ZH, &text);
	CHECK(str_is_utf8(writer_str(&text)));
	CHECK_INT((int64_t)strlen(err.arg[0]), 198);
}

static void instants(void)
{
	static const struct {
		const char *text, *back;
	} good[] = {
		{ "2026-11-22T01:02:03.000004Z", "2026-11-22T01:02:03.000004Z" },
		{ "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z" },
		{ "2026-11-22T09:02:03+08:00", "2026-11-22T01:02:03.000000Z" },
		{ "2024-02-29T00:00:00.5z", "2024-02-29T00:00:00.500000Z" },
		{ "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z" },
		{ "9999-12-31T23:59:59.123456789Z", "9999-12-31T23:59:59.123456Z" },
	};
	static const char *const bad[] = { "",
					   "2026-11-22",
					   "2026-02-29T00:00:00Z",
					   "2026-11-22T24:00:00Z",
					   "2026-11-22T00:00:00",
					   "2026-11-22T00:00:00+8:00",
					   "2026-11-22T00:00:00.Z",
					   "2026-11-22T00:00:00Z " };

	for (size_t i = 0; i < nitems(good); i++) {
		char text[INSTANT_TEXT_SIZE];
		int64_t instant;

		CHECK(instant_parse(str_of(good[i].text), &instant));
		CHECK_STR(str_of(instant_text(instant, text)), str_of(good[i].back));
	}
	for (size_t i = 0; i < nitems(bad); i++) {
		int64_t instant;

		CHECK(!instant_parse(str_of(bad[i]), &instant));
	}
	for (int64_t day = -800000; day < 800000; day += 37) {
		char text[DATE_TEXT_SIZE];
		int64_t back;

		if (day < -719162)
			continue;
		CHECK(date_parse(str_of(date_text(day, text)), &back));
		CHECK_INT(back, day);
	}
}

static void encodings(void)
{
	static const struct {
		const char *plain, *base64, *base32;
	} cases[] = {
		/* RFC 4648, section 10 */
		{ "", "", "" },
		{ "f", "Zg==", "MY" },
		{ "fo", "Zm8=", "MZXQ" },
		{ "foo", "Zm9v", "MZXW6" },
		{ "foob", "Zm9vYg==", "MZXW6YQ" },
		{ "fooba", "Zm9vYmE=", "MZXW6YTB" },
		{ "foobar", "Zm9vYmFy", "MZXW6YTBOI" },
	};
	static const char *const bad[] = { "Z",   "Zg",     "Zg=",  "Zh==",
					   "Zm9", "Zm9v\n", "Z===", "Zm8=Zm8=" };

	for (size_t i = 0; i < nitems(cases); i++) {
		auto_writer a = { 0 }, b = { 0 }, c = { 0 };

		base64_write(&a, str_of(cases[i].plain));
		CHECK_STR(writer_str(&a), str_of(cases[i].base64));
		CHECK(base64_parse(writer_str(&a), &b));
		CHECK_STR(writer_str(&b), str_of(cases[i].plain));
		base32_write(&c, str_of(cases[i].plain));
		CHECK_STR(writer_str(&c), str_of(cases[i].base32));

		char bytes[8];

		CHECK(base32_parse(writer_str(&c), bytes, strlen(cases[i].plain)));
		CHECK_STR(((struct str){ bytes, strlen(cases[i].plain) }), str_of(cases[i].plain));
		CHECK(!base32_parse(STR("M1"), bytes, 1) && !base32_parse(STR("MZ"), bytes, 1));
	}
	for (size_t i = 0; i < nitems(bad); i++) {
		auto_writer to = { 0 };

		CHECK(!base64_parse(str_of(bad[i]), &to));
	}
}

static void integers(void)
{
	int64_t value;

	CHECK(str_to_int(STR("-9223372036854775808"), &value) && value == INT64_MIN);
	CHECK(str_to_int(STR("9223372036854775807"), &value) && value == INT64_MAX);
	CHECK(!str_to_int(STR("9223372036854775808"), &value));
	CHECK(!str_to_int(STR("-9223372036854775809"), &value));
	CHECK(!str_to_int(STR(""), &value) && !str_to_int(STR("-"), &value) &&
	      !str_to_int(STR("1 "), &value));
}

static void json_output(void)
{
	auto_writer out = { 0 };
	struct json json = json_into(&out);

	json_object(&json);
	json_put_text(&json, "a", "x\"\\\n\x01械");
	json_key(&json, "b");
	json_array(&json);
	json_int(&json, INT64_MIN);
	json_bool(&json, true);
	json_str(&json, STR_NONE);
	json_str(&json, STR("\xff\xc3"));
	json_object(&json);
	json_object_end(&json);
	json_array_end(&json);
	json_object_end(&json);
	CHECK_STR(writer_str(&out),
		  STR("{\"a\":\"x\\\"\\\\\\n\\u0001械\",\"b\":[-9223372036854775808,true,null,"
		      "\"\xef\xbf\xbd\xef\xbf\xbd\",{}]}"));
}

static void identifiers(void)
{
	struct uuid id = uuid_new(), back;
	char text[UUID_TEXT_SIZE];

	CHECK(uuid_is_version7(&id));
	CHECK(uuid_parse(str_of(uuid_text(&id, text)), &back));
	CHECK(uuid_equal(&id, &back));
	CHECK(!uuid_parse(STR("0190163d-8694-739b-aea5-966c26f8ad9"), &back));
	CHECK(!uuid_parse(STR("0190163d-8694-739b-aea5-966c26f8ad9g"), &back));
	CHECK(!uuid_parse(STR("0190163d08694-739b-aea5-966c26f8ad91"), &back));
}

static void utf8(void)
{
	static const char *const good[] = {
		"", "a", "械盾", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"
	};
	static const char *const bad[] = { "\x80",
					   "\xc0\x80",
					   "\xc1\xbf",
					   "\xe0\x9f\xbf",
					   "\xed\xa0\x80",
					   "\xf0\x8f\xbf\xbf",
					   "\xf4\x90\x80\x80",
					   "\xf5\x80\x80\x80",
					   "\xe6\xa2",
					   "a\xff" };

	for (size_t i = 0; i < nitems(good); i++)
		CHECK(str_is_utf8(str_of(good[i])));
	for (size_t i = 0; i < nitems(bad); i++)
		CHECK(!str_is_utf8(str_of(bad[i])));
}

/* An empty array has no memory, and nothing may be added to its absent address. */
static void empty_arrays_have_no_elements(void)
{
	struct numbers VEC(int);
	struct numbers numbers = { 0 };
	int seen = 0;

	vec_each (int, number, &numbers)
		seen += *number;
	CHECK_INT(seen, 0);
	vec_push(&numbers, 5);
	vec_push(&numbers, 6);
	vec_each (int, number, &numbers)
		seen += *number;
	CHECK_INT(seen, 11);
	vec_release(&numbers);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(every_message_names_its_arguments_in_both_languages),
		TEST(errors_are_cut_at_a_character),
		TEST(instants),
		TEST(encodings),
		TEST(integers),
		TEST(json_output),
		TEST(identifiers),
		TEST(utf8),
		TEST(empty_arrays_have_no_elements),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
