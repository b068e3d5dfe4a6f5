/* Singletons and multitons: classes whose instances somebody keeps and hands out again. A part of
 * graph.h, which everybody includes. */
#ifndef LIMPET_GRAPH_SINGLETONS_H
#define LIMPET_GRAPH_SINGLETONS_H

#include "graph/graph.h"

/* ---- functions that hand out an instance that they keep (graph/creator.c) ---- */

/* Where the instance is kept. */
typedef enum SlotKind {
    SLOT_NONE,
    SLOT_CLASS,    /* an attribute of the class that is asked: `cls._instance` */
    SLOT_NAMED,    /* an attribute of a class by its name: `Base._instance` */
    SLOT_VARIABLE, /* a variable of the module, or of the function around */
    SLOT_OBJECT, /* an attribute of another object or function: `get.instance`, `self._instance` */
} SlotKind;
const char *slot_text(SlotKind kind); /* "class attribute" … */

/* What tells instances in the slot apart, when it is a container of them. */
typedef enum SlotKey {
    KEY_NONE,      /* the slot holds one instance */
    KEY_CONSTANT,  /* a container, always under the same key */
    KEY_CLASS,     /* one for each class */
    KEY_ARGUMENTS, /* one for each call with other arguments: a multiton */
    KEY_OTHER,     /* the thread, the process, an attribute … */
} SlotKey;

/* How it is found out whether there is one already. */
typedef enum SlotTest {
    SLOT_TEST_NONE,
    SLOT_TEST_HAS,     /* hasattr(cls, "_instance"): finds what a base has, too */
    SLOT_TEST_IS_NONE, /* `cls._instance is None`: the same */
    SLOT_TEST_TRUTH,   /* `not cls._instance`: the same, and false for an empty instance */
    SLOT_TEST_OWN,     /* `"_instance" in cls.__dict__` */
    SLOT_TEST_KEY,     /* `key in container`, `container.get(key)` */
    SLOT_TEST_MISSING, /* an exception when there is none */
} SlotTest;
const char *slot_test_text(SlotTest test);

typedef struct Creator {
    ScopeRef function; /* none: the function keeps nothing that it makes */
    SlotKind slot;
    Str name;         /* of the slot: "_instance", "_instances" */
    PathId container; /* in the function's file: what holds the instance: `cls`, `cls._instances` */
    PathId key;       /* as written, when the slot is a container */
    SlotKey key_kind;
    SlotTest test;
    OpId test_op;         /* the first that tests */
    OpId made;            /* the call that makes the instance */
    OpId store;           /* what keeps it */
    bool is_locked;       /* test and store happen under one lock, or the test is repeated there */
    bool is_weakly_kept;  /* the container is a weak one */
    bool is_always_fresh; /* a slot that is tested and never filled: every call makes a new one */
} Creator;

/* What a function makes, keeps and hands out again. `made_by` says which calls make an instance:
 * for `__new__` those of other `__new__`s, for `__call__` of a metaclass those of other
 * `__call__`s, for a decorator that is a class (CREATOR_WRAPPED) those of an attribute that its
 * constructor was given, else calls of `class_symbol` (a variable that holds the class; may be 0)
 * and of the class. */
typedef enum CreatorKind {
    CREATOR_NEW,
    CREATOR_CALL,
    CREATOR_FACTORY,
    CREATOR_WRAPPED
} CreatorKind;
Creator graph_creator(const Graph *g, ScopeRef function, CreatorKind kind, SymbolId class_symbol,
                      ClassId class);

/* ---- classes (graph/singleton.c) ---- */

typedef enum SingletonForm {
    SINGLETON_NONE,
    SINGLETON_NEW,       /* `__new__` of the class or a base */
    SINGLETON_METACLASS, /* `__call__` of its metaclass */
    SINGLETON_DECORATOR, /* a decorator of the project around the class */
    SINGLETON_CACHED,    /* functools.cache and its kin around the class */
    SINGLETON_FACTORY, /* a class or static method, or a function of a module, makes the only one */
    SINGLETON_BORG,    /* many instances, one `__dict__` */
} SingletonForm;
const char *singleton_text(SingletonForm form); /* "__new__", "metaclass" … */

/* What the name of a decorated class stands for afterwards. */
typedef enum Replaced {
    REPLACED_NOT,
    REPLACED_BY_FUNCTION,
    REPLACED_BY_OBJECT,
    REPLACED_BY_CLASS
} Replaced;

typedef struct Singleton {
    SingletonForm form;
    ClassId definer; /* the class that has the `__new__`, `__call__`, factory or shared state */
    Creator creator; /* none for SINGLETON_BORG, SINGLETON_CACHED */
    Replaced replaced;
    OpRef decorator;  /* SINGLETON_DECORATOR and _CACHED: where it is applied */
    ScopeRef maker;   /* SINGLETON_DECORATOR: the decorator, a function or class */
    OpRef share;      /* SINGLETON_BORG: the store to `__dict__` */
    bool is_multiton; /* one for each set of arguments */
} Singleton;

