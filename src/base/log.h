/* Owns the log: one line an event on standard error, safe to read by machine. */
#ifndef XIEDUN_BASE_LOG_H
#define XIEDUN_BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Lines above this level are dropped. Default: LOG_INFO. */
void log_set_level(enum log_level);
must_use bool log_level_parse(struct str, enum log_level *);

/*
 * "2026-11-22T01:02:03.000004Z info ledger: published size=12". Control characters and line ends in
 * the text are escaped, so that no input can forge a line (ASVS 5.0, V16.4.1). Never give it a secret.
 */
void log_line(enum log_level, const char *module, const char *format, ...) printf_like(3, 4);

/* The error in English with its code, at LOG_ERROR; `request` may be NULL. */
void log_err(const char *module, const char *request, const struct err *);

#define log_error(module, ...)   log_line(LOG_ERROR, module, __VA_ARGS__)
#define log_warning(module, ...) log_line(LOG_WARNING, module, __VA_ARGS__)
#define log_info(module, ...)    log_line(LOG_INFO, module, __VA_ARGS__)
#define log_debug(module, ...)   log_line(LOG_DEBUG, module, __VA_ARGS__)

#endif
