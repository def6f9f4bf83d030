/* Owns random bytes from the kernel. */
#ifndef XIEDUN_BASE_RANDOM_H
#define XIEDUN_BASE_RANDOM_H

#include "base/compiler.h"

/* Fills with bytes fit for keys; aborts when the kernel gives none. */
void random_bytes(void *at, size_t len);

#endif
