/* What `__del__` does, and what keeps it from running. A part of graph.h, which everybody includes.
 */
#ifndef LIMPET_GRAPH_FINALIZERS_H
#define LIMPET_GRAPH_FINALIZERS_H

#include "graph/graph.h"

/* ---- finalizers (graph/finalizer.c, keeper.c, revive.c, unsafe.c) ---- */

/* True for `__del__` and for private methods that nothing but `__del__` calls. */
bool graph_is_in_finalizer(const Graph *g, ScopeRef function);

/* Does the `__del__` do nothing that anybody waits for: it tidies up the object itself, leaves a
 * trace in a log, or takes the object out of what cannot hold it strongly? (graph/farewell.c) */
bool graph_is_idle_finalizer(const Graph *g, ScopeRef finalizer);
/* Does only the project make such objects, and does their `__del__` only call methods
 * (`self.close()`) that code of the project which has the object calls, too, or do what it no
 * longer does after such a call (`if self._handle is not None:`)? It is the net below that, then.
 */
bool graph_is_closed_by_owners(const Graph *g, ClassId c, ScopeRef finalizer);
/* Does `__del__` do no more, where it finds that nobody has closed the object, than to write so
 * into a log and to close it? */
bool graph_is_reminder(const Graph *g, ClassId c, ScopeRef finalizer);

/* Who holds instances of a class until something lets go of them. */
typedef enum KeeperKind {
    KEEPER_NONE,
    KEEPER_THREAD,   /* a running thread, by the method (or the argument) that it runs with */
    KEEPER_ITSELF,   /* the instance is the running thread */
    KEEPER_TIMER,    /* a threading.Timer that is started again and again */
    KEEPER_CALLBACK, /* a callback of the event loop that is scheduled again and again */
    KEEPER_TASK,     /* a task on a method with an endless loop */
    KEEPER_PROCESS,  /* a registry of the interpreter: atexit */
    KEEPER_REGISTRY, /* a registry of another object: `shell.events` */
} KeeperKind;

typedef struct Keeper {
    KeeperKind kind;
    Confidence confidence;
    u32 file;
    Span site;         /* where the holder gets the instance */
    ScopeRef function; /* that the site is in */
    PathId holder;     /* in file: what the registry hangs on, or the callee, or 0 */
    ScopeRef runs;     /* method with the endless loop, or none */
    Span loop;         /* the loop, in the file of `runs` */
    bool is_asked;     /* graph_unstopped: the loop asks attributes that nobody changes */
    ScopeRef finalizer;
    bool has_release; /* __del__ would let go: */
    OpRef release;    /* there */
} Keeper;

enum { KEEPERS_MAX = 4 };
/* The holders that keep the instances of a class (through its own methods or with its own
 * `__del__`) from dying before something that only `__del__` does, so that it never runs. Returns
 * how many of `out` (KEEPERS_MAX) are set. A release that others can call (a method, an attribute
 * that is set from outside) silences a holder. */
u32 graph_keepers(const Graph *g, ClassId c, Keeper *out);

/* Does the constructor, whatever way it goes, put each instance into a container that lives as long
 * as the process? Only who takes it out again lets it go. (graph/enrolled.c) */
bool graph_is_enrolled(const Graph *g, ClassId c);
/* Does the class keep the instance that is in use now in an attribute of its own? That one goes
 * when another takes its place. */
bool graph_has_current(const Graph *g, ClassId c);
/* Is it a thread that its constructor starts, or does that start a thread which goes on in a method
 * of the object? While it runs, the threading module holds it and all that it holds. Not of classes
 * that a library offers: whoever ends the thread has the object still. */
bool graph_is_running_thread(const Graph *g, ClassId c);
/* The same of any class, and of a thread that the function starts, a method of it, when nothing is
 * left for `__del__` once the thread has ended: it only calls a method that does nothing the second
 * time. */
bool graph_is_done_with_thread(const Graph *g, ClassId c, ScopeRef function, ScopeRef finalizer);
/* Does the function start a thread of the class that it makes, or another method of its class the
 * thread that is there, by `start()` or by a method of the thread which calls that? */
bool graph_starts_thread(const Graph *g, ScopeRef function, ClassId thread);
/* Does the function, or another method of its class, start the thread of an object that a library
 * makes (`made` is the class of that), and none of them stop it again? While it runs it holds the
 * object and all that this holds. */
bool graph_runs_for_ever(const Graph *g, ScopeRef function, Str made);

