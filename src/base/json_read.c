#include "base/json_read.h"

#include "base/json_reader.h"
#include "base/json_scan.h"
#include "base/memory.h"

enum { DEFAULT_DEPTH = 256, DEFAULT_TEXT = 16 * 1024 * 1024, DEFAULT_WINDOW = 64 * 1024 };

static const struct json_limits no_limits;

static struct json_reader *reader_new(const struct json_limits *limits)
{
	struct json_reader *r = memory_zero(1, sizeof(*r));

	r->window.limit = limits->bytes;
	r->window.text = limits->text ? limits->text : DEFAULT_TEXT;
	r->limit_depth = limits->depth ? limits->depth : DEFAULT_DEPTH;
	r->lines = limits->lines;
	r->count_duplicates = limits->duplicates;
	r->levels = memory_zero((size_t)r->limit_depth + 1, sizeof(*r->levels));
	r->step = STEP_BEGIN;
	return r;
}

struct json_reader *json_reader_new(struct str text, const struct json_limits *limits)
{
	struct json_reader *r = reader_new(limits ? limits : &no_limits);

	window_over_text(&r->window, text);
	if (r->window.limit > 0 && text.len > (uint64_t)r->window.limit) {
		(void)fail(&r->err, MSG_LIMIT_SIZE, r->window.limit);
		(void)json_stop(r);
	}
	return r;
}

struct json_reader *json_reader_stream(json_fill_fn *fill, void *context,
				       const struct json_limits *limits)
{
	struct json_reader *r = reader_new(limits ? limits : &no_limits);

	window_over_stream(&r->window, fill, context,
			   limits && limits->window ? limits->window : DEFAULT_WINDOW);
	return r;
}

void json_reader_free(struct json_reader *r)
{
	if (!r)
		return;
	free(r->plain.at);
	free(r->window.own);
	free(r->levels);
	json_keys_release(&r->keys);
	free(r);
}

enum json_token json_stop(struct json_reader *r)
{
	struct window *w = &r->window;
	int64_t line, column;

	window_place(w, r->err.message == MSG_JSON_TEXT && w->token ? w->token : w->at, &line,
		     &column);
	if (r->err.place.line == 0)
		(void)err_at_line(&r->err, line, column);
	r->step = STEP_ERROR;
	return JSON_ERROR;
}

/* As it can be shown: up to the first byte that cannot, which alone is shown as its number. */
static struct str showable(struct str found, char number[8])
{
	enum { LONGEST = 40 };
	size_t len = 0;

	while (len < found.len && len < LONGEST && found.at[len] > ' ' && found.at[len] < 0x7f)
		len++;
	if (len > 0 || found.len == 0)
		return str_sub(found, 0, len);
	for (len = 2; len <= 4; len++) {
		if ((signed char)found.at[0] < 0 && len <= found.len &&
		    str_is_utf8(str_sub(found, 0, len)))
			return str_sub(found, 0, len);
	}
	(void)snprintf(number, 8, "0x%02x", (unsigned char)found.at[0]);
	return str_of(number);
}

enum json_token json_wrong_text(struct json_reader *r, enum message message, struct str found)
{
	char number[8];
	struct err_arg arg = err_arg_str(showable(found, number));

	if (r->err.message == MSG_NONE)
		(void)err_set(&r->err, message, message_argument(message, 0) ? 1 : 0, &arg);
	return json_stop(r);
}

enum json_token json_wrong(struct json_reader *r, enum message message)
{
	struct window *w = &r->window;

	/* Up to one whole character, to be shown. */
	if (r->err.message == MSG_NONE)
		(void)window_holds(w, 4, &r->err);
	if (w->at == w->end)
		return json_wrong_text(r, MSG_JSON_CUT, STR(""));

	size_t size = (signed char)*w->at < 0 ? (size_t)(w->end - w->at) : 1;

	return json_wrong_text(r, message, (struct str){ w->at, size });
}

/* To the next byte that is no white space; false at the end of the text or on an error. */
static inline bool next_byte(struct json_reader *r)
{
	struct window *w = &r->window;

	if (w->at != w->end && *w->at > ' ')
		return true;
	while ((w->at = scan_space(w->at, w->end)) == w->end) {
		if (!window_more(w, &r->err))
			return false;
	}
	return true;
}

