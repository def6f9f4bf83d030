#include <pthread.h>
#include <time.h>

#include "base/encode.h"
#include "check.h"
#include "crypto/argon.h"
#include "crypto/password.h"
#include "crypto/password_policy.h"

/* Made by an implementation that shares no code with libargon2: the npm package @noble/hashes 2.4.0. */
static void argon2id_examples(void)
{
	static const struct {
		struct argon_cost cost;
		const char *password, *hash;
	} cases[] = {
		{ { 4096, 2, 1 },
		  "password",
		  "1f99999fc42c145c27b4f92d75b8c636da81f830c9fa78b1abde2e240668a889" },
		{ { 256, 2, 1 },
		  "password",
		  "cab746b4621993fdc91ec50787980b414a90a692f0bc68dfe19f9c25b3cba9ec" },
		{ { 256, 3, 4 },
		  "password",
		  "3ae75675fc1875866526c8f930cb40d6fe751ec0bea5ad3052bafca5369373b3" },
		{ { 64, 1, 1 },
		  "",
		  "ddf510f78d6bb26a37fc2a62fba2b6ccc36d7cc2d671fba481fb1ea6c9d80b0e" },
		{ { 64, 1, 2 },
		  "手术室",
		  "5c66ac7a1eb54b4644aeed71efe7cdcce81d292c422b22b9fac09b61f89f1f885d87bc9cdaba266c"
		  "d1264c8126cfb505"
		  "0bef38b1186674d0f884985dfa8f74e5" },
	};
	uint8_t salt[ARGON_SALT_SIZE];

	memcpy(salt, "somesaltsomesalt", sizeof(salt));
	for (size_t i = 0; i < nitems(cases); i++) {
		char hash[64];
		size_t size = strlen(cases[i].hash) / 2;
		auto_writer text = { 0 };

		argon_derive(&cases[i].cost, str_of(cases[i].password), salt, hash, size);
		hex_write(&text, (struct str){ hash, size });
		CHECK_STR(writer_str(&text), str_of(cases[i].hash));
	}
}

static void passwords_match_their_hash(void)
{
	auto_writer phc = { 0 }, again = { 0 };
	char many[PASSWORD_MAX + 2];
	struct err err;

	CHECK_DONE(password_hash(STR("手术室 3 号!"), &phc, &err), err);
	CHECK_DONE(password_hash(STR("手术室 3 号!"), &again, &err), err);
	CHECK(str_starts(writer_str(&phc), "$argon2id$v=19$m=24576,t=2,p=1$"));
	CHECK_INT((int64_t)phc.len, 31 + 22 + 1 + 43);
	CHECK(!str_equal(writer_str(&phc), writer_str(&again)));
	CHECK(password_matches(STR("手术室 3 号!"), writer_str(&phc)));
	CHECK(!password_matches(STR("手术室 3 号"), writer_str(&phc)));
	CHECK(!password_matches(STR_NONE, writer_str(&phc)));
	CHECK(!password_is_old(writer_str(&phc)));
	memset(many, 'x', sizeof(many));
	CHECK_FAILS(password_hash((struct str){ many, PASSWORD_MAX + 1 }, &phc, &err), err,
		    MSG_PASSWORD_LONG);
	writer_clear(&phc);
	CHECK_DONE(password_hash((struct str){ many, PASSWORD_MAX }, &phc, &err), err);
	CHECK(password_matches((struct str){ many, PASSWORD_MAX }, writer_str(&phc)));
	CHECK(!password_matches((struct str){ many, PASSWORD_MAX + 1 }, writer_str(&phc)));
}

/* The first of them as a PHC string. */
#define FOREIGN_HASH "H5mZn8QsFFwntPktdbjGNtqB+DDJ+nixq94uJAZoqIk"
#define FOREIGN      "$argon2id$v=19$m=4096,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" FOREIGN_HASH

