#include "model/install.h"

#include <dirent.h>

#include "base/file.h"
#include "base/log.h"
#include "base/vec.h"
#include "model/suggest.h"

struct install {
	const char *file;
	struct str text;
	struct problems *problems;
};

/* The edition of the pack that the database holds now. */
struct present {
	bool found, same;
	struct uuid id;
	int64_t edition, version;
	struct commitment commitment;
};

struct commitment pack_commitment(const uint8_t salt[SALT_SIZE], struct str text)
{
	return commitment_to(salt, text);
}

static bool find_present(struct change *change, struct str name, struct str text,
			 struct present *present, struct err *err)
{
	auto_query struct query query = query_start(
		change->conn,
		"SELECT edition, version, public_id, salt, text FROM model_pack WHERE name = :name "
		"ORDER BY version DESC LIMIT 1");

	*present = (struct present){ .id = uuid_new() };
	query_text(&query, "name", name);
	if (!query_one(&query, &present->found, err))
		return false;
	if (present->found) {
		struct str id = column_blob(&query, 2), salt = column_blob(&query, 3);

		present->edition = column_int(&query, 0);
		present->version = column_int(&query, 1);
		if (id.len == sizeof(present->id.bytes))
			memcpy(present->id.bytes, id.at, id.len);
		if (salt.len == SALT_SIZE)
			present->commitment =
				pack_commitment((const uint8_t *)salt.at, column_text(&query, 4));
		present->same = str_equal(column_text(&query, 4), text);
	}
	return query_end(&query, err);
}

/* Raised first: on PostgreSQL two installations wait for each other here. */
static bool raise_generation(struct change *change, struct err *err)
{
	auto_query struct query query = query_start(
		change->conn, "UPDATE model_state SET generation = generation + 1 WHERE id = 1");

	return query_run(&query, NULL, err);
}

static bool add_counter(struct change *change, const struct table *table, struct err *err)
{
	auto_query struct query query = query_start(
		change->conn,
		"INSERT INTO record_counter (type, last) VALUES (:type, 0) ON CONFLICT DO NOTHING");

	query_text(&query, "type", table->type.name);
	return query_run(&query, NULL, err);
}

static bool migrate(struct change *change, const struct type_set *before,
		    const struct type_set *now, struct err *err)
{
	for (size_t i = 0; i < now->count; i++) {
		const struct type *old = type_find(before, now->types[i]->name);
		const struct table *table = table_new(change->arena, now->types[i], now);

		if (!table)
			return arena_check(change->arena, err);
		if (old && old->edition == table->type.edition)
			continue;
		if (!table_migrate(change->conn, old ? table_of(old) : NULL, table, err) ||
		    !add_counter(change, table, err))
			return false;
	}
	return true;
}

static bool write_pack(struct change *change, const struct install *install,
		       const struct pack *pack, const struct present *present, struct err *err)
{
	uint8_t salt[SALT_SIZE];
	struct entry entry = {
		.action = present->found ? "pack.upgrade" : "pack.add",
		.type = "pack",
		.subject = present->id,
		.version = present->version + 1,
		.before = present->commitment,
	};
	int64_t id;

	salt_new(salt);
	entry.after = pack_commitment(salt, install->text);
	if (!change_entry(change, &entry, &id, err))
		return false;

	auto_query struct query query = query_start(
		change->conn,
		"INSERT INTO model_pack (name, edition, version, public_id, text, installed, salt, "
		"entry) "
		"VALUES (:name, :edition, :version, :public_id, :text, :installed, :salt, :entry)");

	query_text(&query, "name", pack->name);
	query_int(&query, "edition", pack->edition);
	query_int(&query, "version", entry.version);
	query_blob(&query, "public_id", uuid_str(&present->id));
	query_text(&query, "text", install->text);
	query_int(&query, "installed", change->now);
	query_blob(&query, "salt", (struct str){ (const char *)salt, SALT_SIZE });
	query_int(&query, "entry", id);
	return query_run(&query, NULL, err);
}

