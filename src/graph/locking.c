/* Locks that are taken by a statement: where the same function gives them back, and the way out on
 * which it does not. */
#include "graph/model.h"

enum { RELEASES_MAX = 32 };

typedef struct Look {
    const Graph *g;
    u32 file;
    const Facts *f;
    ScopeId scope;
    PathId lock;
    OpId releases[RELEASES_MAX];
    u32 n;
} Look;

/* `<lock>.<method>` as a path, whoever the lock is. */
static bool is_method(const Facts *f, PathId path, const char *method) {
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_ATTR && str_is(facts_str(f, (StrId){p->id}), method);
}

static bool is_call_of(const Facts *f, const Op *op, const char *method) {
    return op->kind == OP_CALL && is_method(f, op_path(op), method);
}

/* The same lock in another scope of the file: by its variable, or by its last name. */
static bool is_alike(const Look *l, PathId other) {
    const Facts *f = l->f;
    const Path *p = &f->paths[l->lock.i], *q = &f->paths[other.i];
    if (p->kind != q->kind) return false;
    if (p->kind == PATH_SYMBOL)
        return f->symbols[p->id].target.i &&
               f->symbols[p->id].target.i == f->symbols[q->id].target.i;
    return str_eq(facts_last_name(f, l->lock), facts_last_name(f, other));
}

static bool is_release_value(void *context, PathId path) {
    const Look *l = context;
    return is_method(l->f, path, "release") && is_alike(l, l->f->paths[path.i].parent);
}

/* Finds the calls of `release` in the function itself. False when an inner function releases the
 * lock, or `lock.release` is handed on to be called later: then nobody can tell; and when a `with`
 * of the function holds the lock, which is given up in between. */
static bool find_releases(Look *l) {
    const Facts *f = l->f;
    const Scope *scope = &f->scopes[l->scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        bool is_own = f->regions[op->region.i].scope.i == l->scope.i;
        bool is_call = is_call_of(f, op, "release");
        PathId of = {is_call ? f->paths[op->subject].parent.i : 0};
        if (op->kind == OP_ENTER && op->subject == l->lock.i) return false;
        if (is_call && is_own && of.i == l->lock.i && l->n < RELEASES_MAX)
            l->releases[l->n++] = (OpId){i};
        else if (is_call ? !is_own && is_alike(l, of) : op_paths(f, op, is_release_value, l))
            return false;
    }
    return l->n != 0;
}

/* A method of the class or function of the file releases what it has not taken. */
static bool is_released_by_others(const Look *l) {
    const Facts *f = l->f;
    ScopeId taker = {0}; /* the last function that was seen to take it */
    for (u32 i = 1; i < f->n_ops; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL) continue;
        ScopeId here = f->regions[op->region.i].scope;
        PathId of = f->paths[op->subject].parent;
        if (here.i == l->scope.i || !of.i) continue;
        if (is_call_of(f, op, "acquire") && is_alike(l, of)) taker = here;
        if (is_call_of(f, op, "release") && is_alike(l, of) && taker.i != here.i) return true;
    }
    return false;
}

static bool is_lock_path(void *context, PathId path) {
    const Look *l = context;
    return path.i == l->lock.i;
}

static bool is_handed_out(Look *l, u32 from) {
    u32 last = l->releases[l->n - 1].i;
    for (u32 i = from; i < last; i++) {
        const Op *op = &l->f->ops[i];
        bool hands = op->kind == OP_CALL || op->kind == OP_TUPLE || op->kind == OP_LIST ||
                     op->kind == OP_DICT || op->kind == OP_STORE;
        if (hands && op_paths(l->f, op, is_lock_path, l)) return true;
    }
    return false;
}

/* ---- is it a lock? ---- */

static ConcurrentKind annotated_kind(const Graph *g, u32 file, PathId lock) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[lock.i];
    SymbolId owner = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (!owner.i || !(f->symbols[owner.i].flags & SYMBOL_PARAM)) return CONCURRENT_NONE;
    const Param *param = facts_param(f, owner);
    return param ? know_concurrency(graph_name_of(g, file, param->annotation)) : CONCURRENT_NONE;
}

ConcurrentKind concurrent_kind(const Graph *g, u32 file, PathId value) {
    ConcurrentKind kind = know_concurrency(graph_maker_of(g, file, value));
    return kind != CONCURRENT_NONE ? kind : annotated_kind(g, file, value);
}

/* `self.acquire()` in a handler of logging. */
static bool is_handler(const Graph *g, u32 file, PathId lock) {
    const Facts *f = g->files[file].facts;
    bool is_class;
    SymbolId owner = facts_root_symbol(f, lock);
    ClassId c = {0};
    if (f->paths[lock.i].kind == PATH_SYMBOL && owner.i) c = self_class(g, file, owner, &is_class);
    return c.i && !is_class && graph_is_subclass(g, c, "logging.Handler");
}

/* How surely; what is known to be something else is none. */
static bool is_lock(const Look *l, LockTake *out) {
    ConcurrentKind kind = concurrent_kind(l->g, l->file, l->lock);
    out->confidence = CONFIDENCE_HIGH;
    if (kind == CONCURRENT_LOCK || kind == CONCURRENT_ASYNC_LOCK) return true;
    out->confidence = CONFIDENCE_MEDIUM;
    if (is_handler(l->g, l->file, l->lock) || know_is_lock_name(facts_last_name(l->f, l->lock)))
        return true;
    out->confidence = CONFIDENCE_LOW;
    return kind == CONCURRENT_NONE;
}

