#include "identity/internal.h"

#include <arpa/inet.h>

#include "base/encode.h"

#define HOUR SECONDS(60 * 60)
#define DAY  (24 * HOUR)

/*
 * Who tries is counted three ways. An address that has signed in to the account before is held up
 * only by its own failures with this login, so that no outsider can lock its people out. Logins are
 * counted in 65,536 buckets of a keyed hash: the same for those that exist and those that do not,
 * and nothing that could be a mistyped password is stored.
 */
struct allowance {
	int free; /* failures without delay; then 1 s, 2 s, 4 s … */
	int64_t ceiling;
};

static const struct allowance pair_unknown = { 3, SECONDS(15 * 60) };
static const struct allowance pair_known = { 5, SECONDS(60) };
static const struct allowance address_unknown = { 20, SECONDS(15 * 60) };
static const struct allowance bucket_unknown = { 10, SECONDS(60) };

#define FORGOTTEN_AFTER HOUR /* a counter starts again */

/* A counter that is held is not touched: no row comes back. */
static const char SQL_COUNT[] =
	"INSERT INTO sign_in_counter (key, failures, seen, held_until) VALUES (:key, 1, :now, 0) "
	"ON CONFLICT (key) DO UPDATE SET seen = :now, "
	"failures = CASE WHEN sign_in_counter.seen < :forgotten THEN 1 ELSE "
	"sign_in_counter.failures + 1 END "
	"WHERE sign_in_counter.held_until <= :now RETURNING failures";
static const char SQL_HOLD[] = "UPDATE sign_in_counter SET held_until = :until WHERE key = :key";
static const char SQL_HELD[] = "SELECT held_until FROM sign_in_counter WHERE key = :key";
static const char SQL_GIVE_BACK[] = "UPDATE sign_in_counter SET failures = failures - 1, "
				    "held_until = 0 WHERE key = :key AND failures > 0";
static const char SQL_FORGET[] = "DELETE FROM sign_in_counter WHERE key = :key";
static const char SQL_IS_KNOWN[] =
	"SELECT 1 FROM sign_in_known k JOIN account a ON a.id = k.account "
	"WHERE a.login = :login AND k.address = :address";
static const char SQL_REMEMBER[] =
	"INSERT INTO sign_in_known (account, address, seen) VALUES (:account, :address, :now) "
	"ON CONFLICT (account, address) DO UPDATE SET seen = :now";
static const struct {
	const char *sql;
	int64_t age;
} prunings[] = {
	{ "DELETE FROM sign_in_counter WHERE seen < :before", DAY },
	{ "DELETE FROM sign_in_known WHERE seen < :before", 90 * DAY },
};

static struct digest keyed(const struct identity *identity, const char *kind, struct str a,
			   struct str b)
{
	auto_writer value = { 0 };

	writer_printf(&value, "%s\n", kind);
	writer_put(&value, a);
	writer_byte(&value, '\n');
	writer_put(&value, b);

	return keyring_blind(identity->keyring, STR("identity.sign_in"), writer_str(&value));
}

/* An IPv6 network of /64 counts as one address: whoever has one address of it has them all. */
static struct str source_text(struct str address, char text[INET6_ADDRSTRLEN])
{
	struct in6_addr six;

	if (address.len >= INET6_ADDRSTRLEN)
		return str_sub(address, 0, INET6_ADDRSTRLEN);
	(void)snprintf(text, INET6_ADDRSTRLEN, "%.*s", STR_ARGS(address));
	if (inet_pton(AF_INET6, text, &six) == 1 && !IN6_IS_ADDR_V4MAPPED(&six)) {
		memset(six.s6_addr + 8, 0, 8);
		(void)inet_ntop(AF_INET6, &six, text, INET6_ADDRSTRLEN);
	}
	return str_of(text);
}

static int64_t delay_after(const struct allowance *allowance, int64_t failures)
{
	int64_t over = failures - allowance->free;

	if (over <= 0)
		return 0;
	if (over > 20 || SECONDS(1) << (over - 1) > allowance->ceiling)
		return allowance->ceiling;
	return SECONDS(1) << (over - 1);
}

