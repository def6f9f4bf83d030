/* Packs come, change and go while records stay: on the database, and seen by another server. */
#include <pthread.h>

#include "fixture.h"
#include "model/pack.h"
#include "model/source.h"

#define HEAD(edition) "pack: 1\nname: test\nedition: " edition "\nlabel: { zh: 测试, en: Test }\n"
#define TYPE                                                                                         \
	"types:\n  tool:\n    label: { zh: 工具, en: Tool }\n    plural: { zh: 工具, en: Tools " \
	"}\n"                                                                                        \
	"    number: T\n    fields:\n"

static const char first[] =
	HEAD("1") TYPE "      name: { kind: text, required: true, label: { zh: 名称, en: Name } }\n"
		       "      code: { kind: text, label: { zh: 编码, en: Code } }\n"
		       "      old: { kind: integer, label: { zh: 旧, en: Old } }\n"
		       "    indexes:\n      - [code]\n";

static const char second[] = HEAD(
	"2") "roles:\n  keeper: { label: { zh: 保管员, en: Keeper }, permissions: [tool.read] "
	     "}\n" TYPE
	     "      name: { kind: text, required: true, label: { zh: 名称, en: Name } }\n"
	     "      tag: { kind: text, was: code, unique: true, label: { zh: 标签, en: Tag } }\n"
	     "      added: { kind: date, label: { zh: 新增, en: Added } }\n"
	     "    indexes:\n      - [added]\n";

static struct str member(struct fixture *f, const char *name)
{
	return node_member_text(answer(f), name);
}

static void a_pack_grows_and_records_stay(void)
{
	auto_fixture f;
	const struct scope *scope;

	CHECK(fixture_start(&f, first));
	scope = scope_at(&f, &f.east, CLEARANCE_SECRET, "*");
	CHECK_DONE(create(&f, scope, "tool", "{\"name\":\"Pump\",\"code\":\"c1\",\"old\":5}"),
		   f.err);

	struct record_ref ref = f.ref;

	CHECK_DONE(add_pack(&f, second), f.err);
	CHECK_INT(type_named(&f, "tool")->edition, 2);
	CHECK_DONE(read_one(&f, scope, "tool", ref.id), f.err);
	CHECK_STR(member(&f, "tag"), STR("c1"));
	CHECK(!node_member(answer(&f), "code"));
	/* What disappeared can be read, not written. */
	CHECK(node_member(answer(&f), "old") &&
	      node_member(answer(&f), "old")->kind == NODE_NUMBER);
	CHECK_FAILS(change(&f, scope, "tool", ref, "{\"old\":6}"), f.err, MSG_RECORD_INVALID);
	CHECK_DONE(change(&f, scope, "tool", ref, "{\"added\":\"2026-11-22\",\"tag\":\"c2\"}"),
		   f.err);
	CHECK_DONE(history(&f, scope, "tool", ref.id), f.err);

	const struct node *newest = answer(&f)->child;
	int64_t edition;

	CHECK(newest && node_int(node_member(newest, "edition"), &edition) && edition == 2);
	CHECK(newest->next && node_int(node_member(newest->next, "edition"), &edition) &&
	      edition == 1);
	CHECK_STR(node_member_text(node_member(node_member(newest, "fields"), "tag"), "from"),
		  STR("c1"));
	CHECK_FAILS(create(&f, scope, "tool", "{\"name\":\"Pump\",\"tag\":\"c2\"}"), f.err,
		    MSG_RECORD_INVALID);
	CHECK_DONE(list(&f, scope, "tool",
			(struct record_query){ .sort = STR("added"), .filter = STR("tag = c2") }),
		   f.err);
	CHECK_INT((int64_t)items(&f), 1);
	/* Everything is there again after a restart. */
	fixture_close(&f);
	CHECK_DONE(fixture_open(&f), f.err);
	f.types = model_types(f.model);
	CHECK_INT(type_named(&f, "tool")->edition, 2);
	CHECK_DONE(read_one(&f, scope, "tool", ref.id), f.err);
	CHECK_STR(member(&f, "tag"), STR("c2"));
}

