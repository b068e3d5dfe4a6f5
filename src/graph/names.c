/* What names mean: from symbols and access paths to modules, classes, functions, variables, or
 * dotted names of things outside the project. */
#include "graph/model.h"

#include <string.h>

#define NO_FILE UINT32_MAX

SymbolId module_symbol(const Graph *g, u32 file, u64 name) {
    return (SymbolId){map_get(&g->members, hash_mix(name, (u64)file << 8 | 7))};
}

/* ---- texts ---- */

/* The only thing that questions add to: guarded by the lock. */
static Graph *lock_texts(const Graph *g) {
    Graph *shared = (Graph *)(uintptr_t)g;
    while (__atomic_exchange_n(&shared->text_lock, 1, __ATOMIC_ACQUIRE)) {
    }
    return shared;
}

static void unlock_texts(Graph *shared) {
    __atomic_store_n(&shared->text_lock, 0, __ATOMIC_RELEASE);
}

Str graph_text(const Graph *g, Str text) {
    u64 hash = hash_str(text);
    Graph *shared = lock_texts(g);
    u32 id = intern_hashed(&shared->text_arena, &shared->texts, text, hash, true);
    Str kept = intern_str(&shared->texts, id);
    unlock_texts(shared);
    return kept;
}

static Str joined(const Graph *g, Str a, Str b) {
    if (!a.n) return b;
    if (!b.n) return a;
    char room[512];
    u64 n = (u64)a.n + 1 + b.n;
    if (n > sizeof room) return STR("?"); /* nothing that limpet knows has such a name */
    memcpy(room, a.p, a.n);
    room[a.n] = '.';
    memcpy(room + a.n + 1, b.p, b.n);
    return graph_text(g, (Str){room, (u32)n});
}

Str entity_name(const Graph *g, Entity e) {
    switch (e.kind) {
    case ENTITY_EXTERNAL:
    case ENTITY_PACKAGE:
        return entity_text(e);
    case ENTITY_MODULE:
        return g->files[e.file].module;
    case ENTITY_CLASS:
    case ENTITY_FUNCTION:
        return graph_scope_name(g, (ScopeRef){e.file, {e.id}});
    case ENTITY_VARIABLE: {
        const Facts *f = g->files[e.file].facts;
        const Symbol *s = &f->symbols[e.id];
        Str scope = graph_scope_name(g, (ScopeRef){e.file, s->scope});
        return joined(g, scope, facts_str(f, s->name));
    }
    default:
        return (Str){0};
    }
}

/* ---- members ---- */

static Entity text_entity(EntityKind kind, u32 file, Str text) {
    return (Entity){.kind = kind, .file = file & ENTITY_FILES, .id = text.n, .text = text.p};
}

static Entity external(const Graph *g, Str base, Str name) {
    return text_entity(ENTITY_EXTERNAL, 0, joined(g, base, name));
}

static Entity module_entity(u32 file) {
    return entity_at(ENTITY_MODULE, file, 0);
}

/* The first module behind the stars that binds the name itself. */
static Entity in_star_imports(const Graph *g, u32 file, Str name, u64 hash, u32 depth) {
    const FileNode *node = &g->files[file];
    for (u32 i = 0; i < node->n_star_files; i++) {
        const FileNode *from = &g->files[node->star_files[i]];
        bool listed = from->exports.n > 0;
        bool exported = listed ? map_get(&from->exports, hash) != 0
                               : from->has_exports || !str_starts(name, "_");
        SymbolId s = exported ? module_symbol(g, node->star_files[i], hash) : (SymbolId){0};
        if (s.i) return entity_of_symbol(g, node->star_files[i], s, depth - 1);
    }
    return (Entity){0};
}

Entity entity_in_module(const Graph *g, u32 file, Str name, u64 hash, u32 depth) {
    if (!depth) return (Entity){0};
    SymbolId s = module_symbol(g, file, hash);
    if (s.i) {
        Entity e = entity_of_symbol(g, file, s, depth - 1);
        if (e.kind != ENTITY_NONE) return e;
    }
    u32 child = module_child(g, file, name);
    if (child != NO_FILE && child != file) return module_entity(child);
    return in_star_imports(g, file, name, hash, depth);
}

