/* Rights: nobody gives, takes or touches more than he has. */
#include "fixture.h"

static const char *const manager[] = { "account.*", "grant.*", "organisation.manage",
				       "device.read" };
static const char *const engineer[] = { "device.*" };
static const char *const reader[] = { "device.read" };
static const char *const registrar[] = { "account.manage" };
static const struct role roles[] = {
	{ "manager", manager, 4 },
	{ "engineer", engineer, 1 },
	{ "reader", reader, 1 },
	{ "registrar", registrar, 1 },
};

/*
 * The root (administrator) with the wards one and two; the boss is manager of ward one with clearance confidential,
 * and of ward two until a day; the guest has no grants.
 */
struct house {
	struct fixture f;
	struct person admin, boss, guest;
	const struct scope *admins, *bosss;
	struct uuid root, one, two, room, admin_id, boss_id, guest_id;
};

static void house_end(struct house *house)
{
	fixture_end(&house->f);
}
#define auto_house cleanup_with(house_end) struct house

static bool house_start(struct house *house, struct err *err)
{
	struct fixture *f = &house->f;
	struct uuid grant;

	memset(house, 0, sizeof(*house));
	if (!fixture_start(f))
		return fail(err, MSG_NOT_UTF8);
	identity_set_roles(f->identity, roles, nitems(roles));
	if (!fixture_administrator(f, &house->admin, &house->admins, err))
		return false;
	house->root = root_organisation(f);
	house->admin_id = house->admins->account_id;
	return make_organisation(f, house->admins, &house->root, "一病区", &house->one, err) &&
	       make_organisation(f, house->admins, &house->root, "二病区", &house->two, err) &&
	       make_organisation(f, house->admins, &house->one, "一号房", &house->room, err) &&
	       make_person(f, house->admins, "boss", &house->one, "manager", "confidential",
			   &house->boss, &house->boss_id, err) &&
	       make_grant(f, house->admins, &house->boss_id, "manager", &house->two,
			  "\"clearance\":\"internal\",\"until\":\"2026-11-23T00:00:00Z\"", &grant,
			  err) &&
	       make_person(f, house->admins, "guests", &house->one, NULL, NULL, &house->guest,
			   &house->guest_id, err) &&
	       scope_now(f, &house->boss, &house->bosss, err);
}

