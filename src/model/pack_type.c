#include "model/pack_type.h"

#include "model/suggest.h"

/* Which attributes have a meaning for a kind of field. */
struct kind_rule {
	bool bounded;  /* min, max */
	bool choices;  /* needs choices */
	bool target;   /* needs target */
	bool scaled;   /* scale */
	bool sealable; /* sealed, exact */
	bool single;   /* unique */
};

static const struct kind_rule rules[FIELD_KINDS] = {
	[FIELD_TEXT] = { .bounded = true, .sealable = true, .single = true },
	[FIELD_MARKDOWN] = { .bounded = true },
	[FIELD_INTEGER] = { .bounded = true, .single = true },
	[FIELD_DECIMAL] = { .bounded = true, .scaled = true, .single = true },
	[FIELD_BOOLEAN] = { .single = false },
	[FIELD_DATE] = { .single = true },
	[FIELD_INSTANT] = { .single = true },
	[FIELD_DURATION] = { .single = true },
	[FIELD_CHOICE] = { .choices = true, .single = true },
	[FIELD_CHOICES] = { .choices = true },
	[FIELD_REFERENCE] = { .target = true, .single = true },
	[FIELD_PERSON] = { .single = true },
	[FIELD_ORGANISATION] = { .single = true },
	[FIELD_NETWORK] = { .single = true },
};

bool field_name_is_reserved(struct str name)
{
	static const char *const reserved[] = {
		"id",      "number",     "organisation", "state",      "version",
		"created", "created_by", "changed",      "changed_by", "edition",
		"move",    "entry",      "salt",         "and",        "or",
		"not",     "in",         "is",           "empty",      "contains",
		"now",     "today",      "me",           "true",       "false",
	};

	for (size_t i = 0; i < nitems(reserved); i++) {
		if (str_is(name, reserved[i]))
			return true;
	}
	return false;
}

static bool read_choices(struct pack_reader *reader, const struct node *node, struct str path,
			 struct field *field)
{
	if (!node || node->kind != NODE_MAP)
		return true;

	struct choice *choices = arena_array(reader->arena, node->count, sizeof(*choices));

	if (!choices)
		return false;
	field->choices = choices;
	path = pack_path(reader, path, STR("choices"));
	for (const struct node *choice = node->child; choice; choice = choice->next) {
		struct str at = pack_path(reader, path, choice->key);

		(void)pack_check_name(reader, choice, at, choice->key);
		choices[field->choice_count++] = (struct choice){
			.name = choice->key,
			.label = pack_label_of(reader, choice, at),
		};
	}
	return true;
}

/* A key that the field's kind gives no meaning to, or one that it needs. */
static void check_rule(struct pack_reader *reader, const struct node *node, struct str path,
		       const char *key, bool allowed, bool needed, enum field_kind kind)
{
	const struct node *given = node_member(node, key);

	if (given && !allowed)
		pack_problem(reader, given, path, MSG_PACK_KEY_MEANINGLESS, key,
			     field_kind_name(kind));
	if (!given && needed)
		pack_problem(reader, node, path, MSG_PACK_KEY_NEEDED, key, field_kind_name(kind));
}

static void check_attributes(struct pack_reader *reader, const struct node *node, struct str path,
			     const struct field *field)
{
	const struct kind_rule *rule = &rules[field->kind];
	enum field_kind kind = field->kind;

	check_rule(reader, node, path, "min", rule->bounded, false, kind);
	check_rule(reader, node, path, "max", rule->bounded, false, kind);
	check_rule(reader, node, path, "scale", rule->scaled, false, kind);
	check_rule(reader, node, path, "choices", rule->choices, rule->choices, kind);
	check_rule(reader, node, path, "target", rule->target, rule->target, kind);
	if (field->sealed)
		check_rule(reader, node, path, "sealed", rule->sealable, false, kind);
	if (field->unique)
		check_rule(reader, node, path, "unique", rule->single, false, kind);
	if (field->exact && !field->sealed)
		pack_problem(reader, node_member(node, "exact"), path, MSG_PACK_EXACT_UNSEALED);
	if (field->minimum > field->maximum)
		pack_problem(reader, node, path, MSG_PACK_RANGE_EMPTY, field->minimum,
			     field->maximum);
	if (rule->choices && node_member(node, "choices") && field->choice_count == 0)
		pack_problem(reader, node_member(node, "choices"), path, MSG_PACK_CHOICES_EMPTY);
}

static void read_kind(struct pack_reader *reader, const struct node *node, struct str path,
		      struct field *field)
{
	const char *names[FIELD_KINDS], *levels[CLEARANCE_SECRET + 1];
	const struct node *kind = node_member(node, "kind"),
			  *sensitivity = node_member(node, "sensitivity");
	int word;

