/* Which regions of a file stand in which: asked of every edge and binding, so it may not cost a
 * climb through an `elif` of a thousand branches. */
#include "heap/walk.h"

enum { EXITS_MAX = 200 }; /* regions around one place that are asked whether the function is left */

struct RegionTree {
    u32 *first, *end;  /* place in an order in which what stands inside a region follows it */
    u32 *certain;      /* what encloses the region as far as running it goes */
    u32 *loop;         /* the nearest loop, the region itself included, or 0 */
    u32 *depth, *jump; /* an ancestor far up, to climb in few steps (Myers 1983) */
};

static bool is_loop(const Region *r) {
    return r->kind == REGION_FOR || r->kind == REGION_WHILE || r->kind == REGION_COMPREHENSION;
}

/* The body of try and with, and finally, always run. */
static bool is_always_run(const Region *r) {
    switch (r->kind) {
    case REGION_TRY:
    case REGION_TRY_ELSE:
    case REGION_FINALLY:
    case REGION_WITH:
    case REGION_MAIN:
        return true;
    default:
        return false;
    }
}

/* Parents come before what stands in them: sizes backwards, places forwards. Region 0 is around
 * all of them. */
static void number_regions(const Facts *f, RegionTree *t, u32 *next) {
    for (u32 r = 0; r < f->n_regions; r++) t->end[r] = 1;
    for (u32 r = f->n_regions; r-- > 1;) t->end[f->regions[r].parent.i] += t->end[r];
    for (u32 r = 0; r < f->n_regions; r++) {
        u32 parent = f->regions[r].parent.i;
        if (r) t->first[r] = next[parent];
        if (r) next[parent] += t->end[r];
        next[r] = t->first[r] + 1;
        t->end[r] += t->first[r];
    }
}

const RegionTree *region_tree_new(Arena *arena, const Facts *f) {
    RegionTree *t = arena_new(arena, RegionTree);
    u32 n = f->n_regions + 1, *next;
    u32 **tables[] = {&t->first, &t->end, &t->certain, &t->loop, &t->depth, &t->jump, &next};
    for (u32 i = 0; i < ARRAY_LEN(tables); i++) *tables[i] = arena_array(arena, u32, n);
    number_regions(f, t, next);
    for (u32 r = 1; r < f->n_regions; r++) {
        u32 up = f->regions[r].parent.i, over = t->jump[up];
        bool is_level = t->depth[up] - t->depth[over] == t->depth[over] - t->depth[t->jump[over]];
        t->depth[r] = t->depth[up] + 1;
        t->jump[r] = is_level ? t->jump[over] : up;
        t->certain[r] = is_always_run(&f->regions[r]) ? t->certain[up] : r;
        t->loop[r] = is_loop(&f->regions[r]) ? r : t->loop[up];
    }
    return t;
}

static bool contains(const RegionTree *t, u32 outer, u32 inner) {
    return t->first[outer] <= t->first[inner] && t->first[inner] < t->end[outer];
}

bool is_around(const Walk *w, RegionId outer, RegionId inner) {
    return contains(w->regions, w->regions->certain[outer.i], inner.i);
}

RegionId loop_around(const Walk *w, RegionId r) {
    return (RegionId){w->regions->loop[r.i]};
}

static bool is_branch(const Facts *f, u32 r) {
    switch (f->regions[r].kind) {
    case REGION_IF:
    case REGION_ELSE:
    case REGION_CASE:
    case REGION_EXCEPT:
    case REGION_TRY_ELSE:
    case REGION_THEN:
    case REGION_OTHERWISE:
        return true;
    default:
        return false;
    }
}

/* The outermost region around `from` that `other` does not stand in; it must not stand in `from`.
 */
static u32 branch_from(const Walk *w, u32 from, u32 other) {
    const RegionTree *t = w->regions;
    while (!contains(t, w->f->regions[from].parent.i, other))
        from = contains(t, t->jump[from], other) ? w->f->regions[from].parent.i : t->jump[from];
    return from;
}

static bool is_other_branch(const Walk *w, u32 a, u32 b) {
    const Region *regions = w->f->regions;
    if (contains(w->regions, a, b) || contains(w->regions, b, a)) return false;
    u32 up_a = branch_from(w, a, b), up_b = branch_from(w, b, a);
    u32 group_a = regions[up_a].group.i ? regions[up_a].group.i : up_a;
    u32 group_b = regions[up_b].group.i ? regions[up_b].group.i : up_b;
    return group_a == group_b && is_branch(w->f, up_a) && is_branch(w->f, up_b);
}

/* `if x: …; return` and what stands after it. */
static bool has_left(const Walk *w, u32 early, u32 late, OpId at_late) {
    const Workspace *s = w->space;
    u32 steps = 0;
    for (u32 r = early; !contains(w->regions, r, late) && steps < EXITS_MAX; steps++) {
        if (s->region_stamps[r] == s->stamp && s->region_exits[r] <= at_late.i) return true;
        r = w->f->regions[r].parent.i;
    }
    return false;
}

bool is_either(const Walk *w, RegionId a, OpId at_a, RegionId b, OpId at_b) {
    if (is_other_branch(w, a.i, b.i)) return true;
    return at_a.i < at_b.i ? has_left(w, a.i, b.i, at_b) : has_left(w, b.i, a.i, at_a);
}
