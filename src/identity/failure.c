#include "identity/internal.h"

#include "base/encode.h"

#define MINUTE   SECONDS(60)
#define KEPT_FOR (400 * 24 * 60 * MINUTE)

static const char SQL_COUNT[] =
	"INSERT INTO failure_minute (minute, source, count) VALUES (:minute, :source, 1) "
	"ON CONFLICT (minute, source) DO UPDATE SET count = failure_minute.count + 1";
static const char SQL_NEXT[] = "SELECT minute FROM failure_minute WHERE entry IS NULL AND minute < "
			       ":before ORDER BY minute LIMIT 1";
static const char SQL_OF_MINUTE[] =
	"SELECT source, count FROM failure_minute WHERE minute = :minute ORDER BY source";
static const char SQL_FLUSHED[] = "UPDATE failure_minute SET salt = :salt, entry = :entry WHERE "
				  "minute = :minute AND entry IS NULL";
static const char SQL_PRUNE[] =
	"DELETE FROM failure_minute WHERE minute < :before AND entry IS NOT NULL";

static bool count_one(struct conn *conn, void *context, struct err *err)
{
	const struct attempt *attempt = context;
	auto_query struct query query = query_start(conn, SQL_COUNT);

	query_int(&query, "minute", attempt->now / MINUTE);
	query_blob(&query, "source", digest_str(&attempt->source));
	return query_run(&query, NULL, err);
}

bool failure_count(const struct attempt *attempt, struct err *err)
{
	struct attempt copy = *attempt;

	return store_write(attempt->identity->store, count_one, &copy, err);
}

struct flush {
	struct identity *identity;
	int64_t before, minute;
	bool found;
};

static bool next_minute(struct conn *conn, void *context, struct err *err)
{
	struct flush *flush = context;
	auto_query struct query query = query_start(conn, SQL_NEXT);

	query_int(&query, "before", flush->before);
	if (!query_one(&query, &flush->found, err))
		return false;
	flush->minute = column_int(&query, 0);
	return query_end(&query, err);
}

/* {"minute": instant, "sources": [{"source": keyed hash, "count": n}, …]} */
static bool minute_body(struct conn *conn, int64_t minute, struct writer *body, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_OF_MINUTE);
	struct json json = json_into(body);

	query_int(&query, "minute", minute);
	json_object(&json);
	json_put_instant(&json, "minute", minute * MINUTE);
	json_key(&json, "sources");
	json_array(&json);
	while (query_row(&query)) {
		auto_writer hex = { 0 };

		hex_write(&hex, column_blob(&query, 0));
		json_object(&json);
		json_put_str(&json, "source", writer_str(&hex));
		json_put_int(&json, "count", column_int(&query, 1));
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
	return query_end(&query, err);
}

static bool flush_apply(struct change *change, struct err *err)
{
	const struct flush *flush = change->prepared;
	auto_writer body = { 0 };
	uint8_t salt[SALT_SIZE];
	int64_t entry, changed;

	salt_new(salt);
	if (!minute_body(change->conn, flush->minute, &body, err))
		return false;
	if (!change_entry(change,
			  &(struct entry){ .action = "sign_in.failures",
					   .type = "failure_minute",
					   .subject = uuid_new(),
					   .after = commitment_to(salt, writer_str(&body)) },
			  &entry, err))
		return false;

	auto_query struct query query = query_start(change->conn, SQL_FLUSHED);

	query_blob(&query, "salt", (struct str){ (const char *)salt, sizeof(salt) });
	query_int(&query, "entry", entry);
	query_int(&query, "minute", flush->minute);
	if (!query_run(&query, &changed, err))
		return false;
	return changed > 0 || fail(err, MSG_FAILURES_FLUSHED);
}

/* A minute is left alone until another has passed, so that no late count is missed. */
bool failures_flush(struct identity *identity, int64_t now, struct err *err)
{
	static const struct actor nobody = { 0 };
	struct flush flush = { .identity = identity, .before = now / MINUTE - 1 };

	for (;;) {
		if (!store_read(identity->store, next_minute, &flush, err))
			return false;
		if (!flush.found)
			return true;
		/* Another server may have been quicker. */
		if (!ledger_change(identity->ledger, &nobody, flush_apply, &flush, err) &&
		    err->message != MSG_FAILURES_FLUSHED)
			return false;
	}
}

bool failures_prune(struct conn *conn, int64_t now, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_PRUNE);

	query_int(&query, "before", (now - KEPT_FOR) / MINUTE);
	return query_run(&query, NULL, err);
}
