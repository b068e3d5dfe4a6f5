/* The reference graph: what functions do to references, and which cycles they close.
 *
 * heap_build walks every function once, callees before callers, and keeps a summary of each: the
 * edges that a call adds between parameters, variables of modules and of enclosing functions, and
 * objects that are made in it; what it lets go; what it returns. At a call the summary of the
 * callee is applied to the arguments. Objects are named by where they are made or how they are
 * reached
 * (`self.parent`), never merged by class: a linked list is no cycle, `self.child = Child(self)` is.
 *
 * What proves nothing has no name: an object of an earlier round of a loop, a variable that is
 * bound on several ways, an element that is looked up twice. An edge to or from it is not drawn.
 *
 * Memory: in the arena given to heap_build and in arenas of the workers. After it nothing changes:
 * questions may be asked from many threads. */
#ifndef LIMPET_HEAP_HEAP_H
#define LIMPET_HEAP_HEAP_H

#include "graph/graph.h"
#include "know/know.h"

typedef struct Heap Heap;

/* Walks the project on `workers` threads; the result does not depend on their number. */
Heap *heap_build(Arena *arena, const Graph *g, u32 workers);
/* Gives back what the heap owns beside the arena. */
void heap_free(Heap *h);

/* ---- cycles ---- */

/* What an object on a cycle is. */
typedef enum ObjectKind {
    OBJECT_UNKNOWN,   /* the result of a call that limpet cannot see into */
    OBJECT_PARAMETER, /* what a caller passes; self is one */
    OBJECT_GLOBAL,    /* a variable of a module, or what it holds */
    OBJECT_CELL,      /* a variable of an enclosing function, or what it holds */
    OBJECT_LOADED,    /* what an attribute or element held before: x.a */
    OBJECT_INSTANCE,  /* made here, of a project class */
    OBJECT_CONTAINER, /* a list, dict, set, tuple or comprehension made here */
    OBJECT_METHOD,    /* a bound method */
    OBJECT_CLOSURE,   /* a function or lambda with free variables or defaults */
    OBJECT_CLASS,     /* a class made in a function, with its methods */
    OBJECT_GENERATOR, /* a generator or coroutine that has not ended */
    OBJECT_HOLDER,    /* an object of a library that holds its arguments: functools.partial, iter */
    OBJECT_NAMESPACE, /* locals() */
} ObjectKind;
const char *object_kind_text(ObjectKind kind);

typedef struct CycleObject {
    ObjectKind kind;
    Str name;      /* "self", "Child", "lambda", "functools.partial": as a message names it */
    ClassId class; /* of instances, as far as it is known */
    Str made;      /* canonical name of the class or function outside the project that made it */
    ScopeRef code; /* the function of a method, closure or generator */
    u32 file;      /* where it is made, or first mentioned */
    Span place;
} CycleObject;

enum {
    LINK_UNSURE = 1 << 0,  /* one fact is inferred: a receiver's type, one of several values */
    LINK_IMPLIED = 1 << 1, /* nothing here stores it: it was there when it was read */
    LINK_BLIND = 1 << 2,   /* the collector cannot see it */
    LINK_DOUBTED = 1 << 3, /* it is cut later, under a condition */
    LINK_DRAINED = 1 << 9, /* an element of a container that something takes elements out of */
    LINK_FLAGS = 0x1F,     /* those that edges have, too */
    LINK_GUESSED = 1 << 4, /* only the name of a method says so: `x.connect(callback)` */
};

/* The edge from object i to object i + 1 (the last one leads to object 0). */
typedef struct CycleLink {
    Str text; /* ".parent", "[…]", "__self__" */
    u32 file; /* the statement that stores it, or that reads it when it is implied */
    Span place;
    u32 flags;        /* LINK_* */
    Str attribute;    /* name of the attribute, or empty */
    ScopeRef breaker; /* method that lets go of it, or none */
} CycleLink;

/* Which rule a cycle belongs to: the first that fits. */
typedef enum CycleKind {
    CYCLE_BLIND,    /* LMP114: goes through something that the collector cannot see */
    CYCLE_DEL,      /* LMP101: an instance with `__del__` is on it */
    CYCLE_RESOURCE, /* LMP102: an owned resource is on it, or held by an object on it */
    CYCLE_CALLBACK, /* LMP103: one object and its own bound methods, closures or generators */
    CYCLE_PLAIN,    /* LMP113 */
} CycleKind;

/* An object that is not on the cycle: an object on it holds it, so that it goes with the cycle. */
typedef struct CycleLeaf {
    ClassId class;      /* of an instance with a `__del__` that does something; 0: there is none */
    ScopeRef finalizer; /* that `__del__` */
    u32 holder;         /* index of the object on the cycle */
    Str text;           /* how it is held: ".leaf", ".leaves[…]" */
    u32 file;           /* the statement that stores it */
    Span place;
    bool is_sure;     /* it was stored before the cycle could be dropped */
    ScopeRef breaker; /* method that lets go of it, or none */
} CycleLeaf;

