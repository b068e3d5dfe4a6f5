/* What an `__init__` does once more, each time that its class is called and gives an old instance.
 */
#include "graph/model.h"

enum { REINIT_OPS = 400, REINIT_CALLEES = 12, CALLEE_OPS = 200 };

typedef struct Look {
    const Graph *g;
    ClassId class;
    u32 file;
    const Facts *f;
    ScopeId scope;
    SymbolId self;
    u32 callees; /* that were looked into */
    Reinit out;
} Look;

/* ---- guards ---- */

/* The path begins at the instance or its class: `self._ready`, `self.__class__._ready`,
 * `hasattr(self, …)`, `type(self)`, `Single._ready`. */
static bool is_about_self(const Look *l, PathId path, u32 depth) {
    const Facts *f = l->f;
    const Path *root = facts_root(f, path);
    if (!path.i || !depth) return false;
    if (root->kind == PATH_OP) {
        const Op *op = &f->ops[root->id];
        for (u32 i = 0; i < op->operands; i++)
            if (is_about_self(l, op_operand(f, op, i), depth - 1)) return true;
        return op->kind == OP_CALL && is_about_self(l, op_path(op), depth - 1);
    }
    SymbolId symbol = facts_root_symbol(f, path);
    if (symbol.i && symbol.i == l->self.i) return true;
    if (root->kind != PATH_SYMBOL) return false;
    for (PathId p = path; p.i; p = f->paths[p.i].parent) {
        Entity e = entity_of_path(l->g, l->file, p, RESOLVE_DEPTH);
        if (e.kind == ENTITY_CLASS || e.kind == ENTITY_VARIABLE) return true;
    }
    return false;
}

static bool is_asking(const Look *l, const Op *op) {
    if (op->kind != OP_TEST) return false;
    if (is_about_self(l, op_path(op), 3)) return true;
    for (u32 i = 0; i < op->operands; i++)
        if (is_about_self(l, op_operand(l->f, op, i), 3)) return true;
    return false;
}

static bool has_asking_test(const Look *l, const Region *r) {
    for (u32 i = r->test_first; i < r->test_end; i++)
        if (is_asking(l, &l->f->ops[i])) return true;
    return false;
}

/* Inside a branch that asks, or in the `else` of one. */
static bool is_guarded_op(const Look *l, const Op *op) {
    for (RegionId r = op->region; r.i; r = l->f->regions[r.i].parent) {
        const Region *region = &l->f->regions[r.i];
        if (region->scope.i != l->scope.i) return false;
        if (has_asking_test(l, region) || has_asking_test(l, &l->f->regions[region->group.i]))
            return true;
    }
    return false;
}

/* `if self._ready: return` */
static bool is_leaving(const Look *l, const Op *op) {
    return (op->kind == OP_RETURN || op->kind == OP_RAISE) && is_guarded_op(l, op);
}

/* ---- effects ---- */

static void note(Look *l, ReinitKind kind, u32 op, Str what) {
    if (kind <= l->out.kind) return;
    l->out.kind = kind;
    l->out.effect = (OpRef){l->file, {op}};
    l->out.what = what;
}

static Str path_text(const Look *l, PathId path) {
    Arena scratch = {0};
    Buf text = {.arena = &scratch};
    facts_path_text(l->f, path, &text);
    Str kept = graph_text(l->g, buf_get(&text));
    arena_free(&scratch);
    return kept;
}

static bool is_self_attribute(const Look *l, PathId path) {
    const Path *p = &l->f->paths[path.i];
    return p->kind == PATH_ATTR && facts_root_symbol(l->f, path).i == l->self.i &&
           l->f->paths[p->parent.i].kind == PATH_SYMBOL;
}

static void look_at_store(Look *l, u32 i, const Op *op) {
    if (!is_self_attribute(l, op_path(op))) return;
    Value v = value_find(l->g, l->file, bound_value(l->f, op), (PathId){0});
    Str name = path_text(l, op_path(op));
    switch (v.kind) {
    case ATTRIBUTE_CONTAINER:
        if (v.is_fresh) note(l, REINIT_STATE, i, name);
        return;
    case ATTRIBUTE_RESOURCE:
        note(l, REINIT_RESOURCE, i, name);
        return;
    case ATTRIBUTE_INSTANCE: {
        const Path *p = &l->f->paths[bound_value(l->f, op).i];
        if (p->kind == PATH_OP && l->f->ops[p->id].kind == OP_CALL) note(l, REINIT_STATE, i, name);
        return;
    }
    default:
        return;
    }
}

/* The long-lived container that an operation adds to, or 0. */
static u32 grown_by(const Graph *g, u32 file, const Op *op) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[op->subject];
    if (op->kind == OP_STORE && (p->kind == PATH_ANY || p->kind == PATH_CONST))
        return held_by(g, file, p->parent, RESOLVE_DEPTH).container;
    if (op->kind != OP_CALL || p->kind != PATH_ATTR) return 0;
    const MethodRow *row = know_method(facts_str(f, (StrId){p->id}));
    if (!row || row->effect != METHOD_ADDS) return 0;
    return held_by(g, file, p->parent, RESOLVE_DEPTH).container;
}

