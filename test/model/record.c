#include "fixture.h"

static const char pack[] =
	"pack: 1\nname: test\nedition: 1\nlabel: { zh: 测试, en: Test }\n"
	"types:\n"
	"  kind:\n    label: { zh: 种类, en: Kind }\n    plural: { zh: 种类, en: Kinds }\n    "
	"catalogue: true\n    title: name\n"
	"    fields:\n      name: { kind: text, required: true, label: { zh: 名称, en: Name } }\n"
	"  tool:\n    label: { zh: 工具, en: Tool }\n    plural: { zh: 工具, en: Tools }\n    "
	"number: T\n    title: name\n"
	"    fields:\n"
	"      name: { kind: text, required: true, min: 2, max: 10, label: { zh: 名称, en: Name } "
	"}\n"
	"      serial: { kind: text, unique: true, label: { zh: 序列号, en: Serial } }\n"
	"      notes: { kind: markdown, label: { zh: 备注, en: Notes } }\n"
	"      amount: { kind: integer, min: -5, max: 100, label: { zh: 数量, en: Amount } }\n"
	"      price: { kind: decimal, scale: 2, min: 0, label: { zh: 价格, en: Price } }\n"
	"      active: { kind: boolean, label: { zh: 启用, en: Active } }\n"
	"      due: { kind: date, label: { zh: 到期, en: Due } }\n"
	"      seen: { kind: instant, label: { zh: 时间, en: Seen } }\n"
	"      every: { kind: duration, label: { zh: 周期, en: Every } }\n"
	"      severity: { kind: choice, label: { zh: 级别, en: Severity }, choices: { low: { zh: "
	"低, en: Low }, "
	"medium: { zh: 中, en: Medium }, high: { zh: 高, en: High } } }\n"
	"      tags: { kind: choices, label: { zh: 标签, en: Tags }, choices: { a: { zh: 甲, en: A "
	"}, b: { zh: 乙, en: B }, "
	"c: { zh: 丙, en: C } } }\n"
	"      of: { kind: reference, target: kind, label: { zh: 种类, en: Kind } }\n"
	"      keeper: { kind: person, label: { zh: 保管人, en: Keeper } }\n"
	"      place: { kind: organisation, label: { zh: 场所, en: Place } }\n"
	"      address: { kind: network, label: { zh: 地址, en: Address } }\n"
	"      phone: { kind: text, sealed: true, exact: true, sensitivity: personal, label: { zh: "
	"电话, en: Phone } }\n"
	"      secret: { kind: text, sealed: true, sensitivity: secret, label: { zh: 机密, en: "
	"Secret } }\n"
	"      rank: { kind: integer, sensitivity: confidential, label: { zh: 等级, en: Rank } }\n"
	"    states:\n      open: { zh: 打开, en: Open }\n      busy: { zh: 处理中, en: Busy }\n   "
	"   closed: { zh: 关闭, en: Closed }\n"
	"    moves:\n"
	"      start: { from: open, to: busy, label: { zh: 开始, en: Start } }\n"
	"      close: { from: [open, busy], to: closed, required: [due], guard: \"due <= today\", "
	"label: { zh: 关闭, en: Close } }\n"
	"      approve: { from: open, to: busy, not_creator: true, label: { zh: 批准, en: Approve "
	"} }\n"
	"    indexes:\n      - [state, due]\n      - [severity]\n";

static struct str member(struct fixture *f, const char *name)
{
	return node_member_text(answer(f), name);
}

static void a_record_is_created_and_read(void)
{
	auto_fixture f;
	const struct scope *scope;

	CHECK(fixture_start(&f, pack));
	scope = scope_at(&f, &f.east, CLEARANCE_PERSONAL, "*");
	CHECK_DONE(create(&f, scope, "tool",
			  "{\"name\":\"Pump\",\"due\":\"2026-12-01\",\"phone\":\"13800138000\"}"),
		   f.err);
	CHECK_INT(f.ref.version, 1);
	CHECK_DONE(read_one(&f, scope, "tool", f.ref.id), f.err);
	CHECK_STR(member(&f, "number"), STR("T-000001"));
	CHECK_STR(member(&f, "state"), STR("open"));
	CHECK_STR(member(&f, "organisation"), str_of(f.east.text));
	CHECK_STR(member(&f, "due"), STR("2026-12-01"));
	CHECK_STR(member(&f, "created"), STR("2026-11-22T12:00:00.000000Z"));
	CHECK(node_member(node_member(answer(&f), "phone"), "sealed"));
	CHECK(node_member(answer(&f), "notes") &&
	      node_member(answer(&f), "notes")->kind == NODE_NULL);
	/* Above the clearance there is no such field. */
	CHECK(!node_member(answer(&f), "secret"));
	CHECK(node_member(answer(&f), "rank"));
	CHECK_DONE(create(&f, scope, "tool", "{\"name\":\"Pump\"}"), f.err);
	CHECK_DONE(read_one(&f, scope, "tool", f.ref.id), f.err);
	CHECK_STR(member(&f, "number"), STR("T-000002"));
}

