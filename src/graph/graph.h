/* The linked project, and the questions that rules may ask of it.
 *
 * graph_link takes the frozen facts of all files and answers: what does this name mean (modules,
 * imports, re-exports, stars), what is this class (linearised bases, methods, attributes and their
 * kinds), how often does this code run, and for every long-lived container: who fills it, who
 * drains it, who else gets it. After the link nothing changes: every question may be asked from
 * many threads at once.
 *
 * Memory: everything lives in the arena given to graph_link; texts returned by questions live as
 * long. File ids are the indexes of the sorted file list. */
#ifndef LIMPET_GRAPH_GRAPH_H
#define LIMPET_GRAPH_GRAPH_H

#include "facts/facts.h"
#include "finding/finding.h"
#include "know/know.h"

typedef struct Graph Graph;

/* One file for the linker. */
typedef struct GraphFile {
    Str path;           /* as shown to the user; '/'-separated */
    Str real_path;      /* absolute, for finding package roots */
    const Facts *facts; /* NULL when the file could not be read: it still names a module */
} GraphFile;

/* Project-wide names. A scope is a module, class or function; a symbol a variable of one. */
typedef struct ScopeRef {
    u32 file;
    ScopeId scope;
} ScopeRef;
typedef struct SymbolRef {
    u32 file;
    SymbolId symbol;
} SymbolRef;
typedef struct OpRef {
    u32 file;
    OpId op;
} OpRef;
typedef struct ClassId {
    u32 i;
} ClassId; /* 0 is none */
typedef struct ContainerId {
    u32 i;
} ContainerId;

static inline bool scope_is_none(ScopeRef s) {
    return s.scope.i == 0;
}

/* How often the code at a place runs in one process, least first. */
typedef enum HowOften {
    RUNS_NEVER,    /* nothing reaches it (if TYPE_CHECKING) */
    RUNS_ONCE,     /* at import, outside loops */
    RUNS_IMPORT,   /* a number of times that the source bounds: decorators, __init_subclass__, loops
                      at import */
    RUNS_ON_START, /* only from `if __name__ == "__main__"` or a main function, outside unbounded
                      loops */
    RUNS_PER_INSTANCE,
    RUNS_PER_CALL,
    RUNS_PER_ROUND, /* in a loop of code that runs per call, or an endless loop */
} HowOften;
const char *how_often_text(HowOften how);

/* Links the project. `workers` bounds the threads used; the result does not depend on it. */
Graph *graph_link(Arena *arena, const GraphFile *files, u32 n, u32 workers);
/* Gives back what the graph owns beside the arena (texts). */
void graph_free(Graph *g);

/* ---- places and names ---- */

u32 graph_file_count(const Graph *g);
const Facts *graph_facts(const Graph *g, u32 file);
Str graph_module_name(const Graph *g, u32 file);
/* True for tests, benchmarks, examples and documentation, by path: they end in seconds. */
bool graph_is_test_file(const Graph *g, u32 file);
/* `pkg.mod.C.method`: for messages, scopes and fingerprints. */
Str graph_scope_name(const Graph *g, ScopeRef scope);
Place graph_place(const Graph *g, u32 file, Span span);

/* ---- what is in the graph ---- */

/* All functions and lambdas of a file in source order: pass the one before, begin with 0; 0 at the
 * end. */
ScopeId graph_next_function(const Graph *g, u32 file, ScopeId after);
u32 graph_class_count(const Graph *g);     /* ids 1..n */
u32 graph_container_count(const Graph *g); /* ids 1..n */

/* ---- meaning ---- */

/* The canonical dotted name of what a path evaluates to: through imports, aliases and re-exports,
 * for things outside the project (`functools.lru_cache`, `builtins.dict`) and inside it
 * (`pkg.mod.f`). Empty when it cannot be told. */
Str graph_name_of(const Graph *g, u32 file, PathId path);
/* The project function or class that a path names, or none. */
ScopeRef graph_definition_of(const Graph *g, u32 file, PathId path);
/* The class of instances that a path evaluates to, as far as constructor calls, annotations and
 * arguments at call sites tell; 0 when unknown. */
ClassId graph_type_of(const Graph *g, u32 file, PathId path);
/* For a local bound exactly once to another path: that path (followed as far as it goes). Else
 * itself. */
PathId graph_alias_of(const Graph *g, u32 file, PathId path);
/* How often the code in a region runs. */
HowOften graph_how_often(const Graph *g, u32 file, RegionId region);

/* ---- functions ---- */

