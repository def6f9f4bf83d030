#include "model/pack_read.h"

#include "model/suggest.h"

void pack_problem_at(struct pack_reader *reader, const struct node *node, struct str path,
		     struct err *err)
{
	(void)err_in_file(err, reader->file);
	(void)err_in_field(err, path);
	if (node)
		(void)err_at_line(err, node->line, node->column);
	problems_add(reader->problems, err);
}

struct str pack_path(struct pack_reader *reader, struct str path, struct str member)
{
	if (!path.len)
		return member;
	return str_of(arena_printf(reader->arena, "%.*s.%.*s", STR_ARGS(path), STR_ARGS(member)));
}

static void report_kind(struct pack_reader *reader, const struct node *node, struct str path,
			enum node_kind want)
{
	static const enum message messages[] = {
		[NODE_NULL] = MSG_PACK_NOT_TEXT,     [NODE_BOOLEAN] = MSG_PACK_NOT_BOOLEAN,
		[NODE_NUMBER] = MSG_PACK_NOT_NUMBER, [NODE_TEXT] = MSG_PACK_NOT_TEXT,
		[NODE_LIST] = MSG_PACK_NOT_LIST,     [NODE_MAP] = MSG_PACK_NOT_MAP,
	};
	struct err err;

	(void)err_set(&err, messages[want], 0, NULL);
	pack_problem_at(reader, node, path, &err);
}

static void report_unknown_key(struct pack_reader *reader, const struct node *node, struct str path,
			       const struct pack_key *keys, size_t count)
{
	struct suggestion suggestion = suggestion_for(node->key);
	auto_writer known = { 0 };

	for (size_t i = 0; i < count; i++) {
		suggestion_try(&suggestion, str_of(keys[i].name));
		writer_printf(&known, "%s%s", i ? ", " : "", keys[i].name);
	}
	if (suggestion.best.at)
		pack_problem(reader, node, path, MSG_PACK_KEY_MISTYPED, node->key, suggestion.best);
	else
		pack_problem(reader, node, path, MSG_PACK_KEY_UNKNOWN, node->key,
			     writer_str(&known));
}

static const struct pack_key *key_row(const struct pack_key *keys, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++) {
		if (str_is(name, keys[i].name))
			return &keys[i];
	}
	return NULL;
}

bool pack_check_keys(struct pack_reader *reader, const struct node *map, struct str path,
		     const struct pack_key *keys, size_t count)
{
	if (map->kind != NODE_MAP) {
		report_kind(reader, map, path, NODE_MAP);
		return false;
	}
	for (const struct node *member = map->child; member; member = member->next) {
		const struct pack_key *key = key_row(keys, count, member->key);

		if (!key)
			report_unknown_key(reader, member, path, keys, count);
		else if (key->kind != NODE_NULL && key->kind != member->kind)
			report_kind(reader, member, pack_path(reader, path, member->key),
				    key->kind);
	}
	for (size_t i = 0; i < count; i++) {
		if (keys[i].required && !node_member(map, keys[i].name))
			pack_problem(reader, map, path, MSG_PACK_KEY_MISSING, keys[i].name);
	}
	return true;
}

bool pack_is_name(struct str name)
{
	if (name.len == 0 || name.len > TYPE_NAME_MAX || name.at[0] < 'a' || name.at[0] > 'z')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return true;
}

bool pack_check_name(struct pack_reader *reader, const struct node *node, struct str path,
		     struct str name)
{
	if (pack_is_name(name))
		return true;
	pack_problem(reader, node, path, MSG_PACK_NAME_FORM, name);
	return false;
}

bool pack_flag(const struct node *map, const char *key)
{
	const struct node *node = node_member(map, key);

	return node && node->kind == NODE_BOOLEAN && node->boolean;
}

int64_t pack_number(struct pack_reader *reader, const struct node *map, struct str path,
		    const char *key, int64_t low, int64_t high, int64_t absent)
{
	const struct node *node = node_member(map, key);
	int64_t value;

	if (!node || node->kind != NODE_NUMBER)
		return absent;
	if (!node_int(node, &value) || value < low || value > high) {
		pack_problem(reader, node, pack_path(reader, path, str_of(key)),
			     MSG_PACK_NUMBER_RANGE, low, high);
		return absent;
	}
	return value;
}

struct label pack_label_of(struct pack_reader *reader, const struct node *node, struct str path)
{
	static const struct pack_key keys[] = { { "zh", NODE_TEXT, false },
						{ "en", NODE_TEXT, false } };
	struct label label = { .zh = STR_NONE };

	if (!pack_check_keys(reader, node, path, keys, nitems(keys)))
		return label;
	label.zh = node_member_text(node, "zh");
	label.en = node_member_text(node, "en");
	if (!label.zh.len && !node_member(node, "zh"))
		pack_problem(reader, node, path, MSG_PACK_LABEL_MISSING, "zh");
	if (!label.en.len && !node_member(node, "en"))
		pack_problem(reader, node, path, MSG_PACK_LABEL_MISSING, "en");
	return label;
}

struct label pack_label(struct pack_reader *reader, const struct node *map, struct str path,
			const char *key)
{
	const struct node *node = node_member(map, key);

	if (!node || node->kind != NODE_MAP)
		return (struct label){ .zh = STR_NONE };
	return pack_label_of(reader, node, pack_path(reader, path, str_of(key)));
}

bool pack_names(struct pack_reader *reader, const struct node *map, struct str path,
		const char *key, const struct str **names, size_t *count)
{
	const struct node *node = node_member(map, key);
	size_t n = 0;

	*names = NULL;
	*count = 0;
	if (!node)
		return true;

	bool alone = node->kind == NODE_TEXT;
	struct str *list = arena_array(reader->arena, alone ? 1 : node->count, sizeof(*list));

	if (!list)
		return false;
	path = pack_path(reader, path, str_of(key));
	if (!alone && node->kind != NODE_LIST) {
		report_kind(reader, node, path, NODE_LIST);
		return true;
	}
	for (const struct node *item = alone ? node : node->child; item;
	     item = alone ? NULL : item->next) {
		if (item->kind == NODE_TEXT)
			list[n++] = item->text;
		else
			report_kind(reader, item, path, NODE_TEXT);
	}
	*names = list;
	*count = n;
	return true;
}

int pack_word(struct pack_reader *reader, const struct node *node, struct str path, struct str word,
	      const char *const *words, size_t count)
{
	struct suggestion suggestion = suggestion_for(word);
	auto_writer known = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (str_is(word, words[i]))
			return (int)i;
		suggestion_try(&suggestion, str_of(words[i]));
		writer_printf(&known, "%s%s", i ? ", " : "", words[i]);
	}
	if (suggestion.best.at)
		pack_problem(reader, node, path, MSG_PACK_WORD_MISTYPED, word, suggestion.best);
	else
		pack_problem(reader, node, path, MSG_PACK_WORD_UNKNOWN, word, writer_str(&known));
	return -1;
}
