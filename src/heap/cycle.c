/* Rings of edges between named objects: strongly connected components (Tarjan 1972) of what is
 * still there at the end of a function, and in each the shortest ring through every edge that this
 * function itself has drawn. */
#include "heap/walk.h"

typedef struct Search {
    Walk *w;
    u32 *component; /* by object, 0 before it is known */
    u32 *number, *low, *stack, *path, *next;
    bool *waits;
    u32 n_stack, n_path, counter, components;
    /* breadth first */
    u32 *queue, *via, *seen; /* by object: the edge that led there; the search that saw it */
    u32 search;
    VEC(u64) keys; /* of the rings that were found */
    VEC(Cycle) found;
} Search;

static bool is_strong(const Edge *e) {
    return !(e->flags & (EDGE_DEAD | EDGE_WEAK | EDGE_BRIEF));
}

/* ---- components ---- */

static void open_object(Search *s, u32 object) {
    s->number[object] = s->low[object] = ++s->counter;
    s->next[object] = s->w->objects.v[object].edges;
    s->stack[s->n_stack++] = object;
    s->path[s->n_path++] = object;
    s->waits[object] = true;
}

static void close_component(Search *s, u32 root) {
    s->components++;
    u32 member;
    do {
        member = s->stack[--s->n_stack];
        s->waits[member] = false;
        s->component[member] = s->components;
    } while (member != root);
}

static void visit(Search *s, u32 root) {
    open_object(s, root);
    while (s->n_path) {
        u32 at = s->path[s->n_path - 1];
        if (s->next[at]) {
            const Edge *e = &s->w->edges.v[s->next[at]];
            s->next[at] = e->next;
            if (!is_strong(e)) continue;
            if (!s->number[e->to.i])
                open_object(s, e->to.i);
            else if (s->waits[e->to.i])
                s->low[at] = MIN(s->low[at], s->number[e->to.i]);
            continue;
        }
        s->n_path--;
        if (s->n_path) {
            u32 before = s->path[s->n_path - 1];
            s->low[before] = MIN(s->low[before], s->low[at]);
        }
        if (s->low[at] == s->number[at]) close_component(s, at);
    }
}

/* ---- the shortest ring through an edge ---- */

/* The edge was there when the one at `start` was drawn, which so closes the ring. */
static bool is_before(const Edge *e, const Edge *start) {
    return e->flags & EDGE_IMPLIED || e->at.i <= start->at.i;
}

static void turn(u32 *v, u32 n) {
    for (u32 i = 0; i < n / 2; i++) {
        u32 other = v[i];
        v[i] = v[n - 1 - i];
        v[n - 1 - i] = other;
    }
}

/* Edges from `start` back to its own beginning, in `ring` from the second on; their number, or 0.
 */
static u32 ring_through(Search *s, u32 start, u32 *ring) {
    const Walk *w = s->w;
    const Edge *first = &w->edges.v[start];
    u32 head = 0, tail = 0, followed = 0, goal = first->from.i;
    if (first->to.i == goal) {
        ring[0] = start;
        return 1;
    }
    s->search++;
    s->seen[first->to.i] = s->search;
    s->queue[tail++] = first->to.i;
    bool is_found = false;
    while (head < tail && !is_found && followed < SEARCH_MAX) {
        u32 at = s->queue[head++];
        for (u32 i = w->objects.v[at].edges; i && followed < SEARCH_MAX; followed++) {
            const Edge *e = &w->edges.v[i];
            u32 edge = i;
            i = e->next;
            if (!is_strong(e) || s->component[e->to.i] != s->component[at]) continue;
            if (!is_before(e, first) && !(first->flags & EDGE_BLIND)) continue;
            if (s->seen[e->to.i] == s->search) continue;
            s->seen[e->to.i] = s->search;
            s->via[e->to.i] = edge;
            s->queue[tail++] = e->to.i;
            if (e->to.i == goal) is_found = true;
        }
    }
    if (!is_found) return 0;
    u32 n = 0;
    for (u32 at = goal; at != first->to.i; at = w->edges.v[s->via[at]].from.i) {
        if (n + 1 >= CYCLE_LENGTH) return 0;
        ring[++n] = s->via[at];
    }
    ring[0] = start;
    turn(ring + 1, n);
    return n + 1;
}

/* Where an edge came to be; what was there before the function began has no place in it. */
static RegionId region_at(const Walk *w, const Edge *e, OpId *at) {
    bool is_before = e->flags & EDGE_IMPLIED;
    *at = is_before ? (OpId){w->f->scopes[w->scope.i].op_first} : e->at;
    return is_before ? w->f->scopes[w->scope.i].region : w->f->ops[e->at.i].region;
}

/* Two edges of different branches are never there together. */
static bool is_possible(const Walk *w, const u32 *ring, u32 n) {
    for (u32 a = 0; a < n; a++)
        for (u32 b = a + 1; b < n; b++) {
            OpId at_a, at_b;
            RegionId in_a = region_at(w, &w->edges.v[ring[a]], &at_a);
            RegionId in_b = region_at(w, &w->edges.v[ring[b]], &at_b);
            if (is_either(w, in_a, at_a, in_b, at_b)) return false;
        }
    return true;
}

/* The same ring is found from each of its edges. Statements that store the same again make another
 * ring between the same objects. */
