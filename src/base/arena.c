#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Chunks double until they are of the largest size. The system's own pages, which large ones are
 * made of, come as zeros: they are not written before they are used. */
enum { ALIGNMENT = 16, FIRST_CHUNK = 64 << 10, MAPPED_CHUNK = 2 << 20, LARGEST_CHUNK = 4 << 20 };

struct ArenaChunk {
    ArenaChunk *older;
    size_t size;   /* of data */
    size_t dirty;  /* data from here on was never used: it is zero */
    size_t mapped; /* bytes to unmap; 0: malloc gave it */
    u8 data[];
};

static_assert(sizeof(ArenaChunk) % ALIGNMENT == 0, "data must be aligned");

/* A sanitizer looks for pointers in, and for bad uses of, what malloc gave. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { MAY_MAP = 0 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { MAY_MAP = 0 };
#else
enum { MAY_MAP = 1 };
#endif
#else
enum { MAY_MAP = 1 };
#endif

static void *map_pages(size_t size) {
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static ArenaChunk *new_chunk(size_t size) {
    size_t bytes = sizeof(ArenaChunk) + size;
    bool is_mapped = MAY_MAP && bytes >= MAPPED_CHUNK;
    ArenaChunk *chunk = is_mapped ? map_pages(bytes) : malloc(bytes);
    if (!chunk) base_panic("out of memory (%zu bytes asked)", size);
    chunk->size = size;
    chunk->mapped = is_mapped ? bytes : 0;
    chunk->dirty = is_mapped ? 0 : size;
    return chunk;
}

static void free_chunk(ArenaChunk *chunk) {
    if (chunk && chunk->mapped)
        munmap(chunk, chunk->mapped);
    else
        free(chunk);
}

static void add_chunk(Arena *arena, size_t need) {
    size_t size = arena->chunk ? MIN(arena->chunk->size * 2, (size_t)LARGEST_CHUNK) : FIRST_CHUNK;
    if (size < need) size = need;
    ArenaChunk *chunk = arena->spare;
    if (chunk && chunk->size >= size / 2 && chunk->size >= need)
        arena->spare = NULL;
    else
        chunk = new_chunk(size);
    chunk->older = arena->chunk;
    arena->chunk = chunk;
    arena->used = 0;
    arena->total += chunk->size;
}

/* Room for so many bytes, of which those from `written` on are zero. */
static void *take(Arena *arena, size_t size, size_t written) {
    if (size > SIZE_MAX / 2) base_panic("out of memory (%zu bytes asked)", size);
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (!arena->chunk || arena->chunk->size - arena->used < size) add_chunk(arena, size);
    ArenaChunk *chunk = arena->chunk;
    u8 *p = chunk->data + arena->used;
    size_t dirty = chunk->dirty > arena->used ? MIN(size, chunk->dirty - arena->used) : 0;
    if (dirty > written) memset(p + written, 0, dirty - written);
    arena->used += size;
    chunk->dirty = MAX(chunk->dirty, arena->used);
    return p;
}

void *arena_alloc(Arena *arena, size_t size) {
    return take(arena, size, 0);
}

void *arena_room(Arena *arena, size_t size) {
    return take(arena, size, size);
}

void *arena_copy(Arena *arena, const void *bytes, size_t size) {
    void *p = take(arena, size, size);
    if (size) memcpy(p, bytes, size);
    return p;
}

ArenaMark arena_mark(const Arena *arena) {
    return (ArenaMark){arena->chunk, arena->used};
}

/* Of the chunks that a rewind gives up, one of ordinary size is kept: what is rewound again and
 * again, after each file or question, would else ask the system for it each time. */
static void give_up(Arena *arena, ArenaChunk *chunk) {
    arena->total -= chunk->size;
    bool keeps =
        chunk->size <= LARGEST_CHUNK && (!arena->spare || arena->spare->size < chunk->size);
    ArenaChunk *gone = keeps ? arena->spare : chunk;
    if (keeps) arena->spare = chunk;
    free_chunk(gone);
}

void arena_rewind(Arena *arena, ArenaMark mark) {
    while (arena->chunk != mark.chunk) {
        ArenaChunk *chunk = arena->chunk;
        arena->chunk = chunk->older;
        give_up(arena, chunk);
    }
    arena->used = mark.used;
}

void arena_free(Arena *arena) {
    while (arena->chunk) {
        ArenaChunk *chunk = arena->chunk;
        arena->chunk = chunk->older;
        free_chunk(chunk);
    }
    free_chunk(arena->spare);
    *arena = (Arena){0};
}
