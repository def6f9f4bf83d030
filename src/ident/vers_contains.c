/* Whether a version lies in a range. */
#include "ident/vers.h"

struct probe {
	const struct vers *vers;
	struct str version, key;
};

/* Below, at or above 0, as the version stands to the constraint's. */
static bool order_against(const struct probe *probe, const struct vers_constraint *one, int *order,
			  struct err *err)
{
	auto_writer key = { 0 };

	/* Without a key its version is none; the error says so. */
	if (!one->key.at && !version_key(probe->vers->scheme, one->version, &key, err))
		return false;
	if (!version_keys_order(probe->vers->scheme, probe->key, one->key, order))
		return fail(err, MSG_VERSION_KINDS, probe->version, one->version);
	return true;
}

enum answer { OPEN, INSIDE, OUTSIDE };

/* The versions that constraints name: an equal one decides, where it is included before where it is excluded. */
static bool ask_equals(const struct probe *probe, enum answer *answer, struct err *err)
{
	bool included = false, excluded = false, only_exclusions = true;

	for (size_t i = 0; i < probe->vers->count; i++) {
		const struct vers_constraint *one = &probe->vers->at[i];
		int order = 0;

		if (!order_against(probe, one, &order, err))
			return false;
		only_exclusions &= one->comparator == VERS_NOT_EQUAL;
		if (order != 0)
			continue;
		included |= one->comparator == VERS_EQUAL || one->comparator == VERS_LESS_EQUAL ||
			    one->comparator == VERS_GREATER_EQUAL;
		excluded |= one->comparator == VERS_NOT_EQUAL;
	}
	*answer = included ? INSIDE : excluded ? OUTSIDE : only_exclusions ? INSIDE : OPEN;
	return true;
}

/*
 * The intervals: lower bounds in a row begin at the first of them and upper bounds in a row end at the last ("Simplifying constraints"), so
 * that overlapping ones are their union.
 */
static bool ask_intervals(const struct probe *probe, bool *inside, struct err *err)
{
	bool above = true, bounded = false; /* above the interval's begin; upper bounds came */
	bool below = false;                 /* below the last of them */
	bool lower_came = false;

	*inside = false;
	for (size_t i = 0; i < probe->vers->count; i++) {
		const struct vers_constraint *one = &probe->vers->at[i];
		int order = 0;

		if (one->comparator == VERS_EQUAL || one->comparator == VERS_NOT_EQUAL)
			continue;
		if (!order_against(probe, one, &order, err))
			return false;
		if (one->comparator == VERS_LESS || one->comparator == VERS_LESS_EQUAL) {
			below = order < 0;
			bounded = true;
			continue;
		}
		if (bounded && above && below)
			*inside = true;
		if (bounded || !lower_came)
			above = order > 0;
		lower_came = true;
		bounded = false;
	}
	if (bounded ? above && below : lower_came && above)
		*inside = true;
	return true;
}

bool vers_contains(const struct vers *vers, struct str version, bool *contained, struct err *err)
{
	auto_writer key = { 0 };
	enum answer answer = OPEN;
	bool inside = false;

	if (vers->extent != VERS_CONSTRAINED) {
		*contained = vers->extent == VERS_EVERY;
		return true;
	}
	if (!version_key(vers->scheme, version, &key, err))
		return false;

	struct probe probe = { vers, version, writer_str(&key) };

	if (!ask_equals(&probe, &answer, err))
		return false;
	if (answer == OPEN && !ask_intervals(&probe, &inside, err))
		return false;
	*contained = answer == OPEN ? inside : answer == INSIDE;
	return true;
}
