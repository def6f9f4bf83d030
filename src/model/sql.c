#include "model/sql.h"

void sql_value(struct sql *sql, enum storage storage, struct value value)
{
	writer_printf(&sql->text, ":p%zu", sql->values.count);
	vec_push(&sql->values, (struct sql_value){ .storage = storage, .value = value });
}

void query_value(struct query *query, const char *name, enum storage storage,
		 const struct value *value)
{
	if (!value->present)
		query_null(query, name);
	else if (storage == STORED_INT)
		query_int(query, name, value->number);
	else if (storage == STORED_TEXT)
		query_text(query, name, value->text);
	else
		query_blob(query, name, value->text);
}

struct value column_value(struct query *query, int column, enum storage storage)
{
	if (column_is_null(query, column))
		return (struct value){ .present = false };
	if (storage == STORED_INT)
		return value_int(column_int(query, column));
	return (struct value){
		.present = true,
		.text = storage == STORED_TEXT ? column_text(query, column)
					       : column_blob(query, column),
	};
}

void sql_bind(const struct sql *sql, struct query *query)
{
	for (size_t i = 0; i < sql->values.count; i++) {
		char name[24];

		(void)snprintf(name, sizeof(name), "p%zu", i);
		query_value(query, name, sql->values.at[i].storage, &sql->values.at[i].value);
	}
}

void sql_release(struct sql *sql)
{
	writer_release(&sql->text);
	vec_release(&sql->values);
}
