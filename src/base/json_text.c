#include "base/json_reader.h"
#include "base/json_scan.h"

#include "base/encode.h"
#include "base/memory.h"

/* One more byte at window.at; the caller's position stays. */
static inline bool more(struct json_reader *r)
{
	return window_more(&r->window, &r->err);
}

static enum json_token too_long(struct json_reader *r)
{
	r->window.at = r->window.token;
	(void)fail(&r->err, MSG_JSON_TEXT, r->window.text);
	return json_stop(r);
}

/* Bytes outside ASCII follow one another from here on: they must be UTF-8 (RFC 3629). */
static enum json_token step_over_utf8(struct json_reader *r)
{
	struct window *w = &r->window;
	size_t from = (size_t)(w->at - w->token);

	do {
		w->at = scan_not_ascii(w->at, w->end);
	} while (w->at == w->end && more(r));
	if (r->err.message != MSG_NONE)
		return json_stop(r);

	struct str run = { w->token + from, (size_t)(w->at - w->token) - from };

	if (str_is_utf8(run))
		return JSON_STRING;
	/* From one good character to the next, up to the byte that is wrong. */
	for (size_t len = 2; len <= 4;) {
		bool good = str_is_utf8(str_sub(run, 0, len)) && len <= run.len;

		run = good ? str_sub(run, len, run.len) : run;
		len = good ? 2 : len + 1;
	}
	w->at = run.at;
	return json_wrong_text(r, MSG_UTF8_BYTE, str_sub(run, 0, 1));
}

