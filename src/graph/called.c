/* Does anything call a function, as far as the project shows? */
#include "graph/calling.h"
#include "graph/edges.h"

enum { CALLED_DEPTH = 3, CALLERS_MAX = 8 }; /* more callers: somebody calls it */

static bool is_dunder(Str name) {
    return str_starts(name, "__") && str_ends(name, "__");
}

/* A base has a method of that name: its callers may mean this one. */
static bool overrides_called(const Graph *g, const FunctionNode *fn, u64 name) {
    const ClassNode *owner = &g->classes[fn->owner.i];
    if (!fn->owner.i) return false;
    if (!owner->complete) return true;
    for (u32 i = 1; i < owner->n_mro; i++) {
        SymbolId s = member_of(g, owner->mro[i], name);
        if (!s.i) continue;
        Entity e = entity_of_symbol(g, g->classes[owner->mro[i].i].file, s, RESOLVE_DEPTH);
        if (e.kind != ENTITY_FUNCTION) return true;
        const FunctionNode *base = &g->functions[entity_function(g, e)];
        if (base->callers.n || base->escapes || base->called_by_name) return true;
    }
    return false;
}

void method_names_find(Graph *g) {
    g->next_methods = arena_array(g->arena, u32, g->n_functions + 1);
    for (u32 i = 1; i <= g->n_functions; i++) {
        const Facts *f = g->files[g->functions[i].file].facts;
        if (!g->functions[i].owner.i) continue;
        u64 name = name_hash(f, f->scopes[g->functions[i].scope.i].name);
        g->next_methods[i] = map_get(&g->last_methods, name);
        map_set(g->arena, &g->last_methods, name, i);
    }
}

void spoken_find(Graph *g) {
    Arena scratch = {0};
    Map names = {0};
    KeyFilter *filter = arena_new(&scratch, KeyFilter);
    for (u32 i = 1; i <= g->n_functions; i++) {
        const Facts *f = g->files[g->functions[i].file].facts;
        if (!g->functions[i].owner.i) continue;
        u64 name = name_hash(f, f->scopes[g->functions[i].scope.i].name);
        map_set(&scratch, &names, name, 1);
        filter_add(filter, name);
    }
    for (u32 file = 0; names.n && file < g->n_files; file++) {
        const Facts *f = g->files[file].facts;
        if (g->files[file].mentions & MENTIONS_CLOSING) { /* `contextlib.closing(x)` closes x */
            map_set(g->arena, &g->spoken, hash_str(STR("close")), 1);
            map_set(g->arena, &g->spoken, hash_str(STR("aclose")), 1);
        }
        for (u32 i = 1; i < f->n_paths; i++) {
            const Path *p = &f->paths[i];
            if (p->kind != PATH_LITERAL || p->flags != LITERAL_STRING) continue;
            u64 name = name_hash(f, (StrId){p->id});
            if (filter_may_have(filter, name) && map_get(&names, name))
                map_set(g->arena, &g->spoken, name, 1);
        }
    }
    arena_free(&scratch);
}

static CalledBy called_by(const Graph *g, u32 id, u32 depth) {
    const FunctionNode *fn = &g->functions[id];
    if (!id || !depth || fn->escapes || fn->called_by_name) return CALLED_BY_PROJECT;
    const Facts *f = g->files[fn->file].facts;
    const Scope *scope = &f->scopes[fn->scope.i];
    Str name = facts_str(f, scope->name);
    bool is_run_unseen = scope->kind == SCOPE_LAMBDA || is_dunder(name) || str_is(name, "main") ||
                         scope->decorator_first != scope->decorator_end ||
                         fn->callers.n > CALLERS_MAX;
    u32 maker = function_id(g, fn->file, enclosing_function(f, scope->parent));
    bool is_given = maker && g->functions[maker].inner == id;
    bool is_spoken = fn->owner.i && map_get(&g->spoken, name_hash(f, scope->name));
    if (is_run_unseen || is_given || is_spoken ||
        overrides_called(g, fn, name_hash(f, scope->name)))
        return CALLED_BY_PROJECT;
    CalledBy best = str_starts(name, "_") ? CALLED_BY_NOBODY : CALLED_BY_USERS;
    for (u32 i = 0; i < fn->callers.n && best != CALLED_BY_PROJECT; i++) {
        OpRef call = fn->callers.v[i];
        if (g->files[call.file].is_test) continue;
        u32 caller = graph_function_id(g, function_of_op(g, call));
        if (caller == id) continue;
        /* other code has a reason to run; a method of the class may be as idle as this one */
        bool is_own = fn->owner.i && g->functions[caller].owner.i == fn->owner.i;
        CalledBy above = is_own ? called_by(g, caller, depth - 1) : CALLED_BY_PROJECT;
        best = MAX(best, above);
    }
    return best;
}

CalledBy graph_called_by(const Graph *g, ScopeRef function) {
    if (scope_is_none(function)) return CALLED_BY_PROJECT;
    return called_by(g, function_id(g, function.file, function.scope), CALLED_DEPTH);
}

/* Does the call show that the project itself runs what it calls, and more than once or for certain?
 */
static bool is_running(const Graph *g, OpRef call, u32 caller) {
    const Facts *f = g->files[call.file].facts;
    if (!caller || called_by(g, caller, CALLED_DEPTH) == CALLED_BY_PROJECT) return true;
    return graph_how_often(g, call.file, f->ops[call.op.i].region) == RUNS_PER_ROUND;
}

static bool is_called_by_others(const Graph *g, u32 id, u32 depth) {
    const FunctionNode *fn = &g->functions[id];
    if (fn->escapes) return true;
    for (u32 i = 0; i < fn->callers.n && i < CALLERS_MAX; i++) {
        OpRef call = fn->callers.v[i];
        u32 caller = graph_function_id(g, function_of_op(g, call));
        bool is_own = fn->owner.i ? g->functions[caller].owner.i == fn->owner.i : caller == id;
        if (g->files[call.file].is_test || caller == id) continue;
        if (is_own ? depth > 1 && is_called_by_others(g, caller, depth - 1)
                   : is_running(g, call, caller))
            return true;
    }
    return false;
}

bool graph_is_called_by_others(const Graph *g, ScopeRef function) {
    return scope_is_none(function) ||
           is_called_by_others(g, function_id(g, function.file, function.scope), CALLED_DEPTH);
}

/* `reset`, `clear_cache`, `cache_clear`. */
static bool is_reset_name(Str name) {
    static const char *const WORDS[] = {"clear",      "drop",  "empty", "flush", "forget",
                                        "invalidate", "purge", "reset", "wipe"};
    for (u32 at = 0; at < name.n; at++)
        for (u32 i = 0; (!at || name.p[at - 1] == '_') && i < ARRAY_LEN(WORDS); i++)
            if (str_starts(str_sub(name, at, name.n), WORDS[i])) return true;
    return false;
}

bool is_offered_reset(const Graph *g, ScopeRef function) {
    if (scope_is_none(function) || graph_users_may_call(g, function)) return false;
    const Facts *f = g->files[function.file].facts;
    return is_reset_name(facts_str(f, f->scopes[function.scope.i].name)) &&
           graph_called_by(g, function) == CALLED_BY_USERS;
}
