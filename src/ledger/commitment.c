#include "ledger/change.h"

#include "base/random.h"

/* Says what the hash is of, so that no commitment can be taken for another hash. */
#define COMMITMENT_TAG "xiedun commitment v1\n"

struct commitment commitment_to(const uint8_t salt[SALT_SIZE], struct str body)
{
	auto_hasher hasher = { 0 };

	hasher_start(&hasher);
	hasher_add(&hasher, STR(COMMITMENT_TAG));
	hasher_add(&hasher, (struct str){ (const char *)salt, SALT_SIZE });
	hasher_add(&hasher, body);
	return (struct commitment){ hasher_finish(&hasher) };
}

void salt_new(uint8_t salt[SALT_SIZE])
{
	random_bytes(salt, SALT_SIZE);
}
