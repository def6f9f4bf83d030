/* Owns questions to the person at the terminal. */
#ifndef XIEDUN_CLI_TERMINAL_H
#define XIEDUN_CLI_TERMINAL_H

#include "base/err.h"
#include "base/writer.h"

/* True when somebody can be asked: standard input is a terminal. */
bool terminal_is_there(void);

/* Asks on standard error and reads one line from standard input, without its end. MSG_INPUT_ENDED names what was wanted. */
must_use bool terminal_ask(const char *question, const char *wanted, struct writer *answer,
			   struct err *err);

/* The same without showing what is typed; wipe the answer after use. */
must_use bool terminal_ask_secret(const char *question, const char *wanted, struct writer *answer,
				  struct err *err);

/* A secret asked for twice. MSG_INPUT_REPEATED when they differ. From a pipe it is read once. */
must_use bool terminal_ask_new_secret(const char *question, const char *again, const char *wanted,
				      struct writer *answer, struct err *err);

void secret_release(struct writer *);
#define auto_secret_writer cleanup_with(secret_release) struct writer

#endif
