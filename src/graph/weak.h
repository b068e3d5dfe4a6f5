/* Weak references: what containers refer to weakly, and what nobody else holds. A part of graph.h,
 * which everybody includes. */
#ifndef LIMPET_GRAPH_WEAK_H
#define LIMPET_GRAPH_WEAK_H

#include "graph/graph.h"

/* ---- weak containers (graph/weak.c) ---- */

typedef enum WeakKind { WEAK_NONE, WEAK_SET, WEAK_KEYS, WEAK_VALUES } WeakKind;

/* Code that puts something into a weak container. */
typedef struct WeakStore {
    WeakKind kind;
    Str name;        /* of the container: `app.CACHE`, `app.Pool.refs` */
    bool is_lasting; /* it lives as long as the process; else it is an attribute of an instance */
    u32 made_file;   /* where it is made */
    Span made;
    u32 file;
    OpId op;
    PathId key, value;   /* in `file`; a set has values only; 0 when it cannot be told */
    bool is_inner;       /* `value` goes into a container that is the value of `key` */
    bool is_own;         /* the container is an attribute of the key */
    bool is_handed_back; /* `x = d.setdefault(key, value)`: somebody gets what was stored */
    bool is_drained;     /* something removes entries */
    ScopeRef function;   /* around it, or none */
} WeakStore;

/* What is put into a long-lived weak container: none when the container is not weak. */
u32 graph_weak_stores(const Graph *g, ContainerId id, Arena *arena, WeakStore **stores);
/* What is put into the weak containers that the class itself makes in attributes of its instances,
 * in the order of the attributes. Long-lived containers are not among them. */
u32 graph_weak_attribute_stores(const Graph *g, ClassId c, Arena *arena, WeakStore **stores);
/* The object is an event loop, and the value a task, a future or the like that belongs to one and
 * holds it. */
bool graph_is_loop_in(const Graph *g, u32 file, PathId value, PathId object);

/* What keeps the weak reference that the call makes and is no part of the object that it refers to:
 * the left side of an assignment, or the container that gets it; 0 when nobody does, or nobody can
 * tell. *is_lasting when that lives as long as the process. */
PathId graph_weak_keeper(const Graph *g, OpRef call, PathId object, bool *is_lasting);

/* ---- temporary objects (graph/temporary.c) ---- */

typedef enum TemporaryKind {
    TEMPORARY_NONE,   /* somebody may hold it */
    TEMPORARY_METHOD, /* a bound method: each access makes a new one */
    TEMPORARY_LAMBDA,
    TEMPORARY_FUNCTION, /* an inner function in a local */
    TEMPORARY_PARTIAL,  /* functools.partial and the like */
    TEMPORARY_INSTANCE, /* a new instance of a class whose constructor hands it to nobody */
} TemporaryKind;

/* An object that dies when the one who is given it refers to it weakly. */
typedef struct Temporary {
    TemporaryKind kind;
    Confidence confidence;
    u32 file;      /* of what follows */
    PathId value;  /* the expression that makes it */
    Str name;      /* of the method, function or class, or empty */
    bool in_local; /* a local holds it until its function returns */
    OpId passed;   /* the call that passes it when `value` was a parameter, else 0 */
} Temporary;

/* Does nobody hold the value once the operation `user`, which takes it, is over? A parameter is
 * what callers in the project pass for it, when its function does nothing else with it. */
Temporary graph_temporary(const Graph *g, OpRef user, PathId value);

/* ---- callbacks (graph/callback.c) ---- */

/* The result of the call is called or detached by the operations that follow. */
bool graph_is_spent_at_once(const Facts *f, OpId call);
/* The object lives as long as the process in any case: of a module, or a class there. */
bool graph_is_immortal(const Graph *g, u32 file, PathId object);
/* The variable with `weakref.ref(object)` through which the callback reaches the object, where it
 * captures nothing else; or 0. */
SymbolId graph_dead_reference(const Graph *g, u32 file, PathId callback, PathId object);
/* The receiver of `signal.connect(receiver)` that the signal refers to weakly, or none. */
PathId graph_weak_receiver(const Graph *g, OpRef call);

/* ---- calls and their callers (graph/temporary.c) ---- */

/* The calls in the project that are known to call the function, or to make an instance with it. */
u32 graph_callers(const Graph *g, ScopeRef function, const OpRef **calls);
/* What a call passes for a parameter of the function, `f(**options)` with a display in a local
 * included, or the receiver for `self`, in the file of the call; 0 when it cannot be told, or when
 * the call passes nothing. */
PathId graph_argument(const Graph *g, OpRef call, ScopeRef function, SymbolId parameter);
/* The function's parameter that the path is, bound to nothing else; or 0. */
SymbolId graph_parameter(const Graph *g, u32 file, PathId path);

#endif
