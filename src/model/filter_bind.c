#include "base/clock.h"
#include "model/filter.h"
#include "model/network.h"
#include "model/suggest.h"

struct binder {
	struct arena *arena;
	const struct table *table;
	const struct filter_context *context;
};

/* Which operators have a meaning for a kind, and how a value of it is written. */
enum {
	OPS_EQUAL = 1 << FILTER_EQUAL | 1 << FILTER_NOT_EQUAL,
	OPS_IN = 1 << FILTER_IN | 1 << FILTER_NOT_IN,
	OPS_ORDER = 1 << FILTER_LESS | 1 << FILTER_LESS_EQUAL | 1 << FILTER_GREATER |
		    1 << FILTER_GREATER_EQUAL,
	OPS_EMPTY = 1 << FILTER_EMPTY | 1 << FILTER_NOT_EMPTY,
	OPS_CONTAINS = 1 << FILTER_CONTAINS,
};

static const struct {
	int ops;
	const char *example;
} kinds[FIELD_KINDS] = {
	[FIELD_TEXT] = { OPS_EQUAL | OPS_IN | OPS_ORDER | OPS_EMPTY | OPS_CONTAINS, "\"ICU 3\"" },
	[FIELD_MARKDOWN] = { OPS_EMPTY | OPS_CONTAINS, "\"ICU 3\"" },
	[FIELD_INTEGER] = { OPS_EQUAL | OPS_IN | OPS_ORDER | OPS_EMPTY, "12" },
	[FIELD_DECIMAL] = { OPS_EQUAL | OPS_IN | OPS_ORDER | OPS_EMPTY, "12.5" },
	[FIELD_BOOLEAN] = { OPS_EQUAL | OPS_EMPTY, "true" },
	[FIELD_DATE] = { OPS_EQUAL | OPS_IN | OPS_ORDER | OPS_EMPTY,
			 "2026-11-24, today, now + 7d" },
	[FIELD_INSTANT] = { OPS_EQUAL | OPS_IN | OPS_ORDER | OPS_EMPTY,
			    "2026-11-24T08:00:00Z, 2026-11-24, now - 12h" },
	[FIELD_DURATION] = { OPS_EQUAL | OPS_IN | OPS_ORDER | OPS_EMPTY, "7d, \"P1DT12H\"" },
	[FIELD_CHOICE] = { OPS_EQUAL | OPS_IN | OPS_ORDER | OPS_EMPTY, "" },
	[FIELD_CHOICES] = { OPS_CONTAINS | OPS_EMPTY, "" },
	[FIELD_REFERENCE] = { OPS_EQUAL | OPS_IN | OPS_EMPTY,
			      "\"0190163d-8694-739b-aea5-966c26f8ad91\"" },
	[FIELD_PERSON] = { OPS_EQUAL | OPS_IN | OPS_EMPTY,
			   "me, \"0190163d-8694-739b-aea5-966c26f8ad91\"" },
	[FIELD_ORGANISATION] = { OPS_EQUAL | OPS_IN | OPS_EMPTY, "\"ICU\"" },
	[FIELD_NETWORK] = { OPS_EQUAL | OPS_IN | OPS_EMPTY, "\"10.1.0.0/16\"" },
};

static bool no_operator(const struct filter_tree *tree, int ops, struct err *err)
{
	auto_writer known = { 0 };

	for (int op = 0; op < FILTER_OPERATORS; op++) {
		if (ops >> op & 1)
			writer_printf(&known, "%s%s", known.len ? ", " : "",
				      filter_operator_name((enum filter_operator)op));
	}
	return fail(err, MSG_FILTER_OPERATOR_MEANINGLESS, filter_operator_name(tree->op),
		    tree->field, tree->op_position, writer_str(&known));
}

static bool wrong_value(const struct field *field, const struct literal *literal, struct err *err)
{
	return fail(err, MSG_FILTER_VALUE_FORM, field->name, literal->text, literal->position,
		    kinds[field->kind].example);
}