/* How instances of the class are made and kept; form SINGLETON_NONE when they are ordinary. Bases
 * count for `__new__`, metaclasses and Borg, decorators only for the class itself. A class whose
 * only instance a module makes is no singleton by itself: see graph_only_module_instances. */
Singleton graph_singleton(const Graph *g, ClassId c);
/* True when at most one instance of the class lives, and as long as the process: any singleton but
 * multitons, Borgs and those kept weakly, for every class one at most. */
bool graph_is_singleton(const Graph *g, ClassId c);

/* Another class for which the slot of `c` holds an instance of `c` (or the other way round),
 * because the test finds what a base class has: a subclass that neither has a slot nor a `__new__`
 * or metaclass of its own. None when every class has its own. */
typedef struct SharedSlot {
    ClassId base, subclass; /* 0: nobody derives from it (yet) */
    bool is_base_made;      /* the project makes instances of the base, too; of a factory
                               (SINGLETON_FACTORY): asks it for one by the base's name */
    bool is_sub_made;
    u32 subclasses; /* how many share it */
} SharedSlot;
/* False when the slot belongs to each class alone. */
bool graph_shared_slot(const Graph *g, ClassId c, const Singleton *s, SharedSlot *shared);

/* ---- what __init__ does again (graph/reinit.c) ---- */

typedef enum ReinitKind {
    REINIT_NOTHING,
    REINIT_STATE,    /* attributes are bound to fresh objects: what was there is lost */
    REINIT_RESOURCE, /* opens a file, a socket, a connection */
    REINIT_THREAD,   /* starts a thread, timer, process or task */
    REINIT_GROWS,    /* puts something into a container that outlives the call, or registers it */
} ReinitKind;
typedef struct Reinit {
    ReinitKind kind;
    ScopeRef init; /* the `__init__`, own or inherited */
    OpRef effect;  /* the statement in it that tells most */
    Str what;      /* "self.cache", "threading.Thread", "app.HANDLERS" */
    u32 calls;     /* places that make an instance of the class or a subclass */
} Reinit;
/* What an unguarded `__init__` of the class does on each call although the instance is an old one;
 * REINIT_NOTHING when it asks first whether it has run, or changes nothing but what its parameters
 * say. */
Reinit graph_reinit(const Graph *g, ClassId c);

/* ---- calls of __new__ (graph/newcall.c) ---- */

typedef enum NewTarget {
    NEW_UNKNOWN, /* or a `__new__` that the project or a library defines */
    NEW_OBJECT,  /* object.__new__ */
} NewTarget;
typedef struct NewCall {
    NewTarget target;
    ClassId class;     /* whose `__new__` calls; 0 for a decorator's */
    ScopeRef function; /* that the call is in */
    u32 extra;         /* arguments after the class, stars included */
    bool is_starred;   /* all of them are stars: without arguments it is a plain call */
    bool is_keywords;  /* all of them are `**`: only a keyword without a parameter gets there */
    bool has_init;     /* the class or a base defines `__init__` */
    bool init_takes;   /* … and it takes arguments; true without an `__init__` */
    bool init_needs;   /* … and cannot be called without */
    OpRef made;        /* a call of the class, or of a subclass, that passes an argument; or none */
    bool is_bare;      /* nobody derives from the class, and the project calls it, tests left out */
} NewCall;
/* For a call of some `.__new__`. */
NewCall graph_new_call(const Graph *g, OpRef call);

/* ---- classes whose names mean something else (graph/replaced.c) ---- */

typedef enum ClassUseKind {
    CLASS_TESTED,    /* isinstance, issubclass */
    CLASS_DERIVED,   /* a base of another class */
    CLASS_CAUGHT,    /* in an except clause */
    CLASS_ATTRIBUTE, /* an attribute of the class by its name */
    CLASS_SUPER,     /* super(K, self) */
} ClassUseKind;
typedef struct ClassUse {
    ClassId class; /* a singleton whose decorator gives a function or an object */
    ClassUseKind kind;
    OpRef at;
} ClassUse;
typedef struct ClassUses {
    VEC(ClassUse) list; /* in the order of files and source */
} ClassUses;
/* Uses as a class of what a singleton's decorator has made a function or object. Walks the project
 * when there is such a class, else it costs nothing. The list is in `arena`. */
ClassUses graph_replaced_class_uses(const Graph *g, Arena *arena);

/* ---- __new__ and __init__ (graph/signature.c, graph/construct.c) ---- */

/* The calls that a method takes, its first parameter left out. */
typedef struct Accepts {
    u32 least, most; /* arguments by position: at least, at most (UINT32_MAX: any number) */
    u32 named;       /* parameters by position */
    Str keyword;     /* one that has to come by keyword, or empty */
} Accepts;
Accepts graph_accepts(const Graph *g, ScopeRef method);

