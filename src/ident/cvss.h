/* Owns CVSS: vectors of versions 2.0, 3.0, 3.1 and 4.0 read strictly, and their scores. */
#ifndef XIEDUN_IDENT_CVSS_H
#define XIEDUN_IDENT_CVSS_H

#include "base/err.h"

enum cvss_version { CVSS_2_0, CVSS_3_0, CVSS_3_1, CVSS_4_0 };

enum { CVSS_METRICS = 32 };

/* A vector read: for each metric of its version the value's place in the table, 0 where it is not given. */
struct cvss {
	enum cvss_version version;
	uint8_t value[CVSS_METRICS];
};

/* Scores in tenths, 0 to 100; -1: there is none (a version 2 group without metrics; version 4 has one score). */
struct cvss_scores {
	int base, temporal, environmental;
};

enum cvss_severity { CVSS_NONE, CVSS_LOW, CVSS_MEDIUM, CVSS_HIGH, CVSS_CRITICAL };

/*
 * Reads a vector string: "AV:N/AC:L/Au:N/C:N/I:N/A:C" (2.0, also in parentheses or behind "CVSS:2.0/"), "CVSS:3.1/…",
 * "CVSS:4.0/…". Version 4 wants the order of the specification's table 23. MSG_CVSS_… names the part that is wrong.
 */
must_use bool cvss_parse(struct str vector, struct cvss *, struct err *);

/*
 * Scores by CVSS v2.0 section 3.2, v3.0 and v3.1 section 7 and appendix A, v4.0 section 8. Version 3 always has three; version
 * 4's base is its one score with the threat and environmental metrics given.
 */
struct cvss_scores cvss_score(const struct cvss *);

/* The rating of a score in tenths: v3.1 section 5 (v2 has the same bounds in NVD's scale, but no Critical). */
enum cvss_severity cvss_severity(enum cvss_version, int tenths);

/* "None", "Low", "Medium", "High", "Critical". */
const char *cvss_severity_name(enum cvss_severity);

/* The vector's most specific score: environmental, else temporal, else base. */
int cvss_overall(const struct cvss_scores *);

/* The letter of a metric's value ("N"), or the metric's default where it is not given ("X", "ND"); NULL for no such metric. */
const char *cvss_metric(const struct cvss *, const char *metric);

#endif
