/* Owns how a command opens an installation on this machine. */
#ifndef XIEDUN_CLI_LOCAL_H
#define XIEDUN_CLI_LOCAL_H

#include "cli/command.h"
#include "cli/terminal.h"
#include "daemon/instance.h"

/* Opens the invocation's data directory; asks for a passphrase where the root key is one. */
must_use bool open_local(const struct invocation *, enum instance_mode, enum instance_depth,
			 struct instance *, struct err *);

/* The passphrase, when the configuration's root key wants one: from $XIEDUN_PASSPHRASE, or asked for. Else empty. */
must_use bool ask_passphrase(const struct invocation *, const struct config *, bool is_new,
			     struct writer *, struct err *);

/* The path as it is from any folder. */
const char *absolute_path(struct arena *, const char *path);

#endif
