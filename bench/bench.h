/* Owns what every benchmark prints besides its figure: the machine it was measured on. */
#ifndef XIEDUN_BENCH_BENCH_H
#define XIEDUN_BENCH_BENCH_H

#include <unistd.h>

#include "base/str.h"

/* "machine: AMD EPYC, 2 cores" */
static inline void bench_machine(void)
{
	char line[512], name[256] = "unknown processor";
	FILE *file = fopen("/proc/cpuinfo", "r");

	while (file && fgets(line, sizeof(line), file)) {
		struct str value = str_of(line), key;

		if (str_split(&value, ':', &key) && str_is(str_trim(key), "model name")) {
			(void)snprintf(name, sizeof(name), "%.*s", STR_ARGS(str_trim(value)));
			break;
		}
	}
	if (file)
		(void)fclose(file);
	printf("machine: %s, %ld cores\n", name, sysconf(_SC_NPROCESSORS_ONLN));
}

#endif
