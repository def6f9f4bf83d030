/* Follows one request: route, sign-in, rights, body, transaction, answer; every error becomes a problem document. */
#include <stdatomic.h>

#include "api/dispatch.h"
#include "base/clock.h"
#include "base/log.h"

static const char cookie_name[] = "__Host-xiedun";

struct api *api_new(const struct api_config *config)
{
	struct api *api = memory_zero(1, sizeof(*api));

	api->use = *config;
	api->started = clock_now();
	return api;
}

void api_free(struct api *api)
{
	free(api);
}

void api_stopping(struct api *api)
{
	atomic_store(&api->stopping, true);
}

void api_set_server(struct api *api, struct http_server *server)
{
	atomic_store(&api->server, server);
}

static struct str cookie_token(const struct http_request *request)
{
	struct str rest = http_header_value(request, "Cookie"), part;

	while (str_split(&rest, ';', &part)) {
		struct str name;

		part = str_trim(part);
		if (str_split(&part, '=', &name) && str_is(name, cookie_name))
			return part;
	}
	return STR_NONE;
}

static bool is_unsafe(enum http_method method)
{
	return method != HTTP_GET && method != HTTP_HEAD && method != HTTP_OPTIONS;
}

static bool sign_in_of(struct call *call, struct err *err)
{
	struct str bearer = http_header_value(call->request, "Authorization");
	struct str token = STR_NONE;
	bool by_cookie = false;

	if (str_starts(bearer, "Bearer ")) {
		token = str_trim(str_sub(bearer, 7, bearer.len));
	} else {
		token = cookie_token(call->request);
		by_cookie = true;
	}
	if (!token.at)
		return fail(err, MSG_SIGN_IN_NEEDED);
	if (!identity_session(call->use->identity, token, call->arena, &call->session, &call->scope,
			      err))
		return false;
	call->actor.account = call->scope->account_id;
	/* A cookie goes along with requests that other sites cause; the header does not. */
	if (by_cookie && is_unsafe(call->request->method) &&
	    !secret_equal(http_header_value(call->request, "X-CSRF-Token"), call->session.csrf))
		return fail(err, MSG_CSRF_MISSING);
	return true;
}

/* Why it is done, for the ledger's side table: "?reason=…" on any request that changes something. */
static bool reason_of(struct call *call, struct err *err)
{
	if (!is_unsafe(call->request->method))
		return true;
	return http_query_value(call->request, "reason", &call->actor.reason, err);
}

static bool type_of(struct call *call, struct err *err)
{
	for (size_t i = 0; i < ROUTE_PARAMETERS; i++) {
		struct str name = route_parameter(call->route->path, i);

		if (str_is(name, "type")) {
			call->type = type_find(call->types, call->value[i]);
			if (!call->type)
				return fail(err, MSG_TYPE_UNKNOWN, call->value[i]);
		} else if (str_is(name, "id") && !uuid_parse(call->value[i], &call->id)) {
			return fail(err, MSG_ID_MALFORMED, call->value[i]);
		}
	}
	return true;
}

/* The permission with the type's name put in. */
static struct str permission_of(const struct call *call)
{
	struct str wanted = str_of(call->route->permission);

	if (!str_starts(wanted, "{type}"))
		return wanted;
	return str_of(arena_printf(call->arena, "%.*s%.*s", STR_ARGS(call->type->name),
				   STR_ARGS(str_sub(wanted, 6, wanted.len))));
}

static bool may(struct call *call, struct err *err)
{
	if (!call->route->permission)
		return true;

	struct str wanted = permission_of(call);

	if (!scope_allows(call->scope, wanted))
		return fail(err, MSG_PERMISSION_NEEDED, wanted);
	return true;
}

static bool body_of(struct call *call, struct err *err)
{
	if (call->route->body != ROUTE_BODY_JSON)
		return true;

	struct str type = http_header_value(call->request, "Content-Type"), media = STR_NONE;

	if (type.at)
		(void)str_split(&type, ';', &media);
	if (!str_is(str_trim(media), "application/json"))
		return fail(err, MSG_CONTENT_TYPE, "application/json");
	if (!call->request->body.at && call->request->body_size > 0)
		return fail(err, MSG_LIMIT_SIZE, 1 << 20);

	const struct node *body;

	if (!node_from_json(call->arena, call->request->body, &body, err))
		return false;
	if (body->kind != NODE_MAP)
		return fail(err, MSG_BODY_NOT_OBJECT);
	call->body = body;
	return true;
}

