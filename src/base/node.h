/*
 * Owns the document tree: what a small JSON body or a YAML file says, in an arena, with the place
 * of every value. Large documents are never read into one: they go through the streaming reader
 * (json_read.h).
 */
#ifndef XIEDUN_BASE_NODE_H
#define XIEDUN_BASE_NODE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json_write.h"

enum node_kind { NODE_NULL, NODE_BOOLEAN, NODE_NUMBER, NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	bool boolean;
	struct str text;          /* NODE_TEXT: the value; NODE_NUMBER: as written */
	struct str key;           /* inside a map */
	const struct node *child; /* first of a list or map */
	const struct node *next;  /* in the same list or map */
	size_t count;             /* of children */
	int64_t line, column;     /* from 1, in characters; inside a map those of the key */
};

/* The value under a key of a map, or NULL (also when `map` is NULL or no map). */
const struct node *node_member(const struct node *map, const char *key);

/* The text of a member, or the absent string when there is none or it is no text. */
struct str node_member_text(const struct node *map, const char *key);

/* A NODE_NUMBER that is a plain integer in range. */
must_use bool node_int(const struct node *, int64_t *);

void node_write_json(const struct node *, struct json *);

/*
 * JSON text (RFC 8259) to a tree: at most 64 levels; a duplicate key, invalid UTF-8, a byte order
 * mark and anything behind the value are errors, each with line and column. Texts are copied into
 * the arena.
 */
must_use bool node_from_json(struct arena *, struct str text, const struct node **, struct err *);

/*
 * YAML (one document) to a tree: plain scalars true/false, null/~ and JSON numbers have these
 * kinds, all others and every quoted one are texts ("no", "on" and dates too). Tags, anchors,
 * aliases, merge keys, duplicate keys, complex keys and more than 64 levels are errors with line
 * and column.
 */
must_use bool node_from_yaml(struct arena *, struct str text, const struct node **, struct err *);

#endif
