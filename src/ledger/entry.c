#include "ledger/entry.h"

#include "base/encode.h"
#include "ledger/tree.h"

#define ENTRY_BEGIN "{\"v\":1,\"id\":"
enum { WORD_MAX = 63, DIGEST_BASE64 = 44 };

bool entry_word_valid(struct str word)
{
	if (word.len == 0 || word.len > WORD_MAX)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		char c = word.at[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '.' || c == '_' || c == '-'))
			return false;
	}
	return true;
}

bool digest_is_zero(const struct digest *digest)
{
	static const struct digest zero;

	return digest_equal(digest, &zero);
}

static void key_write(struct writer *out, const char *key)
{
	writer_text(out, ",\"");
	writer_text(out, key);
	writer_text(out, "\":");
}

static void text_write(struct writer *out, const char *key, struct str text)
{
	if (!text.at)
		return;
	key_write(out, key);
	writer_byte(out, '"');
	writer_put(out, text);
	writer_byte(out, '"');
}

static void uuid_write(struct writer *out, const char *key, const struct uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	text_write(out, key, str_of(uuid_text(uuid, text)));
}

static void digest_write(struct writer *out, const char *key, const struct digest *digest)
{
	if (digest_is_zero(digest))
		return;
	key_write(out, key);
	writer_byte(out, '"');
	base64_write(out, digest_str(digest));
	writer_byte(out, '"');
}

static bool uuid_is_zero(const struct uuid *uuid)
{
	static const struct uuid zero;

	return uuid_equal(uuid, &zero);
}

void entry_write(const struct ledger_entry *entry, struct writer *out)
{
	writer_text(out, ENTRY_BEGIN);
	writer_int(out, entry->id);
	key_write(out, "time");
	writer_int(out, entry->time);
	uuid_write(out, "actor", &entry->actor);
	text_write(out, "action", entry->action);
	text_write(out, "type", entry->type);
	uuid_write(out, "subject", &entry->subject);
	key_write(out, "version");
	writer_int(out, entry->version);
	digest_write(out, "before", &entry->before.digest);
	digest_write(out, "after", &entry->after.digest);
	digest_write(out, "document", &entry->document);
	digest_write(out, "peer", &entry->peer.digest);
	digest_write(out, "reason", &entry->reason.digest);
	if (!uuid_is_zero(&entry->second))
		uuid_write(out, "second", &entry->second);
	text_write(out, "known", entry->known);
	text_write(out, "kept", entry->kept);
	writer_byte(out, '}');
}

/* Takes the text off the front of *rest. */
static bool take(struct str *rest, const char *text)
{
	size_t len = strlen(text);

	if (rest->len < len || memcmp(rest->at, text, len) != 0)
		return false;
	*rest = (struct str){ rest->at + len, rest->len - len };
	return true;
}

/* Takes ,"key": off; a key that does not stand here is not in the object, since their order is
 * fixed. */
static bool take_key(struct str *rest, const char *key)
{
	struct str ahead = *rest;

	if (!take(&ahead, ",\"") || !take(&ahead, key) || !take(&ahead, "\":"))
		return false;
	*rest = ahead;
	return true;
}

static bool take_number(struct str *rest, int64_t *number)
{
	size_t digits = 0;

	while (digits < rest->len && rest->at[digits] >= '0' && rest->at[digits] <= '9')
		digits++;
	if (digits == 0 || (digits > 1 && rest->at[0] == '0') ||
	    !str_to_int(str_sub(*rest, 0, digits), number))
		return false;
	*rest = (struct str){ rest->at + digits, rest->len - digits };
	return true;
}

static bool take_text(struct str *rest, struct str *text)
{
	if (!take(rest, "\""))
		return false;

	size_t len = str_find(*rest, '"');

	*text = str_sub(*rest, 0, len);
	*rest = str_sub(*rest, len, rest->len);
	return take(rest, "\"");
}

static bool take_word(struct str *rest, const char *key, struct str *word)
{
	return take_key(rest, key) && take_text(rest, word) && entry_word_valid(*word);
}

static bool take_uuid(struct str *rest, const char *key, struct uuid *uuid)
{
	char again[UUID_TEXT_SIZE];
	struct str text;

	return take_key(rest, key) && take_text(rest, &text) && uuid_parse(text, uuid) &&
	       str_is(text, uuid_text(uuid, again));
}

/* An optional digest; zeros are never written. */
static bool take_digest(struct str *rest, const char *key, struct writer *bytes,
			struct digest *digest)
{
	struct str text;

	if (!take_key(rest, key))
		return true;
	writer_clear(bytes);
	return take_text(rest, &text) && text.len == DIGEST_BASE64 && base64_parse(text, bytes) &&
	       digest_from(writer_str(bytes), digest) && !digest_is_zero(digest);
}

static bool take_base64(struct str *rest, const char *key, struct writer *bytes, struct str *text)
{
	if (!take_key(rest, key))
		return true;
	writer_clear(bytes);
	return take_text(rest, text) && text->len > 0 && base64_parse(*text, bytes);
}

bool entry_parse_id(struct str body, int64_t *id)
{
	return take(&body, ENTRY_BEGIN) && take_number(&body, id);
}

bool entry_parse(struct str body, struct ledger_entry *to)
{
	struct ledger_entry entry = { 0 };
	struct str rest = body;
	auto_writer bytes = { 0 };

	if (!take(&rest, ENTRY_BEGIN) || !take_number(&rest, &entry.id) ||
	    !take_key(&rest, "time") || !take_number(&rest, &entry.time) ||
	    !take_uuid(&rest, "actor", &entry.actor) ||
	    !take_word(&rest, "action", &entry.action) || !take_word(&rest, "type", &entry.type) ||
	    !take_uuid(&rest, "subject", &entry.subject) || !take_key(&rest, "version") ||
	    !take_number(&rest, &entry.version) ||
	    !take_digest(&rest, "before", &bytes, &entry.before.digest) ||
	    !take_digest(&rest, "after", &bytes, &entry.after.digest) ||
	    !take_digest(&rest, "document", &bytes, &entry.document) ||
	    !take_digest(&rest, "peer", &bytes, &entry.peer.digest) ||
	    !take_digest(&rest, "reason", &bytes, &entry.reason.digest))
		return false;

	struct str ahead = rest;

	if (take_key(&ahead, "second") &&
	    (!take_uuid(&rest, "second", &entry.second) || uuid_is_zero(&entry.second)))
		return false;
	if (!take_base64(&rest, "known", &bytes, &entry.known) ||
	    !take_base64(&rest, "kept", &bytes, &entry.kept) || !take(&rest, "}") || rest.len > 0)
		return false;
	*to = entry;
	return true;
}