/* A field's value, and what comes back; absent: it is refused with the message. */
static const struct {
	const char *field, *value, *back;
	enum message message;
} values[] = {
	{ "name", "\"Pump\"", "\"Pump\"", MSG_NONE },
	{ "name", "\"输液泵\"", "\"输液泵\"", MSG_NONE },
	{ "name", "\"x\"", NULL, MSG_FIELD_TOO_SHORT },
	{ "name", "\"12345678901\"", NULL, MSG_FIELD_TOO_LONG },
	{ "name", "\"一二三四五六七八九十\"", "\"一二三四五六七八九十\"", MSG_NONE },
	{ "name", "12", NULL, MSG_FIELD_NOT_TEXT },
	{ "name", "\"a\\nb\"", NULL, MSG_FIELD_CONTROL },
	{ "name", "\"\"", NULL, MSG_FIELD_REQUIRED },
	{ "name", "null", NULL, MSG_FIELD_REQUIRED },
	{ "notes", "\"a\\nb\"", "\"a\\nb\"", MSG_NONE },
	{ "notes", "\"\\u0007\"", NULL, MSG_FIELD_CONTROL },
	{ "notes", "\"\"", "null", MSG_NONE },
	{ "amount", "-5", "-5", MSG_NONE },
	{ "amount", "100", "100", MSG_NONE },
	{ "amount", "-6", NULL, MSG_FIELD_TOO_SMALL },
	{ "amount", "101", NULL, MSG_FIELD_TOO_LARGE },
	{ "amount", "1.5", NULL, MSG_FIELD_NOT_INTEGER },
	{ "amount", "1e2", NULL, MSG_FIELD_NOT_INTEGER },
	{ "amount", "99999999999999999999", NULL, MSG_FIELD_NOT_INTEGER },
	{ "amount", "\"5\"", NULL, MSG_FIELD_NOT_INTEGER },
	{ "price", "12.5", "12.50", MSG_NONE },
	{ "price", "\"0.07\"", "0.07", MSG_NONE },
	{ "price", "3", "3.00", MSG_NONE },
	{ "price", "-0.01", NULL, MSG_FIELD_TOO_SMALL },
	{ "price", "1.005", NULL, MSG_FIELD_NOT_DECIMAL },
	{ "price", "1e3", NULL, MSG_FIELD_NOT_DECIMAL },
	{ "price", "\"1.\"", NULL, MSG_FIELD_NOT_DECIMAL },
	{ "active", "true", "true", MSG_NONE },
	{ "active", "false", "false", MSG_NONE },
	{ "active", "\"true\"", NULL, MSG_FIELD_NOT_BOOLEAN },
	{ "active", "1", NULL, MSG_FIELD_NOT_BOOLEAN },
	{ "due", "\"2024-02-29\"", "\"2024-02-29\"", MSG_NONE },
	{ "due", "\"2026-02-29\"", NULL, MSG_FIELD_NOT_DATE },
	{ "due", "\"2026-1-1\"", NULL, MSG_FIELD_NOT_DATE },
	{ "seen", "\"2026-11-22T20:00:00+08:00\"", "\"2026-11-22T12:00:00.000000Z\"", MSG_NONE },
	{ "seen", "\"2026-11-22T20:00:00\"", NULL, MSG_FIELD_NOT_INSTANT },
	{ "every", "\"P1DT12H\"", "\"P1DT12H\"", MSG_NONE },
	{ "every", "\"P1W\"", "\"P7D\"", MSG_NONE },
	{ "every", "\"PT90M\"", "\"PT1H30M\"", MSG_NONE },
	{ "every", "\"PT0S\"", "\"PT0S\"", MSG_NONE },
	{ "every", "\"P1M\"", NULL, MSG_FIELD_NOT_DURATION },
	{ "every", "\"P\"", NULL, MSG_FIELD_NOT_DURATION },
	{ "every", "\"PT\"", NULL, MSG_FIELD_NOT_DURATION },
	{ "every", "\"PT1H1D\"", NULL, MSG_FIELD_NOT_DURATION },
	{ "every", "\"P99999999999999999D\"", NULL, MSG_FIELD_NOT_DURATION },
	{ "severity", "\"high\"", "\"high\"", MSG_NONE },
	{ "severity", "\"hihg\"", NULL, MSG_FIELD_CHOICE_MISTYPED },
	{ "severity", "\"purple\"", NULL, MSG_FIELD_CHOICE_UNKNOWN },
	{ "tags", "[\"c\",\"a\"]", "[\"a\",\"c\"]", MSG_NONE },
	{ "tags", "[]", "null", MSG_NONE },
	{ "tags", "[\"a\",\"a\"]", NULL, MSG_FIELD_CHOICE_TWICE },
	{ "tags", "[\"xyz\"]", NULL, MSG_FIELD_CHOICE_UNKNOWN },
	{ "tags", "\"a\"", NULL, MSG_FIELD_NOT_LIST },
	{ "tags", "[1]", NULL, MSG_FIELD_NOT_LIST },
	{ "of", "\"0190163d-8694-739b-aea5-966c26f8ad91\"", NULL, MSG_FIELD_TARGET_MISSING },
	{ "of", "\"x\"", NULL, MSG_FIELD_NOT_ID },
	{ "keeper", "\"0190163d-8694-739b-aea5-966c26f8ad91\"", NULL, MSG_FIELD_TARGET_MISSING },
	{ "place", "\"0190163d-8694-739b-aea5-966c26f8ad91\"", NULL, MSG_FIELD_TARGET_MISSING },
	{ "address", "\"10.1.2.3\"", "\"10.1.2.3\"", MSG_NONE },
	{ "address", "\"10.1.0.0/16\"", "\"10.1.0.0/16\"", MSG_NONE },
	{ "address", "\"2001:DB8:0::1\"", "\"2001:db8::1\"", MSG_NONE },
	{ "address", "\"2001:db8::/32\"", "\"2001:db8::/32\"", MSG_NONE },
	{ "address", "\"00-1B-21-aa-00-01\"", "\"00:1b:21:aa:00:01\"", MSG_NONE },
	{ "address", "\"0.0.0.0/0\"", "\"0.0.0.0/0\"", MSG_NONE },
	{ "address", "\"10.1.2.3/16\"", NULL, MSG_FIELD_NOT_NETWORK },
	{ "address", "\"10.1.2.3/33\"", NULL, MSG_FIELD_NOT_NETWORK },
	{ "address", "\"10.1.2\"", NULL, MSG_FIELD_NOT_NETWORK },
	{ "address", "\"00-1B:21-aa-00-01\"", NULL, MSG_FIELD_NOT_NETWORK },
	{ "rank", "5", "5", MSG_NONE },
	{ "secret", "\"x\"", NULL, MSG_FIELD_UNKNOWN },
	{ "nmae", "\"x\"", NULL, MSG_FIELD_MISTYPED },
	{ "state", "\"busy\"", NULL, MSG_FIELD_UNKNOWN },
	{ "created", "\"2026-11-22T20:00:00Z\"", NULL, MSG_FIELD_UNKNOWN },
	{ "b_phone", "\"x\"", NULL, MSG_FIELD_MISTYPED },
};

