/* How a function makes one of its arguments outlive the call: asked of `__del__` and its instance.
 * Helpers that get the object are followed a few steps. */
#include "graph/model.h"

enum {
    HELPERS_MAX = 2,
    TAKEN_OPS = 12, /* operations from what takes it out of a container to what ends it */
};

typedef struct Scan {
    const Graph *g;
    u32 file;
    const Facts *f;
    ScopeRef function;
    SymbolId object; /* the variable that holds it */
    PathId path;     /* of that variable */
    SymbolId self;   /* of the method, when it is another object's: */
    bool self_outlives;
} Scan;

static Revival scan(const Scan *s, u32 helpers);

/* ---- the object ---- */

static PathId path_of(const Facts *f, SymbolId symbol) {
    for (u32 p = 1; p < f->n_paths; p++)
        if (f->paths[p].kind == PATH_SYMBOL && f->symbols[f->paths[p].id].target.i == symbol.i)
            return (PathId){p};
    return (PathId){0};
}

static bool is_object(const Scan *s, PathId path) {
    const Path *p = &s->f->paths[path.i];
    return p->kind == PATH_SYMBOL && s->f->symbols[p->id].target.i == s->object.i;
}

/* `self.aclose()`: a coroutine or generator that was not run holds its arguments. */
static bool is_suspended_call(const Scan *s, PathId path) {
    const Path *p = &s->f->paths[path.i];
    if (p->kind != PATH_OP || s->f->ops[p->id].kind != OP_CALL) return false;
    const Op *call = &s->f->ops[p->id];
    const Path *callee = &s->f->paths[call->subject];
    if (callee->kind != PATH_ATTR || !is_object(s, callee->parent)) return false;
    ClassId made;
    u32 fn = callee_function(s->g, s->file, call, &made);
    if (!fn) return false;
    const Facts *f = s->g->files[s->g->functions[fn].file].facts;
    return f->scopes[s->g->functions[fn].scope.i].flags & (SCOPE_ASYNC | SCOPE_GENERATOR);
}

static Carry carried(const Scan *s, PathId value) {
    Carry c = {0};
    if (!value.i) return c;
    if (is_suspended_call(s, value))
        return (Carry){.kind = CARRY_METHOD, .confidence = CONFIDENCE_HIGH};
    c = graph_carries(s->g, s->file, value, s->path);
    if (c.kind == CARRY_OWNER || c.kind == CARRY_BACK_REFERENCE) c.kind = CARRY_NOTHING;
    return c;
}

/* ---- who outlives the call ---- */

static bool is_weak(const Scan *s, PathId holder) {
    Held h = held_by(s->g, s->file, holder, RESOLVE_DEPTH);
    if (h.container && s->g->containers[h.container].kind == CONTAINER_WEAK) return true;
    return know_constructor(maker_of(s->g, s->file, holder)) == MADE_WEAK;
}

/* `type(self)`, `self.__class__`, `C`. */
static bool is_class(const Scan *s, PathId path) {
    const Path *p = &s->f->paths[path.i];
    if (p->kind == PATH_ATTR && str_is(facts_str(s->f, (StrId){p->id}), "__class__")) return true;
    if (p->kind == PATH_OP && s->f->ops[p->id].kind == OP_CALL)
        return str_is(graph_name_of(s->g, s->file, op_path(&s->f->ops[p->id])), "builtins.type");
    return entity_of_path(s->g, s->file, path, RESOLVE_DEPTH).kind == ENTITY_CLASS;
}

/* An attribute of the object itself: one that its class shares, or that it was given. */
static bool attribute_outlives(const Scan *s, PathId path, Confidence *sure) {
    bool exact;
    StrId name = attribute_named(s->f, path, s->object, &exact);
    ClassId c = graph_method_class(s->g, s->function), owner;
    if (!name.i || !c.i) return false;
    u64 hash = name_hash(s->f, name);
    const AttributeDef *def = class_attribute(s->g, c, hash, &owner);
    if (!def) return class_member(s->g, c, hash, &owner).i != 0;
    *sure = MIN(*sure, CONFIDENCE_MEDIUM);
    return attribute_origin(s->g, c, hash) == ORIGINS_GIVEN;
}

