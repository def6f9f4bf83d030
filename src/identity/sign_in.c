#include "identity/internal.h"

#include "base/log.h"
#include "crypto/password.h"
#include "crypto/totp.h"

/* Whoever changed the password, disabled or reset the account meanwhile has been quicker: no row is
 * touched. */
static const char SQL_TAKE_STEP[] = "UPDATE account SET totp_last = :step WHERE id = :id AND "
				    "totp_last < :step AND state = 'active' "
				    "AND password = :password";
static const char SQL_TAKE_RECOVERY[] = "UPDATE account SET recovery = :left WHERE id = :id AND "
					"recovery = :recovery AND state = 'active' "
					"AND password = :password";
static const char SQL_PASSWORD[] = "UPDATE account SET password = :new WHERE id = :id AND password "
				   "= :old AND state = 'active'";

/* What a person gives to prove who he is, and what was found of it. */
struct proof {
	struct writing writing;
	struct attempt attempt;
	struct str login; /* folded, or what no account can have */
	char folded[LOGIN_MAX + 1];
	struct arena *arena;
	struct account_row row;
	bool found;
	bool by_recovery;
	int64_t step;          /* of the TOTP code */
	struct writer left;    /* recovery codes after this one */
	struct writer new_phc; /* empty: the password's hash stays */
	struct session_new session;
	int64_t session_id;
};

static void auto_release_proof(struct proof *proof)
{
	arena_free(proof->arena);
	writer_release(&proof->left);
	writer_release(&proof->new_phc);
}

static bool find_account(struct conn *conn, void *context, struct err *err)
{
	struct proof *proof = context;

	return account_by_login(conn, proof->login, proof->arena, &proof->row, &proof->found, err);
}

static bool proof_start(struct identity *identity, struct str login, const struct actor *actor,
			struct proof *proof, struct err *err)
{
	proof->arena = arena_new(1 << 20);
	proof->login = login_fold(login, proof->folded, err) ? str_of(proof->folded) : STR("?");
	if (!attempt_begin(identity, proof->login, actor->address, &proof->attempt, err)) {
		if (err->message == MSG_SIGN_IN_LATER)
			atomic_fetch_add(&identity->sign_ins[SIGN_IN_HELD], 1);
		return false;
	}
	return store_read(identity->store, find_account, proof, err);
}

/* The work is the same whether the account exists or not. */
static bool password_holds(const struct proof *proof, struct str password)
{
	if (proof->found && str_is(proof->row.state, STATE_ACTIVE) && proof->row.password.at)
		return password_matches(password, proof->row.password);
	password_pretend(password);
	return false;
}

static bool code_holds(struct identity *identity, struct proof *proof, struct str code)
{
	const struct account_row *row = &proof->row;
	uint8_t seed[TOTP_SEED_SIZE];
	struct err err;

	code = str_trim(code);
	if (!proof->found || !row->totp.at)
		return false;
	proof->by_recovery = code.len != TOTP_DIGITS;
	if (proof->by_recovery)
		return recovery_use(identity, &row->public_id, row->recovery, code, &proof->left);
	if (!seed_unseal(identity, &row->public_id, row->totp, seed, &err)) {
		log_err("identity", NULL, &err);
		return false;
	}
	proof->step = totp_match(seed, code, clock_now(), row->totp_last);
	memory_wipe(seed, sizeof(seed));
	return proof->step >= 0;
}

/* --- Success
 * ------------------------------------------------------------------------------------------- */

static bool take_once(struct change *change, struct proof *proof, struct err *err)
{
	auto_query struct query query =
		query_start(change->conn, proof->by_recovery ? SQL_TAKE_RECOVERY : SQL_TAKE_STEP);
	int64_t changed;

	query_int(&query, "id", proof->row.id);
	query_text(&query, "password", proof->row.password);
	if (proof->by_recovery) {
		query_blob(&query, "left", writer_str(&proof->left));
		query_blob(&query, "recovery", proof->row.recovery);
	} else {
		query_int(&query, "step", proof->step);
	}
	if (!query_run(&query, &changed, err))
		return false;
	return changed > 0 || fail(err, MSG_SIGN_IN_REFUSED);
}