static void every_kind_takes_good_values_and_refuses_others(void)
{
	auto_fixture f;
	const struct scope *scope;

	CHECK(fixture_start(&f, pack));
	scope = scope_at(&f, &f.east, CLEARANCE_PERSONAL, "*");
	for (size_t i = 0; i < nitems(values); i++) {
		bool name = strcmp(values[i].field, "name") == 0;
		const char *body =
			arena_printf(f.arena, "{%s\"%s\":%s}", name ? "" : "\"name\":\"Pump\",",
				     values[i].field, values[i].value);
		bool done = create(&f, scope, "tool", body);

		if (done != (values[i].message == MSG_NONE))
			printf("# %s\n", body);
		if (values[i].message != MSG_NONE) {
			CHECK_FAILS(done, f.err, MSG_RECORD_INVALID);
			CHECK_STR(str_of(problem(&f)), str_of(message_code(values[i].message)));
			CHECK_STR(str_of(f.problems.list[0].place.field), str_of(values[i].field));
			continue;
		}
		CHECK_DONE(done, f.err);
		CHECK_DONE(read_one(&f, scope, "tool", f.ref.id), f.err);

		auto_writer back = { 0 };
		struct json json = json_into(&back);

		node_write_json(node_member(answer(&f), values[i].field), &json);
		CHECK_STR(writer_str(&back), str_of(values[i].back));
	}
	check_cases(nitems(values));
}

