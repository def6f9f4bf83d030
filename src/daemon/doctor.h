/* Owns the check-up of an installation: what is wrong or risky, in words that say what to do. */
#ifndef XIEDUN_DAEMON_DOCTOR_H
#define XIEDUN_DAEMON_DOCTOR_H

#include "daemon/instance.h"

enum finding_level { CHECK_GOOD, CHECK_WARNING, CHECK_TROUBLE };

typedef void doctor_tell_fn(void *context, enum finding_level, const char *check, const char *zh,
			    const char *en);

/*
 * Tells one line for each check. Opens the installation itself, as far as it can be opened, and changes nothing.
 * *troubles counts those that must be mended.
 */
void doctor(const char *data, const char *passphrase, doctor_tell_fn *, void *context,
	    int *troubles);

#endif