static bool put_password(struct change *change, struct proof *proof, struct err *err)
{
	auto_query struct query query = query_start(change->conn, SQL_PASSWORD);
	int64_t changed;

	query_text(&query, "new", writer_str(&proof->new_phc));
	query_text(&query, "old", proof->row.password);
	query_int(&query, "id", proof->row.id);
	if (!query_run(&query, &changed, err))
		return false;
	return changed > 0 || fail(err, MSG_SIGN_IN_REFUSED);
}

/* A recovery code and a password hashed anew change the account's row; a TOTP step is no part of
 * its body. */
static bool sign_in_apply(struct change *change, struct err *err)
{
	struct proof *proof = change->prepared;
	bool rehash = proof->new_phc.len > 0;
	struct audit before;

	if ((proof->by_recovery || rehash) &&
	    (!generation_raise(change, err) ||
	     !audit_read(change->conn, AUDITED_ACCOUNT, proof->row.id, &before, err)))
		return false;
	if (!take_once(change, proof, err) || (rehash && !put_password(change, proof, err)))
		return false;
	if ((proof->by_recovery || rehash) &&
	    !audit_write(change, AUDITED_ACCOUNT, proof->row.id,
			 proof->by_recovery ? "account.use_recovery_code"
					    : "account.rehash_password",
			 &before, err))
		return false;
	proof->session.expires = change->now + proof->writing.identity->absolute_limit;

	return session_insert(change, &proof->session, &proof->session_id, err) &&
	       attempt_succeed(change->conn, &proof->attempt, proof->row.id, err);
}

/* --- Failure
 * -------------------------------------------------------------------------------------------- */

static bool refuse_apply(struct change *change, struct err *err)
{
	const struct proof *proof = change->prepared;

	return audit_note(change, AUDITED_ACCOUNT, &proof->row.public_id, "sign_in.refuse", err);
}

/* The same message for every reason. Where it cannot be written down, that is the answer. */
static bool refuse(struct identity *identity, const struct actor *actor, struct proof *proof,
		   enum message message, struct err *err)
{
	atomic_fetch_add(&identity->sign_ins[SIGN_IN_REFUSED], 1);
	if (proof->found ? !ledger_change(identity->ledger, actor, refuse_apply, proof, err)
			 : !failure_count(&proof->attempt, err))
		return false;
	err_set(err, message, 0, NULL);
	return false;
}

bool identity_sign_in(struct identity *identity, const struct actor *actor, struct str login,
		      struct str password, struct str code, struct writer *token,
		      struct session *session, struct err *err)
{
	cleanup_with(auto_release_proof) struct proof proof = { 0 };
	auto_writer text = { 0 };

	if (!proof_start(identity, login, actor, &proof, err))
		return false;

	bool factor = code_holds(identity, &proof, code);

	if (!password_holds(&proof, password) || !factor)
		return refuse(identity, actor, &proof, MSG_SIGN_IN_REFUSED, err);
	if (password_is_old(proof.row.password) && !password_hash(password, &proof.new_phc, err))
		return false;
	token_new(&text);
	proof.session = (struct session_new){ .public_id = uuid_new(),
					      .token = token_hash(identity, writer_str(&text)),
					      .account = proof.row.id };

	struct actor own = *actor;

	own.account = proof.row.public_id;
	if (!identity_change(identity, &own, sign_in_apply, &proof.writing, err))
		return err->message == MSG_SIGN_IN_REFUSED
			       ? refuse(identity, actor, &proof, MSG_SIGN_IN_REFUSED, err)
			       : false;

	int64_t idle = clock_now() + identity->idle_limit;

	*session = (struct session){
		.id = proof.session_id,
		.public_id = proof.session.public_id,
		.account = proof.row.id,
		.expires = idle < proof.session.expires ? idle : proof.session.expires,
	};
	session->csrf =
		session_csrf(writer_str(&text), session->csrf_text, sizeof(session->csrf_text));
	writer_put(token, writer_str(&text));
	memory_wipe(text.at, text.len);
	atomic_fetch_add(&identity->sign_ins[SIGN_IN_DONE], 1);
	return true;
}

