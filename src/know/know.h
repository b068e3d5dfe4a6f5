/* What APIs do, as data. Rows are documented in the sources of this folder; a test checks that
 * every name of the standard library exists in CPython. Knowledge is applied at link and check
 * time, never during extraction: editing a row does not touch cached facts.
 *
 * Names are canonical: `builtins.len`, `collections.deque`, `functools.lru_cache`. Tables are
 * sorted by name in byte order (a unit test checks it) and searched by halving. All tables are
 * constant. */
#ifndef LIMPET_KNOW_KNOW_H
#define LIMPET_KNOW_KNOW_H

#include "base/str.h"

/* Where a row's name comes from: tests import the first kind and trust the others' cited sources.
 */
typedef enum Origin {
    ORIGIN_STDLIB,  /* some supported CPython 3 has it */
    ORIGIN_PYTHON2, /* only Python 2's standard library */
    ORIGIN_OTHER,   /* a third-party package */
} Origin;

/* ---- what a call makes ---- */

/* Kind of container that a call to a canonical name makes, or that an annotation names. */
typedef enum MadeKind {
    MADE_NOTHING,
    MADE_LIST, /* also array.array, bytearray, UserList */
    MADE_DICT, /* also UserDict, ChainMap */
    MADE_SET,
    MADE_DEQUE,
    MADE_DEFAULTDICT,
    MADE_ORDERED_DICT,
    MADE_COUNTER,
    MADE_WEAK,    /* weak container */
    MADE_BOUNDED, /* cachetools.TTLCache, LRUCache … */
    MADE_QUEUE,
} MadeKind;

typedef struct ConstructorRow {
    const char *name;
    Origin origin;
    MadeKind made;
    int bound;              /* argument index of a size bound, or -1 */
    const char *bound_name; /* its keyword, or NULL */
} ConstructorRow;

/* The row of a constructor, or of a class used as an annotation (`typing.List`), or NULL. A bound
 * of None or of a number below 1 means no bound. */
const ConstructorRow *know_constructor_row(Str canonical);
/* Its kind alone; MADE_NOTHING when unknown. */
MadeKind know_constructor(Str canonical);

/* ---- methods of containers ---- */

/* What calling a method does to the container that it is called on. */
typedef enum MethodEffect {
    METHOD_READS,
    METHOD_ADDS, /* elements are kept */
    METHOD_REMOVES,
    METHOD_REPLACES, /* empties and fills */
} MethodEffect;

enum {
    METHOD_ITERABLE = 1 << 0, /* the value argument is an iterable or mapping of elements */
    METHOD_ELEMENT = 1 << 1,  /* the result is an element: get, setdefault, pop */
    METHOD_ELEMENTS = 1 << 2, /* the result reaches the elements: values, items, copy */
    METHOD_ALL = 1 << 3,      /* removes every element: clear */
};

typedef struct MethodRow {
    const char *method;
    u32 kinds; /* bits 1 << MadeKind; 0 means every kind */
    MethodEffect effect;
    int key;   /* argument index of the key (mappings), or -1 */
    int value; /* argument index of the element, or -1 */
    u32 flags; /* METHOD_* */
} MethodRow;

/* The row of a container method name ("append") for a container of unknown kind, or NULL. Where
 * kinds differ (`get` reads a dict and removes from a queue) the row of the plain containers is
 * given. */
const MethodRow *know_method(Str name);
/* The same for a container of this kind. */
const MethodRow *know_method_of(MadeKind kind, Str name);

/* ---- functions ---- */

enum {
    CALL_READS =
        1 << 0, /* only looks at its arguments during the call: none is kept, none escapes */
    CALL_GROWS = 1 << 1,   /* adds `value` to the argument `container` */
    CALL_SHRINKS = 1 << 2, /* removes from the argument `container` */
    CALL_PLAIN = 1 << 3,   /* the result is text, a number or a bool: it holds no object */
    CALL_COPY = 1 << 4,    /* the result is a new container with the elements of argument 0 */
    CALL_ELEMENT = 1 << 5, /* the result is an argument, or an element of one: min, next, heappop */
    CALL_LAZY =
        1 << 6, /* the result is an iterator that holds its arguments and reads them later */
    CALL_HOLDS = 1 << 7, /* the result holds all arguments strongly: functools.partial */
    CALL_WEAK = 1 << 8,  /* the result refers weakly to argument 0 */
    CALL_ID = 1 << 9, /* the result is an identity or differs from call to call: id, uuid, time */
    CALL_COUNTER = 1 << 10, /* the result is an endless counter: next() of it is an identity */
    CALL_TASK = 1 << 11,    /* the result is a task, future, thread, timer or process */
    CALL_CLOSED = 1 << 12,  /* the result comes from a set that the source bounds: bool, type(x) */
    CALL_EXCEPTION = 1 << 13, /* the result is an exception, a traceback, or holds frames */
};

