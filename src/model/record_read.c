#include "base/memory.h"
#include "model/access.h"
#include "model/edit.h"
#include "model/show.h"

/* The record if the scope reaches it; else MSG_RECORD_MISSING, as if there were none. */
static bool find(struct conn *conn, struct arena *arena, const struct scope *scope,
		 const struct table *table, const struct uuid *id, struct row *row, struct err *err)
{
	char text[UUID_TEXT_SIZE];
	bool found;

	if (!row_find(conn, arena, table, id, row, &found, err))
		return false;
	return (found && access_allows(scope, table, "read", row->path)) ||
	       fail(err, MSG_RECORD_MISSING, table->type.name, uuid_text(id, text));
}

enum { RECORD_MEMORY = 32 << 20 };

bool record_read(struct conn *conn, struct model *model, const struct scope *scope,
		 const struct type *type, const struct uuid *id, struct json *json,
		 int64_t *version, struct err *err)
{
	const struct table *table = table_of(type);
	auto_arena arena = arena_new(RECORD_MEMORY);
	struct row row;

	(void)model;
	if (!find(conn, arena, scope, table, id, &row, err))
		return false;
	show_record(table, &row, access_clearance(scope, table, row.path), json);
	*version = row_version(table, &row);
	return true;
}

/* --- History ---------------------------------------------------------------------------------------- */

struct history {
	const struct table *table;
	enum clearance clearance;
	struct json *json;
	struct row newer; /* the version visited before; values NULL: none yet */
};

static void put_changes(const struct history *history, const struct row *older)
{
	const struct table *table = history->table;
	struct json *json = history->json;

	json_key(json, "fields");
	json_object(json);
	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];
		bool told = column->role == COLUMN_FIELD || column->role == COLUMN_STATE ||
			    column->role == COLUMN_ORGANISATION;
		bool same = older ? value_equal(column->storage, &history->newer.values[i],
						&older->values[i])
				  : !history->newer.values[i].present;

		if (!told || same || !column_is_shown(column, history->clearance))
			continue;
		json_key_str(json, column->field->name);
		json_object(json);
		json_key(json, "from");
		if (older)
			show_value(table, older, column, json);
		else
			json_null(json);
		json_key(json, "to");
		show_value(table, &history->newer, column, json);
		json_object_end(json);
	}
	json_object_end(json);
}

static void put_version(const struct history *history, const struct row *older)
{
	static const enum column_role roles[] = { COLUMN_VERSION, COLUMN_CHANGED, COLUMN_CHANGED_BY,
						  COLUMN_MOVE, COLUMN_EDITION };
	const struct row *row = &history->newer;
	struct json *json = history->json;
	char entry[24];

	json_object(json);
	for (size_t i = 0; i < nitems(roles); i++) {
		const struct column *column = table_role(history->table, roles[i]);

		if (!column)
			continue;
		json_key_str(json, column->field->name);
		show_value(history->table, row, column, json);
	}
	/* As text: it is larger than what JavaScript's numbers hold. */
	(void)snprintf(entry, sizeof(entry), "%lld", (long long)row->entry);
	json_put_text(json, "entry", entry);
	put_changes(history, older);
	json_object_end(json);
}

static bool visit_version(void *context, const struct row *row, struct err *err)
{
	struct history *history = context;

	(void)err;
	if (history->newer.values)
		put_version(history, row);
	history->newer = *row;
	return true;
}

bool record_history(struct conn *conn, struct model *model, const struct scope *scope,
		    const struct type *type, const struct uuid *id, struct json *json,
		    struct err *err)
{
	const struct table *table = table_of(type);
	auto_arena arena = arena_new(RECORD_MEMORY);
	struct history history = { .table = table, .json = json };
	struct row row;

	(void)model;
	if (!find(conn, arena, scope, table, id, &row, err))
		return false;
	if (type->native)
		return fail(err, MSG_TYPE_READ_ONLY, type->name);
	history.clearance = access_clearance(scope, table, row.path);
	json_array(json);
	if (!row_versions(conn, arena, table, &row, visit_version, &history, err))
		return false;
	put_version(&history, NULL);
	json_array_end(json);
	return true;
}

/* --- Revealing --------------------------------------------------------------------------------------- */

static bool reveal_entry(struct change *change, const struct table *table, const struct row *row,
			 const struct field *field, struct err *err)
{
	const char *what = arena_printf(change->arena, "reveal.%.*s", STR_ARGS(field->name));
	struct entry entry = {
		.action = edit_action(change->arena, table, what ? what : ""),
		.type = arena_text(change->arena, table->type.name),
		.subject = row_uuid(table, row),
		/* No version: nothing was made. The commitment tells which content was seen. */
		.before = row_commitment(table, row),
		.after = row_commitment(table, row),
	};

	return arena_check(change->arena, err) && change_entry(change, &entry, NULL, err);
}

bool record_reveal(struct change *change, struct model *model, const struct scope *scope,
		   const struct type *type, const struct uuid *id, struct str name,
		   struct writer *value, struct err *err)
{
	const struct table *table = table_of(type);
	const struct column *column;
	struct row row;

	if (!find(change->conn, change->arena, scope, table, id, &row, err))
		return false;
	column = table_column(table, name, access_clearance(scope, table, row.path));
	if (!column)
		return fail(err, MSG_FIELD_UNKNOWN, name, type->name);
	if (!access_need(scope, table, "reveal", row.path, err))
		return false;
	if (!column->field->sealed)
		return fail(err, MSG_FIELD_NOT_SEALED, name);
	if (!row.values[column_index(table, column)].present)
		return fail(err, MSG_FIELD_EMPTY, name);
	/* The entry goes first, and the change may run more than once: what an earlier run wrote is taken back. */
	memory_wipe(value->at, value->len);
	writer_clear(value);
	return reveal_entry(change, table, &row, column->field, err) &&
	       row_unseal(model, table, &row, column, value, err);
}