static void many_mistakes_are_told_at_once(void)
{
	auto_fixture f;

	CHECK(fixture_start(&f, pack));
	CHECK_FAILS(create(&f, scope_at(&f, &f.east, CLEARANCE_SECRET, "*"), "tool",
			   "{\"amount\":1000,\"due\":\"x\",\"severity\":\"hihg\",\"colour\":1}"),
		    f.err, MSG_RECORD_INVALID);
	CHECK_INT((int64_t)f.problems.count, 5);
	CHECK_STR(str_of(message_code(f.problems.list[4].message)), STR("FIELD_REQUIRED"));
}

static void references_point_at_what_the_caller_may_see(void)
{
	auto_fixture f;
	char id[UUID_TEXT_SIZE];

	CHECK(fixture_start(&f, pack));

	const struct scope *east = scope_at(&f, &f.east, CLEARANCE_SECRET, "*");
	const struct scope *tools = scope_at(&f, &f.east, CLEARANCE_SECRET, "tool.*");

	CHECK_DONE(create(&f, east, "kind", "{\"name\":\"Pumps\"}"), f.err);
	(void)uuid_text(&f.ref.id, id);

	const char *body = arena_printf(
		f.arena, "{\"name\":\"Pump\",\"of\":\"%s\",\"place\":\"%s\"}", id, f.east.text);
	const char *other =
		arena_printf(f.arena, "{\"name\":\"Pump\",\"place\":\"%s\"}", f.west.text);

	CHECK_DONE(create(&f, east, "tool", body), f.err);
	CHECK_DONE(read_one(&f, east, "tool", f.ref.id), f.err);
	CHECK_STR(member(&f, "of"), str_of(id));
	CHECK_STR(member(&f, "place"), str_of(f.east.text));
	CHECK_FAILS(create(&f, tools, "tool", body), f.err, MSG_RECORD_INVALID);
	CHECK_STR(str_of(problem(&f)), STR("FIELD_TARGET_MISSING"));
	CHECK_FAILS(create(&f, east, "tool", other), f.err, MSG_RECORD_INVALID);
	CHECK_STR(str_of(problem(&f)), STR("FIELD_TARGET_MISSING"));
}

static void creating_twice_is_creating_once(void)
{
	auto_fixture f;
	const struct scope *scope, *west;
	static const char body[] = "{\"id\":\"0190163d-8694-739b-aea5-966c26f8ad91\",\"name\":"
				   "\"Pump\",\"phone\":\"138\"}";

	CHECK(fixture_start(&f, pack));
	scope = scope_at(&f, &f.east, CLEARANCE_SECRET, "*");
	west = scope_at(&f, &f.west, CLEARANCE_SECRET, "*");
	CHECK_DONE(create(&f, scope, "tool", body), f.err);
	CHECK(!f.nothing);

	struct record_ref first = f.ref;

	CHECK_DONE(create(&f, scope, "tool", body), f.err);
	CHECK(f.nothing && uuid_equal(&first.id, &f.ref.id) && f.ref.version == 1);
	/* Also when the record has moved on since. */
	CHECK_DONE(change(&f, scope, "tool", first, "{\"name\":\"Other\",\"phone\":\"139\"}"),
		   f.err);
	CHECK_DONE(create(&f, scope, "tool", body), f.err);
	CHECK(f.nothing && f.ref.version == 1);
	CHECK_FAILS(create(&f, scope, "tool",
			   "{\"id\":\"0190163d-8694-739b-aea5-966c26f8ad91\",\"name\":\"Pomp\","
			   "\"phone\":\"138\"}"),
		    f.err, MSG_RECORD_ID_TAKEN);
	CHECK_FAILS(create(&f, scope, "tool",
			   "{\"id\":\"0190163d-8694-739b-aea5-966c26f8ad91\",\"name\":\"Pump\","
			   "\"phone\":\"137\"}"),
		    f.err, MSG_RECORD_ID_TAKEN);
	CHECK_FAILS(create(&f, west, "tool", body), f.err, MSG_RECORD_ID_TAKEN);
	CHECK_FAILS(create(&f, scope, "tool",
			   "{\"id\":\"0190163d-8694-439b-aea5-966c26f8ad91\",\"name\":\"Pump\"}"),
		    f.err, MSG_RECORD_ID_FORM);
}

