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
    bool is_foreign;    /* not Python: names nothing, has no facts, findings may lie in it */
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

/* What the code is, as its configuration says. */
typedef enum Profile {
    PROFILE_SERVICE, /* it runs on: what it keeps per call grows */
    PROFILE_LIBRARY, /* code that is not read calls it, and may empty what is public */
    PROFILE_SCRIPT,  /* it ends in seconds: nothing that it keeps matters */
} Profile;

/* What a project says about itself. Texts must outlive the graph; zeroed is "nothing said". */
typedef struct GraphSettings {
    Profile profile;
    /* What lives as long as the process, by canonical names: classes (all their instances),
     * attributes of their instances, module variables (the object that they hold). */
    const Str *long_lived;
    u32 n_long_lived;
    Models models; /* pairs beside those of know/ */
    /* What extension types of the project keep, beside the rows of know/: sorted by name. */
    const EffectRow *effects;
    u32 n_effects;
} GraphSettings;

/* Links the project. `workers` bounds the threads used; the result does not depend on it.
 * `settings` may be NULL. */
Graph *graph_link(Arena *arena, const GraphFile *files, u32 n, u32 workers,
                  const GraphSettings *settings);
/* The rows of know_effects, or those that the settings add; NULL when there are none. */
const EffectRow *graph_effects(const Graph *g, Str canonical, u32 *n);
/* The rows that the settings add. */
const EffectRow *graph_own_effects(const Graph *g, u32 *n);
/* Gives back what the graph owns beside the arena (texts). */
void graph_free(Graph *g);

/* ---- places and names ---- */

u32 graph_file_count(const Graph *g);
const Facts *graph_facts(const Graph *g, u32 file);
Str graph_module_name(const Graph *g, u32 file);
Str graph_file_path(const Graph *g, u32 file); /* as shown to the user */
/* NUL-terminated, to read it again; empty for standard input. */
Str graph_real_path(const Graph *g, u32 file);
/* True for tests, benchmarks, examples and documentation, by path: they end in seconds. */
bool graph_is_test_file(const Graph *g, u32 file);
/* So many files are in the syntax of Python 2 that the project runs on nothing else. */
bool graph_is_python2(const Graph *g);
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
/* The canonical name of the call whose result a path is: through locals that are bound once,
 * attributes whose stores agree, and module variables. Empty when unknown. */
Str graph_maker_of(const Graph *g, u32 file, PathId path);
/* `super()`, `super(Base, self)` */
bool graph_is_super(const Graph *g, u32 file, PathId path);
/* How often the code in a region runs. */
HowOften graph_how_often(const Graph *g, u32 file, RegionId region);
/* `@click.command()`, `@cli.command()` of a module that uses a library for command lines: an entry
 * point of a program. */
bool graph_is_command(const Graph *g, ScopeRef function);
/* Has the coroutine the event loop to itself when the operation runs: all who call it run a new
 * loop for it (or it is a command), and nothing before makes another task? (alone.c) */
bool graph_runs_alone(const Graph *g, ScopeRef coroutine, OpId op);
/* Does a constant keep the region from running: `_IS_SYNC = False`, bound once by a module, and
 * `if _IS_SYNC:`? Whoever edits the constant switches it on. */
bool graph_is_switched_off(const Graph *g, u32 file, RegionId region);
/* The name of the constant when the place lies in such a region, else empty; *is_of_tests: it is
 * what only tests bring about, `if "pytest" in sys.modules:`. */
Str graph_switch_around(const Graph *g, Place place, bool *is_of_tests);

/* Does every call of its function that is known, but in tests, pass by the operation, as its
 * arguments and the defaults close the branch (`add(x, replace=True)` and the `else` of `if
 * replace:`)? False when there is none, or when others may call it. (argued.c) */
bool graph_is_passed_by(const Graph *g, OpRef at);
/* Does it stand in for an argument that is left out (`state or State(self)`, `if state is None:`),
 * and which code of the project, tests left out, gives? (argued.c) */
bool graph_stands_in(const Graph *g, OpRef at);

/* ---- functions ---- */

