#include "identity/internal.h"

#include "base/encode.h"
#include "base/log.h"
#include "base/vec.h"

static const char SQL_BY_TOKEN[] = "SELECT s.id, s.public_id, s.account, s.created, s.expires, "
				   "s.last_used, a.public_id, a.person "
				   "FROM session s JOIN account a ON a.id = s.account WHERE "
				   "s.token = :token AND a.state = 'active'";
static const char SQL_GRANTS[] =
	"SELECT g.role, g.clearance, g.valid_from, g.valid_until, o.id, o.path FROM grant_row g "
	"JOIN organisation o ON o.id = g.organisation WHERE g.account = :account AND g.ended IS "
	"NULL ORDER BY g.id";
static const char SQL_TOUCH[] =
	"UPDATE session SET last_used = :now WHERE id = :id AND last_used < :now";
static const char SQL_INSERT[] = "INSERT INTO session (public_id, token, account, created, "
				 "expires, last_used, address, user_agent, version, salt, "
				 "entry) VALUES (:public_id, :token, :account, :now, :expires, "
				 ":now, :address, :user_agent, 1, :salt, 0) "
				 "RETURNING id";
static const char SQL_OF_ACCOUNT[] = "SELECT id FROM session WHERE account = :account ORDER BY id";
static const char SQL_DELETE[] = "DELETE FROM session WHERE id = :id";
static const char SQL_PRUNE[] = "DELETE FROM session WHERE expires <= :now OR last_used <= :idle";

struct str session_csrf(struct str token, char *text, size_t size)
{
	struct digest digest = hmac_sha256(token, STR("xiedun csrf"));
	auto_writer encoded = { 0 };

	base64url_write(&encoded, digest_str(&digest));
	(void)snprintf(text, size, "%s", encoded.at);
	return str_of(text);
}

/* --- From the token to session and scope ---------------------------------------------------------
 */

struct load {
	struct identity *identity;
	struct digest token;
	int64_t now;
	struct cached_session *session; /* NULL: there is none */
};

static bool take_session(struct conn *conn, struct load *load, bool *found, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_BY_TOKEN);
	struct cached_session *session = load->session;

	query_blob(&query, "token", digest_str(&load->token));
	if (!query_one(&query, found, err))
		return false;
	if (*found) {
		session->token = load->token;
		session->session.id = column_int(&query, 0);
		session->session.public_id = uuid_of(column_blob(&query, 1));
		session->session.account = session->scope.account = column_int(&query, 2);
		session->created = column_int(&query, 3);
		session->expires = column_int(&query, 4);
		session->last_used = session->written = column_int(&query, 5);
		session->scope.account_id = uuid_of(column_blob(&query, 6));
		session->scope.person = column_int(&query, 7);
	}
	return query_end(&query, err);
}

/* Grants that hold now; the nearest instant at which one begins or ends bounds the life of the
 * scope. */
static bool take_grants(struct conn *conn, struct load *load, struct err *err)
{
	struct cached_session *session = load->session;
	auto_query struct query query = query_start(conn, SQL_GRANTS);
	struct grants VEC(struct scope_grant);
	struct grants grants = { 0 };

	session->scope_until = INT64_MAX;
	query_int(&query, "account", session->session.account);
	while (query_row(&query)) {
		int64_t from = column_int(&query, 2);
		int64_t until = column_is_null(&query, 3) ? INT64_MAX : column_int(&query, 3);
		int64_t edge = load->now < from ? from : until;
		size_t role;

		if (load->now >= until || !role_find(session->roles, column_text(&query, 0), &role))
			continue;
		if (edge < session->scope_until)
			session->scope_until = edge;
		if (load->now < from)
			continue;

		struct str path = column_text(&query, 5);

		vec_push(&grants, (struct scope_grant){
					  .organisation = column_int(&query, 4),
					  .path = { memory_copy(path), path.len },
					  .role = role_name(session->roles, role),
					  .clearance = (enum clearance)column_int(&query, 1),
					  .until = until,
					  .permissions = role_permissions(session->roles, role) });
	}
	session->scope.grants = grants.at;
	session->scope.count = grants.count;
	return query_end(&query, err);
}

static bool load_session(struct conn *conn, void *context, struct err *err)
{
	struct load *load = context;
	bool found;

	cached_session_free(load->session);
	load->session = memory_zero(1, sizeof(*load->session));
	load->session->roles = roles_current(&load->identity->roles);
	if (!generation_read(conn, &load->session->generation, err) ||
	    !take_session(conn, load, &found, err))
		return false;
	if (found)
		return take_grants(conn, load, err);
	cached_session_free(steal(load->session));
	return true;
}

static bool read_generation(struct conn *conn, void *context, struct err *err)
{
	return generation_read(conn, context, err);
}

/* The other servers' changes: seen within a second, or no answer is given. */
static bool generation_poll(struct identity *identity, struct err *err)
{
	int64_t generation;

	if (!session_cache_poll_due(identity->cache))
		return true;
	if (!store_read(identity->store, read_generation, &generation, err)) {
		session_cache_poll_again(identity->cache);
		return false;
	}
	session_cache_saw(identity->cache, generation);
	return true;
}

struct touch {
	int64_t session, now;
};

