/* Owns the model of the tests: a fresh database on either backend, three organisations, scopes, and a call for each operation. */
#ifndef XIEDUN_TEST_MODEL_FIXTURE_H
#define XIEDUN_TEST_MODEL_FIXTURE_H

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "check.h"
#include "crypto/keyring.h"
#include "model/model.h"
#include "store/migration.h"

#define NOON INT64_C(1795348800000000) /* 2026-11-22T12:00:00Z */

struct site {
	struct uuid id;
	char text[UUID_TEXT_SIZE];
	char path[64];
	int64_t key;
};

struct fixture {
	struct store_config store_config;
	uint8_t key[KEY_SIZE];
	const char *folder;
	struct keyring *keyring;
	struct store *store;
	struct ledger *ledger;
	struct identity *identity;
	struct model *model;
	struct arena *arena;
	const struct type_set *types;
	struct site root, east, west;
	/* What the last call gave. */
	struct problems problems;
	struct err err;
	struct writer out;
	struct record_ref ref;
	bool nothing;
};

static inline const char *source_path(const char *file, char path[512])
{
	(void)snprintf(path, 512, "%.*s/../../%s", (int)(strrchr(__FILE__, '/') - __FILE__),
		       __FILE__, file);
	return path;
}

static inline bool fixture_open(struct fixture *f)
{
	struct ledger_config ledger = { .origin = "test.example" };
	struct identity_config config = { 0 };
	struct migration_list lists[] = { store_migrations, ledger_migrations, identity_migrations,
					  model_migrations };
	struct migrations all = { lists, nitems(lists) };
	struct migration_report report;

	return store_open(&f->store_config, true, &f->store, &f->err) &&
	       migrations_apply(f->store, &all, false, &report, &f->err) &&
	       ledger_open(f->store, f->keyring, &ledger, &f->ledger, &f->err) &&
	       identity_open(f->ledger, f->store, f->keyring, &config, &f->identity, &f->err) &&
	       model_open(f->store, f->ledger, f->identity, f->keyring, NULL, &f->model, &f->err);
}

static inline void fixture_close(struct fixture *f)
{
	type_set_release(f->types);
	f->types = NULL;
	model_close(f->model);
	identity_close(f->identity);
	ledger_close(f->ledger);
	store_close(f->store);
	f->model = NULL;
	f->identity = NULL;
	f->ledger = NULL;
	f->store = NULL;
}

static inline void fixture_end(struct fixture *f)
{
	fixture_close(f);
	keyring_free(f->keyring);
	arena_free(f->arena);
	problems_release(&f->problems);
	writer_release(&f->out);
	clock_run();
}
#define auto_fixture cleanup_with(fixture_end) struct fixture

static inline const struct node *parsed(struct fixture *f, const char *text)
{
	const struct node *node = NULL;

	if (!node_from_json(f->arena, str_of(text), &node, &f->err))
		abort();
	return node;
}

/* The last output as a tree. */
static inline const struct node *answer(struct fixture *f)
{
	static const struct node nothing = { .kind = NODE_NULL };
	const struct node *node = NULL;

	return node_from_json(f->arena, writer_str(&f->out), &node, &f->err) ? node : &nothing;
}

static inline struct json output(struct fixture *f)
{
	writer_clear(&f->out);
	return json_into(&f->out);
}

static inline bool read_site(struct conn *conn, void *context, struct err *err)
{
	struct site *site = context;
	auto_query struct query query = query_start(
		conn, "SELECT id, public_id, path FROM organisation ORDER BY id DESC LIMIT 1");
	bool found;

	if (!query_one(&query, &found, err) || !found)
		return false;
	site->key = column_int(&query, 0);
	memcpy(site->id.bytes, column_blob(&query, 1).at, sizeof(site->id.bytes));
	(void)snprintf(site->path, sizeof(site->path), "%.*s", STR_ARGS(column_text(&query, 2)));
	(void)uuid_text(&site->id, site->text);
	return query_end(&query, err);
}

