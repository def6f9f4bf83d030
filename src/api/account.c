/* Accounts, roles and grants. */
#include "api/route.h"

static bool accounts(struct call *call, struct err *err)
{
	return identity_accounts(call->use->identity, call->scope, &call->json, err);
}

static bool account_create(struct call *call, struct err *err)
{
	return identity_account_create(call->use->identity, call->scope, &call->actor, call->body,
				       &call->json, err);
}

static bool account_disable(struct call *call, struct err *err)
{
	return identity_account_disable(call->use->identity, call->scope, &call->actor, &call->id,
					err);
}

static bool account_enable(struct call *call, struct err *err)
{
	return identity_account_enable(call->use->identity, call->scope, &call->actor, &call->id,
				       err);
}

static bool account_reset(struct call *call, struct err *err)
{
	return identity_account_reset(call->use->identity, call->scope, &call->actor, &call->id,
				      &call->json, err);
}

static bool roles(struct call *call, struct err *err unused)
{
	identity_roles(call->use->identity, &call->json);
	return true;
}

static bool grants(struct call *call, struct err *err)
{
	return identity_grants(call->use->identity, call->scope, &call->json, err);
}

static bool grant_create(struct call *call, struct err *err)
{
	return identity_grant_create(call->use->identity, call->scope, &call->actor, call->body,
				     &call->json, err);
}

static bool grant_end(struct call *call, struct err *err)
{
	return identity_grant_end(call->use->identity, call->scope, &call->actor, &call->id, err);
}

static const struct route rows[] = {
	{ .method = HTTP_GET,
	  .path = "/api/v1/accounts",
	  .operation = "accounts",
	  .tag = "account",
	  .zh = "账户列表",
	  .en = "Accounts",
	  .access = ROUTE_SESSION,
	  .permission = "account.read",
	  .status = 200,
	  .answer = "List",
	  .handle = accounts },
	{ .method = HTTP_POST,
	  .path = "/api/v1/accounts",
	  .operation = "createAccount",
	  .tag = "account",
	  .zh = "新建账户;答复中有一小时内有效的一次性令牌",
	  .en = "Make an account; the answer has its one-hour, single-use token",
	  .access = ROUTE_SESSION,
	  .permission = "account.manage",
	  .body = ROUTE_BODY_JSON,
	  .status = 201,
	  .request = "AccountCreate",
	  .answer = "Invitation",
	  .handle = account_create },
	{ .method = HTTP_POST,
	  .path = "/api/v1/accounts/{id}/disable",
	  .operation = "disableAccount",
	  .tag = "account",
	  .zh = "停用账户并立即结束其全部会话",
	  .en = "Disable an account and end all its sessions at once",
	  .access = ROUTE_SESSION,
	  .permission = "account.manage",
	  .status = 204,
	  .handle = account_disable },
	{ .method = HTTP_POST,
	  .path = "/api/v1/accounts/{id}/enable",
	  .operation = "enableAccount",
	  .tag = "account",
	  .zh = "恢复账户",
	  .en = "Enable an account",
	  .access = ROUTE_SESSION,
	  .permission = "account.manage",
	  .status = 204,
	  .handle = account_enable },
	{ .method = HTTP_POST,
	  .path = "/api/v1/accounts/{id}/reset",
	  .operation = "resetAccount",
	  .tag = "account",
	  .zh = "重置账户:密码或动态口令丢失时发放新的一次性令牌",
	  .en = "Reset an account: a new one-time token when password or factor are lost",
	  .access = ROUTE_SESSION,
	  .permission = "account.manage",
	  .status = 200,
	  .answer = "Invitation",
	  .handle = account_reset },
	{ .method = HTTP_GET,
	  .path = "/api/v1/roles",
	  .operation = "roles",
	  .tag = "account",
	  .zh = "角色及其权限",
	  .en = "Roles and their permissions",
	  .access = ROUTE_SESSION,
	  .status = 200,
	  .answer = "List",
	  .handle = roles },
	{ .method = HTTP_GET,
	  .path = "/api/v1/grants",
	  .operation = "grants",
	  .tag = "account",
	  .zh = "授权列表",
	  .en = "Grants",
	  .access = ROUTE_SESSION,
	  .permission = "account.read",
	  .status = 200,
	  .answer = "List",
	  .handle = grants },
	{ .method = HTTP_POST,
	  .path = "/api/v1/grants",
	  .operation = "createGrant",
	  .tag = "account",
	  .zh = "授权:账户、角色、机构、密级、起止时间",
	  .en = "Grant: account, role, organisation, clearance, from, until",
	  .access = ROUTE_SESSION,
	  .permission = "account.manage",
	  .body = ROUTE_BODY_JSON,
	  .status = 201,
	  .request = "GrantCreate",
	  .answer = "Any",
	  .handle = grant_create },
	{ .method = HTTP_DELETE,
	  .path = "/api/v1/grants/{id}",
	  .operation = "endGrant",
	  .tag = "account",
	  .zh = "收回授权",
	  .en = "End a grant",
	  .access = ROUTE_SESSION,
	  .permission = "account.manage",
	  .status = 204,
	  .handle = grant_end },
};

const struct route_list account_routes = { rows, nitems(rows) };
