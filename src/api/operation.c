/* Running the server: figures, keys, backups. */
#include <stdatomic.h>

#include "api/dispatch.h"
#include "base/clock.h"

const int64_t api_time_limits[TIME_BUCKETS - 1] = {
	1000, 2000, 5000, 10000, 50000, 200000, 1000000
};

void api_count(struct api *api, int64_t microseconds)
{
	size_t bucket = 0;

	while (bucket < TIME_BUCKETS - 1 && microseconds > api_time_limits[bucket])
		bucket++;
	atomic_fetch_add_explicit(&api->times[bucket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&api->time_sum, microseconds, memory_order_relaxed);
}

static void put_own_metrics(struct api *api, struct writer *out)
{
	int64_t sum = 0;

	writer_text(out, "# TYPE xiedun_request_seconds histogram\n");
	for (size_t i = 0; i < TIME_BUCKETS; i++) {
		sum += atomic_load(&api->times[i]);
		if (i < TIME_BUCKETS - 1)
			writer_printf(out, "xiedun_request_seconds_bucket{le=\"%g\"} %lld\n",
				      (double)api_time_limits[i] / 1e6, (long long)sum);
		else
			writer_printf(out, "xiedun_request_seconds_bucket{le=\"+Inf\"} %lld\n",
				      (long long)sum);
	}
	writer_printf(out, "xiedun_request_seconds_sum %.6f\nxiedun_request_seconds_count %lld\n",
		      (double)atomic_load(&api->time_sum) / 1e6, (long long)sum);
	writer_printf(out, "# TYPE xiedun_up_seconds gauge\nxiedun_up_seconds %lld\n",
		      (long long)((clock_now() - api->started) / SECONDS(1)));
}

static bool metrics(struct call *call, struct err *err unused)
{
	struct writer *out = &call->response->body;
	struct http_server *server = atomic_load(&call->api->server);

	put_own_metrics(call->api, out);
	if (server)
		http_server_metrics(server, out);
	store_metrics(call->use->store, out);
	ledger_metrics(call->use->ledger, out);
	identity_metrics(call->use->identity, out);
	return true;
}

static bool key_status(struct call *call, struct err *err unused)
{
	json_object(&call->json);
	json_put_int(&call->json, "version", keyring_version(call->use->keyring));
	json_object_end(&call->json);
	return true;
}

/* The file is changed first: a rotation that is not in the ledger does no harm, the reverse would be a lie. */
static bool key_rotate(struct call *call, struct err *err)
{
	return keyring_rotate(call->use->keyring, err);
}

static bool key_rotated_apply(struct change *change, struct err *err)
{
	const struct entry entry = { .action = "key.rotate", .type = "keyring" };

	return change_entry(change, &entry, NULL, err);
}

static bool backup(struct call *call, struct err *err)
{
	if (!call->use->backup)
		return fail(err, MSG_BACKUP_NOT_CONFIGURED);
	return call->use->backup(call->use->backup_context, &call->actor, &call->json, err);
}

static const struct route rows[] = {
	{ .method = HTTP_GET,
	  .path = "/metrics",
	  .operation = "metrics",
	  .tag = "server",
	  .zh = "运行指标(Prometheus 文本格式)",
	  .en = "Figures in the Prometheus text format",
	  .access = ROUTE_SESSION,
	  .permission = "server.read",
	  .status = 200,
	  .content = "text/plain; version=0.0.4; charset=utf-8",
	  .handle = metrics },
	{ .method = HTTP_GET,
	  .path = "/api/v1/keys",
	  .operation = "keys",
	  .tag = "server",
	  .zh = "密钥版本",
	  .en = "Version of the key-encryption keys",
	  .access = ROUTE_SESSION,
	  .permission = "server.read",
	  .status = 200,
	  .answer = "Keys",
	  .handle = key_status },
	{ .method = HTTP_POST,
	  .path = "/api/v1/keys/rotate",
	  .operation = "rotateKeys",
	  .tag = "server",
	  .zh = "轮换密钥加密密钥;服务不中断",
	  .en = "Rotate the key-encryption keys while the server runs",
	  .access = ROUTE_SESSION,
	  .permission = "key.rotate",
	  .status = 200,
	  .answer = "Keys",
	  .prepare = key_rotate,
	  .apply = key_rotated_apply,
	  .finish = key_status },
	{ .method = HTTP_POST,
	  .path = "/api/v1/backups",
	  .operation = "backup",
	  .tag = "server",
	  .zh = "立即备份到所设目录;备份的散列记入账本",
	  .en = "Back up to the folder configured; the backup's hash goes into the ledger",
	  .access = ROUTE_SESSION,
	  .permission = "backup.create",
	  .status = 201,
	  .answer = "Backup",
	  .handle = backup },
};

const struct route_list operation_routes = { rows, nitems(rows) };