/* Who calls a function, directly or through methods of its class. */
typedef enum CalledBy {
    CALLED_BY_NOBODY,  /* it is private, and nothing calls it */
    CALLED_BY_USERS,   /* nothing in the project calls it; it is public, or a public method of its
                          class leads to it */
    CALLED_BY_PROJECT, /* code that is no test; or what is not seen: a decorator, somebody who got
                          it as a value, a base outside the project, a receiver of unknown class */
} CalledBy;
CalledBy graph_called_by(const Graph *g, ScopeRef function); /* module code: BY_PROJECT */
/* Does code of the project outside the function, and outside the class of a method, which is no
 * test, call it: in a loop, or where that code itself is called? */
bool graph_is_called_by_others(const Graph *g, ScopeRef function);
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
 * to a module or class variable, there is at least one, and no other class derives from it; or when
 * they are configured as long-lived. */
bool graph_only_module_instances(const Graph *g, ClassId c);
/* True when the class or a base names a metaclass in its header, or by six. */
bool graph_has_metaclass(const Graph *g, ClassId c);
/* What holds the instances of the class for good, as a reader writes it (`pkg.mod.app.pool`), when
 * all of them, and those of its subclasses, are held by modules, by class attributes or by objects
 * that are so held, and there is one; else empty. Instances that tests make do not count. */
Str graph_resident(const Graph *g, ClassId c);
/* All instances that modules hold, of the class and its subclasses, are there to show how it is
 * done, and there is one: in modules of settings that nothing imports, or where a module whose
 * class others use is run by itself (sample.c). */
bool graph_is_of_sample(const Graph *g, ClassId c);
/* True when the class is made at module level (or in the body of such a class). */
bool graph_class_is_static(const Graph *g, ClassId c);

/* ---- settings of the project (graph/settings.c) ---- */

Profile graph_profile(const Graph *g);
/* True when the configuration names this among what lives as long as the process. */
bool graph_is_configured_long_lived(const Graph *g, Str name);
/* Is there something of the name settings.long_lived[i]? */
bool graph_has_long_lived(const Graph *g, u32 i);
/* True when the class, or one that it derives from, is configured as long-lived, or the object of a
 * module variable that is. */
bool graph_is_long_lived_class(const Graph *g, ClassId c);
/* True in a library for functions and methods whose whole name is public: code that is not read may
 * call them. */
bool graph_users_may_call(const Graph *g, ScopeRef function);

/* ---- containers ---- */

typedef enum HolderKind {
    HOLDER_NONE,
    HOLDER_GLOBAL,          /* a module global */
    HOLDER_CLASS_ATTRIBUTE, /* bound in the body of a module-level class, shared by its instances */
    HOLDER_SINGLETON, /* attribute of an object that a module holds, directly or in an attribute of
                         such an object; or of one that module code makes */
    HOLDER_FUNCTION_ATTRIBUTE, /* f.cache = {} on a module-level function */
    HOLDER_DEFAULT, /* default of a parameter of a module-level function, or of a method of a
                       module-level class */
    HOLDER_CLOSURE, /* a variable that inner functions share, in a function that runs while modules
                       are imported: a decorator, a maker of handlers */
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
    SHAPE_OPEN = 1 << 13,     /* anything else: the result of a call, an attribute */
    SHAPE_SERVED = 1 << 14,   /* of a growing use only: added once for each request; */
    SHAPE_SENT = 1 << 15,     /* … its key is a text that a client sends; */
    SHAPE_OPENED = 1 << 16    /* … a function that runs again and again keeps an open file in it */
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
    bool admits_once;      /* grow: … this key or element: `x not in seen`, `seen.count(x) < 1` */
    bool through_instance; /* through `self` of a method, not through a class or module */
    u32 key_shape;         /* SHAPE_*, of the key (or of the element for list and set) */
    u32 value_shape;       /* of the value */
    PathId key, value;     /* in `file`; may be 0 */
    HowOften how_often;
    ScopeRef function; /* the enclosing function, none at module level */
} Use;

