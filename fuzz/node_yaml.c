/* The YAML reader over hostile bytes: a tree that it makes can be written as JSON and read again; a
 * refusal has its place. */
#include "base/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static bool same(const struct node *a, const struct node *b)
{
	if (a->kind != b->kind || a->boolean != b->boolean || a->count != b->count ||
	    !str_equal(a->text, b->text) || !str_equal(a->key, b->key))
		return false;
	a = a->child;
	b = b->child;
	for (; a && b; a = a->next, b = b->next) {
		if (!same(a, b))
			return false;
	}
	return a == b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena arena = arena_new(1 << 20);
	auto_arena second = arena_new(4 << 20);
	const struct node *root = NULL, *again = NULL;
	struct err err = { 0 };
	auto_writer out = { 0 };
	struct json json = json_into(&out);

	if (!node_from_yaml(arena, (struct str){ (const char *)data, size }, &root, &err)) {
		demand(root == NULL && err.message != MSG_NONE);
		demand(err.message == MSG_LIMIT_MEMORY ||
		       (err.place.line > 0 && err.place.column > 0));
		return 0;
	}
	node_write_json(root, &json);
	demand(node_from_json(second, writer_str(&out), &again, &err));
	demand(same(root, again));
	return 0;
}
