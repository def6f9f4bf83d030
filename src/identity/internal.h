/* Owns what the files of this floor share: the opened identity, its rights, the members of a body,
 * tokens. */
#ifndef XIEDUN_IDENTITY_INTERNAL_H
#define XIEDUN_IDENTITY_INTERNAL_H

#include <stdatomic.h>

#include "base/clock.h"
#include "base/memory.h"
#include "identity/audit.h"
#include "identity/identity.h"
#include "identity/roles.h"
#include "identity/session_cache.h"

#define PERMISSION_ACCOUNT_READ   STR("account.read")
#define PERMISSION_ACCOUNT_MANAGE STR("account.manage")
#define PERMISSION_GRANT_READ     STR("grant.read")
#define PERMISSION_GRANT_MANAGE   STR("grant.manage")
#define PERMISSION_ORGANISATION   STR("organisation.manage")

#define STATE_INVITED  "invited"
#define STATE_ACTIVE   "active"
#define STATE_DISABLED "disabled"

enum sign_in_result { SIGN_IN_DONE, SIGN_IN_REFUSED, SIGN_IN_HELD, SIGN_IN_RESULTS };

struct identity {
	struct ledger *ledger;
	struct store *store;
	const struct keyring *keyring;
	int64_t idle_limit, absolute_limit;
	char *issuer;
	struct roles roles;
	struct session_cache *cache;
	_Atomic int64_t sign_ins[SIGN_IN_RESULTS];
	_Atomic int64_t flushed, pruned; /* minute and hour of the last tick that did it */
};

/* --- Changes (change.c)
 * ---------------------------------------------------------------------------- */

/* What every prepared change of this floor begins with. */
struct writing {
	struct identity *identity;
	const struct scope *scope;
	int64_t generation; /* after it */
};

/*
 * ledger_change for what a scope may depend on: raises the generation first (which also lets such
 * changes pass one at a time on PostgreSQL), and lets this process's cached sessions go after
 * COMMIT. `prepared` begins with a struct writing.
 */
must_use bool identity_change(struct identity *, const struct actor *, change_apply_fn *,
			      struct writing *prepared, struct err *);
must_use bool generation_raise(struct change *, struct err *);
must_use bool generation_read(struct conn *, int64_t *generation, struct err *);

struct uuid uuid_of(struct str bytes);

/* --- Rights (rights.c)
 * ----------------------------------------------------------------------------- */

must_use bool need_anywhere(const struct scope *, struct str permission, struct err *);
must_use bool need_in(const struct scope *, struct str permission, struct str path, struct err *);

/* True when the scope has all that the role gives, there, with this clearance, until then. */
must_use bool need_all_of_role(struct identity *, const struct scope *, struct str role,
			       struct str path, int64_t clearance, int64_t until, struct err *);

/* The same for every live grant of an account: nobody takes over an account that may more than
 * himself. */
must_use bool need_all_of_account(struct change *, struct identity *, const struct scope *,
				  int64_t account, struct err *);

/* MSG_LAST_ADMINISTRATOR when no active account holds the root as administrator without end. */
must_use bool need_administrator(struct change *, struct err *);

/* --- Members of a body (member.c)
 * --------------------------------------------------------------------- */

/* MSG_MEMBER_UNKNOWN for a key that is not in the list. */
must_use bool members_known(const struct node *fields, const char *const *names, size_t count,
			    struct err *);
/* Trimmed text of 1 to `max` characters without control characters; absent when not there and not
 * required. */
must_use bool member_text(const struct node *fields, const char *name, bool required, size_t max,
			  struct str *, struct err *);
must_use bool member_uuid(const struct node *fields, const char *name, struct uuid *, bool *found,
			  struct err *);
/* `*instant` stays when the member is absent or null. */
must_use bool member_instant(const struct node *fields, const char *name, int64_t *instant,
			     struct err *);

void json_put_uuid(struct json *, const char *key, struct str bytes);
/* 0 is null. */
void json_put_instant(struct json *, const char *key, int64_t instant);

/* --- Accounts (account.c)
 * ------------------------------------------------------------------------------ */

enum { LOGIN_MAX = 64, NAME_MAX_CHARACTERS = 100 };

/* Folds to lower case and checks: 2 to 64 of a–z, 0–9 and . _ - @. */
must_use bool login_fold(struct str login, char folded[LOGIN_MAX + 1], struct err *);

struct account_row {
	int64_t id, person;
	struct uuid public_id;
	struct str login, name, path, state, password, totp, recovery, token_seed;
	int64_t totp_last, version;
	struct uuid organisation;
	struct str language;
	int64_t created, token_expires;
};

/* Texts are copied into the arena. */
must_use bool account_by_id(struct conn *, const struct uuid *, struct arena *,
			    struct account_row *, bool *found, struct err *);
