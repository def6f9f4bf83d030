/* Owns signed notes with Ed25519 keys: C2SP signed-note v1.0.0. */
#ifndef XIEDUN_LEDGER_NOTE_H
#define XIEDUN_LEDGER_NOTE_H

#include "base/writer.h"
#include "crypto/sign.h"

/* Notes with more signatures than this are refused (the standard asks for at least 16). */
enum { NOTE_SIGNATURES_MAX = 64, NOTE_NAME_SIZE = 160 };

struct note_verifier {
	char name[NOTE_NAME_SIZE];
	struct public_key key;
};

/* True for a name that may stand in a note: UTF-8, not empty, no space, control character or "+",
 * shorter than NOTE_NAME_SIZE. */
bool note_name_valid(struct str name);

/* "name+hex+base64", the text in which verifier keys are handed round. */
void note_verifier_write(const struct note_verifier *, struct writer *);
/* MSG_LEDGER_VERIFIER_KEY when it is not one or its key id does not fit. */
must_use bool note_verifier_parse(struct str, struct note_verifier *, struct err *);

/* Appends text, blank line and one signature line. `text` ends with a line end and holds no other
 * control character. */
must_use bool note_sign(const struct signer *, struct str name, struct str text, struct writer *,
			struct err *);

/*
 * The text of a note that one of the keys has signed; borrowed from `note`. Signatures of other
 * keys are passed over. MSG_LEDGER_NOTE_MALFORMED; MSG_LEDGER_NOTE_SIGNATURE when a signature of
 * one of the keys is wrong; MSG_LEDGER_NOTE_UNSIGNED when there is none of them.
 */
must_use bool note_open(struct str note, const struct note_verifier *, size_t count,
			struct str *text, struct err *);

#endif
