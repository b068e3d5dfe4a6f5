/* Owned resources: files, sockets, descriptors, connections and all else that somebody has to
 * release. Who acquires them, whom they are handed to, and which ways out of a function leave them
 * behind. A part of graph.h, which everybody includes. */
#ifndef LIMPET_GRAPH_RESOURCES_H
#define LIMPET_GRAPH_RESOURCES_H

#include "graph/graph.h"

/* ---- calls that acquire (graph/acquire.c) ---- */

/* A call whose result is a resource that nobody else owns. */
typedef struct Acquired {
    const ResourceRow *row;
    Str name;        /* canonical, of the function or class that acquires it: `builtins.open` */
    ScopeRef helper; /* the function of the project that is called, and returns it; or none */
    OpRef made;      /* the call that the row is about: in the helper, else the call itself */
    bool is_writing; /* it is opened to write, by a mode that is written out */
} Acquired;
/* False for calls that acquire nothing, and for threads and processes, which are acquired when they
 * are started. */
bool graph_acquires(const Graph *g, OpRef call, Acquired *out);
/* Does the function return a resource of its own making with every value that is not None? */
bool graph_returns_resource(const Graph *g, ScopeRef function, Acquired *out);

/* ---- ways out (graph/exits.c) ---- */

/* Ways out of a function on which a local still owns what the operation `from` gave it. */
typedef struct Leaving {
    OpId raise;    /* a raise statement, or none */
    OpId returns;  /* a return statement, or none */
    OpId call;     /* a call, await or yield that may raise, or none */
    OpId rebound;  /* what binds the local again: `from` itself when a loop comes round */
    bool at_end;   /* the function ends after its last statement */
    bool is_known; /* the function is small enough to be looked at */
} Leaving;
/* `ends` are the operations after which it is owned no more, in the order of the source. `throws`:
 * calls may raise. A release under a condition counts for both ways when the condition is about the
 * object, or about what it was acquired under, or when both ways go on together. */
Leaving graph_leaving(const Graph *g, u32 file, OpId from, PathId path, const OpId *ends, u32 n,
                      bool throws);

/* An exception at the yield leaves the function by a way on which none of the operations `cleanup`
 * stands, and without one some of them runs. */
bool graph_yield_skips(const Graph *g, u32 file, OpId yield, const OpId *cleanup, u32 n);

/* Some way leads from the operation `from` to `to` (which may be the same, in a loop) with none of
 * the operations `stops` in between. At least one of these has to be given. */
bool graph_reaches(const Graph *g, u32 file, OpId from, OpId to, const OpId *stops, u32 n);

/* ---- generators that are left half-way (graph/halfway.c) ---- */

/* A loop over an async generator that can be left, or a single `anext()`; or a generator alone. */
typedef struct HalfWay {
    ScopeRef generator;
    OpId read;       /* the loop, or the call of anext */
    OpId out;        /* the break or return that leaves it; none for anext */
    PathId variable; /* that holds the generator; or none */
    OpRef guard;     /* in the generator: the yield inside a `with` or `try … finally` */
    bool is_with;    /* else a finally clause */
    bool is_own;     /* … of a known resource that the generator has made itself */
    bool is_async;   /* its clean-up awaits */
    OpId release; /* in the generator: what the clean-up releases (a call of the `finally`, or the
                     OP_ENTER of a known resource); or none */
} HalfWay;
/* Does the generator function, which is not decorated, hold something at one of its yields? The
 * fields about a reader stay empty. */
bool graph_holds_at_yield(const Graph *g, ScopeRef generator, HalfWay *out);
/* Does anybody close, release or let go of what instances of the class hold in the attribute? */
bool graph_lets_go(const Graph *g, ClassId c, Str attribute, Arena *arena);
/* The first of them in the function that holds something at its yield, and that nobody closes. */
bool graph_half_way(const Graph *g, ScopeRef function, HalfWay *out);

/* ---- iterators that are used up (graph/exhausted.c) ---- */

typedef enum IteratorKind {
    ITERATOR_NONE,
    ITERATOR_EXPRESSION, /* `(f(x) for x in xs)` */
    ITERATOR_FUNCTION,   /* a call of a generator function of the project */
    ITERATOR_BUILTIN,    /* map, zip, filter, enumerate, reversed, iter */
    ITERATOR_FILE,
} IteratorKind;

