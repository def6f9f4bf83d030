#include "crypto/password.h"

#include <pthread.h>

#include "base/encode.h"
#include "base/random.h"
#include "crypto/argon.h"
#include "crypto/digest.h"
#include "crypto/secret.h"

enum { HASH_SIZE = 32, RUNNING_MAX = 2, MEMORY_MAX = 1 << 20, PASSES_MAX = 10 };

/* Stronger than OWASP's floor of 19 MiB and two passes (ASVS 5.0, appendix C); about 50 ms on one
 * core. */
static const struct argon_cost today = { .memory = 24 * 1024, .passes = 2, .lanes = 1 };

/* What a stored string says. */
struct stored {
	struct argon_cost cost;
	uint8_t salt[ARGON_SALT_SIZE];
	uint8_t hash[HASH_SIZE];
};

/* Each takes 24 MiB and a core: more than two at once would let strangers who sign in starve the
 * server. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t left;
	int running;
} gate = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };

static void derive(const struct argon_cost *cost, struct str password, const uint8_t *salt,
		   struct secret *hash)
{
	(void)pthread_mutex_lock(&gate.lock);
	while (gate.running == RUNNING_MAX)
		(void)pthread_cond_wait(&gate.left, &gate.lock);
	gate.running++;
	(void)pthread_mutex_unlock(&gate.lock);

	argon_derive(cost, password, salt, hash->bytes, HASH_SIZE);

	(void)pthread_mutex_lock(&gate.lock);
	gate.running--;
	(void)pthread_cond_signal(&gate.left);
	(void)pthread_mutex_unlock(&gate.lock);
}

/* Base64 without padding, as PHC strings have it. */
static void write_bare(struct writer *out, const void *bytes, size_t size)
{
	auto_writer padded = { 0 };

	base64_write(&padded, (struct str){ bytes, size });
	while (padded.len > 0 && padded.at[padded.len - 1] == '=')
		padded.len--;
	writer_put(out, writer_str(&padded));
}

static bool parse_bare(struct str text, void *to, size_t size)
{
	auto_writer padded = { 0 }, bytes = { 0 };

	writer_put(&padded, text);
	while (padded.len % 4 != 0)
		writer_byte(&padded, '=');
	if (text.len != (size * 8 + 5) / 6 || !base64_parse(writer_str(&padded), &bytes) ||
	    bytes.len != size)
		return false;
	memcpy(to, bytes.at, size);
	return true;
}

/* "m=24576" off the list: a number from 1 to `max`. */
static bool parse_parameter(struct str *list, const char *name, int64_t max, uint32_t *value)
{
	struct str part;
	int64_t number;

	if (!str_split(list, ',', &part) || !str_starts(part, name) ||
	    !str_to_int(str_sub(part, strlen(name), part.len), &number) || number < 1 ||
	    number > max)
		return false;
	*value = (uint32_t)number;
	return true;
}

static bool parse_stored(struct str phc, struct stored *stored)
{
	struct str part[6];

	for (size_t i = 0; i < nitems(part); i++) {
		if (!str_split(&phc, '$', &part[i]))
			return false;
	}
	return !phc.at && part[0].len == 0 && str_is(part[1], "argon2id") &&
	       str_is(part[2], "v=19") &&
	       parse_parameter(&part[3], "m=", MEMORY_MAX, &stored->cost.memory) &&
	       parse_parameter(&part[3], "t=", PASSES_MAX, &stored->cost.passes) &&
	       parse_parameter(&part[3], "p=", 1, &stored->cost.lanes) && !part[3].at &&
	       stored->cost.memory >= 8 &&
	       parse_bare(part[4], stored->salt, sizeof(stored->salt)) &&
	       parse_bare(part[5], stored->hash, sizeof(stored->hash));
}

bool password_hash(struct str password, struct writer *phc, struct err *err)
{
	uint8_t salt[ARGON_SALT_SIZE];
	auto_secret hash;

	if (password.len > PASSWORD_MAX)
		return fail(err, MSG_PASSWORD_LONG, (int64_t)PASSWORD_MAX);
	random_bytes(salt, sizeof(salt));
	derive(&today, password, salt, &hash);
	writer_printf(phc, "$argon2id$v=19$m=%u,t=%u,p=%u$", today.memory, today.passes,
		      today.lanes);
	write_bare(phc, salt, sizeof(salt));
	writer_byte(phc, '$');
	write_bare(phc, hash.bytes, HASH_SIZE);
	return writer_check(phc, err);
}

void password_pretend(struct str password)
{
	static const uint8_t salt[ARGON_SALT_SIZE];
	auto_secret hash;

	derive(&today, str_sub(password, 0, PASSWORD_MAX), salt, &hash);
}

bool password_matches(struct str password, struct str phc)
{
	struct stored stored;
	auto_secret hash;

	if (password.len > PASSWORD_MAX || !parse_stored(phc, &stored)) {
		password_pretend(password);
		return false;
	}
	derive(&stored.cost, password, stored.salt, &hash);
	return secret_equal((struct str){ (const char *)hash.bytes, HASH_SIZE },
			    (struct str){ (const char *)stored.hash, HASH_SIZE });
}

bool password_is_old(struct str phc)
{
	struct stored stored;

	return !parse_stored(phc, &stored) || stored.cost.memory < today.memory ||
	       stored.cost.passes < today.passes;
}
