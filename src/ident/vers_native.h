/* Owns what the readers of native ranges share: intervals that become constraints; for vers_*.c only. */
#ifndef XIEDUN_IDENT_VERS_NATIVE_H
#define XIEDUN_IDENT_VERS_NATIVE_H

#include "ident/vers_build.h"

/* A range being read. */
struct native {
	struct arena *arena;
	enum version_scheme scheme;
	struct vers_list *out; /* the union of all alternatives */
	bool every;            /* one alternative holds every version */
};

/* Adds one alternative: the versions that fulfil all its constraints; none are left out. An empty list holds every version. */
must_use bool native_alternative(struct native *, const struct vers_list *all, struct err *err);

/* Interval notation: "[1.0,2.0)", "(,1.0],[1.2,)"; a bare version is its least one (nuget) or itself (maven). */
must_use bool native_intervals(struct native *, struct str range, struct err *err);

/* Lists of versions: nginx's "1.5.0+, 0.7.52-0.8.39", OpenSSL's "1.0.1b, 3.0.0". */
must_use bool native_list(struct native *, struct str range, struct err *err);

/* Comparators, as the scheme's notation has them. */
must_use bool native_comparators(struct native *, struct str range, struct err *err);

#endif
