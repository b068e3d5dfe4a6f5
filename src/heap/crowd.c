/* A `__del__` that many classes inherit puts many cycles into one finding's place: its one cure is
 * at the `__del__`, and the cycles are not told one by one. */
#include "heap/walk.h"

enum { CROWD = 24 }; /* so many cycles with one `__del__` are told one by one */

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

void crowds_find(Heap *h) {
    Arena scratch = {0};
    Crowd *crowds = arena_array(&scratch, Crowd, h->n_functions + 1);
    for (u32 i = 0; i < h->n_cycles; i++)
        if (is_counted(h, h->all_cycles[i]))
            add(h, &crowds[graph_function_id(h->g, h->all_cycles[i]->finalizer)], i);
    for (u32 i = 0; i < h->n_cycles; i++) {
        Cycle *c = h->all_cycles[i];
        if (!is_counted(h, c)) continue;
        const Crowd *crowd = &crowds[graph_function_id(h->g, c->finalizer)];
        if (crowd->n <= CROWD) continue;
        c->alike = crowd->n - 1;
        c->is_one_of_many = crowd->speaker != i + 1;
    }
    arena_free(&scratch);
}
