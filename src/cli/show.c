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

/* A list of maps: the keys of the first are the columns. */
static void show_table(const struct node *list, struct writer *out)
{
	struct str keys[COLUMNS];
	int widths[COLUMNS], count = 0;

	for (const struct node *cell = list->child->child; cell && count < COLUMNS;
	     cell = cell->next) {
		if (cell->kind == NODE_MAP || cell->kind == NODE_LIST)
			continue;
		keys[count] = cell->key;
		widths[count++] = display_width(cell->key);
	}
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; pass == 1 && i < count; i++)
			put_padded(out, keys[i], widths[i], i == count - 1);
		if (pass == 1)
			writer_byte(out, '\n');
		for (const struct node *row = list->child; row; row = row->next) {
			for (int i = 0; i < count; i++) {
				const struct node *cell = NULL;
				auto_writer text = { 0 };

				for (const struct node *each = row->child; each && !cell;
				     each = each->next)
					cell = str_equal(each->key, keys[i]) ? each : NULL;
				if (cell)
					put_plain(&text, cell);
				else
					writer_text(&text, "-");

				int width = display_width(writer_str(&text));

				if (pass == 0 && width > widths[i])
					widths[i] = width;
				if (pass == 1)
					put_padded(out, writer_str(&text), widths[i],
						   i == count - 1);
			}
			if (pass == 1)
				writer_byte(out, '\n');
		}
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
