/* Facts about the programs of a project: each root with all that it imports. */
#include "graph/model.h"

#define NO_FILE UINT32_MAX

/* ---- who imports whom ---- */

/* Edges between files, of each file in one run of `to`. */
typedef struct Edges {
    u32 *first; /* n_files + 1 */
    u32 *to;
} Edges;

typedef struct Edge {
    u32 from, to;
} Edge;

typedef struct Imports {
    Arena arena;
    Edges forward, backward;
    VEC(Edge) all;
    VEC(u32) work; /* files that a walk has reached, in that order */
    u32 *seen;     /* by file: number of the walk that reached it last */
    u32 walk;
    u32 *asked; /* by function: number of the question that came by last */
    u32 question;
} Imports;

static void add_edge(const Graph *g, Imports *im, u32 from, u32 to) {
    if (to == NO_FILE || to == from || g->files[to].is_test || g->files[to].is_stub) return;
    vec_push(&im->arena, &im->all, (Edge){from, to});
}

static bool is_type_checking(const Facts *f, RegionId r) {
    for (; r.i; r = f->regions[r.i].parent)
        if (f->regions[r.i].kind == REGION_TYPE_CHECKING) return true;
    return false;
}

/* `import a.b.c`: the packages on the way have edges from what they hold. */
static void add_import(const Graph *g, Imports *im, u32 file, const Import *import) {
    const Facts *f = g->files[file].facts;
    Str dotted;
    if (is_type_checking(f, import->region)) return;
    u32 module = module_of_import(g, file, import, &dotted);
    add_edge(g, im, file, module);
    if (!import->name.i) return;
    Str name = facts_str(f, import->name);
    add_edge(g, im, file,
             module != NO_FILE ? module_child(g, module, name)
                               : module_of_name(g, file, import, name));
}

static void sort_edges(const Graph *g, Imports *im, Edges *out, bool backward) {
    out->first = arena_array(&im->arena, u32, g->n_files + 2);
    out->to = arena_array(&im->arena, u32, im->all.n + 1);
    for (u32 i = 0; i < im->all.n; i++)
        out->first[(backward ? im->all.v[i].to : im->all.v[i].from) + 1]++;
    for (u32 i = 0; i < g->n_files; i++) out->first[i + 1] += out->first[i];
    u32 *at = arena_copy(&im->arena, out->first, sizeof *at * (g->n_files + 1));
    for (u32 i = 0; i < im->all.n; i++) {
        Edge e = im->all.v[i];
        out->to[at[backward ? e.to : e.from]++] = backward ? e.from : e.to;
    }
}

static void find_imports(const Graph *g, Imports *im) {
    for (u32 file = 0; file < g->n_files; file++) {
        const Facts *f = g->files[file].facts;
        if (g->files[file].is_test || g->files[file].is_stub) continue;
        add_edge(g, im, file, module_package(g, file));
        for (u32 i = 1; i < f->n_imports; i++) add_import(g, im, file, &f->imports[i]);
    }
    sort_edges(g, im, &im->forward, false);
    sort_edges(g, im, &im->backward, true);
    im->seen = arena_array(&im->arena, u32, g->n_files + 1);
    im->asked = arena_array(&im->arena, u32, g->n_functions + 1);
}

static void begin_walk(Imports *im) {
    im->walk++;
    im->work.n = 0;
}

static void reach(Imports *im, u32 file) {
    if (im->seen[file] == im->walk) return;
    im->seen[file] = im->walk;
    vec_push(&im->arena, &im->work, file);
}

/* All files that those in `work` lead to; they stay in `work`. */
static void walk_on(Imports *im, const Edges *edges) {
    for (u32 i = 0; i < im->work.n; i++)
        for (u32 e = edges->first[im->work.v[i]]; e < edges->first[im->work.v[i] + 1]; e++)
            reach(im, edges->to[e]);
}

/* ---- roots ---- */

static bool is_main_name(Str name) {
    static const char *const NAMES[] = {"main", "_main", "cli", "run", "serve", "start"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(name, NAMES[i])) return true;
    return false;
}

