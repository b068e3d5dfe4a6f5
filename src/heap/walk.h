/* One function under the walk: its objects, edges and variables. Private to heap/.
 *
 *   walk.c     one function, operation by operation
 *   value.c    what paths evaluate to        edge.c     objects and edges, what a store replaces
 *   call.c     calls in the project          outside.c  calls of what is outside of it
 *   summary.c  what callers need to know     heap.c     the order of it all, and the questions
 *   cycle.c    rings of edges                describe.c a ring as people see it, and its rule
 *   breaker.c  methods that cut cycles       print.c    summaries as text

 *   print.c    summaries as text        region.c   branches, loops and what they enclose
 *   quiet.c    functions that need no walk
 */
#ifndef LIMPET_HEAP_WALK_H
#define LIMPET_HEAP_WALK_H

#include "heap/heap.h"

enum {
    OBJECTS_MAX = 6000,   /* of one function */
    EDGES_MAX = 12000,    /* of one function */
    VALUES_MAX = 4,       /* objects that one expression may be */
    RETURNS_MAX = 16,     /* returns of one function that are looked at */
    PARAMETERS_MAX = 256, /* of one function; what later ones are given is not known */
    FIELDS_MAX = 256,     /* of one dataclass */
    SCAN_MAX = 48,        /* edges of one object, or bindings of one variable, that are looked at */
    SUMMARY_OBJECTS = 48,
    SUMMARY_EDGES = 48,
    RECURSION_ROUNDS = 2,
    CYCLES_MAX = 24,   /* of one function */
    CYCLE_LENGTH = 12, /* objects on one cycle that is reported */
    SEARCH_MAX = 4000, /* edges that the search for one cycle follows */
};

typedef struct ObjectId {
    u32 i;
} ObjectId;

typedef enum LabelKind {
    LABEL_NONE,
    LABEL_ATTRIBUTE, /* .name */
    LABEL_ITEM,      /* ["name"]: a text as key */
    LABEL_INDEX,     /* [0]: another literal */
    LABEL_ELEMENT,   /* any element or key */
    LABEL_SELF,      /* a bound method's receiver */
    LABEL_CELL,      /* a closure's free variable */
    LABEL_ARGUMENT,  /* an argument or default that is held */
} LabelKind;

typedef struct Label {
    LabelKind kind;
    u64 hash; /* of the name, for the first two */
    Str text; /* the name, or how a library holds it */
} Label;

enum {
    EDGE_UNSURE = LINK_UNSURE,
    EDGE_IMPLIED = LINK_IMPLIED,
    EDGE_BLIND = LINK_BLIND,
    EDGE_DOUBTED = LINK_DOUBTED,
    EDGE_GUESSED = LINK_GUESSED,
    EDGE_DEAD = 1 << 5,   /* cut again in this function */
    EDGE_CLOSED = 1 << 6, /* on a cycle that a callee has reported */
    EDGE_WEAK = 1 << 7,
    EDGE_BRIEF = 1 << 8, /* goes by itself when a callback has run */
};

typedef struct Edge {
    ObjectId from, to;
    u32 next; /* older edge of `from`, or 0 */
    u32 flags;
    Label label;
    u32 file; /* where the statement that stores it stands, */
    OpId op;
    OpId at;   /* and the operation of this function through which it came to be */
    u32 blind; /* versions in which the collector cannot see it: see Cycle.blind */
} Edge;

typedef struct Object {
    ObjectKind kind;
    u32 file;
    u32 id;        /* parameter index, SymbolId, or OpId that made or read it */
    OpId op;       /* the operation at which it came into this function */
    ObjectId base; /* LOADED: of what */
    Label label;   /* LOADED: by which selector; else how it is called */
    PathId path;   /* in the walked file, to ask for its class; or 0 */
    ClassId class; /* as far as it is known, once asked */
    bool is_asked;
    bool is_started;               /* GENERATOR: next() was called */
    bool is_looked_up;             /* LOADED: `made` was asked of the class that keeps it */
    bool is_weak;                  /* a weak reference or weak container: holds nothing */
    bool is_strong;                /* LOADED: it was asked whether it is weak, and is not */
    bool is_drained, is_undrained; /* once asked: see LINK_DRAINED */
    Str made;                      /* canonical name of what made it, outside the project */
    ScopeRef code;                 /* METHOD, CLOSURE, GENERATOR */
    u32 edges;                     /* newest edge */
} Object;

