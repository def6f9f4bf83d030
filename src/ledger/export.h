/* Owns the export: each epoch as a folder of C2SP tlog-tiles files that a third party checks without our software. */
#ifndef XIEDUN_LEDGER_EXPORT_H
#define XIEDUN_LEDGER_EXPORT_H

#include "store/store.h"

/*
 * Writes DIR/epoch/N/{checkpoint, key, tile/…} for each epoch, in one snapshot; `key` is the verifier key as text. The folder
 * is made; it must be empty (MSG_LEDGER_EXPORT_FOLDER), so that no old tile stays among new ones.
 */
must_use bool ledger_export(struct store *, const char *directory, int64_t *entries,
			    struct err *err);

#endif
