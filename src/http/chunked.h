/* Owns the chunked transfer coding (RFC 9112, section 7.1): extensions and trailers are read over, within bounds. */
#ifndef XIEDUN_HTTP_CHUNKED_H
#define XIEDUN_HTTP_CHUNKED_H

#include "base/str.h"

/* A size line with its extensions, and all trailers together. */
enum { CHUNKED_LINE_MAX = 256, CHUNKED_TRAILERS_MAX = 4096 };

enum chunked_state {
	CHUNKED_SIZE,
	CHUNKED_DATA,
	CHUNKED_DATA_END,
	CHUNKED_TRAILER,
	CHUNKED_DONE,
	CHUNKED_BAD
};

/* Start with all zero. */
struct chunked {
	enum chunked_state state;
	uint64_t left;   /* of this chunk */
	size_t trailers; /* bytes so far */
};

/*
 * Takes what it can off *input; *data is a piece of the body, borrowed from the input, or empty. False when it needs more
 * input, or the state is CHUNKED_DONE (what follows stays in *input) or CHUNKED_BAD. An unfinished line stays in *input.
 */
must_use bool chunked_next(struct chunked *, struct str *input, struct str *data);

#endif
