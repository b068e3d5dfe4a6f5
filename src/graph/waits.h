/* Private to graph/: what a coroutine waits for, and the calls that lead there. */
#ifndef LIMPET_GRAPH_WAITS_H
#define LIMPET_GRAPH_WAITS_H

#include "graph/model.h"

/* Calls that are followed into one another: what is called farther down is called now and then. */
enum { WAIT_DEPTH = 3 };

/* A call that is followed: it says what the parameters are, and of which class self is. */
typedef struct CallFrame {
    const struct CallFrame *up;
    u32 file;
    const Op *call;
    u32 fn;
    ClassId receiver; /* or 0: that of the method */
} CallFrame;

/* What is known to be held: function -> depth that it was searched to, plus 2. A search ends with
 * the first wait for code that others bring, so that what is looked at again has none. */
typedef struct Search {
    Arena arena;
    Map done;
    bool meets; /* it waits for futures and primitives, whose other side is in the project */
    const CallFrame *frame; /* innermost; NULL when nobody knows who calls */
    OpRef open;             /* innermost operation that waits openly, or none */
    WaitsFor what;          /* when it waits openly */
    bool depends; /* what is known of the function holds for the calls of the frame only */
} Search;

typedef enum Answer { ANSWER_UNKNOWN, ANSWER_HELD, ANSWER_OPEN } Answer;

/* ---- waits.c ---- */

bool function_waits_openly(const Graph *g, Search *search, u32 fn, u32 depth);
/* It waits openly, for such a thing: true. */
static inline bool waits_for(Search *search, WaitsFor what) {
    search->what = what;
    return true;
}
/* What came out of a search. */
Waiting waiting_of(const Search *search, bool is_open);
/* The same for a function that is called there. */
bool called_waits_openly(const Graph *g, Search *search, u32 file, const Op *call, u32 fn,
                         u32 depth);
bool is_waited_lock(const Graph *g, u32 file, PathId path);
/* `event = asyncio.Event()`, of which nobody else in the function gets hold before it waits. */
bool is_own_primitive(const Graph *g, u32 file, PathId value, RegionId at);
/* The function has no `await` at all. */
bool never_waits(const Graph *g, u32 fn);
/* A task that is in a container or attribute of somebody. */
bool is_kept_task(const Graph *g, u32 file, const Path *p);
/* `loop.create_future()`, `Future()`, `create_task(…)`: somebody has it beside the caller. */
bool gives_future(const Graph *g, u32 file, const Op *call);

/* ---- brought.c ---- */

/* A call that is waited for: of a function, of a primitive, of what others bring. */
bool call_waits_openly(const Graph *g, Search *search, u32 file, const Op *call, u32 depth);
/* A method of a primitive whose other side somebody else has to call. */
bool is_rendezvous(Str method);
/* What a call of a rendezvous waits for: the other side of it. */
bool rendezvous_waits_openly(const Graph *g, Search *search, u32 file, const Op *call);
/* A name of a library of which every wait is held by the loop or a thread. */
bool is_library_held(const Graph *g, Str canonical);
bool is_partial(const Graph *g, u32 file, const Op *call);
/* `partial(f, …)`: f. */
PathId without_partial(const Graph *g, u32 file, PathId value);
/* A call of what is stored in an attribute: unknown when it is a method, or of something unknown.
 */
Answer attribute_waits(const Graph *g, Search *search, u32 file, const Op *call, u32 depth);
/* `iscoroutinefunction(callback)`, before: whoever asks does not know what he has. */
bool is_asked(const Graph *g, u32 file, u32 before, PathId value);

/* ---- given.c ---- */

/* What the calls that are followed give for a parameter which is called, or waited for. */
Answer given_waits_openly(const Graph *g, Search *search, u32 file, SymbolId parameter,
                          bool is_called, u32 depth);
/* What callers give for a parameter which is called. */
bool givers_wait_openly(const Graph *g, Search *search, u32 file, SymbolId parameter, u32 depth);

/* ---- pending.c ---- */

/* What a call of `asyncio.wait` waits for, when the function makes all of that, itself: their
 * number, or 0. */
u32 waited_coroutines(const Graph *g, OpRef call, PathId *coroutines, u32 max);

/* ---- likely.c ---- */

/* A coroutine that is handed on: what is not known is open. */
bool coroutine_waits_openly(const Graph *g, Search *search, u32 file, PathId coroutine, u32 depth);
/* `again = repeated(work, 60)`, and a call of it: the function inside `repeated`. */
u32 made_function(const Graph *g, u32 file, PathId callee);

static inline bool is_parameter(const Facts *f, SymbolId s) {
    return s.i && f->symbols[s.i].flags & SYMBOL_PARAM;
}

#endif
