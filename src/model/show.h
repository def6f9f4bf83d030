/* Owns how a record is shown: the fields that the clearance allows, sealed ones masked. */
#ifndef XIEDUN_MODEL_SHOW_H
#define XIEDUN_MODEL_SHOW_H

#include "model/row.h"

/* A column's value: sealed ones as {"sealed": true} or null. */
void show_value(const struct table *, const struct row *, const struct column *, struct json *);

/* The whole record as one object. */
void show_record(const struct table *, const struct row *, enum clearance, struct json *);

#endif
