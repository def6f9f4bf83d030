#include "identity/internal.h"

#include "base/encode.h"
#include "base/random.h"
#include "crypto/password.h"
#include "crypto/totp.h"

static const char SQL_CAN_SIGN_IN[] = "SELECT 1 FROM account WHERE state = 'active' LIMIT 1";
static const char SQL_ROOT[] = "SELECT id FROM organisation WHERE parent IS NULL";
static const char SQL_FIRST[] = "SELECT id FROM account WHERE login IS NULL AND state = 'invited'";
static const char SQL_NEW_TOKEN[] = "UPDATE account SET token = :token, token_expires = :expires, "
				    "token_seed = NULL WHERE id = :id";
static const char SQL_SEED[] = "UPDATE account SET token_seed = :seed WHERE id = :id AND token = "
			       ":token AND token_expires > :now "
			       "AND state = 'invited'";
static const char SQL_REDEEM[] = "UPDATE account SET login = :login, state = 'active', password = "
				 ":password, totp = token_seed, "
				 "totp_last = :step, recovery = :recovery, token = NULL, "
				 "token_expires = NULL, token_seed = NULL "
				 "WHERE id = :id AND token = :token AND token_seed = :seed AND "
				 "token_expires > :now AND state = 'invited'";
static const char SQL_NAME[] = "UPDATE person SET name = :name WHERE id = :id";

static bool exists(struct conn *conn, const char *sql, int64_t *id, bool *found, struct err *err)
{
	auto_query struct query query = query_start(conn, sql);

	if (!query_one(&query, found, err))
		return false;
	*id = *found ? column_int(&query, 0) : 0;
	return query_end(&query, err);
}

static bool read_empty(struct conn *conn, void *context, struct err *err)
{
	bool *empty = context, found;
	int64_t id;

	if (!exists(conn, SQL_CAN_SIGN_IN, &id, &found, err))
		return false;
	*empty = !found;
	return true;
}

bool identity_is_empty(struct identity *identity, bool *empty, struct err *err)
{
	return store_read(identity->store, read_empty, empty, err);
}

/* --- The first administrator's token
 * ---------------------------------------------------------------- */

struct first {
	struct writing writing;
	struct str organisation_name;
	struct digest token;
};

static bool first_account(struct change *change, const struct first *first, struct err *err)
{
	struct account_new new = { .language = STR("zh"),
				   .public_id = uuid_new(),
				   .token = first->token };
	int64_t account, grant;
	bool found;

	if (!exists(change->conn, SQL_ROOT, &new.organisation, &found, err))
		return false;
	if (!found) {
		struct organisation_new root = { .public_id = uuid_new(),
						 .kind = STR("company"),
						 .code = STR(""),
						 .name = first->organisation_name };

		if (!organisation_insert(change, &root, &new.organisation, err))
			return false;
	}
	if (!account_insert(change, &new, &account, err))
		return false;

	struct grant_new all = { .public_id = uuid_new(),
				 .account = account,
				 .role = STR(ROLE_ADMINISTRATOR),
				 .organisation = new.organisation,
				 .clearance = CLEARANCE_SECRET,
				 .from = change->now,
				 .until = INT64_MAX };

	return grant_insert(change, &all, &grant, err);
}

static bool first_apply(struct change *change, struct err *err)
{
	const struct first *first = change->prepared;
	struct audit before;
	int64_t id;
	bool found;

	if (!generation_raise(change, err) ||
	    !exists(change->conn, SQL_CAN_SIGN_IN, &id, &found, err))
		return false;
	if (found)
		return fail(err, MSG_ADMINISTRATOR_EXISTS);
	if (!exists(change->conn, SQL_FIRST, &id, &found, err))
		return false;
	if (!found)
		return first_account(change, first, err);
	if (!audit_read(change->conn, AUDITED_ACCOUNT, id, &before, err))
		return false;

	auto_query struct query query = query_start(change->conn, SQL_NEW_TOKEN);

	query_blob(&query, "token", digest_str(&first->token));
	query_int(&query, "expires", change->now + TOKEN_LIFE);
	query_int(&query, "id", id);
	return query_run(&query, NULL, err) &&
	       audit_write(change, AUDITED_ACCOUNT, id, "account.reset", &before, err);
}

