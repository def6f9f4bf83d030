#include "fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "store/backup.h"
#include "store/blob.h"

enum { ROWS = 300 };

static const struct root_key root = { { 42 } };
static const char *const extra_files[] = { "tls.crt", "not-there" };

static const struct migration model_rows[] = {
	{ .number = 950,
	  .name = "model",
	  .sql = "CREATE TABLE \"order\" (id {id}, \"from\" {text} NOT NULL, item_id {int} "
		 "REFERENCES item (id)) {strict};\n"
		 "CREATE INDEX order_from ON \"order\" (\"from\", item_id);\n"
		 "CREATE TABLE big (n {int} NOT NULL, body {blob}, PRIMARY KEY (n))" },
};

struct house {
	const char *folder;
	struct store_config config;
	struct keyring *keyring;
	struct blobs *blobs;
	struct store *store;
	struct blob blob;
};

static bool migrate(struct store *store, bool check, bool *current, struct err *err)
{
	struct migration_list lists[] = { store_migrations,
					  test_list,
					  { model_rows, nitems(model_rows) } };
	struct migrations all = { lists, nitems(lists) };
	struct migration_report report;

	return check ? migrations_check(store, &all, current, err)
		     : migrations_apply(store, &all, false, &report, err);
}

static bool fill(struct conn *conn, void *context, struct err *err)
{
	struct house *house = context;

	for (int i = 0; i < ROWS; i++) {
		auto_query struct query query = query_start(
			conn,
			"INSERT INTO item (name, number, body) VALUES (:name, :number, :body)");
		char name[40];

		(void)snprintf(name, sizeof(name), "设备\t%d\\n\n'x'", i);
		query_text(&query, "name", i % 7 ? str_of(name) : STR_NONE);
		query_int(&query, "number", i * INT64_C(1000000007));
		query_blob(&query, "body", i % 5 ? (struct str){ name, 20 } : STR("\0\xff"));
		if (!query_run(&query, NULL, err))
			return false;
	}

	auto_memory char *body = memory_zero(3000000, 1);
	auto_query struct query big =
		query_start(conn, "INSERT INTO big (n, body) VALUES (1, :body)");

	query_blob(&big, "body", (struct str){ body, 3000000 });
	return query_run(&big, NULL, err) &&
	       conn_execute(conn, "INSERT INTO \"order\" (\"from\", item_id) VALUES ('a', 1)",
			    err) &&
	       blob_register(conn, &house->blob, err);
}

static bool summary(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query query =
		query_start(conn, "SELECT id, name, number, body FROM item ORDER BY id");
	auto_query struct query big = query_start(conn, "SELECT length(body) FROM big");
	struct writer *out = context;

	while (query_row(&query)) {
		writer_int(out, column_int(&query, 0));
		writer_put(out, column_text(&query, 1));
		writer_byte(out, column_is_null(&query, 1) ? '-' : '+');
		writer_int(out, column_int(&query, 2));
		writer_put(out, column_blob(&query, 3));
	}
	while (query_row(&big))
		writer_int(out, column_int(&big, 0));
	return query_end(&query, err) && query_end(&big, err);
}

static bool add_one(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query query =
		query_start(conn, "INSERT INTO item (number) VALUES (1) RETURNING id");
	bool found;

	if (!query_one(&query, &found, err))
		return false;
	*(int64_t *)context = column_int(&query, 0);
	return query_end(&query, err);
}

static bool break_reference(struct conn *conn, void *context unused, struct err *err)
{
	return conn_execute(conn, "INSERT INTO \"order\" (\"from\", item_id) VALUES ('b', 99999)",
			    err);
}

static bool house_make(struct house *house, struct err *err)
{
	char text[] = "a stored file";
	auto_memory char *keys = NULL, *upload = NULL;
	bool current;

	memset(house, 0, sizeof(*house));
	house->config = fixture_config();
	house->folder = house->config.directory ? house->config.directory : check_folder();
	keys = path_join(house->folder, "keyring");
	upload = path_join(house->folder, "tls.crt");
	if (!keyring_create(keys, &root, &house->keyring, err) ||
	    !blobs_open(house->folder, house->keyring, &house->blobs, err) ||
	    !store_open(&house->config, true, &house->store, err) ||
	    !migrate(house->store, false, &current, err) ||
	    !file_replace(upload, str_of(text), 0600, err))
		return false;

	auto_fd fd = open(upload, O_RDONLY);

	return blob_put(house->blobs, fd, &house->blob, err) &&
	       store_write(house->store, fill, house, err);
}

