/* Ways out of a function, exceptions, and frames that hold them. A part of graph.h, which everybody
 * includes. */
#ifndef LIMPET_GRAPH_FRAMES_H
#define LIMPET_GRAPH_FRAMES_H

#include "graph/graph.h"

/* ---- what is still bound when a function leaves (graph/exits.c) ---- */

/* `_("text")`, however it comes: what has no translation is given back. */
bool is_translating(const Facts *f, const Op *call);

typedef enum ExitKind {
    EXIT_NONE, /* it is let go on every way out */
    EXIT_RAISE,
    EXIT_RETURN,
    EXIT_END, /* the function ends after its last statement */
} ExitKind;

typedef struct Exit {
    ExitKind kind;
    OpId op;          /* the return or raise, else none */
    OpId cleared;     /* a statement that lets go on some other way, or none */
    RegionId endless; /* a `while True` that it goes round in, or none */
} Exit;

/* A way out of the function on which `path`, a local or what is reached through one, still holds
 * what the operation `from` bound to it (or had, when `from` is a raise): no `del`, no other value,
 * no `clear()`, not in a `finally` either. What is bound is taken to be true and not None: `if
 * err:` is passed. Statements that may raise are no exits by themselves. */
Exit graph_exit_with(const Graph *g, u32 file, OpId from, PathId path);
/* Can the function end after its last statement, with no return and no raise? */
bool graph_reaches_end(const Graph *g, ScopeRef function);

/* ---- exceptions (graph/caught.c) ---- */

/* Is the path a class of exceptions, and how surely? Builtin ones, those derived from one, and by
 * name those outside the project. */
Confidence graph_exception_class(const Graph *g, u32 file, PathId path, bool *is_one);
/* The same for what a value is an instance of: `NotFound("x")`. */
Confidence graph_new_exception(const Graph *g, u32 file, PathId value, bool *is_one);

typedef enum CaughtKind {
    CAUGHT_NOTHING,
    CAUGHT_EXCEPTION, /* `e`, `sys.exc_info()[1]`, `sys.exception()` */
    CAUGHT_TRACEBACK, /* `e.__traceback__`, `sys.exc_info()[2]` */
    CAUGHT_INFO,      /* `sys.exc_info()` */
} CaughtKind;

typedef struct Caught {
    CaughtKind kind;
    CarryKind carry;       /* itself, or what is around it */
    Confidence confidence; /* that the value holds it */
    Str name;              /* the name after `as`, or empty */
    OpId handler;          /* the except clause */
} Caught;

/* What of the exception that is being handled at the operation `at` does `value` hold? Nothing
 * outside a handler, and nothing when the handler cuts the traceback off. */
Caught graph_caught_in(const Graph *g, u32 file, OpId at, PathId value);
/* A parameter that is an exception by its annotation, or by its name when it has none. */
bool graph_exception_parameter(const Graph *g, u32 file, PathId value);
/* The local that the call asks for its result, when it is a task or future that a call of this
 * function made and the call stands in a try statement that catches something. */
PathId graph_tried_future(const Graph *g, u32 file, OpId call);
/* The region is an except clause or inside one of the same scope. */
bool graph_in_handler(const Graph *g, u32 file, RegionId region);
/* The region is a loop or inside one of the same scope. */
bool graph_in_loop(const Graph *g, u32 file, RegionId region);

/* ---- frames (graph/frame.c) ---- */

typedef enum FrameKind {
    FRAME_NONE,
    FRAME_ITSELF,
    FRAME_INFO,   /* an element of `inspect.stack()`, which holds its frame */
    FRAME_STACK,  /* `inspect.stack()`: the own frame and all callers' */
    FRAME_LOCALS, /* the `f_locals` of a frame */
} FrameKind;

typedef struct Frame {
    FrameKind kind;
    int depth;       /* 0 the frame of the function itself, 1 its caller's …; -1 a callee's */
    ScopeRef helper; /* the function of the project that returned it, or none */
} Frame;

/* Is the value a frame, or does it hold one, and whose? Local names that are bound once and
 * functions of the project that return frames are followed. */
Frame graph_frame_of(const Graph *g, u32 file, PathId value);

/* Something of weight that the frame of a function holds until it goes. */
typedef struct FrameBurden {
    Str what, name; /* "socket", "sock" */
    bool is_resource;
    Span place;
} FrameBurden;

/* A resource in a local that nobody closes, hands on or uses in a `with`, or a parameter that is
 * annotated as something large (`numpy.ndarray`), at an operation or, for 0, when the function
 * ends. False when there is none. */
bool graph_frame_burden(const Graph *g, ScopeRef function, OpId before, FrameBurden *burden);

/* ---- exceptions that are raised again (graph/raised.c) ---- */

typedef enum SharedKind {
    SHARED_NONE,
    SHARED_GLOBAL,    /* a module variable: `CLOSED = ConnectionError("closed")` */
    SHARED_CLASS,     /* bound in the body of a class */
    SHARED_DEFAULT,   /* default value of a parameter */
    SHARED_ATTRIBUTE, /* `self.error`, bound in another method */
    SHARED_ELEMENT,   /* of a container that outlives the function */
} SharedKind;

typedef struct Shared {
    SharedKind kind;
    Confidence confidence; /* that it is an exception, and one that is kept */
    u32 file;
    OpId op;         /* where it is made or stored */
    PathId value;    /* what is stored there, in `file` */
    bool is_cleared; /* an attribute that some method sets to None, too */
    /* an element of a module variable, or of an object that a module holds; an attribute of what
     * looks like a manager, server or pool (graph_looks_lasting) */
    bool is_lasting;
    bool is_brief; /* an attribute of what is used up by the functions that make it */
    u32 guards;    /* methods that raise the attribute, or call one of their class that does */
} Shared;

/* Is what a raise statement of a function raises an object that lives on when it has been raised?
 * Nothing when the function that raises it has just made, stored or cleared it. */
Shared graph_shared_exception(const Graph *g, u32 file, OpId raise);

#endif
