/* Owns what the dispatcher and the operating routes share: the interface's state and its counters. */
#ifndef XIEDUN_API_DISPATCH_H
#define XIEDUN_API_DISPATCH_H

#include "api/route.h"
#include "base/memory.h"

enum { TIME_BUCKETS = 8 };

/* Upper limits of the histogram of /metrics, in microseconds; the last bucket has none. */
extern const int64_t api_time_limits[TIME_BUCKETS - 1];

struct api {
	struct api_config use;
	int64_t started;
	_Atomic bool stopping;
	struct http_server *_Atomic server;
	_Atomic int64_t times[TIME_BUCKETS];
	_Atomic int64_t time_sum; /* microseconds */
};

void api_count(struct api *, int64_t microseconds);

#endif
