#include "identity/audit.h"

#include "base/encode.h"
#include "base/json_write.h"
#include "identity/internal.h"

enum column_kind {
	COLUMN_INTEGER,
	COLUMN_TEXT,
	COLUMN_ID,
	COLUMN_TEXT_DIGEST,
	COLUMN_BYTES_DIGEST
};

struct column {
	const char *name; /* in the body */
	enum column_kind kind;
};

/* The first columns of each query: id, public_id, version, salt. The body's columns follow in their
 * order. */
enum { FIRST_COLUMN = 4, COLUMNS_MAX = 16 };

struct audited_rows {
	const char *type;
	const char *one, *all, *stamp;
	struct column columns[COLUMNS_MAX];
};

#define ROWS(name, query, alias, table)                                       \
	.type = name, .all = query, .one = query " WHERE " alias ".id = :id", \
	.stamp = "UPDATE " table                                              \
		 " SET version = :version, salt = :salt, entry = :entry WHERE id = :id"

static const struct audited_rows audited[AUDITED_COUNT] = {
	[AUDITED_ORGANISATION] = {
		ROWS("organisation",
		     "SELECT o.id, o.public_id, o.version, o.salt, o.path, p.public_id, o.kind, o.code, o.name, "
		     "o.created FROM organisation o LEFT JOIN organisation p ON p.id = o.parent",
		     "o", "organisation"),
		.columns = { { "path", COLUMN_TEXT }, { "parent", COLUMN_ID }, { "kind", COLUMN_TEXT },
			     { "code", COLUMN_TEXT }, { "name", COLUMN_TEXT }, { "created", COLUMN_INTEGER } },
	},
	[AUDITED_ACCOUNT] = {
		ROWS("account",
		     "SELECT a.id, a.public_id, a.version, a.salt, a.login, p.public_id, p.name, o.public_id, "
		     "a.language, a.state, a.password, a.totp, a.recovery, a.token, a.token_expires, a.token_seed, "
		     "a.created FROM account a LEFT JOIN person p ON p.id = a.person "
		     "LEFT JOIN organisation o ON o.id = a.organisation",
		     "a", "account"),
		.columns = { { "login", COLUMN_TEXT }, { "person", COLUMN_ID }, { "name", COLUMN_TEXT },
			     { "organisation", COLUMN_ID }, { "language", COLUMN_TEXT }, { "state", COLUMN_TEXT },
			     { "password", COLUMN_TEXT_DIGEST }, { "totp", COLUMN_BYTES_DIGEST },
			     { "recovery", COLUMN_BYTES_DIGEST }, { "token", COLUMN_BYTES_DIGEST },
			     { "token_expires", COLUMN_INTEGER }, { "token_seed", COLUMN_BYTES_DIGEST },
			     { "created", COLUMN_INTEGER } },
	},
	[AUDITED_GRANT] = {
		ROWS("grant",
		     "SELECT g.id, g.public_id, g.version, g.salt, a.public_id, g.role, o.public_id, g.clearance, "
		     "g.valid_from, g.valid_until, g.ended, g.created FROM grant_row g "
		     "LEFT JOIN account a ON a.id = g.account LEFT JOIN organisation o ON o.id = g.organisation",
		     "g", "grant_row"),
		.columns = { { "account", COLUMN_ID }, { "role", COLUMN_TEXT }, { "organisation", COLUMN_ID },
			     { "clearance", COLUMN_INTEGER }, { "from", COLUMN_INTEGER },
			     { "until", COLUMN_INTEGER }, { "ended", COLUMN_INTEGER },
			     { "created", COLUMN_INTEGER } },
	},
	[AUDITED_SESSION] = {
		ROWS("session",
		     "SELECT s.id, s.public_id, s.version, s.salt, a.public_id, s.token, s.created, s.expires "
		     "FROM session s LEFT JOIN account a ON a.id = s.account",
		     "s", "session"),
		.columns = { { "account", COLUMN_ID }, { "token", COLUMN_BYTES_DIGEST },
			     { "created", COLUMN_INTEGER }, { "expires", COLUMN_INTEGER } },
	},
};

const char *audited_type(enum audited kind)
{
	return audited[kind].type;
}

static void write_digest(struct json *json, struct str value)
{
	auto_writer hex = { 0 };
	struct digest digest = sha256(value);

	hex_write(&hex, digest_str(&digest));
	json_str(json, writer_str(&hex));
}

