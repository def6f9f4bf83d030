/* The client against the real server, over TLS. */
#include <stdlib.h>

#include "http/client.h"
#include "wire.h"

/* Answers with what it got; the path chooses what else. */
static void answer(const struct http_request *request, struct http_response *response,
		   void *context)
{
	(void)context;
	response->status = str_is(request->path, "/missing") ? 404
			   : str_is(request->path, "/moved") ? 302
							     : 200;
	response->content_type = "application/json";
	http_response_header(response, "ETag", STR("\"v1\""));
	if (response->status == 302)
		http_response_header(response, "Location", STR("/other"));
	writer_printf(&response->body, "%s %.*s?%.*s %lld %.*s %.*s %.*s",
		      http_method_name(request->method), STR_ARGS(request->path),
		      STR_ARGS(request->query), (long long)request->body_size,
		      STR_ARGS(http_header_value(request, "content-type")),
		      STR_ARGS(http_header_value(request, "x-empty")),
		      STR_ARGS(http_header_value(request, "x-token")));
}

static const char *base_of(const struct http_server *server, const char *scheme, char text[64])
{
	(void)snprintf(text, 64, "%s://127.0.0.1:%d", scheme, http_server_port(server));
	return text;
}

static struct http_server *start(const struct wire_certificate *certificate)
{
	return wire_start(
		(struct http_config){ .handler = answer,
				      .certificate_pem = writer_str(&certificate->certificate),
				      .key_pem = writer_str(&certificate->key) });
}

static void requests(void)
{
	static const struct {
		enum http_method method;
		const char *path;
		struct str body;
		int status;
		struct str reply;
	} cases[] = {
		{ HTTP_GET, "/a?b=c", { 0 }, 200, STR("GET /a?b=c 0 text/x  t") },
		{ HTTP_HEAD, "/a", { 0 }, 200, STR("") },
		{ HTTP_POST, "/a", STR("abc"), 200, STR("POST /a? 3 text/x  t") },
		{ HTTP_POST, "/a", { 0 }, 200, STR("POST /a? 0 text/x  t") },
		{ HTTP_PUT, "/a", STR("abcd"), 200, STR("PUT /a? 4 text/x  t") },
		{ HTTP_PATCH, "/a", STR("a"), 200, STR("PATCH /a? 1 text/x  t") },
		{ HTTP_DELETE, "/a", { 0 }, 200, STR("DELETE /a? 0 text/x  t") },
		{ HTTP_OPTIONS, "/a", { 0 }, 200, STR("OPTIONS /a? 0 text/x  t") },
		{ HTTP_GET, "/missing", { 0 }, 404, STR("GET /missing? 0 text/x  t") },
		{ HTTP_GET, "/moved", { 0 }, 302, STR("GET /moved? 0 text/x  t") },
		{ HTTP_GET, "/%E6%A2%B0", { 0 }, 200, STR("GET /械? 0 text/x  t") },
	};
	const struct http_header headers[] = { { STR("Content-Type"), STR("text/x") },
					       { STR("X-Empty"), STR("") },
					       { STR("X-Token"), STR("t") } };
	auto_certificate certificate = wire_certificate_make();
	struct http_server *server = start(&certificate);
	auto_http_client client = NULL;
	char base[64];
	struct err err;

	CHECK_DONE(
		http_client_new(
			&(struct http_client_config){ .base = base_of(server, "https", base),
						      .fingerprint = certificate.fingerprint.at },
			&client, &err),
		err);
	for (size_t i = 0; i < nitems(cases); i++) {
		struct http_reply reply = { 0 };

		CHECK_DONE(http_client_send(client, cases[i].method, cases[i].path, headers,
					    nitems(headers), cases[i].body, &reply, &err),
			   err);
		CHECK_INT(reply.status, cases[i].status);
		CHECK_STR(writer_str(&reply.body), cases[i].reply);
		CHECK_STR(writer_str(&reply.etag), STR("\"v1\""));
		CHECK_STR(writer_str(&reply.content_type), STR("application/json"));
		http_reply_release(&reply);
	}
	http_server_stop(server, SECONDS(1));
}

