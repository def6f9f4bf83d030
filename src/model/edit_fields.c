#include "base/memory.h"
#include "identity/identity.h"
#include "model/access.h"
#include "model/edit.h"
#include "model/filter.h"
#include "model/suggest.h"

void edit_problem(struct edit *edit, struct str field, struct err *err)
{
	(void)err_in_field(err, field);
	problems_add(edit->problems, err);
}

static struct str seal_context(const struct table *table, const struct field *field,
			       const struct uuid *id, struct writer *context)
{
	char text[UUID_TEXT_SIZE];

	writer_printf(context, "%.*s/%.*s/%s", STR_ARGS(table->type.name), STR_ARGS(field->column),
		      uuid_text(id, text));
	return writer_str(context);
}

bool row_unseal(const struct model *model, const struct table *table, const struct row *row,
		const struct column *column, struct writer *plain, struct err *err)
{
	struct uuid id = row_uuid(table, row);
	auto_writer context = { 0 };

	return keyring_unseal(model->keyring, KEY_FIELD,
			      seal_context(table, column->field, &id, &context),
			      row->values[column_index(table, column)].text, plain, err);
}

/* A sealed value differs when its clear text does: each sealing gives other bytes. */
static bool is_same_sealed(struct edit *edit, const struct column *column,
			   const struct value *value, bool *same, struct err *err)
{
	const struct value *old = &edit->now.values[column_index(edit->table, column)];
	auto_writer plain = { 0 };

	*same = old->present == value->present;
	if (!*same || !old->present)
		return true;
	if (!row_unseal(edit->model, edit->table, &edit->now, column, &plain, err))
		return false;
	*same = secret_equal(writer_str(&plain), value->text);
	memory_wipe(plain.at, plain.len);
	return true;
}

static bool set_sealed(struct edit *edit, const struct column *column, const struct value *value,
		       struct err *err)
{
	const struct column *blind = table_blind(edit->table, column->field);
	struct value sealed = { .present = false }, hidden = { .present = false };
	auto_writer context = { 0 }, bytes = { 0 };
	bool same;

	if (!is_same_sealed(edit, column, value, &same, err))
		return false;
	if (same)
		return true;
	if (value->present) {
		struct digest digest =
			blind_of(edit->model->keyring, edit->table, column->field, value->text);

		if (!keyring_seal(edit->model->keyring, KEY_FIELD,
				  seal_context(edit->table, column->field, &edit->id, &context),
				  value->text, &bytes, err))
			return false;
		sealed = value_text(arena_copy(edit->change->arena, writer_str(&bytes)));
		hidden = value_text(arena_copy(edit->change->arena, digest_str(&digest)));
	}
	edit->now.values[column_index(edit->table, column)] = sealed;
	if (blind)
		edit->now.values[column_index(edit->table, blind)] = hidden;
	edit->touched = true;
	return arena_check(edit->change->arena, err);
}

/* --- What a reference points at ---------------------------------------------------------------------- */

static struct uuid uuid_at(struct str bytes)
{
	struct uuid id = { 0 };

	if (bytes.len == sizeof(id.bytes))
		memcpy(id.bytes, bytes.at, sizeof(id.bytes));
	return id;
}

static const struct table *target_table(const struct edit *edit, const struct field *field)
{
	const struct type *type = type_find(edit->table->set, field->target);

	return type ? table_of(type) : NULL;
}

static bool find_record(struct edit *edit, const struct field *field, const struct uuid *id,
			bool *found, struct err *err)
{
	const struct table *table = target_table(edit, field);
	struct row row;

	*found = false;
	if (!table)
		return true;
	if (!row_find(edit->change->conn, edit->change->arena, table, id, &row, found, err))
		return false;
	*found = *found && access_allows(edit->scope, table, "read", row.path);
	return true;
}

static bool find_person(struct edit *edit, const struct uuid *id, bool *found, struct err *err)
{
	auto_query struct query query =
		query_start(edit->change->conn, "SELECT id FROM person WHERE public_id = :id");

	query_blob(&query, "id", uuid_str(id));
	return query_one(&query, found, err) && query_end(&query, err);
}