/* `import a.b.c` binds a: a module of the project, else a prefix that selectors complete. */
static Entity imported_top(const Graph *g, u32 file, Str dotted) {
    i64 dot = str_find(dotted, '.');
    Str top = dot < 0 ? dotted : str_sub(dotted, 0, (u32)dot);
    u32 target = module_find(g, file, top);
    if (target != NO_FILE) return module_entity(target);
    return text_entity(dot < 0 ? ENTITY_EXTERNAL : ENTITY_PACKAGE, file, top);
}

static Entity entity_of_plain_import(const Graph *g, u32 file, const Import *import) {
    Str module = facts_str(g->files[file].facts, import->module);
    if (!import->alias.i) return imported_top(g, file, module);
    u32 target = module_find(g, file, module);
    if (target != NO_FILE) return module_entity(target);
    return text_entity(ENTITY_EXTERNAL, 0, module);
}

static Entity entity_of_import(const Graph *g, u32 file, const Import *import, u32 depth) {
    const Facts *f = g->files[file].facts;
    if (!import->name.i) return entity_of_plain_import(g, file, import);
    Str name = facts_str(f, import->name), dotted;
    u32 target = module_of_import(g, file, import, &dotted);
    if (target == NO_FILE) { /* a package without __init__.py: the name may be a module in it */
        u32 child = module_of_name(g, file, import, name);
        return child != NO_FILE ? module_entity(child) : external(g, dotted, name);
    }
    if (target == file && g->files[file].is_package) {
        u32 child = module_child(g, file, name);
        if (child != NO_FILE && child != file) return module_entity(child);
    }
    if (depth == 0) return (Entity){0};
    Entity e = entity_in_module(g, target, name, name_hash(f, import->name), depth - 1);
    if (e.kind == ENTITY_NONE) return external(g, g->files[target].module, name);
    return e;
}

/* ---- symbols ---- */

enum { OVERLOADS_MAX = 64 };

static bool is_overload(const Facts *f, const Scope *scope) {
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        const Path *p = &f->paths[f->operands[d].path.i];
        if (p->kind == PATH_SYMBOL && str_is(facts_str(f, f->symbols[p->id].name), "overload"))
            return true;
        if (p->kind == PATH_ATTR && str_is(facts_str(f, (StrId){p->id}), "overload")) return true;
    }
    return false;
}

/* `@overload` says types only: the definition that follows replaces it. */
static u32 implementation_of(const Facts *f, u32 first) {
    const Scope *scope = &f->scopes[first];
    if (scope->decorator_first == scope->decorator_end || !is_overload(f, scope)) return first;
    for (u32 s = first + 1; s < f->n_scopes && s <= first + OVERLOADS_MAX; s++) {
        const Scope *next = &f->scopes[s];
        bool same = next->kind == SCOPE_FUNCTION && next->parent.i == scope->parent.i &&
                    next->name.i == scope->name.i;
        if (same && !is_overload(f, next)) return s;
    }
    return first;
}

static Entity entity_of_bind(const Graph *g, u32 file, SymbolId owner, const Op *op, u32 depth) {
    const Facts *f = g->files[file].facts;
    PathId value = bound_value(f, op);
    const Path *path = &f->paths[value.i];
    Entity variable = entity_at(ENTITY_VARIABLE, file, owner.i);
    if (op->kind != OP_BIND) return variable;
    if (path->kind == PATH_OP) {
        const Op *made = &f->ops[path->id];
        if (made->kind == OP_FUNCTION)
            return entity_at(ENTITY_FUNCTION, file, implementation_of(f, made->subject));
        if (made->kind == OP_CLASS) return entity_at(ENTITY_CLASS, file, made->subject);
        if (made->kind == OP_IMPORT)
            return entity_of_import(g, file, &f->imports[made->subject], depth);
        return variable;
    }
    bool plain = (op->flags & OP_LOW) == BIND_ASSIGN && path->kind != PATH_LITERAL &&
                 path->kind != PATH_NONE;
    if (!plain || f->symbols[owner.i].binds != 1 || !depth) return variable;
    Entity e = entity_of_path(g, file, value, depth - 1);
    bool known = e.kind == ENTITY_CLASS || e.kind == ENTITY_FUNCTION || e.kind == ENTITY_MODULE;
    return known || (e.kind == ENTITY_EXTERNAL && path->kind != PATH_ANY) ? e : variable;
}