static void write_column(struct query *query, int at, enum column_kind kind, struct json *json)
{
	char text[UUID_TEXT_SIZE];
	struct uuid id;

	if (column_is_null(query, at)) {
		json_null(json);
		return;
	}
	switch (kind) {
	case COLUMN_INTEGER:
		json_int(json, column_int(query, at));
		break;
	case COLUMN_TEXT:
		json_str(json, column_text(query, at));
		break;
	case COLUMN_ID:
		id = uuid_of(column_blob(query, at));
		json_text(json, uuid_text(&id, text));
		break;
	case COLUMN_TEXT_DIGEST:
		write_digest(json, column_text(query, at));
		break;
	case COLUMN_BYTES_DIGEST:
		write_digest(json, column_blob(query, at));
		break;
	}
}

static void body_write(struct query *query, enum audited kind, struct writer *body)
{
	struct json json = json_into(body);

	json_object(&json);
	for (int i = 0; i < COLUMNS_MAX && audited[kind].columns[i].name; i++) {
		json_key(&json, audited[kind].columns[i].name);
		write_column(query, FIRST_COLUMN + i, audited[kind].columns[i].kind, &json);
	}
	json_object_end(&json);
}

/* With `salt` NULL: the row's own. */
static void row_audit(struct query *query, enum audited kind, const uint8_t *salt,
		      struct audit *audit)
{
	uint8_t own[SALT_SIZE] = { 0 };
	struct str stored = column_blob(query, 3);
	auto_writer body = { 0 };

	if (stored.len == sizeof(own))
		memcpy(own, stored.at, sizeof(own));
	audit->subject = uuid_of(column_blob(query, 1));
	audit->version = column_int(query, 2);
	body_write(query, kind, &body);
	audit->commitment = commitment_to(salt ? salt : own, writer_str(&body));
}

static bool read_row(struct conn *conn, enum audited kind, int64_t id, const uint8_t *salt,
		     struct audit *audit, struct err *err)
{
	auto_query struct query query = query_start(conn, audited[kind].one);
	bool found;

	query_int(&query, "id", id);
	if (!query_one(&query, &found, err))
		return false;
	if (!found)
		return fail(err, MSG_SESSION_MISSING);
	row_audit(&query, kind, salt, audit);
	return query_end(&query, err);
}

bool audit_read(struct conn *conn, enum audited kind, int64_t id, struct audit *audit,
		struct err *err)
{
	return read_row(conn, kind, id, NULL, audit, err);
}

bool audit_each(struct conn *conn, enum audited kind, audit_visit_fn *visit, void *context,
		struct err *err)
{
	auto_query struct query query = query_start(conn, audited[kind].all);
	struct audit audit;

	while (query_row(&query)) {
		row_audit(&query, kind, NULL, &audit);
		visit(context, kind, &audit);
	}
	return query_end(&query, err);
}

bool audit_write(struct change *change, enum audited kind, int64_t id, const char *action,
		 const struct audit *before, struct err *err)
{
	uint8_t salt[SALT_SIZE];
	struct audit after;
	int64_t entry;

	salt_new(salt);
	if (!read_row(change->conn, kind, id, salt, &after, err))
		return false;
	after.version = before ? before->version + 1 : 1;
	if (!change_entry(change,
			  &(struct entry){ .action = action,
					   .type = audited[kind].type,
					   .subject = after.subject,
					   .version = after.version,
					   .before = before ? before->commitment
							    : (struct commitment){ { { 0 } } },
					   .after = after.commitment },
			  &entry, err))
		return false;

	auto_query struct query query = query_start(change->conn, audited[kind].stamp);

	query_int(&query, "version", after.version);
	query_blob(&query, "salt", (struct str){ (const char *)salt, sizeof(salt) });
	query_int(&query, "entry", entry);
	query_int(&query, "id", id);
	return query_run(&query, NULL, err);
}

bool audit_remove(struct change *change, enum audited kind, const char *action,
		  const struct audit *before, struct err *err)
{
	return change_entry(change,
			    &(struct entry){ .action = action,
					     .type = audited[kind].type,
					     .subject = before->subject,
					     .version = before->version + 1,
					     .before = before->commitment },
			    NULL, err);
}

bool audit_note(struct change *change, enum audited kind, const struct uuid *subject,
		const char *action, struct err *err)
{
	return change_entry(change,
			    &(struct entry){ .action = action,
					     .type = audited[kind].type,
					     .subject = *subject },
			    NULL, err);
}
