/* Symbols: one per name mentioned in a scope while walking; owners are found when the whole file is
 * known, because a function may read what its surroundings bind later. */
#include "python/extract.h"

SymbolId symbol_in(Extract *e, ScopeId scope, StrId name) {
    u64 key = map_pair(scope.i, name.i);
    u32 known = map_get(&e->symbols, key);
    if (known) return (SymbolId){known};
    Symbol s = {.name = name, .scope = scope};
    vec_push(e->b->arena, &e->b->symbols, s);
    u32 id = e->b->symbols.n - 1;
    map_set(e->b->arena, &e->symbols, key, id);
    return (SymbolId){id};
}

SymbolId symbol_mention(Extract *e, u32 identifier) {
    return symbol_in(e, e->scope, name_of(e, identifier));
}

ScopeId binding_scope(const Extract *e) {
    ScopeId s = e->scope;
    while (e->b->scopes.v[s.i].kind == SCOPE_COMPREHENSION) s = e->b->scopes.v[s.i].parent;
    return s;
}

static u32 owner_in(const Extract *e, ScopeId scope, StrId name, u32 declared) {
    u32 id = map_get(&e->symbols, map_pair(scope.i, name.i));
    if (!id) return 0;
    u32 flags = e->b->symbols.v[id].flags;
    return (flags & SYMBOL_BOUND) && !(flags & declared) ? id : 0;
}

/* The nearest enclosing function (never a class) that binds the name. */
static u32 find_in_functions(const Extract *e, ScopeId from, StrId name) {
    for (ScopeId s = e->b->scopes.v[from.i].parent; s.i; s = e->b->scopes.v[s.i].parent) {
        u8 kind = e->b->scopes.v[s.i].kind;
        if (kind == SCOPE_MODULE) break;
        if (kind == SCOPE_CLASS) continue;
        u32 id = map_get(&e->symbols, map_pair(s.i, name.i));
        if (id && (e->b->symbols.v[id].flags & SYMBOL_GLOBAL)) return 0;
        if (owner_in(e, s, name, SYMBOL_GLOBAL | SYMBOL_NONLOCAL)) return id;
    }
    return 0;
}

/* Closures between a name's use and its owner hold the variable too, mentioned there or not. The
 * symbols that this adds are resolved in their turn. */
static void pass_through(Extract *e, ScopeId from, ScopeId owner, StrId name) {
    for (ScopeId s = e->b->scopes.v[from.i].parent; s.i && s.i != owner.i;
         s = e->b->scopes.v[s.i].parent)
        symbol_in(e, s, name);
}

static void resolve(Extract *e, u32 i) {
    Symbol *s = &e->b->symbols.v[i];
    bool at_module = e->b->scopes.v[s->scope.i].kind == SCOPE_MODULE;
    if ((s->flags & SYMBOL_BOUND) &&
        (at_module || !(s->flags & (SYMBOL_GLOBAL | SYMBOL_NONLOCAL)))) {
        s->target = (SymbolId){i};
        return;
    }
    u32 owner = s->flags & SYMBOL_GLOBAL || at_module ? 0 : find_in_functions(e, s->scope, s->name);
    if (owner) {
        s->flags |= SYMBOL_FREE;
        s->target = (SymbolId){owner};
        e->b->symbols.v[owner].flags |= SYMBOL_CELL;
        pass_through(e, s->scope, e->b->symbols.v[owner].scope, s->name);
        return;
    }
    owner = owner_in(e, (ScopeId){1}, s->name, 0);
    s->flags |= owner ? SYMBOL_MODULE : SYMBOL_UNRESOLVED;
    s->target = (SymbolId){owner};
}

/* A name that a function declares global and binds is a module variable even if no module code
 * binds it. */
static void bind_globals(Extract *e) {
    u32 n = e->b->symbols.n;
    for (u32 i = 1; i < n; i++) {
        Symbol s = e->b->symbols.v[i];
        if (!(s.flags & SYMBOL_GLOBAL) || !(s.flags & SYMBOL_BOUND)) continue;
        SymbolId owner = symbol_in(e, (ScopeId){1}, s.name);
        e->b->symbols.v[owner.i].flags |= SYMBOL_BOUND;
    }
}

/* New ids, scope by scope; symbols keep their order of first mention within a scope. */
static u32 *new_ids(Extract *e) {
    FactsBuilder *b = e->b;
    u32 *next = arena_array(b->arena, u32, b->scopes.n);
    for (u32 i = 1; i < b->symbols.n; i++) next[b->symbols.v[i].scope.i]++;
    for (u32 s = 1, at = 1; s < b->scopes.n; s++) {
        u32 count = next[s];
        b->scopes.v[s].symbol_first = next[s] = at;
        b->scopes.v[s].symbol_end = at += count;
    }
    u32 *fresh = arena_array(b->arena, u32, b->symbols.n);
    for (u32 i = 1; i < b->symbols.n; i++) fresh[i] = next[b->symbols.v[i].scope.i]++;
    return fresh;
}

static void renumber(Extract *e) {
    FactsBuilder *b = e->b;
    u32 *fresh = new_ids(e);
    Symbol *sorted = arena_array(b->arena, Symbol, b->symbols.n);
    for (u32 i = 1; i < b->symbols.n; i++) {
        Symbol s = b->symbols.v[i];
        s.target.i = fresh[s.target.i];
        sorted[fresh[i]] = s;
    }
    b->symbols.v = sorted;
    b->symbols.cap = b->symbols.n;
    for (u32 i = 1; i < b->paths.n; i++)
        if (b->paths.v[i].kind == PATH_SYMBOL) b->paths.v[i].id = fresh[b->paths.v[i].id];
    for (u32 i = 1; i < b->params.n; i++) b->params.v[i].symbol.i = fresh[b->params.v[i].symbol.i];
    for (u32 i = 1; i < b->imports.n; i++)
        b->imports.v[i].symbol.i = fresh[b->imports.v[i].symbol.i];
}

void names_resolve(Extract *e) {
    bind_globals(e);
    for (u32 i = 1; i < e->b->symbols.n; i++) resolve(e, i);
    renumber(e);
}
