/* Owns errors: a row of the message catalogue with bounded arguments and a place; and bounded lists of them. */
#ifndef XIEDUN_BASE_ERR_H
#define XIEDUN_BASE_ERR_H

#include "base/str.h"

struct writer;

enum language { LANGUAGE_ZH, LANGUAGE_EN };

/* What a command returns to the shell. */
enum exit_status {
	EXIT_DONE = 0,        /* done */
	EXIT_NO = 1,          /* the answer is no: invalid, verify failed, threshold reached */
	EXIT_USAGE = 2,       /* the call's words are off */
	EXIT_INPUT = 3,       /* bad input */
	EXIT_ENVIRONMENT = 4, /* disk, network, database, configuration */
	EXIT_RIGHTS = 5,      /* refused by rights */
};

#define ARGS(...)           \
	(const char *[])    \
	{                   \
		__VA_ARGS__ \
	}

enum message {
	MSG_NONE,
#define MESSAGE(code, http, exit, args, zh, en) MSG_##code,
#include "base/messages/all.def"
#undef MESSAGE
	MSG_COUNT,
};

/* How many arguments each message takes: MSG_FIELD_REQUIRED_ARGS. fail() checks it at compile time. */
enum {
#define MESSAGE(code, http, exit, args, zh, en) \
	MSG_##code##_ARGS = (int)(sizeof(args) / sizeof(const char *)),
#include "base/messages/all.def"
#undef MESSAGE
};

enum { ERR_ARGS_MAX = 4, ERR_ARG_SIZE = 200, ERR_NAME_SIZE = 160 };

/* Where it went wrong; a zero line, row or column and an empty text mean "not known". */
struct place {
	char file[ERR_NAME_SIZE];
	char field[ERR_NAME_SIZE];
	int64_t line, column, row;
};

/* Lives on the caller's stack. Not set while message is MSG_NONE. */
struct err {
	enum message message;
	int argc;
	char arg[ERR_ARGS_MAX][ERR_ARG_SIZE];
	struct place place;
};

/* One argument of a message: a text or an integer. */
struct err_arg {
	struct str text;
	int64_t number;
};

struct err_arg err_arg_text(const char *);
struct err_arg err_arg_str(struct str);
struct err_arg err_arg_int(int64_t);
struct err_arg err_arg_uint(uint64_t);

#define ERR_ARG(value) \
	_Generic((value), char *: err_arg_text, const char *: err_arg_text, struct str: err_arg_str, \
		 unsigned long: err_arg_uint, unsigned long long: err_arg_uint,                \
		 default: err_arg_int)(value)

#define ERR_LIST_0()
#define ERR_LIST_1(a)                          ERR_ARG(a)
#define ERR_LIST_2(a, b)                       ERR_ARG(a), ERR_ARG(b)
#define ERR_LIST_3(a, b, c)                    ERR_ARG(a), ERR_ARG(b), ERR_ARG(c)
#define ERR_LIST_4(a, b, c, d)                 ERR_ARG(a), ERR_ARG(b), ERR_ARG(c), ERR_ARG(d)
#define ERR_COUNT_(_0, _1, _2, _3, _4, n, ...) n
#define ERR_COUNT(...)                         ERR_COUNT_(_0, ##__VA_ARGS__, 4, 3, 2, 1, 0)
#define ERR_CAT_(a, b)                         a##b
#define ERR_CAT(a, b)                          ERR_CAT_(a, b)
#define ERR_LIST(...)                          ERR_CAT(ERR_LIST_, ERR_COUNT(__VA_ARGS__))(__VA_ARGS__)

/*
 * Sets *err to message `code` with its arguments (texts, struct str or integers, in the catalogue's
 * order) and yields false, so that a function may `return fail(err, MSG_FIELD_REQUIRED, path);`.
 * Arguments are copied and cut to ERR_ARG_SIZE - 1 bytes at a character's border.
 */
#define fail(err, code, ...)                                                                   \
	__extension__({                                                                        \
		static_assert(ERR_COUNT(__VA_ARGS__) == code##_ARGS,                           \
			      "the catalogue gives this message another number of arguments"); \
		err_set((err), (code), ERR_COUNT(__VA_ARGS__),                                 \
			(struct err_arg[ERR_ARGS_MAX]){ ERR_LIST(__VA_ARGS__) });              \
	})

bool err_set(struct err *, enum message, int argc, const struct err_arg *);

/* Add the place to an error that is set; each yields false. Texts are copied and cut. */
bool err_in_file(struct err *, const char *file);
bool err_in_field(struct err *, struct str field);
bool err_at_line(struct err *, int64_t line, int64_t column);
bool err_at_row(struct err *, int64_t row);

/* Not set any more. */
void err_clear(struct err *);

/* The catalogue's columns. `code` is stable and public: "FIELD_REQUIRED". */
const char *message_code(enum message);
int message_http_status(enum message);
enum exit_status message_exit_status(enum message);
const char *message_template(enum message, enum language);
/* The name of the message's n-th argument, or NULL behind the last. */
const char *message_argument(enum message, int n);

/* The message in one language, the place before it: "core.yaml:12: field “states”: …". */
void err_render(const struct err *, enum language, struct writer *);

/* The message without its place. */
void err_render_text(const struct err *, enum language, struct writer *);

/* A bounded list of errors: an import, a form or a pack reports many at once. */
enum { PROBLEMS_MAX = 50 };

struct problems {
	struct err *list;
	size_t count;   /* kept, at most PROBLEMS_MAX */
	size_t dropped; /* further ones, only counted */
};

void problems_add(struct problems *, const struct err *);
bool problems_any(const struct problems *);
void problems_release(struct problems *);
#define auto_problems cleanup_with(problems_release) struct problems

#endif
