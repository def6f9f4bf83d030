#include "identity/internal.h"

static const char SQL_GENERATION_RAISE[] =
	"UPDATE identity_state SET generation = generation + 1 WHERE id = 1 RETURNING generation";
static const char SQL_GENERATION[] = "SELECT generation FROM identity_state WHERE id = 1";

static bool one_number(struct conn *conn, const char *sql, int64_t *number, struct err *err)
{
	auto_query struct query query = query_start(conn, sql);
	bool found;

	if (!query_one(&query, &found, err))
		return false;
	assert(found);

	int64_t value = column_int(&query, 0);

	if (!query_end(&query, err))
		return false;
	*number = value;
	return true;
}

bool generation_raise(struct change *change, struct err *err)
{
	struct writing *writing = change->prepared;

	return one_number(change->conn, SQL_GENERATION_RAISE, &writing->generation, err);
}

bool generation_read(struct conn *conn, int64_t *generation, struct err *err)
{
	return one_number(conn, SQL_GENERATION, generation, err);
}

bool identity_change(struct identity *identity, const struct actor *actor, change_apply_fn *apply,
		     struct writing *prepared, struct err *err)
{
	prepared->identity = identity;
	if (!ledger_change(identity->ledger, actor, apply, prepared, err))
		return false;
	session_cache_saw(identity->cache, prepared->generation);
	return true;
}

struct uuid uuid_of(struct str bytes)
{
	struct uuid id = { { 0 } };

	if (bytes.len == sizeof(id.bytes))
		memcpy(id.bytes, bytes.at, sizeof(id.bytes));
	return id;
}
