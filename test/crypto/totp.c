#include "base/clock.h"
#include "check.h"
#include "crypto/totp.h"

static const uint8_t seed[TOTP_SEED_SIZE] = "12345678901234567890";

/* RFC 4226, appendix D: counters 0 to 9. */
static void hotp_examples(void)
{
	static const char *const codes[] = { "755224", "287082", "359152", "969429", "338314",
					     "254676", "287922", "162583", "399871", "520489" };

	for (size_t i = 0; i < nitems(codes); i++) {
		char code[TOTP_DIGITS + 1];

		totp_code(seed, (int64_t)i, code);
		CHECK_STR(str_of(code), str_of(codes[i]));
	}
}

/* RFC 6238, appendix B, the rows of SHA-1; six digits are the last six of its eight. */
static void totp_examples(void)
{
	static const struct {
		int64_t seconds;
		const char *digits;
	} cases[] = {
		{ 59, "94287082" },         { 1111111109, "07081804" }, { 1111111111, "14050471" },
		{ 1234567890, "89005924" }, { 2000000000, "69279037" }, { 20000000000, "65353130" },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		char code[TOTP_DIGITS + 1];

		totp_code(seed, totp_step(SECONDS(cases[i].seconds)), code);
		CHECK_STR(str_of(code), str_of(cases[i].digits + 2));
	}
}

static void steps(void)
{
	CHECK_INT(totp_step(0), 0);
	CHECK_INT(totp_step(SECONDS(30) - 1), 0);
	CHECK_INT(totp_step(SECONDS(30)), 1);
	CHECK_INT(totp_step(-1), -1);
}

static void the_window_is_three_steps(void)
{
	const int64_t now = 37037037, instant = now * SECONDS(30) + SECONDS(7);

	for (int64_t step = now - 3; step <= now + 3; step++) {
		char code[TOTP_DIGITS + 1];
		bool near = step >= now - 1 && step <= now + 1;

		totp_code(seed, step, code);
		CHECK_INT(totp_match(seed, str_of(code), instant, -1), near ? step : -1);
		CHECK_INT(totp_match(seed, str_of(code), instant, step - 1), near ? step : -1);
		/* Used once, it is spent. */
		CHECK_INT(totp_match(seed, str_of(code), instant, step), -1);
		CHECK_INT(totp_match(seed, str_of(code), instant, now + 1), -1);
		CHECK_INT(totp_match(seed, str_sub(str_of(code), 0, 5), instant, -1), -1);
		code[3] ^= 1;
		CHECK_INT(totp_match(seed, str_of(code), instant, -1), -1);
	}
	CHECK_INT(totp_match(seed, STR_NONE, instant, -1), -1);
	CHECK_INT(totp_match(seed, STR("0000000"), instant, -1), -1);
}

static void addresses(void)
{
	auto_writer out = { 0 };

	totp_address(seed, STR("Xiedun 械盾"), STR("li&wei"), &out);
	CHECK_STR(writer_str(&out),
		  STR("otpauth://totp/"
		      "Xiedun%20%E6%A2%B0%E7%9B%BE:li%26wei?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
		      "&issuer=Xiedun%20%E6%A2%B0%E7%9B%BE&algorithm=SHA1&digits=6&period=30"));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(hotp_examples), TEST(totp_examples),
		TEST(steps),         TEST(the_window_is_three_steps),
		TEST(addresses),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
