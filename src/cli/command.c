#include "cli/command.h"

#include "base/writer.h"
#include "cli/remote.h"

enum { TEXTS_LIMIT = 64 << 20 };

size_t command_lists(const struct command_list *const **lists)
{
	static const struct command_list *const all[] = {
		&setup_commands,  &server_commands, &session_commands,
		&remote_commands, &ident_commands,  &version_commands,
	};

	*lists = all;
	return nitems(all);
}

const char *said(const struct invocation *call, const char *zh, const char *en)
{
	return call->language == LANGUAGE_ZH ? zh : en;
}

/* Chinese, unless the environment asks for English by name. */
static enum language language_of_environment(void)
{
	static const char *const names[] = { "XIEDUN_LANG", "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < nitems(names); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return strncmp(value, "en", 2) == 0 ? LANGUAGE_EN : LANGUAGE_ZH;
	}
	return LANGUAGE_ZH;
}

/* The row whose name is the first one or two words; *words says how many. */
static const struct command *command_find(const char *first, const char *second, int *words)
{
	const struct command_list *const *lists;
	size_t count = command_lists(&lists);
	char two[64] = "";

	if (second)
		(void)snprintf(two, sizeof(two), "%s %s", first, second);
	for (*words = 2; *words >= 1; --*words) {
		for (size_t l = 0; l < count; l++) {
			for (size_t i = 0; i < lists[l]->count; i++) {
				const struct command *command = &lists[l]->rows[i];

				if (strcmp(command->name, *words == 2 ? two : first) == 0)
					return command;
			}
		}
	}
	return NULL;
}

static int option_index(const struct command *command, const char *name)
{
	for (int i = 0; i < COMMAND_OPTIONS && command->options[i].name; i++) {
		if (strcmp(command->options[i].name, name) == 0)
			return i;
	}
	return -1;
}

const char *option_value(const struct invocation *call, const char *name)
{
	int i = option_index(call->command, name);

	/* Asking for an option that the row does not have is a broken invariant. */
	assert(i >= 0);
	return call->option[i];
}

/* One word that begins with "--"; *used says whether the next word was its value. */
static bool take_option(struct invocation *call, const char *word, const char *next, bool *used,
			struct err *err)
{
	*used = false;
	if (strcmp(word, "--json") == 0) {
		call->json = true;
		return true;
	}
	if (strcmp(word, "--data") == 0 || strcmp(word, "--lang") == 0) {
		if (!next)
			return fail(err, MSG_USAGE_VALUE, word);
		if (word[2] == 'd')
			call->data = next;
		else
			call->language = strncmp(next, "en", 2) == 0 ? LANGUAGE_EN : LANGUAGE_ZH;
		*used = true;
		return true;
	}

	int i = option_index(call->command, word);

	if (i < 0)
		return fail(err, MSG_USAGE_OPTION, word, call->command->name);
	if (!call->command->options[i].value) {
		call->option[i] = "";
		return true;
	}
	if (!next)
		return fail(err, MSG_USAGE_VALUE, word);
	call->option[i] = next;
	*used = true;
	return true;
}

static bool take_words(struct invocation *call, int argc, char **argv, struct err *err)
{
	bool only_arguments = false;

	for (int i = 0; i < argc; i++) {
		bool used;

		if (!only_arguments && strcmp(argv[i], "--") == 0) {
			only_arguments = true;
		} else if (!only_arguments && strncmp(argv[i], "--", 2) == 0) {
			if (!take_option(call, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &used,
					 err))
				return false;
			i += used;
		} else if (call->count < COMMAND_ARGUMENTS) {
			call->argument[call->count++] = argv[i];
		} else {
			return fail(err, MSG_USAGE_ARGUMENTS, call->command->name,
				    call->command->usage);
		}
	}
	if (call->count < call->command->least || call->count > call->command->most)
		return fail(err, MSG_USAGE_ARGUMENTS, call->command->name, call->command->usage);
	return true;
}

