/* Which functions are called again and again: not only by what nobody is seen to call. */
#include "graph/calling.h"
#include "graph/edges.h"
#include "graph/starting.h"

#include "os/os.h"

/* ---- where repetition comes from ---- */

/* `on_close`, `handle_line`, `do_GET`, `mousePressEvent`: what is told of events. */
static bool is_event_name(Str name) {
    name = str_public(name);
    return str_starts(name, "on_") || str_starts(name, "handle") || str_starts(name, "do_") ||
           str_ends(name, "Event") || str_ends(name, "_event");
}

/* In `__all__`, or imported by a package around the module. */
static bool is_exported(const Graph *g, u32 file, ScopeId definition) {
    const FileNode *node = &g->files[file];
    if (!definition.i || node->facts->scopes[definition.i].kind == SCOPE_MODULE) return false;
    Str name = facts_str(node->facts, node->facts->scopes[definition.i].name);
    return map_get(&node->exports, hash_str(name)) ||
           is_reexported(g, (ScopeRef){file, definition});
}

/* A framework or the users of a library may call it, as often as they like. */
static bool is_called_from_outside(const Graph *g, const FunctionNode *fn) {
    const Facts *f = g->files[fn->file].facts;
    const Scope *s = &f->scopes[fn->scope.i];
    Str name = facts_str(f, s->name);
    ScopeId definition = fn->owner.i ? g->classes[fn->owner.i].scope : fn->scope;
    bool is_made = fn->owner.i && str_is(name, "__init__");
    return (is_made || !str_starts(name, "_")) && is_exported(g, fn->file, definition);
}

bool has_main_part(const Facts *f) {
    for (u32 i = 1; i < f->n_regions; i++)
        if (f->regions[i].kind == REGION_MAIN) return true;
    return false;
}

/* Does some file start a program: `if __name__ == "__main__"`, or `__main__.py`? */
static bool has_program(const Graph *g) {
    for (u32 file = 0; file < g->n_files; file++) {
        const FileNode *node = &g->files[file];
        if (node->is_test || node->is_stub) continue;
        if (str_is(str_after_last(node->module, '.'), "__main__")) return true;
        if (has_main_part(node->facts)) return true;
    }
    return false;
}

/* Something other than the code of the project decides how often it runs. Where the program that
 * runs is not among the files, nobody knows of functions that nothing calls. */
static bool is_source(const Graph *g, u32 id, bool is_whole) {
    const FunctionNode *fn = &g->functions[id];
    const Facts *f = g->files[fn->file].facts;
    const Scope *s = &f->scopes[fn->scope.i];
    Str name = facts_str(f, s->name);
    if (g->files[fn->file].is_test) return false;
    if (fn->is_spread || fn->is_served || s->flags & SCOPE_ASYNC || is_event_name(name))
        return true;
    if (fn->owner.i && map_get(&g->methods_called, name_hash(f, s->name)) & CALLED_BY_CODE)
        return true;
    bool is_unseen = !fn->callers.n && !str_is(name, "__init__");
    if (is_unseen && fn->owner.i && !g->classes[fn->owner.i].complete) return true;
    return (fn->unknown_callers && !is_whole) || is_called_from_outside(g, fn);
}

typedef struct Sources {
    const Graph *g;
    bool is_whole; /* with the program that runs */
    bool *is_one;  /* by function */
} Sources;

static void find_sources(void *context, u32 worker, u32 first, u32 end) {
    (void)worker;
    Sources *s = context;
    for (u32 i = first + 1; i <= end; i++) s->is_one[i] = is_source(s->g, i, s->is_whole);
}

/* ---- what it reaches ---- */

typedef struct Repeats {
    Edges *e;
    bool *again;    /* by function: it is called again and again */
    u32 *next;      /* of e->handed: the next one of the same caller */
    u32 *of_caller; /* by function: the first of its edges in e->handed, from 1 */
} Repeats;

static void reach(Repeats *r, CallEdge edge) {
    if (r->again[edge.callee] || edge.effect & EDGE_IN_TEST) return;
    r->again[edge.callee] = true;
    push_work(r->e, edge.callee);
}

/* What the function calls or hands on at least so often. */
static void follow(Repeats *r, u32 caller, HowOften least) {
    HowOften body = (HowOften)r->e->how_often[caller];
    for (u32 i = r->e->first[caller]; i < r->e->first[caller + 1]; i++)
        if (edge_runs(r->e->all[i], body) >= least) reach(r, r->e->all[i]);
    for (u32 i = r->of_caller[caller]; i; i = r->next[i - 1]) {
        CallEdge edge = r->e->handed.v[i - 1].edge;
        if (edge_runs(edge, body) >= least) reach(r, edge);
    }
}

static void find_repeats(Graph *g, Repeats *r) {
    Edges *e = r->e;
    r->again = arena_array(&e->arena, bool, g->n_functions + 1);
    r->of_caller = arena_array(&e->arena, u32, g->n_functions + 1);
    r->next = arena_array(&e->arena, u32, e->handed.n + 1);
    for (u32 i = e->handed.n; i-- > 0;) {
        r->next[i] = r->of_caller[e->handed.v[i].caller];
        r->of_caller[e->handed.v[i].caller] = i + 1;
    }
    Sources sources = {g, has_program(g), r->again};
    os_parallel_ranges(g->workers, g->n_functions, find_sources, &sources);
    for (u32 i = 1; i <= g->n_functions; i++)
        if (r->again[i]) push_work(e, i);
    for (u32 caller = 0; caller <= g->n_functions; caller++) follow(r, caller, RUNS_PER_ROUND);
    while (e->work.n) {
        u32 caller = e->work.v[--e->work.n];
        e->waits[caller] = false;
        follow(r, caller, RUNS_PER_INSTANCE);
    }
}

/* Somebody who runs per call calls it, or it is of a kind that frameworks call; and not only what
 * nobody is seen to call leads there. */
void driven_find(Graph *g, Edges *e) {
    Repeats r = {.e = e};
    find_repeats(g, &r);
    for (u32 caller = 0; caller <= g->n_functions; caller++)
        for (u32 i = e->first[caller]; i < e->first[caller + 1]; i++) {
            HowOften how = edge_runs(e->all[i], (HowOften)e->how_often[caller]);
            if (!(e->all[i].effect & EDGE_IN_TEST) && how >= RUNS_PER_INSTANCE)
                g->functions[e->all[i].callee].is_driven = true;
        }
    for (u32 i = 1; i <= g->n_functions; i++) {
        FunctionNode *fn = &g->functions[i];
        bool is_async = g->files[fn->file].facts->scopes[fn->scope.i].flags & SCOPE_ASYNC;
        fn->is_driven |= fn->escapes || is_async;
        fn->is_driven &= r.again[i];
    }
}

void served_spread(Graph *g, Edges *e) {
    for (u32 i = 1; i <= g->n_functions; i++)
        if (g->functions[i].is_served) push_work(e, i);
    while (e->work.n) {
        u32 caller = e->work.v[--e->work.n];
        e->waits[caller] = false;
        for (u32 i = e->first[caller]; i < e->first[caller + 1]; i++) {
            u32 callee = e->all[i].callee;
            if (g->functions[callee].is_served || !serves_always(g, caller, callee)) continue;
            g->functions[callee].is_served = true;
            push_work(e, callee);
        }
    }
}
