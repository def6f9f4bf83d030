/* Owns hexadecimal and base64 (RFC 4648, sections 4, 5, 6 and 8). */
#ifndef XIEDUN_BASE_ENCODE_H
#define XIEDUN_BASE_ENCODE_H

#include "base/writer.h"

/* 0 to 15, or -1. Either case. */
int hex_value(char);

void hex_write(struct writer *, struct str bytes);
/* Exactly size bytes from 2 * size digits. */
must_use bool hex_parse(struct str text, void *to, size_t size);

/* Standard alphabet, padded. */
void base64_write(struct writer *, struct str bytes);
/* Canonical only: padded, no white space, zero bits behind the last byte. Appends to the writer. */
must_use bool base64_parse(struct str text, struct writer *to);

/* URL-safe alphabet, no padding: tokens. */
void base64url_write(struct writer *, struct str bytes);
must_use bool base64url_parse(struct str text, struct writer *to);

/* RFC 4648 base32, upper case, no padding: TOTP seeds. */
void base32_write(struct writer *, struct str bytes);
/* Exactly `size` bytes; either case, no padding, zero bits behind the last byte. */
must_use bool base32_parse(struct str text, void *to, size_t size);

#endif