/* The class whose body directly holds the function, or 0. */
ClassId graph_method_class(const Graph *g, ScopeRef function);
typedef enum MethodKind { METHOD_NONE, METHOD_INSTANCE, METHOD_CLASS, METHOD_STATIC } MethodKind;
/* By decorators and implicit rules (__new__, __init_subclass__, __class_getitem__). */
MethodKind graph_method_kind(const Graph *g, ScopeRef function);

/* ---- classes ---- */

ScopeRef graph_class_scope(const Graph *g, ClassId c);
ClassId graph_class_of_scope(const Graph *g, ScopeRef scope);
Str graph_class_name(const Graph *g, ClassId c);
/* The linearised bases (C3), the class first; *complete is false when a base is unknown. */
u32 graph_mro(const Graph *g, ClassId c, const ClassId **mro, bool *complete);
/* True when the class or a base, known or only named (`enum.Enum`, `builtins.type`), has this name.
 */
bool graph_is_subclass(const Graph *g, ClassId c, const char *dotted);
/* Method by name through the linearised bases, or none. */
ScopeRef graph_method(const Graph *g, ClassId c, const char *name);
/* True when all instances of the class in the project are made at import time, once each, and bound
 * to a module or class variable, there is at least one, and no other class derives from it. */
bool graph_only_module_instances(const Graph *g, ClassId c);
/* True when the class is made at module level (or in the body of such a class). */
bool graph_class_is_static(const Graph *g, ClassId c);

/* ---- containers ---- */

typedef enum HolderKind {
    HOLDER_NONE,
    HOLDER_GLOBAL,          /* a module global */
    HOLDER_CLASS_ATTRIBUTE, /* bound in the body of a module-level class, shared by its instances */
    HOLDER_SINGLETON,       /* attribute of the only instance of a class, held by a module global */
    HOLDER_FUNCTION_ATTRIBUTE, /* f.cache = {} on a module-level function */
} HolderKind;

typedef enum ContainerKind {
    CONTAINER_LIST,
    CONTAINER_DICT,
    CONTAINER_SET,
    CONTAINER_DEQUE,
    CONTAINER_DEFAULTDICT,
    CONTAINER_ORDERED_DICT,
    CONTAINER_COUNTER,
    CONTAINER_WEAK,
    CONTAINER_BOUNDED,
    CONTAINER_QUEUE,
    CONTAINER_OTHER,
} ContainerKind;

typedef enum UseKind {
    USE_GROW,   /* adds an element: append, [k] = v, setdefault, add, += … */
    USE_SHRINK, /* removes: pop, remove, clear, del, [:] =, |= … of the other kind */
    USE_REBIND, /* bound to a fresh container again, outside its definition */
    USE_GUARD,  /* len() is compared: a bound is kept somewhere */
    USE_ESCAPE, /* handed to code that we cannot see, returned, yielded, stored elsewhere */
    USE_READ,
} UseKind;

/* What an element or key is made of, worst first found. */
enum {
    SHAPE_CONSTANT = 1 << 0, /* literal, module constant */
    SHAPE_CLOSED =
        1 << 1, /* class, module-level function, Enum member, bool, Literal, type(x), __name__ */
    SHAPE_PARAMETER = 1 << 2, /* derived from a parameter of the function */
    SHAPE_ID = 1 << 3,        /* id(), uuid, .id, .*_id, counter, time */
    SHAPE_SELF = 1 << 4,      /* self, a bound method of it, a closure over it */
    SHAPE_TASK = 1 << 5,      /* asyncio task or future, thread, process */
    SHAPE_REQUEST = 1 << 6,   /* request, connection, session, message, socket … by type or name */
    SHAPE_INSTANCE = 1 << 7,  /* a fresh instance of a project class */
    SHAPE_EXCEPTION = 1 << 8, /* a caught exception, traceback or frame */
    SHAPE_ROUND = 1 << 9,     /* a loop variable */
    SHAPE_WEAK = 1 << 10,     /* weakref.ref, proxy, WeakMethod */
    SHAPE_FUNCTION = 1 << 11, /* a function or class made or passed in: a registration */
    SHAPE_TEXT = 1 << 12,     /* str, int … by annotation, f-string, arithmetic */
    SHAPE_OPEN = 1 << 13      /* anything else: the result of a call, an attribute */
};

typedef struct Use {
    UseKind kind;
    u32 file;
    OpId op;
    Str how;   /* "append", "[…] =", "del" … */
    u32 level; /* 0: the container itself, 1: a container inside it */
    bool through_alias;
    bool overwrites;       /* grow: constant key, so that it is replaced, not added */
    bool membership_guard; /* grow: only when `key not in container` (or the get was None) */
    u32 key_shape;         /* SHAPE_*, of the key (or of the element for list and set) */
    u32 value_shape;       /* of the value */
    PathId key, value;     /* in `file`; may be 0 */
    HowOften how_often;
    ScopeRef function; /* the enclosing function, none at module level */
} Use;

