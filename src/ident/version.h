/* Owns versions: the schemes by which ecosystems write them, and the key that puts the versions of one scheme in order. */
#ifndef XIEDUN_IDENT_VERSION_H
#define XIEDUN_IDENT_VERSION_H

#include "base/err.h"
#include "base/writer.h"

enum version_scheme {
	VERSION_SEMVER,
	VERSION_NPM,
	VERSION_PYPI,
	VERSION_MAVEN,
	VERSION_DEB,
	VERSION_RPM,
	VERSION_APK,
	VERSION_GEM,
	VERSION_NUGET,
	VERSION_COMPOSER,
	VERSION_GOLANG,
	VERSION_CARGO,
	VERSION_HEX,
	VERSION_PUB,
	VERSION_HACKAGE,
	VERSION_CRAN,
	VERSION_CONAN,
	VERSION_ALPM,
	VERSION_GENTOO,
	VERSION_OPENSSL,
	VERSION_NGINX,
	VERSION_DATETIME,
	VERSION_LEXICOGRAPHIC,
	VERSION_INTDOT,
	VERSION_GENERIC,
	VERSION_WINDOWS,
	VERSION_FIRMWARE,
	VERSION_SCHEMES,
};

/* A version is at most this many bytes. */
enum { VERSION_SIZE = 1024 };

/* A scheme by its name ("deb") or an alias (debian redhat alpine rubygems packagist); MSG_VERSION_SCHEME. */
must_use bool version_scheme_parse(struct str name, enum version_scheme *, struct err *err);

const char *version_scheme_name(enum version_scheme);

/*
 * Appends the version's key: for two versions of one scheme memcmp of their keys (the shorter first on a common prefix, as
 * str_compare does) gives their order, and equal versions ("1.0" and "1.0.0" in Maven) have equal keys. White space around the
 * text is ignored. MSG_VERSION_INVALID tells what the scheme's versions look like, MSG_VERSION_TEXT names control characters and
 * wrong UTF-8, MSG_VERSION_SIZE lengths. Two schemes need more than the key: see version_keys_order.
 */
must_use bool version_key(enum version_scheme, struct str text, struct writer *key,
			  struct err *err);

/*
 * The order of two keys of one scheme: below, at or above 0. It is str_compare but for alpm, where a version without a
 * package release equals every release of it (so that equality is not transitive and no key can say it).
 * False: the two have no order. Only firmware has such pairs: numbered, lettered ("Rev. B") and dated versions.
 */
must_use bool version_keys_order(enum version_scheme, struct str a, struct str b, int *order);

/* The order of two versions: below, at or above 0. Fails as version_key does, and with MSG_VERSION_KINDS where they have no order. */
must_use bool version_compare(enum version_scheme, struct str a, struct str b, int *order,
			      struct err *err);

#endif
