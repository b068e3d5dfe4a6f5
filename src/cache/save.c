/* Writing: what was put becomes a segment, joined with the small ones that are there, and a new
 * index takes the place of the old one. */
#include "cache/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOCK_MILLISECONDS = 500,
    RUNS_KEPT = 50, /* over the quiet size */
};

typedef struct Save {
    Cache *cache;
    Arena arena; /* for this save */
    Store old;   /* as it is now: other runs may have saved since the cache was opened */
    u32 run;
    VEC(Kept) pieces;
    u64 fresh;      /* bytes that were put */
    u64 *live;      /* by old segment: bytes of pieces that stay */
    bool *is_moved; /* by old segment: its pieces go to the new one */
    u64 name;       /* of the new segment */
    u64 size;
    u32 *numbers; /* by old segment: its number in the new index */
    SegmentRecord *records;
    u32 n_records;
} Save;

static u64 size_of(const Kept *k) {
    return store_aligned(k->head.n + k->body.n);
}

static int by_key(const void *a, const void *b) {
    const Kept *x = a, *y = b;
    int order = store_cmp(x->key, y->key);
    /* equal keys: a new piece first, for the old one was missing or not sound */
    return order ? order : (x->segment < y->segment) - (x->segment > y->segment);
}

/* ---- what stays ---- */

static void take_old(Save *s) {
    const Cache *c = s->cache;
    u8 *used = arena_array(&s->arena, u8, s->old.n_entries + 1);
    for (u32 i = 0; i < c->store.n_entries; i++)
        if (c->used[i]) used[store_find(&s->old, c->store.entries[i].key)] = 1;
    for (u32 i = 0; i < s->old.n_entries; i++) {
        const EntryRecord *e = &s->old.entries[i];
        if (e->segment >= s->old.n_segments || !s->old.maps[e->segment].p) continue;
        if (e->at > s->old.maps[e->segment].n || e->size > s->old.maps[e->segment].n - e->at)
            continue;
        Kept k = {.key = e->key,
                  .body = {(const char *)s->old.maps[e->segment].p + e->at, e->size},
                  .at = e->at,
                  .check = e->check,
                  .segment = e->segment,
                  .run = used[i] ? s->run : e->run};
        vec_push(&s->arena, &s->pieces, k);
    }
}

static void take_new(Save *s) {
    for (u32 w = 0; w < s->cache->workers; w++)
        for (u32 i = 0; i < s->cache->added[w].pieces.n; i++) {
            Kept k = s->cache->added[w].pieces.v[i];
            k.run = s->run;
            vec_push(&s->arena, &s->pieces, k);
        }
}

/* Sorts by key and leaves one of each. */
static void settle(Save *s) {
    u32 n = 0;
    if (s->pieces.n) qsort(s->pieces.v, s->pieces.n, sizeof *s->pieces.v, by_key);
    for (u32 i = 0; i < s->pieces.n; i++) {
        if (n && !store_cmp(s->pieces.v[n - 1].key, s->pieces.v[i].key)) {
            s->pieces.v[n - 1].run = MAX(s->pieces.v[n - 1].run, s->pieces.v[i].run);
            continue;
        }
        s->pieces.v[n++] = s->pieces.v[i];
    }
    s->pieces.n = n;
}

static u64 total_of(const Save *s) {
    u64 total = 0;
    for (u32 i = 0; i < s->pieces.n; i++) total += size_of(&s->pieces.v[i]);
    return total;
}

/* Leaves out what no save since `run` used. */
static void drop_before(Save *s, u32 run) {
    u32 n = 0;
    for (u32 i = 0; i < s->pieces.n; i++)
        if (s->pieces.v[i].run >= run) s->pieces.v[n++] = s->pieces.v[i];
    s->pieces.n = n;
}

static int by_run(const void *a, const void *b) {
    u32 x = *(const u32 *)a, y = *(const u32 *)b;
    return (x > y) - (x < y);
}

/* The run that a quarter of the pieces were last used by, or in one before. */
static u32 old_run(Save *s) {
    u32 *runs = arena_array(&s->arena, u32, s->pieces.n + 1);
    for (u32 i = 0; i < s->pieces.n; i++) runs[i] = s->pieces.v[i].run;
    qsort(runs, s->pieces.n, sizeof *runs, by_run);
    return runs[s->pieces.n / 4];
}

