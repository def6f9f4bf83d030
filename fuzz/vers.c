/* Ranges: canonical text reads back to itself, and the first byte's scheme turns the rest into a VERS that can be read. */
#include "ident/vers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

/* What is written is read liberally and written the same; every version gets an answer or an error. */
static void write_and_read(struct arena *arena, const struct vers *vers)
{
	auto_writer out = { 0 }, again = { 0 };
	struct vers copy;
	struct err err;
	bool contained;

	vers_write(vers, &out);
	demand(vers_read(arena, writer_str(&out), &copy, &err));
	vers_write(&copy, &again);
	demand(str_equal(writer_str(&out), writer_str(&again)));
	for (size_t i = 0; i < vers->count; i++)
		(void)!vers_contains(vers, vers->at[i].version, &contained, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena arena = arena_new(4 << 20);
	struct str text = { (const char *)data, size };
	auto_writer json = { 0 };
	struct vers vers;
	struct err err;

	if (vers_parse(arena, text, &vers, &err)) {
		auto_writer out = { 0 };

		vers_write(&vers, &out);
		demand(str_equal(writer_str(&out), text));
		vers_write_json(&vers, &json);
		write_and_read(arena, &vers);
	}
	if (vers_read(arena, text, &vers, &err))
		write_and_read(arena, &vers);
	if (size > 0 && vers_from_native(arena, (enum version_scheme)(data[0] % VERSION_SCHEMES),
					 str_sub(text, 1, size), &vers, &err))
		write_and_read(arena, &vers);
	return 0;
}
