/* Sign-in: what is refused and how, codes that work once, back-off that outsiders cannot turn into a lock-out. */
#include <pthread.h>

#include "fixture.h"

static void every_refusal_is_the_same(void)
{
	static const struct {
		const char *login, *password, *code; /* NULL: the right one */
	} cases[] = {
		{ NULL, "wrong horse battery", NULL },
		{ NULL, "", NULL },
		{ NULL, NULL, "000000x" },
		{ NULL, NULL, "" },
		{ NULL, NULL, "AAAA-AAAA-AAAA-AAAA" },
		{ NULL, NULL, "AAAA-AAAA-AAAA-AAAA-AAAA" },
		{ "nobody", NULL, NULL },
		{ "", NULL, NULL },
		{ "root.admin' OR 1=1 --", NULL, NULL },
		{ "bad utf-8 \xff\xfe", NULL, NULL },
		{ "disabled", "a long enough secret", NULL },
		{ "invited", "", "" },
	};
	auto_fixture f;
	struct person admin = { 0 }, disabled = { 0 };
	const struct scope *scope;
	struct uuid root, id, invited;
	struct str token;
	int64_t unknown = 0;
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);
	root = root_organisation(&f);
	CHECK_DONE(make_person(&f, scope, "disabled", &root, NULL, NULL, &disabled, &id, &err),
		   err);
	CHECK_DONE(make_account(&f, scope, &root, "invited", &invited, &token, &err), err);

	struct actor actor = as(scope);

	CHECK_DONE(identity_account_disable(f.identity, scope, &actor, &id, &err), err);
	for (size_t i = 0; i < nitems(cases); i++) {
		struct person tried = admin;
		char code[TOTP_DIGITS + 1];

		fixture_later(SECONDS(7200));
		if (cases[i].login)
			(void)snprintf(tried.login, sizeof(tried.login), "%s", cases[i].login);
		CHECK_FAILS(
			try_sign_in(&f, &tried, "203.0.113.5",
				    cases[i].password ? cases[i].password : admin.password,
				    cases[i].code ? str_of(cases[i].code) : code_now(&admin, code),
				    &err),
			err, MSG_SIGN_IN_REFUSED);
		CHECK_INT(err.argc, 0);
		CHECK_STR(str_of(tried.token), str_of(admin.token));
		unknown += cases[i].login && strcmp(cases[i].login, "disabled") != 0 &&
			   strcmp(cases[i].login, "invited") != 0;
	}
	check_cases(nitems(cases));
	CHECK_INT(entries(&f, "sign_in.refuse"), (int64_t)nitems(cases) - unknown);

	/* Those without an account: one entry for each minute, once, when the minute is over. */
	fixture_later(SECONDS(120));
	CHECK_DONE(identity_tick(f.identity, &err), err);
	CHECK_INT(entries(&f, "sign_in.failures"), unknown);
	fixture_later(SECONDS(120));
	CHECK_DONE(identity_tick(f.identity, &err), err);
	CHECK_INT(entries(&f, "sign_in.failures"), unknown);
	CHECK_DONE(sign_in(&f, &admin, &err), err);
}

struct racer {
	struct fixture *f;
	struct person person;
	const char *code;
	bool done;
	struct err err;
};

static void *race(void *context)
{
	struct racer *racer = context;

	racer->done = try_sign_in(racer->f, &racer->person, racer->person.address,
				  racer->person.password, str_of(racer->code), &racer->err);
	return NULL;
}

/* How many of two sign-ins at once with the same code succeed; the other is refused. */
static int64_t two_at_once(struct fixture *f, const struct person *person, const char *code)
{
	struct racer racers[2];
	pthread_t threads[2];
	int64_t done = 0;

	for (int i = 0; i < 2; i++) {
		racers[i] = (struct racer){ .f = f, .person = *person, .code = code };
		if (pthread_create(&threads[i], NULL, race, &racers[i]) != 0)
			abort();
	}
	for (int i = 0; i < 2; i++) {
		(void)pthread_join(threads[i], NULL);
		done += racers[i].done;
		if (!racers[i].done && racers[i].err.message != MSG_SIGN_IN_REFUSED)
			done = -100;
	}
	return done;
}

