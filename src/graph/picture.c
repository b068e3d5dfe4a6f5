/* The class picture: what methods do with the attributes of their instances. */
#include "graph/model.h"

ScopeRef graph_attribute_breaker(const Graph *g, ClassId c, Str attribute, OpRef *where) {
    (void)g, (void)c, (void)attribute;
    *where = (OpRef){0};
    return (ScopeRef){0};
}
