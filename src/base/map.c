#include "base/map.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <string.h>

u64 hash_bytes(const void *bytes, size_t n) {
    return XXH3_64bits(bytes, n);
}

u64 hash_str(Str s) {
    return XXH3_64bits(s.p ? s.p : "", s.n);
}

Hash128 hash_wide(const void *bytes, size_t n) {
    XXH128_hash_t hash = XXH3_128bits(bytes ? bytes : "", n);
    return (Hash128){hash.low64, hash.high64};
}

static void map_grow(Arena *arena, Map *map) {
    Map wider = {.cap = map->cap ? map->cap * 2 : 16, .n = map->n};
    wider.slots = arena_array(arena, MapSlot, wider.cap);
    for (u32 i = 0; i < map->cap; i++)
        if (map->slots[i].value) wider.slots[map_slot(&wider, map->slots[i].key)] = map->slots[i];
    *map = wider;
}

void map_reserve(Arena *arena, Map *map, u32 keys) {
    REQUIRE(!map->cap && keys < 1u << 30);
    map->cap = 16;
    while (map->cap <= keys * 2) map->cap *= 2;
    map->slots = arena_array(arena, MapSlot, map->cap);
}

void map_set(Arena *arena, Map *map, u64 key, u32 value) {
    REQUIRE(value != 0);
    if (map->n * 2 >= map->cap) map_grow(arena, map);
    MapSlot *slot = &map->slots[map_slot(map, key)];
    if (!slot->value) map->n++;
    *slot = (MapSlot){key, value};
}

static u32 intern_slot(const Interner *in, Str s, u64 hash) {
    u32 i = (u32)hash & (in->slot_cap - 1);
    for (u32 id; (id = in->slots[i]) != 0; i = (i + 1) & (in->slot_cap - 1))
        if (in->hashes[id] == hash && str_eq(in->strings[id], s)) break;
    return i;
}

static void intern_grow(Arena *arena, Interner *in) {
    u32 cap = in->cap ? in->cap * 2 : 32;
    Str *strings = arena_array(arena, Str, cap);
    u64 *hashes = arena_array(arena, u64, cap);
    if (in->n) {
        memcpy(strings, in->strings, sizeof *strings * (in->n + 1));
        memcpy(hashes, in->hashes, sizeof *hashes * (in->n + 1));
    }
    in->strings = strings;
    in->hashes = hashes;
    in->cap = cap;
    in->slot_cap = cap * 2;
    in->slots = arena_array(arena, u32, in->slot_cap);
    for (u32 id = 1; id <= in->n; id++) {
        u32 i = (u32)hashes[id] & (in->slot_cap - 1);
        while (in->slots[i]) i = (i + 1) & (in->slot_cap - 1);
        in->slots[i] = id;
    }
}

u32 intern_hashed(Arena *arena, Interner *in, Str s, u64 hash, bool copy) {
    if (!s.n) return 0;
    if (in->n + 2 >= in->cap) intern_grow(arena, in);
    u32 slot = intern_slot(in, s, hash);
    if (in->slots[slot]) return in->slots[slot];
    u32 id = ++in->n;
    in->strings[id] = copy ? str_copy(arena, s) : s;
    in->hashes[id] = hash;
    in->slots[slot] = id;
    return id;
}

u32 intern(Arena *arena, Interner *in, Str s, bool copy) {
    return intern_hashed(arena, in, s, hash_str(s), copy);
}

Str intern_str(const Interner *in, u32 id) {
    if (id == 0 || id > in->n) return (Str){"", 0};
    return in->strings[id];
}
