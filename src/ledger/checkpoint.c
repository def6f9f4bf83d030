#include "ledger/checkpoint.h"

#include "base/encode.h"
#include "ledger/tree.h"

void checkpoint_write(const struct checkpoint *checkpoint, struct writer *out)
{
	writer_put(out, checkpoint->origin);
	writer_byte(out, '\n');
	writer_int(out, checkpoint->size);
	writer_byte(out, '\n');
	base64_write(out, digest_str(&checkpoint->root));
	writer_byte(out, '\n');
}

static bool size_parse(struct str line, int64_t *size)
{
	bool digits = line.len > 0 && line.at[0] >= '0' && line.at[0] <= '9';

	return digits && (line.len == 1 || line.at[0] != '0') && str_to_int(line, size);
}

bool checkpoint_parse(struct str text, struct checkpoint *to, struct err *err)
{
	struct str rest = text, size, root;
	struct checkpoint checkpoint;
	auto_writer bytes = { 0 };

	if (!str_ends(text, "\n") || !str_split(&rest, '\n', &checkpoint.origin) ||
	    !str_split(&rest, '\n', &size) || !str_split(&rest, '\n', &root) ||
	    checkpoint.origin.len == 0 || !size_parse(size, &checkpoint.size) ||
	    !base64_parse(root, &bytes) || !digest_from(writer_str(&bytes), &checkpoint.root))
		return fail(err, MSG_LEDGER_CHECKPOINT_MALFORMED);
	*to = checkpoint;
	return true;
}

bool checkpoint_sign(const struct checkpoint *checkpoint, const struct signer *signer,
		     struct writer *out, struct err *err)
{
	auto_writer text = { 0 };

	checkpoint_write(checkpoint, &text);
	return note_sign(signer, checkpoint->origin, writer_str(&text), out, err);
}

bool checkpoint_open(struct str note, const struct note_verifier *verifier, struct checkpoint *to,
		     struct err *err)
{
	struct checkpoint checkpoint;
	struct str text;

	if (!note_open(note, verifier, 1, &text, err) || !checkpoint_parse(text, &checkpoint, err))
		return false;
	if (!str_is(checkpoint.origin, verifier->name))
		return fail(err, MSG_LEDGER_CHECKPOINT_MALFORMED);
	*to = checkpoint;
	return true;
}
