/* Private to graph/: what functions are there to be called for (served.c, decorating.c). */
#ifndef LIMPET_GRAPH_CALLING_H
#define LIMPET_GRAPH_CALLING_H

#include "graph/model.h"

/* Which classes have a base that a framework drives: for is_called_by_framework. */
void serving_find(Graph *g);
/* By a decorator, or as a method of a class that a framework drives. */
bool is_called_by_framework(const Graph *g, const FunctionNode *fn);
/* The operation hands the function that `path` denotes to a framework. */
bool is_given_to_framework(const Facts *f, const Op *user, PathId path);
/* The operation is `map(f, request.args)` with that function (graph/sent.c). */
bool is_mapped_over_sent(const Graph *g, u32 file, const Op *user, PathId function);
/* Calls `serve` for each function that a loop calls in each round which the program never leaves.
 * The callees and effects of the file must be known. */
void serve_loops(Graph *g, u32 file, void (*serve)(FunctionNode *));
/* Some call of `callee` in `caller` runs with each call of that, but for what it was called with.
 */
bool serves_always(const Graph *g, u32 caller, u32 callee);

/* `func`, `cls`, `handler`: it denotes a function or class. */
bool is_code_name(Str name);
/* `def plugin(f): PLUGINS.append(f); return f`: it gives back its parameter, whole, and that is
 * code or is kept; `def check(payload)` that returns `payload` is none. */
bool is_registering(const Graph *g, const FunctionNode *fn);
/* `reset_all()`, `clear_cache()`: it is there for users, and nothing in the project calls it
 * (called.c). */
bool is_offered_reset(const Graph *g, ScopeRef function);

#endif