bool identity_invite_first(struct identity *identity, struct str organisation_name,
			   struct writer *token, struct err *err)
{
	static const struct actor nobody = { 0 };
	struct first first = { .organisation_name = str_trim(organisation_name) };
	auto_writer text = { 0 };

	if (first.organisation_name.len == 0 || !str_is_utf8(first.organisation_name))
		return fail(err, MSG_MEMBER_REQUIRED, "organisation");
	token_new(&text);
	first.token = token_hash(identity, writer_str(&text));
	if (!identity_change(identity, &nobody, first_apply, &first.writing, err))
		return false;
	writer_put(token, writer_str(&text));
	memory_wipe(text.at, text.len);
	return true;
}

/* --- Redeeming, for the first administrator and every other account
 * ------------------------------------- */

struct redemption {
	struct writing writing;
	struct digest token;
	struct account_row row; /* before it */
	struct arena *arena;
	struct str seed; /* sealed */
	struct str login, name, password, recovery;
	int64_t step;
};

static bool read_invited(struct conn *conn, void *context, struct err *err)
{
	struct redemption *redemption = context;
	struct account_row *row = &redemption->row;
	bool found;

	if (!account_by_token(conn, &redemption->token, redemption->arena, row, &found, err))
		return false;
	if (!found || !str_is(row->state, STATE_INVITED) || row->token_expires <= clock_now())
		return fail(err, MSG_TOKEN_REFUSED);
	return true;
}

static bool find_invited(struct identity *identity, struct str token, struct redemption *redemption,
			 struct err *err)
{
	redemption->token = token_hash(identity, token);
	return store_read(identity->store, read_invited, redemption, err);
}

static bool begin_apply(struct change *change, struct err *err)
{
	struct redemption *redemption = change->prepared;
	struct audit before;
	int64_t changed;

	if (!generation_raise(change, err) ||
	    !audit_read(change->conn, AUDITED_ACCOUNT, redemption->row.id, &before, err))
		return false;

	auto_query struct query query = query_start(change->conn, SQL_SEED);

	query_blob(&query, "seed", redemption->seed);
	query_int(&query, "id", redemption->row.id);
	query_blob(&query, "token", digest_str(&redemption->token));
	query_int(&query, "now", change->now);
	if (!query_run(&query, &changed, err))
		return false;
	if (changed == 0)
		return fail(err, MSG_TOKEN_REFUSED);
	return audit_write(change, AUDITED_ACCOUNT, redemption->row.id, "account.redeem_begin",
			   &before, err);
}

/* The token's bearer acts as the account that it is for. */
static struct actor owner(const struct actor *actor, const struct account_row *row)
{
	struct actor own = *actor;

	own.account = row->public_id;
	return own;
}

bool identity_redeem_begin(struct identity *identity, const struct actor *actor, struct str token,
			   struct writer *seed_base32, struct writer *address, struct err *err)
{
	auto_arena arena = arena_new(1 << 20);
	struct redemption redemption = { .arena = arena };
	uint8_t seed[TOTP_SEED_SIZE];
	auto_writer sealed = { 0 };

	if (!find_invited(identity, token, &redemption, err))
		return false;
	random_bytes(seed, sizeof(seed));
	if (!seed_seal(identity, &redemption.row.public_id, seed, &sealed, err))
		return false;
	redemption.seed = writer_str(&sealed);

	struct actor own = owner(actor, &redemption.row);
	struct str login = redemption.row.login;

	if (!identity_change(identity, &own, begin_apply, &redemption.writing, err))
		return false;
	base32_write(seed_base32, (struct str){ (const char *)seed, sizeof(seed) });
	totp_address(seed, str_of(identity->issuer), login.at ? login : STR(ROLE_ADMINISTRATOR),
		     address);
	memory_wipe(seed, sizeof(seed));
	return true;
}

static bool store_redemption(struct change *change, const struct redemption *redemption,
			     struct err *err)
{
	auto_query struct query query = query_start(change->conn, SQL_REDEEM);
	int64_t changed;

