#include "http/head.h"

#include <strings.h>

#include "http/message.h"

enum character { TOKEN = 1, TARGET = 2, VALUE = 4 };

/* RFC 9110, section 5.6.2 (token) and 5.5 (field values); a target is any visible ASCII, checked
 * again when decoded. */
static bool all_are(struct str text, enum character class)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		bool visible = c > 0x20 && c < 0x7f;
		bool fine = class == TOKEN    ? visible && !strchr("\"(),/:;<=>?@[\\]{}", c)
			    : class == TARGET ? visible && c != '#'
					      : c == '\t' || (c >= 0x20 && c != 0x7f);

		if (!fine)
			return false;
	}
	return true;
}

static bool is_name(struct str text, const char *name)
{
	return text.len == strlen(name) && strncasecmp(text.at, name, text.len) == 0;
}

static struct str trim_blanks(struct str s)
{
	while (s.len > 0 && (s.at[0] == ' ' || s.at[0] == '\t'))
		s = str_sub(s, 1, s.len);
	while (s.len > 0 && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
		s.len--;
	return s;
}

bool head_find_end(struct str bytes, size_t *from, size_t *end, struct err *err)
{
	struct str rest = str_sub(bytes, *from, bytes.len);
	size_t line_end;

	*end = 0;
	if (bytes.len > 0 && bytes.at[0] != '\r' && !all_are(str_sub(bytes, 0, 1), TOKEN))
		return fail(err, MSG_HTTP_REQUEST, "request line");
	while (*end == 0 && (line_end = str_find(rest, '\n')) < rest.len) {
		size_t at = *from + line_end;

		if (at == 0 || bytes.at[at - 1] != '\r')
			return fail(err, MSG_HTTP_REQUEST, "line end");
		*from = at + 1;
		rest = str_sub(bytes, *from, bytes.len);
		if (at >= 3 && memcmp(bytes.at + at - 3, "\r\n\r\n", 4) == 0)
			*end = at + 1;
	}
	return true;
}

static bool parse_request_line(struct str line, struct head *head, struct err *err)
{
	size_t first = str_find(line, ' ');
	struct str method = str_sub(line, 0, first), rest = str_sub(line, first + 1, line.len);
	size_t second = str_find(rest, ' ');
	struct str target = str_sub(rest, 0, second), version = str_sub(rest, second + 1, rest.len);

	if (method.len == 0 || target.len == 0 || !all_are(method, TOKEN) ||
	    !all_are(target, TARGET))
		return fail(err, MSG_HTTP_REQUEST, "request line");
	if (!str_is(version, "HTTP/1.1") && !str_is(version, "HTTP/1.0"))
		return str_starts(version, "HTTP/") && all_are(version, TARGET)
			       ? fail(err, MSG_HTTP_VERSION, version)
			       : fail(err, MSG_HTTP_REQUEST, "request line");
	head->version_1_0 = str_is(version, "HTTP/1.0");
	head->target = target;
	return message_method(method, &head->method) ? true : fail(err, MSG_HTTP_METHOD, method);
}

/* No white space before the colon, no continued lines, no control characters (RFC 9112, section 5).
 */
static bool parse_header(struct str line, struct head *head, struct err *err)
{
	size_t colon = str_find(line, ':');
	struct http_header header = {
		.name = str_sub(line, 0, colon),
		.value = trim_blanks(str_sub(line, colon + 1, line.len)),
	};

	if (colon == line.len || header.name.len == 0 || !all_are(header.name, TOKEN) ||
	    !all_are(header.value, VALUE))
		return fail(err, MSG_HTTP_REQUEST, "header line");
	if (head->header_count == HEAD_HEADERS_MAX)
		return fail(err, MSG_HTTP_HEADER_LIMIT, HEAD_BYTES_MAX, HEAD_HEADERS_MAX);
	head->headers[head->header_count++] = header;
	return true;
}

/* The one header of this name, or absent; more than one is a fault of framing. */
static bool only(const struct head *head, const char *name, struct str *value, struct err *err)
{
	*value = STR_NONE;
	for (size_t i = 0; i < head->header_count; i++) {
		if (!is_name(head->headers[i].name, name))
			continue;
		if (value->at)
			return fail(err, MSG_HTTP_REQUEST, name);
		*value = head->headers[i].value;
	}
	return true;
}

/*
 * Where the body ends (RFC 9112, section 6.3). Two lengths, a length beside a transfer coding and
 * any coding but chunked are refused: a proxy before us may read them otherwise (request
 * smuggling).
 */
static bool find_framing(struct head *head, struct err *err)
{
	struct str length, coding;

	if (!only(head, "Content-Length", &length, err) ||
	    !only(head, "Transfer-Encoding", &coding, err))
		return false;
	if (coding.at) {
		if (length.at || head->version_1_0 || !is_name(coding, "chunked"))
			return fail(err, MSG_HTTP_REQUEST, "Transfer-Encoding");
		head->chunked = true;
	}
	if (!length.at)
		return true;
	for (size_t i = 0; i < length.len; i++) {
		if (length.at[i] < '0' || length.at[i] > '9')
			return fail(err, MSG_HTTP_REQUEST, "Content-Length");
	}
	return str_to_int(length, &head->content_length)
		       ? true
		       : fail(err, MSG_HTTP_REQUEST, "Content-Length");
}

static bool has_option(const struct head *head, const char *option)
{
	for (size_t i = 0; i < head->header_count; i++) {
		struct str rest = head->headers[i].value, part;

		if (!is_name(head->headers[i].name, "Connection"))
			continue;
		while (str_split(&rest, ',', &part)) {
			if (is_name(trim_blanks(part), option))
				return true;
		}
	}
	return false;
}

static bool find_meaning(struct head *head, struct err *err)
{
	struct str host, expect;

	if (!only(head, "Host", &host, err) || !only(head, "Expect", &expect, err))
		return false;
	if (!host.at && !head->version_1_0)
		return fail(err, MSG_HTTP_REQUEST, "Host");
	if (expect.at && !is_name(expect, "100-continue"))
		return fail(err, MSG_HTTP_EXPECT, expect);
	head->expects_continue = expect.at && !head->version_1_0;
	head->keep_alive =
		head->version_1_0 ? has_option(head, "keep-alive") : !has_option(head, "close");
	return find_framing(head, err);
}

bool head_parse(struct str bytes, struct head *head, struct err *err)
{
	struct str rest = str_sub(bytes, 0, bytes.len - 2), line; /* without the empty line */
	bool first = true;

	while (str_split(&rest, '\n', &line)) {
		if (!rest.at && line.len == 0)
			break;
		/* A bare line feed ends no line. */
		if (!str_ends(line, "\r"))
			return fail(err, MSG_HTTP_REQUEST, "line end");
		line.len--;
		if (first ? !parse_request_line(line, head, err) : !parse_header(line, head, err))
			return false;
		first = false;
	}
	return find_meaning(head, err);
}
