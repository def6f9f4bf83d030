/* Owns the names of a log's files: C2SP tlog-tiles v0.1.0, with "epoch/N/" before those of a closed
 * epoch. */
#ifndef XIEDUN_LEDGER_TILE_H
#define XIEDUN_LEDGER_TILE_H

#include "base/writer.h"

enum tile_kind { TILE_CHECKPOINT, TILE_HASHES, TILE_ENTRIES };

struct tile_path {
	enum tile_kind kind;
	int64_t epoch; /* 0: the open one */
	int level;     /* of TILE_HASHES, 0 to 63 */
	int64_t index; /* of the tile within its level */
	size_t width;  /* 1 to 256; below 256 a partial one */
};

/* "tile/0/x001/x234/067.p/5", "tile/entries/000", "checkpoint". */
void tile_path_write(const struct tile_path *, struct writer *);

/* Strict: only what tile_path_write gives. */
must_use bool tile_path_parse(struct str, struct tile_path *);

#endif
