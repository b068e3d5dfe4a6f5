/* Private to graph/: code that goes on until something stops it, as a class starts it on itself,
 * and who stops it. */
#ifndef LIMPET_GRAPH_LOOPING_H
#define LIMPET_GRAPH_LOOPING_H

#include "graph/model.h"

enum { SIGNALS_MAX = 24 };

/* An attribute of self that running code looks at. */
typedef enum When {
    WHILE_TRUE,  /* the loop goes on while it is true */
    WHILE_FALSE, /* the loop goes on while it is false */
    WHILE_ASKED, /* an event, a queue, a compared value */
    MENTIONED,   /* the loop uses it otherwise: closing it may end the loop by an exception */
} When;

typedef struct Signal {
    u64 name;
    When when;
    bool is_flag; /* `while event.is_set()`: clearing it ends the loop */
} Signal;

/* Code that goes on until something stops it. */
typedef struct Code {
    bool runs, has_exit;
    bool has_other_exit; /* … one that no attribute of self decides */
    ScopeRef function;
    Span loop;
    Signal signals[SIGNALS_MAX];
    u32 n;
} Code;

typedef struct Look {
    const Graph *g;
    ClassId class;
    u32 file;
    const Facts *f;
    ScopeRef function;
    SymbolId self;
    Code *code;
    When when;        /* for paths that are visited */
    bool any_message; /* whoever puts something into a queue that the code asks may stop it */
} Look;

typedef struct Stops {
    bool by_users;
    bool by_finalizer;
    bool is_plain; /* the finalizer sets what the loop asks */
    OpRef release;
} Stops;

/* The method of self that a path names or a call calls, or none. */
ScopeRef own_method(const Look *l, PathId path);
/* The path of self in its method. */
PathId self_path(const Look *l);
/* The function, or an own method that it calls, goes on and on: fills l->code. */
void look_at_code(const Look *l, u32 depth);
/* The same for what a call starts: a thread, a timer that is armed again, a callback, a task. */
bool keep_running(const Look *l, u32 o, Keeper *out);
/* False when the call certainly is not: by its name and its arguments alone. */
bool may_keep_running(const Look *l, u32 o);
/* Who stops the code of l->code; what the method that starts it stores is no stop. */
Stops find_stops(const Look *l, ScopeRef starter);
Look look_into(const Look *l, ScopeRef method);

#endif
