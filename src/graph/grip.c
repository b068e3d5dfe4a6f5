/* What a callback holds: the instance whose method hands it over, a part of that instance, or
 * variables of the function that runs. */
#include "graph/model.h"

enum { VARIABLES_MAX = 64, FOLLOWED_MAX = 6 };

typedef struct Look {
    const Graph *g;
    const Facts *f;
    u32 file;
    ScopeId scope; /* of the operation */
} Look;

/* The instance method around a scope, functions inside it included; none when there is none. */
static ScopeRef method_of(const Look *l) {
    for (ScopeId s = l->scope; s.i; s = l->f->scopes[s.i].parent) {
        ScopeRef each = {l->file, s};
        if (l->f->scopes[s.i].kind == SCOPE_CLASS) break;
        if (l->f->scopes[s.i].kind == SCOPE_FUNCTION && self_symbol(l->g, each).i) return each;
    }
    return (ScopeRef){0};
}

static SymbolId target_of(const Facts *f, const Path *p) {
    return p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
}

/* A path of the variable: what `near` starts at, if it is one, else the first of the file. */
static PathId path_of(const Facts *f, PathId near, SymbolId variable) {
    while (f->paths[near.i].parent.i) near = f->paths[near.i].parent;
    if (target_of(f, &f->paths[near.i]).i == variable.i) return near;
    for (u32 p = 1; p < f->n_paths; p++)
        if (target_of(f, &f->paths[p]).i == variable.i) return (PathId){p};
    return (PathId){0};
}

/* The operation that makes the value: through variables that are bound once. */
static const Op *made_by(const Facts *f, PathId value) {
    for (u32 steps = 0; steps < FOLLOWED_MAX; steps++) {
        const Path *p = &f->paths[value.i];
        if (p->kind == PATH_OP) return &f->ops[p->id];
        SymbolId target = target_of(f, p);
        const Symbol *s = &f->symbols[target.i];
        if (!target.i || s->binds != 1 || s->flags & SYMBOL_PARAM) return NULL;
        if (f->ops[s->bind.i].kind != OP_BIND) return NULL;
        value = bound_value(f, &f->ops[s->bind.i]);
    }
    return NULL;
}

static bool is_function_scope(const Facts *f, ScopeId s) {
    return f->scopes[s.i].kind == SCOPE_FUNCTION || f->scopes[s.i].kind == SCOPE_LAMBDA;
}

/* ---- variables of the function ---- */

typedef struct Variables {
    SymbolId v[VARIABLES_MAX];
    u32 n;
} Variables;

/* `request = weakref.ref(request)` */
static bool is_weak_variable(const Look *l, const Symbol *s) {
    const Op *bind = &l->f->ops[s->bind.i];
    if (s->binds != 1 || s->flags & SYMBOL_PARAM || bind->kind != OP_BIND) return false;
    const Path *value = &l->f->paths[bound_value(l->f, bind).i];
    if (value->kind != PATH_OP || l->f->ops[value->id].kind != OP_CALL) return false;
    const CallRow *row = know_call(graph_name_of(l->g, l->file, op_path(&l->f->ops[value->id])));
    return row && row->flags & CALL_WEAK;
}

static void add_variable(const Look *l, SymbolId s, Variables *out) {
    const Symbol *symbol = &l->f->symbols[s.i];
    if (!s.i || !is_function_scope(l->f, symbol->scope) || out->n == VARIABLES_MAX) return;
    if (symbol->flags & SYMBOL_IMPORT) return; /* a module */
    if (is_weak_variable(l, symbol)) return;
    for (u32 i = 0; i < out->n; i++)
        if (out->v[i].i == s.i) return;
    out->v[out->n++] = s;
}

static bool is_within(Span inner, Span outer) {
    return inner.start >= outer.start && inner.end <= outer.end;
}

/* What a lambda or inner function captures, at any depth, and its default values. */
static void add_captured(const Look *l, const Op *function, Variables *out) {
    const Facts *f = l->f;
    Span span = f->scopes[function->subject].span;
    for (u32 s = function->subject; s < f->n_scopes && is_within(f->scopes[s].span, span); s++)
        for (u32 i = f->scopes[s].symbol_first; i < f->scopes[s].symbol_end; i++) {
            SymbolId target = f->symbols[i].target;
            bool is_free = f->symbols[i].flags & SYMBOL_FREE && target.i;
            if (is_free && !is_within(f->scopes[f->symbols[target.i].scope.i].span, span))
                add_variable(l, target, out);
        }
    const Scope *scope = &f->scopes[function->subject];
    for (u32 p = scope->param_first; p < scope->param_end; p++)
        add_variable(l, target_of(f, &f->paths[f->params[p].fallback.i]), out);
}

/* `partial(handle, request)`, `Handler(request)`, `[a, b]`: the variables that stand in it. */
static void add_operands(const Look *l, const Op *op, Variables *out) {
    for (u32 i = 0; i < op->operands; i++) {
        PathId path = op_operand(l->f, op, i);
        const Op *made = made_by(l->f, path);
        if (made && (made->kind == OP_LAMBDA || made->kind == OP_FUNCTION))
            add_captured(l, made, out);
        else
            add_variable(l, target_of(l->f, &l->f->paths[path.i]), out);
    }
}

