/* A pack from text to types, joined with itself: each mistake becomes a problem, nothing else happens. */
#include "base/memory.h"
#include "model/pack.h"
#include "model/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void render_all(const struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		auto_writer zh = { 0 }, en = { 0 };

		err_render(&problems->list[i], LANGUAGE_ZH, &zh);
		err_render(&problems->list[i], LANGUAGE_EN, &en);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct type_set empty = { .count = 0 };
	struct str text = { (const char *)data, size };
	auto_arena arena = arena_new(64 << 20);
	auto_problems problems = { 0 };
	const struct pack *pack;
	const struct type_set *set, *again;
	struct err err;

	if (!pack_parse(arena, "fuzz.yaml", text, &problems, &pack, &err) ||
	    !pack_join(arena, &empty, pack, &problems, &set, &err)) {
		render_all(&problems);
		return 0;
	}
	/* The same pack again changes nothing. */
	if (!pack_join(arena, set, pack, &problems, &again, &err))
		return arena_over(arena) ? 0 : (abort(), 0);
	for (size_t i = 0; i < set->count; i++) {
		if (again->types[i] != set->types[i] ||
		    (!table_new(arena, set->types[i], set) && !arena_over(arena)))
			abort();
	}
	return 0;
}
