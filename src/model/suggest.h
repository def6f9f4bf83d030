/* Owns the suggestion: the known word that a mistyped one was probably meant to be. */
#ifndef XIEDUN_MODEL_SUGGEST_H
#define XIEDUN_MODEL_SUGGEST_H

#include "base/str.h"

/* A search over known words, one at a time. */
struct suggestion {
	struct str meant; /* what was written */
	struct str best;  /* the nearest word near enough, or absent */
	size_t distance;
};

struct suggestion suggestion_for(struct str meant);
void suggestion_try(struct suggestion *, struct str known);

#endif
