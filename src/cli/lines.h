/* Owns commands that answer each line of input with exactly one line: cases by the hundred thousand in a second. */
#ifndef XIEDUN_CLI_LINES_H
#define XIEDUN_CLI_LINES_H

#include "cli/command.h"

/* Answers one input; appends the answer without a line end, or fails: then the line is "error: …". */
typedef bool line_fn(struct invocation *, struct str input, struct writer *answer, struct err *err);

/*
 * Runs `answer` on the arguments from `first` on, joined by tabs, or, where the only one is "-", on each line of
 * standard input. A single input that fails is the command's error; lines that fail do not end it.
 */
must_use bool lines_run(struct invocation *, int first, line_fn *answer, struct err *err);

#endif
