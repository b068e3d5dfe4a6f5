/* Who keeps the instances of a class with a `__del__` alive until something that only its `__del__`
 * would do: running code (threads, timers, tasks) and registries. The other half of each answer is
 * who else lets go: one method that a user can call, or one store from outside, silences it. */
#include "graph/looping.h"

/* ---- registries ---- */

/* Does what a path starts at outlive the instance? *sure is lowered to what is known. */
static bool outlives(const Look *l, PathId holder, Confidence *sure) {
    const Facts *f = l->f;
    SymbolId root = facts_root_symbol(f, holder);
    bool exact;
    if (!root.i) return false;
    if (f->scopes[f->symbols[root.i].scope.i].kind == SCOPE_MODULE) return true;
    *sure = MIN(*sure, CONFIDENCE_MEDIUM);
    StrId name = attribute_named(f, holder, l->self, &exact);
    if (name.i) return attribute_origin(l->g, l->class, name_hash(f, name)) != ORIGINS_FRESH;
    return root.i != l->self.i && f->symbols[root.i].flags & SYMBOL_PARAM;
}

/* `bus` in one method and `self.bus` in another: the class keeps the parameter there. */
static bool is_kept_parameter(const Look *a, PathId path, const Look *b, PathId attribute) {
    bool exact;
    StrId name = attribute_named(b->f, attribute, b->self, &exact);
    if (!name.i || !exact || a->f->paths[path.i].kind != PATH_SYMBOL) return false;
    ClassId owner;
    const AttributeDef *d = class_attribute(a->g, a->class, name_hash(b->f, name), &owner);
    for (; d; d = attribute_next(a->g, d)) {
        if (d->file != a->file) continue;
        PathId value = bound_value(a->f, &a->f->ops[d->op.i]);
        if (value.i && facts_root_symbol(a->f, value).i == facts_root_symbol(a->f, path).i)
            return true;
    }
    return false;
}

/* The same receiver, seen from two methods. */
static bool is_same_holder(const Look *a, PathId p, const Look *b, PathId q) {
    if (is_kept_parameter(a, p, b, q) || is_kept_parameter(b, q, a, p)) return true;
    const Path *x = &a->f->paths[p.i], *y = &b->f->paths[q.i];
    while (x->depth && y->depth) {
        if (x->kind != y->kind || x->depth != y->depth) return false;
        if (x->kind == PATH_ATTR &&
            !str_eq(facts_str(a->f, (StrId){x->id}), facts_str(b->f, (StrId){y->id})))
            return false;
        x = &a->f->paths[x->parent.i];
        y = &b->f->paths[y->parent.i];
    }
    if (x->depth != y->depth || x->kind != PATH_SYMBOL || y->kind != PATH_SYMBOL) return false;
    SymbolId s = a->f->symbols[x->id].target, t = b->f->symbols[y->id].target;
    bool both_self = s.i == a->self.i && t.i == b->self.i;
    return both_self || (a->file == b->file && s.i && s.i == t.i);
}

static Str last_of(const Facts *f, PathId callee) {
    const Path *p = &f->paths[callee.i];
    if (p->kind == PATH_ATTR) return facts_str(f, (StrId){p->id});
    return p->kind == PATH_SYMBOL ? facts_str(f, f->symbols[p->id].name) : (Str){0};
}

/* `on_trait_change(f, remove=True)`: the pair of a name with itself is told by a keyword. */
static bool is_removing(const Facts *f, const Op *call) {
    return call_argument(f, call, UINT32_MAX / 4, "remove").i != 0;
}

enum { UNDO_NAMES = 64 };

typedef struct Undo {
    const Look *l; /* the adding site */
    Str verb;
    PathId holder;          /* 0 for a function */
    u64 others[UNDO_NAMES]; /* hashes of names that take nothing back, by their low bits */
} Undo;

/* The last part of the callee's name, as a hash that is at hand; 0 for none. */
static u64 last_hash(const Facts *f, PathId callee) {
    const Path *p = &f->paths[callee.i];
    if (p->kind == PATH_ATTR) return name_hash(f, (StrId){p->id});
    return p->kind == PATH_SYMBOL ? name_hash(f, f->symbols[p->id].name) : 0;
}

/* Does the name of the called one undo the verb? Most calls are of a few names. */
static bool is_undo_name(Undo *u, const Facts *f, PathId callee) {
    u64 hash = last_hash(f, callee), *other = &u->others[hash % UNDO_NAMES];
    if (!hash || *other == hash) return false;
    if (know_undo(u->verb, last_of(f, callee))) return true;
    *other = hash;
    return false;
}

