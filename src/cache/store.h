/* Private to src/cache: the files of a cache, as they are read.
 *
 * Index: head, segments, entries by key. Segment: head, pieces, each at a multiple of 16. Numbers
 * are in the byte order of the machine; a file of another one is not read. */
#ifndef LIMPET_CACHE_STORE_H
#define LIMPET_CACHE_STORE_H

#include "base/vec.h"
#include "cache/cache.h"

enum { STORE_VERSION = 1, STORE_ORDER = 0x01020304, STORE_ALIGN = 16, SEGMENTS_MAX = 256 };

#define STORE_INDEX "facts.index"
#define STORE_LOCK "facts.lock"
#define STORE_IGNORE ".gitignore"
#define STORE_IGNORE_TEXT "# made by limpet\n*\n"
#define STORE_TAG "CACHEDIR.TAG"
/* https://bford.info/cachedir/ */
#define STORE_TAG_TEXT                              \
    "Signature: 8a477f597d28d172789f06886806bc55\n" \
    "# This directory is a cache of limpet.\n"

typedef struct IndexHead {
    char magic[8];
    u32 version, byte_order;
    u32 n_segments, n_entries;
    u32 run, unused; /* number of saves */
    u64 check;       /* hash of all that follows */
} IndexHead;

typedef struct SegmentRecord {
    u64 name, size;
} SegmentRecord;

typedef struct EntryRecord {
    Hash128 key;
    u64 at, size;
    u64 check; /* hash of the piece */
    u32 segment;
    u32 run; /* the last save of a run that used it */
} EntryRecord;

typedef struct SegmentHead {
    char magic[8];
    u32 version, byte_order;
    u64 name, size;
} SegmentHead;

_Static_assert(sizeof(IndexHead) == 40 && sizeof(SegmentRecord) == 16, "padding");
_Static_assert(sizeof(EntryRecord) == 48 && sizeof(SegmentHead) == 32, "padding");

extern const char store_index_magic[8], store_segment_magic[8];

typedef struct Store {
    OsMap index;
    const SegmentRecord *segments;
    const EntryRecord *entries; /* sorted by key */
    u32 n_segments, n_entries, run;
    OsMap *maps; /* by segment; empty: it cannot be used */
} Store;

/* Opens what is there and sound; empty without. */
void store_open(Store *store, Arena *arena, Str folder);
void store_close(Store *store);
/* Index of the entry of a key, or n_entries. */
u32 store_find(const Store *store, Hash128 key);
/* The piece of an entry, if it is whole. */
bool store_piece(const Store *store, u32 entry, Str *piece);

int store_cmp(Hash128 a, Hash128 b);
u64 store_aligned(u64 size);
Str store_path(Arena *arena, Str folder, const char *name);
Str store_segment_path(Arena *arena, Str folder, u64 name);
/* Is it the name of a segment, or of a file that was being written? */
bool store_owns(Str name);

/* May the folder be written? It is none (*is_new), empty, or a cache of ours; and no symlink. */
bool store_is_ours(Arena *arena, Str folder, bool *is_new);

/* ---- save.c ---- */

/* A piece in the next index. */
typedef struct Kept {
    Hash128 key;
    OsMap head, body; /* its bytes; head empty for one that was in a segment */
    u64 at, check;
    u32 segment; /* of the old index, or SEGMENT_NEW */
    u32 run;
} Kept;

enum { SEGMENT_NEW = UINT32_MAX };

struct Cache {
    Arena *arena;
    Str folder;
    Store store;
    u8 *used; /* by entry; atomic */
    u32 workers;
    struct CacheWorker *added; /* by worker */
    u32 found, missed;         /* atomic */
    u64 quiet, most;           /* bytes: see cache.h */
};

typedef struct CacheWorker {
    Arena arena;
    VEC(Kept) pieces;
} CacheWorker;

#endif
