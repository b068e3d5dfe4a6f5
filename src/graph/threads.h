/* Locks, threads, pools and processes: who has to let go of them, and who does. A part of graph.h,
 * which everybody includes. */
#ifndef LIMPET_GRAPH_THREADS_H
#define LIMPET_GRAPH_THREADS_H

#include "graph/graph.h"

/* ---- locks (graph/locking.c) ---- */

/* A statement that takes a lock, in a function that gives it back later, but not on every way out.
 */
typedef struct LockTake {
    PathId lock;           /* what `acquire` is called on */
    Confidence confidence; /* that it is a lock: by its making, by its name, by its methods alone */
    bool is_async;
    OpId release;       /* the first `release` of it after that */
    Skip skip;          /* the way out on which it stays locked */
    bool is_shared;     /* other functions of the file release it, too, and do not take it */
    bool is_handed_out; /* somebody gets it while it is held */
} LockTake;
/* False for any other call, and where every way out of the function gives the lock back, or where
 * the normal end of the function does not either: it is meant to be held then. */
bool graph_lock_take(const Graph *g, OpRef call, LockTake *out);

/* ---- pools (graph/pool.c) ---- */

/* A call of `join` of a pool of multiprocessing that nothing has closed before. */
typedef struct PoolJoin {
    PathId pool;           /* what it is called on */
    OpId made, late;       /* what makes it, in the same function; a close or terminate that comes
                              after it; or none */
    Confidence confidence; /* high for a local of the function */
} PoolJoin;
/* False for any other call, and wherever somebody may have closed the pool: other functions, code
 * that it is handed to, the end of a `with`. */
bool graph_pool_join(const Graph *g, OpRef call, Arena *arena, PoolJoin *out);

/* A pool of multiprocessing that the function which makes it neither ends nor hands on. */
typedef struct PoolLeft {
    ConcurrentKind kind;
    Str local;   /* its variable; empty for `Pool(4).map(f, xs)` */
    OpId used;   /* the first method that is called on it, or none */
    OpId closed; /* `close()` of a pool of processes that nobody joins, or none */
} PoolLeft;
/* For the call that makes it; false for any other. Silent about a pool that is joined without being
 * closed: graph_pool_join speaks of it. */
bool graph_pool_left(const Graph *g, OpRef call, PoolLeft *out);

/* Pools and executors that code which runs again and again puts into a long-lived container. */
typedef struct PoolKept {
    ConcurrentKind kind;
    Str made_by;      /* canonical: "concurrent.futures.ThreadPoolExecutor" */
    const Use *use;   /* the first that adds one */
    bool is_released; /* a loop over the container shuts its elements down */
} PoolKept;
bool graph_keeps_pools(const Graph *g, ContainerId id, PoolKept *out);

/* ---- forks (graph/forking.c) ---- */

/* A fork in a process in which threads run. */
typedef struct ForkedThreads {
    ConcurrentKind kind; /* CONCURRENT_FORK, _PROCESS, _PROCESS_POOL or _PROCESS_EXECUTOR */
    bool is_chosen;      /* fork is asked for; else it is the default of multiprocessing */
    OpRef start;         /* starts the thread */
    OpRef at;            /* in one function with `here`: the fork, or the call that leads to it */
    OpId here;           /* the start, or the call that leads to it */
    bool is_elsewhere;   /* by the constructor of the object, or while the module is imported */
} ForkedThreads;
/* For a call that forks: `os.fork()`, `process.start()`, `Pool(…)`, `executor.submit(…)`. False
 * when the child becomes another program, when processes are started otherwise, and when no thread
 * is known to be started before it, or it may have ended: joined, stopped, at the end of a `with`.
 */
bool graph_forks_with_threads(const Graph *g, OpRef call, ForkedThreads *out);

#endif
