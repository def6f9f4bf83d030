#include "model/cursor.h"

#include "base/encode.h"

enum { MAC_SIZE = 16, HEAD_SIZE = 1 + 8 + 8, FLAG_EMPTY_PART = 1, FLAG_KEY = 2 };

static void put_int(struct writer *out, int64_t value)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		writer_byte(out, (char)((uint64_t)value >> shift));
}

static int64_t get_int(const char *at)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | (unsigned char)at[i];
	return (int64_t)value;
}

static struct digest mac_of(const struct keyring *keyring, struct str list, struct str payload)
{
	auto_writer all = { 0 };

	put_int(&all, (int64_t)list.len);
	writer_put(&all, list);
	writer_put(&all, payload);
	return keyring_blind(keyring, STR("list cursor"), writer_str(&all));
}

void cursor_write(const struct keyring *keyring, struct str list, enum storage storage,
		  const struct cursor *cursor, struct writer *out)
{
	auto_writer bytes = { 0 };
	struct digest mac;

	writer_byte(&bytes, (char)((cursor->empty_part ? FLAG_EMPTY_PART : 0) |
				   (cursor->key.present ? FLAG_KEY : 0)));
	put_int(&bytes, cursor->id);
	put_int(&bytes, cursor->key.number);
	if (storage != STORED_INT)
		writer_put(&bytes, cursor->key.text);
	mac = mac_of(keyring, list, writer_str(&bytes));
	writer_put(&bytes, (struct str){ (const char *)mac.bytes, MAC_SIZE });
	base64url_write(out, writer_str(&bytes));
}

bool cursor_read(const struct keyring *keyring, struct str list, enum storage storage,
		 struct str text, struct arena *arena, struct cursor *cursor, struct err *err)
{
	auto_writer bytes = { 0 };
	struct str payload, mac;
	struct digest want;

	if (!base64url_parse(text, &bytes) || bytes.len < HEAD_SIZE + MAC_SIZE)
		return fail(err, MSG_CURSOR_INVALID);
	payload = str_sub(writer_str(&bytes), 0, bytes.len - MAC_SIZE);
	mac = str_sub(writer_str(&bytes), payload.len, MAC_SIZE);
	want = mac_of(keyring, list, payload);
	if (!secret_equal(mac, (struct str){ (const char *)want.bytes, MAC_SIZE }))
		return fail(err, MSG_CURSOR_INVALID);
	cursor->empty_part = payload.at[0] & FLAG_EMPTY_PART;
	cursor->id = get_int(payload.at + 1);
	cursor->key = (struct value){ .present = payload.at[0] & FLAG_KEY,
				      .number = get_int(payload.at + 9) };
	if (storage != STORED_INT)
		cursor->key.text = arena_copy(arena, str_sub(payload, HEAD_SIZE, payload.len));
	return arena_check(arena, err);
}
