/* The life of an account, from the first administrator's token to its end. */
#include "fixture.h"

static void the_first_administrator(void)
{
	auto_fixture f;
	struct person admin = { .address = "192.0.2.1" }, other = { .address = "192.0.2.2" };
	auto_writer old = { 0 }, token = { 0 }, third = { 0 }, seed = { 0 }, address = { 0 };
	const struct scope *scope;
	bool empty = false;
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(identity_is_empty(f.identity, &empty, &err), err);
	CHECK(empty);
	CHECK_DONE(identity_invite_first(f.identity, STR("第一医院"), &old, &err), err);
	CHECK_DONE(identity_invite_first(f.identity, STR("第一医院"), &token, &err), err);
	CHECK_INT((int64_t)token.len, 43);

	struct actor actor = from("192.0.2.1");

	/* Only the last token counts, for one hour, and step two needs step one. */
	CHECK_FAILS(
		identity_redeem_begin(f.identity, &actor, writer_str(&old), &seed, &address, &err),
		err, MSG_TOKEN_REFUSED);
	fixture_later(SECONDS(3600));
	CHECK_FAILS(identity_redeem_begin(f.identity, &actor, writer_str(&token), &seed, &address,
					  &err),
		    err, MSG_TOKEN_REFUSED);
	CHECK_INT((int64_t)seed.len, 0);
	CHECK_DONE(identity_invite_first(f.identity, STR("第一医院"), &third, &err), err);

	auto_writer codes = { 0 };
	struct json json = json_into(&codes);

	CHECK_FAILS(identity_redeem_finish(f.identity, &actor, writer_str(&third), STR("root"),
					   STR("某人"), STR("correct horse battery"), STR("123456"),
					   &json, &err),
		    err, MSG_REDEEM_NOT_BEGUN);
	CHECK_DONE(
		redeem(&f, &admin, writer_str(&third), "Root.Admin", "correct horse battery", &err),
		err);
	CHECK_DONE(identity_is_empty(f.identity, &empty, &err), err);
	CHECK(!empty);
	CHECK_FAILS(redeem(&f, &other, writer_str(&third), "second", "correct horse battery", &err),
		    err, MSG_TOKEN_REFUSED);
	CHECK_FAILS(identity_invite_first(f.identity, STR("x"), &third, &err), err,
		    MSG_ADMINISTRATOR_EXISTS);

	CHECK_DONE(sign_in(&f, &admin, &err), err);
	CHECK_DONE(scope_now(&f, &admin, &scope, &err), err);
	CHECK_INT((int64_t)scope->count, 1);
	CHECK(scope_allows_in(scope, STR("anything.at_all"), scope->grants[0].path));
	CHECK_INT(scope->grants[0].clearance, CLEARANCE_SECRET);
	CHECK_INT(entries(&f, "organisation.create"), 1);
	CHECK_INT(entries(&f, "account.create"), 1);
	CHECK_INT(entries(&f, "grant.create"), 1);
	CHECK_INT(entries(&f, "account.reset"), 2);
	CHECK_INT(entries(&f, "account.redeem_begin"), 1);
	CHECK_INT(entries(&f, "account.redeem"), 1);
	CHECK_INT(entries(&f, "session.open"), 1);
	CHECK_INT(entries(&f, NULL), 8);
}

static void passwords_that_are_refused(void)
{
	static const struct {
		const char *password;
		enum message message;
	} cases[] = {
		{ "", MSG_PASSWORD_LENGTH },
		{ "elevenchars", MSG_PASSWORD_LENGTH },
		{ "十一个字的口令一二三四", MSG_PASSWORD_LENGTH },
		{ "not utf-8: \xff\xff\xff", MSG_PASSWORD_LENGTH },
		{ "aaaaaaaaaaaaaaaa", MSG_PASSWORD_GUESSABLE },
		{ "abcdabcdabcdabcd", MSG_PASSWORD_GUESSABLE },
		{ "my ROOT.admin secret", MSG_PASSWORD_GUESSABLE },
	};
	auto_fixture f;
	auto_writer token = { 0 };
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(identity_invite_first(f.identity, STR("第一医院"), &token, &err), err);
	for (size_t i = 0; i < nitems(cases); i++) {
		struct person admin = { .address = "192.0.2.1" };

		CHECK_FAILS(redeem(&f, &admin, writer_str(&token), "root.admin", cases[i].password,
				   &err),
			    err, cases[i].message);
	}
	check_cases(nitems(cases));

	struct person admin = { .address = "192.0.2.1" };

	CHECK_DONE(redeem(&f, &admin, writer_str(&token), "root.admin", "十二个字的口令一二三四五",
			  &err),
		   err);
}

