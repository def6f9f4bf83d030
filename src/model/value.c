#include "model/value.h"

#include "base/clock.h"
#include "base/uuid.h"
#include "model/network.h"
#include "model/suggest.h"

static const enum storage storages[FIELD_KINDS] = {
	[FIELD_TEXT] = STORED_TEXT,         [FIELD_MARKDOWN] = STORED_TEXT,
	[FIELD_INTEGER] = STORED_INT,       [FIELD_DECIMAL] = STORED_INT,
	[FIELD_BOOLEAN] = STORED_INT,       [FIELD_DATE] = STORED_INT,
	[FIELD_INSTANT] = STORED_INT,       [FIELD_DURATION] = STORED_INT,
	[FIELD_CHOICE] = STORED_TEXT,       [FIELD_CHOICES] = STORED_TEXT,
	[FIELD_REFERENCE] = STORED_BLOB,    [FIELD_PERSON] = STORED_BLOB,
	[FIELD_ORGANISATION] = STORED_BLOB, [FIELD_NETWORK] = STORED_BLOB,
};

enum storage field_storage(enum field_kind kind)
{
	return storages[kind];
}

struct value value_int(int64_t number)
{
	return (struct value){ .present = true, .number = number };
}

struct value value_text(struct str text)
{
	return (struct value){ .present = text.at != NULL, .text = text };
}

int field_choice(const struct field *field, struct str name)
{
	for (size_t i = 0; i < field->choice_count; i++) {
		if (str_equal(field->choices[i].name, name))
			return (int)i;
	}
	return -1;
}

/* --- Texts of durations and decimals ----------------------------------------------------------------- */

bool duration_parse(struct str text, int64_t *seconds)
{
	static const struct {
		char unit;
		bool time; /* behind the T */
		int64_t seconds;
	} units[] = { { 'W', false, 604800 },
		      { 'D', false, 86400 },
		      { 'H', true, 3600 },
		      { 'M', true, 60 },
		      { 'S', true, 1 } };
	bool time = false;
	size_t next = 0, parts = 0;
	int64_t sum = 0;

	if (text.len < 3 || text.at[0] != 'P')
		return false;
	for (size_t i = 1; i < text.len; i++) {
		size_t start = i;
		int64_t count;

		if (text.at[i] == 'T') {
			if (time || i + 1 == text.len)
				return false;
			time = true;
			continue;
		}
		while (i < text.len && text.at[i] >= '0' && text.at[i] <= '9')
			i++;
		if (i == start || i == text.len ||
		    !str_to_int(str_sub(text, start, i - start), &count))
			return false;
		while (next < nitems(units) &&
		       (units[next].unit != text.at[i] || units[next].time != time))
			next++;
		if (next == nitems(units) ||
		    __builtin_mul_overflow(count, units[next].seconds, &count) ||
		    __builtin_add_overflow(sum, count, &sum))
			return false;
		next++;
		parts++;
	}
	*seconds = sum;
	return parts > 0;
}

void duration_write(int64_t seconds, struct writer *out)
{
	int64_t days = seconds / 86400, rest = seconds % 86400;

	writer_byte(out, 'P');
	if (days)
		writer_printf(out, "%lldD", (long long)days);
	if (rest || !days)
		writer_byte(out, 'T');
	if (rest / 3600)
		writer_printf(out, "%lldH", (long long)(rest / 3600));
	if (rest / 60 % 60)
		writer_printf(out, "%lldM", (long long)(rest / 60 % 60));
	if (rest % 60 || (!rest && !days))
		writer_printf(out, "%lldS", (long long)(rest % 60));
}

