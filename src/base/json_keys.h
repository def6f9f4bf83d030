/* Owns the count of keys that stand twice in their object: a hash of each key while its object is
 * open. */
#ifndef XIEDUN_BASE_JSON_KEYS_H
#define XIEDUN_BASE_JSON_KEYS_H

#include "base/str.h"

/* Of all open objects together; 8 bytes each. */
enum { JSON_KEYS_MAX = 1 << 20 };

struct json_keys {
	uint64_t *at;
	size_t count, size;
};

/* False when there are JSON_KEYS_MAX already. */
must_use bool json_keys_add(struct json_keys *, struct str key);

/* Drops the keys from `first` on, those of the object that ends: how many of them stood there
 * before. */
int64_t json_keys_drop(struct json_keys *, size_t first);

void json_keys_release(struct json_keys *);

#endif
