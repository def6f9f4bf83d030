/* Sign-in, sign-out, the first administrator, and who is signed in. */
#include "api/route.h"
#include "base/memory.h"
#include "base/clock.h"

static const char cookie_attributes[] = "; Path=/; Secure; HttpOnly; SameSite=Strict";

static void put_session(struct call *call, const struct session *session, struct str token)
{
	char id[UUID_TEXT_SIZE], when[INSTANT_TEXT_SIZE];

	json_object(&call->json);
	json_put_text(&call->json, "id", uuid_text(&session->public_id, id));
	json_put_text(&call->json, "expires", instant_text(session->expires, when));
	json_put_str(&call->json, "csrf", session->csrf);
	if (token.at)
		json_put_str(&call->json, "token", token);
	if (call->scope) {
		json_put_text(&call->json, "account", uuid_text(&call->scope->account_id, id));
		json_key(&call->json, "grants");
		json_array(&call->json);
		for (size_t i = 0; i < call->scope->count; i++) {
			json_object(&call->json);
			json_put_text(&call->json, "role", call->scope->grants[i].role);
			json_put_str(&call->json, "path", call->scope->grants[i].path);
			json_object_end(&call->json);
		}
		json_array_end(&call->json);
	}
	json_object_end(&call->json);
}

/* A page asks for a cookie that scripts cannot read ("cookie": true); the command line wants the token. */
static bool sign_in(struct call *call, struct err *err)
{
	struct str login, password, code = node_member_text(call->body, "code");
	const struct node *cookie = node_member(call->body, "cookie");
	struct session session;

	if (!call_text(call, "login", &login, err) || !call_text(call, "password", &password, err))
		return false;
	if (!identity_sign_in(call->use->identity, &call->actor, login, password, code, &call->text,
			      &session, err))
		return false;

	bool as_cookie = cookie && cookie->kind == NODE_BOOLEAN && cookie->boolean;
	struct str token = writer_str(&call->text);

	session.csrf = arena_copy(call->arena, session.csrf);
	if (as_cookie) {
		const char *header = arena_printf(call->arena, "__Host-xiedun=%.*s%s",
						  STR_ARGS(token), cookie_attributes);

		http_response_header(call->response, "Set-Cookie", str_of(header));
	}
	put_session(call, &session, as_cookie ? STR_NONE : token);
	return true;
}

static bool own_session(struct call *call, struct err *err unused)
{
	put_session(call, &call->session, STR_NONE);
	return true;
}

static bool sign_out(struct call *call, struct err *err)
{
	static const char ended[] =
		"__Host-xiedun=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict";

	if (!identity_sign_out(call->use->identity, &call->actor, call->session.id, err))
		return false;
	http_response_header(call->response, "Set-Cookie", STR(ended));
	return true;
}

static bool redeem_begin(struct call *call, struct err *err)
{
	auto_writer seed = { 0 }, address = { 0 };
	struct str token;

	if (!call_text(call, "token", &token, err))
		return false;
	if (!identity_redeem_begin(call->use->identity, &call->actor, token, &seed, &address, err))
		return false;
	json_object(&call->json);
	json_put_str(&call->json, "seed", writer_str(&seed));
	json_put_str(&call->json, "address", writer_str(&address));
	json_object_end(&call->json);
	memory_wipe(seed.at, seed.len);
	memory_wipe(address.at, address.len);
	return true;
}

static bool redeem_finish(struct call *call, struct err *err)
{
	struct str token, login, password, code;

	if (!call_text(call, "token", &token, err) || !call_text(call, "login", &login, err) ||
	    !call_text(call, "password", &password, err) || !call_text(call, "code", &code, err))
		return false;
	json_object(&call->json);
	json_key(&call->json, "recovery_codes");
	if (!identity_redeem_finish(call->use->identity, &call->actor, token, login,
				    node_member_text(call->body, "name"), password, code,
				    &call->json, err))
		return false;
	json_object_end(&call->json);
	return true;
}