bool decimal_parse(struct str text, int scale, int64_t *scaled)
{
	size_t point = str_find(text, '.');
	struct str whole = str_sub(text, 0, point), part = str_sub(text, point + 1, text.len);
	bool negative = whole.len > 0 && whole.at[0] == '-';
	int64_t value, digit;

	if ((point < text.len && part.len == 0) || part.len > (size_t)scale ||
	    !str_to_int(whole, &value))
		return false;
	for (int i = 0; i < scale; i++) {
		digit = (size_t)i < part.len ? part.at[i] - '0' : 0;
		if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, (int64_t)10, &value) ||
		    __builtin_add_overflow(value, negative ? -digit : digit, &value))
			return false;
	}
	*scaled = value;
	return true;
}

void decimal_write(int64_t scaled, int scale, struct writer *out)
{
	uint64_t size = scaled < 0 ? 0 - (uint64_t)scaled : (uint64_t)scaled, unit = 1;

	for (int i = 0; i < scale; i++)
		unit *= 10;
	writer_printf(out, "%s%llu", scaled < 0 ? "-" : "", (unsigned long long)(size / unit));
	if (scale)
		writer_printf(out, ".%0*llu", scale, (unsigned long long)(size % unit));
}

/* --- From JSON ------------------------------------------------------------------------------------ */

typedef bool read_fn(struct arena *, const struct field *, const struct node *, struct value *,
		     struct err *);

static bool in_range(const struct field *field, int64_t number, struct err *err)
{
	auto_writer low = { 0 }, high = { 0 };

	if (number >= field->minimum && number <= field->maximum)
		return true;
	if (field->kind == FIELD_DECIMAL) {
		decimal_write(field->minimum, field->scale, &low);
		decimal_write(field->maximum, field->scale, &high);
	} else {
		writer_int(&low, field->minimum);
		writer_int(&high, field->maximum);
	}
	if (number < field->minimum)
		return fail(err, MSG_FIELD_TOO_SMALL, writer_str(&low));
	return fail(err, MSG_FIELD_TOO_LARGE, writer_str(&high));
}

static bool read_text(struct arena *arena, const struct field *field, const struct node *node,
		      struct value *value, struct err *err)
{
	int64_t characters = 0;

	(void)arena;
	if (node->kind != NODE_TEXT)
		return fail(err, MSG_FIELD_NOT_TEXT);
	for (size_t i = 0; i < node->text.len; i++) {
		unsigned char c = (unsigned char)node->text.at[i];
		bool line = field->kind == FIELD_MARKDOWN && (c == '\n' || c == '\t' || c == '\r');

		if ((c < 0x20 && !line) || c == 0x7f)
			return fail(err, MSG_FIELD_CONTROL);
		characters += (c & 0xc0) != 0x80;
	}
	if (characters < field->minimum)
		return fail(err, MSG_FIELD_TOO_SHORT, field->minimum, characters);
	if (characters > field->maximum)
		return fail(err, MSG_FIELD_TOO_LONG, field->maximum, characters);
	*value = value_text(node->text);
	return true;
}

static bool read_integer(struct arena *arena, const struct field *field, const struct node *node,
			 struct value *value, struct err *err)
{
	int64_t number;

	(void)arena;
	if (node->kind != NODE_NUMBER || !node_int(node, &number))
		return fail(err, MSG_FIELD_NOT_INTEGER);
	*value = value_int(number);
	return in_range(field, number, err);
}

static bool read_decimal(struct arena *arena, const struct field *field, const struct node *node,
			 struct value *value, struct err *err)
{
	int64_t scaled;

	(void)arena;
	if ((node->kind != NODE_NUMBER && node->kind != NODE_TEXT) ||
	    !decimal_parse(node->text, field->scale, &scaled))
		return fail(err, MSG_FIELD_NOT_DECIMAL, field->scale);
	*value = value_int(scaled);
	return in_range(field, scaled, err);
}

static bool read_boolean(struct arena *arena, const struct field *field, const struct node *node,
			 struct value *value, struct err *err)
{
	(void)arena;
	(void)field;
	if (node->kind != NODE_BOOLEAN)
		return fail(err, MSG_FIELD_NOT_BOOLEAN);
	*value = value_int(node->boolean);
	return true;
}