typedef struct Container {
    HolderKind holder;
    ContainerKind kind;
    Str name;       /* canonical dotted: pkg.mod.NAME, pkg.mod.C.attr, pkg.mod.app.jobs.items,
                       pkg.mod.f(seen=[]), pkg.mod.f.<locals>.seen */
    Str short_name; /* NAME, C.attr, app.jobs.items, f(seen=[]), f.<locals>.seen */
    u32 file;
    Span definition;   /* where the container is made */
    OpId op;           /* its allocation or constructor call */
    ClassId owner;     /* class attribute, singleton */
    ScopeRef function; /* HOLDER_DEFAULT, HOLDER_CLOSURE: whose default or variable it is */
    SymbolId variable; /* of these: the parameter or variable */
    bool is_unsure;  /* that it outlives the function is inferred: a decorator that the project does
                        not apply, a main function; or the object that has it gives way to a new
                        one with each call of a function */
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
    bool doomed_removal; /* it is removed from, but only in __del__ of what it holds, or: */
    const Use *emptied;  /* VERDICT_DRAINED: here all of it goes at once (`clear()`), and nothing
                            takes single entries out; or NULL */
    const Use *offered;  /* VERDICT_DRAINED: all that takes from it is one that takes all at once,
                            which is there for users and which nothing calls (`reset_all()`); the
                            rest of the record is as if it were not there; or NULL */
    bool is_of_start;    /* as far as it shows, only the start of the program runs the site */
    bool is_idle;        /* no call in the project comes to the site */
    bool by_callers; /* the site is known to run per call: not only because its callers are unknown
                      */
    const Use *idle_removal; /* something removes, in a function that nothing calls; or NULL */
    const Use *moving;       /* … or removes, in a function that always puts it back; or NULL */
    const Use *expiry; /* … or takes out what is too old, when it is asked for again; or NULL */
    u32 drained_level; /* what is this deep in it, or deeper, is removed; UINT32_MAX: nothing is */
    bool is_passed;    /* HOLDER_DEFAULT: all callers that are known pass an argument instead, or it
                          is a method that is only called through unknown receivers */
} Growth;

Growth graph_growth(const Graph *g, ContainerId id);
/* What the site adds is the same each time: under the names of files or sections that a function
 * loads again (`def reload(): for name in os.listdir(…): table[name] = …`), or a list of constants.
 * No other use adds anything serious (reloaded.c). */
bool graph_adds_the_same(const Graph *g, const Container *c, const Use *site);
/* The facts (SHAPE_*) that make a growing use serious by itself; see Growth.facts. */
u32 graph_serious_facts(const Graph *g, const Use *use);
/* Nothing but a name says that it adds requests, messages or connections, and they may be few: each
 * is let in once, or they are fields of what a loop gives (named.c). */
bool graph_is_request_by_name(const Graph *g, const Use *use);
/* The key of a growing use is, or is made of, what a client sends with a request: a header, a field
 * of the query or form, the path, its own address; the function is given it by a caller, is mapped
 * over it, or reads it itself, and asks no other collection for it before (graph/sent.c). */
bool graph_is_sent(const Graph *g, const Use *use);
bool graph_is_sent_key(const Graph *g, OpRef at, PathId key); /* of any operation on a table */
/* Under a key made of its parameters the function keeps a file or socket that it opens. */
bool graph_keeps_open(const Graph *g, const Use *use);
/* The key is named as the number of something that a program has some of for long, and not of one
 * request, message or call: `deployment_id`, `window.pane_id`, `device.address`. */
bool graph_is_lasting_number(const Graph *g, u32 file, PathId key);
/* A key that is called `event`: the name under which listeners are kept, and no object. */
bool graph_is_event_name(const Graph *g, u32 file, PathId key);
/* A variable that is called `callback`, `handler`, `cls` …. */
bool graph_is_code_name(const Graph *g, u32 file, PathId path);
/* The operation runs only when the process has become another one: `if self.pid != os.getpid()`. */
bool graph_is_after_fork(const Graph *g, u32 file, OpId op);
/* The use adds the instance itself: `self`, or something that `self` carries, in a method. */
bool graph_adds_self(const Graph *g, const Use *use);

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

/* Somebody who holds an instance of a class, as something above the graph knows it. */
typedef struct GraphPath {
    Str text;          /* "app.HANDLERS[…] -> bound method close -> instance of app.Job" */
    ClassId class;     /* the class, or a subclass */
    ScopeRef function; /* of which that is known */
    u32 file;          /* the statement */
    Span place;
    bool is_weak, is_brief, is_unsure;
} GraphPath;
typedef struct GraphPaths {
    const GraphPath *v;
    u32 n;
} GraphPaths;

/* The pictures of classes, and who holds their instances (limpet graph --class); paths[i] are
 * further holders of classes[i]. */
