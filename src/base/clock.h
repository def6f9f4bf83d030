/* Owns time: the one place where it is read, and its texts. */
#ifndef XIEDUN_BASE_CLOCK_H
#define XIEDUN_BASE_CLOCK_H

#include "base/str.h"

/* An instant is UTC in microseconds since 1970-01-01T00:00:00Z. A date is days since 1970-01-01. */
enum { INSTANT_TEXT_SIZE = 64, DATE_TEXT_SIZE = 16 };
#define SECONDS(n) ((int64_t)(n)*1000000)

/* Now. Tests may hold it still or move it. */
int64_t clock_now(void);

/* Holds the clock at `instant` until clock_run. For tests. */
void clock_hold(int64_t instant);
void clock_run(void);

/* Microseconds that only go forward, for durations and time limits. */
int64_t clock_elapsed(void);

/* "2026-11-22T01:02:03.000004Z" (RFC 3339). Years 0001 to 9999; outside of them it is clipped. */
const char *instant_text(int64_t instant, char text[INSTANT_TEXT_SIZE]);

/* RFC 3339 with any offset and up to nine digits of a second (more than six are cut). */
must_use bool instant_parse(struct str, int64_t *instant);

/* "2026-11-22" */
const char *date_text(int64_t days, char text[DATE_TEXT_SIZE]);
must_use bool date_parse(struct str, int64_t *days);

#endif
