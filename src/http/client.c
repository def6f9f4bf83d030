/* OpenSSL first: its headers use a word that base/compiler.h gives a meaning. */
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <curl/curl.h>

#include "http/client.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/memory.h"

enum { PIN_SIZE = 32, REPLY_MAX = 256 * 1024 * 1024, CONNECT_SECONDS = 10 };

struct http_client {
	CURL *curl;
	char *base;
	bool loopback, pinned;
	unsigned char pin[PIN_SIZE];
	int64_t limit;

	/* Of the latest handshake that checked a certificate. */
	bool seen;
	unsigned char shown[PIN_SIZE];
};

static pthread_once_t libcurl_once = PTHREAD_ONCE_INIT;

static void libcurl_start(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort(); /* only without memory */
}

static void write_fingerprint(struct writer *out, const unsigned char digest[PIN_SIZE])
{
	for (size_t i = 0; i < PIN_SIZE; i++)
		writer_printf(out, i ? ":%02X" : "%02X", digest[i]);
}

static bool parse_fingerprint(const char *text, unsigned char digest[PIN_SIZE])
{
	auto_writer hex = { 0 };
	struct str rest = str_of(text), pair;

	while (str_split(&rest, ':', &pair)) {
		if (pair.len != 2)
			return false;
		writer_put(&hex, pair);
	}
	return hex_parse(writer_str(&hex), digest, PIN_SIZE);
}

/* The leaf alone decides; its dates, names and issuer do not matter to one who has compared the
 * fingerprint. */
static int check_pin(X509_STORE_CTX *store, void *context)
{
	struct http_client *client = context;
	X509 *leaf = X509_STORE_CTX_get0_cert(store);
	unsigned int len = 0;

	client->seen = leaf && X509_digest(leaf, EVP_sha256(), client->shown, &len) == 1 &&
		       len == PIN_SIZE;

	bool fine =
		client->seen && client->pinned && memcmp(client->shown, client->pin, PIN_SIZE) == 0;

	X509_STORE_CTX_set_error(store, fine ? X509_V_OK : X509_V_ERR_CERT_UNTRUSTED);
	return fine;
}

static CURLcode set_pin(CURL *curl, void *context, void *client)
{
	(void)curl;
	SSL_CTX_set_cert_verify_callback(context, check_pin, client);
	return CURLE_OK;
}

static bool is_loopback(const char *host)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

	for (size_t i = 0; i < nitems(names); i++) {
		if (strcmp(host, names[i]) == 0)
			return true;
	}
	return false;
}

/* "https://host[:port]" and nothing behind it; in clear only on this machine. */
static bool parse_base(const char *base, bool *loopback)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL, *path = NULL, *user = NULL;
	bool fine = url && curl_url_set(url, CURLUPART_URL, base, 0) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_PATH, &path, 0) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
		    strcmp(path, "/") == 0 && !strpbrk(base, "?#") && !str_ends(str_of(base), "/");

	if (fine) {
		*loopback = is_loopback(host);
		fine = strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && *loopback);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(path);
	curl_free(user);
	curl_url_cleanup(url);
	return fine;
}

bool http_client_new(const struct http_client_config *config, struct http_client **made,
		     struct err *err)
{
	bool loopback;
	unsigned char pin[PIN_SIZE] = { 0 };

	pthread_once(&libcurl_once, libcurl_start);
	if (!parse_base(config->base, &loopback))
		return fail(err, MSG_HTTP_BASE, config->base);
	if (config->fingerprint && !parse_fingerprint(config->fingerprint, pin))
		return fail(err, MSG_HTTP_FINGERPRINT_FORM, config->fingerprint);

	struct http_client *client = memory_zero(1, sizeof(*client));

	client->curl = curl_easy_init();
	if (!client->curl)
		abort();
	client->base = memory_copy(str_of(config->base));
	client->loopback = loopback;
	client->pinned = config->fingerprint != NULL;
	memcpy(client->pin, pin, PIN_SIZE);
	client->limit = config->limit ? config->limit : SECONDS(30);
	*made = client;
	return true;
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	curl_easy_cleanup(client->curl);
	free(client->base);
	free(client);
}

void http_reply_release(struct http_reply *reply)
{
	writer_release(&reply->content_type);
	writer_release(&reply->body);
	writer_release(&reply->etag);
	memset(reply, 0, sizeof(*reply));
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct http_reply *reply = context;

	writer_put(&reply->body, (struct str){ bytes, size * count });
	return reply->body.over ? 0 : size * count;
}

/* Certificates: the pin, or the system's authorities. `checked` false only for http_client_peek. */
static void set_trust(struct http_client *client, bool by_pin)
{
	CURL *curl = client->curl;

	client->seen = false;
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, by_pin ? 0L : 2L);
	if (!by_pin)
		return;
	curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, set_pin);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, client);
}

static void set_limits(struct http_client *client, char reason[CURL_ERROR_SIZE])
{
	CURL *curl = client->curl;
	int64_t connect =
		client->limit < SECONDS(CONNECT_SECONDS) ? client->limit : SECONDS(CONNECT_SECONDS);

	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(client->limit / 1000));
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(connect / 1000));
	if (client->loopback)
		curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
}

