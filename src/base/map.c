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

static u64 mix(u64 key) {
    key ^= key >> 32;
    key *= 0x9E3779B97F4A7C15u;
    return key ^ key >> 29;
}

static u32 map_slot(const Map *map, u64 key) {
    u32 i = (u32)mix(key) & (map->cap - 1);
    while (map->values[i] && map->keys[i] != key) i = (i + 1) & (map->cap - 1);
    return i;
}

u32 map_get(const Map *map, u64 key) {
    return map->cap ? map->values[map_slot(map, key)] : 0;
}

static void map_grow(Arena *arena, Map *map) {
    Map wider = {.cap = map->cap ? map->cap * 2 : 16, .n = map->n};
    wider.keys = arena_array(arena, u64, wider.cap);
    wider.values = arena_array(arena, u32, wider.cap);
    for (u32 i = 0; i < map->cap; i++) {
        if (!map->values[i]) continue;
        u32 slot = map_slot(&wider, map->keys[i]);
        wider.keys[slot] = map->keys[i];
        wider.values[slot] = map->values[i];
    }
    *map = wider;
}

void map_set(Arena *arena, Map *map, u64 key, u32 value) {
    REQUIRE(value != 0);
    if (map->n * 2 >= map->cap) map_grow(arena, map);
    u32 slot = map_slot(map, key);
    if (!map->values[slot]) map->n++;
    map->keys[slot] = key;
    map->values[slot] = value;
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
