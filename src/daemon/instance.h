/* Owns an opened installation: every floor from the root key up to the model, in order. */
#ifndef XIEDUN_DAEMON_INSTANCE_H
#define XIEDUN_DAEMON_INSTANCE_H

#include "api/api.h"
#include "daemon/config.h"

enum instance_mode {
	INSTANCE_SERVE, /* writer, sequencer and checkpoint threads */
	INSTANCE_COMMAND, /* a command's visit that writes; refused while a server runs on the embedded database */
	INSTANCE_READ, /* only reads, also beside a running server */
};

struct instance {
	struct arena *arena; /* of the configuration's texts */
	struct config config;
	struct keyring *keyring;
	struct store *store;
	struct anchor *anchor;
	struct ledger *ledger;
	struct identity *identity;
	struct model *model;
};

/* How far to open. */
enum instance_depth {
	INSTANCE_KEYS,   /* root key and keyring */
	INSTANCE_STORE,  /* and the database, migrations unchecked */
	INSTANCE_LEDGER, /* and the ledger, migrations current */
	INSTANCE_ALL,
};

/*
 * Opens the installation of a data directory. A database that lacks migrations is brought up to date in INSTANCE_SERVE and
 * refused otherwise (MSG_DATABASE_OLD). The passphrase (may be NULL) is for a root key of that kind.
 */
must_use bool instance_open(const char *data, enum instance_mode, enum instance_depth,
			    const char *passphrase, struct instance *, struct err *);

/* Like instance_open on a loaded configuration; takes the arena and config of *instance as given. */
must_use bool instance_open_with(struct instance *, enum instance_mode, enum instance_depth,
				 const char *passphrase, struct err *);

/* The root key of a configuration: read, or made where there is none yet. */
struct root_key;
must_use bool instance_root_key(const struct config *, const char *passphrase, bool create,
				struct root_key *, struct err *);

/* The database of a configuration with the keyring's key. */
must_use bool instance_open_store(const struct config *, const struct keyring *, enum instance_mode,
				  bool create, struct store **, struct err *);

/* Path of a file in the data directory, in the arena. */
const char *instance_path(const struct instance *, const char *name);

/* Every floor's migrations; `lists` holds them for the caller. */
enum { INSTANCE_FLOORS = 4 };
struct migrations instance_migrations(struct migration_list lists[INSTANCE_FLOORS]);

void instance_close(struct instance *);
#define auto_instance cleanup_with(instance_close) struct instance

#endif
