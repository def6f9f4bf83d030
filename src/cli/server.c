/* Commands that run the server or look into an installation on this machine. */
#include "base/encode.h"
#include "base/file.h"
#include "cli/local.h"
#include "cli/remote.h"
#include "daemon/doctor.h"
#include "daemon/serve.h"
#include "ledger/continue.h"
#include "ledger/export.h"
#include "ledger/verify.h"
#include "model/pack.h"

static void tell_ready(const char *address, const char *fingerprint, void *context)
{
	const struct invocation *call = context;

	if (call->json) {
		auto_writer out = { 0 };
		struct json json = json_into(&out);

		json_object(&json);
		json_put_text(&json, "address", address);
		json_put_text(&json, "fingerprint", fingerprint);
		json_object_end(&json);
		printf("%s\n", out.at);
	} else {
		printf("%s %s\n%s %s\n", said(call, "地址", "address"), address,
		       said(call, "证书指纹", "certificate"), fingerprint);
	}
	fflush(stdout);
}

static bool serve_command(struct invocation *call, struct err *err)
{
	const char *port = option_value(call, "--port");
	auto_arena arena = arena_new(1 << 20);
	auto_secret_writer passphrase = { 0 };
	struct config config;
	struct serve_options options = {
		.data = absolute_path(call->arena, call->data),
		.address = option_value(call, "--address"),
		.port = -1,
		.allow_root = option_value(call, "--allow-root") != NULL,
		.ready = tell_ready,
		.context = call,
	};

	if (port &&
	    (!str_to_int(str_of(port), &options.port) || options.port < 0 || options.port > 65535))
		return fail(err, MSG_CONFIG_NUMBER, "port", 0, 65535);
	if (!config_load(options.data, arena, &config, err) ||
	    !ask_passphrase(call, &config, false, &passphrase, err))
		return false;
	options.passphrase = passphrase.at;
	return serve(&options, err);
}

struct doctor_output {
	const struct invocation *call;
	struct json *json;
};

static void tell_finding(void *context, enum finding_level level, const char *check, const char *zh,
			 const char *en)
{
	static const char *const names[] = { "good", "warning", "trouble" };
	static const char *const marks[] = { "  ok ", "  !  ", "  ✗  " };
	struct doctor_output *output = context;

	if (!output->call->json) {
		printf("%s %-14s %s\n", marks[level], check, said(output->call, zh, en));
		return;
	}
	json_object(output->json);
	json_put_text(output->json, "check", check);
	json_put_text(output->json, "level", names[level]);
	json_put_text(output->json, "text", said(output->call, zh, en));
	json_object_end(output->json);
}

static bool doctor_command(struct invocation *call, struct err *err)
{
	auto_writer out = { 0 };
	auto_secret_writer passphrase = { 0 };
	struct json json = json_into(&out);
	struct doctor_output output = { call, &json };
	const char *data = absolute_path(call->arena, call->data);
	struct config config;
	struct err ignored;
	int troubles;

	if (config_load(data, call->arena, &config, &ignored) &&
	    !ask_passphrase(call, &config, false, &passphrase, err))
		return false;
	json_object(&json);
	json_key(&json, "checks");
	json_array(&json);
	doctor(data, passphrase.at, tell_finding, &output, &troubles);
	json_array_end(&json);
	json_put_int(&json, "troubles", troubles);
	json_object_end(&json);
	if (call->json)
		printf("%s\n", out.at);
	return troubles == 0 ? true : fail(err, MSG_DOCTOR_FOUND, troubles);
}

static void put_problem_lines(const struct invocation *call, const struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		auto_writer text = { 0 };

		err_render(&problems->list[i], call->language, &text);
		printf("  ✗ %s\n", text.at);
	}
	if (problems->dropped)
		printf("  … %zu\n", problems->dropped);
}

static void put_problem_json(const struct invocation *call, const struct problems *problems,
			     bool valid)
{
	auto_writer out = { 0 };
	struct json json = json_into(&out);

	json_object(&json);
	json_put_bool(&json, "valid", valid);
	json_key(&json, "problems");
	json_array(&json);
	for (size_t i = 0; i < problems->count; i++) {
		auto_writer text = { 0 };

		err_render(&problems->list[i], call->language, &text);
		json_object(&json);
		json_put_text(&json, "code", message_code(problems->list[i].message));
		json_put_str(&json, "text", writer_str(&text));
		json_object_end(&json);
	}
	json_array_end(&json);
	json_put_int(&json, "left_out", (int64_t)problems->dropped);
	json_object_end(&json);
	printf("%s\n", out.at);
}