	for (int i = 0; i < FIELD_KINDS; i++)
		names[i] = field_kind_name((enum field_kind)i);
	for (int i = 0; i <= CLEARANCE_SECRET; i++)
		levels[i] = clearance_name((enum clearance)i);
	field->sensitivity = CLEARANCE_INTERNAL;
	if (kind && kind->kind == NODE_TEXT) {
		word = pack_word(reader, kind, pack_path(reader, path, STR("kind")), kind->text,
				 names, FIELD_KINDS);
		field->kind = word < 0 ? FIELD_TEXT : (enum field_kind)word;
		if (word >= 0)
			check_attributes(reader, node, path, field);
	}
	if (sensitivity && sensitivity->kind == NODE_TEXT) {
		word = pack_word(reader, sensitivity, pack_path(reader, path, STR("sensitivity")),
				 sensitivity->text, levels, nitems(levels));
		if (word >= 0)
			field->sensitivity = (enum clearance)word;
	}
}

static bool read_field(struct pack_reader *reader, const struct node *node, struct str path,
		       struct field *field)
{
	static const struct pack_key keys[] = {
		{ "label", NODE_MAP, true },         { "help", NODE_MAP, false },
		{ "kind", NODE_TEXT, true },         { "was", NODE_TEXT, false },
		{ "sensitivity", NODE_TEXT, false }, { "sealed", NODE_BOOLEAN, false },
		{ "exact", NODE_BOOLEAN, false },    { "audited", NODE_BOOLEAN, false },
		{ "required", NODE_BOOLEAN, false }, { "unique", NODE_BOOLEAN, false },
		{ "scale", NODE_NUMBER, false },     { "min", NODE_NUMBER, false },
		{ "max", NODE_NUMBER, false },       { "choices", NODE_MAP, false },
		{ "target", NODE_TEXT, false },
	};

	field->name = field->column = node->key;
	field->minimum = INT64_MIN;
	field->maximum = INT64_MAX;
	if (pack_check_name(reader, node, path, node->key) && field_name_is_reserved(node->key))
		pack_problem(reader, node, path, MSG_PACK_NAME_RESERVED, node->key);
	if (!pack_check_keys(reader, node, path, keys, nitems(keys)))
		return true;
	field->label = pack_label(reader, node, path, "label");
	field->help = pack_label(reader, node, path, "help");
	field->was = node_member_text(node, "was");
	field->target = node_member_text(node, "target");
	field->sealed = pack_flag(node, "sealed");
	field->exact = pack_flag(node, "exact");
	field->audited = pack_flag(node, "audited");
	field->required = pack_flag(node, "required");
	field->unique = pack_flag(node, "unique");
	field->scale = (int)pack_number(reader, node, path, "scale", 0, 9, 0);
	field->minimum =
		pack_number(reader, node, path, "min", INT64_MIN + 1, INT64_MAX, INT64_MIN);
	field->maximum =
		pack_number(reader, node, path, "max", INT64_MIN, INT64_MAX - 1, INT64_MAX);
	if (!read_choices(reader, node_member(node, "choices"), path, field))
		return false;
	read_kind(reader, node, path, field);
	if (field->maximum == INT64_MAX && field->kind == FIELD_TEXT)
		field->maximum = TEXT_MAX_DEFAULT;
	if (field->maximum == INT64_MAX && field->kind == FIELD_MARKDOWN)
		field->maximum = MARKDOWN_MAX_DEFAULT;
	return true;
}

static bool read_fields(struct pack_reader *reader, const struct node *node, struct str path,
			struct type *type)
{
	if (!node || node->kind != NODE_MAP)
		return true;

	struct field *fields = arena_array(reader->arena, node->count, sizeof(*fields));

	if (!fields)
		return false;
	path = pack_path(reader, path, STR("fields"));
	if (node->count > TYPE_FIELDS_MAX)
		pack_problem(reader, node, path, MSG_PACK_TOO_MANY, TYPE_FIELDS_MAX);
	type->fields = fields;
	for (const struct node *field = node->child; field; field = field->next) {
		if (!read_field(reader, field, pack_path(reader, path, field->key),
				&fields[type->field_count++]))
			return false;
	}
	return true;
}

static bool read_states(struct pack_reader *reader, const struct node *node, struct str path,
			struct type *type)
{
	if (!node || node->kind != NODE_MAP)
		return true;

	struct state *states = arena_array(reader->arena, node->count, sizeof(*states));

