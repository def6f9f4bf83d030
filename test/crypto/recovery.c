#include "base/random.h"
#include "check.h"
#include "crypto/recovery.h"

struct sheet {
	struct root_key root;
	struct writer share[RECOVERY_SHARES];
};

static void sheet_release(struct sheet *sheet)
{
	for (int i = 0; i < RECOVERY_SHARES; i++)
		writer_release(&sheet->share[i]);
}
#define auto_sheet cleanup_with(sheet_release) struct sheet

static void sheet_make(struct sheet *sheet)
{
	random_bytes(&sheet->root, sizeof(sheet->root));
	recovery_split(&sheet->root, sheet->share);
}

static struct str line(const struct sheet *sheet, int share)
{
	return writer_str(&sheet->share[share]);
}

static void any_two_shares_give_the_key_back(void)
{
	for (int round = 0; round < 50; round++) {
		auto_sheet sheet = { 0 };

		sheet_make(&sheet);
		for (int a = 0; a < RECOVERY_SHARES; a++) {
			for (int b = 0; b < RECOVERY_SHARES; b++) {
				struct root_key back = { 0 };
				struct err err;

				CHECK_INT((int64_t)line(&sheet, a).len, 73);
				if (a == b) {
					CHECK_FAILS(recovery_join(line(&sheet, a), line(&sheet, b),
								  &back, &err),
						    err, MSG_RECOVERY_SAME);
					continue;
				}
				CHECK_DONE(recovery_join(line(&sheet, a), line(&sheet, b), &back,
							 &err),
					   err);
				CHECK(memcmp(&back, &sheet.root, sizeof(back)) == 0);
			}
		}
	}
}

/* A share on its own is the key plus random bytes: with one root key, 64 sheets differ in every character. */
static void one_share_tells_nothing(void)
{
	const struct root_key root = { "the same root key on every sheet" };
	char seen[RECOVERY_SHARES][73] = { 0 };
	int changed = 0;

	for (int round = 0; round < 64; round++) {
		struct sheet sheet = { 0 };

		recovery_split(&root, sheet.share);
		for (int s = 0; s < RECOVERY_SHARES; s++) {
			for (int i = 2; i < 73; i++) {
				char c = sheet.share[s].at[i];

				if (round == 0)
					seen[s][i] = c;
				else if (seen[s][i] && seen[s][i] != c && c != '-')
					seen[s][i] = 0;
			}
		}
		sheet_release(&sheet);
	}
	for (int s = 0; s < RECOVERY_SHARES; s++) {
		for (int i = 2; i < 73; i++)
			changed += seen[s][i] == 0;
	}
	CHECK_INT(changed, RECOVERY_SHARES * 60);
}

static void every_mistyped_character_is_noticed(void)
{
	static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	auto_sheet sheet = { 0 };
	int tried = 0;

	sheet_make(&sheet);
	for (int s = 0; s < RECOVERY_SHARES; s++) {
		char *at = sheet.share[s].at;
		int other = (s + 1) % RECOVERY_SHARES;

		for (size_t i = 0; at[i]; i++) {
			char right = at[i];

			if (right == '-')
				continue;
			for (const char *wrong = symbols; *wrong; wrong++) {
				struct root_key back;
				struct err err;

				if (*wrong == right)
					continue;
				at[i] = *wrong;
				CHECK_FAILS(recovery_join(line(&sheet, s), line(&sheet, other),
							  &back, &err),
					    err, MSG_RECOVERY_SHARE);
				CHECK_STR(str_of(err.arg[0]), STR("1"));
				CHECK_FAILS(recovery_join(line(&sheet, other), line(&sheet, s),
							  &back, &err),
					    err, MSG_RECOVERY_SHARE);
				CHECK_STR(str_of(err.arg[0]), STR("2"));
				tried++;
			}
			at[i] = right;
		}
	}
	CHECK_INT(tried, RECOVERY_SHARES * 61 * 31);
}

static void every_exchange_of_neighbours_is_noticed(void)
{
	auto_sheet sheet = { 0 };
	struct root_key back;
	struct err err;

	sheet_make(&sheet);

	char *at = sheet.share[0].at;

	for (size_t i = 0; at[i + 1]; i++) {
		size_t next = at[i + 1] == '-' ? i + 2 : i + 1;
		char held = at[i];

		if (held == '-' || at[next] == held)
			continue;
		at[i] = at[next];
		at[next] = held;
		CHECK_FAILS(recovery_join(line(&sheet, 0), line(&sheet, 1), &back, &err), err,
			    MSG_RECOVERY_SHARE);
		at[next] = at[i];
		at[i] = held;
	}
	CHECK_DONE(recovery_join(line(&sheet, 0), line(&sheet, 1), &back, &err), err);
}

static void shares_are_typed_as_people_type(void)
{
	auto_sheet sheet = { 0 };
	auto_writer loose = { 0 };
	struct root_key back;
	struct err err;

	sheet_make(&sheet);
	for (const char *at = sheet.share[0].at; *at; at++) {
		if (*at == '0')
			writer_byte(&loose, 'o');
		else if (*at == '1')
			writer_byte(&loose, at == sheet.share[0].at ? 'l' : 'I');
		else if (*at == '-')
			writer_text(&loose, " \t");
		else
			writer_byte(&loose, *at >= 'A' ? (char)(*at + 'a' - 'A') : *at);
	}
	writer_text(&loose, "\r\n");
	CHECK_DONE(recovery_join(writer_str(&loose), line(&sheet, 2), &back, &err), err);
	CHECK(memcmp(&back, &sheet.root, sizeof(back)) == 0);
}

static void wrong_shares_are_named(void)
{
	auto_sheet sheet = { 0 };
	auto_sheet second = { 0 };
	struct root_key back;
	struct err err;

	sheet_make(&sheet);
	do {
		sheet_release(&second);
		sheet_make(&second);
	} while (memcmp(second.share[0].at + 2, sheet.share[0].at + 2, 3) == 0);
	CHECK_FAILS(recovery_join(line(&sheet, 0), line(&second, 1), &back, &err), err,
		    MSG_RECOVERY_SHEETS);
	CHECK_FAILS(recovery_join(line(&sheet, 0), STR_NONE, &back, &err), err,
		    MSG_RECOVERY_LENGTH);
	CHECK_FAILS(recovery_join(str_sub(line(&sheet, 0), 0, 72), line(&sheet, 1), &back, &err),
		    err, MSG_RECOVERY_LENGTH);
	writer_byte(&sheet.share[0], '7');
	CHECK_FAILS(recovery_join(line(&sheet, 0), line(&sheet, 1), &back, &err), err,
		    MSG_RECOVERY_LENGTH);
	sheet.share[0].len--;
	sheet.share[1].at[9] = 'U';
	CHECK_FAILS(recovery_join(line(&sheet, 0), line(&sheet, 1), &back, &err), err,
		    MSG_RECOVERY_CHARACTER);
	CHECK_STR(str_of(err.arg[0]), STR("2"));
	CHECK_STR(str_of(err.arg[1]), STR("10"));
	sheet.share[1].at[9] = '\0';
	CHECK_FAILS(recovery_join(line(&sheet, 0), line(&sheet, 1), &back, &err), err,
		    MSG_RECOVERY_CHARACTER);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(any_two_shares_give_the_key_back),
		TEST(one_share_tells_nothing),
		TEST(every_mistyped_character_is_noticed),
		TEST(every_exchange_of_neighbours_is_noticed),
		TEST(shares_are_typed_as_people_type),
		TEST(wrong_shares_are_named),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
