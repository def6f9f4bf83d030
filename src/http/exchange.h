/* Owns one request and its answer on their way between a connection and a worker. */
#ifndef XIEDUN_HTTP_EXCHANGE_H
#define XIEDUN_HTTP_EXCHANGE_H

#include "http/chunked.h"
#include "http/head.h"

struct exchange {
	struct exchange *next; /* in the workers' queue, then in the loop's list of finished ones */
	void *connection;      /* the owner's */
	char *head_text;       /* what head and request borrow from */
	struct head head;
	struct http_request request;
	struct writer body; /* as received, until it outgrows body_memory */
	struct chunked chunked;

	struct http_response response;
	struct writer out; /* the answer's head, with a short body at once */
	int status;
	int64_t file_left; /* of response.file */
	bool close;        /* the connection ends with this answer */
};

struct exchange *exchange_new(void);
void exchange_free(struct exchange *);

/* Parses a whole head (copied) and checks the announced length. Errors of head_parse, MSG_HTTP_BODY_LIMIT. */
must_use bool exchange_begin(struct exchange *, const struct http_config *, struct str head,
			     struct err *);

/*
 * Takes what belongs to the body off *input; *whole when nothing is missing any more. MSG_HTTP_REQUEST,
 * MSG_HTTP_BODY_LIMIT, MSG_HTTP_SPOOL, MSG_FILE_FAILED.
 */
must_use bool exchange_receive(struct exchange *, const struct http_config *, struct str *input,
			       bool *whole, struct err *);

/* Asks the handler and writes the answer's head; whatever the handler left, an answer stands in *exchange. */
void exchange_answer(struct exchange *, const struct http_config *, struct arena *);

/* The answer to a request that the handler never sees. */
void exchange_refuse(struct exchange *, const struct err *);

#endif