static bool wrong_choice(const struct field *field, const struct literal *literal, struct err *err)
{
	struct suggestion suggestion = suggestion_for(literal->text);
	auto_writer known = { 0 };

	for (size_t i = 0; i < field->choice_count; i++) {
		suggestion_try(&suggestion, field->choices[i].name);
		writer_printf(&known, "%s%.*s", i ? ", " : "", STR_ARGS(field->choices[i].name));
	}
	if (suggestion.best.at)
		return fail(err, MSG_FILTER_CHOICE_MISTYPED, literal->text, field->name,
			    literal->position, suggestion.best);
	return fail(err, MSG_FILTER_CHOICE_UNKNOWN, literal->text, field->name, literal->position,
		    writer_str(&known));
}

static const struct column *find_column(const struct binder *binder, const struct filter_tree *tree,
					struct err *err)
{
	enum clearance clearance = binder->context->clearance;
	const struct column *column = table_column(binder->table, tree->field, clearance);
	struct suggestion suggestion = suggestion_for(tree->field);

	if (column)
		return column;
	for (size_t i = 0; i < binder->table->count; i++) {
		if (column_is_shown(&binder->table->columns[i], clearance))
			suggestion_try(&suggestion, binder->table->columns[i].field->name);
	}
	if (suggestion.best.at)
		(void)fail(err, MSG_FILTER_FIELD_MISTYPED, tree->field, tree->position,
			   suggestion.best);
	else
		(void)fail(err, MSG_FILTER_FIELD_UNKNOWN, tree->field, tree->position,
			   binder->table->type.name);
	return NULL;
}

/* --- Literals to values -------------------------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Microseconds. A date is the beginning of its day in the zone. */
static bool literal_instant(const struct filter_context *context, const struct literal *literal,
			    int64_t *instant)
{
	int64_t zone = SECONDS(context->zone), day = SECONDS(86400);

	if (literal->kind == LITERAL_INSTANT)
		*instant = literal->number;
	else if (literal->kind == LITERAL_NOW)
		*instant = context->now;
	else if (literal->kind == LITERAL_TODAY)
		*instant = floor_div(context->now + zone, day) * day - zone;
	else if (literal->kind == LITERAL_DATE)
		*instant = literal->number * day - zone;
	else
		return false;
	*instant += SECONDS(literal->shift);
	return true;
}

static bool literal_id(const struct binder *binder, const struct column *column,
		       const struct literal *literal, struct value *value)
{
	struct uuid id;

	if (literal->kind == LITERAL_ME && column->field->kind == FIELD_PERSON)
		id = column->account ? binder->context->account : binder->context->person;
	else if (literal->kind != LITERAL_TEXT || !uuid_parse(literal->text, &id))
		return false;
	*value = value_text(arena_copy(binder->arena, uuid_str(&id)));
	return true;
}

/* A name, or an id: `number` tells. */
static struct value organisation_value(const struct binder *binder, struct str text)
{
	struct value value = value_text(text);
	struct uuid id;

	if (uuid_parse(text, &id)) {
		value = value_text(arena_copy(binder->arena, uuid_str(&id)));
		value.number = 1;
	}
	return value;
}

static bool literal_value(const struct binder *binder, const struct column *column,
			  const struct literal *literal, struct value *value)
{
	const struct field *field = column->field;
	bool text = literal->kind == LITERAL_TEXT || literal->kind == LITERAL_WORD;
	int64_t number = 0;
	struct network network;

	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_MARKDOWN:
		if (!text && literal->kind != LITERAL_NUMBER)
			return false;
		*value = value_text(literal->text);
		return true;
	case FIELD_INTEGER:
		*value = value_int(0);
		return literal->kind == LITERAL_NUMBER && str_to_int(literal->text, &value->number);
	case FIELD_DECIMAL:
		*value = value_int(0);
		return literal->kind == LITERAL_NUMBER &&
		       decimal_parse(literal->text, field->scale, &value->number);
	case FIELD_BOOLEAN:
		*value = value_int(str_is(literal->text, "true"));
		return literal->kind == LITERAL_WORD &&
		       (value->number || str_is(literal->text, "false"));
	case FIELD_DATE:
		if (!literal_instant(binder->context, literal, &number))
			return false;
		*value = value_int(
			floor_div(number + SECONDS(binder->context->zone), SECONDS(86400)));
		return true;
	case FIELD_INSTANT:
		*value = value_int(0);
		return literal_instant(binder->context, literal, &value->number);
	case FIELD_DURATION:
		*value = value_int(literal->number);
		return literal->kind == LITERAL_DURATION ||
		       (literal->kind == LITERAL_TEXT &&
			duration_parse(literal->text, &value->number));
	case FIELD_CHOICE:
	case FIELD_CHOICES:
		*value = value_text(literal->text);
		return text && field_choice(field, literal->text) >= 0;
	case FIELD_REFERENCE:
	case FIELD_PERSON:
		return literal_id(binder, column, literal, value);
	case FIELD_ORGANISATION:
		*value = organisation_value(binder, literal->text);
		return text;
	case FIELD_NETWORK:
		if (literal->kind != LITERAL_TEXT || !network_parse(literal->text, &network))
			return false;
		*value = value_text(arena_copy(
			binder->arena, (struct str){ (const char *)network.bytes, network.len }));
		return true;
	case FIELD_KINDS:
		break;
	}
	return false;
}