	if (!states)
		return false;
	path = pack_path(reader, path, STR("states"));
	type->states = states;
	for (const struct node *state = node->child; state; state = state->next) {
		struct str at = pack_path(reader, path, state->key);

		(void)pack_check_name(reader, state, at, state->key);
		states[type->state_count++] = (struct state){
			.name = state->key,
			.label = pack_label_of(reader, state, at),
		};
	}
	return true;
}

static bool read_move(struct pack_reader *reader, const struct node *node, struct str path,
		      struct move *move)
{
	static const struct pack_key keys[] = {
		{ "label", NODE_MAP, true },      { "from", NODE_NULL, true },
		{ "to", NODE_TEXT, true },        { "guard", NODE_TEXT, false },
		{ "required", NODE_LIST, false }, { "not_creator", NODE_BOOLEAN, false },
	};

	move->name = node->key;
	(void)pack_check_name(reader, node, path, node->key);
	if (!pack_check_keys(reader, node, path, keys, nitems(keys)))
		return true;
	move->label = pack_label(reader, node, path, "label");
	move->to = node_member_text(node, "to");
	move->guard = node_member_text(node, "guard");
	move->not_creator = pack_flag(node, "not_creator");
	return pack_names(reader, node, path, "from", &move->from, &move->from_count) &&
	       pack_names(reader, node, path, "required", &move->required, &move->required_count);
}

static bool read_moves(struct pack_reader *reader, const struct node *node, struct str path,
		       struct type *type)
{
	if (!node || node->kind != NODE_MAP)
		return true;

	struct move *moves = arena_array(reader->arena, node->count, sizeof(*moves));

	if (!moves)
		return false;
	path = pack_path(reader, path, STR("moves"));
	type->moves = moves;
	for (const struct node *move = node->child; move; move = move->next) {
		if (!read_move(reader, move, pack_path(reader, path, move->key),
			       &moves[type->move_count++]))
			return false;
	}
	return true;
}

static bool read_indexes(struct pack_reader *reader, const struct node *node, struct str path,
			 struct type *type)
{
	if (!node || node->kind != NODE_LIST)
		return true;

	struct type_index *indexes = arena_array(reader->arena, node->count, sizeof(*indexes));

	if (!indexes)
		return false;
	path = pack_path(reader, path, STR("indexes"));
	if (node->count > TYPE_INDEXES_MAX)
		pack_problem(reader, node, path, MSG_PACK_TOO_MANY, TYPE_INDEXES_MAX);
	type->indexes = indexes;
	for (const struct node *item = node->child; item; item = item->next) {
		/* pack_names reads a member; the list's items have no key, so the item is wrapped into one. */
		struct node member = *item,
			    map = { .kind = NODE_MAP, .child = &member, .count = 1 };
		struct type_index *index = &indexes[type->index_count++];

		member.key = STR("fields");
		member.next = NULL;
		if (!pack_names(reader, &map, path, "fields", &index->fields, &index->count))
			return false;
		if (index->count == 0 || index->count > INDEX_FIELDS_MAX)
			pack_problem(reader, item, path, MSG_PACK_INDEX_SIZE, INDEX_FIELDS_MAX);
	}
	return true;
}

bool pack_read_type(struct pack_reader *reader, const struct node *node, struct str pack,
		    struct type *type)
{
	static const struct pack_key keys[] = {
		{ "label", NODE_MAP, true },       { "plural", NODE_MAP, true },
		{ "native", NODE_BOOLEAN, false }, { "catalogue", NODE_BOOLEAN, false },
		{ "title", NODE_TEXT, false },     { "number", NODE_TEXT, false },
		{ "fields", NODE_MAP, true },      { "states", NODE_MAP, false },
		{ "moves", NODE_MAP, false },      { "indexes", NODE_LIST, false },
	};
	struct str path = pack_path(reader, STR("types"), node->key);

	type->name = node->key;
	type->pack = pack;
	type->edition = 1;
	(void)pack_check_name(reader, node, path, node->key);
	if (!pack_check_keys(reader, node, path, keys, nitems(keys)))
		return true;
	type->label = pack_label(reader, node, path, "label");
	type->plural = pack_label(reader, node, path, "plural");
	type->native = pack_flag(node, "native");
	type->catalogue = pack_flag(node, "catalogue");
	type->title = node_member_text(node, "title");
	type->number_prefix = node_member_text(node, "number");
	if (!read_fields(reader, node_member(node, "fields"), path, type) ||
	    !read_states(reader, node_member(node, "states"), path, type) ||
	    !read_moves(reader, node_member(node, "moves"), path, type) ||
	    !read_indexes(reader, node_member(node, "indexes"), path, type))
		return false;
	pack_check_type(reader, node, path, type);
	return true;
}