static bool is_entry_module(Str module) {
    static const char *const NAMES[] = {"__main__", "manage", "wsgi", "asgi", "gunicorn_conf"};
    Str last = str_after_last(module, '.');
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(last, NAMES[i])) return true;
    return false;
}

static bool is_module_code(const Facts *f, RegionId r) {
    return f->scopes[f->regions[r.i].scope.i].kind == SCOPE_MODULE;
}

/* A function of the module that is named like a main function and that nobody in the project calls:
 * a console script may. */
static bool is_entry_function(const FunctionNode *fn, const Facts *f) {
    const Scope *scope = &f->scopes[fn->scope.i];
    bool top = f->scopes[scope->parent.i].kind == SCOPE_MODULE;
    Str name = facts_str(f, scope->name);
    return top && (str_is(name, "main") || str_is(name, "cli")) && !fn->callers.n;
}

static bool has_entry_function(const Graph *g, u32 file) {
    const FileNode *node = &g->files[file];
    for (u32 s = 1; s < node->facts->n_scopes; s++) {
        const FunctionNode *fn = &g->functions[node->function_of_scope[s]];
        if (!node->function_of_scope[s]) continue;
        if (is_entry_function(fn, node->facts)) return true;
        if (!is_main_name(facts_str(node->facts, node->facts->scopes[s].name))) continue;
        for (u32 i = 0; i < fn->callers.n; i++) {
            OpRef call = fn->callers.v[i];
            if (call.file == file && !fn->owner.i &&
                is_module_code(node->facts, node->facts->ops[call.op.i].region))
                return true;
        }
    }
    return false;
}

static bool switches_itself(const Graph *g, u32 file) {
    for (u32 i = 0; i < g->switches.n; i++) {
        OpRef op = g->switches.v[i].op;
        const Facts *f = g->files[file].facts;
        if (op.file == file && is_module_code(f, f->ops[op.op.i].region)) return true;
    }
    return false;
}

static bool is_root(const Graph *g, u32 file) {
    const FileNode *node = &g->files[file];
    const Facts *f = node->facts;
    if (node->is_test || node->is_stub) return false;
    if (is_entry_module(node->module)) return true;
    for (u32 i = 1; i < f->n_regions; i++)
        if (f->regions[i].kind == REGION_MAIN && is_module_code(f, (RegionId){i})) return true;
    return has_entry_function(g, file) || switches_itself(g, file);
}

/* ---- the collector ---- */

/* How many callers upwards it is asked whether a function runs. */
enum { CALLERS_DEPTH = 64 };

static bool does_run(const Graph *g, Imports *im, u32 root, OpRef op, u32 depth);

/* One answer "yes" is one for the whole question: a function that was asked before said no, or is
 * being asked. */
static bool does_function_run(const Graph *g, Imports *im, u32 root, u32 id, u32 depth) {
    const FunctionNode *fn = &g->functions[id];
    const Facts *f = g->files[fn->file].facts;
    if (!depth || im->asked[id] == im->question || fn->how_often == RUNS_NEVER) return false;
    im->asked[id] = im->question;
    if (fn->escapes || (fn->file == root && is_entry_function(fn, f))) return true;
    for (u32 i = 0; i < fn->callers.n; i++)
        if (im->seen[fn->callers.v[i].file] == im->walk &&
            does_run(g, im, root, fn->callers.v[i], depth - 1))
            return true;
    return false;
}

/* Does the program that was walked last certainly run the operation? */
static bool does_run(const Graph *g, Imports *im, u32 root, OpRef op, u32 depth) {
    const Facts *f = g->files[op.file].facts;
    bool watching, asked;
    switch_conditions(g, op, &watching, &asked);
    if (watching || asked) return false;
    RegionId at = f->ops[op.op.i].region;
    ScopeId scope = f->regions[at.i].scope;
    for (RegionId r = at; r.i && f->regions[r.i].scope.i == scope.i; r = f->regions[r.i].parent) {
        RegionKind kind = (RegionKind)f->regions[r.i].kind;
        if (kind == REGION_TYPE_CHECKING) return false;
        if (kind == REGION_MAIN && op.file != root) return false;
    }
    if (f->scopes[scope.i].kind == SCOPE_MODULE) return true;
    u32 function = function_id(g, op.file, scope);
    if (function) return does_function_run(g, im, root, function, depth);
    OpRef definition = {op.file, f->scopes[scope.i].def};
    return depth > 0 && does_run(g, im, root, definition, depth - 1);
}

