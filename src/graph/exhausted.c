/* Iterators that are read to their end and read again: variables that are bound to a generator, and
 * the operations that consume them. */
#include "graph/model.h"

enum { EXHAUSTED_OPS = 4000, READS_MAX = 24, BINDS_MAX = 24, STORES_MAX = 4 };

typedef struct Read {
    u32 op; /* of the function's own */
    bool is_full;
} Read;

typedef struct Reads {
    const Graph *g;
    u32 file;
    const Facts *f;
    ScopeId function;
    SymbolId variable;
    Read v[READS_MAX];
    u32 n;
    OpId binds[BINDS_MAX]; /* everything that gives it another value, or sets it back */
    u32 n_binds;
    OpId stores[STORES_MAX]; /* into an attribute or under a key */
    u32 n_stores;
    bool is_lost; /* captured, or too much of it */
} Reads;

/* ---- what is an iterator ---- */

static bool is_lazy_builtin(Str name) {
    static const char *const NAMES[] = {"enumerate", "filter", "iter", "map", "reversed", "zip"};
    if (!str_starts(name, "builtins.")) return false;
    Str last = str_after_last(name, '.');
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(last, NAMES[i])) return true;
    return false;
}

static IteratorKind kind_of_call(const Graph *g, u32 file, const Op *call, Str *name) {
    ClassId made = {0};
    u32 id = callee_function(g, file, call, &made);
    if (id && !made.i) {
        const FunctionNode *fn = &g->functions[id];
        const Scope *scope = &g->files[fn->file].facts->scopes[fn->scope.i];
        bool is_plain = scope->decorator_first == scope->decorator_end &&
                        !(scope->flags & SCOPE_ASYNC) && scope->flags & SCOPE_GENERATOR;
        *name = graph_scope_name(g, (ScopeRef){fn->file, fn->scope});
        return is_plain ? ITERATOR_FUNCTION : ITERATOR_NONE;
    }
    *name = graph_name_of(g, file, op_path(call));
    if (id || made.i) return ITERATOR_NONE;
    if (is_lazy_builtin(*name)) return ITERATOR_BUILTIN;
    return str_is(*name, "builtins.open") || str_is(*name, "io.open") ? ITERATOR_FILE
                                                                      : ITERATOR_NONE;
}

static IteratorKind kind_of_value(const Graph *g, u32 file, PathId value, Str *name) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    *name = (Str){0};
    if (!value.i || p->kind != PATH_OP) return ITERATOR_NONE;
    const Op *made = &f->ops[p->id];
    if (made->kind == OP_GENERATOR) {
        const Scope *scope = &f->scopes[made->subject];
        return scope->flags & SCOPE_ASYNC ? ITERATOR_NONE : ITERATOR_EXPRESSION;
    }
    return made->kind == OP_CALL ? kind_of_call(g, file, made, name) : ITERATOR_NONE;
}

/* ---- what reads it ---- */