typedef struct CallRow {
    const char *name;
    Origin origin;
    u32 flags;     /* CALL_* */
    int container; /* argument index of the container, or -1 */
    int key;       /* of the key, or -1 */
    int value;     /* of the element, or -1 */
} CallRow;

/* What is known of calling a function by canonical name, or NULL. */
const CallRow *know_call(Str canonical);
/* True for a method name whose result is a task, future or thread, whatever the receiver:
 * `create_task`, `run_in_executor`, `submit`, `apply_async` … */
bool know_is_task_method(Str method);

/* ---- caches ---- */

/* functools.cache and its kin: decorators whose store belongs to the function and holds all
 * arguments of the calls. */
typedef struct CacheRow {
    const char *name;
    int default_size; /* entries kept without arguments, 0 for no bound */
    bool takes_size;  /* first argument or maxsize= */
    Origin origin;
    bool takes_store; /* first argument or cache= is the store, whose kind decides the bound */
    bool is_factory;  /* must be called to become a decorator; else `@name` alone is one */
    bool unbound; /* the result is no descriptor: as a method it gets no self and fails at once */
    const char *key; /* keyword of a function that makes the key and can leave self out, or NULL */
} CacheRow;
const CacheRow *know_cache(Str canonical);
/* True for functions that make a cache key without the first argument
 * (`cachetools.keys.methodkey`). */
bool know_is_key_without_self(Str canonical);

/* ---- what an API does to references (know/effects*.c, results.c) ---- */

/* Who holds something after a call. */
typedef enum EffectHolder {
    HELD_BY_RESULT,   /* what the call returns: functools.partial, threading.Thread */
    HELD_BY_RECEIVER, /* the object whose method it is: Connection.create_function */
    HELD_BY_ARGUMENT, /* the argument `holder_index`: heapq.heappush, functools.update_wrapper */
    HELD_BY_PROCESS,  /* a registry of the interpreter or a module: atexit, signal, logging */
    HELD_BY_LOOP,     /* the event loop, which is the receiver if the call has one: call_later */
    HELD_BY_NOBODY,   /* references go: removal, unregistering; see EFFECT_REMOVES */
    HELD_BY_CONTEXT,  /* the current context: of the thread, or of the task while it lives */
} EffectHolder;

enum {
    EFFECT_WEAK =
        1 << 0, /* the holder refers weakly: weakref.ref, proxy, WeakMethod, WeakSet.add */
    EFFECT_BLIND = 1 << 1,     /* the collector does not see the reference: sqlite3 callbacks */
    EFFECT_UNTIL_RUN = 1 << 2, /* the reference goes when the callback has run: Timer, call_soon */
    /* One slot, or one for each key: the next call replaces what is held: signal.signal. */
    EFFECT_SLOT = 1 << 3,
    EFFECT_COPY = 1 << 4, /* the holder gets the elements of the arguments, not themselves */
    /* What rows with the same `how` put there is let go: by the receiver of a method, by the
     * argument `holder_index` if there is one, else by the process. `held` is the argument that
     * says which object it is; empty when it is found by a key or when all of them go. */
    EFFECT_REMOVES = 1 << 5,
    /* Not a call: the name is an attribute, and assigning to it does this to argument 0, the value:
     * `sys.excepthook = …`, `connection.row_factory = …`. */
    EFFECT_ASSIGN = 1 << 6,
    EFFECT_WEAK_KEYWORD = 1 << 7,  /* with EFFECT_WEAK: strong when the call says `weak=False` */
    EFFECT_WEAK_IF_ASKED = 1 << 9, /* strong, but weak when the call says `weak=True`: vine */
    EFFECT_WEAK_METHODS = 1 << 8,  /* bound methods weakly, all else strongly: PyQt, matplotlib */
};
/* Versions of Python 3 that a row is true for, by their minor number, among its flags. A row that
 * is true since some version is not true for Python 2; one that is true before some version is. */
#define EFFECT_SINCE(minor) ((u32)(minor) << 16)
#define EFFECT_BEFORE(minor) ((u32)(minor) << 24)

/* One reference effect of calling a function, class or method by canonical name. Several rows may
 * have the same name.
 *
 * `held` are tokens with commas between them, each a way to name arguments as the call writes them
 * (a receiver is no argument):
 *     0        the argument at this position
 *     2+       the one at this position and all after it
 *     func     the one with this keyword; "0,func" is one parameter, in both spellings
 *     **       all keywords
 *     *        all arguments, by position and keyword
 *     @self    the receiver
 *     @result  what the call returns
 * and nothing for a removal that does not name its object. */
