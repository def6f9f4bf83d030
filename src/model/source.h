/*
 * Owns sources: whatever can be listed, filtered and read by the same calls. Record types are one implementation, the
 * organisation tree that identity keeps is shown by it too; engines add their own.
 */
#ifndef XIEDUN_MODEL_SOURCE_H
#define XIEDUN_MODEL_SOURCE_H

#include "model/model.h"

struct source;

typedef bool source_scan_fn(const struct source *, struct conn *, struct model *,
			    const struct scope *, const struct record_query *, struct arena *,
			    struct json *, struct err *);
typedef bool source_get_fn(const struct source *, struct conn *, struct model *,
			   const struct scope *, const struct uuid *, struct json *,
			   int64_t *version, struct err *);

struct source {
	struct str name;
	const struct type *type; /* its fields; borrowed from the set */
	bool writable;           /* records can be created through the model */
	source_scan_fn *scan;    /* {"items": […], "next": cursor or null, "count": …} */
	source_get_fn *get;      /* MSG_RECORD_MISSING outside of the scope */
};

/* The sources of a set, one for each type, in the order of the names; how many. */
size_t model_sources(const struct type_set *, struct source *sources, size_t room);

/* False when there is none of that name. */
must_use bool model_source(const struct type_set *, struct str name, struct source *);

#endif