static bool verdict(const struct invocation *call, const struct problems *problems, const char *zh,
		    const char *en, struct err *err)
{
	bool valid = !problems_any(problems);

	if (call->json)
		put_problem_json(call, problems, valid);
	else if (valid)
		printf("%s\n", said(call, zh, en));
	else
		put_problem_lines(call, problems);
	return valid ? true
		     : fail(err, MSG_VERIFY_FAILED, (int64_t)(problems->count + problems->dropped));
}

/* Each looks at another part; one that damage keeps from looking says so and does not hide what the others find. */
static void verify_deep(struct instance *instance, struct problems *problems)
{
	struct err err;

	if (!store_verify(instance->store, problems, &err))
		problems_add(problems, &err);
	if (!identity_verify(instance->identity, problems, &err))
		problems_add(problems, &err);
	if (!model_verify(instance->model, problems, &err))
		problems_add(problems, &err);
}

static bool ledger_verify_command(struct invocation *call, struct err *err)
{
	auto_instance instance = { 0 };
	auto_problems problems = { 0 };
	bool deep = option_value(call, "--deep") != NULL;

	if (!open_local(call, INSTANCE_READ, deep ? INSTANCE_ALL : INSTANCE_LEDGER, &instance, err))
		return false;
	if (ledger_trouble(instance.ledger))
		problems_add(&problems, ledger_trouble(instance.ledger));

	const struct ledger_verify verify = {
		.store = instance.store,
		.keyring = instance.keyring,
		.anchor = instance.anchor,
	};
	struct ledger_verified verified;

	if (!ledger_verify(&verify, &problems, &verified, err))
		return false;
	if (deep)
		verify_deep(&instance, &problems);
	return verdict(call, &problems, deep ? "账本、数据库页面和全部记录一致" : "账本一致",
		       deep ? "the ledger, the database's pages and all records agree"
			    : "the ledger is consistent",
		       err);
}

static bool ledger_export_command(struct invocation *call, struct err *err)
{
	auto_instance instance = { 0 };

	int64_t entries;

	if (!open_local(call, INSTANCE_READ, INSTANCE_STORE, &instance, err) ||
	    !ledger_export(instance.store, call->argument[0], &entries, err))
		return false;
	printf("%lld %s\n", (long long)entries, said(call, "个条目", "entries"));
	return true;
}

/* Asks one of the two people who he is. */
static bool ask_person(const struct invocation *call, struct identity *identity, const char *who,
		       struct uuid *account, struct err *err)
{
	auto_writer login = { 0 };
	auto_secret_writer password = { 0 }, code = { 0 };

	if (terminal_is_there())
		fprintf(stderr, "%s\n", who);
	return terminal_ask(said(call, "登录名", "login name"), "login", &login, err) &&
	       terminal_ask_secret(said(call, "密码", "password"), "password", &password, err) &&
	       terminal_ask(said(call, "动态口令", "code of the authenticator application"), "code",
			    &code, err) &&
	       identity_prove(identity, writer_str(&login), writer_str(&password),
			      writer_str(&code), STR("ledger.continue"), account, err);
}

static bool ask_two(const struct invocation *call, struct uuid *first, struct uuid *second,
		    struct err *err)
{
	auto_instance instance = { 0 };

	if (!open_local(call, INSTANCE_READ, INSTANCE_ALL, &instance, err) ||
	    !ask_person(call, instance.identity, said(call, "第一人", "First person"), first,
			err) ||
	    !ask_person(call, instance.identity, said(call, "第二人", "Second person"), second,
			err))
		return false;
	return uuid_equal(first, second) ? fail(err, MSG_SAME_PERSON) : true;
}

static bool ledger_continue_command(struct invocation *call, struct err *err)
{
	const char *reason = option_value(call, "--reason");
	auto_instance instance = { 0 };
	struct uuid first, second;
	int64_t epoch;

	if (!reason || !reason[0])
		return fail(err, MSG_USAGE_VALUE, "--reason");
	if (!ask_two(call, &first, &second, err) ||
	    !open_local(call, INSTANCE_COMMAND, INSTANCE_STORE, &instance, err))
		return false;
	instance.anchor = anchor_file_new(instance.config.anchor);

	const struct ledger_continue plan = {
		.store = instance.store,
		.keyring = instance.keyring,
		.origin = instance.config.origin,
		.anchor = instance.anchor,
		.reason = str_of(reason),
		.first = first,
		.second = second,
	};

	if (!ledger_continue(&plan, &epoch, err))
		return false;
	printf("%s %lld\n", said(call, "账本继续于第", "the ledger goes on in epoch"),
	       (long long)epoch);
	return true;
}

