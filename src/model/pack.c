#include "model/pack.h"

#include "model/pack_read.h"
#include "model/pack_type.h"

static bool is_permission(struct str text)
{
	struct str part;

	if (str_is(text, "*"))
		return true;
	for (bool last = false; str_split(&text, '.', &part);) {
		if (last)
			return false;
		last = str_is(part, "*");
		if (!last && !pack_is_name(part))
			return false;
	}
	return true;
}

static bool read_role(struct pack_reader *reader, const struct node *node, struct pack_role *role)
{
	static const struct pack_key keys[] = {
		{ "label", NODE_MAP, true },
		{ "permissions", NODE_LIST, true },
	};
	struct str path = pack_path(reader, STR("roles"), node->key);

	(void)pack_check_name(reader, node, path, node->key);
	role->name = node->key;
	if (!pack_check_keys(reader, node, path, keys, nitems(keys)))
		return true;
	role->label = pack_label(reader, node, path, "label");
	if (!pack_names(reader, node, path, "permissions", &role->permissions,
			&role->permission_count))
		return false;
	for (size_t i = 0; i < role->permission_count; i++) {
		if (!is_permission(role->permissions[i]))
			pack_problem(reader, node_member(node, "permissions"), path,
				     MSG_PACK_PERMISSION_FORM, role->permissions[i]);
	}
	return true;
}

static bool read_roles(struct pack_reader *reader, const struct node *node, struct pack *pack)
{
	if (!node || node->kind != NODE_MAP)
		return true;

	struct pack_role *roles = arena_array(reader->arena, node->count, sizeof(*roles));

	if (!roles)
		return false;
	pack->roles = roles;
	for (const struct node *role = node->child; role; role = role->next) {
		if (!read_role(reader, role, &roles[pack->role_count++]))
			return false;
	}
	return true;
}

static bool read_types(struct pack_reader *reader, const struct node *node, struct pack *pack)
{
	if (!node || node->kind != NODE_MAP)
		return true;

	struct type *types = arena_array(reader->arena, node->count, sizeof(*types));

	if (!types)
		return false;
	pack->types = types;
	for (const struct node *type = node->child; type; type = type->next) {
		if (!pack_read_type(reader, type, pack->name, &types[pack->type_count++]))
			return false;
	}
	return true;
}

static bool read_pack(struct pack_reader *reader, const struct node *root, struct pack *pack)
{
	static const struct pack_key keys[] = {
		{ "pack", NODE_NUMBER, true },    { "name", NODE_TEXT, true },
		{ "edition", NODE_NUMBER, true }, { "label", NODE_MAP, true },
		{ "roles", NODE_MAP, false },     { "types", NODE_MAP, false },
	};
	const struct node *format = node_member(root, "pack"), *name = node_member(root, "name");

	if (!pack_check_keys(reader, root, STR_NONE, keys, nitems(keys)))
		return true;
	if (format && format->kind == NODE_NUMBER && !str_is(format->text, "1"))
		pack_problem(reader, format, STR("pack"), MSG_PACK_FORMAT, format->text);
	pack->name = node_member_text(root, "name");
	if (pack->name.at)
		(void)pack_check_name(reader, name, STR("name"), pack->name);
	pack->edition = pack_number(reader, root, STR_NONE, "edition", 1, INT32_MAX, 1);
	pack->label = pack_label(reader, root, STR_NONE, "label");
	pack->root = root;
	return read_roles(reader, node_member(root, "roles"), pack) &&
	       read_types(reader, node_member(root, "types"), pack);
}

bool pack_parse(struct arena *arena, const char *file, struct str text, struct problems *problems,
		const struct pack **out, struct err *err)
{
	struct pack_reader reader = { .arena = arena, .file = file, .problems = problems };
	struct pack *pack = arena_take(arena, sizeof(*pack));
	const struct node *root;

	if (!pack)
		return arena_check(arena, err);
	if (text.len > PACK_TEXT_MAX)
		return fail(err, MSG_LIMIT_SIZE, PACK_TEXT_MAX);
	if (!node_from_yaml(arena, text, &root, err)) {
		(void)err_in_file(err, file);
		problems_add(problems, err);
		return fail(err, MSG_PACK_REFUSED, file, problems->count + problems->dropped);
	}
	pack->file = arena_text(arena, str_of(file));
	if (!read_pack(&reader, root, pack) || arena_over(arena))
		return arena_check(arena, err);
	if (problems_any(problems))
		return fail(err, MSG_PACK_REFUSED, file, problems->count + problems->dropped);
	*out = pack;
	return true;
}
