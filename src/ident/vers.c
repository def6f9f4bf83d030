#include "ident/vers_build.h"
#include "base/encode.h"
#include "base/json_write.h"
#include "ident/version_key.h"

/* What a constraint may begin with, the longer first. */
static const struct {
	const char *sign;
	enum vers_comparator comparator;
} signs[] = {
	{ ">=", VERS_GREATER_EQUAL }, { "<=", VERS_LESS_EQUAL }, { "!=", VERS_NOT_EQUAL },
	{ ">", VERS_GREATER },        { "<", VERS_LESS },
};

/* These, white space and what is no ASCII stand encoded in a version: Clause 5.3.3.2. */
static bool must_encode(char c)
{
	return strchr("><=!*|%", c) || (unsigned char)c <= 0x20 || (unsigned char)c >= 0x7f;
}

static void put_version(struct str version, struct writer *out)
{
	for (size_t i = 0; i < version.len; i++) {
		if (must_encode(version.at[i]))
			writer_printf(out, "%%%02X", (unsigned)(unsigned char)version.at[i]);
		else
			writer_byte(out, version.at[i]);
	}
}

static bool decode(struct str encoded, struct writer *out, struct err *err)
{
	for (size_t i = 0; i < encoded.len; i++) {
		if (encoded.at[i] != '%') {
			writer_byte(out, encoded.at[i]);
			continue;
		}

		int high = i + 2 < encoded.len ? hex_value(encoded.at[i + 1]) : -1;
		int low = i + 2 < encoded.len ? hex_value(encoded.at[i + 2]) : -1;

		if (high < 0 || low < 0)
			return fail(err, MSG_VERS_PERCENT, encoded);
		writer_byte(out, (char)(high * 16 + low));
		i += 2;
	}
	return true;
}

struct sorted {
	struct vers_constraint constraint;
	size_t place;
	bool by_comparator;
};

static int sort_order(const void *left, const void *right)
{
	const struct sorted *a = left, *b = right;
	int order = str_compare(a->constraint.key, b->constraint.key);

	if (order == 0 && a->by_comparator)
		order = (int)a->constraint.comparator - (int)b->constraint.comparator;
	return order != 0 ? order : a->place < b->place ? -1 : 1;
}

bool vers_finish(struct arena *arena, struct vers_list *list, bool by_comparator, struct vers *vers,
		 struct err *err)
{
	struct sorted *sorted = arena_array(arena, list->count, sizeof(*sorted));
	struct vers_constraint *at = arena_array(arena, list->count, sizeof(*at));

	if (!sorted || !at)
		return arena_check(arena, err);
	for (size_t i = 0; i < list->count; i++) {
		auto_writer key = { 0 };

		sorted[i] = (struct sorted){ list->at[i], i, by_comparator };
		if (!version_key(vers->scheme, list->at[i].version, &key, err)) {
			if (list->count > 1)
				return false;
			continue;
		}
		sorted[i].constraint.key = arena_copy(arena, writer_str(&key));
	}
	if (!arena_check(arena, err))
		return false;
	qsort(sorted, list->count, sizeof(*sorted), sort_order);
	for (size_t i = 0; i < list->count; i++)
		at[i] = sorted[i].constraint;
	vers->at = at;
	vers->count = list->count;
	return true;
}

/* Without the end of a constraint's sign. */
static enum vers_comparator take_comparator(struct str *text)
{
	for (size_t i = 0; i < nitems(signs); i++) {
		if (!str_starts(*text, signs[i].sign))
			continue;
		skip(text, strlen(signs[i].sign));
		return signs[i].comparator;
	}
	return VERS_EQUAL;
}

/* One constraint; in strict reading its version must be encoded as it would be written. */
static bool read_constraint(struct arena *arena, struct str text, bool strict,
			    enum version_scheme scheme, struct vers_constraint *constraint,
			    struct err *err)
{
	auto_writer version = { 0 }, written = { 0 };

	if (!strict)
		text = str_trim(text);
	*constraint = (struct vers_constraint){ .comparator = take_comparator(&text) };
	if (constraint->comparator == VERS_EQUAL && first_of(text) == '=') {
		if (strict)
			return fail(err, MSG_VERS_EQUAL, text);
		skip(&text, 1);
	}
	if (!strict)
		text = str_trim(text);
	if (text.len == 0)
		return fail(err, MSG_VERS_NO_VERSION);
	for (size_t i = 0; i < text.len; i++)
		if (strchr("<>=!*", text.at[i]))
			return fail(err, MSG_VERS_SIGN, text);
	if (!decode(text, &version, err))
		return false;
	put_version(writer_str(&version), &written);
	if (strict && scheme == VERSION_DATETIME && (strpbrk(version.at, "tz") != NULL))
		return fail(err, MSG_VERS_DATETIME, text);
	if (strict && !str_equal(writer_str(&written), text))
		return fail(err, MSG_VERS_ENCODED, text, writer_str(&written));
	constraint->version = arena_copy(arena, writer_str(&version));
	return arena_check(arena, err);
}

static bool read_constraints(struct arena *arena, struct str text, bool strict, struct vers *vers,
			     struct err *err)
{
	auto_vers_list list = { 0 };
	struct vers_constraint constraint;
	struct str part;

	if (text.len == 0)
		return fail(err, MSG_VERS_EMPTY);
	while (str_split(&text, '|', &part)) {
		if (!strict && str_trim(part).len == 0)
			continue;
		if (strict && part.len == 0)
			return fail(err, MSG_VERS_PIPE);
		if (!read_constraint(arena, part, strict, vers->scheme, &constraint, err))
			return false;
		vec_push(&list, constraint);
	}
	if (list.count == 0)
		return fail(err, MSG_VERS_EMPTY);

