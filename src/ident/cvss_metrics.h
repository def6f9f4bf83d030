/* Owns the tables of metrics behind cvss.h: names and values in the specifications' order. */
#ifndef XIEDUN_IDENT_CVSS_METRICS_H
#define XIEDUN_IDENT_CVSS_METRICS_H

#include "ident/cvss.h"

enum { CVSS_VALUES = 8 };

struct cvss_metric_row {
	const char *name;
	/* Counted from 1; for a metric that need not be given the first one means "not defined". */
	const char *values[CVSS_VALUES];
	bool required;
};

struct cvss_metrics {
	const struct cvss_metric_row *rows;
	size_t count;
	bool ordered;
};

/* 3.0 and 3.1 share their table. */
const struct cvss_metrics *cvss_metrics_of(enum cvss_version);

/* The value's letter by the metric's place, "X" or "ND" where it is not given. */
const char *cvss_value(const struct cvss *, size_t metric);

struct cvss_scores cvss2_score(const struct cvss *);
struct cvss_scores cvss3_score(const struct cvss *);
struct cvss_scores cvss4_score(const struct cvss *);

#endif
