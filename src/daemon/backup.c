#include "daemon/backup.h"

#include "base/clock.h"
#include "base/encode.h"
#include "store/backup.h"

static const char *const files[] = { "xiedun.yaml", "certificate.pem", "certificate.key.sealed" };

static bool made_apply(struct change *change, struct err *err)
{
	const struct backup_facts *facts = change->prepared;
	const struct entry entry = {
		.action = "backup.make",
		.type = "backup",
		.document = digest_str(&facts->hash),
	};

	return change_entry(change, &entry, NULL, err);
}

bool backup_to(struct instance *instance, const struct actor *actor, const char *path,
	       struct digest *hash, int64_t *size, struct err *err)
{
	auto_backup_facts facts = { 0 };
	auto_writer checkpoint = { 0 };

	if (!ledger_checkpoint(instance->ledger, &checkpoint, err))
		return false;

	const struct backup_plan plan = {
		.store = instance->store,
		.keyring = instance->keyring,
		.directory = instance->config.data,
		.keyring_file = "keyring",
		.files = files,
		.file_count = nitems(files),
		.checkpoint = writer_str(&checkpoint),
	};

	if (!backup_make(&plan, path, &facts, err) ||
	    !ledger_change(instance->ledger, actor, made_apply, &facts, err))
		return false;
	*hash = facts.hash;
	*size = facts.size;
	return true;
}

/* "xiedun-20261122T010203Z.backup": names sort by time. */
static void put_name(struct writer *path, const char *folder, int64_t now)
{
	char text[INSTANT_TEXT_SIZE];

	(void)instant_text(now, text);
	writer_printf(path, "%s/xiedun-%.4s%.2s%.2sT%.2s%.2s%.2sZ.backup", folder, text, text + 5,
		      text + 8, text + 11, text + 14, text + 17);
}

bool backup_now(void *context, const struct actor *actor, struct json *json, struct err *err)
{
	struct instance *instance = context;
	auto_writer path = { 0 }, hex = { 0 };
	struct digest hash;
	int64_t size;

	put_name(&path, instance->config.backup_directory, clock_now());
	if (!backup_to(instance, actor, path.at, &hash, &size, err))
		return false;
	hex_write(&hex, digest_str(&hash));
	json_object(json);
	json_put_str(json, "path", writer_str(&path));
	json_put_str(json, "sha256", writer_str(&hex));
	json_put_int(json, "size", size);
	json_object_end(json);
	return true;
}

bool backup_daily(struct instance *instance, struct err *err)
{
	const struct actor actor = { .reason = STR("daily") };
	auto_writer path = { 0 };
	struct digest hash;
	int64_t size;

	put_name(&path, instance->config.backup_directory, clock_now());
	return backup_to(instance, &actor, path.at, &hash, &size, err);
}

/* In the folder that is not yet the data directory: the backup's settings with this machine's places. */
static bool settle(const char *folder, void *context, struct err *err)
{
	struct instance *instance = context;
	struct config given = instance->config, kept;

	if (!config_load(folder, instance->arena, &kept, err))
		return false;
	kept.root_key = given.root_key;
	kept.anchor = given.anchor;
	kept.database = given.database;
	kept.backup_directory = NULL;
	return config_save(&kept, err);
}

bool backup_bring_back(struct instance *instance, const struct root_key *root, const char *from,
		       struct err *err)
{
	struct migration_list lists[INSTANCE_FLOORS];
	struct migrations all = instance_migrations(lists);
	auto_backup_facts facts = { 0 };
	const struct restore_plan plan = {
		.from = from,
		.directory = instance->config.data,
		.keyring_file = "keyring",
		.root = root,
		.backend = instance->config.database ? BACKEND_POSTGRES : BACKEND_SQLITE,
		.address = instance->config.database,
		.highest_migration = migrations_highest(&all),
		.settle = settle,
		.context = instance,
	};

	return backup_restore(&plan, &facts, err);
}
