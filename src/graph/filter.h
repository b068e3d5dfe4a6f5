/* Sets that answer "certainly not" at once, before a map is asked. What they have was perhaps never
 * added. Names and keys are hashes whose bits are all equally good (hash_str, hash_mix). */
#ifndef LIMPET_GRAPH_FILTER_H
#define LIMPET_GRAPH_FILTER_H

#include "base/base.h"

/* A set of names by two bits of their hashes each: what it does not have is not there, what it has
 * may be. */
typedef struct NameSet {
    u64 bits[4];
} NameSet;

static inline bool names_have(const NameSet *set, u64 name) {
    u32 a = (u32)(name >> 40 & 255), b = (u32)(name >> 48 & 255);
    return set->bits[a >> 6] >> (a & 63) & set->bits[b >> 6] >> (b & 63) & 1;
}
static inline void names_add(NameSet *set, u64 name) {
    u32 a = (u32)(name >> 40 & 255), b = (u32)(name >> 48 & 255);
    set->bits[a >> 6] |= (u64)1 << (a & 63);
    set->bits[b >> 6] |= (u64)1 << (b & 63);
}
static inline void names_join(NameSet *set, const NameSet *other) {
    for (u32 i = 0; i < ARRAY_LEN(set->bits); i++) set->bits[i] |= other->bits[i];
}

/* The same for many keys that are hashes: it stays in the nearest cache, where the map that it
 * stands before does not. */
typedef struct KeyFilter {
    u64 bits[1024];
} KeyFilter;

static inline void filter_add(KeyFilter *filter, u64 key) {
    filter->bits[key >> 40 & 1023] |= (u64)1 << (key >> 50 & 63);
}
static inline bool filter_may_have(const KeyFilter *filter, u64 key) {
    return filter->bits[key >> 40 & 1023] >> (key >> 50 & 63) & 1;
}

#endif
