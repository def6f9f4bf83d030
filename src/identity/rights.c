#include "identity/internal.h"

static const char SQL_LIVE_GRANTS[] = "SELECT g.role, o.path, g.clearance, g.valid_until FROM "
				      "grant_row g JOIN organisation o ON o.id = g.organisation "
				      "WHERE g.account = :account AND g.ended IS NULL AND "
				      "(g.valid_until IS NULL OR g.valid_until > :now)";
static const char SQL_ADMINISTRATOR[] = "SELECT 1 FROM grant_row g JOIN account a ON a.id = "
					"g.account JOIN organisation o ON o.id = g.organisation "
					"WHERE g.role = 'administrator' AND g.ended IS NULL AND "
					"g.valid_until IS NULL AND g.valid_from <= :now "
					"AND o.parent IS NULL AND a.state = 'active' LIMIT 1";

bool need_anywhere(const struct scope *scope, struct str permission, struct err *err)
{
	return scope_allows(scope, permission) || fail(err, MSG_PERMISSION_MISSING, permission);
}

bool need_in(const struct scope *scope, struct str permission, struct str path, struct err *err)
{
	return scope_allows_in(scope, permission, path) ||
	       fail(err, MSG_PERMISSION_MISSING, permission);
}

/* Each part may come from another grant, but each must reach as far and last as long. */
static bool has_until(const struct scope *scope, struct str path, int64_t until,
		      struct str permission, int64_t clearance)
{
	for (size_t i = 0; i < scope->count; i++) {
		const struct scope_grant *grant = &scope->grants[i];

		if (grant->until < until || (int64_t)grant->clearance < clearance ||
		    !str_equal(str_sub(path, 0, grant->path.len), grant->path))
			continue;
		if (!permission.at || permission_given(grant->permissions, permission))
			return true;
	}
	return false;
}

bool need_all_of_role(struct identity *identity, const struct scope *scope, struct str role,
		      struct str path, int64_t clearance, int64_t until, struct err *err)
{
	const struct role_set *roles = roles_current(&identity->roles);
	size_t at;

	if (scope->program)
		return true;
	/* What a role gives that no pack declares now will be known again one day. */
	if (!role_find(roles, role, &at))
		return has_until(scope, path, until, STR("*"), clearance) ||
		       fail(err, MSG_GRANT_EXCEEDS, role);

	const struct permission_list *list = role_permissions(roles, at);

	for (size_t i = 0; i < list->count; i++) {
		if (!has_until(scope, path, until, str_of(list->texts[i]), CLEARANCE_PUBLIC))
			return fail(err, MSG_GRANT_EXCEEDS, role);
	}
	if (!has_until(scope, path, until, STR_NONE, clearance))
		return fail(err, MSG_GRANT_EXCEEDS, role);
	return true;
}

bool need_all_of_account(struct change *change, struct identity *identity,
			 const struct scope *scope, int64_t account, struct err *err)
{
	auto_query struct query query = query_start(change->conn, SQL_LIVE_GRANTS);

	query_int(&query, "account", account);
	query_int(&query, "now", change->now);
	while (query_row(&query)) {
		int64_t until = column_is_null(&query, 3) ? INT64_MAX : column_int(&query, 3);

		if (!need_all_of_role(identity, scope, column_text(&query, 0),
				      column_text(&query, 1), column_int(&query, 2), until, err))
			return false;
	}
	return query_end(&query, err);
}

bool need_administrator(struct change *change, struct err *err)
{
	auto_query struct query query = query_start(change->conn, SQL_ADMINISTRATOR);
	bool found;

	query_int(&query, "now", change->now);
	if (!query_one(&query, &found, err) || !query_end(&query, err))
		return false;
	return found || fail(err, MSG_LAST_ADMINISTRATOR);
}