/* Functions that read to the end. */
static bool is_reader(Str name) {
    static const char *const NAMES[] = {
        "builtins.dict",       "builtins.frozenset", "builtins.list",
        "builtins.max",        "builtins.min",       "builtins.set",
        "builtins.sorted",     "builtins.sum",       "builtins.tuple",
        "collections.Counter", "collections.deque",  "functools.reduce",
        "math.fsum",           "math.prod"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

static bool is_it(const Reads *r, PathId path) {
    return path.i && r->f->paths[path.i].kind == PATH_SYMBOL &&
           facts_root_symbol(r->f, path).i == r->variable.i;
}

/* The loop over it has a break: what is left may be meant for later. */
static bool is_broken_off(const Reads *r, u32 iterate) {
    const Facts *f = r->f;
    const Op *op = &f->ops[iterate];
    for (u32 i = op->region.i + 1; i < f->n_regions; i++) {
        const Region *loop = &f->regions[i];
        if (loop->span.start > op->span.end) break;
        bool is_loop = loop->kind == REGION_FOR && loop->span.start <= op->span.start &&
                       op->span.end <= loop->span.end && loop->parent.i == op->region.i;
        if (!is_loop) continue;
        for (u32 k = iterate; k < f->n_ops && f->ops[k].span.start < loop->span.end; k++)
            if (f->ops[k].kind == OP_BREAK) return true;
    }
    return false;
}

static void add_read(Reads *r, u32 op, bool is_full) {
    if (r->n < READS_MAX)
        r->v[r->n++] = (Read){op, is_full};
    else
        r->is_lost = true;
}

/* The call that takes the generator expression at once: `sum(1 for _ in rows)`. */
static u32 call_around(const Reads *r, u32 generator) {
    const Facts *f = r->f;
    u32 end = f->scopes[f->ops[generator].subject].op_end;
    for (u32 i = end; i < MIN(end + 4, f->n_ops); i++)
        for (u32 k = 0; f->ops[i].kind == OP_CALL && k < f->ops[i].operands; k++) {
            const Path *p = &f->paths[op_operand(f, &f->ops[i], k).i];
            if (p->kind == PATH_OP && p->id == generator) return i;
        }
    return 0;
}

static bool is_reading_call(const Reads *r, const Op *call) {
    const Path *p = &r->f->paths[call->subject];
    bool is_join = p->kind == PATH_ATTR && str_is(facts_str(r->f, (StrId){p->id}), "join") &&
                   r->f->paths[p->parent.i].kind == PATH_LITERAL;
    return is_join || is_reader(graph_name_of(r->g, r->file, op_path(call)));
}

static void note_iteration(Reads *r, u32 i, ScopeId scope) {
    const Facts *f = r->f;
    if (scope.i == r->function.i) {
        add_read(r, i, !is_broken_off(r, i));
        return;
    }
    u32 def = f->scopes[scope.i].def.i;
    if (f->scopes[scope.i].parent.i != r->function.i) {
        r->is_lost = true;
    } else if (f->ops[def].kind != OP_GENERATOR) {
        add_read(r, def, true);
    } else {
        u32 call = call_around(r, def);
        if (call && is_reading_call(r, &f->ops[call])) add_read(r, call, true);
    }
}

/* A list, then: Python 2, or a class of another name. */
static bool is_list_method(Str name) {
    static const char *const NAMES[] = {"append", "count", "extend",  "index",
                                        "insert", "pop",   "reverse", "sort"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

static void note_operation(Reads *r, u32 i) {
    const Facts *f = r->f;
    const Op *op = &f->ops[i];
    ScopeId scope = f->regions[op->region.i].scope;
    bool is_own = scope.i == r->function.i;
    bool is_subject = op_subject((OpKind)op->kind) == SUBJECT_PATH && is_it(r, op_path(op));
    if (op->kind == OP_ITERATE && is_subject) {
        note_iteration(r, i, scope);
        return;
    }
    if (is_subject && (op->kind == OP_BIND || op->kind == OP_DELETE)) {
        if (is_own && r->n_binds < BINDS_MAX)
            r->binds[r->n_binds++] = (OpId){i};
        else
            r->is_lost = true;
        return;
    }
    if (op->kind == OP_STORE && is_own && r->n_stores < STORES_MAX && is_it(r, bound_value(f, op)))
        r->stores[r->n_stores++] = (OpId){i};
    bool is_method = op->kind == OP_CALL && f->paths[op->subject].kind == PATH_ATTR &&
                     is_it(r, f->paths[op->subject].parent);
    if (is_method && is_list_method(facts_str(f, (StrId){f->paths[op->subject].id})))
        r->is_lost = true;
    if (is_method && is_own && r->n_binds < BINDS_MAX) /* `file.seek(0)` */
        r->binds[r->n_binds++] = (OpId){i};
    if (op->kind == OP_CALL && op->operands && is_it(r, op_operand(f, op, 0)) && is_own &&
        is_reading_call(r, op))
        add_read(r, i, true);
    if (op->kind == OP_YIELD && op->flags & OP_DELEGATE && is_it(r, op_operand(f, op, 0)))
        add_read(r, i, true);
}

/* Functions inside the function may use it at any time. */
static bool is_captured(const Reads *r) {
    const Facts *f = r->f;
    if (!(f->symbols[r->variable.i].flags & SYMBOL_CELL)) return false;
    for (u32 i = 1; i < f->n_symbols; i++) {
        const Symbol *inner = &f->symbols[i];
        if (i == r->variable.i || inner->target.i != r->variable.i) continue;
        if (f->scopes[inner->scope.i].kind != SCOPE_COMPREHENSION) return true;
    }
    return false;
}

/* ---- twice ---- */

static bool is_read_twice(const Reads *r, u32 bind, Exhausted *out) {
    u32 n = 0;
    OpId stops[BINDS_MAX + READS_MAX];
    for (u32 i = 0; i < r->n_binds; i++)
        if (r->binds[i].i != bind) stops[n++] = r->binds[i];
    OpId all[BINDS_MAX];
    for (u32 i = 0; i < r->n_binds; i++) all[i] = r->binds[i];
    for (u32 i = 0; i < r->n; i++) {
        if (!r->v[i].is_full) continue;
        OpId first = {r->v[i].op};
        stops[n] = (OpId){UINT32_MAX}; /* one at least */
        if (!graph_reaches(r->g, r->file, (OpId){bind}, first, stops, n + 1)) continue;
        for (u32 k = i; k < r->n; k++) {
            OpId second = {r->v[k].op};
            if (!graph_reaches(r->g, r->file, first, second, all, r->n_binds)) continue;
            out->first = first;
            out->second = second;
            return true;
        }
    }
    return false;
}

/* It is kept for others and read to its end here, in either order. */
static bool is_kept_empty(const Reads *r, u32 bind, Exhausted *out) {
    for (u32 i = 0; i < r->n_stores; i++) {
        OpId store = r->stores[i], none = {UINT32_MAX};
        if (!graph_reaches(r->g, r->file, (OpId){bind}, store, &none, 1)) continue;
        for (u32 k = 0; k < r->n; k++) {
            OpId read = {r->v[k].op}, binds[BINDS_MAX];
            for (u32 b = 0; b < r->n_binds; b++) binds[b] = r->binds[b];
            OpId from = store.i < read.i ? store : read, to = store.i < read.i ? read : store;
            if (!r->v[k].is_full || !graph_reaches(r->g, r->file, from, to, binds, r->n_binds))
                continue;
            out->first = read;
            out->second = store;
            out->is_kept = true;
            return true;
        }
    }
    return false;
}

/* Generators of functions and open iterators may be kept to be closed, or to be read on. */
static bool is_read_by_others(const Exhausted *e) {
    return e->kind == ITERATOR_EXPRESSION ||
           (e->kind == ITERATOR_BUILTIN && !str_is(e->made_by, "builtins.iter"));
}

static bool look_at_bind(const Graph *g, ScopeRef function, u32 bind, Exhausted *out) {
    const Facts *f = g->files[function.file].facts;
    const Op *op = &f->ops[bind];
    const Scope *scope = &f->scopes[function.scope.i];
    Reads r = {.g = g, .file = function.file, .f = f, .function = function.scope};
    r.variable = facts_root_symbol(f, op_path(op));
    const Symbol *s = &f->symbols[r.variable.i];
    if (s->scope.i != function.scope.i || s->flags & (SYMBOL_GLOBAL | SYMBOL_NONLOCAL))
        return false;
    if (is_captured(&r)) return false;
    for (u32 i = scope->op_first; i < scope->op_end && !r.is_lost; i++) note_operation(&r, i);
    out->bind = (OpId){bind};
    out->path = op_path(op);
    if (r.is_lost || !r.n) return false;
    return is_read_twice(&r, bind, out) || (is_read_by_others(out) && is_kept_empty(&r, bind, out));
}

bool graph_exhausted(const Graph *g, ScopeRef function, Exhausted *out) {
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    if (scope->kind != SCOPE_FUNCTION || scope->op_end - scope->op_first > EXHAUSTED_OPS)
        return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_BIND || f->regions[op->region.i].scope.i != function.scope.i) continue;
        *out = (Exhausted){0};
        out->kind = kind_of_value(g, function.file, bound_value(f, op), &out->made_by);
        if (out->kind && look_at_bind(g, function, i, out)) return true;
    }
    return false;
}