static void set_method(CURL *curl, enum http_method method, struct str body)
{
	if (method == HTTP_HEAD) {
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
		return;
	}
	if (body.at || method == HTTP_POST || method == HTTP_PUT || method == HTTP_PATCH) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.at ? body.at : "");
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, http_method_name(method));
}

static struct curl_slist *append(struct curl_slist *list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(list, line);

	if (!longer)
		abort();
	return longer;
}

/* The caller's headers; those that libcurl would add of its own are taken out first. */
static struct curl_slist *header_lines(const struct http_header *headers, size_t count)
{
	struct curl_slist *list = append(append(NULL, "Expect:"), "Content-Type:");

	for (size_t i = 0; i < count; i++) {
		auto_writer line = { 0 };

		writer_put(&line, headers[i].name);
		writer_text(&line, headers[i].value.len ? ": " : ";");
		writer_put(&line, headers[i].value);
		list = append(list, line.at);
	}
	return list;
}

static bool is_visible(struct str text, unsigned char lowest)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c < lowest || c == 0x7f)
			return false;
	}
	return true;
}

static bool check_request(const char *path, const struct http_header *headers, size_t count,
			  struct err *err)
{
	if (path[0] != '/' || !is_visible(str_of(path), 0x21))
		return fail(err, MSG_HTTP_TARGET, path);
	for (size_t i = 0; i < count; i++) {
		if (headers[i].name.len == 0 || !is_visible(headers[i].name, 0x21) ||
		    !is_visible(headers[i].value, 0x20))
			return fail(err, MSG_HTTP_REQUEST, headers[i].name);
	}
	return true;
}

static bool explain(const struct http_client *client, CURLcode code, const char *reason,
		    const struct http_reply *reply, struct err *err)
{
	auto_writer shown = { 0 }, pin = { 0 };

	if (reply->body.over)
		return fail(err, MSG_HTTP_REPLY_LIMIT, client->base, REPLY_MAX);
	if (code != CURLE_PEER_FAILED_VERIFICATION || (client->pinned && !client->seen))
		return fail(err, MSG_HTTP_UNREACHABLE, client->base,
			    reason[0] ? reason : curl_easy_strerror(code));
	if (!client->pinned)
		return fail(err, MSG_HTTP_AUTHORITY, client->base, reason);
	write_fingerprint(&shown, client->shown);
	write_fingerprint(&pin, client->pin);
	return fail(err, MSG_HTTP_FINGERPRINT, client->base, writer_str(&shown), writer_str(&pin));
}

static void read_answer(CURL *curl, struct http_reply *reply)
{
	struct curl_header *etag;
	char *type = NULL;
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	reply->status = (int)status;
	writer_text(&reply->content_type, type);
	if (curl_easy_header(curl, "ETag", 0, CURLH_HEADER, -1, &etag) == CURLHE_OK)
		writer_text(&reply->etag, etag->value);
}

bool http_client_send(struct http_client *client, enum http_method method, const char *path,
		      const struct http_header *headers, size_t count, struct str body,
		      struct http_reply *reply, struct err *err)
{
	CURL *curl = client->curl;
	char reason[CURL_ERROR_SIZE] = "";
	auto_writer url = { 0 };
	struct http_reply got = { .body.limit = REPLY_MAX };

	if (!check_request(path, headers, count, err))
		return false;
	curl_easy_reset(curl); /* keeps the connection */
	set_limits(client, reason);
	set_trust(client, client->pinned);
	set_method(curl, method, body);
	writer_text(&url, client->base);
	writer_text(&url, path);
	curl_easy_setopt(curl, CURLOPT_URL, url.at);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &got);

	struct curl_slist *lines = header_lines(headers, count);

	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines);

	CURLcode code = curl_easy_perform(curl);

	if (code == CURLE_OK) {
		read_answer(curl, &got);
		*reply = got;
	} else {
		(void)explain(client, code, reason, &got, err);
		http_reply_release(&got);
	}
	curl_easy_reset(curl);
	curl_slist_free_all(lines);
	return code == CURLE_OK;
}

bool http_client_peek(const char *base, struct writer *fingerprint, struct err *err)
{
	struct http_client_config config = { .base = base };
	auto_http_client client = NULL;
	char reason[CURL_ERROR_SIZE] = "";

	if (!http_client_new(&config, &client, err))
		return false;
	set_limits(client, reason);
	set_trust(client, true); /* by a pin that nothing meets: the handshake ends before a request
				    is sent */
	curl_easy_setopt(client->curl, CURLOPT_URL, base);
	curl_easy_setopt(client->curl, CURLOPT_CONNECT_ONLY, 1L);

	CURLcode code = curl_easy_perform(client->curl);

	if (!client->seen)
		return fail(err, MSG_HTTP_UNREACHABLE, base,
			    code == CURLE_OK ? "no TLS"
			    : reason[0]      ? reason
					     : curl_easy_strerror(code));
	write_fingerprint(fingerprint, client->shown);
	return true;
}