static void a_code_works_once(void)
{
	auto_fixture f;
	struct person admin = { 0 };
	const struct scope *scope;
	char code[TOTP_DIGITS + 1];
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);
	CHECK_FAILS(try_sign_in(&f, &admin, admin.address, admin.password, code_now(&admin, code),
				&err),
		    err, MSG_SIGN_IN_REFUSED);
	/* The code of the step before is older than the last accepted one, that of the step after is fine, once. */
	totp_code(admin.seed, totp_step(clock_now()) - 1, code);
	CHECK_FAILS(try_sign_in(&f, &admin, admin.address, admin.password, str_of(code), &err), err,
		    MSG_SIGN_IN_REFUSED);
	totp_code(admin.seed, totp_step(clock_now()) + 1, code);
	CHECK_DONE(try_sign_in(&f, &admin, admin.address, admin.password, str_of(code), &err), err);
	fixture_later(SECONDS(30));
	CHECK_FAILS(try_sign_in(&f, &admin, admin.address, admin.password, str_of(code), &err), err,
		    MSG_SIGN_IN_REFUSED);
	for (int round = 0; round < 5; round++) {
		fixture_later(SECONDS(7200));
		CHECK_INT(two_at_once(&f, &admin, code_now(&admin, code).at), 1);
	}
	check_cases(5);
}

static void a_recovery_code_works_once(void)
{
	auto_fixture f;
	struct person admin = { 0 };
	const struct scope *scope;
	char lower[24] = "";
	struct err err;
	auto_writer out = { 0 };
	struct json json = json_into(&out);

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);
	for (size_t i = 0; admin.recovery[0][i]; i++) {
		char c = admin.recovery[0][i];

		lower[i] = c == '-' ? ' ' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	CHECK_DONE(try_sign_in(&f, &admin, admin.address, admin.password, str_of(lower), &err),
		   err);
	CHECK_FAILS(try_sign_in(&f, &admin, admin.address, admin.password,
				str_of(admin.recovery[0]), &err),
		    err, MSG_SIGN_IN_REFUSED);
	for (int i = 1; i < 4; i++)
		CHECK_INT(two_at_once(&f, &admin, admin.recovery[i]), 1);
	check_cases(3);
	CHECK_INT(entries(&f, "account.use_recovery_code"), 4);
	CHECK_DONE(scope_now(&f, &admin, &scope, &err), err);
	CHECK_DONE(identity_accounts(f.identity, scope, &json, &err), err);
	CHECK(strstr(out.at, "\"recovery_codes_left\":6") != NULL);
}

/* Failures from one address: none, three without delay, then one second, two, four … up to the ceiling. */
static void the_delay_doubles(void)
{
	static const int64_t waits[] = { 0, 0, 0, 1, 2, 4, 8, 16, 32 };
	auto_fixture f;
	struct person admin = { 0 };
	const struct scope *scope;
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);
	for (size_t i = 0; i < nitems(waits); i++) {
		CHECK_FAILS(try_sign_in(&f, &admin, "203.0.113.5", "guess", STR("000000"), &err),
			    err, MSG_SIGN_IN_REFUSED);
		if (waits[i] == 0)
			continue;
		/* A microsecond too early is held up and counts for nothing. */
		fixture_later(SECONDS(waits[i]) - 1);
		CHECK_FAILS(try_sign_in(&f, &admin, "203.0.113.5", "guess", STR("000000"), &err),
			    err, MSG_SIGN_IN_LATER);
		CHECK_STR(str_of(err.arg[0]), STR("1"));
		fixture_later(1);
	}
	check_cases(nitems(waits));
	/* An unknown name is held up in the same way: nobody learns which names exist. */
	struct person ghost = admin;

	(void)snprintf(ghost.login, sizeof(ghost.login), "ghost");
	for (size_t i = 0; i < 6; i++) {
		CHECK_FAILS(try_sign_in(&f, &ghost, "203.0.113.6", "guess", STR("000000"), &err),
			    err, MSG_SIGN_IN_REFUSED);
		fixture_later(SECONDS(waits[i]));
	}
	CHECK_FAILS(try_sign_in(&f, &ghost, "203.0.113.6", "guess", STR("000000"), &err), err,
		    MSG_SIGN_IN_REFUSED);
	CHECK_FAILS(try_sign_in(&f, &ghost, "203.0.113.6", "guess", STR("000000"), &err), err,
		    MSG_SIGN_IN_LATER);
}

