#include "model/filter_token.h"

#include "base/clock.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

static void advance(struct filter_text *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		text->position += ((unsigned char)text->rest.at[i] & 0xc0) != 0x80;
	text->rest = str_sub(text->rest, bytes, text->rest.len);
}

static char at(const struct filter_text *text, size_t i)
{
	return i < text->rest.len ? text->rest.at[i] : '\0';
}

static size_t character_length(const struct filter_text *text, size_t from)
{
	size_t len = 1;

	while (from + len < text->rest.len &&
	       ((unsigned char)text->rest.at[from + len] & 0xc0) == 0x80)
		len++;
	return len;
}

/*
 * Bytes of the word's character at `from`, or 0. Letters beyond ASCII count, so that a value may be written as it is spoken:
 * place in 重症医学科. The quotes, brackets and signs of an input method do not: they are meant to be “"”, “(” or “=”.
 */
static size_t word_character(const struct filter_text *text, size_t from)
{
	static const char *const signs[] = { "\xe2\x80", "\xe3\x80", "\xef\xbc", "\xef\xbd" };
	struct str here = str_sub(text->rest, from, text->rest.len);

	if (!here.len || (unsigned char)here.at[0] < 0x80)
		return here.len && is_letter(here.at[0]);
	for (size_t i = 0; i < nitems(signs); i++) {
		if (str_starts(here, signs[i]))
			return 0;
	}
	return character_length(text, from);
}

static size_t word_length(const struct filter_text *text, size_t from)
{
	size_t len = 0;

	for (size_t more; (more = word_character(text, from + len)) > 0;)
		len += more;
	return len;
}

static bool read_quoted(struct filter_text *text, struct token *token, struct err *err)
{
	char *copy = arena_take(text->arena, text->rest.len);
	size_t len = 0, i = 1;

	if (!copy)
		return arena_check(text->arena, err);
	while (at(text, i) != '"') {
		if (at(text, i) == '\\' && (at(text, i + 1) == '"' || at(text, i + 1) == '\\'))
			i++;
		if (i >= text->rest.len)
			return fail(err, MSG_FILTER_QUOTE_OPEN, text->position);
		copy[len++] = at(text, i++);
	}
	token->kind = TOKEN_LITERAL;
	token->literal.kind = LITERAL_TEXT;
	token->text = token->literal.text = (struct str){ copy, len };
	advance(text, i + 1);
	return true;
}

static bool unit_seconds(struct str unit, int64_t *seconds)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {
		{ "s", 1 }, { "min", 60 }, { "h", 3600 }, { "d", 86400 }, { "w", 7 * 86400 },
	};

	for (size_t i = 0; i < nitems(units); i++) {
		if (str_is(unit, units[i].name)) {
			*seconds = units[i].seconds;
			return true;
		}
	}
	return false;
}

/* Length of what follows the shape, digits for '0' and themselves for others; 0 when it does not fit. */
static size_t shaped(const struct filter_text *text, size_t from, const char *shape)
{
	size_t len = strlen(shape);

	for (size_t i = 0; i < len; i++) {
		char c = at(text, from + i);

		if (shape[i] == '0' ? !is_digit(c) : c != shape[i])
			return 0;
	}
	return len;
}

static size_t instant_length(const struct filter_text *text)
{
	size_t len = shaped(text, 0, "0000-00-00T00:00:00");

	if (len == 0)
		return 0;
	if (at(text, len) == '.') {
		len++;
		while (is_digit(at(text, len)))
			len++;
	}
	if (at(text, len) == 'Z')
		return len + 1;

	size_t zone = shaped(text, len, "+00:00");

	return len + (zone ? zone : shaped(text, len, "-00:00"));
}

static bool read_date(struct filter_text *text, struct token *token, struct err *err)
{
	size_t len = instant_length(text);
	bool instant = len > 0, good;

	if (!instant)
		len = 10;
	token->text = str_sub(text->rest, 0, len);
	token->literal.kind = instant ? LITERAL_INSTANT : LITERAL_DATE;
	good = instant ? instant_parse(token->text, &token->literal.number)
		       : date_parse(token->text, &token->literal.number);
	if (!good || word_length(text, len))
		return fail(err, MSG_FILTER_DATE, token->text, token->position);
	return true;
}

static bool read_number(struct filter_text *text, struct token *token, struct err *err)
{
	size_t len = 0;

	while (is_digit(at(text, len)))
		len++;

	size_t whole = len;

	if (at(text, len) == '.' && is_digit(at(text, len + 1))) {
		len++;
		while (is_digit(at(text, len)))
			len++;
	}

	size_t unit = len;

	len += word_length(text, len);
	token->text = str_sub(text->rest, 0, len);
	if (unit == len) {
		token->literal.kind = LITERAL_NUMBER;
		return true;
	}

	int64_t count, seconds;

	if (unit != whole || !str_to_int(str_sub(token->text, 0, unit), &count) ||
	    !unit_seconds(str_sub(token->text, unit, len), &seconds) ||
	    __builtin_mul_overflow(count, seconds, &token->literal.number) ||
	    token->literal.number > (int64_t)100000 * 86400)
		return fail(err, MSG_FILTER_DURATION, token->text, token->position);
	token->literal.kind = LITERAL_DURATION;
	return true;
}

static bool read_figure(struct filter_text *text, struct token *token, struct err *err)
{
	bool done = shaped(text, 0, "0000-00-00") ? read_date(text, token, err)
						  : read_number(text, token, err);

	if (!done)
		return false;
	token->kind = TOKEN_LITERAL;
	token->literal.text = arena_copy(text->arena, token->text);
	advance(text, token->text.len);
	return arena_check(text->arena, err);
}

static bool read_symbol(struct filter_text *text, struct token *token, struct err *err)
{
	static const char *const symbols[] = { "!=", "<=", ">=", "=", "<", ">", "(",
					       ")",  "[",  "]",  ",", "+", "-" };

	for (size_t i = 0; i < nitems(symbols); i++) {
		if (str_starts(text->rest, symbols[i])) {
			token->kind = TOKEN_SYMBOL;
			token->text = str_of(symbols[i]);
			advance(text, token->text.len);
			return true;
		}
	}
	return fail(err, MSG_FILTER_CHARACTER, str_sub(text->rest, 0, character_length(text, 0)),
		    text->position);
}

bool filter_token_next(struct filter_text *text, struct token *token, struct err *err)
{
	while (text->rest.len && strchr(" \t\r\n", text->rest.at[0]) && text->rest.at[0])
		advance(text, 1);
	*token = (struct token){ .kind = TOKEN_END, .position = text->position };
	token->literal.position = text->position;
	if (!text->rest.len)
		return true;
	if (text->rest.at[0] == '"')
		return read_quoted(text, token, err);
	if (is_digit(text->rest.at[0]))
		return read_figure(text, token, err);

	size_t len = word_length(text, 0);

	if (len == 0)
		return read_symbol(text, token, err);
	token->kind = TOKEN_WORD;
	token->text = token->literal.text = arena_copy(text->arena, str_sub(text->rest, 0, len));
	token->literal.kind = LITERAL_WORD;
	advance(text, len);
	return arena_check(text->arena, err);
}
