/* One filter has one meaning: thousands of random ones over random records give the same in SQL and in memory. */
#include "fixture.h"
#include "model/filter.h"
#include "model/row.h"

enum { RECORDS = 150, FILTERS = 2500, MEMORY = 256 << 20 };

static const char pack[] =
	"pack: 1\nname: test\nedition: 1\nlabel: { zh: 测试, en: Test }\n"
	"types:\n"
	"  probe:\n    label: { zh: 样本, en: Probe }\n    plural: { zh: 样本, en: Probes }\n    "
	"number: X\n"
	"    fields:\n"
	"      name: { kind: text, label: { zh: 名称, en: Name } }\n"
	"      notes: { kind: markdown, label: { zh: 备注, en: Notes } }\n"
	"      amount: { kind: integer, label: { zh: 数量, en: Amount } }\n"
	"      price: { kind: decimal, scale: 2, label: { zh: 价格, en: Price } }\n"
	"      active: { kind: boolean, label: { zh: 启用, en: Active } }\n"
	"      due: { kind: date, label: { zh: 到期, en: Due } }\n"
	"      seen: { kind: instant, label: { zh: 时间, en: Seen } }\n"
	"      every: { kind: duration, label: { zh: 周期, en: Every } }\n"
	"      severity: { kind: choice, label: { zh: 级别, en: Severity }, choices: { low: { zh: "
	"低, en: Low }, "
	"medium: { zh: 中, en: Medium }, high: { zh: 高, en: High } } }\n"
	"      tags: { kind: choices, label: { zh: 标签, en: Tags }, choices: { a: { zh: 甲, en: A "
	"}, ab: { zh: 乙, en: B }, "
	"c: { zh: 丙, en: C } } }\n"
	"      of: { kind: reference, target: probe, label: { zh: 来源, en: Of } }\n"
	"      place: { kind: organisation, label: { zh: 场所, en: Place } }\n"
	"      address: { kind: network, label: { zh: 地址, en: Address } }\n"
	"      phone: { kind: text, sealed: true, exact: true, label: { zh: 电话, en: Phone } }\n"
	"    states:\n      open: { zh: 打开, en: Open }\n      closed: { zh: 关闭, en: Closed }\n";

/* Values of a field as JSON and as the filter language writes them: the same few, so that filters hit. */
struct samples {
	const char *field;
	const char *json[6];
	const char *operators[6];
	const char *values[8];
};

#define EQUAL "=", "!="
#define ORDER "=", "!=", "<", "<=", ">", ">="

