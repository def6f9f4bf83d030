#include "model/filter_token.h"

struct parser {
	struct filter_text text;
	struct token token; /* the one to look at */
	int depth, comparisons;
};

static const char *const operator_names[FILTER_OPERATORS] = {
	[FILTER_EQUAL] = "=",
	[FILTER_NOT_EQUAL] = "!=",
	[FILTER_LESS] = "<",
	[FILTER_LESS_EQUAL] = "<=",
	[FILTER_GREATER] = ">",
	[FILTER_GREATER_EQUAL] = ">=",
	[FILTER_IN] = "in",
	[FILTER_NOT_IN] = "not in",
	[FILTER_EMPTY] = "is empty",
	[FILTER_NOT_EMPTY] = "is not empty",
	[FILTER_CONTAINS] = "contains",
};

const char *filter_operator_name(enum filter_operator op)
{
	return operator_names[op];
}

static bool next(struct parser *parser, struct err *err)
{
	return filter_token_next(&parser->text, &parser->token, err);
}

/* A word outside of quotes or a symbol. */
static bool sees(const struct parser *parser, const char *text)
{
	return (parser->token.kind == TOKEN_WORD || parser->token.kind == TOKEN_SYMBOL) &&
	       str_is(parser->token.text, text);
}

/* Takes the word or symbol when it is there. */
static bool takes(struct parser *parser, const char *text, bool *taken, struct err *err)
{
	*taken = sees(parser, text);
	return !*taken || next(parser, err);
}

/* What stands here, for messages; at the end of the text an ellipsis. */
static struct str seen(const struct parser *parser)
{
	return parser->token.kind == TOKEN_END ? STR("…") : parser->token.text;
}

static bool parse_or(struct parser *, const struct filter_tree **, struct err *);

/* now + 7d, 2026-11-24 - 2w */
static bool parse_shift(struct parser *parser, struct literal *value, struct err *err)
{
	bool movable = value->kind == LITERAL_NOW || value->kind == LITERAL_TODAY ||
		       value->kind == LITERAL_DATE || value->kind == LITERAL_INSTANT;

	while (movable && (sees(parser, "+") || sees(parser, "-"))) {
		int64_t sign = sees(parser, "+") ? 1 : -1;

		if (!next(parser, err))
			return false;
		if (parser->token.kind != TOKEN_LITERAL ||
		    parser->token.literal.kind != LITERAL_DURATION)
			return fail(err, MSG_FILTER_DURATION, seen(parser), parser->token.position);
		value->shift += sign * parser->token.literal.number;
		if (value->shift > (int64_t)100000 * 86400 ||
		    value->shift < -(int64_t)100000 * 86400)
			return fail(err, MSG_FILTER_DURATION, seen(parser), parser->token.position);
		if (!next(parser, err))
			return false;
	}
	return true;
}

static bool parse_value(struct parser *parser, struct literal *value, struct err *err)
{
	static const struct {
		const char *word;
		enum literal_kind kind;
	} words[] = { { "now", LITERAL_NOW }, { "today", LITERAL_TODAY }, { "me", LITERAL_ME } };
	bool negative;

	if (!takes(parser, "-", &negative, err))
		return false;
	if (parser->token.kind != TOKEN_WORD && parser->token.kind != TOKEN_LITERAL)
		return fail(err, MSG_FILTER_VALUE_EXPECTED, seen(parser), parser->token.position);
	*value = parser->token.literal;
	for (size_t i = 0; i < nitems(words) && value->kind == LITERAL_WORD; i++) {
		if (str_is(value->text, words[i].word))
			value->kind = words[i].kind;
	}
	if (negative && value->kind == LITERAL_NUMBER)
		value->text =
			str_of(arena_printf(parser->text.arena, "-%.*s", STR_ARGS(value->text)));
	else if (negative)
		return fail(err, MSG_FILTER_VALUE_EXPECTED, STR("-"), value->position);
	if (!next(parser, err))
		return false;
	return parse_shift(parser, value, err) && arena_check(parser->text.arena, err);
}

/* One value, or several in brackets. */
static bool parse_values(struct parser *parser, struct filter_tree *tree, struct err *err)
{
	bool open = sees(parser, "[") || sees(parser, "("), more = true;
	const char *close = sees(parser, "(") ? ")" : "]";
	size_t size = open ? FILTER_VALUES_MAX : 1;
	struct literal *values;

	if (open && !next(parser, err))
		return false;
	values = arena_array(parser->text.arena, size, sizeof(*values));
	if (!values)
		return arena_check(parser->text.arena, err);
	while (more) {
		if (tree->count == size)
			return fail(err, MSG_FILTER_TOO_LARGE, FILTER_COMPARISONS_MAX,
				    FILTER_VALUES_MAX, FILTER_DEPTH_MAX);
		if (!parse_value(parser, &values[tree->count++], err))
			return false;
		more = false;
		if (open && !takes(parser, ",", &more, err))
			return false;
	}
	tree->values = values;
	if (open && !sees(parser, close))
		return fail(err, MSG_FILTER_CLOSE_EXPECTED, seen(parser), parser->token.position,
			    close);
	return !open || next(parser, err);
}

static bool parse_is(struct parser *parser, struct filter_tree *tree, struct err *err)
{
	bool negated, empty;

	if (!takes(parser, "not", &negated, err) || !takes(parser, "empty", &empty, err))
		return false;
	if (!empty)
		return fail(err, MSG_FILTER_EMPTY_EXPECTED, seen(parser), parser->token.position);
	tree->op = negated ? FILTER_NOT_EMPTY : FILTER_EMPTY;
	return true;
}

