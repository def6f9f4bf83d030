#include "daemon/instance.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "crypto/root_key.h"

enum { TEXTS_LIMIT = 1 << 20 };

struct migrations instance_migrations(struct migration_list lists[INSTANCE_FLOORS])
{
	lists[0] = store_migrations;
	lists[1] = ledger_migrations;
	lists[2] = identity_migrations;
	lists[3] = model_migrations;
	return (struct migrations){ lists, INSTANCE_FLOORS };
}

const char *instance_path(const struct instance *instance, const char *name)
{
	return arena_printf(instance->arena, "%s/%s", instance->config.data, name);
}

bool instance_root_key(const struct config *config, const char *passphrase, bool create,
		       struct root_key *key, struct err *err)
{
	auto_memory char *salt = path_join(config->data, "root-key.salt");
	struct root_key_source source;

	if (!root_key_source_parse(config->root_key, &source, err))
		return false;
	if (source.kind == ROOT_KEY_PASSPHRASE) {
		source.path = salt;
		source.passphrase = passphrase;
	}
	return create ? root_key_create(&source, key, err) : root_key_load(&source, key, err);
}

static bool open_keys(struct instance *instance, const char *passphrase, struct err *err)
{
	struct root_key root;

	if (!instance_root_key(&instance->config, passphrase, false, &root, err))
		return false;

	bool done =
		keyring_open(instance_path(instance, "keyring"), &root, &instance->keyring, err);

	root_key_wipe(&root);
	return done;
}

bool instance_open_store(const struct config *config, const struct keyring *keyring,
			 enum instance_mode mode, bool create, struct store **store,
			 struct err *err)
{
	uint8_t key[KEY_SIZE];
	const struct store_config store_config = {
		.backend = config->database ? BACKEND_POSTGRES : BACKEND_SQLITE,
		.directory = config->data,
		.address = config->database,
		.database_key = key,
		.cache_bytes = config->cache << 20,
		.readers = mode == INSTANCE_SERVE ? 0 : 1,
		.read_only = mode == INSTANCE_READ,
		.offline = mode != INSTANCE_SERVE,
	};

	keyring_copy_key(keyring, KEY_DATABASE, key);

	bool done = store_open(&store_config, create, store, err);

	memory_wipe(key, sizeof(key));
	return done;
}

static bool bring_up_to_date(struct instance *instance, enum instance_mode mode, struct err *err)
{
	struct migration_list lists[INSTANCE_FLOORS];
	struct migrations all = instance_migrations(lists);
	struct migration_report report;
	bool current;

	if (!migrations_check(instance->store, &all, &current, err))
		return false;
	if (current)
		return true;
	if (mode != INSTANCE_SERVE)
		return fail(err, MSG_DATABASE_OLD);
	return migrations_apply(instance->store, &all, false, &report, err);
}

static bool open_ledger(struct instance *instance, enum instance_mode mode, struct err *err)
{
	const struct ledger_config config = {
		.origin = instance->config.origin,
		.anchor = instance->anchor = anchor_file_new(instance->config.anchor),
		.sequence = mode != INSTANCE_READ,
	};

	return ledger_open(instance->store, instance->keyring, &config, &instance->ledger, err);
}

static bool open_upper(struct instance *instance, struct err *err)
{
	const struct identity_config identity = {
		.idle_limit = SECONDS(60) * instance->config.session_idle,
		.absolute_limit = SECONDS(60) * instance->config.session_absolute,
	};

	return identity_open(instance->ledger, instance->store, instance->keyring, &identity,
			     &instance->identity, err) &&
	       model_open(instance->store, instance->ledger, instance->identity, instance->keyring,
			  NULL, &instance->model, err);
}

bool instance_open_with(struct instance *instance, enum instance_mode mode,
			enum instance_depth depth, const char *passphrase, struct err *err)
{
	if (!open_keys(instance, passphrase, err))
		return false;
	if (depth < INSTANCE_STORE)
		return true;
	if (!instance_open_store(&instance->config, instance->keyring, mode, false,
				 &instance->store, err))
		return false;
	if (depth < INSTANCE_LEDGER)
		return true;
	if (!bring_up_to_date(instance, mode, err) || !open_ledger(instance, mode, err))
		return false;
	return depth < INSTANCE_ALL || open_upper(instance, err);
}

bool instance_open(const char *data, enum instance_mode mode, enum instance_depth depth,
		   const char *passphrase, struct instance *instance, struct err *err)
{
	memset(instance, 0, sizeof(*instance));
	instance->arena = arena_new(TEXTS_LIMIT);
	return config_load(data, instance->arena, &instance->config, err) &&
	       instance_open_with(instance, mode, depth, passphrase, err);
}

void instance_close(struct instance *instance)
{
	model_close(instance->model);
	identity_close(instance->identity);
	ledger_close(instance->ledger);
	anchor_free(instance->anchor);
	store_close(instance->store);
	keyring_free(instance->keyring);
	arena_free(instance->arena);
	memset(instance, 0, sizeof(*instance));
}