static bool is_growing(const Graph *g, u32 container) {
    if (!container) return false;
    ContainerKind kind = g->containers[container].kind;
    return kind != CONTAINER_WEAK && kind != CONTAINER_BOUNDED && kind != CONTAINER_SET;
}

/* A function of the project that puts something into a long-lived container. */
static u32 grown_in(const Graph *g, u32 function) {
    const FunctionNode *fn = &g->functions[function];
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + CALLEE_OPS);
    for (u32 i = scope->op_first; i < end; i++) {
        u32 container = grown_by(g, fn->file, &f->ops[i]);
        if (is_growing(g, container)) return container;
    }
    return 0;
}

static void look_into(Look *l, u32 i, u32 function) {
    if (!function || l->callees++ >= REINIT_CALLEES) return;
    u32 container = grown_in(l->g, function);
    if (container) note(l, REINIT_GROWS, i, l->g->containers[container].name);
}

static void look_at_call(Look *l, u32 i, const Op *op) {
    const Facts *f = l->f;
    const Path *callee = &f->paths[op->subject];
    u32 container = grown_by(l->g, l->file, op);
    if (is_growing(l->g, container)) note(l, REINIT_GROWS, i, l->g->containers[container].name);
    Str name = graph_name_of(l->g, l->file, op_path(op));
    u32 n;
    const EffectRow *rows = know_effects(name, &n);
    for (u32 k = 0; rows && k < n; k++)
        if (rows[k].holder == HELD_BY_PROCESS && !(rows[k].flags & (EFFECT_SLOT | EFFECT_REMOVES)))
            note(l, REINIT_GROWS, i, name);
    if (callee->kind == PATH_ATTR && str_is(facts_str(f, (StrId){callee->id}), "start")) {
        Value v = value_find(l->g, l->file, callee->parent, (PathId){0});
        if (is_self_attribute(l, callee->parent) && v.kind != ATTRIBUTE_TASK)
            v.kind = attribute_kind(l->g, l->class,
                                    facts_str(f, (StrId){f->paths[callee->parent.i].id}));
        if (v.kind == ATTRIBUTE_TASK) note(l, REINIT_THREAD, i, path_text(l, callee->parent));
    }
    look_into(l, i, graph_callee(l->g, l->file, (OpId){i}).function);
}

/* `@on_event def handler(…)` inside the function. */
static void look_at_decorators(Look *l, u32 i, const Op *op) {
    const Scope *inner = &l->f->scopes[op->subject];
    for (u32 d = inner->decorator_first; d < inner->decorator_end; d++) {
        Entity e = entity_of_path(l->g, l->file, l->f->operands[d].path, RESOLVE_DEPTH);
        if (e.kind == ENTITY_FUNCTION) look_into(l, i, entity_function(l->g, e));
    }
}

static void look_at_init(Look *l) {
    const Facts *f = l->f;
    const Scope *scope = &f->scopes[l->scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + REINIT_OPS);
    for (u32 i = scope->op_first; i < end; i++) {
        const Op *op = &f->ops[i];
        if (is_leaving(l, op)) return;
        bool is_guarded = is_guarded_op(l, op);
        if (op->kind == OP_STORE && !is_guarded) {
            look_at_store(l, i, op);
            u32 container = grown_by(l->g, l->file, op);
            if (is_growing(l->g, container) && bound_key(f, op).i)
                note(l, REINIT_STATE, i, l->g->containers[container].name);
        }
        if (op->kind == OP_CALL && !is_guarded) look_at_call(l, i, op);
        if (op->kind == OP_FUNCTION && !is_guarded) look_at_decorators(l, i, op);
        if (op_subject((OpKind)op->kind) == SUBJECT_SCOPE)
            i = MAX(i, f->scopes[op->subject].op_end - 1);
    }
}

static u32 count_calls(const Graph *g, ClassId c) {
    ClassId family[FAMILY_SLOTS];
    u32 n = family_of(g, c, family), calls = 0;
    for (u32 i = 0; i < n; i++) {
        const ClassNode *node = &g->classes[family[i].i];
        bool inherits = false;
        for (u32 k = 0; k < node->n_mro; k++) inherits |= node->mro[k].i == c.i;
        if (inherits) calls += node->calls.n;
    }
    return calls;
}

Reinit graph_reinit(const Graph *g, ClassId c) {
    ScopeRef init = graph_method(g, c, "__init__");
    Look l = {.g = g, .class = c, .file = init.file, .scope = init.scope};
    if (scope_is_none(init)) return l.out;
    l.f = g->files[init.file].facts;
    l.self = self_symbol(g, init);
    l.out.init = init;
    if (l.self.i) look_at_init(&l);
    l.out.calls = count_calls(g, c);
    return l.out;
}