typedef enum MismatchKind {
    MISMATCH_NONE,
    MISMATCH_WAY,       /* a parameter that one takes by position and the other by keyword alone */
    MISMATCH_PARAMETER, /* a parameter of one that the other does not take */
    MISMATCH_ALL,       /* no call suits both */
} MismatchKind;
typedef struct Mismatch {
    MismatchKind kind;
    Str name;     /* of the parameter */
    bool in_init; /* `__init__` has it; else `__new__` */
} Mismatch;
/* What the two methods do not agree on, the worst of it. Any number of further arguments (stars)
 * and values that only one of them needs are no mismatch. */
Mismatch graph_mismatch(const Graph *g, ScopeRef new_method, ScopeRef init);
/* Do calls of the class go straight to its `__new__` and `__init__`: all bases are known, and no
 * metaclass has a `__call__` of its own, or may have one? */
bool graph_is_called_plainly(const Graph *g, ClassId c);
/* Does the `__new__` make instances, and all of them of the class that it is asked for? */
bool graph_makes_asked_class(const Graph *g, ScopeRef new_method);

typedef enum NewGives {
    GIVEN_UNKNOWN, /* an instance, as far as one sees */
    GIVEN_NAMED,   /* an instance of the class itself, also when a subclass is asked for */
    GIVEN_OTHER,   /* something that is no instance of the class */
    GIVEN_CLASS,   /* the class itself */
    GIVEN_NOTHING, /* None */
} NewGives;
/* The strangest thing that a `__new__` of the class returns. Nothing is known of stubs and of what
 * a decorator is around. */
typedef struct NewResult {
    NewGives kind;
    OpRef at;         /* the return, or none: the end of the function is reached */
    bool is_always;   /* every return gives something strange */
    bool is_written;  /* the return says what: `return None`, and not `return` */
    bool is_declared; /* GIVEN_OTHER: its annotation says so, or it picks one of several classes,
                         and there is no own `__init__` to miss */
} NewResult;
NewResult graph_new_result(const Graph *g, ScopeRef new_method, ClassId class);
/* A subclass that inherits the `__new__` of the class, one of which the project makes instances if
 * there is one (*is_made); or 0. */
ClassId graph_heir_of_new(const Graph *g, ClassId c, bool *is_made);

/* ---- what the two must not do (graph/contract.c) ---- */

typedef enum BreachKind {
    BREACH_NO_CLASS_PARAMETER,  /* `def __new__():` */
    BREACH_CLASS_TWICE,         /* a class method: it gets the class twice */
    BREACH_NO_CLASS,            /* `super().__new__()` */
    BREACH_CALLS_ITSELF,        /* `__new__` calls its own class */
    BREACH_INIT_TWICE,          /* `__new__` calls `__init__`, and so does the call of the class */
    BREACH_COROUTINE,           /* `async def __init__` */
    BREACH_GENERATOR,           /* `__init__` yields */
    BREACH_RETURNS,             /* `__init__` returns a value */
    BREACH_IMMUTABLE_ARGUMENTS, /* `__init__` has parameters that `__new__` of the base refuses */
    BREACH_IMMUTABLE_INIT,      /* `super().__init__(value)`, which is object's */
} BreachKind;
typedef struct Breach {
    BreachKind kind;
    ScopeRef method;
    OpRef at; /* the statement, or none: the method as a whole */
    Confidence confidence;
    Str base;         /* of BREACH_IMMUTABLE_…: the type */
    u32 count, most;  /* arguments of `__init__`, and what the type takes */
    bool is_optional; /* a call without them works */
    Str keyword;      /* a parameter that has to come by keyword, or empty */
} Breach;
typedef struct Breaches {
    VEC(Breach) list;
} Breaches;
/* What the class's own two methods do wrong, one of each kind; in `arena`. */
Breaches graph_breaches(const Graph *g, ClassId class, Arena *arena);

/* ---- modules that import each other (graph/imports.c) ---- */

/* `from module import name` that raises ImportError when `entry` is the first of the modules on
 * this ring that is imported: `module` is being imported itself then, and does not have the name
 * yet. */
typedef struct ImportCycle {
    OpRef at; /* the import of the name */
    Str name;
    u32 module;    /* file of the module that is asked */
    u32 entry;     /* the module itself where that is one of those that fail */
    OpRef back;    /* the import of the module that leads here */
    OpRef bound;   /* where it gets the name, later */
    bool is_maybe; /* an import on the way stands under a condition */
} ImportCycle;
typedef struct ImportCycles {
    VEC(ImportCycle) list; /* in the order of files and source */
} ImportCycles;
/* Counts imports that run while modules are imported: not in functions, not under TYPE_CHECKING;
 * those in a `try` do not fail, and those in its handlers do not run. The list is in `arena`. */
ImportCycles graph_import_cycles(const Graph *g, Arena *arena);

/* limpet graph --singletons: one line a class, its evidence below. */
void graph_print_singletons(const Graph *g, Buf *out);

#endif