static const struct samples samples[] = {
	{ "name",
	  { "\"Pump\"", "\"pump 2\"", "\"输液泵\"", "\"ÄB\"", "\"äb\"", "\"%_\"" },
	  { ORDER },
	  { "Pump", "\"pump 2\"", "输液泵", "\"ÄB\"", "\"\\\"\"", "\"%\"", "pump", "12" } },
	{ "name",
	  { "null" },
	  { "contains" },
	  { "UMP", "液", "\"äB\"", "\"%\"", "\" \"", "\"\"", "p" } },
	{ "notes", { "\"One\\ntwo\"", "\"three\"" }, { "contains" }, { "ONE", "two", "x" } },
	{ "amount",
	  { "-3", "0", "7", "9007199254740993" },
	  { ORDER },
	  { "-3", "0", "7", "9007199254740992", "9007199254740993" } },
	{ "price",
	  { "0.10", "1", "12.34", "-5.5" },
	  { ORDER },
	  { "0.1", "1.00", "12.34", "-5.5", "0" } },
	{ "active", { "true", "false" }, { EQUAL }, { "true", "false" } },
	{ "due",
	  { "\"2026-11-22\"", "\"2026-11-23\"", "\"2026-12-01\"", "\"1969-12-31\"" },
	  { ORDER },
	  { "today", "now", "now + 1d", "2026-12-01", "2026-12-01 - 8d", "1970-01-01 - 12h",
	    "now - 12h" } },
	{ "seen",
	  { "\"2026-11-22T12:00:00Z\"", "\"2026-11-21T16:00:00Z\"", "\"2026-11-30T00:00:00.5Z\"" },
	  { ORDER },
	  { "now", "today", "2026-11-22", "2026-11-30T08:00:00.5+08:00", "now + 7d",
	    "today - 1w" } },
	{ "every",
	  { "\"PT4H\"", "\"P7D\"", "\"PT0S\"" },
	  { ORDER },
	  { "4h", "1w", "0s", "\"P7D\"", "30min" } },
	{ "severity",
	  { "\"low\"", "\"medium\"", "\"high\"" },
	  { ORDER },
	  { "low", "medium", "\"high\"" } },
	{ "tags",
	  { "[\"a\"]", "[\"ab\",\"c\"]", "[\"a\",\"ab\",\"c\"]" },
	  { "contains" },
	  { "a", "ab", "c" } },
	{ "place",
	  { "ROOT", "EAST", "WEST" },
	  { EQUAL, "in", "not in" },
	  { "东区", "\"西区\"", "总院", "ROOT", "EAST", "nowhere" } },
	{ "address",
	  { "\"10.1.2.3\"", "\"10.1.0.0/16\"", "\"10.2.0.1\"", "\"2001:db8::1\"",
	    "\"00:1b:21:aa:00:01\"", "\"10.0.0.0/8\"" },
	  { EQUAL, "in", "not in" },
	  { "\"10.1.0.0/16\"", "\"10.1.2.3\"", "\"0.0.0.0/0\"", "\"2001:db8::/32\"",
	    "\"00:1b:21:aa:00:01\"", "\"10.0.0.0/8\"", "\"10.0.0.0/7\"" } },
	{ "phone", { "\"138\"", "\"139\"" }, { EQUAL }, { "\"138\"", "\"139\"", "138" } },
	{ "state", { NULL }, { ORDER }, { "open", "closed" } },
	{ "organisation", { NULL }, { EQUAL, "in", "not in" }, { "东区", "西区", "总院", "EAST" } },
	{ "version", { NULL }, { ORDER }, { "1", "2" } },
	{ "number",
	  { NULL },
	  {
		  ORDER,
	  },
	  { "\"X-000007\"", "\"X-000100\"" } },
	{ "created", { NULL }, { ORDER }, { "now", "today", "2026-01-01" } },
	{ "created_by", { NULL }, { EQUAL }, { "me", "\"0190163d-8694-739b-aea5-966c26f8ad91\"" } },
	{ "of", { NULL }, { EQUAL }, { "FIRST", "\"0190163d-8694-739b-aea5-966c26f8ad91\"" } },
	{ "id", { NULL }, { EQUAL }, { "FIRST" } },
};

static uint64_t random_state = 1;
static char first_id[UUID_TEXT_SIZE];

static unsigned random_below(unsigned n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(random_state >> 33) % n;
}

static const char *pick(const char *const *list, size_t room)
{
	unsigned count = 0;

	while (count < room && list[count])
		count++;
	return list[random_below(count)];
}

/* ROOT, EAST and WEST stand for ids. */
static void put(struct fixture *f, struct writer *out, const char *value)
{
	const struct {
		const char *word, *id;
	} words[] = { { "ROOT", f->root.text },
		      { "EAST", f->east.text },
		      { "WEST", f->west.text },
		      { "FIRST", first_id } };

	for (size_t i = 0; i < nitems(words); i++) {
		if (strcmp(value, words[i].word) == 0) {
			writer_printf(out, "\"%s\"", words[i].id);
			return;
		}
	}
	writer_text(out, value);
}

static bool create_random(struct fixture *f, const struct scope *scope, int number)
{
	auto_writer body = { 0 };

	writer_text(&body, "{\"organisation\":");
	put(f, &body, number % 3 == 0 ? "ROOT" : number % 3 == 1 ? "EAST" : "WEST");
	if (number && number % 4 == 0)
		writer_printf(&body, ",\"of\":\"%s\"", first_id);
	for (size_t i = 0; i < nitems(samples); i++) {
		if (!samples[i].json[0] || strcmp(samples[i].json[0], "null") == 0 ||
		    random_below(4) == 0)
			continue;
		writer_printf(&body, ",\"%s\":", samples[i].field);
		put(f, &body, pick(samples[i].json, nitems(samples[i].json)));
	}
	writer_text(&body, "}");
	return create(f, scope, "probe", body.at);
}

