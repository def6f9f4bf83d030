#include "http/workers.h"

#include <pthread.h>

#include "base/file.h"
#include "base/memory.h"

enum { STACK_BYTES = 256 * 1024, ARENA_BYTES = 32 * 1024 * 1024 };

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct exchange *first, **last;
	size_t waiting, running, limit;
	bool ending;
	workers_run_fn *run;
	void *context;
	size_t count;
	pthread_t threads[];
};

/* The next exchange, or NULL when the workers end and none waits. */
static struct exchange *take(struct workers *workers)
{
	struct exchange *exchange;

	pthread_mutex_lock(&workers->lock);
	while (!workers->first && !workers->ending)
		pthread_cond_wait(&workers->filled, &workers->lock);
	exchange = workers->first;
	if (exchange) {
		workers->first = exchange->next;
		if (!workers->first)
			workers->last = &workers->first;
		workers->waiting--;
		workers->running++;
	}
	pthread_mutex_unlock(&workers->lock);
	return exchange;
}

static void *work(void *argument)
{
	struct workers *workers = argument;
	auto_arena arena = arena_new(ARENA_BYTES);
	struct exchange *exchange;

	while ((exchange = take(workers))) {
		workers->run(exchange, arena, workers->context);
		arena_clear(arena);
		pthread_mutex_lock(&workers->lock);
		workers->running--;
		pthread_mutex_unlock(&workers->lock);
	}
	return NULL;
}

bool workers_start(int count, size_t limit, workers_run_fn *run, void *context,
		   struct workers **started, struct err *err)
{
	struct workers *workers =
		memory_zero(1, sizeof(*workers) + (size_t)count * sizeof(pthread_t));
	pthread_attr_t attributes;
	int number = 0;

	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->filled, NULL);
	workers->last = &workers->first;
	workers->limit = limit;
	workers->run = run;
	workers->context = context;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	for (int i = 0; i < count && number == 0; i++) {
		number = pthread_create(&workers->threads[i], &attributes, work, workers);
		workers->count += number == 0;
	}
	pthread_attr_destroy(&attributes);
	if (number != 0) {
		workers_free(workers);
		return fail(err, MSG_SYSTEM_FAILED, "pthread_create", errno_text(number));
	}
	*started = workers;
	return true;
}

bool workers_submit(struct workers *workers, struct exchange *exchange)
{
	bool room;

	pthread_mutex_lock(&workers->lock);
	room = workers->waiting < workers->limit;
	if (room) {
		exchange->next = NULL;
		*workers->last = exchange;
		workers->last = &exchange->next;
		workers->waiting++;
		pthread_cond_signal(&workers->filled);
	}
	pthread_mutex_unlock(&workers->lock);
	return room;
}

size_t workers_busy(struct workers *workers)
{
	size_t busy;

	pthread_mutex_lock(&workers->lock);
	busy = workers->waiting + workers->running;
	pthread_mutex_unlock(&workers->lock);
	return busy;
}

void workers_free(struct workers *workers)
{
	if (!workers)
		return;
	pthread_mutex_lock(&workers->lock);
	workers->ending = true;
	pthread_cond_broadcast(&workers->filled);
	pthread_mutex_unlock(&workers->lock);
	for (size_t i = 0; i < workers->count; i++)
		pthread_join(workers->threads[i], NULL);
	pthread_cond_destroy(&workers->filled);
	pthread_mutex_destroy(&workers->lock);
	free(workers);
}
