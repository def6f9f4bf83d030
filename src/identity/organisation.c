#include "identity/internal.h"

static const char *const kinds[] = { "supervisor", "group",      "hospital", "company",
				     "campus",     "department", "place" };
static const char kinds_text[] = "supervisor, group, hospital, company, campus, department, place";

#define SQL_ORGANISATION                                                                     \
	"SELECT o.id, o.public_id, p.public_id, o.path, o.kind, o.code, o.name, o.version, " \
	"o.created "                                                                         \
	"FROM organisation o LEFT JOIN organisation p ON p.id = o.parent "

static const char SQL_BY_PUBLIC_ID[] = SQL_ORGANISATION "WHERE o.public_id = :id";
static const char SQL_ALL[] = SQL_ORGANISATION "ORDER BY o.path";
static const char SQL_INSERT[] =
	"INSERT INTO organisation (public_id, parent, path, kind, code, name, created, version, "
	"salt, entry) "
	"VALUES (:public_id, :parent, '', :kind, :code, :name, :now, 1, :salt, 0) RETURNING id";
static const char SQL_PATH[] = "UPDATE organisation SET path = :path WHERE id = :id";
static const char SQL_CHANGE[] = "UPDATE organisation SET kind = :kind, code = :code, name = :name "
				 "WHERE id = :id AND version = :version";

struct organisation_row {
	int64_t id;
	struct uuid public_id, parent;
	bool is_root;
	struct str path, kind, code, name;
	int64_t version, created;
};

static void take_row(struct query *query, struct arena *arena, struct organisation_row *row)
{
	*row = (struct organisation_row){
		.id = column_int(query, 0),
		.public_id = uuid_of(column_blob(query, 1)),
		.is_root = column_is_null(query, 2),
		.parent = uuid_of(column_blob(query, 2)),
		.path = arena_copy(arena, column_text(query, 3)),
		.kind = arena_copy(arena, column_text(query, 4)),
		.code = arena_copy(arena, column_text(query, 5)),
		.name = arena_copy(arena, column_text(query, 6)),
		.version = column_int(query, 7),
		.created = column_int(query, 8),
	};
}

static bool row_by_id(struct conn *conn, const struct uuid *id, struct arena *arena,
		      struct organisation_row *row, bool *found, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_BY_PUBLIC_ID);

	query_blob(&query, "id", uuid_str(id));
	if (!query_one(&query, found, err))
		return false;
	if (*found)
		take_row(&query, arena, row);
	return query_end(&query, err) && arena_check(arena, err);
}

/* Some right there, whichever. */
static bool reaches(const struct scope *scope, struct str path)
{
	if (scope->program)
		return true;
	for (size_t i = 0; i < scope->count; i++) {
		struct str own = scope->grants[i].path;

		if (str_equal(str_sub(path, 0, own.len), own))
			return true;
	}
	return false;
}

bool identity_organisation(struct conn *conn, const struct scope *scope, const struct uuid *id,
			   struct arena *arena, struct organisation *organisation, bool *found,
			   struct err *err)
{
	struct organisation_row row;
	bool stands;

	if (!row_by_id(conn, id, arena, &row, &stands, err))
		return false;
	*found = stands && reaches(scope, row.path);
	if (*found)
		*organisation = (struct organisation){ row.id, row.public_id, row.path, row.name };
	return true;
}

static void put_row(struct json *json, const struct organisation_row *row)
{
	json_object(json);
	json_put_uuid(json, "id", uuid_str(&row->public_id));
	json_put_uuid(json, "parent", row->is_root ? STR_NONE : uuid_str(&row->parent));
	json_put_str(json, "kind", row->kind);
	json_put_str(json, "code", row->code);
	json_put_str(json, "name", row->name);
	json_put_int(json, "version", row->version);
	json_put_instant(json, "created", row->created);
	json_object_end(json);
}

struct organisation_list {
	const struct scope *scope;
	struct json *json;
};

