#include "base/random.h"
#include "base/vec.h"
#include "ledger/visit.h"
#include "model/install.h"
#include "model/row.h"

enum { VERIFY_BATCH = 500, VERIFY_MEMORY = 256 << 20, VERIFY_KEY_SIZE = 16 };

/*
 * What the rows say about one version: the number of its entry and a keyed sum over all that the entry must say. Sixteen bytes
 * and a mark for each version fit into memory where the bodies do not.
 */
struct claim {
	int64_t entry;
	uint64_t sum;
	bool met; /* by the ledger */
};

struct claims VEC(struct claim);

struct verification {
	struct conn *conn;
	const struct held_set *held;
	struct problems *problems;
	struct claims claims;
	char key[VERIFY_KEY_SIZE];
	bool naming; /* the second walk: versions without an entry get their names */
};

static uint64_t sum_of(const struct verification *v, struct str type, const struct uuid *subject,
		       int64_t version, const struct commitment *after)
{
	auto_writer all = { 0 };
	struct digest digest;
	uint64_t sum;

	writer_put(&all, (struct str){ v->key, VERIFY_KEY_SIZE });
	writer_printf(&all, "%.*s %lld ", STR_ARGS(type), (long long)version);
	writer_put(&all, uuid_str(subject));
	writer_put(&all, digest_str(&after->digest));
	digest = sha256(writer_str(&all));
	memcpy(&sum, digest.bytes, sizeof(sum));
	return sum;
}

static void add_problem(struct verification *v, enum message message, struct str type,
			const struct uuid *subject, int64_t version)
{
	char id[UUID_TEXT_SIZE];
	struct err err;

	(void)err_set(&err, message, 3,
		      (struct err_arg[]){ err_arg_str(type), err_arg_text(uuid_text(subject, id)),
					  err_arg_int(version) });
	problems_add(v->problems, &err);
}

static int by_entry(const void *a, const void *b)
{
	const struct claim *left = a, *right = b;

	return left->entry < right->entry ? -1 : left->entry > right->entry;
}

