#include "model/pack.h"

#include "model/pack_read.h"
#include "model/suggest.h"

/* One type of the pack against the one that is known. */
struct join {
	struct pack_reader reader;
	const struct type_set *known;
	const struct pack *pack;
	const struct type *old; /* or NULL */
	const struct node *node;
	struct str path;
};

static const struct field *old_field(const struct join *join, const struct field *field)
{
	const struct field *old = join->old ? type_field(join->old, field->name) : NULL;

	return old || !join->old || !field->was.at ? old : type_field(join->old, field->was);
}

static void refuse(struct join *join, const struct node *node, struct str path,
		   const struct err *err)
{
	struct err copy = *err;

	pack_problem_at(&join->reader, node, path, &copy);
}

static bool choice_is_kept(const struct field *field, struct str name)
{
	for (size_t i = 0; i < field->choice_count; i++) {
		if (str_equal(field->choices[i].name, name))
			return true;
	}
	return false;
}

/* What stands in records already must stay valid: changes may only widen. */
static bool widens(const struct field *old, const struct field *field, struct err *err)
{
	if (old->kind != field->kind)
		return fail(err, MSG_PACK_KIND_CHANGED, field_kind_name(old->kind),
			    field_kind_name(field->kind));
	if (old->scale != field->scale)
		return fail(err, MSG_PACK_KEPT, "scale", old->scale);
	if (old->sealed != field->sealed)
		return fail(err, MSG_PACK_KEPT, "sealed", old->sealed ? "true" : "false");
	if ((old->exact || old->unique) != (field->exact || field->unique) && field->sealed)
		return fail(err, MSG_PACK_KEPT, "exact",
			    old->exact || old->unique ? "true" : "false");
	if (!str_equal(old->target, field->target))
		return fail(err, MSG_PACK_KEPT, "target", old->target);
	if (field->minimum > old->minimum)
		return fail(err, MSG_PACK_NARROWED, "min", old->minimum);
	if (field->maximum < old->maximum)
		return fail(err, MSG_PACK_NARROWED, "max", old->maximum);
	for (size_t i = 0; i < old->choice_count; i++) {
		if (!choice_is_kept(field, old->choices[i].name))
			return fail(err, MSG_PACK_CHOICE_GONE, old->choices[i].name);
	}
	return true;
}

/* `was` must name a field that there is or was, and no two fields may stand for the same column. */
static void check_rename(struct join *join, const struct node *node, struct str path,
			 const struct field *field, const struct field *old)
{
	if (!field->was.at || !join->old)
		return;
	if (type_field(join->old, field->name) && type_field(join->old, field->was) &&
	    !type_field(join->old, field->was)->removed)
		pack_problem(&join->reader, node, path, MSG_PACK_RENAME_BOTH, field->was,
			     field->name);
	else if (!old) {
		struct suggestion suggestion = suggestion_for(field->was);

		for (size_t i = 0; i < join->old->field_count; i++)
			suggestion_try(&suggestion, join->old->fields[i].name);
		if (suggestion.best.at)
			pack_problem(&join->reader, node, path, MSG_PACK_NAME_MISTYPED, field->was,
				     suggestion.best);
		else
			pack_problem(&join->reader, node, path, MSG_PACK_NAME_UNKNOWN, field->was);
	}
}

static bool has_column(const struct field *fields, size_t count, struct str column)
{
	for (size_t i = 0; i < count; i++) {
		if (str_equal(fields[i].column, column))
			return true;
	}
	return false;
}

static bool set_has_type(const struct join *join, struct str name)
{
	for (size_t i = 0; i < join->pack->type_count; i++) {
		if (str_equal(join->pack->types[i].name, name))
			return true;
	}
	return type_find(join->known, name) != NULL;
}

static void check_target(struct join *join, const struct node *node, struct str path,
			 const struct field *field)
{
	struct suggestion suggestion = suggestion_for(field->target);

	if (!field->target.at || set_has_type(join, field->target))
		return;
	for (size_t i = 0; i < join->pack->type_count; i++)
		suggestion_try(&suggestion, join->pack->types[i].name);
	for (size_t i = 0; i < join->known->count; i++)
		suggestion_try(&suggestion, join->known->types[i]->name);
	if (suggestion.best.at)
		pack_problem(&join->reader, node_member(node, "target"), path,
			     MSG_PACK_NAME_MISTYPED, field->target, suggestion.best);
	else
		pack_problem(&join->reader, node_member(node, "target"), path,
			     MSG_PACK_NAME_UNKNOWN, field->target);
}