typedef enum GraphForm { GRAPH_FORM_TEXT, GRAPH_FORM_DOT, GRAPH_FORM_JSON } GraphForm;
void graph_print_classes(const Graph *g, const ClassId *classes, const GraphPaths *paths, u32 n,
                         GraphForm form, Buf *out);

/* Words of the printers: "dict", "weak" …; what becomes of a container: "grows", "drained" …; a
 * name in quotes for DOT. */
const char *graph_container_text(ContainerKind kind);
const char *graph_verdict_text(Verdict verdict);
void graph_dot_name(Buf *out, Str name);

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
    ClassId holder; /* CARRY_INSTANCE: its class, */
    Str attribute;  /* and the attribute that its constructor keeps the object in, or empty */
    bool is_guess;  /* it rests on `x.name` being a bound method of an object of unknown class */
} Carry;

/* The one classifier of expressions: does the value of `value` hold strongly the object that
 * `object` evaluates to at the same place of the same file? Aliases (locals bound once), closures,
 * partials, displays and constructors that keep an argument are followed a few steps. Values of
 * attributes, static and class methods, properties, weak references and results of unknown calls
 * carry nothing. */
Carry graph_carries(const Graph *g, u32 file, PathId value, PathId object);
/* The same where *object may be one of several (`x if owner is None else owner`): *object is set to
 * the first of them that the value carries. */
Carry graph_carries_one_of(const Graph *g, u32 file, PathId value, PathId *object);
/* `object` is, or was bound once to, `owner.attr` (or an attribute of that), which nothing but
 * constructors sets: does the value hold *owner, and so the object? */
Carry graph_carries_owner(const Graph *g, u32 file, PathId value, PathId object, PathId *owner);

/* ---- what a function does not come to (graph/exits.c) ---- */

/* A way out of a function on which something that was added at the operation `from` is not removed
 * by any of `removals`. Unlike graph_exit_with, calls count that may raise. */
typedef struct Skip {
    OpId raise;    /* a raise statement, or none */
    OpId returns;  /* a return statement, or none */
    OpId call;     /* a call, await or yield that may raise, or none */
    bool at_end;   /* the function ends without it */
    bool is_told;  /* all that may raise are like `print_d(…)`, `log_state(…)`, `x.is_open()`, or
                      waits without an end, which only raise when they are cancelled */
    bool is_timed; /* the call is a wait that raises when its time is over */
} Skip;
/* A test of the function, and how it does not come out while what was added is there. */
typedef struct Impossible {
    OpId test;
    bool outcome;
} Impossible;
/* What does not count. */
typedef struct Spared {
    PathId quiet; /* methods of it do not raise; or none */
    const Impossible *tests;
    u32 n_tests;
} Spared;
Skip graph_skip(const Graph *g, u32 file, OpId from, const OpId *removals, u32 n,
                const Spared *spared);

/* ---- functions and members by number and hash (graph/ask.c) ---- */
#include "graph/frames.h"

/* ---- owners that live as long as the process (graph/lasting.c) ---- */

typedef enum LastingKind {
    LASTING_NOT,    /* or nobody can tell */
    LASTING_MODULE, /* a variable of a module, or what it holds */
    LASTING_CLASS,  /* the class of a class method, or one that a metaclass makes */
    LASTING_OBJECT, /* `self` of a class whose instances are held by modules */
} LastingKind;
const char *lasting_text(LastingKind kind);

/* Whom does what a path of the function names belong to: `self.x`, `cls.x`, a module's variable? */
LastingKind graph_lasting_owner(const Graph *g, ScopeRef function, PathId path);

/* ---- facts about the program (graph/program.c) ---- */

/* All functions and lambdas of the project have ids 1..n, in the order of files and source. */
u32 graph_function_count(const Graph *g);
ScopeRef graph_function_scope(const Graph *g, u32 id);
u32 graph_function_id(const Graph *g, ScopeRef function); /* 0 for none */

typedef struct Callee {
    u32 function;    /* id of the project's function, methods included, or 0 */
    ClassId made;    /* the class that is instantiated, or 0 */
    bool is_unbound; /* `Base.method(self)`: the receiver is the first argument */
} Callee;
Callee graph_callee(const Graph *g, u32 file, OpId call);
/* How many calls of the function are known outside tests. */
u32 graph_caller_count(const Graph *g, ScopeRef function);

