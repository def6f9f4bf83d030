/* Record types and the packs that declare them. */
#include "api/route.h"

static void put_label(struct json *json, const char *key, const struct label *label)
{
	json_key(json, key);
	json_object(json);
	json_put_str(json, "zh", label->zh);
	json_put_str(json, "en", label->en);
	json_object_end(json);
}

static void put_names(struct json *json, const char *key, const struct str *names, size_t count)
{
	json_key(json, key);
	json_array(json);
	for (size_t i = 0; i < count; i++)
		json_str(json, names[i]);
	json_array_end(json);
}

static void put_field(struct json *json, const struct field *field)
{
	json_object(json);
	json_put_str(json, "name", field->name);
	put_label(json, "label", &field->label);
	json_put_text(json, "kind", field_kind_name(field->kind));
	json_put_bool(json, "required", field->required);
	json_put_bool(json, "unique", field->unique);
	json_put_bool(json, "sealed", field->sealed);
	if (field->target.at)
		json_put_str(json, "target", field->target);
	if (field->choice_count > 0) {
		json_key(json, "choices");
		json_array(json);
		for (size_t i = 0; i < field->choice_count; i++) {
			json_object(json);
			json_put_str(json, "name", field->choices[i].name);
			put_label(json, "label", &field->choices[i].label);
			json_object_end(json);
		}
		json_array_end(json);
	}
	json_object_end(json);
}

static void put_move(struct json *json, const struct move *move)
{
	json_object(json);
	json_put_str(json, "name", move->name);
	put_label(json, "label", &move->label);
	put_names(json, "from", move->from, move->from_count);
	json_put_str(json, "to", move->to);
	put_names(json, "required", move->required, move->required_count);
	if (move->guard.at)
		json_put_str(json, "guard", move->guard);
	json_put_bool(json, "not_creator", move->not_creator);
	json_object_end(json);
}

/* What the caller may not read does not exist for him: neither fields nor, without any right, the type. */
static bool visible(const struct call *call, const struct type *type)
{
	return scope_allows(call->scope,
			    str_of(arena_printf(call->arena, "%.*s.read", STR_ARGS(type->name))));
}

static enum clearance highest_clearance(const struct scope *scope)
{
	enum clearance highest = scope->program ? CLEARANCE_SECRET : CLEARANCE_PUBLIC;

	for (size_t i = 0; i < scope->count; i++) {
		if (scope->grants[i].clearance > highest)
			highest = scope->grants[i].clearance;
	}
	return highest;
}

static void put_type(const struct call *call, struct json *json, const struct type *type)
{
	enum clearance clearance = highest_clearance(call->scope);

	json_object(json);
	json_put_str(json, "name", type->name);
	json_put_str(json, "pack", type->pack);
	json_put_int(json, "edition", type->edition);
	put_label(json, "label", &type->label);
	json_put_bool(json, "catalogue", type->catalogue);
	json_put_bool(json, "native", type->native);
	json_key(json, "fields");
	json_array(json);
	for (size_t i = 0; i < type->field_count; i++) {
		if (!type->fields[i].removed && type->fields[i].sensitivity <= clearance)
			put_field(json, &type->fields[i]);
	}
	json_array_end(json);
	json_key(json, "states");
	json_array(json);
	for (size_t i = 0; i < type->state_count; i++) {
		json_object(json);
		json_put_str(json, "name", type->states[i].name);
		put_label(json, "label", &type->states[i].label);
		json_object_end(json);
	}
	json_array_end(json);
	json_key(json, "moves");
	json_array(json);
	for (size_t i = 0; i < type->move_count; i++)
		put_move(json, &type->moves[i]);
	json_array_end(json);
	json_object_end(json);
}

static bool types(struct call *call, struct err *err unused)
{
	json_object(&call->json);
	json_key(&call->json, "items");
	json_array(&call->json);
	for (size_t i = 0; i < call->types->count; i++) {
		if (visible(call, call->types->types[i]))
			put_type(call, &call->json, call->types->types[i]);
	}
	json_array_end(&call->json);
	json_object_end(&call->json);
	return true;
}

static bool one_type(struct call *call, struct err *err unused)
{
	put_type(call, &call->json, call->type);
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
