/* Ranges of comparators: ">=1.2 <2", "^1.2.3 || ~2.0", "~> 2.0.8", "==1.4.*, !=1.4.7". */
#include "ident/vers_native.h"
#include "ident/version_key.h"

/* What a sign asks for. The first six are those of enum vers_comparator. */
enum operation {
	LESS = VERS_LESS,
	LESS_EQUAL = VERS_LESS_EQUAL,
	EQUAL = VERS_EQUAL,
	NOT_EQUAL = VERS_NOT_EQUAL,
	GREATER_EQUAL = VERS_GREATER_EQUAL,
	GREATER = VERS_GREATER,
	TILDE,       /* the last number given may rise, at most the third: ~1.2.3, ~1.2 */
	CARET,       /* all behind the first number that is not 0 may rise */
	PESSIMISTIC, /* the last number given may rise: ~>2.0.8, ~=2.2 */
	MAJOR,       /* PVP's ^>=: all behind the second number may rise */
};

static const struct {
	const char *sign;
	enum operation operation;
} operators[] = {
	{ "===", EQUAL },      { "^>=", MAJOR },      { ">=", GREATER_EQUAL }, { "<=", LESS_EQUAL },
	{ "<<", LESS },        { ">>", GREATER },     { "==", EQUAL },         { "!=", NOT_EQUAL },
	{ "~>", PESSIMISTIC }, { "~=", PESSIMISTIC }, { ">", GREATER },        { "<", LESS },
	{ "=", EQUAL },        { "~", TILDE },        { "^", CARET },
};

struct notation {
	enum version_scheme scheme;
	unsigned accepts;     /* which of TILDE … MAJOR, as bits */
	enum operation bare;  /* a version without a sign */
	enum operation tilde; /* what "~" and "~>" mean here */
	size_t fill;          /* versions are written with this many numbers; 0: as given */
	const char *
		bound; /* stands behind an upper bound that was counted up, so that pre-releases of it are outside */
	bool wildcards, partial; /* "1.x"; a shortened version stands for all that begin with it */
	bool hyphens;            /* "1.0 - 2.0" */
	const char *every;       /* what "*" is; NULL: every version */
};

#define BIT(operation) (1u << (operation))

/* node-semver; Conan 2 "Version ranges"; The Cargo Book; Composer "Versions and constraints"; Elixir Version; RubyGems; PEP 440; PVP; Dart. */
static const struct notation notations[] = {
	{ VERSION_NPM, BIT(TILDE) | BIT(CARET) | BIT(PESSIMISTIC), EQUAL, TILDE, 3, "", true, true,
	  true, NULL },
	{ VERSION_CONAN, BIT(TILDE) | BIT(CARET), EQUAL, TILDE, 0, "-", false, false, false,
	  "0.0.0" },
	{ VERSION_CARGO, BIT(TILDE) | BIT(CARET), CARET, TILDE, 3, "", true, true, false, NULL },
	{ VERSION_COMPOSER, BIT(TILDE) | BIT(CARET), EQUAL, PESSIMISTIC, 0, "", true, false, true,
	  NULL },
	{ VERSION_HEX, BIT(PESSIMISTIC), EQUAL, PESSIMISTIC, 3, "", false, false, false, NULL },
	{ VERSION_PUB, BIT(CARET), EQUAL, TILDE, 3, "", false, false, false, NULL },
	{ VERSION_GEM, BIT(PESSIMISTIC), EQUAL, PESSIMISTIC, 0, "", false, false, false, NULL },
	{ VERSION_PYPI, BIT(PESSIMISTIC), EQUAL, PESSIMISTIC, 0, ".dev0", true, false, false,
	  NULL },
	{ VERSION_HACKAGE, BIT(MAJOR), EQUAL, TILDE, 0, "", true, false, false, NULL },
};
static const struct notation plain = { .bare = EQUAL, .tilde = TILDE, .bound = "" };

static const struct notation *notation_of(enum version_scheme scheme)
{
	for (size_t i = 0; i < nitems(notations); i++)
		if (notations[i].scheme == scheme)
			return &notations[i];
	return &plain;
}

enum { NUMBERS_MAX = 8, HOLES_MAX = 4 };