static void drop_unused(Save *s) {
    if (total_of(s) > s->cache->quiet && s->run > RUNS_KEPT) drop_before(s, s->run - RUNS_KEPT);
    while (s->pieces.n && total_of(s) > s->cache->most) {
        u32 run = old_run(s);
        drop_before(s, MIN(run + 1, s->run));
        if (run + 1 >= s->run) break;
    }
}

/* ---- what is written anew ---- */

/* The smallest segment that stays as it is so far, or n_segments. */
static u32 smallest(const Save *s) {
    u32 best = s->old.n_segments;
    for (u32 i = 0; i < s->old.n_segments; i++)
        if (!s->is_moved[i] && (best == s->old.n_segments || s->live[i] < s->live[best])) best = i;
    return best;
}

/* Segments that are small beside what is written anyway, or half empty, are joined to it: there are
 * never more than about the logarithm of their size, and each byte is copied as often. */
static void choose_segments(Save *s) {
    s->live = arena_array(&s->arena, u64, s->old.n_segments + 1);
    s->is_moved = arena_array(&s->arena, bool, s->old.n_segments + 1);
    for (u32 i = 0; i < s->pieces.n; i++) {
        const Kept *k = &s->pieces.v[i];
        *(k->segment == SEGMENT_NEW ? &s->fresh : &s->live[k->segment]) += size_of(k);
    }
    u64 written = s->fresh;
    for (u32 i = 0; i < s->old.n_segments; i++) {
        s->is_moved[i] = s->live[i] < s->old.segments[i].size / 2;
        if (s->is_moved[i]) written += s->live[i];
    }
    for (u32 i; (i = smallest(s)) < s->old.n_segments && s->live[i] <= 2 * written;) {
        s->is_moved[i] = true;
        written += s->live[i];
    }
}

/* Pieces that are not what their hash says do not move on. */
static bool is_whole(const Kept *k) {
    return k->segment == SEGMENT_NEW || hash_bytes(k->body.p, (size_t)k->body.n) == k->check;
}

/* The hash of a piece of two parts is that of its bytes. */
static u64 check_of(Arena *arena, const Kept *k) {
    ArenaMark mark = arena_mark(arena);
    char *all = arena_alloc(arena, (size_t)(k->head.n + k->body.n) + 1);
    memcpy(all, k->head.p, (size_t)k->head.n);
    if (k->body.n) memcpy(all + k->head.n, k->body.p, (size_t)k->body.n);
    u64 check = hash_bytes(all, (size_t)(k->head.n + k->body.n));
    arena_rewind(arena, mark);
    return check;
}

/* Puts the pieces that move into the new segment, in the order of their keys. */
static bool write_segment(Save *s, Str path) {
    static const char zero[STORE_ALIGN];
    SegmentHead head = {
        .version = STORE_VERSION, .byte_order = STORE_ORDER, .name = s->name, .size = sizeof head};
    memcpy(head.magic, store_segment_magic, sizeof head.magic);
    OsMap *parts = arena_array(&s->arena, OsMap, 3 * (u64)s->pieces.n + 1);
    u32 n = 0, kept = 0;
    parts[n++] = (OsMap){&head, sizeof head};
    for (u32 i = 0; i < s->pieces.n; i++) {
        Kept k = s->pieces.v[i];
        bool is_moved = k.segment == SEGMENT_NEW || s->is_moved[k.segment];
        if (is_moved && !is_whole(&k)) continue;
        if (is_moved) {
            if (k.segment == SEGMENT_NEW) k.check = check_of(&s->arena, &k);
            u64 size = k.head.n + k.body.n;
            parts[n++] = k.head;
            parts[n++] = k.body;
            parts[n++] = (OsMap){zero, store_aligned(size) - size};
            k.segment = SEGMENT_NEW;
            k.at = head.size;
            head.size += store_aligned(size);
        }
        s->pieces.v[kept++] = k;
    }
    s->pieces.n = kept;
    s->size = head.size;
    return os_write_new(path.p, parts, n) == 0;
}

/* ---- the index ---- */

static void number_segments(Save *s) {
    s->records = arena_array(&s->arena, SegmentRecord, s->old.n_segments + 2);
    s->numbers = arena_array(&s->arena, u32, s->old.n_segments + 1);
    s->records[s->n_records++] = (SegmentRecord){s->name, s->size};
    for (u32 i = 0; i < s->old.n_segments; i++) {
        if (s->is_moved[i] || !s->live[i]) continue;
        s->numbers[i] = s->n_records;
        s->records[s->n_records++] = s->old.segments[i];
    }
}

