/* Async generators that are left half-way while they hold something: nothing closes them but the
 * finalizer hook of the event loop. */
#include "graph/model.h"

enum { HALF_WAY_OPS = 4000 };

/* ---- the generator ---- */

static bool is_harmless_manager(const Graph *g, u32 file, PathId manager) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[manager.i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) manager = op_path(&f->ops[p->id]);
    Str name = graph_name_of(g, file, manager);
    return str_ends(name, "suppress") || str_ends(name, "nullcontext");
}

/* The `with` whose body the region is: its OP_ENTER stands before it. */
static const Op *enter_of(const Facts *f, const Region *with, u32 yield) {
    for (u32 i = yield; i > 0; i--) {
        const Op *op = &f->ops[i];
        bool is_inside = with->span.start <= op->span.start && op->span.end <= with->span.end;
        if (op->kind == OP_ENTER && is_inside) return op;
        if (op->span.end < with->span.start) break;
    }
    return NULL;
}

/* Its clean-up awaits. */
static bool awaits_finally(const Facts *f, u32 try) {
    for (u32 r = try; r < f->n_regions; r++) {
        const Region *last = &f->regions[r];
        if (last->kind != REGION_FINALLY || last->group.i != try) continue;
        for (u32 i = 1; i < f->n_ops; i++)
            if (f->ops[i].kind == OP_AWAITED_VALUE && last->span.start <= f->ops[i].span.start &&
                f->ops[i].span.end <= last->span.end)
                return true;
    }
    return false;
}

static bool has_finally(const Facts *f, u32 try) {
    for (u32 r = try; r < f->n_regions; r++)
        if (f->regions[r].kind == REGION_FINALLY && f->regions[r].group.i == try) return true;
    return false;
}

static bool is_holding(const Graph *g, u32 file, u32 yield, HalfWay *out) {
    const Facts *f = g->files[file].facts;
    ScopeId scope = f->regions[f->ops[yield].region.i].scope;
    for (RegionId r = f->ops[yield].region; r.i; r = f->regions[r.i].parent) {
        const Region *region = &f->regions[r.i];
        if (region->scope.i != scope.i) return false;
        if (region->kind == REGION_WITH) {
            const Op *enter = enter_of(f, region, yield);
            if (!enter || is_harmless_manager(g, file, op_path(enter))) continue;
            out->is_with = true;
            out->is_async = enter->flags & OP_ASYNC;
            return true;
        }
        if (region->kind != REGION_TRY || !has_finally(f, r.i)) continue;
        out->is_async = awaits_finally(f, r.i);
        return true;
    }
    return false;
}

static bool is_generator(const Graph *g, u32 file, PathId value, HalfWay *out) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    ClassId made = {0};
    if (!value.i || p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    u32 id = callee_function(g, file, &f->ops[p->id], &made);
    if (!id || made.i) return false;
    const FunctionNode *fn = &g->functions[id];
    const Facts *other = g->files[fn->file].facts;
    const Scope *scope = &other->scopes[fn->scope.i];
    if (!(scope->flags & SCOPE_ASYNC) || !(scope->flags & SCOPE_GENERATOR)) return false;
    if (scope->decorator_first != scope->decorator_end) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        bool is_own = other->regions[other->ops[i].region.i].scope.i == fn->scope.i;
        if (other->ops[i].kind != OP_YIELD || !is_own) continue;
        if (!is_holding(g, fn->file, i, out)) continue;
        out->generator = (ScopeRef){fn->file, fn->scope};
        out->guard = (OpRef){fn->file, {i}};
        return true;
    }
    return false;
}

/* ---- who leaves it ---- */

