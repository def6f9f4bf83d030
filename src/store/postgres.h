/* Owns what only the store's PostgreSQL parts share: the connection behind struct conn. Internal to
 * the store. */
#ifndef XIEDUN_STORE_POSTGRES_H
#define XIEDUN_STORE_POSTGRES_H

#include <libpq-fe.h>

#include "store/driver.h"

/* The handle of a connection of postgres_driver; borrowed. */
PGconn *postgres_handle(struct conn *);

/* Sets *err to what a result (or the connection, where it is NULL) says. Always false. */
bool postgres_failed(struct conn *, const PGresult *, struct err *);

#endif
