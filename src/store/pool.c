#include "store/parts.h"

#include "base/memory.h"

void pool_init(struct pool *pool, const struct conn_options *options, int count)
{
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_cond_init(&pool->given_back, NULL);
	pool->options = *options;
	pool->idle = memory_zero((size_t)count, sizeof(struct conn *));
	pool->idle_count = pool->count = count;
}

bool pool_fill(struct pool *pool, struct err *err)
{
	for (int i = 0; i < pool->count; i++) {
		if (!conn_open(&pool->options, &pool->idle[i], err))
			return false;
	}
	return true;
}

void pool_release(struct pool *pool)
{
	if (!pool->idle)
		return;
	assert(pool->idle_count == pool->count);
	for (int i = 0; i < pool->count; i++)
		conn_close(pool->idle[i]);
	free(pool->idle);
	pthread_mutex_destroy(&pool->mutex);
	pthread_cond_destroy(&pool->given_back);
}

static struct conn *pool_take(struct pool *pool)
{
	pthread_mutex_lock(&pool->mutex);
	while (pool->idle_count == 0)
		pthread_cond_wait(&pool->given_back, &pool->mutex);

	struct conn *conn = pool->idle[--pool->idle_count];

	pthread_mutex_unlock(&pool->mutex);
	return conn;
}

void pool_give(struct pool *pool, struct conn *conn)
{
	pthread_mutex_lock(&pool->mutex);
	pool->idle[pool->idle_count++] = conn;
	pthread_cond_signal(&pool->given_back);
	pthread_mutex_unlock(&pool->mutex);
}

bool pool_begin(struct pool *pool, const char *begin, struct conn **to, struct err *err)
{
	struct conn *conn = pool_take(pool);

	/* A server that was started again shows only at the first use: nothing is lost by a second
	 * try with a new connection. */
	for (int try = 0; try < 2; try++) {
		if (conn && !conn->driver->alive(conn)) {
			conn_close(conn);
			conn = NULL;
		}
		if (!conn && !conn_open(&pool->options, &conn, err)) {
			conn = NULL;
			break;
		}
		if (conn_begin(conn, begin, err)) {
			*to = conn;
			return true;
		}
		if (conn->driver->alive(conn))
			break;
	}
	pool_give(pool, conn);
	return false;
}