static void escalation(void)
{
	enum place { ROOT, ONE, TWO, ROOM };
	static const struct {
		const char *role;
		enum place place;
		const char *rest;
		enum message message; /* MSG_NONE: allowed */
	} cases[] = {
		{ "reader", ONE, "\"clearance\":\"public\"", MSG_NONE },
		{ "reader", ROOM, "\"clearance\":\"confidential\"", MSG_NONE },
		{ "manager", ROOM, "\"clearance\":\"confidential\"", MSG_NONE },
		{ "registrar", ONE, "\"clearance\":\"public\"", MSG_NONE },
		/* a role with more permissions */
		{ "engineer", ONE, "\"clearance\":\"public\"", MSG_GRANT_EXCEEDS },
		{ "administrator", ONE, "\"clearance\":\"public\"", MSG_GRANT_EXCEEDS },
		/* a higher clearance, also where another place has it */
		{ "reader", ONE, "\"clearance\":\"personal\"", MSG_GRANT_EXCEEDS },
		{ "reader", ONE, "\"clearance\":\"secret\"", MSG_GRANT_EXCEEDS },
		{ "reader", TWO,
		  "\"clearance\":\"confidential\",\"until\":\"2026-11-22T20:00:00Z\"",
		  MSG_GRANT_EXCEEDS },
		/* longer than one's own */
		{ "reader", TWO, "\"clearance\":\"internal\"", MSG_GRANT_EXCEEDS },
		{ "reader", TWO,
		  "\"clearance\":\"internal\",\"until\":\"2026-11-23T00:00:00.000001Z\"",
		  MSG_GRANT_EXCEEDS },
		{ "reader", TWO, "\"clearance\":\"internal\",\"until\":\"2026-11-23T00:00:00Z\"",
		  MSG_NONE },
		/* outside of the subtree */
		{ "reader", ROOT, "\"clearance\":\"public\"", MSG_ORGANISATION_MISSING },
		/* windows and words */
		{ "reader", ONE, "\"clearance\":\"public\",\"until\":\"2020-01-01T00:00:00Z\"",
		  MSG_GRANT_WINDOW },
		{ "reader", ONE,
		  "\"clearance\":\"public\",\"from\":\"2027-01-02T00:00:00Z\",\"until\":\"2027-01-"
		  "01T00:00:00Z\"",
		  MSG_GRANT_WINDOW },
		{ "nothing", ONE, "\"clearance\":\"public\"", MSG_ROLE_UNKNOWN },
		{ "reader", ONE, "\"clearance\":\"top\"", MSG_MEMBER_NOT_ONE_OF },
		{ "reader", ONE, "\"until\":null", MSG_MEMBER_REQUIRED },
		{ "reader", ONE, "\"clearance\":\"public\",\"until\":\"tomorrow\"",
		  MSG_MEMBER_NOT_INSTANT },
		{ "reader", ONE, "\"clearance\":\"public\",\"ended\":null", MSG_MEMBER_UNKNOWN },
	};
	auto_house h;
	struct err err;
	int64_t made = 0;

	CHECK_DONE(house_start(&h, &err), err);

	int64_t before = entries(&h.f, "grant.create");
	const struct uuid *places[] = {
		[ROOT] = &h.root, [ONE] = &h.one, [TWO] = &h.two, [ROOM] = &h.room
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct uuid grant;
		bool done = make_grant(&h.f, h.bosss, &h.guest_id, cases[i].role,
				       places[cases[i].place], cases[i].rest, &grant, &err);

		made += cases[i].message == MSG_NONE;
		if (cases[i].message == MSG_NONE) {
			CHECK_DONE(done, err);
			CHECK_DONE(identity_grant_end(h.f.identity, h.bosss, &(struct actor){ 0 },
						      &grant, &err),
				   err);
			CHECK_FAILS(identity_grant_end(h.f.identity, h.bosss, &(struct actor){ 0 },
						       &grant, &err),
				    err, MSG_GRANT_ENDED);
		} else {
			CHECK_FAILS(done, err, cases[i].message);
		}
	}
	check_cases(nitems(cases));
	CHECK_INT(entries(&h.f, "grant.create"), before + made);
	CHECK_INT(entries(&h.f, "grant.end"), made);

	/* No grant for oneself beyond what one has, and none at all without the right to give. */
	const struct scope *guests;
	struct uuid grant;

	CHECK_FAILS(make_grant(&h.f, h.bosss, &h.boss_id, "administrator", &h.one,
			       "\"clearance\":\"public\"", &grant, &err),
		    err, MSG_GRANT_EXCEEDS);
	CHECK_DONE(make_grant(&h.f, h.admins, &h.guest_id, "reader", &h.one,
			      "\"clearance\":\"public\"", &grant, &err),
		   err);
	CHECK_DONE(scope_now(&h.f, &h.guest, &guests, &err), err);
	CHECK_FAILS(make_grant(&h.f, guests, &h.guest_id, "reader", &h.one,
			       "\"clearance\":\"public\"", &grant, &err),
		    err, MSG_PERMISSION_MISSING);
}

static bool disable(struct house *h, const struct scope *scope, const struct uuid *id,
		    struct err *err)
{
	return identity_account_disable(h->f.identity, scope, &(struct actor){ 0 }, id, err);
}

static bool reset(struct house *h, const struct scope *scope, const struct uuid *id,
		  struct err *err)
{
	auto_writer out = { 0 };
	struct json json = json_into(&out);

	return identity_account_reset(h->f.identity, scope, &(struct actor){ 0 }, id, &json, err);
}

