/* What caches and tables of the interpreter keep, and how many keys they can get. A part of
 * graph.h, which everybody includes. */
#ifndef LIMPET_GRAPH_CACHES_H
#define LIMPET_GRAPH_CACHES_H

#include "graph/graph.h"

/* ---- what comes as arguments (graph/domain.c) ---- */

/* How many different keys can be made of some values, and what each of them keeps; worst last. */
typedef enum DomainKind {
    DOMAIN_CLOSED,     /* as many as the source has: constants, flags, Enum members, classes */
    DOMAIN_UNHASHABLE, /* no key at all: the call raises */
    DOMAIN_PLAIN,      /* texts and numbers: without end, and they hold nothing */
    DOMAIN_UNKNOWN,
    DOMAIN_VALUE,    /* objects of which equal ones are one key */
    DOMAIN_IDENTITY, /* objects of which each is its own key */
    DOMAIN_REQUEST,  /* objects of one request, message or connection */
} DomainKind;

typedef struct Domain {
    DomainKind kind;
    Confidence confidence; /* of the last two: medium when the project makes them per call */
    ClassId class;         /* of DOMAIN_VALUE and DOMAIN_IDENTITY, when known */
    SymbolId parameter;    /* the parameter that decides, for graph_arguments_domain */
    Str what;              /* class or parameter, for messages */
} Domain;

/* What each key keeps is more than a text or number. */
static inline bool domain_is_rich(const Domain *d) {
    return d->kind == DOMAIN_IDENTITY || d->kind == DOMAIN_REQUEST;
}

/* The worst of what the parameters of a function can be, without the first `first` of them: by
 * annotation, by what the callers in the project pass, by name. Without parameters it is closed. */
Domain graph_arguments_domain(const Graph *g, ScopeRef function, u32 first);
/* The parameter, after the `first` ones, that has a frame, a traceback, or an object of one
 * request, message or connection; empty when none has. */
Str graph_grave_argument(const Graph *g, ScopeRef function, u32 first);
/* graph_arguments_domain for what a class is made with. `arena` is for the time of the call. */
Domain graph_constructor_domain(const Graph *g, Arena *arena, ClassId class);
/* The same for an expression; a tuple is as bad as the worst of its elements. */
Domain graph_value_domain(const Graph *g, u32 file, PathId value);
/* True for keys that seldom come again: numbers made of a content, combinations of many arguments.
 */
bool graph_is_wide_key(const Graph *g, u32 file, PathId key);
/* What a text is put together from: f-strings, `%`, `+`, `format`, `join`, `str` and locals that
 * are bound once are followed. */
typedef struct TextParts {
    u32 shape;       /* SHAPE_* of all parts */
    bool is_fresh;   /* a part that does not come again: id(), uuid, time, a counter */
    bool is_of_self; /* … and that is `id(self)`: one for each instance */
    Str fresh;       /* for messages: "id()", "counter" */
} TextParts;
TextParts graph_text_parts(const Graph *g, u32 file, PathId text);
/* Some call outside of tests and import time makes an instance of the class or of a subclass. */
bool graph_is_made_per_call(const Graph *g, ClassId c);

/* ---- tables of the interpreter (graph/tables.c) ---- */

typedef enum ProcessTable {
    TABLE_NONE,
    TABLE_MODULES,  /* sys.modules[…] = … */
    TABLE_LINES,    /* linecache.cache[…] = … */
    TABLE_PATH,     /* sys.path.append, insert */
    TABLE_PICKLER,  /* the memo of a Pickler that is used again */
    TABLE_DEEPCOPY, /* a memo of copy.deepcopy that is used again */
    TABLE_OBJECTS,  /* gc.get_objects() that is kept */
    TABLE_INTERNED, /* sys.intern, of a text that does not come again */
    TABLE_NAMES,    /* setattr, with such a name */
    TABLE_WARNINGS, /* warnings.warn, with such a text */
    TABLES,
} ProcessTable;

