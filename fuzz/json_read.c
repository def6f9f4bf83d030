/*
 * The JSON reader over hostile bytes: from memory and in pieces it reads the same, what it takes is
 * read again from its own capture and from the tree's output, and what it refuses has a place.
 */
#include "base/json_read.h"
#include "base/node.h"
#include "base/json_tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void read_in_pieces(struct str text, size_t piece, const struct json_limits *limits)
{
	struct json_pieces pieces = { .rest = text, .piece = piece };
	auto_json_reader whole = json_reader_new(text, limits);
	auto_json_reader stream = json_reader_stream(json_pieces_fill, &pieces, limits);
	auto_writer a = { 0 }, b = { 0 };
	bool taken = json_tokens(whole, &a);

	demand(json_tokens(stream, &b) == taken);
	demand(str_equal(writer_str(&a), writer_str(&b)));
	demand(json_duplicates(whole) == json_duplicates(stream));
	demand(memcmp(json_reader_err(whole), json_reader_err(stream), sizeof(struct err)) == 0);
	demand(taken || json_reader_err(whole)->place.line > 0);
	demand(taken || json_reader_err(whole)->place.column > 0);
}

static void capture(struct str text, size_t piece)
{
	struct json_pieces pieces = { .rest = text, .piece = piece };
	auto_json_reader reader = json_reader_stream(json_pieces_fill, &pieces,
						     &(struct json_limits){ .window = 16 });
	struct str raw;

	if (json_next(reader) == JSON_ERROR || !json_capture(reader, &raw))
		return;

	auto_json_reader again = json_reader_new(raw, NULL);
	auto_writer tokens = { 0 };

	demand(json_tokens(again, &tokens));
}

static void make_tree(struct str text)
{
	auto_arena arena = arena_new(1 << 20);
	const struct node *root;
	struct err err = { 0 };
	auto_writer out = { 0 };
	struct json json = json_into(&out);

	if (!node_from_json(arena, text, &root, &err)) {
		demand(err.message != MSG_NONE);
		return;
	}
	node_write_json(root, &json);

	auto_json_reader again = json_reader_new(writer_str(&out), NULL);
	auto_writer tokens = { 0 };

	demand(json_tokens(again, &tokens));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };

	for (size_t piece = 0; piece < 4; piece++)
		read_in_pieces(
			text, piece,
			&(struct json_limits){ .depth = 20, .duplicates = true, .window = 16 });
	read_in_pieces(text, 5, &(struct json_limits){ .lines = true, .window = 50 });
	capture(text, 1);
	capture(text, 7);
	make_tree(text);
	return 0;
}
