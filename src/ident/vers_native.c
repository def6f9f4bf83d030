/* Native ranges as vers: what all notations share, and the two that are no comparators. */
#include "ident/vers_native.h"
#include "ident/version_key.h"

/* The tightest bounds of an alternative. */
struct bounds {
	const struct vers_constraint *lower, *upper, *exact;
	bool empty;
};

static bool is_lower_bound(enum vers_comparator comparator)
{
	return comparator == VERS_GREATER || comparator == VERS_GREATER_EQUAL;
}

static bool holds(enum vers_comparator comparator, int order)
{
	switch (comparator) {
	case VERS_LESS:
		return order < 0;
	case VERS_LESS_EQUAL:
		return order <= 0;
	case VERS_EQUAL:
		return order == 0;
	case VERS_NOT_EQUAL:
		return order != 0;
	case VERS_GREATER_EQUAL:
		return order >= 0;
	case VERS_GREATER:
		return order > 0;
	}
	return false;
}

static bool tighten(const struct native *native, const struct vers_constraint *one,
		    struct bounds *bounds, struct err *err)
{
	const struct vers_constraint **bound = one->comparator == VERS_EQUAL     ? &bounds->exact
					       : is_lower_bound(one->comparator) ? &bounds->lower
										 : &bounds->upper;
	int order = 0;

	if (*bound) {
		if (!version_compare(native->scheme, one->version, (*bound)->version, &order, err))
			return false;
		if (one->comparator == VERS_EQUAL) {
			bounds->empty |= order != 0;
			return true;
		}
		if (order == 0) /* the one without equality is tighter */
			order = one->comparator == VERS_GREATER ? 1
				: one->comparator == VERS_LESS  ? -1
								: 0;
		if (is_lower_bound(one->comparator) ? order <= 0 : order >= 0)
			return true;
	}
	*bound = one;
	return true;
}

/* Bounds must leave room, and ">=1 <=1" is 1; an exact version must fulfil all else. */
static bool settle(const struct native *native, const struct vers_list *all, struct bounds *bounds,
		   struct err *err)
{
	int order = -1;

	if (bounds->lower && bounds->upper &&
	    !version_compare(native->scheme, bounds->lower->version, bounds->upper->version, &order,
			     err))
		return false;
	bounds->empty |= order > 0;
	if (order == 0 && !bounds->exact)
		bounds->exact = bounds->lower;
	if (!bounds->exact)
		return true;
	vec_each (const struct vers_constraint, one, all) {
		if (!version_compare(native->scheme, bounds->exact->version, one->version, &order,
				     err))
			return false;
		bounds->empty |= !holds(one->comparator, order);
	}
	return true;
}

/* A hole at an inclusive bound makes the bound exclusive: VERS names each version once. */
static bool add_hole(const struct native *native, const struct vers_constraint *hole,
		     struct interval *interval, struct err *err)
{
	int order = 1;

	if (interval->has_lower &&
	    !version_compare(native->scheme, hole->version, interval->lower.version, &order, err))
		return false;
	if (interval->has_lower && order == 0)
		interval->lower.comparator = VERS_GREATER;
	if (order == 0)
		return true;
	order = 1;
	if (interval->has_upper &&
	    !version_compare(native->scheme, hole->version, interval->upper.version, &order, err))
		return false;
	if (interval->has_upper && order == 0)
		interval->upper.comparator = VERS_LESS;
	else
		vec_push(&interval->holes, *hole);
	return true;
}

static bool add_interval(struct native *native, const struct vers_list *all,
			 const struct bounds *bounds, struct err *err)
{
	struct interval interval = { .has_lower = bounds->lower, .has_upper = bounds->upper };
	bool done = true;

	if (bounds->lower)
		interval.lower = *bounds->lower;
	if (bounds->upper)
		interval.upper = *bounds->upper;
	vec_each (const struct vers_constraint, one, all)
		if (one->comparator == VERS_NOT_EQUAL)
			done = done && add_hole(native, one, &interval, err);
	vec_push(&native->intervals, interval);
	return done;
}

bool native_alternative(struct native *native, const struct vers_list *all, struct err *err)
{
	struct bounds bounds = { 0 };

	if (native->intervals.count + native->points.count == ALTERNATIVES_MAX)
		return fail(err, MSG_RANGE_LONG, ALTERNATIVES_MAX);
	vec_each (const struct vers_constraint, one, all)
		if (one->comparator != VERS_NOT_EQUAL && !tighten(native, one, &bounds, err))
			return false;
	if (all->count > 1 && !settle(native, all, &bounds, err))
		return false;
	if (bounds.empty)
		return true;
	if (!bounds.exact)
		return add_interval(native, all, &bounds, err);

	struct vers_constraint exact = *bounds.exact;

	exact.comparator = VERS_EQUAL;
	vec_push(&native->points, exact);
	return true;
}

static bool add_one(struct native *native, enum vers_comparator comparator, struct str version,
		    struct vers_list *list, struct err *err)
{
	version = str_trim(version);
	if (version.len == 0)
		return fail(err, MSG_RANGE_VERSION, version);
	vec_push(list, (struct vers_constraint){ comparator, arena_copy(native->arena, version),
						 STR_NONE });
	return true;
}

