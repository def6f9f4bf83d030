#include "base/err.h"

#include "base/memory.h"
#include "base/writer.h"

struct row {
	const char *code;
	int http;
	enum exit_status exit;
	const char *args[ERR_ARGS_MAX + 1];
	const char *text[2];
};

static const struct row catalogue[MSG_COUNT] = {
	[MSG_NONE] = { "NONE", 200, EXIT_DONE, { NULL }, { "", "" } },
#undef ARGS
#define ARGS(...)           \
	{                   \
		__VA_ARGS__ \
	}
#define MESSAGE(c, h, e, a, zh, en) [MSG_##c] = { #c, h, EXIT_##e, a, { zh, en } },
#include "base/messages/all.def"
#undef MESSAGE
};

/* Copies what fits, never half a UTF-8 sequence. */
static void copy_cut(char *to, size_t size, struct str from)
{
	size_t len = from.len < size - 1 ? from.len : size - 1;

	if (len < from.len) {
		while (len > 0 && ((unsigned char)from.at[len] & 0xc0) == 0x80)
			len--;
	}
	if (len)
		memcpy(to, from.at, len);
	to[len] = '\0';
}

struct err_arg err_arg_text(const char *text)
{
	return (struct err_arg){ .text = str_of(text ? text : "") };
}

struct err_arg err_arg_str(struct str text)
{
	return (struct err_arg){ .text = text.at ? text : STR("") };
}

struct err_arg err_arg_int(int64_t number)
{
	return (struct err_arg){ .number = number };
}

struct err_arg err_arg_uint(uint64_t number)
{
	return err_arg_int(number > INT64_MAX ? INT64_MAX : (int64_t)number);
}

bool err_set(struct err *err, enum message message, int argc, const struct err_arg *args)
{
	memset(err, 0, sizeof(*err));
	err->message = message;
	err->argc = argc;
	for (int i = 0; i < argc; i++) {
		if (args[i].text.at)
			copy_cut(err->arg[i], sizeof(err->arg[i]), args[i].text);
		else
			(void)snprintf(err->arg[i], sizeof(err->arg[i]), "%lld",
				       (long long)args[i].number);
	}
	return false;
}

bool err_in_file(struct err *err, const char *file)
{
	copy_cut(err->place.file, sizeof(err->place.file), str_of(file));
	return false;
}

bool err_in_field(struct err *err, struct str field)
{
	copy_cut(err->place.field, sizeof(err->place.field), field);
	return false;
}

bool err_at_line(struct err *err, int64_t line, int64_t column)
{
	err->place.line = line;
	err->place.column = column;
	return false;
}

bool err_at_row(struct err *err, int64_t row)
{
	err->place.row = row;
	return false;
}

void err_clear(struct err *err)
{
	memset(err, 0, sizeof(*err));
}

static const struct row *row_of(enum message message)
{
	assert((unsigned)message < MSG_COUNT);
	return &catalogue[message];
}

const char *message_code(enum message message)
{
	return row_of(message)->code;
}

int message_http_status(enum message message)
{
	return row_of(message)->http;
}

enum exit_status message_exit_status(enum message message)
{
	return row_of(message)->exit;
}

const char *message_template(enum message message, enum language language)
{
	return row_of(message)->text[language];
}

const char *message_argument(enum message message, int n)
{
	return n >= 0 && n < ERR_ARGS_MAX ? row_of(message)->args[n] : NULL;
}

static const char *argument_value(const struct err *err, struct str name)
{
	for (int i = 0; i < err->argc; i++) {
		const char *known = message_argument(err->message, i);

		if (known && str_is(name, known))
			return err->arg[i];
	}
	return NULL;
}

void err_render_text(const struct err *err, enum language language, struct writer *out)
{
	struct str rest = str_of(message_template(err->message, language));

	while (rest.len > 0) {
		size_t open = str_find(rest, '{');

		writer_put(out, str_sub(rest, 0, open));
		rest = str_sub(rest, open, rest.len);
		if (rest.len == 0)
			break;

		size_t close = str_find(rest, '}');
		const char *value = argument_value(err, str_sub(rest, 1, close - 1));

		writer_put(out, value ? str_of(value) : str_sub(rest, 0, close + 1));
		rest = str_sub(rest, close + 1, rest.len);
	}
}

void err_render(const struct err *err, enum language language, struct writer *out)
{
	const struct place *place = &err->place;
	bool zh = language == LANGUAGE_ZH;

	if (place->file[0]) {
		writer_text(out, place->file);
		if (place->line > 0)
			writer_printf(out, ":%lld", (long long)place->line);
		if (place->line > 0 && place->column > 0)
			writer_printf(out, ":%lld", (long long)place->column);
		writer_text(out, ": ");
	} else if (place->line > 0) {
		writer_printf(out, zh ? "第 %lld 行:" : "line %lld: ", (long long)place->line);
	}
	if (place->row > 0)
		writer_printf(out, zh ? "第 %lld 条记录:" : "row %lld: ", (long long)place->row);
	if (place->field[0])
		writer_printf(out, "%s: ", place->field);
	err_render_text(err, language, out);
}

void problems_add(struct problems *problems, const struct err *err)
{
	if (problems->count == PROBLEMS_MAX) {
		problems->dropped++;
		return;
	}
	problems->list = memory_resize(problems->list, problems->count + 1, sizeof(*err));
	problems->list[problems->count++] = *err;
}

bool problems_any(const struct problems *problems)
{
	return problems->count > 0;
}

void problems_release(struct problems *problems)
{
	free(problems->list);
	memset(problems, 0, sizeof(*problems));
}