	query_text(&query, "login", redemption->login);
	query_text(&query, "password", redemption->password);
	query_int(&query, "step", redemption->step);
	query_blob(&query, "recovery", redemption->recovery);
	query_int(&query, "id", redemption->row.id);
	query_blob(&query, "token", digest_str(&redemption->token));
	query_blob(&query, "seed", redemption->row.token_seed);
	query_int(&query, "now", change->now);
	if (!query_run(&query, &changed, err))
		return false;
	return changed > 0 || fail(err, MSG_TOKEN_REFUSED);
}

static bool finish_apply(struct change *change, struct err *err)
{
	struct redemption *redemption = change->prepared;
	const struct account_row *row = &redemption->row;
	bool first = !row->login.at;
	struct audit before;

	if (!generation_raise(change, err) ||
	    !audit_read(change->conn, AUDITED_ACCOUNT, row->id, &before, err))
		return false;
	if (first && !login_is_free(change->conn, redemption->login, err))
		return false;
	if (!store_redemption(change, redemption, err))
		return false;
	if (first) {
		auto_query struct query query = query_start(change->conn, SQL_NAME);

		query_text(&query, "name", redemption->name);
		query_int(&query, "id", row->person);
		if (!query_run(&query, NULL, err))
			return false;
	}
	return audit_write(change, AUDITED_ACCOUNT, row->id, "account.redeem", &before, err);
}

/* The first administrator chooses a login and gives a name; for the others both stand already. */
static bool check_names(struct redemption *redemption, struct str login, struct str name,
			char folded[LOGIN_MAX + 1], struct err *err)
{
	struct str own = redemption->row.login;

	if (!login_fold(login, folded, err))
		return false;
	redemption->login = str_of(folded);
	if (own.at && !str_equal(own, redemption->login))
		return fail(err, MSG_LOGIN_FIXED, own);
	redemption->name = str_trim(name);
	if (!own.at && (redemption->name.len == 0 || redemption->name.len > 400 ||
			!str_is_utf8(redemption->name)))
		return fail(err, MSG_MEMBER_REQUIRED, "name");
	return true;
}

static bool check_code(struct identity *identity, struct redemption *redemption, struct str code,
		       struct err *err)
{
	uint8_t seed[TOTP_SEED_SIZE];

	if (!redemption->row.token_seed.at)
		return fail(err, MSG_REDEEM_NOT_BEGUN);
	if (!seed_unseal(identity, &redemption->row.public_id, redemption->row.token_seed, seed,
			 err))
		return false;
	redemption->step = totp_match(seed, str_trim(code), clock_now(), -1);
	memory_wipe(seed, sizeof(seed));
	return redemption->step >= 0 || fail(err, MSG_CODE_REFUSED);
}

bool identity_redeem_finish(struct identity *identity, const struct actor *actor, struct str token,
			    struct str login, struct str name, struct str password, struct str code,
			    struct json *recovery_codes, struct err *err)
{
	auto_arena arena = arena_new(1 << 20);
	struct redemption redemption = { .arena = arena };
	char folded[LOGIN_MAX + 1];
	auto_writer phc = { 0 }, codes = { 0 }, hashes = { 0 };
	struct json list = json_into(&codes);

	if (!find_invited(identity, token, &redemption, err) ||
	    !check_names(&redemption, login, name, folded, err) ||
	    !password_check(password, redemption.login, err) ||
	    !check_code(identity, &redemption, code, err) || !password_hash(password, &phc, err))
		return false;
	recovery_new(identity, &redemption.row.public_id, &list, &hashes);
	redemption.password = writer_str(&phc);
	redemption.recovery = writer_str(&hashes);

	struct actor own = owner(actor, &redemption.row);
	bool done = identity_change(identity, &own, finish_apply, &redemption.writing, err);

	if (done)
		json_raw(recovery_codes, writer_str(&codes));
	memory_wipe(codes.at, codes.len);
	if (!done && err_is_duplicate(err))
		return fail(err, MSG_LOGIN_TAKEN, redemption.login);
	return done;
}
