/* Functions as they are read, and the order of it all. Private to cpu/.
 *
 *   read.c     one function: its calls, its loops     site.c    what a call is
 *   origin.c   the class of what a path evaluates to  bound.c   how many rounds a loop has
 *   compose.c  profiles, callees before callers       load.c    work as a product of loops
 *   target.c   what a callable is                     handover.c  who gets it, and how many
 *   seed.c     which functions matter                 poll.c    loops that poll
 *   coroutine.c, dropped.c  questions about coroutines  cpu.c, print.c
 */
#ifndef LIMPET_CPU_READ_H
#define LIMPET_CPU_READ_H

#include "cpu/cpu.h"

enum {
    ORIGIN_DEPTH = 6,       /* steps from a path to what made it */
    LOOPS_MAX = 2000,       /* of one function */
    REGIONS_UP = 200,       /* from an operation to the body of its function */
    VIA_MAX = 16,           /* calls on a chain of evidence */
    RING_ROUNDS = 3,        /* for functions that call each other */
    LARGE_ROUNDS = 1000000, /* some tenths of a second of Python */
    SMALL_ROUNDS = 2000,
    LOG_ROUNDS = 30, /* of a loop that halves something */
};

/* ---- one function ---- */

typedef enum SiteKind {
    SITE_NOTHING, /* over at once, or nothing runs: a generator, a coroutine that is not awaited */
    SITE_PROJECT, /* the body of `function` runs */
    SITE_OUTSIDE, /* `row` says what it does */
    SITE_AWAIT, /* an await of what is not a call of the project: the coroutine may be suspended */
    SITE_UNKNOWN,
} SiteKind;
enum {
    SITE_CONDITIONAL = 1 << 0,
    SITE_AWAITED = 1 << 1,
    SITE_DOUBTFUL = 1 << 2, /* a decorator or subclass may run something else */
    SITE_HARMLESS = 1 << 3, /* arguments say that it does not wait: `acquire(False)` */
    SITE_SHORT = 1 << 4,    /* arguments say that it is over soon: `sleep(0.001)` */
    SITE_ENTER = 1 << 5,    /* `with lock:` */
    SITE_LATE = 1 << 6,     /* a return on some ways stands before it */
};
typedef struct Site {
    OpId op;
    u32 loop; /* index + 1 of the innermost loop around it, or 0 */
    u32 function;
    const CostRow *row;
    u8 kind;  /* SiteKind */
    u8 flags; /* SITE_* */
} Site;

typedef enum BoundKind {
    BOUND_KNOWN,   /* `known` rounds */
    BOUND_DATA,    /* the elements of something */
    BOUND_NUMERIC, /* a number that is computed, or passed in */
    BOUND_SEARCH,  /* combinations, permutations */
} BoundKind;
typedef struct Bound {
    BoundKind kind;
    u64 known;
    u32 parameter; /* 1 + index of the parameter that the number is made of, or 0 */
} Bound;

typedef struct Loop {
    RegionId region;
    OpId first; /* its first operation */
    u32 parent; /* index + 1 of the loop around it, or 0 */
    Bound bound;
    u32 arithmetic; /* operations directly in it */
    u32 products;   /* all of them but sums and differences */
    u32 does;       /* DOES_* by how it goes round: over a file, `async for` */
} Loop;

typedef struct Code {
    bool is_read;
    bool is_async, is_generator;
    bool is_memo;     /* a cache keeps its results */
    bool is_abstract; /* it does nothing but raise NotImplementedError */
    Site *sites;      /* in the order of the source */
    u32 n_sites;
    Loop *loops; /* an outer loop before those in it */
    u32 n_loops;
    OpId recursion;      /* a call of itself that makes it a search, or 0 */
    bool is_exponential; /* … twice, with less each time */
    u32 recursion_parameter;
    CpuProfile profile;
} Code;

typedef struct Range {
    u32 first, n;
} Range;

typedef struct Space {
    Arena kept;    /* lives as long as the Cpu */
    Arena scratch; /* rewound after each function */
    Map origins;   /* (file, path) -> index of texts + 1 */
    VEC(Str) texts;
    u32 stamp;
    u32 *region_stamps, *region_loops; /* region -> index + 1 of the loop that it is in */
    VEC(Handover) handovers;
    VEC(DroppedCoroutine) dropped; /* with the code in dropped_code */
    VEC(u32) dropped_code;
    VEC(BusyWait) polls;
    VEC(u32) poll_code;
    u64 unknown;
} Space;

struct Cpu {
    Arena *arena;
    const Graph *g;
    u32 workers;
    u32 n_functions, n_files, n_codes;
    Code *codes;          /* by code */
    bool *is_thread;      /* by class: it derives from threading.Thread */
    bool *has_arrays;     /* by file */
    bool *is_nonblocking; /* by file: it sets sockets to be non-blocking */
    Map handover_names;   /* hashes of the last names that hand something over */
    bool has_coroutines;
    bool *minds_gil; /* by file: it asks whether the GIL is there */
    bool some_mind_gil;
    Space *spaces;       /* one a worker */
    Handover *handovers; /* by code, then in the order of the source */
    DroppedCoroutine *dropped;
    BusyWait *polls;
    Range *handovers_of, *dropped_of, *polls_of; /* by code */
    u32 n_handovers;
    u64 read;
};

