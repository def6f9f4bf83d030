#include "ledger/anchor.h"

#include "base/file.h"
#include "base/memory.h"

/*
 * The file: three lines, then the signed note as it is.
 *	xiedun anchor 1
 *	epoch 1
 *	commits 42
 */
enum { ANCHOR_SIZE_MAX = 4096 };

struct anchor_file {
	struct anchor anchor; /* first: the interface */
	char *path;
};

/* Takes "NAME NUMBER" off. */
static bool take_line(struct str *rest, const char *name, int64_t *number)
{
	struct str line, word;

	return str_split(rest, '\n', &line) && str_split(&line, ' ', &word) && str_is(word, name) &&
	       str_to_int(line, number);
}

static bool parse(struct str text, struct anchor_state *state)
{
	struct str rest = text, line;

	if (!str_split(&rest, '\n', &line) || !str_is(line, "xiedun anchor 1") ||
	    !take_line(&rest, "epoch", &state->epoch) ||
	    !take_line(&rest, "commits", &state->commits) || rest.len == 0)
		return false;
	writer_clear(&state->note);
	writer_put(&state->note, rest);
	return true;
}

static bool load(struct anchor *anchor, struct anchor_state *state, bool *found, struct err *err)
{
	auto_writer text = { 0 };

	if (!path_exists(anchor->name)) {
		*found = false;
		return true;
	}
	if (!file_read(anchor->name, ANCHOR_SIZE_MAX, &text, err))
		return false;
	if (!parse(writer_str(&text), state)) {
		(void)fail(err, MSG_LEDGER_ANCHOR_DAMAGED);
		return err_in_file(err, anchor->name);
	}
	*found = true;
	return true;
}

static bool store(struct anchor *anchor, const struct anchor_state *state, struct err *err)
{
	auto_writer text = { 0 };

	writer_printf(&text, "xiedun anchor 1\nepoch %lld\ncommits %lld\n", (long long)state->epoch,
		      (long long)state->commits);
	writer_put(&text, writer_str(&state->note));
	return file_replace(anchor->name, writer_str(&text), 0600, err);
}

static void release(struct anchor *anchor)
{
	struct anchor_file *file = (struct anchor_file *)anchor;

	free(file->path);
	free(file);
}

struct anchor *anchor_file_new(const char *path)
{
	struct anchor_file *file = memory_zero(1, sizeof(*file));

	file->path = memory_copy(str_of(path));
	file->anchor = (struct anchor){
		.name = file->path, .load = load, .store = store, .free = release
	};
	return &file->anchor;
}

void anchor_free(struct anchor *anchor)
{
	if (anchor)
		anchor->free(anchor);
}
