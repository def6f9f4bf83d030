#include "model/access.h"

static struct str permission_of(const struct table *table, const char *verb, struct writer *text)
{
	writer_printf(text, "%.*s.%s", STR_ARGS(table->type.name), verb);
	return writer_str(text);
}

bool access_allows(const struct scope *scope, const struct table *table, const char *verb,
		   struct str path)
{
	auto_writer text = { 0 };
	struct str permission = permission_of(table, verb, &text);

	return table->type.catalogue ? scope_allows(scope, permission)
				     : scope_allows_in(scope, permission, path);
}

bool access_need(const struct scope *scope, const struct table *table, const char *verb,
		 struct str path, struct err *err)
{
	auto_writer text = { 0 };

	return access_allows(scope, table, verb, path) ||
	       fail(err, MSG_RECORD_FORBIDDEN, permission_of(table, verb, &text));
}

/* A catalogue has no place: the best clearance of the grants that open it. */
static enum clearance catalogue_clearance(const struct scope *scope, const struct table *table)
{
	enum clearance best = scope->program ? CLEARANCE_SECRET : CLEARANCE_PUBLIC;
	struct str permission = str_of(table->read_permission);

	for (size_t i = 0; i < scope->count; i++) {
		if (scope->grants[i].clearance > best &&
		    scope_allows_in(scope, permission, scope->grants[i].path))
			best = scope->grants[i].clearance;
	}
	return best;
}

enum clearance access_clearance(const struct scope *scope, const struct table *table,
				struct str path)
{
	if (table->type.catalogue)
		return catalogue_clearance(scope, table);
	return scope->program ? CLEARANCE_SECRET : scope_clearance(scope, path);
}

bool access_to_list(const struct scope *scope, const struct table *table, struct arena *arena,
		    struct access *access, struct err *err)
{
	struct str permission = str_of(table->read_permission);

	if (!scope_allows(scope, permission))
		return fail(err, MSG_RECORD_FORBIDDEN, permission);
	*access = (struct access){ .everywhere = true, .lowest = CLEARANCE_SECRET };
	if (table->type.catalogue) {
		access->lowest = catalogue_clearance(scope, table);
		return true;
	}
	if (scope->program)
		return true;
	access->count =
		scope_subtrees(scope, permission, arena, &access->paths, &access->everywhere);
	for (size_t i = 0; i < access->count; i++) {
		enum clearance clearance = scope_clearance(scope, access->paths[i]);

		if (clearance < access->lowest)
			access->lowest = clearance;
	}
	return arena_check(arena, err);
}

/* All paths below "/1/7/" lie from there to before "/1/70": the next character behind "/". */
static struct str path_end(struct arena *arena, struct str path)
{
	char *end = arena_take(arena, path.len + 1);

	if (!end || !path.len)
		return STR_NONE;
	memcpy(end, path.at, path.len);
	end[path.len - 1]++;
	return (struct str){ end, path.len };
}

void access_sql(const struct access *access, const struct table *table, struct arena *arena,
		struct sql *sql)
{
	const char *path = table->type.native ? "t.path" : "path";

	if (access->everywhere) {
		writer_text(&sql->text, "1=1");
		return;
	}
	/* The plus keeps SQLite from starting with this condition: the declared index holds the organisation too. */
	if (!table->type.native)
		writer_text(&sql->text, "+t.organisation IN (SELECT id FROM organisation WHERE ");
	writer_byte(&sql->text, '(');
	for (size_t i = 0; i < access->count; i++) {
		writer_printf(&sql->text, "%s(%s >= ", i ? " OR " : "", path);
		sql_value(sql, STORED_TEXT, value_text(access->paths[i]));
		writer_printf(&sql->text, " AND %s < ", path);
		sql_value(sql, STORED_TEXT, value_text(path_end(arena, access->paths[i])));
		writer_byte(&sql->text, ')');
	}
	writer_text(&sql->text, table->type.native ? ")" : "))");
}
