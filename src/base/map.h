/* Hash maps in an arena, open addressing: from a 64-bit key to a u32 (0 = absent), and an interner
 * from text to dense ids. Iteration order is never exposed, so it cannot leak into output. */
#ifndef LIMPET_BASE_MAP_H
#define LIMPET_BASE_MAP_H

#include "base/str.h"

/* XXH3-64 of the bytes; the same on every machine. */
u64 hash_bytes(const void *bytes, size_t n);
u64 hash_str(Str s);

/* XXH3-128: for what stands for its bytes without their being compared. A million different texts
 * have two equal ones with a chance of one in 10^27. It is no cryptographic hash: two texts with
 * one hash can be made on purpose. */
typedef struct Hash128 {
    u64 low, high;
} Hash128;
Hash128 hash_wide(const void *bytes, size_t n);

/* Key and value side by side: a look-up touches one line of the cache. */
typedef struct MapSlot {
    u64 key;
    u32 value; /* 0: free */
} MapSlot;

/* A zeroed Map is empty. Keys are any u64; values are not 0. */
typedef struct Map {
    MapSlot *slots;
    u32 n;
    u32 cap; /* power of two or 0 */
} Map;

/* The slot of `key`, or the free one that it would take. The map has room. */
static inline u32 map_slot(const Map *map, u64 key) {
    u64 mixed = key ^ key >> 32;
    mixed *= 0x9E3779B97F4A7C15u;
    u32 i = (u32)(mixed ^ mixed >> 29) & (map->cap - 1);
    while (map->slots[i].value && map->slots[i].key != key) i = (i + 1) & (map->cap - 1);
    return i;
}

/* The value of `key`, or 0. */
static inline u32 map_get(const Map *map, u64 key) {
    return map->cap ? map->slots[map_slot(map, key)].value : 0;
}
void map_set(Arena *arena, Map *map, u64 key, u32 value);
/* Room for so many keys in an empty map: it does not grow before it has more. */
void map_reserve(Arena *arena, Map *map, u32 keys);
/* Two 32-bit halves as one key. */
static inline u64 map_pair(u32 a, u32 b) {
    return (u64)a << 32 | b;
}

/* A zeroed Interner is empty. Ids begin at 1; 0 is the empty string. */
typedef struct Interner {
    Str *strings; /* by id; [0] is empty */
    u64 *hashes;
    u32 *slots;
    u32 n; /* number of ids given, without 0 */
    u32 cap;
    u32 slot_cap;
} Interner;

/* The id of `s`, new or known. The bytes are copied when `copy`, else they must outlive the
 * interner. */
u32 intern(Arena *arena, Interner *in, Str s, bool copy);
/* As intern, with the hash already at hand (hash_str). */
u32 intern_hashed(Arena *arena, Interner *in, Str s, u64 hash, bool copy);
Str intern_str(const Interner *in, u32 id);

#endif
