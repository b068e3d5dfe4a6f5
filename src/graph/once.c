/* Branches around a statement that no later round of a loop takes: `if not writer:` opens a file
 * and binds the writer beside it. */
#include "graph/model.h"

typedef struct Once {
    const Facts *f;
    ScopeId scope;
    u32 from;       /* the statement */
    SymbolId local; /* what it binds */
} Once;

/* Regions are numbered in the order in which they open: the first that is not inside. */
static u32 first_behind(const Facts *f, u32 region) {
    u32 end = region + 1;
    while (end < f->n_regions && f->regions[end].parent.i >= region) end++;
    return end;
}

/* It is true, or not None: no method of what is owned, which may give nothing. */
static bool is_something(const Once *o, PathId value, u32 kind) {
    const Path *p = &o->f->paths[value.i];
    if (p->kind == PATH_LITERAL)
        return kind == TEST_IS ? p->flags != LITERAL_NONE : p->flags == LITERAL_TRUE;
    if (p->kind != PATH_OP || o->f->ops[p->id].kind != OP_CALL) return false;
    return facts_root_symbol(o->f, op_path(&o->f->ops[p->id])).i != o->local.i;
}

/* The branch binds the variable to something, and nothing else in the loop binds it. */
static bool is_set_once(const Once *o, u32 loop, u32 branch, const Op *test) {
    const Facts *f = o->f;
    const Scope *scope = &f->scopes[o->scope.i];
    u32 end = first_behind(f, loop);
    bool is_set = false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_CONTINUE && i > o->from && !is_set) return false;
        bool changes = op->kind == OP_BIND || op->kind == OP_AUGMENT || op->kind == OP_DELETE;
        if (!changes || op->subject != test->subject) continue;
        if (op->region.i < loop || op->region.i >= end) continue;
        if (op->kind != OP_BIND || op->region.i != branch) return false;
        if (!is_something(o, bound_value(f, op), test->flags & OP_LOW)) return false;
        is_set = true;
    }
    return is_set;
}

/* `if not x`, `if x is None`, of a local of the function. */
static bool asks_for_nothing(const Once *o, const Op *test) {
    const Facts *f = o->f;
    const Path *p = &f->paths[test->subject];
    if (test->kind != OP_TEST || p->kind != PATH_SYMBOL) return false;
    SymbolId s = f->symbols[p->id].target;
    if (!s.i || f->symbols[s.i].scope.i != o->scope.i) return false;
    if (f->symbols[s.i].flags & (SYMBOL_GLOBAL | SYMBOL_NONLOCAL)) return false;
    if (is_bound_elsewhere(f, s)) return false;
    bool negated = test->flags & OP_NEGATED;
    if ((test->flags & OP_LOW) == TEST_TRUTH) return negated;
    const Path *other = &f->paths[op_operand(f, test, 0).i];
    return (test->flags & OP_LOW) == TEST_IS && !negated && other->kind == PATH_LITERAL &&
           other->flags == LITERAL_NONE;
}

/* The outermost loop around a region, or 0. */
static u32 outermost_loop(const Once *o, RegionId region) {
    u32 loop = 0;
    for (; region.i && o->f->regions[region.i].scope.i == o->scope.i;
         region = o->f->regions[region.i].parent) {
        u8 kind = o->f->regions[region.i].kind;
        if (kind == REGION_FOR || kind == REGION_WHILE) loop = region.i;
    }
    return loop;
}

RegionId region_taken_once(const Facts *f, OpId from, PathId path) {
    RegionId branch = f->ops[from.i].region;
    const Region *r = &f->regions[branch.i];
    Once o = {f, r->scope, from.i, facts_root_symbol(f, path)};
    u32 loop = outermost_loop(&o, branch);
    if (!loop || r->kind != REGION_IF || !is_conjunction(f, r, true)) return (RegionId){0};
    for (u32 i = r->test_first; i < r->test_end; i++)
        if (asks_for_nothing(&o, &f->ops[i]) && is_set_once(&o, loop, branch.i, &f->ops[i]))
            return branch;
    return (RegionId){0};
}
