/* Owns the door to simdjson, a JSON parser of other hands: what it takes and what it reads, to
 * compare with ours. */
#ifndef XIEDUN_TEST_JSON_PEER_H
#define XIEDUN_TEST_JSON_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct json_peer;

struct json_peer *json_peer_new(void);
void json_peer_free(struct json_peer *);

enum json_peer_verdict {
	PEER_TAKES,
	PEER_REFUSES,
	PEER_REFUSES_NUMBER, /* well formed, but outside the range of a double or a 64-bit integer
			      */
};

/* Its verdict on the whole text, from its tree parser, which checks everything. */
enum json_peer_verdict json_peer_verdict(struct json_peer *, const char *text, size_t len);

/*
 * Its tokens, one after another: { } [ ] t f z, and for a text "s", for a key "k", for a number (as
 * written) "n", followed by the length, a colon and the bytes. Borrowed until the next call; NULL
 * when it refuses the text.
 */
const char *json_peer_tokens(struct json_peer *, const char *text, size_t len, size_t *tokens_len);

/*
 * One pass over a text that has json_peer_padding() bytes behind it, for timing. A sum over what
 * was read, so that no compiler leaves it out.
 */
size_t json_peer_padding(void);
uint64_t json_peer_pass_tree(struct json_peer *, const char *text, size_t len);
uint64_t json_peer_pass_values(struct json_peer *, const char *text, size_t len);

#ifdef __cplusplus
}
#endif

#endif
