/* Owns the cursor: where a page of a list ended, as an opaque text that only the same list of the same account takes back. */
#ifndef XIEDUN_MODEL_CURSOR_H
#define XIEDUN_MODEL_CURSOR_H

#include "crypto/keyring.h"
#include "model/value.h"

struct cursor {
	bool empty_part;  /* the page ended among the records with an empty sort field */
	struct value key; /* of the sort field */
	int64_t id;
};

/* `list` is all that makes the list what it is: type, filter, sort, account. */
void cursor_write(const struct keyring *, struct str list, enum storage, const struct cursor *,
		  struct writer *);

/* MSG_CURSOR_INVALID for one that is cut, forged or from another list. Texts in the arena. */
must_use bool cursor_read(const struct keyring *, struct str list, enum storage, struct str text,
			  struct arena *, struct cursor *, struct err *);

#endif