static bool list_rows(struct conn *conn, void *context, struct err *err)
{
	const struct organisation_list *list = context;
	auto_query struct query query = query_start(conn, SQL_ALL);
	auto_arena arena = arena_new(1 << 20);
	struct organisation_row row;

	while (query_row(&query)) {
		arena_clear(arena);
		take_row(&query, arena, &row);
		if (reaches(list->scope, row.path))
			put_row(list->json, &row);
	}
	return query_end(&query, err) && arena_check(arena, err);
}

bool identity_organisations(struct identity *identity, const struct scope *scope, struct json *json,
			    struct err *err)
{
	struct organisation_list list = { scope, json };

	json_object(json);
	json_key(json, "items");
	json_array(json);
	if (!store_read(identity->store, list_rows, &list, err))
		return false;
	json_array_end(json);
	json_object_end(json);
	return true;
}

/* --- Create
 * ------------------------------------------------------------------------------------------ */

bool organisation_insert(struct change *change, const struct organisation_new *new, int64_t *id,
			 struct err *err)
{
	static const uint8_t no_salt[SALT_SIZE];
	auto_query struct query query = query_start(change->conn, SQL_INSERT);
	bool found;

	query_blob(&query, "public_id", uuid_str(&new->public_id));
	if (new->parent)
		query_int(&query, "parent", new->parent);
	else
		query_null(&query, "parent");
	query_text(&query, "kind", new->kind);
	query_text(&query, "code", new->code);
	query_text(&query, "name", new->name);
	query_int(&query, "now", change->now);
	query_blob(&query, "salt", (struct str){ (const char *)no_salt, sizeof(no_salt) });
	if (!query_one(&query, &found, err))
		return false;
	*id = column_int(&query, 0);
	if (!query_end(&query, err))
		return false;

	auto_query struct query path = query_start(change->conn, SQL_PATH);
	struct str parent = new->parent ? new->parent_path : STR("/");

	query_text(
		&path, "path",
		str_of(arena_printf(change->arena, "%.*s%lld/", STR_ARGS(parent), (long long)*id)));
	query_int(&path, "id", *id);
	return query_run(&path, NULL, err) &&
	       audit_write(change, AUDITED_ORGANISATION, *id, "organisation.create", NULL, err);
}

struct organisation_writing {
	struct writing writing;
	struct uuid id, parent;
	struct str kind, code, name; /* absent: stays */
	int64_t version;
	struct arena *arena;
	struct organisation_row row; /* after it, in the arena */
	bool repeated;               /* the same create was done before */
};

static bool members_read(const struct node *fields, const char *const *names, size_t count,
			 bool required, struct organisation_writing *to, struct err *err)
{
	if (!members_known(fields, names, count, err) ||
	    !member_text(fields, "name", required, NAME_MAX_CHARACTERS, &to->name, err) ||
	    !member_text(fields, "kind", required, 20, &to->kind, err) ||
	    !member_text(fields, "code", false, 64, &to->code, err))
		return false;
	for (size_t i = 0; i < nitems(kinds); i++) {
		if (!to->kind.at || str_is(to->kind, kinds[i]))
			return true;
	}
	return fail(err, MSG_MEMBER_NOT_ONE_OF, "kind", kinds_text);
}

static bool same_as_before(const struct organisation_writing *new,
			   const struct organisation_row *old)
{
	return !old->is_root && uuid_equal(&old->parent, &new->parent) &&
	       str_equal(old->kind, new->kind) && str_equal(old->code, new->code) &&
	       str_equal(old->name, new->name);
}

