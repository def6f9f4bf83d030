#include "base/memory.h"
#include "model/parts.h"

enum { SET_MEMORY = 256 << 20, PACKS_MAX = 200 };

static bool keep_newest(struct held_set *held, const struct pack *pack, struct err *err)
{
	size_t at = 0;

	while (at < held->pack_count && !str_equal(held->packs[at]->name, pack->name))
		at++;
	if (at == PACKS_MAX)
		return fail(err, MSG_PACK_TOO_MANY, PACKS_MAX);
	held->packs[at] = pack;
	held->pack_count += at == held->pack_count;
	return true;
}

static bool join_pack(struct held_set *held, const struct type_set **set, struct query *query,
		      struct err *err)
{
	auto_problems problems = { 0 };
	const char *name = arena_text(held->arena, column_text(query, 0));
	struct str text = arena_copy(held->arena, column_text(query, 1));
	const struct pack *pack;

	if (!arena_check(held->arena, err))
		return false;
	if (!pack_parse(held->arena, name, text, &problems, &pack, err) ||
	    !pack_join(held->arena, *set, pack, &problems, set, err))
		return fail(err, MSG_PACK_STORED, name);
	return keep_newest(held, pack, err);
}

static bool make_role(struct held_set *held, const struct pack *pack,
		      const struct pack_role *declared)
{
	struct role *role = &held->roles[held->role_count];
	const char **permissions =
		arena_array(held->arena, declared->permission_count, sizeof(*permissions));

	if (!permissions)
		return false;
	for (size_t i = 0; i < declared->permission_count; i++)
		permissions[i] = arena_text(held->arena, declared->permissions[i]);
	role->name = arena_text(held->arena, declared->name);
	role->permissions = permissions;
	role->count = declared->permission_count;
	held->role_packs[held->role_count++] = pack->name;
	return true;
}

static bool make_roles(struct held_set *held, struct err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < held->pack_count; i++)
		count += held->packs[i]->role_count;
	held->roles = arena_array(held->arena, count, sizeof(*held->roles));
	held->role_packs = arena_array(held->arena, count, sizeof(*held->role_packs));
	if (!held->roles || !held->role_packs)
		return arena_check(held->arena, err);
	for (size_t i = 0; i < held->pack_count; i++) {
		for (size_t j = 0; j < held->packs[i]->role_count; j++) {
			if (!make_role(held, held->packs[i], &held->packs[i]->roles[j]))
				return arena_check(held->arena, err);
		}
	}
	return arena_check(held->arena, err);
}

static bool make_tables(struct held_set *held, const struct type_set *set, struct err *err)
{
	const struct type **types =
		arena_array(held->arena, set->count, sizeof(const struct type *));

	if (!types)
		return arena_check(held->arena, err);
	for (size_t i = 0; i < set->count; i++) {
		const struct table *table = table_new(held->arena, set->types[i], &held->set);

		if (!table)
			return arena_check(held->arena, err);
		types[i] = &table->type;
	}
	held->set.types = types;
	held->set.count = set->count;
	return true;
}

static bool load_packs(struct conn *conn, struct held_set *held, struct err *err)
{
	static const struct type_set empty = { .count = 0 };
	const struct type_set *set = &empty;
	auto_query struct query query =
		query_start(conn, "SELECT name, text FROM model_pack ORDER BY id");

	held->packs = arena_array(held->arena, PACKS_MAX, sizeof(const struct pack *));
	if (!held->packs)
		return arena_check(held->arena, err);
	while (query_row(&query)) {
		if (!join_pack(held, &set, &query, err))
			return false;
	}
	return query_end(&query, err) && make_tables(held, set, err) && make_roles(held, err);
}

static bool load_generation(struct conn *conn, struct held_set *held, struct err *err)
{
	auto_query struct query query =
		query_start(conn, "SELECT generation FROM model_state WHERE id = 1");
	bool found;

	if (!query_one(&query, &found, err))
		return false;
	held->set.generation = column_int(&query, 0);
	return query_end(&query, err);
}

bool set_load(struct conn *conn, struct held_set **out, struct err *err)
{
	struct held_set *held = memory_zero(1, sizeof(*held));

	held->arena = arena_new(SET_MEMORY);
	atomic_store(&held->users, 1);
	if (!load_generation(conn, held, err) || !load_packs(conn, held, err)) {
		set_free(held);
		return false;
	}
	*out = held;
	return true;
}

void set_free(struct held_set *held)
{
	if (!held)
		return;
	arena_free(held->arena);
	free(held);
}

void type_set_release(const struct type_set *set)
{
	struct held_set *held = (struct held_set *)(uintptr_t)set;

	static_assert(offsetof(struct held_set, set) == 0, "a held set begins with the set");
	if (held && atomic_fetch_sub(&held->users, 1) == 1)
		set_free(held);
}