/* A role's name belongs to one pack. */
static bool check_roles(const struct held_set *held, const struct pack *pack,
			struct problems *problems, struct err *err)
{
	for (size_t i = 0; i < pack->role_count; i++) {
		for (size_t j = 0; j < held->role_count; j++) {
			struct err problem;

			if (!str_is(pack->roles[i].name, held->roles[j].name) ||
			    str_equal(held->role_packs[j], pack->name))
				continue;
			(void)fail(&problem, MSG_PACK_ROLE_TAKEN, pack->roles[i].name,
				   held->role_packs[j]);
			(void)err_in_file(&problem, pack->file);
			problems_add(problems, &problem);
		}
	}
	return !problems_any(problems) ||
	       fail(err, MSG_PACK_REFUSED, pack->file, problems->count + problems->dropped);
}

static bool install_on(struct change *change, const struct install *install,
		       const struct held_set *held, struct err *err)
{
	const struct pack *pack;
	const struct type_set *set;
	struct present present;

	if (!pack_parse(change->arena, install->file, install->text, install->problems, &pack,
			err) ||
	    !find_present(change, pack->name, install->text, &present, err))
		return false;
	if (present.same) {
		change->nothing = true;
		return true;
	}
	if (present.found && pack->edition <= present.edition)
		return fail(err, MSG_PACK_EDITION, pack->name, pack->edition, present.edition);
	return check_roles(held, pack, install->problems, err) &&
	       pack_join(change->arena, &held->set, pack, install->problems, &set, err) &&
	       raise_generation(change, err) && migrate(change, &held->set, set, err) &&
	       write_pack(change, install, pack, &present, err);
}

static bool lock_packs(struct change *change, struct err *err)
{
	/* A write that changes nothing, for its row lock: the types read next stay as they are until COMMIT. */
	auto_query struct query query = query_start(
		change->conn, "UPDATE model_state SET generation = generation WHERE id = 1");

	return query_run(&query, NULL, err);
}

static bool apply(struct change *change, struct err *err)
{
	struct install *install = change->prepared;
	struct held_set *held;

	problems_release(install->problems);
	if (!lock_packs(change, err) || !set_load(change->conn, &held, err))
		return false;

	bool done = install_on(change, install, held, err);

	type_set_release(&held->set);
	return done;
}

bool model_pack_add(struct model *model, const struct scope *scope, const struct actor *actor,
		    const char *file, struct str text, struct problems *problems, struct err *err)
{
	struct install install = { .file = file, .text = text, .problems = problems };

	if (!scope_allows(scope, STR("pack.add")))
		return fail(err, MSG_RECORD_FORBIDDEN, "pack.add");
	return ledger_change(model->ledger, actor, apply, &install, err) &&
	       model_reload(model, err);
}

/* --- The packs that come with the program ------------------------------------------------------------- */

struct names VEC(char *);

static int by_text(const void *a, const void *b)
{
	char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

static bool list_files(const char *folder, struct names *names, struct err *err)
{
	DIR *open = opendir(folder);

	if (!open)
		return fail(err, MSG_FILE_MISSING, folder);
	for (struct dirent *entry; (entry = readdir(open)) != NULL;) {
		if (entry->d_name[0] != '.' && str_ends(str_of(entry->d_name), ".yaml"))
			vec_push(names, memory_copy(str_of(entry->d_name)));
	}
	(void)closedir(open);
	if (names->count)
		qsort(names->at, names->count, sizeof(*names->at), by_text);
	return true;
}

static bool install_file(struct model *model, const char *folder, const char *name, struct err *err)
{
	static const struct actor program = { .address = STR_NONE };
	auto_memory char *path = path_join(folder, name);
	auto_writer text = { 0 };
	auto_problems problems = { 0 };

	if (!file_read(path, PACK_TEXT_MAX, &text, err))
		return false;
	if (model_pack_add(model, scope_program(), &program, name, writer_str(&text), &problems,
			   err))
		return true;
	for (size_t i = 0; i < problems.count; i++)
		log_err("model", NULL, &problems.list[i]);
	/* A database may hold a later edition than this program brings. */
	if (err->message != MSG_PACK_EDITION)
		return false;
	log_warning("model", "the pack %s of the database is newer than that of the program", name);
	return true;
}

bool install_builtin(struct model *model, const char *folder, struct err *err)
{
	struct names names = { 0 };
	bool done = list_files(folder, &names, err);

	for (size_t i = 0; i < names.count; i++) {
		done = done && install_file(model, folder, names.at[i], err);
		free(names.at[i]);
	}
	vec_release(&names);
	return done;
}