static bool read_date(struct arena *arena, const struct field *field, const struct node *node,
		      struct value *value, struct err *err)
{
	int64_t days;

	(void)arena;
	(void)field;
	if (node->kind != NODE_TEXT || !date_parse(node->text, &days))
		return fail(err, MSG_FIELD_NOT_DATE);
	*value = value_int(days);
	return true;
}

static bool read_instant(struct arena *arena, const struct field *field, const struct node *node,
			 struct value *value, struct err *err)
{
	int64_t instant;

	(void)arena;
	(void)field;
	if (node->kind != NODE_TEXT || !instant_parse(node->text, &instant))
		return fail(err, MSG_FIELD_NOT_INSTANT);
	*value = value_int(instant);
	return true;
}

static bool read_duration(struct arena *arena, const struct field *field, const struct node *node,
			  struct value *value, struct err *err)
{
	int64_t seconds;

	(void)arena;
	(void)field;
	if (node->kind != NODE_TEXT || !duration_parse(node->text, &seconds))
		return fail(err, MSG_FIELD_NOT_DURATION);
	*value = value_int(seconds);
	return true;
}

static bool unknown_choice(const struct field *field, struct str name, struct err *err)
{
	struct suggestion suggestion = suggestion_for(name);
	auto_writer known = { 0 };

	for (size_t i = 0; i < field->choice_count; i++) {
		suggestion_try(&suggestion, field->choices[i].name);
		writer_printf(&known, "%s%.*s", i ? ", " : "", STR_ARGS(field->choices[i].name));
	}
	if (suggestion.best.at)
		return fail(err, MSG_FIELD_CHOICE_MISTYPED, name, suggestion.best);
	return fail(err, MSG_FIELD_CHOICE_UNKNOWN, name, writer_str(&known));
}

static bool read_choice(struct arena *arena, const struct field *field, const struct node *node,
			struct value *value, struct err *err)
{
	(void)arena;
	if (node->kind != NODE_TEXT)
		return fail(err, MSG_FIELD_NOT_TEXT);
	if (field_choice(field, node->text) < 0)
		return unknown_choice(field, node->text, err);
	*value = value_text(node->text);
	return true;
}

/* "|a|c|" in the declaration's order: a search for "|c|" finds one of them. */
static bool read_choices(struct arena *arena, const struct field *field, const struct node *node,
			 struct value *value, struct err *err)
{
	auto_writer text = { 0 };
	bool *chosen = arena_array(arena, field->choice_count, sizeof(*chosen));

	if (!chosen)
		return arena_check(arena, err);
	if (node->kind != NODE_LIST)
		return fail(err, MSG_FIELD_NOT_LIST);
	for (const struct node *item = node->child; item; item = item->next) {
		int place = item->kind == NODE_TEXT ? field_choice(field, item->text) : -1;

		if (item->kind != NODE_TEXT)
			return fail(err, MSG_FIELD_NOT_LIST);
		if (place < 0)
			return unknown_choice(field, item->text, err);
		if (chosen[place])
			return fail(err, MSG_FIELD_CHOICE_TWICE, item->text);
		chosen[place] = true;
	}
	for (size_t i = 0; i < field->choice_count; i++) {
		if (chosen[i])
			writer_printf(&text, "%s%.*s|", text.len ? "" : "|",
				      STR_ARGS(field->choices[i].name));
	}
	*value = node->child ? value_text(arena_copy(arena, writer_str(&text)))
			     : (struct value){ .present = false };
	return arena_check(arena, err);
}

static bool read_id(struct arena *arena, const struct field *field, const struct node *node,
		    struct value *value, struct err *err)
{
	struct uuid id;

	(void)field;
	if (node->kind != NODE_TEXT || !uuid_parse(node->text, &id))
		return fail(err, MSG_FIELD_NOT_ID);
	*value = value_text(arena_copy(arena, uuid_str(&id)));
	return arena_check(arena, err);
}