Entity entity_of_symbol(const Graph *g, u32 file, SymbolId owner, u32 depth) {
    const FileNode *node = &g->files[file];
    if (!owner.i) return (Entity){0};
    if (node->entities && node->entities[owner.i].kind) return node->entities[owner.i];
    const Symbol *s = &node->facts->symbols[owner.i];
    Entity variable = entity_at(ENTITY_VARIABLE, file, owner.i);
    if (!s->bind.i || (s->flags & SYMBOL_PARAM)) return variable;
    const Op *op = &node->facts->ops[s->bind.i];
    if (s->binds > 1 && (op->flags & OP_LOW) == BIND_ASSIGN) return variable;
    return entity_of_bind(g, file, owner, op, depth);
}

/* `from functools import *`: what a module outside has is known for the names that limpet knows. */
static Entity in_outside_stars(const Graph *g, u32 file, Str name) {
    const FileNode *node = &g->files[file];
    for (u32 i = node->n_star_imports; i-- > 0;) {
        const Import *import = &node->facts->imports[node->star_imports[i]];
        Str dotted;
        if (import->level || module_of_import(g, file, import, &dotted) != NO_FILE) continue;
        Entity e = external(g, dotted, name);
        Str text = entity_text(e);
        if (know_call(text) || know_cache(text) || know_constructor_row(text)) return e;
    }
    return (Entity){0};
}

/* A name bound nowhere in the file: from a star import, else a builtin. */
static Entity unresolved(const Graph *g, u32 file, const Symbol *s, u32 depth) {
    const Facts *f = g->files[file].facts;
    Str name = facts_str(f, s->name);
    if (g->files[file].n_star_imports && depth) {
        Entity e = in_star_imports(g, file, name, name_hash(f, s->name), depth);
        if (e.kind != ENTITY_NONE) return e;
    }
    Entity e = in_outside_stars(g, file, name);
    return e.kind != ENTITY_NONE ? e : external(g, STR("builtins"), name);
}

Entity entity_of_unresolved(const Graph *g, u32 file, SymbolId symbol) {
    const FileNode *node = &g->files[file];
    if (node->n_star_imports) return (Entity){0}; /* its stars are followed as deep as is asked */
    return unresolved(g, file, &node->facts->symbols[symbol.i], 0);
}

/* ---- paths ---- */

Entity entity_select(const Graph *g, Entity base, const Facts *f, StrId name, u32 depth) {
    Str text = facts_str(f, name);
    u64 hash = name_hash(f, name);
    switch (base.kind) {
    case ENTITY_EXTERNAL:
        return external(g, entity_text(base), text);
    case ENTITY_PACKAGE: {
        Entity e = external(g, entity_text(base), text);
        u32 target = module_find(g, base.file, entity_text(e));
        if (target != NO_FILE) return module_entity(target);
        if (map_get(&g->module_prefixes, hash_str(entity_text(e))))
            e.kind = ENTITY_PACKAGE, e.file = base.file;
        return e;
    }
    case ENTITY_MODULE: {
        Entity e = entity_in_module(g, base.file, text, hash, depth);
        return e.kind == ENTITY_NONE ? external(g, g->files[base.file].module, text) : e;
    }
    case ENTITY_CLASS: {
        ClassId owner, c = {g->files[base.file].class_of_scope[base.id]};
        SymbolId s = class_member(g, c, hash, &owner);
        return s.i ? entity_of_symbol(g, g->classes[owner.i].file, s, depth) : (Entity){0};
    }
    default:
        return (Entity){0};
    }
}