/* A thread or timer that the class starts on a method of its own (or a thread that it is, and whose
 * `run` is its own), and that goes on for ever: the loop has no end but by attributes which nothing
 * in the project sets. The first by the source; false when there is none, or something stops it:
 * another method, code that has the object, its `__del__`, an event or queue that it was given, a
 * message that somebody can put into its queue. (graph/unstopped.c) */
bool graph_unstopped(const Graph *g, ClassId c, Keeper *out);

/* The container holds instances strongly, and only `__del__` of these removes them. `growth` is
 * graph_growth of it. The use that adds, or NULL; *removal is the removal that never runs. */
const Use *graph_doomed_growth(const Graph *g, ContainerId id, const Growth *growth,
                               OpRef *removal);

/* The use adds an instance in its own `__del__`, or in a function that nothing but `__del__` calls:
 * graph_revival speaks of it. */
bool graph_is_revival(const Graph *g, const Use *use);

/* How a function makes its argument outlive the call. */
typedef enum ReviveKind {
    REVIVE_NONE,
    REVIVE_STORED,  /* in a global, a class attribute, a container, another object's attribute */
    REVIVE_PROCESS, /* in a registry of the interpreter */
    REVIVE_RUN,     /* a thread, timer, task or callback of the loop holds it until it has run */
} ReviveKind;

typedef struct Revival {
    ReviveKind kind;
    bool is_reused;  /* something takes it out of the container and goes on with it: pop() */
    bool is_removed; /* something removes it: that was meant so */
    Confidence confidence;
    CarryKind carry;   /* as what it is held */
    PathId value;      /* the expression, in file */
    PathId holder;     /* what gets it, in file; 0 when it has no path */
    u32 file;          /* of the statement */
    OpId op;           /* the statement */
    ScopeRef function; /* that holds the statement: the finalizer or a helper */
    OpRef call;        /* in the finalizer: the call of the helper, or op none */
} Revival;

/* The first way in which `__del__` stores its instance, directly or through helpers, where it
 * outlives the call. */
Revival graph_revival(const Graph *g, ScopeRef finalizer);

/* What goes wrong in a `__del__`. */
typedef enum UnsafeKind {
    UNSAFE_NONE,
    UNSAFE_UNSET,  /* reads an attribute that the constructor may not have set */
    UNSAFE_RAISES, /* raises */
    UNSAFE_ASYNC,  /* is a coroutine or generator function: calling it does nothing */
    UNSAFE_LOCK,   /* takes a lock that is no reentrant one and that others share */
    UNSAFE_OPEN,   /* opens a file by `open` */
    UNSAFE_IMPORT,
    UNSAFE_THREAD, /* starts a thread, or submits to an executor */
    UNSAFE_GLOBAL, /* uses a global of its module (Python before 3.4) */
    UNSAFE_KINDS,
} UnsafeKind;

/* How an attribute can be missing. */
typedef enum UnsetKind {
    UNSET_RAISE,     /* `raise`, or a resource that cannot be had, before it is set */
    UNSET_CALL,      /* any other call before it is set */
    UNSET_BRANCH,    /* set in a branch only */
    UNSET_ELSEWHERE, /* set by other methods only */
} UnsetKind;

typedef struct Unsafe {
    UnsafeKind kind;
    Confidence confidence;
    UnsetKind unset;   /* UNSAFE_UNSET */
    u32 file;          /* of the statement */
    OpId op;           /* the statement; 0 for UNSAFE_ASYNC */
    ScopeRef function; /* that it is in: the finalizer or a helper that it calls */
    OpRef call;        /* in the finalizer: the call of the helper, or op none */
    Str name;          /* attribute, lock, module, global */
    bool has_cause;    /* the other place: what may raise, the store, the lock's making */
    u32 cause_file;
    Span cause;
} Unsafe;

/* What is unsafe in `__del__`, the first of each kind; `out` has room for UNSAFE_KINDS. */
u32 graph_unsafe(const Graph *g, ScopeRef finalizer, Unsafe *out);
/* It asks for an attribute of the instance that it sets anew, so that it does nothing the second
 * time: `if self.pool: self.pool.close(); self.pool = None`. */
bool graph_is_repeatable(const Graph *g, ScopeRef finalizer);
/* Nobody makes the class itself, and each class that derives from it has a method of its own by the
 * name. */
bool graph_is_stand_in(const Graph *g, ClassId c, Str method);

#endif
