#include "ledger/note.h"

#include "base/encode.h"
#include "crypto/digest.h"

enum { KEY_ID_SIZE = 4, TYPE_ED25519 = 1 };
#define SIGNATURE_MARK "\xe2\x80\x94 " /* em dash, space */

/* Characters that Unicode calls white space, beyond ASCII, in UTF-8. */
static const char *const unicode_spaces[] = {
	"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
	"\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
	"\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
	"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
};

bool note_name_valid(struct str name)
{
	if (name.len == 0 || name.len >= NOTE_NAME_SIZE || !str_is_utf8(name))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if ((uint8_t)name.at[i] <= ' ' || name.at[i] == 0x7f || name.at[i] == '+')
			return false;
		for (size_t s = 0; s < nitems(unicode_spaces); s++) {
			if (str_starts(str_sub(name, i, name.len), unicode_spaces[s]))
				return false;
		}
	}
	return true;
}

static void key_id(struct str name, const struct public_key *key, uint8_t id[KEY_ID_SIZE])
{
	auto_hasher hasher = { 0 };
	const char type[] = { '\n', TYPE_ED25519 };

	hasher_start(&hasher);
	hasher_add(&hasher, name);
	hasher_add(&hasher, (struct str){ type, sizeof(type) });
	hasher_add(&hasher, (struct str){ (const char *)key->bytes, SIGN_PUBLIC_SIZE });

	struct digest digest = hasher_finish(&hasher);

	memcpy(id, digest.bytes, KEY_ID_SIZE);
}

void note_verifier_write(const struct note_verifier *verifier, struct writer *out)
{
	uint8_t id[KEY_ID_SIZE];
	char typed[1 + SIGN_PUBLIC_SIZE] = { TYPE_ED25519 };

	key_id(str_of(verifier->name), &verifier->key, id);
	memcpy(typed + 1, verifier->key.bytes, SIGN_PUBLIC_SIZE);
	writer_text(out, verifier->name);
	writer_byte(out, '+');
	hex_write(out, (struct str){ (const char *)id, KEY_ID_SIZE });
	writer_byte(out, '+');
	base64_write(out, (struct str){ typed, sizeof(typed) });
}

bool note_verifier_parse(struct str text, struct note_verifier *to, struct err *err)
{
	struct str rest = text, name, hex;
	uint8_t id[KEY_ID_SIZE], want[KEY_ID_SIZE];
	struct note_verifier verifier = { 0 };
	auto_writer typed = { .limit = 1 + SIGN_PUBLIC_SIZE };

	/* The base64 part may hold "+" itself. */
	if (!str_split(&rest, '+', &name) || !str_split(&rest, '+', &hex) ||
	    !note_name_valid(name) || !hex_parse(hex, id, sizeof(id)) ||
	    !base64_parse(rest, &typed) || typed.len != 1 + SIGN_PUBLIC_SIZE ||
	    typed.at[0] != TYPE_ED25519)
		return fail(err, MSG_LEDGER_VERIFIER_KEY, text);
	memcpy(verifier.name, name.at, name.len);
	memcpy(verifier.key.bytes, typed.at + 1, SIGN_PUBLIC_SIZE);
	key_id(name, &verifier.key, want);
	if (memcmp(id, want, sizeof(id)) != 0)
		return fail(err, MSG_LEDGER_VERIFIER_KEY, text);
	*to = verifier;
	return true;
}

bool note_sign(const struct signer *signer, struct str name, struct str text, struct writer *out,
	       struct err *err)
{
	char signed_id[KEY_ID_SIZE + SIGNATURE_SIZE];
	struct signature signature;

	assert(note_name_valid(name) && str_ends(text, "\n"));
	if (!signer_sign(signer, text, &signature, err))
		return false;
	key_id(name, signer_public(signer), (uint8_t *)signed_id);
	memcpy(signed_id + KEY_ID_SIZE, signature.bytes, SIGNATURE_SIZE);

	writer_put(out, text);
	writer_text(out, "\n" SIGNATURE_MARK);
	writer_put(out, name);
	writer_byte(out, ' ');
	base64_write(out, (struct str){ signed_id, sizeof(signed_id) });
	writer_byte(out, '\n');
	return writer_check(out, err);
}

/* Divides at the last blank line: `text` with its line end, `lines` behind the blank one. */
static bool note_split(struct str note, struct str *text, struct str *lines)
{
	if (!str_is_utf8(note) || !str_ends(note, "\n"))
		return false;
	for (size_t i = 0; i < note.len; i++) {
		if ((uint8_t)note.at[i] < ' ' && note.at[i] != '\n')
			return false;
	}
	for (size_t i = note.len; i >= 2; i--) {
		if (note.at[i - 1] == '\n' && note.at[i - 2] == '\n') {
			*text = str_sub(note, 0, i - 1);
			*lines = str_sub(note, i, note.len);
			return text->len > 1 && lines->len > 0;
		}
	}
	return false;
}

enum line_result { LINE_MALFORMED, LINE_UNKNOWN, LINE_WRONG, LINE_VALID };

/* One signature line without its line end. */
static enum line_result line_check(struct str line, struct str text,
				   const struct note_verifier *verifiers, size_t count)
{
	struct str rest = line, mark, name;
	auto_writer bytes = { 0 };
	struct signature signature;
	uint8_t id[KEY_ID_SIZE];

	if (!str_starts(line, SIGNATURE_MARK) || !str_split(&rest, ' ', &mark) ||
	    !str_split(&rest, ' ', &name) || !note_name_valid(name) ||
	    !base64_parse(rest, &bytes) || bytes.len <= KEY_ID_SIZE)
		return LINE_MALFORMED;
	for (size_t i = 0; i < count; i++) {
		key_id(name, &verifiers[i].key, id);
		if (!str_is(name, verifiers[i].name) || memcmp(id, bytes.at, KEY_ID_SIZE) != 0)
			continue;
		if (bytes.len != KEY_ID_SIZE + SIGNATURE_SIZE)
			return LINE_WRONG;
		memcpy(signature.bytes, bytes.at + KEY_ID_SIZE, SIGNATURE_SIZE);
		return signature_valid(&verifiers[i].key, text, &signature) ? LINE_VALID
									    : LINE_WRONG;
	}
	return LINE_UNKNOWN;
}

bool note_open(struct str note, const struct note_verifier *verifiers, size_t count, struct str *to,
	       struct err *err)
{
	struct str text, lines, line;
	int valid = 0, number = 0;

	if (!note_split(note, &text, &lines))
		return fail(err, MSG_LEDGER_NOTE_MALFORMED);
	while (lines.len > 0 && str_split(&lines, '\n', &line)) {
		enum line_result result = line_check(line, text, verifiers, count);

		if (result == LINE_MALFORMED || ++number > NOTE_SIGNATURES_MAX)
			return fail(err, MSG_LEDGER_NOTE_MALFORMED);
		if (result == LINE_WRONG)
			return fail(err, MSG_LEDGER_NOTE_SIGNATURE);
		valid += result == LINE_VALID;
	}
	if (valid == 0)
		return fail(err, MSG_LEDGER_NOTE_UNSIGNED);
	*to = text;
	return true;
}