static u32 uses_of_walk(const Graph *g, const Imports *im) {
    u32 uses = 0;
    for (u32 i = 0; i < im->work.n; i++) uses |= g->files[im->work.v[i]].collector_uses;
    return uses;
}

/* What all programs do that the switch's file can be part of: whoever imports it, with all that
 * they import. */
static void find_uses(Graph *g, Imports *im, SwitchNode *s) {
    begin_walk(im);
    reach(im, s->op.file);
    walk_on(im, &im->backward);
    walk_on(im, &im->forward);
    s->uses = uses_of_walk(g, im);
}

static void judge_root(Graph *g, Imports *im, u32 root) {
    begin_walk(im);
    reach(im, root);
    walk_on(im, &im->forward);
    u32 uses = uses_of_walk(g, im), found = 0;
    for (u32 i = 0; i < g->switches.n; i++) {
        SwitchNode *s = &g->switches.v[i];
        if (s->kind == SWITCH_FREEZES || im->seen[s->op.file] != im->walk) continue;
        if (switch_is_undone(s->kind, uses)) continue;
        if (s->kind != SWITCH_SAVES && uses & COLLECTOR_RUN) continue;
        if (switch_is_timed(g, s->op)) continue;
        im->question++;
        if (!does_run(g, im, root, s->op, CALLERS_DEPTH)) continue;
        s->in_a_program = true;
        if (!found) found = i + 1;
    }
    if (!found) return;
    for (u32 i = 0; i < im->work.n; i++)
        if (!g->files[im->work.v[i]].collector_off) g->files[im->work.v[i]].collector_off = found;
}

/* Only roots that lead to a switch are of interest: those that one walk back from all of them
 * finds. */
static void judge_collector(Graph *g, Imports *im) {
    VEC(u32) roots = {0};
    begin_walk(im);
    for (u32 i = 0; i < g->switches.n; i++) reach(im, g->switches.v[i].op.file);
    walk_on(im, &im->backward);
    for (u32 file = 0; file < g->n_files; file++)
        if (im->seen[file] == im->walk && is_root(g, file)) vec_push(&im->arena, &roots, file);
    for (u32 i = 0; i < g->switches.n; i++) find_uses(g, im, &g->switches.v[i]);
    for (u32 i = 0; i < roots.n; i++) judge_root(g, im, roots.v[i]);
}

bool graph_collector_is_off(const Graph *g, u32 file, OpRef *where) {
    u32 at = g->files[file].collector_off;
    *where = at ? g->switches.v[at - 1].op : (OpRef){0};
    return at != 0;
}

/* A caller collects before it calls the function of the switch. */
static bool is_called_after_collection(const Graph *g, OpRef op) {
    const Facts *f = g->files[op.file].facts;
    u32 function = function_id(g, op.file, f->regions[f->ops[op.op.i].region.i].scope);
    const FunctionNode *fn = &g->functions[function];
    for (u32 i = 0; function && i < fn->callers.n; i++)
        if (switch_is_after_collection(g, fn->callers.v[i])) return true;
    return false;
}

CollectorSwitch graph_collector_switch(const Graph *g, OpRef call) {
    CollectorSwitch out = {0};
    for (u32 i = 0; i < g->switches.n; i++) {
        const SwitchNode *s = &g->switches.v[i];
        if (s->op.file != call.file || s->op.op.i != call.op.i) continue;
        out.kind = s->kind;
        out.in_a_program = s->in_a_program;
        out.is_undone = switch_is_undone(s->kind, s->uses);
        out.is_collected = s->uses & COLLECTOR_RUN;
        out.is_frozen = s->uses & COLLECTOR_FROZEN;
        switch_conditions(g, call, &out.is_watching, &out.is_asked);
        out.is_disabled = s->uses & COLLECTOR_DISABLED;
        out.is_tidied = switch_is_after_collection(g, call) || is_called_after_collection(g, call);
        out.is_inspected = switch_is_inspected(g, call);
        out.is_timed = switch_is_timed(g, call);
        if (s->kind == SWITCH_DISABLES) out.undo = switch_fragile_undo(g, call);
    }
    return out;
}

