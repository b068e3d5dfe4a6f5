/* A `__del__` that many classes inherit puts many cycles into one finding's place: its one cure is
 * at the `__del__`, or at the one manager that makes the objects, and the cycles are not told one
 * by one. */
#include "heap/walk.h"

/* cycles of one class that are looked at */
enum { TWINS_SEEN = 64 };

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

/* A twin is told with the first of its kind. */
static bool is_told(const Heap *h, const Cycle *c) {
    return is_counted(h, c) && !c->is_again;
}

/* ---- one cycle that several methods close ---- */

static bool is_of_method(const Heap *h, const Cycle *c) {
    return graph_method_class(h->g, c->function).i != 0;
}

static bool is_same_finalizer(const Cycle *a, const Cycle *b) {
    return a->finalizer.file == b->finalizer.file && a->finalizer.scope.i == b->finalizer.scope.i;
}

static bool is_same_object(const CycleObject *a, const CycleObject *b) {
    bool is_named = a->kind == b->kind && str_eq(a->name, b->name);
    return a->class.i == b->class.i && (a->class.i || is_named);
}

static bool is_same_from(const Cycle *a, const Cycle *b, u32 turn) {
    for (u32 i = 0; i < a->n; i++) {
        u32 k = (i + turn) % a->n;
        if (!is_same_object(&a->objects[i], &b->objects[k])) return false;
        if (!str_eq(a->links[i].text, b->links[k].text)) return false;
    }
    return true;
}

/* A thread on it that runs holds it: this is another case. */
static bool has_started(const Heap *h, const Cycle *c) {
    for (u32 i = 0; i < c->n; i++)
        if (c->objects[i].class.i && graph_starts_thread(h->g, c->function, c->objects[i].class))
            return true;
    return false;
}

static bool is_twin(const Heap *h, const Cycle *a, const Cycle *b) {
    if (a->n != b->n || a->confidence != b->confidence || a->is_lasting != b->is_lasting)
        return false;
    if (a->is_drained != b->is_drained || !a->large.n != !b->large.n) return false;
    for (u32 turn = 0; turn < a->n; turn++)
        if (is_same_from(a, b, turn)) return has_started(h, a) == has_started(h, b);
    return false;
}

/* The surest, then one of a class of which many are made, then the first. */
static void add(const Heap *h, Crowd *crowd, u32 i) {
    const Cycle *c = h->all_cycles[i];
    ClassId class = c->objects[c->subject].class;
    bool is_often = class.i && graph_instances(h->g, class).making == MADE_OFTEN;
    const Cycle *before = crowd->speaker ? h->all_cycles[crowd->speaker - 1] : NULL;
    crowd->n++;
    if (c->is_again) return;
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

static const Crowd *crowd_around(const Heap *h, Crowds *all, const Cycle *c) {
    const Crowd *crowd = crowd_of(h, all, c, false);
    if (crowd->n > CROWD) return crowd;
    crowd = is_of_method(h, c) ? crowd_of(h, all, c, true) : NULL;
    return crowd && crowd->n > CROWD_OF_CLASS ? crowd : NULL;
}

/* The cycles of one class are beside each other in the order of files and operations. */
static void twins_find(Heap *h) {
    for (u32 i = 0; i < h->n_cycles; i++) {
        Cycle *first = h->all_cycles[i], *last = first;
        if (!is_told(h, first) || !is_of_method(h, first)) continue;
        ClassId maker = graph_method_class(h->g, first->function);
        u32 end = MIN(h->n_cycles, i + TWINS_SEEN);
        for (u32 k = i + 1; k < end && h->all_cycles[k]->file == first->file; k++) {
            Cycle *c = h->all_cycles[k];
            if (!is_told(h, c) || graph_method_class(h->g, c->function).i != maker.i) continue;
            if (!is_same_finalizer(first, c) || !is_twin(h, first, c)) continue;
            last->again = c;
            c->is_again = true;
            last = c;
        }
    }
}

void crowds_find(Heap *h) {
    Crowds all = {0};
    twins_find(h);
    for (u32 i = 0; i < h->n_cycles; i++) {
        const Cycle *c = h->all_cycles[i];
        if (!is_counted(h, c)) continue;
        add(h, crowd_of(h, &all, c, false), i);
        if (is_of_method(h, c)) add(h, crowd_of(h, &all, c, true), i);
    }
    for (u32 i = 0; i < h->n_cycles; i++) {
        Cycle *c = h->all_cycles[i];
        if (!is_told(h, c)) continue;
        const Crowd *crowd = crowd_around(h, &all, c);
        if (!crowd) continue;
        c->alike = crowd->n - 1;
        c->is_one_of_many = crowd->speaker != i + 1;
    }
    arena_free(&all.arena);
}