static bool parse_operator(struct parser *parser, struct filter_tree *tree, struct err *err)
{
	tree->op_position = parser->token.position;
	if (sees(parser, "is"))
		return next(parser, err) && parse_is(parser, tree, err);
	if (sees(parser, "not")) {
		if (!next(parser, err))
			return false;
		if (!sees(parser, "in"))
			return fail(err, MSG_FILTER_OPERATOR_EXPECTED, seen(parser),
				    parser->token.position);
		tree->op = FILTER_NOT_IN;
		return next(parser, err) && parse_values(parser, tree, err);
	}
	for (int op = 0; op < FILTER_OPERATORS; op++) {
		if (!sees(parser, operator_names[op]))
			continue;
		tree->op = (enum filter_operator)op;
		if (!next(parser, err))
			return false;
		if (op == FILTER_IN)
			return parse_values(parser, tree, err);

		struct literal *value = arena_take(parser->text.arena, sizeof(*value));

		if (!value)
			return arena_check(parser->text.arena, err);
		tree->values = value;
		tree->count = 1;
		return parse_value(parser, value, err);
	}
	return fail(err, MSG_FILTER_OPERATOR_EXPECTED, seen(parser), parser->token.position);
}

static bool parse_comparison(struct parser *parser, const struct filter_tree **out, struct err *err)
{
	static const char *const words[] = { "and", "or", "in", "is", "contains", "empty" };
	struct filter_tree *tree = arena_take(parser->text.arena, sizeof(*tree));
	bool name = parser->token.kind == TOKEN_WORD;

	if (!tree)
		return arena_check(parser->text.arena, err);
	for (size_t i = 0; i < nitems(words); i++)
		name = name && !sees(parser, words[i]);
	if (!name)
		return fail(err, MSG_FILTER_FIELD_EXPECTED, seen(parser), parser->token.position);
	if (++parser->comparisons > FILTER_COMPARISONS_MAX)
		return fail(err, MSG_FILTER_TOO_LARGE, FILTER_COMPARISONS_MAX, FILTER_VALUES_MAX,
			    FILTER_DEPTH_MAX);
	tree->kind = FILTER_COMPARISON;
	tree->field = parser->token.text;
	tree->position = parser->token.position;
	*out = tree;
	return next(parser, err) && parse_operator(parser, tree, err);
}

static bool parse_bracket(struct parser *parser, const struct filter_tree **out, struct err *err)
{
	if (!next(parser, err) || !parse_or(parser, out, err))
		return false;
	if (!sees(parser, ")"))
		return fail(err, MSG_FILTER_CLOSE_EXPECTED, seen(parser), parser->token.position,
			    ")");
	return next(parser, err);
}

static bool parse_not(struct parser *parser, const struct filter_tree **out, struct err *err)
{
	bool negated;

	if (++parser->depth > FILTER_DEPTH_MAX)
		return fail(err, MSG_FILTER_TOO_LARGE, FILTER_COMPARISONS_MAX, FILTER_VALUES_MAX,
			    FILTER_DEPTH_MAX);
	if (!takes(parser, "not", &negated, err))
		return false;
	if (negated) {
		struct filter_tree *tree = arena_take(parser->text.arena, sizeof(*tree));

		if (!tree)
			return arena_check(parser->text.arena, err);
		tree->kind = FILTER_NOT;
		*out = tree;
		if (!parse_not(parser, &tree->child, err))
			return false;
	} else if (sees(parser, "(") ? !parse_bracket(parser, out, err)
				     : !parse_comparison(parser, out, err)) {
		return false;
	}
	parser->depth--;
	return true;
}

typedef bool parse_fn(struct parser *, const struct filter_tree **, struct err *);

/* One or several parts with the word between them. */
static bool parse_joined(struct parser *parser, const char *word, enum filter_kind kind,
			 parse_fn *part, const struct filter_tree **out, struct err *err)
{
	const struct filter_tree *first = NULL;
	bool more;

	if (!part(parser, &first, err))
		return false;
	if (!sees(parser, word)) {
		*out = first;
		return true;
	}

	struct filter_tree *tree = arena_take(parser->text.arena, sizeof(*tree)), *last = NULL;

	if (!tree)
		return arena_check(parser->text.arena, err);
	tree->kind = kind;
	*out = tree;
	do {
		/* The part is const already: the chain is made of copies. */
		struct filter_tree *copy = arena_take(parser->text.arena, sizeof(*copy));

		if (!copy)
			return arena_check(parser->text.arena, err);
		*copy = *first;
		if (last)
			last->next = copy;
		else
			tree->child = copy;
		last = copy;
		if (!takes(parser, word, &more, err) || (more && !part(parser, &first, err)))
			return false;
	} while (more);
	return true;
}

static bool parse_and(struct parser *parser, const struct filter_tree **out, struct err *err)
{
	return parse_joined(parser, "and", FILTER_AND, parse_not, out, err);
}

static bool parse_or(struct parser *parser, const struct filter_tree **out, struct err *err)
{
	return parse_joined(parser, "or", FILTER_OR, parse_and, out, err);
}

bool filter_parse(struct arena *arena, struct str text, const struct filter_tree **out,
		  struct err *err)
{
	struct parser parser = { .text = { .arena = arena, .rest = text, .position = 1 } };
	const struct filter_tree *tree = NULL;

	if (text.len > FILTER_TEXT_MAX)
		return fail(err, MSG_LIMIT_SIZE, FILTER_TEXT_MAX);
	if (!str_is_utf8(text))
		return fail(err, MSG_NOT_UTF8);
	if (!next(&parser, err))
		return false;
	if (parser.token.kind != TOKEN_END && !parse_or(&parser, &tree, err))
		return false;
	if (parser.token.kind != TOKEN_END)
		return fail(err, MSG_FILTER_JOIN_EXPECTED, seen(&parser), parser.token.position);
	*out = tree;
	return true;
}
