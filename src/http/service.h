/* Owns what all connections of one server share. */
#ifndef XIEDUN_HTTP_SERVICE_H
#define XIEDUN_HTTP_SERVICE_H

#include <stdatomic.h>

#include "http/transport.h"
#include "http/workers.h"

/* How far the server's end has come; it only goes forward. */
enum phase {
	PHASE_RUNNING,
	PHASE_STOPPING, /* no new connections, idle ones close, each answer is its connection's last */
	PHASE_CLOSING, /* only those whose handler runs stay */
	PHASE_ENDED,   /* no handler runs any more */
};

struct service {
	struct http_config config; /* defaults filled in */
	struct workers *workers;
	_Atomic int phase;
	_Atomic int64_t open; /* connections */
	_Atomic int64_t accepted, refused, late,
		broken_handshakes;  /* connections, since the start */
	_Atomic int64_t answers[6]; /* by the status' first digit */
	_Atomic int64_t bytes_in, bytes_out;
};

#endif
