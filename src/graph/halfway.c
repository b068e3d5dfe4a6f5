/* Generators that are left half-way while they hold something: asynchronous ones, which nothing
 * closes but the finalizer hook of the event loop, and those that their own object keeps. */
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

/* `response.close()`, `await connection.aclose()`, `os.unlink(path)` */
static bool is_releasing(const Graph *g, u32 file, const Op *call) {
    const Facts *f = g->files[file].facts;
    Str method = facts_method(f, call), name = graph_name_of(g, file, op_path(call));
    bool is_text = str_is(method, "join") && call->operands;
    return str_is(name, "os.unlink") || str_is(name, "os.remove") || str_is(name, "os.close") ||
           str_is(name, "shutil.rmtree") || (!is_text && is_release_name(method));
}

/* What the `finally` clause does: does it await, and what does it release? */
static void look_at_finally(const Graph *g, u32 file, const Region *last, HalfWay *out) {
    const Facts *f = g->files[file].facts;
    ScopeId scope = last->scope;
    for (u32 i = f->scopes[scope.i].op_first; i < f->scopes[scope.i].op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->span.start < last->span.start || op->span.end > last->span.end) continue;
        out->is_async |= op->kind == OP_AWAITED_VALUE;
        if (op->kind == OP_CALL && !out->release.i && is_releasing(g, file, op))
            out->release = (OpId){i};
    }
}

static const Region *finally_of(const Facts *f, u32 try) {
    for (u32 r = try; r < f->n_regions; r++)
        if (f->regions[r].kind == REGION_FINALLY && f->regions[r].group.i == try)
            return &f->regions[r];
    return NULL;
}

/* The `with` enters something that has to be released. */
static bool enters_resource(const Graph *g, u32 file, const Op *enter) {
    const Path *p = &g->files[file].facts->paths[enter->subject];
    Acquired acquired;
    return p->kind == PATH_OP && graph_acquires(g, (OpRef){file, {p->id}}, &acquired);
}

/* The `with` enters a known resource that is made there, or what such a one of the generator's own
 * gives: `async with client.stream(url)` in `async with httpx.AsyncClient() as client`. */
static bool is_of_its_own(const Graph *g, u32 file, const Op *enter) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[enter->subject];
    if (enters_resource(g, file, enter)) return true;
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    SymbolId maker = facts_root_symbol(f, op_path(&f->ops[p->id]));
    const Symbol *s = &f->symbols[maker.i];
    const Op *bind = &f->ops[s->bind.i];
    bool is_with = maker.i && s->binds == 1 && bind->kind == OP_BIND &&
                   (bind->flags & OP_LOW) == BIND_WITH &&
                   s->scope.i == f->regions[enter->region.i].scope.i;
    Acquired acquired;
    const Path *made = &f->paths[is_with ? bound_value(f, bind).i : 0];
    return made->kind == PATH_OP && graph_acquires(g, (OpRef){file, {made->id}}, &acquired);
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
            out->is_own = is_of_its_own(g, file, enter);
            if (enters_resource(g, file, enter)) out->release = (OpId){(u32)(enter - f->ops)};
            return true;
        }
        const Region *last = region->kind == REGION_TRY ? finally_of(f, r.i) : NULL;
        if (!last) continue;
        look_at_finally(g, file, last, out);
        return true;
    }
    return false;
}

bool graph_holds_at_yield(const Graph *g, ScopeRef generator, HalfWay *out) {
    const Facts *f = g->files[generator.file].facts;
    const Scope *scope = &f->scopes[generator.scope.i];
    if (!(scope->flags & SCOPE_GENERATOR)) return false;
    if (scope->decorator_first != scope->decorator_end) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        bool is_own = f->regions[f->ops[i].region.i].scope.i == generator.scope.i;
        if (f->ops[i].kind != OP_YIELD || f->ops[i].flags & OP_IMPLICIT || !is_own) continue;
        if (!is_holding(g, generator.file, i, out)) continue;
        out->generator = generator;
        out->guard = (OpRef){generator.file, {i}};
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
    return graph_holds_at_yield(g, (ScopeRef){fn->file, fn->scope}, out);
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

bool graph_lets_go(const Graph *g, ClassId c, Str attribute, Arena *arena) {
    Attribute a = graph_attribute(g, c, attribute, arena);
    for (u32 i = 0; i < a.n_uses; i++) {
        const AttributeUse *u = &a.uses[i];
        bool ends = u->kind == ATTRIBUTE_RELEASED || u->kind == ATTRIBUTE_EMPTIED;
        if (!u->level && ends) return true;
    }
    return a.is_cut;
}