static void a_refused_pack_changes_nothing(void)
{
	static const char narrower[] =
		HEAD("2") TYPE "      name: { kind: integer, label: { zh: 名称, en: Name } }\n"
			       "      extra: { kind: text, label: { zh: 新增, en: Extra } }\n";
	static const char twice[] =
		HEAD("2") TYPE "      name: { kind: text, required: true, unique: true, label: { "
			       "zh: 名称, en: Name } }\n"
			       "      extra: { kind: text, label: { zh: 新增, en: Extra } }\n";
	static const char same_edition[] =
		HEAD("1") TYPE "      other: { kind: text, label: { zh: 名称, en: Name } }\n";
	static const char taken[] =
		"pack: 1\nname: other\nedition: 1\nlabel: { zh: 另, en: Other }\n" TYPE
		"      name: { kind: text, label: { zh: 名称, en: Name } }\n";
	auto_fixture f;
	const struct scope *scope;

	CHECK(fixture_start(&f, first));
	scope = scope_at(&f, &f.east, CLEARANCE_SECRET, "*");
	CHECK_DONE(create(&f, scope, "tool", "{\"name\":\"Pump\"}"), f.err);
	CHECK_DONE(create(&f, scope, "tool", "{\"name\":\"Pump\"}"), f.err);
	CHECK_FAILS(add_pack(&f, narrower), f.err, MSG_PACK_REFUSED);
	CHECK_STR(str_of(problem(&f)), STR("PACK_KIND_CHANGED"));
	CHECK_INT(f.problems.list[0].place.line, 11);
	CHECK_FAILS(add_pack(&f, twice), f.err, MSG_PACK_NOT_UNIQUE);
	CHECK_FAILS(add_pack(&f, same_edition), f.err, MSG_PACK_EDITION);
	CHECK_FAILS(add_pack(&f, taken), f.err, MSG_PACK_REFUSED);
	CHECK_STR(str_of(problem(&f)), STR("PACK_TYPE_TAKEN"));
	CHECK_DONE(add_pack(&f, first), f.err);
	CHECK_INT(type_named(&f, "tool")->edition, 1);
	CHECK(!type_field(type_named(&f, "tool"), STR("extra")));
	CHECK_DONE(create(&f, scope, "tool", "{\"name\":\"Pump\",\"code\":\"x\"}"), f.err);

	const struct actor actor = { .account = scope->account_id };

	CHECK_FAILS(model_pack_add(f.model, scope_at(&f, &f.east, CLEARANCE_SECRET, "tool.*"),
				   &actor, "a.yaml", STR(second), &f.problems, &f.err),
		    f.err, MSG_RECORD_FORBIDDEN);
}

static void another_server_notices(void)
{
	auto_fixture f;
	struct model *other = NULL;
	const struct type_set *types;
	bool noticed = false;

	CHECK(fixture_start(&f, first));
	CHECK_DONE(model_open(f.store, f.ledger, f.identity, f.keyring, NULL, &other, &f.err),
		   f.err);
	CHECK_DONE(add_pack(&f, second), f.err);
	for (int64_t start = clock_elapsed(); !noticed && clock_elapsed() - start < SECONDS(3);) {
		types = model_types(other);
		noticed = type_find(types, STR("tool"))->edition == 2;
		type_set_release(types);
	}
	model_close(other);
	CHECK(noticed);
}

/* --- A pack is added under running writes ------------------------------------------------------------- */

struct writer_thread {
	struct fixture *f;
	const struct scope *scope;
	const struct node *fields;
	int written;
	struct err err;
	bool failed;
};

static bool create_once(struct change *change, struct err *err)
{
	struct writer_thread *t = change->prepared;
	const struct type_set *types = t->f->types;
	auto_problems problems = { 0 };
	struct record_ref ref;

	return record_create(change, t->f->model, t->scope, type_find(types, STR("tool")),
			     t->fields, &problems, &ref, err);
}

static void *write_many(void *context)
{
	struct writer_thread *t = context;
	const struct actor actor = { .account = t->scope->account_id };

	for (int i = 0; i < 60 && !t->failed; i++) {
		t->failed = !ledger_change(t->f->ledger, &actor, create_once, t, &t->err);
		t->written += !t->failed;
	}
	return NULL;
}