static bool outlives(const Scan *s, PathId holder, Confidence *sure) {
    const Facts *f = s->f;
    SymbolId named = facts_root_symbol(f, holder);
    if (named.i && f->scopes[f->symbols[named.i].scope.i].kind == SCOPE_MODULE) return true;
    holder = graph_alias_of(s->g, s->file, holder);
    if (is_class(s, holder)) return true;
    const Path *p = &f->paths[holder.i];
    for (PathId at = holder; f->paths[at.i].depth; at = f->paths[at.i].parent)
        if (is_class(s, f->paths[at.i].parent)) return true;
    SymbolId root = facts_root_symbol(f, holder);
    if (!root.i) return p->kind == PATH_SYMBOL && f->symbols[p->id].flags & SYMBOL_GLOBAL;
    if (f->scopes[f->symbols[root.i].scope.i].kind == SCOPE_MODULE) return true;
    if (root.i == s->object.i) return attribute_outlives(s, holder, sure);
    return s->self_outlives && root.i == s->self.i;
}

/* ---- statements ---- */

static Revival found(const Scan *s, u32 o, ReviveKind kind, PathId value, PathId holder, Carry c,
                     Confidence sure) {
    return (Revival){.kind = kind,
                     .confidence = MIN(sure, c.confidence),
                     .carry = c.kind,
                     .value = value,
                     .holder = holder,
                     .file = s->file,
                     .op = {o},
                     .function = s->function};
}

/* `buffer = self.dead.popleft()`, `buffer.delete()`: what is taken out ends there. */
static bool is_ended(const Facts *f, OpId taken) {
    for (u32 i = taken.i + 1; i < MIN(f->n_ops, taken.i + TAKEN_OPS); i++) {
        const Path *callee = &f->paths[f->ops[i].subject];
        if (f->ops[i].kind != OP_CALL || callee->kind != PATH_ATTR) continue;
        const Path *on = &f->paths[callee->parent.i];
        const Symbol *s = on->kind == PATH_SYMBOL ? &f->symbols[f->symbols[on->id].target.i] : NULL;
        PathId value = s && s->bind.i ? bound_value(f, &f->ops[s->bind.i]) : callee->parent;
        bool is_it = f->paths[value.i].kind == PATH_OP && f->paths[value.i].id == taken.i;
        Str name = facts_str(f, (StrId){callee->id});
        if (is_it && (is_release_name(name) || str_is(name, "delete"))) return true;
    }
    return false;
}

static void note_removal(const Scan *s, Revival *r, u32 file, OpId op, Str how) {
    const Facts *f = s->g->files[file].facts;
    bool takes = str_starts(how, "pop") || str_starts(how, "get");
    bool is_dropped = f->ops[op.i].flags & OP_DROPPED;
    r->is_reused |= takes && !is_dropped && !is_ended(f, op);
    r->is_removed = true;
}

/* The same for an attribute of an object that it was given: `self.context.dead`. */
static void note_attribute_drain(const Scan *s, PathId holder, Revival *r) {
    const Path *p = &s->f->paths[holder.i];
    if (p->kind != PATH_ATTR) return;
    ClassId c = type_of_path(s->g, s->file, p->parent, RESOLVE_DEPTH), family[FAMILY_SLOTS];
    u32 n = c.i ? family_of(s->g, c, family) : 0, n_touches;
    for (u32 k = 0; k < n; k++) {
        const Touch *t = touches_of(s->g, family[k], name_hash(s->f, (StrId){p->id}), &n_touches);
        for (u32 i = 0; i < n_touches; i++) {
            const Facts *f = s->g->files[t[i].file].facts;
            const Path *callee = &f->paths[f->ops[t[i].op.i].subject];
            if (t[i].kind != TOUCH_METHOD || t[i].level || callee->kind != PATH_ATTR) continue;
            Str how = facts_str(f, (StrId){callee->id});
            const MethodRow *row = know_method(how);
            if (row && row->effect == METHOD_REMOVES && !s->g->files[t[i].file].is_test)
                note_removal(s, r, t[i].file, t[i].op, how);
        }
    }
}

/* What the rest of the program does with a long-lived container. */
static void note_drain(const Scan *s, PathId holder, Revival *r) {
    Held h = held_by(s->g, s->file, holder, RESOLVE_DEPTH);
    const Container *c = h.container ? &s->g->containers[h.container] : NULL;
    for (u32 i = 0; c && i < c->n_uses; i++) {
        const Use *u = &c->uses[i];
        if (u->kind == USE_SHRINK && !s->g->files[u->file].is_test)
            note_removal(s, r, u->file, u->op, u->how);
    }
    if (!c) note_attribute_drain(s, holder, r);
}

static Revival stored(const Scan *s, u32 o, PathId value, PathId holder) {
    Confidence sure = CONFIDENCE_HIGH;
    Carry c = carried(s, value);
    if (c.kind == CARRY_NOTHING || !outlives(s, holder, &sure) || is_weak(s, holder))
        return (Revival){0};
    Revival r = found(s, o, REVIVE_STORED, value, holder, c, sure);
    note_drain(s, holder, &r);
    if (r.is_removed) r.confidence = r.is_reused ? MIN(sure, CONFIDENCE_MEDIUM) : CONFIDENCE_LOW;
    return r;
}