typedef struct Value {
    ObjectId v[VALUES_MAX];
    u32 n;
    bool is_open;     /* or something else, without a name */
    bool is_doubtful; /* a parameter that is bound again on some way */
} Value;

/* A variable is bound. */
typedef struct Binding {
    Value value;
    RegionId region;
    OpId at;
    u32 before; /* older binding of the variable, or 0 */
} Binding;

typedef VEC(Object) Objects;
typedef VEC(Edge) Edges;
typedef VEC(Binding) Bindings;

/* ---- summaries ---- */

typedef struct SummaryObject {
    ObjectKind kind;
    u32 file, id; /* as in Object */
    u32 base;     /* LOADED: index of an earlier object */
    Label label;
    ClassId class;
    bool is_weak;
    Str made;
    ScopeRef code;
} SummaryObject;

typedef struct SummaryEdge {
    u32 from, to; /* indexes of objects */
    u32 flags;
    Label label;
    u32 file;
    OpId op;
    u32 blind;
} SummaryEdge;

/* A reference that is gone when the call returns: `base` no longer holds anything by `label`. */
typedef struct SummaryCut {
    u32 base;
    Label label;
    bool is_sure;     /* on every way through the function */
    bool is_replaced; /* by something that may hold something */
    OpId at;          /* the operation of the function through which it goes */
} SummaryCut;

/* The function calls a parameter, with these arguments (indexes of objects): what a caller passes
 * for it runs then. */
enum { CALLBACK_ARGUMENTS = 4 };
typedef struct SummaryCall {
    u32 parameter;
    u32 arguments[CALLBACK_ARGUMENTS];
    u32 n;
} SummaryCall;

typedef struct Summary {
    const SummaryObject *objects; /* [0] is none */
    const SummaryEdge *edges;
    const SummaryCut *cuts;
    const SummaryCall *calls;
    const u32 *returns; /* indexes of objects; 0 is something without a name */
    u32 n_objects, n_edges, n_cuts, n_calls, n_returns;
} Summary;

/* ---- the walk ---- */

/* What instances of a class own: a resource that they never release, something large, an object
 * with a `__del__`; `what`, `large` and the class of the leaf are empty when there is none. */
typedef struct Owned {
    Str what;
    u32 file;
    Span place;
    Str large; /* what made it: "numpy.zeros" */
    u32 large_file;
    Span large_place;
    CycleLeaf leaf;
} Owned;

/* The fields of a dataclass or named tuple, in the order of its parameters. */
typedef struct Fields {
    const Str *names;
    u32 n;
} Fields;

/* What one worker keeps between functions: tables by symbol and by operation of a file, valid where
 * the stamp is that of the function. */
typedef struct Workspace {
    Arena arena; /* scratch: rewound after each function */
    Arena kept;  /* summaries and cycles; lives as long as the heap */
    Arena lists; /* of these, whose room one function leaves to the next: */
    Objects objects;
    Edges edges;
    Bindings bindings;
    u32 stamp;
    u32 *symbol_stamps, *symbol_bindings, n_symbols;
    u32 *region_stamps, *region_exits; /* the last operation that leaves the function there */
    u32 *op_stamps, n_ops;
    Value *op_values;
    Map owned_of; /* class -> index of owned + 1 */
    VEC(Owned) owned;
    Map quiet_names; /* hash of a method name -> 1: calling it does nothing that is known, 2: it may
                      */
    Map fields_of;   /* class -> index of fields + 1 */
    VEC(Fields) fields;
    HeapCounts counts;
} Workspace;

/* How the regions of a file stand in each other; see region.c. */
typedef struct RegionTree RegionTree;

