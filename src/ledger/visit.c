#include "ledger/visit.h"

#include "ledger/storage.h"

struct visit {
	int64_t epoch;
	ledger_visit_fn *visit;
	void *context;
};

static bool visit_entry(void *context, int64_t position, struct str body, struct err *err)
{
	struct visit *visit = context;
	struct ledger_entry entry;

	if (!entry_parse(body, &entry))
		return fail(err, MSG_LEDGER_ENTRY_FORM, visit->epoch, position);
	return visit->visit(visit->context, visit->epoch, position, &entry, err);
}

static bool visit_pending(struct conn *conn, struct visit *visit, struct err *err)
{
	auto_query struct query q =
		query_start(conn, "SELECT body FROM ledger_pending ORDER BY id");

	while (query_row(&q)) {
		if (!visit_entry(visit, -1, column_blob(&q, 0), err))
			return false;
	}
	return query_end(&q, err);
}

bool ledger_visit(struct conn *conn, ledger_visit_fn *fn, void *context, struct err *err)
{
	struct visit visit = { 0, fn, context };
	struct log_state state;
	bool found;

	if (!state_read(conn, &state, &found, err))
		return false;
	for (visit.epoch = 1; found && visit.epoch <= state.epoch; visit.epoch++) {
		struct log_epoch epoch = { .last = state };

		if (visit.epoch < state.epoch &&
		    !epoch_read(conn, visit.epoch, &epoch, &found, err))
			return false;
		if (!found)
			return fail(err, MSG_LEDGER_EPOCH_MISSING, visit.epoch);
		if (!bundles_read(conn, visit.epoch, 0, epoch.last.size, visit_entry, &visit, err))
			return false;
	}
	return visit_pending(conn, &visit, err);
}
