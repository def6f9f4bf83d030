#include "base/memory.h"
#include "model/access.h"
#include "model/edit.h"

/* Where the record is to belong: named, or the one place in which the account has a grant. */
static bool find_organisation(struct edit *edit, const struct node *fields,
			      struct organisation *organisation, struct err *err)
{
	struct arena *arena = edit->change->arena;
	struct uuid id;
	bool found;

	if (node_member(fields, "organisation")) {
		struct str text = node_member_text(fields, "organisation");

		if (!uuid_parse(text, &id))
			return fail(err, MSG_FIELD_NOT_ID) ||
			       err_in_field(err, STR("organisation"));
		if (!identity_organisation(edit->change->conn, edit->scope, &id, arena,
					   organisation, &found, err))
			return false;
		if (!found)
			return fail(err, MSG_FIELD_TARGET_MISSING, text) ||
			       err_in_field(err, STR("organisation"));
		return true;
	}
	if (edit->scope->count != 1)
		return fail(err, MSG_RECORD_ORGANISATION) || err_in_field(err, STR("organisation"));
	organisation->id = edit->scope->grants[0].organisation;
	organisation->path = edit->scope->grants[0].path;
	return true;
}

static bool next_number(struct edit *edit, struct value *number, struct err *err)
{
	auto_query struct query query = query_start(
		edit->change->conn,
		"UPDATE record_counter SET last = last + 1 WHERE type = :type RETURNING last");
	bool found;

	query_text(&query, "type", edit->table->type.name);
	if (!query_one(&query, &found, err))
		return false;
	*number = value_text(str_of(arena_printf(edit->change->arena, "%.*s-%06lld",
						 STR_ARGS(edit->table->type.number_prefix),
						 (long long)column_int(&query, 0))));
	return query_end(&query, err);
}

static bool start_row(struct edit *edit, const struct organisation *organisation, struct err *err)
{
	const struct table *table = edit->table;
	struct str account = uuid_str(&edit->change->actor->account);
	struct value at = value_int(edit->change->now);
	const struct {
		enum column_role role;
		struct value value;
	} first[] = {
		{ COLUMN_ID, value_text(uuid_str(&edit->id)) },
		{ COLUMN_ORGANISATION, value_int(organisation->id) },
		{ COLUMN_VERSION, value_int(1) },
		{ COLUMN_EDITION, value_int(table->type.edition) },
		{ COLUMN_CREATED, at },
		{ COLUMN_CREATED_BY, value_text(account) },
		{ COLUMN_CHANGED, at },
		{ COLUMN_CHANGED_BY, value_text(account) },
		{ COLUMN_STATE,
		  value_text(table->type.state_count ? table->type.states[0].name : STR_NONE) },
	};

	edit->now.values = arena_array(edit->change->arena, table->count, sizeof(struct value));
	if (!edit->now.values)
		return arena_check(edit->change->arena, err);
	edit->now.path = organisation->path;
	for (size_t i = 0; i < nitems(first); i++) {
		struct value *value = row_at(table, &edit->now, first[i].role);

		if (value)
			*value = first[i].value;
	}
	return true;
}

/* --- The same record once more ------------------------------------------------------------------- */

struct comparison {
	struct edit *edit;
	bool same;
};

static bool is_same_text(struct edit *edit, const struct row *row, const struct column *column,
			 bool *same, struct err *err)
{
	size_t at = column_index(edit->table, column);
	auto_writer old = { 0 }, now = { 0 };

	*same = row->values[at].present == edit->now.values[at].present;
	if (!*same || !row->values[at].present)
		return true;
	if (!row_unseal(edit->model, edit->table, row, column, &old, err) ||
	    !row_unseal(edit->model, edit->table, &edit->now, column, &now, err))
		return false;
	*same = secret_equal(writer_str(&old), writer_str(&now));
	memory_wipe(old.at, old.len);
	memory_wipe(now.at, now.len);
	return true;
}

/* Only the first version is what a create can have made. */
static bool compare_first(void *context, const struct row *row, struct err *err)
{
	struct comparison *comparison = context;
	struct edit *edit = comparison->edit;
	const struct table *table = edit->table;
	bool same = true;

	if (row_version(table, row) != 1)
		return true;
	for (size_t i = 0; i < table->count && same; i++) {
		const struct column *column = &table->columns[i];

		if (column->role == COLUMN_FIELD && column->field->sealed) {
			if (!is_same_text(edit, row, column, &same, err))
				return false;
		} else if (column->role == COLUMN_FIELD || column->role == COLUMN_ORGANISATION) {
			same = value_equal(column->storage, &row->values[i], &edit->now.values[i]);
		}
	}
	comparison->same = same;
	return true;
}

/* MSG_RECORD_ID_TAKEN unless it is the same record, which the caller may see. */
static bool repeat(struct edit *edit, const struct row *old, struct record_ref *ref,
		   struct err *err)
{
	struct comparison comparison = { .edit = edit };
	char text[UUID_TEXT_SIZE];

	if (!row_versions(edit->change->conn, edit->change->arena, edit->table, old, compare_first,
			  &comparison, err))
		return false;
	if (!comparison.same || !access_allows(edit->scope, edit->table, "read", old->path))
		return fail(err, MSG_RECORD_ID_TAKEN, uuid_text(&edit->id, text));
	edit->change->nothing = true;
	*ref = (struct record_ref){ edit->id, 1 };
	return true;
}

static bool read_id(struct edit *edit, const struct node *fields, bool *given, struct err *err)
{
	const struct node *node = node_member(fields, "id");

	*given = node && node->kind != NODE_NULL;
	edit->id = uuid_new();
	if (*given && (node->kind != NODE_TEXT || !uuid_parse(node->text, &edit->id) ||
		       !uuid_is_version7(&edit->id)))
		return fail(err, MSG_RECORD_ID_FORM) || err_in_field(err, STR("id"));
	return true;
}

bool record_create(struct change *change, struct model *model, const struct scope *scope,
		   const struct type *type, const struct node *fields, struct problems *problems,
		   struct record_ref *ref, struct err *err)
{
	struct edit edit = { .change = change,
			     .model = model,
			     .scope = scope,
			     .table = table_of(type),
			     .problems = problems };
	struct organisation organisation = { .id = 0 };
	struct row old;
	bool given, found = false;

	problems_release(problems);
	if (type->native || type->removed)
		return fail(err, MSG_TYPE_READ_ONLY, type->name);
	if (!fields || fields->kind != NODE_MAP)
		return fail(err, MSG_RECORD_NOT_MAP);
	if (type->catalogue && node_member(fields, "organisation"))
		return fail(err, MSG_FIELD_UNKNOWN, "organisation", type->name);
	if (!read_id(&edit, fields, &given, err) ||
	    (!type->catalogue && !find_organisation(&edit, fields, &organisation, err)) ||
	    !access_need(scope, edit.table, "create", organisation.path, err) ||
	    !start_row(&edit, &organisation, err))
		return false;
	edit.clearance = access_clearance(scope, edit.table, organisation.path);
	if (!edit_fields(&edit, fields, NULL, err) || !edit_check(&edit, err))
		return false;
	if (given &&
	    !row_find(change->conn, change->arena, edit.table, &edit.id, &old, &found, err))
		return false;
	if (found)
		return repeat(&edit, &old, ref, err);
	if (type->number_prefix.at &&
	    !next_number(&edit, row_at(edit.table, &edit.now, COLUMN_NUMBER), err))
		return false;
	return edit_insert(&edit, ref, err);
}
