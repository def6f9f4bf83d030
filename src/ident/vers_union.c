/* The union of intervals as one sorted list of constraints. */
#include "ident/vers_native.h"

static bool put_key(const struct native *native, struct vers_constraint *one, struct err *err)
{
	auto_writer key = { 0 };

	if (!version_key(native->scheme, one->version, &key, err))
		return false;
	one->key = arena_copy(native->arena, writer_str(&key));
	return arena_check(native->arena, err);
}

static bool put_keys(struct native *native, struct err *err)
{
	vec_each (struct interval, one, &native->intervals) {
		if ((one->has_lower && !put_key(native, &one->lower, err)) ||
		    (one->has_upper && !put_key(native, &one->upper, err)))
			return false;
		vec_each (struct vers_constraint, hole, &one->holes)
			if (!put_key(native, hole, err))
				return false;
	}
	vec_each (struct vers_constraint, point, &native->points)
		if (!put_key(native, point, err))
			return false;
	return true;
}

/* By begin: open ones first, at the same version the inclusive one. */
static int begin_order(const void *left, const void *right)
{
	const struct interval *a = left, *b = right;
	int order;

	if (!a->has_lower || !b->has_lower)
		return (int)a->has_lower - (int)b->has_lower;
	order = str_compare(a->lower.key, b->lower.key);
	return order != 0 ? order : (int)a->lower.comparator - (int)b->lower.comparator;
}

/* Whether b, which begins no earlier, begins inside a. Touching ones, "<2" and ">=2", stay apart. */
static bool overlap(const struct interval *a, const struct interval *b)
{
	return !a->has_upper || !b->has_lower || str_compare(b->lower.key, a->upper.key) < 0;
}

static void extend(struct interval *a, const struct interval *b)
{
	int order = a->has_upper && b->has_upper ? str_compare(b->upper.key, a->upper.key) : 1;

	if (!a->has_upper)
		return;
	if (!b->has_upper)
		a->has_upper = false;
	else if (order > 0 || (order == 0 && b->upper.comparator == VERS_LESS_EQUAL))
		a->upper = b->upper;
}

static void merge(const struct native *native, struct interval_list *merged)
{
	vec_each (const struct interval, one, &native->intervals)
		vec_push(merged, *one);
	if (merged->count == 0)
		return;
	qsort(merged->at, merged->count, sizeof(*merged->at), begin_order);

	size_t kept = 0;

	for (size_t i = 1; i < merged->count; i++) {
		if (overlap(&merged->at[kept], &merged->at[i]))
			extend(&merged->at[kept], &merged->at[i]);
		else
			merged->at[++kept] = merged->at[i];
	}
	merged->count = kept + 1;
}

static bool inside(const struct interval *interval, struct str key)
{
	int order;

	if (interval->has_lower) {
		order = str_compare(key, interval->lower.key);
		if (order < 0 || (order == 0 && interval->lower.comparator == VERS_GREATER))
			return false;
	}
	if (interval->has_upper) {
		order = str_compare(key, interval->upper.key);
		if (order > 0 || (order == 0 && interval->upper.comparator == VERS_LESS))
			return false;
	}
	vec_each (const struct vers_constraint, hole, &interval->holes)
		if (str_equal(hole->key, key))
			return false;
	return true;
}

/* A hole stays one where no other alternative fills it, and where there is something around it. */
static bool is_filled(const struct native *native, struct str key)
{
	vec_each (const struct interval, one, &native->intervals)
		if (inside(one, key))
			return true;
	vec_each (const struct vers_constraint, point, &native->points)
		if (str_equal(point->key, key))
			return true;
	return false;
}

static void put_points_and_holes(const struct native *native, struct vers_list *list)
{
	vec_each (const struct vers_constraint, point, &native->points)
		vec_push(list, *point);
	vec_each (const struct interval, one, &native->intervals)
		vec_each (const struct vers_constraint, hole, &one->holes) {
			bool twice = false;

			vec_each (const struct vers_constraint, before, list)
				twice |= before->comparator == VERS_NOT_EQUAL &&
					 str_equal(before->key, hole->key);
			if (!twice && !is_filled(native, hole->key))
				vec_push(list, *hole);
		}
}

static void put_bounds(const struct interval_list *intervals, struct vers_list *list)
{
	vec_each (const struct interval, one, intervals) {
		if (one->has_lower)
			vec_push(list, one->lower);
		if (one->has_upper)
			vec_push(list, one->upper);
	}
}

/* Whether a sorted list is read (vers_contains) as these intervals. */
static bool reads_as(const struct vers *vers, const struct interval_list *merged)
{
	size_t i = 0, n = 0;

	for (; n < merged->count; n++) {
		const struct vers_constraint *lower = NULL, *upper = NULL;

		for (; i < vers->count; i++) {
			const struct vers_constraint *one = &vers->at[i];

			if (one->comparator == VERS_EQUAL || one->comparator == VERS_NOT_EQUAL)
				continue;
			if (one->comparator == VERS_LESS || one->comparator == VERS_LESS_EQUAL)
				upper = one;
			else if (upper)
				break; /* the next interval's */
			else if (!lower)
				lower = one;
		}

		const struct interval *want = &merged->at[n];

		if ((lower != NULL) != want->has_lower || (upper != NULL) != want->has_upper ||
		    (lower && (lower->comparator != want->lower.comparator ||
			       !str_equal(lower->key, want->lower.key))) ||
		    (upper && (upper->comparator != want->upper.comparator ||
			       !str_equal(upper->key, want->upper.key))))
			return false;
	}
	return i == vers->count;
}

/* Every bound as it was given where that says the same, else the union's own bounds. */
static bool finish_bounds(struct native *native, const struct interval_list *merged,
			  struct vers *vers, struct err *err)
{
	auto_vers_list given = { 0 }, joined = { 0 };

	put_bounds(&native->intervals, &given);
	put_points_and_holes(native, &given);
	if (!vers_finish(native->arena, &given, true, vers, err))
		return false;
	if (reads_as(vers, merged))
		return true;
	put_bounds(merged, &joined);
	put_points_and_holes(native, &joined);
	return vers_finish(native->arena, &joined, true, vers, err);
}

bool native_finish(struct native *native, struct vers *result, struct err *err)
{
	struct interval_list merged = { 0 };
	struct vers vers = { .scheme = native->scheme };
	auto_vers_list holes = { 0 };
	bool whole, done = true;

	if (!put_keys(native, err))
		return false;
	merge(native, &merged);
	whole = merged.count == 1 && !merged.at[0].has_lower && !merged.at[0].has_upper;
	put_points_and_holes(native, &holes);
	if (merged.count == 0 && native->points.count == 0)
		vers.extent = VERS_NONE;
	else if (whole && holes.count == native->points.count)
		vers.extent = VERS_EVERY;
	else
		done = finish_bounds(native, &merged, &vers, err);
	vec_release(&merged);
	if (done)
		*result = vers;
	return done;
}
