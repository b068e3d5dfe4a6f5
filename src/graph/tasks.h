/* Tasks of asyncio, queues and contexts: who keeps what runs on its own. A part of graph.h, which
 * everybody includes. */
#ifndef LIMPET_GRAPH_TASKS_H
#define LIMPET_GRAPH_TASKS_H

#include "graph/graph.h"

/* ---- what becomes of a value (graph/fate.c) ---- */

typedef enum FateKind {
    FATE_KEPT,      /* somebody may hold it, or nobody can tell */
    FATE_AWAITED,   /* its result is waited for at once */
    FATE_RETURNED,  /* the function gives it to its caller */
    FATE_DROPPED,   /* an expression statement, or an argument that is only looked at: print(f()) */
    FATE_CHAINED,   /* only a callback is added to it: `f().add_done_callback(g)` */
    FATE_UNREAD,    /* in a local variable that is never read */
    FATE_UNKEPT,    /* in a local variable to which callbacks are added, and no more */
    FATE_CONTAINER, /* in a local container that is filled, and no more */
} FateKind;

typedef struct Fate {
    FateKind kind;
    OpId op;    /* the statement that decides, or the call itself */
    Str local;  /* name of the variable, for FATE_UNREAD, FATE_UNKEPT and FATE_CONTAINER */
    bool waits; /* the function waits for something later, while the variable holds the value */
    bool is_taken_out; /* FATE_CONTAINER: a callback of what is in it takes it out again */
} Fate;

/* What becomes of the value of a call (or display) inside the function that makes it. */
Fate graph_fate_of(const Graph *g, u32 file, OpId call);

/* ---- tasks (graph/task.c) ---- */

/* What a coroutine waits for, in itself and in what it awaits (graph/waits.c). */
typedef enum Waits {
    WAITS_HELD,    /* for timers and transports, which the loop holds, and the task with them */
    WAITS_MEETS,   /* for events, queues and futures of objects: whoever has these holds the task */
    WAITS_FOREIGN, /* for a future of its own, or for what others bring: callbacks, coroutines,
                      methods to be overridden; or nobody can tell */
} Waits;

/* Why nothing is seen to hold what is waited for. */
typedef enum WaitsFor {
    WAITS_FOR_UNSEEN,  /* nobody can tell what it is */
    WAITS_FOR_OWN,     /* a future that only the coroutine has */
    WAITS_FOR_BROUGHT, /* code that others bring */
} WaitsFor;

typedef struct Waiting {
    Waits kind;
    WaitsFor what; /* of WAITS_FOREIGN */
    OpRef at;      /* the innermost operation that waits so, or none */
} Waiting;
Waiting graph_waits(const Graph *g, u32 file, PathId coroutine);
Waiting graph_function_waits(const Graph *g, ScopeRef function); /* of a coroutine function */

/* A task that the event loop alone refers to, and the loop does so weakly. */
typedef struct LooseTask {
    u32 file;
    OpId op;   /* the call that makes it; that of the helper; or that hands it to the loop */
    OpId made; /* in made_file: the call that makes it, when a helper does */
    u32 made_file;
    ScopeRef helper; /* that makes and returns it, or none */
    Fate fate;
    bool by_loop;     /* a callback makes it, and the loop drops what callbacks return */
    Str callback;     /* by_loop: the method that was given the callback: "call_later" */
    PathId coroutine; /* in made_file: what it runs, or 0 */
    Confidence confidence;
    Waiting waiting; /* what it runs */
    bool is_hoarded; /* the local container is filled in an endless loop: it is the frame that keeps
                        the tasks, all of them */
    bool is_brief; /* what it runs waits for nothing, or only sleeps: the loop holds it meanwhile */
} LooseTask;

/* Does the call make an asyncio task, by `asyncio.create_task`, `ensure_future` or `create_task` of
 * a loop, that nobody keeps? */
bool graph_loose_task(const Graph *g, OpRef call, LooseTask *task);
/* The same for a call that gives the loop a callback that makes a task and returns it. */
bool graph_loose_callback(const Graph *g, OpRef call, LooseTask *task);
/* The calls of the function around `call`, when it makes a task and returns it to callers that do
 * not keep it; the list is in `arena`. */
u32 graph_loose_results(const Graph *g, OpRef call, Arena *arena, LooseTask **tasks);

/* Until when a task stays that nobody looks after. */
typedef enum PendingUntil {
    PENDING_UNKNOWN, /* until it is done, whenever that is */
    PENDING_SLEEP,   /* `asyncio.sleep` */
    PENDING_SIGNAL,  /* until somebody sets the event, puts an item, releases the lock */
    PENDING_NEVER,   /* it has a loop without an end */
} PendingUntil;

