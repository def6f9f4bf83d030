/* Owns the threads that run handlers, and the bounded queue before them. */
#ifndef XIEDUN_HTTP_WORKERS_H
#define XIEDUN_HTTP_WORKERS_H

#include "http/exchange.h"

struct workers;

/* Runs one exchange on a worker, with that worker's arena; the arena is cleared when it returns. */
typedef void workers_run_fn(struct exchange *, struct arena *, void *context);

/* `limit` exchanges may wait. MSG_SYSTEM_FAILED. */
must_use bool workers_start(int count, size_t limit, workers_run_fn *, void *context,
			    struct workers **, struct err *);

/* False when as many wait as may. */
must_use bool workers_submit(struct workers *, struct exchange *);

/* Exchanges that wait or run. */
size_t workers_busy(struct workers *);

/* Lets what is queued run and ends the threads; NULL is fine. No one may submit any more. */
void workers_free(struct workers *);

#endif
