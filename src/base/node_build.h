/* Owns the making of a document tree, for its two readers (node_json.c, node_yaml.c). */
#ifndef XIEDUN_BASE_NODE_BUILD_H
#define XIEDUN_BASE_NODE_BUILD_H

#include "base/node.h"

enum { NODE_DEPTH = 64 };

struct node_builder {
	struct arena *arena;
	struct node *root;
	struct str key;       /* of the next value; absent outside a map and before its key */
	int64_t line, column; /* of the next value or, in a map, of its key */
	int depth;
	struct {
		struct node *node, *last;
	} open[NODE_DEPTH];
};

/* Puts a value where it belongs; a list or map is then open until node_close. Fails when the arena
 * is full. */
must_use bool node_put(struct node_builder *, struct node value, struct err *);

/* Closes the innermost list or map; MSG_KEY_TWICE at the second of two equal keys. */
must_use bool node_close(struct node_builder *, struct err *);

/* True when the innermost open value is a map. */
bool node_in_map(const struct node_builder *);

#endif
