/* Owns version ranges: "vers:" texts (VERS, Clause 5), their containment, and the ecosystems' own notations turned into them. */
#ifndef XIEDUN_IDENT_VERS_H
#define XIEDUN_IDENT_VERS_H

#include "base/arena.h"
#include "ident/version.h"

/* In the order in which constraints of equal versions stand. */
enum vers_comparator {
	VERS_LESS,
	VERS_LESS_EQUAL,
	VERS_EQUAL,
	VERS_NOT_EQUAL,
	VERS_GREATER_EQUAL,
	VERS_GREATER,
};

struct vers_constraint {
	enum vers_comparator comparator;
	struct str version; /* decoded */
	struct str
		key; /* absent where a range of one constraint has a version that its scheme does not know */
};

enum vers_extent { VERS_CONSTRAINED, VERS_EVERY, VERS_NONE };

/* Read only; it borrows from the arena. "vers:all" and "vers:none" have the scheme VERSION_SCHEMES: none. */
struct vers {
	enum version_scheme scheme;
	enum vers_extent extent;
	const struct vers_constraint *at; /* ascending */
	size_t count;
};

/*
 * Reads a canonical text (VERS, Clause 5 and "How to parse"): no white space, lower case, constraints sorted and unique, comparators in
 * turn, percent-encoding only and exactly where it must be. What deviates is an error: MSG_VERS_….
 */
must_use bool vers_parse(struct arena *, struct str text, struct vers *, struct err *err);

/*
 * Reads what people write: white space, aliases of schemes, empty and unsorted constraints, "=1.0", redundant ones. The result is sorted;
 * redundant constraints stay, since they change nothing (vers_contains takes the union).
 */
must_use bool vers_read(struct arena *, struct str text, struct vers *, struct err *err);

/*
 * Turns an ecosystem's own range into a VERS: npm, conan, cargo, composer, hex, pub, gem, pypi, maven, nuget, hackage, nginx, openssl; for
 * the other schemes comparators with versions, "," or a space for and, "||" for or. A range that nothing can fulfil is vers:none.
 * MSG_RANGE_… names the part that is wrong.
 */
must_use bool vers_from_native(struct arena *, enum version_scheme, struct str range, struct vers *,
			       struct err *err);

/* The canonical text. */
void vers_write(const struct vers *, struct writer *);

/* {"scheme": "npm", "version_constraints": [[">=", "1.0.0"], …]}; every version is [["*", ""]]. */
void vers_write_json(const struct vers *, struct writer *);

/*
 * Whether the version lies in the range ("Checking if a version is contained within a range"). Only exclusions ("!=5") hold all others.
 * Fails as version_key does, and with MSG_VERSION_KINDS.
 */
must_use bool vers_contains(const struct vers *, struct str version, bool *contained,
			    struct err *err);

#endif
