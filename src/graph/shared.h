/* Private to graph/: what functions hand out that lives as long as the process (shared.c). */
#ifndef LIMPET_GRAPH_SHARED_H
#define LIMPET_GRAPH_SHARED_H

#include "graph/model.h"

/* What the call gives is kept for as long as the process lives: the name of the variable that has
 * it, or of what a library hands out; else empty. */
Str shared_result(const Graph *g, u32 file, const Op *call);

#endif