static void put_filter(struct fixture *f, struct writer *out, int depth)
{
	const struct samples *sample = &samples[random_below(nitems(samples))];
	unsigned shape = random_below(depth > 0 ? 8 : 4);

	if (shape >= 6) {
		writer_text(out, "not ");
		put_filter(f, out, depth - 1);
	} else if (shape >= 4) {
		writer_byte(out, '(');
		put_filter(f, out, depth - 1);
		writer_text(out, shape == 4 ? " and " : " or ");
		put_filter(f, out, depth - 1);
		writer_byte(out, ')');
	} else if (shape == 3) {
		writer_printf(out, "%s is %sempty", sample->field, random_below(2) ? "not " : "");
	} else {
		bool several = shape == 2 && strcmp(sample->operators[0], "contains") != 0 &&
			       strcmp(sample->field, "active") != 0;
		const char *operator= several ? (random_below(2) ? "in" : "not in")
					      : pick(sample->operators, nitems(sample->operators));

		writer_printf(out, "%s %s ", sample->field, operator);
		writer_text(out, several ? "[" : "");
		put(f, out, pick(sample->values, nitems(sample->values)));
		if (several) {
			writer_text(out, ", ");
			put(f, out, pick(sample->values, nitems(sample->values)));
		}
		writer_text(out, several ? "]" : "");
	}
}

struct trial {
	struct fixture *f;
	const struct table *table;
	const struct scope *scope;
	struct row rows[RECORDS + 1];
	size_t count;
	int agreed, partly; /* filters in all, and those that some records match and some do not */
};

static bool load_rows(struct trial *t, struct conn *conn, struct err *err)
{
	auto_query struct query query = query_start(conn, t->table->select);

	for (t->count = 0; query_row(&query); t->count++) {
		if (t->count > RECORDS ||
		    !row_take(t->f->arena, t->table, &query, &t->rows[t->count]))
			return fail(err, MSG_LIMIT_MEMORY, 0);
	}
	return query_end(&query, err);
}

static bool sql_matches(struct trial *t, struct conn *conn, const struct filter *filter,
			bool *matches, struct err *err)
{
	auto_sql sql = { .backend = conn_backend(conn) };

	writer_printf(&sql.text, "SELECT t.id FROM %s t WHERE ", t->table->name);
	filter_sql(filter, &sql);

	auto_query struct query query = query_start(conn, sql.text.at);

	sql_bind(&sql, &query);
	memset(matches, 0, sizeof(*matches) * t->count);
	while (query_row(&query)) {
		for (size_t i = 0; i < t->count; i++)
			matches[i] |= t->rows[i].id == column_int(&query, 0);
	}
	return query_end(&query, err);
}

static bool compare(struct trial *t, struct conn *conn, struct str text, struct err *err)
{
	struct filter_context context = { .clearance = CLEARANCE_SECRET,
					  .now = clock_now(),
					  .zone = 8 * 3600,
					  .account = t->scope->account_id,
					  .keyring = t->f->keyring };
	auto_arena arena = arena_new(16 << 20);
	const struct filter_tree *tree;
	const struct filter *filter;
	bool in_sql[RECORDS + 1], in_memory;
	size_t hits = 0;

	if (!filter_parse(arena, text, &tree, err) ||
	    !filter_bind(arena, tree, t->table, &context, &filter, err) ||
	    !sql_matches(t, conn, filter, in_sql, err))
		return false;
	for (size_t i = 0; i < t->count; i++) {
		if (!filter_matches(filter, t->table, t->rows[i].values, conn, &in_memory, err))
			return false;
		if (in_memory != in_sql[i]) {
			auto_writer body = { 0 };

			row_write_body(t->table, t->rows[i].values, &body);
			printf("# “%.*s” is %d in SQL, %d in memory for %s\n", STR_ARGS(text),
			       in_sql[i], in_memory, body.at);
			return fail(err, MSG_RECORD_INVALID, 1);
		}
		hits += in_memory;
	}
	t->agreed++;
	t->partly += hits > 0 && hits < t->count;
	return true;
}