/* The new fields on their old columns, and behind them those that disappeared. */
static bool join_fields(struct join *join, struct type *type)
{
	const struct node *nodes = node_member(join->node, "fields");
	size_t room = type->field_count + (join->old ? join->old->field_count : 0), count = 0;
	struct field *fields = arena_array(join->reader.arena, room, sizeof(*fields));
	struct err err;

	if (!fields)
		return false;
	for (size_t i = 0; i < type->field_count; i++) {
		const struct node *node = nodes->child;

		while (!str_equal(node->key, type->fields[i].name))
			node = node->next;

		struct field *field = &fields[count];
		struct str path = pack_path(&join->reader, join->path, type->fields[i].name);

		*field = type->fields[i];

		const struct field *old = old_field(join, field);

		check_rename(join, node, path, field, old);
		check_target(join, node, path, field);
		if (old) {
			field->column = old->column;
			if (!widens(old, field, &err))
				refuse(join, node, path, &err);
		} else if (join->old &&
			   has_column(join->old->fields, join->old->field_count, field->column)) {
			pack_problem(&join->reader, node, path, MSG_PACK_NAME_USED, field->name);
		}
		if (has_column(fields, count, field->column))
			pack_problem(&join->reader, node, path, MSG_PACK_RENAME_TWICE, field->was);
		count++;
	}
	for (size_t i = 0; join->old && i < join->old->field_count; i++) {
		if (has_column(fields, count, join->old->fields[i].column))
			continue;
		fields[count] = join->old->fields[i];
		fields[count].removed = true;
		fields[count].required = false;
		count++;
	}
	type->fields = fields;
	type->field_count = count;
	return true;
}

static void check_type_change(struct join *join, const struct type *type)
{
	const struct type *old = join->old;

	if (!old)
		return;
	if (!str_equal(old->pack, join->pack->name))
		pack_problem(&join->reader, join->node, join->path, MSG_PACK_TYPE_TAKEN, type->name,
			     old->pack);
	if (old->catalogue != type->catalogue)
		pack_problem(&join->reader, join->node, join->path, MSG_PACK_KEPT, "catalogue",
			     old->catalogue ? "true" : "false");
	if (old->native != type->native)
		pack_problem(&join->reader, join->node, join->path, MSG_PACK_KEPT, "native",
			     old->native ? "true" : "false");
	if (!old->state_count != !type->state_count)
		pack_problem(&join->reader, join->node, join->path, MSG_PACK_STATES_KEPT);
	if (!old->number_prefix.at != !type->number_prefix.at)
		pack_problem(&join->reader, join->node, join->path, MSG_PACK_NUMBER_KEPT);
	for (size_t i = 0; i < old->state_count; i++) {
		if (!type_has_state(type, old->states[i].name))
			pack_problem(&join->reader, join->node, join->path, MSG_PACK_STATE_GONE,
				     old->states[i].name);
	}
}

static bool is_changed(const struct type *old, const struct type *type)
{
	auto_writer before = { 0 }, after = { 0 };
	struct json a = json_into(&before), b = json_into(&after);

	type_write_json(old, false, CLEARANCE_SECRET, &a);
	type_write_json(type, false, CLEARANCE_SECRET, &b);
	return !str_equal(writer_str(&before), writer_str(&after));
}

static const struct type *join_type(struct join *join, const struct type *declared)
{
	struct type *type = arena_take(join->reader.arena, sizeof(*type));

	if (!type)
		return NULL;
	*type = *declared;
	join->old = type_find(join->known, type->name);
	join->node = node_member(node_member(join->pack->root, "types"),
				 arena_text(join->reader.arena, type->name));
	join->path = pack_path(&join->reader, STR("types"), type->name);
	check_type_change(join, type);
	if (!join_fields(join, type))
		return NULL;
	if (join->old && !is_changed(join->old, type))
		return join->old;
	if (join->old)
		type->edition = join->old->edition + 1;
	return type;
}

static const struct type *mark_removed(struct arena *arena, const struct type *old)
{
	struct type *type = arena_take(arena, sizeof(*type));

	if (!type || old->removed)
		return old;
	*type = *old;
	type->removed = true;
	type->edition++;
	return type;
}

static int by_name(const void *a, const void *b)
{
	const struct type *const *left = a, *const *right = b;

	return str_compare((*left)->name, (*right)->name);
}

bool pack_join(struct arena *arena, const struct type_set *known, const struct pack *pack,
	       struct problems *problems, const struct type_set **out, struct err *err)
{
	struct join join = { .reader = { .arena = arena, .file = pack->file, .problems = problems },
			     .known = known,
			     .pack = pack };
	struct type_set *set = arena_take(arena, sizeof(*set));
	const struct type **types =
		arena_array(arena, known->count + pack->type_count, sizeof(const struct type *));
	struct type_set mine = { .types = types };

	if (!set || !types)
		return arena_check(arena, err);
	for (size_t i = 0; i < pack->type_count; i++) {
		types[mine.count] = join_type(&join, &pack->types[i]);
		if (!types[mine.count++])
			return arena_check(arena, err);
	}

	size_t own = mine.count;

	for (size_t i = 0; i < known->count; i++) {
		bool joined = false;

		for (size_t j = 0; j < own; j++)
			joined |= str_equal(types[j]->name, known->types[i]->name);
		if (!joined)
			types[mine.count++] = str_equal(known->types[i]->pack, pack->name)
						      ? mark_removed(arena, known->types[i])
						      : known->types[i];
	}
	qsort(types, mine.count, sizeof(*types), by_name);
	*set = mine;
	if (arena_over(arena))
		return arena_check(arena, err);
	if (problems_any(problems))
		return fail(err, MSG_PACK_REFUSED, pack->file, problems->count + problems->dropped);
	*out = set;
	return true;
}
