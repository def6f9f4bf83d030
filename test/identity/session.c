/* Sessions: limits, ends, other servers, time windows, many threads. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "fixture.h"

static void limits(void)
{
	auto_fixture f;
	struct person admin = { 0 };
	const struct scope *scope;
	struct session session;
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);

	/* Idle: 30 minutes less a microsecond is fine, again and again; 30 minutes are not. */
	int64_t opened = clock_now();

	for (int i = 0; i < 3; i++) {
		fixture_later(SECONDS(1800) - 1);
		CHECK_DONE(scope_now(&f, &admin, &scope, &err), err);
	}
	fixture_later(SECONDS(1800));
	CHECK_FAILS(scope_now(&f, &admin, &scope, &err), err, MSG_SESSION_ENDED);

	/* Absolute: twelve hours, however busy. */
	CHECK_DONE(sign_in(&f, &admin, &err), err);
	opened = clock_now();
	CHECK_INT(admin.session.expires, opened + SECONDS(1800));
	while (clock_now() + SECONDS(1200) < opened + SECONDS(12 * 3600)) {
		fixture_later(SECONDS(1200));
		CHECK_DONE(identity_session(f.identity, str_of(admin.token), f.arena, &session,
					    &scope, &err),
			   err);
	}
	CHECK_INT(session.expires, opened + SECONDS(12 * 3600));
	clock_hold(opened + SECONDS(12 * 3600) - 1);
	CHECK_DONE(scope_now(&f, &admin, &scope, &err), err);
	clock_hold(opened + SECONDS(12 * 3600));
	CHECK_FAILS(scope_now(&f, &admin, &scope, &err), err, MSG_SESSION_ENDED);
}

static void tokens(void)
{
	static const char *const wrong[] = { "", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
					     "' OR 1=1 --AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	auto_fixture f;
	struct person admin = { 0 }, again = { 0 };
	const struct scope *scope;
	struct session session;
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);
	again = admin;
	CHECK_DONE(sign_in(&f, &again, &err), err);
	CHECK(strcmp(admin.token, again.token) != 0);
	CHECK_DONE(
		identity_session(f.identity, str_of(again.token), f.arena, &session, &scope, &err),
		err);
	CHECK_STR(session.csrf, str_of(again.session.csrf_text));
	CHECK_INT((int64_t)session.csrf.len, 43);
	CHECK(uuid_equal(&session.public_id, &again.session.public_id));
	for (size_t i = 0; i < nitems(wrong); i++)
		CHECK_FAILS(identity_session(f.identity, str_of(wrong[i]), f.arena, &session,
					     &scope, &err),
			    err, MSG_SESSION_ENDED);
	check_cases(nitems(wrong));
}

static void ends(void)
{
	auto_fixture f;
	struct person admin = { 0 }, ann = { 0 }, ann2 = { 0 }, bob = { 0 };
	const struct scope *scope, *anns, *bobs;
	struct uuid root, ann_id, bob_id;
	auto_writer own = { 0 }, of_ann = { 0 };
	struct json json = json_into(&own), other = json_into(&of_ann);
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);
	root = root_organisation(&f);
	CHECK_DONE(make_person(&f, scope, "ann", &root, NULL, NULL, &ann, &ann_id, &err), err);
	CHECK_DONE(make_person(&f, scope, "robert", &root, NULL, NULL, &bob, &bob_id, &err), err);
	ann2 = ann;
	CHECK_DONE(sign_in(&f, &ann2, &err), err);
	CHECK_DONE(scope_now(&f, &ann, &anns, &err), err);
	CHECK_DONE(scope_now(&f, &bob, &bobs, &err), err);
	CHECK_DONE(identity_sessions(f.identity, anns, NULL, &json, &err), err);
	CHECK_INT(answer_items(&f, &own), 2);
	CHECK(strstr(own.at, ann.token) == NULL);
	CHECK_DONE(identity_sessions(f.identity, scope, &ann_id, &other, &err), err);
	CHECK_INT(answer_items(&f, &of_ann), 2);

	/* Without account.manage others' sessions do not exist. */
	struct actor bobby = as(bobs), actor = as(scope), self = as(anns);
	auto_writer no = { 0 };
	struct json none = json_into(&no);

	CHECK_FAILS(identity_sessions(f.identity, bobs, &ann_id, &none, &err), err,
		    MSG_ACCOUNT_MISSING);
	CHECK_FAILS(identity_session_end(f.identity, bobs, &bobby, &ann.session.public_id, &err),
		    err, MSG_SESSION_MISSING);

	/* Each ends at once: by its owner, by an administrator, by signing out. */
	CHECK_DONE(identity_session_end(f.identity, anns, &self, &ann2.session.public_id, &err),
		   err);
	CHECK_FAILS(scope_now(&f, &ann2, &anns, &err), err, MSG_SESSION_ENDED);
	CHECK_FAILS(identity_session_end(f.identity, anns, &self, &ann2.session.public_id, &err),
		    err, MSG_SESSION_MISSING);
	CHECK_DONE(identity_session_end(f.identity, scope, &actor, &bob.session.public_id, &err),
		   err);
	CHECK_FAILS(scope_now(&f, &bob, &bobs, &err), err, MSG_SESSION_ENDED);
	CHECK_DONE(identity_sign_out(f.identity, &self, ann.session.id, &err), err);
	CHECK_FAILS(scope_now(&f, &ann, &anns, &err), err, MSG_SESSION_ENDED);
	CHECK_FAILS(identity_sign_out(f.identity, &self, ann.session.id, &err), err,
		    MSG_SESSION_MISSING);
	CHECK_INT(entries(&f, "session.end"), 3);

	/* What is over goes from the table; ended rows leave no entry behind. */
	fixture_later(SECONDS(13 * 3600));
	CHECK_DONE(identity_tick(f.identity, &err), err);
	CHECK_INT(entries(&f, "session.end"), 3);
}

