/* Shows answers to a person: tables with columns as wide as their widest text, Chinese counted double. */
#include "cli/remote.h"

enum { COLUMNS = 8 };

/* Columns of a terminal: East Asian wide characters take two (Unicode Standard Annex 11, the common blocks). */
static int display_width(struct str text)
{
	int width = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if ((c & 0xc0) == 0x80)
			continue;
		width += c >= 0xe3 ? 2 : 1;
	}
	return width;
}

static void put_plain(struct writer *out, const struct node *value)
{
	auto_writer text = { 0 };
	struct json json = json_into(&text);

	switch (value->kind) {
	case NODE_NULL:
		writer_text(out, "-");
		return;
	case NODE_TEXT:
		/* What a server sends must not move the cursor. */
		for (size_t i = 0; i < value->text.len; i++)
			writer_byte(out, (unsigned char)value->text.at[i] < 0x20
						 ? ' '
						 : value->text.at[i]);
		return;
	case NODE_BOOLEAN:
	case NODE_NUMBER:
	case NODE_LIST:
	case NODE_MAP:
		node_write_json(value, &json);
		writer_put(out, writer_str(&text));
	}
}

static void put_padded(struct writer *out, struct str text, int width, bool last)
{
	writer_put(out, text);
	for (int i = display_width(text); !last && i < width + 2; i++)
		writer_byte(out, ' ');
}

static const struct node *cell_of(const struct node *row, struct str key)
{
	for (const struct node *each = row->child; each; each = each->next) {
		if (str_equal(each->key, key))
			return each;
	}
	return NULL;
}

/* What tells nothing in a table: administration that every record has, and columns without any value. */
static bool is_shown(const struct node *list, const struct node *cell)
{
	static const char *const quiet[] = { "organisation", "edition", "created_by", "created",
					     "changed_by",   "account", "move" };

	if (cell->kind == NODE_MAP)
		return false;
	for (size_t i = 0; i < nitems(quiet); i++) {
		if (str_is(cell->key, quiet[i]) && cell != list->child->child)
			return false;
	}
	for (const struct node *row = list->child; row; row = row->next) {
		const struct node *own = cell_of(row, cell->key);

		if (own && own->kind != NODE_NULL)
			return true;
	}
	return false;
}

static void put_cell(const struct node *row, struct str key, struct writer *text)
{
	const struct node *cell = cell_of(row, key);

	writer_clear(text);
	if (cell)
		put_plain(text, cell);
	else
		writer_text(text, "-");
}

/* A list of maps: keys of the first are the columns. */
static void show_table(const struct node *list, struct writer *out)
{
	struct str keys[COLUMNS];
	int widths[COLUMNS], count = 0;
	auto_writer text = { 0 };

	for (const struct node *cell = list->child->child; cell && count < COLUMNS;
	     cell = cell->next) {
		if (!is_shown(list, cell))
			continue;
		keys[count] = cell->key;
		widths[count] = display_width(cell->key);
		for (const struct node *row = list->child; row; row = row->next) {
			put_cell(row, cell->key, &text);

			int width = display_width(writer_str(&text));

			widths[count] = width > widths[count] ? width : widths[count];
		}
		count++;
	}
	for (int i = 0; i < count; i++)
		put_padded(out, keys[i], widths[i], i == count - 1);
	writer_byte(out, '\n');
	for (const struct node *row = list->child; row; row = row->next) {
		for (int i = 0; i < count; i++) {
			put_cell(row, keys[i], &text);
			put_padded(out, writer_str(&text), widths[i], i == count - 1);
		}
		writer_byte(out, '\n');
	}
}

static void show_fields(const struct node *map, struct writer *out)
{
	int width = 0;

	for (const struct node *each = map->child; each; each = each->next) {
		int own = display_width(each->key);

		width = own > width ? own : width;
	}
	for (const struct node *each = map->child; each; each = each->next) {
		put_padded(out, each->key, width, false);
		put_plain(out, each);
		writer_byte(out, '\n');
	}
}

void answer_show(const struct invocation *call, const struct node *answer, struct writer *out)
{
	const struct node *items = node_member(answer, "items");

	if (call->json) {
		struct json json = json_into(out);

		node_write_json(answer, &json);
		writer_byte(out, '\n');
		return;
	}
	if (!items || items->kind != NODE_LIST) {
		show_fields(answer, out);
		return;
	}
	if (!items->child) {
		writer_printf(out, "%s\n", said(call, "没有记录", "nothing there"));
		return;
	}
	if (items->child->kind == NODE_MAP)
		show_table(items, out);
	else
		show_fields(answer, out);

	const struct node *count = node_member(answer, "count"),
			  *next = node_member(answer, "next");

	if (count)
		writer_printf(out, "%s %.*s\n", said(call, "共", "total"), STR_ARGS(count->text));
	if (next && next->kind == NODE_TEXT)
		writer_printf(out, "%s --cursor %.*s\n", said(call, "下一页:", "next page:"),
			      STR_ARGS(next->text));
}
