/* Owns commands that ask a server: the kept sign-in, and one way to send a row's request and show its answer. */
#ifndef XIEDUN_CLI_REMOTE_H
#define XIEDUN_CLI_REMOTE_H

#include "base/node.h"
#include "cli/command.h"
#include "http/client.h"

/* Who is signed in where; kept in $XDG_CONFIG_HOME/xiedun/session.json, mode 0600. */
struct sign_in {
	struct str address, fingerprint, token;
};

must_use bool sign_in_load(struct arena *, struct sign_in *, struct err *);
must_use bool sign_in_save(const struct sign_in *, struct err *);
must_use bool sign_in_forget(struct err *);

/*
 * Sends one request with the sign-in's token (absent: none) and reads the JSON answer (NULL when there is none). An error
 * answer becomes the error: its text as the server gave it in the caller's language, its exit status by its HTTP status.
 */
must_use bool remote_send(const struct invocation *, const struct sign_in *, const char *method,
			  const char *path, const char *if_match, struct str body,
			  struct http_reply *, const struct node **answer, struct err *);

/* Runs a remote command's row. */
must_use bool remote_run(struct invocation *, struct err *);

/* Shows an answer: JSON as it came with --json, else a table or a list of fields. */
void answer_show(const struct invocation *, const struct node *answer, struct writer *);

#endif
