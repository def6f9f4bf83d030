/*
 * Owns the outbox: effects outside of the database (a mail, a call) that a write asks for and that are carried out after
 * its commit, at least once each, oldest first.
 */
#ifndef XIEDUN_STORE_OUTBOX_H
#define XIEDUN_STORE_OUTBOX_H

#include "base/arena.h"
#include "store/query.h"

/* Inside of a write: `kind` says who carries it out, `body` is for that one. */
must_use bool outbox_add(struct conn *, const char *kind, struct str body, struct err *);

struct outbox_message {
	int64_t id;
	const char *kind; /* kind and body lie in the caller's arena */
	struct str body;
	int64_t created;  /* instant */
	int64_t attempts; /* this one counted */
};

/*
 * Takes the oldest message that is due, for `lease` microseconds: who has not said outbox_done by then leaves it to the
 * next. *found false when there is none.
 */
must_use bool outbox_take(struct store *, int64_t lease, struct arena *, struct outbox_message *,
			  bool *found, struct err *);

/* Inside of a write: it was carried out. */
must_use bool outbox_done(struct conn *, int64_t id, struct err *);

#endif
