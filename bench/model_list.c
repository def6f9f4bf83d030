/*
 * A list page of 50 records by a declared index, for a reader of 40 of 1,000 organisations, by direct calls: filter state = open,
 * sort due, each page from a random day on. Arguments: records (1,000,000), pages (2,000).
 */
#include "records.h"

struct page {
	struct records *r;
	char path[64]; /* of the group that the reader may see */
	const struct scope *scope;
	struct record_query query;
	struct writer out;
};

static bool read_path(struct conn *conn, void *context, struct err *err)
{
	auto_query struct query query =
		query_start(conn, "SELECT path FROM organisation WHERE public_id = :id");
	struct page *page = context;
	struct uuid id;
	bool found;

	if (!uuid_parse(str_of(page->r->group), &id))
		return false;
	query_blob(&query, "id", uuid_str(&id));
	if (!query_one(&query, &found, err) || !found)
		return false;
	(void)snprintf(page->path, sizeof(page->path), "%.*s", STR_ARGS(column_text(&query, 0)));
	return query_end(&query, err);
}

static bool read_page(struct conn *conn, void *context, struct err *err)
{
	struct page *page = context;
	auto_arena arena = arena_new(16 << 20);
	struct json json;

	writer_clear(&page->out);
	json = json_into(&page->out);
	return record_list(conn, page->r->model, page->scope, page->r->type, &page->query, arena,
			   &json, err);
}

static int by_time(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

int main(int argc, char **argv)
{
	static struct records r;
	static const char *const texts[] = { "asset.read" };
	static const struct permission_list list = { texts, 1 };
	struct scope_grant grant = { .clearance = CLEARANCE_INTERNAL,
				     .until = INT64_MAX,
				     .permissions = &list };
	struct scope scope = { .account = 1, .person = 1, .grants = &grant, .count = 1 };
	struct page page = { .r = &r, .scope = &scope };
	int64_t records = 1000000, pages = 2000;
	uint64_t random = 7;
	struct err err;

	if ((argc > 1 && !str_to_int(str_of(argv[1]), &records)) ||
	    (argc > 2 && !str_to_int(str_of(argv[2]), &pages)))
		return EXIT_USAGE;
	records_open(&r, records, 8 << 20);
	records_demand(store_read(r.store, read_path, &page, &err), &err);
	grant.path = str_of(page.path);

	int64_t *times = memory_zero((size_t)pages, sizeof(*times));

	for (int64_t i = 0; i < pages; i++) {
		char filter[80];
		int64_t start = clock_elapsed();

		(void)snprintf(filter, sizeof(filter), "state = open and due >= 20%02d-%02d-01",
			       (int)(20 + records_random(&random) % 9),
			       (int)(1 + records_random(&random) % 12));
		page.query = (struct record_query){ .filter = str_of(filter),
						    .sort = STR("due"),
						    .limit = 50 };
		records_demand(store_read(r.store, read_page, &page, &err), &err);
		times[i] = clock_elapsed() - start;
	}
	qsort(times, (size_t)pages, sizeof(*times), by_time);
	bench_machine();
	printf("input: %lld records, 40 of 1,000 organisations, page cache 8 MiB a connection, "
	       "%lld pages of 50, last %zu bytes\n",
	       (long long)r.made, (long long)pages, page.out.len);
	printf("list page: p50 %.2f ms, p99 %.2f ms, worst %.2f ms\n",
	       (double)times[pages / 2] / 1e3, (double)times[pages * 99 / 100] / 1e3,
	       (double)times[pages - 1] / 1e3);
	free(times);
	writer_release(&page.out);
	records_close(&r);
	return 0;
}
