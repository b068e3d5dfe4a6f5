/* Facts from the cache: what reading a file gave in an earlier run, by the hash of its bytes, or by
 * the id of its blob in git, which spares reading it at all. */
#ifndef LIMPET_APP_STORED_H
#define LIMPET_APP_STORED_H

#include "app/scan.h"

/* The cache of a run, where --cache-dir or $LIMPET_CACHE_DIR says, else `.limpet_cache` in the
 * folder of the project's configuration, at the top of the repository around what is checked, or in
 * the working directory. NULL with --no-cache and for standard input alone. In the arena. */
Cache *stored_open(Arena *arena, const Config *config);
/* That folder; empty when there is no such place. */
Str stored_folder(Arena *arena, const Config *config);
/* Writes what was added; with -v a line says what came of it. */
void stored_save(Cache *cache, bool is_verbose);

/* The key of a file's facts. */
Hash128 stored_key(const ScanFile *file, Str bytes);

/* Fills the file in as reading it would. Texts are in the arena, facts in the cache. */
bool stored_take(const Scan *scan, ScanFile *file, Hash128 key, Arena *arena);
/* The same for a file that git keeps. */
bool stored_take_blob(const Scan *scan, ScanFile *file, Arena *arena);

/* Keeps what reading the file gave. */
void stored_keep(const Scan *scan, u32 worker, const ScanFile *file, Hash128 key, Arena *arena);

#endif