static void a_large_body_goes_up(void)
{
	auto_certificate certificate = wire_certificate_make();
	struct http_server *server = start(&certificate);
	auto_http_client client = NULL;
	auto_writer body = { 0 };
	struct http_reply reply = { 0 };
	char base[64];
	struct err err;

	memset(writer_reserve(&body, 5000000), 'x', 5000000);
	CHECK_DONE(
		http_client_new(
			&(struct http_client_config){ .base = base_of(server, "https", base),
						      .fingerprint = certificate.fingerprint.at },
			&client, &err),
		err);
	CHECK_DONE(http_client_send(client, HTTP_PUT, "/big", NULL, 0, writer_str(&body), &reply,
				    &err),
		   err);
	CHECK_STR(writer_str(&reply.body), STR("PUT /big? 5000000   "));
	http_reply_release(&reply);
	http_server_stop(server, SECONDS(1));
}

static void the_certificate_decides(void)
{
	auto_certificate mine = wire_certificate_make(), other = wire_certificate_make();
	struct http_server *server = start(&mine);
	struct http_reply reply = { .status = -1 };
	auto_writer seen = { 0 };
	char base[64];
	struct err err;
	const struct {
		const char *fingerprint;
		enum message message;
	} cases[] = {
		{ mine.fingerprint.at, MSG_NONE },
		{ other.fingerprint.at, MSG_HTTP_FINGERPRINT },
		{ NULL, MSG_HTTP_AUTHORITY }, /* self-signed */
	};

	CHECK_DONE(http_client_peek(base_of(server, "https", base), &seen, &err), err);
	CHECK_STR(writer_str(&seen), writer_str(&mine.fingerprint));
	for (size_t i = 0; i < nitems(cases); i++) {
		auto_http_client client = NULL;

		CHECK_DONE(http_client_new(
				   &(struct http_client_config){ base, cases[i].fingerprint, 0 },
				   &client, &err),
			   err);
		if (cases[i].message == MSG_NONE) {
			CHECK_DONE(http_client_send(client, HTTP_GET, "/", NULL, 0, STR_NONE,
						    &reply, &err),
				   err);
			CHECK_INT(reply.status, 200);
			http_reply_release(&reply);
			reply.status = -1;
		} else {
			CHECK_FAILS(http_client_send(client, HTTP_GET, "/", NULL, 0, STR_NONE,
						     &reply, &err),
				    err, cases[i].message);
			CHECK_INT(reply.status, -1);
		}
	}

	/* The message names both. */
	auto_http_client client = NULL;
	auto_writer text = { 0 };

	CHECK_DONE(http_client_new(&(struct http_client_config){ base, other.fingerprint.at, 0 },
				   &client, &err),
		   err);
	CHECK(!http_client_send(client, HTTP_GET, "/", NULL, 0, STR_NONE, &reply, &err));
	err_render(&err, LANGUAGE_EN, &text);
	CHECK(strstr(text.at, mine.fingerprint.at) && strstr(text.at, other.fingerprint.at));

	/* A new certificate holds for new connections; a wrong pair changes nothing. */
	CHECK_FAILS(http_server_set_certificate(server, writer_str(&other.certificate),
						writer_str(&mine.key), &err),
		    err, MSG_HTTP_CERTIFICATE);
	CHECK_DONE(http_server_set_certificate(server, writer_str(&other.certificate),
					       writer_str(&other.key), &err),
		   err);
	CHECK_DONE(http_client_send(client, HTTP_GET, "/", NULL, 0, STR_NONE, &reply, &err), err);
	http_reply_release(&reply);
	http_server_stop(server, SECONDS(1));
}

