#include "model/network.h"

#include <arpa/inet.h>

#include "base/encode.h"

enum { MAC_SIZE = 6, V4_SIZE = 4, V6_SIZE = 16 };

static struct network network_of(char family, const uint8_t *address, size_t size, uint8_t bits)
{
	struct network network = { .len = size + 2 };

	network.bytes[0] = (uint8_t)family;
	memcpy(network.bytes + 1, address, size);
	network.bytes[size + 1] = bits;
	return network;
}

static bool parse_mac(struct str text, struct network *network)
{
	uint8_t mac[MAC_SIZE];

	if (text.len != 3 * MAC_SIZE - 1)
		return false;
	for (size_t i = 0; i < MAC_SIZE; i++) {
		if (!hex_parse(str_sub(text, 3 * i, 2), &mac[i], 1))
			return false;
		if (i && text.at[3 * i - 1] != text.at[2])
			return false;
	}
	if (text.at[2] != ':' && text.at[2] != '-')
		return false;
	*network = network_of('M', mac, MAC_SIZE, 8 * MAC_SIZE);
	return true;
}

/* True when all bits from `bits` on are zero. */
static bool is_zero_behind(const uint8_t *address, size_t size, int64_t bits)
{
	for (size_t i = (size_t)bits; i < 8 * size; i++) {
		if (address[i / 8] >> (7 - i % 8) & 1)
			return false;
	}
	return true;
}

bool network_parse(struct str text, struct network *network)
{
	uint8_t address[V6_SIZE];
	char host[INET6_ADDRSTRLEN];
	struct str part = text, prefix = STR_NONE;
	size_t slash = str_find(text, '/');
	int64_t bits;

	if (parse_mac(text, network))
		return true;
	if (slash < text.len) {
		part = str_sub(text, 0, slash);
		prefix = str_sub(text, slash + 1, text.len);
	}
	if (part.len >= sizeof(host) || memchr(part.at, '\0', part.len))
		return false;
	memcpy(host, part.at, part.len);
	host[part.len] = '\0';

	bool four = inet_pton(AF_INET, host, address) == 1;
	size_t size = four ? V4_SIZE : V6_SIZE;

	if (!four && inet_pton(AF_INET6, host, address) != 1)
		return false;
	bits = (int64_t)size * 8;
	if (prefix.at && (!str_to_int(prefix, &bits) || bits < 0 || bits > (int64_t)size * 8 ||
			  prefix.at[0] == '+' || !is_zero_behind(address, size, bits)))
		return false;
	*network = network_of(four ? '4' : '6', address, size, (uint8_t)bits);
	return true;
}

void network_write(struct str bytes, struct writer *out)
{
	char text[INET6_ADDRSTRLEN];
	const uint8_t *address = (const uint8_t *)bytes.at + 1;
	size_t size = bytes.len > 2 ? bytes.len - 2 : 0;

	if (size == MAC_SIZE) {
		for (size_t i = 0; i < MAC_SIZE; i++)
			writer_printf(out, "%s%02x", i ? ":" : "", address[i]);
		return;
	}
	if ((size != V4_SIZE && size != V6_SIZE) ||
	    !inet_ntop(size == V4_SIZE ? AF_INET : AF_INET6, address, text, sizeof(text)))
		return;
	writer_text(out, text);
	if (address[size] < 8 * size)
		writer_printf(out, "/%u", address[size]);
}

struct network network_high(const struct network *network)
{
	struct network high = *network;
	size_t size = network->len - 2;

	for (size_t i = network->bytes[size + 1]; i < 8 * size; i++)
		high.bytes[1 + i / 8] |= (uint8_t)(1 << (7 - i % 8));
	high.bytes[size + 1] = (uint8_t)(8 * size);
	return high;
}
