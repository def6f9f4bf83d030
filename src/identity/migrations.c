#include "identity/identity.h"

/* The salt of an audited row is that of its present version; `entry` is the ledger's number of the
 * entry that made it. */
static const char organisation[] =
	"CREATE TABLE organisation (id {id}, public_id {blob} NOT NULL UNIQUE, parent {int} "
	"REFERENCES organisation (id), "
	"path {text} NOT NULL, kind {text} NOT NULL, code {text} NOT NULL, name {text} NOT NULL, "
	"created {int} NOT NULL, "
	"version {int} NOT NULL, salt {blob} NOT NULL, entry {int} NOT NULL) {strict}";

/*
 * login: folded; NULL only for the first administrator until the invitation is redeemed. password:
 * PHC string. totp: seed, sealed. totp_last: last accepted step. recovery: keyed hashes of the
 * unused recovery codes, 32 bytes each. token: keyed hash of the one-hour token of an invitation or
 * a reset; token_seed: the seed shown for it, sealed.
 */
static const char account[] =
	"CREATE TABLE person (id {id}, public_id {blob} NOT NULL UNIQUE, name {text} NOT NULL) "
	"{strict};\n"
	"CREATE TABLE account (id {id}, public_id {blob} NOT NULL UNIQUE, login {text} UNIQUE, "
	"person {int} NOT NULL REFERENCES person (id), organisation {int} NOT NULL REFERENCES "
	"organisation (id), "
	"language {text} NOT NULL, state {text} NOT NULL, password {text}, totp {blob}, totp_last "
	"{int} NOT NULL, "
	"recovery {blob}, token {blob} UNIQUE, token_expires {int}, token_seed {blob}, created "
	"{int} NOT NULL, "
	"version {int} NOT NULL, salt {blob} NOT NULL, entry {int} NOT NULL) {strict}";

static const char grant_row[] =
	"CREATE TABLE grant_row (id {id}, public_id {blob} NOT NULL UNIQUE, account {int} NOT NULL "
	"REFERENCES account (id), "
	"role {text} NOT NULL, organisation {int} NOT NULL REFERENCES organisation (id), clearance "
	"{int} NOT NULL, "
	"valid_from {int} NOT NULL, valid_until {int}, ended {int}, created {int} NOT NULL, "
	"version {int} NOT NULL, salt {blob} NOT NULL, entry {int} NOT NULL) {strict};\n"
	"CREATE INDEX grant_row_account ON grant_row (account)";

/* An ended session has no row. token: keyed hash of the token. address and user_agent: notes, no
 * part of the audited body. */
static const char session[] =
	"CREATE TABLE session (id {id}, public_id {blob} NOT NULL UNIQUE, token {blob} NOT NULL "
	"UNIQUE, "
	"account {int} NOT NULL REFERENCES account (id), created {int} NOT NULL, expires {int} NOT "
	"NULL, "
	"last_used {int} NOT NULL, address {text} NOT NULL, user_agent {text} NOT NULL, "
	"version {int} NOT NULL, salt {blob} NOT NULL, entry {int} NOT NULL) {strict};\n"
	"CREATE INDEX session_account ON session (account);\n"
	/* Raised by every change that a session's scope may depend on. */
	"CREATE TABLE identity_state (id {int} PRIMARY KEY, generation {int} NOT NULL) {strict};\n"
	"INSERT INTO identity_state (id, generation) VALUES (1, 0)";

/* Marks, no records. key, source and address are keyed hashes: neither names nor addresses stand
 * here. */
static const char sign_in[] = "CREATE TABLE sign_in_counter (key {blob} PRIMARY KEY, failures "
			      "{int} NOT NULL, seen {int} NOT NULL, "
			      "held_until {int} NOT NULL) {strict};\n"
			      "CREATE TABLE sign_in_known (account {int} NOT NULL REFERENCES "
			      "account (id), address {blob} NOT NULL, "
			      "seen {int} NOT NULL, PRIMARY KEY (account, address)) {strict};\n"
			      "CREATE TABLE failure_minute (minute {int} NOT NULL, source {blob} "
			      "NOT NULL, count {int} NOT NULL, salt {blob}, "
			      "entry {int}, PRIMARY KEY (minute, source)) {strict}";

static const struct migration rows[] = {
	{ 200, "organisations", organisation, NULL },
	{ 201, "accounts", account, NULL },
	{ 202, "grants", grant_row, NULL },
	{ 203, "sessions", session, NULL },
	{ 204, "sign-in", sign_in, NULL },
};

const struct migration_list identity_migrations = { rows, nitems(rows) };