static void strings_of_others_are_read(void)
{
	static const char *const bad[] = {
		"",
		"$",
		"password",
		"$argon2i$v=19$m=4096,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA",
		"$argon2id$v=16$m=4096,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA",
		"$argon2id$v=19$m=4096,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA",
		"$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" FOREIGN_HASH,
		"$argon2id$v=19$m=4096,t=99,p=1$c29tZXNhbHRzb21lc2FsdA$" FOREIGN_HASH,
		"$argon2id$v=19$m=4096,t=2,p=2$c29tZXNhbHRzb21lc2FsdA$" FOREIGN_HASH,
		"$argon2id$v=19$m=7,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" FOREIGN_HASH,
		"$argon2id$v=19$m=-4096,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" FOREIGN_HASH,
		"$argon2id$v=19$t=2,m=4096,p=1$c29tZXNhbHRzb21lc2FsdA$" FOREIGN_HASH,
		"$argon2id$v=19$m=4096,t=2,p=1,x=1$c29tZXNhbHRzb21lc2FsdA$" FOREIGN_HASH,
		FOREIGN "$",
		FOREIGN "A",
	};

	CHECK(password_matches(STR("password"), STR(FOREIGN)));
	CHECK(!password_matches(STR("passwore"), STR(FOREIGN)));
	CHECK(password_is_old(STR(FOREIGN)));
	for (size_t i = 0; i < nitems(bad); i++) {
		CHECK(!password_matches(STR("password"), str_of(bad[i])));
		CHECK(password_is_old(str_of(bad[i])));
	}
}

static void *hash_one(void *done)
{
	auto_writer phc = { 0 };
	struct err err;

	if (password_hash(STR("one of many"), &phc, &err) &&
	    password_matches(STR("one of many"), writer_str(&phc)))
		*(bool *)done = true;
	return NULL;
}

static void many_threads_take_turns(void)
{
	enum { THREADS = 6 };
	pthread_t threads[THREADS];
	bool done[THREADS] = { false };

	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, hash_one, &done[i]) == 0);
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++)
		CHECK(done[i]);
}