typedef struct Container {
    HolderKind holder;
    ContainerKind kind;
    Str name;       /* canonical dotted: pkg.mod.NAME, pkg.mod.C.attr */
    Str short_name; /* NAME, C.attr */
    u32 file;
    Span definition; /* where the container is made */
    OpId op;         /* its allocation or constructor call */
    ClassId owner;   /* class attribute, singleton */
    bool is_public;  /* no leading underscore, or in __all__ */
    const Use *uses; /* sorted by file and op */
    u32 n_uses;
} Container;

const Container *graph_container(const Graph *g, ContainerId id);

/* What becomes of a container over the whole program, first that fits. */
typedef enum Verdict {
    VERDICT_WEAK,     /* holds its elements weakly */
    VERDICT_BOUNDED,  /* maxlen, maxsize, or its length is compared somewhere */
    VERDICT_DRAINED,  /* something removes from it, at the level at which it grows, or rebinds it */
    VERDICT_SETTLED,  /* it grows only while modules are imported, or not at all */
    VERDICT_CONSTANT, /* the same keys are written again: the source bounds it */
    VERDICT_GROWS,
} Verdict;

typedef struct Growth {
    Verdict verdict;
    const Use *site;     /* VERDICT_GROWS: the growing use with the plainest facts */
    u32 sites;           /* how many uses grow it */
    u32 facts;           /* SHAPE_* of that site's key and value that make the growth serious */
    bool escapes;        /* code that we cannot see gets the container */
    bool doomed_removal; /* it is removed from, but only in __del__ of what it holds */
    bool by_callers; /* the site is known to run per call: not only because its callers are unknown
                      */
} Growth;

Growth graph_growth(const Graph *g, ContainerId id);

/* ---- printing (limpet graph) ---- */

void graph_print_text(const Graph *g, Buf *out);
void graph_print_dot(const Graph *g, Buf *out);
/* One object: "modules", "classes", "functions", "containers", each a list in the order of the
 * files; the form is described in graph/print_json.c. */
void graph_print_json(const Graph *g, Buf *out);

/* The classes of this canonical name or, when there is none, all whose names end in it
 * (`Pool`, `app.Pool`), in the order of the files; the list is in `arena`. */
u32 graph_classes_named(const Graph *g, Str name, Arena *arena, ClassId **classes);
/* The class name (its last part when `name` has one part) nearest to a misspelt one, or empty. */
Str graph_class_nearest(const Graph *g, Str name);

/* The pictures of classes, and who holds their instances (limpet graph --class). */
typedef enum GraphForm { GRAPH_FORM_TEXT, GRAPH_FORM_DOT, GRAPH_FORM_JSON } GraphForm;
void graph_print_classes(const Graph *g, const ClassId *classes, u32 n, GraphForm form, Buf *out);

/* ---- what an expression carries (graph/carry.c) ---- */

/* How the value of an expression holds another object. */
typedef enum CarryKind {
    CARRY_NOTHING,
    CARRY_ITSELF,         /* it is the object */
    CARRY_METHOD,         /* a bound method of it */
    CARRY_CLOSURE,        /* a lambda, inner function or generator with it free or as a default */
    CARRY_PARTIAL,        /* functools.partial, types.MethodType … with it among the arguments */
    CARRY_DISPLAY,        /* a list, tuple, dict or set around it */
    CARRY_INSTANCE,       /* a project object whose constructor kept it */
    CARRY_BACK_REFERENCE, /* an attribute of it (or a bound method of one) that refers back to it */
    CARRY_OWNER, /* the object that the attribute belongs to, where `object` is `owner.attr` */
} CarryKind;

typedef struct Carry {
    CarryKind kind;
    Confidence confidence; /* that the value holds the object; means nothing for CARRY_NOTHING */
    Str name;              /* the method, function or class through which it holds it, or empty */
    bool has_place;
    u32 file; /* where that is defined, or where the back reference is stored */
    Span place;
} Carry;

/* The one classifier of expressions: does the value of `value` hold strongly the object that
 * `object` evaluates to at the same place of the same file? Aliases (locals bound once), closures,
 * partials, displays and constructors that keep an argument are followed a few steps. Values of
 * attributes, static and class methods, properties, weak references and results of unknown calls
 * carry nothing. */
Carry graph_carries(const Graph *g, u32 file, PathId value, PathId object);

/* ---- facts about the program (graph/program.c) ---- */

