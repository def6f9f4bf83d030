#include "identity/internal.h"

static const char *const clearances[] = {
	[CLEARANCE_PUBLIC] = "public",
	[CLEARANCE_INTERNAL] = "internal",
	[CLEARANCE_CONFIDENTIAL] = "confidential",
	[CLEARANCE_PERSONAL] = "personal",
	[CLEARANCE_SECRET] = "secret",
};
static const char clearances_text[] = "public, internal, confidential, personal, secret";

#define SQL_GRANT                                                                            \
	"SELECT g.id, g.public_id, a.public_id, g.role, o.public_id, o.path, g.clearance, "  \
	"g.valid_from, g.valid_until, "                                                      \
	"g.ended, g.version, g.created FROM grant_row g JOIN account a ON a.id = g.account " \
	"JOIN organisation o ON o.id = g.organisation "

static const char SQL_BY_PUBLIC_ID[] = SQL_GRANT "WHERE g.public_id = :id";
static const char SQL_ALL[] = SQL_GRANT "ORDER BY g.id";
static const char SQL_INSERT[] = "INSERT INTO grant_row (public_id, account, role, organisation, "
				 "clearance, valid_from, valid_until, created, "
				 "version, salt, entry) VALUES (:public_id, :account, :role, "
				 ":organisation, :clearance, :from, :until, :now, 1, "
				 ":salt, 0) RETURNING id";
static const char SQL_END[] = "UPDATE grant_row SET ended = :now WHERE id = :id";

struct grant_row {
	int64_t id;
	struct uuid public_id, account, organisation;
	struct str role, path;
	int64_t clearance, from, until, ended, version, created;
};

static void take_row(struct query *query, struct arena *arena, struct grant_row *row)
{
	*row = (struct grant_row){
		.id = column_int(query, 0),
		.public_id = uuid_of(column_blob(query, 1)),
		.account = uuid_of(column_blob(query, 2)),
		.role = arena_copy(arena, column_text(query, 3)),
		.organisation = uuid_of(column_blob(query, 4)),
		.path = arena_copy(arena, column_text(query, 5)),
		.clearance = column_int(query, 6),
		.from = column_int(query, 7),
		.until = column_is_null(query, 8) ? INT64_MAX : column_int(query, 8),
		.ended = column_int(query, 9),
		.version = column_int(query, 10),
		.created = column_int(query, 11),
	};
}

static bool row_by_id(struct conn *conn, const struct uuid *id, struct arena *arena,
		      struct grant_row *row, bool *found, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_BY_PUBLIC_ID);

	query_blob(&query, "id", uuid_str(id));
	if (!query_one(&query, found, err))
		return false;
	if (*found)
		take_row(&query, arena, row);
	return query_end(&query, err) && arena_check(arena, err);
}

static void put_row(struct json *json, const struct grant_row *row)
{
	bool known = row->clearance >= 0 && row->clearance <= CLEARANCE_SECRET;

	json_object(json);
	json_put_uuid(json, "id", uuid_str(&row->public_id));
	json_put_uuid(json, "account", uuid_str(&row->account));
	json_put_str(json, "role", row->role);
	json_put_uuid(json, "organisation", uuid_str(&row->organisation));
	json_put_text(json, "clearance", known ? clearances[row->clearance] : NULL);
	json_put_instant(json, "from", row->from);
	json_put_instant(json, "until", row->until == INT64_MAX ? 0 : row->until);
	json_put_instant(json, "ended", row->ended);
	json_put_int(json, "version", row->version);
	json_put_instant(json, "created", row->created);
	json_object_end(json);
}

struct grant_list {
	const struct scope *scope;
	struct json *json;
};

