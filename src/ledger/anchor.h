/* Owns the anchor: the last signed checkpoint, kept where a rolled-back database cannot take it
 * along. */
#ifndef XIEDUN_LEDGER_ANCHOR_H
#define XIEDUN_LEDGER_ANCHOR_H

#include "base/err.h"
#include "base/writer.h"

/* What is kept: the signed note of the log's last checkpoint and the store's count of commits (-1:
 * not known). */
struct anchor_state {
	struct writer note;
	int64_t epoch;
	int64_t commits;
};

/* An anchor is any place with these two calls. */
struct anchor {
	const char *name; /* for messages: the file's path */
	bool (*load)(struct anchor *, struct anchor_state *, bool *found, struct err *);
	/* Returns after the state is durable. */
	bool (*store)(struct anchor *, const struct anchor_state *, struct err *);
	void (*free)(struct anchor *);
};

/* A file, replaced by rename and flushed; its folder must stand. */
struct anchor *anchor_file_new(const char *path);
void anchor_free(struct anchor *);

#endif
