/* Owns the table of routes: one row is the single source for dispatch, rights, help and the OpenAPI document. */
#ifndef XIEDUN_API_ROUTE_H
#define XIEDUN_API_ROUTE_H

#include "api/api.h"

enum { ROUTE_PARAMETERS = 3 };

/* One request on its way through the dispatcher. Lives in the request's arena. */
struct call {
	struct api *api;
	const struct api_config *use;
	const struct route *route;
	const struct http_request *request;
	struct http_response *response;
	struct arena *arena;
	enum language language;
	struct str value[ROUTE_PARAMETERS]; /* of the path's {parameters}, in order */
	struct actor actor;
	struct session session;
	const struct scope *scope; /* NULL on an open route */
	const struct node *body;   /* a map, with ROUTE_BODY_JSON */
	struct json json;          /* into the response's body */
	struct problems problems;
	int status; /* of the answer; the row's unless a handler sets another */
	const struct type_set *types;
	const struct type *type; /* of a {type} parameter */
	struct uuid id;          /* of an {id} parameter */
	int64_t version;         /* of If-Match, with ROUTE_VERSIONED */
	struct record_ref ref;   /* what an apply hands to its answer */
	struct writer text;      /* the same, for a text */
	char request_id[UUID_TEXT_SIZE];
};

typedef bool call_fn(struct call *, struct err *);

enum route_access {
	ROUTE_OPEN,    /* no sign-in */
	ROUTE_SESSION, /* a session; the permission, if any, somewhere in its scope */
};

enum route_body { ROUTE_BODY_NONE, ROUTE_BODY_JSON, ROUTE_BODY_RAW };

struct route_query {
	const char *name, *schema; /* "string", "integer", "boolean" */
	const char *zh, *en;
};

struct route {
	enum http_method method;
	const char *path;      /* "/api/v1/records/{type}/{id}"; a last "{path*}" takes the rest */
	const char *operation; /* OpenAPI operationId */
	const char *tag;
	const char *zh, *en; /* what it does, one sentence */
	enum route_access access;
	const char *permission; /* NULL: the floor below decides; "{type}": the type's name */
	enum route_body body;
	bool versioned;      /* wants If-Match with the record's version */
	int status;          /* of success */
	const char *answer;  /* OpenAPI schema of the answer, or NULL; "{Type}": the type's own */
	const char *request; /* OpenAPI schema of the body; "{TypeFields}" for the type's own */
	const char *content; /* media type of the answer; NULL: application/json */
	const struct route_query *query;
	size_t query_count;
	/* A read or a floor's own write has `handle`; a write of the model has prepare (may be NULL), apply and answer. */
	call_fn *handle;
	call_fn *prepare;
	change_apply_fn *apply;
	call_fn *finish;
};

/* A part of the table: one for each resource's file. */
struct route_list {
	const struct route *rows;
	size_t count;
};

extern const struct route_list account_routes, home_routes, ledger_routes, operation_routes,
	organisation_routes, record_routes, session_routes, type_routes;

size_t route_lists(const struct route_list *const **lists);

/* The row for a method and path, its parameters in `value`. `allowed` gets the methods that the path has. */
const struct route *route_match(enum http_method, struct str path,
				struct str value[ROUTE_PARAMETERS], unsigned *allowed);

/* The name of the n-th {parameter} of a path, or absent. */
struct str route_parameter(const char *path, size_t n);

/* --- Helpers of handlers -------------------------------------------------------------------------- */

/* A text member of the body that must be there and not empty: MSG_FIELD_REQUIRED. */
must_use bool call_text(const struct call *, const char *name, struct str *, struct err *);

/* Writes {"id": …, "version": …} and the ETag for call->ref. */
void call_put_ref(struct call *);

/* Sets the ETag of a version. */
void call_etag(struct call *, int64_t version);

/* Writes the OpenAPI 3.1 document of all routes and of the types of now. */
void openapi_write(const struct type_set *, const char *edition, struct writer *);

#endif
