/* Attributes that own a resource and are given the next one by another method: is the old one
 * released before? */
#include "graph/model.h"

typedef struct Look {
    const Graph *g;
    ClassId class;
    const Attribute *a;
    const AttributeUse *first, *again;
    Acquired old;
} Look;

static bool is_same_function(ScopeRef a, ScopeRef b) {
    return a.file == b.file && a.scope.i == b.scope.i;
}

static bool is_letting_go(const AttributeUse *u) {
    return !u->level && (u->kind == ATTRIBUTE_RELEASED || u->kind == ATTRIBUTE_EMPTIED ||
                         u->kind == ATTRIBUTE_HANDED_OUT);
}

static bool is_constructor(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    Str name = facts_str(f, f->scopes[function.scope.i].name);
    return str_is(name, "__init__") || str_is(name, "__post_init__") || str_is(name, "__new__");
}

/* The function lets go of it, or gives it another name, before the operation `at`. */
static bool lets_go_before(const Look *l, ScopeRef function, u32 at) {
    const Facts *f = l->g->files[function.file].facts;
    PathId path = op_path(&f->ops[l->again->op.i]);
    for (u32 i = 0; i < l->a->n_uses; i++) {
        const AttributeUse *u = &l->a->uses[i];
        if (is_letting_go(u) && is_same_function(u->function, function)) return true;
    }
    for (u32 i = f->scopes[function.scope.i].op_first; i < at; i++) {
        if (f->ops[i].kind != OP_BIND) continue;
        if (bound_value(f, &f->ops[i]).i == path.i) return true;
    }
    return false;
}

/* A method that the function calls on the same object lets go of it. */
static bool callee_lets_go(const Look *l, ScopeRef function, u32 at) {
    const Facts *f = l->g->files[function.file].facts;
    for (u32 i = f->scopes[function.scope.i].op_first; i < at; i++) {
        if (f->ops[i].kind != OP_CALL) continue;
        ClassId made;
        u32 id = callee_function(l->g, function.file, &f->ops[i], &made);
        if (!id) continue;
        ScopeRef callee = {l->g->functions[id].file, l->g->functions[id].scope};
        for (u32 k = 0; k < l->a->n_uses; k++)
            if (is_letting_go(&l->a->uses[k]) && is_same_function(l->a->uses[k].function, callee))
                return true;
    }
    return false;
}

/* Who calls the method lets go of it himself. */
static bool caller_lets_go(const Look *l) {
    const OpRef *calls;
    u32 n = graph_callers(l->g, l->again->function, &calls);
    for (u32 i = 0; i < n; i++) {
        const Facts *f = l->g->files[calls[i].file].facts;
        ScopeId around = f->regions[f->ops[calls[i].op.i].region.i].scope;
        ScopeRef caller = {calls[i].file, around};
        if (f->scopes[around.i].kind != SCOPE_FUNCTION) continue;
        if (is_constructor(l->g, caller)) return true; /* it is the first one, then */
        for (u32 k = 0; k < l->a->n_uses; k++)
            if (is_letting_go(&l->a->uses[k]) && is_same_function(l->a->uses[k].function, caller))
                return true;
        if (callee_lets_go(l, caller, calls[i].op.i)) return true;
    }
    return false;
}

/* `if self.file is None: self.file = open(…)` */
static bool is_asked_before(const Look *l) {
    const Facts *f = l->g->files[l->again->file].facts;
    const Op *store = &f->ops[l->again->op.i];
    for (u32 i = f->scopes[l->again->function.scope.i].op_first; i < l->again->op.i; i++)
        if (f->ops[i].kind == OP_TEST && f->ops[i].subject == store->subject) return true;
    return false;
}

static bool is_acquiring(const Graph *g, const AttributeUse *u, Acquired *out, OpId *call) {
    bool is_choice;
    if (u->kind != ATTRIBUTE_DEFINED || u->by_other || scope_is_none(u->function)) return false;
    *call = acquiring_choice(g, u->file, u->value, &is_choice, out);
    return call->i && !is_choice && !(out->row->flags & RESOURCE_STARTED);
}

bool graph_reopened(const Graph *g, ClassId c, Str name, Arena *arena, Reopened *out) {
    *out = (Reopened){.name = name};
    Attribute a = graph_attribute_outline(g, c, name);
    if (a.first_owner.i != c.i || (a.n_values < 2 && !a.is_cut)) return false;
    a = graph_attribute(g, c, name, arena);
    if (a.is_cut) return false;
    Look l = {.g = g, .class = c, .a = &a};
    OpId call;
    for (u32 i = 0; i < a.n_uses; i++) {
        const AttributeUse *u = &a.uses[i];
        Acquired acquired;
        if (!is_acquiring(g, u, &acquired, &call)) continue;
        if (!l.first) {
            l.first = u;
            l.old = acquired;
            continue;
        }
        l.again = u;
        bool is_other =
            !is_same_function(u->function, l.first->function) && !is_constructor(g, u->function);
        if (!is_other || is_asked_before(&l) || lets_go_before(&l, u->function, u->op.i) ||
            callee_lets_go(&l, u->function, u->op.i) || caller_lets_go(&l))
            continue;
        out->old = l.old;
        out->first = (OpRef){l.first->file, l.first->op};
        out->store = (OpRef){u->file, u->op};
        out->call = (OpRef){u->file, call};
        out->method = u->function;
        out->is_sure = is_constructor(g, l.first->function);
        return true;
    }
    return false;
}
