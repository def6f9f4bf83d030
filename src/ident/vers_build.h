/* Owns the list of constraints while a range is read; for vers*.c only. */
#ifndef XIEDUN_IDENT_VERS_BUILD_H
#define XIEDUN_IDENT_VERS_BUILD_H

#include "base/vec.h"
#include "ident/vers.h"

struct vers_list VEC(struct vers_constraint);

static inline void vers_list_release(struct vers_list *list)
{
	vec_release(list);
}
#define auto_vers_list cleanup_with(vers_list_release) struct vers_list

/*
 * Gives each constraint its key and copies the list, sorted by version, into the arena. Equal versions stay as they were, or stand by
 * comparator. An only constraint may have a version without a key.
 */
must_use bool vers_finish(struct arena *, struct vers_list *, bool by_comparator, struct vers *,
			  struct err *err);

#endif