typedef struct TableGrowth {
    ProcessTable table;
    OpRef op;
    ScopeRef function; /* that runs per call; for TABLE_OBJECTS any, or none */
    PathId what;       /* the key, entry, text; the pickler, memo or holder of the list */
    TextParts parts;   /* of a key or text */
    bool is_in_loop;
    bool is_ignored; /* a warning that the default filters ignore */
} TableGrowth;

/* Does a call fill such a table with what is new each time, and nothing in the file tend it? */
bool graph_table_growth(const Graph *g, OpRef call, TableGrowth *out);
/* The same for the stores of a file, in the order of the source; *out is in `arena`. */
u32 graph_table_stores(const Graph *g, u32 file, Arena *arena, TableGrowth **out);

/* ---- memo stores (graph/memo.c) ---- */

typedef enum MemoBound {
    MEMO_NONE,      /* the expression is no cache that keeps the arguments of calls */
    MEMO_UNBOUNDED, /* entries are never pushed out */
    MEMO_BOUNDED,   /* at most `size` entries */
    MEMO_UNKNOWN,   /* a bound that cannot be read */
} MemoBound;

/* A function cache as an expression makes it: `functools.lru_cache(maxsize=None)`, `memoize`. */
typedef struct Memo {
    MemoBound bound;
    u64 size;            /* entries, for MEMO_BOUNDED */
    Str name;            /* canonical name of the decorator, or the project function's */
    ScopeRef definition; /* the project's own memoiser, none for a known library */
    Span store;          /* in its file: where it keeps the arguments */
    Confidence confidence;
} Memo;

/* What the decorator expression `decorator` keeps for the function that it is applied to: known
 * libraries (know_cache) under any import name, with their size argument read, and the project's
 * own memoisers one level deep (an inner function that stores into a dict of the enclosing function
 * under a key made of its arguments, with nothing that ever removes an entry; or one that applies a
 * known cache to its parameter). A cache of size 0, or keyed without the first argument, is
 * MEMO_NONE. */
Memo graph_memo_of(const Graph *g, u32 file, PathId decorator);
/* The function is decorated with such a cache, or with something that is called so: it runs once
 * for each entry (graph/instances.c). */
bool graph_is_memoised(const Graph *g, ScopeRef function);
/* The same for a value in call form: `lru_cache()(f)`, `cache(f)`, `property(cache(f))`; *function
 * is then the function or lambda that `f` is, or none. */
Memo graph_memo_applied(const Graph *g, u32 file, PathId value, ScopeRef *function);
/* True when the file mentions `<something>.<method>.cache_clear`, or another one does so with the
 * class: somebody empties the cache. */
bool graph_memo_is_cleared(const Graph *g, u32 file, Str method);
/* True when any file mentions `<function>.cache_clear` or its like, whatever the function is
 * reached by. */
bool graph_cache_is_cleared(const Graph *g, Str function);
/* Where the decorator with this index (from 0, in source order) is written: its expression, or the
 * name of the function when that cannot be told. */
Span graph_decorator_span(const Graph *g, ScopeRef function, u32 index);

/* ---- what is in a cache without a bound (graph/cached.c) ---- */

typedef struct Cached {
    Memo memo; /* bound is MEMO_UNBOUNDED */
    u32 file;
    Span span;         /* the decorator or the call */
    ScopeRef scope;    /* the function or class that is decorated, none for a call */
    Str name;          /* canonical, of the function or class */
    ScopeRef function; /* of the project, or none */
    ClassId class;     /* of the project, when a class is cached */
    bool is_class;
    Domain domain; /* of the keys; not closed */
} Cached;

/* A decorated function that is no instance method, and lives as long as the module. */
bool graph_cached_function(const Graph *g, ScopeRef function, Cached *out);
/* A decorated class of a module. `arena` is for the time of the call. */
bool graph_cached_class(const Graph *g, Arena *arena, ClassId class, Cached *out);
/* `lru_cache(None)(f)` or `cache(f)` at module level, by the call of the cache. */
bool graph_cached_call(const Graph *g, Arena *arena, OpRef call, Cached *out);
/* A mapping that grows by what is not found in it; *domain is that of its keys, and not closed.
 * `growth` is graph_growth of it. */
bool graph_is_memo_table(const Graph *g, ContainerId id, const Growth *growth, Domain *domain);

#endif