/* One interval up to its closing bracket: Maven's and NuGet's "Version ranges". */
static bool take_interval(struct native *native, struct str *rest, struct err *err)
{
	auto_vers_list list = { 0 };
	size_t end = 1;

	while (end < rest->len && !strchr("[]()", rest->at[end]))
		end++;
	if (end == rest->len || !strchr("])", rest->at[end]))
		return fail(err, MSG_RANGE_BRACKET, *rest);

	struct str whole = str_sub(*rest, 0, end + 1);
	struct str upper = str_sub(*rest, 1, end - 1), lower = STR_NONE;
	bool open_below = rest->at[0] == '(', open_above = rest->at[end] == ')';

	skip(rest, end + 1);
	(void)str_split(&upper, ',', &lower);
	if (!upper.at) { /* "[1.0]" */
		if (open_below || open_above || str_trim(lower).len == 0)
			return fail(err, MSG_RANGE_BRACKET, whole);
		return add_one(native, VERS_EQUAL, lower, &list, err) &&
		       native_alternative(native, &list, err);
	}
	if (str_find(upper, ',') < upper.len)
		return fail(err, MSG_RANGE_BRACKET, whole);
	if (str_trim(lower).len > 0 &&
	    !add_one(native, open_below ? VERS_GREATER : VERS_GREATER_EQUAL, lower, &list, err))
		return false;
	if (str_trim(upper).len > 0 &&
	    !add_one(native, open_above ? VERS_LESS : VERS_LESS_EQUAL, upper, &list, err))
		return false;
	return native_alternative(native, &list, err);
}

bool native_intervals(struct native *native, struct str range, struct err *err)
{
	auto_vers_list list = { 0 };

	range = str_trim(range);
	if (first_of(range) != '[' && first_of(range) != '(') {
		/* A bare version: NuGet's least one, Maven's "soft requirement", which names this one. */
		bool least = native->scheme == VERSION_NUGET;

		if (str_is(range, "*"))
			return native_alternative(native, &list, err);
		return add_one(native, least ? VERS_GREATER_EQUAL : VERS_EQUAL, range, &list,
			       err) &&
		       native_alternative(native, &list, err);
	}
	for (;;) {
		if (first_of(range) != '[' && first_of(range) != '(')
			return fail(err, MSG_RANGE_BRACKET, range);
		if (!take_interval(native, &range, err))
			return false;
		range = str_trim(range);
		if (range.len == 0)
			return true;
		if (!take_byte(&range, ','))
			return fail(err, MSG_RANGE_BRACKET, range);
		range = str_trim(range);
	}
}

/* nginx's security advisories: "1.5.0+" begins there; in a stable branch, of even second number, it also ends with it. */
static bool add_nginx(struct native *native, struct str item, struct vers_list *list,
		      struct err *err)
{
	size_t dash = str_find(item, '-');
	struct str digits, rest = item;
	uint64_t minor = 0;

	if (dash < item.len)
		return add_one(native, VERS_GREATER_EQUAL, str_sub(item, 0, dash), list, err) &&
		       add_one(native, VERS_LESS_EQUAL, str_sub(item, dash + 1, item.len), list,
			       err);
	if (!str_ends(item, "+"))
		return add_one(native, VERS_EQUAL, item, list, err);
	item.len--;
	if (!add_one(native, VERS_GREATER_EQUAL, item, list, err))
		return false;

	struct str major = take_digits(&rest);

	if (!take_byte(&rest, '.'))
		return true;
	digits = take_digits(&rest);
	if (digits.len == 0 || digits.len > 9)
		return fail(err, MSG_RANGE_NUMBERS, item);
	for (size_t i = 0; i < digits.len; i++)
		minor = minor * 10 + (uint64_t)(digits.at[i] - '0');
	if (minor % 2 != 0)
		return true;
	minor++;

	const char *end = arena_printf(native->arena, "%.*s.%llu.0", STR_ARGS(major),
				       (unsigned long long)minor);

	return add_one(native, VERS_LESS, str_of(end), list, err);
}

bool native_list(struct native *native, struct str range, struct err *err)
{
	struct str item;

	while (str_split(&range, ',', &item)) {
		auto_vers_list list = { 0 };

		item = str_trim(item);
		if (same_word(item, "none"))
			continue;
		if (!same_word(item, "all") && !str_is(item, "*") &&
		    !(native->scheme == VERSION_NGINX
			      ? add_nginx(native, item, &list, err)
			      : add_one(native, VERS_EQUAL, item, &list, err)))
			return false;
		if (!native_alternative(native, &list, err))
			return false;
	}
	return true;
}

bool vers_from_native(struct arena *arena, enum version_scheme scheme, struct str range,
		      struct vers *vers, struct err *err)
{
	struct native native = { .arena = arena, .scheme = scheme };
	bool signs = false, done;

	for (size_t i = 0; i < range.len; i++)
		signs |= strchr("<>=^~", range.at[i]) != NULL;
	if ((scheme == VERSION_MAVEN || scheme == VERSION_NUGET) && !signs)
		done = native_intervals(&native, range, err);
	else if ((scheme == VERSION_NGINX || scheme == VERSION_OPENSSL) && !signs)
		done = native_list(&native, range, err);
	else
		done = native_comparators(&native, range, err);
	if (arena_over(arena)) /* a text that found no room looks like a wrong one */
		done = arena_check(arena, err);
	done = done && native_finish(&native, vers, err);
	vec_each (struct interval, one, &native.intervals)
		vec_release(&one->holes);
	vec_release(&native.intervals);
	vec_release(&native.points);
	return done;
}
