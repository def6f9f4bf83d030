/*
 * Owns the audited rows: which columns of organisation, account, grant and session a commitment in
 * the ledger stands for. What writes them and what verifies them read the same table.
 */
#ifndef XIEDUN_IDENTITY_AUDIT_H
#define XIEDUN_IDENTITY_AUDIT_H

#include "ledger/change.h"

enum audited {
	AUDITED_ORGANISATION,
	AUDITED_ACCOUNT,
	AUDITED_GRANT,
	AUDITED_SESSION,
	AUDITED_COUNT
};

/* A row as it stands: its version and the commitment to its body. */
struct audit {
	struct uuid subject;
	int64_t version;
	struct commitment commitment;
};

/* The entries' type: "organisation", "account", "grant", "session". */
const char *audited_type(enum audited);

/* Reads one row. MSG_SESSION_MISSING when it is not there: rows of the other kinds are never
 * removed. */
must_use bool audit_read(struct conn *, enum audited, int64_t id, struct audit *, struct err *);

/* All rows, one after another. */
typedef void audit_visit_fn(void *context, enum audited, const struct audit *);
must_use bool audit_each(struct conn *, enum audited, audit_visit_fn *, void *context,
			 struct err *);

/* After the row was written: adds the entry, gives the row its version, salt and entry. `before`
 * NULL: the row is new. */
must_use bool audit_write(struct change *, enum audited, int64_t id, const char *action,
			  const struct audit *before, struct err *);

/* For a row that was removed. */
must_use bool audit_remove(struct change *, enum audited, const char *action,
			   const struct audit *before, struct err *);

/* An entry about a row that did not change: a refusal. */
must_use bool audit_note(struct change *, enum audited, const struct uuid *subject,
			 const char *action, struct err *);

#endif