static void an_account(void)
{
	auto_fixture f;
	struct person admin = { 0 }, ann = { 0 };
	const struct scope *scope, *own;
	struct uuid root, ward, id, grant;
	struct str token;
	struct err err;
	auto_writer out = { 0 };
	struct json json = json_into(&out);

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);
	root = root_organisation(&f);

	struct actor actor = as(scope);

	CHECK_DONE(make_organisation(&f, scope, &root, "ICU", &ward, &err), err);
	CHECK_DONE(make_account(&f, scope, &ward, "Ann", &id, &token, &err), err);
	CHECK_FAILS(make_account(&f, scope, &ward, "aNN", &id, &token, &err), err, MSG_LOGIN_TAKEN);
	CHECK_FAILS(make_account(&f, scope, &ward, "a b", &id, &token, &err), err,
		    MSG_LOGIN_INVALID);

	/* The owner cannot take another login; without a grant he has no rights. */
	ann.address = "192.0.2.9";
	CHECK_FAILS(redeem(&f, &ann, token, "bob", "a long enough secret", &err), err,
		    MSG_LOGIN_FIXED);
	CHECK_DONE(redeem(&f, &ann, token, "ann", "a long enough secret", &err), err);
	CHECK_DONE(sign_in(&f, &ann, &err), err);
	CHECK_DONE(scope_now(&f, &ann, &own, &err), err);
	CHECK_INT((int64_t)own->count, 0);
	id = own->account_id;
	CHECK_DONE(make_grant(&f, scope, &id, "administrator", &ward, "\"clearance\":\"internal\"",
			      &grant, &err),
		   err);
	CHECK_DONE(scope_now(&f, &ann, &own, &err), err);
	CHECK_INT((int64_t)own->count, 1);

	/* Disabled: the session ends at once, sign-in is refused like any other failure. */
	CHECK_DONE(identity_account_disable(f.identity, scope, &actor, &id, &err), err);
	CHECK_FAILS(scope_now(&f, &ann, &own, &err), err, MSG_SESSION_ENDED);
	CHECK_FAILS(sign_in(&f, &ann, &err), err, MSG_SIGN_IN_REFUSED);
	CHECK_FAILS(identity_account_disable(f.identity, scope, &actor, &id, &err), err,
		    MSG_ACCOUNT_DISABLED_ALREADY);
	CHECK_DONE(identity_account_enable(f.identity, scope, &actor, &id, &err), err);
	CHECK_FAILS(scope_now(&f, &ann, &own, &err), err, MSG_SESSION_ENDED);
	CHECK_DONE(sign_in(&f, &ann, &err), err);

	/* Reset: old password and factor are gone, the sessions too; the new token makes new ones. */
	CHECK_DONE(identity_account_reset(f.identity, scope, &actor, &id, &json, &err), err);
	CHECK_FAILS(scope_now(&f, &ann, &own, &err), err, MSG_SESSION_ENDED);
	CHECK_FAILS(sign_in(&f, &ann, &err), err, MSG_SIGN_IN_REFUSED);
	token = node_member_text(answer(&f, &out), "token");
	CHECK_DONE(redeem(&f, &ann, token, "ann", "another long secret", &err), err);
	CHECK_DONE(sign_in(&f, &ann, &err), err);

	/* A new password ends the other sessions and keeps this one. */
	struct person second = ann;
	struct actor self = from(ann.address);

	CHECK_DONE(sign_in(&f, &second, &err), err);
	CHECK_DONE(scope_now(&f, &ann, &own, &err), err);
	self.account = id;
	CHECK_FAILS(identity_password_change(f.identity, own, &self, ann.session.id, STR("wrong"),
					     STR("yet another secret"), &err),
		    err, MSG_PASSWORD_WRONG);
	CHECK_DONE(identity_password_change(f.identity, own, &self, ann.session.id,
					    STR("another long secret"), STR("yet another secret"),
					    &err),
		   err);
	CHECK_DONE(scope_now(&f, &ann, &own, &err), err);
	CHECK_FAILS(scope_now(&f, &second, &own, &err), err, MSG_SESSION_ENDED);
	CHECK_FAILS(sign_in(&f, &ann, &err), err, MSG_SIGN_IN_REFUSED);
	(void)snprintf(ann.password, sizeof(ann.password), "yet another secret");
	CHECK_DONE(sign_in(&f, &ann, &err), err);

	static const struct entry_count counts[] = {
		{ "account.create", 2 },
		{ "account.redeem", 3 },
		{ "account.disable", 1 },
		{ "account.enable", 1 },
		{ "account.reset", 1 },
		{ "grant.create", 2 },
		{ "account.change_password", 1 },
		{ "session.open", 6 },
		{ "session.end", 3 },
		{ "sign_in.refuse", 4 },
		{ "organisation.create", 2 },
	};

	for (size_t i = 0; i < nitems(counts); i++) {
		if (!check_int(entries(&f, counts[i].action), counts[i].count, __FILE__, __LINE__,
			       counts[i].action))
			return;
	}
	check_cases(nitems(counts));
}