typedef struct FunctionCycles {
    Cycle *v;
    u32 n;
} FunctionCycles;

struct Heap {
    Arena *arena;
    const Graph *g;
    u32 workers;
    u32 n_functions;            /* ids from 1; modules follow: file + n_functions + 1 */
    const Summary **summaries;  /* by function id, NULL for nothing */
    const RegionTree **regions; /* by file, during the walk */
    const bool **loud_paths;    /* by file, during the walk: see loud_paths_new */
    const u32 *rings;           /* by function id: its place in the order of rings */
    const u32 *levels;          /* by function id: its level in the call graph */
    FunctionCycles *cycles;     /* by id, modules included */
    Cycle **all_cycles;
    u32 n_cycles;
    bool *is_outside; /* by class: is_known_outside */
    Map names;        /* hashes of last names that know/ has a row for */
    Workspace *spaces;
    HeapCounts counts;
};

typedef struct Walk {
    Heap *h;
    const Graph *g;
    Workspace *space;
    u32 file;
    const Facts *f;
    const RegionTree *regions; /* of the file */
    ScopeId scope;             /* function, lambda or module */
    u32 id;                    /* of the function, or of the module */
    OpId at;                   /* the operation that is being walked */
    RegionId region;
    Objects objects; /* these in space->lists, the others in space->arena */
    Edges edges;
    Bindings bindings;
    VEC(Value) returns;
    VEC(u32) return_ops; /* where */
    VEC(u32) closures;   /* objects whose cells are filled at the end */
    VEC(SummaryCut) cuts;
    VEC(SummaryCall) calls; /* of parameters; arguments are objects of the walk */
    ObjectId *parameters;   /* by index */
    u32 n_parameters;
    Map named; /* globals and cells that have an object */
} Walk;

/* ---- edge.c ---- */

ObjectId object_new(Walk *w, ObjectKind kind, u32 id);
static inline Object *object_at(const Walk *w, ObjectId o) {
    return &w->objects.v[o.i];
}
/* The class of what an object is, asked once; 0 when unknown. */
ClassId object_class(Walk *w, ObjectId o);
/* A generator or coroutine has run to its end, or was closed: its frame holds nothing more. */
void exhaust(Walk *w, const Value *v);
u32 edge_add(Walk *w, ObjectId from, ObjectId to, Label label, u32 flags);
/* The base no longer holds anything by the label; every element for LABEL_ELEMENT. */
void edges_cut(Walk *w, ObjectId base, Label label);
/* The same, as a callee does it. */
void edges_cut_by(Walk *w, ObjectId base, const SummaryCut *cut);
/* Stores in every object of the base; replaces what was there when that is plain. */
void edges_store(Walk *w, Value base, Label label, Value value, u32 flags);
Label label_attribute(const Facts *f, StrId name);
Label label_text(LabelKind kind, Str text);
/* Does it lead to an element of a container? */
static inline bool label_is_element(LabelKind kind) {
    return kind == LABEL_ITEM || kind == LABEL_INDEX || kind == LABEL_ELEMENT;
}
Label label_item(const Facts *f, const Path *literal);
static inline Label label_element(void) {
    return label_text(LABEL_ELEMENT, (Str){0});
}
/* No expression, or one that gives text, a number …: it holds nothing. */
static inline bool path_is_literal(const Facts *f, PathId path) {
    return !path.i || f->paths[path.i].kind == PATH_LITERAL;
}
static inline bool label_equal(const Label *a, const Label *b) {
    if (a->kind != b->kind || a->hash != b->hash) return false;
    return a->kind != LABEL_ARGUMENT || str_eq(a->text, b->text);
}

/* ---- region.c ---- */

const RegionTree *region_tree_new(Arena *arena, const Facts *f);
/* Does code of region `outer` always run before or around that of `inner`? Neither: see is_either.
 */
bool is_around(const Walk *w, RegionId outer, RegionId inner);
/* Are two operations never both run in one call: they stand in different branches of one statement,
 * or the earlier one in a branch that leaves the function before the later one? */
