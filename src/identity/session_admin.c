#include "identity/internal.h"

#define SQL_SESSION                                                                             \
	"SELECT s.id, s.public_id, a.public_id, s.created, s.last_used, s.expires, s.address, " \
	"s.user_agent, o.path "                                                                 \
	"FROM session s JOIN account a ON a.id = s.account JOIN organisation o ON o.id = "      \
	"a.organisation "

static const char SQL_LIST[] = SQL_SESSION
	"WHERE a.public_id = :account AND s.expires > :now AND s.last_used > :idle ORDER BY s.id";
static const char SQL_BY_PUBLIC_ID[] = SQL_SESSION "WHERE s.public_id = :id";

static void put_session(struct query *query, struct json *json)
{
	json_object(json);
	json_put_uuid(json, "id", column_blob(query, 1));
	json_put_uuid(json, "account", column_blob(query, 2));
	json_put_instant(json, "created", column_int(query, 3));
	json_put_instant(json, "last_used", column_int(query, 4));
	json_put_instant(json, "expires", column_int(query, 5));
	json_put_str(json, "address", column_text(query, 6));
	json_put_str(json, "user_agent", column_text(query, 7));
	json_object_end(json);
}

struct session_list {
	struct identity *identity;
	const struct scope *scope;
	const struct uuid *account; /* NULL: the caller's own */
	struct json *json;
};

static bool may_see(struct conn *conn, const struct session_list *list, struct err *err)
{
	auto_arena arena = arena_new(1 << 20);
	struct account_row row;
	bool found;

	if (!account_by_id(conn, list->account, arena, &row, &found, err))
		return false;
	if (!found || !scope_allows_in(list->scope, PERMISSION_ACCOUNT_MANAGE, row.path))
		return fail(err, MSG_ACCOUNT_MISSING);
	return true;
}

static bool list_sessions(struct conn *conn, void *context, struct err *err)
{
	const struct session_list *list = context;
	const struct uuid *account = list->account ? list->account : &list->scope->account_id;
	int64_t now = clock_now();

	if (!uuid_equal(account, &list->scope->account_id) && !may_see(conn, list, err))
		return false;

	auto_query struct query query = query_start(conn, SQL_LIST);

	query_blob(&query, "account", uuid_str(account));
	query_int(&query, "now", now);
	query_int(&query, "idle", now - list->identity->idle_limit);
	while (query_row(&query))
		put_session(&query, list->json);
	return query_end(&query, err);
}

bool identity_sessions(struct identity *identity, const struct scope *scope,
		       const struct uuid *account, struct json *json, struct err *err)
{
	struct session_list list = { identity, scope, account, json };

	json_object(json);
	json_key(json, "items");
	json_array(json);
	if (!store_read(identity->store, list_sessions, &list, err))
		return false;
	json_array_end(json);
	json_object_end(json);
	return true;
}

struct session_ending {
	struct writing writing;
	struct uuid id;
	int64_t internal;
};

static bool end_own_apply(struct change *change, struct err *err)
{
	const struct session_ending *ending = change->prepared;

	return generation_raise(change, err) && session_end(change, ending->internal, err);
}

bool identity_sign_out(struct identity *identity, const struct actor *actor, int64_t session,
		       struct err *err)
{
	struct session_ending ending = { .internal = session };

	return identity_change(identity, actor, end_own_apply, &ending.writing, err);
}

/* One's own, or one of an account under one's management. */
static bool end_apply(struct change *change, struct err *err)
{
	const struct session_ending *ending = change->prepared;
	const struct scope *scope = ending->writing.scope;

	if (!generation_raise(change, err))
		return false;

	auto_query struct query query = query_start(change->conn, SQL_BY_PUBLIC_ID);
	bool found;

	query_blob(&query, "id", uuid_str(&ending->id));
	if (!query_one(&query, &found, err))
		return false;

	struct uuid account = uuid_of(column_blob(&query, 2));
	int64_t id = column_int(&query, 0);
	bool reached = found &&
		       (uuid_equal(&account, &scope->account_id) ||
			scope_allows_in(scope, PERMISSION_ACCOUNT_MANAGE, column_text(&query, 8)));

	if (!query_end(&query, err))
		return false;
	return reached ? session_end(change, id, err) : fail(err, MSG_SESSION_MISSING);
}

bool identity_session_end(struct identity *identity, const struct scope *scope,
			  const struct actor *actor, const struct uuid *session, struct err *err)
{
	struct session_ending ending = { .writing.scope = scope, .id = *session };

	return identity_change(identity, actor, end_apply, &ending.writing, err);
}
