#include "base/clock.h"
#include "model/access.h"
#include "model/cursor.h"
#include "model/request.h"
#include "model/row.h"
#include "model/show.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 500 };

struct listing {
	struct conn *conn;
	const struct model *model;
	const struct scope *scope;
	const struct table *table;
	struct arena *arena;
	struct json *json;
	struct access access;
	const struct filter *filter;
	const struct column *sort; /* NULL: the internal key */
	bool descending;
	int limit, shown;
	struct writer name;   /* what makes this list what it is */
	struct cursor cursor; /* of the last record shown */
	bool more;
};

static void release_listing(struct listing *listing)
{
	writer_release(&listing->name);
}

/* --- What is asked for --------------------------------------------------------------------------------- */

static bool read_filter(struct listing *listing, struct str text, struct err *err)
{
	struct filter_context context = request_context(listing->model, listing->scope, clock_now(),
							listing->access.lowest);
	const struct filter_tree *tree;

	return request_person(listing->conn, listing->scope, &context, err) &&
	       filter_parse(listing->arena, text, &tree, err) &&
	       filter_bind(listing->arena, tree, listing->table, &context, &listing->filter, err);
}

static bool is_sortable(const struct column *column)
{
	return !column->field->sealed && column->field->kind != FIELD_MARKDOWN &&
	       column->field->kind != FIELD_CHOICES && column->role != COLUMN_ORGANISATION &&
	       column->role != COLUMN_ID;
}

static bool read_sort(struct listing *listing, struct str sort, struct err *err)
{
	struct str name = sort;

	listing->descending = !sort.len || sort.at[0] == '-';
	if (sort.len && sort.at[0] == '-')
		name = str_sub(sort, 1, sort.len);
	if (!sort.len || str_is(name, "id"))
		return true;
	listing->sort = table_column(listing->table, name, listing->access.lowest);
	if (!listing->sort)
		return fail(err, MSG_LIST_SORT_UNKNOWN, name, listing->table->type.name);
	return is_sortable(listing->sort) ||
	       fail(err, MSG_LIST_SORT_KIND, name, field_kind_name(listing->sort->field->kind));
}

static enum storage key_storage(const struct listing *listing)
{
	/* Choices sort by their place in the declaration. */
	if (!listing->sort || listing->sort->field->kind == FIELD_CHOICE)
		return STORED_INT;
	return listing->sort->storage;
}

/* --- The pages ----------------------------------------------------------------------------------------- */

/* Ascending, empty values come first; the key of the table decides between equal ones. */
static void put_key(const struct listing *listing, struct writer *sql)
{
	const struct column *column = listing->sort;

	if (column->field->kind != FIELD_CHOICE) {
		writer_text(sql, column->sql);
		return;
	}
	writer_printf(sql, "CASE %s", column->sql);
	for (size_t i = 0; i < column->field->choice_count; i++)
		writer_printf(sql, " WHEN '%.*s' THEN %zu",
			      STR_ARGS(column->field->choices[i].name), i);
	writer_text(sql, " END");
}

/* One part of the list: the records with an empty sort field or the others, behind the cursor (NULL: from the beginning). */
static void put_part(const struct listing *listing, bool empty_part, const struct cursor *cursor,
		     struct sql *sql)
{
	const char *order = listing->descending ? "DESC" : "ASC",
		   *beyond = listing->descending ? "<" : ">";
	auto_writer key = { 0 };

	if (listing->sort)
		put_key(listing, &key);
	if (listing->sort && listing->sort->nullable)
		writer_printf(&sql->text, " AND %s IS %sNULL", key.at, empty_part ? "" : "NOT ");
	if (cursor && listing->sort && !empty_part) {
		writer_printf(&sql->text, " AND (%s, t.id) %s (", key.at, beyond);
		sql_value(sql, key_storage(listing), cursor->key);
		writer_text(&sql->text, ", ");
		sql_value(sql, STORED_INT, value_int(cursor->id));
		writer_byte(&sql->text, ')');
	} else if (cursor) {
		writer_printf(&sql->text, " AND t.id %s ", beyond);
		sql_value(sql, STORED_INT, value_int(cursor->id));
	}
	writer_text(&sql->text, " ORDER BY ");
	if (listing->sort)
		writer_printf(&sql->text, "%s %s, ", key.at, order);
	writer_printf(&sql->text, "t.id %s LIMIT ", order);
	sql_value(sql, STORED_INT, value_int(listing->limit - listing->shown + 1));
}

static void remember(struct listing *listing, bool empty_part, const struct row *row)
{
	listing->cursor = (struct cursor){ .empty_part = empty_part, .id = row->id };
	if (!listing->sort)
		return;

	struct value key = row->values[column_index(listing->table, listing->sort)];

	if (listing->sort->field->kind == FIELD_CHOICE && key.present)
		key = value_int(field_choice(listing->sort->field, key.text));
	listing->cursor.key = key;
}

