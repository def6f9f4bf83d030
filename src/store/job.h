/*
 * Owns jobs: work that is due at an instant, leased in the database, so that any number of servers share it and one that
 * dies leaves it to the others.
 */
#ifndef XIEDUN_STORE_JOB_H
#define XIEDUN_STORE_JOB_H

#include "base/arena.h"
#include "base/uuid.h"
#include "store/query.h"

/* Inside of a write: there shall be a job of this kind and key. One that is there already stays as it is. */
must_use bool job_put(struct conn *, const char *kind, const char *key, struct str body,
		      int64_t due, struct err *);

struct job {
	int64_t id;
	const char *kind, *key; /* texts and body lie in the caller's arena */
	struct str body;
	int64_t attempts;   /* this one counted */
	struct uuid holder; /* proves the lease */
};

/*
 * Leases the job that has been due for the longest time, of one kind (NULL: of any), for `lease` microseconds; after
 * that another may have it. *found false when there is none.
 */
must_use bool job_lease(struct store *, const char *kind, int64_t lease, struct arena *,
			struct job *, bool *found, struct err *);

/* Inside of the write with the job's own results: it is done and gone. MSG_JOB_LEASE_LOST when the lease ran out. */
must_use bool job_done(struct conn *, const struct job *, struct err *);

/* Gives it back to be tried again after 10 s, doubled for each attempt up to an hour; keeps the reason. */
must_use bool job_failed(struct conn *, const struct job *, const struct err *reason, struct err *);

#endif
