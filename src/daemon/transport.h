/* Owns the server's certificate: one's own files, or one made at first start whose key lies sealed in the data directory. */
#ifndef XIEDUN_DAEMON_TRANSPORT_H
#define XIEDUN_DAEMON_TRANSPORT_H

#include "daemon/instance.h"

/* Both PEM texts and the fingerprint "AB:CD:…". Wipe the key after use. */
must_use bool transport_load(const struct instance *, struct writer *certificate,
			     struct writer *key, struct writer *fingerprint, struct err *);

#endif
