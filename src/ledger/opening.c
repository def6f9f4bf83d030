#include "ledger/opening.h"

#include "base/encode.h"
#include "ledger/entry.h"
#include "ledger/storage.h"
#include "ledger/tree.h"

/* The epoch's row, or MSG_LEDGER_EPOCH_MISSING. */
static bool epoch_of(struct conn *conn, int64_t number, struct log_epoch *epoch, struct err *err)
{
	bool found;

	if (!epoch_read(conn, number, epoch, &found, err))
		return false;
	return found || fail(err, MSG_LEDGER_EPOCH_MISSING, number);
}

bool state_signed(struct conn *conn, const struct log_state *state, const struct signer *signer,
		  struct err *err)
{
	struct log_epoch epoch;
	struct checkpoint checkpoint;
	struct err ignored;

	if (!epoch_of(conn, state->epoch, &epoch, err))
		return false;
	if (memcmp(&epoch.verifier.key, signer_public(signer), sizeof(epoch.verifier.key)) != 0)
		return fail(err, MSG_LEDGER_KEY, state->epoch);
	return (checkpoint_open(str_of(state->note), &epoch.verifier, &checkpoint, &ignored) &&
		checkpoint.size == state->size && digest_equal(&checkpoint.root, &state->root)) ||
	       fail(err, MSG_LEDGER_STATE_DAMAGED);
}

bool state_whole(struct conn *conn, const struct log_state *state, const struct signer *signer,
		 struct err *err)
{
	struct digest root;

	if (!state_signed(conn, state, signer, err))
		return false;

	auto_stored_tree tree = stored_tree_new(conn, state->epoch);
	struct tree_source source = stored_tree_source(tree);

	if (!tree_root_of(&source, state->size, &root, err))
		return false;
	return digest_equal(&root, &state->root) ||
	       fail(err, MSG_LEDGER_ROOT_DAMAGED, state->epoch, state->size);
}

static bool same_tree(struct conn *conn, const struct log_state *from, const struct log_state *to,
		      struct err *err)
{
	auto_stored_tree tree = stored_tree_new(conn, to->epoch);
	struct tree_source source = stored_tree_source(tree);
	struct digest empty = tree_empty_root();
	struct tree_proof proof;

	if (from->size > to->size)
		return fail(err, MSG_LEDGER_ANCHOR_AHEAD, from->epoch, from->size, to->epoch,
			    to->size);
	if (from->size == 0)
		return digest_equal(&from->root, &empty) ||
		       fail(err, MSG_LEDGER_ANCHOR_FORK, from->epoch, from->size);
	if (!tree_prove_consistency(&source, from->size, to->size, &proof, err))
		return false;
	return tree_consistency_holds(from->size, to->size, &from->root, &to->root, &proof) ||
	       fail(err, MSG_LEDGER_ANCHOR_FORK, from->epoch, from->size);
}

struct first_entry {
	struct writer known, kept;
	bool valid;
};

static bool parse_first(void *context, int64_t position, struct str body, struct err *err)
{
	struct first_entry *first = context;
	struct ledger_entry entry;

	(void)position;
	(void)err;
	first->valid = entry_parse(body, &entry) && entry.known.len > 0 &&
		       base64_parse(entry.known, &first->known) &&
		       (entry.kept.len == 0 || base64_parse(entry.kept, &first->kept));
	return true;
}

static bool state_of_note(const struct log_epoch *epoch, struct str note, struct log_state *state)
{
	struct checkpoint checkpoint;
	struct err ignored;

	if (!checkpoint_open(note, &epoch->verifier, &checkpoint, &ignored))
		return false;
	*state = (struct log_state){ .epoch = epoch->number,
				     .size = checkpoint.size,
				     .root = checkpoint.root };
	return true;
}

bool chain_read(struct conn *conn, const struct log_epoch *epoch, struct log_state *known,
		struct log_state *kept, struct err *err)
{
	struct first_entry first = { .valid = false };
	struct log_state known_state, kept_state;
	bool read = bundles_read(conn, epoch->number + 1, 0, 1, parse_first, &first, err);
	bool valid =
		read && first.valid && state_of_note(epoch, writer_str(&first.known), &known_state);

	kept_state = valid ? known_state : (struct log_state){ 0 };
	if (valid && first.kept.len > 0)
		valid = state_of_note(epoch, writer_str(&first.kept), &kept_state);
	writer_release(&first.known);
	writer_release(&first.kept);
	if (!read)
		return false;
	if (!valid)
		return fail(err, MSG_LEDGER_EPOCH_CHAIN, epoch->number + 1, epoch->number);
	*known = known_state;
	*kept = kept_state;
	return true;
}

bool state_follows(struct conn *conn, const struct log_state *from, const struct log_state *to,
		   struct err *err)
{
	struct log_epoch epoch;
	struct log_state known, kept;

	if (from->epoch == to->epoch)
		return same_tree(conn, from, to, err);
	if (from->epoch > to->epoch)
		return fail(err, MSG_LEDGER_ANCHOR_AHEAD, from->epoch, from->size, to->epoch,
			    to->size);

	/* A closed epoch: within what is stored of it, or within what its successor says was known and lost. */
	if (!epoch_of(conn, from->epoch, &epoch, err))
		return false;
	if (from->size <= epoch.last.size)
		return same_tree(conn, from, &epoch.last, err);
	if (!chain_read(conn, &epoch, &known, &kept, err))
		return false;
	if (from->size > known.size)
		return fail(err, MSG_LEDGER_ANCHOR_AHEAD, from->epoch, from->size, to->epoch,
			    to->size);
	if (from->size == known.size && !digest_equal(&from->root, &known.root))
		return fail(err, MSG_LEDGER_ANCHOR_FORK, from->epoch, from->size);
	return true;
}

bool anchor_read(struct conn *conn, const struct anchor_state *anchor, struct log_state *to,
		 struct err *err)
{
	struct log_state state = { .epoch = anchor->epoch };
	struct checkpoint checkpoint;
	struct log_epoch epoch;
	struct err ignored;
	bool found;

	if (!epoch_read(conn, anchor->epoch, &epoch, &found, err))
		return false;
	if (!found) {
		*to = (struct log_state){ .epoch = anchor->epoch };
		return true;
	}
	if (!checkpoint_open(writer_str(&anchor->note), &epoch.verifier, &checkpoint, &ignored) ||
	    anchor->note.len >= sizeof(state.note))
		return fail(err, MSG_LEDGER_ANCHOR_DAMAGED);
	state.size = checkpoint.size;
	state.root = checkpoint.root;
	memcpy(state.note, anchor->note.at, anchor->note.len);
	*to = state;
	return true;
}