/* The first claim on the entry, or the end. */
static size_t first_claim(const struct verification *v, int64_t entry)
{
	size_t low = 0, high = v->claims.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (v->claims.at[middle].entry < entry)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void claim(struct verification *v, struct str type, const struct uuid *subject,
		  int64_t version, int64_t entry, const struct commitment *commitment)
{
	uint64_t sum = sum_of(v, type, subject, version, commitment);

	if (!v->naming) {
		vec_push(&v->claims, (struct claim){ .entry = entry, .sum = sum });
		return;
	}
	for (size_t i = first_claim(v, entry);
	     i < v->claims.count && v->claims.at[i].entry == entry; i++) {
		struct claim *known = &v->claims.at[i];

		if (known->sum == sum && !known->met) {
			known->met = true;
			add_problem(v, MSG_VERIFY_ROW_ADDED, type, subject, version);
			return;
		}
	}
}

/* --- The rows ---------------------------------------------------------------------------------------- */

struct record_walk {
	struct verification *v;
	const struct table *table;
};

static bool claim_version(void *context, const struct row *row, struct err *err)
{
	const struct record_walk *walk = context;
	struct commitment commitment = row_commitment(walk->table, row);
	struct uuid id = row_uuid(walk->table, row);

	(void)err;
	claim(walk->v, walk->table->type.name, &id, row_version(walk->table, row), row->entry,
	      &commitment);
	return true;
}

static bool take_batch(struct verification *v, struct arena *arena, const struct table *table,
		       int64_t after, struct row *rows, size_t *count, struct err *err)
{
	auto_writer sql = { 0 };

	writer_printf(&sql, "%s WHERE t.id > :after ORDER BY t.id LIMIT %d", table->select,
		      VERIFY_BATCH);

	auto_query struct query query = query_start(v->conn, sql.at);

	query_int(&query, "after", after);
	for (*count = 0; query_row(&query); (*count)++) {
		if (!row_take(arena, table, &query, &rows[*count]))
			return arena_check(arena, err);
	}
	return query_end(&query, err);
}

static bool walk_table(struct verification *v, const struct table *table, struct err *err)
{
	struct record_walk walk = { v, table };
	struct row rows[VERIFY_BATCH];
	auto_arena arena = arena_new(VERIFY_MEMORY);
	int64_t after = 0;
	size_t count;

	do {
		arena_clear(arena);
		if (!take_batch(v, arena, table, after, rows, &count, err))
			return false;
		for (size_t i = 0; i < count; i++) {
			after = rows[i].id;
			if (row_versions(v->conn, arena, table, &rows[i], claim_version, &walk,
					 err))
				continue;
			if (err->message != MSG_RECORD_VERSION_LOST)
				return false;
			if (!v->naming)
				problems_add(v->problems, err);
		}
	} while (count == VERIFY_BATCH);
	return true;
}

/* Versions of a record that is not there. */
static bool walk_orphans(struct verification *v, const struct table *table, struct err *err)
{
	auto_writer sql = { 0 };

	writer_printf(
		&sql,
		"SELECT v.record, v.version FROM record_version v WHERE v.type = :type AND NOT "
		"EXISTS "
		"(SELECT 1 FROM %s t WHERE t.public_id = v.record) ORDER BY v.record, v.version",
		table->name);

	auto_query struct query query = query_start(v->conn, sql.at);

	query_text(&query, "type", table->type.name);
	while (query_row(&query)) {
		struct str bytes = column_blob(&query, 0);
		struct uuid id = { 0 };

		if (bytes.len == sizeof(id.bytes))
			memcpy(id.bytes, bytes.at, sizeof(id.bytes));
		add_problem(v, MSG_VERIFY_VERSION_ORPHAN, table->type.name, &id,
			    column_int(&query, 1));
	}
	return query_end(&query, err);
}

static bool walk_packs(struct verification *v, struct err *err)
{
	auto_query struct query query = query_start(
		v->conn,
		"SELECT public_id, version, salt, text, entry FROM model_pack ORDER BY id");

	while (query_row(&query)) {
		struct str bytes = column_blob(&query, 0), salt = column_blob(&query, 2);
		struct uuid id = { 0 };
		uint8_t salt_bytes[SALT_SIZE] = { 0 };

		if (bytes.len == sizeof(id.bytes))
			memcpy(id.bytes, bytes.at, sizeof(id.bytes));
		if (salt.len == SALT_SIZE)
			memcpy(salt_bytes, salt.at, SALT_SIZE);

		struct commitment commitment = pack_commitment(salt_bytes, column_text(&query, 3));

		claim(v, STR("pack"), &id, column_int(&query, 1), column_int(&query, 4),
		      &commitment);
	}
	return query_end(&query, err);
}

static bool walk_rows(struct verification *v, struct err *err)
{
	for (size_t i = 0; i < v->held->set.count; i++) {
		const struct table *table = table_of(v->held->set.types[i]);

		if (table->type.native)
			continue;
		if (!walk_table(v, table, err) || (!v->naming && !walk_orphans(v, table, err)))
			return false;
	}
	return walk_packs(v, err);
}

/* --- The ledger -------------------------------------------------------------------------------------- */

static bool is_ours(const struct verification *v, const struct ledger_entry *entry)
{
	const struct type *type = type_find(&v->held->set, entry->type);

	return entry->version > 0 && (str_is(entry->type, "pack") || (type && !type->native));
}

static bool meet_entry(void *context, int64_t epoch, int64_t position,
		       const struct ledger_entry *entry, struct err *err)
{
	struct verification *v = context;
	struct claim *other = NULL;
	uint64_t sum;

	(void)epoch;
	(void)position;
	(void)err;
	if (!is_ours(v, entry))
		return true;
	sum = sum_of(v, entry->type, &entry->subject, entry->version, &entry->after);
	for (size_t i = first_claim(v, entry->id);
	     i < v->claims.count && v->claims.at[i].entry == entry->id; i++) {
		struct claim *known = &v->claims.at[i];

		if (known->sum == sum && !known->met) {
			known->met = true;
			return true;
		}
		if (!known->met)
			other = known;
	}
	if (other)
		other->met = true;
	add_problem(v, other ? MSG_VERIFY_ROW_CHANGED : MSG_VERIFY_ROW_REMOVED, entry->type,
		    &entry->subject, entry->version);
	return true;
}

static bool name_rest(struct verification *v, struct err *err)
{
	v->naming = true;
	for (size_t i = 0; i < v->claims.count; i++) {
		if (!v->claims.at[i].met)
			return walk_rows(v, err);
	}
	return true;
}

static bool verify(struct conn *conn, void *context, struct err *err)
{
	struct verification *v = context;
	struct held_set *held;

	if (!set_load(conn, &held, err)) {
		if (err->message != MSG_PACK_STORED)
			return false;
		problems_add(v->problems, err);
		return true;
	}
	v->conn = conn;
	v->held = held;

	bool done = walk_rows(v, err);

	if (done && v->claims.count)
		qsort(v->claims.at, v->claims.count, sizeof(*v->claims.at), by_entry);
	done = done && ledger_visit(conn, meet_entry, v, err) && name_rest(v, err);
	type_set_release(&held->set);
	return done;
}

bool model_verify(struct model *model, struct problems *problems, struct err *err)
{
	struct verification v = { .problems = problems };
	bool done;

	random_bytes(v.key, sizeof(v.key));
	done = store_read(model->store, verify, &v, err);
	vec_release(&v.claims);
	return done;
}
