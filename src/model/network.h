/* Owns network addresses: IPv4, IPv6 and MAC addresses and IP prefixes, as bytes that sort and as canonical text. */
#ifndef XIEDUN_MODEL_NETWORK_H
#define XIEDUN_MODEL_NETWORK_H

#include "base/writer.h"

/*
 * Family ('4', '6' or 'M'), address, number of leading bits that count. Compared byte by byte, all addresses and prefixes
 * inside a prefix lie between its network_low and network_high.
 */
enum { NETWORK_SIZE = 18 };

struct network {
	uint8_t bytes[NETWORK_SIZE];
	size_t len;
};

/* "10.1.2.3", "10.1.0.0/16", "fe80::1", "2001:db8::/32", "00:1b:21:aa:00:01" (or with "-"). Bits behind a prefix must be zero. */
must_use bool network_parse(struct str, struct network *);

/* The canonical text of stored bytes (RFC 5952 for IPv6). */
void network_write(struct str bytes, struct writer *);

/* The last value inside the prefix; its first is the value itself. */
struct network network_high(const struct network *);

#endif
