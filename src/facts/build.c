/* Filling the tables of one file. Called several times for each line of source, so every function
 * is a hash look-up at most. */
#include "facts/facts.h"

#include <string.h>

enum { STRINGS_MAX = 1 << 28 }; /* what OPERAND_TAG leaves for a name */

/* Appends to chars and returns where; one copy instead of a push for each byte. */
static u32 add_chars(FactsBuilder *b, Str s) {
    u64 need = (u64)b->chars.n + s.n;
    REQUIRE(need <= UINT32_MAX);
    if (need > b->chars.cap) {
        u64 cap = MIN(MAX(need, (u64)b->chars.cap * 2), (u64)UINT32_MAX);
        char *wider = arena_alloc(b->arena, cap);
        memcpy(wider, b->chars.v, b->chars.n);
        b->chars.v = wider;
        b->chars.cap = (u32)cap;
    }
    u32 at = b->chars.n;
    memcpy(b->chars.v + at, s.p, s.n);
    b->chars.n = (u32)need;
    return at;
}

void facts_begin(FactsBuilder *b, Arena *arena) {
    *b = (FactsBuilder){.arena = arena};
#define X(Record, field) vec_push(arena, &b->field, (Record){0});
    FACTS_TABLES(X)
#undef X
    b->strings.v[0].hash = hash_str((Str){0});
}

StrId facts_string(FactsBuilder *b, Str s) {
    if (!s.n) return (StrId){0};
    u64 hash = hash_str(s);
    u32 known = b->strings_by_text.n;
    u32 id = intern_hashed(b->arena, &b->strings_by_text, s, hash, true);
    if (id > known) {
        REQUIRE(id < STRINGS_MAX && id == b->strings.n);
        u32 at = add_chars(b, s);
        vec_push(b->arena, &b->strings, (StringRec){.hash = hash, .at = at, .n = s.n});
    }
    return (StrId){id};
}

static PathId add_path(FactsBuilder *b, Path path) {
    u32 id = b->paths.n;
    vec_push(b->arena, &b->paths, path);
    return (PathId){id};
}

PathId facts_path(FactsBuilder *b, PathId parent, PathKind kind, u32 id, u8 flags) {
    Path path = {.kind = (u8)kind, .flags = flags, .parent = parent, .id = id};
    if (is_path_root(kind)) {
        REQUIRE(!parent.i);
        /* each op is the root of one path at most: the caller keeps it */
        if (kind == PATH_OP) return add_path(b, path);
    } else {
        const Path *above = &b->paths.v[parent.i];
        if (!parent.i || above->kind == PATH_CUT) return parent;
        if (above->depth == PATH_MAX_SELECTORS) path.kind = PATH_CUT;
        if (path.kind == PATH_CUT) path.id = path.flags = 0;
        path.depth = (u8)(above->depth + 1);
    }
    /* the key does not hold all bits of the record, so a hit is compared and a clash probes on */
    u64 key = map_pair(parent.i, path.id) ^ (u64)(path.kind | path.flags << 4) << 56;
    for (u32 hit; (hit = map_get(&b->paths_by_key, key)) != 0; key = key * 5 + 1) {
        const Path *known = &b->paths.v[hit];
        if (known->parent.i == parent.i && known->id == path.id && known->kind == path.kind &&
            known->flags == path.flags)
            return (PathId){hit};
    }
    PathId added = add_path(b, path);
    map_set(b->arena, &b->paths_by_key, key, added.i);
    return added;
}