/* --- One's own password
 * ---------------------------------------------------------------------------------- */

static bool change_password_apply(struct change *change, struct err *err)
{
	struct proof *proof = change->prepared;
	struct audit before;

	return generation_raise(change, err) &&
	       audit_read(change->conn, AUDITED_ACCOUNT, proof->row.id, &before, err) &&
	       put_password(change, proof, err) &&
	       audit_write(change, AUDITED_ACCOUNT, proof->row.id, "account.change_password",
			   &before, err) &&
	       sessions_end_all(change, proof->row.id, proof->session_id, err) &&
	       attempt_succeed(change->conn, &proof->attempt, proof->row.id, err);
}

struct own_login {
	const struct uuid *account;
	struct arena *arena;
	struct account_row row;
	bool found;
};

static bool read_own(struct conn *conn, void *context, struct err *err)
{
	struct own_login *own = context;

	return account_by_id(conn, own->account, own->arena, &own->row, &own->found, err);
}

/* Guesses at the old password are counted like those at sign-in. */
bool identity_password_change(struct identity *identity, const struct scope *scope,
			      const struct actor *actor, int64_t session, struct str old_password,
			      struct str new_password, struct err *err)
{
	cleanup_with(auto_release_proof) struct proof proof = { 0 };
	auto_arena arena = arena_new(1 << 20);
	struct own_login own = { .account = &scope->account_id, .arena = arena };

	if (!store_read(identity->store, read_own, &own, err))
		return false;
	if (!own.found)
		return fail(err, MSG_ACCOUNT_MISSING);
	if (!password_check(new_password, own.row.login, err) ||
	    !proof_start(identity, own.row.login, actor, &proof, err))
		return false;
	if (!password_holds(&proof, old_password))
		return refuse(identity, actor, &proof, MSG_PASSWORD_WRONG, err);
	if (!password_hash(new_password, &proof.new_phc, err))
		return false;
	proof.session_id = session;
	return identity_change(identity, actor, change_password_apply, &proof.writing, err);
}

/* --- Without a session ------------------------------------------------------------------------ */

static const char SQL_ROOT_ROLES[] =
	"SELECT g.role FROM grant_row g JOIN organisation o ON o.id = g.organisation "
	"WHERE g.account = :account AND g.ended IS NULL AND g.valid_from <= :now "
	"AND (g.valid_until IS NULL OR g.valid_until > :now) AND o.parent IS NULL";

struct root_right {
	const struct role_set *roles;
	int64_t account, now;
	struct str permission;
	bool given;
};

static bool read_root_right(struct conn *conn, void *context, struct err *err)
{
	struct root_right *right = context;
	auto_query struct query query = query_start(conn, SQL_ROOT_ROLES);

	right->given = false;
	query_int(&query, "account", right->account);
	query_int(&query, "now", right->now);
	while (query_row(&query)) {
		size_t at;

		if (role_find(right->roles, column_text(&query, 0), &at) &&
		    permission_given(role_permissions(right->roles, at), right->permission))
			right->given = true;
	}
	return query_end(&query, err);
}

bool identity_prove(struct identity *identity, struct str login, struct str password,
		    struct str code, struct str permission, struct uuid *account, struct err *err)
{
	cleanup_with(auto_release_proof) struct proof proof = { 0 };
	struct root_right right = {
		.roles = roles_current(&identity->roles),
		.now = clock_now(),
		.permission = permission,
	};

	/* Without back-off, since that must be written down: whoever calls this has the data directory and its keys. */
	proof.arena = arena_new(1 << 20);
	proof.login = login_fold(login, proof.folded, err) ? str_of(proof.folded) : STR("?");
	if (!store_read(identity->store, find_account, &proof, err))
		return false;

	bool factor = code_holds(identity, &proof, code);

	if (!password_holds(&proof, password) || !factor)
		return fail(err, MSG_SIGN_IN_REFUSED);
	right.account = proof.row.id;
	if (!store_read(identity->store, read_root_right, &right, err))
		return false;
	if (!right.given)
		return fail(err, MSG_PERMISSION_MISSING, permission);
	*account = proof.row.public_id;
	return true;
}