static void only_the_version_that_was_read_changes(void)
{
	auto_fixture f;
	const struct scope *scope;

	CHECK(fixture_start(&f, pack));
	scope = scope_at(&f, &f.east, CLEARANCE_SECRET, "*");
	CHECK_DONE(create(&f, scope, "tool", "{\"name\":\"Pump\",\"amount\":1}"), f.err);

	struct record_ref first = f.ref;

	CHECK_DONE(change(&f, scope, "tool", first, "{\"amount\":2}"), f.err);
	CHECK_INT(f.ref.version, 2);
	CHECK_FAILS(change(&f, scope, "tool", first, "{\"amount\":3}"), f.err, MSG_RECORD_CHANGED);
	CHECK_STR(str_of(f.err.arg[1]), STR("2"));
	CHECK_DONE(change(&f, scope, "tool", f.ref, "{\"amount\":2}"), f.err);
	CHECK(f.nothing && f.ref.version == 2);
	CHECK_DONE(change(&f, scope, "tool", f.ref, "{\"amount\":null}"), f.err);
	CHECK_FAILS(change(&f, scope, "tool", f.ref, "{\"name\":null}"), f.err, MSG_RECORD_INVALID);
	CHECK_DONE(read_one(&f, scope, "tool", f.ref.id), f.err);
	CHECK(node_member(answer(&f), "amount") &&
	      node_member(answer(&f), "amount")->kind == NODE_NULL);
}

static void a_unique_value_is_there_once(void)
{
	auto_fixture f;
	const struct scope *scope;

	CHECK(fixture_start(&f, pack));
	scope = scope_at(&f, &f.east, CLEARANCE_SECRET, "*");
	CHECK_DONE(create(&f, scope, "tool", "{\"name\":\"Pump\",\"serial\":\"A1\"}"), f.err);
	CHECK_DONE(create(&f, scope, "tool", "{\"name\":\"Pump\",\"serial\":\"A2\"}"), f.err);
	CHECK_FAILS(change(&f, scope, "tool", f.ref, "{\"serial\":\"A1\"}"), f.err,
		    MSG_RECORD_INVALID);
	CHECK_STR(str_of(problem(&f)), STR("FIELD_TAKEN"));
	CHECK_STR(str_of(f.problems.list[0].place.field), STR("serial"));
	CHECK_FAILS(create(&f, scope, "tool", "{\"name\":\"Pump\",\"serial\":\"A1\"}"), f.err,
		    MSG_RECORD_INVALID);
	CHECK_STR(str_of(problem(&f)), STR("FIELD_TAKEN"));
}

