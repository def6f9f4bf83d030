#include <errno.h>
/* The JSON reader over the 32 NVD pages in memory, one thread, every token pulled; simdjson in the
 * same run. */
#include <dirent.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_read.h"
#include "base/vec.h"
#include "bench.h"
#include "json_peer.h"

enum { ROUNDS = 7 };

struct pages {
	struct texts VEC(struct str) list;
	struct buffers VEC(char *) owned;
	size_t bytes;
};

typedef uint64_t pass_fn(void *context, struct str page);

static uint64_t read_all(struct json_reader *reader)
{
	uint64_t sum = 0;

	for (;;) {
		enum json_token token = json_next(reader);

		if (token == JSON_END)
			return sum;
		if (token == JSON_ERROR) {
			auto_writer text = { 0 };

			err_render(json_reader_err(reader), LANGUAGE_EN, &text);
			fprintf(stderr, "%s\n", text.at);
			exit(EXIT_INPUT);
		}
		sum += token;
		if (token == JSON_KEY || token == JSON_STRING || token == JSON_NUMBER)
			sum += json_value(reader).len;
	}
}

static uint64_t pass_ours(void *limits, struct str page)
{
	auto_json_reader reader = json_reader_new(page, limits);

	return read_all(reader);
}

static int64_t fill_from(void *context, char *to, size_t size, struct err *err unused)
{
	struct str *rest = context;
	size_t len = rest->len < size ? rest->len : size;

	memcpy(to, rest->at, len);
	*rest = str_sub(*rest, len, rest->len);
	return (int64_t)len;
}

static uint64_t pass_stream(void *limits, struct str page)
{
	auto_json_reader reader = json_reader_stream(fill_from, &page, limits);

	return read_all(reader);
}

static uint64_t pass_tree(void *peer, struct str page)
{
	return json_peer_pass_tree(peer, page.at, page.len);
}

static uint64_t pass_values(void *peer, struct str page)
{
	return json_peer_pass_values(peer, page.at, page.len);
}

static void load(const char *folder, struct pages *pages)
{
	DIR *dir = opendir(folder);

	if (!dir) {
		fprintf(stderr, "%s: %s\n", folder, errno_text(errno));
		exit(EXIT_ENVIRONMENT);
	}
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		auto_writer bytes = { 0 };
		struct err err;

		if (!str_ends(str_of(entry->d_name), ".json"))
			continue;

		auto_memory char *path = path_join(folder, entry->d_name);

		if (!file_read(path, SIZE_MAX / 2, &bytes, &err))
			exit(EXIT_ENVIRONMENT);

		size_t len = bytes.len;

		memset(writer_reserve(&bytes, json_peer_padding()), 0, json_peer_padding());
		vec_push(&pages->list, (struct str){ bytes.at, len });
		vec_push(&pages->owned, steal(bytes.at));
		pages->bytes += len;
	}
	(void)closedir(dir);
}

/* Of this thread, in microseconds: the figure holds on a machine that does other things too. */
static int64_t processor_time(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return SECONDS(time.tv_sec) + time.tv_nsec / 1000;
}

/* The median of several rounds, in 10^6 bytes a second. */
static double measure(const struct pages *pages, pass_fn *pass, void *context)
{
	double rounds[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		int64_t begin = processor_time();
		uint64_t sum = 0;
		int at = round;

		for (size_t i = 0; i < pages->list.count; i++)
			sum += pass(context, pages->list.at[i]);
		if (sum == 0)
			exit(EXIT_NO);

		double speed = (double)pages->bytes / (double)(processor_time() - begin);

		for (; at > 0 && rounds[at - 1] > speed; at--)
			rounds[at] = rounds[at - 1];
		rounds[at] = speed;
	}
	return rounds[ROUNDS / 2];
}

int main(void)
{
	const char *shared = getenv("XIEDUN_SHARED");
	struct pages pages = { 0 };
	struct json_peer *peer = json_peer_new();
	auto_memory char *folder = path_join(shared ? shared : "build/shared", "nvd2");

	load(folder, &pages);
	printf("json_read: %.0f MB/s\n", measure(&pages, pass_ours, NULL));
	printf("with duplicate keys counted: %.0f MB/s; through the window: %.0f MB/s\n",
	       measure(&pages, pass_ours, &(struct json_limits){ .duplicates = true }),
	       measure(&pages, pass_stream, NULL));
	printf("simdjson, all values: %.0f MB/s; tree: %.0f MB/s\n",
	       measure(&pages, pass_values, peer), measure(&pages, pass_tree, peer));
	printf("input: %zu NVD pages, %zu bytes in memory, one thread, its processor time, median "
	       "of %d rounds\n",
	       pages.list.count, pages.bytes, ROUNDS);
	bench_machine();
	for (size_t i = 0; i < pages.list.count; i++)
		free(pages.owned.at[i]);
	vec_release(&pages.list);
	vec_release(&pages.owned);
	json_peer_free(peer);
	return EXIT_DONE;
}
