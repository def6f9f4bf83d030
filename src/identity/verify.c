#include "identity/internal.h"
#include "ledger/visit.h"

/* A subject as the database and as the ledger have it. Both are read in one snapshot. */
struct standing {
	enum audited kind;
	struct audit row;
	bool stands;     /* a row is there */
	bool entered;    /* an entry is there */
	int64_t version; /* of its last entry */
	struct commitment after;
};

/* By subject: open addressing, at most half full. */
struct standings {
	struct standing *at;
	size_t count, size;
};

static struct standing *find(struct standings *all, enum audited kind, const struct uuid *subject)
{
	size_t at;

	/* The last bytes of a UUIDv7 are random. */
	memcpy(&at, subject->bytes + sizeof(subject->bytes) - sizeof(at), sizeof(at));
	for (;; at++) {
		struct standing *one = &all->at[at % all->size];

		if ((!one->stands && !one->entered) ||
		    (one->kind == kind && uuid_equal(&one->row.subject, subject)))
			return one;
	}
}

static struct standing *find_or_add(struct standings *all, enum audited kind,
				    const struct uuid *subject)
{
	if (2 * (all->count + 1) > all->size) {
		struct standings larger = { .size = all->size ? 2 * all->size : 256 };

		larger.at = memory_zero(larger.size, sizeof(*larger.at));
		for (size_t i = 0; i < all->size; i++) {
			const struct standing *old = &all->at[i];

			if (old->stands || old->entered)
				*find(&larger, old->kind, &old->row.subject) = *old;
		}
		larger.count = all->count;
		free(all->at);
		*all = larger;
	}

	struct standing *one = find(all, kind, subject);

	if (!one->stands && !one->entered) {
		all->count++;
		one->kind = kind;
		one->row.subject = *subject;
	}
	return one;
}

static void take_row(void *context, enum audited kind, const struct audit *audit)
{
	struct standing *one = find_or_add(context, kind, &audit->subject);

	one->stands = true;
	one->row = *audit;
}

/* Sessions come and go in large numbers: of those only the ones that stand are of interest. */
static bool take_entry(void *context, int64_t epoch unused, int64_t position unused,
		       const struct ledger_entry *entry, struct err *err unused)
{
	struct standings *all = context;

	for (int kind = 0; kind < AUDITED_COUNT; kind++) {
		if (entry->version == 0 || !str_is(entry->type, audited_type((enum audited)kind)))
			continue;
		if (kind == AUDITED_SESSION &&
		    (all->size == 0 || !find(all, AUDITED_SESSION, &entry->subject)->stands))
			continue;

		struct standing *one = find_or_add(all, (enum audited)kind, &entry->subject);

		one->entered = true;
		if (entry->version > one->version) {
			one->version = entry->version;
			one->after = entry->after;
		}
	}
	return true;
}

static bool read_all(struct conn *conn, void *context, struct err *err)
{
	for (int kind = 0; kind < AUDITED_COUNT; kind++) {
		if (!audit_each(conn, (enum audited)kind, take_row, context, err))
			return false;
	}
	return ledger_visit(conn, take_entry, context, err);
}

static void judge(const struct standing *one, struct problems *problems)
{
	static const struct commitment none;
	const char *type = audited_type(one->kind);
	char id[UUID_TEXT_SIZE];
	struct err found = { 0 };

	(void)uuid_text(&one->row.subject, id);
	if (!one->stands)
		(void)fail(&found, MSG_IDENTITY_ROW_REMOVED, type, id);
	else if (!one->entered || digest_equal(&one->after.digest, &none.digest))
		(void)fail(&found, MSG_IDENTITY_ROW_ADDED, type, id);
	else if (one->version != one->row.version ||
		 !digest_equal(&one->after.digest, &one->row.commitment.digest))
		(void)fail(&found, MSG_IDENTITY_ROW_CHANGED, type, id);
	if (found.message != MSG_NONE)
		problems_add(problems, &found);
}

bool identity_verify(struct identity *identity, struct problems *problems, struct err *err)
{
	struct standings all = { 0 };
	bool done = store_read(identity->store, read_all, &all, err);

	for (size_t i = 0; done && i < all.size; i++) {
		if (all.at[i].stands || all.at[i].entered)
			judge(&all.at[i], problems);
	}
	free(all.at);
	return done;
}
