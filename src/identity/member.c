#include "identity/internal.h"

static size_t characters(struct str text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
	return count;
}

static bool has_control(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
			return true;
	}
	return false;
}

bool members_known(const struct node *fields, const char *const *names, size_t count,
		   struct err *err)
{
	for (const struct node *field = fields->child; field; field = field->next) {
		bool known = false;

		for (size_t i = 0; i < count; i++)
			known |= str_is(field->key, names[i]);
		if (!known)
			return fail(err, MSG_MEMBER_UNKNOWN, field->key);
	}
	return true;
}

static const struct node *given(const struct node *fields, const char *name)
{
	const struct node *field = node_member(fields, name);

	return field && field->kind != NODE_NULL ? field : NULL;
}

bool member_text(const struct node *fields, const char *name, bool required, size_t max,
		 struct str *text, struct err *err)
{
	const struct node *field = given(fields, name);

	if (!field && !required) {
		*text = STR_NONE;
		return true;
	}
	if (!field)
		return fail(err, MSG_MEMBER_REQUIRED, name);

	struct str value = str_trim(field->text);

	if (field->kind != NODE_TEXT || value.len == 0 || characters(value) > max ||
	    has_control(value) || !str_is_utf8(value))
		return fail(err, MSG_MEMBER_NOT_TEXT, name, max);
	*text = value;
	return true;
}

bool member_uuid(const struct node *fields, const char *name, struct uuid *id, bool *found,
		 struct err *err)
{
	const struct node *field = given(fields, name);

	if (field && (field->kind != NODE_TEXT || !uuid_parse(field->text, id)))
		return fail(err, MSG_MEMBER_NOT_ID, name);
	*found = field != NULL;
	return true;
}

bool member_instant(const struct node *fields, const char *name, int64_t *instant, struct err *err)
{
	const struct node *field = given(fields, name);

	if (field && (field->kind != NODE_TEXT || !instant_parse(field->text, instant)))
		return fail(err, MSG_MEMBER_NOT_INSTANT, name);
	return true;
}

void json_put_uuid(struct json *json, const char *key, struct str bytes)
{
	struct uuid id = uuid_of(bytes);
	char text[UUID_TEXT_SIZE];

	json_put_text(json, key, bytes.at ? uuid_text(&id, text) : NULL);
}

void json_put_instant(struct json *json, const char *key, int64_t instant)
{
	char text[INSTANT_TEXT_SIZE];

	json_put_text(json, key, instant ? instant_text(instant, text) : NULL);
}
