#include "identity/internal.h"

#define SQL_ACCOUNT                                                                          \
	"SELECT a.id, a.person, a.public_id, a.login, p.name, o.path, a.state, a.password, " \
	"a.totp, a.recovery, "                                                               \
	"a.token_seed, a.totp_last, a.version, o.public_id, a.language, a.created, "         \
	"a.token_expires FROM account a "                                                    \
	"JOIN person p ON p.id = a.person JOIN organisation o ON o.id = a.organisation "

static const char SQL_ACCOUNT_BY_PUBLIC_ID[] = SQL_ACCOUNT "WHERE a.public_id = :id";
static const char SQL_ACCOUNT_BY_LOGIN[] = SQL_ACCOUNT "WHERE a.login = :login";
static const char SQL_ACCOUNT_BY_TOKEN[] = SQL_ACCOUNT "WHERE a.token = :token";
static const char SQL_ACCOUNTS[] = SQL_ACCOUNT "ORDER BY a.login, a.id";
static const char SQL_PERSON_INSERT[] =
	"INSERT INTO person (public_id, name) VALUES (:public_id, :name) RETURNING id";
static const char SQL_INSERT[] = "INSERT INTO account (public_id, login, person, organisation, "
				 "language, state, totp_last, token, token_expires, "
				 "created, version, salt, entry) VALUES (:public_id, :login, "
				 ":person, :organisation, :language, 'invited', 0, "
				 ":token, :expires, :now, 1, :salt, 0) RETURNING id";
static const char SQL_LOGIN_TAKEN[] = "SELECT 1 FROM account WHERE login = :login";

bool login_fold(struct str login, char folded[LOGIN_MAX + 1], struct err *err)
{
	if (login.len < 2 || login.len > LOGIN_MAX)
		return fail(err, MSG_LOGIN_INVALID, LOGIN_MAX);
	for (size_t i = 0; i < login.len; i++) {
		char c = login.at[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !strchr("._-@", c))
			return fail(err, MSG_LOGIN_INVALID, LOGIN_MAX);
		folded[i] = c;
	}
	folded[login.len] = '\0';
	return true;
}

static void account_take(struct query *query, struct arena *arena, struct account_row *row)
{
	*row = (struct account_row){
		.id = column_int(query, 0),
		.person = column_int(query, 1),
		.public_id = uuid_of(column_blob(query, 2)),
		.login = arena_copy(arena, column_text(query, 3)),
		.name = arena_copy(arena, column_text(query, 4)),
		.path = arena_copy(arena, column_text(query, 5)),
		.state = arena_copy(arena, column_text(query, 6)),
		.password = arena_copy(arena, column_text(query, 7)),
		.totp = arena_copy(arena, column_blob(query, 8)),
		.recovery = arena_copy(arena, column_blob(query, 9)),
		.token_seed = arena_copy(arena, column_blob(query, 10)),
		.totp_last = column_int(query, 11),
		.version = column_int(query, 12),
		.organisation = uuid_of(column_blob(query, 13)),
		.language = arena_copy(arena, column_text(query, 14)),
		.created = column_int(query, 15),
		.token_expires = column_int(query, 16),
	};
}

static bool account_one(struct query *query, struct arena *arena, struct account_row *row,
			bool *found, struct err *err)
{
	if (!query_one(query, found, err))
		return false;
	if (*found)
		account_take(query, arena, row);
	return query_end(query, err) && arena_check(arena, err);
}

bool account_by_id(struct conn *conn, const struct uuid *id, struct arena *arena,
		   struct account_row *row, bool *found, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_ACCOUNT_BY_PUBLIC_ID);

	query_blob(&query, "id", uuid_str(id));
	return account_one(&query, arena, row, found, err);
}

bool account_by_login(struct conn *conn, struct str login, struct arena *arena,
		      struct account_row *row, bool *found, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_ACCOUNT_BY_LOGIN);

	query_text(&query, "login", login);
	return account_one(&query, arena, row, found, err);
}

bool account_by_token(struct conn *conn, const struct digest *token, struct arena *arena,
		      struct account_row *row, bool *found, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_ACCOUNT_BY_TOKEN);

	query_blob(&query, "token", digest_str(token));
	return account_one(&query, arena, row, found, err);
}

static bool person_insert(struct change *change, struct str name, int64_t *id, struct err *err)
{
	auto_query struct query query = query_start(change->conn, SQL_PERSON_INSERT);
	struct uuid public_id = uuid_new();
	bool found;

	query_blob(&query, "public_id", uuid_str(&public_id));
	query_text(&query, "name", name.at ? name : STR(""));
	if (!query_one(&query, &found, err))
		return false;
	*id = column_int(&query, 0);
	return query_end(&query, err);
}

bool account_insert(struct change *change, const struct account_new *new, int64_t *id,
		    struct err *err)
{
	static const uint8_t no_salt[SALT_SIZE];
	int64_t person;
	bool found;

	if (!person_insert(change, new->name, &person, err))
		return false;

	auto_query struct query query = query_start(change->conn, SQL_INSERT);

	query_blob(&query, "public_id", uuid_str(&new->public_id));
	query_text(&query, "login", new->login);
	query_int(&query, "person", person);
	query_int(&query, "organisation", new->organisation);
	query_text(&query, "language", new->language);
	query_blob(&query, "token", digest_str(&new->token));
	query_int(&query, "expires", change->now + TOKEN_LIFE);
	query_int(&query, "now", change->now);
	query_blob(&query, "salt", (struct str){ (const char *)no_salt, sizeof(no_salt) });
	if (!query_one(&query, &found, err))
		return false;
	*id = column_int(&query, 0);
	return query_end(&query, err) &&
	       audit_write(change, AUDITED_ACCOUNT, *id, "account.create", NULL, err);
}