/* A variable whose iterator is read to its end, and read again. */
typedef struct Exhausted {
    IteratorKind kind;
    Str made_by;        /* canonical name of function or generator; empty for an expression */
    OpId bind;          /* binds the variable */
    PathId path;        /* the variable */
    OpId first, second; /* reads to the end, reads again: the same in a loop; or: */
    bool is_kept;       /* second stores it where others read it, before or after that */
} Exhausted;
/* The first of them in the function; false when there is none. */
bool graph_exhausted(const Graph *g, ScopeRef function, Exhausted *out);

/* ---- generators that are context managers (graph/cleanup.c) ---- */

typedef enum CleanupKind {
    CLEANUP_RELEASE, /* `connection.close()`, `os.unlink(path)` */
    CLEANUP_CALL,    /* `os.chdir(before)`: what a call before the yield has set */
    CLEANUP_STORE,   /* `self.busy = False`, `sys.stdout = before` */
} CleanupKind;

/* A generator under `@contextmanager` or `@asynccontextmanager`. */
bool graph_is_context_manager(const Graph *g, ScopeRef function);

/* What a `@contextmanager` does after its yield, and not when the block under `with` fails. */
typedef struct Cleanup {
    CleanupKind kind;
    OpId yield;
    OpId op;     /* the clean-up */
    OpId before; /* what it undoes, before the yield; or none */
    PathId what; /* what is released, the function that is called, what is stored */
    bool is_async;
    bool says_done; /* it stores True: that may say that all went well */
    bool in_loop;   /* it stands in a loop behind the yield: it is done to one of several */
    bool is_served; /* the block serves until the process ends: `lifespan`; or a stack of exits is
                       around it, which the clean-up takes over from by `pop_all` */
    bool is_caught; /* who is seen to use it catches every exception inside the block */
    bool is_known;  /* the function acquires what is released: */
    Acquired acquired;
} Cleanup;
/* The first of them in the function; false when it is no such generator, or all is protected. */
bool graph_bare_cleanup(const Graph *g, ScopeRef function, Cleanup *out);

/* ---- what becomes of it in the function (graph/owned.c) ---- */

typedef enum OwnedKind {
    OWNED_ELSEWHERE, /* handed over at once: returned, stored, passed on, entered by `with` */
    OWNED_DROPPED,   /* an expression statement */
    OWNED_CHAINED,   /* only used, and not bound: `open(p).read()`, `json.load(open(p))` */
    OWNED_ENTERED,   /* by a `with` that does not release it, and not bound */
    OWNED_LOST,      /* the element of the tuple is not taken: `mkstemp()[1]` */
    OWNED_LOCAL,     /* a variable of the function holds it */
} OwnedKind;

typedef struct Ownership {
    OwnedKind kind;
    Acquired acquired;
    OpId from;         /* binds the variable, or starts what it holds; else the call */
    PathId path;       /* the variable */
    ScopeRef function; /* around it */
    OpId release;      /* the first operation that releases it, or none */
    OpId handed;       /* the first that hands it over, or none */
    bool is_choice;    /* `open(p) if p else sys.stdin` */
    bool is_entered;   /* the `with` that binds the variable does not release it */
    Leaving normal;    /* OWNED_LOCAL: ways out when no call raises */
    Leaving thrown;    /* the same when calls may raise */
} Ownership;

enum { OWNED_MAX = 2 };
/* What becomes of what the call acquires; of a tuple, of each of its resources. Returns how many of
 * `out` (OWNED_MAX) are set. */
u32 graph_owned(const Graph *g, OpRef call, Ownership *out);
/* Is what the function leaves behind meant to stay, or gone at once: by a daemon that sets itself
 * up, by the target of a process, given to a child, or in a loop (`is_round`) that goes on only
 * without it? (graph/leftover.c) */
bool graph_leaves_on_purpose(const Graph *g, const Ownership *o, bool is_round);
/* True when some way out of the function leaves it behind although no call raises. */
static inline bool is_left_behind(const Leaving *l) {
    return l->raise.i || l->returns.i || l->at_end || l->rebound.i;
}

/* ---- processes and their pipes (graph/piped.c) ---- */

