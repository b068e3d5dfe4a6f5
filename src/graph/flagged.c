/* Statements behind a flag that lasts as long as the process and that the same function sets: they
 * run once. `if cls.__loaded: return`, …, `cls.__loaded = True`; `if Pool.hook is None: Pool.hook =
 * add_hook(…)`. */
#include "graph/starting.h"

enum {
    FLAG_CALLERS = 8, /* of a function that are asked whether they stand behind one */
    FLAG_OPS =
        30000, /* looked at for one question; in a longer file nothing is known to pass once */
};

/* One question: where, and how many operations may yet be looked at. */
typedef struct Passing {
    const Graph *g;
    OpRef at;
    u32 left;
} Passing;

typedef struct Flag {
    const Facts *f;
    RegionId region; /* of the statement behind it */
    SymbolId owner;  /* a variable of a module, or none: */
    Str attribute;
} Flag;

/* None, False and 0: nothing has been done yet. */
static bool is_unset(const Facts *f, PathId value) {
    const Path *p = &f->paths[value.i];
    if (p->kind != PATH_LITERAL) return false;
    return p->flags == LITERAL_NONE || p->flags == LITERAL_FALSE ||
           (p->flags == LITERAL_INT && str_is(facts_str(f, (StrId){p->id}), "0"));
}

static bool is_about(const Flag *flag, const Op *op) {
    const Path *p = &flag->f->paths[op->subject];
    if (flag->owner.i)
        return p->kind == PATH_SYMBOL && facts_root_symbol(flag->f, op_path(op)).i == flag->owner.i;
    return p->kind == PATH_ATTR && str_eq(facts_str(flag->f, (StrId){p->id}), flag->attribute);
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
        bool sets = op->kind == OP_BIND || op->kind == OP_STORE;
        if ((!sets && op->kind != OP_DELETE && op->kind != OP_AUGMENT) || !is_about(flag, op))
            continue;
        ScopeId s = f->regions[op->region.i].scope;
        bool is_taken_back = !sets || is_unset(f, bound_value(f, op));
        Str function = facts_str(f, f->scopes[s.i].name);
        bool is_first = f->scopes[s.i].kind != SCOPE_FUNCTION || str_is(function, "__init__");
        if (is_taken_back && !is_first) return false;
        is_set |= !is_taken_back && s.i == f->regions[flag->region.i].scope.i &&
                  region_is_within(f, flag->region, op->region);
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
    if (is_none ? !holds : kind != TEST_TRUTH || holds) return false;
    PathId path = op_path(test);
    if (!is_lasting_flag(g, file, path) && !is_of_resident(g, file, path)) return false;
    const Path *asked = &f->paths[path.i];
    Flag flag = {.f = f, .region = f->ops[p->at.op.i].region};
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