/* Somebody who reads the operations of a function or module. */
typedef struct Reader {
    Cpu *c;
    const Graph *g;
    Space *space;
    u32 file;
    const Facts *f;
    ScopeId scope;
    u32 code;
} Reader;

/* The reader of the code that a region belongs to: its function, or its module. */
Reader reader_at(Cpu *c, Space *space, u32 file, RegionId region);
static inline bool code_is_module(const Cpu *c, u32 code) {
    return code > c->n_functions;
}
static inline u32 code_of_module(const Cpu *c, u32 file) {
    return c->n_functions + 1 + file;
}

/* ---- origin.c ---- */

/* The class of what a path evaluates to, outside of the project, or the name of what made it:
 * "queue.Queue", "builtins.str", "psycopg2.connect.cursor"; empty when unknown. */
Str origin_of(const Reader *r, PathId path);
/* The canonical name of what is called: through imports, or as a method of something of known
 * origin. Empty when unknown. */
Str callee_name(const Reader *r, const Op *call);
const CostRow *callee_cost(const Reader *r, const Op *call, Str *name);
/* An integer that stands in the source, also in a constant of a module and as a sum or power. */
bool path_number(const Graph *g, u32 file, PathId path, u64 *number);
/* Bytes that an expression has, as far as it shows: UINT64_MAX when unknown. */
u64 path_size(const Reader *r, PathId path);
static inline bool path_is_false(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_LITERAL && p->flags == LITERAL_FALSE;
}
/* The literal 0 (of any type), also with a point. */
bool path_is_zero(const Facts *f, PathId path);

/* ---- site.c ---- */

/* What an operation OP_CALL, OP_ENTER or OP_AWAIT is; loop and conditions are the caller's. */
Site site_of(const Reader *r, OpId op);

/* ---- flags.c ---- */

typedef enum FlagState {
    FLAG_ABSENT,
    FLAG_GIVEN, /* a parameter of the function decides, or what it asks for is mostly at hand */
    FLAG_SET,
} FlagState;
/* Do flags among the arguments say that the call does not wait? `os.waitpid(pid, os.WNOHANG)` */
FlagState flag_of_call(const Reader *r, const Op *call, const CostRow *row);
/* Is the flag, by its canonical name, one of those that the path joins by `|`? */
bool path_has_flag(const Graph *g, u32 file, PathId path, const char *flag);

/* ---- sockets.c ---- */

/* Is it a datagram that is sent, or an address in numbers that is asked for? Given: hardly a wait.
 */
FlagState socket_waits_not(const Reader *r, const Op *call, const CostRow *row);

/* ---- bound.c ---- */

Bound bound_of_iterable(const Reader *r, PathId iterable, u32 *does);
/* Of a `while` whose operations end before `end`. */
Bound bound_of_while(const Reader *r, RegionId loop, u32 first, u32 end);
/* 1 + index of the parameter that the path is, or a sum with it; 0 for none. */
u32 parameter_index(const Reader *r, PathId path);

/* ---- read.c ---- */

void code_read(Reader *r);
/* Every operation of a scope once, nested functions and classes left out: the one after `i`. */
u32 next_own_op(const Facts *f, u32 i);
/* Is the operation in a branch, an except clause or a case of its function? */
bool is_conditional(const Facts *f, RegionId region, ScopeId scope);

/* ---- load.c ---- */

LoadGrade load_grade(const Workload *l);
bool load_is_better(const Workload *a, const Workload *b);
/* One loop more around it (inner may be empty). */
Workload load_in_loop(const Workload *inner, const Loop *loop);
/* The load of a callee as it is at a call: numbers that are passed are put in. `skip`: operands of
 * the call before the first argument of the callee; `self`: parameters that the call does not
 * write. */
/* … when its parameter is given this argument. */
Workload load_filled(const Reader *r, const Workload *load, PathId argument);
Workload load_at_call(const Reader *r, const Workload *load, const Op *call, u32 skip, u32 self);

/* ---- compose.c ---- */

/* What the loops of a function do, and the work in them. */
typedef struct LoopState {
    u32 does; /* anywhere in it */
    Workload load, inner;
} LoopState;
/* Recomputes the states; `room` has n_loops + 1 of them, index 0 is the function itself. */
CpuProfile code_compose(const Cpu *c, u32 code, LoopState *room);
void compose_all(Cpu *c);
/* What a site does, by the profiles of callees. */
u32 site_does(const Cpu *c, const Site *site);

/* ---- seed.c, target.c, handover.c, poll.c, dropped.c ---- */

typedef struct Target {
    u32 function;
    const CostRow *row;
    Str name; /* of what is outside */
    u32 skip; /* arguments that a partial has filled in, and the receiver of a bound method */
} Target;
Target target_of(const Reader *r, PathId callable);

/* One pass over a file. */
void find_seeds(Cpu *c, Space *space, u32 file);
void find_handover(Reader *r, OpId call);
/* The call makes no instance and is not awaited. */
void find_dropped(Reader *r, OpId call);
/* By its name, the call is a method that calls what it is given and looks at no result. */
bool takes_callback(const Facts *f, const Op *call);
void find_polls(Reader *r, RegionId loop);
/* When profiles are known. */
void judge_handovers(Cpu *c);
/* A poll that was found is none when a function that it calls does more than look. */
bool poll_stands(const Cpu *c, u32 file, RegionId loop);

#endif
