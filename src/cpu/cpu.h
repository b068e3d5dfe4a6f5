/* What functions do to the thread that runs them: where they wait, where they compute, where they
 * let other threads or other tasks run, and which calls nobody can resolve.
 *
 * cpu_build reads the functions that matter (coroutines, what is given to threads and greenlets,
 * loops that poll, and all that these call, directly or not) once each, and joins what it found
 * bottom-up over the call graph: the profile of a function holds what a call of it runs into. What
 * calls of the outside do is data (know_cost). A call that is not resolved is a doubt, not a guess.
 *
 * Memory: in the arena given to cpu_build and in arenas of the workers. After it nothing changes:
 * questions may be asked from many threads. */
#ifndef LIMPET_CPU_CPU_H
#define LIMPET_CPU_CPU_H

#include "graph/graph.h"
#include "know/know.h"

typedef struct Cpu Cpu;

/* `all`: profiles of all functions, for printing. The result does not depend on `workers`. */
Cpu *cpu_build(Arena *arena, const Graph *g, u32 workers, bool all);
/* Gives back what it owns beside the arena. */
void cpu_free(Cpu *c);

/* Code that runs has numbers: functions and lambdas 1..n as the graph numbers them, then modules.
 */
u32 cpu_code_count(const Cpu *c);
ScopeRef cpu_code_scope(const Cpu *c, u32 code); /* the module's scope for a module */
/* Is there an answer to one of the questions below? */
bool cpu_has_answers(const Cpu *c, u32 code);

/* ---- profiles ---- */

/* What a call of a function runs into, on some way through it. */
enum {
    DOES_WAIT = 1 << 0,    /* waits, for more than its turn at a queue or lock */
    DOES_QUEUE = 1 << 1,   /* takes or gives items of a queue, takes a lock, prints */
    DOES_RELEASE = 1 << 2, /* C code that computes with the GIL released */
    DOES_UNKNOWN = 1 << 3, /* a call that is not resolved */
    DOES_SUSPEND = 1 << 4, /* a coroutine that gives control back to the event loop */
    DOES_HEAVY = 1 << 5,   /* a call that takes many milliseconds by design */
    DOES_KINDS = 6,
    DOES_HEAVY_AT = 5, /* index of the last one in CpuProfile.first */
};

/* A call of the outside, or one of the project that leads to it. */
typedef struct Spot {
    OpId op;             /* in the function itself; 0: there is none */
    u32 via;             /* the function that is called there, or 0 */
    const CostRow *row;  /* what is called in the end; NULL when nobody can tell */
    bool is_conditional; /* only on some ways: a branch, an except clause, a subclass */
    u8 depth;            /* calls on the way */
} Spot;

/* How much pure-Python work a call of a function is, with the GIL held all the time. */
typedef enum LoadGrade {
    LOAD_NONE,
    LOAD_LIGHT,  /* one loop over data */
    LOAD_MAYBE,  /* arithmetic in a loop whose number of rounds is a matter of its arguments */
    LOAD_LIKELY, /* such loops in each other, a search that tries all combinations */
    LOAD_SURE,   /* a million rounds by what is written; exponential recursion */
} LoadGrade;
typedef enum LoadKind { LOAD_LOOP, LOAD_RECURSION } LoadKind;

typedef struct Workload {
    LoadGrade grade;
    LoadKind kind;
    u64 rounds;     /* product of the numbers of rounds that are known */
    u32 numeric;    /* loops around one another whose number of rounds is computed */
    u32 data;       /* … whose rounds are the elements of something */
    u32 arithmetic; /* operations of arithmetic in them */
    u32 products;   /* … of these all but sums and differences: a product, a power, a remainder */
    OpId op;        /* in the function itself: the loop, the recursive call, or the call that leads
                       to it */
    u32 via;        /* the function that is called there, or 0 */
    u32 parameter;  /* 1 + index of the parameter that says how many rounds, or 0 */
    bool is_handed; /* loops around it take items of a queue or take a lock */
    bool is_mixed;  /* loops around it wait, release the GIL, or call what is not resolved */
} Workload;

typedef struct CpuProfile {
    bool is_known;          /* the function was read */
    u32 does;               /* DOES_* */
    Spot first[DOES_KINDS]; /* of each kind, the plainest */
    Spot long_wait;         /* a wait that is long as a rule: timers, network, processes, users */
    Spot short_wait;        /* files, locks */
    Workload load;
} CpuProfile;
/* NULL when the function was not read. */
const CpuProfile *cpu_profile(const Cpu *c, u32 code);

/* One step of a chain of calls: what is called, and where. */
typedef struct CpuStep {
    u32 file;
    OpId op;      /* the call; the loop's first operation at the end of a chain to work */
    u32 function; /* of the project, that is called; or 0 */
    Str text;     /* its name, or that of what is outside; empty when only the source says it */
} CpuStep;
enum { CPU_STEPS_MAX = 8 };
/* From the function to what is waited for (or called) in the end; how many steps. */
u32 cpu_spot_steps(const Cpu *c, u32 code, const Spot *spot, CpuStep *steps);
/* From the function to the loop; the last step is the loop or the recursive call itself. */
u32 cpu_load_steps(const Cpu *c, u32 code, const Workload *load, CpuStep *steps);

/* ---- coroutines ---- */

