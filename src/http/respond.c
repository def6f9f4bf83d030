#include "http/respond.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/log.h"

/* A body up to here is sent in one piece with its head. */
enum { SHORT_BODY = 16 * 1024 };

void respond_clear(struct http_response *response)
{
	writer_release(&response->body);
	if (response->file >= 0)
		(void)close(response->file);
	memset(response, 0, sizeof(*response));
	response->file = -1;
}

static bool is_one_line(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

bool respond_check(const struct http_response *response, int64_t *file_size, struct err *err)
{
	struct stat file = { 0 };

	if (response->status < 200 || response->status > 599)
		return fail(err, MSG_HTTP_RESPONSE, "status");
	if (response->header_count > nitems(response->headers) ||
	    !is_one_line(str_of(response->content_type)))
		return fail(err, MSG_HTTP_RESPONSE, "Content-Type");
	for (size_t i = 0; i < response->header_count; i++) {
		const struct http_header *header = &response->headers[i];

		if (header->name.len == 0 || !is_one_line(header->name) ||
		    !is_one_line(header->value))
			return fail(err, MSG_HTTP_RESPONSE, header->name);
	}
	if (response->file >= 0 &&
	    (fstat(response->file, &file) != 0 || lseek(response->file, 0, SEEK_SET) != 0))
		return fail(err, MSG_SYSTEM_FAILED, "lseek", errno_text(errno));
	*file_size = file.st_size;
	return writer_check(&response->body, err);
}

void respond_problem(const struct http_request *request, struct http_response *response,
		     const struct err *err)
{
	int status = message_http_status(err->message);
	auto_writer text = { 0 };

	respond_clear(response);
	response->status = status;
	response->content_type = "application/problem+json";

	/* What went wrong inside is the log's, not the client's. */
	if (status == 500)
		log_err("http", NULL, err);
	else
		err_render_text(err, http_language(request), &text);

	struct json json = json_into(&response->body);

	json_object(&json);
	json_put_int(&json, "status", status);
	json_put_text(&json, "code", message_code(err->message));
	if (text.len)
		json_put_str(&json, "title", writer_str(&text));
	json_object_end(&json);
}

/* RFC 9110, section 15; the phrase of others may be empty (RFC 9112, section 4). */
static const char *phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 206, "Partial Content" },
		{ 302, "Found" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" },
		{ 422, "Unprocessable Content" },
		{ 428, "Precondition Required" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < nitems(phrases); i++) {
		if (phrases[i].status == status)
			return phrases[i].phrase;
	}
	return "";
}

/* IMF-fixdate (RFC 9110, section 5.6.7). */
static void write_date(struct writer *out)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t seconds = (time_t)(clock_now() / SECONDS(1));
	struct tm now;

	if (!gmtime_r(&seconds, &now))
		return;
	writer_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[now.tm_wday],
		      now.tm_mday, months[now.tm_mon], now.tm_year + 1900, now.tm_hour, now.tm_min,
		      now.tm_sec);
}

static void write_header(struct writer *out, struct str name, struct str value)
{
	writer_put(out, name);
	writer_text(out, ": ");
	writer_put(out, value);
	writer_text(out, "\r\n");
}

void respond_write(const struct http_request *request, struct http_response *response,
		   int64_t file_size, bool close_after, struct writer *out)
{
	bool has_body = response->status != 204 && response->status != 304;
	int64_t length = response->file >= 0 ? file_size : (int64_t)response->body.len;

	writer_printf(out, "HTTP/1.1 %d %s\r\n", response->status, phrase(response->status));
	write_date(out);
	if (has_body && response->content_type)
		write_header(out, STR("Content-Type"), str_of(response->content_type));
	if (has_body)
		writer_printf(out, "Content-Length: %lld\r\n", (long long)length);
	for (size_t i = 0; i < response->header_count; i++)
		write_header(out, response->headers[i].name, response->headers[i].value);
	writer_text(out, close_after ? "Connection: close\r\n\r\n" : "\r\n");

	if (!has_body || request->method == HTTP_HEAD) {
		respond_clear(response);
	} else if (response->file < 0 && response->body.len <= SHORT_BODY) {
		writer_put(out, writer_str(&response->body));
		writer_release(&response->body);
	}
}