/* `global last; last = self`. */
static bool binds_global(const Scan *s, const Op *op) {
    const Path *p = &s->f->paths[op->subject];
    return p->kind == PATH_SYMBOL && s->f->symbols[p->id].flags & SYMBOL_GLOBAL;
}

/* An operand of the call, or the whole of a tuple of arguments, that carries the object. */
static Revival handed(const Scan *s, u32 o, const Op *call, ReviveKind kind, PathId holder) {
    for (u32 i = 0; i < call->operands; i++) {
        PathId value = op_operand(s->f, call, i);
        Carry c = carried(s, value);
        if (c.kind != CARRY_NOTHING) return found(s, o, kind, value, holder, c, CONFIDENCE_HIGH);
    }
    return (Revival){0};
}

/* `t.start()` of a thread or timer that this function made. */
static Revival started(const Scan *s, u32 o, const Path *callee) {
    PathId made = graph_alias_of(s->g, s->file, callee->parent);
    const Path *p = &s->f->paths[made.i];
    if (p->kind != PATH_OP || s->f->ops[p->id].kind != OP_CALL) return (Revival){0};
    const Op *call = &s->f->ops[p->id];
    Str name = graph_name_of(s->g, s->file, op_path(call));
    const CallRow *row = know_call(name);
    if (!row || !(row->flags & CALL_TASK) || !(row->flags & CALL_HOLDS)) return (Revival){0};
    return handed(s, o, call, REVIVE_RUN, op_path(call));
}

/* `create_task(self.close())`: it is a release, and the task goes when that is done. */
static bool is_own_release(const Scan *s, PathId value) {
    const Path *p = &s->f->paths[graph_alias_of(s->g, s->file, value).i];
    const Op *call = p->kind == PATH_OP ? &s->f->ops[p->id] : NULL;
    if (!call || call->kind != OP_CALL) return false;
    const Path *callee = &s->f->paths[call->subject];
    const Path *of = &s->f->paths[callee->parent.i];
    bool is_own = callee->kind == PATH_ATTR && of->kind == PATH_SYMBOL &&
                  s->f->symbols[of->id].target.i == s->object.i;
    return is_own && is_release_name(facts_str(s->f, (StrId){callee->id}));
}

/* The loop holds it until the callback has run: when that is soon, or a release, it was meant so.
 */
static Revival scheduled(const Scan *s, u32 o, const Op *call, Str method) {
    Revival r = handed(s, o, call, REVIVE_RUN, op_path(call));
    bool is_soon = r.carry == CARRY_CLOSURE && str_starts(method, "call_soon");
    if (r.kind && (is_soon || is_own_release(s, r.value))) r.confidence = CONFIDENCE_LOW;
    return r;
}

static Revival by_method(const Scan *s, u32 o, const Op *op, const Path *callee) {
    Str method = facts_str(s->f, (StrId){callee->id});
    const MethodRow *row = know_method(method);
    if (str_is(method, "start")) return started(s, o, callee);
    if (know_protocol(method, PROTOCOL_SCHEDULE) || know_is_task_method(method))
        return scheduled(s, o, op, method);
    if (!row || row->effect != METHOD_ADDS) return (Revival){0};
    PathId value = row->value >= 0 ? call_argument(s->f, op, (u32)row->value, NULL) : (PathId){0};
    Revival r = stored(s, o, value, callee->parent);
    if (r.kind || row->key < 0) return r;
    return stored(s, o, call_argument(s->f, op, (u32)row->key, NULL), callee->parent);
}

/* What the tables say of the function: `atexit.register`, `asyncio.ensure_future`. */
static Revival by_table(const Scan *s, u32 o, const Op *op) {
    Str name = graph_name_of(s->g, s->file, op_path(op));
    u32 n;
    const EffectRow *row = know_effects(name, &n);
    for (u32 i = 0; i < n; i++) {
        if (row[i].flags & (EFFECT_WEAK | EFFECT_REMOVES)) continue;
        if (row[i].holder == HELD_BY_PROCESS) return handed(s, o, op, REVIVE_PROCESS, op_path(op));
        if (row[i].holder == HELD_BY_LOOP) return scheduled(s, o, op, str_after_last(name, '.'));
    }
    const CallRow *call = know_call(name);
    bool is_task = call && call->flags & CALL_TASK && call->flags & CALL_HOLDS;
    if (is_task && str_starts(name, "asyncio.")) return scheduled(s, o, op, (Str){0});
    return (Revival){0};
}