/* Whoever could reset an account that may more than himself would have its rights. */
static void accounts_out_of_reach(void)
{
	auto_house h;
	struct person engineer_person = { 0 };
	const struct scope *guests;
	struct uuid engineer_id, outside, id, nowhere = uuid_new();
	struct str token;
	struct err err;

	CHECK_DONE(house_start(&h, &err), err);
	CHECK_DONE(make_person(&h.f, h.admins, "engineer", &h.one, "engineer", "public",
			       &engineer_person, &engineer_id, &err),
		   err);
	CHECK_DONE(make_account(&h.f, h.admins, &h.root, "outside", &outside, &token, &err), err);
	CHECK_DONE(scope_now(&h.f, &h.guest, &guests, &err), err);

	const struct {
		const struct scope *scope;
		const struct uuid *account;
		enum message message;
	} cases[] = {
		{ h.bosss, &engineer_id, MSG_GRANT_EXCEEDS },
		{ h.bosss, &h.admin_id, MSG_ACCOUNT_MISSING },
		{ h.bosss, &outside, MSG_ACCOUNT_MISSING },
		{ h.bosss, &nowhere, MSG_ACCOUNT_MISSING },
		{ guests, &h.guest_id, MSG_PERMISSION_MISSING },
		{ guests, &h.boss_id, MSG_PERMISSION_MISSING },
		{ guests, &nowhere, MSG_PERMISSION_MISSING },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		CHECK_FAILS(disable(&h, cases[i].scope, cases[i].account, &err), err,
			    cases[i].message);
		CHECK_FAILS(reset(&h, cases[i].scope, cases[i].account, &err), err,
			    cases[i].message);
	}
	check_cases(2 * nitems(cases));
	CHECK_DONE(disable(&h, h.bosss, &h.guest_id, &err), err);

	/* Accounts are made only where one manages them. */
	CHECK_FAILS(make_account(&h.f, h.bosss, &h.root, "fresh", &id, &token, &err), err,
		    MSG_ORGANISATION_MISSING);
	CHECK_DONE(make_account(&h.f, h.bosss, &h.room, "fresh", &id, &token, &err), err);
	CHECK_FAILS(make_account(&h.f, h.bosss, &h.room, "Fresh", &id, &token, &err), err,
		    MSG_LOGIN_TAKEN);
}

static int64_t listed(struct house *h, const struct scope *scope,
		      bool (*list)(struct identity *, const struct scope *, struct json *,
				   struct err *))
{
	auto_writer out = { 0 };
	struct json json = json_into(&out);
	struct err err;

	return list(h->f.identity, scope, &json, &err) ? answer_items(&h->f, &out) : -1;
}

static void lists_show_what_is_in_reach(void)
{
	auto_house h;
	const struct scope *guests;
	struct err err;

	CHECK_DONE(house_start(&h, &err), err);
	CHECK_DONE(scope_now(&h.f, &h.guest, &guests, &err), err);
	CHECK_INT(listed(&h, h.admins, identity_accounts), 3);
	CHECK_INT(listed(&h, h.bosss, identity_accounts), 2);
	CHECK_INT(listed(&h, guests, identity_accounts), -1);
	CHECK_INT(listed(&h, h.admins, identity_organisations), 4);
	CHECK_INT(listed(&h, h.bosss, identity_organisations), 3);
	CHECK_INT(listed(&h, guests, identity_organisations), 0);
	CHECK_INT(listed(&h, h.admins, identity_grants), 3);
	CHECK_INT(listed(&h, h.bosss, identity_grants), 2);
	CHECK_INT(listed(&h, guests, identity_grants), 0);

	auto_writer out = { 0 };
	struct json json = json_into(&out);

	identity_roles(h.f.identity, &json);
	CHECK_INT(answer_items(&h.f, &out), (int64_t)nitems(roles) + 1);
}

