/* Private to graph/: what lives as long as the process, whoever hands it out (shared.c). */
#ifndef LIMPET_GRAPH_SHARED_H
#define LIMPET_GRAPH_SHARED_H

#include "graph/model.h"

/* What the call gives is kept for as long as the process lives: the name of the variable that has
 * it, or of what a library hands out; else empty. */
Str shared_result(const Graph *g, u32 file, const Op *call);
/* The same by the class of an object: of what modules hold, and no other. */
Str shared_object(const Graph *g, u32 file, PathId object);

#endif
