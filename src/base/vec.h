/* Growing typed arrays in an arena, without code generation:
 *
 *     VEC(u32) ids = {0};
 *     vec_push(arena, &ids, 7);
 *     for (u32 i = 0; i < ids.n; i++) use(ids.v[i]);
 *
 * Growth copies into fresh arena memory; the old room is given back with the arena. */
#ifndef LIMPET_BASE_VEC_H
#define LIMPET_BASE_VEC_H

#include "base/arena.h"

#include <string.h>

#define VEC(T)   \
    struct {     \
        T *v;    \
        u32 n;   \
        u32 cap; \
    }

/* Makes room for one more element; use vec_push. */
static inline void *vec_room(Arena *arena, void *old, u32 n, u32 *cap, size_t size) {
    u64 wider = *cap ? (u64)*cap * 2 : 8;
    REQUIRE(wider <= UINT32_MAX);
    void *p = arena_room(arena, size * wider);
    if (n) memcpy(p, old, size * n);
    *cap = (u32)wider;
    return p;
}

#define vec_push(arena, vec, ...)                                                            \
    do {                                                                                     \
        if ((vec)->n == (vec)->cap)                                                          \
            (vec)->v = vec_room((arena), (vec)->v, (vec)->n, &(vec)->cap, sizeof *(vec)->v); \
        (vec)->v[(vec)->n++] = (__VA_ARGS__);                                                \
    } while (0)

#endif