/* Everyone sees his own. */
static bool list_rows(struct conn *conn, void *context, struct err *err)
{
	const struct grant_list *list = context;
	auto_query struct query query = query_start(conn, SQL_ALL);
	auto_arena arena = arena_new(1 << 20);
	struct grant_row row;

	while (query_row(&query)) {
		arena_clear(arena);
		take_row(&query, arena, &row);
		if (uuid_equal(&row.account, &list->scope->account_id) ||
		    scope_allows_in(list->scope, PERMISSION_GRANT_READ, row.path) ||
		    scope_allows_in(list->scope, PERMISSION_GRANT_MANAGE, row.path))
			put_row(list->json, &row);
	}
	return query_end(&query, err) && arena_check(arena, err);
}

bool identity_grants(struct identity *identity, const struct scope *scope, struct json *json,
		     struct err *err)
{
	struct grant_list list = { scope, json };

	json_object(json);
	json_key(json, "items");
	json_array(json);
	if (!store_read(identity->store, list_rows, &list, err))
		return false;
	json_array_end(json);
	json_object_end(json);
	return true;
}

/* --- Create and end
 * ------------------------------------------------------------------------------------- */

bool grant_insert(struct change *change, const struct grant_new *new, int64_t *id, struct err *err)
{
	static const uint8_t no_salt[SALT_SIZE];
	auto_query struct query query = query_start(change->conn, SQL_INSERT);
	bool found;

	query_blob(&query, "public_id", uuid_str(&new->public_id));
	query_int(&query, "account", new->account);
	query_text(&query, "role", new->role);
	query_int(&query, "organisation", new->organisation);
	query_int(&query, "clearance", new->clearance);
	query_int(&query, "from", new->from);
	if (new->until == INT64_MAX)
		query_null(&query, "until");
	else
		query_int(&query, "until", new->until);
	query_int(&query, "now", change->now);
	query_blob(&query, "salt", (struct str){ (const char *)no_salt, sizeof(no_salt) });
	if (!query_one(&query, &found, err))
		return false;
	*id = column_int(&query, 0);
	return query_end(&query, err) &&
	       audit_write(change, AUDITED_GRANT, *id, "grant.create", NULL, err);
}

struct grant_writing {
	struct writing writing;
	struct grant_new new;
	struct uuid account, organisation, id;
	struct arena *arena;
	struct grant_row row; /* after it, in the arena */
};

static bool create_apply(struct change *change, struct err *err)
{
	struct grant_writing *creation = change->prepared;
	const struct scope *scope = creation->writing.scope;
	struct identity *identity = creation->writing.identity;
	struct grant_new new = creation->new;
	struct organisation organisation;
	struct account_row account;
	int64_t id;
	bool found;

	if (!generation_raise(change, err) ||
	    !identity_organisation(change->conn, scope, &creation->organisation, change->arena,
				   &organisation, &found, err))
		return false;
	if (!found)
		return fail(err, MSG_ORGANISATION_MISSING);
	if (!need_in(scope, PERMISSION_GRANT_MANAGE, organisation.path, err) ||
	    !need_all_of_role(identity, scope, new.role, organisation.path, new.clearance,
			      new.until, err) ||
	    !account_by_id(change->conn, &creation->account, change->arena, &account, &found, err))
		return false;
	if (!found)
		return fail(err, MSG_ACCOUNT_MISSING);
	if (new.from == 0)
		new.from = change->now;
	if (new.until <= new.from)
		return fail(err, MSG_GRANT_WINDOW);
	new.account = account.id;
	new.organisation = organisation.id;

	return grant_insert(change, &new, &id, err) &&
	       row_by_id(change->conn, &new.public_id, creation->arena, &creation->row, &found,
			 err);
}

static bool clearance_read(const struct node *fields, enum clearance *clearance, struct err *err)
{
	struct str text;

	if (!member_text(fields, "clearance", true, 20, &text, err))
		return false;
	for (size_t i = 0; i < nitems(clearances); i++) {
		if (str_is(text, clearances[i])) {
			*clearance = (enum clearance)i;
			return true;
		}
	}
	return fail(err, MSG_MEMBER_NOT_ONE_OF, "clearance", clearances_text);
}

static bool creation_read(struct identity *identity, const struct node *fields,
			  struct grant_writing *to, struct err *err)
{
	static const char *const names[] = { "account",   "role", "organisation",
					     "clearance", "from", "until" };
	bool account, organisation;
	size_t role;

