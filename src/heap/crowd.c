/* A `__del__` that many classes inherit puts many cycles into one finding's place: its one cure is
 * at the `__del__`, or at the one manager that makes the objects, and the cycles are not told one
 * by one. */
#include "heap/walk.h"

/* so many cycles with one `__del__` are told one by one: of all, and of those that one class makes
 */
enum { CROWD = 24, CROWD_OF_CLASS = 6 };

typedef struct Crowd {
    u32 n;
    u32 speaker; /* index of the cycle + 1 */
    bool is_often;
} Crowd;

static bool is_counted(const Heap *h, const Cycle *c) {
    return c->kind == CYCLE_DEL && !c->is_idle && c->confidence > CONFIDENCE_LOW &&
           scope_is_none(c->breaker) && !graph_is_test_file(h->g, c->file);
}

/* The surest, then one of a class of which many are made, then the first. */
static void add(const Heap *h, Crowd *crowd, u32 i) {
    const Cycle *c = h->all_cycles[i];
    ClassId class = c->objects[c->subject].class;
    bool is_often = class.i && graph_instances(h->g, class).making == MADE_OFTEN;
    const Cycle *before = crowd->n ? h->all_cycles[crowd->speaker - 1] : NULL;
    crowd->n++;
    bool is_surer = before && c->confidence > before->confidence;
    bool is_better = before && c->confidence == before->confidence && is_often && !crowd->is_often;
    if (before && !is_surer && !is_better) return;
    crowd->speaker = i + 1;
    crowd->is_often = is_often;
}

typedef struct Crowds {
    Arena arena;
    Map by_key;
    VEC(Crowd) all;
} Crowds;

/* The crowd of a `__del__`: all, or those that the methods of one class close. */
static Crowd *crowd_of(const Heap *h, Crowds *all, const Cycle *c, bool of_class) {
    u32 maker = of_class ? graph_method_class(h->g, c->function).i : 0;
    u64 key = map_pair(graph_function_id(h->g, c->finalizer), maker);
    u32 at = map_get(&all->by_key, key);
    if (!at) {
        vec_push(&all->arena, &all->all, (Crowd){0});
        at = (u32)all->all.n;
        map_set(&all->arena, &all->by_key, key, at);
    }
    return &all->all.v[at - 1];
}

static bool is_of_method(const Heap *h, const Cycle *c) {
    return graph_method_class(h->g, c->function).i != 0;
}

static const Crowd *crowd_around(const Heap *h, Crowds *all, const Cycle *c) {
    const Crowd *crowd = crowd_of(h, all, c, false);
    if (crowd->n > CROWD) return crowd;
    crowd = is_of_method(h, c) ? crowd_of(h, all, c, true) : NULL;
    return crowd && crowd->n > CROWD_OF_CLASS ? crowd : NULL;
}

void crowds_find(Heap *h) {
    Crowds all = {0};
    for (u32 i = 0; i < h->n_cycles; i++) {
        const Cycle *c = h->all_cycles[i];
        if (!is_counted(h, c)) continue;
        add(h, crowd_of(h, &all, c, false), i);
        if (is_of_method(h, c)) add(h, crowd_of(h, &all, c, true), i);
    }
    for (u32 i = 0; i < h->n_cycles; i++) {
        Cycle *c = h->all_cycles[i];
        if (!is_counted(h, c)) continue;
        const Crowd *crowd = crowd_around(h, &all, c);
        if (!crowd) continue;
        c->alike = crowd->n - 1;
        c->is_one_of_many = crowd->speaker != i + 1;
    }
    arena_free(&all.arena);
}
