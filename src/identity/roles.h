/* Owns the sets of roles: what packs declare and the built-in administrator. */
#ifndef XIEDUN_IDENTITY_ROLES_H
#define XIEDUN_IDENTITY_ROLES_H

#include <pthread.h>
#include <stdatomic.h>

#include "identity/scope.h"

#define ROLE_ADMINISTRATOR "administrator"

struct role;
struct role_set;

/* A set never changes; older ones stay until roles_release, since scopes point into them. */
struct roles {
	_Atomic(const struct role_set *) current;
};

void roles_init(struct roles *);
void roles_release(struct roles *);
void roles_replace(struct roles *, const struct role *, size_t count);

const struct role_set *roles_current(struct roles *);
size_t role_set_count(const struct role_set *);
const char *role_name(const struct role_set *, size_t at);
const struct permission_list *role_permissions(const struct role_set *, size_t at);
/* False when there is no such role. */
bool role_find(const struct role_set *, struct str name, size_t *at);

#endif
