#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

void random_bytes(void *at, size_t len)
{
	unsigned char *to = at;

	while (len > 0) {
		ssize_t got = getrandom(to, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		to += got;
		len -= (size_t)got;
	}
}
