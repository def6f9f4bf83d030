#include "base/json_write.h"

struct json json_into(struct writer *out)
{
	return (struct json){ .out = out };
}

static void before_value(struct json *json)
{
	if (json->after_key) {
		json->after_key = false;
		return;
	}
	if (json->filled[json->depth])
		writer_byte(json->out, ',');
	json->filled[json->depth] = true;
}

static void begin(struct json *json, char open)
{
	before_value(json);
	writer_byte(json->out, open);
	json->depth++;
	assert(json->depth < JSON_WRITE_DEPTH);
	json->filled[json->depth] = false;
}

static void end(struct json *json, char close)
{
	assert(json->depth > 0);
	json->depth--;
	writer_byte(json->out, close);
}

void json_object(struct json *json)
{
	begin(json, '{');
}

void json_object_end(struct json *json)
{
	end(json, '}');
}

void json_array(struct json *json)
{
	begin(json, '[');
}

void json_array_end(struct json *json)
{
	end(json, ']');
}

static void put_escaped(struct writer *out, struct str s)
{
	static const char *const names[0x20] = {
		['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t",
	};
	size_t plain = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		writer_put(out, str_sub(s, plain, i - plain));
		plain = i + 1;
		if (c == '"')
			writer_text(out, "\\\"");
		else if (c == '\\')
			writer_text(out, "\\\\");
		else if (names[c])
			writer_text(out, names[c]);
		else
			writer_printf(out, "\\u%04x", c);
	}
	writer_put(out, str_sub(s, plain, s.len));
}

/* Byte by byte, what is not well formed becomes U+FFFD. */
static void put_repaired(struct writer *out, struct str s)
{
	while (s.len > 0) {
		size_t good = 0;

		for (size_t len = 1; len <= 4 && len <= s.len && good == 0; len++) {
			if (str_is_utf8(str_sub(s, 0, len)))
				good = len;
		}
		if (good)
			put_escaped(out, str_sub(s, 0, good));
		else
			writer_text(out, "\xef\xbf\xbd");
		s = str_sub(s, good ? good : 1, s.len);
	}
}

static void put_string(struct writer *out, struct str s)
{
	writer_byte(out, '"');
	if (str_is_utf8(s))
		put_escaped(out, s);
	else
		put_repaired(out, s);
	writer_byte(out, '"');
}

void json_key_str(struct json *json, struct str key)
{
	if (json->filled[json->depth])
		writer_byte(json->out, ',');
	json->filled[json->depth] = true;
	put_string(json->out, key);
	writer_byte(json->out, ':');
	json->after_key = true;
}

void json_key(struct json *json, const char *key)
{
	json_key_str(json, str_of(key));
}

void json_str(struct json *json, struct str s)
{
	if (!s.at) {
		json_null(json);
		return;
	}
	before_value(json);
	put_string(json->out, s);
}

void json_text(struct json *json, const char *text)
{
	json_str(json, str_of(text));
}

void json_int(struct json *json, int64_t value)
{
	before_value(json);
	writer_int(json->out, value);
}

void json_bool(struct json *json, bool value)
{
	json_raw(json, value ? STR("true") : STR("false"));
}

void json_null(struct json *json)
{
	json_raw(json, STR("null"));
}

void json_raw(struct json *json, struct str value)
{
	before_value(json);
	writer_put(json->out, value);
}

void json_put_str(struct json *json, const char *key, struct str value)
{
	json_key(json, key);
	json_str(json, value);
}

void json_put_text(struct json *json, const char *key, const char *value)
{
	json_key(json, key);
	json_text(json, value);
}

void json_put_int(struct json *json, const char *key, int64_t value)
{
	json_key(json, key);
	json_int(json, value);
}

void json_put_bool(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	json_bool(json, value);
}