static bool read_network(struct arena *arena, const struct field *field, const struct node *node,
			 struct value *value, struct err *err)
{
	struct network network;

	(void)field;
	if (node->kind != NODE_TEXT || !network_parse(node->text, &network))
		return fail(err, MSG_FIELD_NOT_NETWORK);
	*value = value_text(
		arena_copy(arena, (struct str){ (const char *)network.bytes, network.len }));
	return arena_check(arena, err);
}

static read_fn *const readers[FIELD_KINDS] = {
	[FIELD_TEXT] = read_text,       [FIELD_MARKDOWN] = read_text,
	[FIELD_INTEGER] = read_integer, [FIELD_DECIMAL] = read_decimal,
	[FIELD_BOOLEAN] = read_boolean, [FIELD_DATE] = read_date,
	[FIELD_INSTANT] = read_instant, [FIELD_DURATION] = read_duration,
	[FIELD_CHOICE] = read_choice,   [FIELD_CHOICES] = read_choices,
	[FIELD_REFERENCE] = read_id,    [FIELD_PERSON] = read_id,
	[FIELD_ORGANISATION] = read_id, [FIELD_NETWORK] = read_network,
};

bool value_read(struct arena *arena, const struct field *field, const struct node *node,
		struct value *out, struct err *err)
{
	struct value value = { .present = false };

	if (node->kind != NODE_NULL && !(node->kind == NODE_TEXT && node->text.len == 0) &&
	    !readers[field->kind](arena, field, node, &value, err))
		return err_in_field(err, field->name);
	*out = value;
	return true;
}

/* --- To JSON -------------------------------------------------------------------------------------- */

static void write_choices(struct str text, struct json *json)
{
	struct str part;

	json_array(json);
	while (str_split(&text, '|', &part)) {
		if (part.len)
			json_str(json, part);
	}
	json_array_end(json);
}

static void write_id(struct str bytes, struct json *json)
{
	struct uuid id;
	char text[UUID_TEXT_SIZE];

	if (bytes.len != sizeof(id.bytes)) {
		json_null(json);
		return;
	}
	memcpy(id.bytes, bytes.at, sizeof(id.bytes));
	json_text(json, uuid_text(&id, text));
}

void value_write_json(const struct field *field, const struct value *value, struct json *json)
{
	char instant[INSTANT_TEXT_SIZE], date[DATE_TEXT_SIZE];
	auto_writer text = { 0 };

	if (!value->present) {
		json_null(json);
		return;
	}
	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_MARKDOWN:
	case FIELD_CHOICE:
		json_str(json, value->text);
		break;
	case FIELD_INTEGER:
		json_int(json, value->number);
		break;
	case FIELD_DECIMAL:
		decimal_write(value->number, field->scale, &text);
		json_raw(json, writer_str(&text));
		break;
	case FIELD_BOOLEAN:
		json_bool(json, value->number != 0);
		break;
	case FIELD_DATE:
		json_text(json, date_text(value->number, date));
		break;
	case FIELD_INSTANT:
		json_text(json, instant_text(value->number, instant));
		break;
	case FIELD_DURATION:
		duration_write(value->number, &text);
		json_str(json, writer_str(&text));
		break;
	case FIELD_CHOICES:
		write_choices(value->text, json);
		break;
	case FIELD_REFERENCE:
	case FIELD_PERSON:
	case FIELD_ORGANISATION:
		write_id(value->text, json);
		break;
	case FIELD_NETWORK:
		network_write(value->text, &text);
		json_str(json, writer_str(&text));
		break;
	case FIELD_KINDS:
		break;
	}
}

bool value_equal(enum storage storage, const struct value *a, const struct value *b)
{
	if (a->present != b->present)
		return false;
	return !a->present || value_compare(storage, a, b) == 0;
}

int value_compare(enum storage storage, const struct value *a, const struct value *b)
{
	if (storage == STORED_INT)
		return a->number < b->number ? -1 : a->number > b->number;
	return str_compare(a->text, b->text);
}