/* A process that a function starts and looks after by itself. */
typedef struct Piped {
    Str name;            /* canonical, of what starts it: `subprocess.Popen` */
    PathId process;      /* the variable; or none */
    OpId wait;           /* waits for its end, before anybody reads; none when nobody waits */
    OpId read;           /* the first that reads afterwards, or none */
    bool is_out, is_err; /* pipes that nobody reads before */
    bool is_half_read;   /* the other one of two is read */
    bool is_dropped;     /* no variable holds it */
    bool is_entered;     /* a `with` does */
    bool is_polled;      /* the wait is a loop that polls */
    bool has_timeout;
} Piped;
/* For the call that starts it. False when all is read before the wait, when somebody else gets the
 * process, when it is told to end, and when there is no pipe to wait with. */
bool graph_piped(const Graph *g, OpRef call, Piped *out);

/* ---- what classes own (graph/owner.c) ---- */

/* An attribute that methods of a class bind to a resource which they acquire. */
typedef struct OwnerAttribute {
    Acquired acquired;
    Str name;
    OpRef store;     /* the first statement that binds it so */
    OpRef call;      /* in its file: the call that acquires it */
    ScopeRef method; /* around it */
    bool is_choice;  /* `given or open(path)` */
    /* The class, its bases, its subclasses, or code that has an instance */
    bool is_released;   /* releases it, enters it, deletes it or binds None in its place; or looks
                           attributes up by names that are computed */
    bool is_handed_out; /* stores it elsewhere, or passes it to code that may keep or release it */
    bool is_returned;   /* returns it */
    bool is_unsure;     /* may release it: a base is unknown */
    ScopeRef closer;    /* the method that ends an instance: `close`, `__exit__` …, or none */
    bool is_left_to_base; /* made in `__init__`, and the closer is an empty method of a base */
} OwnerAttribute;
/* The method that ends an instance of the class: `close`, `stop`, `__exit__` …; or none. Not
 * `disconnect(self, client)`, which ends what it is given. */
ScopeRef graph_closing_method(const Graph *g, ClassId c);
/* What the class, which is the first to define the attribute, owns in it. False when nothing that
 * it binds is acquired by itself. */
bool graph_owner_attribute(const Graph *g, ClassId c, Str name, Arena *arena, OwnerAttribute *out);

/* ---- attributes that get the next resource (graph/reopened.c) ---- */

typedef struct Reopened {
    Str name;
    Acquired old;    /* what is in it when it gets the next one */
    OpRef first;     /* binds the old one */
    OpRef store;     /* binds the next one */
    OpRef call;      /* acquires the next one */
    ScopeRef method; /* around it */
    bool is_sure;    /* a constructor binds the old one */
} Reopened;
/* A method that is no constructor binds the attribute to a new resource, and neither it, nor what
 * it calls, nor who calls it lets go of the old one. */
bool graph_reopened(const Graph *g, ClassId c, Str name, Arena *arena, Reopened *out);

/* ---- for the graph's own use (graph/acquire.c, graph/handover.c) ---- */

/* The call that acquires the resource which a value is, followed through locals that are bound once
 * and elements of tuples; 0 when there is none. */
OpId acquiring_call(const Graph *g, u32 file, PathId value, Acquired *out);
/* The same for `given or open(path)`, where *is_choice is set (graph/owner.c). */
OpId acquiring_choice(const Graph *g, u32 file, PathId value, bool *is_choice, Acquired *out);

/* What an operation does with what a local holds, strongest last. */
typedef enum HandKind {
    HAND_NOTHING,
    HAND_USES,
    HAND_REBINDS,  /* the local holds something else from then on */
    HAND_DELETES,  /* `del local` */
    HAND_RELEASES, /* closed, or closed by somebody who is told to; entered by `with` */
    HAND_PASSES,   /* returned, yielded, stored, given to code that may keep it */
} HandKind;
enum { HAND_DEPTH = 3 };
/* `row` says what releases it; NULL: any object. Functions of the project that get it are followed
 * `depth` calls deep. */
HandKind hand_at(const Graph *g, u32 file, SymbolId local, const ResourceRow *row, OpId at,
                 u32 depth);
/* Some operation of the local's function hands it over. */
bool is_handed_over(const Graph *g, u32 file, SymbolId local, u32 depth);

#endif
