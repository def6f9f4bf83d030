/* What was done behind the server's back is found and named. */
#include "fixture.h"

/* An organisation, two accounts, their grants and sessions, a reset, an ended session and an ended grant. */
static bool some_history(struct fixture *f, struct err *err)
{
	struct person admin = { 0 }, ann = { 0 };
	const struct scope *scope;
	struct uuid root, ward, id, grant;

	if (!fixture_administrator(f, &admin, &scope, err))
		return false;
	root = root_organisation(f);

	struct actor actor = as(scope);

	return make_organisation(f, scope, &root, "一病区", &ward, err) &&
	       make_person(f, scope, "ann", &ward, NULL, NULL, &ann, &id, err) &&
	       make_grant(f, scope, &id, "administrator", &ward, "\"clearance\":\"internal\"",
			  &grant, err) &&
	       identity_grant_end(f->identity, scope, &actor, &grant, err) &&
	       make_grant(f, scope, &id, "administrator", &ward, "\"clearance\":\"public\"", &grant,
			  err) &&
	       identity_session_end(f->identity, scope, &actor, &ann.session.public_id, err) &&
	       try_sign_in(f, &ann, ann.address, ann.password, str_of(ann.recovery[3]), err) &&
	       identity_account_disable(f->identity, scope, &actor, &id, err) &&
	       identity_account_enable(f->identity, scope, &actor, &id, err) &&
	       try_sign_in(f, &ann, ann.address, ann.password, str_of(ann.recovery[4]), err);
}

static const char *const tables[] = { "organisation", "person", "account", "grant_row", "session" };

/* The rows as they are, to be put back after each case. */
static bool keep_rows(struct conn *conn, void *context, struct err *err)
{
	struct fixture *f = context;

	for (size_t i = 0; i < nitems(tables); i++) {
		if (!run_sql(conn,
			     arena_printf(f->arena, "CREATE TABLE kept_%s AS SELECT * FROM %s",
					  tables[i], tables[i]),
			     err))
			return false;
	}
	return true;
}

static bool put_rows_back(struct conn *conn, void *context, struct err *err)
{
	struct fixture *f = context;

	if (!run_sql(conn, "DELETE FROM sign_in_known", err))
		return false;
	for (size_t i = nitems(tables); i-- > 0;) {
		if (!run_sql(conn, arena_printf(f->arena, "DELETE FROM %s", tables[i]), err))
			return false;
	}
	for (size_t i = 0; i < nitems(tables); i++) {
		if (!run_sql(conn,
			     arena_printf(f->arena, "INSERT INTO %s SELECT * FROM kept_%s",
					  tables[i], tables[i]),
			     err))
			return false;
	}
	return true;
}

