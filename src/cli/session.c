/* Signing in from the command line: an address, its certificate, a token or login name, password and code. */
#include "base/clock.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/remote.h"
#include "cli/terminal.h"
#include "crypto/totp.h"

/* The fingerprint is shown and agreed to once; afterwards only this certificate is taken. */
static bool agree_on_certificate(const struct invocation *call, const char *address,
				 struct sign_in *sign_in, struct err *err)
{
	const char *given = option_value(call, "--fingerprint");
	auto_writer shown = { 0 }, answer = { 0 };

	if (option_value(call, "--authority"))
		return true;
	if (given) {
		sign_in->fingerprint = str_of(given);
		return true;
	}
	if (!http_client_peek(address, &shown, err))
		return false;
	fprintf(stderr, "%s\n  %s\n",
		said(call, "服务器证书指纹:", "the server's certificate has the fingerprint"),
		shown.at);
	if (!terminal_ask(said(call, "与服务器上显示的一致吗?输入 yes 继续",
			       "is it the one that the server shows? type yes"),
			  "yes", &answer, err))
		return false;
	if (!str_is(str_trim(writer_str(&answer)), "yes"))
		return fail(err, MSG_NOT_CONFIRMED);
	sign_in->fingerprint = arena_copy(call->arena, writer_str(&shown));
	return true;
}

static bool post(const struct invocation *call, const struct sign_in *to, const char *path,
		 const struct writer *body, const struct node **answer, struct err *err)
{
	struct http_reply reply = { 0 };
	bool done =
		remote_send(call, to, "POST", path, NULL, writer_str(body), &reply, answer, err);

	http_reply_release(&reply);
	return done;
}

/* The seed of the second factor: shown, so that an authenticator application takes it, or kept in a file that was asked for. */
static bool hand_over_seed(const struct invocation *call, const struct node *answer,
			   struct err *err)
{
	const char *keep = option_value(call, "--seed-file");
	struct str seed = node_member_text(answer, "seed");

	if (keep)
		return file_replace(keep, seed, 0600, err);
	fprintf(stderr, "%s\n  %.*s\n  %.*s\n",
		said(call, "请把这个种子加入动态口令应用(只显示一次):",
		     "add this seed to an authenticator application (it is shown once):"),
		STR_ARGS(seed), STR_ARGS(node_member_text(answer, "address")));
	return true;
}

/* The code of a step from a kept seed (0: now's, -1: the one before); else it is asked for. */
static bool ask_code(const struct invocation *call, int64_t shift, struct writer *code,
		     struct err *err)
{
	const char *keep = option_value(call, "--seed-file");
	auto_secret_writer text = { 0 };
	uint8_t seed[TOTP_SEED_SIZE];
	char digits[TOTP_DIGITS + 1];

	if (!keep)
		return terminal_ask(said(call, "动态口令", "code of the authenticator application"),
				    "code", code, err);
	if (!file_read(keep, 4096, &text, err))
		return false;
	if (!base32_parse(str_trim(writer_str(&text)), seed, sizeof(seed)))
		return fail(err, MSG_SEED_MALFORMED, keep);
	totp_code(seed, totp_step(clock_now()) + shift, digits);
	memory_wipe(seed, sizeof(seed));
	writer_text(code, digits);
	return true;
}

static bool redeem(const struct invocation *call, const struct sign_in *to, struct str token,
		   struct str login, struct str password, struct err *err)
{
	const struct node *answer;
	auto_secret_writer begin = { 0 }, body = { 0 }, code = { 0 };
	auto_writer name = { 0 };
	struct json json = json_into(&begin);

	json_object(&json);
	json_put_str(&json, "token", token);
	json_object_end(&json);
	if (!post(call, to, "/api/v1/redeem/begin", &begin, &answer, err) ||
	    !hand_over_seed(call, answer, err))
		return false;
	if (option_value(call, "--name"))
		writer_text(&name, option_value(call, "--name"));
	else if (!terminal_ask(said(call, "姓名", "your name"), "name", &name, err))
		return false;
	/* A code works once: a kept seed spends the one before, so that now's is left for the sign-in. */
	if (!ask_code(call, -1, &code, err))
		return false;
	json = json_into(&body);
	json_object(&json);
	json_put_str(&json, "token", token);
	json_put_str(&json, "login", login);
	json_put_str(&json, "name", writer_str(&name));
	json_put_str(&json, "password", password);
	json_put_str(&json, "code", writer_str(&code));
	json_object_end(&json);
	if (!post(call, to, "/api/v1/redeem", &body, &answer, err))
		return false;
	printf("%s\n",
	       said(call, "恢复码(每个只能用一次,请妥善保管,只显示这一次):",
		    "recovery codes (each works once; keep them safe, they are shown only now):"));
	for (const struct node *each = node_member(answer, "recovery_codes")->child; each;
	     each = each->next)
		printf("  %.*s\n", STR_ARGS(each->text));
	return true;
}

