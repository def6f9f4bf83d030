/* The interface's description, OpenAPI 3.1, written from the table of routes and the types of now. */
#include "api/route.h"

/* The schemas that no type declares, as JSON Schema 2020-12. */
static const struct {
	const char *name, *schema;
} schemas[] = {
	{ "Any", "{\"type\":\"object\"}" },
	{ "Instant", "{\"type\":\"string\",\"format\":\"date-time\"}" },
	{ "Id", "{\"type\":\"string\",\"format\":\"uuid\"}" },
	{ "Problem",
	  "{\"type\":\"object\",\"description\":\"RFC "
	  "9457\",\"required\":[\"title\",\"status\",\"code\",\"detail\"],"
	  "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
	  "\"status\":{\"type\":\"integer\"},"
	  "\"code\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"},\"field\":{\"type\":"
	  "\"string\"},"
	  "\"file\":{\"type\":\"string\"},\"line\":{\"type\":\"integer\"},\"column\":{\"type\":"
	  "\"integer\"},"
	  "\"request\":{\"$ref\":\"#/components/schemas/Id\"},\"problems\":{\"type\":\"array\","
	  "\"items\":{\"$ref\":\"#/components/schemas/Any\"}}}}" },
	{ "List", "{\"type\":\"object\",\"required\":[\"items\"],\"properties\":{\"items\":{"
		  "\"type\":\"array\","
		  "\"items\":{\"$ref\":\"#/components/schemas/Any\"}}}}" },
	{ "Health", "{\"type\":\"object\",\"required\":[\"status\",\"version\"],\"properties\":{"
		    "\"status\":{\"enum\":[\"ok\","
		    "\"read-only\",\"stopping\"]},\"version\":{\"type\":\"string\"},\"trouble\":{"
		    "\"type\":\"string\"},"
		    "\"ledger\":{\"type\":\"object\"}}}" },
	{ "SignIn", "{\"type\":\"object\",\"required\":[\"login\",\"password\",\"code\"],"
		    "\"properties\":{\"login\":"
		    "{\"type\":\"string\"},\"password\":{\"type\":\"string\",\"format\":"
		    "\"password\"},\"code\":{\"type\":"
		    "\"string\",\"description\":\"TOTP or recovery "
		    "code\"},\"cookie\":{\"type\":\"boolean\"}}}" },
	{ "Session",
	  "{\"type\":\"object\",\"required\":[\"id\",\"expires\",\"csrf\"],\"properties\":{\"id\":{"
	  "\"$ref\":"
	  "\"#/components/schemas/Id\"},\"expires\":{\"$ref\":\"#/components/schemas/"
	  "Instant\"},\"csrf\":"
	  "{\"type\":\"string\"},\"token\":{\"type\":\"string\"},\"account\":{\"$ref\":\"#/"
	  "components/schemas/Id\"},"
	  "\"grants\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Any\"}}}}" },
	{ "RedeemBegin", "{\"type\":\"object\",\"required\":[\"token\"],\"properties\":{\"token\":{"
			 "\"type\":\"string\"}}}" },
	{ "RedeemSeed", "{\"type\":\"object\",\"required\":[\"seed\",\"address\"],\"properties\":{"
			"\"seed\":{\"type\":\"string\"},"
			"\"address\":{\"type\":\"string\"}}}" },
	{ "Redeem", "{\"type\":\"object\",\"required\":[\"token\",\"login\",\"password\",\"code\"],"
		    "\"properties\":{\"token\":"
		    "{\"type\":\"string\"},\"login\":{\"type\":\"string\"},\"name\":{\"type\":"
		    "\"string\"},\"password\":{\"type\":"
		    "\"string\",\"format\":\"password\"},\"code\":{\"type\":\"string\"}}}" },
	{ "RecoveryCodes", "{\"type\":\"object\",\"required\":[\"recovery_codes\"],\"properties\":{"
			   "\"recovery_codes\":"
			   "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}}" },
	{ "PasswordChange",
	  "{\"type\":\"object\",\"required\":[\"old_password\",\"new_password\"],\"properties\":"
	  "{\"old_password\":{\"type\":\"string\",\"format\":\"password\"},\"new_password\":{"
	  "\"type\":"
	  "\"string\",\"format\":\"password\"}}}" },
	{ "AccountCreate",
	  "{\"type\":\"object\",\"required\":[\"login\",\"name\"],\"properties\":{\"login\":{"
	  "\"type\":"
	  "\"string\"},\"name\":{\"type\":\"string\"},\"organisation\":{\"$ref\":"
	  "\"#/components/schemas/Id\"},\"language\":{\"enum\":[\"zh\",\"en\"]}}}" },
	{ "Invitation",
	  "{\"type\":\"object\",\"required\":[\"token\"],\"properties\":{\"id\":{\"$ref\":"
	  "\"#/components/schemas/Id\"},\"token\":{\"type\":\"string\"},\"expires\":{\"$ref\":"
	  "\"#/components/schemas/Instant\"}}}" },
	{ "GrantCreate",
	  "{\"type\":\"object\",\"required\":[\"account\",\"role\",\"organisation\"],"
	  "\"properties\":"
	  "{\"account\":{\"$ref\":\"#/components/schemas/Id\"},\"role\":{\"type\":\"string\"},"
	  "\"organisation\":{\"$ref\":\"#/components/schemas/"
	  "Id\"},\"clearance\":{\"enum\":[\"public\","
	  "\"internal\",\"confidential\",\"personal\",\"secret\"]},\"from\":{\"$ref\":"
	  "\"#/components/schemas/Instant\"},\"until\":{\"$ref\":\"#/components/schemas/"
	  "Instant\"}}}" },
	{ "OrganisationRequest",
	  "{\"type\":\"object\",\"properties\":{\"id\":{\"$ref\":\"#/"
	  "components/schemas/Id\"},\"name\":"
	  "{\"type\":\"string\"},\"parent\":{\"$ref\":\"#/components/schemas/"
	  "Id\"},\"kind\":{\"type\":"
	  "\"string\"},\"code\":{\"type\":\"string\"}}}" },
	{ "RecordRef",
	  "{\"type\":\"object\",\"required\":[\"id\",\"version\"],\"properties\":{\"id\":{\"$ref\":"
	  "\"#/components/schemas/Id\"},\"version\":{\"type\":\"integer\",\"minimum\":1}}}" },
	{ "Revealed", "{\"type\":\"object\",\"required\":[\"value\"],\"properties\":{\"value\":{"
		      "\"type\":\"string\"}}}" },
	{ "Ledger", "{\"type\":\"object\",\"required\":[\"epoch\",\"size\",\"root\",\"verifier_"
		    "key\"],\"properties\":{\"epoch\":"
		    "{\"type\":\"integer\"},\"size\":{\"type\":\"integer\"},\"waiting\":{\"type\":"
		    "\"integer\"},\"published\":"
		    "{\"$ref\":\"#/components/schemas/"
		    "Instant\"},\"root\":{\"type\":\"string\"},\"verifier_key\":"
		    "{\"type\":\"string\"}}}" },
	{ "Keys", "{\"type\":\"object\",\"required\":[\"version\"],\"properties\":{\"version\":{"
		  "\"type\":\"integer\"}}}" },
	{ "Backup", "{\"type\":\"object\",\"required\":[\"path\",\"sha256\"],\"properties\":{"
		    "\"path\":{\"type\":\"string\"},"
		    "\"sha256\":{\"type\":\"string\"},\"size\":{\"type\":\"integer\"}}}" },
};