static bool holds_operands(const Look *l, const Op *op) {
    if (op->kind == OP_LIST || op->kind == OP_TUPLE || op->kind == OP_SET || op->kind == OP_DICT)
        return true;
    if (op->kind != OP_CALL) return false;
    const CallRow *row = know_call(graph_name_of(l->g, l->file, op_path(op)));
    return row && row->flags & CALL_HOLDS;
}

/* `process.kill` of a local: the method is bound to it. */
static bool grip_method(const Look *l, Grip *out) {
    const Path *p = &l->f->paths[out->value.i];
    if (p->kind != PATH_ATTR || p->depth != 1) return false;
    SymbolId root = facts_root_symbol(l->f, out->value);
    const Symbol *s = &l->f->symbols[root.i];
    if (!root.i || s->scope.i != l->scope.i || !is_function_scope(l->f, s->scope)) return false;
    if (s->flags & SYMBOL_IMPORT) return false;
    out->carry = graph_carries(l->g, l->file, out->value, p->parent);
    if (out->carry.kind != CARRY_METHOD) return false;
    out->object = p->parent;
    out->variable = root;
    out->n_variables = 1;
    graph_heaviest(l->g, l->file, &root, 1, &out->burden);
    return true;
}

static CarryKind kind_of(const Op *made) {
    if (made->kind == OP_LAMBDA || made->kind == OP_FUNCTION) return CARRY_CLOSURE;
    return made->kind == OP_CALL ? CARRY_PARTIAL : CARRY_DISPLAY;
}

static bool grip_local(const Look *l, Grip *out) {
    const Facts *f = l->f;
    const Op *made = made_by(f, out->value);
    Variables held = {0};
    if (!made) return grip_method(l, out);
    if (!is_function_scope(f, f->regions[made->region.i].scope)) return false;
    if (made->kind == OP_LAMBDA || made->kind == OP_FUNCTION)
        add_captured(l, made, &held);
    else if (holds_operands(l, made))
        add_operands(l, made, &held);
    if (!held.n) return false;
    out->variable = graph_heaviest(l->g, l->file, held.v, held.n, &out->burden);
    out->n_variables = held.n;
    bool is_function = kind_of(made) == CARRY_CLOSURE;
    const Scope *scope = &f->scopes[is_function ? made->subject : 0];
    out->carry = (Carry){.kind = kind_of(made), .confidence = CONFIDENCE_HIGH, .file = l->file};
    if (is_function) {
        out->carry.name = facts_str(f, scope->name);
        out->carry.has_place = true;
        out->carry.place = scope->name_span;
    }
    return out->variable.i != 0;
}

/* ---- the instance ---- */

static bool grip_self(const Look *l, Grip *out, SymbolId self) {
    out->object = path_of(l->f, out->value, self);
    if (!out->object.i) return false;
    out->carry = graph_carries(l->g, l->file, out->value, out->object);
    return out->carry.kind != CARRY_NOTHING && out->carry.kind != CARRY_OWNER;
}

/* `self.server.stop`, where the class has made the server. */
static bool grip_part(const Look *l, Grip *out, SymbolId self) {
    bool exact;
    const Path *p = &l->f->paths[out->value.i];
    StrId name = attribute_named(l->f, out->value, self, &exact);
    if (!name.i || p->kind != PATH_ATTR || p->depth != 2) return false;
    if (attribute_origin(l->g, out->class, name_hash(l->f, name)) != ORIGINS_FRESH) return false;
    out->object = p->parent;
    out->carry = graph_carries(l->g, l->file, out->value, p->parent);
    return out->carry.kind == CARRY_METHOD;
}

/* Made where it is handed over, or in the same function. */
static bool is_made_anew(const Look *l, PathId value) {
    const Op *made = made_by(l->f, value);
    return made && is_function_scope(l->f, l->f->regions[made->region.i].scope);
}

/* In a function inside the method, an object of each call of it: that weighs more than the self of
 * the method around. */
static bool is_of_inner(const Look *l, const Grip *local) {
    bool is_inner = l->f->symbols[local->variable.i].scope.i == local->method.scope.i &&
                    !graph_method_class(l->g, local->method).i;
    return is_inner && local->burden.kind != BURDEN_NONE;
}

Grip graph_grip(const Graph *g, u32 file, OpId at, PathId value) {
    const Facts *f = graph_facts(g, file);
    Look l = {g, f, file, f->regions[facts_op(f, at)->region.i].scope};
    Grip grip = {.value = value};
    if (!value.i || f->paths[value.i].kind == PATH_LITERAL) return grip;
    grip.method = method_of(&l);
    grip.is_new = is_made_anew(&l, value);
    SymbolId self = scope_is_none(grip.method) ? (SymbolId){0} : self_symbol(g, grip.method);
    grip.class = graph_method_class(g, grip.method);
    Grip local = grip;
    local.method = (ScopeRef){file, enclosing_function(f, l.scope)};
    bool is_local = grip_local(&l, &local);
    if (is_local) local.kind = GRIP_LOCAL;
    if (is_local && is_of_inner(&l, &local)) return local;
    if (self.i && grip_self(&l, &grip, self))
        grip.kind = GRIP_SELF;
    else if (self.i && grip_part(&l, &grip, self))
        grip.kind = GRIP_PART;
    else
        return local;
    return grip;
}