static void house_leave(struct house *house)
{
	store_close(house->store);
	blobs_free(house->blobs);
	keyring_free(house->keyring);
}

static bool backup(struct house *house, const char *out, struct backup_facts *facts,
		   struct err *err)
{
	struct backup_plan plan = {
		.store = house->store,
		.keyring = house->keyring,
		.directory = house->folder,
		.keyring_file = "keyring",
		.files = extra_files,
		.file_count = nitems(extra_files),
		.checkpoint = STR("xiedun.example/1\n12\n"),
	};

	return backup_make(&plan, out, facts, err);
}

static struct restore_plan restore_plan(const char *from, const char *directory)
{
	return (struct restore_plan){
		.from = from,
		.directory = directory,
		.keyring_file = "keyring",
		.root = &root,
		.backend = check_backend(),
		.address = check_backend() == BACKEND_POSTGRES ? check_postgres() : NULL,
		.highest_migration = 950,
	};
}

static bool collect(void *context, struct str piece, struct err *err unused)
{
	writer_put(context, piece);
	return true;
}

static void a_backup_restores_to_the_same(void)
{
	cleanup_with(house_leave) struct house house;
	auto_memory char *out = path_join(check_folder(), "backup"),
			 *to = path_join(check_folder(), "restored");
	auto_backup_facts facts = { 0 };
	auto_backup_facts back = { 0 };
	auto_writer before = { 0 }, after = { 0 }, file = { 0 };
	struct restore_plan plan = restore_plan(out, to);
	struct err err;
	bool current;
	int64_t id;

	CHECK_DONE(house_make(&house, &err), err);
	CHECK_DONE(backup(&house, out, &facts, &err), err);
	CHECK_FAILS(backup(&house, out, &facts, &err), err, MSG_BACKUP_EXISTS);
	/* Later changes are not in it. */
	CHECK_DONE(store_read(house.store, summary, &before, &err), err);
	CHECK_DONE(store_write(house.store, add_one, &id, &err), err);
	CHECK_INT(id, ROWS + 1);

	CHECK_DONE(backup_restore(&plan, &back, &err), err);
	CHECK(digest_equal(&facts.hash, &back.hash));
	CHECK_DONE(file_read(out, SIZE_MAX, &file, &err), err);
	struct digest whole = sha256(writer_str(&file));

	CHECK(digest_equal(&facts.hash, &whole));
	CHECK_INT(facts.size, (int64_t)file.len);
	CHECK_INT(back.size, facts.size);
	CHECK_INT(back.parts, facts.parts);
	CHECK_INT(back.migration, 950);
	CHECK_INT(back.time, facts.time);
	CHECK_STR(writer_str(&back.checkpoint), STR("xiedun.example/1\n12\n"));
	CHECK_STR(str_of(back.program), str_of(XIEDUN_VERSION));

	auto_memory char *keys = path_join(to, "keyring"), *extra = path_join(to, "tls.crt");
	auto_keyring keyring = NULL;
	auto_blobs blobs = NULL;
	auto_store store = NULL;
	auto_problems problems = { 0 };
	struct store_config config = house.config;

	config.directory = config.directory ? to : NULL;
	config.address = plan.address;
	CHECK_DONE(keyring_open(keys, &root, &keyring, &err), err);
	CHECK_DONE(store_open(&config, false, &store, &err), err);
	CHECK_DONE(migrate(store, true, &current, &err), err);
	CHECK(current);
	CHECK_DONE(store_verify(store, &problems, &err), err);
	CHECK(!problems_any(&problems));
	CHECK_DONE(store_read(store, summary, &after, &err), err);
	CHECK_STR(writer_str(&after), writer_str(&before));
	CHECK_DONE(store_write(store, add_one, &id, &err), err);
	CHECK_INT(id, ROWS + 1);
	CHECK_FAILS(store_write(store, break_reference, NULL, &err), err, MSG_STORE_CONSTRAINT);

	writer_clear(&file);
	CHECK_DONE(blobs_open(to, keyring, &blobs, &err), err);
	CHECK_DONE(blob_get(blobs, &house.blob.hash, collect, &file, &err), err);
	CHECK_STR(writer_str(&file), STR("a stored file"));
	writer_clear(&file);
	CHECK_DONE(file_read(extra, SIZE_MAX, &file, &err), err);
	CHECK_STR(writer_str(&file), STR("a stored file"));
	/* What is restored is not restored over. */
	CHECK_FAILS(backup_restore(&plan, &back, &err), err, MSG_BACKUP_NOT_EMPTY);
}

