/* What branches say of the uses of a container, beside model.h. */
#ifndef LIMPET_GRAPH_GUARD_H
#define LIMPET_GRAPH_GUARD_H

#include "graph/model.h"

/* `x[key] = []` of an entry that is there, as the caller knows or the function shows: what was in
 * it goes. */
bool empties_entry(const Graph *g, u32 file, u32 store, bool is_there);
/* All who call the function, but tests, have found the container empty: it fills it once. */
bool is_called_while_empty(const Graph *g, ScopeRef function, u32 container);

#endif
