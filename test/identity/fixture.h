/* Owns the identity of the tests: a fresh database on either backend, a first administrator, sign-in as a person does it. */
#ifndef XIEDUN_TEST_IDENTITY_FIXTURE_H
#define XIEDUN_TEST_IDENTITY_FIXTURE_H

#include "base/clock.h"
#include "base/memory.h"
#include "base/file.h"
#include "check.h"
#include "crypto/keyring.h"
#include "crypto/totp.h"
#include "identity/identity.h"
#include "ledger/entry.h"

struct fixture {
	struct store_config store_config;
	uint8_t key[KEY_SIZE];
	struct keyring *keyring;
	struct store *store;
	struct ledger *ledger;
	struct identity *identity;
	struct arena *arena;
};

/* Somebody with an account: what he remembers and what his phone holds. */
struct person {
	char login[65], password[80], token[64], recovery[10][24], id[UUID_TEXT_SIZE];
	uint8_t seed[TOTP_SEED_SIZE];
	struct session session;
	const char *address;
};

#define NOON INT64_C(1795348800000000) /* 2026-11-22T12:00:00Z */

static inline void fixture_later(int64_t time)
{
	clock_hold(clock_now() + time);
}

static inline bool fixture_start(struct fixture *f)
{
	const struct root_key root = { { 1, 2, 3 } };
	const char *folder = check_folder();
	auto_memory char *path = path_join(folder, "keyring");
	struct migration_list lists[] = { store_migrations, ledger_migrations,
					  identity_migrations };
	struct migrations all = { lists, nitems(lists) };
	struct ledger_config ledger = { .origin = "test.example" };
	struct identity_config config = { 0 };
	struct migration_report report;
	struct err err;

	memset(f, 0, sizeof(*f));
	clock_hold(NOON);
	f->arena = arena_new(16 << 20);
	f->store_config.backend = check_backend();
	f->store_config.database_key = f->key;
	if (f->store_config.backend == BACKEND_SQLITE)
		f->store_config.directory = folder;
	else
		f->store_config.address = check_postgres();
	bool done = keyring_create(path, &root, &f->keyring, &err);

	if (done)
		keyring_copy_key(f->keyring, KEY_DATABASE, f->key);
	done = done && store_open(&f->store_config, true, &f->store, &err) &&
	       migrations_apply(f->store, &all, false, &report, &err) &&
	       ledger_open(f->store, f->keyring, &ledger, &f->ledger, &err) &&
	       identity_open(f->ledger, f->store, f->keyring, &config, &f->identity, &err);
	return check_no_error(done, &err, __FILE__, __LINE__, "fixture_start");
}

static inline void fixture_end(struct fixture *f)
{
	identity_close(f->identity);
	ledger_close(f->ledger);
	store_close(f->store);
	keyring_free(f->keyring);
	arena_free(f->arena);
	clock_run();
}
#define auto_fixture cleanup_with(fixture_end) struct fixture

static inline struct actor from(const char *address)
{
	return (struct actor){ .address = str_of(address), .user_agent = STR("test") };
}

/* --- What an answer says ------------------------------------------------------------------------- */

static inline const struct node *answer(struct fixture *f, const struct writer *json)
{
	const struct node *node;
	struct err err;

	return node_from_json(f->arena, writer_str(json), &node, &err) ? node : NULL;
}

static inline struct uuid answer_id(struct fixture *f, const struct writer *json)
{
	struct uuid id = { { 0 } };

	(void)!uuid_parse(node_member_text(answer(f, json), "id"), &id);
	return id;
}

static inline const struct node *body(struct fixture *f, const char *text)
{
	const struct node *node = NULL;
	struct err err;

	if (!node_from_json(f->arena, str_of(text), &node, &err))
		abort();
	return node;
}

/* Counts a list's items. */
static inline int64_t answer_items(struct fixture *f, const struct writer *json)
{
	const struct node *items = node_member(answer(f, json), "items");

	return items ? (int64_t)items->count : -1;
}

/* --- As a person does it ---------------------------------------------------------------------------- */

