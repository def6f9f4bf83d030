#include "base/json_reader.h"
#include "base/json_scan.h"

#include "base/encode.h"

/* One more byte at window.at; the caller's position stays. */
static bool more(struct json_reader *r)
{
	return window_more(&r->window, &r->err);
}

static enum json_token too_long(struct json_reader *r)
{
	r->window.at = r->window.token;
	(void)fail(&r->err, MSG_JSON_TEXT, r->window.text);
	return json_stop(r);
}

/* Steps over well-formed UTF-8 (RFC 3629) up to the next ASCII byte. */
static bool step_over_utf8(struct json_reader *r)
{
	struct window *w = &r->window;

	while (w->at < w->end && (signed char)*w->at < 0) {
		unsigned char lead = (unsigned char)*w->at;
		size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

		(void)window_holds(w, size, &r->err);
		if ((size_t)(w->end - w->at) < size)
			size = (size_t)(w->end - w->at);
		if (r->err.message != MSG_NONE || !str_is_utf8((struct str){ w->at, size }))
			return false;
		w->at += size;
	}
	return true;
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

static void put_utf8(struct writer *out, uint32_t c)
{
	char bytes[4];
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = len - 1; i > 0; i--, c >>= 6)
		bytes[i] = (char)(0x80 | (c & 0x3f));
	bytes[0] = (char)(lead[len] | c);
	writer_put(out, (struct str){ bytes, len });
}

/* \uXXXX, or two of them that are one character. RFC 8259, section 7. */
static enum json_token unescape_unit(struct json_reader *r)
{
	struct window *w = &r->window;
	int32_t high, low;

	if (!window_holds(w, 6, &r->err))
		return json_wrong(r, MSG_JSON_CUT);
	high = hex4(w->at + 2);
	if (high < 0)
		return json_wrong_text(r, MSG_JSON_ESCAPE, (struct str){ w->at, 6 });
	if (high < 0xd800 || high > 0xdfff) {
		put_utf8(&r->plain, (uint32_t)high);
		w->at += 6;
		return JSON_STRING;
	}
	if (!window_holds(w, 12, &r->err) && r->err.message != MSG_NONE)
		return json_stop(r);
	low = w->end - w->at >= 12 && w->at[6] == '\\' && w->at[7] == 'u' ? hex4(w->at + 8) : -1;
	if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return json_wrong_text(r, MSG_JSON_SURROGATE, (struct str){ w->at, 6 });
	put_utf8(&r->plain, 0x10000 + (((uint32_t)high & 0x3ff) << 10) + ((uint32_t)low & 0x3ff));
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
	writer_byte(&r->plain, plain[c]);
	w->at += 2;
	return JSON_STRING;
}

static enum json_token string_end(struct json_reader *r, size_t copied, enum json_token token)
{
	struct window *w = &r->window;
	struct str rest = { w->token + copied, (size_t)(w->at - w->token) - copied };

	if ((size_t)(w->at - w->token) - 1 > w->text)
		return too_long(r);
	w->at++;
	r->value = rest;
	if (copied > 1) {
		writer_put(&r->plain, rest);
		r->value = writer_str(&r->plain);
	}
	return token;
}

enum json_token text_string(struct json_reader *r, enum json_token token)
{
	struct window *w = &r->window;
	size_t copied = 1; /* of the token, its quote included: what stands in r->plain already */

	w->at = scan_string(w->at + 1, w->end);
	if (w->at < w->end && *w->at == '"')
		return string_end(r, copied, token);
	writer_clear(&r->plain);
	for (;; w->at = scan_string(w->at, w->end)) {
		if (w->at == w->end) {
			if (!more(r))
				return json_wrong(r, MSG_JSON_CUT);
			continue;
		}
		if (*w->at == '"')
			return string_end(r, copied, token);
		if ((signed char)*w->at < 0) {
			if (!step_over_utf8(r))
				return json_wrong(r, MSG_UTF8_BYTE);
			continue;
		}
		if (*w->at != '\\')
			return json_wrong(r, MSG_JSON_CONTROL);
		writer_put(&r->plain,
			   (struct str){ w->token + copied, (size_t)(w->at - w->token) - copied });
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

/* What people write in numbers, right or wrong: a run of it is one number or none. */
static bool in_number(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '+' || c == '-' || c == '.' || c == '_';
}

enum json_token text_number(struct json_reader *r)
{
	struct window *w = &r->window;
	const char *end = number_end(w->at, w->end);

	if (!end || end == w->end || in_number(*end)) {
		do {
			while (w->at < w->end && in_number(*w->at))
				w->at++;
		} while (w->at == w->end && more(r));
		if (r->err.message != MSG_NONE)
			return json_stop(r);

		struct str run = { w->token, (size_t)(w->at - w->token) };

		w->at = w->token;
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

enum json_token text_word(struct json_reader *r, const char *word, enum json_token token)
{
	struct window *w = &r->window;
	size_t len = strlen(word);

	(void)window_holds(w, len + 1, &r->err);
	if (r->err.message != MSG_NONE)
		return json_stop(r);
	if ((size_t)(w->end - w->at) >= len && memcmp(w->at, word, len) == 0 &&
	    (w->at + len == w->end || !in_number(w->at[len]))) {
		w->at += len;
		return token;
	}

	const char *end = w->at;

	while (end < w->end && end - w->at < 20 && in_number(*end))
		end++;
	return json_wrong_text(r, MSG_JSON_WORD, (struct str){ w->at, (size_t)(end - w->at) });
}
