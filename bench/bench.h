/* Owns what every benchmark prints besides its figure: the machine it was measured on. */
#ifndef XIEDUN_BENCH_BENCH_H
#define XIEDUN_BENCH_BENCH_H

#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
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

/* "disk: /tmp, file system 0xef53, 4 KiB append and flush 0.215 ms (median of 201)": what a durable commit costs at least. */
static inline void bench_disk(const char *folder)
{
	enum { TRIES = 201 };
	static const char block[4096] = "x";
	int64_t times[TRIES];
	char path[512];
	struct statfs info = { 0 };

	(void)snprintf(path, sizeof(path), "%s/bench-disk", folder);

	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	for (int i = 0; fd >= 0 && i < TRIES; i++) {
		int64_t start = clock_elapsed(), taken;
		int at = i;

		if (write(fd, block, sizeof(block)) != sizeof(block) || fdatasync(fd) != 0)
			break;
		for (taken = clock_elapsed() - start; at > 0 && times[at - 1] > taken; at--)
			times[at] = times[at - 1];
		times[at] = taken;
	}
	if (fd >= 0)
		(void)close(fd);
	(void)unlink(path);
	(void)statfs(folder, &info);
	printf("disk: %s, file system 0x%lx, 4 KiB append and flush %.3f ms (median of %d)\n",
	       folder, (unsigned long)info.f_type, (double)times[TRIES / 2] / 1000, TRIES);
}

#endif
