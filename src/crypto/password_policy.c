#include "crypto/password_policy.h"

#include "crypto/password.h"

const struct password_policy password_policy_composed = { .characters = 8, .composed = true };
const struct password_policy password_policy_long = { .characters = 15, .composed = false };

/* Tried first by everybody who guesses; compared without case. */
static const char *const common[] = {
	"12345678",
	"123456789",
	"1234567890",
	"87654321",
	"11111111",
	"00000000",
	"88888888",
	"66666666",
	"5201314",
	"woaini1314",
	"woaini520",
	"woaini521",
	"a1234567",
	"a12345678",
	"qq123456",
	"123456qq",
	"asd123456",
	"1q2w3e4r",
	"1qaz2wsx",
	"1qaz@wsx",
	"!qaz2wsx",
	"1qaz!qaz",
	"1qaz2wsx3edc",
	"1qaz@wsx3edc",
	"zaq12wsx",
	"zaq1@wsx",
	"q1w2e3r4",
	"q1w2e3r4t5",
	"1q2w3e4r5t",
	"1q2w3e4r!",
	"qwertyuiop",
	"asdfghjkl",
	"1q2w#e$r",
	"!@#$%^&*",
	"iloveyou",
	"changeme",
	"correcthorsebatterystaple",
	"123456789012345",
	"111111111111111",
};

/* Words that become a “strong” password with a few digits and signs behind them: Admin@123,
 * Qwer1234!, Yiyuan#2026. */
static const char *const stems[] = {
	"a",        "aa",       "abc",     "abcd",    "admin",    "administrator", "asdf",
	"beijing",  "changeme", "china",   "default", "doctor",   "guest",         "hospital",
	"huawei",   "letmein",  "manager", "nurse",   "p@ssw0rd", "p@ssword",      "passw0rd",
	"password", "qaz",      "qwer",    "qwerty",  "root",     "server",        "shanghai",
	"system",   "test",     "user",    "weihu",   "welcome",  "woaini",        "woaizhongguo",
	"xiedun",   "xinxike",  "yiliao",  "yisheng", "yiyuan",   "zhongguo",      "zxcv",
};
enum { STEM_TAIL_MAX = 6, NAME_MIN = 3 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool equal_folded(struct str a, struct str b)
{
	size_t same = 0;

	while (same < a.len && same < b.len && lower(a.at[same]) == lower(b.at[same]))
		same++;
	return a.len == b.len && same == a.len;
}

static bool contains_folded(struct str text, struct str part)
{
	for (size_t i = 0; i + part.len <= text.len; i++) {
		if (equal_folded(str_sub(text, i, part.len), part))
			return true;
	}
	return false;
}

static bool is_letter(char c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_special(char c)
{
	return c >= ' ' && c <= '~' && !is_letter(c) && !is_digit(c);
}

static bool has(struct str text, bool (*kind)(char))
{
	for (size_t i = 0; i < text.len; i++) {
		if (kind(text.at[i]))
			return true;
	}
	return false;
}

static int64_t characters(struct str text)
{
	int64_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
	return count;
}

static bool is_common(struct str password)
{
	struct str stem = password;

	for (size_t i = 0; i < nitems(common); i++) {
		if (equal_folded(password, str_of(common[i])))
			return true;
	}
	while (stem.len > 0 && !is_letter(stem.at[stem.len - 1]))
		stem.len--;
	if (password.len - stem.len > STEM_TAIL_MAX)
		return false;
	for (size_t i = 0; i < nitems(stems); i++) {
		if (equal_folded(stem, str_of(stems[i])))
			return true;
	}
	return false;
}

#define report(problems, code, ...)                    \
	do {                                           \
		struct err one;                        \
		(void)fail(&one, code, ##__VA_ARGS__); \
		problems_add((problems), &one);        \
	} while (0)

bool password_policy_check(const struct password_policy *policy, struct str password,
			   struct str login, struct str name, struct problems *problems)
{
	size_t before = problems->count + problems->dropped;

	if (password.len > PASSWORD_MAX)
		report(problems, MSG_PASSWORD_LONG, (int64_t)PASSWORD_MAX);
	if (!str_is_utf8(password))
		report(problems, MSG_NOT_UTF8);
	if (characters(password) < policy->characters)
		report(problems, MSG_PASSWORD_SHORT, policy->characters);
	if (policy->composed && !has(password, is_digit))
		report(problems, MSG_PASSWORD_NO_DIGIT);
	if (policy->composed && !has(password, is_letter))
		report(problems, MSG_PASSWORD_NO_LETTER);
	if (policy->composed && !has(password, is_special))
		report(problems, MSG_PASSWORD_NO_SPECIAL);
	/* A name of one or two letters would refuse too much. */
	if ((login.len >= NAME_MIN && contains_folded(password, login)) ||
	    (name.len >= NAME_MIN && contains_folded(password, name)))
		report(problems, MSG_PASSWORD_NAMED);
	if (is_common(password))
		report(problems, MSG_PASSWORD_COMMON);
	return problems->count + problems->dropped == before;
}
