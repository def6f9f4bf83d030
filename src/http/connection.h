/* Owns one connection: a state machine over a non-blocking socket, run by one event thread. */
#ifndef XIEDUN_HTTP_CONNECTION_H
#define XIEDUN_HTTP_CONNECTION_H

#include <netinet/in.h>

#include "http/service.h"

enum step {
	STEP_ON,      /* go on at once */
	STEP_LATER,   /* more can be done; others' turn first */
	STEP_BLOCKED, /* until the socket or the worker says so */
	STEP_CLOSE,
};

enum connection_state {
	CONNECTION_HANDSHAKE,
	CONNECTION_HEAD,
	CONNECTION_CONTINUE, /* sends 100 (Continue) */
	CONNECTION_BODY,
	CONNECTION_WAITING, /* a worker has the exchange */
	CONNECTION_SENDING,
	CONNECTION_DRAINING, /* all is said; what the peer still sends is thrown away, lest a reset destroys the answer */
	CONNECTION_STATES,
};

struct connection {
	struct connection *previous, *next; /* of the loop */
	struct connection *next_later;
	void *loop;
	bool later; /* in the loop's list */
	struct service *service;
	struct transport transport;
	enum connection_state state;
	int64_t since, touched; /* this state's begin and its latest byte, clock_elapsed() */
	uint64_t moved;         /* bytes since then */
	char *in;               /* HEAD_BYTES_MAX bytes; NULL while idle */
	size_t in_len, searched;
	size_t sent; /* of what is being sent */
	struct exchange *exchange;
	char peer[INET6_ADDRSTRLEN];
};

/* Takes the socket. */
struct connection *connection_new(struct service *, int fd, struct ssl_ctx_st *,
				  const struct sockaddr_storage *peer);
void connection_free(struct connection *);

/* Does what can be done now; never STEP_ON. */
enum step connection_step(struct connection *);

/* The worker is done with the exchange. */
void connection_answered(struct connection *);

/* Nothing of a request has come yet. */
bool connection_is_idle(const struct connection *);

/*
 * No state lasts idle_limit without a byte, nor longer than idle_limit plus the time that what was moved takes at 8 KiB a
 * second: whoever sends or reads a byte now and then holds no connection for long.
 */
bool connection_is_late(const struct connection *, int64_t now);

/* What to do about it: STEP_CLOSE, or the connection has an answer to send first. */
enum step connection_give_up(struct connection *);

#endif
