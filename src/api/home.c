/* The addresses that need no sign-in: first page, health, the interface's description. */
#include <stdatomic.h>

#include "api/dispatch.h"
#include "base/clock.h"

static const char page[] =
	"<!doctype html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\">"
	"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>械盾 "
	"Xiedun</title><style>"
	":root{color-scheme:light "
	"dark}body{margin:0;background:#f2f4f1;color:#17201d;font:16px/1.6 \"IBM Plex Sans\","
	"\"PingFang SC\",\"Microsoft YaHei UI\",\"Noto Sans CJK "
	"SC\",sans-serif}main{max-width:44rem;margin:8vh auto;"
	"padding:32px 40px;background:#fff;border:1px solid "
	"#dce1dd;border-radius:3px}h1{font-size:26px;line-height:32px;"
	"margin:0 0 4px;font-weight:600}p{margin:4px 0 "
	"16px}dl{display:grid;grid-template-columns:minmax(8rem,auto) 1fr;"
	"gap:0;margin:20px 0 0;border-top:1px solid #17201d}dt,dd{margin:0;padding:7px 20px 7px 0;"
	"border-bottom:1px solid #dce1dd}dt{color:#46514d}dd{overflow-wrap:anywhere;"
	"font-variant-numeric:tabular-nums}code{font:14px/1.5 \"IBM Plex "
	"Mono\",ui-monospace,monospace}"
	"a{color:inherit;text-underline-offset:3px}.en{color:#46514d}@media(max-width:600px){main{"
	"margin:0;border:0;"
	"padding:24px "
	"20px;min-height:100vh}dl{grid-template-columns:1fr}dt{border:0;padding-bottom:0}}"
	"@media(prefers-color-scheme:dark){body{background:#101413;color:#e4e9e6}main{background:#"
	"161b19;"
	"border-color:#2a322f}dl{border-color:#e4e9e6}dt,.en{color:#adb8b3}dt,dd{border-color:#"
	"2a322f}}"
	"</style></head><body><main><h1>械盾 Xiedun</h1>"
	"<p>医疗器械信息安全管理服务器<br><span class=\"en\" lang=\"en\">Information security of "
	"medical devices: "
	"the server is running.</span></p><dl>";

static void put_html(struct writer *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		switch (text.at[i]) {
		case '<':
			writer_text(out, "&lt;");
			break;
		case '>':
			writer_text(out, "&gt;");
			break;
		case ':': /* a fingerprint breaks between its bytes */
			writer_text(out, ":<wbr>");
			break;
		case '&':
			writer_text(out, "&amp;");
			break;
		default:
			writer_byte(out, text.at[i]);
		}
	}
}

static void put_row(struct writer *out, const char *zh, const char *en, struct str value,
		    const char *link)
{
	writer_printf(out, "<dt>%s <span class=\"en\" lang=\"en\">%s</span></dt><dd>", zh, en);
	if (link)
		writer_printf(out, "<a href=\"%s\">", link);
	writer_text(out, "<code>");
	put_html(out, value);
	writer_printf(out, "</code>%s</dd>", link ? "</a>" : "");
}

/* One word that a person and a monitor both understand. */
static const char *condition(const struct call *call)
{
	if (atomic_load(&call->api->stopping))
		return "stopping";
	return ledger_trouble(call->use->ledger) ? "read-only" : "ok";
}

static bool home(struct call *call, struct err *err unused)
{
	struct writer *out = &call->response->body;

	writer_text(out, page);
	put_row(out, "版本", "Version", str_of(call->use->edition), NULL);
	put_row(out, "状态", "Health", str_of(condition(call)), "/health");
	if (call->use->fingerprint.at)
		put_row(out, "证书指纹", "Certificate", call->use->fingerprint, NULL);
	put_row(out, "接口说明", "Interface", STR("OpenAPI 3.1"), "/api/v1/openapi.json");
	put_row(out, "日志检查点", "Ledger", STR("checkpoint"), "/log/checkpoint");
	writer_text(out, "</dl><p style=\"margin:20px 0 0\">命令行登录:<code>xiedun login "
			 "本机地址</code><br>"
			 "<span class=\"en\" lang=\"en\">From the command line: <code>xiedun login "
			 "ADDRESS</code></span></p>"
			 "</main></body></html>\n");
	return true;
}

static bool health(struct call *call, struct err *err)
{
	struct ledger_status ledger;
	const struct err *trouble = ledger_trouble(call->use->ledger);
	char when[INSTANT_TEXT_SIZE];

	if (!ledger_status(call->use->ledger, &ledger, err))
		return false;
	if (trouble || atomic_load(&call->api->stopping))
		call->status = 503;
	json_object(&call->json);
	json_put_text(&call->json, "status", condition(call));
	json_put_text(&call->json, "version", call->use->edition);
	if (trouble)
		json_put_text(&call->json, "trouble", message_code(trouble->message));
	json_key(&call->json, "ledger");
	json_object(&call->json);
	json_put_int(&call->json, "epoch", ledger.epoch);
	json_put_int(&call->json, "size", ledger.size);
	json_put_int(&call->json, "waiting", ledger.waiting);
	json_key(&call->json, "published");
	if (ledger.published > 0)
		json_text(&call->json, instant_text(ledger.published, when));
	else
		json_null(&call->json);
	json_object_end(&call->json);
	json_object_end(&call->json);
	return true;
}

static bool description(struct call *call, struct err *err unused)
{
	openapi_write(call->types, call->use->edition, &call->response->body);
	return true;
}

static const struct route rows[] = {
	{ .method = HTTP_GET,
	  .path = "/",
	  .operation = "home",
	  .tag = "server",
	  .zh = "首页",
	  .en = "First page",
	  .status = 200,
	  .content = "text/html; charset=utf-8",
	  .handle = home },
	{ .method = HTTP_GET,
	  .path = "/health",
	  .operation = "health",
	  .tag = "server",
	  .zh = "运行状态",
	  .en = "State of the server; 503 while it cannot take writes",
	  .status = 200,
	  .answer = "Health",
	  .handle = health },
	{ .method = HTTP_GET,
	  .path = "/api/v1/openapi.json",
	  .operation = "description",
	  .tag = "server",
	  .zh = "本接口的说明(OpenAPI 3.1)",
	  .en = "This description (OpenAPI 3.1)",
	  .status = 200,
	  .answer = "Any",
	  .handle = description },
};

const struct route_list home_routes = { rows, nitems(rows) };
