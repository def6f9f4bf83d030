#include "base/str.h"

struct str str_of(const char *terminated)
{
	return terminated ? (struct str){ terminated, strlen(terminated) } : STR_NONE;
}

bool str_equal(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool str_is(struct str a, const char *terminated)
{
	return str_equal(a, str_of(terminated));
}

int str_compare(struct str a, struct str b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.at, b.at, common) : 0;

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

bool str_starts(struct str s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && (len == 0 || memcmp(s.at, prefix, len) == 0);
}

bool str_ends(struct str s, const char *suffix)
{
	size_t len = strlen(suffix);

	return s.len >= len && (len == 0 || memcmp(s.at + s.len - len, suffix, len) == 0);
}

struct str str_sub(struct str s, size_t from, size_t len)
{
	if (from > s.len)
		from = s.len;
	if (len > s.len - from)
		len = s.len - from;
	return (struct str){ s.at ? s.at + from : NULL, len };
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

struct str str_trim(struct str s)
{
	size_t from = 0, to = s.len;

	while (from < to && is_space(s.at[from]))
		from++;
	while (from < to && is_space(s.at[to - 1]))
		to--;
	return str_sub(s, from, to - from);
}

bool str_split(struct str *rest, char separator, struct str *part)
{
	if (!rest->at)
		return false;

	size_t end = str_find(*rest, separator);

	*part = str_sub(*rest, 0, end);
	*rest = end < rest->len ? str_sub(*rest, end + 1, rest->len) : STR_NONE;
	return true;
}

size_t str_find(struct str s, char byte)
{
	const char *hit = s.len ? memchr(s.at, byte, s.len) : NULL;

	return hit ? (size_t)(hit - s.at) : s.len;
}

bool str_to_int(struct str s, int64_t *value)
{
	bool negative = s.len > 0 && s.at[0] == '-';
	size_t i = negative || (s.len > 0 && s.at[0] == '+') ? 1 : 0;
	int64_t sum = 0;

	if (i == s.len)
		return false;
	for (; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		/* Summed downwards, so that the smallest value fits too. */
		if (__builtin_mul_overflow(sum, (int64_t)10, &sum) ||
		    __builtin_sub_overflow(sum, (int64_t)(s.at[i] - '0'), &sum))
			return false;
	}
	if (!negative && sum == INT64_MIN)
		return false;
	*value = negative ? sum : -sum;
	return true;
}

/* Length of the well-formed sequence at `at`, or 0. RFC 3629, section 4. */
static size_t utf8_sequence(const unsigned char *at, size_t left)
{
	unsigned char lead = at[0];
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		len = 2;
	else if (lead >= 0xe0 && lead <= 0xef)
		len = 3;
	else if (lead >= 0xf0 && lead <= 0xf4)
		len = 4;
	else
		return 0;
	if (left < len)
		return 0;
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	}
	return len;
}

bool str_is_utf8(struct str s)
{
	const unsigned char *at = (const unsigned char *)s.at;
	size_t left = s.len;

	while (left > 0) {
		uint64_t word = 0;
		size_t len;

		if (left >= sizeof(word))
			memcpy(&word, at, sizeof(word));
		if (left >= sizeof(word) && (word & 0x8080808080808080u) == 0)
			len = sizeof(word);
		else if (left >= 3 && at[0] > 0xe0 && at[0] < 0xf0 && at[0] != 0xed &&
			 (at[1] & 0xc0) == 0x80 && (at[2] & 0xc0) == 0x80)
			len = 3; /* nearly all of Chinese */
		else
			len = utf8_sequence(at, left);
		if (len == 0)
			return false;
		at += len;
		left -= len;
	}
	return true;
}