typedef struct EffectRow {
    const char *name; /* `functools.partial`, `sqlite3.Connection.create_function` */
    Origin origin;
    EffectHolder holder;
    int holder_index; /* argument, for HELD_BY_ARGUMENT and removals from one, else -1 */
    const char *held;
    const char *how; /* edge as a reader sees it: ".func", ".args[]", "trace callback"; a removal
                        has that of the rows that it undoes */
    u32 flags;       /* EFFECT_* */
} EffectRow;

/* The first row of the name and how many follow with the same name, or NULL. A method that has no
 * rows under the name of its class is looked up in the classes above: `threading.Timer.start` has
 * those of `threading.Thread.start`. `threading.Thread.__init__`, which a subclass calls, has those
 * of the class; what they call the result is then the receiver. */
const EffectRow *know_effects(Str canonical, u32 *n);
/* True when the row's `held` takes in the argument at this position, the keyword argument of this
 * name, the receiver, the result. */
bool effect_has_position(const EffectRow *row, u32 position);
bool effect_has_keyword(const EffectRow *row, Str keyword);
bool effect_has_receiver(const EffectRow *row);
bool effect_has_result(const EffectRow *row);
/* Minor numbers of Python 3 that the row is true from, and true before; 0 for no such end. */
static inline u32 effect_since(const EffectRow *row) {
    return row->flags >> 16 & 0xff;
}
static inline u32 effect_before(const EffectRow *row) {
    return row->flags >> 24;
}

/* The function hands out what a process has one of, and which stays: `Gdk.Screen.get_default`. */
bool know_is_shared(Str function);
/* A class of GObject, or what one of its functions gives, by the name: its `connect` holds what it
 * is given strongly, until it is disconnected or the object goes. */
bool know_is_gobject(Str name);
/* The class of what calling a function outside the project returns, awaited if it is a coroutine:
 * `sqlite3.connect` gives `sqlite3.Connection`; a class gives itself when rows speak of its methods
 * or of those of a class above it. Empty when unknown. */
Str know_result_class(Str canonical);
/* The nth class above a class outside the project, or the nth class of an object that a module
 * outside holds: `threading.Thread` for `threading.Timer`, `logging.Logger` for `logging.root`.
 * Empty when there is none. */
Str know_base_class(Str canonical, u32 nth);

/* ---- pairs: what takes back what (know/pairs.c) ---- */

/* Two method names that belong together whatever they are called on: what the second takes out is
 * what the first put in. */
typedef struct UndoRow {
    const char *adds;
    const char *removes;
    u32 flags; /* UNDO_* */
} UndoRow;
enum {
    UNDO_WEAK = 1 << 0,    /* the usual receivers of this name refer weakly to what they get */
    UNDO_LISTENS = 1 << 1, /* an argument is kept, to be called when something happens */
    UNDO_ONCE = 1 << 2,    /* … once: then the receiver lets go of it */
    UNDO_RESULT = 1 << 3,  /* `removes` is a method of what `adds` returned */
};
/* The row of a pair of method names, or NULL; any undo of `adds` when `removes` is empty. Names
 * with more behind them are pairs when the rest is the same: `add_reader` and `remove_reader`. */
const UndoRow *know_undo(Str adds, Str removes);
/* The name that takes back `adds`, written into `room` if it has to be put together; empty when
 * there is none, or when it does not fit. */
Str know_undo_name(Str adds, char *room, u32 size);
/* True for a method that, by its name, keeps a callable argument for events to come: `subscribe`,
 * `add_listener`, `add_close_callback` … */
bool know_is_listening(Str method);
/* True for a method that lets go of whatever `adds` gave its receiver: a name of a pair, or one
 * that removes all: `remove_all_listeners`. */
bool know_is_undoing(Str adds, Str method);
/* True for a keyword of such a method by which the receiver lets go of the callback itself:
 * `connect(callback, until=button.destroyed)`. */
bool know_is_ending_keyword(Str keyword);
/* True for a method that runs its receiver until it is stopped: `loop.run_forever()`. */
bool know_is_running(Str method);