static bool pack_check(struct invocation *call, struct err *err)
{
	auto_writer text = { 0 };
	auto_problems problems = { 0 };
	const struct pack *pack;
	struct err refused = { 0 };

	if (!file_read(call->argument[0], 1 << 20, &text, err))
		return false;
	(void)!pack_parse(call->arena, call->argument[0], writer_str(&text), &problems, &pack,
			  &refused);
	if (refused.message != MSG_NONE && !problems_any(&problems))
		problems_add(&problems, &refused);
	return verdict(call, &problems, "内容包无误", "the pack is right", err);
}

static bool pack_add(struct invocation *call, struct err *err)
{
	auto_writer text = { 0 };
	struct sign_in sign_in;
	struct http_reply reply = { 0 };
	const struct node *answer = NULL;
	auto_writer shown = { 0 };

	if (!file_read(call->argument[0], 1 << 20, &text, err) ||
	    !sign_in_load(call->arena, &sign_in, err))
		return false;

	const char *slash = strrchr(call->argument[0], '/');
	const char *path = arena_printf(call->arena, "/api/v1/packs?name=%s",
					slash ? slash + 1 : call->argument[0]);
	bool done = remote_send(call, &sign_in, "POST", path, NULL, writer_str(&text), &reply,
				&answer, err);

	if (done && answer) {
		answer_show(call, answer, &shown);
		fputs(shown.at, stdout);
	}
	http_reply_release(&reply);
	return done;
}

static bool version(struct invocation *call, struct err *err unused)
{
	if (call->json)
		printf("{\"version\":\"%s\"}\n", XIEDUN_VERSION);
	else
		printf("xiedun %s\n", XIEDUN_VERSION);
	return true;
}

static bool help(struct invocation *call, struct err *err unused)
{
	auto_writer name = { 0 }, out = { 0 };

	if (option_value(call, "--manual")) {
		command_manual(&out);
	} else {
		for (int i = 0; i < call->count; i++)
			writer_printf(&name, "%s%s", i ? " " : "", call->argument[i]);
		command_help(call, name.at, &out);
	}
	fputs(out.at ? out.at : "", stdout);
	return true;
}

static const struct command rows[] = {
	{ .name = "serve",
	  .usage = "",
	  .zh = "运行服务器,直到收到结束信号",
	  .en = "run the server until it is told to end",
	  .run = serve_command,
	  .options = { { "--address", "ADDRESS", "监听地址", "address to listen on" },
		       { "--port", "PORT", "监听端口;0 为任意空闲端口",
			 "port to listen on; 0 for any free one" },
		       { "--allow-root", NULL, "允许以 root 身份运行", "allow to run as root" } } },
	{ .name = "doctor",
	  .usage = "",
	  .zh = "检查安装:密钥、锚点、磁盘、证书、数据库、账本",
	  .en = "check an installation: keys, anchor, disk, certificate, database, ledger",
	  .run = doctor_command },
	{ .name = "ledger verify",
	  .usage = "",
	  .zh = "校验账本;--deep 同时校验数据库页面和全部记录",
	  .en = "verify the ledger; --deep also the database's pages and every record",
	  .run = ledger_verify_command,
	  .options = { { "--deep", NULL, "逐页逐记录校验",
			 "page by page and record by record" } } },
	{ .name = "ledger export",
	  .usage = "DIR",
	  .least = 1,
	  .most = 1,
	  .zh = "导出账本(C2SP 目录),供第三方校验",
	  .en = "export the ledger (C2SP directory) for third parties to check",
	  .run = ledger_export_command },
	{ .name = "ledger continue",
	  .usage = "--reason TEXT",
	  .zh = "恢复或换钥后由两人确认,关闭旧账本并开始新的一期",
	  .en = "after a restore or a change of key two people close the log and open the next "
		"epoch",
	  .run = ledger_continue_command,
	  .options = { { "--reason", "TEXT", "理由,记入账本", "why, for the ledger" } } },
	{ .name = "pack check",
	  .usage = "FILE",
	  .least = 1,
	  .most = 1,
	  .zh = "检查一个内容包文件",
	  .en = "check a pack's file",
	  .run = pack_check },
	{ .name = "pack add",
	  .usage = "FILE",
	  .least = 1,
	  .most = 1,
	  .zh = "把内容包装入服务器;其类型立即可用",
	  .en = "add a pack to the server; its types are there at once",
	  .run = pack_add },
	{ .name = "version",
	  .usage = "",
	  .zh = "版本",
	  .en = "the program's version",
	  .run = version },
	{ .name = "help",
	  .usage = "[COMMAND]",
	  .least = 0,
	  .most = 2,
	  .zh = "帮助",
	  .en = "help",
	  .run = help,
	  .options = { { "--manual", NULL, "输出手册页的命令部分",
			 "write the manual page's commands" } } },
};

const struct command_list server_commands = { rows, nitems(rows) };
