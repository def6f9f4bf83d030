/* Owns what keeps the memory of a process with keys away from others: no cores, no tracing by the
 * same user. */
#ifndef XIEDUN_CRYPTO_HARDEN_H
#define XIEDUN_CRYPTO_HARDEN_H

#include "base/compiler.h"

/*
 * No core file, not dumpable (prctl(2), PR_SET_DUMPABLE): other processes of the same user cannot
 * attach or read its memory. For the whole process, before the root key is read; aborts when the
 * kernel refuses, which it has no reason to.
 */
void process_harden(void);

#endif
