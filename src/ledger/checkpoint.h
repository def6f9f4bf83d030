/* Owns checkpoints: the text that a log signs (C2SP tlog-checkpoint v1.0.0). */
#ifndef XIEDUN_LEDGER_CHECKPOINT_H
#define XIEDUN_LEDGER_CHECKPOINT_H

#include "crypto/digest.h"
#include "ledger/note.h"

struct checkpoint {
	struct str origin; /* borrowed */
	int64_t size;
	struct digest root;
};

/* "origin\nsize\nbase64(root)\n" */
void checkpoint_write(const struct checkpoint *, struct writer *);

/* MSG_LEDGER_CHECKPOINT_MALFORMED. Extension lines behind the third are passed over. The origin is
 * borrowed from the text. */
must_use bool checkpoint_parse(struct str text, struct checkpoint *, struct err *);

/* Appends the signed note of a checkpoint. */
must_use bool checkpoint_sign(const struct checkpoint *, const struct signer *, struct writer *,
			      struct err *);

/* A signed note's checkpoint: signed by this key, its origin the key's name. Errors of note_open
 * and checkpoint_parse. */
must_use bool checkpoint_open(struct str note, const struct note_verifier *, struct checkpoint *,
			      struct err *);

#endif