static enum json_token open_level(struct json_reader *r, char kind)
{
	if (r->depth == r->limit_depth) {
		(void)fail(&r->err, MSG_JSON_DEPTH, r->limit_depth);
		return json_stop(r);
	}
	r->levels[++r->depth] = (struct level){ kind, r->keys.count };
	r->window.at++;
	r->step = kind == '{' ? STEP_FIRST_KEY : STEP_FIRST_ELEMENT;
	return kind == '{' ? JSON_OBJECT : JSON_ARRAY;
}

/* What may follow a value at this depth. */
static enum json_step step_behind(const struct json_reader *r)
{
	if (r->depth == 0)
		return STEP_DONE;
	return r->levels[r->depth].kind == '{' ? STEP_IN_OBJECT : STEP_IN_ARRAY;
}

static enum json_token close_level(struct json_reader *r)
{
	struct level level = r->levels[r->depth--];

	r->window.token = r->window.at++;
	r->step = step_behind(r);
	if (level.kind == '[')
		return JSON_ARRAY_END;
	if (r->count_duplicates)
		r->duplicates += json_keys_drop(&r->keys, level.first_key);
	return JSON_OBJECT_END;
}

/* A string of plain ASCII is borrowed as it stands: nearly all are. */
static inline enum json_token read_string(struct json_reader *r, enum json_token token)
{
	struct window *w = &r->window;
	const char *from = w->at + 1;

	w->token = w->at;
	w->at = scan_string(from, w->end);
	if (w->at == w->end || *w->at != '"' || (size_t)(w->at - from) > w->text)
		return text_string(r, token);
	r->value = (struct str){ from, (size_t)(w->at++ - from) };
	return token;
}

static inline enum json_token read_value(struct json_reader *r)
{
	enum json_step behind = step_behind(r);
	enum json_token token;
	char c = *r->window.at;

	r->window.token = r->window.at;
	switch (c) {
	case '"':
		token = read_string(r, JSON_STRING);
		break;
	case '{':
	case '[':
		return open_level(r, c);
	case 't':
		token = text_word(r, STR("true"), JSON_TRUE);
		break;
	case 'f':
		token = text_word(r, STR("false"), JSON_FALSE);
		break;
	case 'n':
		token = text_word(r, STR("null"), JSON_NULL);
		break;
	default:
		if (c == '-' || (c >= '0' && c <= '9'))
			token = text_number(r);
		else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
			token = text_word(r, STR_NONE, JSON_NULL);
		else
			token = json_wrong(r, MSG_JSON_VALUE);
	}
	if (token != JSON_ERROR)
		r->step = behind;
	return token;
}

static enum json_token read_key(struct json_reader *r)
{
	r->window.token = r->window.at;
	if (*r->window.at != '"')
		return json_wrong(r, MSG_JSON_KEY);
	if (read_string(r, JSON_KEY) == JSON_ERROR)
		return JSON_ERROR;
	if (r->count_duplicates && !json_keys_add(&r->keys, r->value)) {
		(void)fail(&r->err, MSG_JSON_KEYS, JSON_KEYS_MAX);
		return json_stop(r);
	}
	r->step = STEP_COLON;
	return JSON_KEY;
}

/* Behind a comma: a closing bracket has its own message, since that is the most common slip. */
static inline bool behind_comma(struct json_reader *r)
{
	r->window.at++;
	if (!next_byte(r)) {
		(void)json_wrong(r, MSG_JSON_CUT);
		return false;
	}
	if (*r->window.at != '}' && *r->window.at != ']')
		return true;
	(void)json_wrong(r, MSG_JSON_COMMA_BEFORE_END);
	return false;
}

static enum json_token read_done(struct json_reader *r)
{
	struct window *w = &r->window;

