/*
 * Owns packs: YAML text to declarations, checked, with every mistake named; and joining a pack with the types known so far. The
 * format is described in doc/packs.md.
 */
#ifndef XIEDUN_MODEL_PACK_H
#define XIEDUN_MODEL_PACK_H

#include "base/node.h"
#include "model/type.h"

enum { PACK_TEXT_MAX = 512 * 1024 };

struct pack_role {
	struct str name;
	struct label label;
	const struct str *permissions;
	size_t permission_count;
};

struct pack {
	struct str name;
	struct label label;
	int64_t edition;
	const struct pack_role *roles;
	size_t role_count;
	const struct type *types; /* in the order of the text */
	size_t type_count;
	const char *file;        /* for messages */
	const struct node *root; /* where each declaration stands */
};

/*
 * Reads one pack and checks all that can be told without other packs. Everything lives in the arena. MSG_PACK_REFUSED when
 * `problems` has any; each of them with file, line and column.
 */
must_use bool pack_parse(struct arena *, const char *file, struct str text, struct problems *,
			 const struct pack **, struct err *);

/*
 * The types of `known` with the pack's put in: new ones added, changed ones with the next edition, what disappeared kept as
 * removed. References between packs are resolved here; a narrowing change is a problem. The new set lives in the arena and
 * borrows from `known`'s types.
 */
must_use bool pack_join(struct arena *, const struct type_set *known, const struct pack *,
			struct problems *, const struct type_set **, struct err *);

#endif
