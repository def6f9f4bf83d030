/* Commands on a data directory that is not being served: make it, bring it up to date, back it up, bring it back. */
#include <dirent.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/local.h"
#include "cli/terminal.h"
#include "crypto/recovery.h"
#include "crypto/root_key.h"
#include "daemon/backup.h"
#include "cli/packs.h"

static bool is_empty_folder(const char *path)
{
	DIR *folder = opendir(path);
	int names = 0;

	if (!folder)
		return true;
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
		names += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	(void)closedir(folder);
	return names == 0;
}

static void show_sheet(const struct invocation *call, const struct root_key *root)
{
	struct writer share[RECOVERY_SHARES] = { 0 };

	recovery_split(root, share);
	printf("\n%s\n",
	       said(call, "恢复表:任意两份即可还原根密钥。请抄写三份,由三人分别保管;只显示这一次。",
		    "Recovery sheet: any two shares give back the root key. Write them down for "
		    "three keepers; "
		    "they are shown only now."));
	for (int i = 0; i < RECOVERY_SHARES; i++) {
		printf("  %s\n", share[i].at);
		secret_release(&share[i]);
	}
	fflush(stdout);
}

/* Asked for back once, so that a sheet with a slip of the pen is noticed while it does no harm. */
static bool confirm_sheet(const struct invocation *call, const struct root_key *root,
			  struct err *err)
{
	auto_secret_writer first = { 0 }, second = { 0 };
	struct root_key joined;

	if (option_value(call, "--no-sheet-check"))
		return true;
	if (!terminal_ask(said(call, "请输入其中任意一份", "type one of the shares"), "share",
			  &first, err) ||
	    !terminal_ask(said(call, "请输入另外一份", "type another one"), "share", &second, err))
		return false;
	if (!recovery_join(str_trim(writer_str(&first)), str_trim(writer_str(&second)), &joined,
			   err))
		return false;

	bool same = secret_equal((struct str){ (const char *)joined.bytes, sizeof(joined.bytes) },
				 (struct str){ (const char *)root->bytes, sizeof(root->bytes) });

	root_key_wipe(&joined);
	return same ? true : fail(err, MSG_RECOVERY_MISMATCH);
}

/* Options that stand for keys of the configuration. */
static bool configure(const struct invocation *call, struct instance *instance, struct err *err)
{
	static const char *const names[] = { "--root-key", "--anchor", "--database", "--address",
					     "--port" };
	static const char *const keys[] = { "root_key", "anchor", "database", "address", "port" };
	struct uuid name = uuid_new();
	char text[UUID_TEXT_SIZE];

	config_default(&instance->config, instance->arena,
		       absolute_path(instance->arena, call->data));
	instance->config.origin =
		arena_printf(instance->arena, "xiedun/%s", uuid_text(&name, text));
	for (size_t i = 0; i < nitems(names); i++) {
		const char *value = option_value(call, names[i]);

		if (value && !config_set(&instance->config, instance->arena, str_of(keys[i]),
					 str_of(value), err))
			return false;
	}
	return true;
}

static bool make_keys(const struct invocation *call, struct instance *instance, struct err *err)
{
	auto_secret_writer passphrase = { 0 };
	struct root_key root;

	if (!ask_passphrase(call, &instance->config, true, &passphrase, err) ||
	    !instance_root_key(&instance->config, passphrase.at, true, &root, err))
		return false;
	show_sheet(call, &root);

	bool done =
		confirm_sheet(call, &root, err) &&
		keyring_create(instance_path(instance, "keyring"), &root, &instance->keyring, err);

	root_key_wipe(&root);
	return done;
}

static bool make_floors(struct instance *instance, struct err *err)
{
	struct migration_list lists[INSTANCE_FLOORS];
	struct migrations all = instance_migrations(lists);
	struct migration_report report;
	const struct ledger_config ledger = {
		.origin = instance->config.origin,
		.anchor = instance->anchor = anchor_file_new(instance->config.anchor),
		.sequence = true,
	};

	return instance_open_store(&instance->config, instance->keyring, INSTANCE_COMMAND, true,
				   &instance->store, err) &&
	       migrations_apply(instance->store, &all, false, &report, err) &&
	       ledger_open(instance->store, instance->keyring, &ledger, &instance->ledger, err) &&
	       identity_open(instance->ledger, instance->store, instance->keyring,
			     &(struct identity_config){ 0 }, &instance->identity, err) &&
	       model_open(instance->store, instance->ledger, instance->identity, instance->keyring,
			  NULL, &instance->model, err);
}

