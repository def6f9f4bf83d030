#include "base/uuid.h"

#include "base/clock.h"
#include "base/encode.h"
#include "base/random.h"

struct uuid uuid_new(void)
{
	struct uuid id;
	uint64_t ms = (uint64_t)(clock_now() / 1000);

	random_bytes(id.bytes, sizeof(id.bytes));
	for (int i = 0; i < 6; i++)
		id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
	id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f));
	id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
	return id;
}

static bool hyphen_before(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

const char *uuid_text(const struct uuid *id, char text[UUID_TEXT_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	char *to = text;

	for (size_t i = 0; i < sizeof(id->bytes); i++) {
		if (hyphen_before(i))
			*to++ = '-';
		*to++ = hex[id->bytes[i] >> 4];
		*to++ = hex[id->bytes[i] & 15];
	}
	*to = '\0';
	return text;
}

bool uuid_parse(struct str s, struct uuid *id)
{
	struct uuid parsed;
	size_t at = 0;

	if (s.len != UUID_TEXT_SIZE - 1)
		return false;
	for (size_t i = 0; i < sizeof(parsed.bytes); i++) {
		if (hyphen_before(i) && s.at[at++] != '-')
			return false;

		int high = hex_value(s.at[at]), low = hex_value(s.at[at + 1]);

		if (high < 0 || low < 0)
			return false;
		parsed.bytes[i] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	*id = parsed;
	return true;
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool uuid_is_version7(const struct uuid *id)
{
	return (id->bytes[6] >> 4) == 7 && (id->bytes[8] >> 6) == 2;
}

struct str uuid_str(const struct uuid *id)
{
	return (struct str){ (const char *)id->bytes, sizeof(id->bytes) };
}