/* A version taken apart: "1.2.x", "2.0.0-rc.1". */
struct parts {
	uint64_t number[NUMBERS_MAX];
	size_t count;
	bool wildcard;   /* a "*" or "x" came behind the numbers */
	struct str tail; /* from where the numbers end, without build metadata */
	struct str text; /* as given, without "v" */
};

/* Versions that cannot be taken apart have no numbers: only plain signs go with them. */
static bool take_number(struct str *rest, uint64_t *number)
{
	struct str digits = take_digits(rest);

	*number = 0;
	for (size_t i = 0; i < digits.len; i++)
		*number = *number * 10 + (uint64_t)(digits.at[i] - '0');
	return digits.len > 0 && digits.len <= 18;
}

static bool is_wildcard(struct str rest)
{
	char next = first_of(str_sub(rest, 1, 1));

	return (first_of(rest) == '*' || to_lower(first_of(rest)) == 'x') &&
	       (next == '\0' || next == '.');
}

static void take_parts(const struct notation *notation, struct str text, struct parts *parts)
{
	struct str rest = text;

	*parts = (struct parts){ 0 };
	(void)take_byte(&rest, '=');
	if (to_lower(first_of(rest)) == 'v' && rest.len > 1 && is_digit(rest.at[1]))
		skip(&rest, 1);
	parts->text = rest;
	do {
		if (notation->wildcards && is_wildcard(rest)) {
			parts->wildcard = true;
			rest = STR_NONE; /* what follows cannot narrow it */
			break;
		}

		struct str before = rest;

		if (parts->count == NUMBERS_MAX ||
		    !take_number(&rest, &parts->number[parts->count])) {
			rest = before;
			break;
		}
		parts->count++;
	} while (take_byte(&rest, '.'));
	parts->tail = notation->fill > 0 ? str_sub(rest, 0, str_find(rest, '+')) : rest;
}

/* One alternative while it is read. */
struct reading {
	struct native *native;
	const struct notation *notation;
	struct vers_list all;
	struct str hole[HOLES_MAX][2]; /* "!=1.4.*": from and to where nothing is */
	size_t holes;
};

static void push(struct reading *reading, enum vers_comparator comparator, struct str version)
{
	vec_push(&reading->all,
		 (struct vers_constraint){ comparator, arena_copy(reading->native->arena, version),
					   STR_NONE });
}

/* The first `keep` numbers, the last of them raised by `raise`, then zeros as the notation fills up, then `tail`. */
static struct str make(struct reading *reading, const struct parts *parts, size_t keep,
		       uint64_t raise, struct str tail)
{
	auto_writer out = { 0 };

	for (size_t i = 0; i < keep || i < reading->notation->fill; i++) {
		uint64_t number = i < keep ? parts->number[i] + (i + 1 == keep ? raise : 0) : 0;

		writer_printf(&out, "%s%llu", i > 0 ? "." : "", (unsigned long long)number);
	}
	writer_put(&out, tail);
	return arena_copy(reading->native->arena, writer_str(&out));
}

/* The first version above all that begin with the first `keep` numbers. */
static struct str above(struct reading *reading, const struct parts *parts, size_t keep)
{
	return make(reading, parts, keep, 1, str_of(reading->notation->bound));
}

/* The version itself as the notation writes it. */
static struct str itself(struct reading *reading, const struct parts *parts)
{
	struct str text = parts->text;

	if (reading->notation->fill > 0 && parts->count > 0)
		return make(reading, parts, parts->count, 0, parts->tail);
	/* Conan: "1-" only says that pre-releases are welcome. */
	if (reading->notation->scheme == VERSION_CONAN && str_ends(text, "-"))
		text.len--;
	return text;
}

/* The least version that begins with the numbers given. */
static struct str least(struct reading *reading, const struct parts *parts)
{
	bool dev = reading->notation->scheme == VERSION_PYPI;

	return make(reading, parts, parts->count, 0,
		    dev ? str_of(reading->notation->bound) : STR_NONE);
}

/* A sign before a version that stands for all that begin with it: node-semver, "X-Ranges"; PEP 440, "Version matching". */
static bool add_prefix(struct reading *reading, enum operation operation, const struct parts *parts,
		       struct err *err)
{
	size_t keep = parts->count;