static bool create_apply(struct change *change, struct err *err)
{
	struct organisation_writing *creation = change->prepared;
	const struct scope *scope = creation->writing.scope;
	struct organisation parent;
	int64_t id;
	bool found;

	if (!generation_raise(change, err) ||
	    !identity_organisation(change->conn, scope, &creation->parent, change->arena, &parent,
				   &found, err))
		return false;
	if (!found)
		return fail(err, MSG_ORGANISATION_MISSING);
	if (!need_in(scope, PERMISSION_ORGANISATION, parent.path, err) ||
	    !row_by_id(change->conn, &creation->id, creation->arena, &creation->row, &found, err))
		return false;
	creation->repeated = found && same_as_before(creation, &creation->row);
	if (found)
		return fail(err, MSG_ID_TAKEN);

	struct organisation_new new = { .public_id = creation->id,
					.parent = parent.id,
					.parent_path = parent.path,
					.kind = creation->kind,
					.code = creation->code,
					.name = creation->name };

	return organisation_insert(change, &new, &id, err) &&
	       row_by_id(change->conn, &creation->id, creation->arena, &creation->row, &found, err);
}

bool identity_organisation_create(struct identity *identity, const struct scope *scope,
				  const struct actor *actor, const struct node *fields,
				  struct json *json, struct err *err)
{
	static const char *const names[] = { "id", "name", "parent", "kind", "code" };
	auto_arena arena = arena_new(1 << 20);
	struct organisation_writing creation = { .writing.scope = scope,
						 .arena = arena,
						 .id = uuid_new() };
	bool found;

	if (!members_read(fields, names, nitems(names), true, &creation, err) ||
	    !member_uuid(fields, "id", &creation.id, &found, err))
		return false;
	if (found && !uuid_is_version7(&creation.id))
		return fail(err, MSG_MEMBER_NOT_ID, "id");
	if (!member_uuid(fields, "parent", &creation.parent, &found, err))
		return false;
	if (!found)
		return fail(err, MSG_MEMBER_REQUIRED, "parent");
	if (!creation.code.at)
		creation.code = STR("");
	if (!identity_change(identity, actor, create_apply, &creation.writing, err) &&
	    !creation.repeated)
		return false;
	put_row(json, &creation.row);
	return true;
}

/* --- Change
 * -----------------------------------------------------------------------------------------------
 */

static bool change_apply(struct change *change, struct err *err)
{
	struct organisation_writing *changing = change->prepared;
	const struct scope *scope = changing->writing.scope;
	struct organisation_row old;
	struct audit before;
	int64_t changed;
	bool found;

	if (!generation_raise(change, err) ||
	    !row_by_id(change->conn, &changing->id, change->arena, &old, &found, err))
		return false;
	if (!found || !reaches(scope, old.path))
		return fail(err, MSG_ORGANISATION_MISSING);
	if (!need_in(scope, PERMISSION_ORGANISATION, old.path, err) ||
	    !audit_read(change->conn, AUDITED_ORGANISATION, old.id, &before, err))
		return false;

	auto_query struct query query = query_start(change->conn, SQL_CHANGE);

	query_text(&query, "kind", changing->kind.at ? changing->kind : old.kind);
	query_text(&query, "code", changing->code.at ? changing->code : old.code);
	query_text(&query, "name", changing->name.at ? changing->name : old.name);
	query_int(&query, "id", old.id);
	query_int(&query, "version", changing->version);
	if (!query_run(&query, &changed, err))
		return false;
	if (changed == 0)
		return fail(err, MSG_ORGANISATION_CHANGED, old.version);

	return audit_write(change, AUDITED_ORGANISATION, old.id, "organisation.change", &before,
			   err) &&
	       row_by_id(change->conn, &changing->id, changing->arena, &changing->row, &found, err);
}

bool identity_organisation_change(struct identity *identity, const struct scope *scope,
				  const struct actor *actor, const struct uuid *id, int64_t version,
				  const struct node *fields, struct json *json, struct err *err)
{
	static const char *const names[] = { "name", "kind", "code" };
	auto_arena arena = arena_new(1 << 20);
	struct organisation_writing changing = {
		.writing.scope = scope, .arena = arena, .id = *id, .version = version
	};

	if (!members_read(fields, names, nitems(names), false, &changing, err) ||
	    !identity_change(identity, actor, change_apply, &changing.writing, err))
		return false;
	put_row(json, &changing.row);
	return true;
}