static void wrong_uses(void)
{
	static const struct {
		const char *base, *fingerprint;
		enum message message;
	} cases[] = {
		{ "ftp://localhost", NULL, MSG_HTTP_BASE },
		{ "localhost:8443", NULL, MSG_HTTP_BASE },
		{ "https://", NULL, MSG_HTTP_BASE },
		{ "", NULL, MSG_HTTP_BASE },
		{ "https://user:secret@host", NULL, MSG_HTTP_BASE },
		{ "https://host/path", NULL, MSG_HTTP_BASE },
		{ "https://host/", NULL, MSG_HTTP_BASE },
		{ "https://host?q", NULL, MSG_HTTP_BASE },
		{ "https://host:99999", NULL, MSG_HTTP_BASE },
		{ "http://hospital.example", NULL, MSG_HTTP_BASE },
		{ "https://host", "AB:CD", MSG_HTTP_FINGERPRINT_FORM },
		{ "https://host", "", MSG_HTTP_FINGERPRINT_FORM },
		{ "https://host", "zz:zz", MSG_HTTP_FINGERPRINT_FORM },
	};
	const struct http_header forged = { STR("X"), STR("a\r\nY: b") };
	auto_http_client client = NULL;
	struct http_reply reply = { 0 };
	auto_writer seen = { 0 };
	struct err err;

	for (size_t i = 0; i < nitems(cases); i++)
		CHECK_FAILS(http_client_new(&(struct http_client_config){ cases[i].base,
									  cases[i].fingerprint, 0 },
					    &client, &err),
			    err, cases[i].message);
	CHECK_DONE(http_client_new(&(struct http_client_config){ .base = "https://127.0.0.1:1",
								 .limit = SECONDS(2) },
				   &client, &err),
		   err);
	CHECK_FAILS(http_client_send(client, HTTP_GET, "a", NULL, 0, STR_NONE, &reply, &err), err,
		    MSG_HTTP_TARGET);
	CHECK_FAILS(http_client_send(client, HTTP_GET, "/a b", NULL, 0, STR_NONE, &reply, &err),
		    err, MSG_HTTP_TARGET);
	CHECK_FAILS(http_client_send(client, HTTP_GET, "/", &forged, 1, STR_NONE, &reply, &err),
		    err, MSG_HTTP_REQUEST);
	CHECK_FAILS(http_client_send(client, HTTP_GET, "/", NULL, 0, STR_NONE, &reply, &err), err,
		    MSG_HTTP_UNREACHABLE);
	CHECK_FAILS(http_client_peek("https://127.0.0.1:1", &seen, &err), err,
		    MSG_HTTP_UNREACHABLE);
}

static void slow_handler(const struct http_request *request, struct http_response *response,
			 void *context)
{
	(void)request, (void)context;
	response->status = 204;
	(void)usleep(600000);
}

static void a_server_in_clear_and_time_limits(void)
{
	struct http_server *server = wire_start((struct http_config){ .handler = slow_handler });
	auto_http_client patient = NULL;
	auto_http_client hasty = NULL;
	struct http_reply reply = { 0 };
	auto_writer seen = { 0 };
	char base[64], secure[64];
	struct err err;

	CHECK(setenv("http_proxy", "http://127.0.0.1:1", 1) == 0 &&
	      setenv("https_proxy", "http://127.0.0.1:1", 1) == 0);
	CHECK_DONE(http_client_new(
			   &(struct http_client_config){ .base = base_of(server, "http", base) },
			   &patient, &err),
		   err);
	CHECK_DONE(http_client_send(patient, HTTP_GET, "/", NULL, 0, STR_NONE, &reply, &err), err);
	CHECK_INT(reply.status, 204);
	http_reply_release(&reply);
	CHECK_DONE(http_client_new(
			   &(struct http_client_config){ .base = base, .limit = SECONDS(1) / 5 },
			   &hasty, &err),
		   err);
	CHECK_FAILS(http_client_send(hasty, HTTP_GET, "/", NULL, 0, STR_NONE, &reply, &err), err,
		    MSG_HTTP_UNREACHABLE);
	CHECK_FAILS(http_client_peek(base_of(server, "https", secure), &seen, &err), err,
		    MSG_HTTP_UNREACHABLE);
	CHECK_INT((int64_t)seen.len, 0);
	http_server_stop(server, SECONDS(1));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(requests),
		TEST(a_large_body_goes_up),
		TEST(the_certificate_decides),
		TEST(wrong_uses),
		TEST(a_server_in_clear_and_time_limits),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
