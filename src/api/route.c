#include "api/route.h"

size_t route_lists(const struct route_list *const **lists)
{
	static const struct route_list *const all[] = {
		&home_routes,   &session_routes, &account_routes, &organisation_routes,
		&record_routes, &type_routes,    &ledger_routes,  &operation_routes,
	};

	*lists = all;
	return nitems(all);
}

/* Matches segment by segment; "{name*}" takes all that is left. */
static bool path_matches(const char *pattern, struct str path, struct str value[ROUTE_PARAMETERS])
{
	struct str rest = str_of(pattern), part, given;
	size_t n = 0;

	while (str_split(&rest, '/', &part)) {
		if (str_ends(part, "*}")) {
			value[n] = path;
			return path.len > 0;
		}
		if (!str_split(&path, '/', &given))
			return false;
		if (str_starts(part, "{")) {
			if (given.len == 0)
				return false;
			assert(n < ROUTE_PARAMETERS);
			value[n++] = given;
		} else if (!str_equal(part, given)) {
			return false;
		}
	}
	return !path.at;
}

const struct route *route_match(enum http_method method, struct str path,
				struct str value[ROUTE_PARAMETERS], unsigned *allowed)
{
	const struct route_list *const *lists;
	size_t count = route_lists(&lists);
	const struct route *found = NULL;

	*allowed = 0;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < lists[i]->count; j++) {
			const struct route *route = &lists[i]->rows[j];
			struct str values[ROUTE_PARAMETERS] = { 0 };

			if (!path_matches(route->path, path, values))
				continue;
			*allowed |= 1U << route->method;
			if (found || route->method != method)
				continue;
			found = route;
			memcpy(value, values, sizeof(values));
		}
	}
	return found;
}

struct str route_parameter(const char *path, size_t n)
{
	struct str rest = str_of(path), part;

	while (str_split(&rest, '/', &part)) {
		if (!str_starts(part, "{"))
			continue;
		if (n-- == 0)
			return str_sub(part, 1, part.len - (str_ends(part, "*}") ? 3 : 2));
	}
	return STR_NONE;
}