static bool touch_apply(struct conn *conn, void *context, struct err *err)
{
	const struct touch *touch = context;
	auto_query struct query query = query_start(conn, SQL_TOUCH);

	query_int(&query, "now", touch->now);
	query_int(&query, "id", touch->session);
	return query_run(&query, NULL, err);
}

/* A mark: where it cannot be written (the store may be read-only) the session goes on. */
static void touch_session(struct identity *identity, int64_t session, int64_t now)
{
	struct touch touch = { session, now };
	struct err err;

	if (!store_write(identity->store, touch_apply, &touch, &err))
		log_debug("identity", "last use not written: %s", message_code(err.message));
}

static bool session_from_store(struct identity *identity, const struct digest *token,
			       struct arena *arena, struct cache_use *use, struct session *session,
			       const struct scope **scope, struct err *err)
{
	struct load load = { .identity = identity, .token = *token, .now = use->now };

	if (!store_read(identity->store, load_session, &load, err)) {
		cached_session_free(load.session);
		return false;
	}

	struct cached_session *found = load.session;

	if (!found || use->now >= found->expires ||
	    use->now >= found->last_used + identity->idle_limit) {
		cached_session_free(found);
		return fail(err, MSG_SESSION_ENDED);
	}
	session_cache_saw(identity->cache, found->generation);
	use->touch = cached_session_use(found, use->now);

	bool copied = cached_session_copy(found, identity->idle_limit, arena, session, scope);

	session_cache_put(identity->cache, found);
	return copied || arena_check(arena, err);
}

bool identity_session(struct identity *identity, struct str token, struct arena *arena,
		      struct session *session, const struct scope **scope, struct err *err)
{
	struct cache_use use = { .now = clock_now(), .idle_limit = identity->idle_limit };
	char *csrf = arena_take(arena, TOKEN_TEXT_SIZE + 1);
	struct session found = { 0 };

	if (token.len != TOKEN_TEXT_SIZE)
		return fail(err, MSG_SESSION_ENDED);
	if (!csrf)
		return arena_check(arena, err);
	if (!generation_poll(identity, err))
		return false;

	struct digest hash = token_hash(identity, token);

	use.roles = roles_current(&identity->roles);
	if (session_cache_get(identity->cache, &hash, &use, arena, &found, scope) == CACHE_MISS &&
	    !session_from_store(identity, &hash, arena, &use, &found, scope, err))
		return false;
	found.csrf = session_csrf(token, csrf, TOKEN_TEXT_SIZE + 1);
	*session = found;
	if (use.touch)
		touch_session(identity, found.id, use.now);
	return true;
}

/* --- Making and ending
 * ------------------------------------------------------------------------------ */

bool session_insert(struct change *change, const struct session_new *new, int64_t *id,
		    struct err *err)
{
	static const uint8_t no_salt[SALT_SIZE];
	auto_query struct query query = query_start(change->conn, SQL_INSERT);
	struct str address = str_sub(change->actor->address, 0, 100);
	struct str user_agent = str_sub(change->actor->user_agent, 0, 300);
	bool found;

	query_blob(&query, "public_id", uuid_str(&new->public_id));
	query_blob(&query, "token", digest_str(&new->token));
	query_int(&query, "account", new->account);
	query_int(&query, "now", change->now);
	query_int(&query, "expires", new->expires);
	query_text(&query, "address", str_is_utf8(address) && address.at ? address : STR(""));
	query_text(&query, "user_agent",
		   str_is_utf8(user_agent) && user_agent.at ? user_agent : STR(""));
	query_blob(&query, "salt", (struct str){ (const char *)no_salt, sizeof(no_salt) });
	if (!query_one(&query, &found, err))
		return false;
	*id = column_int(&query, 0);
	return query_end(&query, err) &&
	       audit_write(change, AUDITED_SESSION, *id, "session.open", NULL, err);
}

bool session_end(struct change *change, int64_t id, struct err *err)
{
	auto_query struct query query = query_start(change->conn, SQL_DELETE);
	struct audit audit;

	if (!audit_read(change->conn, AUDITED_SESSION, id, &audit, err))
		return false;
	query_int(&query, "id", id);
	return query_run(&query, NULL, err) &&
	       audit_remove(change, AUDITED_SESSION, "session.end", &audit, err);
}

bool sessions_end_all(struct change *change, int64_t account, int64_t but, struct err *err)
{
	struct ids VEC(int64_t);
	struct ids ids = { 0 };
	auto_query struct query query = query_start(change->conn, SQL_OF_ACCOUNT);
	bool done;

	query_int(&query, "account", account);
	while (query_row(&query)) {
		if (column_int(&query, 0) != but)
			vec_push(&ids, column_int(&query, 0));
	}
	done = query_end(&query, err);
	/* One that is gone has been pruned just now. */
	for (size_t i = 0; done && i < ids.count; i++)
		done = session_end(change, ids.at[i], err) || err->message == MSG_SESSION_MISSING;
	vec_release(&ids);
	return done;
}

bool sessions_prune(struct conn *conn, int64_t now, int64_t idle_limit, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_PRUNE);

	query_int(&query, "now", now);
	query_int(&query, "idle", now - idle_limit);
	return query_run(&query, NULL, err);
}