static bool write_index(Save *s) {
    Arena *arena = &s->arena;
    number_segments(s);
    u64 segments = s->n_records * sizeof(SegmentRecord);
    u64 size = segments + s->pieces.n * sizeof(EntryRecord);
    char *body = arena_alloc(arena, (size_t)size + 1);
    memcpy(body, s->records, (size_t)segments);
    EntryRecord *entries = (void *)(body + segments);
    for (u32 i = 0; i < s->pieces.n; i++) {
        const Kept *k = &s->pieces.v[i];
        u32 segment = k->segment == SEGMENT_NEW ? 0 : s->numbers[k->segment];
        entries[i] = (EntryRecord){k->key, k->at, k->head.n + k->body.n, k->check, segment, k->run};
    }
    IndexHead head = {.version = STORE_VERSION,
                      .byte_order = STORE_ORDER,
                      .n_segments = s->n_records,
                      .n_entries = s->pieces.n,
                      .run = s->run,
                      .check = hash_bytes(body, (size_t)size)};
    memcpy(head.magic, store_index_magic, sizeof head.magic);
    OsMap parts[] = {{&head, sizeof head}, {body, size}};
    Str path = str_format(arena, "%.*s/facts-%016llx.tmp", STR_ARG(s->cache->folder),
                          (unsigned long long)s->name);
    if (os_write_new(path.p, parts, 2)) return false;
    if (!os_rename(path.p, store_path(arena, s->cache->folder, STORE_INDEX).p)) return true;
    os_remove(path.p);
    return false;
}

/* Segments that no index names, and what a run that was killed left. */
static void remove_others(Save *s) {
    DirEntry *entries;
    u32 n;
    if (os_list_dir(s->cache->folder.p, &s->arena, &entries, &n)) return;
    for (u32 i = 0; i < n; i++) {
        Str path = store_path(&s->arena, s->cache->folder, entries[i].name.p);
        bool is_named = !store_owns(entries[i].name);
        for (u32 k = 0; k < s->n_records && !is_named; k++)
            is_named =
                str_eq(path, store_segment_path(&s->arena, s->cache->folder, s->records[k].name));
        if (!is_named) os_remove(path.p);
    }
}

/* ---- all of it ---- */

static bool make_folder(Save *s, Str *problem) {
    Arena *arena = &s->arena;
    Str folder = s->cache->folder;
    bool is_new;
    if (!store_is_ours(arena, folder, &is_new)) {
        *problem = STR("it holds what limpet did not put there");
        return false;
    }
    int error = is_new ? os_make_dir(folder.p) : 0;
    const OsMap tag = {STORE_TAG_TEXT, sizeof STORE_TAG_TEXT - 1};
    const OsMap ignore = {STORE_IGNORE_TEXT, sizeof STORE_IGNORE_TEXT - 1};
    if (!error) error = os_write_new(store_path(arena, folder, STORE_TAG).p, &tag, 1);
    if (!error || error == EEXIST)
        error = os_write_new(store_path(arena, folder, STORE_IGNORE).p, &ignore, 1);
    if (!error || error == EEXIST) return true;
    *problem = str_from(strerror(error));
    return false;
}

static bool write_all(Save *s, Str *problem) {
    Str folder = s->cache->folder;
    store_open(&s->old, &s->arena, folder);
    s->run = s->old.run + 1;
    take_old(s);
    take_new(s);
    settle(s);
    drop_unused(s);
    choose_segments(s);
    u64 seed[] = {os_now(), (u64)(uintptr_t)s, s->run, s->pieces.n};
    s->name = hash_bytes(seed, sizeof seed);
    Str path = store_segment_path(&s->arena, folder, s->name);
    bool ok = write_segment(s, path);
    if (ok && !(ok = write_index(s))) os_remove(path.p);
    if (ok) remove_others(s);
    if (!ok) *problem = STR("its files cannot be written");
    store_close(&s->old);
    return ok;
}

bool cache_save(Cache *c, Str *problem) {
    if (!cache_counts(c).added) return true;
    Save s = {.cache = c};
    int lock, error = 0;
    bool ok = make_folder(&s, problem);
    if (ok) {
        error = os_lock(store_path(&s.arena, c->folder, STORE_LOCK).p, LOCK_MILLISECONDS, &lock);
        if (error) *problem = str_from(strerror(error));
        ok = !error && write_all(&s, problem);
        if (!error) os_unlock(lock);
    }
    if (!ok) *problem = str_copy(c->arena, *problem);
    arena_free(&s.arena);
    return ok;
}
