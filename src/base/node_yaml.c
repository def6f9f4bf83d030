#include <yaml.h>

#include "base/json_read.h"
#include "base/node_build.h"

struct reading {
	yaml_parser_t parser;
	struct node_builder b;
	struct str text;
	/* How far the text was followed: libyaml's marks count characters, and an offset in bytes
	 * is needed. */
	size_t offset, characters;
};

static bool at_mark(struct err *err, yaml_mark_t mark)
{
	return err_at_line(err, (int64_t)mark.line + 1, (int64_t)mark.column + 1);
}

/* libyaml's words for the slips that people make, in ours. */
static bool fail_syntax(const yaml_parser_t *parser, struct err *err)
{
	static const struct {
		const char *problem;
		enum message message;
	} known[] = {
		{ "found character that cannot start any token", MSG_YAML_CHARACTER },
		{ "found a tab character that violates indentation", MSG_YAML_TAB },
		{ "found a tab character where an indentation space is expected", MSG_YAML_TAB },
		{ "found unexpected end of stream", MSG_YAML_QUOTE },
		{ "found unexpected document indicator", MSG_YAML_QUOTE },
		{ "found unknown escape character", MSG_YAML_ESCAPE },
		{ "mapping values are not allowed in this context", MSG_YAML_COLON },
		{ "could not find expected ':'", MSG_YAML_COLON },
		{ "did not find expected key", MSG_YAML_INDENT },
		{ "did not find expected '-' indicator", MSG_YAML_INDENT },
		{ "block sequence entries are not allowed in this context", MSG_YAML_INDENT },
		{ "did not find expected ',' or ']'", MSG_YAML_BRACKET },
		{ "did not find expected ',' or '}'", MSG_YAML_BRACKET },
		{ "did not find expected node content", MSG_YAML_BRACKET },
		{ "did not find expected <document start>", MSG_YAML_DOCUMENT },
		{ "control characters are not allowed", MSG_YAML_CONTROL },
	};
	const char *problem = parser->problem ? parser->problem : "";

	if (parser->error == YAML_MEMORY_ERROR)
		abort();
	if (parser->error == YAML_READER_ERROR && parser->problem_value != -1 &&
	    strcmp(problem, "control characters are not allowed") != 0) {
		char found[8];

		(void)snprintf(found, sizeof(found), "0x%02x",
			       (unsigned)parser->problem_value & 0xff);
		return fail(err, MSG_UTF8_BYTE, found);
	}
	for (size_t i = 0; i < nitems(known); i++) {
		if (strcmp(problem, known[i].problem) == 0) {
			(void)err_set(err, known[i].message, 0, NULL);
			return false;
		}
	}
	return fail(err, MSG_YAML_SYNTAX, problem);
}

/* The place of a byte, for what libyaml reports by offset. */
static bool at_offset(struct err *err, struct str text, size_t offset)
{
	int64_t line = 1, column = 1;

	for (size_t i = 0; i < offset && i < text.len; i++) {
		if (text.at[i] == '\n') {
			line++;
			column = 1;
		} else {
			column += ((unsigned char)text.at[i] & 0xc0) != 0x80;
		}
	}
	return err_at_line(err, line, column);
}

static bool next_event(struct reading *in, yaml_event_t *event, struct err *err)
{
	if (yaml_parser_parse(&in->parser, event))
		return true;
	(void)fail_syntax(&in->parser, err);
	if (in->parser.error == YAML_READER_ERROR)
		return at_offset(err, in->text, in->parser.problem_offset);
	return at_mark(err, in->parser.problem_mark);
}

/* The byte of the text at a mark; marks are asked for in rising order. */
static char byte_at(struct reading *in, yaml_mark_t mark)
{
	while (in->characters < mark.index && in->offset < in->text.len) {
		do
			in->offset++;
		while (in->offset < in->text.len &&
		       ((unsigned char)in->text.at[in->offset] & 0xc0) == 0x80);
		in->characters++;
	}
	return in->offset < in->text.len ? in->text.at[in->offset] : '\0';
}

/* A whole JSON number and nothing else. */
static bool is_number(struct str s)
{
	if (s.len == 0 || !(s.at[0] == '-' || (s.at[0] >= '0' && s.at[0] <= '9')))
		return false;

	auto_json_reader reader = json_reader_new(s, NULL);

	return json_next(reader) == JSON_NUMBER && json_value(reader).len == s.len;
}

static struct node plain_scalar(struct str s)
{
	static const struct {
		const char *text;
		enum node_kind kind;
		bool boolean;
	} words[] = {
		{ "", NODE_NULL, false },         { "~", NODE_NULL, false },
		{ "null", NODE_NULL, false },     { "true", NODE_BOOLEAN, true },
		{ "false", NODE_BOOLEAN, false },
	};

