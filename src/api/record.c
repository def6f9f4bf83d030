/* Records of every type: the same routes, whatever packs declare. */
#include "api/route.h"
#include "base/memory.h"

static bool list_read(struct conn *conn, void *context, struct err *err)
{
	struct call *call = context;
	struct record_query query = { 0 };
	struct str limit, count;
	int64_t number = 0;

	if (!http_query_value(call->request, "filter", &query.filter, err) ||
	    !http_query_value(call->request, "sort", &query.sort, err) ||
	    !http_query_value(call->request, "cursor", &query.cursor, err) ||
	    !http_query_value(call->request, "limit", &limit, err) ||
	    !http_query_value(call->request, "count", &count, err))
		return false;
	if (limit.at && (!str_to_int(limit, &number) || number < 1 || number > 500))
		return fail(err, MSG_QUERY_MALFORMED, "limit",
			    call->language == LANGUAGE_ZH ? "1 到 500 的整数"
							  : "an integer from 1 to 500");
	if (count.at && !str_is(count, "true") && !str_is(count, "false"))
		return fail(err, MSG_QUERY_MALFORMED, "count", "true, false");
	query.limit = (int)number;
	query.count = str_is(count, "true");
	return record_list(conn, call->use->model, call->scope, call->type, &query, call->arena,
			   &call->json, err);
}

static bool list(struct call *call, struct err *err)
{
	return store_read(call->use->store, list_read, call, err);
}

static bool one_read(struct conn *conn, void *context, struct err *err)
{
	struct call *call = context;

	return record_read(conn, call->use->model, call->scope, call->type, &call->id, &call->json,
			   &call->ref.version, err);
}

static bool one(struct call *call, struct err *err)
{
	if (!store_read(call->use->store, one_read, call, err))
		return false;
	call_etag(call, call->ref.version);
	return true;
}

static bool history_read(struct conn *conn, void *context, struct err *err)
{
	struct call *call = context;

	json_object(&call->json);
	json_key(&call->json, "items");
	if (!record_history(conn, call->use->model, call->scope, call->type, &call->id, &call->json,
			    err))
		return false;
	json_object_end(&call->json);
	return true;
}

static bool history(struct call *call, struct err *err)
{
	return store_read(call->use->store, history_read, call, err);
}

static bool create_apply(struct change *change, struct err *err)
{
	struct call *call = change->prepared;

	problems_release(&call->problems);
	return record_create(change, call->use->model, call->scope, call->type, call->body,
			     &call->problems, &call->ref, err);
}

static bool created(struct call *call, struct err *err unused)
{
	char id[UUID_TEXT_SIZE];
	const char *location =
		arena_printf(call->arena, "/api/v1/records/%.*s/%s", STR_ARGS(call->type->name),
			     uuid_text(&call->ref.id, id));

	http_response_header(call->response, "Location", str_of(location));
	call_put_ref(call);
	return true;
}

static bool change_apply(struct change *change, struct err *err)
{
	struct call *call = change->prepared;

	problems_release(&call->problems);
	return record_change(change, call->use->model, call->scope, call->type, &call->id,
			     call->version, call->body, &call->problems, &call->ref, err);
}

static bool move_apply(struct change *change, struct err *err)
{
	struct call *call = change->prepared;

	problems_release(&call->problems);
	return record_move(change, call->use->model, call->scope, call->type, &call->id,
			   call->version, call->value[2], call->body, &call->problems, &call->ref,
			   err);
}

static bool changed(struct call *call, struct err *err unused)
{
	call_put_ref(call);
	return true;
}

static bool reveal_apply(struct change *change, struct err *err)
{
	struct call *call = change->prepared;

	writer_clear(&call->text);
	return record_reveal(change, call->use->model, call->scope, call->type, &call->id,
			     call->value[2], &call->text, err);
}

static bool revealed(struct call *call, struct err *err unused)
{
	json_object(&call->json);
	json_put_str(&call->json, "value", writer_str(&call->text));
	json_object_end(&call->json);
	memory_wipe(call->text.at, call->text.len);
	return true;
}