/* The statement that leaves the loop over it; or none. */
static OpId way_out(const Facts *f, u32 iterate) {
    const Op *op = &f->ops[iterate];
    ScopeId scope = f->regions[op->region.i].scope;
    for (u32 i = op->region.i + 1; i < f->n_regions; i++) {
        const Region *loop = &f->regions[i];
        if (loop->span.start > op->span.end) break;
        bool is_loop = loop->kind == REGION_FOR && loop->parent.i == op->region.i &&
                       loop->span.start <= op->span.start && op->span.end <= loop->span.end;
        if (!is_loop) continue;
        for (u32 k = iterate; k < f->n_ops && f->ops[k].span.start < loop->span.end; k++) {
            bool leaves = f->ops[k].kind == OP_BREAK || f->ops[k].kind == OP_RETURN;
            if (leaves && f->regions[f->ops[k].region.i].scope.i == scope.i) return (OpId){k};
        }
    }
    return (OpId){0};
}

/* The variable is closed, entered or handed to somebody in the function. */
static bool is_looked_after(const Graph *g, ScopeRef function, SymbolId variable) {
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        const Path *p = &f->paths[op->subject];
        bool is_closed = op->kind == OP_CALL && p->kind == PATH_ATTR &&
                         facts_root_symbol(f, op_path(op)).i == variable.i &&
                         str_is(facts_str(f, (StrId){p->id}), "aclose");
        if (is_closed) return true;
        bool takes = op->kind == OP_CALL || op->kind == OP_RETURN || op->kind == OP_YIELD ||
                     op->kind == OP_STORE || op->kind == OP_LIST || op->kind == OP_TUPLE;
        for (u32 k = 0; takes && k < op->operands; k++) {
            PathId path = op_operand(f, op, k); /* `stack.push_async_callback(found.aclose)` */
            bool is_asked = f->paths[path.i].kind == PATH_ANY;
            if (path.i && !is_asked && facts_root_symbol(f, path).i == variable.i) return true;
        }
    }
    return false;
}

/* The value that the variable got, when it got just one. */
static PathId value_of(const Facts *f, ScopeRef function, PathId path) {
    SymbolId variable = facts_root_symbol(f, path);
    const Symbol *s = &f->symbols[variable.i];
    if (f->paths[path.i].kind != PATH_SYMBOL || s->scope.i != function.scope.i) return (PathId){0};
    if (s->binds != 1 || !s->bind.i || f->ops[s->bind.i].kind != OP_BIND) return (PathId){0};
    bool is_assigned = (f->ops[s->bind.i].flags & OP_LOW) == BIND_ASSIGN;
    return is_assigned ? bound_value(f, &f->ops[s->bind.i]) : (PathId){0};
}

static bool look_at_loop(const Graph *g, ScopeRef function, u32 i, HalfWay *out) {
    const Facts *f = g->files[function.file].facts;
    PathId subject = op_path(&f->ops[i]);
    *out = (HalfWay){.read = {i}, .out = way_out(f, i)};
    if (!out->out.i) return false;
    if (f->paths[subject.i].kind == PATH_OP) return is_generator(g, function.file, subject, out);
    PathId value = value_of(f, function, subject);
    out->variable = subject;
    return value.i && is_generator(g, function.file, value, out) &&
           !is_looked_after(g, function, facts_root_symbol(f, subject));
}

bool graph_half_way(const Graph *g, ScopeRef function, HalfWay *out) {
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    if (scope->kind != SCOPE_FUNCTION || !(scope->flags & SCOPE_ASYNC)) return false;
    if (scope->op_end - scope->op_first > HALF_WAY_OPS) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (f->regions[op->region.i].scope.i != function.scope.i) continue;
        if (op->kind == OP_ITERATE && op->flags & OP_ASYNC && look_at_loop(g, function, i, out))
            return true;
        if (op->kind != OP_CALL || op->operands != 1) continue;
        *out = (HalfWay){.read = {i}};
        if (str_is(graph_name_of(g, function.file, op_path(op)), "builtins.anext") &&
            is_generator(g, function.file, op_operand(f, op, 0), out))
            return true;
    }
    return false;
}
