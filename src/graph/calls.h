/* The call graph: its order, and what stands between a call and the function that it names. A part
 * of graph.h, which everybody includes. */
#ifndef LIMPET_GRAPH_CALLS_H
#define LIMPET_GRAPH_CALLS_H

#include "graph/graph.h"

/* ---- callees before callers (graph/order.c) ---- */

/* Functions in an order in which callees come first: by id, as graph_function_scope knows them. */
typedef struct Order {
    u32 *functions; /* all ids, ring by ring */
    u32 *rings;     /* start of each ring in functions; rings[n_rings] is the end */
    u32 n_rings;
    u32 *levels; /* start of each level in rings; levels[n_levels] is the end */
    u32 n_levels;
    u32 *ring_of;  /* by function id */
    u32 *level_of; /* by function id */
} Order;

/* A ring is a set of functions that call one another (a strongly connected component), or a single
 * function; rings of one level do not call each other. What a constructor runs counts as called.
 * The result depends on the facts alone, not on `workers`. */
Order graph_order_functions(const Graph *g, Arena *arena, u32 workers);

/* The same for callees that somebody else has found. */
typedef struct Calls {
    u32 *v; /* function ids */
    u32 n;
} Calls;
Order order_of_calls(Arena *arena, const Calls *callees, u32 n_functions);

/* ---- what a call of the name may run instead (graph/decorated.c) ---- */

/* Does a class that derives from the method's class define a method of the same name? */
bool graph_is_overridden(const Graph *g, ScopeRef method);

typedef enum Decoration {
    DECORATION_NONE,    /* or decorators that leave the function as it is: staticmethod, wraps … */
    DECORATION_MEMO,    /* a function cache: the body runs once for each argument */
    DECORATION_NOTHING, /* the body is no implementation: overload, abstractmethod */
    DECORATION_PROJECT, /* a function of the project, which may call it, later or never */
    DECORATION_UNKNOWN,
} Decoration;
/* What the decorators of a function make of it, the last of these that fits. */
Decoration graph_decoration(const Graph *g, ScopeRef function);
/* What its decorators leave under its name passes calls on to it; they do not register it with
 * something that calls it, as far as can be told. True without decorators. */
bool graph_is_wrapped(const Graph *g, ScopeRef function);

#endif
