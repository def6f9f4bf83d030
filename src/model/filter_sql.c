#include "model/filter.h"

static void put_compare(const struct filter *filter, struct sql *sql)
{
	writer_printf(&sql->text, "%s %s ", filter->column->sql, filter_operator_name(filter->op));
	sql_value(sql, filter->column->storage, filter->values[0]);
}

static void put_set(const struct filter *filter, struct sql *sql)
{
	if (filter->count == 0) {
		writer_text(&sql->text, "1=0");
		return;
	}
	writer_printf(&sql->text, "%s %s", filter->column->sql, filter->count == 1 ? "= " : "IN (");
	for (size_t i = 0; i < filter->count; i++) {
		if (i)
			writer_text(&sql->text, ", ");
		sql_value(sql, filter->column->storage, filter->values[i]);
	}
	if (filter->count > 1)
		writer_byte(&sql->text, ')');
}

static void put_ranges(const struct filter *filter, struct sql *sql)
{
	writer_byte(&sql->text, '(');
	for (size_t i = 0; i < filter->count; i += 2) {
		writer_printf(&sql->text, "%s(%s >= ", i ? " OR " : "", filter->column->sql);
		sql_value(sql, STORED_BLOB, filter->values[i]);
		writer_printf(&sql->text, " AND %s <= ", filter->column->sql);
		sql_value(sql, STORED_BLOB, filter->values[i + 1]);
		writer_byte(&sql->text, ')');
	}
	writer_byte(&sql->text, ')');
}

/* lower() folds ASCII only, on SQLite always and on PostgreSQL in the collation "C" that our columns have. */
static void put_contains(const struct filter *filter, struct sql *sql)
{
	const char *find = sql->backend == BACKEND_SQLITE ? "instr" : "strpos";
	bool token = filter->column->field->kind == FIELD_CHOICES;

	writer_printf(&sql->text, token ? "%s(%s, " : "%s(lower(%s), ", find, filter->column->sql);
	writer_text(&sql->text, token ? "'|' || " : "lower(");
	writer_text(&sql->text, "CAST(");
	sql_value(sql, STORED_TEXT, filter->values[0]);
	writer_text(&sql->text,
		    sql->backend == BACKEND_SQLITE ? " AS TEXT)" : " AS TEXT) COLLATE \"C\"");
	writer_text(&sql->text, token ? " || '|') > 0" : ")) > 0");
}

static void put_organisation_names(const struct filter *filter, struct sql *sql)
{
	writer_byte(&sql->text, '(');
	for (size_t i = 0; i < filter->count; i++) {
		bool by_id = filter->values[i].number != 0;

		writer_printf(&sql->text, "%s%s = ", i ? " OR " : "",
			      by_id ? "a.public_id" : "a.name");
		sql_value(sql, by_id ? STORED_BLOB : STORED_TEXT, filter->values[i]);
	}
	writer_byte(&sql->text, ')');
}

static void put_organisations(const struct filter *filter, struct sql *sql)
{
	bool under = filter->kind == CONDITION_UNDER;
	const char *key = filter->column->storage == STORED_INT ? "id" : "public_id";

	writer_printf(&sql->text, "%s IN (SELECT %s.%s FROM organisation a%s WHERE ",
		      filter->column->sql, under ? "d" : "a", key, under ? ", organisation d" : "");
	put_organisation_names(filter, sql);
	if (under)
		writer_text(&sql->text, " AND substr(d.path, 1, length(a.path)) = a.path");
	writer_byte(&sql->text, ')');
}

static void put_atom(const struct filter *filter, struct sql *sql)
{
	switch (filter->kind) {
	case CONDITION_COMPARE:
		put_compare(filter, sql);
		break;
	case CONDITION_SET:
		put_set(filter, sql);
		break;
	case CONDITION_RANGES:
		put_ranges(filter, sql);
		break;
	case CONDITION_CONTAINS:
		put_contains(filter, sql);
		break;
	case CONDITION_EMPTY:
		writer_printf(&sql->text, "%s IS NULL", filter->column->sql);
		break;
	case CONDITION_UNDER:
	case CONDITION_NAMED:
		put_organisations(filter, sql);
		break;
	case CONDITION_AND:
	case CONDITION_OR:
		break;
	}
}

static void put_joined(const struct filter *filter, struct sql *sql)
{
	writer_byte(&sql->text, '(');
	for (const struct filter *part = filter->child; part; part = part->next) {
		if (part != filter->child)
			writer_text(&sql->text, filter->kind == CONDITION_AND ? " AND " : " OR ");
		filter_sql(part, sql);
	}
	writer_byte(&sql->text, ')');
}

void filter_sql(const struct filter *filter, struct sql *sql)
{
	if (!filter) {
		writer_text(&sql->text, "1=1");
	} else if (filter->kind == CONDITION_AND || filter->kind == CONDITION_OR) {
		put_joined(filter, sql);
	} else if (!filter->negated) {
		put_atom(filter, sql);
	} else if (filter->kind == CONDITION_EMPTY) {
		writer_printf(&sql->text, "%s IS NOT NULL", filter->column->sql);
	} else {
		/* An empty value makes the comparison false, so its opposite is true; SQL alone would say NULL to both. */
		writer_printf(&sql->text,
			      filter->column->nullable ? "(%s IS NULL OR NOT (" : "(NOT (",
			      filter->column->sql);
		put_atom(filter, sql);
		writer_text(&sql->text, "))");
	}
}