	if (keep == 0) { /* "*": with < and > nothing, else everything */
		if (operation == LESS || operation == GREATER || operation == NOT_EQUAL) {
			push(reading, VERS_LESS, STR("0"));
			push(reading, VERS_GREATER, STR("0"));
		} else if (reading->notation->every) {
			push(reading, VERS_GREATER_EQUAL, str_of(reading->notation->every));
		}
		return true;
	}
	if (operation == NOT_EQUAL) {
		if (reading->holes == HOLES_MAX)
			return fail(err, MSG_RANGE_HOLES, HOLES_MAX);
		reading->hole[reading->holes][0] = least(reading, parts);
		reading->hole[reading->holes++][1] = above(reading, parts, keep);
		return true;
	}
	if (operation == GREATER_EQUAL || operation == EQUAL)
		push(reading, VERS_GREATER_EQUAL, least(reading, parts));
	if (operation == EQUAL || operation == LESS_EQUAL)
		push(reading, VERS_LESS, above(reading, parts, keep));
	if (operation == LESS)
		push(reading, VERS_LESS, least(reading, parts));
	if (operation == GREATER)
		push(reading, VERS_GREATER_EQUAL, above(reading, parts, keep));
	return true;
}

/* How many numbers stay when the version may rise; the last of them is then raised for the upper bound. */
static size_t kept_numbers(enum operation operation, const struct parts *parts)
{
	size_t first = 0;

	switch ((int)operation) {
	case TILDE:
	case MAJOR:
		return parts->count < 2 ? parts->count : 2;
	case PESSIMISTIC:
		return parts->count < 2 ? 1 : parts->count - 1;
	default:
		while (first + 1 < parts->count && parts->number[first] == 0)
			first++;
		return first + 1;
	}
}

static bool add_comparator(struct reading *reading, enum operation operation, struct str version,
			   struct err *err)
{
	const struct notation *notation = reading->notation;
	struct parts parts;

	take_parts(notation, version, &parts);
	if (operation == TILDE || operation == PESSIMISTIC)
		operation = notation->tilde;
	if (operation >= TILDE) {
		if (parts.wildcard && parts.count == 0)
			return add_prefix(reading, EQUAL, &parts, err);
		if (parts.count == 0)
			return fail(err, MSG_RANGE_NUMBERS, version);
		push(reading, VERS_GREATER_EQUAL, itself(reading, &parts));
		push(reading, VERS_LESS, above(reading, &parts, kept_numbers(operation, &parts)));
		return true;
	}
	if (parts.wildcard || (notation->partial && parts.count > 0 &&
			       parts.count < notation->fill && parts.tail.len == 0))
		return add_prefix(reading, operation, &parts, err);

	struct str text = itself(reading, &parts);

	if (text.len == 0)
		return fail(err, MSG_RANGE_VERSION, version);
	push(reading, (enum vers_comparator)operation, text);
	return true;
}

/* Names for every version, and the separators of an alternative's constraints. */
static bool is_every(const struct notation *notation, struct str text)
{
	bool conan = notation->scheme == VERSION_CONAN;

	return str_is(text, "*") || (conan && (text.len == 0 || str_is(text, "*-"))) ||
	       same_word(text, "any") || (notation->wildcards && text.len == 0) ||
	       (notation->wildcards && is_wildcard(text) && text.len == 1);
}

static void skip_separators(struct str *rest)
{
	for (;;) {
		struct str word = *rest;

		if (rest->len > 0 && strchr(" ,&", rest->at[0]))
			skip(rest, 1);
		else if (take_word(&word, "and ") ||
			 (word.at == rest->at && take_word(&word, "and,")))
			*rest = word;
		else
			return;
	}
}

static struct str take_version(struct str *rest)
{
	size_t len = 0;

	while (len < rest->len && !strchr(" ,&|<>=", rest->at[len]))
		len++;

	struct str version = str_sub(*rest, 0, len);

	skip(rest, len);
	return version;
}

static bool take_operation(const struct reading *reading, struct str *rest,
			   enum operation *operation, struct err *err)
{
	const struct notation *notation = reading->notation;