static void the_last_administrator_stays(void)
{
	auto_fixture f;
	struct person admin = { 0 }, second = { 0 };
	const struct scope *scope, *other;
	struct uuid root, id;
	auto_writer out = { 0 }, grants = { 0 };
	struct json json = json_into(&out), list = json_into(&grants);
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);
	root = root_organisation(&f);

	struct actor actor = as(scope);
	struct uuid grant;

	CHECK_DONE(identity_grants(f.identity, scope, &list, &err), err);
	CHECK(uuid_parse(node_member_text(node_member(answer(&f, &grants), "items")->child, "id"),
			 &grant));
	CHECK_FAILS(identity_account_disable(f.identity, scope, &actor, &scope->account_id, &err),
		    err, MSG_LAST_ADMINISTRATOR);
	CHECK_FAILS(
		identity_account_reset(f.identity, scope, &actor, &scope->account_id, &json, &err),
		err, MSG_LAST_ADMINISTRATOR);
	CHECK_FAILS(identity_grant_end(f.identity, scope, &actor, &grant, &err), err,
		    MSG_LAST_ADMINISTRATOR);
	CHECK_DONE(scope_now(&f, &admin, &scope, &err), err);

	/* A second one who could not sign in does not count, one who can does. */
	CHECK_DONE(make_person(&f, scope, "second", &root, NULL, NULL, &second, &id, &err), err);
	CHECK_FAILS(identity_grant_end(f.identity, scope, &actor, &grant, &err), err,
		    MSG_LAST_ADMINISTRATOR);

	struct uuid more;

	CHECK_DONE(make_grant(&f, scope, &id, "administrator", &root,
			      "\"clearance\":\"secret\",\"until\":\"2027-01-01T00:00:00Z\"", &more,
			      &err),
		   err);
	CHECK_FAILS(identity_grant_end(f.identity, scope, &actor, &grant, &err), err,
		    MSG_LAST_ADMINISTRATOR);
	CHECK_DONE(make_grant(&f, scope, &id, "administrator", &root, "\"clearance\":\"secret\"",
			      &more, &err),
		   err);
	CHECK_DONE(scope_now(&f, &second, &other, &err), err);
	CHECK_DONE(identity_account_disable(f.identity, other, &actor, &scope->account_id, &err),
		   err);
	CHECK_FAILS(scope_now(&f, &admin, &scope, &err), err, MSG_SESSION_ENDED);
	/* The program at the server may reset the last one, and so let its owner in again. */
	CHECK_DONE(identity_account_reset(f.identity, scope_program(), &actor, &id, &json, &err),
		   err);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(the_first_administrator),
		TEST(passwords_that_are_refused),
		TEST(an_account),
		TEST(the_last_administrator_stays),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