static double seconds_of(void (*run)(struct str, struct str), struct str password, struct str phc)
{
	double best = 1e9;

	for (int i = 0; i < 5; i++) {
		struct timespec before, after;

		(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
		run(password, phc);
		(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);

		double took = (double)(after.tv_sec - before.tv_sec) +
			      (double)(after.tv_nsec - before.tv_nsec) / 1e9;

		best = took < best ? took : best;
	}
	return best;
}

static void match(struct str password, struct str phc)
{
	(void)password_matches(password, phc);
}

static void pretend(struct str password, struct str phc unused)
{
	password_pretend(password);
}

/* Bounds are wide, since machines are busy; what they must notice is the answer without any work. */
static void unknown_accounts_take_as_long(void)
{
	auto_writer phc = { 0 };
	struct err err;

	CHECK_DONE(password_hash(STR("right one"), &phc, &err), err);

	double right = seconds_of(match, STR("right one"), writer_str(&phc)),
	       wrong = seconds_of(match, STR("wrong one"), writer_str(&phc)),
	       unknown = seconds_of(pretend, STR("wrong one"), STR_NONE),
	       malformed = seconds_of(match, STR("wrong one"), STR("none"));

	CHECK(wrong > right / 4 && wrong < right * 4);
	CHECK(unknown > right / 4 && unknown < right * 4);
	CHECK(malformed > right / 4 && malformed < right * 4);
}

#define LONG_65 "0123456789012345678901234567890123456789012345678901234567890123!"

static void policies(void)
{
	static const struct {
		const char *password;
		int composed[5], longer[3]; /* the messages, in order */
	} cases[] = {
		{ "Dq7!kf2_", { 0 }, { MSG_PASSWORD_SHORT } },
		{ "手术 室1 号灯泡", { 0 }, { MSG_PASSWORD_SHORT } },
		{ "Dq7!kf2", { MSG_PASSWORD_SHORT }, { MSG_PASSWORD_SHORT } },
		{ "",
		  { MSG_PASSWORD_SHORT, MSG_PASSWORD_NO_DIGIT, MSG_PASSWORD_NO_LETTER,
		    MSG_PASSWORD_NO_SPECIAL },
		  { MSG_PASSWORD_SHORT } },
		{ "uvkkwpdm",
		  { MSG_PASSWORD_NO_DIGIT, MSG_PASSWORD_NO_SPECIAL },
		  { MSG_PASSWORD_SHORT } },
		{ "90418 27361", { MSG_PASSWORD_NO_LETTER }, { MSG_PASSWORD_SHORT } },
		{ "uvkkwpdm ctgiabnf", { MSG_PASSWORD_NO_DIGIT }, { 0 } },
		{ "12345678",
		  { MSG_PASSWORD_NO_LETTER, MSG_PASSWORD_NO_SPECIAL, MSG_PASSWORD_COMMON },
		  { MSG_PASSWORD_SHORT, MSG_PASSWORD_COMMON } },
		{ "Admin@123",
		  { MSG_PASSWORD_COMMON },
		  { MSG_PASSWORD_SHORT, MSG_PASSWORD_COMMON } },
		{ "P@ssw0rd!",
		  { MSG_PASSWORD_COMMON },
		  { MSG_PASSWORD_SHORT, MSG_PASSWORD_COMMON } },
		{ "Yiyuan#2026",
		  { MSG_PASSWORD_COMMON },
		  { MSG_PASSWORD_SHORT, MSG_PASSWORD_COMMON } },
		{ "1QAZ@wsx",
		  { MSG_PASSWORD_COMMON },
		  { MSG_PASSWORD_SHORT, MSG_PASSWORD_COMMON } },
		{ "Woaini1314",
		  { MSG_PASSWORD_NO_SPECIAL, MSG_PASSWORD_COMMON },
		  { MSG_PASSWORD_SHORT, MSG_PASSWORD_COMMON } },
		{ "abc-81940#27361-5", { 0 }, { 0 } },
		{ "x1!LIWEI2x",
		  { MSG_PASSWORD_NAMED },
		  { MSG_PASSWORD_SHORT, MSG_PASSWORD_NAMED } },
		{ "x1!李伟 2xyz",
		  { MSG_PASSWORD_NAMED },
		  { MSG_PASSWORD_SHORT, MSG_PASSWORD_NAMED } },
		{ "Dq7!kf2_\xff", { MSG_NOT_UTF8 }, { MSG_NOT_UTF8, MSG_PASSWORD_SHORT } },
		{ "a" LONG_65 LONG_65 LONG_65 LONG_65,
		  { MSG_PASSWORD_LONG },
		  { MSG_PASSWORD_LONG } },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		auto_problems composed = { 0 }, longer = { 0 };
		size_t n;
		bool good =
			password_policy_check(&password_policy_composed, str_of(cases[i].password),
					      STR("liwei"), STR("李伟"), &composed);

		CHECK(good == (composed.count == 0));
		for (n = 0; n < nitems(cases[i].composed) && cases[i].composed[n]; n++)
			CHECK(n < composed.count &&
			      (int)composed.list[n].message == cases[i].composed[n]);
		CHECK_INT((int64_t)composed.count, (int64_t)n);
		good = password_policy_check(&password_policy_long, str_of(cases[i].password),
					     STR("liwei"), STR("李伟"), &longer);
		CHECK(good == (longer.count == 0));
		for (n = 0; n < nitems(cases[i].longer) && cases[i].longer[n]; n++)
			CHECK(n < longer.count &&
			      (int)longer.list[n].message == cases[i].longer[n]);
		CHECK_INT((int64_t)longer.count, (int64_t)n);
	}
	/* Names too short to mean anything refuse nothing. */
	auto_problems none = { 0 };

	CHECK(password_policy_check(&password_policy_composed, STR("Dq7!kf2_"), STR("kf"), STR_NONE,
				    &none));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(argon2id_examples),
		TEST(passwords_match_their_hash),
		TEST(strings_of_others_are_read),
		TEST(many_threads_take_turns),
		TEST(unknown_accounts_take_as_long),
		TEST(policies),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
