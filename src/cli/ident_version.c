/* Commands on versions and ranges: no server, no database, one line in, one line out. */
#include "cli/lines.h"
#include "ident/vers.h"

static bool split_two(struct str input, struct str *first, struct str *second, struct err *err)
{
	(void)str_split(&input, '\t', first);
	if (!input.at)
		return fail(err, MSG_LINE_COLUMNS, 2);
	*second = input;
	return true;
}

static bool compare_line(struct invocation *call, struct str input, struct writer *out,
			 struct err *err)
{
	enum version_scheme scheme;
	struct str a, b;
	int order;

	if (!version_scheme_parse(str_of(call->argument[0]), &scheme, err) ||
	    !split_two(input, &a, &b, err) || !version_compare(scheme, a, b, &order, err))
		return false;
	writer_byte(out, order < 0 ? '<' : order > 0 ? '>' : '=');
	return true;
}

/* Without the check a wrong scheme would be an error on each line. */
static bool run_with_scheme(struct invocation *call, line_fn *answer, struct err *err)
{
	enum version_scheme scheme;

	return version_scheme_parse(str_of(call->argument[0]), &scheme, err) &&
	       lines_run(call, 1, answer, err);
}

static bool version_compare_run(struct invocation *call, struct err *err)
{
	return run_with_scheme(call, compare_line, err);
}

static bool contains_line(struct invocation *call, struct str input, struct writer *out,
			  struct err *err)
{
	struct str range, version;
	struct vers vers;
	bool contained;

	if (!split_two(input, &range, &version, err) ||
	    !vers_read(call->arena, range, &vers, err) ||
	    !vers_contains(&vers, version, &contained, err))
		return false;
	writer_text(out, contained ? "true" : "false");
	return true;
}

static bool contains_run(struct invocation *call, struct err *err)
{
	return lines_run(call, 0, contains_line, err);
}

static bool parse_line(struct invocation *call, struct str input, struct writer *out,
		       struct err *err)
{
	struct vers vers;

	if (!vers_parse(call->arena, input, &vers, err))
		return false;
	vers_write_json(&vers, out);
	return true;
}

static bool parse_run(struct invocation *call, struct err *err)
{
	return lines_run(call, 0, parse_line, err);
}

static bool canonical_line(struct invocation *call, struct str input, struct writer *out,
			   struct err *err)
{
	struct vers vers;

	if (!vers_read(call->arena, input, &vers, err))
		return false;
	vers_write(&vers, out);
	return true;
}

static bool canonical_run(struct invocation *call, struct err *err)
{
	return lines_run(call, 0, canonical_line, err);
}

static bool native_line(struct invocation *call, struct str input, struct writer *out,
			struct err *err)
{
	enum version_scheme scheme;
	struct vers vers;

	if (!version_scheme_parse(str_of(call->argument[0]), &scheme, err) ||
	    !vers_from_native(call->arena, scheme, input, &vers, err))
		return false;
	vers_write(&vers, out);
	return true;
}

static bool native_run(struct invocation *call, struct err *err)
{
	return run_with_scheme(call, native_line, err);
}

static const struct command rows[] = {
	{ .name = "version compare",
	  .usage = "SCHEME [A B|-]",
	  .least = 1,
	  .most = 3,
	  .zh = "比较两个版本:每行“A<制表符>B”,输出 <、= 或 >",
	  .en = "compare two versions: for each line “A<tab>B” one of <, =, >",
	  .run = version_compare_run },
	{ .name = "vers contains",
	  .usage = "[RANGE VERSION|-]",
	  .least = 0,
	  .most = 2,
	  .zh = "版本是否在 vers 范围内:每行“范围<制表符>版本”,输出 true 或 false",
	  .en = "whether a version lies in a vers range: for each line “RANGE<tab>VERSION” true or "
		"false",
	  .run = contains_run },
	{ .name = "vers parse",
	  .usage = "[RANGE|-]",
	  .least = 0,
	  .most = 1,
	  .zh = "严格解析 vers 范围并以 JSON 输出;不规范的文本是错误",
	  .en = "read a vers range strictly and print its parts as JSON; text that is not "
		"canonical is an error",
	  .run = parse_run },
	{ .name = "vers canonical",
	  .usage = "[RANGE|-]",
	  .least = 0,
	  .most = 1,
	  .zh = "宽松解析 vers 范围,排序后输出规范形式",
	  .en = "read a vers range liberally and print its canonical form, sorted",
	  .run = canonical_run },
	{ .name = "vers from-native",
	  .usage = "SCHEME [RANGE|-]",
	  .least = 1,
	  .most = 2,
	  .zh = "把某生态的范围写法(npm、pypi、gem、maven 等)转换为 vers",
	  .en = "turn an ecosystem's own range (npm, pypi, gem, maven …) into a vers",
	  .run = native_run },
};

const struct command_list version_commands = { rows, nitems(rows) };