must_use bool account_by_login(struct conn *, struct str login, struct arena *,
			       struct account_row *, bool *found, struct err *);
must_use bool account_by_token(struct conn *, const struct digest *token, struct arena *,
			       struct account_row *, bool *found, struct err *);
must_use bool login_is_free(struct conn *, struct str login, struct err *);

/* An account without factors and its person; gives its internal key. The caller writes its entry.
 */
struct account_new {
	struct str login; /* folded; absent: the first administrator's */
	struct str name, language;
	int64_t organisation;
	struct uuid public_id;
	struct digest token;
};
must_use bool account_insert(struct change *, const struct account_new *, int64_t *id,
			     struct err *);
/* The token stands in the answer and nowhere else. */
void account_put_token(struct json *, struct str token, int64_t expires);

struct grant_new {
	struct uuid public_id;
	int64_t account, organisation;
	struct str role;
	enum clearance clearance;
	int64_t from, until; /* INT64_MAX: no end */
};
must_use bool grant_insert(struct change *, const struct grant_new *, int64_t *id, struct err *);

struct organisation_new {
	struct uuid public_id;
	int64_t parent; /* 0: the root */
	struct str parent_path, kind, code, name;
};
must_use bool organisation_insert(struct change *, const struct organisation_new *, int64_t *id,
				  struct err *);

/* --- Secrets (secret.c)
 * ----------------------------------------------------------------------------------- */

#define TOKEN_LIFE SECONDS(60 * 60)
enum { TOKEN_SIZE = 32, TOKEN_TEXT_SIZE = 43, RECOVERY_CODES = 10 };

/* 256 random bits as base64url; only the keyed hash is ever stored, so that SQL alone cannot forge
 * one. */
void token_new(struct writer *text);
struct digest token_hash(const struct identity *, struct str text);

/* Ten codes as a JSON array of texts; their keyed hashes, to be stored. */
void recovery_new(const struct identity *, const struct uuid *account, struct json *codes,
		  struct writer *hashes);
/* The hashes without that of `code`; false when it is none of them. */
bool recovery_use(const struct identity *, const struct uuid *account, struct str hashes,
		  struct str code, struct writer *left);

must_use bool seed_seal(const struct identity *, const struct uuid *account, const uint8_t *seed,
			struct writer *, struct err *);
must_use bool seed_unseal(const struct identity *, const struct uuid *account, struct str sealed,
			  uint8_t *seed, struct err *);

/* ASVS 5.0 V6.2: length, no composition rules, nothing that is guessed at once. */
must_use bool password_check(struct str password, struct str login, struct err *);

/* --- Back-off (back_off.c)
 * ---------------------------------------------------------------------------------- */

/* One attempt to sign in, counted before the password is looked at, so that many at once gain
 * nothing. */
struct attempt {
	struct identity *identity;
	struct str login;     /* as typed; never stored */
	struct digest source; /* keyed hash of the address */
	struct digest pair, address, bucket;
	bool known; /* this address has signed in to this account before */
	int64_t now;
};
/* MSG_SIGN_IN_LATER when one of the counters holds it up. */
must_use bool attempt_begin(struct identity *, struct str login, struct str address,
			    struct attempt *, struct err *);
/* In the transaction of a success: gives the count back, remembers the address. */
must_use bool attempt_succeed(struct conn *, const struct attempt *, int64_t account, struct err *);
/* Removes what is too old. */
must_use bool back_off_prune(struct conn *, int64_t now, struct err *);

/* --- Failures without a valid account (failure.c)
 * ------------------------------------------------------------ */

/* Counts one, by minute and keyed hash of the source. */
must_use bool failure_count(const struct attempt *, struct err *);
/* One entry for each finished minute with failures. */
must_use bool failures_flush(struct identity *, int64_t now, struct err *);
must_use bool failures_prune(struct conn *, int64_t now, struct err *);

/* --- Sessions (session.c)
 * -------------------------------------------------------------------------------------- */

/* Ends an account's sessions but one (0: none is kept), each with its entry. */
must_use bool sessions_end_all(struct change *, int64_t account, int64_t but, struct err *);
/* Makes one, with its entry. */
struct session_new {
	struct uuid public_id;
	struct digest token;
	int64_t account;
	int64_t expires;
};
must_use bool session_insert(struct change *, const struct session_new *, int64_t *id,
			     struct err *);
must_use bool session_end(struct change *, int64_t id, struct err *);
/* HMAC of the token: whoever has one does not have the other. */
struct str session_csrf(struct str token, char *text, size_t size);
/* Removes those past their limit. */
must_use bool sessions_prune(struct conn *, int64_t now, int64_t idle_limit, struct err *);

#endif
