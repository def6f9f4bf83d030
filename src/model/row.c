#include "model/row.h"

#include "base/encode.h"
#include "base/node.h"
#include "base/uuid.h"

static struct value value_copy(struct arena *arena, struct value value)
{
	if (value.text.at)
		value.text = arena_copy(arena, value.text);
	return value;
}

bool row_take(struct arena *arena, const struct table *table, struct query *query, struct row *row)
{
	struct str salt = column_blob(query, SELECT_SALT);

	row->values = arena_array(arena, table->count, sizeof(*row->values));
	if (!row->values)
		return false;
	row->id = column_int(query, SELECT_ID);
	row->entry = column_int(query, SELECT_ENTRY);
	row->path = arena_copy(arena, column_text(query, SELECT_PATH));
	row->organisation = arena_copy(arena, column_blob(query, SELECT_ORGANISATION));
	memset(row->salt, 0, sizeof(row->salt));
	if (salt.len == SALT_SIZE)
		memcpy(row->salt, salt.at, SALT_SIZE);
	for (size_t i = 0; i < table->count; i++)
		row->values[i] = value_copy(arena, column_value(query, SELECT_COLUMNS + (int)i,
								table->columns[i].storage));
	return !arena_over(arena);
}

bool row_find(struct conn *conn, struct arena *arena, const struct table *table,
	      const struct uuid *id, struct row *row, bool *found, struct err *err)
{
	auto_writer sql = { 0 };

	writer_printf(&sql, "%s WHERE t.public_id = :id", table->select);

	auto_query struct query query = query_start(conn, sql.at);

	query_blob(&query, "id", uuid_str(id));
	if (!query_one(&query, found, err))
		return false;
	if (*found && !row_take(arena, table, &query, row))
		return arena_check(arena, err);
	return query_end(&query, err);
}

bool row_copy(struct arena *arena, const struct table *table, const struct row *from,
	      struct row *to)
{
	struct value *values = arena_array(arena, table->count, sizeof(*values));

	if (!values)
		return false;
	memcpy(values, from->values, table->count * sizeof(*values));
	*to = *from;
	to->values = values;
	return true;
}

struct value *row_at(const struct table *table, const struct row *row, enum column_role role)
{
	return table->at[role] == SIZE_MAX ? NULL : &row->values[table->at[role]];
}

int64_t row_version(const struct table *table, const struct row *row)
{
	return row_at(table, row, COLUMN_VERSION)->number;
}

struct uuid row_uuid(const struct table *table, const struct row *row)
{
	struct str bytes = row_at(table, row, COLUMN_ID)->text;
	struct uuid id = { 0 };

	if (bytes.len == sizeof(id.bytes))
		memcpy(id.bytes, bytes.at, sizeof(id.bytes));
	return id;
}

static void write_stored(enum storage storage, const struct value *value, struct json *json)
{
	auto_writer text = { 0 };

	if (!value->present) {
		json_null(json);
	} else if (storage == STORED_INT) {
		json_int(json, value->number);
	} else if (storage == STORED_TEXT) {
		json_str(json, value->text);
	} else {
		base64_write(&text, value->text);
		json_str(json, writer_str(&text));
	}
}

void row_write_body(const struct table *table, const struct value *values, struct writer *out)
{
	struct json json = json_into(out);

	json_object(&json);
	for (size_t i = 0; i < table->count; i++) {
		size_t at = table->sorted[i];

		if (!values[at].present)
			continue;
		json_key(&json, table->columns[at].name);
		write_stored(table->columns[at].storage, &values[at], &json);
	}
	json_object_end(&json);
}

struct commitment row_commitment(const struct table *table, const struct row *row)
{
	auto_writer body = { 0 };

	row_write_body(table, row->values, &body);
	return commitment_to(row->salt, writer_str(&body));
}

void row_write_difference(const struct table *table, const struct value *now,
			  const struct value *before, struct writer *out)
{
	struct json json = json_into(out);

	json_object(&json);
	for (size_t i = 0; i < table->count; i++) {
		size_t at = table->sorted[i];

		if (value_equal(table->columns[at].storage, &now[at], &before[at]))
			continue;
		json_key(&json, table->columns[at].name);
		write_stored(table->columns[at].storage, &before[at], &json);
	}
	json_object_end(&json);
}

static bool read_stored(struct arena *arena, enum storage storage, const struct node *node,
			struct value *value)
{
	auto_writer bytes = { 0 };

	*value = (struct value){ .present = node->kind != NODE_NULL };
	if (!value->present)
		return true;
	if (storage == STORED_INT)
		return node->kind == NODE_NUMBER && node_int(node, &value->number);
	if (node->kind != NODE_TEXT ||
	    (storage == STORED_BLOB && !base64_parse(node->text, &bytes)))
		return false;
	value->text = storage == STORED_TEXT ? node->text : arena_copy(arena, writer_str(&bytes));
	return !arena_over(arena);
}

static bool step_back(struct arena *arena, const struct table *table, struct str text,
		      struct row *row)
{
	const struct node *difference;
	struct err ignored;

	if (!node_from_json(arena, text, &difference, &ignored) || difference->kind != NODE_MAP)
		return false;
	for (const struct node *node = difference->child; node; node = node->next) {
		size_t at = 0;

		while (at < table->count && !str_is(node->key, table->columns[at].name))
			at++;
		if (at == table->count ||
		    !read_stored(arena, table->columns[at].storage, node, &row->values[at]))
			return false;
	}
	return true;
}

static const char sql_versions[] =
	"SELECT version, salt, entry, previous FROM record_version WHERE type = :type "
	"AND record = :record ORDER BY version DESC";

static bool lost(const struct table *table, const struct row *row, int64_t version, struct err *err)
{
	struct uuid id = row_uuid(table, row);
	char text[UUID_TEXT_SIZE];

	return fail(err, MSG_RECORD_VERSION_LOST, table->type.name, uuid_text(&id, text), version);
}

bool row_versions(struct conn *conn, struct arena *arena, const struct table *table,
		  const struct row *now, row_visit_fn *visit, void *context, struct err *err)
{
	struct uuid id = row_uuid(table, now);
	int64_t version = row_version(table, now);
	struct row row;

	if (!row_copy(arena, table, now, &row))
		return arena_check(arena, err);
	if (!visit(context, &row, err))
		return false;
	if (version == 1)
		return true;

	auto_query struct query query = query_start(conn, sql_versions);

	query_text(&query, "type", table->type.name);
	query_blob(&query, "record", uuid_str(&id));
	while (query_row(&query)) {
		struct str salt = column_blob(&query, 1);
		struct row before;

		version--;
		if (!row_copy(arena, table, &row, &before))
			return arena_check(arena, err);
		row = before;
		if (column_int(&query, 0) != version || salt.len != SALT_SIZE ||
		    !step_back(arena, table, arena_copy(arena, column_text(&query, 3)), &row) ||
		    row_version(table, &row) != version)
			return lost(table, now, version, err);
		memcpy(row.salt, salt.at, SALT_SIZE);
		row.entry = column_int(&query, 2);
		if (!visit(context, &row, err))
			return false;
	}
	if (!query_end(&query, err))
		return false;
	return version == 1 || lost(table, now, version - 1, err);
}