/* How the receiver of a callback holds it. */
typedef enum PairHold {
    PAIR_STRONG,
    PAIR_WEAK,         /* weakly, whatever it is */
    PAIR_WEAK_METHODS, /* bound methods weakly, all else strongly */
} PairHold;
enum {
    PAIR_ONCE = 1 << 0,    /* the receiver lets go when it has called it */
    PAIR_SLOT = 1 << 1,    /* one slot, or one for each key: the next call replaces what is held */
    PAIR_PROCESS = 1 << 2, /* the receiver is the interpreter, or lives as long */
    PAIR_LOGGER = 1 << 3,  /* handlers and filters of logging */
    PAIR_ALL = 1 << 4,     /* all arguments are kept, not only the callback */
    PAIR_ASSIGN = 1 << 5,  /* not a call: the name is an attribute that is assigned to */
    PAIR_HOLDER = 1 << 6,  /* the receiver is argument 0: sqlalchemy.event.listen */
    PAIR_TIMER = 1 << 7,   /* it is called again and again, until it returns nothing that is true */
};
/* What gives a callback to something, by canonical name, and what takes it back. */
typedef struct PairRow {
    const char *adds; /* `asyncio.AbstractEventLoop.add_reader`, `atexit.register` */
    Origin origin;
    const char *removes;  /* separated by commas: methods of the same receiver, canonical names of
                             functions, `.cancel` for a method of what the call returned; empty when
                             nothing takes it back */
    int callback;         /* its argument index, or -1 when only a keyword or the receiver is it */
    const char *keywords; /* its keywords, separated by commas; empty when there is none */
    PairHold hold;
    const char *weak_keyword; /* True: weakly; False: strongly. NULL when nothing changes it */
    u32 flags;                /* PAIR_* */
    const char *source;       /* file of the package that shows it, or page of its manual */
} PairRow;
/* The row of a canonical name, or NULL. A method that has no row under the name of its class is
 * looked up in the classes above. */
const PairRow *know_pair(Str canonical);
/* True for a method that some row speaks of and that know_is_listening does not know: `add_job`. */
bool know_has_pair_method(Str method);
/* True when the row says that this takes back what it gives: a method's name, or a canonical one.
 */
bool pair_is_undone_by(const PairRow *row, Str canonical, Str method);
/* The first of its `removes`, or empty. */
Str pair_undo(const PairRow *row);

/* A pair of the project's own, from its configuration. */
typedef struct Model {
    Str add;            /* canonical: "pkg.bus.Bus.subscribe" */
    const Str *removes; /* the same; empty when nothing takes it back */
    u32 n_removes;
    bool weak;    /* the receiver refers weakly to the callback */
    int callback; /* its argument index, the receiver not counted */
} Model;
typedef struct Models {
    const Model *v;
    u32 n;
} Models;
/* The model of a canonical name, or NULL: the first that was configured. */
const Model *models_find(const Models *models, Str canonical);
/* True when some model's `add` ends in this name. */
bool models_have_method(const Models *models, Str method);

/* ---- what a call does to its thread (know/blocking.c, blocking_work.c, blocking_other.c) ---- */

typedef enum Cost {
    COST_CHEAP,    /* over at once, with the GIL held; a loop in C over its argument, too: sum */
    COST_HOLDS,    /* C code that can take long, and holds the GIL: re, json, pickle */
    COST_RELEASES, /* code that can take long, and lets other threads run meanwhile: zlib, numpy */
    COST_HEAVY,    /* the same, and one call takes many milliseconds by design: bcrypt, pbkdf2 */
    COST_WAITS,    /* waits for something outside of the thread; others run meanwhile */
} Cost;

typedef enum WaitKind {
    WAIT_NOT,
    WAIT_SLEEP,
    WAIT_PROCESS, /* for the end of a child process */
    WAIT_START,   /* for a child process to start */
    WAIT_NETWORK,
    WAIT_DATABASE,
    WAIT_DISK,
    WAIT_USER,
    WAIT_LOCK,
    WAIT_EVENT, /* threading.Event and its kin */
    WAIT_QUEUE,
    WAIT_THREAD,
    WAIT_FUTURE, /* the result of another thread or process */
    WAIT_OUTPUT, /* print, logging: hardly ever long */
    WAIT_KINDS,
} WaitKind;
const char *wait_text(WaitKind kind); /* "a timer", "the network" … */

typedef struct CostRow {
    const char *name; /* canonical; with a dot at the end all of a module or class: "numpy." */
    Origin origin;
    Cost cost;
    WaitKind wait; /* COST_WAITS */
    int argument;  /* whose size (or number of seconds) decides, or -1 */
    u32 size;      /* bytes up to which COST_RELEASES holds the GIL after all */
} CostRow;

/* What calling a function or class by canonical name does: its own row, else that of the longest
 * module or class around it; NULL when unknown. */
const CostRow *know_cost(Str canonical);
/* The same for a method of an object whose class, or the function that made it, is known; classes
 * above it are looked at. */
const CostRow *know_method_cost(Str class_name, Str method);
/* True for a method that texts, numbers and containers have and hardly anything else: `append`. */
bool know_is_brief_method(Str method);

/* ---- who runs a callable elsewhere (know/handover.c) ---- */