static bool add_packs(struct instance *instance, struct err *err)
{
	const struct actor actor = { 0 };

	for (size_t i = 0; i < nitems(builtin_packs); i++) {
		auto_problems problems = { 0 };

		if (!model_pack_add(instance->model, scope_program(), &actor, builtin_packs[i].file,
				    builtin_packs[i].text, &problems, err))
			return false;
	}
	return true;
}

static bool make_all(struct invocation *call, struct instance *instance, struct writer *token,
		     struct err *err)
{
	const char *name = option_value(call, "--organisation");

	return configure(call, instance, err) && folder_make(instance->config.data, 0700, err) &&
	       make_keys(call, instance, err) && make_floors(instance, err) &&
	       add_packs(instance, err) &&
	       identity_invite_first(instance->identity,
				     str_of(name ? name : said(call, "本机构", "Organisation")),
				     token, err) &&
	       /* Last: a directory without its configuration is no installation. */
	       config_save(&instance->config, err);
}

static bool init(struct invocation *call, struct err *err)
{
	auto_instance instance = { .arena = arena_new(1 << 20) };
	auto_secret_writer token = { 0 };
	struct err ignored;

	if (!is_empty_folder(call->data))
		return fail(err, MSG_DATA_EXISTS, call->data);
	if (!make_all(call, &instance, &token, err)) {
		instance_close(&instance);
		(void)!path_remove(call->data, &ignored);
		return false;
	}
	printf("\n%s\n  %s\n%s\n  xiedun serve --data %s\n  xiedun login ADDRESS --token %s\n",
	       said(call, "首位管理员的一次性令牌(一小时内有效):",
		    "One-time token of the first administrator (one hour):"),
	       token.at, said(call, "接下来:", "Next:"), call->data, token.at);
	return true;
}

static bool invite(struct invocation *call, struct err *err)
{
	auto_instance instance = { 0 };
	auto_secret_writer token = { 0 };

	if (!open_local(call, INSTANCE_COMMAND, INSTANCE_ALL, &instance, err) ||
	    !identity_invite_first(instance.identity, STR_NONE, &token, err))
		return false;
	printf("%s\n", token.at);
	return true;
}

static bool upgrade(struct invocation *call, struct err *err)
{
	auto_instance instance = { 0 };
	struct migration_list lists[INSTANCE_FLOORS];
	struct migrations all = instance_migrations(lists);
	struct migration_report report;
	bool dry_run = option_value(call, "--dry-run") != NULL;

	if (!open_local(call, INSTANCE_COMMAND, INSTANCE_STORE, &instance, err) ||
	    !migrations_apply(instance.store, &all, dry_run, &report, err))
		return false;
	printf("%s: %d (%d → %d)\n",
	       dry_run ? said(call, "将要执行的迁移", "migrations that would be applied")
		       : said(call, "已执行的迁移", "migrations applied"),
	       report.applied, report.before, report.after);
	return true;
}

static bool backup(struct invocation *call, struct err *err)
{
	auto_instance instance = { 0 };
	const struct actor actor = { .reason = str_of(option_value(call, "--reason")) };
	struct digest digest;
	int64_t size;
	auto_writer hash = { 0 };

	if (!open_local(call, INSTANCE_COMMAND, INSTANCE_LEDGER, &instance, err) ||
	    !backup_to(&instance, &actor, call->argument[0], &digest, &size, err))
		return false;
	hex_write(&hash, digest_str(&digest));
	printf("%s  %s  %lld\n", hash.at, call->argument[0], (long long)size);
	return true;
}

