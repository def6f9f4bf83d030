#include "http/message.h"

#include <strings.h>

#include "base/encode.h"

static const char *const method_names[HTTP_METHODS] = {
	[HTTP_GET] = "GET",         [HTTP_HEAD] = "HEAD",   [HTTP_POST] = "POST",
	[HTTP_PUT] = "PUT",         [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
	[HTTP_OPTIONS] = "OPTIONS",
};

const char *http_method_name(enum http_method method)
{
	assert((unsigned)method < HTTP_METHODS);
	return method_names[method];
}

bool message_method(struct str name, enum http_method *method)
{
	for (size_t i = 0; i < nitems(method_names); i++) {
		if (str_is(name, method_names[i])) {
			*method = (enum http_method)i;
			return true;
		}
	}
	return false;
}

/* The decoded text, or absent: a malformed encoding, NUL, invalid UTF-8, or no room in the arena.
 */
static struct str percent_decode(struct arena *arena, struct str raw, bool plus_is_space)
{
	char *text = arena_take(arena, raw.len + 1);
	size_t len = 0;

	if (!text)
		return STR_NONE;
	for (size_t i = 0; i < raw.len; i++) {
		char c = raw.at[i];

		if (c == '%') {
			int high = raw.len - i > 2 ? hex_value(raw.at[i + 1]) : -1;
			int low = raw.len - i > 2 ? hex_value(raw.at[i + 2]) : -1;

			if (high < 0 || low < 0)
				return STR_NONE;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		if (c == '\0')
			return STR_NONE;
		text[len++] = c;
	}

	struct str decoded = { text, len };

	return str_is_utf8(decoded) ? decoded : STR_NONE;
}

static bool has_dot_segment(struct str path)
{
	struct str segment;

	while (str_split(&path, '/', &segment)) {
		if (str_is(segment, ".") || str_is(segment, ".."))
			return true;
	}
	return false;
}

bool message_target(struct arena *arena, struct str target, struct str *path, struct str *query,
		    struct err *err)
{
	size_t question = str_find(target, '?');

	if (!str_starts(target, "/"))
		return fail(err, MSG_HTTP_TARGET, target);

	struct str decoded = percent_decode(arena, str_sub(target, 0, question), false);

	/* Checked decoded, so that "%2e%2e" and "..%2f" are seen for what they are. */
	if (!decoded.at || has_dot_segment(decoded))
		return fail(err, MSG_HTTP_TARGET, target);
	*path = decoded;
	*query = str_sub(target, question + 1, target.len);
	return true;
}

struct str http_header_value(const struct http_request *request, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < request->header_count; i++) {
		const struct http_header *header = &request->headers[i];

		if (header->name.len == len && strncasecmp(header->name.at, name, len) == 0)
			return header->value;
	}
	return STR_NONE;
}

bool http_query_value(const struct http_request *request, const char *name, struct str *value,
		      struct err *err)
{
	struct str rest = request->query, pair, found = STR_NONE;

	while (str_split(&rest, '&', &pair)) {
		size_t equals = str_find(pair, '=');
		struct str key = percent_decode(request->arena, str_sub(pair, 0, equals), true);

		if (!key.at)
			return fail(err, MSG_HTTP_QUERY, name);
		if (!str_is(key, name))
			continue;
		if (found.at)
			return fail(err, MSG_HTTP_QUERY, name);
		found = percent_decode(request->arena, str_sub(pair, equals + 1, pair.len), true);
		if (!found.at)
			return fail(err, MSG_HTTP_QUERY, name);
	}
	*value = found;
	return true;
}

void http_response_header(struct http_response *response, const char *name, struct str value)
{
	if (response->header_count == nitems(response->headers))
		abort();
	response->headers[response->header_count++] =
		(struct http_header){ .name = str_of(name), .value = value };
}

/* A weight (RFC 9110, section 12.4.2) in thousandths; what cannot be read counts as 0. */
static int weight(struct str parameters)
{
	struct str part;
	int thousandths = 1000;

	while (str_split(&parameters, ';', &part)) {
		part = str_trim(part);
		if (!str_starts(part, "q=") && !str_starts(part, "Q="))
			continue;
		thousandths = 0;
		for (size_t i = 2, unit = 1000; i < part.len && unit > 0; i++) {
			if (part.at[i] == '.' && i == 3)
				continue;
			if (part.at[i] < '0' || part.at[i] > '9')
				return 0;
			thousandths += (int)unit * (part.at[i] - '0');
			unit /= 10;
		}
	}
	return thousandths;
}

enum language http_language(const struct http_request *request)
{
	static const struct {
		const char *range;
		enum language language;
	} ranges[] = { { "zh", LANGUAGE_ZH }, { "en", LANGUAGE_EN } };
	struct str rest = http_header_value(request, "Accept-Language"), item;
	enum language best = LANGUAGE_ZH;
	int best_weight = 0;

	while (str_split(&rest, ',', &item)) {
		size_t semicolon = str_find(item, ';');
		struct str range = str_trim(str_sub(item, 0, semicolon));
		int item_weight = weight(str_sub(item, semicolon + 1, item.len));

		for (size_t i = 0; i < nitems(ranges); i++) {
			if (range.len >= 2 && strncasecmp(range.at, ranges[i].range, 2) == 0 &&
			    (range.len == 2 || range.at[2] == '-') && item_weight > best_weight) {
				best = ranges[i].language;
				best_weight = item_weight;
			}
		}
	}
	return best;
}
