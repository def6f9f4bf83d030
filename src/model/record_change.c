#include "model/access.h"
#include "model/edit.h"
#include "model/filter.h"
#include "model/request.h"
#include "model/suggest.h"

bool record_change(struct change *change, struct model *model, const struct scope *scope,
		   const struct type *type, const struct uuid *id, int64_t version,
		   const struct node *fields, struct problems *problems, struct record_ref *ref,
		   struct err *err)
{
	struct edit edit = { .change = change,
			     .model = model,
			     .scope = scope,
			     .table = table_of(type),
			     .problems = problems,
			     .id = *id };

	if (!edit_open(&edit, version, err) ||
	    !access_need(scope, edit.table, "change", edit.before.path, err) ||
	    !edit_fields(&edit, fields, NULL, err) || !edit_check(&edit, err))
		return false;
	if (!edit.touched) {
		change->nothing = true;
		*ref = (struct record_ref){ *id, version };
		return true;
	}
	return edit_update(&edit, "change", STR_NONE, ref, err);
}

/* --- Moves ------------------------------------------------------------------------------------------ */

static bool find_move(const struct type *type, struct str name, const struct move **move,
		      struct err *err)
{
	struct suggestion suggestion = suggestion_for(name);
	auto_writer known = { 0 };

	*move = type_move(type, name);
	if (*move)
		return true;
	for (size_t i = 0; i < type->move_count; i++) {
		suggestion_try(&suggestion, type->moves[i].name);
		writer_printf(&known, "%s%.*s", i ? ", " : "", STR_ARGS(type->moves[i].name));
	}
	if (suggestion.best.at)
		return fail(err, MSG_MOVE_MISTYPED, name, suggestion.best);
	return fail(err, MSG_MOVE_UNKNOWN, name, known.at ? known.at : "-");
}

static bool check_state(const struct edit *edit, const struct move *move, struct err *err)
{
	struct str state = row_at(edit->table, &edit->before, COLUMN_STATE)->text;
	auto_writer from = { 0 };

	for (size_t i = 0; i < move->from_count; i++) {
		if (str_equal(move->from[i], state))
			return true;
		writer_printf(&from, "%s%.*s", i ? ", " : "", STR_ARGS(move->from[i]));
	}
	return fail(err, MSG_MOVE_STATE, move->name, state, writer_str(&from));
}

/* Separation is by person: another account of the same person is no other pair of eyes. */
static bool check_creator(const struct edit *edit, const struct move *move, struct err *err)
{
	struct str creator = row_at(edit->table, &edit->before, COLUMN_CREATED_BY)->text;
	bool found, same;

	if (!move->not_creator || edit->scope->program)
		return true;

	auto_query struct query query = query_start(
		edit->change->conn, "SELECT person FROM account WHERE public_id = :creator");

	query_blob(&query, "creator", creator);
	if (!query_one(&query, &found, err))
		return false;
	same = str_equal(creator, uuid_str(&edit->scope->account_id)) ||
	       (found && column_int(&query, 0) == edit->scope->person);
	if (!query_end(&query, err))
		return false;
	return !same || fail(err, MSG_MOVE_CREATOR, move->name);
}

static void check_required(struct edit *edit, const struct move *move)
{
	for (size_t i = 0; i < move->required_count; i++) {
		const struct column *column =
			table_column(edit->table, move->required[i], CLEARANCE_SECRET);
		struct err problem;

		if (edit->now.values[column_index(edit->table, column)].present)
			continue;
		if (column_is_shown(column, edit->clearance)) {
			(void)fail(&problem, MSG_MOVE_REQUIRED, move->required[i], move->name);
			edit_problem(edit, move->required[i], &problem);
		} else {
			(void)fail(&problem, MSG_MOVE_HIDDEN, move->name);
			problems_add(edit->problems, &problem);
		}
	}
}

/* The guard speaks for the house, not for the caller: it may look at every field. */
static bool check_guard(const struct edit *edit, const struct move *move, struct err *err)
{
	struct filter_context context =
		request_context(edit->model, edit->scope, edit->change->now, CLEARANCE_SECRET);
	struct arena *arena = edit->change->arena;
	const struct filter_tree *tree;
	const struct filter *filter;
	bool holds;

	if (!move->guard.at)
		return true;
	if (!request_person(edit->change->conn, edit->scope, &context, err) ||
	    !filter_parse(arena, move->guard, &tree, err) ||
	    !filter_bind(arena, tree, edit->table, &context, &filter, err) ||
	    !filter_matches(filter, edit->table, edit->now.values, edit->change->conn, &holds, err))
		return false;
	return holds || fail(err, MSG_MOVE_GUARD, move->name, move->guard);
}

bool record_move(struct change *change, struct model *model, const struct scope *scope,
		 const struct type *type, const struct uuid *id, int64_t version, struct str name,
		 const struct node *fields, struct problems *problems, struct record_ref *ref,
		 struct err *err)
{
	struct edit edit = { .change = change,
			     .model = model,
			     .scope = scope,
			     .table = table_of(type),
			     .problems = problems,
			     .id = *id };
	const struct move *move;
	const char *action;

	if (!edit_open(&edit, version, err) || !find_move(type, name, &move, err))
		return false;
	action = arena_printf(change->arena, "move.%.*s", STR_ARGS(name));
	if (!action)
		return arena_check(change->arena, err);

	bool may_change = access_allows(scope, edit.table, "change", edit.before.path);

	if (!access_need(scope, edit.table, action, edit.before.path, err) ||
	    !check_state(&edit, move, err) || !check_creator(&edit, move, err) ||
	    !edit_fields(&edit, fields, may_change ? NULL : move, err))
		return false;
	check_required(&edit, move);
	if (!edit_check(&edit, err) || !check_guard(&edit, move, err))
		return false;
	*row_at(edit.table, &edit.now, COLUMN_STATE) = value_text(move->to);
	return edit_update(&edit, action, move->name, ref, err);
}