static void outsiders_lock_nobody_out(void)
{
	auto_fixture f;
	struct person admin = { 0 };
	const struct scope *scope;
	int held = 0;
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);
	/* One after another from many addresses, while the person comes and goes at his own. */
	for (int i = 0; i < 40; i++) {
		const char *address = arena_printf(f.arena, "203.0.113.%d", i % 20);

		if (!try_sign_in(&f, &admin, address, "guess", STR("000000"), &err) &&
		    err.message == MSG_SIGN_IN_LATER)
			held++;
		if (i % 8 == 7)
			CHECK_DONE(sign_in(&f, &admin, &err), err);
	}
	for (int i = 0; i < 12; i++)
		(void)!try_sign_in(&f, &admin, arena_printf(f.arena, "198.51.100.%d", i), "guess",
				   STR("000000"), &err);
	CHECK(held > 0);

	/* A new address of the person waits at most for the ceiling of a minute, not for the outsiders' delays. */
	char code[TOTP_DIGITS + 1];

	CHECK_FAILS(
		try_sign_in(&f, &admin, "192.0.2.77", admin.password, code_now(&admin, code), &err),
		err, MSG_SIGN_IN_LATER);
	fixture_later(SECONDS(60));
	CHECK_DONE(
		try_sign_in(&f, &admin, "192.0.2.77", admin.password, code_now(&admin, code), &err),
		err);

	/* At the person's own address wrong attempts are held up too, for a minute at most. */
	fixture_later(SECONDS(30));
	for (int i = 0; i < 12; i++) {
		if (try_sign_in(&f, &admin, admin.address, "guess", STR("000000"), &err))
			break;
		if (err.message == MSG_SIGN_IN_LATER) {
			int64_t seconds = 0;

			CHECK(str_to_int(str_of(err.arg[0]), &seconds) && seconds <= 60);
			fixture_later(SECONDS(seconds));
		}
	}
	fixture_later(SECONDS(60));
	CHECK_DONE(sign_in(&f, &admin, &err), err);
}

/* Neighbours in one IPv6 network are one source; different networks and IPv4 addresses are not. */
static void networks_count_as_one(void)
{
	static const struct {
		const char *address;
		bool held;
	} cases[] = {
		{ "2001:db8:1:2::99", true },  { "2001:db8:1:2:ffff::1", true },
		{ "2001:db8:1:3::99", false }, { "::ffff:192.0.2.99", false },
		{ "192.0.2.98", false },
	};
	auto_fixture f;
	struct person admin = { 0 };
	const struct scope *scope;
	struct err err;

	CHECK(fixture_start(&f));
	CHECK_DONE(fixture_administrator(&f, &admin, &scope, &err), err);
	for (int i = 0; i < 4; i++)
		CHECK_FAILS(
			try_sign_in(&f, &admin, "2001:db8:1:2::1", "guess", STR("000000"), &err),
			err, MSG_SIGN_IN_REFUSED);
	for (size_t i = 0; i < nitems(cases); i++)
		CHECK_FAILS(try_sign_in(&f, &admin, cases[i].address, "guess", STR("000000"), &err),
			    err, cases[i].held ? MSG_SIGN_IN_LATER : MSG_SIGN_IN_REFUSED);
	check_cases(nitems(cases));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(every_refusal_is_the_same),  TEST(a_code_works_once),
		TEST(a_recovery_code_works_once), TEST(the_delay_doubles),
		TEST(outsiders_lock_nobody_out),  TEST(networks_count_as_one),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
