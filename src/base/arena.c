#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK = 64 * 1024, LARGEST_CHUNK = 4 * 1024 * 1024, ALIGNMENT = 16 };

struct ArenaChunk {
    ArenaChunk *older;
    size_t size; /* of data */
    u8 pad[16 - (sizeof(void *) + sizeof(size_t)) % 16];
    u8 data[];
};

static void add_chunk(Arena *arena, size_t need) {
    size_t size = arena->chunk ? MIN(arena->chunk->size * 2, (size_t)LARGEST_CHUNK) : FIRST_CHUNK;
    if (size < need) size = need;
    ArenaChunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk) base_panic("out of memory (%zu bytes asked)", size);
    chunk->older = arena->chunk;
    chunk->size = size;
    arena->chunk = chunk;
    arena->used = 0;
    arena->total += size;
}

void *arena_alloc(Arena *arena, size_t size) {
    if (size > SIZE_MAX / 2) base_panic("out of memory (%zu bytes asked)", size);
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (!arena->chunk || arena->chunk->size - arena->used < size) add_chunk(arena, size);
    void *p = arena->chunk->data + arena->used;
    arena->used += size;
    memset(p, 0, size);
    return p;
}

void *arena_copy(Arena *arena, const void *bytes, size_t size) {
    void *p = arena_alloc(arena, size);
    if (size) memcpy(p, bytes, size);
    return p;
}

ArenaMark arena_mark(const Arena *arena) {
    return (ArenaMark){arena->chunk, arena->used};
}

void arena_rewind(Arena *arena, ArenaMark mark) {
    while (arena->chunk != mark.chunk) {
        ArenaChunk *chunk = arena->chunk;
        /* keep the last ordinary chunk warm: scratch arenas are rewound to empty after each file */
        if (!mark.chunk && !chunk->older && chunk->size <= LARGEST_CHUNK) {
            arena->used = 0;
            return;
        }
        arena->chunk = chunk->older;
        arena->total -= chunk->size;
        free(chunk);
    }
    arena->used = mark.used;
}

void arena_free(Arena *arena) {
    while (arena->chunk) {
        ArenaChunk *chunk = arena->chunk;
        arena->chunk = chunk->older;
        free(chunk);
    }
    *arena = (Arena){0};
}