static int report(const struct invocation *call, const struct err *err)
{
	auto_writer text = { 0 };

	if (call->json) {
		struct json json = json_into(&text);

		json_object(&json);
		json_put_text(&json, "error", message_code(err->message));

		auto_writer detail = { 0 };

		err_render(err, call->language, &detail);
		json_put_str(&json, "detail", writer_str(&detail));
		json_object_end(&json);
	} else {
		writer_text(&text, "xiedun: ");
		err_render(err, call->language, &text);
	}
	fprintf(stderr, "%s\n", text.at);
	return (int)message_exit_status(err->message);
}

static int run(struct invocation *call, int argc, char **argv)
{
	struct err err = { 0 };
	int words;

	const char *first = argc == 0 || strcmp(argv[0], "--help") == 0 ? "help"
			    : strcmp(argv[0], "--version") == 0         ? "version"
									: argv[0];

	call->command = command_find(first, argc >= 2 ? argv[1] : NULL, &words);
	if (!call->command) {
		(void)fail(&err, MSG_USAGE_COMMAND, first);
		return report(call, &err);
	}
	for (int i = words; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			auto_writer help = { 0 };

			command_help(call, call->command->name, &help);
			fputs(help.at, stdout);
			return EXIT_DONE;
		}
	}
	if (!take_words(call, argc > words ? argc - words : 0, argv + words, &err))
		return report(call, &err);

	bool done = call->command->run ? call->command->run(call, &err) : remote_run(call, &err);

	if (done && (fflush(stdout) != 0 || ferror(stdout)))
		done = fail(&err, MSG_SYSTEM_FAILED, "write", "stdout");
	return done ? EXIT_DONE : report(call, &err);
}

int command_main(int argc, char **argv)
{
	const char *data = getenv("XIEDUN_DATA");
	auto_arena arena = arena_new(TEXTS_LIMIT);
	struct invocation call = {
		.language = language_of_environment(),
		.data = data && data[0] ? data : "xiedun-data",
		.arena = arena,
	};

	return run(&call, argc - 1, argv + 1);
}

static void put_options(const struct invocation *call, const struct command *command,
			struct writer *out)
{
	for (int i = 0; i < COMMAND_OPTIONS && command->options[i].name; i++) {
		const struct command_option *option = &command->options[i];
		char left[64];

		(void)snprintf(left, sizeof(left), "%s %s", option->name,
			       option->value ? option->value : "");
		writer_printf(out, "      %-24s %s\n", left, said(call, option->zh, option->en));
	}
}

void command_help(const struct invocation *call, const char *name, struct writer *out)
{
	const struct command_list *const *lists;
	size_t count = command_lists(&lists);

	if (!name)
		writer_printf(
			out, "%s\n\n",
			said(call,
			     "用法:xiedun 命令 [参数]... [--data 目录] [--json] [--lang zh|en]",
			     "usage: xiedun COMMAND [ARGUMENT]... [--data DIR] [--json] [--lang "
			     "zh|en]"));
	for (size_t l = 0; l < count; l++) {
		for (size_t i = 0; i < lists[l]->count; i++) {
			const struct command *command = &lists[l]->rows[i];

			if (name && strcmp(name, command->name) != 0)
				continue;
			writer_printf(out, "  xiedun %s %s\n      %s\n", command->name,
				      command->usage, said(call, command->zh, command->en));
			if (name)
				put_options(call, command, out);
		}
		if (!name)
			writer_byte(out, '\n');
	}
	if (!name)
		writer_printf(out, "%s\n",
			      said(call,
				   "退出状态:0 完成,1 答案为否,2 用法有误,3 输入有误,4 环境问题,5 "
				   "没有权限",
				   "exit status: 0 done, 1 the answer is no, 2 usage, 3 bad input, "
				   "4 environment, "
				   "5 refused by rights"));
}

void command_manual(struct writer *out)
{
	const struct command_list *const *lists;
	size_t count = command_lists(&lists);

	for (size_t l = 0; l < count; l++) {
		for (size_t i = 0; i < lists[l]->count; i++) {
			const struct command *command = &lists[l]->rows[i];

			writer_printf(out, ".TP\n.B xiedun %s\n%s\n%s\n", command->name,
				      command->usage, command->en);
			for (int o = 0; o < COMMAND_OPTIONS && command->options[o].name; o++)
				writer_printf(
					out, ".br\n.B \\%s\n%s: %s\n", command->options[o].name,
					command->options[o].value ? command->options[o].value : "",
					command->options[o].en);
		}
	}
}
