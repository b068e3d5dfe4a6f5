/* The link: the facts of all files become one project, in a fixed order of passes. */
#include "graph/model.h"

#include "os/os.h"

/* Tables of a file that could not be read: nothing but the empty records. */
static const Facts *empty_facts(Arena *arena) {
    FactsBuilder b = {0};
    facts_begin(&b, arena);
    Facts *f = arena_new(arena, Facts);
#define X(Record, field)  \
    f->field = b.field.v; \
    f->n_##field = b.field.n;
    FACTS_TABLES(X)
#undef X
    return f;
}

static bool imports_weakref(const Facts *f) {
    for (u32 i = 1; i < f->n_imports; i++) {
        Str name = facts_str(f, f->imports[i].name);
        if (str_contains(facts_str(f, f->imports[i].module), "weakref") ||
            str_contains(name, "weakref") || str_contains(name, "Weak"))
            return true;
    }
    return false;
}

static void add_files(Graph *g, const GraphFile *files) {
    const Facts *empty = empty_facts(g->arena);
    g->files = arena_array(g->arena, FileNode, g->n_files + 1);
    for (u32 i = 0; i < g->n_files; i++) {
        FileNode *node = &g->files[i];
        node->path = files[i].path;
        node->real_path = files[i].real_path;
        node->facts = files[i].facts ? files[i].facts : empty;
        node->is_foreign = files[i].is_foreign;
        node->is_stub = str_ends(node->path, ".pyi");
        const Facts *f = node->facts;
        node->scope_names = arena_array(g->arena, const Str *, f->n_scopes + 1);
        u32 stars = 0;
        for (u32 k = 1; k < f->n_imports; k++) stars += !f->imports[k].symbol.i;
        if (!stars) continue;
        node->star_imports = arena_array(g->arena, u32, stars);
        for (u32 k = 1; k < f->n_imports; k++)
            if (!f->imports[k].symbol.i) node->star_imports[node->n_star_imports++] = k;
    }
}

enum { MENTIONED = 8 };

typedef struct Indexing {
    Graph *graph;
    u64 names[MENTIONED]; /* hashes */
    u32 bits[MENTIONED];  /* MENTIONS_* */
} Indexing;

static Indexing begin_indexing(Graph *g) {
    static const struct {
        const char *name;
        u32 bit;
    } NAMES[MENTIONED] = {
        {"__all__", MENTIONS_ALL},       {"__dict__", MENTIONS_DICT},
        {"cache_clear", MENTIONS_CLEAR}, {"cache_close", MENTIONS_CLEAR},
        {"clear", MENTIONS_CLEAR},       {"cache_invalidate", MENTIONS_CLEAR},
        {"closing", MENTIONS_CLOSING},   {"aclosing", MENTIONS_CLOSING},
    };
    Indexing all = {.graph = g};
    for (u32 i = 0; i < MENTIONED; i++) {
        all.names[i] = hash_str(str_from(NAMES[i].name));
        all.bits[i] = NAMES[i].bit;
    }
    return all;
}

static u32 find_mentions(const Indexing *all, const Facts *f) {
    u32 found = 0;
    for (u32 i = 1; i < f->n_strings; i++)
        for (u32 k = 0; k < MENTIONED; k++)
            if (f->strings[i].hash == all->names[k]) found |= all->bits[k];
    return found;
}

static void index_file(void *context, u32 worker, u32 file) {
    (void)worker;
    const Indexing *all = context;
    FileNode *node = &all->graph->files[file];
    const Facts *f = node->facts;
    node->mentions = find_mentions(all, f);
    node->imports_weakref = imports_weakref(f);
    u32 next[OP_KIND_COUNT + 1] = {0};
    for (u32 i = 1; i < f->n_ops; i++) next[f->ops[i].kind + 1]++;
    for (u32 k = 0; k < OP_KIND_COUNT; k++) next[k + 1] += next[k];
    for (u32 k = 0; k <= OP_KIND_COUNT; k++) node->kind_first[k] = next[k];
    for (u32 i = 1; i < f->n_ops; i++) node->ops_by_kind[next[f->ops[i].kind]++] = i;
}

/* Most passes look at one or two kinds of operations. */
static void files_index(Graph *g) {
    for (u32 i = 0; i < g->n_files; i++)
        g->files[i].ops_by_kind = arena_array(g->arena, u32, g->files[i].facts->n_ops);
    Indexing all = begin_indexing(g);
    os_parallel(g->workers, g->n_files, index_file, &all);
}

typedef struct Resolving {
    const Graph *graph;
    Entity **tables;
} Resolving;

static void resolve_file(void *context, u32 worker, u32 file) {
    (void)worker;
    Resolving *r = context;
    const Facts *f = r->graph->files[file].facts;
    for (u32 i = 1; i < f->n_symbols; i++) {
        SymbolId target = f->symbols[i].target;
        if (target.i == i)
            r->tables[file][i] = entity_of_symbol(r->graph, file, target, RESOLVE_DEPTH);
        else if (!target.i)
            r->tables[file][i] = entity_of_unresolved(r->graph, file, (SymbolId){i});
    }
}

/* All owners' entities, found in parallel: the tables are put in place when all are full, so that
 * no answer depends on what another thread has found so far. */
static void resolve_symbols(Graph *g) {
    Resolving r = {g, arena_array(g->arena, Entity *, g->n_files + 1)};
    for (u32 i = 0; i < g->n_files; i++)
        r.tables[i] = arena_array(g->arena, Entity, g->files[i].facts->n_symbols);
    os_parallel(g->workers, g->n_files, resolve_file, &r);
    for (u32 i = 0; i < g->n_files; i++) g->files[i].entities = r.tables[i];
}

/* Filled by the first round of types.c, which goes through the files anyway. */
static void paths_begin(Graph *g) {
    for (u32 i = 0; i < g->n_files; i++)
        g->files[i].path_entities = arena_array(g->arena, u32, g->files[i].facts->n_paths);
}

Graph *graph_link(Arena *arena, const GraphFile *files, u32 n, u32 workers,
                  const GraphSettings *settings) {
    Graph *g = arena_new(arena, Graph);
    if (settings) g->settings = *settings;
    graph_use_models(g, &g->settings.models);
    g->arena = arena;
    g->workers = MAX(workers, 1u);
    g->n_files = n;
    add_files(g, files);
    files_index(g);
    common_root_find(g);
    library_folders_find(g);
    modules_index(g);
    classes_index(g);
    stars_follow(g);
    resolve_symbols(g);
    switched_find(g);
    classes_link(g);
    paths_begin(g);
    attributes_collect(g);
    types_find(g);
    settings_apply(g);
    calls_link(g);
    resources_find(g);
    spoken_find(g);
    module_instances_find(g);
    residents_find(g);
    memos_index(g);
    properties_index(g);
    touches_collect(g);
    touches_index(g);
    singletons_find(g);
    containers_find(g);
    uses_collect(g);
    defaults_index(g);
    programs_find(g);
    start_methods_find(g);
    outlines_begin(g);
    return g;
}

void graph_free(Graph *g) {
    arena_free(&g->text_arena);
}
