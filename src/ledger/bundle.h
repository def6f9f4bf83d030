/* Owns entry bundles: entries one after another, each with its length before it as big-endian
 * uint16 (C2SP tlog-tiles). */
#ifndef XIEDUN_LEDGER_BUNDLE_H
#define XIEDUN_LEDGER_BUNDLE_H

#include "base/writer.h"

enum { ENTRY_SIZE_MAX = 65535 };

/* `entry` is at most ENTRY_SIZE_MAX bytes. */
void bundle_put(struct writer *, struct str entry);

/* Takes the next entry off the front; false at the end or when the rest is no whole entry (*rest is
 * then not empty). */
must_use bool bundle_next(struct str *rest, struct str *entry);

#endif