/* Nothing of an attempt may be left: neither folder nor rows. */
static bool nothing_left(const struct restore_plan *plan)
{
	auto_writer partial = { 0 };

	writer_printf(&partial, "%s.partial", plan->directory);
	return !path_exists(plan->directory) && !path_exists(partial.at);
}

static void a_changed_backup_is_refused(void)
{
	cleanup_with(house_leave) struct house house;
	auto_memory char *out = path_join(check_folder(), "backup"),
			 *to = path_join(check_folder(), "restored");
	auto_backup_facts facts = { 0 };
	auto_writer file = { 0 };
	struct restore_plan plan = restore_plan(out, to);
	struct restore_plan other = plan;
	struct root_key wrong = { { 41 } };
	struct err err;
	int cases = 60;

	CHECK_DONE(house_make(&house, &err), err);
	CHECK_DONE(backup(&house, out, &facts, &err), err);
	other.root = &wrong;
	CHECK_FAILS(backup_restore(&other, &facts, &err), err, MSG_KEYRING_WRONG_ROOT);
	other = plan;
	other.highest_migration = 949;
	CHECK_FAILS(backup_restore(&other, &facts, &err), err, MSG_STORE_NEWER);
	other = plan;
	other.backend = plan.backend == BACKEND_SQLITE ? BACKEND_POSTGRES : BACKEND_SQLITE;
	CHECK_FAILS(backup_restore(&other, &facts, &err), err, MSG_BACKUP_BACKEND);
	CHECK(nothing_left(&plan));
	CHECK_DONE(file_read(out, SIZE_MAX, &file, &err), err);
	for (int i = 0; i < cases; i++) {
		/* The first ones lie in the header, the others anywhere. */
		size_t at =
			i < 20 ? (size_t)i * 11 : file.len / (size_t)cases * (size_t)i + (size_t)i;

		file.at[at] ^= 4;
		CHECK_DONE(file_replace(out, writer_str(&file), 0600, &err), err);
		file.at[at] ^= 4;
		CHECK(!backup_restore(&plan, &facts, &err));
		CHECK(nothing_left(&plan));
		CHECK_DONE(file_replace(out, str_sub(writer_str(&file), 0, at), 0600, &err), err);
		CHECK(!backup_restore(&plan, &facts, &err));
		CHECK(nothing_left(&plan));
		check_cases(2);
	}
	CHECK_DONE(file_replace(out, str_sub(writer_str(&file), 0, file.len - 1), 0600, &err), err);
	CHECK_FAILS(backup_restore(&plan, &facts, &err), err, MSG_STORE_SEAL_BROKEN);
	writer_byte(&file, 'x');
	CHECK_DONE(file_replace(out, writer_str(&file), 0600, &err), err);
	CHECK_FAILS(backup_restore(&plan, &facts, &err), err, MSG_STORE_SEAL_BROKEN);
	CHECK(nothing_left(&plan));
	/* And after all these attempts the whole one goes in. */
	backup_facts_release(&facts);
	CHECK_DONE(file_replace(out, str_sub(writer_str(&file), 0, file.len - 1), 0600, &err), err);
	CHECK_DONE(backup_restore(&plan, &facts, &err), err);
}

int main(int argc, char **argv)
{
	static const struct check_test tests[] = {
		TEST(a_backup_restores_to_the_same),
		TEST(a_changed_backup_is_refused),
	};

	return check_main(tests, nitems(tests), argc, argv);
}