	if (r->lines) {
		/* A line end, and nothing else, stands between two values. */
		for (;; w->at++) {
			if (w->at == w->end && !window_more(w, &r->err))
				break;
			if (*w->at == '\n')
				break;
			if (!scan_is_space(*w->at))
				return json_wrong(r, MSG_JSON_LINE);
		}
	} else if (next_byte(r)) {
		return json_wrong(r, MSG_JSON_BEHIND);
	}
	if (r->err.message != MSG_NONE)
		return json_stop(r);
	if (r->lines)
		r->step = STEP_BEGIN;
	return JSON_END;
}

static enum json_token read_begin(struct json_reader *r)
{
	struct window *w = &r->window;

	if (w->offset + (w->at - w->start) == 0 && window_holds(w, 3, &r->err) &&
	    memcmp(w->at, "\xef\xbb\xbf", 3) == 0) {
		(void)fail(&r->err, MSG_BYTE_ORDER_MARK);
		return json_stop(r);
	}
	if (next_byte(r))
		return read_value(r);
	if (r->err.message != MSG_NONE)
		return json_stop(r);
	return r->lines ? JSON_END : json_wrong_text(r, MSG_JSON_EMPTY, STR(""));
}

static enum json_token read_token(struct json_reader *r)
{
	struct window *w = &r->window;

	w->token = NULL;
	if (r->step == STEP_BEGIN)
		return read_begin(r);
	if (r->step == STEP_DONE)
		return read_done(r);
	if (r->step == STEP_ERROR)
		return JSON_ERROR;
	if (!next_byte(r))
		return json_wrong(r, MSG_JSON_CUT);
	switch (r->step) {
	case STEP_COLON:
		if (*w->at != ':')
			return json_wrong(r, MSG_JSON_COLON);
		w->at++;
		return next_byte(r) ? read_value(r) : json_wrong(r, MSG_JSON_CUT);
	case STEP_FIRST_KEY:
		return *w->at == '}' ? close_level(r) : read_key(r);
	case STEP_FIRST_ELEMENT:
		return *w->at == ']' ? close_level(r) : read_value(r);
	case STEP_IN_OBJECT:
		if (*w->at == ',')
			return behind_comma(r) ? read_key(r) : JSON_ERROR;
		return *w->at == '}' ? close_level(r) : json_wrong(r, MSG_JSON_NEXT_KEY);
	case STEP_IN_ARRAY:
		if (*w->at == ',')
			return behind_comma(r) ? read_value(r) : JSON_ERROR;
		return *w->at == ']' ? close_level(r) : json_wrong(r, MSG_JSON_NEXT_ELEMENT);
	case STEP_BEGIN:
	case STEP_DONE:
	case STEP_ERROR:
		break;
	}
	return JSON_ERROR;
}

enum json_token json_next(struct json_reader *r)
{
	r->last = read_token(r);
	return r->last;
}

struct str json_value(const struct json_reader *r)
{
	return r->value;
}

bool json_skip(struct json_reader *r)
{
	int depth = r->depth;

	if (r->last == JSON_KEY)
		json_next(r);
	else if (r->last == JSON_OBJECT || r->last == JSON_ARRAY)
		depth--;
	while (r->last != JSON_ERROR && r->depth > depth)
		json_next(r);
	return r->last != JSON_ERROR;
}

bool json_capture(struct json_reader *r, struct str *raw)
{
	struct window *w = &r->window;

	if (r->last == JSON_KEY && json_next(r) == JSON_ERROR)
		return false;
	w->pin = w->token;

	bool done = json_skip(r);
	struct str captured = { w->pin, (size_t)(w->at - w->pin) };

	w->pin = NULL;
	if (done && captured.len > w->text) {
		(void)fail(&r->err, MSG_JSON_TEXT, w->text);
		r->last = json_stop(r);
		done = false;
	}
	if (done)
		*raw = captured;
	return done;
}

int json_depth(const struct json_reader *r)
{
	return r->depth;
}

int64_t json_duplicates(const struct json_reader *r)
{
	return r->duplicates;
}

int64_t json_offset(const struct json_reader *r)
{
	return r->window.offset + (r->window.at - r->window.start);
}

void json_place(struct json_reader *r, int64_t *line, int64_t *column)
{
	struct window *w = &r->window;

	window_place(w, w->token ? w->token : w->at, line, column);
}

const struct err *json_reader_err(const struct json_reader *r)
{
	return &r->err;
}