/* If-Match: "3" (RFC 9110, section 13.1.1). */
static bool version_of(struct call *call, struct err *err)
{
	if (!call->route->versioned)
		return true;

	struct str match = str_trim(http_header_value(call->request, "If-Match"));

	if (!match.at)
		return fail(err, MSG_VERSION_NEEDED);
	if (match.len >= 2 && match.at[0] == '"' && match.at[match.len - 1] == '"')
		match = str_sub(match, 1, match.len - 2);
	if (!str_to_int(match, &call->version) || call->version < 1)
		return fail(err, MSG_VERSION_MALFORMED, match);
	return true;
}

static bool run(struct call *call, struct err *err)
{
	const struct route *route = call->route;

	if (route->access == ROUTE_SESSION && !sign_in_of(call, err))
		return false;
	if (!type_of(call, err) || !may(call, err) || !version_of(call, err) ||
	    !reason_of(call, err) || !body_of(call, err))
		return false;
	if (route->handle)
		return route->handle(call, err);
	if (route->prepare && !route->prepare(call, err))
		return false;
	if (!ledger_change(call->use->ledger, &call->actor, route->apply, call, err))
		return false;
	return !route->finish || route->finish(call, err);
}

static void put_problem(struct json *json, const struct err *err, enum language language)
{
	auto_writer text = { 0 };

	err_render_text(err, language, &text);
	json_put_text(json, "code", message_code(err->message));
	json_put_str(json, "detail", writer_str(&text));
	if (err->place.field[0])
		json_put_text(json, "field", err->place.field);
	if (err->place.file[0])
		json_put_text(json, "file", err->place.file);
	if (err->place.line > 0)
		json_put_int(json, "line", err->place.line);
	if (err->place.column > 0)
		json_put_int(json, "column", err->place.column);
	if (err->place.row > 0)
		json_put_int(json, "row", err->place.row);
}

static const char *status_title(int status, enum language language)
{
	static const struct {
		int status;
		const char *title[2];
	} titles[] = {
		{ 400, { "请求有误", "Bad request" } },
		{ 401, { "需要登录", "Sign-in needed" } },
		{ 403, { "没有权限", "Not permitted" } },
		{ 404, { "不存在", "Not found" } },
		{ 405, { "方法不允许", "Method not allowed" } },
		{ 409, { "冲突", "Conflict" } },
		{ 412, { "前提条件不成立", "Precondition failed" } },
		{ 413, { "内容过大", "Content too large" } },
		{ 415, { "媒体类型不支持", "Unsupported media type" } },
		{ 422, { "内容不符合要求", "Content refused" } },
		{ 428, { "需要前提条件", "Precondition required" } },
		{ 429, { "请求过多", "Too many requests" } },
		{ 503, { "暂时不可用", "Unavailable for now" } },
	};

	for (size_t i = 0; i < nitems(titles); i++) {
		if (titles[i].status == status)
			return titles[i].title[language];
	}
	return language == LANGUAGE_ZH ? "内部错误" : "Internal error";
}

/* RFC 9457. What went wrong inside stays inside: the client gets the request's id, the log the rest. */
static void answer_problem(struct call *call, const struct err *err)
{
	int status = message_http_status(err->message);
	struct err shown = *err;

	if (status >= 500) {
		log_err("api", call->request_id, err);
		if (status != 503)
			(void)fail(&shown, MSG_INTERNAL, call->request_id);
	}
	call->response->status = status;
	call->response->content_type = "application/problem+json";
	writer_clear(&call->response->body);

	struct json json = json_into(&call->response->body);

	json_object(&json);
	json_put_text(&json, "type", "about:blank");
	json_put_text(&json, "title", status_title(status, call->language));
	json_put_int(&json, "status", status);
	put_problem(&json, &shown, call->language);
	json_put_text(&json, "request", call->request_id);
	if (problems_any(&call->problems)) {
		json_key(&json, "problems");
		json_array(&json);
		for (size_t i = 0; i < call->problems.count; i++) {
			json_object(&json);
			put_problem(&json, &call->problems.list[i], call->language);
			json_object_end(&json);
		}
		json_array_end(&json);
		json_put_int(&json, "problems_left_out", (int64_t)call->problems.dropped);
	}
	json_object_end(&json);
}