	struct vers sorted = *vers;

	if (!vers_finish(arena, &list, false, &sorted, err))
		return false;
	for (size_t i = 0; strict && i < list.count; i++)
		if (!str_equal(sorted.at[i].version, list.at[i].version))
			return fail(err, MSG_VERS_UNSORTED, list.at[i].version);
	*vers = sorted;
	return true;
}

static bool is_lower_bound(enum vers_comparator comparator)
{
	return comparator == VERS_GREATER || comparator == VERS_GREATER_EQUAL;
}

/* Clause 5.4: versions are unique; but for "!=" what follows a constraint must not be redundant. */
static bool check_sequence(const struct vers *vers, struct err *err)
{
	const struct vers_constraint *last = NULL;

	for (size_t i = 0; i < vers->count; i++) {
		const struct vers_constraint *one = &vers->at[i];

		if (i > 0 && str_equal(one->key, vers->at[i - 1].key))
			return fail(err, MSG_VERS_TWICE, one->version);
		if (one->comparator == VERS_NOT_EQUAL)
			continue;
		if (last &&
		    (is_lower_bound(last->comparator)
			     ? is_lower_bound(one->comparator) || one->comparator == VERS_EQUAL
			     : one->comparator == VERS_LESS || one->comparator == VERS_LESS_EQUAL))
			return fail(err, MSG_VERS_REDUNDANT, one->version);
		last = one;
	}
	return true;
}

/* "all/…" and "none/…" take "*" alone, as any scheme may. */
static bool read_type(struct str type, bool strict, struct vers *vers, struct err *err)
{
	vers->scheme = VERSION_SCHEMES;
	if (str_is(type, "all") || str_is(type, "none")) {
		vers->extent = str_is(type, "all") ? VERS_EVERY : VERS_NONE;
		return true;
	}
	if (!version_scheme_parse(type, &vers->scheme, err))
		return false;
	if (strict && !str_is(type, version_scheme_name(vers->scheme)))
		return fail(err, MSG_VERS_ALIAS, type, version_scheme_name(vers->scheme));
	return true;
}

static bool read_vers(struct arena *arena, struct str text, bool strict, struct vers *result,
		      struct err *err)
{
	struct vers vers = { 0 };
	auto_writer lower = { 0 };
	size_t slash;

	for (size_t i = 0; strict && i < text.len; i++)
		if ((unsigned char)text.at[i] <= 0x20)
			return fail(err, MSG_VERS_SPACE);
	text = strict ? text : str_trim(text);
	slash = str_find(text, '/');
	for (size_t i = 0; i < slash; i++)
		writer_byte(&lower, strict ? text.at[i] : to_lower(text.at[i]));

	struct str head = writer_str(&lower);

	if (!str_starts(head, "vers:") || slash == text.len)
		return fail(err, MSG_VERS_FORM, text);
	skip(&head, 5);
	if (!read_type(strict ? head : str_trim(head), strict, &vers, err))
		return false;
	text = str_sub(text, slash + 1, text.len);
	if (str_is(strict ? text : str_trim(text), "*")) {
		if (vers.extent == VERS_CONSTRAINED)
			vers.extent = VERS_EVERY;
	} else if (vers.extent != VERS_CONSTRAINED) {
		return fail(err, MSG_VERS_STAR, head);
	} else if (!read_constraints(arena, text, strict, &vers, err) ||
		   (strict && !check_sequence(&vers, err))) {
		return false;
	}
	*result = vers;
	return true;
}

bool vers_parse(struct arena *arena, struct str text, struct vers *vers, struct err *err)
{
	return read_vers(arena, text, true, vers, err);
}

bool vers_read(struct arena *arena, struct str text, struct vers *vers, struct err *err)
{
	return read_vers(arena, text, false, vers, err);
}

static const char *sign_of(enum vers_comparator comparator)
{
	for (size_t i = 0; i < nitems(signs); i++)
		if (signs[i].comparator == comparator)
			return signs[i].sign;
	return "";
}

void vers_write(const struct vers *vers, struct writer *out)
{
	if (vers->extent == VERS_NONE) {
		writer_text(out, "vers:none/*");
		return;
	}
	writer_printf(out, "vers:%s/",
		      vers->scheme == VERSION_SCHEMES ? "all" : version_scheme_name(vers->scheme));
	if (vers->extent == VERS_EVERY)
		writer_byte(out, '*');
	for (size_t i = 0; i < vers->count; i++) {
		if (i > 0)
			writer_byte(out, '|');
		writer_text(out, sign_of(vers->at[i].comparator));
		put_version(vers->at[i].version, out);
	}
}

void vers_write_json(const struct vers *vers, struct writer *out)
{
	struct json json = json_into(out);

	json_object(&json);
	json_put_text(&json, "scheme",
		      vers->extent == VERS_NONE         ? "none"
		      : vers->scheme == VERSION_SCHEMES ? "all"
							: version_scheme_name(vers->scheme));
	json_key(&json, "version_constraints");
	json_array(&json);
	if (vers->extent != VERS_CONSTRAINED) {
		json_array(&json);
		json_text(&json, "*");
		json_text(&json, "");
		json_array_end(&json);
	}
	for (size_t i = 0; i < vers->count; i++) {
		const char *sign = sign_of(vers->at[i].comparator);

		json_array(&json);
		json_text(&json, sign[0] ? sign : "=");
		json_str(&json, vers->at[i].version);
		json_array_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
}
