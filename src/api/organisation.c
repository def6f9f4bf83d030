/* The tree of organisations. */
#include "api/route.h"

static bool organisations(struct call *call, struct err *err)
{
	return identity_organisations(call->use->identity, call->scope, &call->json, err);
}

static bool organisation_create(struct call *call, struct err *err)
{
	return identity_organisation_create(call->use->identity, call->scope, &call->actor,
					    call->body, &call->json, err);
}

static bool organisation_change(struct call *call, struct err *err)
{
	return identity_organisation_change(call->use->identity, call->scope, &call->actor,
					    &call->id, call->version, call->body, &call->json, err);
}

static const struct route rows[] = {
	{ .method = HTTP_GET,
	  .path = "/api/v1/organisations",
	  .operation = "organisations",
	  .tag = "organisation",
	  .zh = "机构列表",
	  .en = "Organisations",
	  .access = ROUTE_SESSION,
	  .status = 200,
	  .answer = "List",
	  .handle = organisations },
	{ .method = HTTP_POST,
	  .path = "/api/v1/organisations",
	  .operation = "createOrganisation",
	  .tag = "organisation",
	  .zh = "新建机构",
	  .en = "Make an organisation",
	  .access = ROUTE_SESSION,
	  .permission = "organisation.manage",
	  .body = ROUTE_BODY_JSON,
	  .status = 201,
	  .request = "OrganisationRequest",
	  .answer = "Any",
	  .handle = organisation_create },
	{ .method = HTTP_PATCH,
	  .path = "/api/v1/organisations/{id}",
	  .operation = "changeOrganisation",
	  .tag = "organisation",
	  .zh = "修改机构",
	  .en = "Change an organisation",
	  .access = ROUTE_SESSION,
	  .permission = "organisation.manage",
	  .body = ROUTE_BODY_JSON,
	  .versioned = true,
	  .status = 200,
	  .request = "OrganisationRequest",
	  .answer = "Any",
	  .handle = organisation_change },
};

const struct route_list organisation_routes = { rows, nitems(rows) };
