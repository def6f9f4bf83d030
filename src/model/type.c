#include "model/type.h"

static const char *const kind_names[FIELD_KINDS] = {
	[FIELD_TEXT] = "text",
	[FIELD_MARKDOWN] = "markdown",
	[FIELD_INTEGER] = "integer",
	[FIELD_DECIMAL] = "decimal",
	[FIELD_BOOLEAN] = "boolean",
	[FIELD_DATE] = "date",
	[FIELD_INSTANT] = "instant",
	[FIELD_DURATION] = "duration",
	[FIELD_CHOICE] = "choice",
	[FIELD_CHOICES] = "choices",
	[FIELD_REFERENCE] = "reference",
	[FIELD_PERSON] = "person",
	[FIELD_ORGANISATION] = "organisation",
	[FIELD_NETWORK] = "network",
};

static const char *const clearance_names[] = {
	[CLEARANCE_PUBLIC] = "public",
	[CLEARANCE_INTERNAL] = "internal",
	[CLEARANCE_CONFIDENTIAL] = "confidential",
	[CLEARANCE_PERSONAL] = "personal",
	[CLEARANCE_SECRET] = "secret",
};

const char *field_kind_name(enum field_kind kind)
{
	return kind_names[kind];
}

const char *clearance_name(enum clearance clearance)
{
	return clearance_names[clearance];
}

const struct type *type_find(const struct type_set *set, struct str name)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_compare(set->types[middle]->name, name);

		if (order == 0)
			return set->types[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct field *type_field(const struct type *type, struct str name)
{
	for (size_t i = 0; i < type->field_count; i++) {
		if (str_equal(type->fields[i].name, name))
			return &type->fields[i];
	}
	return NULL;
}

const struct move *type_move(const struct type *type, struct str name)
{
	for (size_t i = 0; i < type->move_count; i++) {
		if (str_equal(type->moves[i].name, name))
			return &type->moves[i];
	}
	return NULL;
}

bool type_has_state(const struct type *type, struct str name)
{
	for (size_t i = 0; i < type->state_count; i++) {
		if (str_equal(type->states[i].name, name))
			return true;
	}
	return false;
}

static void put_label(struct json *json, const char *key, const struct label *label)
{
	if (!label->zh.at && !label->en.at)
		return;
	json_key(json, key);
	json_object(json);
	json_put_str(json, "zh", label->zh);
	json_put_str(json, "en", label->en);
	json_object_end(json);
}

static void put_flag(struct json *json, const char *key, bool flag)
{
	if (flag)
		json_put_bool(json, key, true);
}

static void put_text(struct json *json, const char *key, struct str text)
{
	if (text.at)
		json_put_str(json, key, text);
}

static void put_names(struct json *json, const char *key, const struct str *names, size_t count)
{
	json_key(json, key);
	json_array(json);
	for (size_t i = 0; i < count; i++)
		json_str(json, names[i]);
	json_array_end(json);
}

static void put_field(struct json *json, const struct field *field)
{
	json_object(json);
	json_put_str(json, "name", field->name);
	json_put_text(json, "kind", field_kind_name(field->kind));
	put_label(json, "label", &field->label);
	put_label(json, "help", &field->help);
	json_put_text(json, "sensitivity", clearance_name(field->sensitivity));
	put_flag(json, "required", field->required);
	put_flag(json, "unique", field->unique);
	put_flag(json, "sealed", field->sealed);
	put_flag(json, "exact", field->exact);
	put_flag(json, "audited", field->audited);
	put_flag(json, "removed", field->removed);
	if (field->kind == FIELD_DECIMAL)
		json_put_int(json, "scale", field->scale);
	if (field->minimum != INT64_MIN)
		json_put_int(json, "min", field->minimum);
	if (field->maximum != INT64_MAX)
		json_put_int(json, "max", field->maximum);
	put_text(json, "target", field->target);
	if (field->choice_count) {
		json_key(json, "choices");
		json_array(json);
		for (size_t i = 0; i < field->choice_count; i++) {
			json_object(json);
			json_put_str(json, "name", field->choices[i].name);
			put_label(json, "label", &field->choices[i].label);
			json_object_end(json);
		}
		json_array_end(json);
	}
	json_object_end(json);
}

static void put_move(struct json *json, const struct move *move)
{
	json_object(json);
	json_put_str(json, "name", move->name);
	put_label(json, "label", &move->label);
	put_names(json, "from", move->from, move->from_count);
	json_put_str(json, "to", move->to);
	put_names(json, "required", move->required, move->required_count);
	put_text(json, "guard", move->guard);
	put_flag(json, "not_creator", move->not_creator);
	json_object_end(json);
}

void type_write_json(const struct type *type, bool with_edition, enum clearance clearance,
		     struct json *json)
{
	json_object(json);
	json_put_str(json, "name", type->name);
	json_put_str(json, "pack", type->pack);
	put_label(json, "label", &type->label);
	put_label(json, "plural", &type->plural);
	if (with_edition)
		json_put_int(json, "edition", type->edition);
	put_flag(json, "native", type->native);
	put_flag(json, "catalogue", type->catalogue);
	put_flag(json, "removed", type->removed);
	put_text(json, "title", type->title);
	put_text(json, "number", type->number_prefix);
	json_key(json, "fields");
	json_array(json);
	for (size_t i = 0; i < type->field_count; i++) {
		if (type->fields[i].sensitivity <= clearance)
			put_field(json, &type->fields[i]);
	}
	json_array_end(json);
	json_key(json, "states");
	json_array(json);
	for (size_t i = 0; i < type->state_count; i++) {
		json_object(json);
		json_put_str(json, "name", type->states[i].name);
		put_label(json, "label", &type->states[i].label);
		json_object_end(json);
	}
	json_array_end(json);
	json_key(json, "moves");
	json_array(json);
	for (size_t i = 0; i < type->move_count; i++)
		put_move(json, &type->moves[i]);
	json_array_end(json);
	json_key(json, "indexes");
	json_array(json);
	for (size_t i = 0; i < type->index_count; i++) {
		json_array(json);
		for (size_t j = 0; j < type->indexes[i].count; j++)
			json_str(json, type->indexes[i].fields[j]);
		json_array_end(json);
	}
	json_array_end(json);
	json_object_end(json);
}
