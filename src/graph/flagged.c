/* Statements behind a flag that lasts as long as the process and that the same function sets: they
 * run once. `if cls.__loaded: return`, …, `cls.__loaded = True`; `if Pool.hook is None: Pool.hook =
 * add_hook(…)`. A container may be the flag, as long as it is empty: `if PORTS: return`, …,
 * `PORTS[name] = port`. */
#include "graph/guard.h"
#include "graph/starting.h"

enum {
    FLAG_CALLERS = 8, /* of a function that are asked whether they stand behind one */
    /* looked at for one question; in a longer file nothing is known to pass once */
    FLAG_OPS = 30000,
};

/* One question: where, and how many operations may yet be looked at. */
typedef struct Passing {
    const Graph *g;
    OpRef at;
    u32 left;
} Passing;

typedef struct Flag {
    const Graph *g;
    u32 file;
    const Facts *f;
    RegionId region; /* of the statement behind it */
    SymbolId owner;  /* a variable of a module, or none: */
    Str attribute;
} Flag;

bool is_unset(const Facts *f, PathId value) {
    const Path *p = &f->paths[value.i];
    if (p->kind != PATH_LITERAL) return false;
    return p->flags == LITERAL_NONE || p->flags == LITERAL_FALSE ||
           (p->flags == LITERAL_INT && str_is(facts_str(f, (StrId){p->id}), "0"));
}

static bool is_flag(const Flag *flag, PathId path) {
    const Path *p = &flag->f->paths[path.i];
    if (flag->owner.i)
        return p->kind == PATH_SYMBOL && facts_root_symbol(flag->f, path).i == flag->owner.i;
    return p->kind == PATH_ATTR && str_eq(facts_str(flag->f, (StrId){p->id}), flag->attribute);
}

/* `PORTS[kind]`, `PORTS[kind][name]` */
static bool is_entry(const Flag *flag, PathId path) {
    const Path *p = &flag->f->paths[path.i];
    if (p->kind != PATH_ANY && p->kind != PATH_CONST) return false;
    while (p->kind == PATH_ANY || p->kind == PATH_CONST)
        path = p->parent, p = &flag->f->paths[path.i];
    return is_flag(flag, path);
}

/* `PORTS[kind]` of a defaultdict puts in what is missing. */
static bool is_filled_by_reads(const Flag *flag) {
    const Symbol *s = &flag->f->symbols[flag->owner.i];
    if (!flag->owner.i || !s->bind.i) return false;
    PathId made = bound_value(flag->f, &flag->f->ops[s->bind.i]);
    return made_kind(flag->g, flag->file, made) == CONTAINER_DEFAULTDICT;
}

typedef enum Turn { TURN_NONE, TURN_ON, TURN_OFF } Turn;

/* What the operation does to a container that is the flag. */
static Turn turn_of(const Flag *flag, const Op *op) {
    const Path *callee = &flag->f->paths[op->subject];
    switch (op->kind) {
    case OP_STORE:
        return is_entry(flag, op_path(op)) ? TURN_ON : TURN_NONE;
    case OP_LOAD:
        return is_entry(flag, op_path(op)) && is_filled_by_reads(flag) ? TURN_ON : TURN_NONE;
    case OP_DELETE:
        return is_entry(flag, op_path(op)) ? TURN_OFF : TURN_NONE;
    case OP_CALL: {
        const MethodRow *row = know_method(facts_method(flag->f, op));
        if (!row || !is_flag(flag, callee->parent)) return TURN_NONE;
        bool removes = row->effect == METHOD_REMOVES || row->effect == METHOD_REPLACES;
        return removes ? TURN_OFF : row->effect == METHOD_ADDS ? TURN_ON : TURN_NONE;
    }
    default:
        return TURN_NONE;
    }
}

/* The same of a variable or attribute, which is bound to something else. */
static Turn turn_of_bound(const Flag *flag, const Op *op) {
    bool sets = op->kind == OP_BIND || op->kind == OP_STORE;
    if ((!sets && op->kind != OP_DELETE && op->kind != OP_AUGMENT) || !is_flag(flag, op_path(op)))
        return turn_of(flag, op);
    PathId value = bound_value(flag->f, op);
    if (op->kind == OP_AUGMENT && made_kind(flag->g, flag->file, value) != CONTAINER_OTHER)
        return TURN_ON;
    return !sets || is_unset(flag->f, value) ? TURN_OFF : TURN_ON;
}

/* The function sets it each time that it runs the statement, and no other one takes that back:
 * constructors and the code of the module begin with it. */
