/* Which functions run once for each request, message, connection or job: those that a framework
 * calls, and what they call whenever they run. */
#include "graph/calling.h"
#include "graph/starting.h"

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

void serving_find(Graph *g) {
    for (u32 c = 1; c <= g->n_classes; c++) {
        ClassNode *node = &g->classes[c];
        for (u32 b = 0; b < node->n_bases && !node->is_serving; b++)
            node->is_serving = know_is_serving_base(node->bases[b].name);
    }
}

static bool is_method_of_framework(const Graph *g, const FunctionNode *fn, Str name) {
    const ClassNode *owner = &g->classes[fn->owner.i];
    for (u32 i = 0; fn->owner.i && i < owner->n_mro; i++) {
        const ClassNode *each = &g->classes[owner->mro[i].i];
        for (u32 b = 0; each->is_serving && b < each->n_bases; b++)
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

/* `client.on_message = f`, `WebSocketApp(url, on_message=f)`, whatever library it is of. */
static bool is_message_callback(const Facts *f, const Op *user, PathId path) {
    if (user->kind == OP_STORE)
        return bound_value(f, user).i == path.i &&
               str_is(facts_attribute(f, op_path(user)), "on_message");
    return user->kind == OP_CALL &&
           call_argument_named(f, user, UINT32_MAX, STR("on_message")).i == path.i;
}

bool is_given_to_framework(const Facts *f, const Op *user, PathId path) {
    if (is_message_callback(f, user, path)) return true;
    if (user->kind != OP_CALL) return false;
    const ServedRow *row = know_served(facts_last_name(f, op_path(user)));
    if (!row || row->by != SERVED_GIVEN) return false;
    PathId given = call_argument_named(f, user, (u32)row->argument, str_from(row->keyword));
    return given.i == path.i;
}

/* ---- branches ---- */

/* The test asks about what the function was called with or has found out, and not about what lasts
 * longer, which may be true for the first call only. */
static bool asks_about_call(const Facts *f, const Op *test, ScopeId function, SymbolId self) {
    SymbolId root = facts_root_symbol(f, op_path(test));
    return root.i && root.i != self.i && f->symbols[root.i].scope.i == function.i;
}

/* No branch from the region up to `until`, which may be none, may be there for the first time only.
 */
static bool is_plain_way(const Facts *f, RegionId region, RegionId until, ScopeId function,
                         SymbolId self) {
    for (RegionId r = region;
         r.i && r.i != until.i && f->regions[r.i].scope.i == f->regions[region.i].scope.i;
         r = f->regions[r.i].parent) {
        if (f->regions[r.i].kind == REGION_EXCEPT) return false;
        for (u32 t = f->regions[r.i].test_first; t < f->regions[r.i].test_end; t++)
            if (f->ops[t].kind == OP_TEST && !asks_about_call(f, &f->ops[t], function, self))
                return false;
    }
    return true;
}

static SymbolId self_of(const Graph *g, const FunctionNode *fn) {
    return fn->owner.i ? self_symbol(g, (ScopeRef){fn->file, fn->scope}) : (SymbolId){0};
}

/* The operation, in the function, runs with each call of that, as far as its branches show. */
static bool runs_always(const Graph *g, OpRef op, const FunctionNode *fn) {
    const Facts *f = g->files[op.file].facts;
    return is_plain_way(f, f->ops[op.op.i].region, (RegionId){0}, fn->scope, self_of(g, fn));
}

/* ---- loops that a program goes round in ---- */

bool asks_a_person(const Facts *f, const Op *op) {
    static const char *const NAMES[] = {"input", "raw_input", "prompt"};
    return op->kind == OP_CALL &&
           str_is_any(facts_last_name(f, op_path(op)), NAMES, ARRAY_LEN(NAMES));
}

/* `while True:` that nothing in sight ends, neither in it nor around it. */
static bool is_for_life(const Facts *f, RegionId loop) {
    const Region *r = &f->regions[loop.i];
    if (r->kind != REGION_WHILE || !(r->flags & REGION_ENDLESS)) return false;
    for (RegionId up = r->parent; up.i && f->regions[up.i].scope.i == r->scope.i;
         up = f->regions[up.i].parent)
        if (f->regions[up.i].kind == REGION_TRY) return false;
    const Scope *scope = &f->scopes[r->scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        bool ends = op->kind == OP_RETURN || op->kind == OP_BREAK || op->kind == OP_RAISE ||
                    op->kind == OP_YIELD || asks_a_person(f, op);
        if (ends && region_is_within(f, op->region, loop)) return false;
    }
    return true;
}

/* A region's table of effects leaves its highest bits free. */
#define FOR_LIFE 0x40000000u

/* The loop for life around the region in its function, or none. */
static RegionId life_around(const FileNode *node, RegionId region) {
    const Facts *f = node->facts;
    ScopeId scope = f->regions[region.i].scope;
    for (RegionId r = region; r.i && f->regions[r.i].scope.i == scope.i; r = f->regions[r.i].parent)
        if (node->region_effects[r.i] & FOR_LIFE) return r;
    return (RegionId){0};
}

void serve_loops(Graph *g, u32 file, void (*serve)(FunctionNode *)) {
    const Facts *f = g->files[file].facts;
    if (g->files[file].is_test) return;
    for (u32 r = 1; r < f->n_regions; r++) {
        if (!(f->regions[r].flags & REGION_ENDLESS) || !is_for_life(f, (RegionId){r})) continue;
        g->files[file].region_effects[r] |= FOR_LIFE;
        ScopeId s = f->regions[r].scope;
        const FunctionNode *fn = &g->functions[function_id(g, file, s)];
        SymbolId self = f->scopes[s.i].kind == SCOPE_FUNCTION ? self_of(g, fn) : (SymbolId){0};
        for (u32 i = f->scopes[s.i].op_first; i < f->scopes[s.i].op_end; i++) {
            const Op *op = &f->ops[i];
            u32 callee = op->kind == OP_CALL ? g->files[file].callees[i] : 0;
            if (!callee || callee & (CALLEE_CLASS | CALLEE_OUTSIDE)) continue;
            if (region_is_within(f, op->region, (RegionId){r}) &&
                is_plain_way(f, op->region, (RegionId){r}, s, self))
                serve(&g->functions[callee]);
        }
    }
}

/* ---- what they call ---- */

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
    if (s.i && fn->is_served) return runs_always(g, op, fn);
    RegionId region = f->ops[op.op.i].region, loop = life_around(&g->files[op.file], region);
    return loop.i && !g->files[op.file].is_test &&
           is_plain_way(f, region, loop, s, s.i ? self_of(g, fn) : (SymbolId){0});
}

bool graph_is_served(const Graph *g, ScopeRef function) {
    return !scope_is_none(function) &&
           g->functions[function_id(g, function.file, function.scope)].is_served;
}
