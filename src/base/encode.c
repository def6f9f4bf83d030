#include "base/encode.h"

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void hex_write(struct writer *out, struct str bytes)
{
	static const char hex[] = "0123456789abcdef";
	char *to = writer_reserve(out, bytes.len * 2);

	for (size_t i = 0; to && i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.at[i];

		*to++ = hex[byte >> 4];
		*to++ = hex[byte & 15];
	}
}

bool hex_parse(struct str text, void *to, size_t size)
{
	unsigned char *byte = to;

	if (text.len != size * 2)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (hex_value(text.at[i]) < 0)
			return false;
	}
	for (size_t i = 0; i < size; i++)
		byte[i] = (unsigned char)((unsigned)hex_value(text.at[2 * i]) << 4 |
					  (unsigned)hex_value(text.at[2 * i + 1]));
	return true;
}

static void write64(struct writer *out, struct str bytes, const char *alphabet, bool pad)
{
	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t left = bytes.len - i < 3 ? bytes.len - i : 3;
		uint32_t group = 0;

		for (size_t j = 0; j < 3; j++)
			group = group << 8 | (j < left ? (unsigned char)bytes.at[i + j] : 0);
		for (size_t j = 0; j < 4; j++) {
			if (j <= left)
				writer_byte(out, alphabet[group >> (18 - 6 * j) & 63]);
			else if (pad)
				writer_byte(out, '=');
		}
	}
}

static bool parse64(struct str text, const char *alphabet, struct writer *to)
{
	size_t rest = text.len % 4;
	uint32_t group = 0;

	if (rest == 1)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		const char *hit = text.at[i] ? strchr(alphabet, text.at[i]) : NULL;

		if (!hit)
			return false;
		group = group << 6 | (uint32_t)(hit - alphabet);
		if (i % 4 == 3) {
			writer_byte(to, (char)(group >> 16));
			writer_byte(to, (char)(group >> 8));
			writer_byte(to, (char)group);
			group = 0;
		}
	}
	if (rest == 2) {
		if (group & 15)
			return false;
		writer_byte(to, (char)(group >> 4));
	} else if (rest == 3) {
		if (group & 3)
			return false;
		writer_byte(to, (char)(group >> 10));
		writer_byte(to, (char)(group >> 2));
	}
	return true;
}

void base64_write(struct writer *out, struct str bytes)
{
	write64(out, bytes, standard, true);
}

bool base64_parse(struct str text, struct writer *to)
{
	if (text.len % 4)
		return false;
	for (int i = 0; i < 2 && text.len && text.at[text.len - 1] == '='; i++)
		text.len--;
	return parse64(text, standard, to);
}

void base64url_write(struct writer *out, struct str bytes)
{
	write64(out, bytes, url_safe, false);
}

bool base64url_parse(struct str text, struct writer *to)
{
	return parse64(text, url_safe, to);
}

void base32_write(struct writer *out, struct str bytes)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t held = 0;
	int bits = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		held = held << 8 | (unsigned char)bytes.at[i];
		bits += 8;
		while (bits >= 5) {
			bits -= 5;
			writer_byte(out, alphabet[held >> bits & 31]);
		}
		held &= (1U << bits) - 1;
	}
	if (bits > 0)
		writer_byte(out, alphabet[held << (5 - bits) & 31]);
}

static int base32_value(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

bool base32_parse(struct str text, void *to, size_t size)
{
	unsigned char *byte = to;
	uint32_t held = 0;
	int bits = 0;

	if (text.len != (size * 8 + 4) / 5)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int value = base32_value(text.at[i]);

		if (value < 0)
			return false;
		held = held << 5 | (uint32_t)value;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			*byte++ = (unsigned char)(held >> bits);
			held &= (1U << bits) - 1;
		}
	}
	return held == 0;
}