static const char *const reading[] = { "device.read" };
static const char *const writing[] = { "device.read", "device.create" };
static const struct role roles_before[] = { { "reader", reading, 1 },
					    { "administrator", reading, 1 } };
static const struct role roles_after[] = { { "reader", writing, 2 } };

static void scopes_follow_time_and_roles(void)
{
	auto_fixture f;
	struct person admin = { 0 }, ann = { 0 };
	const struct scope *scope, *own;
	struct uuid root, id, grant;
	const int64_t begin = NOON + SECONDS(1500), end = NOON + SECONDS(1500 + 900);
	char window[200], a[INSTANT_TEXT_SIZE], b[INSTANT_TEXT_SIZE];
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);
	root = root_organisation(&f);
	CHECK_DONE(make_person(&f, scope, "ann", &root, NULL, NULL, &ann, &id, &err), err);
	CHECK_FAILS(make_grant(&f, scope, &id, "reader", &root, "\"clearance\":\"internal\"",
			       &grant, &err),
		    err, MSG_ROLE_UNKNOWN);
	identity_set_roles(f.identity, roles_before, nitems(roles_before));
	/* No pack weakens or widens the built-in role. */
	CHECK_DONE(scope_now(&f, &admin, &scope, &err), err);
	CHECK(scope_allows(scope, STR("account.manage")));
	(void)snprintf(window, sizeof(window),
		       "\"clearance\":\"internal\",\"from\":\"%s\",\"until\":\"%s\"",
		       instant_text(begin, a), instant_text(end, b));
	CHECK_DONE(make_grant(&f, scope, &id, "reader", &root, window, &grant, &err), err);

	const struct {
		int64_t at;
		bool read;
	} cases[] = { { begin - SECONDS(900), false },
		      { begin - 1, false },
		      { begin, true },
		      { end - 1, true },
		      { end, false } };

	for (size_t i = 0; i < nitems(cases); i++) {
		clock_hold(cases[i].at);
		CHECK_DONE(scope_now(&f, &ann, &own, &err), err);
		CHECK_INT(scope_allows(own, STR("device.read")), cases[i].read);
		CHECK(!scope_allows(own, STR("device.create")));
	}
	check_cases(nitems(cases));

	/* Other roles hold at the next request; a role that nobody declares any more gives nothing. */
	clock_hold(end - 1);
	CHECK_DONE(scope_now(&f, &ann, &own, &err), err);
	identity_set_roles(f.identity, roles_after, nitems(roles_after));
	CHECK(!scope_allows(own, STR("device.create")));
	CHECK_DONE(scope_now(&f, &ann, &own, &err), err);
	CHECK(scope_allows(own, STR("device.create")));
	identity_set_roles(f.identity, NULL, 0);
	CHECK_DONE(scope_now(&f, &ann, &own, &err), err);
	CHECK(!scope_allows(own, STR("device.read")));
}

static void wait_milliseconds(long milliseconds)
{
	const struct timespec span = { .tv_nsec = milliseconds * 1000000 };

	(void)nanosleep(&span, NULL);
}