static Entity find_entity_of_path(const Graph *g, u32 file, PathId path, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    if (!depth) return (Entity){0};
    if (p->kind == PATH_SYMBOL) {
        const Symbol *s = &f->symbols[p->id];
        if (s->target.i) return entity_of_symbol(g, file, s->target, depth - 1);
        const Entity *entities = g->files[file].entities;
        if (entities && entities[p->id].kind) return entities[p->id];
        return unresolved(g, file, s, depth - 1);
    }
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_LOAD)
        return find_entity_of_path(g, file, op_path(&f->ops[p->id]), depth - 1);
    if (p->kind == PATH_OP &&
        (f->ops[p->id].kind == OP_FUNCTION || f->ops[p->id].kind == OP_LAMBDA))
        return entity_at(ENTITY_FUNCTION, file, f->ops[p->id].subject);
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CLASS)
        return entity_at(ENTITY_CLASS, file, f->ops[p->id].subject);
    if (p->kind != PATH_ATTR) return (Entity){0};
    Entity base = find_entity_of_path(g, file, p->parent, depth - 1);
    return entity_select(g, base, f, (StrId){p->id}, depth - 1);
}

Entity entity_of_path(const Graph *g, u32 file, PathId path, u32 depth) {
    const FileNode *node = &g->files[file];
    const Entity *found = __atomic_load_n(&node->found_entities, __ATOMIC_ACQUIRE);
    if (depth == RESOLVE_DEPTH && found) return found[node->path_entities[path.i]];
    return find_entity_of_path(g, file, path, depth);
}

void paths_resolve(Graph *g, u32 file, Arena *scratch) {
    FileNode *node = &g->files[file];
    const Facts *f = node->facts;
    u32 *table = node->path_entities;
    VEC(Entity) found = {0};
    vec_push(scratch, &found, (Entity){0});
    for (u32 i = 1; i < f->n_paths; i++) {
        const Path *p = &f->paths[i];
        Entity e = {0}, base = found.v[table[p->parent.i]];
        if (p->kind == PATH_SYMBOL || p->kind == PATH_OP)
            e = find_entity_of_path(g, file, (PathId){i}, RESOLVE_DEPTH);
        else if (p->kind == PATH_ATTR && base.kind != ENTITY_NONE)
            e = entity_select(g, base, f, (StrId){p->id}, RESOLVE_DEPTH - 1);
        if (e.kind == ENTITY_NONE) continue;
        table[i] = found.n;
        vec_push(scratch, &found, e);
    }
    const Entity *kept = graph_keep(g, found.v, sizeof(Entity) * found.n);
    __atomic_store_n(&node->found_entities, kept, __ATOMIC_RELEASE);
}

Str graph_name_of(const Graph *g, u32 file, PathId path) {
    return entity_name(g, entity_of_path(g, file, path, RESOLVE_DEPTH));
}

ScopeRef graph_definition_of(const Graph *g, u32 file, PathId path) {
    Entity e = entity_of_path(g, file, path, RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS || e.kind == ENTITY_FUNCTION) return (ScopeRef){e.file, {e.id}};
    return (ScopeRef){0};
}

PathId graph_alias_of(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    for (u32 steps = 0; steps < RESOLVE_DEPTH; steps++) {
        const Path *p = &f->paths[path.i];
        if (p->kind != PATH_SYMBOL) return path;
        SymbolId owner = f->symbols[p->id].target;
        const Symbol *s = &f->symbols[owner.i];
        if (!owner.i || s->binds != 1 || (s->flags & SYMBOL_PARAM)) return path;
        const Op *op = &f->ops[s->bind.i];
        u32 kind = op->flags & OP_LOW;
        PathId value = bound_value(f, op);
        if (op->kind != OP_BIND || (kind != BIND_ASSIGN && kind != BIND_WALRUS) || !value.i)
            return path;
        path = value;
    }
    return path;
}