static bool read_values(const struct binder *binder, const struct filter_tree *tree,
			struct filter *filter, struct err *err)
{
	const struct field *field = filter->column->field;
	struct value *values = arena_array(binder->arena, tree->count, sizeof(*values));

	if (!values)
		return arena_check(binder->arena, err);
	for (size_t i = 0; i < tree->count; i++) {
		if (literal_value(binder, filter->column, &tree->values[i], &values[i]))
			continue;
		return (field->kind == FIELD_CHOICE || field->kind == FIELD_CHOICES
				? wrong_choice
				: wrong_value)(field, &tree->values[i], err);
	}
	filter->values = values;
	filter->count = tree->count;
	return arena_check(binder->arena, err);
}

/* --- Comparisons --------------------------------------------------------------------------------- */

struct digest blind_of(const struct keyring *keyring, const struct table *table,
		       const struct field *field, struct str value)
{
	auto_writer name = { 0 };

	writer_printf(&name, "%.*s/%.*s", STR_ARGS(table->type.name), STR_ARGS(field->column));
	return keyring_blind(keyring, writer_str(&name), value);
}

/* Sealed values are compared through their blind index, and only for being the same. */
static bool bind_sealed(const struct binder *binder, const struct filter_tree *tree,
			struct filter *filter, struct err *err)
{
	const struct field *field = filter->column->field;
	const struct column *blind = table_blind(binder->table, field);
	int ops = blind ? OPS_EQUAL | OPS_IN | OPS_EMPTY : OPS_EMPTY;

	if (!(ops >> tree->op & 1))
		return no_operator(tree, ops, err);
	if (filter->kind == CONDITION_EMPTY)
		return true;
	filter->column = blind;
	/* A guard that is only checked, when its pack is read, has no keys. */
	for (size_t i = 0; binder->context->keyring && i < filter->count; i++) {
		struct digest digest = blind_of(binder->context->keyring, binder->table, field,
						filter->values[i].text);

		filter->values[i] = value_text(arena_copy(binder->arena, digest_str(&digest)));
	}
	return arena_check(binder->arena, err);
}

/* severity >= high: the choices from there on. */
static bool bind_choice_order(const struct binder *binder, const struct filter_tree *tree,
			      struct filter *filter, struct err *err)
{
	const struct field *field = filter->column->field;
	struct value *values = arena_array(binder->arena, field->choice_count, sizeof(*values));
	int bound = field_choice(field, filter->values[0].text);
	size_t count = 0;

	if (!values)
		return arena_check(binder->arena, err);
	for (int i = 0; i < (int)field->choice_count; i++) {
		bool below = tree->op == FILTER_LESS || tree->op == FILTER_LESS_EQUAL;
		bool equal = tree->op == FILTER_LESS_EQUAL || tree->op == FILTER_GREATER_EQUAL;

		if (i == bound ? equal : (i < bound) == below)
			values[count++] = value_text(field->choices[i].name);
	}
	filter->kind = CONDITION_SET;
	filter->values = values;
	filter->count = count;
	return true;
}

