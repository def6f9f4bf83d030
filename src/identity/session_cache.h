/*
 * Owns the sessions in memory with their scopes, by the keyed hash of the token. An entry holds for
 * one generation of the database and one set of roles, until a time window of its grants begins or
 * ends.
 */
#ifndef XIEDUN_IDENTITY_SESSION_CACHE_H
#define XIEDUN_IDENTITY_SESSION_CACHE_H

#include "crypto/digest.h"
#include "identity/identity.h"
#include "identity/roles.h"

struct session_cache;

struct session_cache *session_cache_new(void);
void session_cache_free(struct session_cache *);

/* What was read in one snapshot. */
struct cached_session {
	struct digest token;
	struct session session;     /* without csrf */
	struct scope scope;         /* its grants and their paths belong to it */
	int64_t created, expires;   /* absolute limit */
	int64_t last_used, written; /* written: the last_used that the database has */
	int64_t generation;
	const struct role_set *roles;
	int64_t scope_until; /* a grant begins or ends then */
	struct cached_session *next;
};
void cached_session_free(struct cached_session *);
/* Marks the use; true when a minute has passed since the last one that the database knows: the
 * caller writes it. */
bool cached_session_use(struct cached_session *, int64_t now);
/* Copies session and scope into the arena; false when its limit is passed. */
bool cached_session_copy(const struct cached_session *, int64_t idle_limit, struct arena *,
			 struct session *, const struct scope **);

/* The database's generation as this process knows it; it only grows. */
int64_t session_cache_generation(struct session_cache *);
void session_cache_saw(struct session_cache *, int64_t generation);

/* True, once in half a second for one caller, when it is time to ask the database for its
 * generation. */
bool session_cache_poll_due(struct session_cache *);
void session_cache_poll_again(struct session_cache *);

enum cache_answer { CACHE_MISS, CACHE_HIT };

struct cache_use {
	int64_t now, idle_limit;
	const struct role_set *roles;
	bool touch; /* out: a minute has passed since the last use was written */
};

/*
 * A hit copies session and scope into the arena and marks the use. A miss: not there, stale, or
 * idle too long as far as this process knows (another server may know of a later use).
 */
enum cache_answer session_cache_get(struct session_cache *, const struct digest *token,
				    struct cache_use *, struct arena *, struct session *,
				    const struct scope **);
/* Takes the entry over, in the place of one of the same token. */
void session_cache_put(struct session_cache *, struct cached_session *);

void session_cache_metrics(struct session_cache *, struct writer *);

#endif
