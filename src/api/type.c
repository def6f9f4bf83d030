/* Record types and the packs that declare them. */
#include "api/route.h"

/* What the caller may not read does not exist for him: neither fields nor, without any right, the type. */
static bool visible(const struct call *call, const struct type *type)
{
	return scope_allows(call->scope,
			    str_of(arena_printf(call->arena, "%.*s.read", STR_ARGS(type->name))));
}

static enum clearance highest_clearance(const struct scope *scope)
{
	enum clearance highest = CLEARANCE_PUBLIC;

	for (size_t i = 0; i < scope->count; i++) {
		if (scope->grants[i].clearance > highest)
			highest = scope->grants[i].clearance;
	}
	return highest;
}

static bool types(struct call *call, struct err *err unused)
{
	enum clearance clearance = highest_clearance(call->scope);

	json_object(&call->json);
	json_key(&call->json, "items");
	json_array(&call->json);
	for (size_t i = 0; i < call->types->count; i++) {
		if (visible(call, call->types->types[i]))
			type_write_json(call->types->types[i], true, clearance, &call->json);
	}
	json_array_end(&call->json);
	json_object_end(&call->json);
	return true;
}

static bool one_type(struct call *call, struct err *err unused)
{
	type_write_json(call->type, true, highest_clearance(call->scope), &call->json);
	return true;
}

static bool packs(struct call *call, struct err *err)
{
	json_object(&call->json);
	json_key(&call->json, "items");
	if (!model_packs(call->use->model, &call->json, err))
		return false;
	json_object_end(&call->json);
	return true;
}

static bool pack_add(struct call *call, struct err *err)
{
	struct str name;

	if (!http_query_value(call->request, "name", &name, err))
		return false;
	if (!call->request->body.at)
		return fail(err, MSG_LIMIT_SIZE, 1 << 20);
	if (!model_pack_add(call->use->model, call->scope, &call->actor,
			    name.at ? arena_text(call->arena, name) : "pack.yaml",
			    call->request->body, &call->problems, err))
		return false;
	return packs(call, err);
}

static const struct route_query of_pack[] = {
	{ "name", "string", "文件名,用于报错", "the file's name, for messages" },
};

static const struct route rows[] = {
	{ .method = HTTP_GET,
	  .path = "/api/v1/types",
	  .operation = "types",
	  .tag = "type",
	  .zh = "记录类型",
	  .en = "Record types",
	  .access = ROUTE_SESSION,
	  .status = 200,
	  .answer = "List",
	  .handle = types },
	{ .method = HTTP_GET,
	  .path = "/api/v1/types/{type}",
	  .operation = "type",
	  .tag = "type",
	  .zh = "一个记录类型的声明",
	  .en = "The declaration of one type",
	  .access = ROUTE_SESSION,
	  .permission = "{type}.read",
	  .status = 200,
	  .answer = "Any",
	  .handle = one_type },
	{ .method = HTTP_GET,
	  .path = "/api/v1/packs",
	  .operation = "packs",
	  .tag = "type",
	  .zh = "已安装的内容包",
	  .en = "Packs installed",
	  .access = ROUTE_SESSION,
	  .status = 200,
	  .answer = "List",
	  .handle = packs },
	{ .method = HTTP_POST,
	  .path = "/api/v1/packs",
	  .operation = "addPack",
	  .tag = "type",
	  .zh = "安装或升级内容包(YAML);其类型立即可用",
	  .en = "Add or upgrade a pack (YAML); its types are there at once",
	  .access = ROUTE_SESSION,
	  .permission = "pack.manage",
	  .body = ROUTE_BODY_RAW,
	  .status = 201,
	  .answer = "List",
	  .query = of_pack,
	  .query_count = nitems(of_pack),
	  .handle = pack_add },
};

const struct route_list type_routes = { rows, nitems(rows) };
