/* Owns what a scope means for records: which of them, which of their fields, and what may be done with them. */
#ifndef XIEDUN_MODEL_ACCESS_H
#define XIEDUN_MODEL_ACCESS_H

#include "base/err.h"
#include "model/sql.h"
#include "model/table.h"

/* "device.change" in the organisation with that path; in a catalogue, where there is no path, anywhere. */
bool access_allows(const struct scope *, const struct table *, const char *verb, struct str path);

/* The same as an error: MSG_RECORD_FORBIDDEN with the permission that is missing. */
must_use bool access_need(const struct scope *, const struct table *, const char *verb,
			  struct str path, struct err *);

/* The clearance for a record there. */
enum clearance access_clearance(const struct scope *, const struct table *, struct str path);

/* What a list may cover. */
struct access {
	bool everywhere;
	const struct str *paths;
	size_t count;
	enum clearance
		lowest; /* of all places that it covers: what may be filtered and sorted by */
};

/* MSG_RECORD_FORBIDDEN when the scope may not read the type anywhere. */
must_use bool access_to_list(const struct scope *, const struct table *, struct arena *,
			     struct access *, struct err *);

/* Appends the condition over the table as t; "1=1" for everywhere. */
void access_sql(const struct access *, const struct table *, struct arena *, struct sql *);

#endif
