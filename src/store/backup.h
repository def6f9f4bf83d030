/*
 * Owns backups: one sealed file with a consistent snapshot of the database, the blobs and a few small files of the data
 * directory, without root key and anchor.
 *
 * Layout: the text "XIEDUN BACKUP 1\n" and 16 random bytes; length (4 bytes, big-endian) and bytes of the keyring file,
 * which holds only wrapped keys; a sealed stream (sealed_stream.h) under KEY_BACKUP, bound to the SHA-256 of all that.
 * In the stream: the opening (JSON: what, when, of which database), the parts, and the list of the parts with their
 * sizes and SHA-256 (JSON). The embedded database is the file xiedun.db as it stands, its pages encrypted already;
 * PostgreSQL's parts are the definitions, read from its catalogue (what is there counts, not what was once run), and each
 * table's COPY text, all of one snapshot.
 */
#ifndef XIEDUN_STORE_BACKUP_H
#define XIEDUN_STORE_BACKUP_H

#include "crypto/keyring.h"
#include "store/store.h"

/* What a backup says of itself. Start with { 0 }; end with backup_facts_release. */
struct backup_facts {
	struct digest hash;       /* SHA-256 of the whole file */
	int64_t size, parts;      /* bytes of the file, number of parts */
	char program[32];         /* version of the program that made it */
	int64_t migration, time;  /* highest migration; the instant when it began */
	struct writer checkpoint; /* the ledger's, as given to backup_make */
};
void backup_facts_release(struct backup_facts *);
#define auto_backup_facts cleanup_with(backup_facts_release) struct backup_facts

struct backup_plan {
	struct store *store;
	const struct keyring *keyring;
	const char *directory;    /* the data directory */
	const char *keyring_file; /* name of the keyring file in it */
	const char *const *
		files; /* names of further small files in it, kept as they are; those that are not there are left out */
	size_t file_count;
	struct str checkpoint; /* the ledger's last checkpoint; may be absent */
};

/*
 * Makes the backup while the program goes on. Written beside as OUT.partial, flushed, renamed: OUT is whole or not there.
 * MSG_BACKUP_EXISTS when OUT stands already; MSG_BACKUP_UNKNOWN_OBJECT for a view or the like on PostgreSQL, which is not ours.
 */
must_use bool backup_make(const struct backup_plan *, const char *out, struct backup_facts *,
			  struct err *);

struct restore_plan {
	const char *from;      /* the backup file */
	const char *directory; /* the data directory to make: not there, or empty */
	const char *keyring_file;
	const struct root_key *root;
	enum backend backend; /* must be the backup's own */
	const char *address;  /* PostgreSQL: an empty database */
	int highest_migration; /* that the program knows; a backup with a higher one is MSG_STORE_NEWER */
	/* Called on the whole temporary folder before it takes its name, to settle what this machine does otherwise. May be NULL. */
	bool (*settle)(const char *folder, void *context, struct err *err);
	void *context;
};

/*
 * Restores through DIRECTORY.partial, renamed at the end, and on PostgreSQL in one transaction, committed just before the
 * rename. On a failure nothing is left. MSG_BACKUP_NOT_EMPTY, MSG_BACKUP_FORMAT, MSG_BACKUP_BACKEND; MSG_STORE_SEAL_BROKEN
 * for every changed, missing or added byte of the sealed part; the keyring's own errors.
 */
must_use bool backup_restore(const struct restore_plan *, struct backup_facts *, struct err *);

#endif