static void put_account(struct json *json, const struct account_row *row)
{
	json_put_uuid(json, "id", uuid_str(&row->public_id));
	json_put_str(json, "login", row->login);
	json_put_str(json, "name", row->name);
	json_put_uuid(json, "organisation", uuid_str(&row->organisation));
	json_put_str(json, "language", row->language);
	json_put_str(json, "state", row->state);
	json_put_bool(json, "totp", row->totp.at != NULL);
	json_put_int(json, "recovery_codes_left", (int64_t)(row->recovery.len / DIGEST_SIZE));
	json_put_int(json, "version", row->version);
	json_put_instant(json, "created", row->created);
}

struct account_list {
	const struct scope *scope;
	struct json *json;
};

static bool list_accounts(struct conn *conn, void *context, struct err *err)
{
	const struct account_list *list = context;
	auto_query struct query query = query_start(conn, SQL_ACCOUNTS);
	auto_arena arena = arena_new(1 << 20);
	struct account_row row;

	while (query_row(&query)) {
		arena_clear(arena);
		account_take(&query, arena, &row);
		if (!scope_allows_in(list->scope, PERMISSION_ACCOUNT_READ, row.path) &&
		    !scope_allows_in(list->scope, PERMISSION_ACCOUNT_MANAGE, row.path))
			continue;
		json_object(list->json);
		put_account(list->json, &row);
		json_object_end(list->json);
	}
	return query_end(&query, err) && arena_check(arena, err);
}

bool identity_accounts(struct identity *identity, const struct scope *scope, struct json *json,
		       struct err *err)
{
	struct account_list list = { scope, json };

	if (!scope_allows(scope, PERMISSION_ACCOUNT_MANAGE) &&
	    !need_anywhere(scope, PERMISSION_ACCOUNT_READ, err))
		return false;
	json_object(json);
	json_key(json, "items");
	json_array(json);
	if (!store_read(identity->store, list_accounts, &list, err))
		return false;
	json_array_end(json);
	json_object_end(json);
	return true;
}

/* --- Create
 * ----------------------------------------------------------------------------------------- */

struct account_creation {
	struct writing writing;
	struct account_new new;
	struct uuid organisation;
	struct account_row row; /* in the arena */
	struct arena *arena;
};

bool login_is_free(struct conn *conn, struct str login, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_LOGIN_TAKEN);
	bool taken;

	query_text(&query, "login", login);
	if (!query_one(&query, &taken, err) || !query_end(&query, err))
		return false;
	return !taken || fail(err, MSG_LOGIN_TAKEN, login);
}

static bool create_apply(struct change *change, struct err *err)
{
	struct account_creation *creation = change->prepared;
	const struct scope *scope = creation->writing.scope;
	struct organisation organisation;
	struct account_new new = creation->new;
	int64_t id;
	bool found;

	if (!generation_raise(change, err) ||
	    !identity_organisation(change->conn, scope, &creation->organisation, change->arena,
				   &organisation, &found, err))
		return false;
	if (!found)
		return fail(err, MSG_ORGANISATION_MISSING);
	if (!need_in(scope, PERMISSION_ACCOUNT_MANAGE, organisation.path, err) ||
	    !login_is_free(change->conn, new.login, err))
		return false;
	new.organisation = organisation.id;
	if (!account_insert(change, &new, &id, err))
		return false;
	return account_by_id(change->conn, &new.public_id, creation->arena, &creation->row, &found,
			     err);
}

static bool creation_read(const struct node *fields, struct account_creation *creation,
			  char folded[LOGIN_MAX + 1], struct err *err)
{
	static const char *const names[] = { "login", "name", "organisation", "language" };
	struct str login;
	bool found;

	creation->new.public_id = uuid_new();
	if (!members_known(fields, names, nitems(names), err) ||
	    !member_text(fields, "login", true, LOGIN_MAX, &login, err) ||
	    !login_fold(login, folded, err) ||
	    !member_text(fields, "name", true, NAME_MAX_CHARACTERS, &creation->new.name, err) ||
	    !member_text(fields, "language", false, 2, &creation->new.language, err) ||
	    !member_uuid(fields, "organisation", &creation->organisation, &found, err))
		return false;
	if (!found)
		return fail(err, MSG_MEMBER_REQUIRED, "organisation");
	if (!creation->new.language.at)
		creation->new.language = STR("zh");
	if (!str_is(creation->new.language, "zh") && !str_is(creation->new.language, "en"))
		return fail(err, MSG_MEMBER_NOT_ONE_OF, "language", "zh, en");
	creation->new.login = str_of(folded);
	return true;
}

bool identity_account_create(struct identity *identity, const struct scope *scope,
			     const struct actor *actor, const struct node *fields,
			     struct json *json, struct err *err)
{
	auto_arena arena = arena_new(1 << 20);
	struct account_creation creation = { .writing.scope = scope, .arena = arena };
	char folded[LOGIN_MAX + 1];
	auto_writer token = { 0 };

	if (!creation_read(fields, &creation, folded, err))
		return false;
	token_new(&token);
	creation.new.token = token_hash(identity, writer_str(&token));
	if (!identity_change(identity, actor, create_apply, &creation.writing, err))
		return err_is_duplicate(err) ? fail(err, MSG_LOGIN_TAKEN, folded) : false;
	json_object(json);
	put_account(json, &creation.row);
	account_put_token(json, writer_str(&token), creation.row.token_expires);
	json_object_end(json);
	memory_wipe(token.at, token.len);
	return true;
}
