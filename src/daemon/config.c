#include "daemon/config.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/node.h"

#define TEXT(field, fallback, zh_, en_)                                                        \
	{                                                                                      \
		.name = #field, .kind = CONFIG_TEXT, .offset = offsetof(struct config, field), \
		.text = (fallback), .zh = (zh_), .en = (en_)                                   \
	}
#define INTEGER(field, fallback, low, high, zh_, en_)                                             \
	{                                                                                         \
		.name = #field, .kind = CONFIG_INTEGER, .offset = offsetof(struct config, field), \
		.number = (fallback), .minimum = (low), .maximum = (high), .zh = (zh_),           \
		.en = (en_)                                                                       \
	}

static const struct config_key keys[] = {
	TEXT(address, "127.0.0.1", "监听地址;0.0.0.0 或 :: 表示所有网络接口",
	     "address to listen on; 0.0.0.0 or :: for every interface"),
	INTEGER(port, 8443, 0, 65535, "监听端口;0 表示任意空闲端口",
		"port to listen on; 0 for any free one"),
	TEXT(root_key, NULL, "根密钥来源:credential、file:/路径 或 passphrase",
	     "where the root key comes from: credential, file:/path or passphrase"),
	TEXT(anchor, NULL, "账本锚点文件;应放在另一个卷上",
	     "file of the ledger's anchor; keep it on another volume"),
	TEXT(database, NULL, "PostgreSQL 连接串;缺省使用内嵌加密数据库",
	     "PostgreSQL connection string; the embedded encrypted database when left out"),
	TEXT(origin, NULL, "账本名称,一经使用不可更改",
	     "the ledger's name; it never changes once in use"),
	TEXT(certificate, NULL, "自备 TLS 证书(PEM 文件);缺省在首次启动时生成",
	     "TLS certificate of one's own (PEM file); made at first start when left out"),
	TEXT(certificate_key, NULL, "自备证书的私钥(PEM 文件)",
	     "private key of that certificate (PEM file)"),
	TEXT(backup_directory, NULL, "备份目录;缺省不由服务器备份",
	     "folder for backups; the server makes none when left out"),
	INTEGER(backup_hour, -1, -1, 23, "每日备份的钟点(UTC);-1 表示不自动备份",
		"hour of the daily backup (UTC); -1 for none"),
	INTEGER(session_idle, 30, 1, 1440, "会话空闲上限(分钟)",
		"idle limit of a session, minutes"),
	INTEGER(session_absolute, 720, 5, 10080, "会话总时长上限(分钟)",
		"absolute limit of a session, minutes"),
	INTEGER(workers, 48, 1, 1000, "处理请求的线程数", "threads that handle requests"),
	INTEGER(cache, 8, 1, 65536, "内嵌数据库每个连接的页缓存(MiB)",
		"page cache of each connection of the embedded database, MiB"),
	TEXT(log_level, "info", "日志级别:error、warning、info 或 debug",
	     "log level: error, warning, info or debug"),
};

static const char file_name[] = "xiedun.yaml";

const struct config_key *config_keys(size_t *count)
{
	*count = nitems(keys);
	return keys;
}

static const char **text_of(const struct config *config, const struct config_key *key)
{
	uintptr_t at = (uintptr_t)config + key->offset;

	return (const char **)at;
}

static int64_t *number_of(const struct config *config, const struct config_key *key)
{
	uintptr_t at = (uintptr_t)config + key->offset;

	return (int64_t *)at;
}

void config_default(struct config *config, struct arena *arena, const char *data)
{
	memset(config, 0, sizeof(*config));
	for (size_t i = 0; i < nitems(keys); i++) {
		if (keys[i].kind == CONFIG_TEXT)
			*text_of(config, &keys[i]) = keys[i].text;
		else
			*number_of(config, &keys[i]) = keys[i].number;
	}
	config->data = arena_text(arena, str_of(data));
	config->root_key = arena_printf(arena, "file:%s.root-key", data);
	config->anchor = arena_printf(arena, "%s.anchor", data);
}

static const struct config_key *key_of(struct str name)
{
	for (size_t i = 0; i < nitems(keys); i++) {
		if (str_is(name, keys[i].name))
			return &keys[i];
	}
	return NULL;
}

static bool unknown_key(struct str name, struct err *err)
{
	auto_writer known = { 0 };

	for (size_t i = 0; i < nitems(keys); i++)
		writer_printf(&known, "%s%s", i ? ", " : "", keys[i].name);
	return fail(err, MSG_CONFIG_KEY, name, writer_str(&known));
}

bool config_set(struct config *config, struct arena *arena, struct str name, struct str value,
		struct err *err)
{
	const struct config_key *key = key_of(name);
	int64_t number;

	if (!key)
		return unknown_key(name, err);
	if (key->kind == CONFIG_TEXT) {
		if (value.len == 0 || memchr(value.at, '\0', value.len))
			return fail(err, MSG_CONFIG_TEXT, name);
		*text_of(config, key) = arena_text(arena, value);
		return true;
	}
	if (!str_to_int(value, &number) || number < key->minimum || number > key->maximum)
		return fail(err, MSG_CONFIG_NUMBER, name, key->minimum, key->maximum);
	*number_of(config, key) = number;
	return true;
}

static bool set_node(struct config *config, struct arena *arena, const struct node *node,
		     struct err *err)
{
	if (node->kind == NODE_NULL)
		return true;
	if (node->kind != NODE_TEXT && node->kind != NODE_NUMBER)
		return fail(err, MSG_CONFIG_TEXT, node->key);
	return config_set(config, arena, node->key, node->text, err);
}

bool config_load(const char *data, struct arena *arena, struct config *config, struct err *err)
{
	auto_memory char *path = path_join(data, file_name);
	auto_writer text = { 0 };
	const struct node *root;
	struct config loaded;

	config_default(&loaded, arena, data);
	if (!file_read(path, 1 << 20, &text, err)) {
		if (err->message == MSG_FILE_MISSING)
			return fail(err, MSG_DATA_MISSING, data);
		return false;
	}
	if (!node_from_yaml(arena, writer_str(&text), &root, err))
		return err_in_file(err, path);
	if (root->kind != NODE_MAP) {
		(void)fail(err, MSG_CONFIG_NOT_MAP);
		return err_in_file(err, path);
	}
	for (const struct node *node = root->child; node; node = node->next) {
		if (!set_node(&loaded, arena, node, err)) {
			(void)err_at_line(err, node->line, node->column);
			return err_in_file(err, path);
		}
	}
	*config = loaded;
	return true;
}

bool config_save(const struct config *config, struct err *err)
{
	auto_memory char *path = path_join(config->data, file_name);
	auto_writer out = { 0 };

	writer_text(&out, "# 械盾 Xiedun\n");
	for (size_t i = 0; i < nitems(keys); i++) {
		const struct config_key *key = &keys[i];

		writer_printf(&out, "\n# %s\n# %s\n", key->zh, key->en);
		if (key->kind == CONFIG_INTEGER) {
			writer_printf(&out, "%s: %lld\n", key->name,
				      (long long)*number_of(config, key));
		} else if (*text_of(config, key)) {
			/* A JSON string is a YAML string too. */
			struct json json = json_into(&out);

			writer_printf(&out, "%s: ", key->name);
			json_text(&json, *text_of(config, key));
			writer_byte(&out, '\n');
		} else {
			writer_printf(&out, "# %s:\n", key->name);
		}
	}
	return file_replace(path, writer_str(&out), 0600, err);
}
