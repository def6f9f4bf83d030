/* Owns what the readers of native ranges share: intervals that become constraints; for vers_*.c only. */
#ifndef XIEDUN_IDENT_VERS_NATIVE_H
#define XIEDUN_IDENT_VERS_NATIVE_H

#include "ident/vers_build.h"

/* What one alternative of a range allows: an interval, either side of which may be open, without its holes. */
struct interval {
	bool has_lower, has_upper;
	struct vers_constraint lower, upper;
	struct vers_list holes; /* "!=" */
};

struct interval_list VEC(struct interval);

/* A range being read: the union of its intervals and single versions. */
struct native {
	struct arena *arena;
	enum version_scheme scheme;
	struct interval_list intervals;
	struct vers_list points;
};

enum { ALTERNATIVES_MAX = 1000 };

/* Adds one alternative: the versions that fulfil all its constraints; none are left out. An empty list holds every version. */
must_use bool native_alternative(struct native *, const struct vers_list *all, struct err *err);

/* The VERS of the union. */
must_use bool native_finish(struct native *, struct vers *, struct err *err);

/* Interval notation: "[1.0,2.0)", "(,1.0],[1.2,)"; a bare version is its least one (nuget) or itself (maven). */
must_use bool native_intervals(struct native *, struct str range, struct err *err);

/* Lists of versions: nginx's "1.5.0+, 0.7.52-0.8.39", OpenSSL's "1.0.1b, 3.0.0". */
must_use bool native_list(struct native *, struct str range, struct err *err);

/* Comparators, as the scheme's notation has them. */
must_use bool native_comparators(struct native *, struct str range, struct err *err);

#endif