static void found_and_named(void)
{
	static const struct {
		const char *sql;
		enum message message; /* MSG_NONE: a mark that is not audited */
		const char *type;
		size_t count;
	} cases[] = {
		{ "UPDATE account SET totp_last = totp_last + 1", MSG_NONE, "", 0 },
		{ "UPDATE session SET last_used = last_used + 1, address = 'x'", MSG_NONE, "", 0 },
		{ "UPDATE organisation SET name = 'x' WHERE parent IS NULL",
		  MSG_IDENTITY_ROW_CHANGED, "organisation", 1 },
		{ "UPDATE organisation SET path = '/1/' WHERE parent IS NOT NULL",
		  MSG_IDENTITY_ROW_CHANGED, "organisation", 1 },
		{ "UPDATE organisation SET parent = NULL", MSG_IDENTITY_ROW_CHANGED, "organisation",
		  1 },
		{ "UPDATE organisation SET version = 2 WHERE parent IS NULL",
		  MSG_IDENTITY_ROW_CHANGED, "organisation", 1 },
		{ "UPDATE account SET password = 'x' || password WHERE login = 'ann'",
		  MSG_IDENTITY_ROW_CHANGED, "account", 1 },
		{ "UPDATE account SET password = (SELECT password FROM account WHERE login = "
		  "'ann')",
		  MSG_IDENTITY_ROW_CHANGED, "account", 1 },
		{ "UPDATE account SET totp = NULL WHERE login = 'ann'", MSG_IDENTITY_ROW_CHANGED,
		  "account", 1 },
		{ "UPDATE account SET recovery = salt WHERE login = 'ann'",
		  MSG_IDENTITY_ROW_CHANGED, "account", 1 },
		{ "UPDATE account SET token = salt, token_expires = 4102444800000000 WHERE login = "
		  "'ann'",
		  MSG_IDENTITY_ROW_CHANGED, "account", 1 },
		{ "UPDATE account SET state = 'disabled'", MSG_IDENTITY_ROW_CHANGED, "account", 2 },
		{ "UPDATE account SET login = 'anne' WHERE login = 'ann'", MSG_IDENTITY_ROW_CHANGED,
		  "account", 1 },
		{ "UPDATE account SET salt = public_id WHERE login = 'ann'",
		  MSG_IDENTITY_ROW_CHANGED, "account", 1 },
		{ "UPDATE person SET name = 'x'", MSG_IDENTITY_ROW_CHANGED, "account", 2 },
		{ "UPDATE person SET public_id = (SELECT public_id FROM organisation WHERE parent "
		  "IS NULL) "
		  "WHERE id = 1",
		  MSG_IDENTITY_ROW_CHANGED, "account", 1 },
		{ "UPDATE grant_row SET clearance = 4 WHERE clearance = 0",
		  MSG_IDENTITY_ROW_CHANGED, "grant", 1 },
		{ "UPDATE grant_row SET ended = NULL WHERE ended IS NOT NULL",
		  MSG_IDENTITY_ROW_CHANGED, "grant", 1 },
		{ "UPDATE grant_row SET organisation = 1 WHERE clearance = 0",
		  MSG_IDENTITY_ROW_CHANGED, "grant", 1 },
		{ "UPDATE grant_row SET account = 2 WHERE account = 1", MSG_IDENTITY_ROW_CHANGED,
		  "grant", 1 },
		{ "UPDATE grant_row SET valid_until = 4102444800000000 WHERE clearance = 0",
		  MSG_IDENTITY_ROW_CHANGED, "grant", 1 },
		{ "UPDATE session SET expires = expires + 1 WHERE account = 2",
		  MSG_IDENTITY_ROW_CHANGED, "session", 1 },
		{ "UPDATE session SET account = 1 WHERE account = 2", MSG_IDENTITY_ROW_CHANGED,
		  "session", 1 },
		{ "INSERT INTO organisation (public_id, path, kind, code, name, created, version, "
		  "salt, entry) "
		  "SELECT salt, '/9/', kind, code, name, created, 1, salt, entry FROM organisation "
		  "WHERE parent IS NULL",
		  MSG_IDENTITY_ROW_ADDED, "organisation", 1 },
		{ "INSERT INTO account (public_id, login, person, organisation, language, state, "
		  "password, totp, "
		  "totp_last, created, version, salt, entry) SELECT salt, 'mallory', person, "
		  "organisation, language, "
		  "state, password, totp, 0, created, version, salt, entry FROM account WHERE "
		  "login = 'ann'",
		  MSG_IDENTITY_ROW_ADDED, "account", 1 },
		{ "INSERT INTO grant_row (public_id, account, role, organisation, clearance, "
		  "valid_from, created, "
		  "version, salt, entry) SELECT salt, 2, role, organisation, clearance, "
		  "valid_from, created, version, "
		  "salt, entry FROM grant_row WHERE account = 1",
		  MSG_IDENTITY_ROW_ADDED, "grant", 1 },
		{ "INSERT INTO session (public_id, token, account, created, expires, last_used, "
		  "address, user_agent, "
		  "version, salt, entry) SELECT salt, public_id, 1, created, expires, last_used, "
		  "'', '', 1, salt, entry "
		  "FROM session WHERE account = 2",
		  MSG_IDENTITY_ROW_ADDED, "session", 1 },
		{ "DELETE FROM grant_row WHERE account = 2 AND ended IS NOT NULL",
		  MSG_IDENTITY_ROW_REMOVED, "grant", 1 },
		{ "DELETE FROM grant_row", MSG_IDENTITY_ROW_REMOVED, "grant", 3 },
	};
	auto_fixture f;
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(some_history(&f, &err), err);
	CHECK_DONE(store_write(f.store, keep_rows, &f, &err), err);
	for (size_t i = 0; i < nitems(cases); i++) {
		auto_problems clean = { 0 }, found = { 0 };

		CHECK_DONE(identity_verify(f.identity, &clean, &err), err);
		CHECK(!problems_any(&clean));
		CHECK_DONE(behind_the_back(&f, cases[i].sql, &err), err);
		CHECK_DONE(identity_verify(f.identity, &found, &err), err);
		if (found.count != cases[i].count)
			printf("# %s\n", cases[i].sql);
		CHECK_INT((int64_t)found.count, (int64_t)cases[i].count);
		for (size_t p = 0; p < found.count; p++) {
			CHECK_INT(found.list[p].message, cases[i].message);
			CHECK_STR(str_of(found.list[p].arg[0]), str_of(cases[i].type));
		}
		CHECK_DONE(store_write(f.store, put_rows_back, &f, &err), err);
	}
	check_cases(nitems(cases));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(found_and_named),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
