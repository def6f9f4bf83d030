#include "base/json_keys.h"

#include "base/memory.h"

/* Up to here comparing each with each is the quickest. */
enum { FEW = 24 };

static inline uint64_t mixed(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ (hash >> 32);
}

static inline uint64_t word_at(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* Not keyed: whoever makes two keys collide gains a false warning about his own document. */
static uint64_t key_hash(struct str key)
{
	const char *at = key.at, *end = key.at + key.len;
	uint64_t hash = key.len, word = 0;

	if (key.len >= 8) {
		for (; end - at > 8; at += 8)
			hash = mixed(hash, word_at(at));
		word = word_at(end - 8);
	} else {
		for (; at < end; at++)
			word = word << 8 | (unsigned char)*at;
	}
	return mixed(hash, word);
}

bool json_keys_add(struct json_keys *keys, struct str key)
{
	if (keys->count == keys->size) {
		if (keys->size == JSON_KEYS_MAX)
			return false;
		keys->size = keys->size ? keys->size * 2 : 64;
		keys->at = memory_resize(keys->at, keys->size, sizeof(*keys->at));
	}
	keys->at[keys->count++] = key_hash(key);
	return true;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int64_t json_keys_drop(struct json_keys *keys, size_t first)
{
	uint64_t *at = keys->at + first;
	size_t count = keys->count - first;
	int64_t twice = 0;

	keys->count = first;
	if (count > FEW) {
		qsort(at, count, sizeof(*at), by_value);
		for (size_t i = 1; i < count; i++)
			twice += at[i] == at[i - 1];
		return twice;
	}
	for (size_t i = 1; i < count; i++) {
		bool seen = false;

		for (size_t j = 0; j < i; j++)
			seen |= at[j] == at[i];
		twice += seen;
	}
	return twice;
}

void json_keys_release(struct json_keys *keys)
{
	free(keys->at);
	memset(keys, 0, sizeof(*keys));
}