static inline bool add_site(struct fixture *f, const struct site *parent, const char *name,
			    struct site *site)
{
	const struct actor actor = { .address = STR_NONE };
	struct json json = output(f);
	const char *text = arena_printf(
		f->arena, "{\"name\":\"%s\",\"parent\":\"%s\",\"kind\":\"department\"}", name,
		parent->text);

	return identity_organisation_create(f->identity, scope_program(), &actor, parsed(f, text),
					    &json, &f->err) &&
	       store_read(f->store, read_site, site, &f->err);
}

static inline bool add_pack(struct fixture *f, const char *text)
{
	const struct actor actor = { .address = STR_NONE };
	bool added = model_pack_add(f->model, scope_program(), &actor, "test.yaml", str_of(text),
				    &f->problems, &f->err);

	type_set_release(f->types);
	f->types = model_types(f->model);
	return added;
}

static inline bool fixture_start(struct fixture *f, const char *pack)
{
	const struct root_key root = { { 1, 2, 3 } };
	auto_writer token = { 0 };
	auto_memory char *path = NULL;

	memset(f, 0, sizeof(*f));
	clock_hold(NOON);
	f->folder = check_folder();
	path = path_join(f->folder, "keyring");
	f->arena = arena_new(256 << 20);
	f->store_config.backend = check_backend();
	f->store_config.database_key = f->key;
	if (f->store_config.backend == BACKEND_SQLITE)
		f->store_config.directory = f->folder;
	else
		f->store_config.address = check_postgres();

	bool done = keyring_create(path, &root, &f->keyring, &f->err);

	if (done)
		keyring_copy_key(f->keyring, KEY_DATABASE, f->key);
	done = done && fixture_open(f) &&
	       identity_invite_first(f->identity, STR("总院"), &token, &f->err) &&
	       store_read(f->store, read_site, &f->root, &f->err) &&
	       add_site(f, &f->root, "东区", &f->east) && add_site(f, &f->root, "西区", &f->west) &&
	       add_pack(f, pack);
	for (size_t i = 0; i < f->problems.count; i++) {
		auto_writer line = { 0 };

		err_render(&f->problems.list[i], LANGUAGE_EN, &line);
		printf("# %s\n", line.at);
	}
	return check_no_error(done, &f->err, __FILE__, __LINE__, "fixture_start");
}

/* --- Scopes ---------------------------------------------------------------------------------------- */

/* An account with one grant. Everything lies in the fixture's arena. */
static inline const struct scope *scope_at(struct fixture *f, const struct site *site,
					   enum clearance clearance, const char *permission)
{
	struct scope *scope = arena_take(f->arena, sizeof(*scope));
	struct scope_grant *grant = arena_take(f->arena, sizeof(*grant));
	struct permission_list *list = arena_take(f->arena, sizeof(*list));
	const char **texts = arena_take(f->arena, sizeof(*texts));

	texts[0] = permission;
	*list = (struct permission_list){ texts, 1 };
	*grant = (struct scope_grant){ .organisation = site->key,
				       .path = arena_copy(f->arena, str_of(site->path)),
				       .role = "test",
				       .clearance = clearance,
				       .until = INT64_MAX,
				       .permissions = list };
	*scope = (struct scope){
		.account = 1, .person = 1, .account_id = uuid_new(), .grants = grant, .count = 1
	};
	return scope;
}

/* --- Calls ----------------------------------------------------------------------------------------- */

enum call_kind { CALL_CREATE, CALL_CHANGE, CALL_MOVE, CALL_REVEAL };

struct call {
	enum call_kind kind;
	struct fixture *f;
	const struct scope *scope;
	const struct type *type;
	struct uuid id;
	int64_t version;
	const char *word; /* move or field */
	const struct node *fields;
};

static inline bool call_apply(struct change *change, struct err *err)
{
	struct call *call = change->prepared;
	struct fixture *f = call->f;
	bool done = false;

	switch (call->kind) {
	case CALL_CREATE:
		done = record_create(change, f->model, call->scope, call->type, call->fields,
				     &f->problems, &f->ref, err);
		break;
	case CALL_CHANGE:
		done = record_change(change, f->model, call->scope, call->type, &call->id,
				     call->version, call->fields, &f->problems, &f->ref, err);
		break;
	case CALL_MOVE:
		done = record_move(change, f->model, call->scope, call->type, &call->id,
				   call->version, str_of(call->word), call->fields, &f->problems,
				   &f->ref, err);
		break;
	case CALL_REVEAL:
		done = record_reveal(change, f->model, call->scope, call->type, &call->id,
				     str_of(call->word), &f->out, err);
		break;
	}
	f->nothing = change->nothing;
	return done;
}

