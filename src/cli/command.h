/* Owns the table of commands: one row gives dispatch, options, help and the manual page. */
#ifndef XIEDUN_CLI_COMMAND_H
#define XIEDUN_CLI_COMMAND_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json_write.h"

enum { COMMAND_ARGUMENTS = 64, COMMAND_OPTIONS = 12 };

/* What one call of the program was given. */
struct invocation {
	const struct command *command;
	enum language language;
	bool json;        /* --json: machine-readable output */
	const char *data; /* --data DIR, or $XIEDUN_DATA, or "./xiedun-data" */
	const char *argument[COMMAND_ARGUMENTS]; /* the words that are no options */
	int count;
	const char *option
		[COMMAND_OPTIONS]; /* values, in the order of the row's options; "" for a flag that is set */
	struct arena *arena;
};

typedef bool command_fn(struct invocation *, struct err *);

struct command_option {
	const char *name;  /* "--token" */
	const char *value; /* "TOKEN", or NULL for a flag */
	const char *zh, *en;
};

struct command {
	const char *name;  /* "ledger verify": one or two words */
	const char *usage; /* what stands behind it: "TYPE [FIELD=VALUE]..." */
	int least, most;   /* arguments */
	const char *zh, *en;
	struct command_option options[COMMAND_OPTIONS];
	command_fn *run;
	/* A remote command has a request instead of a function: "{1}" stands for its first argument. */
	const char *method, *path;
	bool fields;    /* arguments behind those of the path are FIELD=VALUE for the body */
	bool versioned; /* --version N goes into If-Match; without it the present one is asked for */
};

struct command_list {
	const struct command *rows;
	size_t count;
};

extern const struct command_list setup_commands, server_commands, session_commands, remote_commands,
	ident_commands, version_commands;

size_t command_lists(const struct command_list *const **lists);

/* The value of an option of the command, "" for a set flag, NULL when it was not given. */
const char *option_value(const struct invocation *, const char *name);

/* A text in the caller's language. */
const char *said(const struct invocation *, const char *zh, const char *en);

/* Runs the program's words; returns the exit status. */
int command_main(int argc, char **argv);

/* Help for all commands or one; the manual page's COMMANDS section in roff with `roff`. */
void command_help(const struct invocation *, const char *name, struct writer *);
void command_manual(struct writer *);

#endif
