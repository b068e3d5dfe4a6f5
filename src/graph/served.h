/* Private to graph/: which functions frameworks call once for each request (served.c). */
#ifndef LIMPET_GRAPH_SERVED_H
#define LIMPET_GRAPH_SERVED_H

#include "graph/model.h"

/* By a decorator, or as a method of a class that a framework drives. */
bool is_called_by_framework(const Graph *g, const FunctionNode *fn);
/* The operation hands the function that `path` denotes to a framework. */
bool is_given_to_framework(const Facts *f, const Op *user, PathId path);
/* Some call of `callee` in `caller` runs with each call of that, but for what it was called with. */
bool serves_always(const Graph *g, u32 caller, u32 callee);

#endif