static inline bool seed_typed(struct str base32, uint8_t seed[TOTP_SEED_SIZE])
{
	uint32_t bits = 0;
	int held = 0;
	size_t len = 0;

	for (size_t i = 0; i < base32.len; i++) {
		const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
		const char *at = strchr(alphabet, base32.at[i]);

		if (!at || len == TOTP_SEED_SIZE)
			return false;
		bits = bits << 5 | (uint32_t)(at - alphabet);
		held += 5;
		if (held >= 8) {
			seed[len++] = (uint8_t)(bits >> (held - 8));
			held -= 8;
		}
	}
	return len == TOTP_SEED_SIZE;
}

static inline struct str code_now(const struct person *person, char code[TOTP_DIGITS + 1])
{
	totp_code(person->seed, totp_step(clock_now()), code);
	return str_of(code);
}

static inline bool redeem(struct fixture *f, struct person *person, struct str token,
			  const char *login, const char *password, struct err *err)
{
	auto_writer seed = { 0 }, address = { 0 }, codes = { 0 };
	struct json json = json_into(&codes);
	struct actor actor = from(person->address);
	char code[TOTP_DIGITS + 1];

	(void)snprintf(person->login, sizeof(person->login), "%s", login);
	(void)snprintf(person->password, sizeof(person->password), "%s", password);
	if (!identity_redeem_begin(f->identity, &actor, token, &seed, &address, err))
		return false;
	if (!seed_typed(writer_str(&seed), person->seed))
		abort();
	if (!identity_redeem_finish(f->identity, &actor, token, str_of(login), STR("某人"),
				    str_of(password), code_now(person, code), &json, err))
		return false;

	const struct node *list = answer(f, &codes);
	size_t n = 0;

	for (const struct node *one = list ? list->child : NULL; one && n < 10; one = one->next)
		(void)snprintf(person->recovery[n++], sizeof(person->recovery[0]), "%.*s",
			       STR_ARGS(one->text));
	return true;
}

static inline bool try_sign_in(struct fixture *f, struct person *person, const char *address,
			       const char *password, struct str code, struct err *err)
{
	auto_writer token = { 0 };
	struct actor actor = from(address);

	if (!identity_sign_in(f->identity, &actor, str_of(person->login), str_of(password), code,
			      &token, &person->session, err))
		return false;
	(void)snprintf(person->token, sizeof(person->token), "%.*s", STR_ARGS(writer_str(&token)));
	return true;
}

/* With a code that was not used before. */
static inline bool sign_in(struct fixture *f, struct person *person, struct err *err)
{
	char code[TOTP_DIGITS + 1];

	fixture_later(SECONDS(30));
	return try_sign_in(f, person, person->address, person->password, code_now(person, code),
			   err);
}

static inline bool scope_now(struct fixture *f, struct person *person, const struct scope **scope,
			     struct err *err)
{
	struct session session;

	return identity_session(f->identity, str_of(person->token), f->arena, &session, scope, err);
}

static inline struct actor as(const struct scope *scope)
{
	struct actor actor = from("192.0.2.1");

	actor.account = scope->account_id;
	return actor;
}

/* The first administrator, signed in. */
static inline bool fixture_administrator(struct fixture *f, struct person *person,
					 const struct scope **scope, struct err *err)
{
	auto_writer token = { 0 };

	person->address = "192.0.2.1";
	return identity_invite_first(f->identity, STR("第一医院"), &token, err) &&
	       redeem(f, person, writer_str(&token), "root.admin", "correct horse battery", err) &&
	       sign_in(f, person, err) && scope_now(f, person, scope, err);
}

static inline struct uuid root_organisation(struct fixture *f)
{
	auto_writer out = { 0 };
	struct json json = json_into(&out);
	struct uuid id = { { 0 } };
	struct err err;

	if (!identity_organisations(f->identity, scope_program(), &json, &err))
		return id;
	(void)!uuid_parse(node_member_text(node_member(answer(f, &out), "items")->child, "id"),
			  &id);
	return id;
}

static inline bool make_organisation(struct fixture *f, const struct scope *scope,
				     const struct uuid *parent, const char *name, struct uuid *id,
				     struct err *err)
{
	auto_writer out = { 0 };
	struct json json = json_into(&out);
	struct actor actor = as(scope);
	char text[UUID_TEXT_SIZE];
	const char *fields = arena_printf(
		f->arena, "{\"name\":\"%s\",\"kind\":\"department\",\"parent\":\"%s\"}", name,
		uuid_text(parent, text));