static inline bool run_call(struct call *call)
{
	const struct actor actor = { .account = call->scope->account_id };

	return ledger_change(call->f->ledger, &actor, call_apply, call, &call->f->err);
}

static inline const struct type *type_named(struct fixture *f, const char *name)
{
	return type_find(f->types, str_of(name));
}

static inline bool create(struct fixture *f, const struct scope *scope, const char *type,
			  const char *body)
{
	struct call call = { CALL_CREATE, f, scope, type_named(f, type),
			     .fields = parsed(f, body) };

	return run_call(&call);
}

static inline bool change(struct fixture *f, const struct scope *scope, const char *type,
			  struct record_ref ref, const char *body)
{
	struct call call = { CALL_CHANGE,
			     f,
			     scope,
			     type_named(f, type),
			     ref.id,
			     ref.version,
			     .fields = parsed(f, body) };

	return run_call(&call);
}

static inline bool move(struct fixture *f, const struct scope *scope, const char *type,
			struct record_ref ref, const char *word, const char *body)
{
	struct call call = { CALL_MOVE, f,           scope, type_named(f, type),
			     ref.id,    ref.version, word,  body ? parsed(f, body) : NULL };

	return run_call(&call);
}

static inline bool reveal(struct fixture *f, const struct scope *scope, const char *type,
			  struct record_ref ref, const char *field)
{
	struct call call = { CALL_REVEAL, f,           scope, type_named(f, type),
			     ref.id,      ref.version, field, NULL };

	return run_call(&call);
}

enum look_kind { LOOK_READ, LOOK_HISTORY, LOOK_LIST };

struct look {
	enum look_kind kind;
	struct fixture *f;
	const struct scope *scope;
	const struct type *type;
	struct uuid id;
	const struct record_query *query;
};

static inline bool look_run(struct conn *conn, void *context, struct err *err)
{
	struct look *look = context;
	struct fixture *f = look->f;
	struct json json = output(f);
	int64_t version;

	if (look->kind == LOOK_READ)
		return record_read(conn, f->model, look->scope, look->type, &look->id, &json,
				   &version, err);
	if (look->kind == LOOK_HISTORY)
		return record_history(conn, f->model, look->scope, look->type, &look->id, &json,
				      err);
	return record_list(conn, f->model, look->scope, look->type, look->query, f->arena, &json,
			   err);
}

static inline bool read_one(struct fixture *f, const struct scope *scope, const char *type,
			    struct uuid id)
{
	struct look look = { LOOK_READ, f, scope, type_named(f, type), id, NULL };

	return store_read(f->store, look_run, &look, &f->err);
}

static inline bool history(struct fixture *f, const struct scope *scope, const char *type,
			   struct uuid id)
{
	struct look look = { LOOK_HISTORY, f, scope, type_named(f, type), id, NULL };

	return store_read(f->store, look_run, &look, &f->err);
}

static inline bool list(struct fixture *f, const struct scope *scope, const char *type,
			struct record_query query)
{
	struct look look = { LOOK_LIST, f, scope, type_named(f, type), .query = &query };

	return store_read(f->store, look_run, &look, &f->err);
}

static inline bool list_filter(struct fixture *f, const struct scope *scope, const char *type,
			       const char *filter)
{
	return list(f, scope, type, (struct record_query){ .filter = str_of(filter) });
}

static inline size_t items(struct fixture *f)
{
	const struct node *node = node_member(answer(f), "items");

	return node ? node->count : SIZE_MAX;
}

/* The message of the only problem of the last call. */
static inline const char *problem(struct fixture *f)
{
	return f->problems.count == 1 ? message_code(f->problems.list[0].message) : "";
}

#endif
