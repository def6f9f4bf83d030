/*
 * Owns who there is: organisations, persons, accounts, roles, grants, factors and sessions, in
 * native tables. Every change of them is a change of the ledger.
 */
#ifndef XIEDUN_IDENTITY_IDENTITY_H
#define XIEDUN_IDENTITY_IDENTITY_H

#include "base/json_write.h"
#include "base/node.h"
#include "identity/scope.h"
#include "ledger/ledger.h"

struct identity;

extern const struct migration_list identity_migrations;

struct identity_config {
	int64_t idle_limit;     /* of a session, microseconds; 0: 30 min */
	int64_t absolute_limit; /* 0: 12 h */
	const char *issuer;     /* shown by authenticator applications; NULL: "Xiedun" */
};

must_use bool identity_open(struct ledger *, struct store *, const struct keyring *,
			    const struct identity_config *, struct identity **, struct err *);
void identity_close(struct identity *);

/* --- The first administrator -------------------------------------------------------------------
 */

/* Makes the root organisation (once) and a token for the first administrator: one hour, single use.
 * The earlier token ends. */
must_use bool identity_invite_first(struct identity *, struct str organisation_name,
				    struct writer *token, struct err *);

/* True while no account can sign in. */
must_use bool identity_is_empty(struct identity *, bool *empty, struct err *);

/*
 * Step one: a token is checked and a TOTP seed made for it; the seed and its otpauth address are
 * shown once. Step two: login name, password and a code of that seed make the account, end the
 * token, and give ten recovery codes (shown once).
 */
must_use bool identity_redeem_begin(struct identity *, const struct actor *, struct str token,
				    struct writer *seed_base32, struct writer *address,
				    struct err *);
must_use bool identity_redeem_finish(struct identity *, const struct actor *, struct str token,
				     struct str login, struct str name, struct str password,
				     struct str code, struct json *recovery_codes, struct err *);

/* --- Sign-in ---------------------------------------------------------------------------------- */

struct session {
	int64_t id;
	struct uuid public_id;
	int64_t account;
	int64_t expires;    /* the nearer of idle and absolute limit */
	struct str csrf;    /* derived from the token; needed with a cookie. In the arena, or in
			       csrf_text */
	char csrf_text[48]; /* where it lies after identity_sign_in */
};

/*
 * Checks login name, password and a TOTP code or a recovery code; gives a new session's token (256
 * bits, base64url). Every failure is MSG_SIGN_IN_REFUSED and takes the same time; back-off counts
 * by account and address, so that an outsider slows down only himself: an address (or device) that
 * has signed in to this account before is not held up by others.
 */
must_use bool identity_sign_in(struct identity *, const struct actor *, struct str login,
			       struct str password, struct str code, struct writer *token,
			       struct session *, struct err *);

/*
 * Who somebody is, without a session and without a write, for what two people do on a ledger that takes no writes: login name,
 * password and TOTP code hold, and a grant at the root gives the permission. MSG_SIGN_IN_REFUSED; MSG_PERMISSION_MISSING.
 */
must_use bool identity_prove(struct identity *, struct str login, struct str password,
			     struct str code, struct str permission, struct uuid *account,
			     struct err *);

/* The session and scope of a token, in the arena. MSG_SESSION_ENDED. Cheap: cached, checked against
 * ended sessions and changed grants. */
must_use bool identity_session(struct identity *, struct str token, struct arena *,
			       struct session *, const struct scope **, struct err *);

must_use bool identity_sign_out(struct identity *, const struct actor *, int64_t session,
				struct err *);

/*
 * Once a second: an entry for each finished minute's failures without a valid account; sessions,
 * counters and marks that are too old go.
 */
must_use bool identity_tick(struct identity *, struct err *);

/* Prometheus text. */
void identity_metrics(struct identity *, struct writer *);

/* --- Administration: each writes JSON, checks the scope, and is a change
 * ------------------------------ */

/* Own sessions, or with account.manage those of an account. */
must_use bool identity_sessions(struct identity *, const struct scope *, const struct uuid *account,
				struct json *, struct err *);
must_use bool identity_session_end(struct identity *, const struct scope *, const struct actor *,
				   const struct uuid *session, struct err *);

/* `fields`: login, name, organisation, language. Gives the account and a one-hour token with which
 * its owner sets password and factor. */
must_use bool identity_account_create(struct identity *, const struct scope *, const struct actor *,
				      const struct node *fields, struct json *, struct err *);
must_use bool identity_accounts(struct identity *, const struct scope *, struct json *,
				struct err *);
/* Disabling ends all sessions at once. The last administrator that can sign in cannot be disabled.
 */
must_use bool identity_account_disable(struct identity *, const struct scope *,
				       const struct actor *, const struct uuid *account,
				       struct err *);
must_use bool identity_account_enable(struct identity *, const struct scope *, const struct actor *,
				      const struct uuid *account, struct err *);
/* A new one-hour token for an account (lost password or factor); its sessions end. */
must_use bool identity_account_reset(struct identity *, const struct scope *, const struct actor *,
				     const struct uuid *account, struct json *, struct err *);
/* The caller's own password; ends the caller's other sessions. */
must_use bool identity_password_change(struct identity *, const struct scope *,
				       const struct actor *, int64_t session,
				       struct str old_password, struct str new_password,
				       struct err *);

/* `fields`: account, role, organisation, clearance, from, until. */
must_use bool identity_grant_create(struct identity *, const struct scope *, const struct actor *,
				    const struct node *fields, struct json *, struct err *);
must_use bool identity_grants(struct identity *, const struct scope *, struct json *, struct err *);
must_use bool identity_grant_end(struct identity *, const struct scope *, const struct actor *,
				 const struct uuid *grant, struct err *);

/* Roles come from packs (model) and from the built-in administrator: name and permissions. */
struct role {
	const char *name;
	const char *const *permissions;
	size_t count;
};
/* Replaces the set of roles known besides the built-in ones; copied. Called by the model when packs
 * are loaded. */
void identity_set_roles(struct identity *, const struct role *, size_t count);
void identity_roles(struct identity *, struct json *);

/* --- Organisations ------------------------------------------------------------------------------
 */

/* `fields`: id (may be absent), name, parent, kind, code. Paths are "/1/7/": internal keys, so that
 * a prefix is a subtree. */
must_use bool identity_organisation_create(struct identity *, const struct scope *,
					   const struct actor *, const struct node *fields,
					   struct json *, struct err *);
must_use bool identity_organisation_change(struct identity *, const struct scope *,
					   const struct actor *, const struct uuid *,
					   int64_t version, const struct node *fields,
					   struct json *, struct err *);
must_use bool identity_organisations(struct identity *, const struct scope *, struct json *,
				     struct err *);

struct organisation {
	int64_t id;
	struct uuid public_id;
	struct str path, name;
};
/* By public id, in the arena; *found false when there is none or the scope gives no right in it at
 * all. */
must_use bool identity_organisation(struct conn *, const struct scope *, const struct uuid *,
				    struct arena *, struct organisation *, bool *found,
				    struct err *);

/* For verify --deep: recomputes the commitments of accounts, grants, organisations, roles against
 * the ledger. */
must_use bool identity_verify(struct identity *, struct problems *, struct err *);

#endif
