/* Semantic versions and the ecosystems that follow them, each with its own latitude. */
#include "ident/version_key.h"

/* Kinds of what follows the numbers: identifiers of a list, its end, and no list at all (a release). */
enum { LIST_END = 1, NUMERIC = 2, TEXTUAL = 3, RELEASED = 4 };

struct latitude {
	size_t numbers;     /* at most, and as many in the key */
	bool prefix;        /* "v1.2.3", "=1.2.3" */
	bool shortened;     /* "1.2" is 1.2.0 */
	bool leading_zeros; /* "1.02.3", "1.0.0-01" */
	bool folded;        /* identifiers in any case */
	bool build_ordered; /* build metadata counts */
};

static bool identifier_byte(char c)
{
	return is_digit(c) || is_letter(c) || c == '-';
}

/* SemVer 2.0.0 section 9 and 10: dot separated, not empty, of [0-9A-Za-z-]. */
static bool put_identifiers(struct str list, const struct latitude *latitude, bool build,
			    struct writer *key)
{
	struct str one;

	while (str_split(&list, '.', &one)) {
		if (one.len == 0)
			return false;
		for (size_t i = 0; i < one.len; i++)
			if (!identifier_byte(one.at[i]))
				return false;
		if (all_digits(one)) {
			if (one.len > 1 && one.at[0] == '0' && !build && !latitude->leading_zeros)
				return false;
			writer_byte(key, NUMERIC);
			key_number(key, one);
			continue;
		}
		writer_byte(key, TEXTUAL);
		if (latitude->folded)
			key_folded(key, one);
		else
			key_text(key, one);
	}
	writer_byte(key, LIST_END);
	return true;
}

static bool put_numbers(struct str *rest, const struct latitude *latitude, struct writer *key)
{
	size_t count = 0;

	do {
		struct str digits = take_digits(rest);

		if (digits.len == 0 || count == latitude->numbers)
			return false;
		if (digits.len > 1 && digits.at[0] == '0' && !latitude->leading_zeros)
			return false;
		key_number(key, digits);
		count++;
	} while (take_byte(rest, '.'));

	if (count < 3 && !latitude->shortened)
		return false;
	for (; count < latitude->numbers; count++)
		key_number(key, STR_NONE);
	return true;
}

/* Precedence by SemVer 2.0.0 section 11: numbers, then identifiers, and a release above its pre-releases. */
static bool put_version(struct str text, const struct latitude *latitude, struct writer *key)
{
	if (latitude->prefix) {
		(void)take_byte(&text, '=');
		text = str_trim(text);
		(void)take_word(&text, "v");
	}

	size_t plus = str_find(text, '+');
	struct str build = str_sub(text, plus + 1, text.len);
	bool has_build = plus < text.len;
	auto_writer ignored = { 0 };

	text = str_sub(text, 0, plus);
	if (!put_numbers(&text, latitude, key))
		return false;
	if (text.len == 0)
		writer_byte(key, RELEASED);
	else if (!take_byte(&text, '-') || text.len == 0 ||
		 !put_identifiers(text, latitude, false, key))
		return false;
	if (!has_build) {
		if (latitude->build_ordered)
			writer_byte(key, LIST_END);
		return true;
	}
	return build.len > 0 &&
	       put_identifiers(build, latitude, true, latitude->build_ordered ? key : &ignored);
}

/* SemVer 2.0.0; what feeds call SEMVER also has a "v" (section "Is v1.2.3 a semantic version?") and leaves zeros out. */
bool key_semver(struct str text, struct writer *key)
{
	static const struct latitude latitude = { .numbers = 3, .prefix = true, .shortened = true };

	return put_version(text, &latitude, key);
}

/* node-semver's loose mode takes leading zeros and "1.2.3beta": a missing hyphen. */
bool key_npm(struct str text, struct writer *key)
{
	static const struct latitude latitude = {
		.numbers = 3, .prefix = true, .shortened = true, .leading_zeros = true
	};
	struct str rest = text;
	size_t dots = 0, start = key->len;

	if (put_version(text, &latitude, key))
		return true;
	while (rest.len > 0 && (!is_letter(rest.at[0]) || dots < 2)) {
		dots += rest.at[0] == '.';
		skip(&rest, 1);
	}

	size_t at = (size_t)(rest.at - text.at);
	auto_writer repaired = { 0 };

	if (rest.len == 0 || at == 0 || !is_digit(text.at[at - 1]))
		return false;
	writer_put(&repaired, str_sub(text, 0, at));
	writer_byte(&repaired, '-');
	writer_put(&repaired, rest);
	key->len = start;
	return put_version(writer_str(&repaired), &latitude, key);
}

/*
 * Go Modules Reference, "Versions" and "Pseudo-versions": SemVer with "v" and without, "+incompatible" without weight. The toolchain's own
 * "go1.21rc2" (go.dev/doc/toolchain, "Go versions") is read as 1.21.0-rc.2, as its advisories write it.
 */
bool key_golang(struct str text, struct writer *key)
{
	static const char *const stages[] = { "beta", "rc" };
	static const struct latitude latitude = { .numbers = 3, .prefix = true, .shortened = true };
	struct str rest = text;
	auto_writer repaired = { 0 };

	if (!take_word(&rest, "go"))
		return put_version(text, &latitude, key);
	for (size_t i = 0; i < nitems(stages); i++) {
		size_t at = str_find(rest, stages[i][0]);
		struct str number = str_sub(rest, at, rest.len);

		if (!take_word(&number, stages[i]))
			continue;
		writer_put(&repaired, str_sub(rest, 0, at));
		writer_printf(&repaired, "-%s.%.*s", stages[i], STR_ARGS(number));
		return put_version(writer_str(&repaired), &latitude, key);
	}
	return put_version(rest, &latitude, key);
}

/* Cargo (The Cargo Book, "The version field") and Hex (Elixir's Version) take SemVer 2.0.0 alone. */
bool key_cargo(struct str text, struct writer *key)
{
	static const struct latitude latitude = { .numbers = 3 };

	return put_version(text, &latitude, key);
}

/* Dart's pub_semver, Version.compareTo: build metadata counts behind everything else. */
bool key_pub(struct str text, struct writer *key)
{
	static const struct latitude latitude = {
		.numbers = 3, .prefix = true, .shortened = true, .build_ordered = true
	};

	return put_version(text, &latitude, key);
}

/* NuGet, "Package versioning", normalised version numbers: a fourth number, leading zeros, identifiers in any case. */
bool key_nuget(struct str text, struct writer *key)
{
	static const struct latitude latitude = {
		.numbers = 4, .shortened = true, .leading_zeros = true, .folded = true
	};

	return put_version(text, &latitude, key);
}
