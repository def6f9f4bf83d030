/* Lists page by page: every record once, in order, with empty values, both directions, all kinds of sort. */
#include "fixture.h"

static const char pack[] =
	"pack: 1\nname: test\nedition: 1\nlabel: { zh: 测试, en: Test }\n"
	"types:\n"
	"  task:\n    label: { zh: 任务, en: Task }\n    plural: { zh: 任务, en: Tasks }\n    "
	"number: K\n"
	"    fields:\n"
	"      name: { kind: text, label: { zh: 名称, en: Name } }\n"
	"      due: { kind: date, label: { zh: 到期, en: Due } }\n"
	"      severity: { kind: choice, label: { zh: 级别, en: Severity }, choices: { low: { zh: "
	"低, en: Low }, "
	"medium: { zh: 中, en: Medium }, high: { zh: 高, en: High } } }\n"
	"      price: { kind: decimal, scale: 2, label: { zh: 价格, en: Price } }\n"
	"      address: { kind: network, label: { zh: 地址, en: Address } }\n"
	"      notes: { kind: markdown, label: { zh: 备注, en: Notes } }\n"
	"    states:\n      open: { zh: 打开, en: Open }\n      closed: { zh: 关闭, en: Closed }\n"
	"    moves:\n      close: { from: open, to: closed, label: { zh: 关闭, en: Close } }\n"
	"    indexes:\n      - [state, due]\n";

enum { TASKS = 137 };

static bool fill(struct fixture *f, const struct scope *scope)
{
	static const char *const severities[] = { "null", "\"low\"", "\"medium\"", "\"high\"" };

	for (int i = 0; i < TASKS; i++) {
		auto_writer body = { 0 };

		writer_printf(&body, "{\"organisation\":\"%s\",\"name\":\"n%03d\",\"severity\":%s",
			      i % 3 ? f->east.text : f->west.text, (i * 37) % 100,
			      severities[i % 4]);
		if (i % 5)
			writer_printf(&body, ",\"due\":\"2026-12-%02d\",\"price\":%d.5",
				      1 + i * 7 % 9, i * 11 % 13);
		if (i % 7 == 0)
			writer_printf(&body, ",\"address\":\"10.0.0.%d\"", 200 - i);
		writer_text(&body, "}");
		if (!create(f, scope, "task", body.at))
			return false;
		if (i % 6 == 0 && !move(f, scope, "task", f->ref, "close", NULL))
			return false;
	}
	return true;
}

/* A field's order as the list must have it: empty first, choices by declaration. */
static int64_t order_of(const struct node *item, const char *field, char text[64])
{
	const struct node *node = node_member(item, field);
	static const char *const ranks[] = { "low", "medium", "high", "open", "closed" };

	text[0] = '\0';
	if (!node || node->kind == NODE_NULL)
		return -1;
	for (int i = 0; i < (int)nitems(ranks); i++) {
		if (str_is(node->text, ranks[i]))
			return i;
	}
	(void)snprintf(text, 64, "%.*s", STR_ARGS(node->text));
	if (node->kind == NODE_NUMBER) {
		int64_t whole;

		return str_to_int(str_sub(node->text, 0, str_find(node->text, '.')), &whole) ? whole
											     : 0;
	}
	if (strcmp(field, "address") == 0) {
		int64_t last;

		text[0] = '\0';
		return str_to_int(str_sub(node->text, 7, 3), &last) ? last : 0;
	}
	return 0;
}

static const struct {
	const char *sort, *filter;
	int limit;
	size_t all;
} pages[] = {
	{ "", "", 10, TASKS },
	{ "id", "", 50, TASKS },
	{ "-id", "", 500, TASKS },
	{ "due", "", 7, TASKS },
	{ "-due", "", 7, TASKS },
	{ "due", "state = open", 13, 114 },
	{ "-due", "state = open", 1, 114 },
	{ "due", "due is empty", 5, 28 },
	{ "-due", "due is not empty", 11, 109 },
	{ "severity", "", 10, TASKS },
	{ "-severity", "", 9, TASKS },
	{ "severity", "severity >= medium", 10, 68 },
	{ "state", "", 10, TASKS },
	{ "-state", "", 10, TASKS },
	{ "price", "", 10, TASKS },
	{ "-price", "", 10, TASKS },
	{ "name", "", 10, TASKS },
	{ "-name", "", 28, TASKS },
	{ "address", "", 4, TASKS },
	{ "-address", "", 4, TASKS },
	{ "number", "", 10, TASKS },
	{ "created", "", 10, TASKS },
	{ "version", "", 10, TASKS },
	{ "due", "organisation in 东区", 10, 91 },
	{ "due", "organisation in nowhere", 10, 0 },
};

