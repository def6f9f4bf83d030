/* Owns adding packs: check, tables, pack row and ledger entry in one transaction. */
#ifndef XIEDUN_MODEL_INSTALL_H
#define XIEDUN_MODEL_INSTALL_H

#include "model/parts.h"

/* Installs or upgrades from every *.yaml of a folder, in the order of the names; what is there already stays. */
must_use bool install_builtin(struct model *, const char *folder, struct err *);

/* Takes the types anew from the database and hands the roles to identity. */
must_use bool model_reload(struct model *, struct err *);

/* The commitment to a pack's text. */
struct commitment pack_commitment(const uint8_t salt[SALT_SIZE], struct str text);

#endif
