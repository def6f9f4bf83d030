#include "base/clock.h"

#include <stdatomic.h>

#define DAY SECONDS(86400)

static const int64_t first_instant = -62135596800LL * 1000000; /* 0001-01-01 */
static const int64_t last_instant = 253402300799LL * 1000000 + 999999;

static _Atomic int64_t held = INT64_MIN;

int64_t clock_now(void)
{
	int64_t still = atomic_load_explicit(&held, memory_order_relaxed);
	struct timespec now;

	if (still != INT64_MIN)
		return still;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return SECONDS(now.tv_sec) + now.tv_nsec / 1000;
}

void clock_hold(int64_t instant)
{
	atomic_store(&held, instant);
}

void clock_run(void)
{
	atomic_store(&held, INT64_MIN);
}

int64_t clock_elapsed(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return SECONDS(now.tv_sec) + now.tv_nsec / 1000;
}

struct civil {
	int64_t year;
	int month, day;
};

/* Days and civil dates in the proleptic Gregorian calendar, by eras of 400 years (146,097 days). */
static int64_t days_of(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

static struct civil civil_of(int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted = (5 * day_of_year + 2) / 153;
	int month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);

	return (struct civil){
		.year = year_of_era + era * 400 + (month <= 2),
		.month = month,
		.day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1),
	};
}

static int64_t floor_days(int64_t instant)
{
	return instant >= 0 ? instant / DAY : -((-instant + DAY - 1) / DAY);
}

const char *instant_text(int64_t instant, char text[INSTANT_TEXT_SIZE])
{
	if (instant < first_instant)
		instant = first_instant;
	if (instant > last_instant)
		instant = last_instant;

	int64_t days = floor_days(instant);
	int64_t rest = instant - days * DAY;
	struct civil date = civil_of(days);

	(void)snprintf(text, INSTANT_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
		       (int)date.year, date.month, date.day, (int)(rest / SECONDS(3600)),
		       (int)(rest / SECONDS(60) % 60), (int)(rest / SECONDS(1) % 60),
		       (int)(rest % SECONDS(1)));
	return text;
}

const char *date_text(int64_t days, char text[DATE_TEXT_SIZE])
{
	struct civil date = civil_of(days);

	(void)snprintf(text, DATE_TEXT_SIZE, "%04d-%02d-%02d", (int)date.year, date.month,
		       date.day);
	return text;
}

/* Exactly `count` digits at *at. */
static bool digits(struct str s, size_t *at, size_t count, int *value)
{
	int sum = 0;

	if (s.len - *at < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		char c = s.at[*at + i];

		if (c < '0' || c > '9')
			return false;
		sum = sum * 10 + (c - '0');
	}
	*at += count;
	*value = sum;
	return true;
}

static bool literal(struct str s, size_t *at, char c)
{
	if (*at >= s.len || s.at[*at] != c)
		return false;
	++*at;
	return true;
}

static bool date_part(struct str s, size_t *at, int64_t *days)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day;

	if (!digits(s, at, 4, &year) || !literal(s, at, '-') || !digits(s, at, 2, &month) ||
	    !literal(s, at, '-') || !digits(s, at, 2, &day))
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1)
		return false;

	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (day > lengths[month - 1] + (month == 2 && leap))
		return false;
	*days = days_of(year, month, day);
	return true;
}

bool date_parse(struct str s, int64_t *days)
{
	size_t at = 0;
	int64_t value;

	if (!date_part(s, &at, &value) || at != s.len)
		return false;
	*days = value;
	return true;
}

static bool fraction(struct str s, size_t *at, int64_t *micros)
{
	int64_t unit = 100000;
	size_t count = 0;

	*micros = 0;
	if (*at >= s.len || s.at[*at] != '.')
		return true;
	for (++*at; *at < s.len && s.at[*at] >= '0' && s.at[*at] <= '9'; ++*at, count++) {
		*micros += (s.at[*at] - '0') * unit;
		unit /= 10;
	}
	return count >= 1 && count <= 9;
}

static bool offset(struct str s, size_t *at, int64_t *seconds)
{
	int hours, minutes;

	if (*at >= s.len)
		return false;

	char sign = s.at[(*at)++];

	*seconds = 0;
	if (sign == 'Z' || sign == 'z')
		return true;
	if (sign != '+' && sign != '-')
		return false;
	if (!digits(s, at, 2, &hours) || !literal(s, at, ':') || !digits(s, at, 2, &minutes))
		return false;
	if (hours > 23 || minutes > 59)
		return false;
	*seconds = (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return true;
}

bool instant_parse(struct str s, int64_t *instant)
{
	size_t at = 0;
	int64_t days, micros, shift;
	int hour, minute, second;

	if (!date_part(s, &at, &days))
		return false;
	if (at >= s.len || !strchr("Tt ", s.at[at++]))
		return false;
	if (!digits(s, &at, 2, &hour) || !literal(s, &at, ':') || !digits(s, &at, 2, &minute) ||
	    !literal(s, &at, ':') || !digits(s, &at, 2, &second))
		return false;
	/* A leap second (RFC 3339, section 5.7) counts as the second before it. */
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	if (!fraction(s, &at, &micros) || !offset(s, &at, &shift) || at != s.len)
		return false;
	*instant = days * DAY + SECONDS(hour * 3600 + minute * 60 + (second > 59 ? 59 : second)) +
		   micros - SECONDS(shift);
	return true;
}