static const char *field_schema(enum field_kind kind)
{
	static const char *const of_kind[FIELD_KINDS] = {
		[FIELD_TEXT] = "\"type\":[\"string\",\"null\"]",
		[FIELD_MARKDOWN] =
			"\"type\":[\"string\",\"null\"],\"contentMediaType\":\"text/markdown\"",
		[FIELD_INTEGER] = "\"type\":[\"integer\",\"null\"]",
		[FIELD_DECIMAL] = "\"type\":[\"string\",\"number\",\"null\"]",
		[FIELD_BOOLEAN] = "\"type\":[\"boolean\",\"null\"]",
		[FIELD_DATE] = "\"type\":[\"string\",\"null\"],\"format\":\"date\"",
		[FIELD_INSTANT] = "\"type\":[\"string\",\"null\"],\"format\":\"date-time\"",
		[FIELD_DURATION] = "\"type\":[\"string\",\"null\"],\"format\":\"duration\"",
		[FIELD_CHOICE] = "\"type\":[\"string\",\"null\"]",
		[FIELD_CHOICES] = "\"type\":[\"array\",\"null\"],\"items\":{\"type\":\"string\"}",
		[FIELD_REFERENCE] = "\"type\":[\"string\",\"null\"],\"format\":\"uuid\"",
		[FIELD_PERSON] = "\"type\":[\"string\",\"null\"],\"format\":\"uuid\"",
		[FIELD_ORGANISATION] = "\"type\":[\"string\",\"null\"],\"format\":\"uuid\"",
		[FIELD_NETWORK] = "\"type\":[\"string\",\"null\"]",
	};

	return of_kind[kind];
}