static bool find_target(struct edit *edit, const struct field *field, const struct value *value,
			bool *found, struct err *err)
{
	struct uuid id = uuid_at(value->text);
	struct organisation organisation;

	*found = true;
	if (!value->present)
		return true;
	if (field->kind == FIELD_REFERENCE)
		return find_record(edit, field, &id, found, err);
	if (field->kind == FIELD_PERSON)
		return find_person(edit, &id, found, err);
	if (field->kind == FIELD_ORGANISATION)
		return identity_organisation(edit->change->conn, edit->scope, &id,
					     edit->change->arena, &organisation, found, err);
	return true;
}

/* --- Fields ---------------------------------------------------------------------------------------- */

static bool is_settable(const struct edit *edit, const struct column *column)
{
	return column->role == COLUMN_FIELD && !column->field->removed &&
	       column_is_shown(column, edit->clearance);
}

static void report_unknown(struct edit *edit, struct str name)
{
	struct suggestion suggestion = suggestion_for(name);
	struct err err;

	for (size_t i = 0; i < edit->table->count; i++) {
		if (is_settable(edit, &edit->table->columns[i]))
			suggestion_try(&suggestion, edit->table->columns[i].field->name);
	}
	if (suggestion.best.at)
		(void)fail(&err, MSG_FIELD_MISTYPED, name, suggestion.best);
	else
		(void)fail(&err, MSG_FIELD_UNKNOWN, name, edit->table->type.name);
	edit_problem(edit, name, &err);
}

static bool names_field(const struct move *move, struct str name)
{
	for (size_t i = 0; i < move->required_count; i++) {
		if (str_equal(move->required[i], name))
			return true;
	}
	return false;
}

static bool set_field(struct edit *edit, const struct column *column, const struct node *node,
		      struct err *err)
{
	struct value *old = &edit->now.values[column_index(edit->table, column)];
	struct value value;
	struct err problem;
	bool found;

	if (!value_read(edit->change->arena, column->field, node, &value, &problem)) {
		edit_problem(edit, column->field->name, &problem);
		return true;
	}
	if (column->field->sealed)
		return set_sealed(edit, column, &value, err);
	if (value_equal(column->storage, old, &value))
		return true;
	if (!find_target(edit, column->field, &value, &found, err))
		return false;
	if (!found) {
		(void)fail(&problem, MSG_FIELD_TARGET_MISSING, node->text);
		edit_problem(edit, column->field->name, &problem);
		return true;
	}
	*old = value;
	edit->touched = true;
	return true;
}

bool edit_fields(struct edit *edit, const struct node *fields, const struct move *only,
		 struct err *err)
{
	if (fields && fields->kind != NODE_MAP)
		return fail(err, MSG_RECORD_NOT_MAP);
	for (const struct node *node = fields ? fields->child : NULL; node; node = node->next) {
		const struct column *column = table_column(edit->table, node->key, edit->clearance);
		struct err problem;

		if (!edit->before.values &&
		    (str_is(node->key, "id") || str_is(node->key, "organisation")))
			continue;
		if (!column || !is_settable(edit, column)) {
			report_unknown(edit, node->key);
		} else if (only && !names_field(only, node->key)) {
			(void)fail(&problem, MSG_MOVE_FIELD, node->key, only->name);
			edit_problem(edit, node->key, &problem);
		} else if (!set_field(edit, column, node, err)) {
			return false;
		}
	}
	return true;
}

/* A field whose value was refused is not reported as missing too. */
static bool has_problem(const struct edit *edit, struct str field)
{
	for (size_t i = 0; i < edit->problems->count; i++) {
		if (str_is(field, edit->problems->list[i].place.field))
			return true;
	}
	return false;
}

bool edit_check(struct edit *edit, struct err *err)
{
	for (size_t i = 0; i < edit->table->count; i++) {
		const struct column *column = &edit->table->columns[i];
		struct err problem;

		if (!is_settable(edit, column) || !column->field->required ||
		    edit->now.values[i].present || has_problem(edit, column->field->name))
			continue;
		(void)fail(&problem, MSG_FIELD_REQUIRED, column->field->name);
		edit_problem(edit, column->field->name, &problem);
	}
	return !problems_any(edit->problems) ||
	       fail(err, MSG_RECORD_INVALID, edit->problems->count + edit->problems->dropped);
}
