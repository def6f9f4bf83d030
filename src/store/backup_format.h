/* Owns the form of a backup file: header, opening, parts of blocks, list of the parts. Internal to the store. */
#ifndef XIEDUN_STORE_BACKUP_FORMAT_H
#define XIEDUN_STORE_BACKUP_FORMAT_H

#include "store/backup.h"
#include "store/sealed_stream.h"

enum { BACKUP_BLOCK_MAX = 1024 * 1024, BACKUP_NAME_MAX = 255 };

/* One part, as it goes by: what both sides must agree on at the end. */
struct backup_parts {
	struct writer list; /* JSON members */
	int64_t count;
	char name[BACKUP_NAME_MAX + 1];
	struct hasher hasher;
	int64_t size;
};

struct backup_file {
	int fd;
	char *path;
	struct hasher hasher; /* of the whole file */
	struct sealed_stream stream;
	struct backup_parts parts;
	struct writer block;
};
void backup_file_release(struct backup_file *);
#define auto_backup_file cleanup_with(backup_file_release) struct backup_file

/* Writing: header and opening; then parts of blocks; then the end, flushed to the disk. */
must_use bool backup_start(struct backup_file *, const char *path, const struct keyring *,
			   struct str keyring_bytes, struct str opening, struct err *);
must_use bool backup_part(struct backup_file *, const char *name, struct err *);
must_use bool backup_put(struct backup_file *, struct str block, struct err *);
must_use bool backup_part_end(struct backup_file *, struct err *);
must_use bool backup_finish(struct backup_file *, struct err *);

/* Reading: the header with the keyring's bytes; once the keyring is open, the opening and the parts. */
must_use bool backup_open(struct backup_file *, const char *path, struct writer *keyring_bytes,
			  struct err *);
must_use bool backup_opening(struct backup_file *, const struct keyring *, struct writer *opening,
			     struct err *);
/* The next part's name is file->parts.name; *more false at the end, which is proven whole then. */
must_use bool backup_next_part(struct backup_file *, bool *more, struct err *);
/* The part's next block, borrowed; empty at its end. */
must_use bool backup_block(struct backup_file *, struct str *block, struct err *);

struct digest backup_hash(struct backup_file *);

/* PostgreSQL's parts, in one snapshot; and back, inside of one transaction. */
must_use bool backup_dump_postgres(struct backup_file *, struct conn *, struct err *);
must_use bool backup_load_postgres(struct backup_file *, struct conn *, struct err *);
must_use bool backup_check_postgres_empty(struct conn *, struct err *);

#endif
