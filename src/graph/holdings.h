/* What is put into containers and taken out again, and whether the one matches the other. A part of
 * graph.h, which everybody includes. */
#ifndef LIMPET_GRAPH_HOLDINGS_H
#define LIMPET_GRAPH_HOLDINGS_H

#include "graph/graph.h"

/* ---- containers and attributes under one form (graph/holding.c) ---- */

typedef enum ChangeKind {
    CHANGE_ADDED,
    CHANGE_REMOVED,
    CHANGE_EMPTIED,  /* all of it goes: clear(), = [], = None, del */
    CHANGE_REPLACED, /* bound to something else that is not empty: `x = [i for i in x if …]` */
    CHANGE_MEASURED, /* its length is compared */
    CHANGE_HANDED_OUT,
} ChangeKind;

typedef struct Change {
    ChangeKind kind;
    u32 file;
    OpId op;
    Str how;   /* "append", "[…] =", "pop" … */
    u32 level; /* 0: the container itself, 1: one inside it … */
    bool through_alias;
    bool overwrites; /* added: under a key of a closed set, so that it takes the place of another */
    bool is_callback;  /* the bound method is handed out: `task.add_done_callback(x.discard)` */
    bool by_other;     /* not through self or cls */
    PathId key, value; /* in `file`: of a mapping, and what is added or removed; may be 0 */
    HowOften how_often;
    ScopeRef function; /* none in module code and class bodies */
} Change;

/* A container that is long-lived, or that objects of a class hold in an attribute. */
typedef struct Holding {
    bool is_lasting; /* as long as the process */
    ContainerId container;
    ClassId owner; /* of the attribute, or of a class attribute or singleton */
    Str name;      /* `app.SESSIONS`, `Pool.jobs` */
    ContainerKind kind;
    u32 file;
    Span definition;         /* where it is made */
    bool is_cut;             /* there is more than is listed, or code that is not followed has it */
    bool is_removed_by_name; /* something whose class is unknown removes from such an attribute */
    const Change *changes;   /* by file and operation; code of tests is left out */
    u32 n_changes;
} Holding;

Holding graph_holding_of_container(const Graph *g, ContainerId id, Arena *arena);
/* The attributes of a class that are made as containers and that no base makes, but for those that
 * are long-lived containers of their own: pass the name before, begin with an empty one; empty at
 * the end. */
Str graph_next_holding(const Graph *g, ClassId c, Str after);
Holding graph_holding_of_attribute(const Graph *g, ClassId c, Str name, Arena *arena);
/* What the change is found by: the key of a mapping, else the element. */
PathId change_key(const Holding *h, const Change *e);
/* Does it remove at the level, or above it (an outer entry goes with all that is in it)? */
bool change_removes(const Change *e, u32 level);

/* ---- keys (graph/same.c) ---- */

/* The key is a parameter that is called `name`: what has one is written down somewhere
 * (graph/verdict.c). */
bool graph_is_called_name(const Graph *g, u32 file, PathId key);

typedef enum KeyMatchKind {
    KEY_UNKNOWN,
    KEY_SAME,     /* for the same object the two are equal */
    KEY_PART,     /* never: one is an attribute of the other: `request.id` and `request` */
    KEY_IDENTITY, /* never: `id(x)` and `x` */
    KEY_TUPLE,    /* never: a tuple and one of its elements, or another length */
    KEY_WRAPPED,  /* never: `weakref.ref(x)`, `partial(x)` and `x` */
    KEY_FRESH,    /* never: what is looked for is a new object, which equals no other */
} KeyMatchKind;

typedef struct KeyMatch {
    KeyMatchKind kind;
    Confidence confidence; /* low when only a name says that the two speak of the same object */
} KeyMatch;

/* An expression of a function. */
typedef struct KeyRef {
    u32 file;
    PathId path;
} KeyRef;

/* Is what is removed by `removed` what was added by `added`? Local names that are bound once are
 * followed. Parameters and locals of different functions are the same object when they have the
 * same name, or both are `self` of the same class. That one of the two is an object at all, and not
 * a text with the name of one, has to show: by its class, by its name (`request`, `conn`), or by an
 * attribute that the function uses. */
KeyMatch graph_match_keys(const Graph *g, KeyRef added, KeyRef removed);
/* A new object with every evaluation, that equals no other: a lambda, a partial, an instance of a
 * class without `__eq__`. Bound methods and weak references are none: they compare by what they
 * are of. *what is "lambda", "functools.partial" … */
bool graph_is_fresh_object(const Graph *g, KeyRef value, Str *what);

/* `self.method`: each evaluation makes a new object; all of them are equal, and none is another. */
bool graph_is_bound_method(const Graph *g, KeyRef value);