static bool restore(struct invocation *call, struct err *err)
{
	auto_instance instance = { .arena = arena_new(1 << 20) };
	auto_secret_writer passphrase = { 0 };
	struct root_key root;

	if (!is_empty_folder(call->data))
		return fail(err, MSG_DATA_EXISTS, call->data);
	if (!configure(call, &instance, err) ||
	    !ask_passphrase(call, &instance.config, false, &passphrase, err) ||
	    !instance_root_key(&instance.config, passphrase.at, false, &root, err))
		return false;

	bool done = backup_bring_back(&instance, &root, call->argument[0], err);

	root_key_wipe(&root);
	if (!done)
		return false;
	printf("%s\n  xiedun ledger continue --data %s --reason …\n",
	       said(call,
		    "已恢复。账本须由两人确认后继续:", "Restored. Two people continue the ledger:"),
	       call->data);
	return true;
}

/* From two shares to a root key file, when the key itself is lost. */
static bool recover(struct invocation *call, struct err *err)
{
	auto_secret_writer first = { 0 }, second = { 0 }, text = { 0 };
	struct root_key root;

	if (!terminal_ask(said(call, "第一份", "one share"), "share", &first, err) ||
	    !terminal_ask(said(call, "第二份", "another share"), "share", &second, err) ||
	    !recovery_join(str_trim(writer_str(&first)), str_trim(writer_str(&second)), &root, err))
		return false;
	hex_write(&text, (struct str){ (const char *)root.bytes, sizeof(root.bytes) });
	writer_byte(&text, '\n');
	root_key_wipe(&root);
	return file_replace(call->argument[0], writer_str(&text), 0600, err);
}

#define PLACE_OPTIONS                                                                    \
	{ "--root-key", "SOURCE", "根密钥:credential、file:/路径 或 passphrase",         \
	  "root key: credential, file:/path or passphrase" },                            \
		{ "--anchor", "FILE", "账本锚点文件(放在另一个卷上)",                    \
		  "file of the ledger's anchor (on another volume)" },                   \
		{ "--database", "ADDRESS", "PostgreSQL 连接串;缺省使用内嵌数据库",       \
		  "PostgreSQL connection string; the embedded database when left out" }, \
		{ "--address", "ADDRESS", "监听地址", "address to listen on" },          \
	{                                                                                \
		"--port", "PORT", "监听端口", "port to listen on"                        \
	}

static const struct command rows[] = {
	{ .name = "init",
	  .usage = "",
	  .zh = "建立数据目录、密钥、数据库和首位管理员的令牌",
	  .en = "make a data directory, its keys and database, and the first administrator's token",
	  .run = init,
	  .options = { PLACE_OPTIONS,
		       { "--organisation", "NAME", "机构名称", "the organisation's name" },
		       { "--no-sheet-check", NULL, "不要求输回恢复表(仅供脚本)",
			 "do not ask for the sheet back (for scripts)" } } },
	{ .name = "invite",
	  .usage = "",
	  .zh = "为首位管理员发放新的一次性令牌(原令牌作废)",
	  .en = "a new token for the first administrator (the earlier one ends)",
	  .run = invite },
	{ .name = "upgrade",
	  .usage = "",
	  .zh = "升级数据库",
	  .en = "bring the database up to date",
	  .run = upgrade,
	  .options = { { "--dry-run", NULL, "只试不做", "try, then undo" } } },
	{ .name = "backup",
	  .usage = "FILE",
	  .least = 1,
	  .most = 1,
	  .zh = "备份到一个加密文件;其散列记入账本",
	  .en = "back up to one encrypted file; its hash goes into the ledger",
	  .run = backup,
	  .options = { { "--reason", "TEXT", "理由,记入账本", "why, for the ledger" } } },
	{ .name = "restore",
	  .usage = "FILE",
	  .least = 1,
	  .most = 1,
	  .zh = "把备份恢复到新的数据目录",
	  .en = "bring a backup back into a new data directory",
	  .run = restore,
	  .options = { PLACE_OPTIONS } },
	{ .name = "recover",
	  .usage = "FILE",
	  .least = 1,
	  .most = 1,
	  .zh = "用两份恢复表还原根密钥文件",
	  .en = "give back the root key's file from two shares",
	  .run = recover },
};

const struct command_list setup_commands = { rows, nitems(rows) };
