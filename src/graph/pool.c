/* Pools of multiprocessing: who closes them, and whether that comes before somebody joins them. */
#include "graph/model.h"

typedef struct Look {
    const Graph *g;
    u32 file;
    const Facts *f;
    ScopeId scope;
    PathId pool;    /* as the function writes it */
    SymbolId owner; /* its variable, or 0 */
} Look;

static bool is_pool(ConcurrentKind kind) {
    return kind == CONCURRENT_THREAD_POOL || kind == CONCURRENT_PROCESS_POOL;
}

static bool is_ending(Str method) {
    return str_is(method, "close") || str_is(method, "terminate");
}

static ScopeId scope_of(const Facts *f, const Op *op) {
    return f->regions[op->region.i].scope;
}

/* The path names the pool: in this function as it is written, elsewhere by its variable or by the
 * attribute's name. */
static bool is_it(const Look *l, PathId path, bool is_here) {
    const Facts *f = l->f;
    if (is_here && path.i == l->pool.i) return true;
    const Path *p = &f->paths[path.i], *own = &f->paths[l->pool.i];
    if (p->kind != own->kind || !path.i) return false;
    if (l->owner.i) return facts_root_symbol(f, path).i == l->owner.i && p->depth == own->depth;
    return p->kind == PATH_ATTR && str_eq(facts_attribute(f, path), facts_attribute(f, l->pool));
}

/* ---- joined before it is closed ---- */

typedef struct Mention {
    const Look *look;
    bool is_here;
    bool ends, escapes;
} Mention;

/* `pool.close` as a value, or the pool itself handed on. */
static bool mention(void *context, PathId path) {
    Mention *m = context;
    const Facts *f = m->look->f;
    const Path *p = &f->paths[path.i];
    if (is_it(m->look, path, m->is_here)) m->escapes = true;
    if (p->kind == PATH_ATTR && is_ending(facts_attribute(f, path)) &&
        is_it(m->look, p->parent, m->is_here))
        m->ends = true;
    return false;
}

/* The manager of a `with` is the pool, or the call whose value the `as` names. */
static bool is_manager(const Look *l, const Op *op, bool is_here) {
    const Facts *f = l->f;
    PathId manager = op_path(op);
    if (is_it(l, manager, is_here)) return true;
    const Symbol *s = &f->symbols[l->owner.i];
    const Op *bind = &f->ops[s->bind.i];
    return l->owner.i && bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_WITH &&
           bound_value(f, bind).i == manager.i;
}

/* What one operation does to the pool. */
static Mention mention_in(const Look *l, const Op *op) {
    Mention m = {.look = l, .is_here = scope_of(l->f, op).i == l->scope.i};
    if (op->kind == OP_EXIT) m.ends = is_manager(l, op, m.is_here);
    bool is_local = op->kind == OP_ENTER || op->kind == OP_EXIT || op->kind == OP_BIND ||
                    op->kind == OP_TEST || op->kind == OP_DELETE || op->kind == OP_LOAD;
    if (is_local) return m;
    op_paths(l->f, op, mention, &m);
    return m;
}

/* Some other function of the file ends it: callbacks, other methods. */
static bool is_ended_elsewhere(const Look *l) {
    const Facts *f = l->f;
    for (u32 i = 1; i < f->n_ops; i++)
        if (scope_of(f, &f->ops[i]).i != l->scope.i && mention_in(l, &f->ops[i]).ends) return true;
    return false;
}

static bool is_attribute_ended(const Look *l, Arena *arena) {
    const Facts *f = l->f;
    bool is_class;
    SymbolId root = facts_root_symbol(f, l->pool);
    ClassId c = root.i ? self_class(l->g, l->file, root, &is_class) : (ClassId){0};
    if (!c.i || f->paths[l->pool.i].depth != 1) return true;
    Attribute a = graph_attribute(l->g, c, facts_attribute(f, l->pool), arena);
    for (u32 i = 0; i < a.n_uses; i++) {
        const AttributeUse *use = &a.uses[i];
        bool is_here = use->file == l->file && use->function.scope.i == l->scope.i;
        if (use->kind == ATTRIBUTE_HANDED_OUT && !is_here) return true;
        if (use->kind == ATTRIBUTE_RELEASED && !is_here && !str_is(use->how, "join")) return true;
    }
    return a.is_cut;
}