typedef enum RunnerKind {
    RUNNER_THREAD,   /* a thread of its own, when it is started */
    RUNNER_POOL,     /* a pool of threads: one call of the callable */
    RUNNER_MAP,      /* a pool of threads: a call for each element */
    RUNNER_AWAITED,  /* a thread of a pool, and a coroutine awaits the result */
    RUNNER_GREENLET, /* a greenlet of the same thread: one call */
    RUNNER_GREENLETS /* a call for each element */
} RunnerKind;

typedef struct HandoverRow {
    const char *name; /* canonical; ".method" stands for a method of anything */
    Origin origin;
    RunnerKind runner;
    int callable;        /* argument index */
    const char *keyword; /* its keyword, or NULL */
    bool is_started;     /* it runs at once, or when `start()` is called: Thread, Timer, Greenlet */
} HandoverRow;
/* The row of a canonical name, or NULL; of a method of an object whose class or maker is known. */
const HandoverRow *know_handover(Str canonical);
const HandoverRow *know_method_handover(Str class_name, Str method);
/* True for a function outside of the project whose call makes a coroutine: `asyncio.sleep`. */
bool know_is_coroutine(Str canonical);

/* ---- whose thread holds them while it runs (know/threaded.c) ---- */

typedef struct ThreadedRow {
    const char *name; /* canonical name of the class */
    Origin origin;
    const char *start;             /* the method that starts the thread */
    const char *stop, *other_stop; /* those that end it; the other one may be NULL */
} ThreadedRow;
const ThreadedRow *know_threaded(Str canonical);

/* ---- methods and running code (know/protocols.c) ---- */

typedef enum Protocol {
    PROTOCOL_STOP,     /* method: tells a thread, loop, timer or server to end */
    PROTOCOL_SENTINEL, /* method: the same, when a constant is sent */
    PROTOCOL_SCHEDULE, /* method: the event loop holds the argument until it has run */
    PROTOCOL_ONCE,     /* method: the loop of a toolkit does so, and runs it once */
    PROTOCOL_ENDLESS,  /* method: returns when another one tells it to stop */
    PROTOCOL_LOCK,     /* canonical name of a lock that a thread cannot take twice */
} Protocol;

typedef struct ProtocolRow {
    const char *name;
    Protocol kind;
    int argument; /* of the callback or message, or -1 */
} ProtocolRow;
/* The row of a method or canonical name when it is of this kind, or NULL. */
const ProtocolRow *know_protocol(Str name, Protocol kind);

/* ---- what frameworks call once for each request, message, connection or job (know/served.c) ----
 */

typedef enum ServedBy {
    SERVED_DECORATED, /* what is decorated with it, whatever it is a method of */
    SERVED_OF_APP,    /* the same, when it is a method of something that is called an application, a
                         bot, a router … (know_is_app_name) */
    SERVED_ROUTE,     /* the same, or when its argument is a text that may be a path: "/users" */
    SERVED_GIVEN,     /* a function that is given to it */
} ServedBy;

typedef struct ServedRow {
    const char *name; /* last name of the decorator, or of the function that is given another */
    ServedBy by;
    int argument;        /* of the path or the function, or -1 */
    const char *keyword; /* of the same, or NULL */
} ServedRow;
/* The row of a last name, or NULL. */
const ServedRow *know_served(Str name);
bool know_is_app_name(Str variable);
/* An attribute of a request that holds what its client sends: `headers`, `query`, `path`. */
bool know_is_sent_name(Str attribute);
/* True for the canonical name of an object of a module that stands for the request at hand, and of
 * its attributes: `flask.request.args`. */
bool know_is_request_proxy(Str canonical);

typedef struct ServingRow {
    const char *base;    /* last name of a base class */
    const char *package; /* how its full name starts */
    const char *methods; /* separated by spaces; with an underscore at the end, starts of names */
} ServingRow;
/* True for a canonical name that a row may be about. */
bool know_is_serving_base(Str base);
/* True for a method of a class that derives from `base`, a canonical name, which the framework
 * calls in that way. */
bool know_is_serving(Str base, Str method);
/* True for a base, by its canonical name, of which the framework makes an instance for each request
 * or connection. */
bool know_is_made_per_request(Str base);

/* ---- immutable types (know/immutables.c) ---- */

/* A type that fixes its value in `__new__`, and whose `__init__` is that of object. */
typedef struct ImmutableRow {
    const char *name;
    Origin origin;
    u32 most; /* arguments that a call takes at most, keywords included */
} ImmutableRow;
/* The row of a canonical name, or NULL. */
const ImmutableRow *know_immutable(Str canonical);
/* ---- what runs beside, and what keeps it apart (know/concurrency.c) ---- */

