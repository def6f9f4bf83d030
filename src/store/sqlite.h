/* Owns what only the store's SQLite parts share: the connection behind struct conn. Internal to the
 * store. */
#ifndef XIEDUN_STORE_SQLITE_H
#define XIEDUN_STORE_SQLITE_H

#include <sqlite3.h>

#include "store/driver.h"

#define SQLITE_FILE_NAME "xiedun.db"
enum { DATABASE_KEY_SIZE = 32 };

/* The handle of a connection of sqlite_driver; borrowed. */
sqlite3 *sqlite_handle(struct conn *);

/* Opens a handle on a path and gives it the 32-byte key; no pragma but the cipher is set. */
must_use bool sqlite_open_handle(const char *path, const uint8_t *key, int flags, sqlite3 **,
				 struct err *);

/* Sets *err to what the handle's last error means. Always false. */
bool sqlite_failed(sqlite3 *, struct err *);

#endif