/* Is it a local of the function itself, and nobody else's? */
static bool is_own_local(const Look *l) {
    const Symbol *s = &l->f->symbols[l->owner.i];
    return l->owner.i && s->scope.i == l->scope.i && !(s->flags & SYMBOL_PARAM) &&
           l->f->scopes[l->scope.i].kind == SCOPE_FUNCTION;
}

bool graph_pool_join(const Graph *g, OpRef call, Arena *arena, PoolJoin *out) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = facts_op(f, call.op);
    const Path *callee = &f->paths[op->subject];
    Look l = {.g = g, .file = call.file, .f = f, .scope = scope_of(f, op), .pool = callee->parent};
    *out = (PoolJoin){.pool = l.pool, .confidence = CONFIDENCE_MEDIUM};
    if (callee->kind != PATH_ATTR || !is_pool(concurrent_kind(g, call.file, l.pool))) return false;
    if (f->paths[l.pool.i].kind == PATH_SYMBOL) l.owner = facts_root_symbol(f, l.pool);
    const Scope *scope = &f->scopes[l.scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        if (scope_of(f, &f->ops[i]).i != l.scope.i) continue;
        Mention m = mention_in(&l, &f->ops[i]);
        if (i < call.op.i && (m.ends || m.escapes)) return false;
        if (i > call.op.i && m.ends && f->ops[i].kind == OP_CALL && !out->late.i)
            out->late = (OpId){i};
    }
    if (is_ended_elsewhere(&l)) return false;
    if (is_own_local(&l)) {
        out->confidence = CONFIDENCE_HIGH;
        out->made = l.owner.i ? f->symbols[l.owner.i].bind : (OpId){0};
        return true;
    }
    bool is_given = l.owner.i && f->symbols[l.owner.i].flags & SYMBOL_PARAM;
    bool is_attribute = !l.owner.i && is_attribute_ended(&l, arena);
    return out->late.i || !(is_given || is_attribute);
}

/* ---- left open ---- */

typedef struct Uses {
    bool ends, joins, escapes;
    OpId closed, used;
} Uses;

static bool is_variable(const Look *l, PathId path) {
    return path.i && facts_root_symbol(l->f, path).i == l->owner.i;
}

/* An operand that is the pool, or a method of it. */
static void take_operand(const Look *l, PathId path, Uses *u) {
    if (!is_variable(l, path)) return;
    Str name = facts_attribute(l->f, path);
    if (is_ending(name) || str_is(name, "__exit__"))
        u->ends = true;
    else
        u->escapes = true;
}

static void take_call(const Look *l, u32 index, Uses *u) {
    const Facts *f = l->f;
    const Op *op = &f->ops[index];
    PathId callee = op_path(op);
    if (is_variable(l, callee) && f->paths[callee.i].depth == 1) {
        Str method = facts_attribute(f, callee);
        if (str_is(method, "close")) u->closed = (OpId){index};
        u->ends |= str_is(method, "terminate") || str_is(method, "__exit__");
        u->joins |= str_is(method, "join");
        if (!u->used.i) u->used = (OpId){index};
    }
    for (u32 i = 0; i < op->operands; i++) take_operand(l, f->operands[op->operand + i].path, u);
}

static bool visit_operand(void *context, PathId path) {
    void **both = context;
    take_operand(both[0], path, both[1]);
    return false;
}

static void take_op(const Look *l, u32 index, Uses *u) {
    const Op *op = &l->f->ops[index];
    void *both[] = {(void *)(uintptr_t)l, u};
    switch (op->kind) {
    case OP_CALL:
        take_call(l, index, u);
        return;
    case OP_ENTER:
        u->ends |= is_variable(l, op_path(op));
        return;
    case OP_EXIT:
    case OP_TEST:
    case OP_DELETE:
    case OP_LOAD:
        return;
    case OP_BIND: /* `mapping = pool.map` is a use like others */
        if (!l->f->paths[bound_value(l->f, op).i].depth) take_operand(l, bound_value(l->f, op), u);
        return;
    default:
        op_paths(l->f, op, visit_operand, both);
    }
}

/* The first operation after the call that takes its value. */
static bool takes(void *context, PathId path) {
    const Look *l = context;
    const Path *root = facts_root(l->f, path);
    return root->kind == PATH_OP && root->id == l->pool.i;
}

