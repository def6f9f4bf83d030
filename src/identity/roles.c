#include "identity/roles.h"

#include "base/memory.h"
#include "identity/internal.h"

struct named_role {
	char *name;
	struct permission_list permissions; /* its texts are ours */
};

struct role_set {
	struct named_role *roles;
	size_t count;
	const struct role_set *older;
};

static void copy_role(struct named_role *to, const char *name, const char *const *permissions,
		      size_t count)
{
	char **texts = memory_zero(count + 1, sizeof(*texts));

	for (size_t i = 0; i < count; i++)
		texts[i] = memory_copy(str_of(permissions[i]));
	to->name = memory_copy(str_of(name));
	to->permissions = (struct permission_list){ (const char *const *)texts, count };
}

/* The administrator stands first: a pack's role of that name is never found. */
void roles_replace(struct roles *roles, const struct role *list, size_t count)
{
	static const char *const all[] = { "*" };
	struct role_set *set = memory_zero(1, sizeof(*set));

	set->roles = memory_zero(count + 1, sizeof(*set->roles));
	copy_role(&set->roles[set->count++], ROLE_ADMINISTRATOR, all, nitems(all));
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].name, ROLE_ADMINISTRATOR) != 0)
			copy_role(&set->roles[set->count++], list[i].name, list[i].permissions,
				  list[i].count);
	}
	set->older = atomic_load(&roles->current);
	while (!atomic_compare_exchange_weak(&roles->current, &set->older, set))
		;
}

void roles_init(struct roles *roles)
{
	atomic_init(&roles->current, NULL);
	roles_replace(roles, NULL, 0);
}

static void free_role(struct named_role *role)
{
	for (size_t i = 0; i < role->permissions.count; i++)
		free((void *)(uintptr_t)role->permissions.texts[i]);
	free((void *)(uintptr_t)role->permissions.texts);
	free(role->name);
}

void roles_release(struct roles *roles)
{
	const struct role_set *older;

	for (const struct role_set *set = atomic_load(&roles->current); set; set = older) {
		older = set->older;
		for (size_t i = 0; i < set->count; i++)
			free_role(&set->roles[i]);
		free(set->roles);
		free((void *)(uintptr_t)set);
	}
}

const struct role_set *roles_current(struct roles *roles)
{
	return atomic_load(&roles->current);
}

size_t role_set_count(const struct role_set *set)
{
	return set->count;
}

const char *role_name(const struct role_set *set, size_t at)
{
	return set->roles[at].name;
}

const struct permission_list *role_permissions(const struct role_set *set, size_t at)
{
	return &set->roles[at].permissions;
}

bool role_find(const struct role_set *set, struct str name, size_t *at)
{
	for (size_t i = 0; i < set->count; i++) {
		if (str_is(name, set->roles[i].name)) {
			*at = i;
			return true;
		}
	}
	return false;
}
