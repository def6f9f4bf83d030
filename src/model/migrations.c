#include "model/model.h"

/* Each installed edition of a pack is a row; in their order they make the types. The salt is that of the commitment to the text. */
static const char packs[] =
	"CREATE TABLE model_pack (id {id}, name {text} NOT NULL, edition {int} NOT NULL, version "
	"{int} NOT NULL, "
	"public_id {blob} NOT NULL, text {text} NOT NULL, installed {int} NOT NULL, salt {blob} "
	"NOT NULL, "
	"entry {int} NOT NULL, UNIQUE (name, version)) {strict};\n"
	/* Raised by every change of the types, so that other servers notice. */
	"CREATE TABLE model_state (id {int} PRIMARY KEY, generation {int} NOT NULL) {strict};\n"
	"INSERT INTO model_state (id, generation) VALUES (1, 1)";

/* A superseded version: its salt and entry, and what of it the next version changed, as JSON by column name. */
static const char records[] =
	"CREATE TABLE record_counter (type {text} PRIMARY KEY, last {int} NOT NULL) {strict};\n"
	"CREATE TABLE record_version (type {text} NOT NULL, record {blob} NOT NULL, version {int} "
	"NOT NULL, "
	"salt {blob} NOT NULL, entry {int} NOT NULL, previous {text} NOT NULL, PRIMARY KEY (type, "
	"record, version)) {strict}";

static const struct migration rows[] = {
	{ 300, "packs", packs, NULL },
	{ 301, "records", records, NULL },
};

const struct migration_list model_migrations = { rows, nitems(rows) };