static void every_record_is_on_one_page(void)
{
	auto_fixture f;
	const struct scope *scope;

	CHECK(fixture_start(&f, pack));
	scope = scope_at(&f, &f.root, CLEARANCE_SECRET, "*");
	CHECK_DONE(fill(&f, scope), f.err);
	for (size_t i = 0; i < nitems(pages); i++) {
		struct record_query query = { .sort = str_of(pages[i].sort),
					      .filter = str_of(pages[i].filter),
					      .limit = pages[i].limit,
					      .count = true };
		bool seen[TASKS + 1] = { false }, down = pages[i].sort[0] == '-';
		const char *field = pages[i].sort + down;
		char before[64] = "", now[64];
		int64_t rank = down ? INT64_MAX : INT64_MIN, count;
		size_t all = 0;

		do {
			CHECK_DONE(list(&f, scope, "task", query), f.err);
			CHECK(items(&f) <= (size_t)pages[i].limit);
			CHECK(node_member(answer(&f), "count") &&
			      node_int(node_member(answer(&f), "count"), &count));
			CHECK_INT(count, (int64_t)pages[i].all);

			const struct node *page = node_member(answer(&f), "items");

			for (const struct node *item = page ? page->child : NULL; item;
			     item = item->next) {
				int64_t number, next = field[0] && strcmp(field, "id")
							       ? order_of(item, field, now)
							       : 0;

				CHECK(str_to_int(str_sub(node_member_text(item, "number"), 2, 6),
						 &number));
				CHECK(number >= 1 && number <= TASKS && !seen[number]);
				seen[number] = true;
				all++;
				if (field[0] && strcmp(field, "id")) {
					CHECK(down ? next <= rank : next >= rank);
					if (next == rank)
						CHECK(down ? strcmp(now, before) <= 0
							   : strcmp(now, before) >= 0);
					rank = next;
					memcpy(before, now, sizeof(before));
				}
			}
			query.cursor = node_member_text(answer(&f), "next");
		} while (query.cursor.len);
		CHECK_INT((int64_t)all, (int64_t)pages[i].all);
	}
	check_cases(nitems(pages));
}

static void a_foreign_cursor_is_refused(void)
{
	auto_fixture f;
	const struct scope *scope, *other;
	struct record_query query = { .sort = STR("due"), .limit = 5 };
	char forged[200];

	CHECK(fixture_start(&f, pack));
	scope = scope_at(&f, &f.root, CLEARANCE_SECRET, "*");
	other = scope_at(&f, &f.root, CLEARANCE_SECRET, "*");
	CHECK_DONE(fill(&f, scope), f.err);
	CHECK_DONE(list(&f, scope, "task", query), f.err);
	query.cursor = node_member_text(answer(&f), "next");
	CHECK(query.cursor.len > 20 && query.cursor.len < sizeof(forged));
	CHECK_DONE(list(&f, scope, "task", query), f.err);
	CHECK_FAILS(list(&f, other, "task", query), f.err, MSG_CURSOR_INVALID);
	CHECK_FAILS(list(&f, scope, "task",
			 (struct record_query){ .sort = STR("-due"), .cursor = query.cursor }),
		    f.err, MSG_CURSOR_INVALID);
	CHECK_FAILS(list(&f, scope, "task",
			 (struct record_query){ .sort = STR("due"),
						.filter = STR("state = open"),
						.cursor = query.cursor }),
		    f.err, MSG_CURSOR_INVALID);
	for (size_t i = 0; i < query.cursor.len; i++) {
		struct record_query bad = query;

		memcpy(forged, query.cursor.at, query.cursor.len);
		forged[i] = forged[i] == 'A' ? 'B' : 'A';
		bad.cursor = (struct str){ forged, query.cursor.len };
		CHECK_FAILS(list(&f, scope, "task", bad), f.err, MSG_CURSOR_INVALID);
		bad.cursor.len = i;
		if (i)
			CHECK_FAILS(list(&f, scope, "task", bad), f.err, MSG_CURSOR_INVALID);
	}
	CHECK_FAILS(list(&f, scope, "task", (struct record_query){ .limit = 501 }), f.err,
		    MSG_LIST_LIMIT);
	CHECK_FAILS(list(&f, scope, "task", (struct record_query){ .sort = STR("notes") }), f.err,
		    MSG_LIST_SORT_KIND);
	CHECK_FAILS(list(&f, scope, "task", (struct record_query){ .sort = STR("nothing") }), f.err,
		    MSG_LIST_SORT_UNKNOWN);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(every_record_is_on_one_page),
		TEST(a_foreign_cursor_is_refused),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
