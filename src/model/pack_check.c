#include "model/filter.h"
#include "model/pack_type.h"
#include "model/suggest.h"

/* A name that nothing in the type has, with the nearest one that it has. */
static void report_missing(struct pack_reader *reader, const struct node *node, struct str path,
			   struct str name, struct suggestion suggestion)
{
	if (suggestion.best.at)
		pack_problem(reader, node, path, MSG_PACK_NAME_MISTYPED, name, suggestion.best);
	else
		pack_problem(reader, node, path, MSG_PACK_NAME_UNKNOWN, name);
}

static const struct field *check_field(struct pack_reader *reader, const struct node *node,
				       struct str path, const struct type *type, struct str name)
{
	const struct field *field = type_field(type, name);
	struct suggestion suggestion = suggestion_for(name);

	if (field)
		return field;
	for (size_t i = 0; i < type->field_count; i++)
		suggestion_try(&suggestion, type->fields[i].name);
	report_missing(reader, node, path, name, suggestion);
	return NULL;
}

static void check_state(struct pack_reader *reader, const struct node *node, struct str path,
			const struct type *type, struct str name)
{
	struct suggestion suggestion = suggestion_for(name);

	if (!name.at || type_has_state(type, name))
		return;
	for (size_t i = 0; i < type->state_count; i++)
		suggestion_try(&suggestion, type->states[i].name);
	report_missing(reader, node, path, name, suggestion);
}

/* `table` is NULL while the type has other mistakes: then only the language is checked. */
static void check_guard(struct pack_reader *reader, const struct node *node, struct str path,
			const struct table *table, struct str guard)
{
	static const struct filter_context context = { .clearance = CLEARANCE_SECRET };
	const struct filter_tree *tree;
	const struct filter *filter;
	struct err err;

	if (!guard.at)
		return;
	if (!filter_parse(reader->arena, guard, &tree, &err) ||
	    (table && !filter_bind(reader->arena, tree, table, &context, &filter, &err)))
		pack_problem_at(reader, node, path, &err);
}

static void check_moves(struct pack_reader *reader, const struct node *moves, struct str path,
			const struct type *type)
{
	const struct table *table =
		problems_any(reader->problems) ? NULL : table_new(reader->arena, type, NULL);

	path = pack_path(reader, path, STR("moves"));
	for (const struct node *node = moves->child; node; node = node->next) {
		const struct move *move = type_move(type, node->key);
		struct str at = pack_path(reader, path, node->key);

		if (!move)
			continue;
		for (size_t i = 0; i < move->from_count; i++)
			check_state(reader, node_member(node, "from"),
				    pack_path(reader, at, STR("from")), type, move->from[i]);
		check_state(reader, node_member(node, "to"), pack_path(reader, at, STR("to")), type,
			    move->to);
		for (size_t i = 0; i < move->required_count; i++)
			(void)check_field(reader, node_member(node, "required"),
					  pack_path(reader, at, STR("required")), type,
					  move->required[i]);
		check_guard(reader, node_member(node, "guard"), pack_path(reader, at, STR("guard")),
			    table, move->guard);
	}
}

static void check_indexes(struct pack_reader *reader, const struct node *indexes, struct str path,
			  const struct type *type)
{
	path = pack_path(reader, path, STR("indexes"));
	for (size_t i = 0; i < type->index_count; i++) {
		for (size_t j = 0; j < type->indexes[i].count; j++) {
			struct str name = type->indexes[i].fields[j];

			if (str_is(name, "state") && type->state_count)
				continue;

			const struct field *field = check_field(reader, indexes, path, type, name);

			if (field && (field->sealed || field->kind == FIELD_MARKDOWN ||
				      field->kind == FIELD_CHOICES))
				pack_problem(reader, indexes, path, MSG_PACK_INDEX_FIELD, name);
		}
	}
}

static void check_title(struct pack_reader *reader, const struct node *node, struct str path,
			const struct type *type)
{
	const struct field *field;

	if (!type->title.at)
		return;
	path = pack_path(reader, path, STR("title"));
	field = check_field(reader, node, path, type, type->title);
	if (field && (field->kind != FIELD_TEXT || field->sealed))
		pack_problem(reader, node, path, MSG_PACK_TITLE_FIELD, type->title);
}

static void check_number(struct pack_reader *reader, const struct node *node, struct str path,
			 struct str prefix)
{
	bool good = prefix.len > 0 && prefix.len <= 8;

	if (!prefix.at)
		return;
	for (size_t i = 0; i < prefix.len; i++)
		good = good && ((prefix.at[i] >= 'A' && prefix.at[i] <= 'Z') ||
				(i && prefix.at[i] >= '0' && prefix.at[i] <= '9'));
	if (!good)
		pack_problem(reader, node, path, MSG_PACK_NUMBER_FORM, prefix);
}

void pack_check_type(struct pack_reader *reader, const struct node *node, struct str path,
		     const struct type *type)
{
	const struct node *moves = node_member(node, "moves"),
			  *indexes = node_member(node, "indexes");

	check_title(reader, node_member(node, "title"), path, type);
	check_number(reader, node_member(node, "number"), pack_path(reader, path, STR("number")),
		     type->number_prefix);
	if (moves && moves->kind == NODE_MAP)
		check_moves(reader, moves, path, type);
	if (indexes && indexes->kind == NODE_LIST)
		check_indexes(reader, indexes, path, type);
	if (moves && !type->state_count)
		pack_problem(reader, moves, path, MSG_PACK_MOVES_WITHOUT_STATES);
}
