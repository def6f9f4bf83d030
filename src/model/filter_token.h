/* Owns the words of the filter language: one token after another. */
#ifndef XIEDUN_MODEL_FILTER_TOKEN_H
#define XIEDUN_MODEL_FILTER_TOKEN_H

#include "model/filter_tree.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD, /* and, due, high */
	TOKEN_LITERAL,
	TOKEN_SYMBOL, /* = != < <= > >= ( ) [ ] , + - */
};

struct token {
	enum token_kind kind;
	struct str text; /* as written, without quotes */
	struct literal literal;
	int position;
};

struct filter_text {
	struct arena *arena;
	struct str rest;
	int position; /* of the next character, from 1 */
};

must_use bool filter_token_next(struct filter_text *, struct token *, struct err *);

#endif
