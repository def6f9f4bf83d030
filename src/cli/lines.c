#include "cli/lines.h"

enum { LINE_LIMIT = 1 << 20 };

static void put_error(const struct invocation *call, const struct err *err, struct writer *out)
{
	auto_writer text = { 0 };

	err_render(err, call->language, &text);
	writer_text(out, "error: ");
	writer_put(out, writer_str(&text));
}

static bool answer_lines(struct invocation *call, line_fn *answer, struct err *err)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t got;
	auto_writer out = { 0 };

	while ((got = getline(&line, &size, stdin)) >= 0) {
		struct str input = { line, (size_t)got };
		struct err refused = { 0 };

		if (str_ends(input, "\n"))
			input.len--;
		if (str_ends(input, "\r"))
			input.len--;
		writer_clear(&out);
		if (input.len > LINE_LIMIT)
			(void)fail(&refused, MSG_LIMIT_SIZE, LINE_LIMIT);
		else
			(void)!answer(call, input, &out, &refused);
		if (refused.message != MSG_NONE) {
			/* What an answer begins with (the input, for some commands) stays before its error. */
			put_error(call, &refused, &out);
		}
		writer_byte(&out, '\n');
		if (fwrite(out.at, 1, out.len, stdout) != out.len)
			break;
		arena_clear(call->arena);
	}
	free(line);
	if (ferror(stdin))
		return fail(err, MSG_SYSTEM_FAILED, "read", "stdin");
	return true;
}

bool lines_run(struct invocation *call, int first, line_fn *answer, struct err *err)
{
	auto_writer input = { 0 }, out = { 0 };

	if (call->count <= first ||
	    (call->count == first + 1 && strcmp(call->argument[first], "-") == 0))
		return answer_lines(call, answer, err);
	for (int i = first; i < call->count; i++)
		writer_printf(&input, "%s%s", i > first ? "\t" : "", call->argument[i]);
	if (!answer(call, writer_str(&input), &out, err))
		return false;
	printf("%s\n", out.at ? out.at : "");
	return true;
}