static bool list_part(struct listing *listing, bool empty_part, const struct cursor *cursor,
		      struct err *err)
{
	auto_sql sql = { .backend = conn_backend(listing->conn) };

	writer_printf(&sql.text, "%s WHERE ", listing->table->select);
	access_sql(&listing->access, listing->table, listing->arena, &sql);
	writer_text(&sql.text, " AND ");
	filter_sql(listing->filter, &sql);
	put_part(listing, empty_part, cursor, &sql);

	auto_query struct query query = query_start(listing->conn, sql.text.at);

	sql_bind(&sql, &query);
	while (query_row(&query)) {
		struct row row;

		listing->more = listing->shown == listing->limit;
		if (listing->more)
			break;
		if (!row_take(listing->arena, listing->table, &query, &row))
			return arena_check(listing->arena, err);
		show_record(listing->table, &row,
			    access_clearance(listing->scope, listing->table, row.path),
			    listing->json);
		listing->shown++;
		remember(listing, empty_part, &row);
	}
	return query_end(&query, err);
}

static bool list_pages(struct listing *listing, const struct cursor *cursor, struct err *err)
{
	bool two = listing->sort && listing->sort->nullable;
	/* Empty values first when ascending. */
	bool first = two && !listing->descending, part = cursor ? cursor->empty_part : first;

	if (!list_part(listing, part, cursor, err))
		return false;
	if (two && part == first && !listing->more)
		return list_part(listing, !first, NULL, err);
	return true;
}

static bool count_all(struct listing *listing, struct err *err)
{
	auto_sql sql = { .backend = conn_backend(listing->conn) };
	bool found;

	writer_printf(&sql.text, "SELECT count(*) FROM (SELECT 1 FROM %s t WHERE ",
		      listing->table->name);
	access_sql(&listing->access, listing->table, listing->arena, &sql);
	writer_text(&sql.text, " AND ");
	filter_sql(listing->filter, &sql);
	writer_printf(&sql.text, " LIMIT %d) c", RECORD_COUNT_MAX + 1);

	auto_query struct query query = query_start(listing->conn, sql.text.at);

	sql_bind(&sql, &query);
	if (!query_one(&query, &found, err))
		return false;
	json_put_int(listing->json, "count", column_int(&query, 0));
	return query_end(&query, err);
}

static bool prepare(struct listing *listing, const struct record_query *asked, struct err *err)
{
	char account[UUID_TEXT_SIZE];

	if (asked->limit < 0 || asked->limit > PAGE_MAX)
		return fail(err, MSG_LIST_LIMIT, PAGE_MAX);
	listing->limit = asked->limit ? asked->limit : PAGE_DEFAULT;
	if (!access_to_list(listing->scope, listing->table, listing->arena, &listing->access,
			    err) ||
	    !read_filter(listing, asked->filter, err) || !read_sort(listing, asked->sort, err))
		return false;
	writer_printf(&listing->name, "%.*s\n%s\n%.*s\n%.*s", STR_ARGS(listing->table->type.name),
		      uuid_text(&listing->scope->account_id, account), STR_ARGS(asked->sort),
		      STR_ARGS(asked->filter));
	return true;
}

static bool write_page(struct listing *listing, const struct record_query *asked,
		       const struct cursor *cursor, struct err *err)
{
	auto_writer next = { 0 };

	json_object(listing->json);
	json_key(listing->json, "items");
	json_array(listing->json);
	if (!list_pages(listing, cursor, err))
		return false;
	json_array_end(listing->json);
	if (listing->more)
		cursor_write(listing->model->keyring, writer_str(&listing->name),
			     key_storage(listing), &listing->cursor, &next);
	json_put_str(listing->json, "next", next.at ? writer_str(&next) : STR_NONE);
	if (asked->count && !count_all(listing, err))
		return false;
	json_object_end(listing->json);
	return true;
}

bool record_list(struct conn *conn, struct model *model, const struct scope *scope,
		 const struct type *type, const struct record_query *asked, struct arena *arena,
		 struct json *json, struct err *err)
{
	cleanup_with(release_listing) struct listing listing = {
		.conn = conn,
		.model = model,
		.scope = scope,
		.table = table_of(type),
		.arena = arena,
		.json = json,
	};
	struct cursor cursor;

	if (!prepare(&listing, asked, err))
		return false;
	if (asked->cursor.len &&
	    !cursor_read(model->keyring, writer_str(&listing.name), key_storage(&listing),
			 asked->cursor, arena, &cursor, err))
		return false;
	return write_page(&listing, asked, asked->cursor.len ? &cursor : NULL, err);
}
