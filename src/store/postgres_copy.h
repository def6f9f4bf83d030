/* Owns COPY and the list of our tables: what backup and verification need of PostgreSQL. Internal to the store. */
#ifndef XIEDUN_STORE_POSTGRES_COPY_H
#define XIEDUN_STORE_POSTGRES_COPY_H

#include "base/vec.h"
#include "store/postgres.h"

struct texts VEC(char *);
void texts_release(struct texts *);
#define auto_texts cleanup_with(texts_release) struct texts

/* Appends the first column of all rows. */
must_use bool texts_read(struct conn *, const char *sql, struct texts *, struct err *);

/* The tables of the current schema, as quoted names, in their order by name. */
extern const char SQL_POSTGRES_TABLES[];

/* Runs "COPY … TO STDOUT" and hands out each piece. */
typedef bool copy_sink_fn(void *context, struct str piece, struct err *);
must_use bool copy_out(struct conn *, const char *sql, copy_sink_fn *, void *context, struct err *);

/* Runs "COPY … FROM STDIN"; the source gives pieces until an empty one. */
typedef bool copy_source_fn(void *context, struct str *piece, struct err *);
must_use bool copy_in(struct conn *, const char *sql, copy_source_fn *, void *context,
		      struct err *);

#endif