bool is_either(const Walk *w, RegionId a, OpId at_a, RegionId b, OpId at_b);
/* The nearest loop or comprehension, the region itself included, or 0. */
RegionId loop_around(const Walk *w, RegionId r);

/* ---- value.c ---- */

void value_add(Value *v, ObjectId o);
void value_join(Value *v, const Value *other);
static inline Value value_one(ObjectId o) {
    Value v = {0};
    value_add(&v, o);
    return v;
}
Value value_of(Walk *w, PathId path);
Value value_of_symbol(Walk *w, SymbolId target);
Value value_loaded(Walk *w, ObjectId base, Label label, PathId path);
/* What reading an attribute gives: a bound method, what a property gives, what is stored. `path` is
 * that of the expression, or none. */
Value attribute_value(Walk *w, ObjectId base, PathId path, StrId name);
Value *op_value(Walk *w, OpId op); /* room for it: empty when it is new */
void symbol_bind(Walk *w, SymbolId target, Value value);
ObjectId global_object(Walk *w, u32 file, SymbolId symbol);
ObjectId cell_object(Walk *w, u32 file, SymbolId symbol);

/* ---- call.c ---- */

/* The summary of a function that is walked before this one: of a lower level of the call graph, or
 * of the same ring. What properties and `with` run is no part of that graph; asked too early it is
 * taken for unknown, so that the answer does not depend on who walks faster. */
const Summary *summary_for(const Heap *h, u32 caller, u32 function);
static inline const Summary *summary_of(const Walk *w, u32 function) {
    return summary_for(w->h, w->id, function);
}

Value call_value(Walk *w, OpId op);
/* The value of running a function with its receiver alone: a property. */
Value property_value(Walk *w, ScopeRef function, ObjectId receiver);
/* Runs the setter of a property. */
void setter_call(Walk *w, ScopeRef setter, ObjectId receiver, Value value);

/* ---- outside.c ---- */

/* The value of calling what is outside the project, with its effects on the arguments. */
Value outside_value(Walk *w, const Op *call);
void assign_outside(Walk *w, Value base, Str attribute, Value value);
/* Is what a method of that name is given kept, as the name says; is it the name of a class? */
bool name_is_adding(Str method);
bool name_is_class(Str name);
/* `Row(…)` where the module says `Row = collections.namedtuple(…)`. */
bool is_named_tuple(const Graph *g, u32 file, PathId callee);
/* Does know/ say what calling this project class does? */
bool is_known_outside(const Heap *h, ClassId c);

/* ---- walk.c, summary.c, cycle.c ---- */

void walk_function(Walk *w);
ObjectId closure_object(Walk *w, OpId op, ScopeId code);
/* In space->kept; NULL when there is nothing to say. */
const Summary *summary_make(Walk *w);
FunctionCycles cycles_find(Walk *w);

/* ---- quiet.c ---- */

/* A function, and the paths of its file that read what may be a property. */
typedef struct Quiet {
    u32 file;
    ScopeId scope;
    u32 id;
    const bool *loud_paths;
} Quiet;
/* Would a walk find nothing: no summary, no cycle? Asked when its callees have been walked. */
bool function_is_quiet(const Heap *h, Workspace *space, const Quiet *q);
bool *loud_paths_new(Arena *arena, const Graph *g, const Facts *f);

/* ---- describe.c ---- */

/* Makes a cycle of a ring of edges, in space->kept; false for one that is nobody's finding: only
 * functions and cells. */
bool cycle_describe(Walk *w, const u32 *ring, u32 n, Cycle *out);

/* ---- breaker.c ---- */

bool is_constructor(const Graph *g, ScopeRef function);
/* Finds who cuts cycles, once all summaries are made. */
void breakers_find(Heap *h);
/* Cycles through the same `__del__`: one of many speaks for them (crowd.c). */
void crowds_find(Heap *h);

/* ---- print.c ---- */

/* ".name", "[…]", " captures x" */
void label_print(const Label *label, Buf *out);

#endif