typedef enum MemberKind {
    MEMBER_NONE,     /* the class and its bases, all known, do not define it */
    MEMBER_UNKNOWN,  /* a base outside the project may define it */
    MEMBER_METHOD,   /* a plain method: `x.name` is bound to x */
    MEMBER_PROPERTY, /* its function runs when it is read */
    MEMBER_STATIC,   /* a static or class method */
    MEMBER_DATA,     /* bound in the class body to something else */
} MemberKind;
typedef struct Member {
    MemberKind kind;
    ScopeRef function;
    bool is_decorated; /* by something that may change what it is */
} Member;
/* What the class says of a name (by its hash) that instances do not store. */
Member graph_member(const Graph *g, ClassId c, u64 name);
/* May some class of the project have a property of that name? */
bool graph_may_be_property(const Graph *g, u64 name);
/* The setter of a property, or none. */
ScopeRef graph_setter(const Graph *g, ClassId c, Str name);
/* Do methods of the class or its known bases store `self.<name>`? */
bool graph_is_stored(const Graph *g, ClassId c, u64 name);

/* The fields of a dataclass or named tuple that its arguments fill, in their order, at most `most`;
 * none when the class makes no `__init__` of its fields. */
u32 graph_fields(const Graph *g, ClassId c, Arena *arena, u32 most, const Str **names);
bool graph_is_field(const Graph *g, ClassId c, Str name);
/* The class of what a variable holds, as graph_type_of; 0 when unknown. */
ClassId graph_type_of_variable(const Graph *g, SymbolRef variable);
/* The variable of a module that a path denotes, through imports; or none. */
SymbolRef graph_variable_of(const Graph *g, u32 file, PathId path);
/* What kind of container an expression makes, CONTAINER_OTHER for none. */
ContainerKind graph_made_kind(const Graph *g, u32 file, PathId value);

/* Operands of OP_BIND, OP_STORE and OP_AUGMENT; 0 when absent. */
PathId bound_value(const Facts *f, const Op *op);
PathId bound_annotation(const Facts *f, const Op *op);
PathId bound_key(const Facts *f, const Op *op);
/* For OP_CALL: argument by position or, when there is a name, by keyword. */
PathId call_argument_named(const Facts *f, const Op *call, u32 index, Str name);
PathId call_argument(const Facts *f, const Op *call, u32 index, const char *name);

/* ---- facts about the program (graph/program.c, graph/collector.c) ----
 *
 * A program is a root with all that it imports, directly or not, inside functions too, but not
 * under TYPE_CHECKING. Roots are files that somebody runs: with `if __name__ == "__main__"`,
 * `__main__.py`, `manage.py` and its kin, with a call of their own `main` at module level, with a
 * `main` that nobody in the project calls (console scripts), or that switch the collector while
 * they are imported. Tests, benchmarks and examples are no part of a program. */

/* True when a program that the file belongs to runs without the cyclic collector: it certainly
 * calls `gc.disable()`, `gc.set_threshold(0)` or `gc.set_debug` with DEBUG_SAVEALL, outside code
 * that watches memory for a while, and no module of it takes that back or calls `gc.collect()`.
 * *where is that call. */
bool graph_collector_is_off(const Graph *g, u32 file, OpRef *where);
/* True when a program that the file belongs to starts threads of its own. */
bool graph_starts_threads(const Graph *g, u32 file);

typedef enum SwitchKind {
    SWITCH_NONE,
    SWITCH_DISABLES,  /* gc.disable() */
    SWITCH_THRESHOLD, /* gc.set_threshold(0) */
    SWITCH_SAVES,     /* gc.set_debug with DEBUG_SAVEALL among the flags: DEBUG_LEAK has it */
    SWITCH_FREEZES,   /* gc.freeze() */
} SwitchKind;

/* What a call does to the collector, and what becomes of that. */
typedef struct CollectorSwitch {
    SwitchKind kind;
    Str flag;          /* SWITCH_SAVES: what has DEBUG_SAVEALL in it: "DEBUG_LEAK", "38" */
    bool in_a_program; /* some program certainly runs it, and nothing in it takes it back */
    bool is_undone;    /* code of the programs that the file can be part of takes it back */
    bool is_collected; /* … calls gc.collect(), beside once before this call */
    bool is_frozen;    /* … calls gc.freeze() */
    bool is_disabled;  /* … calls gc.disable() or gc.set_threshold(0) */
    bool is_doubled;   /* a switch before it in the same function has done the same */
    bool is_tidied;    /* its function collects before it, or a caller before calling it */
    bool is_inspected; /* its function looks into gc.garbage */
    bool is_timed;     /* its function reads a clock as measurements do: time.perf_counter … */
    bool is_watching;  /* code that watches memory for a while: debug and benchmark switches
                          around it, or around all calls of its function */
    bool is_asked;     /* the same for conditions that are not about the interpreter itself */
    OpRef undo; /* the call that takes it back in the same function, later and not in a `finally`,
                   when that is the only one there: an exception skips it; else none */
} CollectorSwitch;