/* True when a program that the file belongs to runs without the cyclic collector: some module in
 * the import closure of one root (script, `__main__`) turns it off for good (`gc.disable()`,
 * `gc.set_threshold(0)`, `DEBUG_SAVEALL`) and none ever calls `gc.collect()`. *where is that call.
 * Tests, benchmarks and examples are no roots. */
bool graph_collector_is_off(const Graph *g, u32 file, OpRef *where);

/* ---- what classes do with their attributes (graph/picture.c, graph/breaker.c) ---- */

/* The picture of an attribute `x` of a class is made of what the class, its bases and its
 * subclasses do with `self.x` (or `cls.x`), in methods and in class bodies, and of what other code
 * does with `owner.x` where the receiver's class is known. Locals that stand for the attribute, its
 * elements, views and iterators are followed inside one function. An attribute is named by a class
 * and a name; a class that inherits it may be asked as well as the one that defines it. */

/* What the definitions of an attribute agree on; definitions that say nothing do not count. */
typedef enum AttributeKind {
    ATTRIBUTE_UNKNOWN,   /* nothing is known, or several kinds */
    ATTRIBUTE_CONTAINER, /* of the project's own making: see Attribute.container */
    ATTRIBUTE_WEAK,      /* weakref.ref, proxy, WeakMethod: the call's result */
    ATTRIBUTE_LOCK,      /* locks, conditions, events, semaphores */
    ATTRIBUTE_RESOURCE,  /* what know_resource knows: see Attribute.resource */
    ATTRIBUTE_TASK,      /* task, future, thread, timer, process */
    ATTRIBUTE_INSTANCE,  /* of a class of the project: see Attribute.instance */
    ATTRIBUTE_FUNCTION,  /* function, lambda, bound method, partial */
    ATTRIBUTE_PLAIN,     /* text, number, bool: it holds no object */
    ATTRIBUTE_OUTSIDE,   /* made by something outside the project: see Attribute.made_by */
} AttributeKind;
const char *attribute_kind_text(AttributeKind kind); /* "container", "lock" … */

typedef enum AttributeUseKind {
    ATTRIBUTE_DEFINED,    /* bound to a value; also to None or an empty container in a constructor,
                             in the class body, or where it was empty (`if x is None: x = {}`) */
    ATTRIBUTE_EMPTIED,    /* all of it goes: = None, = [], del, clear() */
    ATTRIBUTE_GROWS,      /* an element is added: append, [k] =, a read of a defaultdict … */
    ATTRIBUTE_SHRINKS,    /* elements are removed: pop, discard, del [k], [k] = None … */
    ATTRIBUTE_MEASURED,   /* its length is compared: a bound is kept somewhere */
    ATTRIBUTE_RELEASED,   /* closed, stopped, joined: a release method of it (level 0) or of an
                             element (level 1 …); or entered by `with` */
    ATTRIBUTE_HANDED_OUT, /* returned, yielded, passed to code that is not known only to read it,
                             stored elsewhere, put into a display */
} AttributeUseKind;
const char *attribute_use_text(AttributeUseKind kind); /* "defined", "grows" … */

typedef struct AttributeUse {
    AttributeUseKind kind;
    u32 file;
    OpId op;
    Str how;            /* as a reader sees it: "append", "[…] =", "= None", "return" */
    u32 level;          /* 0: the value of the attribute, 1: an element of it … */
    bool through_alias; /* through a local variable, a loop variable or an iterator */
    bool by_other;      /* not through self or cls: code that has the object */
    bool is_callback; /* the bound method is handed out, to be called later: `f(self.x.discard)` */
    bool in_class_body;
    bool replaces;     /* defined: outside constructors, and not only where it was empty before */
    bool is_weak;      /* defined: None, a weak reference or a weak container */
    PathId key, value; /* in `file`: of the element, or the value that is bound; may be 0. What they
                          are made of: graph_shape */
    HowOften how_often;
    ScopeRef function; /* the enclosing function, none in class bodies and modules */
} AttributeUse;

typedef struct Attribute {
    Str name;
    ClassId owner;       /* the class itself or the nearest base that defines it; 0: nobody does */
    ClassId first_owner; /* the farthest base that does */
    AttributeKind kind;
    ContainerKind container; /* of ATTRIBUTE_CONTAINER, else CONTAINER_OTHER; CONTAINER_WEAK and
                                CONTAINER_BOUNDED are kinds too */
    ResourceKind resource;
    ClassId instance; /* the class of its values, 0 when unknown */
    Str made_by;      /* canonical name of the call that makes it, when its definitions agree */
    bool is_cut;      /* it has more uses than one question looks at (1000) */
    bool is_weak;     /* every definition that is not None or plain is weak, and there is one */
    const AttributeUse *uses; /* in the order of files and source; reads are not among them */
    u32 n_uses;
} Attribute;