/* Four hexadecimal digits, or -1. */
static int32_t hex4(const char *at)
{
	int32_t unit = 0;

	for (int i = 0; i < 4; i++) {
		int digit = hex_value(at[i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

/* Room for `len` more bytes of the unescaped string. */
static inline char *plain_room(struct json_reader *r, size_t len)
{
	if (r->plain.size - r->plain.len < len) {
		r->plain.size = r->plain.size * 2 + len + 256;
		r->plain.at = memory_resize(r->plain.at, r->plain.size, 1);
	}
	r->plain.len += len;
	return r->plain.at + r->plain.len - len;
}

static void put_utf8(struct json_reader *r, uint32_t c)
{
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	char *to = plain_room(r, len);

	for (size_t i = len - 1; i > 0; i--, c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)(lead[len] | c);
}

/* What stands in the token between `copied` and window.at. */
static void put_copied(struct json_reader *r, size_t copied)
{
	size_t len = (size_t)(r->window.at - r->window.token) - copied;

	if (len > 0)
		memcpy(plain_room(r, len), r->window.token + copied, len);
}

/* \uXXXX, or two of them that are one character. RFC 8259, section 7. */
static enum json_token unescape_unit(struct json_reader *r)
{
	struct window *w = &r->window;
	bool whole = window_holds(w, 6, &r->err);
	struct str escape = str_sub((struct str){ w->at, (size_t)(w->end - w->at) }, 0, 6);
	int32_t high, low;

	for (size_t i = 2; i < escape.len; i++) {
		if (hex_value(escape.at[i]) < 0)
			return json_wrong_text(r, MSG_JSON_ESCAPE, str_sub(escape, 0, i));
	}
	if (!whole)
		return json_wrong(r, MSG_JSON_CUT);
	high = hex4(w->at + 2);
	if (high < 0xd800 || high > 0xdfff) {
		put_utf8(r, (uint32_t)high);
		w->at += 6;
		return JSON_STRING;
	}
	if (!window_holds(w, 12, &r->err) && r->err.message != MSG_NONE)
		return json_stop(r);
	escape.at = w->at;
	low = w->end - w->at >= 12 && w->at[6] == '\\' && w->at[7] == 'u' ? hex4(w->at + 8) : -1;
	if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return json_wrong_text(r, MSG_JSON_SURROGATE, escape);
	put_utf8(r, 0x10000 + (((uint32_t)high & 0x3ff) << 10) + ((uint32_t)low & 0x3ff));
	w->at += 12;
	return JSON_STRING;
}

static enum json_token unescape(struct json_reader *r)
{
	static const char plain[] = { ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
				      ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t' };
	struct window *w = &r->window;

	if (!window_holds(w, 2, &r->err))
		return json_wrong(r, MSG_JSON_CUT);

	unsigned char c = (unsigned char)w->at[1];

	if (c == 'u')
		return unescape_unit(r);
	if (c >= sizeof(plain) || plain[c] == '\0')
		return json_wrong_text(r, MSG_JSON_ESCAPE, (struct str){ w->at, c < 0x80 ? 2 : 1 });
	*plain_room(r, 1) = plain[c];
	w->at += 2;
	return JSON_STRING;
}

static enum json_token string_end(struct json_reader *r, size_t copied, enum json_token token)
{
	struct window *w = &r->window;

	r->value = (struct str){ w->token + copied, (size_t)(w->at - w->token) - copied };
	if (copied > 1) {
		put_copied(r, copied);
		r->value = (struct str){ r->plain.at, r->plain.len };
	}
	w->at++;
	return token;
}

enum json_token text_string(struct json_reader *r, enum json_token token)
{
	struct window *w = &r->window;
	size_t copied = 1; /* of the token, its quote included: what stands in r->plain already */

	r->plain.len = 0;
	for (;; w->at = scan_string(w->at, w->end)) {
		if ((size_t)(w->at - w->token) - 1 > w->text)
			return too_long(r);
		if (w->at == w->end) {
			if (!more(r))
				return json_wrong(r, MSG_JSON_CUT);
			continue;
		}
		if (*w->at == '"')
			return string_end(r, copied, token);
		if ((signed char)*w->at < 0) {
			if (step_over_utf8(r) == JSON_ERROR)
				return JSON_ERROR;
			continue;
		}
		if (*w->at != '\\')
			return json_wrong(r, MSG_JSON_CONTROL);
		put_copied(r, copied);
		if (unescape(r) == JSON_ERROR)
			return JSON_ERROR;
		copied = (size_t)(w->at - w->token);
	}
}

static const char *digits(const char *at, const char *end)
{
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

/* Behind the longest number at `at` (RFC 8259, section 6), or NULL when there is none. */
static const char *number_end(const char *at, const char *end)
{
	const char *from;

	at += at < end && *at == '-';
	from = at;
	at = at < end && *at == '0' ? at + 1 : digits(at, end);
	if (at == from)
		return NULL;
	if (at < end && *at == '.') {
		from = at + 1;
		at = digits(from, end);
		if (at == from)
			return NULL;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		at += at < end && (*at == '+' || *at == '-');
		from = at;
		at = digits(from, end);
		if (at == from)
			return NULL;
	}
	return at;
}

/* Numbers and words end where none of these stands; what people write for them, right or wrong, is
 * a run of these. */
static bool in_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '+' || c == '-' || c == '.' || c == '_';
}

/* The run that begins with the token, at most `most` bytes of it; window.at stays there. False with
 * the error set. */
static bool read_run(struct json_reader *r, size_t most, struct str *run)
{
	struct window *w = &r->window;
	size_t len = 0;

	while (len < most) {
		if (!window_holds(w, len + 1, &r->err)) {
			if (r->err.message == MSG_NONE)
				break;
			(void)json_stop(r);
			return false;
		}
		if (!in_word(w->at[len]))
			break;
		len++;
	}
	*run = (struct str){ w->at, len };
	return true;
}

enum json_token text_number(struct json_reader *r)
{
	struct window *w = &r->window;
	const char *end = number_end(w->at, w->end);

	if (!end || end == w->end || in_word(*end)) {
		struct str run;

		if (!read_run(r, w->text + 1, &run))
			return JSON_ERROR;
		if (run.len > w->text)
			return too_long(r);
		end = number_end(run.at, run.at + run.len);
		if (end != run.at + run.len)
			return json_wrong_text(r, MSG_JSON_NUMBER, run);
	}
	r->value = (struct str){ w->token, (size_t)(end - w->token) };
	if (r->value.len > w->text)
		return too_long(r);
	w->at = end;
	return JSON_NUMBER;
}

enum json_token text_word(struct json_reader *r, struct str word, enum json_token token)
{
	enum { LONGEST = 20 }; /* to be shown */
	struct window *w = &r->window;
	struct str run;

	if ((size_t)(w->end - w->at) > word.len && word.len > 0 &&
	    memcmp(w->at, word.at, word.len) == 0 && !in_word(w->at[word.len])) {
		w->at += word.len;
		return token;
	}
	if (!read_run(r, LONGEST, &run))
		return JSON_ERROR;
	if (!str_equal(run, word))
		return json_wrong_text(r, MSG_JSON_WORD, run);
	w->at += run.len;
	return token;
}