static u32 taker_of(const Facts *f, u32 value) {
    enum { NEAR = 64 };
    Look l = {.f = f, .pool = {value}};
    for (u32 i = value + 1; i < MIN(value + NEAR, f->n_ops); i++)
        if (op_paths(f, &f->ops[i], takes, &l)) return i;
    return 0;
}

/* `Pool(4).map(f, xs)` */
static bool is_temporary(const Facts *f, u32 taker) {
    const Op *op = &f->ops[taker];
    const Path *callee = &f->paths[op->subject];
    return op->kind == OP_CALL && callee->kind == PATH_ATTR && callee->depth == 1 &&
           f->paths[callee->parent.i].kind == PATH_OP &&
           !is_ending(facts_attribute(f, op_path(op))) &&
           !str_is(facts_attribute(f, op_path(op)), "__enter__");
}

bool graph_pool_left(const Graph *g, OpRef call, PoolLeft *out) {
    const Facts *f = g->files[call.file].facts;
    Look l = {.g = g, .file = call.file, .f = f, .scope = scope_of(f, facts_op(f, call.op))};
    Str made = maker_of_call(g, call.file, facts_op(f, call.op));
    *out = (PoolLeft){.kind = know_concurrency(made)};
    if (!is_pool(out->kind) || f->scopes[l.scope.i].kind != SCOPE_FUNCTION) return false;
    u32 taker = taker_of(f, call.op.i);
    if (!taker) return false;
    if (is_temporary(f, taker)) {
        out->used = (OpId){taker};
        return true;
    }
    l.owner = facts_root_symbol(f, op_path(&f->ops[taker]));
    const Symbol *s = &f->symbols[l.owner.i];
    bool is_local = f->ops[taker].kind == OP_BIND && l.owner.i && s->scope.i == l.scope.i &&
                    (f->ops[taker].flags & OP_LOW) != BIND_WITH;
    if (!is_local) return false;
    Uses u = {0};
    const Scope *scope = &f->scopes[l.scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++) take_op(&l, i, &u);
    out->local = facts_str(f, s->name);
    out->used = u.used;
    out->closed = u.closed;
    bool is_ended = u.ends || (u.closed.i && (u.joins || out->kind == CONCURRENT_THREAD_POOL));
    return !u.escapes && !is_ended && !(u.joins && !u.closed.i);
}

/* ---- kept ---- */

/* A loop over what the path leads to, whose body shuts something down. */
static bool is_released_in_loop(const Graph *g, u32 file, const Op *iterate) {
    const Facts *f = g->files[file].facts;
    u32 from = (u32)(iterate - f->ops), end = f->scopes[scope_of(f, iterate).i].op_end;
    enum { BODY = 64 };
    for (u32 i = from + 1; i < MIN(end, from + BODY); i++) {
        const Op *op = &f->ops[i];
        Str method = op->kind == OP_CALL ? facts_attribute(f, op_path(op)) : (Str){0};
        if (is_ending(method) || str_is(method, "shutdown")) return true;
    }
    return false;
}

static bool is_container_released(const Graph *g, ContainerId id) {
    const Container *c = graph_container(g, id);
    for (u32 i = 0; i < c->n_uses; i++) {
        const Use *use = &c->uses[i];
        const Op *op = &g->files[use->file].facts->ops[use->op.i];
        bool is_loop = op->kind == OP_ITERATE || op->kind == OP_CALL;
        if (use->kind == USE_READ && is_loop && is_released_in_loop(g, use->file, op)) return true;
    }
    return false;
}

bool graph_keeps_pools(const Graph *g, ContainerId id, PoolKept *out) {
    const Container *c = graph_container(g, id);
    *out = (PoolKept){0};
    for (u32 i = 0; i < c->n_uses && !out->use; i++) {
        const Use *use = &c->uses[i];
        if (use->kind != USE_GROW || use->overwrites || use->how_often < RUNS_PER_CALL) continue;
        out->kind = concurrent_kind(g, use->file, use->value);
        bool is_executor = out->kind == CONCURRENT_THREAD_EXECUTOR ||
                           out->kind == CONCURRENT_PROCESS_EXECUTOR || is_pool(out->kind);
        if (!is_executor) continue;
        out->use = use;
        out->made_by = graph_maker_of(g, use->file, use->value);
    }
    if (out->use) out->is_released = is_container_released(g, id);
    return out->use != NULL;
}
