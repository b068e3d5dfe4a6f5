/* A loop that waits for the next item of a queue, and what the last one left behind. A part of
 * graph.h, which everybody includes. */
#ifndef LIMPET_GRAPH_WORKER_H
#define LIMPET_GRAPH_WORKER_H

#include "graph/graph.h"

/* What makes an item worth speaking of, worst last. */
typedef enum WorkWeight {
    WORK_NONE,
    WORK_NAME,     /* `job`, `request` */
    WORK_RUN,      /* `item.run()` */
    WORK_FUTURE,   /* `future.set_result(…)` */
    WORK_CALLABLE, /* `function(*arguments)` */
} WorkWeight;

enum { WORKER_KEPT_MAX = 12 };

typedef struct Worker {
    ScopeId scope;
    SymbolId kept[WORKER_KEPT_MAX]; /* still bound when the queue is asked again: the item, parts of
                                       it, results of calls that are made of it */
    u32 n_kept;
    bool keeps_item;       /* not only results */
    bool is_put_elsewhere; /* `batch.append(item)` */
    bool is_named;         /* nothing but its name says that the receiver is a queue */
    WorkWeight weight;
    OpId bound; /* what binds the first of them */
} Worker;

/* The call of `get` may wait, in a loop that goes on until somebody ends it, and locals of the
 * function still hold what the round before has left in them. */
bool graph_worker(const Graph *g, OpRef call, Worker *out);

#endif
