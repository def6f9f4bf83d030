#include "daemon/doctor.h"

#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "crypto/certificate.h"
#include "crypto/root_key.h"

enum { FREE_LEAST = 1 << 30, CERTIFICATE_DAYS = 30 };

struct patient {
	doctor_tell_fn *tell;
	void *context;
	int troubles;
	struct instance instance;
};

static void say(struct patient *patient, enum finding_level level, const char *check,
		const char *zh, const char *en)
{
	patient->troubles += level == CHECK_TROUBLE;
	patient->tell(patient->context, level, check, zh, en);
}

static void say_error(struct patient *patient, const char *check, const struct err *err)
{
	auto_writer zh = { 0 }, en = { 0 };

	err_render(err, LANGUAGE_ZH, &zh);
	err_render(err, LANGUAGE_EN, &en);
	say(patient, CHECK_TROUBLE, check, zh.at, en.at);
}

static bool same_volume(const char *a, const char *b)
{
	struct stat one, two;

	return stat(a, &one) == 0 && stat(b, &two) == 0 && one.st_dev == two.st_dev;
}

static void check_modes(struct patient *patient)
{
	struct stat info;

	if (stat(patient->instance.config.data, &info) != 0 || (info.st_mode & 077) != 0)
		say(patient, CHECK_TROUBLE, "mode", "数据目录可被其他用户访问;请执行 chmod 700",
		    "others can enter the data directory; chmod 700 it");
	else
		say(patient, CHECK_GOOD, "mode", "数据目录仅所有者可访问",
		    "only the owner enters the data directory");
}

static void check_root_key(struct patient *patient)
{
	const struct config *config = &patient->instance.config;
	const char *path =
		str_starts(str_of(config->root_key), "file:") ? config->root_key + 5 : NULL;

	if (!path)
		say(patient, CHECK_GOOD, "root-key", "根密钥不在数据卷上",
		    "the root key is not on the data's volume");
	else if (same_volume(path, config->data))
		say(patient, CHECK_WARNING, "root-key",
		    "根密钥文件与数据在同一个卷上:得到此卷者即得到全部数据;请移到另一个卷,或使用 "
		    "systemd 凭据",
		    "the root key's file lies on the data's volume: who gets the volume gets "
		    "everything; move it to another "
		    "volume, or use a systemd credential");
	else
		say(patient, CHECK_WARNING, "root-key", "根密钥存放在文件中;systemd 凭据更安全",
		    "the root key lies in a file; a systemd credential is safer");
}

static void check_anchor(struct patient *patient)
{
	const struct config *config = &patient->instance.config;

	if (same_volume(config->anchor, config->data))
		say(patient, CHECK_WARNING, "anchor",
		    "账本锚点与数据在同一个卷上:整卷回滚将无法发现;请移到另一个卷",
		    "the ledger's anchor lies on the data's volume: a rollback of the whole volume "
		    "goes unnoticed; move it to "
		    "another one");
	else
		say(patient, CHECK_GOOD, "anchor", "账本锚点在另一个卷上",
		    "the ledger's anchor lies on another volume");
}

static void check_space(struct patient *patient)
{
	struct statvfs disk;

	if (statvfs(patient->instance.config.data, &disk) != 0)
		return;

	int64_t left = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	char zh[120], en[120];

	(void)snprintf(zh, sizeof(zh), "数据卷剩余 %lld MiB", (long long)(left >> 20));
	(void)snprintf(en, sizeof(en), "%lld MiB are free on the data's volume",
		       (long long)(left >> 20));
	say(patient, left < FREE_LEAST ? CHECK_TROUBLE : CHECK_GOOD, "space", zh, en);
}

static void check_process(struct patient *patient)
{
	struct rlimit core;

	if (geteuid() == 0)
		say(patient, CHECK_WARNING, "user", "正以 root 身份运行", "running as root");
	if (getrlimit(RLIMIT_NOFILE, &core) == 0 && core.rlim_max < 4096)
		say(patient, CHECK_WARNING, "files", "打开文件数上限低于 4096,连接数会受限",
		    "fewer than 4,096 open files are allowed, which limits connections");
}

