#include "syntax/syntax.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 1 << 20, KEPT_BYTES = 64 << 20, SMALL_STEP = 16, SMALL_LIMIT = 1024 };

struct PoolChunk {
    PoolChunk *next;
    size_t size; /* of data */
    u8 data[];
};

/* Stands before every block, so that free and realloc know the class. */
typedef struct Head {
    u64 size_class;
} Head;

/* tree-sitter's allocator hooks take no context: the one place where limpet needs thread-local
 * state. */
static _Thread_local Pool *active;

/* Classes below are multiples of 16 up to 1024, the others powers of two above. */
enum { SMALL_CLASSES = SMALL_LIMIT / SMALL_STEP };

static u32 class_of(size_t size) {
    if (size <= SMALL_LIMIT) return size ? (u32)((size - 1) / SMALL_STEP) : 0;
    u32 bits = 64 - (u32)__builtin_clzll((unsigned long long)size - 1);
    return SMALL_CLASSES + bits - 11;
}

static size_t class_size(u32 c) {
    return c < SMALL_CLASSES ? ((size_t)c + 1) * SMALL_STEP : (size_t)1 << (c - SMALL_CLASSES + 11);
}

static void next_chunk(Pool *pool, size_t need) {
    PoolChunk **link = pool->current ? &pool->current->next : &pool->first;
    PoolChunk *chunk = *link;
    if (!chunk || chunk->size < need) {
        size_t size = MAX(need, (size_t)CHUNK_SIZE);
        PoolChunk *fresh = malloc(sizeof *fresh + size);
        if (!fresh) base_panic("out of memory (%zu bytes asked)", size);
        fresh->next = chunk;
        fresh->size = size;
        *link = chunk = fresh;
    }
    pool->current = chunk;
    pool->used = 0;
}

static void *pool_malloc(size_t size) {
    Pool *pool = active;
    REQUIRE(pool != NULL);
    if (size > (size_t)1 << 48) base_panic("out of memory (%zu bytes asked)", size);
    u32 c = class_of(size);
    if (pool->free[c]) {
        void *p = pool->free[c];
        memcpy(&pool->free[c], p, sizeof(void *));
        if (c >= SMALL_CLASSES) pool->reused += class_size(c);
        return p;
    }
    size_t need = sizeof(Head) + class_size(c);
    if (!pool->current || pool->current->size - pool->used < need) next_chunk(pool, need);
    Head *head = (Head *)(void *)(pool->current->data + pool->used);
    pool->used += need;
    pool->taken += need;
    head->size_class = c;
    return head + 1;
}

static void *pool_calloc(size_t n, size_t size) {
    REQUIRE(size == 0 || n <= SIZE_MAX / 2 / size);
    void *p = pool_malloc(n * size);
    return memset(p, 0, n * size);
}

static void pool_release(void *p) {
    if (!p) return;
    u32 c = (u32)((Head *)p - 1)->size_class;
    memcpy(p, &active->free[c], sizeof(void *));
    active->free[c] = p;
}

static void *pool_realloc(void *p, size_t size) {
    if (!p) return pool_malloc(size);
    u32 c = (u32)((Head *)p - 1)->size_class;
    size_t old = class_size(c);
    if (size <= old && class_of(size) == c) return p;
    void *fresh = pool_malloc(size);
    memcpy(fresh, p, MIN(old, size));
    pool_release(p);
    return fresh;
}

static void install(void) {
    ts_set_allocator(pool_malloc, pool_calloc, pool_realloc, pool_release);
}

void pool_enter(Pool *pool) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    active = pool;
}

void pool_reset(Pool *pool) {
    size_t kept = 0;
    for (PoolChunk **link = &pool->first; *link;) {
        PoolChunk *chunk = *link;
        if (kept + chunk->size > KEPT_BYTES) {
            *link = chunk->next;
            free(chunk);
        } else {
            kept += chunk->size;
            link = &chunk->next;
        }
    }
    pool->current = NULL;
    pool->used = 0;
    pool->taken = 0;
    pool->reused = 0;
    memset(pool->free, 0, sizeof pool->free);
}

void pool_free(Pool *pool) {
    while (pool->first) {
        PoolChunk *chunk = pool->first;
        pool->first = chunk->next;
        free(chunk);
    }
    *pool = (Pool){0};
}
