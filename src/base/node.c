#include "base/node.h"

#include "base/memory.h"
#include "base/node_build.h"

bool node_in_map(const struct node_builder *b)
{
	return b->depth > 0 && b->open[b->depth - 1].node->kind == NODE_MAP;
}

bool node_put(struct node_builder *b, struct node value, struct err *err)
{
	struct node *node = arena_take(b->arena, sizeof(*node));

	if (!node)
		return arena_check(b->arena, err);
	*node = value;
	node->key = b->key;
	node->line = b->line;
	node->column = b->column;
	b->key = STR_NONE;
	if (b->depth == 0) {
		b->root = node;
	} else {
		struct node *parent = b->open[b->depth - 1].node,
			    *last = b->open[b->depth - 1].last;

		if (last)
			last->next = node;
		else
			parent->child = node;
		parent->count++;
		b->open[b->depth - 1].last = node;
	}
	if (node->kind == NODE_LIST || node->kind == NODE_MAP) {
		assert(b->depth < NODE_DEPTH);
		b->open[b->depth].node = node;
		b->open[b->depth++].last = NULL;
	}
	return true;
}

struct member {
	const struct node *node;
};

static bool stands_before(const struct node *a, const struct node *b)
{
	return a->line < b->line || (a->line == b->line && a->column < b->column);
}

static int by_key_then_place(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = str_compare(x->node->key, y->node->key);

	if (order != 0)
		return order;
	return stands_before(x->node, y->node) ? -1 : stands_before(y->node, x->node);
}

/* Sorted, so that a map of very many keys costs no more than it should. */
static bool keys_differ(const struct node *map, struct err *err)
{
	auto_memory struct member *sorted = memory_zero(map->count, sizeof(*sorted));
	const struct node *twice = NULL, *first = NULL;
	size_t n = 0;

	for (const struct node *child = map->child; child; child = child->next)
		sorted[n++].node = child;
	qsort(sorted, n, sizeof(*sorted), by_key_then_place);
	for (size_t i = 1; i < n; i++) {
		const struct node *a = sorted[i - 1].node, *b = sorted[i].node;

		if (str_equal(a->key, b->key) && (!twice || stands_before(b, twice))) {
			first = a;
			twice = b;
		}
	}
	if (!twice)
		return true;
	(void)fail(err, MSG_KEY_TWICE, twice->key, first->line);
	return err_at_line(err, twice->line, twice->column);
}

bool node_close(struct node_builder *b, struct err *err)
{
	const struct node *node = b->open[--b->depth].node;

	return node->kind != NODE_MAP || node->count < 2 || keys_differ(node, err);
}

const struct node *node_member(const struct node *map, const char *key)
{
	if (!map || map->kind != NODE_MAP)
		return NULL;
	for (const struct node *child = map->child; child; child = child->next) {
		if (str_is(child->key, key))
			return child;
	}
	return NULL;
}

struct str node_member_text(const struct node *map, const char *key)
{
	const struct node *member = node_member(map, key);

	return member && member->kind == NODE_TEXT ? member->text : STR_NONE;
}

bool node_int(const struct node *node, int64_t *value)
{
	return node && node->kind == NODE_NUMBER && str_to_int(node->text, value);
}

void node_write_json(const struct node *node, struct json *json)
{
	switch (node->kind) {
	case NODE_NULL:
		json_null(json);
		return;
	case NODE_BOOLEAN:
		json_bool(json, node->boolean);
		return;
	case NODE_NUMBER:
		json_raw(json, node->text);
		return;
	case NODE_TEXT:
		json_str(json, node->text);
		return;
	case NODE_LIST:
		json_array(json);
		for (const struct node *child = node->child; child; child = child->next)
			node_write_json(child, json);
		json_array_end(json);
		return;
	case NODE_MAP:
		json_object(json);
		for (const struct node *child = node->child; child; child = child->next) {
			json_key_str(json, child->key);
			node_write_json(child, json);
		}
		json_object_end(json);
		return;
	}
}