static bool held(struct conn *conn, const struct digest *key, int64_t now, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_HELD);
	bool found;

	query_blob(&query, "key", digest_str(key));
	if (!query_one(&query, &found, err))
		return false;

	int64_t wait = found ? column_int(&query, 0) - now : 0;

	if (!query_end(&query, err))
		return false;
	return fail(err, MSG_SIGN_IN_LATER, (wait > 0 ? wait : 0) / SECONDS(1) + 1);
}

static bool count(struct conn *conn, const struct digest *key, const struct allowance *allowance,
		  int64_t now, struct err *err)
{
	auto_query struct query query = query_start(conn, SQL_COUNT);
	bool found;

	query_blob(&query, "key", digest_str(key));
	query_int(&query, "now", now);
	query_int(&query, "forgotten", now - FORGOTTEN_AFTER);
	if (!query_one(&query, &found, err))
		return false;

	int64_t delay = found ? delay_after(allowance, column_int(&query, 0)) : 0;

	if (!query_end(&query, err))
		return false;
	if (!found)
		return held(conn, key, now, err);
	if (delay == 0)
		return true;

	auto_query struct query hold = query_start(conn, SQL_HOLD);

	query_int(&hold, "until", now + delay);
	query_blob(&hold, "key", digest_str(key));
	return query_run(&hold, NULL, err);
}

static bool count_attempt(struct conn *conn, void *context, struct err *err)
{
	struct attempt *attempt = context;
	auto_query struct query query = query_start(conn, SQL_IS_KNOWN);

	query_text(&query, "login", attempt->login);
	query_blob(&query, "address", digest_str(&attempt->source));
	if (!query_one(&query, &attempt->known, err) || !query_end(&query, err))
		return false;
	if (attempt->known)
		return count(conn, &attempt->pair, &pair_known, attempt->now, err);

	return count(conn, &attempt->pair, &pair_unknown, attempt->now, err) &&
	       count(conn, &attempt->address, &address_unknown, attempt->now, err) &&
	       count(conn, &attempt->bucket, &bucket_unknown, attempt->now, err);
}

bool attempt_begin(struct identity *identity, struct str login, struct str address,
		   struct attempt *attempt, struct err *err)
{
	char text[INET6_ADDRSTRLEN];
	struct str source = source_text(address, text);
	struct digest name = keyed(identity, "login", login, STR(""));
	struct str bucket = { (const char *)name.bytes, 2 };

	*attempt = (struct attempt){
		.identity = identity,
		.login = login,
		.source = keyed(identity, "source", source, STR("")),
		.pair = keyed(identity, "pair", bucket, source),
		.address = keyed(identity, "address", source, STR("")),
		.bucket = keyed(identity, "bucket", bucket, STR("")),
		.now = clock_now(),
	};
	return store_write(identity->store, count_attempt, attempt, err);
}

static bool on_counter(struct conn *conn, const char *sql, const struct digest *key,
		       struct err *err)
{
	auto_query struct query query = query_start(conn, sql);

	query_blob(&query, "key", digest_str(key));
	return query_run(&query, NULL, err);
}

bool attempt_succeed(struct conn *conn, const struct attempt *attempt, int64_t account,
		     struct err *err)
{
	/* A known address was not counted there: its successes must not free others' counts. */
	if (!attempt->known && (!on_counter(conn, SQL_GIVE_BACK, &attempt->address, err) ||
				!on_counter(conn, SQL_GIVE_BACK, &attempt->bucket, err)))
		return false;
	if (!on_counter(conn, SQL_FORGET, &attempt->pair, err))
		return false;

	auto_query struct query query = query_start(conn, SQL_REMEMBER);

	query_int(&query, "account", account);
	query_blob(&query, "address", digest_str(&attempt->source));
	query_int(&query, "now", attempt->now);
	return query_run(&query, NULL, err);
}

bool back_off_prune(struct conn *conn, int64_t now, struct err *err)
{
	for (size_t i = 0; i < nitems(prunings); i++) {
		auto_query struct query query = query_start(conn, prunings[i].sql);

		query_int(&query, "before", now - prunings[i].age);
		if (!query_run(&query, NULL, err))
			return false;
	}
	return true;
}