static bool sessions(struct call *call, struct err *err)
{
	struct uuid account;
	struct str text;

	if (!http_query_value(call->request, "account", &text, err))
		return false;
	if (text.at && !uuid_parse(text, &account))
		return fail(err, MSG_ID_MALFORMED, text);
	return identity_sessions(call->use->identity, call->scope, text.at ? &account : NULL,
				 &call->json, err);
}

static bool session_end(struct call *call, struct err *err)
{
	return identity_session_end(call->use->identity, call->scope, &call->actor, &call->id, err);
}

static bool password_change(struct call *call, struct err *err)
{
	struct str old_password, new_password;

	if (!call_text(call, "old_password", &old_password, err) ||
	    !call_text(call, "new_password", &new_password, err))
		return false;
	return identity_password_change(call->use->identity, call->scope, &call->actor,
					call->session.id, old_password, new_password, err);
}

static const struct route_query of_account[] = {
	{ "account", "string", "账户标识;缺省为本人", "account; one's own when left out" },
};

static const struct route rows[] = {
	{ .method = HTTP_POST,
	  .path = "/api/v1/session",
	  .operation = "signIn",
	  .tag = "session",
	  .zh = "登录",
	  .en = "Sign in",
	  .body = ROUTE_BODY_JSON,
	  .status = 201,
	  .request = "SignIn",
	  .answer = "Session",
	  .handle = sign_in },
	{ .method = HTTP_GET,
	  .path = "/api/v1/session",
	  .operation = "ownSession",
	  .tag = "session",
	  .zh = "本次会话",
	  .en = "The session of this token",
	  .access = ROUTE_SESSION,
	  .status = 200,
	  .answer = "Session",
	  .handle = own_session },
	{ .method = HTTP_DELETE,
	  .path = "/api/v1/session",
	  .operation = "signOut",
	  .tag = "session",
	  .zh = "退出登录",
	  .en = "Sign out",
	  .access = ROUTE_SESSION,
	  .status = 204,
	  .handle = sign_out },
	{ .method = HTTP_POST,
	  .path = "/api/v1/redeem/begin",
	  .operation = "redeemBegin",
	  .tag = "session",
	  .zh = "兑换一次性令牌,第一步:得到动态口令种子",
	  .en = "Redeem a one-time token, step one: get the TOTP seed",
	  .body = ROUTE_BODY_JSON,
	  .status = 200,
	  .request = "RedeemBegin",
	  .answer = "RedeemSeed",
	  .handle = redeem_begin },
	{ .method = HTTP_POST,
	  .path = "/api/v1/redeem",
	  .operation = "redeem",
	  .tag = "session",
	  .zh = "兑换一次性令牌,第二步:设置登录名、密码和动态口令",
	  .en = "Redeem a one-time token, step two: set login name, password and TOTP",
	  .body = ROUTE_BODY_JSON,
	  .status = 201,
	  .request = "Redeem",
	  .answer = "RecoveryCodes",
	  .handle = redeem_finish },
	{ .method = HTTP_GET,
	  .path = "/api/v1/sessions",
	  .operation = "sessions",
	  .tag = "session",
	  .zh = "会话列表",
	  .en = "Sessions",
	  .access = ROUTE_SESSION,
	  .status = 200,
	  .answer = "List",
	  .query = of_account,
	  .query_count = nitems(of_account),
	  .handle = sessions },
	{ .method = HTTP_DELETE,
	  .path = "/api/v1/sessions/{id}",
	  .operation = "endSession",
	  .tag = "session",
	  .zh = "结束会话",
	  .en = "End a session",
	  .access = ROUTE_SESSION,
	  .status = 204,
	  .handle = session_end },
	{ .method = HTTP_POST,
	  .path = "/api/v1/password",
	  .operation = "changePassword",
	  .tag = "session",
	  .zh = "修改本人密码;其他会话随之结束",
	  .en = "Change one's own password; the other sessions end",
	  .access = ROUTE_SESSION,
	  .body = ROUTE_BODY_JSON,
	  .status = 204,
	  .request = "PasswordChange",
	  .handle = password_change },
};

const struct route_list session_routes = { rows, nitems(rows) };
