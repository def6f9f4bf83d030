#include "model/edit.h"

#include "model/access.h"

const char *edit_action(struct arena *arena, const struct table *table, const char *what)
{
	enum { WORD_MAX = 63 };
	struct str word = str_of(what);

	if (table->type.name.len + 1 + word.len > WORD_MAX)
		word = str_sub(word, 0, str_find(word, '.'));
	return arena_printf(arena, "%.*s.%.*s", STR_ARGS(table->type.name), STR_ARGS(word));
}

bool edit_open(struct edit *edit, int64_t version, struct err *err)
{
	struct arena *arena = edit->change->arena;
	char text[UUID_TEXT_SIZE];
	bool found;

	problems_release(edit->problems);
	if (!row_find(edit->change->conn, arena, edit->table, &edit->id, &edit->before, &found,
		      err))
		return false;
	if (!found || !access_allows(edit->scope, edit->table, "read", edit->before.path))
		return fail(err, MSG_RECORD_MISSING, edit->table->type.name,
			    uuid_text(&edit->id, text));
	if (edit->table->type.native || edit->table->type.removed)
		return fail(err, MSG_TYPE_READ_ONLY, edit->table->type.name);
	if (row_version(edit->table, &edit->before) != version)
		return fail(err, MSG_RECORD_CHANGED, version,
			    row_version(edit->table, &edit->before));
	edit->clearance = access_clearance(edit->scope, edit->table, edit->before.path);
	return row_copy(arena, edit->table, &edit->before, &edit->now) || arena_check(arena, err);
}

/* The new body's salt and commitment, and the entry that binds it to the one before. */
static bool add_entry(struct edit *edit, const char *action, struct err *err)
{
	struct entry entry = {
		.action = edit_action(edit->change->arena, edit->table, action),
		.type = arena_text(edit->change->arena, edit->table->type.name),
		.subject = edit->id,
		.version = row_version(edit->table, &edit->now),
	};

	if (!arena_check(edit->change->arena, err))
		return false;
	salt_new(edit->now.salt);
	if (edit->before.values)
		entry.before = row_commitment(edit->table, &edit->before);
	entry.after = row_commitment(edit->table, &edit->now);
	return change_entry(edit->change, &entry, &edit->now.entry, err);
}

/* A violated UNIQUE becomes the field's problem. */
static bool run(struct edit *edit, struct query *query, int64_t *changed, struct err *err)
{
	const struct field *field;
	char text[UUID_TEXT_SIZE];
	struct err problem;

	if (query_run(query, changed, err))
		return true;
	if (!err_is_duplicate(err))
		return false;
	field = table_duplicate(edit->table, err);
	if (!field)
		return fail(err, MSG_RECORD_ID_TAKEN, uuid_text(&edit->id, text));
	(void)fail(&problem, MSG_FIELD_TAKEN, field->name);
	edit_problem(edit, field->name, &problem);
	return fail(err, MSG_RECORD_INVALID, edit->problems->count);
}

static struct str salt_str(const struct row *row)
{
	return (struct str){ (const char *)row->salt, SALT_SIZE };
}

bool edit_insert(struct edit *edit, struct record_ref *ref, struct err *err)
{
	const struct table *table = edit->table;

	if (!add_entry(edit, "create", err))
		return false;

	auto_query struct query query = query_start(edit->change->conn, table->insert);

	query_blob(&query, "salt", salt_str(&edit->now));
	query_int(&query, "entry", edit->now.entry);
	for (size_t i = 0; i < table->count; i++)
		query_value(&query, table->columns[i].name, table->columns[i].storage,
			    &edit->now.values[i]);
	*ref = (struct record_ref){ edit->id, row_version(table, &edit->now) };
	return run(edit, &query, NULL, err);
}

static const char sql_version[] =
	"INSERT INTO record_version (type, record, version, salt, entry, previous) "
	"VALUES (:type, :record, :version, :salt, :entry, :previous)";

static bool keep_version(struct edit *edit, struct err *err)
{
	auto_writer previous = { 0 };
	auto_query struct query query = query_start(edit->change->conn, sql_version);

	row_write_difference(edit->table, edit->now.values, edit->before.values, &previous);
	query_text(&query, "type", edit->table->type.name);
	query_blob(&query, "record", uuid_str(&edit->id));
	query_int(&query, "version", row_version(edit->table, &edit->before));
	query_blob(&query, "salt", salt_str(&edit->before));
	query_int(&query, "entry", edit->before.entry);
	query_text(&query, "previous", writer_str(&previous));
	return query_run(&query, NULL, err);
}

/* Only the columns that differ are named: the indexes of the others stay untouched. */
static bool write_row(struct edit *edit, int64_t *changed, struct err *err)
{
	const struct table *table = edit->table;
	auto_writer sql = { 0 };

	writer_printf(&sql, "UPDATE %s SET salt = :salt, entry = :entry", table->name);
	for (size_t i = 0; i < table->count; i++) {
		if (!value_equal(table->columns[i].storage, &edit->now.values[i],
				 &edit->before.values[i]))
			writer_printf(&sql, ", %s = :%s", table->columns[i].name,
				      table->columns[i].name);
	}
	writer_text(&sql, " WHERE id = :row AND entry = :was");

	auto_query struct query query = query_start(edit->change->conn, sql.at);

	query_blob(&query, "salt", salt_str(&edit->now));
	query_int(&query, "entry", edit->now.entry);
	query_int(&query, "row", edit->before.id);
	query_int(&query, "was", edit->before.entry);
	for (size_t i = 0; i < table->count; i++) {
		if (!value_equal(table->columns[i].storage, &edit->now.values[i],
				 &edit->before.values[i]))
			query_value(&query, table->columns[i].name, table->columns[i].storage,
				    &edit->now.values[i]);
	}
	return run(edit, &query, changed, err);
}

bool edit_update(struct edit *edit, const char *action, struct str move, struct record_ref *ref,
		 struct err *err)
{
	const struct table *table = edit->table;
	int64_t version = row_version(table, &edit->before), changed;
	struct value *last_move = row_at(table, &edit->now, COLUMN_MOVE);

	*row_at(table, &edit->now, COLUMN_VERSION) = value_int(version + 1);
	*row_at(table, &edit->now, COLUMN_EDITION) = value_int(table->type.edition);
	*row_at(table, &edit->now, COLUMN_CHANGED) = value_int(edit->change->now);
	*row_at(table, &edit->now, COLUMN_CHANGED_BY) =
		value_text(uuid_str(&edit->change->actor->account));
	if (last_move)
		*last_move = value_text(move);
	if (!add_entry(edit, action, err) || !write_row(edit, &changed, err))
		return false;
	if (changed != 1)
		return fail(err, MSG_RECORD_CHANGED, version, version + 1);
	*ref = (struct record_ref){ edit->id, version + 1 };
	return keep_version(edit, err);
}