static bool open_session(const struct invocation *call, struct sign_in *to, struct str login,
			 struct str password, struct err *err)
{
	const struct node *answer;
	auto_secret_writer body = { 0 }, code = { 0 };
	struct json json = json_into(&body);

	if (!ask_code(call, 0, &code, err))
		return false;
	json_object(&json);
	json_put_str(&json, "login", login);
	json_put_str(&json, "password", password);
	json_put_str(&json, "code", writer_str(&code));
	json_object_end(&json);
	if (!post(call, to, "/api/v1/session", &body, &answer, err))
		return false;
	to->token = node_member_text(answer, "token");
	return sign_in_save(to, err);
}

static bool login(struct invocation *call, struct err *err)
{
	struct sign_in to = { .address = str_of(call->argument[0]) };
	const char *token = option_value(call, "--token");
	auto_writer name = { 0 };
	auto_secret_writer password = { 0 };

	if (!str_starts(to.address, "https://"))
		to.address = str_of(arena_printf(call->arena, "https://%s", call->argument[0]));
	while (str_ends(to.address, "/"))
		to.address.len--;
	if (!agree_on_certificate(call, arena_text(call->arena, to.address), &to, err))
		return false;
	if (option_value(call, "--login"))
		writer_text(&name, option_value(call, "--login"));
	else if (!terminal_ask(said(call, "登录名", "login name"), "login", &name, err))
		return false;

	const char *question = said(call, "密码", "password");
	const char *again = said(call, "再输入一次密码", "password once more");
	bool asked = token ? terminal_ask_new_secret(question, again, "password", &password, err)
			   : terminal_ask_secret(question, "password", &password, err);

	if (!asked)
		return false;
	if (token) {
		if (!redeem(call, &to, str_of(token), writer_str(&name), writer_str(&password),
			    err))
			return false;
		if (!option_value(call, "--seed-file"))
			fprintf(stderr, "%s\n",
				said(call, "同一个动态口令只能用一次,登录请等待下一个",
				     "a code works once: wait for the next one to sign in"));
	}
	if (!open_session(call, &to, writer_str(&name), writer_str(&password), err))
		return false;
	printf("%s %.*s\n", said(call, "已登录", "signed in at"), STR_ARGS(to.address));
	return true;
}

static bool logout(struct invocation *call, struct err *err)
{
	struct sign_in sign_in;
	struct http_reply reply = { 0 };
	const struct node *answer;
	struct err at_server;

	if (!sign_in_load(call->arena, &sign_in, err))
		return false;
	/* The kept token goes in any case; a server that is gone ends the session by its idle limit. */
	if (!remote_send(call, &sign_in, "DELETE", "/api/v1/session", NULL, STR_NONE, &reply,
			 &answer, &at_server))
		fprintf(stderr, "%s\n",
			said(call, "服务器上的会话将在空闲上限后结束",
			     "the session at the server ends by its idle limit"));
	http_reply_release(&reply);
	return sign_in_forget(err);
}

static bool code(struct invocation *call, struct err *err)
{
	auto_secret_writer digits = { 0 };

	if (!ask_code(call, 0, &digits, err))
		return false;
	printf("%s\n", digits.at);
	return true;
}

static const struct command rows[] = {
	{ .name = "login",
	  .usage = "ADDRESS",
	  .least = 1,
	  .most = 1,
	  .zh = "登录服务器;首次用一次性令牌设置密码和动态口令",
	  .en = "sign in at a server; with a one-time token first set password and factor",
	  .run = login,
	  .options = { { "--token", "TOKEN", "一次性令牌(xiedun init 或管理员给出)",
			 "one-time token (of xiedun init or an administrator)" },
		       { "--login", "NAME", "登录名", "login name" },
		       { "--name", "NAME", "姓名(兑换令牌时)",
			 "your name (when redeeming a token)" },
		       { "--fingerprint", "AB:CD:…", "预期的证书指纹",
			 "the certificate's expected fingerprint" },
		       { "--authority", NULL, "按系统的证书机构校验,而不是指纹",
			 "check by the system's authorities instead of a fingerprint" },
		       { "--seed-file", "FILE", "把动态口令种子存入文件(仅供演示与测试)",
			 "keep the TOTP seed in a file (for demonstration and tests)" } } },
	{ .name = "logout", .usage = "", .zh = "退出登录", .en = "sign out", .run = logout },
	{ .name = "whoami",
	  .usage = "",
	  .zh = "本次会话",
	  .en = "the present session",
	  .method = "GET",
	  .path = "/api/v1/session" },
	{ .name = "code",
	  .usage = "--seed-file FILE",
	  .zh = "由保存的种子得到当前动态口令(仅供演示与测试)",
	  .en = "the code of now from a kept seed (for demonstration and tests)",
	  .run = code,
	  .options = { { "--seed-file", "FILE", "种子文件", "the seed's file" } } },
};

const struct command_list session_commands = { rows, nitems(rows) };
