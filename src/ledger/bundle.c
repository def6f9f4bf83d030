#include "ledger/bundle.h"

void bundle_put(struct writer *out, struct str entry)
{
	assert(entry.len <= ENTRY_SIZE_MAX);
	writer_byte(out, (char)(entry.len >> 8));
	writer_byte(out, (char)(entry.len & 0xff));
	writer_put(out, entry);
}

bool bundle_next(struct str *rest, struct str *entry)
{
	if (rest->len < 2)
		return false;

	size_t len = (size_t)(uint8_t)rest->at[0] << 8 | (uint8_t)rest->at[1];

	if (rest->len - 2 < len)
		return false;
	*entry = (struct str){ rest->at + 2, len };
	*rest = (struct str){ rest->at + 2 + len, rest->len - 2 - len };
	return true;
}
