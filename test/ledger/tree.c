/* Merkle trees: the examples everyone uses, every proof of small trees, and the public vectors. */
#include "ledger/tree.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/node.h"
#include "check.h"

enum { SMALL = 70, LARGE = 70000, VECTORS = 196 };

static struct digest digest_of(const char *hex)
{
	struct digest digest;

	if (!hex_parse(str_of(hex), digest.bytes, DIGEST_SIZE))
		abort();
	return digest;
}

/* The eight entries and the roots of their prefixes that Certificate Transparency's implementations
 * share. */
static const struct {
	const char *entry, *root;
} examples[] = {
	{ "", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
	{ "00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
	{ "10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
	{ "2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
	{ "3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
	{ "40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
	{ "5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
	{ "606162636465666768696a6b6c6d6e6f",
	  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
};

static void roots(void)
{
	auto_memory struct tree *tree = memory_zero(1, sizeof(*tree));
	auto_hasher hasher = { 0 };
	struct digest root = tree_root(tree, &hasher);
	struct digest want =
		digest_of("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	struct err err;

	CHECK(digest_equal(&root, &want));
	for (size_t i = 0; i < nitems(examples); i++) {
		char bytes[16];
		size_t len = strlen(examples[i].entry) / 2;

		CHECK(hex_parse(str_of(examples[i].entry), bytes, len));

		struct digest leaf = tree_leaf_hash(&hasher, (struct str){ bytes, len });

		CHECK_DONE(tree_append(tree, &hasher, &leaf, NULL, &err), err);
		root = tree_root(tree, &hasher);
		want = digest_of(examples[i].root);
		CHECK(digest_equal(&root, &want));
	}
	check_cases((int)nitems(examples));
}

/* RFC 6962 section 2.1 word for word, to compare with. */
static struct digest plain_root(struct hasher *hasher, const struct digest *leaves, size_t count)
{
	if (count == 0)
		return tree_empty_root();
	if (count == 1)
		return leaves[0];

	size_t half = 1;

	while (half * 2 < count)
		half *= 2;

	struct digest left = plain_root(hasher, leaves, half);
	struct digest right = plain_root(hasher, leaves + half, count - half);

	return tree_node_hash(hasher, &left, &right);
}

struct forest {
	struct digest leaf[SMALL];
	int asked_beyond; /* nodes that the tree of the moment does not have */
	int64_t size;
};

static bool forest_hash(void *context, int level, int64_t index, struct digest *hash,
			struct err *err)
{
	struct forest *forest = context;
	auto_hasher hasher = { 0 };

	(void)err;
	if ((index + 1) << level > forest->size)
		forest->asked_beyond++;
	*hash = plain_root(&hasher, forest->leaf + (index << level), (size_t)1 << level);
	return true;
}

static void forest_plant(struct forest *forest)
{
	auto_hasher hasher = { 0 };

	memset(forest, 0, sizeof(*forest));
	for (int i = 0; i < SMALL; i++)
		forest->leaf[i] =
			tree_leaf_hash(&hasher, (struct str){ (const char *)&i, sizeof(i) });
}

static void every_inclusion(void)
{
	struct forest forest;
	const struct tree_source source = { forest_hash, &forest };
	auto_hasher hasher = { 0 };
	struct tree_proof proof;
	struct digest root;
	struct err err;
	int cases = 0;

	forest_plant(&forest);
	for (int64_t size = 1; size <= SMALL; size++) {
		struct digest want = plain_root(&hasher, forest.leaf, (size_t)size);

		forest.size = size;
		CHECK_DONE(tree_root_of(&source, size, &root, &err), err);
		CHECK(digest_equal(&root, &want));
		for (int64_t at = 0; at < size; at++) {
			CHECK_DONE(tree_prove_inclusion(&source, at, size, &proof, &err), err);
			CHECK(tree_inclusion_holds(at, size, &forest.leaf[at], &proof, &root));
			CHECK(!tree_inclusion_holds(at + 1, size, &forest.leaf[at], &proof, &root));
			CHECK(size == 1 ||
			      !tree_inclusion_holds(at, size, &forest.leaf[(at + 1) % size], &proof,
						    &root));
			cases++;
		}
	}
	CHECK_INT(forest.asked_beyond, 0);
	check_cases(cases);
}

static void every_consistency(void)
{
	struct forest forest;
	const struct tree_source source = { forest_hash, &forest };
	auto_hasher hasher = { 0 };
	struct tree_proof proof;
	struct err err;
	int cases = 0;

	forest_plant(&forest);
	for (int64_t size = 1; size <= SMALL; size++) {
		struct digest root = plain_root(&hasher, forest.leaf, (size_t)size);

		forest.size = size;
		for (int64_t old = 1; old <= size; old++) {
			struct digest old_root = plain_root(&hasher, forest.leaf, (size_t)old);

			CHECK_DONE(tree_prove_consistency(&source, old, size, &proof, &err), err);
			CHECK(tree_consistency_holds(old, size, &old_root, &root, &proof));
			CHECK(old == size ||
			      !tree_consistency_holds(old, size, &root, &root, &proof));
			if (proof.count > 0) {
				proof.hash[proof.count - 1].bytes[7] ^= 1;
				CHECK(!tree_consistency_holds(old, size, &old_root, &root, &proof));
			}
			cases++;
		}
	}
	CHECK_INT(forest.asked_beyond, 0);
	check_cases(cases);
}

struct tiles {
	int64_t full[TILE_LEVELS];
	bool ordered;
	int fail_at;
};

static bool count_tile(void *context, int level, int64_t index,
		       const struct digest hashes[TILE_WIDTH], struct err *err)
{
	struct tiles *tiles = context;

	(void)hashes;
	if (--tiles->fail_at == 0)
		return fail(err, MSG_NOT_UTF8);
	tiles->ordered = tiles->ordered && index == tiles->full[level];
	tiles->full[level]++;
	return true;
}

/* The worked example of tlog-tiles: 70,000 entries. */
static void tiles_of_70000(void)
{
	auto_memory struct tree *tree = memory_zero(1, sizeof(*tree));
	auto_memory struct digest *leaves = memory_zero(LARGE, sizeof(*leaves));
	struct tiles tiles = { .ordered = true };
	const struct tile_sink sink = { count_tile, &tiles };
	auto_hasher hasher = { 0 };
	struct err err;

	for (int i = 0; i < LARGE; i++) {
		leaves[i] = tree_leaf_hash(&hasher, (struct str){ (const char *)&i, sizeof(i) });
		CHECK_DONE(tree_append(tree, &hasher, &leaves[i], &sink, &err), err);
	}
	CHECK(tiles.ordered);
	CHECK_INT(tiles.full[0], 273);
	CHECK_INT((int64_t)tile_width_at(LARGE, 0), 112);
	CHECK_INT(tiles.full[1], 1);
	CHECK_INT((int64_t)tile_width_at(LARGE, 1), 17);
	CHECK_INT(tiles.full[2], 0);
	CHECK_INT((int64_t)tile_width_at(LARGE, 2), 1);
	CHECK_INT((int64_t)tile_width_at(LARGE, 3), 0);

	struct digest root = tree_root(tree, &hasher), want = plain_root(&hasher, leaves, LARGE);

	CHECK(digest_equal(&root, &want));
}

static void sink_failure(void)
{
	auto_memory struct tree *tree = memory_zero(1, sizeof(*tree));
	struct tiles tiles = { .fail_at = 1 };
	const struct tile_sink sink = { count_tile, &tiles };
	auto_hasher hasher = { 0 };
	struct digest leaf = tree_leaf_hash(&hasher, STR("x"));
	struct err err;

	for (int i = 0; i < TILE_WIDTH - 1; i++)
		CHECK_DONE(tree_append(tree, &hasher, &leaf, &sink, &err), err);
	CHECK_FAILS(tree_append(tree, &hasher, &leaf, &sink, &err), err, MSG_NOT_UTF8);
}

/* --- The public vectors --- */

static bool vector_int(const struct node *vector, const char *key, int64_t *value)
{
	return node_int(node_member(vector, key), value);
}

static bool vector_digest(const struct node *text, struct digest *digest)
{
	auto_writer bytes = { 0 };

	return text && text->kind == NODE_TEXT && base64_parse(text->text, &bytes) &&
	       digest_from(writer_str(&bytes), digest);
}

static bool vector_proof(const struct node *list, struct tree_proof *proof)
{
	proof->count = 0;
	for (const struct node *at = list ? list->child : NULL; at; at = at->next) {
		if (proof->count == TREE_PROOF_MAX ||
		    !vector_digest(at, &proof->hash[proof->count++]))
			return false;
	}
	return true;
}

static bool vector_holds(const struct node *vector)
{
	struct tree_proof proof;
	struct digest first, second;
	int64_t a, b;

	if (!vector_proof(node_member(vector, "proof"), &proof))
		return false;
	if (node_member(vector, "leafIdx"))
		return vector_int(vector, "leafIdx", &a) && vector_int(vector, "treeSize", &b) &&
		       vector_digest(node_member(vector, "leafHash"), &first) &&
		       vector_digest(node_member(vector, "root"), &second) &&
		       tree_inclusion_holds(a, b, &first, &proof, &second);
	return vector_int(vector, "size1", &a) && vector_int(vector, "size2", &b) &&
	       vector_digest(node_member(vector, "root1"), &first) &&
	       vector_digest(node_member(vector, "root2"), &second) &&
	       tree_consistency_holds(a, b, &first, &second, &proof);
}

/* One vector takes texts of 12 bytes for roots and wants them compared; we refuse what is no hash.
 */
static bool vector_expected(const struct node *vector)
{
	struct digest digest;
	const struct node *root = node_member(vector, "root1");

	return !node_member(vector, "wantErr")->boolean && (!root || vector_digest(root, &digest));
}

static bool vector_file(const char *path)
{
	auto_arena arena = arena_new(1 << 20);
	auto_writer text = { 0 };
	const struct node *vector;
	struct err err;

	if (!check_no_error(file_read(path, 1 << 20, &text, &err), &err, __FILE__, __LINE__,
			    path) ||
	    !check_no_error(node_from_json(arena, writer_str(&text), &vector, &err), &err, __FILE__,
			    __LINE__, path))
		return false;
	return check_that(vector_holds(vector) == vector_expected(vector), __FILE__, __LINE__,
			  path);
}

static int vector_folder(const char *path)
{
	DIR *folder = opendir(path);
	int ran = 0;

	for (struct dirent *file; folder && (file = readdir(folder));) {
		auto_memory char *inside = path_join(path, file->d_name);
		struct stat info;

		if (file->d_name[0] == '.' || stat(inside, &info) != 0)
			continue;
		if (S_ISDIR(info.st_mode))
			ran += vector_folder(inside);
		else if (str_ends(str_of(inside), ".json"))
			ran += vector_file(inside);
	}
	if (folder)
		closedir(folder);
	return ran;
}

static void public_vectors(void)
{
	const char *shared = getenv("XIEDUN_SHARED");
	auto_memory char *data = path_join(shared ? shared : "shared", "merkle/testdata");
	auto_memory char *inclusion = path_join(data, "inclusion");
	auto_memory char *consistency = path_join(data, "consistency");

	if (!path_exists(data)) {
		printf("# SKIPPED: no Merkle vectors at %s (set XIEDUN_SHARED)\n", data);
		CHECK(!shared);
		return;
	}

	int ran = vector_folder(inclusion) + vector_folder(consistency);

	printf("# %d Merkle vectors\n", ran);
	CHECK_INT(ran, VECTORS);
	check_cases(ran);
}

static const struct check_test tests[] = {
	TEST(roots),          TEST(every_inclusion), TEST(every_consistency),
	TEST(tiles_of_70000), TEST(sink_failure),    TEST(public_vectors),
};

int main(int argc, char **argv)
{
	return check_main(tests, nitems(tests), argc, argv);
}