static bool run_filters(struct conn *conn, void *context, struct err *err)
{
	struct trial *t = context;

	if (!load_rows(t, conn, err))
		return false;
	for (int i = 0; i < FILTERS; i++) {
		auto_writer text = { 0 };

		put_filter(t->f, &text, 3);
		if (!compare(t, conn, writer_str(&text), err)) {
			printf("# “%s”\n", text.at);
			return false;
		}
	}
	return true;
}

static void sql_and_memory_agree(void)
{
	auto_fixture f;
	static struct trial t;
	const struct scope *scope;

	CHECK(fixture_start(&f, pack));
	scope = scope_at(&f, &f.root, CLEARANCE_SECRET, "*");
	for (int i = 0; i < RECORDS; i++) {
		CHECK_DONE(create_random(&f, scope, i), f.err);
		if (i == 0)
			(void)uuid_text(&f.ref.id, first_id);
	}
	t = (struct trial){ .f = &f, .table = table_of(type_named(&f, "probe")), .scope = scope };
	CHECK_DONE(store_read(f.store, run_filters, &t, &f.err), f.err);
	CHECK_INT((int64_t)t.count, RECORDS);
	CHECK_INT(t.agreed, FILTERS);
	/* Filters that match all or nothing would agree too easily. */
	CHECK(t.partly > FILTERS / 2);
	check_cases(t.agreed);
}

/* What is wrong with a filter once the type is known. */
static const struct {
	const char *text;
	enum message message;
} wrong[] = {
	{ "nmae = x", MSG_FILTER_FIELD_MISTYPED },
	{ "colour = x", MSG_FILTER_FIELD_UNKNOWN },
	{ "name < now", MSG_FILTER_VALUE_FORM },
	{ "notes = x", MSG_FILTER_OPERATOR_MEANINGLESS },
	{ "amount = x", MSG_FILTER_VALUE_FORM },
	{ "amount = 1.5", MSG_FILTER_VALUE_FORM },
	{ "amount contains 1", MSG_FILTER_OPERATOR_MEANINGLESS },
	{ "price = 1.005", MSG_FILTER_VALUE_FORM },
	{ "active = yes", MSG_FILTER_VALUE_FORM },
	{ "active < true", MSG_FILTER_OPERATOR_MEANINGLESS },
	{ "due = 12", MSG_FILTER_VALUE_FORM },
	{ "due = \"2026-11-22\"", MSG_FILTER_VALUE_FORM },
	{ "every = 7", MSG_FILTER_VALUE_FORM },
	{ "severity = hihg", MSG_FILTER_CHOICE_MISTYPED },
	{ "severity = purple", MSG_FILTER_CHOICE_UNKNOWN },
	{ "tags = a", MSG_FILTER_OPERATOR_MEANINGLESS },
	{ "tags contains zzz", MSG_FILTER_CHOICE_UNKNOWN },
	{ "of = x", MSG_FILTER_VALUE_FORM },
	{ "of > \"0190163d-8694-739b-aea5-966c26f8ad91\"", MSG_FILTER_OPERATOR_MEANINGLESS },
	{ "address in \"10.1.2.3/8\"", MSG_FILTER_VALUE_FORM },
	{ "address = 10", MSG_FILTER_VALUE_FORM },
	{ "phone contains \"1\"", MSG_FILTER_OPERATOR_MEANINGLESS },
	{ "state = opne", MSG_FILTER_CHOICE_MISTYPED },
	{ "created_by = you", MSG_FILTER_VALUE_FORM },
	{ "b_phone = x", MSG_FILTER_FIELD_MISTYPED },
	{ "f_name = x", MSG_FILTER_FIELD_MISTYPED },
};

static void wrong_filters_are_refused(void)
{
	auto_fixture f;
	const struct scope *scope;

	CHECK(fixture_start(&f, pack));
	scope = scope_at(&f, &f.root, CLEARANCE_SECRET, "*");
	for (size_t i = 0; i < nitems(wrong); i++) {
		bool done = list_filter(&f, scope, "probe", wrong[i].text);

		if (done || f.err.message != wrong[i].message)
			printf("# %s\n", wrong[i].text);
		CHECK_FAILS(done, f.err, wrong[i].message);
	}
	check_cases(nitems(wrong));
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(sql_and_memory_agree),
		TEST(wrong_filters_are_refused),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
