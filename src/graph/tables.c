/* Tables of the interpreter that programs fill by subscript: what is stored into `sys.modules` and
 * `linecache.cache`, and what takes it out again. */
#include "graph/model.h"

static ProcessTable table_of(const Graph *g, u32 file, PathId path) {
    Str name = graph_name_of(g, file, path);
    if (str_is(name, "sys.modules")) return TABLE_MODULES;
    if (str_is(name, "linecache.cache")) return TABLE_LINES;
    return TABLE_NONE;
}

const char *process_table_text(ProcessTable table) {
    static const char *const TEXTS[] = {"", "sys.modules", "linecache.cache"};
    return TEXTS[table];
}

/* The file imports a module that has such a table: most do not, and are left at once. */
static bool has_tables(const Facts *f) {
    for (u32 i = 1; i < f->n_imports; i++) {
        Str module = facts_str(f, f->imports[i].module);
        if (str_is(module, "sys") || str_is(module, "linecache")) return true;
    }
    return false;
}

/* Some path ends in an element of what may be a table. */
static bool mentions_tables(const Facts *f) {
    u64 modules = hash_str(STR("modules")), cache = hash_str(STR("cache"));
    for (u32 i = 1; i < f->n_paths; i++) {
        const Path *p = &f->paths[i];
        if (p->kind != PATH_ANY && p->kind != PATH_CONST && p->kind != PATH_ATTR) continue;
        const Path *table = &f->paths[p->parent.i];
        u64 name = 0;
        if (table->kind == PATH_ATTR) name = name_hash(f, (StrId){table->id});
        if (table->kind == PATH_SYMBOL) name = name_hash(f, f->symbols[table->id].name);
        if (name == modules || name == cache) return true;
    }
    return false;
}

/* `del t[k]`, `t.pop(k)`, `t.clear()`, `linecache.clearcache()`. */
static ProcessTable emptied_table(const Graph *g, u32 file, const Op *op) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[op->subject];
    if (op->kind == OP_DELETE && (p->kind == PATH_ANY || p->kind == PATH_CONST))
        return table_of(g, file, p->parent);
    if (op->kind != OP_CALL || p->kind != PATH_ATTR) return TABLE_NONE;
    Str method = facts_str(f, (StrId){p->id});
    if (str_is(method, "clearcache") || str_is(method, "checkcache")) {
        Str name = graph_name_of(g, file, op_path(op));
        return str_starts(name, "linecache.") ? TABLE_LINES : TABLE_NONE;
    }
    if (!str_is(method, "pop") && !str_is(method, "clear") && !str_is(method, "popitem"))
        return TABLE_NONE;
    return table_of(g, file, p->parent);
}

u32 graph_table_stores(const Graph *g, u32 file, Arena *arena, TableStore **out) {
    const Facts *f = g->files[file].facts;
    VEC(TableStore) found = {0};
    bool is_emptied[TABLES] = {false};
    *out = NULL;
    if (!has_tables(f) || !mentions_tables(f)) return 0;
    for (u32 o = 1; o < f->n_ops; o++) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_DELETE || op->kind == OP_CALL)
            is_emptied[emptied_table(g, file, op)] = true;
        if (op->kind != OP_STORE) continue;
        const Path *p = &f->paths[op->subject];
        if (p->kind != PATH_ANY) continue;
        ProcessTable table = table_of(g, file, p->parent);
        if (table == TABLE_NONE) continue;
        TableStore s = {.table = table, .op = {o}, .key = bound_key(f, op)};
        vec_push(arena, &found, s);
    }
    for (u32 i = 0; i < found.n; i++) found.v[i].is_emptied = is_emptied[found.v[i].table];
    *out = found.v;
    return found.n;
}