/* For a call in a file that is no test. */
CollectorSwitch graph_collector_switch(const Graph *g, OpRef call);

/* ---- class pictures and finalizers ---- */

#include "graph/attributes.h"
#include "graph/calls.h"
#include "graph/finalizers.h"
#include "graph/holdings.h"
#include "graph/resources.h"
#include "graph/singletons.h"
#include "graph/standing.h"
#include "graph/tasks.h"
#include "graph/threads.h"
#include "graph/weak.h"
#include "graph/worker.h"

#include "graph/caches.h"

/* ---- rings of inner functions (graph/ring.c) ---- */

/* One step: the function, the variable through which it holds the next one, and where that variable
 * was given it. */
typedef struct ClosureStep {
    ScopeId function;
    SymbolId variable;
    OpId given;
} ClosureStep;

/* Inner functions and lambdas that refer to themselves, or to one another, through variables (or
 * list and dict variables) of the function around them: a cycle of functions and cells. */
typedef struct ClosureRing {
    ClosureStep *steps; /* the shortest way found from the first function, by source, back to it */
    u32 n_steps;
    SymbolId *captured; /* variables of enclosing functions that it keeps, its members left out */
    u32 n_captured;
    bool is_sure;     /* no decorator, branch or clean-up in doubt */
    bool is_attached; /* a member is an attribute of something that it captures */
} ClosureRing;

/* The rings among the functions inside `function`, in the order of the source; those that every way
 * out of the function takes apart (`del walk`, `walk = None`) are left out. *out is in `arena`. */
u32 graph_closure_rings(const Graph *g, Arena *arena, ScopeRef function, ClosureRing **out);

/* ---- what weighs (graph/burden.c) ---- */

typedef enum BurdenKind {
    BURDEN_NONE,
    BURDEN_REQUEST,  /* an object of one request, message or connection */
    BURDEN_LARGE,    /* bytes, arrays, data frames, images, the content of a file */
    BURDEN_RESOURCE, /* an owned resource that the function does not release itself */
} BurdenKind;

/* What makes it grave that a variable of a function lives on. */
typedef struct Burden {
    BurdenKind kind;
    Confidence confidence; /* high: by type or call; medium: by name */
    Str what;              /* "bytes", "file", "request": for messages */
} Burden;

/* What the variable visibly holds: by annotation, by the call that made it, or a parameter by its
 * name. */
Burden graph_burden_of(const Graph *g, u32 file, SymbolId variable);
/* The one of some variables that is worth speaking of: what weighs most, else the self of a method,
 * else a parameter or a fresh object, else the first; 0 when none weighs anything (modules,
 * functions, texts …). *out is its burden. */
SymbolId graph_heaviest(const Graph *g, u32 file, const SymbolId *variables, u32 n, Burden *out);
/* True when somebody who runs per call calls the function, or it is of a kind that frameworks call:
 * what it does per call is known to happen again and again. In a whole program, with its main part
 * among the files, calls that begin with what nothing is seen to call do not show that: a loop, an
 * event, a framework, a coroutine, a user of the library must lead there (graph/driven.c). */
bool graph_is_driven(const Graph *g, ScopeRef function);
/* True when a framework calls the function once for each request, message, connection or job, or
 * such a function calls it each time that it runs (graph/served.c). */
bool graph_is_served(const Graph *g, ScopeRef function);
/* True when the operation is in such a function, and no branch around it asks about what lasts. */
bool graph_runs_when_served(const Graph *g, OpRef op);

/* ---- classes that are made at run time (graph/making.c) ---- */

/* What is known of a class that a statement, or a call of `namedtuple` and its kin, makes in a
 * function. */
