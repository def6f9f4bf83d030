#include "model/request.h"

struct filter_context request_context(const struct model *model, const struct scope *scope,
				      int64_t now, enum clearance clearance)
{
	return (struct filter_context){
		.clearance = clearance,
		.now = now,
		.zone = model->zone,
		.account = scope->account_id,
		.keyring = model->keyring,
	};
}

bool request_person(struct conn *conn, const struct scope *scope, struct filter_context *context,
		    struct err *err)
{
	auto_query struct query query =
		query_start(conn, "SELECT public_id FROM person WHERE id = :person");
	bool found;

	query_int(&query, "person", scope->person);
	if (!query_one(&query, &found, err))
		return false;

	struct str id = found ? column_blob(&query, 0) : STR_NONE;

	if (id.len == sizeof(context->person.bytes))
		memcpy(context->person.bytes, id.at, id.len);
	return query_end(&query, err);
}
