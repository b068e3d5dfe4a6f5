#include "cache/store.h"

#include <errno.h>
#include <string.h>

enum { MEGABYTE = 1 << 20, QUIET_MEGABYTES = 256, MOST_MEGABYTES = 1024 };

Cache *cache_open(Arena *arena, Str folder, u32 workers) {
    Cache *c = arena_new(arena, Cache);
    *c = (Cache){.arena = arena,
                 .folder = str_copy(arena, folder),
                 .workers = workers,
                 .quiet = (u64)QUIET_MEGABYTES * MEGABYTE,
                 .most = (u64)MOST_MEGABYTES * MEGABYTE};
    store_open(&c->store, arena, c->folder);
    c->used = arena_array(arena, u8, c->store.n_entries + 1);
    c->added = arena_array(arena, CacheWorker, workers + 1);
    return c;
}

bool cache_find(Cache *c, Hash128 key, Str *piece) {
    u32 entry = store_find(&c->store, key);
    bool found = entry < c->store.n_entries && store_piece(&c->store, entry, piece);
    if (found) __atomic_store_n(&c->used[entry], 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(found ? &c->found : &c->missed, 1, __ATOMIC_RELAXED);
    return found;
}

void cache_put(Cache *c, u32 worker, Hash128 key, Str head, Str body, bool copy) {
    REQUIRE(worker < c->workers && head.n % STORE_ALIGN == 0);
    if ((u64)head.n + body.n > CACHE_PIECE_MAX) return;
    CacheWorker *w = &c->added[worker];
    if (copy) head.p = arena_copy(&w->arena, head.p, head.n);
    if (copy) body.p = arena_copy(&w->arena, body.p, body.n);
    Kept piece = {
        .key = key, .head = {head.p, head.n}, .body = {body.p, body.n}, .segment = SEGMENT_NEW};
    vec_push(&w->arena, &w->pieces, piece);
}

CacheCounts cache_counts(const Cache *c) {
    CacheCounts counts = {.found = c->found, .missed = c->missed};
    for (u32 i = 0; i < c->workers; i++) counts.added += c->added[i].pieces.n;
    return counts;
}

void cache_free(Cache *c) {
    for (u32 i = 0; i < c->workers; i++) arena_free(&c->added[i].arena);
    store_close(&c->store);
}

/* ---- limpet clean ---- */

/* Files of ours that are always there, if any is. */
static const char *const FIXED[] = {STORE_INDEX, STORE_LOCK, STORE_IGNORE, STORE_TAG};

static int remove_one(Arena *arena, Str folder, Str name, u32 *files) {
    int error = os_remove(store_path(arena, folder, str_copy(arena, name).p).p);
    *files += !error;
    return error;
}

bool cache_remove(Arena *arena, Str folder, u32 *files, Str *problem) {
    bool is_new;
    DirEntry *entries;
    u32 n;
    *files = 0;
    folder = str_copy(arena, folder);
    if (!store_is_ours(arena, folder, &is_new)) {
        *problem = STR("it holds what limpet did not put there");
        return false;
    }
    if (is_new) return true;
    int error = os_list_dir(folder.p, arena, &entries, &n), failed = 0;
    for (u32 i = 0; i < n; i++)
        if (store_owns(entries[i].name) &&
            (error = remove_one(arena, folder, entries[i].name, files)))
            failed = error;
    for (u32 i = 0; i < ARRAY_LEN(FIXED); i++)
        if (!failed) remove_one(arena, folder, str_from(FIXED[i]), files);
    error = failed ? failed : os_remove_dir(folder.p);
    /* what else is in it stays, and so does the folder */
    if (!error || error == ENOTEMPTY || error == EEXIST) return true;
    *problem = str_copy(arena, str_from(strerror(error)));
    return false;
}
