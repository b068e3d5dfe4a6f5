/* Private to graph/: what constants say of branches: which ones of a function the
 * arguments of a call close (argued.c), which registrations the body of a class does
 * (admitted.c). */
#ifndef LIMPET_GRAPH_ARGUED_H
#define LIMPET_GRAPH_ARGUED_H

#include "graph/model.h"

typedef struct Constant {
    const Facts *f;
    const Path *literal; /* NULL: it is not known */
} Constant;
typedef enum Outcome { OUTCOME_UNKNOWN, OUTCOME_FALSE, OUTCOME_TRUE } Outcome;

static inline Outcome outcome_of(bool holds) {
    return holds ? OUTCOME_TRUE : OUTCOME_FALSE;
}
Outcome truth_of(const Constant *c);
/* `mode == "weak"`, `keep is None`; 1 equals True, which is left open. */
Outcome constant_equals(const Constant *c, const Facts *f, PathId other);

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

/* The function is told of each class that is made below its own: `__init_subclass__`, or `__new__`
 * or `__init__` of a metaclass. OUTCOME_FALSE: a branch around the operation, or an exit before it,
 * asks for what the class is not (`if namespace.get("abstract"): return`, and the body says so);
 * OUTCOME_UNKNOWN: it asks for what the body does not show. */
Outcome admits_class(const Graph *g, ScopeRef function, OpId at, ClassId c);
/* The value is the class that the function is told of. */
bool is_new_class(const Facts *f, ScopeRef function, PathId value);

#endif
