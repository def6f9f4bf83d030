/* Owns one generated statement: its text and the values bound to it. Data goes into values only. */
#ifndef XIEDUN_MODEL_SQL_H
#define XIEDUN_MODEL_SQL_H

#include "base/vec.h"
#include "base/writer.h"
#include "model/value.h"
#include "store/query.h"

struct sql_value {
	enum storage storage;
	struct value value;
};

struct sql_values VEC(struct sql_value);

struct sql {
	enum backend backend;
	struct writer text;
	struct sql_values values; /* borrowed texts; the n-th is bound as "pN" */
};

/* Appends ":pN" and keeps the value. */
void sql_value(struct sql *, enum storage, struct value);

/* Binds all values to a query that was started with the text. */
void sql_bind(const struct sql *, struct query *);
void query_value(struct query *, const char *name, enum storage, const struct value *);
struct value column_value(struct query *, int column, enum storage);

void sql_release(struct sql *);
#define auto_sql cleanup_with(sql_release) struct sql

#endif