typedef struct ClassMaking {
    HowOften how_often;
    ScopeRef function; /* around it, or none; without one, or below RUNS_PER_INSTANCE, no more is
                          known */
    SymbolId symbol;   /* the variable that it is bound to, or 0 */
    bool is_in_loop;   /* of the function itself */
    bool is_class;     /* the call does make a class, and not the base of a class statement */
    bool is_kept;      /* a cache, a module variable or a table that outlives the call gets it */
    bool is_returned;
} ClassMaking;
ClassMaking graph_class_making(const Graph *g, OpRef made);

/* The variables of enclosing functions that the class holds, itself left out: captured by its
 * methods, or bound in its body (`owner = self`). *out is in `arena`. */
u32 graph_class_captures(const Graph *g, Arena *arena, ScopeRef class, SymbolId **out);

/* The first operation after it that hands the class to one of typing's caches (`Optional[C]`,
 * `List[C]`), or 0. Annotations do not count: newer Pythons do not evaluate them. */
OpId graph_typing_use(const Graph *g, u32 file, OpId made, SymbolId symbol);

/* True for a ctypes type that is another one with each call: a structure that is defined in a
 * function, an array whose length is neither a number nor a constant, or a pointer to one. */
bool graph_is_fresh_ctype(const Graph *g, u32 file, PathId type, u32 depth);
/* What a call that gives a type to a cache of ctypes is to its function. */
typedef struct CtypeUse {
    ClassId structure; /* of a class statement in a function, or 0 */
    bool is_first;     /* the structure is made in the same function, and no call there before this
                          one gave the cache such a structure: one cure serves all */
    bool is_in_loop;   /* the class statement is; the cache knows the type in later rounds */
} CtypeUse;
CtypeUse graph_ctype_use(const Graph *g, OpRef call);

/* ---- exit stacks (graph/stack.c) ---- */

typedef enum StackKind {
    STACK_NONE,
    STACK_GLOBAL,    /* a variable of a module, or an attribute of a class */
    STACK_ATTRIBUTE, /* of an instance */
    STACK_LOCAL,     /* entered by a `with` around an endless loop that the call stands in */
} StackKind;

/* The contextlib.ExitStack (or AsyncExitStack) that a method call adds to. */
typedef struct ExitStack {
    StackKind kind; /* STACK_NONE: the receiver is none, or does not outlive the call */
    Str name;       /* `app.STACK`, `app.Pool.stack`, `stack` */
    Str made;       /* "ExitStack" */
    bool is_lasting;
    u32 file; /* where it is made */
    Span place;
    bool is_closed;  /* something closes it, empties it, enters it, binds another one, or gets it */
    bool is_at_exit; /* it is closed when the process ends, and not before */
    bool is_once;    /* the call stands in a method that sets the instance up, or runs at import */
    ScopeRef function;
} ExitStack;
ExitStack graph_exit_stack(const Graph *g, OpRef call);
/* ---- classes that are made at run time and registered (graph/registry.c) ---- */

/* The statement or call that makes the class that a value is, when it does so with each call of a
 * function; *name is the class, or what makes it. Else none. */
OpId graph_run_time_class(const Graph *g, u32 file, PathId value, Str *name, ClassMaking *making);
/* The use puts such a class into a table of the project: by itself, or as what `__init_subclass__`
 * or a metaclass registers of every class. */
typedef struct RunTimeClass {
    OpRef op; /* the statement or call that makes it */
    Str name;
    ClassMaking making;
    bool is_asked; /* the function looks into the table first, or asks for what the body of the
                      class does not show */
} RunTimeClass;
bool graph_registered_class(const Graph *g, const Container *k, const Use *use, RunTimeClass *out);
/* The callee keeps the class that is its first argument: `register` of a generic function,
 * `copyreg.pickle` and its kin. */
bool graph_is_class_registry(const Graph *g, u32 file, PathId callee);

/* ---- equality of instances (graph/hash.c) ---- */

typedef enum HashKind {
    HASH_IDENTITY, /* each instance is its own key */
    HASH_VALUE,    /* equal instances are one key: __hash__, frozen dataclass, NamedTuple, str … */
    HASH_NONE,     /* unhashable: __eq__ without __hash__, plain dataclass, list, dict … */
} HashKind;

/* How instances of the class behave as dictionary keys, by the class and its bases. */
HashKind graph_hash_kind(const Graph *g, ClassId c);

/* ---- callbacks for later ---- */

#include "graph/listeners.h"

#endif
