#include "store/outbox.h"

#include "base/clock.h"

static const char SQL_ADD[] = "INSERT INTO outbox (kind, body, created, due, attempts)"
			      " VALUES (:kind, :body, :now, :now, 0)";
static const char *const SQL_TAKE[] = {
	[BACKEND_SQLITE] = "UPDATE outbox SET due = :until, attempts = attempts + 1 WHERE id ="
			   " (SELECT id FROM outbox WHERE due <= :now ORDER BY due, id LIMIT 1)"
			   " RETURNING id, kind, body, created, attempts",
	[BACKEND_POSTGRES] = "UPDATE outbox SET due = :until, attempts = attempts + 1 WHERE id ="
			     " (SELECT id FROM outbox WHERE due <= :now ORDER BY due, id LIMIT 1"
			     " FOR UPDATE SKIP LOCKED) RETURNING id, kind, body, created, attempts",
};
static const char SQL_DONE[] = "DELETE FROM outbox WHERE id = :id";

bool outbox_add(struct conn *conn, const char *kind, struct str body, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_ADD);

	query_text(&query, "kind", str_of(kind));
	query_blob(&query, "body", body.at ? body : STR(""));
	query_int(&query, "now", clock_now());
	return query_run(&query, NULL, err);
}

struct take {
	int64_t lease;
	struct arena *arena;
	struct outbox_message message;
	bool found;
};

static bool take(struct conn *conn, void *context, struct err *err)
{
	struct take *self = context;
	auto_query struct query query = query_start(conn, SQL_TAKE[conn_backend(conn)]);
	int64_t now = clock_now();

	query_int(&query, "now", now);
	query_int(&query, "until", now + self->lease);
	if (!query_one(&query, &self->found, err))
		return false;
	if (self->found)
		self->message = (struct outbox_message){
			.id = column_int(&query, 0),
			.kind = arena_text(self->arena, column_text(&query, 1)),
			.body = arena_copy(self->arena, column_blob(&query, 2)),
			.created = column_int(&query, 3),
			.attempts = column_int(&query, 4),
		};
	return query_end(&query, err) && arena_check(self->arena, err);
}

bool outbox_take(struct store *store, int64_t lease, struct arena *arena,
		 struct outbox_message *message, bool *found, struct err *err)
{
	struct take self = { .lease = lease, .arena = arena };

	if (!store_write(store, take, &self, err))
		return false;
	*found = self.found;
	if (self.found)
		*message = self.message;
	return true;
}

bool outbox_done(struct conn *conn, int64_t id, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_DONE);

	query_int(&query, "id", id);
	return query_run(&query, NULL, err);
}
