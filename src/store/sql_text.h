/* Owns the reading of SQL text: where its parameters stand, what our tokens mean, where its
 * statements end. */
#ifndef XIEDUN_STORE_SQL_TEXT_H
#define XIEDUN_STORE_SQL_TEXT_H

#include "base/writer.h"
#include "store/store.h"

/* The parameters of one statement, numbered from 0 by their first appearance. Names are borrowed
 * from the text. */
struct sql_parameters {
	struct str *names;
	int count;
};

/*
 * Finds every ":name" outside of strings, quoted identifiers, comments and "::" casts. `numbered`
 * (may be NULL) gets the text with "$1", "$2", … in their place, as PostgreSQL wants it.
 */
void sql_parameters_find(struct str sql, struct sql_parameters *, struct writer *numbered);
void sql_parameters_release(struct sql_parameters *);

/* Appends the text with {int} {text} {blob} {real} {id} {strict} replaced by the database's words.
 */
void sql_expand(enum backend, struct str sql, struct writer *to);

/* Takes the next statement (up to ";\n" or the end) off *rest; false when only white space is left.
 */
bool sql_next(struct str *rest, struct str *statement);

#endif