static void put_common_headers(struct call *call)
{
	struct http_response *response = call->response;

	http_response_header(response, "X-Content-Type-Options", STR("nosniff"));
	http_response_header(
		response, "Content-Security-Policy",
		STR("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
		    "base-uri 'none'; form-action 'none'"));
	http_response_header(response, "Referrer-Policy", STR("no-referrer"));
	http_response_header(response, "Strict-Transport-Security", STR("max-age=31536000"));
	http_response_header(response, "Content-Language",
			     call->language == LANGUAGE_ZH ? STR("zh") : STR("en"));
	/* The answer is sent after this call is gone. */
	http_response_header(response, "X-Request-Id",
			     arena_copy(call->arena, str_of(call->request_id)));
	/* Records are nobody's cache's affair; the log's tiles say otherwise themselves. */
	for (size_t i = 0; i < response->header_count; i++) {
		if (str_is(response->headers[i].name, "Cache-Control"))
			return;
	}
	http_response_header(response, "Cache-Control", STR("no-store"));
}

/* The route's row, or the error: no such path, or another method. */
static bool find_route(struct call *call, struct err *err)
{
	enum http_method method =
		call->request->method == HTTP_HEAD ? HTTP_GET : call->request->method;
	unsigned allowed;

	call->route = route_match(method, call->request->path, call->value, &allowed);
	if (call->route)
		return true;
	if (allowed == 0)
		return fail(err, MSG_ROUTE_MISSING, call->request->path);

	auto_writer list = { 0 };

	for (int m = 0; m < HTTP_METHODS; m++) {
		if (allowed & 1U << m)
			writer_printf(&list, "%s%s", list.len ? ", " : "",
				      http_method_name((enum http_method)m));
	}
	http_response_header(call->response, "Allow", arena_copy(call->arena, writer_str(&list)));
	return fail(err, MSG_METHOD_NOT_ALLOWED, http_method_name(call->request->method),
		    writer_str(&list));
}

void api_handle(const struct http_request *request, struct http_response *response, void *context)
{
	struct api *api = context;
	struct uuid id = uuid_new();
	struct err err = { 0 };
	struct call call = {
		.api = api,
		.use = &api->use,
		.request = request,
		.response = response,
		.arena = request->arena,
		.language = http_language(request),
		.actor = { .address = request->peer,
			   .user_agent = http_header_value(request, "User-Agent") },
		.types = model_types(api->use.model),
	};
	int64_t begin = clock_elapsed();

	(void)uuid_text(&id, call.request_id);
	call.json = json_into(&response->body);

	bool done = find_route(&call, &err);

	if (done) {
		response->content_type =
			call.route->content ? call.route->content : "application/json";
		call.status = call.route->status;
		done = run(&call, &err) && arena_check(call.arena, &err) &&
		       writer_check(&response->body, &err);
	}
	if (done)
		response->status = call.status;
	else
		answer_problem(&call, &err);
	put_common_headers(&call);
	writer_release(&call.text);
	problems_release(&call.problems);
	type_set_release(call.types);
	api_count(api, clock_elapsed() - begin);
	log_debug("api", "%s %s %.*s %d", call.request_id, http_method_name(request->method),
		  STR_ARGS(request->path), response->status);
}

bool call_text(const struct call *call, const char *name, struct str *value, struct err *err)
{
	const struct node *member = node_member(call->body, name);

	if (!member || member->kind != NODE_TEXT || member->text.len == 0) {
		(void)fail(err, MSG_FIELD_REQUIRED, name);
		return err_in_field(err, str_of(name));
	}
	*value = member->text;
	return true;
}

void call_etag(struct call *call, int64_t version)
{
	http_response_header(call->response, "ETag",
			     str_of(arena_printf(call->arena, "\"%lld\"", (long long)version)));
}

void call_put_ref(struct call *call)
{
	char id[UUID_TEXT_SIZE];

	call_etag(call, call->ref.version);
	json_object(&call->json);
	json_put_text(&call->json, "id", uuid_text(&call->ref.id, id));
	json_put_int(&call->json, "version", call->ref.version);
	json_object_end(&call->json);
}