static void check_certificate(struct patient *patient)
{
	const char *own = patient->instance.config.certificate;
	const char *path = own ? own : instance_path(&patient->instance, "certificate.pem");
	auto_writer pem = { 0 };
	int64_t expires;
	struct err err;
	char zh[160], en[160], date[INSTANT_TEXT_SIZE];

	if (!own && !path_exists(path)) {
		say(patient, CHECK_GOOD, "certificate", "证书将在首次启动时生成",
		    "the certificate is made at first start");
		return;
	}
	if (!file_read(path, 1 << 20, &pem, &err) ||
	    !certificate_expiry(writer_str(&pem), &expires, &err)) {
		say_error(patient, "certificate", &err);
		return;
	}

	int64_t left = expires - clock_now();

	(void)snprintf(zh, sizeof(zh), "证书有效期至 %.10s", instant_text(expires, date));
	(void)snprintf(en, sizeof(en), "the certificate is valid until %.10s", date);
	say(patient,
	    left < 0                                   ? CHECK_TROUBLE
	    : left < SECONDS(86400) * CERTIFICATE_DAYS ? CHECK_WARNING
						       : CHECK_GOOD,
	    "certificate", zh, en);
}

static void check_database(struct patient *patient)
{
	struct migration_list lists[INSTANCE_FLOORS];
	struct migrations all = instance_migrations(lists);
	struct err err;
	bool current;

	if (store_backend(patient->instance.store) == BACKEND_POSTGRES)
		say(patient, CHECK_WARNING, "encryption",
		    "PostgreSQL 不加密页面:只有密封字段和文件由本系统加密,其余须由磁盘加密保护",
		    "PostgreSQL does not encrypt pages: sealed fields and files are encrypted by "
		    "us, the rest needs an "
		    "encrypted disk");
	else
		say(patient, CHECK_GOOD, "encryption", "数据库的每一页都已加密",
		    "every page of the database is encrypted");
	if (!migrations_check(patient->instance.store, &all, &current, &err))
		say_error(patient, "database", &err);
	else if (!current)
		say(patient, CHECK_TROUBLE, "database", "数据库版本较旧;请运行 xiedun upgrade",
		    "the database is of an earlier version; run xiedun upgrade");
	else
		say(patient, CHECK_GOOD, "database", "数据库版本为最新",
		    "the database is up to date");
}

static void check_ledger(struct patient *patient)
{
	const struct err *trouble = ledger_trouble(patient->instance.ledger);

	if (trouble)
		say_error(patient, "ledger", trouble);
	else
		say(patient, CHECK_GOOD, "ledger", "账本与锚点一致",
		    "the ledger agrees with its anchor");
}

static void check_backups(struct patient *patient)
{
	const struct config *config = &patient->instance.config;

	if (!config->backup_directory)
		say(patient, CHECK_WARNING, "backup", "未设置备份目录(backup_directory)",
		    "no folder for backups is set (backup_directory)");
	else if (same_volume(config->backup_directory, config->data))
		say(patient, CHECK_WARNING, "backup", "备份与数据在同一个卷上",
		    "backups lie on the data's volume");
	else
		say(patient, CHECK_GOOD, "backup", "备份目录在另一个卷上",
		    "backups lie on another volume");
}

void doctor(const char *data, const char *passphrase, doctor_tell_fn *tell, void *context,
	    int *troubles)
{
	struct patient patient = { .tell = tell, .context = context };
	struct instance *instance = &patient.instance;
	struct err err;

	instance->arena = arena_new(1 << 20);
	if (!config_load(data, instance->arena, &instance->config, &err)) {
		say_error(&patient, "configuration", &err);
	} else {
		say(&patient, CHECK_GOOD, "configuration", "配置可读",
		    "the configuration is readable");
		check_modes(&patient);
		check_root_key(&patient);
		check_anchor(&patient);
		check_space(&patient);
		check_process(&patient);
		check_certificate(&patient);
		check_backups(&patient);
		if (!instance_open_with(instance, INSTANCE_READ, INSTANCE_STORE, passphrase,
					&err)) {
			say_error(&patient, "open", &err);
		} else {
			check_database(&patient);
			const struct ledger_config ledger = {
				.origin = instance->config.origin,
				.anchor = instance->anchor =
					anchor_file_new(instance->config.anchor),
			};
			if (!ledger_open(instance->store, instance->keyring, &ledger,
					 &instance->ledger, &err))
				say_error(&patient, "ledger", &err);
			else
				check_ledger(&patient);
		}
	}
	*troubles = patient.troubles;
	instance_close(instance);
}
