#include "cli/local.h"

#include <unistd.h>

bool ask_passphrase(const struct invocation *call, const struct config *config, bool is_new,
		    struct writer *passphrase, struct err *err)
{
	const char *given = getenv("XIEDUN_PASSPHRASE");
	const char *question = said(call, "根密钥口令", "passphrase of the root key");

	if (strcmp(config->root_key, "passphrase") != 0)
		return true;
	if (given) {
		writer_text(passphrase, given);
		return true;
	}
	if (is_new)
		return terminal_ask_new_secret(question, said(call, "再输入一次", "once more"),
					       "passphrase", passphrase, err);
	return terminal_ask_secret(question, "passphrase", passphrase, err);
}

bool open_local(const struct invocation *call, enum instance_mode mode, enum instance_depth depth,
		struct instance *instance, struct err *err)
{
	auto_secret_writer passphrase = { 0 };

	memset(instance, 0, sizeof(*instance));
	instance->arena = arena_new(1 << 20);
	return config_load(absolute_path(instance->arena, call->data), instance->arena,
			   &instance->config, err) &&
	       ask_passphrase(call, &instance->config, false, &passphrase, err) &&
	       instance_open_with(instance, mode, depth, passphrase.at, err);
}

const char *absolute_path(struct arena *arena, const char *path)
{
	char folder[4096];

	if (path[0] == '/' || !getcwd(folder, sizeof(folder)))
		return arena_text(arena, str_of(path));
	return arena_printf(arena, "%s/%s", folder, path);
}