/* "device" → "Device", "risk_source" → "RiskSource". */
static const char *schema_name(struct str type, char name[64])
{
	size_t len = 0;
	bool capital = true;

	for (size_t i = 0; i < type.len && len < 62; i++) {
		char c = type.at[i];

		if (c == '_') {
			capital = true;
			continue;
		}
		name[len++] = capital && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
		capital = false;
	}
	name[len] = '\0';
	return name;
}

static void put_ref(struct json *json, const char *prefix, const char *name, const char *suffix)
{
	auto_writer path = { 0 };

	writer_printf(&path, "#/components/schemas/%s%s%s", prefix, name, suffix);
	json_object(json);
	json_put_str(json, "$ref", writer_str(&path));
	json_object_end(json);
}

static void put_field_schema(struct json *json, const struct field *field)
{
	auto_writer description = { 0 }, schema = { 0 };
	struct json rest = json_into(&schema);

	writer_printf(&description, "%.*s · %.*s", STR_ARGS(field->label.zh),
		      STR_ARGS(field->label.en));
	json_put_str(&rest, "description", writer_str(&description));
	if (field->choice_count > 0 && field->kind == FIELD_CHOICE) {
		json_key(&rest, "enum");
		json_array(&rest);
		for (size_t i = 0; i < field->choice_count; i++)
			json_str(&rest, field->choices[i].name);
		json_null(&rest);
		json_array_end(&rest);
	}
	writer_clear(&description);
	writer_printf(&description, "{%s,%s}", field_schema(field->kind), schema.at);
	json_key_str(json, field->name);
	json_raw(json, writer_str(&description));
}

static void put_fields_schema(struct json *json, const struct type *type, bool as_answer)
{
	json_object(json);
	json_put_text(json, "type", "object");
	json_key(json, "properties");
	json_object(json);
	json_key(json, "id");
	put_ref(json, "Id", "", "");
	if (as_answer) {
		json_key(json, "version");
		json_raw(json, STR("{\"type\":\"integer\"}"));
		json_key(json, "state");
		json_raw(json, STR("{\"type\":[\"string\",\"null\"]}"));
	}
	if (!type->catalogue) {
		json_key(json, "organisation");
		put_ref(json, "Id", "", "");
	}
	for (size_t i = 0; i < type->field_count; i++) {
		if (!type->fields[i].removed)
			put_field_schema(json, &type->fields[i]);
	}
	json_object_end(json);
	json_object_end(json);
}

static void put_type_schemas(struct json *json, const struct type *type)
{
	char name[64];
	auto_writer key = { 0 };

	schema_name(type->name, name);
	json_key(json, name);
	put_fields_schema(json, type, true);
	writer_printf(&key, "%sFields", name);
	json_key_str(json, writer_str(&key));
	put_fields_schema(json, type, false);
	writer_clear(&key);
	writer_printf(&key, "%sPage", name);
	json_key_str(json, writer_str(&key));
	json_object(json);
	json_put_text(json, "type", "object");
	json_key(json, "properties");
	json_object(json);
	json_key(json, "items");
	json_object(json);
	json_put_text(json, "type", "array");
	json_key(json, "items");
	put_ref(json, name, "", "");
	json_object_end(json);
	json_key(json, "next");
	json_raw(json, STR("{\"type\":[\"string\",\"null\"]}"));
	json_key(json, "count");
	json_raw(json, STR("{\"type\":\"integer\"}"));
	json_object_end(json);
	json_object_end(json);
}