static void moves_follow_their_rules(void)
{
	auto_fixture f;
	const struct scope *scope, *other, *mover;

	CHECK(fixture_start(&f, pack));
	scope = scope_at(&f, &f.east, CLEARANCE_SECRET, "*");
	mover = scope_at(&f, &f.east, CLEARANCE_SECRET, "tool.move.close");
	CHECK_DONE(create(&f, scope, "tool", "{\"name\":\"Pump\"}"), f.err);

	struct record_ref ref = f.ref;

	CHECK_FAILS(move(&f, scope, "tool", ref, "clsoe", NULL), f.err, MSG_MOVE_MISTYPED);
	CHECK_FAILS(move(&f, scope, "tool", ref, "dismantle", NULL), f.err, MSG_MOVE_UNKNOWN);
	CHECK_FAILS(move(&f, mover, "tool", ref, "start", NULL), f.err, MSG_RECORD_MISSING);
	CHECK_FAILS(move(&f, scope, "tool", ref, "approve", NULL), f.err, MSG_MOVE_CREATOR);
	CHECK_FAILS(move(&f, scope, "tool", ref, "close", NULL), f.err, MSG_RECORD_INVALID);
	CHECK_STR(str_of(problem(&f)), STR("MOVE_REQUIRED"));
	CHECK_FAILS(move(&f, scope, "tool", ref, "close", "{\"due\":\"2026-11-30\"}"), f.err,
		    MSG_MOVE_GUARD);
	CHECK_DONE(move(&f, scope, "tool", ref, "start", NULL), f.err);
	CHECK_FAILS(move(&f, scope, "tool", f.ref, "start", NULL), f.err, MSG_MOVE_STATE);
	CHECK_DONE(move(&f, scope, "tool", f.ref, "close",
			"{\"due\":\"2026-11-22\",\"name\":\"Pump 2\"}"),
		   f.err);
	CHECK_INT(f.ref.version, 3);
	CHECK_DONE(read_one(&f, scope, "tool", f.ref.id), f.err);
	CHECK_STR(member(&f, "state"), STR("closed"));
	CHECK_STR(member(&f, "name"), STR("Pump 2"));
	CHECK_DONE(create(&f, scope, "tool", "{\"name\":\"Pump\"}"), f.err);
	other = scope_at(&f, &f.east, CLEARANCE_SECRET, "*");
	((struct scope *)(uintptr_t)other)->person = 2;
	CHECK_DONE(move(&f, other, "tool", f.ref, "approve", NULL), f.err);
}

static void history_tells_every_version(void)
{
	auto_fixture f;
	const struct scope *scope, *low;

	CHECK(fixture_start(&f, pack));
	scope = scope_at(&f, &f.east, CLEARANCE_SECRET, "*");
	low = scope_at(&f, &f.east, CLEARANCE_INTERNAL, "*");
	CHECK_DONE(create(&f, scope, "tool", "{\"name\":\"Pump\",\"rank\":1,\"phone\":\"138\"}"),
		   f.err);
	CHECK_DONE(change(&f, scope, "tool", f.ref, "{\"rank\":2,\"amount\":7,\"phone\":\"139\"}"),
		   f.err);
	CHECK_DONE(move(&f, scope, "tool", f.ref, "start", NULL), f.err);
	CHECK_DONE(history(&f, scope, "tool", f.ref.id), f.err);

	const struct node *all = answer(&f), *v3 = all->child, *v2 = v3 ? v3->next : NULL,
			  *v1 = v2 ? v2->next : NULL;
	int64_t number;

	CHECK(v1 && !v1->next);
	CHECK(node_int(node_member(v3, "version"), &number) && number == 3);
	CHECK_STR(node_member_text(v3, "move"), STR("start"));
	CHECK_STR(node_member_text(node_member(node_member(v3, "fields"), "state"), "to"),
		  STR("busy"));
	CHECK(node_member(v2, "move") && node_member(v2, "move")->kind == NODE_NULL);
	CHECK(node_member(v2, "fields") && node_member(v2, "fields")->count == 3);
	CHECK(node_int(node_member(node_member(node_member(v2, "fields"), "rank"), "from"),
		       &number) &&
	      number == 1);
	CHECK(node_member(node_member(node_member(node_member(v2, "fields"), "phone"), "from"),
			  "sealed"));
	CHECK_STR(node_member_text(node_member(node_member(v1, "fields"), "name"), "to"),
		  STR("Pump"));
	CHECK_DONE(history(&f, low, "tool", f.ref.id), f.err);
	v3 = answer(&f)->child;
	CHECK(v3 && v3->next && node_member(v3->next, "fields") &&
	      node_member(v3->next, "fields")->count == 1);
}