static bool is_undo(const Undo *u, const Look *in, const Op *op) {
    Str last = last_of(in->f, op_path(op));
    if (str_eq(last, u->verb) && !is_removing(in->f, op)) return false;
    const Path *callee = &in->f->paths[op->subject];
    PathId holder = callee->kind == PATH_ATTR ? callee->parent : (PathId){0};
    if (!holder.i || !u->holder.i) return holder.i == u->holder.i;
    return is_same_holder(u->l, u->holder, in, holder);
}

static void find_undos_in(Undo *u, ClassId c, Stops *out) {
    const Look *l = u->l;
    ScopeRef body = graph_class_scope(l->g, c);
    const Facts *f = l->g->files[body.file].facts;
    const Scope *scope = &f->scopes[body.scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + FINALIZER_OPS);
    for (u32 o = scope->op_first; o < end; o++) {
        if (f->ops[o].kind != OP_CALL || !is_undo_name(u, f, op_path(&f->ops[o]))) continue;
        ScopeId m = method_around(f, f->ops[o].region, body.scope);
        if (!m.i) continue;
        Look in = look_into(l, (ScopeRef){body.file, m});
        if (!is_undo(u, &in, &f->ops[o])) continue;
        if (!graph_is_in_finalizer(l->g, in.function)) out->by_users = true;
        out->by_finalizer = true;
        out->release = (OpRef){body.file, {o}};
    }
}

/* A receiver of the project that keeps what it gets weakly. */
static bool is_weak_receiver(const Look *l, const Op *call) {
    ClassId made;
    u32 fn = callee_function(l->g, l->file, call, &made);
    if (!fn) return false;
    u32 file = l->g->functions[fn].file;
    const Facts *f = l->g->files[file].facts;
    const Scope *scope = &f->scopes[l->g->functions[fn].scope.i];
    for (u32 o = scope->op_first; o < scope->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_CALL) continue;
        if (str_starts(graph_name_of(l->g, file, op_path(op)), "weakref.")) return true;
        const Path *callee = &f->paths[op->subject];
        if (callee->kind == PATH_ATTR &&
            str_starts(maker_of(l->g, file, callee->parent), "weakref.Weak"))
            return true;
    }
    return false;
}

static bool is_process_registry(const Look *l, const Op *op) {
    u32 n;
    const EffectRow *row = know_effects(graph_name_of(l->g, l->file, op_path(op)), &n);
    u32 weaker = EFFECT_WEAK | EFFECT_SLOT | EFFECT_UNTIL_RUN | EFFECT_REMOVES;
    return n && row->holder == HELD_BY_PROCESS && !(row->flags & weaker);
}

/* The release is a method of the project that others have too: they call it, or it is handed out,
 * `deregister = registry.deregister`. */
static bool is_released_by_others(const Look *l, OpRef release) {
    const Facts *f = l->g->files[release.file].facts;
    ClassId made;
    u32 id = callee_function(l->g, release.file, &f->ops[release.op.i], &made);
    const FunctionNode *fn = &l->g->functions[id];
    if (!id) return false;
    const Scope *scope = &l->g->files[fn->file].facts->scopes[fn->scope.i];
    if (fn->escapes && scope->decorator_first == scope->decorator_end) return true;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        if (l->g->files[call.file].is_test) continue;
        if (!graph_is_in_finalizer(l->g, function_of_op(l->g, call))) return true;
    }
    return false;
}

static bool keep_registered(const Look *l, u32 o, Keeper *out) {
    const Op *op = &l->f->ops[o];
    const Path *callee = &l->f->paths[op->subject];
    Undo u = {.l = l, .verb = last_of(l->f, op_path(op))};
    const UndoRow *row = know_undo(u.verb, (Str){0});
    if (!row || !op->operands || is_removing(l->f, op)) return false;
    bool is_process = is_process_registry(l, op);
    u.holder = callee->kind == PATH_ATTR ? callee->parent : (PathId){0};
    /* graph_doomed_growth speaks of containers */
    if (u.holder.i && held_by(l->g, l->file, u.holder, RESOLVE_DEPTH).container) return false;
    Confidence sure = row->flags & UNDO_WEAK ? CONFIDENCE_LOW : CONFIDENCE_HIGH;
    if (!is_process && (!u.holder.i || !outlives(l, u.holder, &sure))) return false;
    PathId self = self_path(l);
    bool holds = false;
    for (u32 i = 0; i < op->operands && !holds; i++) {
        Carry c = graph_carries(l->g, l->file, op_operand(l->f, op, i), self);
        holds = c.kind != CARRY_NOTHING && c.kind != CARRY_OWNER;
        if (holds) sure = MIN(sure, c.confidence);
    }
    if (!holds || is_weak_receiver(l, op)) return false;
    const ClassNode *node = &l->g->classes[l->class.i];
    Stops stops = {0};
    for (u32 i = 0; i < node->n_mro; i++) find_undos_in(&u, node->mro[i], &stops);
    for (u32 i = 0; i < node->subclasses.n; i++) find_undos_in(&u, node->subclasses.v[i], &stops);
    if (stops.by_users || (!stops.by_finalizer && !is_process)) return false;
    if (stops.by_finalizer && is_released_by_others(l, stops.release)) return false;
    *out = (Keeper){.kind = is_process ? KEEPER_PROCESS : KEEPER_REGISTRY,
                    .site = op->span,
                    .holder = is_process ? op_path(op) : u.holder,
                    .confidence = stops.by_finalizer ? sure : MIN(sure, CONFIDENCE_MEDIUM),
                    .has_release = stops.by_finalizer,
                    .release = stops.release};
    return true;
}

