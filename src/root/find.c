/* From names to roots. */
#include "root/tree.h"

#include "base/near.h"

static bool ends_in(Str name, Str part) {
    return name.n > part.n && name.p[name.n - part.n - 1] == '.' &&
           str_eq(str_sub(name, name.n - part.n, name.n), part);
}

/* ---- all roots of the project ---- */

typedef void RootVisitor(void *context, const Root *root);

typedef struct Visit {
    const Graph *g;
    Arena *arena;
    Map containers;
    RootVisitor *visitor;
    void *context;
} Visit;

static Str joined(Arena *arena, Str a, Str b) {
    return str_format(arena, "%.*s.%.*s", STR_ARG(a), STR_ARG(b));
}

/* Variables of a module or of a class body: not what is only imported or defined there. */
static void visit_scope(const Visit *v, u32 file, ScopeId scope, Str name, RootKind kind) {
    const Facts *f = graph_facts(v->g, file);
    const Scope *s = &f->scopes[scope.i];
    for (u32 i = s->symbol_first; i < s->symbol_end; i++) {
        const Symbol *symbol = &f->symbols[i];
        const Op *bind = &f->ops[symbol->bind.i];
        u32 how = bind->flags & OP_LOW;
        if (symbol->target.i != i || symbol->flags & SYMBOL_PARAM) continue;
        if (kind == ROOT_ATTRIBUTE && bind->kind != OP_BIND) continue;
        bool is_other = how == BIND_IMPORT || how == BIND_FUNCTION || how == BIND_CLASS;
        if (bind->kind == OP_BIND && is_other && symbol->binds < 2) continue;
        Root root = {.kind = kind,
                     .name = joined(v->arena, name, facts_str(f, symbol->name)),
                     .file = file,
                     .symbol = {i}};
        root.container.i = map_get(&v->containers, hash_str(root.name));
        if (kind == ROOT_ATTRIBUTE)
            root.owner = graph_class_of_scope(v->g, (ScopeRef){file, scope});
        v->visitor(v->context, &root);
    }
}

static void visit_file(const Visit *v, u32 file) {
    const Facts *f = graph_facts(v->g, file);
    Str module = graph_module_name(v->g, file);
    Root root = {.kind = ROOT_MODULE, .name = module, .file = file};
    v->visitor(v->context, &root);
    if (f->n_scopes > 1) visit_scope(v, file, (ScopeId){1}, module, ROOT_VARIABLE);
    for (u32 s = 2; s < f->n_scopes; s++) {
        ScopeRef scope = {file, {s}};
        ClassId c =
            f->scopes[s].kind == SCOPE_CLASS ? graph_class_of_scope(v->g, scope) : (ClassId){0};
        if (c.i && graph_class_is_static(v->g, c))
            visit_scope(v, file, (ScopeId){s}, graph_class_name(v->g, c), ROOT_ATTRIBUTE);
    }
}

static void visit_all(Visit *v) {
    for (u32 i = 1; i <= graph_container_count(v->g); i++)
        map_set(v->arena, &v->containers, hash_str(graph_container(v->g, (ContainerId){i})->name),
                i);
    for (u32 file = 0; file < graph_file_count(v->g); file++) visit_file(v, file);
    for (u32 i = 1; i <= graph_container_count(v->g); i++) {
        const Container *c = graph_container(v->g, (ContainerId){i});
        if (c->holder != HOLDER_SINGLETON && c->holder != HOLDER_FUNCTION_ATTRIBUTE) continue;
        Root root = {.kind = ROOT_CONTAINER, .name = c->name, .file = c->file, .container = {i}};
        v->visitor(v->context, &root);
    }
}

/* ---- by name ---- */

typedef struct Search {
    Str name;
    Arena *arena;
    VEC(Root) whole, part;
} Search;

static void compare(void *context, const Root *root) {
    Search *s = context;
    if (str_eq(root->name, s->name)) vec_push(s->arena, &s->whole, *root);
    if (ends_in(root->name, s->name)) vec_push(s->arena, &s->part, *root);
}

static void add(Arena *arena, RootList *out, Root root) {
    u64 key = hash_str(joined(arena, root.name, (Str){(const char *)&root.kind, 1}));
    key ^= map_pair(root.file, root.symbol.i);
    if (map_get(&out->seen, key)) return;
    map_set(arena, &out->seen, key, 1);
    vec_push(arena, &out->list, root);
}

static bool is_caches(Str name) {
    return str_is(name, "functools caches") || str_is(name, "functools") ||
           str_is(name, "functools.lru_cache") || str_is(name, "functools.cache");
}

bool roots_find(const Graph *g, Str name, Arena *arena, RootList *out) {
    Search s = {.name = name, .arena = arena};
    Visit v = {.g = g, .arena = arena, .visitor = compare, .context = &s};
    Str runtime = runtime_named(name);
    visit_all(&v);
    if (is_caches(name))
        add(arena, out, (Root){.kind = ROOT_CACHES, .name = STR("functools caches")});
    if (runtime.n && !is_caches(name))
        add(arena, out, (Root){.kind = ROOT_RUNTIME, .name = runtime});
    for (u32 i = 0; i < s.whole.n; i++) add(arena, out, s.whole.v[i]);
    for (u32 i = 0; !s.whole.n && i < s.part.n; i++) add(arena, out, s.part.v[i]);
    return runtime.n || is_caches(name) || s.whole.n || s.part.n;
}

typedef struct Nearest {
    Str name;
    bool is_dotted;
    Str best;
} Nearest;

static void measure(void *context, const Root *root) {
    Nearest *n = context;
    near_keep(n->name, n->is_dotted ? root->name : str_after_last(root->name, '.'), &n->best);
}

Str roots_nearest(const Graph *g, Str name, Arena *arena) {
    Nearest n = {.name = name, .is_dotted = str_find(name, '.') >= 0};
    Visit v = {.g = g, .arena = arena, .visitor = measure, .context = &n};
    runtime_nearest(name, &n.best);
    near_keep(name, STR("functools caches"), &n.best);
    visit_all(&v);
    return n.best;
}
