/* Owns JSON output: a writer that puts commas, quotes and escapes (RFC 8259). */
#ifndef XIEDUN_BASE_JSON_WRITE_H
#define XIEDUN_BASE_JSON_WRITE_H

#include "base/writer.h"

/* Deep enough for a document tree (64 levels) and what is written around it. */
enum { JSON_WRITE_DEPTH = 80 };

/* struct json json = json_into(&out); … the state is only commas, nothing to release. */
struct json {
	struct writer *out;
	int depth;
	bool filled[JSON_WRITE_DEPTH]; /* something stands already at this depth */
	bool after_key;
};

struct json json_into(struct writer *);

void json_object(struct json *);
void json_object_end(struct json *);
void json_array(struct json *);
void json_array_end(struct json *);
void json_key(struct json *, const char *key);
void json_key_str(struct json *, struct str key);

/* Invalid UTF-8 is replaced with U+FFFD; the absent string is null. */
void json_str(struct json *, struct str);
void json_text(struct json *, const char *);
void json_int(struct json *, int64_t);
void json_bool(struct json *, bool);
void json_null(struct json *);

/* A finished JSON value as it stands. */
void json_raw(struct json *, struct str);

/* Key and value at once. */
void json_put_str(struct json *, const char *key, struct str);
void json_put_text(struct json *, const char *key, const char *);
void json_put_int(struct json *, const char *key, int64_t);
void json_put_bool(struct json *, const char *key, bool);

#endif
