/* Owns reading declarations out of a document tree: keys by table, mistakes collected with their place. */
#ifndef XIEDUN_MODEL_PACK_READ_H
#define XIEDUN_MODEL_PACK_READ_H

#include "model/pack.h"

struct pack_reader {
	struct arena *arena;
	const char *file;
	struct problems *problems;
};

/* One key that a map may have. */
struct pack_key {
	const char *name;
	enum node_kind kind; /* NODE_NULL: any */
	bool required;
};

/* Adds a problem at the node. */
#define pack_problem(reader, node, path, code, ...)                   \
	do {                                                          \
		struct err problem_;                                  \
		(void)fail(&problem_, code, ##__VA_ARGS__);           \
		pack_problem_at((reader), (node), (path), &problem_); \
	} while (0)

void pack_problem_at(struct pack_reader *, const struct node *, struct str path, struct err *);

/* Checks a map against its keys; false when it is no map at all. `path` says where it stands: "types.device". */
bool pack_check_keys(struct pack_reader *, const struct node *, struct str path,
		     const struct pack_key *, size_t count);

/* The path of a member. */
struct str pack_path(struct pack_reader *, struct str path, struct str member);

/* Lower case, digits and "_", beginning with a letter, at most TYPE_NAME_MAX bytes. */
bool pack_is_name(struct str);
bool pack_check_name(struct pack_reader *, const struct node *, struct str path, struct str name);

/* Members that are absent or of the wrong kind (reported by pack_check_keys) give the absent string, false or the default. */
bool pack_flag(const struct node *map, const char *key);
int64_t pack_number(struct pack_reader *, const struct node *map, struct str path, const char *key,
		    int64_t low, int64_t high, int64_t absent);
struct label pack_label(struct pack_reader *, const struct node *map, struct str path,
			const char *key);
struct label pack_label_of(struct pack_reader *, const struct node *label, struct str path);

/* A list of texts, or one text alone; false when the arena is full. */
bool pack_names(struct pack_reader *, const struct node *map, struct str path, const char *key,
		const struct str **, size_t *count);

/* The word's place in the list, or -1 with a problem that suggests the nearest. */
int pack_word(struct pack_reader *, const struct node *, struct str path, struct str word,
	      const char *const *words, size_t count);

#endif
