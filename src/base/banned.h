/* Owns the list of C functions that nobody here may call: each has a bounded or reentrant sister. */
#ifndef XIEDUN_BASE_BANNED_H
#define XIEDUN_BASE_BANNED_H

/* The headers that declare them come first, so that only our own uses are refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* With clang, glibc's fortified headers make macros of some. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets atoi atol atof ctime asctime system

#endif
