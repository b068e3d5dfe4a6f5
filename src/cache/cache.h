/* The cache: pieces of memory by key, on disk, from one run to the next. What they mean is the
 * caller's; a key has to name all that a piece was made from (its bytes, its kind, the program that
 * made it): there is no time in it, so that nothing goes stale.
 *
 * A folder with these files (store.h has their layout):
 *
 *     CACHEDIR.TAG .gitignore    it is a cache, and nobody's to keep
 *     facts-<16 digits>.segment  pieces, one after another; written once, never changed
 *     facts.index                which piece of which segment is whose; replaced by rename
 *     facts.lock                 held by the one run that changes the index
 *
 * Segments are mapped, and pieces are used where they lie. Whatever is wrong with the files (cut,
 * changed, of another version or byte order, not to be read) makes a piece missing, and nothing
 * else; what a piece says is not trusted either: its reader checks it. Runs side by side are safe:
 * a file that is open is never written, and one that was removed lives on for those who have it.
 *
 * Hashes of 128 bits stand for texts. Equal ones by chance do not happen (base/map.h); who makes
 * two files with one hash on purpose hides one from a linter, which a comment does as well.
 *
 * Size: each save joins the segments that are small beside what is new, so that there are few. Over
 * 256 MB, pieces that none of the last 50 saves used go; over 1 GB, those that were not used for
 * the longest time, but none of this run. */
#ifndef LIMPET_CACHE_CACHE_H
#define LIMPET_CACHE_CACHE_H

#include "base/map.h"
#include "os/os.h"

/* What was compiled: digests of the sources that make facts, and of all that make findings. */
extern const char cache_facts_build[], cache_build[];

typedef struct Cache Cache;

/* The cache in a folder, which need not be there: nothing is written yet. `workers` threads may use
 * it at once. In the arena, but for what cache_free gives back. */
Cache *cache_open(Arena *arena, Str folder, u32 workers);

/* The piece of a key: 16-aligned, valid until cache_free. Any thread. */
bool cache_find(Cache *cache, Hash128 key, Str *piece);

/* Keeps a piece of two parts, the first of a multiple of 16 bytes. Both must last until cache_save,
 * or else they are copied. `worker` is below `workers`, and the caller's own. */
void cache_put(Cache *cache, u32 worker, Hash128 key, Str head, Str body, bool copy);

/* Nothing larger is kept: it would push out all else. */
enum { CACHE_PIECE_MAX = 256 << 20 };

typedef struct CacheCounts {
    u32 found, missed; /* by cache_find */
    u32 added;
} CacheCounts;
CacheCounts cache_counts(const Cache *cache);

/* Writes what was put. False with the reason, which is no error of the run: the folder cannot be
 * written, or is not a cache. */
bool cache_save(Cache *cache, Str *problem);

void cache_free(Cache *cache);

/* Removes the cache's own files from a folder, and the folder if nothing else is in it; *files is
 * how many there were. False with the reason when it is no cache or cannot be removed. */
bool cache_remove(Arena *arena, Str folder, u32 *files, Str *problem);

#endif