/* ---- threads ---- */

static bool is_thread_maker(Str canonical) {
    static const char *const NAMES[] = {"threading.Thread",
                                        "threading.Timer",
                                        "_thread.start_new_thread",
                                        "thread.start_new_thread",
                                        "concurrent.futures.ThreadPoolExecutor",
                                        "concurrent.futures.thread.ThreadPoolExecutor",
                                        "multiprocessing.pool.ThreadPool",
                                        "multiprocessing.dummy.Pool",
                                        "multiprocessing.dummy.Process",
                                        "asyncio.to_thread"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(canonical, NAMES[i])) return true;
    return false;
}

static bool imports_threads(const Facts *f) {
    static const char *const MODULES[] = {"threading",
                                          "_thread",
                                          "thread",
                                          "asyncio",
                                          "concurrent.futures",
                                          "concurrent.futures.thread",
                                          "multiprocessing.pool",
                                          "multiprocessing.dummy"};
    for (u32 i = 1; i < f->n_imports; i++)
        for (u32 m = 0; m < ARRAY_LEN(MODULES); m++)
            if (str_is(facts_str(f, f->imports[i].module), MODULES[m])) return true;
    return false;
}

static bool makes_threads(const Graph *g, u32 file) {
    const FileNode *node = &g->files[file];
    const Facts *f = node->facts;
    for (u32 i = 1; i < f->n_ops; i++) {
        if (f->ops[i].kind != OP_CALL) continue;
        const Path *p = &f->paths[f->ops[i].subject];
        if (p->kind != PATH_SYMBOL && p->kind != PATH_ATTR) continue;
        /* a name of one of these modules, or an attribute of the module itself */
        if (p->kind == PATH_ATTR && f->paths[p->parent.i].kind == PATH_OP) continue;
        if (is_thread_maker(graph_name_of(g, file, op_path(&f->ops[i])))) return true;
    }
    return false;
}

/* Classes that derive from Thread: who makes an instance starts it. */
static void mark_thread_classes(Graph *g) {
    for (u32 i = 1; i <= g->n_classes; i++) {
        const ClassNode *c = &g->classes[i];
        if (!c->calls.n || !c->n_bases) continue;
        if (!graph_is_subclass(g, (ClassId){i}, "threading.Thread")) continue;
        for (u32 k = 0; k < c->calls.n; k++) g->files[c->calls.v[k].file].makes_threads = true;
    }
}

static bool find_threads(Graph *g) {
    bool any = false;
    for (u32 file = 0; file < g->n_files; file++) {
        FileNode *node = &g->files[file];
        if (node->is_test || node->is_stub || !imports_threads(node->facts)) continue;
        any = true;
        node->makes_threads = makes_threads(g, file);
    }
    if (any) mark_thread_classes(g);
    return any;
}

/* From the files that make threads back to roots, and from these to all that they import. */
static void judge_threads(Graph *g, Imports *im) {
    VEC(u32) roots = {0};
    begin_walk(im);
    for (u32 file = 0; file < g->n_files; file++)
        if (g->files[file].makes_threads && !g->files[file].is_test) reach(im, file);
    walk_on(im, &im->backward);
    for (u32 i = 0; i < im->work.n; i++)
        if (is_root(g, im->work.v[i])) vec_push(&im->arena, &roots, im->work.v[i]);
    begin_walk(im);
    for (u32 i = 0; i < roots.n; i++) reach(im, roots.v[i]);
    walk_on(im, &im->forward);
    for (u32 i = 0; i < im->work.n; i++) g->files[im->work.v[i]].has_threads = true;
}

bool graph_starts_threads(const Graph *g, u32 file) {
    return g->files[file].has_threads;
}

/* ---- all of them ---- */

void programs_find(Graph *g) {
    switches_find(g);
    bool threads = find_threads(g);
    if (!threads && !g->switches.n) return;
    Imports im = {0};
    find_imports(g, &im);
    if (g->switches.n) judge_collector(g, &im);
    if (threads) judge_threads(g, &im);
    arena_free(&im.arena);
}