static void writes_go_on_while_a_pack_is_added(void)
{
	enum { THREADS = 4 };
	auto_fixture f;
	struct writer_thread threads[THREADS];
	pthread_t ids[THREADS];
	const struct type_set *types;
	const struct actor actor = { .account = { { 0 } } };

	CHECK(fixture_start(&f, first));
	for (int i = 0; i < THREADS; i++) {
		threads[i] = (struct writer_thread){
			.f = &f,
			.scope = scope_at(&f, &f.east, CLEARANCE_SECRET, "*"),
			.fields = parsed(&f, "{\"name\":\"Pump\",\"old\":1}")
		};
		CHECK(pthread_create(&ids[i], NULL, write_many, &threads[i]) == 0);
	}

	bool added = model_pack_add(f.model, scope_program(), &actor, "b.yaml", STR(second),
				    &f.problems, &f.err);

	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(ids[i], NULL);
	CHECK_DONE(added, f.err);
	for (int i = 0; i < THREADS; i++) {
		CHECK_DONE(!threads[i].failed, threads[i].err);
		CHECK_INT(threads[i].written, 60);
	}
	types = f.types;
	f.types = model_types(f.model);
	type_set_release(types);
	CHECK_DONE(list(&f, threads[0].scope, "tool",
			(struct record_query){ .filter = STR("old = 1"), .count = true }),
		   f.err);
	CHECK(memmem(f.out.at, f.out.len, "\"count\":240", 11));
}

static void the_organisation_tree_is_a_source_like_others(void)
{
	char path[512];
	auto_fixture f;
	auto_writer core = { 0 };
	struct source source, sources[8];
	const struct scope *scope, *east;

	CHECK(fixture_start(&f, first));
	CHECK_DONE(file_read(source_path("packs/core.yaml", path), PACK_TEXT_MAX, &core, &f.err),
		   f.err);
	CHECK_DONE(add_pack(&f, core.at), f.err);
	CHECK_INT((int64_t)model_sources(f.types, sources, nitems(sources)), 6);
	CHECK(model_source(f.types, STR("organisation"), &source) && !source.writable);
	CHECK(!model_source(f.types, STR("nothing"), &source));
	scope = scope_at(&f, &f.root, CLEARANCE_SECRET, "*");
	east = scope_at(&f, &f.east, CLEARANCE_SECRET, "*");
	CHECK_DONE(list_filter(&f, scope, "organisation", ""), f.err);
	CHECK_INT((int64_t)items(&f), 3);
	CHECK_DONE(
		list(&f, scope, "organisation",
		     (struct record_query){ .filter = STR("name contains \"区\" and parent = 总院"),
					    .sort = STR("-name") }),
		f.err);
	CHECK_INT((int64_t)items(&f), 2);
	CHECK_DONE(list_filter(&f, east, "organisation", ""), f.err);
	CHECK_INT((int64_t)items(&f), 1);
	CHECK_DONE(read_one(&f, east, "organisation", f.east.id), f.err);
	CHECK_STR(member(&f, "name"), STR("东区"));
	CHECK_STR(member(&f, "parent"), str_of(f.root.text));
	CHECK_FAILS(read_one(&f, east, "organisation", f.west.id), f.err, MSG_RECORD_MISSING);
	CHECK_FAILS(create(&f, scope, "organisation", "{\"name\":\"x\"}"), f.err,
		    MSG_TYPE_READ_ONLY);
	/* A device through its first moves, as the core pack has them. */
	CHECK_DONE(create(&f, scope, "party", "{\"name\":\"Maker\",\"roles\":[\"maker\"]}"), f.err);

	char id[UUID_TEXT_SIZE];
	const char *body;

	body = arena_printf(f.arena, "{\"name\":\"Pump X\",\"maker\":\"%s\"}",
			    uuid_text(&f.ref.id, id));
	CHECK_DONE(create(&f, scope, "model", body), f.err);
	body = arena_printf(f.arena, "{\"name\":\"Pump 1\",\"model\":\"%s\",\"price\":1200}",
			    uuid_text(&f.ref.id, id));
	CHECK_DONE(create(&f, scope, "device", body), f.err);
	CHECK_FAILS(move(&f, scope, "device", f.ref, "accept", NULL), f.err, MSG_MOVE_STATE);
	CHECK_DONE(move(&f, scope, "device", f.ref, "deliver", "{\"serial\":\"S1\"}"), f.err);
	CHECK_DONE(list_filter(&f, scope, "device",
			       "state = in_acceptance and price > 1000 and organisation in 总院"),
		   f.err);
	CHECK_INT((int64_t)items(&f), 1);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(a_pack_grows_and_records_stay),
		TEST(a_refused_pack_changes_nothing),
		TEST(another_server_notices),
		TEST(writes_go_on_while_a_pack_is_added),
		TEST(the_organisation_tree_is_a_source_like_others),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
