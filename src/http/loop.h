/* Owns an event thread: it accepts connections and runs their state machines. */
#ifndef XIEDUN_HTTP_LOOP_H
#define XIEDUN_HTTP_LOOP_H

#include <pthread.h>

#include "http/service.h"

struct loop;

/* The certificate in use, an own reference; NULL: in clear. */
typedef struct ssl_ctx_st *loop_context_fn(void *of);

/* `listener` is shared with other loops and must outlive them. MSG_SYSTEM_FAILED. */
must_use bool loop_start(struct service *, int listener, loop_context_fn *, void *of,
			 struct loop **, struct err *);

/* Gives an answered exchange back to its connection's loop. Any thread. */
void loop_answered(struct exchange *);

/* Looks at the service's phase at once. Any thread. */
void loop_wake(struct loop *);

/* Waits for the thread, which ends in PHASE_ENDED; NULL is fine. */
void loop_free(struct loop *);

#endif
