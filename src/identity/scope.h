/* Owns the scope: what one signed-in account may see and do, made once for each request. Deny by
 * default. */
#ifndef XIEDUN_IDENTITY_SCOPE_H
#define XIEDUN_IDENTITY_SCOPE_H

#include "base/arena.h"
#include "base/uuid.h"

/* Sensitivity of a field and clearance of a grant: a value is readable at or below the clearance.
 */
enum clearance {
	CLEARANCE_PUBLIC,
	CLEARANCE_INTERNAL,
	CLEARANCE_CONFIDENTIAL,
	CLEARANCE_PERSONAL,
	CLEARANCE_SECRET
};

/*
 * A permission is a text: "device.read", "device.create", "device.move.retire", "account.manage",
 * "ledger.read". In a role "*" stands for all and "device.*" for all that begin with "device.".
 */
struct permission_list {
	const char *const *texts;
	size_t count;
};

/* True when the list gives the permission. Asked for "device.*" or "*" it must give all that they
 * stand for. */
bool permission_given(const struct permission_list *, struct str permission);

/* One grant that holds now: role × organisation subtree × clearance. */
struct scope_grant {
	int64_t organisation; /* internal key of the subtree's root */
	struct str path;      /* its path: all below it start with it */
	const char *role;
	enum clearance clearance;
	int64_t until; /* INT64_MAX: no end */
	const struct permission_list
		*permissions; /* of the role; borrowed for the life of identity */
};

struct scope {
	int64_t account, person;
	struct uuid account_id;
	const struct scope_grant *grants;
	size_t count;
	bool program; /* the program itself: everything */
};

/* True when some grant's role gives the permission ("*" and "device.*" in a role stand for many)
 * anywhere. */
bool scope_allows(const struct scope *, struct str permission);

/* The same in one organisation, by its path. */
bool scope_allows_in(const struct scope *, struct str permission, struct str organisation_path);

/* The highest clearance that holds there; CLEARANCE_PUBLIC when none. */
enum clearance scope_clearance(const struct scope *, struct str organisation_path);

/*
 * The subtrees in which the permission holds, in the order of their paths, without those inside
 * another; *everywhere when the root is among them (its path has one key). The program's scope: no
 * paths, everywhere.
 */
size_t scope_subtrees(const struct scope *, struct str permission, struct arena *,
		      const struct str **paths, bool *everywhere);

/* The scope of the program itself. */
const struct scope *scope_program(void);

#endif