static void a_sibling_does_not_know(void)
{
	auto_fixture f;
	const struct scope *east, *west, *reader, *root;

	CHECK(fixture_start(&f, pack));
	east = scope_at(&f, &f.east, CLEARANCE_SECRET, "*");
	west = scope_at(&f, &f.west, CLEARANCE_SECRET, "*");
	root = scope_at(&f, &f.root, CLEARANCE_SECRET, "*");
	reader = scope_at(&f, &f.east, CLEARANCE_SECRET, "tool.read");
	CHECK_DONE(create(&f, east, "tool", "{\"name\":\"Pump\"}"), f.err);
	CHECK_FAILS(read_one(&f, west, "tool", f.ref.id), f.err, MSG_RECORD_MISSING);
	CHECK_FAILS(history(&f, west, "tool", f.ref.id), f.err, MSG_RECORD_MISSING);
	CHECK_FAILS(change(&f, west, "tool", f.ref, "{\"amount\":1}"), f.err, MSG_RECORD_MISSING);
	CHECK_FAILS(move(&f, west, "tool", f.ref, "start", NULL), f.err, MSG_RECORD_MISSING);
	CHECK_FAILS(reveal(&f, west, "tool", f.ref, "phone"), f.err, MSG_RECORD_MISSING);
	CHECK_FAILS(change(&f, reader, "tool", f.ref, "{\"amount\":1}"), f.err,
		    MSG_RECORD_FORBIDDEN);
	CHECK_FAILS(create(&f, reader, "tool", "{\"name\":\"Pump\"}"), f.err, MSG_RECORD_FORBIDDEN);
	CHECK_FAILS(create(&f, west, "tool",
			   arena_printf(f.arena, "{\"name\":\"Pump\",\"organisation\":\"%s\"}",
					f.east.text)),
		    f.err, MSG_FIELD_TARGET_MISSING);
	CHECK_DONE(create(&f, root, "tool",
			  arena_printf(f.arena, "{\"name\":\"Pump\",\"organisation\":\"%s\"}",
				       f.west.text)),
		   f.err);
	CHECK_DONE(list_filter(&f, east, "tool", ""), f.err);
	CHECK_INT((int64_t)items(&f), 1);
	CHECK_DONE(list_filter(&f, west, "tool", ""), f.err);
	CHECK_INT((int64_t)items(&f), 1);
	CHECK_DONE(list_filter(&f, root, "tool", ""), f.err);
	CHECK_INT((int64_t)items(&f), 2);
	CHECK_FAILS(list_filter(&f, scope_at(&f, &f.east, CLEARANCE_SECRET, "kind.*"), "tool", ""),
		    f.err, MSG_RECORD_FORBIDDEN);
}

static void fields_above_the_clearance_are_unknown(void)
{
	auto_fixture f;
	const struct scope *scope, *low;

	CHECK(fixture_start(&f, pack));
	scope = scope_at(&f, &f.east, CLEARANCE_SECRET, "*");
	low = scope_at(&f, &f.east, CLEARANCE_INTERNAL, "*");
	CHECK_DONE(create(&f, scope, "tool", "{\"name\":\"Pump\",\"rank\":3}"), f.err);
	CHECK_FAILS(list_filter(&f, low, "tool", "rank = 3"), f.err, MSG_FILTER_FIELD_UNKNOWN);
	CHECK_FAILS(list_filter(&f, low, "tool", "rnak = 3"), f.err, MSG_FILTER_FIELD_UNKNOWN);
	CHECK_FAILS(list(&f, low, "tool", (struct record_query){ .sort = STR("rank") }), f.err,
		    MSG_LIST_SORT_UNKNOWN);
	CHECK_FAILS(change(&f, low, "tool", f.ref, "{\"rank\":4}"), f.err, MSG_RECORD_INVALID);
	CHECK_STR(str_of(problem(&f)), STR("FIELD_UNKNOWN"));
	CHECK_FAILS(reveal(&f, low, "tool", f.ref, "phone"), f.err, MSG_FIELD_UNKNOWN);
	CHECK_DONE(list_filter(&f, scope, "tool", "rank = 3"), f.err);
	CHECK_INT((int64_t)items(&f), 1);
	CHECK_DONE(list_filter(&f, low, "tool", ""), f.err);
	CHECK_INT((int64_t)items(&f), 1);
	CHECK(!memmem(f.out.at, f.out.len, "rank", 4));
}

static bool holds(const char *path, const char *mark)
{
	auto_writer bytes = { 0 };
	struct err err;

	return file_read(path, SIZE_MAX, &bytes, &err) &&
	       memmem(bytes.at, bytes.len, mark, strlen(mark));
}