/* "{Type}Fields" of a route for a type gives DeviceFields. */
static void put_schema(struct json *json, const char *schema, const struct type *type)
{
	char name[64] = "";
	struct str text = str_of(schema);

	if (!str_starts(text, "{Type}")) {
		put_ref(json, schema, "", "");
		return;
	}
	put_ref(json, schema_name(type->name, name), schema + 6, "");
}

static void put_media(struct json *json, const char *media, const char *schema,
		      const struct type *type)
{
	json_key(json, "content");
	json_object(json);
	json_key(json, media);
	json_object(json);
	if (schema) {
		json_key(json, "schema");
		put_schema(json, schema, type);
	}
	json_object_end(json);
	json_object_end(json);
}

static void put_parameter(struct json *json, struct str name, const char *in, const char *schema,
			  const char *description, bool required)
{
	json_object(json);
	json_put_str(json, "name", name);
	json_put_text(json, "in", in);
	json_put_bool(json, "required", required);
	json_put_text(json, "description", description);
	json_key(json, "schema");
	json_object(json);
	json_put_text(json, "type", schema);
	json_object_end(json);
	json_object_end(json);
}

static void put_parameters(struct json *json, const struct route *route)
{
	struct str name;

	json_key(json, "parameters");
	json_array(json);
	for (size_t n = 0; (name = route_parameter(route->path, n)).at; n++) {
		if (!str_is(name, "type"))
			put_parameter(json, name, "path", "string", "", true);
	}
	for (size_t i = 0; i < route->query_count; i++) {
		auto_writer both = { 0 };

		writer_printf(&both, "%s · %s", route->query[i].zh, route->query[i].en);
		put_parameter(json, str_of(route->query[i].name), "query", route->query[i].schema,
			      both.at, false);
	}
	if (route->versioned)
		put_parameter(json, STR("If-Match"), "header", "string",
			      "所依据的版本号,如 \"3\" · the version started from, like \"3\"",
			      true);
	if (route->access == ROUTE_SESSION && route->method != HTTP_GET)
		put_parameter(json, STR("reason"), "query", "string",
			      "理由,记入账本 · why, for the ledger", false);
	json_array_end(json);
}

static void put_operation(struct json *json, const struct route *route, const struct type *type)
{
	static const char *const methods[HTTP_METHODS] = {
		[HTTP_GET] = "get",         [HTTP_HEAD] = "head",   [HTTP_POST] = "post",
		[HTTP_PUT] = "put",         [HTTP_PATCH] = "patch", [HTTP_DELETE] = "delete",
		[HTTP_OPTIONS] = "options",
	};
	char name[64] = "", status[8];
	auto_writer text = { 0 };

	json_key(json, methods[route->method]);
	json_object(json);
	writer_printf(&text, "%s%s", route->operation, type ? schema_name(type->name, name) : "");
	json_put_str(json, "operationId", writer_str(&text));
	json_key(json, "tags");
	json_array(json);
	json_str(json, type ? type->name : str_of(route->tag));
	json_array_end(json);
	writer_clear(&text);
	writer_printf(&text, "%s · %s", route->zh, route->en);
	json_put_str(json, "summary", writer_str(&text));
	if (route->permission)
		json_put_text(json, "x-permission", route->permission);
	json_key(json, "security");
	json_raw(json, route->access == ROUTE_OPEN ? STR("[]")
						   : STR("[{\"bearer\":[]},{\"cookie\":[]}]"));
	put_parameters(json, route);
	if (route->body != ROUTE_BODY_NONE) {
		json_key(json, "requestBody");
		json_object(json);
		json_put_bool(json, "required", true);
		put_media(json,
			  route->body == ROUTE_BODY_JSON ? "application/json" : "application/yaml",
			  route->request, type);
		json_object_end(json);
	}
	json_key(json, "responses");
	json_object(json);
	(void)snprintf(status, sizeof(status), "%d", route->status);
	json_key(json, status);
	json_object(json);
	json_put_text(json, "description", "完成 · done");
	if (route->status != 204)
		put_media(json, route->content ? route->content : "application/json", route->answer,
			  type);
	json_object_end(json);
	json_key(json, "default");
	json_object(json);
	json_put_text(json, "description", "问题 · problem (RFC 9457)");
	put_media(json, "application/problem+json", "Problem", NULL);
	json_object_end(json);
	json_object_end(json);
	json_object_end(json);
}

