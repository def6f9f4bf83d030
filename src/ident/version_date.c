/* Instants as versions, and texts without any structure. */
#include "ident/version_key.h"

static bool take_number(struct str *rest, size_t len, int *value)
{
	struct str digits =
		take_digits(&(struct str){ rest->at, rest->len < len ? rest->len : len });

	if (digits.len != len)
		return false;
	*value = 0;
	for (size_t i = 0; i < len; i++)
		*value = *value * 10 + (digits.at[i] - '0');
	skip(rest, len);
	return true;
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* Days from 0000-03-01, so that leap days stand last in their year; never below 0 from -0000-01-01 on when 306 is added. */
static int64_t day_number(int year, int month, int day)
{
	int64_t shifted = month > 2 ? year : year - 1;
	int64_t months = month > 2 ? month - 3 : month + 9;

	return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 +
	       (months * 153 + 2) / 5 + day;
}

static bool take_offset(struct str *rest, int *minutes)
{
	int sign = first_of(*rest) == '-' ? -1 : 1, hour, minute;

	*minutes = 0;
	if (take_byte(rest, 'Z') || take_byte(rest, 'z'))
		return true;
	if ((!take_byte(rest, '+') && !take_byte(rest, '-')) || !take_number(rest, 2, &hour) ||
	    !take_byte(rest, ':') || !take_number(rest, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

/* RFC 3339 section 5.6, date-time; a full-date alone is the start of that day in UTC. */
bool key_datetime(struct str text, struct writer *key)
{
	int year, month, day, hour = 0, minute = 0, second = 0, offset = 0;
	struct str fraction = STR_NONE;

	if (!take_number(&text, 4, &year) || !take_byte(&text, '-') ||
	    !take_number(&text, 2, &month) || !take_byte(&text, '-') ||
	    !take_number(&text, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_in(year, month))
		return false;
	if (text.len > 0) {
		if ((!take_byte(&text, 'T') && !take_byte(&text, 't')) ||
		    !take_number(&text, 2, &hour) || !take_byte(&text, ':') ||
		    !take_number(&text, 2, &minute) || !take_byte(&text, ':') ||
		    !take_number(&text, 2, &second) || hour > 23 || minute > 59 || second > 60)
			return false;
		if (take_byte(&text, '.')) {
			fraction = take_digits(&text);
			if (fraction.len == 0)
				return false;
		}
		if (!take_offset(&text, &offset) || text.len > 0)
			return false;
	}

	/* The first year's first day with the largest offset is still above 0. */
	int64_t minutes = ((day_number(year, month, day) + 400) * 24 + hour) * 60 + minute - offset;
	uint64_t seconds = (uint64_t)(minutes * 60 + second);

	for (int shift = 56; shift >= 0; shift -= 8)
		writer_byte(key, (char)(seconds >> shift));
	while (fraction.len > 0 && fraction.at[fraction.len - 1] == '0')
		fraction.len--;
	key_text(key, fraction);
	return true;
}

/* VERS' lexicographic: the bytes of the UTF-8 text, not normalised. */
bool key_lexicographic(struct str text, struct writer *key)
{
	writer_put(key, text);
	return true;
}