typedef enum ConcurrentKind {
    CONCURRENT_NONE,
    CONCURRENT_LOCK,         /* acquire() and release(): locks, conditions, semaphores */
    CONCURRENT_ASYNC_LOCK,   /* the same, and acquire() is awaited */
    CONCURRENT_ASYNC_SIGNAL, /* wait(), get(), join() are awaited until somebody calls set(), put()
                              */
    CONCURRENT_THREAD,       /* runs from start() on */
    CONCURRENT_TIMER,
    CONCURRENT_THREAD_STARTED,  /* a function: the thread runs when it returns */
    CONCURRENT_THREAD_POOL,     /* close(), terminate(), join() */
    CONCURRENT_THREAD_EXECUTOR, /* shutdown() */
    CONCURRENT_PROCESS,
    CONCURRENT_PROCESS_POOL,
    CONCURRENT_PROCESS_EXECUTOR,
    CONCURRENT_FORK, /* a function that goes on in two processes */
} ConcurrentKind;

typedef struct ConcurrencyRow {
    const char *name; /* canonical name of the class or function */
    Origin origin;
    ConcurrentKind kind;
} ConcurrencyRow;
/* What a call of a canonical name makes. */
ConcurrentKind know_concurrency(Str canonical);
/* Is a variable or attribute of this name a lock, condition or semaphore: `_lock`, `rlock`, `cond`?
 */
bool know_is_lock_name(Str name);

/* ---- waits (know/awaited.c) ---- */

/* What is awaited of the package, module or class of this name, or of what is below it, is referred
 * to by the event loop or by a thread: a transport, a timer, an executor. */
bool know_is_held_by_loop(Str canonical);
const char *know_awaited_name(u32 i); /* of the row; NULL behind the last */

/* ---- owned resources (know/resources.c) ---- */

typedef enum ResourceKind {
    RESOURCE_NONE,
    RESOURCE_FILE,
    RESOURCE_SOCKET,
    RESOURCE_PROCESS,
    RESOURCE_THREAD,
    RESOURCE_EXECUTOR, /* pools too */
    RESOURCE_CONNECTION,
    RESOURCE_LOCK_FILE,
    RESOURCE_MMAP,
    RESOURCE_TEMPORARY,
    RESOURCE_SERVER,
    RESOURCE_EVENT_LOOP,
    RESOURCE_HANDLER, /* of logging */
    RESOURCE_MEMORY,  /* large buffers: shared memory, device memory */
} ResourceKind;
const char *resource_text(ResourceKind kind); /* "file", "socket" … */

enum {
    RESOURCE_TUPLE = 1 << 0,   /* the result is a tuple with the resources: os.pipe, mkstemp */
    RESOURCE_STARTED = 1 << 1, /* acquired by `start()` of the result: threading.Thread */
    RESOURCE_AWAITED = 1 << 2, /* acquired when the call is awaited or entered: asyncpg.connect */
    RESOURCE_STAYS = 1 << 3,   /* dropping the last reference releases nothing: os.open, mkdtemp */
    RESOURCE_FIRST = 1 << 4,   /* … of which only the first element is one: mkstemp, accept */
    RESOURCE_QUIET = 1 << 5,   /* it is made to be dropped, or to live as long as its program: a
                                  temporary file, the pool of a client */
    RESOURCE_WRAPS = 1 << 7, /* given an open file instead of a path it leaves that open: only what
                                is written has to be finished */
    RESOURCE_WITH_STAYS = 1 << 8, /* its own `with` ends something else, a transaction, and leaves
                                     it open */
    RESOURCE_WRITING = 1 << 6,    /* what RESOURCE_SINCE says is true for what is opened to write */
};
/* Versions of Python 3, by minor numbers, among the flags. Since: dropping the last reference
 * releases nothing, only the cyclic collector does (3: in all of them). Until: before it, dropping
 * the last reference released nothing at all. */
#define RESOURCE_SINCE(minor) ((u32)(minor) << 16)
#define RESOURCE_UNTIL(minor) ((u32)(minor) << 24)

typedef struct ResourceRow {
    const char *name; /* canonical name of the function or class that acquires it */
    Origin origin;
    ResourceKind kind;
    const char *releases; /* methods that release it, separated by commas: "close,shutdown"; one
                             with a dot is a function that is given the resource: "os.close" */
    u32 flags;            /* RESOURCE_TUPLE … */
} ResourceRow;
/* The row of a call by canonical name, or NULL. */
const ResourceRow *know_resource(Str canonical);
/* True when this method, or this function by canonical name, releases what the row acquires. */
bool resource_has_release(const ResourceRow *row, Str name);
/* See RESOURCE_SINCE and RESOURCE_UNTIL; 0 for no such version. */
static inline u32 resource_since(const ResourceRow *row) {
    return row->flags >> 16 & 0xff;
}
static inline u32 resource_until(const ResourceRow *row) {
    return row->flags >> 24;
}