static bool stays_set(const Flag *flag, u32 *left) {
    const Facts *f = flag->f;
    bool is_set = false;
    if (f->n_ops > *left) return false;
    *left -= f->n_ops;
    for (u32 i = 1; i < f->n_ops; i++) {
        const Op *op = &f->ops[i];
        Turn turn = turn_of_bound(flag, op);
        if (turn == TURN_NONE) continue;
        ScopeId s = f->regions[op->region.i].scope;
        bool is_here = s.i == f->regions[flag->region.i].scope.i;
        bool is_emptied = (op->kind == OP_BIND || op->kind == OP_STORE) &&
                          is_flag(flag, op_path(op)) &&
                          is_made_empty(flag->g, flag->file, bound_value(f, op));
        Str function = facts_str(f, f->scopes[s.i].name);
        bool is_first = f->scopes[s.i].kind != SCOPE_FUNCTION || str_is(function, "__init__");
        if ((turn == TURN_OFF || (is_emptied && !is_here)) && !is_first) return false;
        is_set |= turn == TURN_ON && is_here && region_is_within(f, flag->region, op->region);
    }
    return is_set;
}

/* `self.ready` of an object that a module holds. */
static bool is_of_resident(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    bool is_class;
    ClassId c = p->kind == PATH_ATTR && p->depth == 1
                    ? self_class(g, file, facts_root_symbol(f, path), &is_class)
                    : (ClassId){0};
    return c.i && !is_class && (g->classes[c.i].resident.n || g->classes[c.i].instance_symbol.i);
}

/* Does the test, when it comes out as `outcome`, say that such a flag is not set yet? */
static bool asks(Passing *p, const Op *test, bool outcome) {
    const Graph *g = p->g;
    u32 file = p->at.file;
    const Facts *f = g->files[file].facts;
    if (test->kind != OP_TEST || !test->subject) return false;
    u32 kind = test->flags & OP_LOW;
    bool holds = outcome != !!(test->flags & OP_NEGATED);
    bool is_none = kind == TEST_IS && is_unset(f, op_operand(f, test, 0));
    PathId path = op_path(test);
    if (kind == TEST_CALL) { /* `len(PORTS)` */
        const Op *call = facts_call(f, path);
        if (!call || !str_is(graph_name_of(g, file, op_path(call)), "builtins.len")) return false;
        path = op_operand(f, call, 0);
    }
    bool is_truth = kind == TEST_TRUTH || kind == TEST_CALL;
    if (is_none ? !holds : !is_truth || holds) return false;
    if (!is_lasting_flag(g, file, path) && !is_of_resident(g, file, path)) return false;
    const Path *asked = &f->paths[path.i];
    Flag flag = {.g = g, .file = file, .f = f, .region = f->ops[p->at.op.i].region};
    if (asked->kind == PATH_SYMBOL) flag.owner = facts_root_symbol(f, path);
    if (asked->kind == PATH_ATTR) flag.attribute = facts_str(f, (StrId){asked->id});
    return (flag.owner.i || flag.attribute.n) && stays_set(&flag, &p->left);
}

static bool region_asks(Passing *p, const Region *r, bool outcome) {
    const Facts *f = p->g->files[p->at.file].facts;
    if (r->test_first == r->test_end || !is_conjunction(f, r, outcome)) return false;
    for (u32 i = r->test_first; i < r->test_end; i++)
        if (asks(p, &f->ops[i], outcome)) return true;
    return false;
}

bool graph_passes_once(const Graph *g, OpRef at) {
    const Facts *f = g->files[at.file].facts;
    RegionId r = f->ops[at.op.i].region;
    ScopeId s = f->regions[r.i].scope;
    if (f->scopes[s.i].kind != SCOPE_FUNCTION) return false;
    Passing passing = {g, at, FLAG_OPS};
    for (; r.i && f->regions[r.i].scope.i == s.i; r = f->regions[r.i].parent)
        if (region_asks(&passing, &f->regions[r.i], !(f->regions[r.i].flags & REGION_NEGATED)))
            return true;
    for (u32 i = f->scopes[s.i].op_first; i < at.op.i; i++) { /* `if ready: return` */
        const Region *left = &f->regions[f->ops[i].region.i];
        if (f->ops[i].kind == OP_RETURN && left->scope.i == s.i && left->kind == REGION_IF &&
            region_asks(&passing, left, left->flags & REGION_NEGATED))
            return true;
    }
    return false;
}

bool graph_is_called_once_each(const Graph *g, ScopeRef function) {
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    if (scope_is_none(function) || fn->escapes || fn->called_by_name || fn->unknown_callers)
        return false;
    bool any = false;
    for (u32 i = 0; i < fn->callers.n; i++) {
        if (g->files[fn->callers.v[i].file].is_test) continue;
        if (i >= FLAG_CALLERS || !graph_passes_once(g, fn->callers.v[i])) return false;
        any = true;
    }
    return any;
}
