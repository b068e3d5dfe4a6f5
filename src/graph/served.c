/* Which functions run once for each request, message, connection or job: those that a framework
 * calls, and what they call whenever they run. */
#include "graph/served.h"

/* ---- what a framework calls ---- */

/* `/users`, ``: what a route is. */
static bool is_route(const Facts *f, PathId argument) {
    const Path *p = &f->paths[argument.i];
    if (!argument.i || p->kind != PATH_LITERAL || p->flags != LITERAL_STRING) return false;
    Str text = facts_str(f, (StrId){p->id});
    return !text.n || text.p[0] == '/';
}

/* `app` of `@app.get`, `tree` of `@bot.tree.command`. */
static Str receiver_name(const Facts *f, PathId callee) {
    const Path *p = &f->paths[callee.i];
    return p->kind == PATH_ATTR ? facts_last_name(f, p->parent) : (Str){0};
}

static bool is_serving_decorator(const Facts *f, PathId decorator) {
    const Path *p = &f->paths[decorator.i];
    const Op *call = p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL ? &f->ops[p->id] : NULL;
    PathId callee = call ? op_path(call) : decorator;
    const ServedRow *row = know_served(facts_last_name(f, callee));
    if (!row || row->by == SERVED_GIVEN) return false;
    if (row->by == SERVED_DECORATED || know_is_app_name(receiver_name(f, callee))) return true;
    Str keyword = row->keyword ? str_from(row->keyword) : (Str){0};
    return row->by == SERVED_ROUTE && call &&
           is_route(f, call_argument_named(f, call, (u32)row->argument, keyword));
}

static bool is_method_of_framework(const Graph *g, const FunctionNode *fn, Str name) {
    const ClassNode *owner = &g->classes[fn->owner.i];
    for (u32 i = 0; fn->owner.i && i < owner->n_mro; i++) {
        const ClassNode *each = &g->classes[owner->mro[i].i];
        for (u32 b = 0; b < each->n_bases; b++)
            if (know_is_serving(each->bases[b].name, name)) return true;
    }
    return false;
}

bool is_called_by_framework(const Graph *g, const FunctionNode *fn) {
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    if (scope->kind != SCOPE_FUNCTION || g->files[fn->file].is_test) return false;
    ScopeRef function = {fn->file, fn->scope};
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++)
        if (is_serving_decorator(f, f->operands[d].path)) return !graph_is_command(g, function);
    return is_method_of_framework(g, fn, facts_str(f, scope->name));
}

bool is_given_to_framework(const Facts *f, const Op *user, PathId path) {
    if (user->kind != OP_CALL) return false;
    const ServedRow *row = know_served(facts_last_name(f, op_path(user)));
    if (!row || row->by != SERVED_GIVEN) return false;
    PathId given = call_argument_named(f, user, (u32)row->argument, str_from(row->keyword));
    return given.i == path.i;
}

/* ---- what they call ---- */

/* The test asks about what the function was called with or has found out, and not about what lasts
 * longer, which may be true for the first call only. */
static bool asks_about_call(const Facts *f, const Op *test, ScopeId function, SymbolId self) {
    SymbolId root = facts_root_symbol(f, op_path(test));
    return root.i && root.i != self.i && f->symbols[root.i].scope.i == function.i;
}

/* The operation, in the function, runs with each call of that, as far as its branches show. */
static bool runs_always(const Graph *g, OpRef op, const FunctionNode *fn) {
    const Facts *f = g->files[op.file].facts;
    SymbolId self = fn->owner.i ? self_symbol(g, (ScopeRef){fn->file, fn->scope}) : (SymbolId){0};
    for (RegionId r = f->ops[op.op.i].region; r.i && f->regions[r.i].scope.i == fn->scope.i;
         r = f->regions[r.i].parent) {
        if (f->regions[r.i].kind == REGION_EXCEPT) return false;
        for (u32 t = f->regions[r.i].test_first; t < f->regions[r.i].test_end; t++)
            if (f->ops[t].kind == OP_TEST && !asks_about_call(f, &f->ops[t], fn->scope, self))
                return false;
    }
    return true;
}

bool serves_always(const Graph *g, u32 caller, u32 callee) {
    const FunctionNode *from = &g->functions[caller], *to = &g->functions[callee];
    for (u32 i = 0; i < to->callers.n; i++) {
        OpRef call = to->callers.v[i];
        const Facts *f = g->files[call.file].facts;
        if (call.file != from->file) continue;
        ScopeId scope = enclosing_function(f, f->regions[f->ops[call.op.i].region.i].scope);
        if (scope.i == from->scope.i && runs_always(g, call, from)) return true;
    }
    return false;
}

bool graph_runs_when_served(const Graph *g, OpRef op) {
    const Facts *f = g->files[op.file].facts;
    ScopeId s = enclosing_function(f, f->regions[f->ops[op.op.i].region.i].scope);
    const FunctionNode *fn = &g->functions[s.i ? function_id(g, op.file, s) : 0];
    return s.i && fn->is_served && runs_always(g, op, fn);
}

bool graph_is_served(const Graph *g, ScopeRef function) {
    return !scope_is_none(function) &&
           g->functions[function_id(g, function.file, function.scope)].is_served;
}
