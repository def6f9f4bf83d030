#include "base/encode.h"
#include "base/memory.h"
#include "base/vec.h"
#include "crypto/digest.h"
#include "model/table.h"

/* One index that a table needs. */
struct index {
	const struct field *field; /* of a unique one */
	bool unique;
	char name[64];
	struct writer columns;
};

struct index_list VEC(struct index);

static void add_index(struct index_list *list, const struct table *table, const struct field *field,
		      bool unique, struct writer *columns)
{
	struct index index = { .field = field, .unique = unique, .columns = *columns };
	auto_writer text = { 0 }, hash = { 0 };
	struct digest digest;

	/* Its meaning gives the name: the same index is found again, another one cannot have its name. */
	writer_printf(&text, "%s %d %s", table->name, unique, columns->at);
	digest = sha256(writer_str(&text));
	hex_write(&hash, (struct str){ (const char *)digest.bytes, 5 });
	(void)snprintf(index.name, sizeof(index.name), "x_%.*s_%s", STR_ARGS(table->type.name),
		       hash.at);
	vec_push(list, index);
}

static const struct column *column_of(const struct table *table, const struct field *field)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->columns[i].role == COLUMN_FIELD && table->columns[i].field == field)
			return &table->columns[i];
	}
	return NULL;
}

/* The key for keyset paging and the organisation stand behind the declared fields, so that a page is read from the index alone. */
static void add_declared(struct index_list *list, const struct table *table,
			 const struct type_index *declared)
{
	struct writer columns = { 0 };

	for (size_t i = 0; i < declared->count; i++) {
		const struct field *field = type_field(&table->type, declared->fields[i]);

		writer_printf(&columns, "%s, ", field ? column_of(table, field)->name : "state");
	}
	writer_text(&columns, table->type.catalogue ? "id" : "id, organisation");
	add_index(list, table, NULL, false, &columns);
}

static void list_indexes(struct index_list *list, const struct table *table)
{
	struct writer columns = { 0 };

	if (table->type.native)
		return;
	if (table->type.number_prefix.at) {
		writer_text(&columns, "number");
		add_index(list, table, NULL, true, &columns);
	}
	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];
		bool blind = column->role == COLUMN_BLIND;

		columns = (struct writer){ 0 };
		if ((column->role != COLUMN_FIELD && !blind) ||
		    (!column->field->unique && !blind) || (column->field->sealed && !blind))
			continue;
		writer_text(&columns, column->name);
		add_index(list, table, column->field, column->field->unique, &columns);
	}
	for (size_t i = 0; i < table->type.index_count; i++)
		add_declared(list, table, &table->type.indexes[i]);
}

static void release_indexes(struct index_list *list)
{
	vec_each (struct index, index, list)
		writer_release(&index->columns);
	vec_release(list);
}

static bool has_index(const struct index_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->at[i].name, name) == 0)
			return true;
	}
	return false;
}

static bool migrate_indexes(struct conn *conn, const struct table *before, const struct table *now,
			    struct err *err)
{
	struct index_list old = { 0 }, all = { 0 };
	bool done = true;

	if (before)
		list_indexes(&old, before);
	list_indexes(&all, now);
	for (size_t i = 0; done && i < old.count; i++) {
		auto_writer sql = { 0 };

		writer_printf(&sql, "DROP INDEX %s", old.at[i].name);
		if (!has_index(&all, old.at[i].name))
			done = conn_execute(conn, sql.at, err);
	}
	for (size_t i = 0; done && i < all.count; i++) {
		auto_writer sql = { 0 };

		writer_printf(&sql, "CREATE %sINDEX %s ON %s (%s)",
			      all.at[i].unique ? "UNIQUE " : "", all.at[i].name, now->name,
			      all.at[i].columns.at);
		if (!has_index(&old, all.at[i].name))
			done = conn_execute(conn, sql.at, err);
		if (!done && err_is_duplicate(err) && all.at[i].field)
			(void)fail(err, MSG_PACK_NOT_UNIQUE, now->type.name, all.at[i].field->name);
	}
	release_indexes(&old);
	release_indexes(&all);
	return done;
}

static const char *column_type(const struct column *column)
{
	static const char *const types[] = {
		[STORED_INT] = "{int}", [STORED_TEXT] = "{text}", [STORED_BLOB] = "{blob}"
	};

	return types[column->storage];
}

static bool create_table(struct conn *conn, const struct table *table, struct err *err)
{
	auto_writer sql = { 0 };

	writer_printf(&sql, "CREATE TABLE %s (id {id}, salt {blob} NOT NULL, entry {int} NOT NULL",
		      table->name);
	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];

		writer_printf(&sql, ", %s %s%s%s", column->name, column_type(column),
			      column->nullable ? "" : " NOT NULL",
			      column->role == COLUMN_ID ? " UNIQUE" : "");
	}
	writer_text(&sql, ") {strict}");
	return conn_execute(conn, sql.at, err);
}

static bool has_column(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->columns[i].name, name) == 0)
			return true;
	}
	return false;
}

static bool add_columns(struct conn *conn, const struct table *before, const struct table *now,
			struct err *err)
{
	for (size_t i = 0; i < now->count; i++) {
		auto_writer sql = { 0 };

		if (has_column(before, now->columns[i].name))
			continue;
		writer_printf(&sql, "ALTER TABLE %s ADD COLUMN %s %s", now->name,
			      now->columns[i].name, column_type(&now->columns[i]));
		if (!conn_execute(conn, sql.at, err))
			return false;
	}
	return true;
}

bool table_migrate(struct conn *conn, const struct table *before, const struct table *now,
		   struct err *err)
{
	if (now->type.native)
		return true;
	return (before ? add_columns(conn, before, now, err) : create_table(conn, now, err)) &&
	       migrate_indexes(conn, before, now, err);
}

/* SQLite names "r_device.f_serial", PostgreSQL the index. */
const struct field *table_duplicate(const struct table *table, const struct err *err)
{
	struct index_list list = { 0 };
	const struct field *field = NULL;

	list_indexes(&list, table);
	for (size_t i = 0; i < list.count && !field; i++) {
		auto_writer column = { 0 };

		writer_printf(&column, "%s.%s", table->name, list.at[i].columns.at);
		if (list.at[i].unique && (strstr(err->arg[0], list.at[i].name) ||
					  str_is(str_of(err->arg[0]), column.at)))
			field = list.at[i].field;
	}
	release_indexes(&list);
	return field;
}
