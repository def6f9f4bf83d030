/* Owns backups as an operation: the store's file joined with its entry in the ledger, and the way back. */
#ifndef XIEDUN_DAEMON_BACKUP_H
#define XIEDUN_DAEMON_BACKUP_H

#include "daemon/instance.h"

/* Makes one backup file; its SHA-256 goes into the ledger. The path given must not exist yet. */
must_use bool backup_to(struct instance *, const struct actor *, const char *path, struct digest *,
			int64_t *size, struct err *);

/* The api_backup_fn of a running server: a file named after the time in the configured folder. */
bool backup_now(void *instance, const struct actor *, struct json *, struct err *);

/* The same by the clock, in the program's own name. */
must_use bool backup_daily(struct instance *, struct err *);

/*
 * Brings a backup back into the empty data directory of instance->config, whose root key, anchor and database
 * take the place of the backup's own. The ledger then wants to be continued: its anchor is another machine's.
 */
must_use bool backup_bring_back(struct instance *, const struct root_key *, const char *from,
				struct err *);

#endif
