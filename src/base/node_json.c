#include "base/json_read.h"
#include "base/node_build.h"

/* What a token becomes; tokens without a row end something or are keys. */
static const struct {
	bool value;
	enum node_kind kind;
} kinds[] = {
	[JSON_OBJECT] = { true, NODE_MAP },   [JSON_ARRAY] = { true, NODE_LIST },
	[JSON_STRING] = { true, NODE_TEXT },  [JSON_NUMBER] = { true, NODE_NUMBER },
	[JSON_TRUE] = { true, NODE_BOOLEAN }, [JSON_FALSE] = { true, NODE_BOOLEAN },
	[JSON_NULL] = { true, NODE_NULL },
};

static bool put_token(struct node_builder *b, struct json_reader *reader, enum json_token token,
		      struct err *err)
{
	struct node value = { .kind = kinds[token].kind, .boolean = token == JSON_TRUE };

	if (!node_in_map(b))
		json_place(reader, &b->line, &b->column);
	if (token == JSON_STRING || token == JSON_NUMBER) {
		value.text = arena_copy(b->arena, json_value(reader));
		if (!value.text.at)
			return arena_check(b->arena, err);
	}
	return node_put(b, value, err);
}

bool node_from_json(struct arena *arena, struct str text, const struct node **root, struct err *err)
{
	auto_json_reader reader = json_reader_new(
		text, &(struct json_limits){ .depth = NODE_DEPTH, .text = SIZE_MAX / 2 });
	struct node_builder b = { .arena = arena };

	for (;;) {
		enum json_token token = json_next(reader);
		bool done;

		if (token == JSON_END)
			break;
		if (token == JSON_ERROR) {
			*err = *json_reader_err(reader);
			return false;
		}
		if (token == JSON_KEY) {
			json_place(reader, &b.line, &b.column);
			b.key = arena_copy(arena, json_value(reader));
			done = b.key.at || arena_check(arena, err);
		} else if (kinds[token].value) {
			done = put_token(&b, reader, token, err);
		} else {
			done = node_close(&b, err);
		}
		if (!done)
			return false;
	}
	*root = b.root;
	return true;
}
