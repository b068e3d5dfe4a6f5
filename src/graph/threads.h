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

#endif
