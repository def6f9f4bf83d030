#include "identity/session_cache.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/memory.h"

enum { SHARDS = 16, BUCKETS = 512, SHARD_ENTRIES = 1024 };

#define POLL_INTERVAL  (SECONDS(1) / 2)
#define TOUCH_INTERVAL SECONDS(60)

struct shard {
	pthread_mutex_t lock;
	struct cached_session *buckets[BUCKETS];
	size_t count;
};

struct session_cache {
	struct shard shards[SHARDS];
	_Atomic int64_t generation, polled, hits, misses;
};

struct session_cache *session_cache_new(void)
{
	struct session_cache *cache = memory_zero(1, sizeof(*cache));

	for (size_t i = 0; i < SHARDS; i++)
		(void)pthread_mutex_init(&cache->shards[i].lock, NULL);
	atomic_store(&cache->polled, clock_elapsed());
	return cache;
}

void cached_session_free(struct cached_session *session)
{
	if (!session)
		return;
	for (size_t i = 0; i < session->scope.count; i++)
		free((void *)(uintptr_t)session->scope.grants[i].path.at);
	free((void *)(uintptr_t)session->scope.grants);
	free(session);
}

static void empty(struct shard *shard)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		while (shard->buckets[i]) {
			struct cached_session *first = shard->buckets[i];

			shard->buckets[i] = first->next;
			cached_session_free(first);
		}
	}
	shard->count = 0;
}

void session_cache_free(struct session_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		empty(&cache->shards[i]);
		(void)pthread_mutex_destroy(&cache->shards[i].lock);
	}
	free(cache);
}

int64_t session_cache_generation(struct session_cache *cache)
{
	return atomic_load(&cache->generation);
}

void session_cache_saw(struct session_cache *cache, int64_t generation)
{
	int64_t known = atomic_load(&cache->generation);

	while (known < generation &&
	       !atomic_compare_exchange_weak(&cache->generation, &known, generation))
		;
}

bool session_cache_poll_due(struct session_cache *cache)
{
	int64_t last = atomic_load(&cache->polled), now = clock_elapsed();

	return now - last >= POLL_INTERVAL &&
	       atomic_compare_exchange_strong(&cache->polled, &last, now);
}

void session_cache_poll_again(struct session_cache *cache)
{
	atomic_store(&cache->polled, clock_elapsed() - POLL_INTERVAL);
}

static struct shard *shard_of(struct session_cache *cache, const struct digest *token)
{
	return &cache->shards[token->bytes[0] % SHARDS];
}

static struct cached_session **find(struct shard *shard, const struct digest *token)
{
	size_t bucket = ((size_t)token->bytes[1] << 8 | token->bytes[2]) % BUCKETS;
	struct cached_session **at = &shard->buckets[bucket];

	while (*at && !digest_equal(&(*at)->token, token))
		at = &(*at)->next;
	return at;
}

static bool holds(struct session_cache *cache, const struct cached_session *session,
		  const struct cache_use *use)
{
	return session->generation == atomic_load(&cache->generation) &&
	       session->roles == use->roles && use->now < session->scope_until &&
	       use->now < session->expires && use->now < session->last_used + use->idle_limit;
}

static bool copy_scope(const struct scope *from, struct arena *arena, const struct scope **to)
{
	struct scope *scope = arena_take(arena, sizeof(*scope));
	struct scope_grant *grants = arena_array(arena, from->count + 1, sizeof(*grants));

	if (!scope || !grants)
		return false;
	*scope = *from;
	scope->grants = grants;
	for (size_t i = 0; i < from->count; i++) {
		grants[i] = from->grants[i];
		grants[i].path = arena_copy(arena, from->grants[i].path);
	}
	if (arena_over(arena))
		return false;
	*to = scope;
	return true;
}

bool cached_session_use(struct cached_session *session, int64_t now)
{
	if (now > session->last_used)
		session->last_used = now;
	if (now - session->written < TOUCH_INTERVAL)
		return false;
	session->written = now;
	return true;
}

bool cached_session_copy(const struct cached_session *from, int64_t idle_limit, struct arena *arena,
			 struct session *session, const struct scope **scope)
{
	int64_t idle = from->last_used + idle_limit;

	if (!copy_scope(&from->scope, arena, scope))
		return false;
	*session = from->session;
	session->expires = idle < from->expires ? idle : from->expires;
	return true;
}

enum cache_answer session_cache_get(struct session_cache *cache, const struct digest *token,
				    struct cache_use *use, struct arena *arena,
				    struct session *session, const struct scope **scope)
{
	struct shard *shard = shard_of(cache, token);
	enum cache_answer answer = CACHE_MISS;

	(void)pthread_mutex_lock(&shard->lock);

	struct cached_session *found = *find(shard, token);

	if (found && holds(cache, found, use)) {
		use->touch = cached_session_use(found, use->now);
		if (cached_session_copy(found, use->idle_limit, arena, session, scope))
			answer = CACHE_HIT;
	}
	(void)pthread_mutex_unlock(&shard->lock);
	atomic_fetch_add(answer == CACHE_HIT ? &cache->hits : &cache->misses, 1);
	return answer;
}

void session_cache_put(struct session_cache *cache, struct cached_session *session)
{
	struct shard *shard = shard_of(cache, &session->token);

	(void)pthread_mutex_lock(&shard->lock);
	if (shard->count >= SHARD_ENTRIES)
		empty(shard);

	struct cached_session **at = find(shard, &session->token), *old = *at;

	session->next = old ? old->next : NULL;
	if (old && old->last_used > session->last_used)
		session->last_used = old->last_used;
	*at = session;
	if (!old)
		shard->count++;
	(void)pthread_mutex_unlock(&shard->lock);
	cached_session_free(old);
}

void session_cache_metrics(struct session_cache *cache, struct writer *out)
{
	writer_printf(out,
		      "# HELP xiedun_session_lookups_total Requests with a session token, by "
		      "whether it was in memory.\n"
		      "# TYPE xiedun_session_lookups_total counter\n"
		      "xiedun_session_lookups_total{result=\"hit\"} %lld\n"
		      "xiedun_session_lookups_total{result=\"miss\"} %lld\n",
		      (long long)atomic_load(&cache->hits), (long long)atomic_load(&cache->misses));
}