/* address in "10.1.0.0/16": everything from its first to its last address. */
static bool bind_networks(const struct binder *binder, struct filter *filter, struct err *err)
{
	struct value *pairs = arena_array(binder->arena, 2 * filter->count, sizeof(*pairs));

	if (!pairs)
		return arena_check(binder->arena, err);
	for (size_t i = 0; i < filter->count; i++) {
		struct network low = { .len = filter->values[i].text.len }, high;

		memcpy(low.bytes, filter->values[i].text.at, low.len);
		high = network_high(&low);
		pairs[2 * i] = filter->values[i];
		pairs[2 * i + 1] = value_text(arena_copy(
			binder->arena, (struct str){ (const char *)high.bytes, high.len }));
	}
	filter->kind = CONDITION_RANGES;
	filter->values = pairs;
	filter->count *= 2;
	return arena_check(binder->arena, err);
}

/* What the operator comes to, before the kind has its say. */
static void set_kind(struct filter *filter, enum filter_operator op)
{
	static const struct {
		enum condition_kind kind;
		bool negated;
	} plain[FILTER_OPERATORS] = {
		[FILTER_EQUAL] = { CONDITION_SET, false },
		[FILTER_NOT_EQUAL] = { CONDITION_SET, true },
		[FILTER_IN] = { CONDITION_SET, false },
		[FILTER_NOT_IN] = { CONDITION_SET, true },
		[FILTER_LESS] = { CONDITION_COMPARE, false },
		[FILTER_LESS_EQUAL] = { CONDITION_COMPARE, false },
		[FILTER_GREATER] = { CONDITION_COMPARE, false },
		[FILTER_GREATER_EQUAL] = { CONDITION_COMPARE, false },
		[FILTER_EMPTY] = { CONDITION_EMPTY, false },
		[FILTER_NOT_EMPTY] = { CONDITION_EMPTY, true },
		[FILTER_CONTAINS] = { CONDITION_CONTAINS, false },
	};

	filter->kind = plain[op].kind;
	filter->negated ^= plain[op].negated;
	filter->op = op;
}

static bool bind_comparison(const struct binder *binder, const struct filter_tree *tree,
			    bool negated, struct filter *filter, struct err *err)
{
	const struct column *column = find_column(binder, tree, err);
	bool in = tree->op == FILTER_IN || tree->op == FILTER_NOT_IN;

	if (!column)
		return false;
	if (!column->field->sealed && !(kinds[column->field->kind].ops >> tree->op & 1))
		return no_operator(tree, kinds[column->field->kind].ops, err);
	filter->column = column;
	filter->negated = negated;
	set_kind(filter, tree->op);
	if (!read_values(binder, tree, filter, err))
		return false;
	if (column->field->sealed)
		return bind_sealed(binder, tree, filter, err);
	if (filter->kind == CONDITION_COMPARE && column->field->kind == FIELD_CHOICE)
		return bind_choice_order(binder, tree, filter, err);
	if (filter->kind == CONDITION_SET && column->field->kind == FIELD_ORGANISATION)
		filter->kind = in ? CONDITION_UNDER : CONDITION_NAMED;
	if (in && column->field->kind == FIELD_NETWORK)
		return bind_networks(binder, filter, err);
	return true;
}

static bool bind(const struct binder *binder, const struct filter_tree *tree, bool negated,
		 const struct filter **out, struct err *err)
{
	while (tree->kind == FILTER_NOT) {
		tree = tree->child;
		negated = !negated;
	}

	struct filter *filter = arena_take(binder->arena, sizeof(*filter));
	const struct filter **link;

	if (!filter)
		return arena_check(binder->arena, err);
	*out = filter;
	if (tree->kind == FILTER_COMPARISON)
		return bind_comparison(binder, tree, negated, filter, err);
	filter->kind = (tree->kind == FILTER_AND) != negated ? CONDITION_AND : CONDITION_OR;
	link = &filter->child;
	for (const struct filter_tree *part = tree->child; part; part = part->next) {
		const struct filter *bound;

		if (!bind(binder, part, negated, &bound, err))
			return false;

		struct filter *copy = arena_take(binder->arena, sizeof(*copy));

		if (!copy)
			return arena_check(binder->arena, err);
		*copy = *bound;
		*link = copy;
		link = &copy->next;
	}
	return true;
}

bool filter_bind(struct arena *arena, const struct filter_tree *tree, const struct table *table,
		 const struct filter_context *context, const struct filter **filter,
		 struct err *err)
{
	struct binder binder = { .arena = arena, .table = table, .context = context };

	*filter = NULL;
	return !tree || bind(&binder, tree, false, filter, err);
}
