#include "ledger/tile.h"

#include "ledger/tree.h"

enum { GROUP_DIGITS = 3, GROUP_BASE = 1000, GROUPS_MAX = 6 };

static void index_write(int64_t index, struct writer *out)
{
	int64_t scale = 1;

	while (index / scale >= GROUP_BASE)
		scale *= GROUP_BASE;
	for (; scale > 1; scale /= GROUP_BASE)
		writer_printf(out, "x%03d/", (int)(index / scale % GROUP_BASE));
	writer_printf(out, "%03d", (int)(index % GROUP_BASE));
}

void tile_path_write(const struct tile_path *path, struct writer *out)
{
	if (path->epoch > 0)
		writer_printf(out, "epoch/%lld/", (long long)path->epoch);
	if (path->kind == TILE_CHECKPOINT) {
		writer_text(out, "checkpoint");
		return;
	}
	writer_text(out, "tile/");
	if (path->kind == TILE_ENTRIES)
		writer_text(out, "entries/");
	else
		writer_printf(out, "%d/", path->level);
	index_write(path->index, out);
	if (path->width < TILE_WIDTH)
		writer_printf(out, ".p/%d", (int)path->width);
}

/* Decimal digits without sign and leading zero. */
static bool plain_number(struct str text, int64_t min, int64_t max, int64_t *number)
{
	int64_t value;

	if (text.len == 0 || text.at[0] < '0' || text.at[0] > '9' ||
	    (text.at[0] == '0' && text.len > 1))
		return false;
	if (!str_to_int(text, &value) || value < min || value > max)
		return false;
	*number = value;
	return true;
}

static bool group_parse(struct str group, int64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < GROUP_DIGITS; i++) {
		if (group.at[i] < '0' || group.at[i] > '9')
			return false;
		*value = *value * 10 + (group.at[i] - '0');
	}
	return true;
}

/* Takes "x001/x234/067" off the front of *rest; a first group of zeros is written only for the
 * single one. */
static bool index_parse(struct str *rest, int64_t *index)
{
	int64_t value = 0, group;

	for (int groups = 0; groups < GROUPS_MAX; groups++) {
		bool more = rest->len > 0 && rest->at[0] == 'x';
		struct str digits = str_sub(*rest, more, GROUP_DIGITS);

		if (digits.len != GROUP_DIGITS || !group_parse(digits, &group) ||
		    (more && groups == 0 && group == 0))
			return false;
		value = value * GROUP_BASE + group;
		*rest = str_sub(*rest, more + GROUP_DIGITS, rest->len);
		if (!more) {
			*index = value;
			return true;
		}
		if (rest->len == 0 || rest->at[0] != '/')
			return false;
		*rest = str_sub(*rest, 1, rest->len);
	}
	return false;
}

static bool kind_parse(struct str *rest, struct tile_path *path)
{
	struct str part;
	int64_t level;

	if (!str_split(rest, '/', &part) || !str_is(part, "tile") || !str_split(rest, '/', &part))
		return false;
	if (str_is(part, "entries")) {
		path->kind = TILE_ENTRIES;
		return true;
	}
	path->kind = TILE_HASHES;
	if (!plain_number(part, 0, 63, &level))
		return false;
	path->level = (int)level;
	return true;
}

bool tile_path_parse(struct str text, struct tile_path *to)
{
	struct tile_path path = { .width = TILE_WIDTH };
	struct str rest = text, part;
	int64_t width;

	if (str_starts(rest, "epoch/")) {
		if (!str_split(&rest, '/', &part) || !str_split(&rest, '/', &part) ||
		    !plain_number(part, 1, INT64_MAX, &path.epoch))
			return false;
	}
	if (str_is(rest, "checkpoint")) {
		*to = path;
		return true;
	}
	if (!kind_parse(&rest, &path) || !index_parse(&rest, &path.index))
		return false;
	if (rest.len > 0) {
		if (!str_starts(rest, ".p/") ||
		    !plain_number(str_sub(rest, 3, rest.len), 1, TILE_WIDTH - 1, &width))
			return false;
		path.width = (size_t)width;
	}
	*to = path;
	return true;
}
