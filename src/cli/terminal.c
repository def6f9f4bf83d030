#include "cli/terminal.h"

#include <errno.h>
#include <termios.h>
#include <unistd.h>

#include "base/memory.h"
#include "crypto/digest.h"

enum { LINE_LIMIT = 4096 };

bool terminal_is_there(void)
{
	return isatty(STDIN_FILENO) == 1;
}

/* Byte by byte: what stands behind the line belongs to the next question. */
static bool read_line(const char *wanted, struct writer *answer, struct err *err)
{
	bool any = false;

	for (;;) {
		char c;
		ssize_t got = read(STDIN_FILENO, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 && !any)
			return fail(err, MSG_INPUT_ENDED, wanted);
		if (got <= 0 || c == '\n')
			break;
		any = true;
		if (answer->len >= LINE_LIMIT)
			return fail(err, MSG_LIMIT_SIZE, LINE_LIMIT);
		if (c != '\r')
			writer_byte(answer, c);
	}
	if (!str_is_utf8(writer_str(answer)))
		return fail(err, MSG_NOT_UTF8);
	return true;
}

bool terminal_ask(const char *question, const char *wanted, struct writer *answer, struct err *err)
{
	if (terminal_is_there())
		fprintf(stderr, "%s: ", question);
	return read_line(wanted, answer, err);
}

bool terminal_ask_secret(const char *question, const char *wanted, struct writer *answer,
			 struct err *err)
{
	struct termios shown, hidden;
	bool hide = terminal_is_there() && tcgetattr(STDIN_FILENO, &shown) == 0;

	if (hide) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}

	bool done = terminal_ask(question, wanted, answer, err);

	if (hide) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		fputc('\n', stderr);
	}
	return done;
}

bool terminal_ask_new_secret(const char *question, const char *again, const char *wanted,
			     struct writer *answer, struct err *err)
{
	auto_secret_writer second = { 0 };

	if (!terminal_ask_secret(question, wanted, answer, err))
		return false;
	if (!terminal_is_there())
		return true;
	if (!terminal_ask_secret(again, wanted, &second, err))
		return false;
	if (!secret_equal(writer_str(answer), writer_str(&second)))
		return fail(err, MSG_INPUT_REPEATED);
	return true;
}

void secret_release(struct writer *secret)
{
	if (secret->at)
		memory_wipe(secret->at, secret->size);
	writer_release(secret);
}