static const struct route_query of_list[] = {
	{ "filter", "string", "筛选条件,如 state = in_use and name contains 泵",
	  "the filter language: state = in_use and name contains \"pump\"" },
	{ "sort", "string", "排序字段;前加 - 为倒序",
	  "field to sort by; - before it turns the order" },
	{ "cursor", "string", "上一页给出的 next", "next of the page before" },
	{ "limit", "integer", "每页条数,1 到 500,缺省 50",
	  "records a page, 1 to 500, 50 when left out" },
	{ "count", "boolean", "同时给出总数(至多数到 10001)", "count too (to 10,001 at most)" },
};

static const struct route rows[] = {
	{ .method = HTTP_GET,
	  .path = "/api/v1/records/{type}",
	  .operation = "list",
	  .tag = "record",
	  .zh = "记录列表",
	  .en = "List",
	  .access = ROUTE_SESSION,
	  .permission = "{type}.read",
	  .status = 200,
	  .answer = "{Type}Page",
	  .query = of_list,
	  .query_count = nitems(of_list),
	  .handle = list },
	{ .method = HTTP_POST,
	  .path = "/api/v1/records/{type}",
	  .operation = "create",
	  .tag = "record",
	  .zh = "新建;可自带标识(UUIDv7),重复提交只生效一次",
	  .en = "Create; with an id of one's own (UUIDv7) a repeated request takes effect once",
	  .access = ROUTE_SESSION,
	  .permission = "{type}.create",
	  .body = ROUTE_BODY_JSON,
	  .status = 201,
	  .request = "{Type}Fields",
	  .answer = "RecordRef",
	  .apply = create_apply,
	  .finish = created },
	{ .method = HTTP_GET,
	  .path = "/api/v1/records/{type}/{id}",
	  .operation = "read",
	  .tag = "record",
	  .zh = "读取",
	  .en = "Read",
	  .access = ROUTE_SESSION,
	  .permission = "{type}.read",
	  .status = 200,
	  .answer = "{Type}",
	  .handle = one },
	{ .method = HTTP_PATCH,
	  .path = "/api/v1/records/{type}/{id}",
	  .operation = "change",
	  .tag = "record",
	  .zh = "修改所给字段",
	  .en = "Change the fields given",
	  .access = ROUTE_SESSION,
	  .permission = "{type}.change",
	  .body = ROUTE_BODY_JSON,
	  .versioned = true,
	  .status = 200,
	  .request = "{Type}Fields",
	  .answer = "RecordRef",
	  .apply = change_apply,
	  .finish = changed },
	{ .method = HTTP_POST,
	  .path = "/api/v1/records/{type}/{id}/moves/{move}",
	  .operation = "move",
	  .tag = "record",
	  .zh = "状态流转",
	  .en = "Move to another state",
	  .access = ROUTE_SESSION,
	  .permission = "{type}.read",
	  .body = ROUTE_BODY_JSON,
	  .versioned = true,
	  .status = 200,
	  .request = "{Type}Fields",
	  .answer = "RecordRef",
	  .apply = move_apply,
	  .finish = changed },
	{ .method = HTTP_GET,
	  .path = "/api/v1/records/{type}/{id}/history",
	  .operation = "history",
	  .tag = "record",
	  .zh = "全部版本",
	  .en = "Every version",
	  .access = ROUTE_SESSION,
	  .permission = "{type}.read",
	  .status = 200,
	  .answer = "List",
	  .handle = history },
	{ .method = HTTP_POST,
	  .path = "/api/v1/records/{type}/{id}/reveal/{field}",
	  .operation = "reveal",
	  .tag = "record",
	  .zh = "显示一个加密字段;每次都记入账本",
	  .en = "Show one sealed field in clear; each time is an entry of the ledger",
	  .access = ROUTE_SESSION,
	  .permission = "{type}.reveal",
	  .status = 200,
	  .answer = "Revealed",
	  .apply = reveal_apply,
	  .finish = revealed },
};

const struct route_list record_routes = { rows, nitems(rows) };