	if (!identity_organisation_create(f->identity, scope, &actor, body(f, fields), &json, err))
		return false;
	*id = answer_id(f, &out);
	return true;
}

/* An account as its manager makes it; the token goes to its owner. */
static inline bool make_account(struct fixture *f, const struct scope *scope,
				const struct uuid *organisation, const char *login, struct uuid *id,
				struct str *token, struct err *err)
{
	auto_writer out = { 0 };
	struct json json = json_into(&out);
	struct actor actor = as(scope);
	char text[UUID_TEXT_SIZE];
	const char *fields = arena_printf(
		f->arena, "{\"login\":\"%s\",\"name\":\"工程师\",\"organisation\":\"%s\"}", login,
		uuid_text(organisation, text));

	if (!identity_account_create(f->identity, scope, &actor, body(f, fields), &json, err))
		return false;
	*id = answer_id(f, &out);
	*token = node_member_text(answer(f, &out), "token");
	return true;
}

static inline bool make_grant(struct fixture *f, const struct scope *scope,
			      const struct uuid *account, const char *role,
			      const struct uuid *organisation, const char *rest, struct uuid *id,
			      struct err *err)
{
	auto_writer out = { 0 };
	struct json json = json_into(&out);
	struct actor actor = as(scope);
	char a[UUID_TEXT_SIZE], o[UUID_TEXT_SIZE];
	const char *fields = arena_printf(
		f->arena, "{\"account\":\"%s\",\"role\":\"%s\",\"organisation\":\"%s\",%s}",
		uuid_text(account, a), role, uuid_text(organisation, o), rest);

	if (!identity_grant_create(f->identity, scope, &actor, body(f, fields), &json, err))
		return false;
	*id = answer_id(f, &out);
	return true;
}

/* An account with one grant, redeemed and signed in from an address of its own. */
static inline bool make_person(struct fixture *f, const struct scope *scope, const char *login,
			       const struct uuid *organisation, const char *role,
			       const char *clearance, struct person *person, struct uuid *id,
			       struct err *err)
{
	struct str token;
	struct uuid grant;
	const char *rest =
		arena_printf(f->arena, "\"clearance\":\"%s\"", clearance ? clearance : "");

	person->address = arena_printf(f->arena, "198.51.100.%d", (int)strlen(login));
	return make_account(f, scope, organisation, login, id, &token, err) &&
	       (!role || make_grant(f, scope, id, role, organisation, rest, &grant, err)) &&
	       redeem(f, person, token, login, "a long enough secret", err) &&
	       sign_in(f, person, err);
}

/* --- The ledger --------------------------------------------------------------------------------------- */

struct entry_count {
	const char *action;
	int64_t count;
};

static inline bool entries_read(struct conn *conn, void *context, struct err *err)
{
	struct entry_count *count = context;
	auto_query struct query q =
		query_start(conn, "SELECT body FROM ledger_pending ORDER BY id");
	struct ledger_entry entry;

	count->count = 0;
	while (query_row(&q)) {
		if (entry_parse(column_blob(&q, 0), &entry) &&
		    (!count->action || str_is(entry.action, count->action)))
			count->count++;
	}
	return query_end(&q, err);
}

/* Entries of this action that wait in the ledger (the sequencer is off); NULL: all. */
static inline int64_t entries(struct fixture *f, const char *action)
{
	struct entry_count count = { .action = action };
	struct err err;

	return store_read(f->store, entries_read, &count, &err) ? count.count : -1;
}

/* --- Behind the server's back ------------------------------------------------------------------------------ */

static inline bool run_sql(struct conn *conn, const char *sql, struct err *err)
{
	auto_query struct query q = query_start(conn, sql);

	return query_run(&q, NULL, err);
}

static inline bool apply_sql(struct conn *conn, void *context, struct err *err)
{
	return run_sql(conn, *(const char **)context, err);
}

static inline bool behind_the_back(struct fixture *f, const char *sql, struct err *err)
{
	return store_write(f->store, apply_sql, &sql, err);
}

#endif
