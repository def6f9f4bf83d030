/* Owns public identifiers: UUID version 7 (RFC 9562, section 5.7). */
#ifndef XIEDUN_BASE_UUID_H
#define XIEDUN_BASE_UUID_H

#include "base/str.h"

struct uuid {
	uint8_t bytes[16];
};

enum { UUID_TEXT_SIZE = 37 };

/* A new one: 48 bits of milliseconds, 74 random bits. */
struct uuid uuid_new(void);

/* "0190163d-8694-739b-aea5-966c26f8ad91", lower case. */
const char *uuid_text(const struct uuid *, char text[UUID_TEXT_SIZE]);

/* Any version, either case, with hyphens. */
must_use bool uuid_parse(struct str, struct uuid *);

bool uuid_equal(const struct uuid *, const struct uuid *);
bool uuid_is_version7(const struct uuid *);

/* For binding to a query. */
struct str uuid_str(const struct uuid *);

#endif
