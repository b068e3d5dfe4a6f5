/* Private to graph/: which branches of a function the arguments of a call close (argued.c). */
#ifndef LIMPET_GRAPH_ARGUED_H
#define LIMPET_GRAPH_ARGUED_H

#include "graph/model.h"

/* A call of a function of the project, and the one that led to the function around it. */
typedef struct CallLink {
    const struct CallLink *up; /* NULL when nobody knows who calls */
    OpRef call;
    ScopeRef function; /* that it calls */
} CallLink;
/* The call never comes to the operation of the function: an argument or a default that is constant
 * closes the branch around it, or opens one before it that leaves. */
bool call_passes_by(const Graph *g, const CallLink *link, OpId at);

/* A literal, or a parameter for which every call that is known, but in tests, gives one or leaves
 * the default that is one; there is such a call, and users of a library call none of the functions.
 */
bool is_always_literal(const Graph *g, u32 file, PathId path);

#endif
