#include "model/table.h"

#include "base/memory.h"

/* A column that every record of every type has. */
struct common {
	enum column_role role;
	const char *name, *column;
	enum field_kind kind;
	enum storage storage;
	bool nullable, account;
};

static const struct common commons[] = {
	{ COLUMN_ID, "id", "public_id", FIELD_REFERENCE, STORED_BLOB, false, false },
	{ COLUMN_ORGANISATION, "organisation", "organisation", FIELD_ORGANISATION, STORED_INT,
	  false, false },
	{ COLUMN_NUMBER, "number", "number", FIELD_TEXT, STORED_TEXT, false, false },
	{ COLUMN_STATE, "state", "state", FIELD_CHOICE, STORED_TEXT, false, false },
	{ COLUMN_MOVE, "move", "move", FIELD_TEXT, STORED_TEXT, true, false },
	{ COLUMN_VERSION, "version", "version", FIELD_INTEGER, STORED_INT, false, false },
	{ COLUMN_EDITION, "edition", "edition", FIELD_INTEGER, STORED_INT, false, false },
	{ COLUMN_CREATED, "created", "created", FIELD_INSTANT, STORED_INT, false, false },
	{ COLUMN_CREATED_BY, "created_by", "created_by", FIELD_PERSON, STORED_BLOB, false, true },
	{ COLUMN_CHANGED, "changed", "changed", FIELD_INSTANT, STORED_INT, false, false },
	{ COLUMN_CHANGED_BY, "changed_by", "changed_by", FIELD_PERSON, STORED_BLOB, false, true },
};

/* The organisation's own table, which identity keeps: field and expression. */
static const struct {
	enum column_role role;
	const char *name, *sql;
	enum field_kind kind;
	enum storage storage;
	bool nullable;
} native_columns[] = {
	{ COLUMN_ID, "id", "t.public_id", FIELD_REFERENCE, STORED_BLOB, false },
	{ COLUMN_FIELD, "name", "t.name", FIELD_TEXT, STORED_TEXT, false },
	{ COLUMN_FIELD, "code", "NULLIF(t.code, '')", FIELD_TEXT, STORED_TEXT, true },
	{ COLUMN_FIELD, "kind", "NULLIF(t.kind, '')", FIELD_TEXT, STORED_TEXT, true },
	{ COLUMN_FIELD, "parent", "(SELECT p.public_id FROM organisation p WHERE p.id = t.parent)",
	  FIELD_ORGANISATION, STORED_BLOB, true },
	{ COLUMN_VERSION, "version", "t.version", FIELD_INTEGER, STORED_INT, false },
	{ COLUMN_CREATED, "created", "t.created", FIELD_INSTANT, STORED_INT, false },
};

const struct table *table_of(const struct type *type)
{
	static_assert(offsetof(struct table, type) == 0, "a table begins with its type");
	return (const struct table *)(const void *)type;
}

static bool has_common(const struct type *type, enum column_role role)
{
	if (role == COLUMN_ORGANISATION)
		return !type->catalogue;
	if (role == COLUMN_NUMBER)
		return type->number_prefix.at != NULL;
	if (role == COLUMN_STATE || role == COLUMN_MOVE)
		return type->state_count > 0;
	return true;
}

/* A field for what is no field of the pack, so that filter, sort and output treat both alike. */
static const struct field *made_field(struct arena *arena, const struct type *type,
				      const char *name, enum field_kind kind)
{
	struct field *field = arena_take(arena, sizeof(*field));
	struct choice *choices = arena_array(arena, type->state_count, sizeof(*choices));

	if (!field || !choices)
		return NULL;
	field->name = field->column = str_of(name);
	field->kind = kind;
	field->sensitivity = CLEARANCE_PUBLIC;
	field->minimum = INT64_MIN;
	field->maximum = INT64_MAX;
	if (kind == FIELD_CHOICE) {
		for (size_t i = 0; i < type->state_count; i++)
			choices[i] = (struct choice){ .name = type->states[i].name,
						      .label = type->states[i].label };
		field->choices = choices;
		field->choice_count = type->state_count;
	}
	return field;
}

static size_t add_commons(struct arena *arena, const struct type *type, struct column *columns)
{
	size_t n = 0;

	for (size_t i = 0; i < nitems(commons); i++) {
		const struct common *common = &commons[i];

		if (!has_common(type, common->role))
			continue;
		columns[n++] = (struct column){
			.role = common->role,
			.field = made_field(arena, type, common->name, common->kind),
			.name = common->column,
			.sql = arena_printf(arena, "t.%s", common->column),
			.storage = common->storage,
			.nullable = common->nullable,
			.account = common->account,
		};
	}
	return n;
}

