#include "cache/store.h"

#include <string.h>

const char store_index_magic[8] = {'l', 'i', 'm', 'p', 'e', 't', 'I', '\n'};
const char store_segment_magic[8] = {'l', 'i', 'm', 'p', 'e', 't', 'S', '\n'};

int store_cmp(Hash128 a, Hash128 b) {
    if (a.high != b.high) return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

u64 store_aligned(u64 size) {
    return (size + STORE_ALIGN - 1) & ~(u64)(STORE_ALIGN - 1);
}

Str store_path(Arena *arena, Str folder, const char *name) {
    return str_format(arena, "%.*s/%s", STR_ARG(folder), name);
}

Str store_segment_path(Arena *arena, Str folder, u64 name) {
    return str_format(arena, "%.*s/facts-%016llx.segment", STR_ARG(folder),
                      (unsigned long long)name);
}

bool store_owns(Str name) {
    return str_starts(name, "facts-") && (str_ends(name, ".segment") || str_ends(name, ".tmp"));
}

/* ---- opening ---- */

/* The tables of an index, when its sizes and its hash are right. */
static bool view_index(Store *s) {
    const IndexHead *head = s->index.p;
    if (s->index.n < sizeof *head) return false;
    if (memcmp(head->magic, store_index_magic, sizeof head->magic) != 0 ||
        head->version != STORE_VERSION || head->byte_order != STORE_ORDER ||
        head->n_segments > SEGMENTS_MAX)
        return false;
    u64 segments = (u64)head->n_segments * sizeof(SegmentRecord);
    u64 entries = (u64)head->n_entries * sizeof(EntryRecord);
    if (s->index.n != sizeof *head + segments + entries) return false;
    if (hash_bytes(head + 1, (size_t)(segments + entries)) != head->check) return false;
    s->segments = (const void *)(head + 1);
    s->entries = (const void *)(s->segments + head->n_segments);
    s->n_segments = head->n_segments;
    s->n_entries = head->n_entries;
    s->run = head->run;
    return true;
}

static void open_segment(Store *s, Arena *arena, Str folder, u32 i) {
    const SegmentRecord *wanted = &s->segments[i];
    OsMap *map = &s->maps[i];
    if (os_map(store_segment_path(arena, folder, wanted->name).p, map)) return;
    const SegmentHead *head = map->p;
    if (map->n < sizeof *head || map->n != wanted->size || head->size != wanted->size ||
        memcmp(head->magic, store_segment_magic, sizeof head->magic) != 0 ||
        head->version != STORE_VERSION || head->byte_order != STORE_ORDER ||
        head->name != wanted->name)
        os_unmap(map);
}

void store_open(Store *s, Arena *arena, Str folder) {
    *s = (Store){0};
    if (os_map(store_path(arena, folder, STORE_INDEX).p, &s->index)) return;
    if (!view_index(s)) {
        os_unmap(&s->index);
        *s = (Store){0};
        return;
    }
    s->maps = arena_array(arena, OsMap, s->n_segments + 1);
    for (u32 i = 0; i < s->n_segments; i++) open_segment(s, arena, folder, i);
}

void store_close(Store *s) {
    for (u32 i = 0; i < s->n_segments; i++) os_unmap(&s->maps[i]);
    os_unmap(&s->index);
    *s = (Store){0};
}

/* ---- finding ---- */

u32 store_find(const Store *s, Hash128 key) {
    u32 low = 0, high = s->n_entries;
    while (low < high) {
        u32 middle = low + (high - low) / 2;
        int order = store_cmp(s->entries[middle].key, key);
        if (!order) return middle;
        *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
    }
    return s->n_entries;
}

bool store_piece(const Store *s, u32 entry, Str *piece) {
    const EntryRecord *e = &s->entries[entry];
    if (e->segment >= s->n_segments || !s->maps[e->segment].p) return false;
    const OsMap *map = &s->maps[e->segment];
    if (e->at < sizeof(SegmentHead) || e->at % STORE_ALIGN || e->at > map->n ||
        e->size > map->n - e->at || e->size > CACHE_PIECE_MAX)
        return false;
    *piece = (Str){(const char *)map->p + e->at, (u32)e->size};
    return hash_bytes(piece->p, piece->n) == e->check;
}

/* ---- whose folder it is ---- */

/* A file of ours, or of the same name. */
static bool is_known(Str name) {
    return store_owns(name) || str_is(name, STORE_INDEX) || str_is(name, STORE_LOCK) ||
           str_is(name, STORE_IGNORE) || str_is(name, STORE_TAG);
}

/* A folder with anything else in it is one only with our tag. */
bool store_is_ours(Arena *arena, Str folder, bool *is_new) {
    FileInfo info;
    os_stat(folder.p, false, &info);
    *is_new = info.kind == FILE_MISSING;
    if (*is_new) return true;
    if (info.kind != FILE_DIRECTORY) return false;
    Str text, path = store_path(arena, folder, STORE_TAG);
    os_stat(path.p, false, &info);
    if (info.kind == FILE_REGULAR && os_read_file(path.p, 4096, arena, &text) == 0)
        return str_is(text, STORE_TAG_TEXT);
    DirEntry *entries;
    u32 n;
    if (os_list_dir(folder.p, arena, &entries, &n)) return false;
    for (u32 i = 0; i < n; i++)
        if (!is_known(entries[i].name)) return false;
    return info.kind == FILE_MISSING;
}
