#include "model/show.h"

void show_value(const struct table *table, const struct row *row, const struct column *column,
		struct json *json)
{
	const struct value *value = &row->values[column_index(table, column)];
	struct value organisation = value_text(row->organisation);

	if (column->field->sealed && value->present) {
		json_object(json);
		json_put_bool(json, "sealed", true);
		json_object_end(json);
	} else if (column->role == COLUMN_ORGANISATION) {
		value_write_json(column->field, &organisation, json);
	} else {
		value_write_json(column->field, value, json);
	}
}

void show_record(const struct table *table, const struct row *row, enum clearance clearance,
		 struct json *json)
{
	json_object(json);
	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];

		if (!column_is_shown(column, clearance))
			continue;
		json_key_str(json, column->field->name);
		show_value(table, row, column, json);
	}
	json_object_end(json);
}