static size_t add_fields(struct arena *arena, const struct type *type, struct column *columns,
			 size_t n)
{
	for (size_t i = 0; i < type->field_count; i++) {
		const struct field *field = &type->fields[i];
		const char *name = arena_printf(arena, "f_%.*s", STR_ARGS(field->column));

		columns[n++] = (struct column){
			.role = COLUMN_FIELD,
			.field = field,
			.name = name,
			.sql = arena_printf(arena, "t.%s", name ? name : ""),
			.storage = field->sealed ? STORED_BLOB : field_storage(field->kind),
			.nullable = true,
		};
		if (field->sealed && (field->exact || field->unique)) {
			name = arena_printf(arena, "b_%.*s", STR_ARGS(field->column));
			columns[n++] = (struct column){
				.role = COLUMN_BLIND,
				.field = field,
				.name = name,
				.sql = arena_printf(arena, "t.%s", name ? name : ""),
				.storage = STORED_BLOB,
				.nullable = true,
			};
		}
	}
	return n;
}

static size_t add_native(struct arena *arena, const struct type *type, struct column *columns)
{
	for (size_t i = 0; i < nitems(native_columns); i++) {
		const struct field *field = type_field(type, str_of(native_columns[i].name));

		columns[i] = (struct column){
			.role = native_columns[i].role,
			.field = field ? field
				       : made_field(arena, type, native_columns[i].name,
						    native_columns[i].kind),
			.name = native_columns[i].name,
			.sql = native_columns[i].sql,
			.storage = native_columns[i].storage,
			.nullable = native_columns[i].nullable,
		};
	}
	return nitems(native_columns);
}

static const char *made_select(struct arena *arena, const struct table *table)
{
	auto_writer sql = { 0 };

	writer_text(&sql, "SELECT t.id, t.salt, t.entry, ");
	writer_text(&sql, table->type.native      ? "t.path, t.public_id"
			  : table->type.catalogue ? "NULL, NULL"
						  : "o.path, o.public_id");
	for (size_t i = 0; i < table->count; i++)
		writer_printf(&sql, ", %s", table->columns[i].sql);
	writer_printf(&sql, " FROM %s t", table->name);
	if (!table->type.native && !table->type.catalogue)
		writer_text(&sql, " LEFT JOIN organisation o ON o.id = t.organisation");
	return arena_text(arena, writer_str(&sql));
}

static const char *made_insert(struct arena *arena, const struct table *table)
{
	auto_writer sql = { 0 };

	writer_printf(&sql, "INSERT INTO %s (salt, entry", table->name);
	for (size_t i = 0; i < table->count; i++)
		writer_printf(&sql, ", %s", table->columns[i].name);
	writer_text(&sql, ") VALUES (:salt, :entry");
	for (size_t i = 0; i < table->count; i++)
		writer_printf(&sql, ", :%s", table->columns[i].name);
	writer_text(&sql, ")");
	return arena_text(arena, writer_str(&sql));
}

static const size_t *sorted_by_name(struct arena *arena, const struct column *columns, size_t count)
{
	size_t *sorted = arena_array(arena, count, sizeof(*sorted));

	for (size_t i = 0; sorted && i < count; i++) {
		size_t at = i;

		while (at > 0 && strcmp(columns[sorted[at - 1]].name, columns[i].name) > 0) {
			sorted[at] = sorted[at - 1];
			at--;
		}
		sorted[at] = i;
	}
	return sorted;
}

const struct table *table_new(struct arena *arena, const struct type *type,
			      const struct type_set *set)
{
	struct table *table = arena_take(arena, sizeof(*table));
	struct column *columns =
		arena_array(arena, nitems(commons) + 2 * type->field_count, sizeof(*columns));

	if (!table || !columns)
		return NULL;
	table->type = *type;
	table->set = set;
	table->name =
		type->native ? "organisation" : arena_printf(arena, "r_%.*s", STR_ARGS(type->name));
	table->columns = columns;
	table->count =
		type->native ? add_native(arena, type, columns)
			     : add_fields(arena, type, columns, add_commons(arena, type, columns));
	if (arena_over(arena))
		return NULL;
	for (size_t role = 0; role < COLUMN_ROLES; role++)
		table->at[role] = SIZE_MAX;
	for (size_t i = 0; i < table->count; i++)
		table->at[columns[i].role] = i;
	table->sorted = sorted_by_name(arena, columns, table->count);
	table->read_permission = arena_printf(arena, "%.*s.read", STR_ARGS(type->name));
	table->select = made_select(arena, table);
	table->insert = made_insert(arena, table);
	return arena_over(arena) ? NULL : table;
}

bool column_is_shown(const struct column *column, enum clearance clearance)
{
	return column->role != COLUMN_BLIND && column->field->sensitivity <= clearance;
}

const struct column *table_column(const struct table *table, struct str name,
				  enum clearance clearance)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];

		if (column_is_shown(column, clearance) && str_equal(column->field->name, name))
			return column;
	}
	return NULL;
}

const struct column *table_role(const struct table *table, enum column_role role)
{
	return table->at[role] == SIZE_MAX ? NULL : &table->columns[table->at[role]];
}

const struct column *table_blind(const struct table *table, const struct field *field)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->columns[i].role == COLUMN_BLIND && table->columns[i].field == field)
			return &table->columns[i];
	}
	return NULL;
}

size_t column_index(const struct table *table, const struct column *column)
{
	return (size_t)(column - table->columns);
}
