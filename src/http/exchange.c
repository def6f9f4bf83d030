#include "http/exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "http/message.h"
#include "http/respond.h"

struct exchange *exchange_new(void)
{
	struct exchange *exchange = memory_zero(1, sizeof(*exchange));

	exchange->request.body_fd = -1;
	exchange->response.file = -1;
	return exchange;
}

void exchange_free(struct exchange *exchange)
{
	if (!exchange)
		return;
	respond_clear(&exchange->response);
	writer_release(&exchange->out);
	writer_release(&exchange->body);
	if (exchange->request.body_fd >= 0)
		(void)close(exchange->request.body_fd);
	free(exchange->head_text);
	free(exchange);
}

bool exchange_begin(struct exchange *exchange, const struct http_config *config, struct str text,
		    struct err *err)
{
	struct head *head = &exchange->head;
	struct http_request *request = &exchange->request;

	exchange->head_text = memory_copy(text);

	bool fine = head_parse((struct str){ exchange->head_text, text.len }, head, err);

	/* Also after a failure: the refusal speaks the client's language. */
	request->method = head->method;
	request->headers = head->headers;
	request->header_count = head->header_count;
	if (!fine)
		return false;
	if (head->content_length > config->body_limit)
		return fail(err, MSG_HTTP_BODY_LIMIT, config->body_limit);
	return true;
}

/* Moves what is in memory to a file without a name: a crash leaves nothing behind. */
static bool spool_open(struct exchange *exchange, const char *folder, struct err *err)
{
	auto_fd fd = folder ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)
			    : memfd_create("body", MFD_CLOEXEC);

	if (fd < 0)
		return fail(err, MSG_HTTP_SPOOL, folder, errno_text(errno));
	if (!fd_write(fd, folder, writer_str(&exchange->body), err))
		return false;
	writer_release(&exchange->body);
	exchange->request.body_fd = fd_steal(&fd);
	return true;
}

static bool keep(struct exchange *exchange, const struct http_config *config, struct str bytes,
		 struct err *err)
{
	struct http_request *request = &exchange->request;

	if ((int64_t)bytes.len > config->body_limit - request->body_size)
		return fail(err, MSG_HTTP_BODY_LIMIT, config->body_limit);
	if (request->body_fd < 0 && bytes.len > config->body_memory - exchange->body.len &&
	    !spool_open(exchange, config->spool_directory, err))
		return false;
	if (request->body_fd < 0)
		writer_put(&exchange->body, bytes);
	else if (!fd_write(request->body_fd, config->spool_directory, bytes, err))
		return false;
	request->body_size += (int64_t)bytes.len;
	return true;
}

bool exchange_receive(struct exchange *exchange, const struct http_config *config,
		      struct str *input, bool *whole, struct err *err)
{
	struct str piece;

	if (!exchange->head.chunked) {
		int64_t left = exchange->head.content_length - exchange->request.body_size;

		piece = str_sub(*input, 0, (size_t)left);
		if (!keep(exchange, config, piece, err))
			return false;
		*input = str_sub(*input, piece.len, input->len);
		*whole = (int64_t)piece.len == left;
		return true;
	}
	while (chunked_next(&exchange->chunked, input, &piece)) {
		if (!keep(exchange, config, piece, err))
			return false;
	}
	*whole = exchange->chunked.state == CHUNKED_DONE;
	return exchange->chunked.state != CHUNKED_BAD
		       ? true
		       : fail(err, MSG_HTTP_REQUEST, "chunked coding");
}

static bool ask_handler(struct exchange *exchange, const struct http_config *config,
			struct arena *arena, struct err *err)
{
	struct http_request *request = &exchange->request;

	if (!message_target(arena, exchange->head.target, &request->path, &request->query, err))
		return false;
	if (request->body_fd >= 0 && lseek(request->body_fd, 0, SEEK_SET) != 0)
		return fail(err, MSG_SYSTEM_FAILED, "lseek", errno_text(errno));
	request->body = request->body_fd < 0 ? writer_str(&exchange->body) : STR_NONE;
	request->arena = arena;
	config->handler(request, &exchange->response, config->context);
	return respond_check(&exchange->response, &exchange->file_left, err);
}

static void write_answer(struct exchange *exchange)
{
	exchange->status = exchange->response.status;
	respond_write(&exchange->request, &exchange->response, exchange->file_left, exchange->close,
		      &exchange->out);
}

void exchange_answer(struct exchange *exchange, const struct http_config *config,
		     struct arena *arena)
{
	struct err err;

	if (ask_handler(exchange, config, arena, &err))
		write_answer(exchange);
	else
		exchange_refuse(exchange, &err);
}

void exchange_refuse(struct exchange *exchange, const struct err *err)
{
	exchange->file_left = 0;
	respond_problem(&exchange->request, &exchange->response, err);
	write_answer(exchange);
}