	for (size_t i = 0; i < nitems(words); i++) {
		if (str_is(s, words[i].text))
			return (struct node){ .kind = words[i].kind, .boolean = words[i].boolean };
	}
	return (struct node){ .kind = is_number(s) ? NODE_NUMBER : NODE_TEXT, .text = s };
}

static bool take_scalar(struct reading *in, const yaml_event_t *event, struct err *err)
{
	struct node_builder *b = &in->b;
	struct str s = { (const char *)event->data.scalar.value, event->data.scalar.length };
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

	if (node_in_map(b) && !b->key.at) {
		if (plain && str_is(s, "<<"))
			return fail(err, MSG_YAML_MERGE);
		if (plain && s.len == 0)
			return fail(err, MSG_YAML_KEY);
		b->key = arena_copy(b->arena, s);
		return b->key.at || arena_check(b->arena, err);
	}

	struct node value = plain ? plain_scalar(s) : (struct node){ .kind = NODE_TEXT, .text = s };

	if (value.kind == NODE_TEXT || value.kind == NODE_NUMBER) {
		value.text = arena_copy(b->arena, s);
		if (!value.text.at)
			return arena_check(b->arena, err);
	}
	return node_put(b, value, err);
}

static bool take_open(struct reading *in, enum node_kind kind, struct err *err)
{
	if (node_in_map(&in->b) && !in->b.key.at)
		return fail(err, MSG_YAML_KEY);
	if (in->b.depth == NODE_DEPTH)
		return fail(err, MSG_YAML_DEPTH, NODE_DEPTH);
	return node_put(&in->b, (struct node){ .kind = kind }, err);
}

/* Tags, anchors and aliases have no place in a declaration: what it says must be readable where it
 * stands. */
static bool refuse_indirection(struct reading *in, const yaml_event_t *event, struct err *err)
{
	const yaml_char_t *anchor = NULL;

	if (event->type == YAML_ALIAS_EVENT)
		return fail(err, MSG_YAML_ALIAS);
	if (event->type == YAML_SCALAR_EVENT)
		anchor = event->data.scalar.anchor;
	else if (event->type == YAML_SEQUENCE_START_EVENT)
		anchor = event->data.sequence_start.anchor;
	else if (event->type == YAML_MAPPING_START_EVENT)
		anchor = event->data.mapping_start.anchor;
	else
		return true;
	/* A lone “!” is a tag that libyaml keeps to itself: only the text shows it. */
	if (byte_at(in, event->start_mark) == '!')
		return fail(err, MSG_YAML_TAG);
	if (anchor)
		return fail(err, MSG_YAML_ALIAS);
	return true;
}

static bool take_event(struct reading *in, const yaml_event_t *event, struct err *err)
{
	struct node_builder *b = &in->b;

	if (!refuse_indirection(in, event, err))
		return false;
	if (!b->key.at) {
		b->line = (int64_t)event->start_mark.line + 1;
		b->column = (int64_t)event->start_mark.column + 1;
	}
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (b->root)
			return fail(err, MSG_YAML_DOCUMENT);
		return event->data.document_start.tag_directives.start ==
			       event->data.document_start.tag_directives.end ||
		       fail(err, MSG_YAML_TAG);
	case YAML_SCALAR_EVENT:
		return take_scalar(in, event, err);
	case YAML_SEQUENCE_START_EVENT:
		return take_open(in, NODE_LIST, err);
	case YAML_MAPPING_START_EVENT:
		return take_open(in, NODE_MAP, err);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return node_close(b, err);
	case YAML_STREAM_END_EVENT:
		return b->root || fail(err, MSG_YAML_EMPTY);
	case YAML_DOCUMENT_END_EVENT:
	case YAML_ALIAS_EVENT:
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
		break;
	}
	return true;
}

static bool read_events(struct reading *in, struct err *err)
{
	for (bool ended = false; !ended;) {
		yaml_event_t event;

		if (!next_event(in, &event, err))
			return false;

		bool done = take_event(in, &event, err);

		if (!done && err->place.line == 0)
			(void)at_mark(err, event.start_mark);
		ended = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		if (!done)
			return false;
	}
	return true;
}

bool node_from_yaml(struct arena *arena, struct str text, const struct node **root, struct err *err)
{
	struct reading in = { .b.arena = arena, .text = text };

	if (str_starts(text, "\xef\xbb\xbf")) {
		(void)fail(err, MSG_BYTE_ORDER_MARK);
		return err_at_line(err, 1, 1);
	}
	if (!yaml_parser_initialize(&in.parser))
		abort();
	yaml_parser_set_encoding(&in.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&in.parser, (const unsigned char *)(text.at ? text.at : ""),
				     text.len);

	bool done = read_events(&in, err);

	yaml_parser_delete(&in.parser);
	if (done)
		*root = in.b.root;
	return done;
}