typedef struct Cycle {
    CycleKind kind;
    ScopeRef function; /* that closes it; the module when it is module code */
    u32 file;
    OpId op; /* the last of the statements that close it, in `file` */
    u32 n;   /* objects, and links */
    const CycleObject *objects;
    const CycleLink *links;
    u32 weakest; /* the link to weaken: the reference back from part to whole */
    u32 subject; /* the object whose `__del__`, resource or callback it is about */
    Confidence confidence;
    ScopeRef breaker; /* a method that users can call which cuts the cycle, or none */
    u32 blind; /* CYCLE_BLIND: versions in which the collector cannot see it, bit n for 3.n, 31
                  for 2.7 */
    bool is_drained;    /* a link of it is LINK_DRAINED */
    ScopeRef finalizer; /* the `__del__`, for CYCLE_DEL */
    bool is_idle;       /* that `__del__` does nothing, or only takes the object out of registries,
                           which must be weak: it matters before Python 3.4 only */
    Str resource;       /* what is owned: "file", for CYCLE_RESOURCE */
    u32 resource_file;  /* where it is acquired */
    Span resource_place;
    CycleLeaf leaf; /* for CYCLE_CALLBACK and CYCLE_PLAIN */
    u32 partner;    /* the object to name beside the subject: its code, or the other instance */
    u32 more;      /* further cycles of the same function through the same `__del__` or resource, */
    u32 more_file; /* and the link to weaken of one of them */
    Span more_place;
    Str large;      /* what makes something large that an object on it keeps, or empty */
    u32 large_file; /* where */
    Span large_place;
    bool is_lasting; /* all of it lives as long as the process anyway */
    /* CYCLE_DEL: so many other cycles keep objects with the same `__del__`, when they are many: */
    u32 alike;
    bool is_one_of_many; /* … and another one of them speaks for all */
    /* CYCLE_DEL: other methods of the class close the same cycle: */
    const struct Cycle *again; /* the next of them, of the first one and the others */
    bool is_again;             /* one before it speaks of it */
} Cycle;

u32 heap_cycle_count(const Heap *h);
const Cycle *heap_cycle(const Heap *h, u32 i); /* from 0; in the order of files and operations */

/* ---- counts, for --statistics ---- */

typedef struct HeapCounts {
    u64 functions; /* walked */
    u64 summaries; /* that say something */
    u64 edges;     /* in summaries */
    u64 recursive; /* functions in rings of calls */
    u64 cut;       /* objects, edges and values that a bound left out */
    u64 levels;    /* of the call graph */
} HeapCounts;
HeapCounts heap_counts(const Heap *h);

/* ---- printing (limpet graph --summaries) ---- */

/* The summary of every function that has one, in the order of files and functions. */
void heap_print_text(const Heap *h, Buf *out);

/* ---- what summaries say of roots and classes (stores.c), for limpet graph ---- */

/* A reference that a function leaves behind in a variable of a module, in what such a variable
 * holds, or in what is stored there: an edge of its summary. */
typedef struct HeapStore {
    SymbolRef variable;
    u32 under;     /* index + 1 of the store whose object holds this one; 0: the variable does */
    Str selector;  /* from the variable, or from that object: ".jobs[…]", ".__self__" */
    Str object;    /* "instance of app.Job", "bound method close", "parameter job" */
    ClassId class; /* of the object, or 0 */
    ScopeRef function; /* whose summary says so; the statement may be in one that it calls */
    u32 file;          /* the statement */
    OpId op;
    bool is_weak;
    bool is_brief;  /* until a callback has run */
    bool is_unsure; /* one fact is inferred, or only a method's name says so */
    bool is_made;   /* the object is made by the operation `made` of file `made_file` */
    u32 made_file;
    OpId made;
} HeapStore;

/* All of them, each once, in the order of functions; a store comes after the one it is under. What
 * is only known as a parameter is left out where a caller's summary names what it passes. */
u32 heap_stores(const Heap *h, Arena *arena, HeapStore **stores);

/* How summaries see an instance of a class being held, through bound methods, closures and
 * containers that a function makes: "app.HANDLERS[…] -> bound method close -> instance of app.Job".
 */
typedef struct HeapPath {
    Str text;
    ClassId class;     /* the class that was asked for, or a subclass */
    ScopeRef function; /* whose summary says so */
    u32 file;          /* the statement that stores the first step */
    OpId op;
    bool is_weak, is_brief, is_unsure; /* some step is */
} HeapPath;

enum { HEAP_PATHS_MAX = 200 };
/* Those that end in an instance of the class, each once, in the order of functions; the first
 * HEAP_PATHS_MAX. */
u32 heap_paths_to(const Heap *h, ClassId c, Arena *arena, HeapPath **paths);

#endif