/* ---- scopes ---- */

static Str compose_scope_name(const Graph *g, ScopeRef scope) {
    const FileNode *node = &g->files[scope.file];
    Arena arena = {0};
    Buf text = {.arena = &arena};
    buf_str(&text, node->module);
    if (scope.scope.i > 1) {
        buf_char(&text, '.');
        facts_scope_name(node->facts, scope.scope, &text);
    }
    Str kept = graph_text(g, buf_get(&text));
    arena_free(&arena);
    return kept;
}

const void *graph_keep(const Graph *g, const void *bytes, size_t size) {
    Graph *shared = lock_texts(g);
    const void *kept = arena_copy(&shared->text_arena, bytes, size);
    unlock_texts(shared);
    return kept;
}

/* Composed once; two threads that ask at the same time compose the same. */
Str graph_scope_name(const Graph *g, ScopeRef scope) {
    const Str **slot = &g->files[scope.file].scope_names[scope.scope.i];
    const Str *known = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
    if (known) return *known;
    Str name = compose_scope_name(g, scope);
    known = graph_keep(g, &name, sizeof name);
    __atomic_store_n(slot, known, __ATOMIC_RELEASE);
    return name;
}

u32 graph_file_count(const Graph *g) {
    return g->n_files;
}
const Facts *graph_facts(const Graph *g, u32 file) {
    return g->files[file].facts;
}
Str graph_file_path(const Graph *g, u32 file) {
    return g->files[file].path;
}

Str graph_real_path(const Graph *g, u32 file) {
    return g->files[file].real_path;
}

Str graph_module_name(const Graph *g, u32 file) {
    return g->files[file].module;
}
bool graph_is_python2(const Graph *g) {
    return g->n_python2 * 20 > g->n_files;
}

bool graph_is_test_file(const Graph *g, u32 file) {
    return g->files[file].is_test;
}

Place graph_place(const Graph *g, u32 file, Span span) {
    (void)g;
    return (Place){file, span.start, span.end};
}

ScopeId graph_next_function(const Graph *g, u32 file, ScopeId after) {
    const Facts *f = g->files[file].facts;
    for (u32 s = after.i + 1; s < f->n_scopes; s++)
        if (f->scopes[s].kind == SCOPE_FUNCTION || f->scopes[s].kind == SCOPE_LAMBDA)
            return (ScopeId){s};
    return (ScopeId){0};
}

/* ---- operands ---- */

PathId bound_value(const Facts *f, const Op *op) {
    for (u32 i = 0; i < op->operands; i++)
        if (operand_kind(f->operands[op->operand + i]) == OPERAND_POSITIONAL)
            return f->operands[op->operand + i].path;
    return (PathId){0};
}

PathId bound_annotation(const Facts *f, const Op *op) {
    for (u32 i = 0; i < op->operands; i++)
        if (operand_kind(f->operands[op->operand + i]) == OPERAND_KEYWORD)
            return f->operands[op->operand + i].path;
    return (PathId){0};
}

PathId bound_key(const Facts *f, const Op *op) {
    for (u32 i = 0; i < op->operands; i++)
        if (operand_kind(f->operands[op->operand + i]) == OPERAND_KEY)
            return f->operands[op->operand + i].path;
    return (PathId){0};
}

PathId call_argument_named(const Facts *f, const Op *call, u32 index, Str name) {
    u32 position = 0;
    for (u32 i = 0; i < call->operands; i++) {
        Operand o = f->operands[call->operand + i];
        if (operand_kind(o) == OPERAND_STAR) position = UINT32_MAX / 2; /* later ones are unknown */
        if (operand_kind(o) == OPERAND_POSITIONAL && position++ == index) return o.path;
        if (name.n && operand_kind(o) == OPERAND_KEYWORD &&
            str_eq(facts_str(f, operand_name(o)), name))
            return o.path;
    }
    return (PathId){0};
}

PathId call_argument(const Facts *f, const Op *call, u32 index, const char *name) {
    return call_argument_named(f, call, index, str_from(name));
}
