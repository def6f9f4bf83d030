#include "model/filter.h"

struct evaluation {
	const struct table *table;
	const struct value *values;
	struct conn *conn;
};

static bool holds_compare(const struct filter *filter, const struct value *value)
{
	int order = value_compare(filter->column->storage, value, &filter->values[0]);

	switch (filter->op) {
	case FILTER_LESS:
		return order < 0;
	case FILTER_LESS_EQUAL:
		return order <= 0;
	case FILTER_GREATER:
		return order > 0;
	case FILTER_GREATER_EQUAL:
		return order >= 0;
	case FILTER_EQUAL:
	case FILTER_NOT_EQUAL:
	case FILTER_IN:
	case FILTER_NOT_IN:
	case FILTER_EMPTY:
	case FILTER_NOT_EMPTY:
	case FILTER_CONTAINS:
	case FILTER_OPERATORS:
		break;
	}
	return false;
}

static bool holds_set(const struct filter *filter, const struct value *value)
{
	for (size_t i = 0; i < filter->count; i++) {
		if (value_compare(filter->column->storage, value, &filter->values[i]) == 0)
			return true;
	}
	return false;
}

static bool holds_ranges(const struct filter *filter, const struct value *value)
{
	for (size_t i = 0; i < filter->count; i += 2) {
		if (str_compare(value->text, filter->values[i].text) >= 0 &&
		    str_compare(value->text, filter->values[i + 1].text) <= 0)
			return true;
	}
	return false;
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool folded_contains(struct str text, struct str part)
{
	for (size_t i = 0; i + part.len <= text.len; i++) {
		size_t same = 0;

		while (same < part.len && fold(text.at[i + same]) == fold(part.at[same]))
			same++;
		if (same == part.len)
			return true;
	}
	return false;
}

static bool holds_contains(const struct filter *filter, const struct value *value)
{
	struct str text = value->text, part;

	if (filter->column->field->kind != FIELD_CHOICES)
		return folded_contains(text, filter->values[0].text);
	while (str_split(&text, '|', &part)) {
		if (part.len && str_equal(part, filter->values[0].text))
			return true;
	}
	return false;
}

/* Which organisations lie below which only the database knows: the same condition is asked there about this one value. */
static bool holds_organisation(const struct filter *filter, const struct evaluation *evaluation,
			       const struct value *value, bool *holds, struct err *err)
{
	auto_sql sql = { .backend = conn_backend(evaluation->conn) };
	struct column column = *filter->column;
	struct filter asked = *filter;

	column.sql = column.storage == STORED_INT ? "t.id" : "t.public_id";
	asked.column = &column;
	asked.negated = false;
	writer_text(&sql.text, "SELECT 1 FROM organisation t WHERE ");
	filter_sql(&asked, &sql);
	writer_printf(&sql.text, " AND %s = ", column.sql);
	sql_value(&sql, column.storage, *value);

	auto_query struct query query = query_start(evaluation->conn, sql.text.at);

	sql_bind(&sql, &query);
	return query_one(&query, holds, err) && query_end(&query, err);
}

static bool evaluate(const struct filter *filter, const struct evaluation *evaluation, bool *holds,
		     struct err *err)
{
	if (filter->kind == CONDITION_AND || filter->kind == CONDITION_OR) {
		bool stop = filter->kind == CONDITION_OR;

		*holds = !stop;
		for (const struct filter *part = filter->child; part && *holds != stop;
		     part = part->next) {
			if (!evaluate(part, evaluation, holds, err))
				return false;
		}
		return true;
	}

	const struct value *value =
		&evaluation->values[column_index(evaluation->table, filter->column)];

	*holds = filter->kind == CONDITION_EMPTY ? !value->present : false;
	if (value->present &&
	    (filter->kind == CONDITION_UNDER || filter->kind == CONDITION_NAMED)) {
		if (!holds_organisation(filter, evaluation, value, holds, err))
			return false;
	} else if (value->present) {
		*holds = filter->kind == CONDITION_COMPARE    ? holds_compare(filter, value)
			 : filter->kind == CONDITION_SET      ? holds_set(filter, value)
			 : filter->kind == CONDITION_RANGES   ? holds_ranges(filter, value)
			 : filter->kind == CONDITION_CONTAINS ? holds_contains(filter, value)
							      : false;
	}
	*holds ^= filter->negated;
	return true;
}

bool filter_matches(const struct filter *filter, const struct table *table,
		    const struct value *values, struct conn *conn, bool *matches, struct err *err)
{
	struct evaluation evaluation = { .table = table, .values = values, .conn = conn };
	bool holds = true;

	if (filter && !evaluate(filter, &evaluation, &holds, err))
		return false;
	*matches = holds;
	return true;
}