/* A path's text in the document: the type's name put in, "{path*}" as OpenAPI knows it. */
static void put_path_key(struct json *json, const char *path, const struct type *type)
{
	auto_writer key = { 0 };
	struct str rest = str_of(path), part;

	while (str_split(&rest, '/', &part)) {
		if (part.len == 0)
			continue;
		if (type && str_is(part, "{type}"))
			writer_printf(&key, "/%.*s", STR_ARGS(type->name));
		else if (str_ends(part, "*}"))
			writer_printf(&key, "/%.*s}", STR_ARGS(str_sub(part, 0, part.len - 2)));
		else
			writer_printf(&key, "/%.*s", STR_ARGS(part));
	}
	json_key_str(json, key.len ? writer_str(&key) : STR("/"));
}

/* All methods of one path; rows of one path stand in one list. */
static void put_path(struct json *json, const struct route_list *list, size_t first,
		     const struct type *type)
{
	const char *path = list->rows[first].path;

	for (size_t i = 0; i < first; i++) {
		if (strcmp(list->rows[i].path, path) == 0)
			return;
	}
	put_path_key(json, path, type);
	json_object(json);
	for (size_t i = first; i < list->count; i++) {
		if (strcmp(list->rows[i].path, path) == 0)
			put_operation(json, &list->rows[i], type);
	}
	json_object_end(json);
}

static void put_paths(struct json *json, const struct type_set *types)
{
	const struct route_list *const *lists;
	size_t count = route_lists(&lists);

	json_key(json, "paths");
	json_object(json);
	for (size_t l = 0; l < count; l++) {
		for (size_t i = 0; i < lists[l]->count; i++) {
			if (!strstr(lists[l]->rows[i].path, "{type}")) {
				put_path(json, lists[l], i, NULL);
				continue;
			}
			for (size_t t = 0; t < types->count; t++)
				put_path(json, lists[l], i, types->types[t]);
		}
	}
	json_object_end(json);
}

void openapi_write(const struct type_set *types, const char *edition, struct writer *out)
{
	struct json json = json_into(out);

	json_object(&json);
	json_put_text(&json, "openapi", "3.1.0");
	json_key(&json, "info");
	json_object(&json);
	json_put_text(&json, "title", "械盾 Xiedun");
	json_put_text(&json, "version", edition);
	json_put_text(&json, "summary",
		      "医疗器械信息安全管理 · information security of medical devices");
	json_key(&json, "license");
	json_raw(&json, STR("{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}"));
	json_object_end(&json);
	put_paths(&json, types);
	json_key(&json, "components");
	json_object(&json);
	json_key(&json, "securitySchemes");
	json_raw(&json, STR("{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"},\"cookie\":{"
			    "\"type\":\"apiKey\","
			    "\"in\":\"cookie\",\"name\":\"__Host-xiedun\"}}"));
	json_key(&json, "schemas");
	json_object(&json);
	for (size_t i = 0; i < nitems(schemas); i++) {
		json_key(&json, schemas[i].name);
		json_raw(&json, str_of(schemas[i].schema));
	}
	for (size_t t = 0; t < types->count; t++)
		put_type_schemas(&json, types->types[t]);
	json_object_end(&json);
	json_object_end(&json);
	json_object_end(&json);
}
