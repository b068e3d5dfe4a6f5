/* Modules that import each other while they are being imported, and the names that one of them does
 * not have yet when the other asks. */
#include "graph/model.h"

typedef struct Edge {
    u32 to;     /* file */
    u32 import; /* index of the importing file's table */
    u32 op;     /* that runs it */
} Edge;
typedef VEC(Edge) Edges;

typedef struct Search {
    const Graph *g;
    Arena *arena;
    Edges *edges; /* by file: imports that run when the module is imported */
    u32 *component;
    u32 *index, *low, *stack; /* Tarjan */
    bool *on_stack;
    u32 n_stack, counter, components;
} Search;

/* Runs while the module is imported, and not only for a type checker. */
static bool is_eager(const Facts *f, RegionId region) {
    for (; region.i; region = f->regions[region.i].parent) {
        const Region *r = &f->regions[region.i];
        if (r->kind == REGION_TYPE_CHECKING || r->kind == REGION_MAIN) return false;
        u8 scope = f->scopes[r->scope.i].kind;
        if (scope == SCOPE_FUNCTION || scope == SCOPE_LAMBDA) return false;
    }
    return true;
}

static void add_edges(Search *s, u32 file) {
    const Facts *f = s->g->files[file].facts;
    for (u32 i = 1; i < f->n_ops; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_IMPORT || !is_eager(f, op->region)) continue;
        const Import *import = &f->imports[op->subject];
        Str dotted;
        u32 to = module_of_import(s->g, file, import, &dotted);
        if (to == UINT32_MAX || to == file) continue;
        vec_push(s->arena, &s->edges[file], (Edge){to, op->subject, i});
    }
}

typedef struct Visit {
    u32 file, edge;
} Visit;

/* Tarjan's algorithm without recursion: import chains can be long. */
static void connect(Search *s, u32 root, Visit *frames) {
    u32 depth = 0;
    frames[depth++] = (Visit){root, 0};
    while (depth) {
        Visit *at = &frames[depth - 1];
        u32 v = at->file;
        if (!s->index[v]) {
            s->index[v] = s->low[v] = ++s->counter;
            s->stack[s->n_stack++] = v;
            s->on_stack[v] = true;
        }
        if (at->edge < s->edges[v].n) {
            u32 to = s->edges[v].v[at->edge++].to;
            if (!s->index[to])
                frames[depth++] = (Visit){to, 0};
            else if (s->on_stack[to])
                s->low[v] = MIN(s->low[v], s->index[to]);
            continue;
        }
        if (s->low[v] == s->index[v]) {
            s->components++;
            for (u32 w = UINT32_MAX; w != v;) {
                w = s->stack[--s->n_stack];
                s->on_stack[w] = false;
                s->component[w] = s->components;
            }
        }
        if (--depth) {
            u32 above = frames[depth - 1].file;
            s->low[above] = MIN(s->low[above], s->low[v]);
        }
    }
}

/* Does an import of `from` lead to `target`, staying in their component? */
static bool leads_to(const Search *s, u32 from, u32 target, Map *seen) {
    if (from == target) return true;
    if (map_get(seen, from + 1)) return false;
    map_set(s->arena, seen, from + 1, 1);
    for (u32 i = 0; i < s->edges[from].n; i++) {
        u32 to = s->edges[from].v[i].to;
        if (s->component[to] == s->component[target] && leads_to(s, to, target, seen)) return true;
    }
    return false;
}

/* The first import of `file` that leads to `target`, or NULL. */
static const Edge *first_way(const Search *s, u32 file, u32 target) {
    for (u32 i = 0; i < s->edges[file].n; i++) {
        const Edge *e = &s->edges[file].v[i];
        Map seen = {0};
        map_set(s->arena, &seen, file + 1, 1);
        if (s->component[e->to] == s->component[target] && leads_to(s, e->to, target, &seen))
            return e;
    }
    return NULL;
}

static bool is_submodule(const Graph *g, u32 package, Str name) {
    return module_child(g, package, name) != UINT32_MAX;
}

static void add_late(Search *s, ImportCycles *out, u32 file, const Edge *edge) {
    const Graph *g = s->g;
    const Facts *f = g->files[file].facts;
    const Import *import = &f->imports[edge->import];
    Str name = facts_str(f, import->name);
    if (!name.n || str_is(name, "*") || is_submodule(g, edge->to, name)) return;
    const Edge *back = first_way(s, edge->to, file);
    SymbolId symbol = module_symbol(g, edge->to, hash_str(name));
    const Facts *home = g->files[edge->to].facts;
    if (!back || !symbol.i || home->symbols[symbol.i].bind.i <= back->op) return;
    ImportCycle cycle = {.at = {file, {edge->op}},
                         .name = name,
                         .module = edge->to,
                         .back = {edge->to, {back->op}},
                         .bound = {edge->to, home->symbols[symbol.i].bind},
                         .is_direct = back->to == file};
    vec_push(s->arena, &out->list, cycle);
}

ImportCycles graph_import_cycles(const Graph *g, Arena *arena) {
    u32 n = g->n_files;
    Search s = {.g = g, .arena = arena};
    s.edges = arena_array(arena, Edges, n + 1);
    s.component = arena_array(arena, u32, n + 1);
    s.index = arena_array(arena, u32, n + 1);
    s.low = arena_array(arena, u32, n + 1);
    s.stack = arena_array(arena, u32, n + 1);
    s.on_stack = arena_array(arena, bool, n + 1);
    Visit *frames = arena_array(arena, Visit, n + 1);
    for (u32 i = 0; i < n; i++) add_edges(&s, i);
    for (u32 i = 0; i < n; i++)
        if (!s.index[i]) connect(&s, i, frames);
    ImportCycles out = {0};
    for (u32 file = 0; file < n; file++)
        for (u32 i = 0; i < s.edges[file].n; i++)
            if (s.component[s.edges[file].v[i].to] == s.component[file])
                add_late(&s, &out, file, &s.edges[file].v[i]);
    return out;
}
