#include "http/chunked.h"

#include "base/encode.h"

/* One line without its CRLF, taken off *input; false when it is not whole yet (or bad, then the
 * state says so). */
static bool take_line(struct chunked *chunked, struct str *input, size_t limit, struct str *line)
{
	size_t end = str_find(*input, '\n');

	if (end == input->len) {
		if (input->len > limit)
			chunked->state = CHUNKED_BAD;
		return false;
	}
	if (end > limit || end == 0 || input->at[end - 1] != '\r') {
		chunked->state = CHUNKED_BAD;
		return false;
	}
	*line = str_sub(*input, 0, end - 1);
	*input = str_sub(*input, end + 1, input->len);
	return true;
}

/* At most 15 digits, so that nothing overflows. */
static bool parse_size(struct str line, uint64_t *size)
{
	uint64_t value = 0;
	size_t i = 0;

	for (; i < line.len && i < 15 && hex_value(line.at[i]) >= 0; i++)
		value = value << 4 | (uint64_t)hex_value(line.at[i]);
	*size = value;
	if (i == 0 || (i < line.len && line.at[i] != ';'))
		return false;
	for (; i < line.len; i++) {
		unsigned char c = (unsigned char)line.at[i];

		if (c != '\t' && (c < 0x20 || c == 0x7f))
			return false;
	}
	return true;
}

static bool read_size(struct chunked *chunked, struct str *input)
{
	struct str line;

	if (!take_line(chunked, input, CHUNKED_LINE_MAX, &line))
		return false;
	if (!parse_size(line, &chunked->left))
		chunked->state = CHUNKED_BAD;
	else
		chunked->state = chunked->left ? CHUNKED_DATA : CHUNKED_TRAILER;
	return chunked->state != CHUNKED_BAD;
}

static bool read_data(struct chunked *chunked, struct str *input, struct str *data)
{
	if (input->len == 0)
		return false;
	*data = str_sub(*input, 0, chunked->left < input->len ? (size_t)chunked->left : input->len);
	*input = str_sub(*input, data->len, input->len);
	chunked->left -= data->len;
	if (chunked->left == 0)
		chunked->state = CHUNKED_DATA_END;
	return true;
}

static bool read_data_end(struct chunked *chunked, struct str *input)
{
	struct str line;

	if (!take_line(chunked, input, 2, &line))
		return false;
	chunked->state = line.len == 0 ? CHUNKED_SIZE : CHUNKED_BAD;
	return chunked->state != CHUNKED_BAD;
}

static bool read_trailer(struct chunked *chunked, struct str *input)
{
	struct str line;

	if (!take_line(chunked, input, CHUNKED_TRAILERS_MAX - chunked->trailers, &line))
		return false;
	chunked->trailers += line.len + 2;
	if (line.len == 0)
		chunked->state = CHUNKED_DONE;
	else if (chunked->trailers > CHUNKED_TRAILERS_MAX)
		chunked->state = CHUNKED_BAD;
	return chunked->state == CHUNKED_TRAILER;
}

bool chunked_next(struct chunked *chunked, struct str *input, struct str *data)
{
	*data = STR("");
	switch (chunked->state) {
	case CHUNKED_SIZE:
		return read_size(chunked, input);
	case CHUNKED_DATA:
		return read_data(chunked, input, data);
	case CHUNKED_DATA_END:
		return read_data_end(chunked, input);
	case CHUNKED_TRAILER:
		return read_trailer(chunked, input);
	case CHUNKED_DONE:
	case CHUNKED_BAD:
		break;
	}
	return false;
}
