#include "identity/internal.h"

static const char SQL_STATE[] = "UPDATE account SET state = :state WHERE id = :id";
static const char SQL_RESET[] = "UPDATE account SET state = 'invited', password = NULL, totp = "
				"NULL, recovery = NULL, token = :token, "
				"token_expires = :expires, token_seed = NULL WHERE id = :id";

void account_put_token(struct json *json, struct str token, int64_t expires)
{
	json_put_str(json, "token", token);
	json_put_instant(json, "token_expires", expires);
}

struct account_move {
	struct writing writing;
	const struct uuid *account;
	struct digest token;
	int64_t token_expires;
};

/* Found, in reach, under the caller's management, and with no right that the caller has not. */
static bool take_charge(struct change *change, const struct account_move *move,
			struct account_row *row, struct audit *before, struct err *err)
{
	const struct scope *scope = move->writing.scope;
	bool found;

	if (!generation_raise(change, err) ||
	    !account_by_id(change->conn, move->account, change->arena, row, &found, err))
		return false;
	if (!found || !scope_allows_in(scope, PERMISSION_ACCOUNT_MANAGE, row->path))
		return scope_allows(scope, PERMISSION_ACCOUNT_MANAGE)
			       ? fail(err, MSG_ACCOUNT_MISSING)
			       : fail(err, MSG_PERMISSION_MISSING, PERMISSION_ACCOUNT_MANAGE);
	return need_all_of_account(change, move->writing.identity, scope, row->id, err) &&
	       audit_read(change->conn, AUDITED_ACCOUNT, row->id, before, err);
}

static bool set_state(struct change *change, int64_t id, const char *state, struct err *err)
{
	auto_query struct query query = query_start(change->conn, SQL_STATE);

	query_text(&query, "state", str_of(state));
	query_int(&query, "id", id);
	return query_run(&query, NULL, err);
}

static bool disable_apply(struct change *change, struct err *err)
{
	struct account_row row;
	struct audit before;

	if (!take_charge(change, change->prepared, &row, &before, err))
		return false;
	if (str_is(row.state, STATE_DISABLED))
		return fail(err, MSG_ACCOUNT_DISABLED_ALREADY);

	return set_state(change, row.id, STATE_DISABLED, err) && need_administrator(change, err) &&
	       audit_write(change, AUDITED_ACCOUNT, row.id, "account.disable", &before, err) &&
	       sessions_end_all(change, row.id, 0, err);
}

/* One whose token was never redeemed, or that was reset, waits for its owner again. */
static bool enable_apply(struct change *change, struct err *err)
{
	struct account_row row;
	struct audit before;

	if (!take_charge(change, change->prepared, &row, &before, err))
		return false;
	if (!str_is(row.state, STATE_DISABLED))
		return fail(err, MSG_ACCOUNT_NOT_DISABLED);

	return set_state(change, row.id, row.password.at ? STATE_ACTIVE : STATE_INVITED, err) &&
	       audit_write(change, AUDITED_ACCOUNT, row.id, "account.enable", &before, err);
}

static bool reset_apply(struct change *change, struct err *err)
{
	struct account_move *move = change->prepared;
	struct account_row row;
	struct audit before;

	if (!take_charge(change, move, &row, &before, err))
		return false;
	if (str_is(row.state, STATE_DISABLED))
		return fail(err, MSG_ACCOUNT_DISABLED_ALREADY);

	auto_query struct query query = query_start(change->conn, SQL_RESET);

	move->token_expires = change->now + TOKEN_LIFE;
	query_blob(&query, "token", digest_str(&move->token));
	query_int(&query, "expires", move->token_expires);
	query_int(&query, "id", row.id);
	if (!query_run(&query, NULL, err))
		return false;
	/* The program itself, at the server, may help the last administrator. */
	if (!move->writing.scope->program && !need_administrator(change, err))
		return false;

	return audit_write(change, AUDITED_ACCOUNT, row.id, "account.reset", &before, err) &&
	       sessions_end_all(change, row.id, 0, err);
}

bool identity_account_disable(struct identity *identity, const struct scope *scope,
			      const struct actor *actor, const struct uuid *account,
			      struct err *err)
{
	struct account_move move = { .writing.scope = scope, .account = account };

	return identity_change(identity, actor, disable_apply, &move.writing, err);
}

bool identity_account_enable(struct identity *identity, const struct scope *scope,
			     const struct actor *actor, const struct uuid *account, struct err *err)
{
	struct account_move move = { .writing.scope = scope, .account = account };

	return identity_change(identity, actor, enable_apply, &move.writing, err);
}

bool identity_account_reset(struct identity *identity, const struct scope *scope,
			    const struct actor *actor, const struct uuid *account,
			    struct json *json, struct err *err)
{
	struct account_move move = { .writing.scope = scope, .account = account };
	auto_writer token = { 0 };

	token_new(&token);
	move.token = token_hash(identity, writer_str(&token));
	if (!identity_change(identity, actor, reset_apply, &move.writing, err))
		return false;
	json_object(json);
	json_put_uuid(json, "id", uuid_str(account));
	account_put_token(json, writer_str(&token), move.token_expires);
	json_object_end(json);
	memory_wipe(token.at, token.len);
	return true;
}
