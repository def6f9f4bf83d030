/* The filter language from text to SQL for both databases, and over an empty record in memory. */
#include "base/memory.h"
#include "model/filter.h"
#include "model/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char pack_text[] =
	"pack: 1\nname: test\nedition: 1\nlabel: { zh: 测试, en: Test }\n"
	"types:\n"
	"  probe:\n    label: { zh: 样本, en: Probe }\n    plural: { zh: 样本, en: Probes }\n    "
	"number: X\n"
	"    fields:\n"
	"      name: { kind: text, label: { zh: 名称, en: Name } }\n"
	"      amount: { kind: integer, label: { zh: 数量, en: Amount } }\n"
	"      price: { kind: decimal, scale: 2, label: { zh: 价格, en: Price } }\n"
	"      active: { kind: boolean, label: { zh: 启用, en: Active } }\n"
	"      due: { kind: date, label: { zh: 到期, en: Due } }\n"
	"      seen: { kind: instant, label: { zh: 时间, en: Seen } }\n"
	"      every: { kind: duration, label: { zh: 周期, en: Every } }\n"
	"      severity: { kind: choice, label: { zh: 级别, en: Severity }, choices: { low: { zh: "
	"低, en: Low }, "
	"high: { zh: 高, en: High } } }\n"
	"      tags: { kind: choices, label: { zh: 标签, en: Tags }, choices: { a: { zh: 甲, en: A "
	"}, b: { zh: 乙, en: B } } }\n"
	"      of: { kind: reference, target: probe, label: { zh: 来源, en: Of } }\n"
	"      place: { kind: organisation, label: { zh: 场所, en: Place } }\n"
	"      address: { kind: network, label: { zh: 地址, en: Address } }\n"
	"      phone: { kind: text, sealed: true, exact: true, label: { zh: 电话, en: Phone } }\n"
	"    states:\n      open: { zh: 打开, en: Open }\n      closed: { zh: 关闭, en: Closed }\n";

static const struct table *probe(struct arena *arena)
{
	static const struct type_set empty = { .count = 0 };
	auto_problems problems = { 0 };
	const struct pack *pack;
	const struct type_set *set;
	struct err err;

	if (!pack_parse(arena, "test.yaml", STR(pack_text), &problems, &pack, &err) ||
	    !pack_join(arena, &empty, pack, &problems, &set, &err))
		abort();
	return table_new(arena, set->types[0], set);
}

static void write_sql(const struct filter *filter, enum backend backend)
{
	auto_sql sql = { .backend = backend };

	filter_sql(filter, &sql);
	/* Data stands in the values, never in the text: all of it is ours. */
	for (size_t i = 0; i < sql.text.len; i++) {
		if ((unsigned char)sql.text.at[i] >= 0x80)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	auto_arena arena = arena_new(32 << 20);
	const struct table *table = probe(arena);
	struct filter_context context = { .clearance = CLEARANCE_SECRET,
					  .now = INT64_C(1795348800000000),
					  .zone = 28800 };
	const struct filter_tree *tree;
	const struct filter *filter;
	struct err err;

	if (!filter_parse(arena, text, &tree, &err) ||
	    !filter_bind(arena, tree, table, &context, &filter, &err))
		return 0;
	write_sql(filter, BACKEND_SQLITE);
	write_sql(filter, BACKEND_POSTGRES);

	struct value *values = arena_array(arena, table->count, sizeof(*values));
	bool matches;

	/* Empty values ask no database. */
	if (values && !filter_matches(filter, table, values, NULL, &matches, &err))
		abort();
	return 0;
}