/* The `x` of `id(x)`, also as an element of a tuple and through a local; or none. */
PathId graph_identity_of(const Graph *g, KeyRef key);
/* A parameter with None as default that most calls of the function which are known, tests left out,
 * leave out or give None: all of these have one key (graph/domain.c). */
bool graph_is_mostly_omitted(const Graph *g, KeyRef parameter);
/* `(id(x), x.number())`: a part of the key beside the `id()` is read from the same object. */
bool graph_is_identity_checked(const Graph *g, KeyRef key, PathId object);

/* A call of a removing method that is given a new object. */
typedef struct FreshRemoval {
    PathId value;    /* the object, or none when the call is no such removal */
    Str what;        /* as graph_is_fresh_object */
    OpId added;      /* a call of the file that adds a function to the same receiver, or none */
    bool is_process; /* atexit.unregister */
} FreshRemoval;
/* `subject.off(lambda: …)`, where `subject.on(…)` in the same file was given a function and never
 * this object. Predicates (`lambda x: x.id == 3`) are none. (graph/undone.c) */
FreshRemoval graph_fresh_removal(const Graph *g, OpRef call);
/* The test of `[s for s in subscribers if s is not self.notify]`, which lets everything pass: a
 * bound method is never identical to another one. None for any other value. (graph/undone.c) */
OpId graph_identity_filter(const Graph *g, KeyRef value);

/* ---- descriptors (graph/descriptor.c) ---- */

/* The class has `__get__` or `__set__`, itself or from a base. */
bool graph_is_descriptor(const Graph *g, ClassId c);
typedef enum InstanceKey {
    INSTANCE_NONE,
    INSTANCE_ID,     /* `id(instance)` */
    INSTANCE_ITSELF, /* the instance, or a tuple with it */
} InstanceKey;
/* Is the key the object that `__get__` or `__set__` is called for? Helpers that they pass it to are
 * followed one step. */
InstanceKey graph_instance_key(const Graph *g, KeyRef key);

/* ---- removals that are skipped (graph/exits.c, pair.c) ---- */

/* A function that adds to a container and removes the same again. */
typedef struct Pairing {
    ScopeRef function;
    const Change *added;   /* here, or in a helper that is called here: */
    OpRef add;             /* the statement in the function */
    const Change *removed; /* the first that takes it out again */
    OpRef remove;
    bool by_helper; /* one of the two is in a function that is called */
    bool is_stack;  /* append and pop() */
    bool is_late;   /* a `finally` removes, and its `try` begins behind what leaves */
    bool is_partly; /* the removal is in an except clause, and what others raise passes it by */
    bool by_cancel; /* … it takes all but cancelling */
    bool by_error;  /* … it takes cancelling and no other exception */
    Skip skip;
} Pairing;
/* The functions in which a removal stands on the main way after an addition, and some other way out
 * does not pass it, in the order of files and operations. The list is in `arena`. */
u32 graph_pairings(const Graph *g, const Holding *h, Arena *arena, const Pairing **out);
/* The raise that skips the removal asks the object that was just added: `if waiters.task is not
 * None: raise`, which one that was made here does not have yet. */
bool graph_asks_new_object(const Graph *g, const Pairing *p);

/* The key does not come again (a uuid, a counter), or the function runs for each request, and the
 * owner has many of them in its life. */
bool graph_is_one_of_many(const Graph *g, const Holding *h, const Pairing *p);
/* `if is_first: parts[name] = []`, and a return after that: an entry over several calls, which the
 * last one takes out. */
bool graph_is_over_calls(const Graph *g, const Pairing *p);

/* ---- loops that go round for as long as the program runs (graph/endless.c) ---- */

typedef struct EndlessLoop {
    ScopeRef function; /* around it */
    u32 file;
    Span span; /* from its `while` on */
} EndlessLoop;
/* `while True`, or one that waits until a flag of its object or an event says stop, which no data
 * ends. The operation runs in its rounds, or a method does that they call, on one object. */
bool graph_goes_on_and_on(const Graph *g, OpRef op, EndlessLoop *out);

/* ---- entries that an answer would take out (graph/unanswered.c) ---- */

/* What is kept for a request until its answer comes. */
typedef struct Unanswered {
    const Change *added;
    u32 file;              /* of: */
    OpId wait;             /* the wait that gives up, or the statement that answers in place */
    const Change *removed; /* what the answer does; NULL when it takes nothing out */
} Unanswered;
/* The function of the change waits for what it has added, with a time limit, and neither it nor
 * what calls it nor a helper takes the entry out; somebody else does, when the answer comes, and
 * nobody looks for old entries. */
bool graph_unanswered(const Graph *g, const Holding *h, u32 change, Unanswered *out);
/* A method gives the entry its result where it lies, and no statement takes single entries out: all
 * of them go at once, some day. */
bool graph_answered_in_place(const Graph *g, const Holding *h, u32 change, Unanswered *out);

#endif