static bool table_holds(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query query =
		query_start(conn, "SELECT f_phone, b_phone, f_secret FROM r_tool");
	bool *found = context;

	while (query_row(&query)) {
		for (int i = 0; i < 3; i++) {
			struct str bytes = column_blob(&query, i);

			*found |= bytes.len && memmem(bytes.at, bytes.len, "MARK", 4);
		}
	}
	return query_end(&query, err);
}

static void sealed_values_show_only_when_revealed(void)
{
	auto_fixture f;
	const struct scope *scope, *reader;
	bool found = false;

	CHECK(fixture_start(&f, pack));
	scope = scope_at(&f, &f.east, CLEARANCE_SECRET, "*");
	reader = scope_at(&f, &f.east, CLEARANCE_SECRET, "tool.read");
	CHECK_DONE(create(&f, scope, "tool",
			  "{\"name\":\"Pump\",\"phone\":\"MARK-138\",\"secret\":\"MARK-xyz\"}"),
		   f.err);

	struct record_ref ref = f.ref;

	CHECK_DONE(list_filter(&f, scope, "tool", "phone = \"MARK-138\""), f.err);
	CHECK_INT((int64_t)items(&f), 1);
	CHECK(!memmem(f.out.at, f.out.len, "MARK", 4));
	CHECK_DONE(list_filter(&f, scope, "tool", "phone != \"MARK-138\""), f.err);
	CHECK_INT((int64_t)items(&f), 0);
	CHECK_FAILS(list_filter(&f, scope, "tool", "phone contains \"MARK\""), f.err,
		    MSG_FILTER_OPERATOR_MEANINGLESS);
	CHECK_FAILS(list_filter(&f, scope, "tool", "phone > \"A\""), f.err,
		    MSG_FILTER_OPERATOR_MEANINGLESS);
	CHECK_FAILS(list_filter(&f, scope, "tool", "secret = \"MARK-xyz\""), f.err,
		    MSG_FILTER_OPERATOR_MEANINGLESS);
	CHECK_DONE(list_filter(&f, scope, "tool", "secret is not empty"), f.err);
	CHECK_INT((int64_t)items(&f), 1);
	CHECK_FAILS(list(&f, scope, "tool", (struct record_query){ .sort = STR("phone") }), f.err,
		    MSG_LIST_SORT_KIND);
	CHECK_DONE(reveal(&f, scope, "tool", ref, "phone"), f.err);
	CHECK_STR(writer_str(&f.out), STR("MARK-138"));
	CHECK_FAILS(reveal(&f, reader, "tool", ref, "phone"), f.err, MSG_RECORD_FORBIDDEN);
	CHECK_FAILS(reveal(&f, scope, "tool", ref, "name"), f.err, MSG_FIELD_NOT_SEALED);
	/* The same clear text again is no change, although another sealing would give other bytes. */
	CHECK_DONE(change(&f, scope, "tool", ref, "{\"phone\":\"MARK-138\"}"), f.err);
	CHECK(f.nothing);
	CHECK_DONE(change(&f, scope, "tool", ref, "{\"phone\":\"MARK-139\"}"), f.err);
	CHECK_DONE(reveal(&f, scope, "tool", f.ref, "phone"), f.err);
	CHECK_STR(writer_str(&f.out), STR("MARK-139"));
	CHECK_DONE(store_read(f.store, table_holds, &found, &f.err), f.err);
	CHECK(!found);
	if (f.store_config.backend == BACKEND_SQLITE) {
		auto_memory char *path = path_join(f.folder, "xiedun.db"),
				 *log = path_join(f.folder, "xiedun.db-wal");

		CHECK(path_exists(path) && !holds(path, "MARK") && !holds(log, "MARK"));
	}
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(a_record_is_created_and_read),
		TEST(every_kind_takes_good_values_and_refuses_others),
		TEST(many_mistakes_are_told_at_once),
		TEST(references_point_at_what_the_caller_may_see),
		TEST(creating_twice_is_creating_once),
		TEST(only_the_version_that_was_read_changes),
		TEST(a_unique_value_is_there_once),
		TEST(moves_follow_their_rules),
		TEST(history_tells_every_version),
		TEST(a_sibling_does_not_know),
		TEST(fields_above_the_clearance_are_unknown),
		TEST(sealed_values_show_only_when_revealed),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