	*operation = notation->bare;
	for (size_t i = 0; i < nitems(operators); i++) {
		if (!str_starts(*rest, operators[i].sign))
			continue;
		if (operators[i].operation >= TILDE &&
		    !(notation->accepts & BIT(operators[i].operation)))
			return fail(err, MSG_RANGE_SIGN, operators[i].sign,
				    version_scheme_name(reading->native->scheme));
		*operation = operators[i].operation;
		skip(rest, strlen(operators[i].sign));
		break;
	}
	while (take_byte(rest, ' '))
		;
	return true;
}

/* "1.2 - 2.3": from the first to all that the second stands for. */
static bool add_hyphen(struct reading *reading, struct str low, struct str high, struct err *err)
{
	struct parts parts;

	take_parts(reading->notation, high, &parts);
	if (!add_comparator(reading, GREATER_EQUAL, low, err))
		return false;
	if (parts.count > 0 && parts.count < 3 && parts.tail.len == 0) {
		push(reading, VERS_LESS, above(reading, &parts, parts.count));
		return true;
	}
	return add_comparator(reading, LESS_EQUAL, high, err);
}

static bool read_all(struct reading *reading, struct str text, struct err *err)
{
	for (;;) {
		enum operation operation = EQUAL;
		struct str version, high;

		skip_separators(&text);
		if (text.len == 0)
			return true;
		if (!take_operation(reading, &text, &operation, err))
			return false;
		version = take_version(&text);
		if (version.len == 0)
			return fail(err, MSG_RANGE_VERSION, text);
		high = text;
		if (reading->notation->hyphens && str_starts(high, " - ")) {
			skip(&high, 3);
			high = str_trim(high);
			text = high;
			high = take_version(&text);
			if (high.len == 0)
				return fail(err, MSG_RANGE_VERSION, text);
			if (!add_hyphen(reading, version, high, err))
				return false;
		} else if (!add_comparator(reading, operation, version, err)) {
			return false;
		}
	}
}

/* Each hole leaves what is below it and what is above it; together they are two alternatives. */
static bool add_alternatives(struct reading *reading, size_t hole, struct err *err)
{
	if (hole == reading->holes)
		return native_alternative(reading->native, &reading->all, err);
	for (int side = 0; side < 2; side++) {
		push(reading, side == 0 ? VERS_LESS : VERS_GREATER_EQUAL,
		     reading->hole[hole][side]);
		if (!add_alternatives(reading, hole + 1, err))
			return false;
		reading->all.count--;
	}
	return true;
}

static bool read_alternative(struct native *native, struct str text, struct err *err)
{
	struct reading reading = { .native = native, .notation = notation_of(native->scheme) };
	bool done = true;

	text = str_trim(text);
	if (native->scheme ==
	    VERSION_CONAN) /* options follow a comma: "*, include_prerelease=True" */
		text = str_trim(str_sub(text, 0, str_find(text, ',')));
	if (!is_every(reading.notation, text))
		done = text.len > 0 ? read_all(&reading, text, err)
				    : fail(err, MSG_RANGE_VERSION, text);
	else if (reading.notation->every)
		push(&reading, VERS_GREATER_EQUAL, str_of(reading.notation->every));
	done = done && add_alternatives(&reading, 0, err);
	vec_release(&reading.all);
	return done;
}

/* Where the next alternative begins: "||", Composer's single "|", Hex's "or". */
static bool take_alternative(enum version_scheme scheme, struct str *rest, struct str *alternative)
{
	if (!rest->at)
		return false;
	for (size_t i = 0; i < rest->len; i++) {
		struct str here = str_sub(*rest, i, rest->len);
		size_t len = str_starts(here, "||")                                ? 2
			     : scheme == VERSION_COMPOSER && str_starts(here, "|") ? 1
			     : scheme == VERSION_HEX && str_starts(here, " or ")   ? 4
										   : 0;

		if (len == 0)
			continue;
		*alternative = str_sub(*rest, 0, i);
		skip(rest, i + len);
		return true;
	}
	*alternative = *rest;
	*rest = STR_NONE;
	return true;
}

bool native_comparators(struct native *native, struct str range, struct err *err)
{
	struct str alternative;

	range = str_trim(range);
	if (str_starts(range, "(") &&
	    str_ends(range, ")")) /* requirements of Python, R and Debian */
		range = str_sub(range, 1, range.len - 2);
	while (take_alternative(native->scheme, &range, &alternative))
		if (!read_alternative(native, alternative, err))
			return false;
	return true;
}
