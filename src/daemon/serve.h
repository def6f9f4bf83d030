/* Owns the server process: opens the installation, serves it, and ends in order. */
#ifndef XIEDUN_DAEMON_SERVE_H
#define XIEDUN_DAEMON_SERVE_H

#include "base/err.h"

struct serve_options {
	const char *data;
	const char *passphrase; /* for a root key of that kind; may be NULL */
	const char *address;    /* overrides the configuration; may be NULL */
	int64_t port;           /* the same; -1: as configured */
	bool allow_root;
	/* Called once when requests are answered: "https://127.0.0.1:8443" and the certificate's fingerprint. */
	void (*ready)(const char *address, const char *fingerprint, void *context);
	void *context;
};

/* Returns after SIGTERM or SIGINT and an orderly end. */
must_use bool serve(const struct serve_options *, struct err *);

#endif