	to->new.public_id = uuid_new();
	to->new.until = INT64_MAX;
	if (!members_known(fields, names, nitems(names), err) ||
	    !member_uuid(fields, "account", &to->account, &account, err) ||
	    !member_text(fields, "role", true, 100, &to->new.role, err) ||
	    !member_uuid(fields, "organisation", &to->organisation, &organisation, err) ||
	    !clearance_read(fields, &to->new.clearance, err) ||
	    !member_instant(fields, "from", &to->new.from, err) ||
	    !member_instant(fields, "until", &to->new.until, err))
		return false;
	if (!account || !organisation)
		return fail(err, MSG_MEMBER_REQUIRED, account ? "organisation" : "account");
	return role_find(roles_current(&identity->roles), to->new.role, &role) ||
	       fail(err, MSG_ROLE_UNKNOWN, to->new.role);
}

bool identity_grant_create(struct identity *identity, const struct scope *scope,
			   const struct actor *actor, const struct node *fields, struct json *json,
			   struct err *err)
{
	auto_arena arena = arena_new(1 << 20);
	struct grant_writing creation = { .writing.scope = scope, .arena = arena };

	if (!creation_read(identity, fields, &creation, err) ||
	    !identity_change(identity, actor, create_apply, &creation.writing, err))
		return false;
	put_row(json, &creation.row);
	return true;
}

/* Nobody takes from another what he could not give. */
static bool end_apply(struct change *change, struct err *err)
{
	struct grant_writing *ending = change->prepared;
	const struct scope *scope = ending->writing.scope;
	struct grant_row row;
	struct audit before;
	bool found;

	if (!generation_raise(change, err) ||
	    !row_by_id(change->conn, &ending->id, change->arena, &row, &found, err))
		return false;
	if (!found || !scope_allows_in(scope, PERMISSION_GRANT_MANAGE, row.path))
		return scope_allows(scope, PERMISSION_GRANT_MANAGE)
			       ? fail(err, MSG_GRANT_MISSING)
			       : fail(err, MSG_PERMISSION_MISSING, PERMISSION_GRANT_MANAGE);
	if (row.ended)
		return fail(err, MSG_GRANT_ENDED);
	if (!need_all_of_role(ending->writing.identity, scope, row.role, row.path, row.clearance,
			      row.until, err) ||
	    !audit_read(change->conn, AUDITED_GRANT, row.id, &before, err))
		return false;

	auto_query struct query query = query_start(change->conn, SQL_END);

	query_int(&query, "now", change->now);
	query_int(&query, "id", row.id);
	return query_run(&query, NULL, err) && need_administrator(change, err) &&
	       audit_write(change, AUDITED_GRANT, row.id, "grant.end", &before, err);
}

bool identity_grant_end(struct identity *identity, const struct scope *scope,
			const struct actor *actor, const struct uuid *grant, struct err *err)
{
	struct grant_writing ending = { .writing.scope = scope, .id = *grant };

	return identity_change(identity, actor, end_apply, &ending.writing, err);
}

/* --- Roles
 * ------------------------------------------------------------------------------------------------
 */

void identity_set_roles(struct identity *identity, const struct role *roles, size_t count)
{
	roles_replace(&identity->roles, roles, count);
}

void identity_roles(struct identity *identity, struct json *json)
{
	const struct role_set *set = roles_current(&identity->roles);

	json_object(json);
	json_key(json, "items");
	json_array(json);
	for (size_t i = 0; i < role_set_count(set); i++) {
		const struct permission_list *list = role_permissions(set, i);

		json_object(json);
		json_put_text(json, "name", role_name(set, i));
		json_key(json, "permissions");
		json_array(json);
		for (size_t p = 0; p < list->count; p++)
			json_text(json, list->texts[p]);
		json_array_end(json);
		json_object_end(json);
	}
	json_array_end(json);
	json_object_end(json);
}
