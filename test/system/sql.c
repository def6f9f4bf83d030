/*
 * The attacker's tool of the tamper tests: runs SQL on an installation's database behind the server's back, with its own
 * keys. usage: sql DATA STATEMENT... (a SELECT prints its first column, a line each)
 */
#include "base/file.h"
#include "daemon/instance.h"

struct work {
	char **statements;
	int count;
};

static bool run(struct conn *conn, void *context, struct err *err)
{
	const struct work *work = context;

	for (int i = 0; i < work->count; i++) {
		if (!str_starts(str_of(work->statements[i]), "SELECT")) {
			if (!conn_execute(conn, work->statements[i], err))
				return false;
			continue;
		}
		auto_query struct query query = query_start(conn, work->statements[i]);

		while (query_row(&query))
			printf("%.*s\n", STR_ARGS(column_text(&query, 0)));
		if (!query_end(&query, err))
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	auto_instance instance = { 0 };
	struct work work = { argv + 2, argc - 2 };
	struct err err = { 0 };

	if (argc < 3)
		return EXIT_USAGE;
	if (instance_open(argv[1], INSTANCE_COMMAND, INSTANCE_STORE, NULL, &instance, &err) &&
	    store_write(instance.store, run, &work, &err))
		return EXIT_DONE;

	auto_writer text = { 0 };

	err_render(&err, LANGUAGE_EN, &text);
	fprintf(stderr, "%s\n", text.at);
	return EXIT_ENVIRONMENT;
}
