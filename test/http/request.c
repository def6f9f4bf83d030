/* What the server understands and what it refuses, byte for byte over a socket in clear. */
#include <errno.h>

#include "base/file.h"
#include "wire.h"

#define HOST "Host: h\r\n"
#define END  "Connection: close\r\n\r\n"

/* Says what it got: "METHOD path?query body-length". */
static void echo(const struct http_request *request, struct http_response *response, void *context)
{
	(void)context;
	response->status = 200;
	response->content_type = "text/plain; charset=utf-8";
	writer_printf(&response->body, "[%s %.*s?%.*s %lld]", http_method_name(request->method),
		      STR_ARGS(request->path), STR_ARGS(request->query),
		      (long long)request->body_size);
}

static void the_table_of_requests(void)
{
	static const struct {
		const char *name;
		struct str request;
		int status;
		const char *holds;
	} cases[] = {
		{ "GET", STR("GET /a HTTP/1.1\r\n" HOST END), 200, "[GET /a? 0]" },
		{ "HTTP/1.0", STR("GET /a HTTP/1.0\r\n\r\n"), 200, "Connection: close" },
		{ "POST", STR("POST /a HTTP/1.1\r\n" HOST "Content-Length: 3\r\n" END "abc"), 200,
		  "[POST /a? 3]" },
		{ "PUT", STR("PUT /a HTTP/1.1\r\n" HOST "Content-Length: 0\r\n" END), 200,
		  "[PUT /a? 0]" },
		{ "PATCH", STR("PATCH /a HTTP/1.1\r\n" HOST "Content-Length: 1\r\n" END "x"), 200,
		  "[PATCH /a? 1]" },
		{ "DELETE", STR("DELETE /a HTTP/1.1\r\n" HOST END), 200, "[DELETE /a? 0]" },
		{ "OPTIONS", STR("OPTIONS /a HTTP/1.1\r\n" HOST END), 200, "[OPTIONS /a? 0]" },
		{ "empty lines before", STR("\r\n\r\nGET /a HTTP/1.1\r\n" HOST END), 200,
		  "[GET /a? 0]" },
		{ "decoded path", STR("GET /%E6%A2%B0/a%20b?q=%41 HTTP/1.1\r\n" HOST END), 200,
		  "[GET /械/a b?q=%41 0]" },
		{ "chunked",
		  STR("POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n" END
		      "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"),
		  200, "[POST /a? 13]" },
		{ "chunked, any case",
		  STR("POST /a HTTP/1.1\r\n" HOST "transfer-encoding: Chunked\r\n" END "0\r\n\r\n"),
		  200, "[POST /a? 0]" },

		{ "unknown method", STR("BREW /a HTTP/1.1\r\n" HOST "\r\n"), 501, "HTTP_METHOD" },
		{ "lower-case method", STR("get /a HTTP/1.1\r\n" HOST "\r\n"), 501, "HTTP_METHOD" },
		{ "CONNECT", STR("CONNECT h:443 HTTP/1.1\r\n" HOST "\r\n"), 501, "HTTP_METHOD" },
		{ "TRACE", STR("TRACE /a HTTP/1.1\r\n" HOST "\r\n"), 501, "HTTP_METHOD" },
		{ "HTTP/2.0", STR("GET /a HTTP/2.0\r\n" HOST "\r\n"), 505, "HTTP_VERSION" },
		{ "HTTP/1.2", STR("GET /a HTTP/1.2\r\n" HOST "\r\n"), 505, "HTTP_VERSION" },
		{ "HTTP/0.9", STR("GET /a\r\n\r\n"), 400, "HTTP_REQUEST" },
		{ "http/1.1", STR("GET /a http/1.1\r\n" HOST "\r\n"), 400, "HTTP_REQUEST" },
		{ "no version word", STR("GET /a 1.1\r\n" HOST "\r\n"), 400, "HTTP_REQUEST" },
		{ "two spaces", STR("GET  /a HTTP/1.1\r\n" HOST "\r\n"), 400, "HTTP_REQUEST" },
		{ "space in target", STR("GET /a b HTTP/1.1\r\n" HOST "\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "tab in line", STR("GET\t/a HTTP/1.1\r\n" HOST "\r\n"), 400, "HTTP_REQUEST" },
		{ "leading space", STR(" GET /a HTTP/1.1\r\n" HOST "\r\n"), 400, "HTTP_REQUEST" },
		{ "trailing space", STR("GET /a HTTP/1.1 \r\n" HOST "\r\n"), 400, "HTTP_REQUEST" },
		{ "bare line feeds", STR("GET /a HTTP/1.1\nHost: h\n\r\n\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "bare line feed in headers", STR("GET /a HTTP/1.1\r\nHost: h\nX: y\r\n\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "bare carriage return", STR("GET /a HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "no Host", STR("GET /a HTTP/1.1\r\n\r\n"), 400, "HTTP_REQUEST" },
		{ "two Hosts", STR("GET /a HTTP/1.1\r\n" HOST HOST "\r\n"), 400, "HTTP_REQUEST" },
		{ "absolute form", STR("GET http://h/a HTTP/1.1\r\n" HOST "\r\n"), 400,
		  "HTTP_TARGET" },
		{ "asterisk form", STR("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"), 400, "HTTP_TARGET" },
		{ "fragment", STR("GET /a#b HTTP/1.1\r\n" HOST "\r\n"), 400, "HTTP_REQUEST" },
		{ "byte above ASCII", STR("GET /\xe6\xa2\xb0 HTTP/1.1\r\n" HOST "\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "NUL in target", STR("GET /a\0b HTTP/1.1\r\n" HOST "\r\n"), 400, "HTTP_REQUEST" },
		{ "encoded NUL", STR("GET /a%00b HTTP/1.1\r\n" HOST "\r\n"), 400, "HTTP_TARGET" },
		{ "cut encoding", STR("GET /a%4 HTTP/1.1\r\n" HOST "\r\n"), 400, "HTTP_TARGET" },
		{ "lone percent", STR("GET /a% HTTP/1.1\r\n" HOST "\r\n"), 400, "HTTP_TARGET" },
		{ "no hexadecimal", STR("GET /%zz HTTP/1.1\r\n" HOST "\r\n"), 400, "HTTP_TARGET" },
		{ "percent before query", STR("GET /a%?41 HTTP/1.1\r\n" HOST "\r\n"), 400,
		  "HTTP_TARGET" },
		{ "invalid UTF-8", STR("GET /%ff HTTP/1.1\r\n" HOST "\r\n"), 400, "HTTP_TARGET" },
		{ "overlong slash", STR("GET /..%c0%af HTTP/1.1\r\n" HOST "\r\n"), 400,
		  "HTTP_TARGET" },
		{ "parent", STR("GET /a/../b HTTP/1.1\r\n" HOST "\r\n"), 400, "HTTP_TARGET" },
		{ "parent at the end", STR("GET /a/.. HTTP/1.1\r\n" HOST "\r\n"), 400,
		  "HTTP_TARGET" },
		{ "encoded parent", STR("GET /a/%2e%2E/b HTTP/1.1\r\n" HOST "\r\n"), 400,
		  "HTTP_TARGET" },
		{ "encoded slash", STR("GET /a/..%2fb HTTP/1.1\r\n" HOST "\r\n"), 400,
		  "HTTP_TARGET" },
		{ "here", STR("GET /./a HTTP/1.1\r\n" HOST "\r\n"), 400, "HTTP_TARGET" },

		{ "folded line", STR("GET /a HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "folded first", STR("GET /a HTTP/1.1\r\n X: a\r\n" HOST "\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "folded length",
		  STR("POST /a HTTP/1.1\r\n" HOST "Content-Length:\r\n 3\r\n\r\nabc"), 400,
		  "HTTP_REQUEST" },
		{ "NUL in value", STR("GET /a HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "NUL in name", STR("GET /a HTTP/1.1\r\n" HOST "X\0: a\r\n\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "space before colon",
		  STR("GET /a HTTP/1.1\r\n" HOST "Content-Length : 3\r\n\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "no colon", STR("GET /a HTTP/1.1\r\n" HOST "X\r\n\r\n"), 400, "HTTP_REQUEST" },
		{ "no name", STR("GET /a HTTP/1.1\r\n" HOST ": a\r\n\r\n"), 400, "HTTP_REQUEST" },
		{ "escape in value", STR("GET /a HTTP/1.1\r\n" HOST "X: \x1b[m\r\n\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "both lengths",
		  STR("POST /a HTTP/1.1\r\n" HOST
		      "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		  400, "HTTP_REQUEST" },
		{ "two lengths",
		  STR("POST /a HTTP/1.1\r\n" HOST
		      "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
		  400, "HTTP_REQUEST" },
		{ "list of lengths",
		  STR("POST /a HTTP/1.1\r\n" HOST "Content-Length: 3, 3\r\n\r\nabc"), 400,
		  "HTTP_REQUEST" },
		{ "signed length", STR("POST /a HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\nabc"),
		  400, "HTTP_REQUEST" },
		{ "negative length", STR("POST /a HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n"),
		  400, "HTTP_REQUEST" },
		{ "empty length", STR("POST /a HTTP/1.1\r\n" HOST "Content-Length: \r\n\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "hexadecimal length",
		  STR("POST /a HTTP/1.1\r\n" HOST "Content-Length: 0x3\r\n\r\nabc"), 400,
		  "HTTP_REQUEST" },
		{ "length too long",
		  STR("POST /a HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n"),
		  400, "HTTP_REQUEST" },
		{ "largest length",
		  STR("POST /a HTTP/1.1\r\n" HOST "Content-Length: 9223372036854775807\r\n\r\n"),
		  413, "HTTP_BODY_LIMIT" },
		{ "other coding",
		  STR("POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "list of codings",
		  STR("POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "two codings",
		  STR("POST /a HTTP/1.1\r\n" HOST
		      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
		  400, "HTTP_REQUEST" },
		{ "hidden coding",
		  STR("POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: \x0b"
		      "chunked\r\n\r\n"),
		  400, "HTTP_REQUEST" },
		{ "chunked in 1.0",
		  STR("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "other expectation", STR("POST /a HTTP/1.1\r\n" HOST "Expect: tea\r\n\r\n"), 417,
		  "HTTP_EXPECT" },

#define CHUNKED "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
		{ "chunk without size", STR(CHUNKED "\r\nabc\r\n"), 400, "HTTP_REQUEST" },
		{ "signed chunk", STR(CHUNKED "-3\r\nabc\r\n"), 400, "HTTP_REQUEST" },
		{ "0x chunk", STR(CHUNKED "0x3\r\nabc\r\n"), 400, "HTTP_REQUEST" },
		{ "space before size", STR(CHUNKED " 3\r\nabc\r\n"), 400, "HTTP_REQUEST" },
		{ "space behind size", STR(CHUNKED "3 \r\nabc\r\n"), 400, "HTTP_REQUEST" },
		{ "huge chunk", STR(CHUNKED "fffffffffffffffff\r\nabc\r\n"), 400, "HTTP_REQUEST" },
		{ "chunk longer than said", STR(CHUNKED "3\r\nabcd\r\n0\r\n\r\n"), 400,
		  "HTTP_REQUEST" },
		{ "chunk with bare line feed", STR(CHUNKED "3\nabc\n0\n\n"), 400, "HTTP_REQUEST" },
		{ "NUL in extension", STR(CHUNKED "3;\0\r\nabc\r\n"), 400, "HTTP_REQUEST" },
	};
	struct http_server *server = wire_start((struct http_config){ .handler = echo });

	for (size_t i = 0; i < nitems(cases); i++) {
		auto_writer reply = { 0 };

		wire_ask(server, cases[i].request, &reply);
		if (!check_int(wire_status(&reply), cases[i].status, __FILE__, __LINE__,
			       cases[i].name) ||
		    !check_that(strstr(writer_str(&reply).at, cases[i].holds), __FILE__, __LINE__,
				cases[i].name))
			fprintf(stderr, "%s\n", writer_str(&reply).at);
	}
	http_server_stop(server, SECONDS(1));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(the_table_of_requests),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
