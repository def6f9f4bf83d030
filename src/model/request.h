/* Owns what a request's filter stands on: the instant, the zone and who "me" is. */
#ifndef XIEDUN_MODEL_REQUEST_H
#define XIEDUN_MODEL_REQUEST_H

#include "model/filter.h"
#include "model/parts.h"

struct filter_context request_context(const struct model *, const struct scope *, int64_t now,
				      enum clearance);

/* Fills in the person's id. */
must_use bool request_person(struct conn *, const struct scope *, struct filter_context *,
			     struct err *);

#endif
