/* What is left to do for a `__del__` when owners have closed the object. Private to graph/. */
#ifndef LIMPET_GRAPH_SPENT_H
#define LIMPET_GRAPH_SPENT_H

#include "graph/model.h"

/* As graph_breaker_at, of methods that code of the project which has the object really calls
 * (breaker.c). */
ScopeRef called_breaker_at(const Graph *g, ClassId c, Str attribute, OpRef where);
/* Code of the project outside of the classes, tests left out, calls the method (breaker.c). */
bool is_called_outside(const Graph *g, const ClassId *classes, u32 n, ScopeRef method);
/* Does the operation of a `__del__` run only as long as nobody has closed the object: it asks for
 * an attribute (`if self._handle is not None:`) that a method which others call clears, when it has
 * done the same? */
bool is_spent(const Graph *g, ClassId c, ScopeRef finalizer, OpId op);
/* The finalizer only calls `self.close()` or the like, which does nothing the second time
 * (farewell.c). */
bool is_closed_twice(const Graph *g, ClassId c, ScopeRef finalizer);

#endif
