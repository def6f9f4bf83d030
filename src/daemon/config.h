/* Owns the configuration: xiedun.yaml in the data directory, one table of keys for reading, writing and help. */
#ifndef XIEDUN_DAEMON_CONFIG_H
#define XIEDUN_DAEMON_CONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/writer.h"

/* Texts live in the arena that they were read into. */
struct config {
	const char *data;    /* the data directory itself; no key */
	const char *address; /* to listen on */
	int64_t port;
	const char *root_key;    /* "credential", "file:/path", "passphrase" */
	const char *anchor;      /* file of the ledger's anchor */
	const char *database;    /* libpq connection string; absent: the embedded database */
	const char *origin;      /* the ledger's name */
	const char *certificate; /* PEM files of one's own; absent: made at first start */
	const char *certificate_key;
	const char *backup_directory; /* absent: no backups by the server */
	int64_t backup_hour;          /* of the day, UTC, for the daily one; -1: none */
	int64_t session_idle;         /* minutes */
	int64_t session_absolute;     /* minutes */
	int64_t workers;
	int64_t cache; /* MiB of page cache for each connection of the embedded database */
	const char *log_level;
};

enum config_kind { CONFIG_TEXT, CONFIG_INTEGER };

struct config_key {
	const char *name;
	enum config_kind kind;
	size_t offset; /* in struct config */
	const char *text;
	int64_t number, minimum, maximum;
	const char *zh, *en;
};

/* The table itself, for help and manual. */
const struct config_key *config_keys(size_t *count);

/* All defaults for a data directory: root key and anchor beside it. */
void config_default(struct config *, struct arena *, const char *data);

/* Reads DIR/xiedun.yaml over the defaults. MSG_CONFIG_… with file, line and what would be right. */
must_use bool config_load(const char *data, struct arena *, struct config *, struct err *);

/* Writes the file with every key, its meaning as a comment. */
must_use bool config_save(const struct config *, struct err *);

/* Sets one key from text, as the command line gives it: MSG_CONFIG_KEY, MSG_CONFIG_TEXT or MSG_CONFIG_NUMBER. */
must_use bool config_set(struct config *, struct arena *, struct str name, struct str value,
			 struct err *);

#endif