/* ---- who uses a resource without taking it over (know/borrowers.c) ---- */

typedef enum Borrowing {
    BORROWS_NOT,   /* it may keep or release what it is given */
    BORROWS_NOW,   /* during the call: json.load, os.write, subprocess.run */
    BORROWS_LATER, /* while its result is used: csv.reader, zipfile.ZipFile */
} Borrowing;
/* What a function does with a resource that is among its arguments. */
Borrowing know_borrowing(Str canonical);
/* True for a method whose result holds the resource that it is called on: `cursor`, `makefile` … */
bool know_is_lending(Str method);
/* True for an attribute that does not lead back to the resource: `name`, `pid`, `stdout` … */
bool know_is_plain_attribute(Str name);

/* ---- windows, timers and threads of toolkits (know/windows.c) ---- */

typedef enum Toolkit {
    TOOLKIT_NONE,
    TOOLKIT_QT,
    TOOLKIT_GTK,
    TOOLKIT_TK,
    TOOLKIT_WX,
    TOOLKIT_WX_NATIVE, /* wx, of a dialog of the desktop, which it keeps in no list */
} Toolkit;

typedef struct WindowRow {
    const char *name; /* "QMenu", "Gtk.Dialog" */
    Toolkit toolkit;
    u32 before; /* Qt: positional arguments before the parent, at least */
} WindowRow;
/* By a canonical name or a part of it; NULL when there is none. */
const WindowRow *know_window(Str name);
/* `QObject`: Qt's classes begin with a Q, by whatever module they come. */
bool know_is_qt_name(Str name);
/* True for the name of a method, flag or signal that ends such an object. */
bool know_destroys_window(Str name);
/* … or for a function that may do so with what it is given: `delete_when_closed`. */
bool know_speaks_of_end(Str name);
/* By its name, a class of windows that are open for a moment. */
bool know_is_brief_window(Str class_name);
/* True for a method that shows a window and returns when it is closed. */
bool know_runs_window(Str method);
/* By its name, a class of windows that tell something and ask for an answer. */
bool know_is_message_window(Str class_name);
/* By its bare name, one that a user opens a few times: `AboutDialog`, `HelpWindow`. */
bool know_is_help_window(Str class_name);
/* … or one that changes how the program works: `ConfigDialog`, `EncodingDialog`. */
bool know_is_rare_window(Str class_name);
/* By its name, a method that tells about the program: `on_about`, `showAboutDialog`. */
bool know_opens_help(Str method);
/* By its name, a variable that has the main window of a program: `main_window`, `mw`. */
bool know_is_main_window_name(Str name);
/* By its canonical name, a class of wx for small parts of a window: `wx.Button`. */
bool know_is_small_control(Str class_name);
/* True for a method of Qt's widgets that runs with each event: `mousePressEvent` … */
bool know_is_window_event(Str method);
bool know_is_showing_event(Str method); /* … but of a main window only once */
/* of a model or delegate of Qt: `fetchMore`, `setData` */
bool know_is_model_event(Str method);

/* ---- names and types that tell what an object is ---- */

/* True when a variable, parameter or attribute of this name denotes an object of one request,
 * message or connection: `request`, `conn`, `msg` … as the whole name or after an underscore. */
bool know_is_request_name(Str name);
/* The same for a class, by canonical or bare name: `socket.socket`, `HttpRequest`, `DbSession`. */
bool know_is_request_type(Str canonical);
/* Is a class of this name, by its last word, one of which a program has few that live long:
 * `ConnectionManager`, `Pool`; or one whose instances die young or are data: `Parser`, `Node`? */
bool know_is_manager_type(Str name);
bool know_is_brief_type(Str name);
/* True for the name of an attribute that leads from a part to its whole: `parent`, `owner` … */
bool know_is_back_reference(Str name);
/* True for what is called or iterated and holds what it does so with, by canonical name:
 * `functools.partial`, `types.MethodType`, `builtins.iter`, `contextlib.ExitStack` … */
bool know_is_code(Str canonical);
/* True for a method that keeps a callable argument, whatever library it is of: `connect`,
 * `subscribe`, `add_listener` … */
