/* Versions as makers of devices write them: "V2.01 SP3", "012U000040", "Rev. B", "july 1 2017". */
#include "ident/version_words.h"

/* The key's first byte; versions of different kinds have no order. */
enum { KIND_LETTERS = 1, KIND_NUMBERS = 2, KIND_DATE = 3 };

struct date {
	int year, month, day; /* day 0: the month alone */
};

/* A month in full, by its first three letters, or "sept"; 0 for none. */
static int month_of(struct str word)
{
	static const char *const names[] = { "january",   "february", "march",    "april",
					     "may",       "june",     "july",     "august",
					     "september", "october",  "november", "december" };

	for (int i = 0; i < (int)nitems(names); i++) {
		char shortened[4];

		memcpy(shortened, names[i], 3);
		shortened[3] = '\0';
		if (same_word(word, names[i]) || same_word(word, shortened))
			return i + 1;
	}
	return same_word(word, "sept") ? 9 : 0;
}

static int value_of(struct str digits)
{
	int64_t value;

	return digits.len <= 4 && str_to_int(digits, &value) ? (int)value : 0;
}

static bool date_valid(const struct date *date)
{
	return date->year >= 1970 && date->month >= 1 && date->month <= 12 && date->day <= 31;
}

/* "july 1 2017", "July 1st, 2017", "1-Jul-2017", "July 2017". */
static bool read_named_date(struct str text, struct date *date)
{
	int numbers[2] = { 0, 0 }, count = 0;

	while (text.len > 0) {
		struct str digits = take_digits(&text), word = STR_NONE;

		if (digits.len > 0) {
			if (count == 2)
				return false;
			numbers[count++] = value_of(digits);
			if (digits.len <= 2)
				(void)(take_word(&text, "st") || take_word(&text, "nd") ||
				       take_word(&text, "rd") || take_word(&text, "th"));
			continue;
		}
		word = take_letters(&text);
		if (word.len > 0) {
			if (date->month > 0 || (date->month = month_of(word)) == 0)
				return false;
			continue;
		}
		if (!strchr(" ,.-/", text.at[0]))
			return false;
		skip(&text, 1);
	}
	date->day = count == 2 ? numbers[0] : 0;
	date->year = numbers[count == 2];
	return count > 0 && (count == 1 || date->day > 0) && date_valid(date);
}

/* "2017-07-01", "2017/7/1", "2017年7月1日", "2017年7月". */
static bool read_numbered_date(struct str text, struct date *date)
{
	static const char *const marks[][3] = { { "-", "-", "" },
						{ "/", "/", "" },
						{ "年", "月", "日" } };
	struct str year = take_digits(&text);

	if (year.len != 4)
		return false;
	for (size_t i = 0; i < nitems(marks); i++) {
		struct str rest = text;

		if (!take_word(&rest, marks[i][0]))
			continue;

		struct str month = take_digits(&rest);

		if (month.len == 0 || month.len > 2 || !take_word(&rest, marks[i][1]))
			return false;

		struct str day = take_digits(&rest);

		if (day.len > 2 || (day.len == 0 && marks[i][2][0] == '\0') ||
		    (day.len > 0 && !take_word(&rest, marks[i][2])) || rest.len > 0)
			return false;
		*date = (struct date){ value_of(year), value_of(month), value_of(day) };
		return date_valid(date);
	}
	return false;
}

/* "07/01/2017": nobody can tell day from month. */
static bool ambiguous_date(struct str text)
{
	size_t slashes = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] != '/' && !is_digit(text.at[i]))
			return false;
		slashes += text.at[i] == '/';
	}
	return slashes == 2;
}

/* Without the words that only say that a version follows. */
static struct str without_titles(struct str text)
{
	static const char *const titles[] = { "firmware", "software", "version", "revision",
					      "release",  "ver",      "rev",     "rel",
					      "fw",       "sw",       "v" };

	for (size_t i = 0; i < nitems(titles); i++) {
		struct str rest = text;

		if (!take_word(&rest, titles[i]))
			continue;

		bool letter = is_letter(first_of(rest));

		while (rest.len > 0 && strchr(". :_-", rest.at[0]))
			skip(&rest, 1);
		if (letter || rest.len == 0)
			continue;
		text = rest;
		i = (size_t)-1; /* "Firmware Version 2" */
	}
	return text;
}

bool key_firmware(struct str text, struct writer *key)
{
	struct date named = { 0 }, numbered = { 0 };

	if (is_no_version(text))
		return false;
	if (read_numbered_date(text, &numbered) || read_named_date(text, &named)) {
		const struct date *date = numbered.year > 0 ? &numbered : &named;

		writer_byte(key, KIND_DATE);
		writer_byte(key, (char)(date->year >> 8));
		writer_byte(key, (char)date->year);
		writer_byte(key, (char)date->month);
		writer_byte(key, (char)date->day);
		return true;
	}
	if (ambiguous_date(text))
		return false;
	text = without_titles(text);
	if (is_letter(first_of(text))) {
		struct str letters = take_letters(&text);

		/* A … Z, AA: more letters are later. */
		writer_byte(key, KIND_LETTERS);
		writer_byte(key, (char)(letters.len >> 8));
		writer_byte(key, (char)letters.len);
		key_folded(key, letters);
	} else {
		writer_byte(key, KIND_NUMBERS);
	}
	key_words_generic(text, key);
	return true;
}
