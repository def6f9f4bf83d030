/* Owns the interface over HTTPS: what its handlers share, and the handler that the server calls. */
#ifndef XIEDUN_API_API_H
#define XIEDUN_API_API_H

#include "http/server.h"
#include "model/model.h"

struct api;

/* Makes a backup on the server and gives its path and hash; the daemon's own affair, called by a route. */
typedef bool api_backup_fn(void *context, const struct actor *, struct json *, struct err *);

/* What the handlers work on; all borrowed and longer-lived than the interface. */
struct api_config {
	struct store *store;
	struct ledger *ledger;
	struct identity *identity;
	struct model *model;
	struct keyring *keyring;
	const char *edition;    /* of the program */
	struct str fingerprint; /* of the certificate, shown on the first page; may be absent */
	api_backup_fn *backup;  /* may be NULL: no backups through the interface */
	void *backup_context;
};

struct api *api_new(const struct api_config *);
void api_free(struct api *);

/* From now on /health says that the server is ending (503), so that a proxy sends no more. */
void api_stopping(struct api *);

/* The http_handler_fn; its context is the struct api. */
void api_handle(const struct http_request *, struct http_response *, void *api);

/* /metrics asks every floor; the server is known only after it has been started. */
void api_set_server(struct api *, struct http_server *);

#endif