/* Does its `__del__` release it? The locks of filelock do. */
static bool dies_released(const Look *l) {
    const Graph *g = l->g;
    if (str_starts(graph_maker_of(g, l->file, l->lock), "filelock.")) return true;
    ClassId c = graph_type_of(g, l->file, l->lock);
    ScopeRef end = c.i ? graph_method(g, c, "__del__") : (ScopeRef){0};
    if (!c.i || scope_is_none(end)) return false;
    const Facts *f = g->files[end.file].facts;
    const Scope *scope = &f->scopes[end.scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++)
        if (is_call_of(f, &f->ops[i], "release")) return true;
    return false;
}

/* A lock that the function makes for itself, and that goes with its frame: nobody finds it locked
 * when the call has failed. */
static bool goes_with_frame(const Look *l) {
    const Facts *f = l->f;
    const Path *p = &f->paths[l->lock.i];
    SymbolId owner = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    const Symbol *s = &f->symbols[owner.i];
    bool is_local = owner.i && s->scope.i == l->scope.i && s->binds == 1 && s->bind.i &&
                    !(s->flags & (SYMBOL_PARAM | SYMBOL_CELL));
    const Op *bind = is_local ? &f->ops[s->bind.i] : NULL;
    if (!bind || bind->kind != OP_BIND) return false;
    const Path *made = &f->paths[bound_value(f, bind).i];
    bool is_made_here = made->kind == PATH_OP && f->ops[made->id].kind == OP_CALL;
    return is_made_here && dies_released(l);
}

/* ---- the whole ---- */

/* From where on the lock is held: the call, or the await of it. */
static u32 held_from(const Facts *f, u32 call) {
    if (!(f->ops[call].flags & OP_AWAITED)) return call;
    for (u32 i = call + 1; i < f->n_ops && i < call + 4; i++) {
        const Path *p = &f->paths[f->ops[i].subject];
        if (f->ops[i].kind == OP_AWAIT && p->kind == PATH_OP && p->id == call) return i;
    }
    return call;
}

static bool is_zero(const Facts *f, const Path *p) {
    return p->flags == LITERAL_INT && str_is(facts_str(f, (StrId){p->id}), "0");
}

/* `acquire()`, `acquire(True)`: it does not return without the lock. */
static bool is_unconditional_take(const Facts *f, const Op *op) {
    const Path *first = &f->paths[op_operand(f, op, 0).i];
    bool is_true = first->kind == PATH_LITERAL &&
                   (first->flags == LITERAL_TRUE || first->flags == LITERAL_INT);
    return op->flags & OP_DROPPED && is_call_of(f, op, "acquire") &&
           (!op->operands || (op->operands == 1 && is_true && !is_zero(f, first)));
}

/* The block that a statement is in, but for blocks that are always run. */
static RegionId block_of(const Facts *f, OpId op) {
    RegionId r = f->ops[op.i].region;
    for (;; r = f->regions[r.i].parent) {
        u8 kind = f->regions[r.i].kind;
        if (kind != REGION_WITH && kind != REGION_TRY && kind != REGION_TRY_ELSE &&
            kind != REGION_FINALLY)
            return r;
    }
}

/* Some release is on the main way from the operation on: behind it, or in the same loop, and in its
 * block or one around it. */
static bool is_released_after(const Look *l, u32 from) {
    const Facts *f = l->f;
    for (u32 i = 0; i < l->n; i++) {
        bool is_around = false, is_after = l->releases[i].i > from;
        RegionId block = block_of(f, l->releases[i]);
        for (RegionId r = f->ops[from].region; r.i && !is_around; r = f->regions[r.i].parent)
            is_around = r.i == block.i;
        for (RegionId r = block; r.i && !is_after; r = f->regions[r.i].parent)
            is_after = f->regions[r.i].kind == REGION_WHILE || f->regions[r.i].kind == REGION_FOR;
        if (is_around && is_after) return true;
    }
    return false;
}

bool graph_lock_take(const Graph *g, OpRef call, LockTake *out) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = facts_op(f, call.op);
    const Path *callee = &f->paths[op->subject];
    Look l = {.g = g,
              .file = call.file,
              .f = f,
              .scope = f->regions[op->region.i].scope,
              .lock = callee->parent};
    *out = (LockTake){.lock = l.lock};
    if (!is_unconditional_take(f, op) || f->scopes[l.scope.i].kind != SCOPE_FUNCTION) return false;
    if (!find_releases(&l) || !is_lock(&l, out)) return false;
    u32 from = held_from(f, call.op.i);
    if (!is_released_after(&l, from)) return false;
    out->is_async = op->flags & OP_AWAITED;
    /* `self.acquire()`: other methods of it do as they like */
    PathId quiet = is_handler(g, call.file, l.lock) ? (PathId){0} : l.lock;
    out->skip = graph_skip(g, call.file, (OpId){from}, l.releases, l.n, &(Spared){.quiet = quiet});
    const Skip *s = &out->skip;
    if (s->at_end || !(s->raise.i || s->returns.i || s->call.i)) return false;
    for (u32 i = l.n; i-- > 0;)
        if (l.releases[i].i > from || !out->release.i) out->release = l.releases[i];
    out->is_shared = is_released_by_others(&l);
    out->is_handed_out = is_handed_out(&l, from);
    return out->is_handed_out || !goes_with_frame(&l);
}