/* Tasks that a function makes for `asyncio.wait` and does not look after when that returns. */
typedef struct PendingTasks {
    OpId made;        /* the call that makes the one that stays longest */
    PathId coroutine; /* what it runs */
    PendingUntil until;
    bool is_many;    /* one for each element of something */
    bool is_given;   /* `ensure_future(x)`: it may be somebody's task already */
    bool is_first;   /* FIRST_COMPLETED */
    bool is_failure; /* FIRST_EXCEPTION */
    bool has_timeout;
    bool is_optional; /* … a parameter, None by default, that no known caller gives */
    bool in_closing;  /* in a method like `close` or `stop` */
    RegionId loop;    /* of the function, around the wait; or 0 */
} PendingTasks;
/* For a call of `asyncio.wait` (graph/pending.c). False when it waits for all, when somebody else
 * made the tasks, and when they are cancelled, waited for, kept, handed on or waited for again in
 * the next round; or when what they work on is closed or told to end. */
bool graph_pending_left(const Graph *g, OpRef call, PendingTasks *out);

/* An object of one request, message or connection that something holds which goes on for ever. */
typedef struct HeldForever {
    ScopeRef runs; /* the coroutine with the endless loop, or the callback that arms itself again */
    PathId held;   /* the argument, in the file of the call */
    bool is_timer; /* a callback of the loop, or a threading.Timer */
} HeldForever;
/* The call makes a task that nobody keeps, or is in the callback and arms it again. False when the
 * loop can end, and when it uses the object where nothing takes exceptions: that ends it once the
 * object is closed (graph/forever.c). */
bool graph_held_forever(const Graph *g, OpRef call, HeldForever *out);

/* "task" or "future" when the value is one of asyncio or of an executor, by the call that makes it,
 * an annotation or what callers pass; else empty. */
Str graph_task_text(const Graph *g, u32 file, PathId value);
/* Somebody in the scope waits for all tasks of the container of this name, a variable or an
 * attribute: `gather(*tasks)`, `as_completed(self.tasks)`, `for task in tasks: await task`. */
bool graph_tasks_are_joined(const Graph *g, ScopeRef scope, Str container);
/* … in the class or a base: all that the attribute has are a batch. */
bool graph_class_joins_tasks(const Graph *g, ClassId c, Str name);
/* The region is in `while True` or `async for` of its function. */
bool graph_is_endless(const Graph *g, u32 file, RegionId region);

/* ---- contexts (graph/context.c) ---- */

/* A context variable and what its file does with it. */
typedef struct ContextVariable {
    PathId path;    /* the variable or attribute that holds it; 0 for `ContextVar("x").set(…)` */
    OpId set;       /* the first call of `set`, or 0 */
    bool is_reset;  /* `reset` is called */
    bool escapes;   /* it is returned, passed on, or has a second name */
    bool is_shared; /* bound by `global`: the next call replaces it */
    bool in_task;   /* a coroutine sets it: in the context of its task, which goes with the task */
} ContextVariable;
ContextVariable graph_context_variable(const Graph *g, OpRef call);
/* `reset` of the variable (or of an attribute of this name) is called somewhere in the file. */
bool graph_is_reset(const Graph *g, u32 file, PathId variable);

/* "thread", "task" or "greenlet" when the key of a mapping is the current one, or its number. */
Str graph_thread_identity(const Graph *g, u32 file, PathId key);
/* A number, which threads that start later get again: not the thread or task itself. */
bool graph_is_reused_identity(const Graph *g, u32 file, PathId key);
/* The first statement that stores a value of one of the shapes (SHAPE_*) in an attribute of the
 * module's `threading.local()` that the call makes, when nothing in the file deletes the attribute
 * or sets it to a constant. */
OpId graph_thread_local_kept(const Graph *g, OpRef call, u32 shapes);

/* ---- queues (graph/fate.c) ---- */

/* The file asks a queue of this name, a variable or an attribute, for its size: `qsize`, `full`. */
bool graph_is_size_asked(const Graph *g, u32 file, Str queue);
/* The file has the attribute of something that is not called self: `executor.items`. */
bool graph_is_named_by_others(const Graph *g, u32 file, Str attribute);

/* A queue without bound in a local variable, which a function inside fills (`queue.put` called or
 * handed on there, or handed on here to others) and somebody takes from. */
typedef struct LocalQueue {
    Str name;
    OpId fill, take; /* 0 when there is none */
    ScopeId filler;  /* the function that fills it */
} LocalQueue;
LocalQueue graph_local_queue(const Graph *g, OpRef made);

#endif
