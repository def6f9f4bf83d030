/*
 * Owns what the log must not hold in clear: who was at the other end and why. An entry holds only
 * salted commitments; salt and sealed text lie in the table ledger_note, where they can be erased.
 */
#ifndef XIEDUN_LEDGER_PEER_H
#define XIEDUN_LEDGER_PEER_H

#include "base/writer.h"
#include "ledger/change.h"

struct keyring;

enum note_kind { NOTE_PEER = 1, NOTE_REASON = 2 };

/* A row of ledger_note to be. */
struct erasable {
	enum note_kind kind;
	struct uuid account;
	uint8_t salt[SALT_SIZE];
	struct commitment commitment;
	struct writer sealed;
	bool needed; /* the row is not in the database yet */
};
void erasable_release(struct erasable *);

/*
 * An address and user agent that come back get the same salt for a day, so that their text is
 * stored once and not with each entry. Entries of one account are linked by the account already.
 */
struct peer_cache;
struct peer_cache *peer_cache_new(void);
void peer_cache_free(struct peer_cache *);

/* The commitment to the actor's address and user agent; zero when it has neither. */
must_use bool peer_prepare(struct peer_cache *, const struct keyring *, const struct actor *,
			   int64_t now, struct erasable *, struct err *);
/* After COMMIT: the row stands. */
void peer_stored(struct peer_cache *, const struct erasable *);

/* The commitment to the actor's reason; zero when there is none. */
must_use bool reason_prepare(const struct keyring *, const struct actor *, struct erasable *,
			     struct err *);

/* Adds the row where it is needed. */
must_use bool erasable_insert(struct conn *, const struct erasable *, int64_t now, struct err *);

/* True when text and salt of a row still give its commitment. */
bool erasable_holds(const struct keyring *, struct str commitment, struct str salt,
		    struct str sealed);

#endif
