/* The ledger: its state, proofs, and the log's own files for anyone who checks them. */
#include "api/route.h"
#include "base/clock.h"
#include "base/encode.h"

static bool status(struct call *call, struct err *err)
{
	struct ledger_status state;
	auto_writer key = { 0 }, root = { 0 };
	char when[INSTANT_TEXT_SIZE];

	if (!ledger_status(call->use->ledger, &state, err))
		return false;
	ledger_verifier_key(call->use->ledger, &key);
	base64_write(&root, digest_str(&state.root));
	json_object(&call->json);
	json_put_int(&call->json, "epoch", state.epoch);
	json_put_int(&call->json, "size", state.size);
	json_put_int(&call->json, "waiting", state.waiting);
	json_put_text(&call->json, "published", instant_text(state.published, when));
	json_put_str(&call->json, "root", writer_str(&root));
	json_put_str(&call->json, "verifier_key", writer_str(&key));
	json_object_end(&call->json);
	return true;
}

static bool proof(struct call *call, struct err *err)
{
	struct str text;
	int64_t entry, epoch, position;
	bool found;

	if (!http_query_value(call->request, "entry", &text, err))
		return false;
	if (!text.at || !str_to_int(text, &entry) || entry < 1)
		return fail(err, MSG_QUERY_MALFORMED, "entry",
			    call->language == LANGUAGE_ZH ? "账本条目编号(正整数)"
							  : "the number of an entry (positive)");
	if (!ledger_position(call->use->ledger, entry, &epoch, &position, &found, err))
		return false;
	if (!found)
		return fail(err, MSG_LEDGER_WAITING, entry);
	return ledger_prove(call->use->ledger, position, &call->response->body, err);
}

static bool log_file(struct call *call, struct err *err)
{
	struct str path = call->value[0];

	/* A checkpoint changes; a tile or bundle under its full name never does. */
	if (!str_is(path, "checkpoint") && !str_ends(path, "/checkpoint"))
		http_response_header(call->response, "Cache-Control",
				     STR("public, max-age=31536000, immutable"));
	call->response->content_type = str_ends(path, "checkpoint") ? "text/plain; charset=utf-8"
								    : "application/octet-stream";
	return ledger_file(call->use->ledger, path, &call->response->body, err);
}

/* Hashes tell nothing; entries tell who did what, so they want a permission. */
static bool open_file(struct call *call, struct err *err)
{
	if (str_starts(call->value[0], "tile/entries/"))
		return fail(err, MSG_SIGN_IN_NEEDED);
	return log_file(call, err);
}

static const struct route_query of_proof[] = {
	{ "entry", "integer", "条目编号,见记录历史",
	  "number of the entry, as the record's history gives it" },
};

static const struct route rows[] = {
	{ .method = HTTP_GET,
	  .path = "/api/v1/ledger",
	  .operation = "ledger",
	  .tag = "ledger",
	  .zh = "账本状态",
	  .en = "State of the ledger",
	  .access = ROUTE_SESSION,
	  .status = 200,
	  .answer = "Ledger",
	  .handle = status },
	{ .method = HTTP_GET,
	  .path = "/api/v1/ledger/proof",
	  .operation = "proof",
	  .tag = "ledger",
	  .zh = "一个条目的存在证明(c2sp.org/tlog-proof@v1)",
	  .en = "Proof that an entry is in the log (c2sp.org/tlog-proof@v1)",
	  .access = ROUTE_SESSION,
	  .permission = "ledger.read",
	  .status = 200,
	  .content = "text/plain; charset=utf-8",
	  .query = of_proof,
	  .query_count = nitems(of_proof),
	  .handle = proof },
	{ .method = HTTP_GET,
	  .path = "/api/v1/ledger/{path*}",
	  .operation = "ledgerFile",
	  .tag = "ledger",
	  .zh = "日志文件,包括条目(tile/entries/…)",
	  .en = "Files of the log, entries too (tile/entries/…)",
	  .access = ROUTE_SESSION,
	  .permission = "ledger.read",
	  .status = 200,
	  .content = "application/octet-stream",
	  .handle = log_file },
	{ .method = HTTP_GET,
	  .path = "/log/{path*}",
	  .operation = "logFile",
	  .tag = "ledger",
	  .zh = "检查点与散列瓦片(C2SP tlog-tiles),无需登录",
	  .en = "Checkpoint and hash tiles (C2SP tlog-tiles), without sign-in",
	  .status = 200,
	  .content = "application/octet-stream",
	  .handle = open_file },
};

const struct route_list ledger_routes = { rows, nitems(rows) };