/* The parameter of a helper that takes an operand, or 0. */
static SymbolId parameter_for(const Scan *s, const Op *call, u32 operand, const FunctionNode *fn,
                              bool is_bound) {
    const Facts *f = s->g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    Operand o = s->f->operands[call->operand + operand];
    u32 at = scope->param_first + operand + is_bound;
    if (operand_kind(o) == OPERAND_POSITIONAL)
        return at < scope->param_end && f->params[at].kind <= PARAM_POSITIONAL_ONLY
                   ? f->params[at].symbol
                   : (SymbolId){0};
    for (u32 p = scope->param_first; p < scope->param_end; p++)
        if (operand_kind(o) == OPERAND_KEYWORD &&
            str_eq(facts_str(f, f->symbols[f->params[p].symbol.i].name),
                   facts_str(s->f, operand_name(o))))
            return f->params[p].symbol;
    return (SymbolId){0};
}

/* A function of the project that gets the object, as self or as an argument. */
static Revival by_helper(const Scan *s, u32 o, const Op *op, u32 helpers) {
    ClassId made;
    u32 id = callee_function(s->g, s->file, op, &made);
    if (!id || !helpers) return (Revival){0};
    const FunctionNode *fn = &s->g->functions[id];
    const Path *callee = &s->f->paths[op->subject];
    ScopeRef function = {fn->file, fn->scope};
    bool is_bound =
        callee->kind == PATH_ATTR && fn->owner.i && fn->kind != METHOD_STATIC &&
        entity_of_path(s->g, s->file, callee->parent, RESOLVE_DEPTH).kind != ENTITY_CLASS;
    Scan in = {.g = s->g, .file = fn->file, .f = s->g->files[fn->file].facts};
    in.function = function;
    if (is_bound && is_object(s, callee->parent)) {
        in.object = self_symbol(s->g, function);
    } else {
        Confidence sure = CONFIDENCE_HIGH;
        for (u32 i = 0; i < op->operands && !in.object.i; i++)
            if (is_object(s, op_operand(s->f, op, i)))
                in.object = parameter_for(s, op, i, fn, is_bound);
        in.self = is_bound ? self_symbol(s->g, function) : (SymbolId){0};
        in.self_outlives = is_bound && outlives(s, callee->parent, &sure);
    }
    Revival r = {0};
    if (!in.object.i || in.f->symbols[in.object.i].binds) return r;
    in.path = path_of(in.f, in.object);
    if (in.path.i) r = scan(&in, helpers - 1);
    r.call = (OpRef){s->file, {o}};
    return r;
}

static Revival by_call(const Scan *s, u32 o, const Op *op, u32 helpers) {
    const Path *callee = &s->f->paths[graph_alias_of(s->g, s->file, op_path(op)).i];
    Revival r = callee->kind == PATH_ATTR ? by_method(s, o, op, callee) : (Revival){0};
    if (!r.kind) r = by_table(s, o, op);
    return r.kind ? r : by_helper(s, o, op, helpers);
}

static Revival by_op(const Scan *s, u32 o, u32 helpers) {
    const Op *op = &s->f->ops[o];
    PathId value = bound_value(s->f, op);
    switch ((OpKind)op->kind) {
    case OP_BIND:
        return binds_global(s, op) ? stored(s, o, value, op_path(op)) : (Revival){0};
    case OP_STORE: {
        Revival r = stored(s, o, value, s->f->paths[op->subject].parent);
        PathId key = bound_key(s->f, op);
        return r.kind || !key.i ? r : stored(s, o, key, s->f->paths[op->subject].parent);
    }
    case OP_AUGMENT:
        return stored(s, o, value, op_path(op));
    case OP_CALL:
        return by_call(s, o, op, helpers);
    default:
        return (Revival){0};
    }
}

static Revival scan(const Scan *s, u32 helpers) {
    const Scope *scope = &s->f->scopes[s->function.scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + FINALIZER_OPS);
    for (u32 o = scope->op_first; o < end; o++) {
        ScopeId in = s->f->regions[s->f->ops[o].region.i].scope;
        if (in.i != s->function.scope.i) continue; /* inner functions run later, if ever */
        Revival r = by_op(s, o, helpers);
        if (r.kind != REVIVE_NONE) return r;
    }
    return (Revival){0};
}

Revival graph_revival(const Graph *g, ScopeRef finalizer) {
    const Facts *f = g->files[finalizer.file].facts;
    Scan s = {.g = g, .file = finalizer.file, .f = f, .function = finalizer};
    s.object = self_symbol(g, finalizer);
    s.path = s.object.i ? path_of(f, s.object) : (PathId){0};
    return s.path.i ? scan(&s, HELPERS_MAX) : (Revival){0};
}