static bool is_new(Search *s, const u32 *ring, u32 n) {
    u64 key = 0;
    for (u32 i = 0; i < n; i++) {
        const Edge *e = &s->w->edges.v[ring[i]];
        u64 edge = ((u64)e->from.i << 32 | e->to.i) * 0x9E3779B97F4A7C15u;
        key += (edge ^ edge >> 29) * 0xBF58476D1CE4E5B9u + ring[i];
    }
    for (u32 i = 0; i < s->keys.n; i++)
        if (s->keys.v[i] == key) return false;
    vec_push(&s->w->space->arena, &s->keys, key);
    return true;
}

/* Several ways back to the same finalizer or resource, or through one statement, are one finding,
 * of the surest and shortest. */
static bool is_same_finding(const Cycle *a, const Cycle *b) {
    if (a->op.i == b->op.i && (a->kind == CYCLE_BLIND || b->kind == CYCLE_BLIND)) return true;
    if (a->kind != b->kind) return false;
    if (a->kind == CYCLE_DEL || a->kind == CYCLE_RESOURCE)
        return a->finalizer.scope.i == b->finalizer.scope.i &&
               a->finalizer.file == b->finalizer.file &&
               a->resource_place.start == b->resource_place.start &&
               a->objects[a->subject].class.i == b->objects[b->subject].class.i;
    return a->op.i == b->op.i && a->objects[0].place.start == b->objects[0].place.start &&
           a->objects[0].kind == b->objects[0].kind;
}

/* Of two that are one finding, the one that is not told; a reader looks for another place. */
static void note_other(Cycle *told, const Cycle *other) {
    const CycleLink *link = &other->links[other->weakest], *own = &told->links[told->weakest];
    bool is_here = told->more_file == own->file && told->more_place.start == own->place.start;
    if (told->more_place.end && !is_here) return;
    told->more_file = link->file;
    told->more_place = link->place;
}

static void add_cycle(Search *s, const Cycle *cycle) {
    for (u32 i = 0; i < s->found.n; i++) {
        Cycle *known = &s->found.v[i];
        if (!is_same_finding(known, cycle)) continue;
        u32 more = known->more + 1;
        bool is_better = cycle->confidence > known->confidence ||
                         (cycle->confidence == known->confidence && cycle->n < known->n);
        u32 blind = known->blind | cycle->blind;
        if (known->kind != cycle->kind) { /* one of them is blind, and more so in some versions */
            is_better = cycle->kind == CYCLE_BLIND;
            more = known->more;
        }
        Cycle before = *known, *other = is_better ? &before : NULL;
        if (is_better) *known = *cycle;
        known->more_file = before.more_file;
        known->more_place = before.more_place;
        note_other(known, other ? other : cycle);
        known->more = more;
        known->blind = blind;
        return;
    }
    vec_push(&s->w->space->arena, &s->found, *cycle);
}

static void take_ring(Search *s, u32 start) {
    u32 ring[CYCLE_LENGTH + 1];
    u32 n = ring_through(s, start, ring);
    if (!n || !is_possible(s->w, ring, n) || !is_new(s, ring, n)) return;
    Cycle cycle;
    if (cycle_describe(s->w, ring, n, &cycle)) add_cycle(s, &cycle);
}

static void make_tables(Search *s) {
    Arena *arena = &s->w->space->arena;
    u32 n = s->w->objects.n + 1;
    u32 **tables[] = {&s->component, &s->number, &s->low, &s->stack, &s->path,
                      &s->next,      &s->queue,  &s->via, &s->seen};
    for (u32 i = 0; i < ARRAY_LEN(tables); i++) *tables[i] = arena_array(arena, u32, n);
    s->waits = arena_array(arena, bool, n);
}

/* Can an edge that is not implied be on a ring: something holds its holder, and what it leads to
 * holds something? In most functions none can. */
static bool has_ring(Walk *w) {
    bool *is_held = arena_array(&w->space->arena, bool, w->objects.n + 1);
    for (u32 i = 1; i < w->edges.n; i++) is_held[w->edges.v[i].to.i] = true;
    for (u32 i = 1; i < w->edges.n; i++) {
        const Edge *e = &w->edges.v[i];
        if (e->flags & EDGE_IMPLIED) continue;
        if (is_held[e->from.i] && w->objects.v[e->to.i].edges) return true;
    }
    return false;
}

FunctionCycles cycles_find(Walk *w) {
    if (w->edges.n < 2 || !has_ring(w)) return (FunctionCycles){0};
    Search s = {.w = w};
    make_tables(&s);
    for (u32 i = 1; i < w->objects.n; i++)
        if (!s.number[i]) visit(&s, i);
    u32 tried = 0, end = w->edges.n;
    for (u32 i = 1; i < end && s.found.n < CYCLES_MAX && tried < 4 * CYCLES_MAX; i++) {
        const Edge *e = &w->edges.v[i];
        if (!is_strong(e) || e->flags & (EDGE_IMPLIED | EDGE_CLOSED)) continue;
        if (s.component[e->from.i] != s.component[e->to.i]) continue;
        tried++;
        take_ring(&s, i);
    }
    /* callers that get all these edges have not closed them */
    for (u32 i = 1; i < end; i++) {
        Edge *e = &w->edges.v[i];
        if (s.component[e->from.i] == s.component[e->to.i] && !(e->flags & EDGE_IMPLIED))
            e->flags |= EDGE_CLOSED;
    }
    Cycle *kept = arena_copy(&w->space->kept, s.found.v, sizeof(Cycle) * s.found.n);
    return (FunctionCycles){kept, s.found.n};
}