/* The attributes that the class itself defines, in methods or in its body (if some method uses them
 * through self or cls), in the order in which they are met: pass the name before, begin with an
 * empty one; empty at the end. A step costs what one map look-up costs. */
Str graph_next_attribute(const Graph *g, ClassId c, Str after);
/* The picture; the list of uses is in `arena`. Costs as much as the attribute has uses in the
 * class, its bases and its subclasses (at most 200 classes and 1000 uses). */
Attribute graph_attribute(const Graph *g, ClassId c, Str name, Arena *arena);
/* True when every definition is weak: `weakref.ref(x)`, a proxy, a WeakMethod, a Weak… container,
 * or None; at least one is not None. */
bool graph_attribute_is_weak(const Graph *g, ClassId c, Str name);
/* The class of the values of `self.<name>` on instances of the class, or 0. */
ClassId graph_attribute_class(const Graph *g, ClassId c, Str name);
/* What a key or value is made of: SHAPE_*. */
u32 graph_shape(const Graph *g, u32 file, PathId path);

/* The method of the class, its bases or subclasses that releases the attribute's value, or its
 * elements: those that users can call come first, then `__exit__`, `__del__` and the rest, each in
 * the order of the source. None when nobody does. *where is the call. */
ScopeRef graph_attribute_releaser(const Graph *g, ClassId c, Str name, OpRef *where);

/* Does anything in the project remove from the container in `self.<name>` at `level` or above it
 * (an outer entry goes with all that is in it)? Methods of the class, its bases and its subclasses,
 * code that has the object, a length that is compared, and, where no class is known, removals by
 * name alone. A binding to something else outside constructors removes all; a container that is
 * bounded by kind (`deque(maxlen=…)`) is bounded by its definition, and a weak one removes by
 * itself. Code of tests and `__del__` of the class itself do not count. */
typedef enum RemovalKind {
    REMOVAL_NONE,
    REMOVAL_BY_NAME, /* by code that does not show of which class its receiver is */
    REMOVAL_BOUND,   /* nothing is seen to go, but the length is compared */
    REMOVAL_SURE,
} RemovalKind;
typedef struct Removal {
    RemovalKind kind;
    AttributeUse use; /* the first in the order of the source, for REMOVAL_BOUND and _SURE */
    bool escapes;     /* code that is not followed has the container, or the picture is cut */
} Removal;
Removal graph_attribute_removal(const Graph *g, ClassId c, Str name, u32 level);

/* A method of the class, its bases or subclasses that lets go of what instances hold in
 * `self.<attribute>`: it is set to None, deleted, emptied or replaced by something else that is
 * fresh, on every path through the method, and users can call it (no `__init__`, `__del__`, no name
 * with a leading underscore unless it is `__exit__`, `__aexit__` or called from such a method). The
 * first in the order of the source, or none. *where is the statement, in that method or in a helper
 * that it calls (one level). Branches that ask whether the attribute holds anything, or a flag that
 * the method sets itself, are not other paths; raising is not one either. A method that is
 * overridden counts through what calls it with super(); one that fills the attribute again later
 * does not count. Methods of other classes (`owner.child.attribute = None`) are not looked at. */
ScopeRef graph_attribute_breaker(const Graph *g, ClassId c, Str attribute, OpRef *where);

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
/* The same for a value in call form: `lru_cache()(f)`, `cache(f)`, `property(cache(f))`; *function
 * is then the function or lambda that `f` is, or none. */
Memo graph_memo_applied(const Graph *g, u32 file, PathId value, ScopeRef *function);
/* True when the file mentions `<something>.<method>.cache_clear`: somebody empties the cache. */
bool graph_memo_is_cleared(const Graph *g, u32 file, Str method);
/* Where the decorator with this index (from 0, in source order) is written: its expression, or the
 * name of the function when that cannot be told. */
Span graph_decorator_span(const Graph *g, ScopeRef function, u32 index);

/* ---- equality of instances (graph/hash.c) ---- */

typedef enum HashKind {
    HASH_IDENTITY, /* each instance is its own key */
    HASH_VALUE,    /* equal instances are one key: __hash__, frozen dataclass, NamedTuple, str … */
    HASH_NONE,     /* unhashable: __eq__ without __hash__, plain dataclass, list, dict … */
} HashKind;

/* How instances of the class behave as dictionary keys, by the class and its bases. */
HashKind graph_hash_kind(const Graph *g, ClassId c);

#endif
