/* What is done to rows by SQL behind the server's back is found and named; what the server did is not. */
#include "fixture.h"

static const char pack[] =
	"pack: 1\nname: test\nedition: 1\nlabel: { zh: 测试, en: Test }\n"
	"types:\n  tool:\n    label: { zh: 工具, en: Tool }\n    plural: { zh: 工具, en: Tools }\n "
	"   number: T\n"
	"    fields:\n      name: { kind: text, label: { zh: 名称, en: Name } }\n"
	"      amount: { kind: integer, label: { zh: 数量, en: Amount } }\n"
	"      phone: { kind: text, sealed: true, exact: true, label: { zh: 电话, en: Phone } }\n"
	"    states:\n      open: { zh: 打开, en: Open }\n      closed: { zh: 关闭, en: Closed }\n"
	"    moves:\n      close: { from: open, to: closed, label: { zh: 关闭, en: Close } }\n";

static bool fill(struct fixture *f)
{
	const struct scope *scope = scope_at(f, &f->east, CLEARANCE_SECRET, "*");

	for (int i = 0; i < 5; i++) {
		const char *body = arena_printf(
			f->arena, "{\"name\":\"tool %d\",\"amount\":%d,\"phone\":\"13%d\"}", i, i,
			i);

		if (!create(f, scope, "tool", body))
			return false;
	}
	return change(f, scope, "tool", f->ref, "{\"amount\":50,\"phone\":\"x\"}") &&
	       change(f, scope, "tool", f->ref, "{\"amount\":null}") &&
	       move(f, scope, "tool", f->ref, "close", NULL) &&
	       reveal(f, scope, "tool", f->ref, "phone");
}

static bool run_sql(struct conn *conn, void *context, struct err *err)
{
	return conn_execute(conn, context, err);
}

static const struct {
	const char *sql;
	enum message first; /* of the problems */
	int problems;
} cases[] = {
	{ "UPDATE r_tool SET f_amount = 99 WHERE number = 'T-000002'", MSG_VERIFY_ROW_CHANGED, 1 },
	{ "UPDATE r_tool SET f_name = NULL WHERE number = 'T-000002'", MSG_VERIFY_ROW_CHANGED, 1 },
	{ "UPDATE r_tool SET state = 'open' WHERE number = 'T-000005'", MSG_VERIFY_ROW_CHANGED, 1 },
	{ "UPDATE r_tool SET organisation = 1 WHERE number = 'T-000001'", MSG_VERIFY_ROW_CHANGED,
	  1 },
	{ "UPDATE r_tool SET created_by = public_id WHERE number = 'T-000001'",
	  MSG_VERIFY_ROW_CHANGED, 1 },
	{ "UPDATE r_tool SET f_phone = (SELECT o.f_phone FROM r_tool o WHERE o.number = "
	  "'T-000003') WHERE number = 'T-000001'",
	  MSG_VERIFY_ROW_CHANGED, 1 },
	{ "UPDATE r_tool SET b_phone = (SELECT o.b_phone FROM r_tool o WHERE o.number = "
	  "'T-000003') WHERE number = 'T-000001'",
	  MSG_VERIFY_ROW_CHANGED, 1 },
	{ "UPDATE r_tool SET salt = (SELECT o.salt FROM r_tool o WHERE o.number = 'T-000003') "
	  "WHERE number = 'T-000001'",
	  MSG_VERIFY_ROW_CHANGED, 1 },
	{ "UPDATE r_tool SET entry = entry + 1 WHERE number = 'T-000001'", MSG_VERIFY_ROW_REMOVED,
	  2 },
	{ "DELETE FROM r_tool WHERE number = 'T-000001'", MSG_VERIFY_ROW_REMOVED, 1 },
	{ "DELETE FROM r_tool WHERE number = 'T-000005'", MSG_VERIFY_VERSION_ORPHAN, 7 },
	{ "INSERT INTO r_tool (salt, entry, public_id, organisation, number, state, move, version, "
	  "edition, created, created_by, "
	  "changed, changed_by, f_name) SELECT salt, entry, salt, organisation, 'T-000009', state, "
	  "move, version, edition, "
	  "created, created_by, changed, changed_by, f_name FROM r_tool WHERE number = 'T-000001'",
	  MSG_VERIFY_ROW_ADDED, 1 },
	{ "DELETE FROM record_version WHERE version = 2", MSG_RECORD_VERSION_LOST, 3 },
	{ "DELETE FROM record_version WHERE version = 1", MSG_RECORD_VERSION_LOST, 2 },
	{ "UPDATE record_version SET previous = '{}' WHERE version = 1", MSG_RECORD_VERSION_LOST,
	  2 },
	{ "UPDATE record_version SET previous = replace(previous, '\"f_amount\":4', "
	  "'\"f_amount\":5') WHERE version = 1",
	  MSG_VERIFY_ROW_CHANGED, 1 },
	{ "UPDATE record_version SET previous = 'x' WHERE version = 3", MSG_RECORD_VERSION_LOST,
	  4 },
	{ "UPDATE model_pack SET text = replace(text, 'en: Tools', 'en: Fools')",
	  MSG_VERIFY_ROW_CHANGED, 1 },
	{ "UPDATE model_pack SET text = 'x'", MSG_PACK_STORED, 1 },
	{ "DELETE FROM model_pack", MSG_VERIFY_ROW_REMOVED, 1 },
};

static void what_the_server_did_is_clean(void)
{
	auto_fixture f;
	auto_problems problems = { 0 };

	CHECK(fixture_start(&f, pack));
	CHECK_DONE(fill(&f), f.err);
	CHECK_DONE(model_verify(f.model, &problems, &f.err), f.err);
	CHECK_INT((int64_t)problems.count, 0);
}

static void what_sql_did_is_named(void)
{
	for (size_t i = 0; i < nitems(cases); i++) {
		auto_fixture f;
		auto_problems problems = { 0 };
		auto_writer line = { 0 };

		CHECK(fixture_start(&f, pack));
		CHECK_DONE(fill(&f), f.err);
		CHECK_DONE(store_write(f.store, run_sql, (void *)(uintptr_t)cases[i].sql, &f.err),
			   f.err);
		CHECK_DONE(model_verify(f.model, &problems, &f.err), f.err);
		CHECK(problems.count > 0);
		if (problems.list[0].message != cases[i].first ||
		    problems.count != (size_t)cases[i].problems) {
			printf("# %s\n", cases[i].sql);
			for (size_t p = 0; p < problems.count; p++) {
				err_render(&problems.list[p], LANGUAGE_EN, &line);
				printf("#   %s\n", line.at);
				writer_clear(&line);
			}
		}
		CHECK_STR(str_of(message_code(problems.list[0].message)),
			  str_of(message_code(cases[i].first)));
		CHECK_INT((int64_t)problems.count, cases[i].problems);
	}
	check_cases(nitems(cases));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(what_the_server_did_is_clean),
		TEST(what_sql_did_is_named),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
