/* Owns the database of the model's benchmarks: 1,000 organisations in 25 groups of 40, a type with three indexes, many records. */
#ifndef XIEDUN_BENCH_RECORDS_H
#define XIEDUN_BENCH_RECORDS_H

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "bench.h"
#include "model/model.h"
#include "store/migration.h"

enum { GROUPS = 25, GROUP_SIZE = 40, ORGANISATIONS = GROUPS * GROUP_SIZE, BATCH = 400 };

struct records {
	char folder[64];
	struct store *store;
	struct ledger *ledger;
	struct identity *identity;
	struct model *model;
	struct keyring *keyring;
	const struct type_set *types;
	const struct type *type;
	struct uuid organisations[ORGANISATIONS];
	char group[UUID_TEXT_SIZE];
	int64_t made;
};

static const char records_pack[] =
	"pack: 1\nname: bench\nedition: 1\nlabel: { zh: 测试, en: Bench }\n"
	"types:\n  asset:\n    label: { zh: 资产, en: Asset }\n    plural: { zh: 资产, en: Assets "
	"}\n    number: A\n"
	"    fields:\n"
	"      name: { kind: text, required: true, label: { zh: 名称, en: Name } }\n"
	"      serial: { kind: text, label: { zh: 序列号, en: Serial } }\n"
	"      due: { kind: date, label: { zh: 到期, en: Due } }\n"
	"      severity: { kind: choice, label: { zh: 级别, en: Severity }, choices: { low: { zh: "
	"低, en: Low }, "
	"medium: { zh: 中, en: Medium }, high: { zh: 高, en: High } } }\n"
	"      price: { kind: decimal, scale: 2, label: { zh: 价格, en: Price } }\n"
	"      address: { kind: network, label: { zh: 地址, en: Address } }\n"
	"      notes: { kind: text, label: { zh: 备注, en: Notes } }\n"
	"      owner: { kind: organisation, label: { zh: 场所, en: Place } }\n"
	"      active: { kind: boolean, label: { zh: 启用, en: Active } }\n"
	"      seen: { kind: instant, label: { zh: 时间, en: Seen } }\n"
	"    states:\n      open: { zh: 打开, en: Open }\n      closed: { zh: 关闭, en: Closed }\n"
	"    indexes:\n      - [state, due]\n      - [severity, due]\n      - [serial]\n";

/* The same numbers in every run. */
static inline uint64_t records_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static inline void records_demand(bool done, const struct err *err)
{
	auto_writer text = { 0 };

	if (done)
		return;
	err_render(err, LANGUAGE_EN, &text);
	fprintf(stderr, "%s\n", text.at);
	exit(1);
}

static inline const struct node *records_body(struct arena *arena, const struct records *r,
					      uint64_t *random)
{
	static const char *const severities[] = { "low", "medium", "high" };
	const struct node *node;
	char organisation[UUID_TEXT_SIZE];
	struct err err;
	uint64_t n = records_random(random);
	const char *text = arena_printf(
		arena,
		"{\"organisation\":\"%s\",\"name\":\"Infusion pump "
		"%llu\",\"serial\":\"SN%016llx\",\"due\":\"20%02d-%02d-%02d\","
		"\"severity\":\"%s\",\"price\":%llu.5,\"address\":\"10.%d.%d.%d\",\"notes\":"
		"\"bought with the new ward, kept "
		"by the department, checked every "
		"year\",\"active\":true,\"seen\":\"2026-11-22T12:00:00Z\"}",
		uuid_text(&r->organisations[n % ORGANISATIONS], organisation),
		(unsigned long long)n, (unsigned long long)(n * 2654435761u),
		(int)(20 + records_random(random) % 10), (int)(1 + records_random(random) % 12),
		(int)(1 + records_random(random) % 28), severities[records_random(random) % 3],
		(unsigned long long)(n % 100000), (int)(n % 250), (int)(n / 250 % 250),
		(int)(n / 62500 % 250));

	records_demand(node_from_json(arena, str_of(text), &node, &err), &err);
	return node;
}

struct records_batch {
	struct records *r;
	uint64_t random;
	int count;
};

static inline bool records_create(struct change *change, struct err *err)
{
	struct records_batch *batch = change->prepared;
	auto_problems problems = { 0 };
	struct record_ref ref;
	uint64_t random = batch->random;

	for (int i = 0; i < batch->count; i++) {
		if (!record_create(change, batch->r->model, scope_program(), batch->r->type,
				   records_body(change->arena, batch->r, &random), &problems, &ref,
				   err))
			return false;
	}
	return true;
}

