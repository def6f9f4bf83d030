/* Owns reading one type of a pack. */
#ifndef XIEDUN_MODEL_PACK_TYPE_H
#define XIEDUN_MODEL_PACK_TYPE_H

#include "model/pack_read.h"

enum { TYPE_FIELDS_MAX = 200, TYPE_INDEXES_MAX = 8, INDEX_FIELDS_MAX = 4 };

/* Characters of a text that declares no max. */
enum { TEXT_MAX_DEFAULT = 1000, MARKDOWN_MAX_DEFAULT = 100000 };

/* Reads the type under `node`; false only when the arena is full. */
must_use bool pack_read_type(struct pack_reader *, const struct node *, struct str pack,
			     struct type *);

/* What a pack's field may not be called: the columns of every record and the words of the filter language. */
bool field_name_is_reserved(struct str name);

/* Checks that need all fields of the type: titles, moves, guards, indexes. */
void pack_check_type(struct pack_reader *, const struct node *, struct str path,
		     const struct type *);

#endif