/* Two servers on one database: what one changes the other knows within a second. */
static void another_server(void)
{
	auto_fixture f;
	struct identity_config config = { 0 };
	struct identity *second = NULL;
	struct person admin = { 0 }, ann = { 0 };
	const struct scope *scope, *own;
	struct session session;
	struct uuid root, id;
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);
	root = root_organisation(&f);
	CHECK_DONE(make_person(&f, scope, "ann", &root, NULL, NULL, &ann, &id, &err), err);
	CHECK_DONE(identity_open(f.ledger, f.store, f.keyring, &config, &second, &err), err);

	/* A session used at the other server only is not idle here. */
	struct str token = str_of(ann.token);

	CHECK_DONE(scope_now(&f, &ann, &own, &err), err);
	for (int i = 0; i < 2; i++) {
		fixture_later(SECONDS(1200));
		CHECK_DONE(identity_session(second, token, f.arena, &session, &own, &err), err);
	}
	CHECK_DONE(scope_now(&f, &ann, &own, &err), err);

	struct actor actor = as(scope);
	int64_t start = clock_elapsed();
	bool ended = false;

	CHECK_DONE(identity_account_disable(f.identity, scope, &actor, &id, &err), err);
	CHECK_FAILS(scope_now(&f, &ann, &own, &err), err, MSG_SESSION_ENDED);
	while (!ended && clock_elapsed() - start < SECONDS(5)) {
		ended = !identity_session(second, token, f.arena, &session, &own, &err);
		wait_milliseconds(5);
	}
	CHECK_INT(err.message, MSG_SESSION_ENDED);
	CHECK(clock_elapsed() - start < SECONDS(1));
	identity_close(second);
}

struct crowd {
	struct fixture *f;
	const char *token;
	struct uuid account;
	_Atomic bool stop;
	_Atomic int64_t asked, wrong;
};

/* Either no right at all or all rights of the reader: never half of it, never an error. */
static void *ask(void *context)
{
	struct crowd *crowd = context;
	auto_arena arena = arena_new(1 << 20);
	const struct scope *scope;
	struct session session;
	struct err err;

	while (!atomic_load(&crowd->stop)) {
		arena_clear(arena);
		if (!identity_session(crowd->f->identity, str_of(crowd->token), arena, &session,
				      &scope, &err) ||
		    !uuid_equal(&scope->account_id, &crowd->account) ||
		    scope_allows(scope, STR("device.read")) != (scope->count > 0))
			atomic_fetch_add(&crowd->wrong, 1);
		atomic_fetch_add(&crowd->asked, 1);
	}
	return NULL;
}

static void many_threads(void)
{
	auto_fixture f;
	struct person admin = { 0 }, ann = { 0 };
	const struct scope *scope, *own;
	struct uuid root, grant;
	struct crowd crowd = { .f = &f };
	pthread_t threads[4];
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);
	root = root_organisation(&f);
	identity_set_roles(f.identity, roles_before, nitems(roles_before));
	CHECK_DONE(make_person(&f, scope, "ann", &root, NULL, NULL, &ann, &crowd.account, &err),
		   err);
	crowd.token = ann.token;

	struct actor actor = as(scope);

	for (size_t i = 0; i < nitems(threads); i++) {
		if (pthread_create(&threads[i], NULL, ask, &crowd) != 0)
			abort();
	}

	bool followed = true;

	for (int i = 0; i < 25 && followed; i++) {
		bool done = make_grant(&f, scope, &crowd.account, "reader", &root,
				       "\"clearance\":\"internal\"", &grant, &err);

		followed = done && scope_now(&f, &ann, &own, &err) && own->count == 1;
		identity_set_roles(f.identity, i % 2 ? roles_before : roles_after, i % 2 ? 2 : 1);
		done = identity_grant_end(f.identity, scope, &actor, &grant, &err);
		followed = followed && done && scope_now(&f, &ann, &own, &err) && own->count == 0;
	}
	atomic_store(&crowd.stop, true);
	for (size_t i = 0; i < nitems(threads); i++)
		(void)pthread_join(threads[i], NULL);
	CHECK(followed);
	CHECK(atomic_load(&crowd.asked) > 100);
	CHECK_INT(atomic_load(&crowd.wrong), 0);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(limits),         TEST(tokens),
		TEST(ends),           TEST(scopes_follow_time_and_roles),
		TEST(another_server), TEST(many_threads),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