bool know_is_registering(Str method);
/* The same for a class of exceptions: `builtins.KeyError`, `requests.Timeout` by their names. */
bool know_is_exception_type(Str canonical);
/* An annotation whose values are large as a rule, or hold memory of a device: `numpy.ndarray`. */
bool know_is_large_type(Str canonical);
/* True for a name that denotes an identity: `id`, `uuid`, `pk`, `*_id` … */
bool know_is_id_name(Str name);
/* What things are sorted by: `event_type`, `kind`, `severity`. As a rule there are few of them.
 * `state` is none: so is the token called that a login sends. */
bool know_is_kind_name(Str name);
/* True for the name of something that a program has some of for long: `device`, `deployment` … */
bool know_is_lasting_name(Str name);
/* The Python 3 minor version from which on a module ("unittest.mock") or a name of one ("abc.ABC")
 * can be imported in every build of CPython; 0 when nothing is known (know/standard.c). */
u32 know_standard_since(Str canonical);
/* "xml", and not "uuid": a module of the standard library that has others below it. */
bool know_is_standard_package(Str top);

/* An annotation whose values form a set that the source bounds: bool, Literal, Enum, type … */
bool know_is_closed_type(Str canonical);
/* An annotation whose values hold no other object: str, int, bytes, datetime … */
bool know_is_plain_type(Str canonical);

/* A type, or a function whose result has such a type, that is large as a rule: bytes, arrays, data
 * frames, images. */
bool know_is_large(Str canonical);
/* A constructor of connections that nobody waits for: nothing is open yet, or a thread of its own
 * holds it and closes it when the other side goes. */
bool know_needs_no_closing(Str canonical);
/* A method whose result is, whatever the receiver: `read`, `getvalue`, `to_numpy` … */
bool know_is_large_method(Str method);

/* ---- whole tables, for tests and documentation ---- */

const ConstructorRow *know_constructors(u32 *n);
const MethodRow *know_methods(u32 *n);
const CallRow *know_calls(u32 *n);
const CacheRow *know_caches(u32 *n);
enum { EFFECT_TABLES = 3 };
const EffectRow *know_effect_rows(u32 table, u32 *n); /* table 0 to EFFECT_TABLES - 1 */
const ResourceRow *know_resources(u32 *n);
const UndoRow *know_undos(u32 *n);
const PairRow *know_pairs(u32 *n);
const ProtocolRow *know_protocols(u32 *n);
const ServedRow *know_served_rows(u32 *n);
const ServingRow *know_serving_rows(u32 *n); /* names may repeat */
enum { COST_TABLES = 3 };
const CostRow *know_costs(u32 table, u32 *n); /* table 0 to COST_TABLES - 1 */
const HandoverRow *know_handovers(u32 *n);
const ThreadedRow *know_threaded_rows(u32 *n);
const WindowRow *know_windows(u32 *n);
const ImmutableRow *know_immutables(u32 *n);
const ConcurrencyRow *know_concurrency_rows(u32 *n);

/* A name and the class that belongs to it. */
typedef struct ClassRow {
    const char *name;
    Origin origin;
    const char *class_name;
} ClassRow;
const ClassRow *know_results(u32 *n); /* functions and the class of what they return */
const ClassRow *know_bases(u32 *n);   /* classes and objects with a class above; names may repeat */

/* A sorted list of words with what they are. */
typedef struct WordRow {
    const char *word;
    u32 flags; /* WORD_* */
} WordRow;
enum {
    WORD_REQUEST = 1 << 0,      /* variable names, whole or last part */
    WORD_REQUEST_TYPE = 1 << 1, /* ends of class names */
    WORD_ID = 1 << 2,           /* variable names, whole or last part */
    WORD_TASK_METHOD = 1 << 3,
    WORD_CLOSED_TYPE = 1 << 4,      /* canonical names */
    WORD_PLAIN_TYPE = 1 << 5,       /* canonical names */
    WORD_KEY_FUNCTION = 1 << 6,     /* canonical names */
    WORD_NOT_REQUEST_TYPE = 1 << 7, /* canonical names that only look like one */
    WORD_BACK_REFERENCE = 1 << 8,   /* attribute names, whole or last part */
    WORD_CODE = 1 << 9,             /* canonical names */
    WORD_REGISTERING = 1 << 10,     /* method names */
    WORD_LARGE = 1 << 11,           /* canonical names */
    WORD_LARGE_METHOD = 1 << 12,
    WORD_EXCEPTION_TYPE = 1 << 13, /* ends of class names */
    WORD_LARGE_TYPE = 1 << 14,     /* canonical names */
    WORD_MANAGER_TYPE = 1 << 15,   /* ends of class names */
    WORD_BRIEF_TYPE = 1 << 16,     /* ends of class names */
    WORD_LASTING = 1 << 17,        /* variable names, whole or last part */
    WORD_KIND = 1 << 18,           /* names of variables and keys, whole or last part */
};
const WordRow *know_words(u32 *n);

#endif