/* ---- all sites of a class ---- */

/* What runs is stopped by `__del__` alone, or by nothing at all. */
static bool is_unstoppable(const Look *l, ScopeRef starter, Keeper *k) {
    Stops stops = find_stops(l, starter);
    if (stops.by_users || (!stops.by_finalizer && l->code->has_exit)) return false;
    k->confidence = stops.is_plain ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    k->has_release = stops.by_finalizer;
    k->release = stops.release;
    k->runs = l->code->function;
    k->loop = l->code->loop;
    return true;
}

/* A running thread is held by the threading module: `class Worker(Thread)`. */
static bool keep_itself(const Look *l, Keeper *out) {
    ScopeRef run = graph_method(l->g, l->class, "run");
    if (scope_is_none(run) || !graph_is_subclass(l->g, l->class, "threading.Thread")) return false;
    Look in = look_into(l, run);
    look_at_code(&in, 1);
    if (!l->code->runs) return false;
    *out = (Keeper){.kind = KEEPER_ITSELF, .site = in.f->scopes[run.scope.i].name_span};
    return is_unstoppable(l, run, out);
}

static bool is_started_often(const Look *l, const Op *op) {
    return graph_how_often(l->g, l->file, op->region) >= RUNS_PER_INSTANCE &&
           !graph_is_in_finalizer(l->g, l->function);
}

static bool keep_at(const Look *l, u32 o, Keeper *out) {
    const Op *op = &l->f->ops[o];
    if (!op->operands || !is_started_often(l, op)) return false;
    if (keep_running(l, o, out)) return is_unstoppable(l, l->function, out);
    return keep_registered(l, o, out);
}

/* The sites in one class' body. */
static u32 keepers_in(const Graph *g, ClassId c, ClassId body_of, ScopeRef del, Keeper *out,
                      u32 n) {
    ScopeRef body = graph_class_scope(g, body_of);
    const Facts *f = g->files[body.file].facts;
    const Scope *scope = &f->scopes[body.scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + FINALIZER_OPS);
    for (u32 o = scope->op_first; o < end && n < KEEPERS_MAX; o++) {
        if (f->ops[o].kind != OP_CALL) continue;
        ScopeId m = method_around(f, f->ops[o].region, body.scope);
        if (!m.i) continue;
        ScopeRef method = {body.file, m};
        Code code = {0};
        Look l = {g, c, body.file, f, method, {0}, &code, MENTIONED, false};
        l.self = self_symbol(g, method);
        if (!l.self.i || !keep_at(&l, o, &out[n])) continue;
        if (n && out[n - 1].file == body.file && out[n - 1].holder.i == out[n].holder.i)
            continue; /* once more to the same holder */
        out[n].file = body.file;
        out[n].function = method;
        out[n++].finalizer = del;
    }
    return n;
}

u32 graph_keepers(const Graph *g, ClassId c, Keeper *out) {
    ScopeRef del = graph_method(g, c, "__del__");
    if (scope_is_none(del) || graph_only_module_instances(g, c)) return 0;
    bool has_own_del = graph_method_class(g, del).i == c.i;
    const ClassNode *node = &g->classes[c.i];
    u32 n = 0;
    Code code = {0};
    ScopeRef body = graph_class_scope(g, c);
    Look l = {.g = g, .class = c, .file = body.file, .code = &code};
    ScopeRef run = graph_method(g, c, "run");
    bool is_own = has_own_del || (run.scope.i && graph_method_class(g, run).i == c.i);
    if (is_own && keep_itself(&l, &out[n])) {
        out[n].file = run.file;
        out[n].function = run;
        out[n++].finalizer = del;
    }
    for (u32 i = 0; i < node->n_mro; i++) {
        /* a base that has a finalizer is asked for what it does itself */
        bool is_asked = node->mro[i].i != c.i && graph_method(g, node->mro[i], "__del__").scope.i;
        if ((has_own_del && !is_asked) || node->mro[i].i == c.i)
            n = keepers_in(g, c, node->mro[i], del, out, n);
    }
    return n;
}
