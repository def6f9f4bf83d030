#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/writer.h"

enum { LINE_MAX_BYTES = 4000 };

static const char *const level_names[] = { "error", "warning", "info", "debug" };
static _Atomic int level_limit = LOG_INFO;

void log_set_level(enum log_level level)
{
	atomic_store(&level_limit, (int)level);
}

bool log_level_parse(struct str text, enum log_level *level)
{
	for (size_t i = 0; i < nitems(level_names); i++) {
		if (str_is(text, level_names[i])) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

static void put_escaped(struct writer *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c == '\n')
			writer_text(out, "\\n");
		else if (c < 0x20 || c == 0x7f)
			writer_printf(out, "\\x%02x", c);
		else
			writer_byte(out, (char)c);
	}
}

static void emit(enum log_level level, const char *module, struct str text)
{
	auto_writer line = { 0 };
	char now[INSTANT_TEXT_SIZE];

	writer_printf(&line, "%s %s %s: ", instant_text(clock_now(), now), level_names[level],
		      module);
	put_escaped(&line, str_sub(text, 0, LINE_MAX_BYTES));
	writer_byte(&line, '\n');
	/* One write a line: lines of several threads do not mix. Nothing can be done when it fails. */
	ssize_t written = write(STDERR_FILENO, line.at, line.len);
	(void)written;
}

void log_line(enum log_level level, const char *module, const char *format, ...)
{
	if ((int)level > atomic_load_explicit(&level_limit, memory_order_relaxed))
		return;

	char text[LINE_MAX_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	emit(level, module, str_of(text));
}

void log_err(const char *module, const char *request, const struct err *err)
{
	auto_writer text = { 0 };

	if (request)
		writer_printf(&text, "request %s: ", request);
	writer_printf(&text, "%s: ", message_code(err->message));
	err_render(err, LANGUAGE_EN, &text);
	emit(LOG_ERROR, module, writer_str(&text));
}