static void organisations(void)
{
	static const struct {
		const char *fields;
		enum message message;
	} bad[] = {
		{ "{}", MSG_MEMBER_REQUIRED },
		{ "{\"name\":\"x\",\"kind\":\"department\"}", MSG_MEMBER_REQUIRED },
		{ "{\"name\":\" \",\"kind\":\"department\"}", MSG_MEMBER_NOT_TEXT },
		{ "{\"name\":\"a\\u0007b\",\"kind\":\"department\"}", MSG_MEMBER_NOT_TEXT },
		{ "{\"name\":\"x\",\"kind\":\"shed\"}", MSG_MEMBER_NOT_ONE_OF },
		{ "{\"name\":\"x\",\"kind\":\"place\",\"parent\":\"1\"}", MSG_MEMBER_NOT_ID },
		{ "{\"name\":\"x\",\"kind\":\"place\",\"parent\":\"0190163d-8694-739b-aea5-"
		  "966c26f8ad91\"}",
		  MSG_ORGANISATION_MISSING },
		{ "{\"name\":\"x\",\"kind\":\"place\",\"path\":\"/\"}", MSG_MEMBER_UNKNOWN },
	};
	auto_house h;
	struct err err;
	auto_writer out = { 0 }, again = { 0 }, changed = { 0 };
	struct json json = json_into(&out), second = json_into(&again), third = json_into(&changed);
	char id[UUID_TEXT_SIZE], parent[UUID_TEXT_SIZE];
	struct uuid chosen = uuid_new();

	CHECK_DONE(house_start(&h, &err), err);
	for (size_t i = 0; i < nitems(bad); i++)
		CHECK_FAILS(identity_organisation_create(h.f.identity, h.admins,
							 &(struct actor){ 0 },
							 body(&h.f, bad[i].fields), &json, &err),
			    err, bad[i].message);
	check_cases(nitems(bad));

	/* With an id of one's own a repeated create gives the same answer, another content is refused. */
	const struct node *fields = body(
		&h.f,
		arena_printf(
			h.f.arena,
			"{\"id\":\"%s\",\"name\":\"药房\",\"kind\":\"place\",\"parent\":\"%s\"}",
			uuid_text(&chosen, id), uuid_text(&h.one, parent)));
	const struct node *other = body(
		&h.f,
		arena_printf(
			h.f.arena,
			"{\"id\":\"%s\",\"name\":\"库房\",\"kind\":\"place\",\"parent\":\"%s\"}",
			id, parent));
	struct actor nobody = { 0 };
	struct identity *identity = h.f.identity;

	CHECK_DONE(identity_organisation_create(identity, h.bosss, &nobody, fields, &json, &err),
		   err);
	CHECK_DONE(identity_organisation_create(identity, h.bosss, &nobody, fields, &second, &err),
		   err);
	CHECK_STR(writer_str(&again), writer_str(&out));
	CHECK_FAILS(identity_organisation_create(identity, h.bosss, &nobody, other, &second, &err),
		    err, MSG_ID_TAKEN);
	CHECK_INT(entries(&h.f, "organisation.create"), 5);

	/* Changed with the version that one has read. */
	const struct node *name = body(&h.f, "{\"name\":\"中心药房\",\"code\":\"YF\"}");

	CHECK_DONE(identity_organisation_change(identity, h.bosss, &nobody, &chosen, 1, name,
						&third, &err),
		   err);
	CHECK(strstr(changed.at, "\"name\":\"中心药房\"") &&
	      strstr(changed.at, "\"kind\":\"place\"") && strstr(changed.at, "\"version\":2"));
	CHECK_FAILS(identity_organisation_change(identity, h.bosss, &nobody, &chosen, 1, name,
						 &third, &err),
		    err, MSG_ORGANISATION_CHANGED);
	CHECK_FAILS(identity_organisation_change(identity, h.bosss, &nobody, &h.root, 1, name,
						 &third, &err),
		    err, MSG_ORGANISATION_MISSING);
	CHECK_INT(entries(&h.f, "organisation.change"), 1);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(escalation),
		TEST(accounts_out_of_reach),
		TEST(lists_show_what_is_in_reach),
		TEST(organisations),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