/* A call in a coroutine that keeps the event loop, and all other tasks, waiting. */
typedef struct BlockingCall {
    OpId op;
    Spot spot;
    bool is_across_await; /* `with lock:` of a lock of threads, with an await inside */
    bool is_brief;        /* files, locks, very short sleeps */
    bool is_doubtful;     /* by a helper that a subclass or decorator may replace */
} BlockingCall;
/* Those of a coroutine, in the order of the source; *out is in `arena`. */
u32 cpu_blocking_calls(const Cpu *c, u32 code, Arena *arena, BlockingCall **out);

/* Work in a coroutine during which it gives no control back. */
typedef struct InlineLoad {
    OpId op;       /* the loop, or the call that leads to it */
    Workload load; /* load.op is in the coroutine */
    Spot heavy;    /* or a call that takes many milliseconds by design */
    bool is_idle;  /* the loop around it awaits only what never suspends; `await` of it is at: */
    OpId idle;
    bool is_broken;      /* a loop around it gives control back */
    bool is_conditional; /* on some ways through the coroutine only */
} InlineLoad;
u32 cpu_inline_loads(const Cpu *c, u32 code, Arena *arena, InlineLoad **out);

typedef enum DroppedKind {
    DROPPED_CALL,     /* `notify()` as a statement */
    DROPPED_UNREAD,   /* in a local that nobody reads */
    DROPPED_TEST,     /* `if is_ready():` is true whatever it would say */
    DROPPED_CALLBACK, /* given to what calls it and drops what it returns */
} DroppedKind;
/* A coroutine that is made and never awaited: its body does not run. */
typedef struct DroppedCoroutine {
    DroppedKind kind;
    OpId op;           /* the call that makes it, or that hands the function over */
    ScopeRef made_by;  /* the async function, or none */
    Str name;          /* of what is outside: "asyncio.sleep" */
    Str receiver;      /* DROPPED_CALLBACK: who is given it */
    Str local;         /* DROPPED_UNREAD */
    bool in_coroutine; /* where it could be awaited */
    bool is_doubtful;  /* a subclass or decorator may replace it */
} DroppedCoroutine;
u32 cpu_dropped_coroutines(const Cpu *c, u32 code, const DroppedCoroutine **out);

/* ---- loops that poll ---- */

typedef enum PollKind {
    POLL_FLAG,    /* a variable or attribute that somebody else sets */
    POLL_CALL,    /* `event.is_set()`, `thread.is_alive()`, `process.poll()` … */
    POLL_TRY,     /* `get_nowait()`, `acquire(False)`: again and again while it fails */
    POLL_CLOCK,   /* the time */
    POLL_ENDLESS, /* `while True: pass` */
} PollKind;
typedef struct BusyWait {
    PollKind kind;
    RegionId loop;
    OpId op;     /* the poll, or 0 */
    Str what;    /* what is polled, as it is written */
    Str instead; /* the call that waits: "event.wait()", or empty */
    OpId yields; /* a `time.sleep(0)` in it, or 0 */
    bool in_coroutine;
    bool is_partial; /* only the rounds in which there is nothing to do */
} BusyWait;
u32 cpu_busy_waits(const Cpu *c, u32 code, Arena *arena, BusyWait **out);

/* ---- work that is handed over ---- */

/* Several of them at once? */
typedef enum Plurality {
    PLURAL_NOT,     /* one, as far as it can be seen, or one after the other */
    PLURAL_SIDE,    /* several calls side by side */
    PLURAL_LOOP,    /* in a loop */
    PLURAL_ELEMENTS /* a call for each element */
} Plurality;

/* A callable that is given to something that runs it in another thread or greenlet. */
typedef struct Handover {
    u32 code; /* where */
    u32 file;
    OpId op; /* the call that hands it over, or makes the instance of a subclass of Thread */
    RunnerKind runner;
    const HandoverRow *row; /* NULL: a subclass of Thread, whose `run` it is */
    Str api;                /* "threading.Thread", "ThreadPoolExecutor.submit": for messages */
    PathId callable;        /* as it is written, or 0 */
    u32 target;             /* the project's function, or 0 */
    const CostRow *outside; /* what it is outside of the project, or NULL */
    Workload load;          /* of the target with the arguments that it is given */
    Plurality plurality;
    bool is_awaited; /* at once, by its coroutine */
    RegionId loop;   /* the loop that starts them, or 0 */
    u64 rounds;      /* of that loop, by what is written; 0 when nobody can tell */
    OpId pool;       /* what makes the pool, or 0 */
    u32 workers;     /* its threads, when that is written; else 0 */
    bool has_arrays; /* the module of the target works with arrays of numpy and its kin */
    OpId source;     /* in that loop: the call that waits for the next item (accept, recv, get) */
    bool is_limited; /* … something that keeps their number small: a semaphore, len(), join() */
    bool is_paced;   /* … a sleep */
    bool is_joined;  /* the function waits for threads somewhere */
} Handover;
/* Those of the code, in the order of the source. */
u32 cpu_handovers(const Cpu *c, u32 code, const Handover **out);

/* True when code beside the file (of the same package, or in a folder around or below its own) asks
 * whether the GIL is there: it is meant for interpreters without it, too. */
bool cpu_minds_free_threading(const Cpu *c, u32 file);

/* The file works with arrays of numpy and its kin, whose arithmetic may be theirs. */
bool cpu_has_arrays(const Cpu *c, u32 file);

/* ---- counts, for --statistics; printing (limpet graph --profiles) ---- */

typedef struct CpuCounts {
    u64 functions; /* read */
    u64 handovers;
    u64 unknown; /* calls that are not resolved */
} CpuCounts;
CpuCounts cpu_counts(const Cpu *c);
void cpu_print_text(const Cpu *c, Buf *out);

#endif
