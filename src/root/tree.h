/* The tree below a root. Private to root/.
 *
 *   find.c   names to roots                   tree.c     statements, variables, containers, stores
 *   thing.c  what an expression evaluates to  object.c   what objects hold: classes, closures …
 *   runtime.c  registries of the runtime      print.c    text, DOT, JSON
 */
#ifndef LIMPET_ROOT_TREE_H
#define LIMPET_ROOT_TREE_H

#include "know/know.h"
#include "root/root.h"

enum {
    HOLDS_MAX = 4000, /* of one tree */
    ROW_MAX = 40,     /* things that one container or attribute is told to hold */
};

enum {
    HOLD_WEAK = 1 << 0,
    HOLD_BRIEF = 1 << 1,      /* until it has run */
    HOLD_UNSURE = 1 << 2,     /* one fact is inferred */
    HOLD_SUMMARY = 1 << 3,    /* a function's summary says so */
    HOLD_PLAIN = 1 << 4,      /* text, numbers …: it holds nothing further */
    HOLD_CUT = 1 << 5,        /* it holds more: the depth or HOLDS_MAX ended here */
    HOLD_LENDS = 1 << 6,      /* a weak container: it is held, but not what is in it, */
    HOLD_LENDS_KEYS = 1 << 7, /* or not its keys */
};

#define WHAT_CODE UINT32_MAX /* a function, bound method, display, partial … */

typedef struct HoldId {
    u32 i;
} HoldId;

/* An edge and the object at its end. */
typedef struct Hold {
    Str selector; /* "=", ".jobs", "[…]", "captures self" */
    Str object;
    ClassId class;
    u32 flags; /* HOLD_* */
    u32 what;  /* the class, WHAT_CODE, or 0: what a store of a summary may add to */
    bool has_place;
    u32 file; /* the statement that stores it */
    OpId op;
    Str function; /* that it is in, or the module */
    HowOften how_often;
    Str removal;  /* what becomes of it, or empty */
    HoldId above; /* where the class is shown, or 0 */
    HoldId first, last, next;
} Hold;

/* What an expression evaluates to. */
typedef struct Thing {
    Str text;
    ClassId class;  /* of an instance */
    ClassId bound;  /* class of the receiver of a bound method or coroutine */
    ScopeRef code;  /* lambda or inner function: it holds what it captures */
    const Op *made; /* display, partial …: its operands are held; in the same file */
    bool is_weak;
    u32 lends;     /* a weak container: HOLD_LENDS or HOLD_LENDS_KEYS */
    bool is_plain; /* text, a number, a function or class of a module: it holds nothing further */
    bool is_value; /* plain, and no function or class either */
    bool is_container;
    u32 skip; /* operands of `made` that are not held */
} Thing;

/* Statements that bind variables of other modules. */
typedef struct Assignment {
    OpRef where;
    u32 older; /* of the same variable: index, or 0 */
} Assignment;
typedef struct Assignments {
    VEC(Assignment) list;
    Map newest; /* variable_key -> index */
} Assignments;

typedef struct Tree {
    const Graph *g;
    Arena *arena;
    Arena scratch;
    VEC(Hold) holds; /* [0] is none, [1] the root */
    Map shown;       /* class -> hold where its attributes are listed */
    const Assignments *assignments;
    const HeapStore *stores;
    u32 n_stores;
    Map containers; /* hash of a canonical name -> container */
    Map places;     /* statements, alone and with Hold.what, that some hold tells of */
} Tree;

/* ---- tree.c ---- */

static inline Hold *hold_at(const Tree *t, HoldId id) {
    return &t->holds.v[id.i];
}
/* 0 when the tree is full. */
HoldId hold_add(Tree *t, HoldId parent, Hold hold);
/* With the statement, its function and how often it runs. */
Hold hold_of(const Tree *t, Str selector, Thing thing, u32 file, OpId op);
/* The thing, held by `selector`, and what it holds itself. */
HoldId hold_thing(Tree *t, HoldId parent, Hold hold, u32 file, Thing thing, u32 depth);
Str hold_place(Tree *t, u32 file, OpId op); /* "app.py:12" */
u64 variable_key(SymbolRef variable);
void assignments_find(const Graph *g, Arena *arena, Assignments *out);
void tree_grow(Tree *t, const Root *root, u32 depth);
ContainerId container_named(const Tree *t, Str name);

/* ---- thing.c ---- */

Thing thing_of(Tree *t, u32 file, PathId value);
Thing function_thing(Tree *t, ScopeRef function);
Thing instance_thing(Tree *t, ClassId c);

/* Of a weak container, by the call that makes it. */
u32 lending_of(const Tree *t, u32 file, OpId made);

/* ---- object.c ---- */

/* What the object at a hold holds: attributes by the picture of its class, cells, arguments. */
void object_grow(Tree *t, HoldId at, u32 file, Thing thing, u32 depth);
/* One attribute of a class below a hold. */
void attribute_grow(Tree *t, HoldId at, ClassId c, Str name, Str selector, u32 depth);
/* What a use adds to a container. */
void element_grow(Tree *t, HoldId at, u32 file, OpId op, Str how, PathId key, PathId value,
                  u32 depth);

/* ---- runtime.c ---- */

/* The word, or empty when no API that registers has it as its module or name. */
Str runtime_named(Str word);
void runtime_nearest(Str word, Str *best);
void runtime_grow(Tree *t, const Root *root, u32 depth);
void caches_grow(Tree *t, u32 depth);

#endif
