/* Arenas: memory by lifetime. Everything that limpet allocates lives in one of them (scratch, file,
 * project, run) and is returned as a whole; there is no free of a single object. */
#ifndef LIMPET_BASE_ARENA_H
#define LIMPET_BASE_ARENA_H

#include "base/base.h"

typedef struct ArenaChunk ArenaChunk;

/* A zeroed Arena is empty and ready. Not thread-safe: one arena, one owner. */
typedef struct Arena {
    ArenaChunk *chunk; /* newest chunk, linked to the older ones */
    ArenaChunk *spare; /* one that a rewind gave up, or NULL */
    size_t used;       /* bytes used in the newest chunk */
    size_t total;      /* bytes of all chunks in use, for statistics */
} Arena;

typedef struct ArenaMark {
    ArenaChunk *chunk;
    size_t used;
} ArenaMark;

/* Zeroed memory, aligned to 16 bytes, valid until the arena is rewound before it or freed. Never
 * returns NULL: out of memory panics. */
void *arena_alloc(Arena *arena, size_t size);

/* The same, of memory that is not zeroed: for what is written before it is read. */
void *arena_room(Arena *arena, size_t size);

/* Copies `size` bytes into the arena. */
void *arena_copy(Arena *arena, const void *bytes, size_t size);

/* Remembers a point; arena_rewind gives back all that was allocated since. */
ArenaMark arena_mark(const Arena *arena);
void arena_rewind(Arena *arena, ArenaMark mark);

/* Returns all memory; the arena is empty and ready again. */
void arena_free(Arena *arena);

#define arena_new(arena, T) ((T *)arena_alloc((arena), sizeof(T)))
#define arena_array(arena, T, n) ((T *)arena_alloc((arena), sizeof(T) * (size_t)(n)))

#endif
