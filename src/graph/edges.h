/* Private to graph/: the call graph while it is built (call.c, driven.c). */
#ifndef LIMPET_GRAPH_EDGES_H
#define LIMPET_GRAPH_EDGES_H

#include "graph/model.h"

/* The methods by name, before the calls are read (called.c). */
void method_names_find(Graph *g);

/* A call in a function: when the function runs more often, so does what it calls. */
typedef struct CallEdge {
    u32 callee;
    u32 effect; /* of the region in which the call stands; EDGE_IN_TEST */
} CallEdge;

/* The call stands in a test. A table of effects leaves its four highest bits free. */
#define EDGE_IN_TEST 0x80000000u

/* … and the function that makes it. */
typedef struct FoundEdge {
    u32 caller; /* 0: module code */
    CallEdge edge;
} FoundEdge;

typedef struct Edges {
    Arena arena;
    VEC(FoundEdge) found;
    VEC(FoundEdge) handed; /* no calls: the callee is given to what runs it once */
    CallEdge *all;         /* by calling function */
    u32 *first;    /* of each calling function, and the end; [0] are the calls of module code */
    u8 *how_often; /* by function: a dense copy while it rises */
    VEC(u32) work; /* functions whose callees are to be looked at */
    bool *waits;   /* by function: it is in `work` */
} Edges;

/* How often a region runs, as a table over how often the body of its scope runs: four bits each.
 */
static inline HowOften apply(u32 effect, HowOften body) {
    return (HowOften)(effect >> (u32)body * 4 & 15);
}

/* How often the call runs when its function does so. */
static inline HowOften edge_runs(CallEdge edge, HowOften body) {
    return apply(edge.effect & ~EDGE_IN_TEST, body);
}

static inline void push_work(Edges *e, u32 fn) {
    if (e->waits[fn]) return;
    e->waits[fn] = true;
    vec_push(&e->arena, &e->work, fn);
}

/* Sets is_driven of all functions: needs how often they run. */
void driven_find(Graph *g, Edges *e);
/* What a served function calls each time that it runs is served, too. */
void served_spread(Graph *g, Edges *e);

#endif