static inline void records_add(struct records *r, uint64_t random, int count)
{
	static const struct actor actor = { .reason = STR_NONE };
	struct records_batch batch = { r, random, count };
	struct err err;

	records_demand(ledger_change(r->ledger, &actor, records_create, &batch, &err), &err);
}

static inline void records_organisation(struct records *r, const char *parent, const char *name,
					struct uuid *id)
{
	static const struct actor actor = { .reason = STR_NONE };
	auto_arena arena = arena_new(1 << 20);
	auto_writer out = { 0 };
	struct json json = json_into(&out);
	const char *text = arena_printf(
		arena, "{\"name\":\"%s\",\"parent\":\"%s\",\"kind\":\"department\"}", name, parent);
	const struct node *node;
	struct err err;

	records_demand(node_from_json(arena, str_of(text), &node, &err) &&
			       identity_organisation_create(r->identity, scope_program(), &actor,
							    node, &json, &err) &&
			       node_from_json(arena, writer_str(&out), &node, &err),
		       &err);
	if (!uuid_parse(node_member_text(node, "id"), id))
		exit(1);
}

static inline bool records_root(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query query =
		query_start(conn, "SELECT public_id FROM organisation WHERE parent IS NULL");
	struct uuid *root = context;
	bool found;

	if (!query_one(&query, &found, err) || !found)
		return false;
	memcpy(root->bytes, column_blob(&query, 0).at, sizeof(root->bytes));
	return query_end(&query, err);
}

static inline void records_open(struct records *r, int64_t count, int64_t cache)
{
	static const struct actor actor = { .reason = STR_NONE };
	const struct root_key root_key = { { 1 } };
	const char *address = getenv("XIEDUN_BENCH_POSTGRES");
	uint8_t key[KEY_SIZE];
	struct store_config config = { .backend = address ? BACKEND_POSTGRES : BACKEND_SQLITE,
				       .directory = r->folder,
				       .database_key = key,
				       .address = address,
				       .cache_bytes = cache };
	struct migration_list lists[] = { store_migrations, ledger_migrations, identity_migrations,
					  model_migrations };
	struct migrations all = { lists, nitems(lists) };
	struct ledger_config ledger = { .origin = "bench.example", .sequence = true };
	struct identity_config identity = { 0 };
	struct migration_report report;
	auto_problems problems = { 0 };
	auto_writer token = { 0 };
	struct uuid root, group = { { 0 } };
	char text[UUID_TEXT_SIZE];
	struct err err = { 0 };

	(void)snprintf(r->folder, sizeof(r->folder), "/tmp/xiedun-bench-XXXXXX");
	if (!mkdtemp(r->folder))
		exit(1);

	auto_memory char *path = path_join(r->folder, "keyring");

	records_demand(keyring_create(path, &root_key, &r->keyring, &err), &err);
	keyring_copy_key(r->keyring, KEY_DATABASE, key);
	records_demand(store_open(&config, true, &r->store, &err) &&
			       migrations_apply(r->store, &all, false, &report, &err) &&
			       ledger_open(r->store, r->keyring, &ledger, &r->ledger, &err) &&
			       identity_open(r->ledger, r->store, r->keyring, &identity,
					     &r->identity, &err) &&
			       model_open(r->store, r->ledger, r->identity, r->keyring, NULL,
					  &r->model, &err) &&
			       identity_invite_first(r->identity, STR("Bench"), &token, &err) &&
			       store_read(r->store, records_root, &root, &err) &&
			       model_pack_add(r->model, scope_program(), &actor, "bench.yaml",
					      STR(records_pack), &problems, &err),
		       &err);
	for (int i = 0; i < ORGANISATIONS; i++) {
		if (i % GROUP_SIZE == 0) {
			records_organisation(r, uuid_text(&root, text), "group", &group);
			(void)uuid_text(&group, i ? text : r->group);
		}
		records_organisation(r, uuid_text(&group, text), "department",
				     &r->organisations[i]);
	}
	r->types = model_types(r->model);
	r->type = type_find(r->types, STR("asset"));
	for (r->made = 0; r->made < count; r->made += BATCH)
		records_add(r, (uint64_t)r->made + 1, BATCH);
}

static inline void records_close(struct records *r)
{
	struct err err;

	type_set_release(r->types);
	model_close(r->model);
	identity_close(r->identity);
	ledger_close(r->ledger);
	store_close(r->store);
	keyring_free(r->keyring);
	(void)!path_remove(r->folder, &err);
}

#endif
