#include "identity/scope.h"

/* Does the text of a role stand for the permission, or for all that the permission's own "*" stands
 * for? */
static bool text_gives(struct str text, struct str permission)
{
	if (str_is(text, "*"))
		return true;
	if (!str_ends(text, ".*"))
		return str_equal(text, permission);

	struct str prefix = str_sub(text, 0, text.len - 1);

	return permission.len > prefix.len && str_equal(str_sub(permission, 0, prefix.len), prefix);
}

bool permission_given(const struct permission_list *list, struct str permission)
{
	if (permission.len == 0)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		if (text_gives(str_of(list->texts[i]), permission))
			return true;
	}
	return false;
}

/* A path ends with "/", so that "/1/7/" is no prefix of "/1/70/". */
static bool inside(struct str path, struct str subtree)
{
	return subtree.len > 0 && str_equal(str_sub(path, 0, subtree.len), subtree);
}

bool scope_allows(const struct scope *scope, struct str permission)
{
	if (scope->program)
		return true;
	for (size_t i = 0; i < scope->count; i++) {
		if (permission_given(scope->grants[i].permissions, permission))
			return true;
	}
	return false;
}

bool scope_allows_in(const struct scope *scope, struct str permission, struct str organisation_path)
{
	if (scope->program)
		return true;
	for (size_t i = 0; i < scope->count; i++) {
		const struct scope_grant *grant = &scope->grants[i];

		if (inside(organisation_path, grant->path) &&
		    permission_given(grant->permissions, permission))
			return true;
	}
	return false;
}

enum clearance scope_clearance(const struct scope *scope, struct str organisation_path)
{
	enum clearance highest = CLEARANCE_PUBLIC;

	if (scope->program)
		return CLEARANCE_SECRET;
	for (size_t i = 0; i < scope->count; i++) {
		const struct scope_grant *grant = &scope->grants[i];

		if (grant->clearance > highest && inside(organisation_path, grant->path))
			highest = grant->clearance;
	}
	return highest;
}

static int compare_paths(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static bool is_root(struct str path)
{
	return path.len > 2 && str_find(str_sub(path, 1, path.len), '/') == path.len - 2;
}

size_t scope_subtrees(const struct scope *scope, struct str permission, struct arena *arena,
		      const struct str **paths, bool *everywhere)
{
	struct str *list = arena_array(arena, scope->count + 1, sizeof(*list));
	size_t found = 0, kept = 0;

	*paths = list;
	*everywhere = scope->program;
	if (scope->program || !list)
		return 0;
	for (size_t i = 0; i < scope->count; i++) {
		if (permission_given(scope->grants[i].permissions, permission))
			list[found++] = scope->grants[i].path;
	}
	if (found > 1)
		qsort(list, found, sizeof(*list), compare_paths);
	/* In this order what lies inside a subtree follows it at once. */
	for (size_t i = 0; i < found; i++) {
		if (kept == 0 || !inside(list[i], list[kept - 1]))
			list[kept++] = list[i];
	}
	for (size_t i = 0; i < kept; i++)
		*everywhere |= is_root(list[i]);
	return kept;
}

const struct scope *scope_program(void)
{
	static const struct scope program = { .program = true };

	return &program;
}
