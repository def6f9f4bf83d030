#include "ident/cvss.h"

#include "base/file.h"
#include "check.h"

static void own_table(void)
{
	static const struct {
		const char *vector;
		int base, temporal, environmental;
	} cases[] = {
		/* CVSS v2.0, section 3.3: the guide's three examples. */
		{ "AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H", 78, 64,
		  92 },
		{ "AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:L", 100, 83,
		  90 },
		{ "AV:L/AC:H/Au:N/C:C/I:C/A:C/E:POC/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:M", 62, 49,
		  75 },
		{ "(AV:N/AC:L/Au:N/C:N/I:N/A:N)", 0, -1, -1 },
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98, 98, 98 },
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100, 100, 100 },
		{ "CVSS:3.0/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0, 0, 0 },
		{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 100, -1, -1 },
		{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0, -1, -1 },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct cvss cvss;
		struct err err = { 0 };

		CHECK_DONE(cvss_parse(str_of(cases[i].vector), &cvss, &err), err);

		struct cvss_scores scores = cvss_score(&cvss);

		CHECK_INT(scores.base, cases[i].base);
		CHECK_INT(scores.temporal, cases[i].temporal);
		CHECK_INT(scores.environmental, cases[i].environmental);
	}
}

static void refused(void)
{
	static const struct {
		const char *vector;
		enum message message;
	} cases[] = {
		{ "", MSG_CVSS_PART },
		{ "CVSS:5.0/AV:N", MSG_CVSS_VERSION },
		{ "CVSS:3.1", MSG_CVSS_VERSION },
		{ "CVSS:3.1/", MSG_CVSS_PART },
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", MSG_CVSS_MISSING },
		{ "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", MSG_CVSS_TWICE },
		{ "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", MSG_CVSS_VALUE },
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/", MSG_CVSS_PART },
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/Q:Z", MSG_CVSS_METRIC },
		{ "cvss:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", MSG_CVSS_METRIC },
		{ "CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
		  MSG_CVSS_ORDER },
		{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:S/SA:H",
		  MSG_CVSS_VALUE },
		{ "AV:N/AC:L/Au:N/C:N/I:N", MSG_CVSS_MISSING },
		{ "AV:n/AC:L/Au:N/C:N/I:N/A:C", MSG_CVSS_VALUE },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct cvss cvss;
		struct err err = { 0 };

		CHECK_FAILS(cvss_parse(str_of(cases[i].vector), &cvss, &err), err,
			    cases[i].message);
	}
}

/* "9.8" or "-0.0" in tenths; "None" is -1. */
static int tenths_of(struct str text)
{
	int64_t whole;
	struct str head;

	text = str_trim(text);
	if (str_is(text, "None"))
		return -1;
	if (str_starts(text, "-"))
		text = str_sub(text, 1, text.len);
	if (!str_split(&text, '.', &head) || !str_to_int(head, &whole))
		return -2;
	return (int)whole * 10 + (text.len ? text.at[0] - '0' : 0);
}

/* A line "VECTOR - (base, temporal, environmental)", "VECTOR - (score,)" or "VECTOR - score". */
static bool line_holds(struct str line)
{
	size_t at = str_find(line, ' ');
	struct str want = str_trim(str_sub(line, at + 3, line.len)), part;
	struct cvss cvss;
	struct err err;
	int wanted[3] = { -1, -1, -1 }, n = 0;

	if (str_starts(want, "("))
		want = str_sub(want, 1, want.len - 2);
	while (n < 3 && str_split(&want, ',', &part)) {
		if (str_trim(part).len)
			wanted[n++] = tenths_of(part);
	}
	if (!cvss_parse(str_sub(line, 0, at), &cvss, &err))
		return false;

	struct cvss_scores got = cvss_score(&cvss);
	bool holds = got.base == wanted[0] &&
		     (cvss.version == CVSS_4_0 ||
		      (got.temporal == wanted[1] && got.environmental == wanted[2]));

	if (!holds)
		printf("# %.*s: %d %d %d\n", STR_ARGS(line), got.base, got.temporal,
		       got.environmental);
	return holds;
}

static bool read_shared(const char *name, struct writer *text)
{
	const char *shared = getenv("XIEDUN_SHARED");
	auto_writer path = { 0 };
	struct err err;

	writer_printf(&path, "%s/%s", shared ? shared : "", name);
	return file_read(path.at, 1 << 24, text, &err);
}

static void suite(void)
{
	static const char *const files[] = { "calculator2", "calculator3",   "cvsslib2", "cvsslib3",
					     "security4",   "simple2",       "simple3",  "simple31",
					     "simple4",     "supplemental4", "threat4" };
	int cases = 0, failed = 0;

	if (!getenv("XIEDUN_SHARED")) {
		printf("# skipped: the CVSS suite (XIEDUN_SHARED is not set)\n");
		CHECK(true);
		return;
	}
	for (size_t i = 0; i < nitems(files); i++) {
		auto_writer text = { 0 }, name = { 0 };
		struct str rest, line;

		writer_printf(&name, "redhat-cvss/tests/vectors_%s", files[i]);
		CHECK(read_shared(name.at, &text));
		rest = writer_str(&text);
		while (str_split(&rest, '\n', &line)) {
			if (line.len == 0)
				continue;
			cases++;
			failed += !line_holds(line);
		}
	}
	printf("# %d vectors\n", cases);
	CHECK_INT(failed, 0);
	CHECK_INT(cases, 7667);
	check_cases(cases);
}

/* {'vector': 'CVSS:4.0/…', 'score': 9.8, 'severity': 'Critical'} */
static void macro_vectors(void)
{
	auto_writer text = { 0 };
	struct str rest, line;
	int cases = 0;

	if (!getenv("XIEDUN_SHARED")) {
		printf("# skipped: the macro vectors (XIEDUN_SHARED is not set)\n");
		CHECK(true);
		return;
	}
	CHECK(read_shared("first-cvss-resources/vectorFiles/macro-scores", &text));
	rest = writer_str(&text);
	while (str_split(&rest, '\n', &line)) {
		struct str field[16];
		size_t n = 0;
		struct cvss cvss;
		struct err err = { 0 };

		while (n < nitems(field) && str_split(&line, '\'', &field[n]))
			n++;
		if (n < 10)
			continue;

		struct str score = str_sub(field[6], 2, str_find(str_sub(field[6], 2, 99), ','));

		CHECK_DONE(cvss_parse(field[3], &cvss, &err), err);

		int got = cvss_score(&cvss).base;

		CHECK_INT(got, tenths_of(score));
		CHECK_STR(str_of(cvss_severity_name(cvss_severity(CVSS_4_0, got))), field[9]);
		cases++;
	}
	CHECK_INT(cases, 270);
	check_cases(cases);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = { TEST(own_table), TEST(refused), TEST(suite),
						   TEST(macro_vectors) };

	return check_main(tests, nitems(tests), argc, argv);
}
