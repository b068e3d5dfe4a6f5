/* Questions about single functions, members and stores, for those who walk the project. */
#include "graph/model.h"

u32 graph_function_count(const Graph *g) {
    return g->n_functions;
}

ScopeRef graph_function_scope(const Graph *g, u32 id) {
    return (ScopeRef){g->functions[id].file, g->functions[id].scope};
}

u32 graph_function_id(const Graph *g, ScopeRef function) {
    return g->files[function.file].function_of_scope[function.scope.i];
}

/* `Base.method(self)`: what stands before the name is the class itself. */
static bool is_unbound(const Graph *g, u32 file, const Op *call, u32 function) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[call->subject];
    const FunctionNode *fn = &g->functions[function];
    if (p->kind != PATH_ATTR || !fn->owner.i || fn->kind != METHOD_INSTANCE) return false;
    return entity_of_path(g, file, p->parent, RESOLVE_DEPTH).kind == ENTITY_CLASS;
}

Callee graph_callee(const Graph *g, u32 file, OpId call) {
    const Op *op = &g->files[file].facts->ops[call.i];
    Callee c = {0};
    c.function = callee_function(g, file, op, &c.made);
    if (c.function) c.is_unbound = is_unbound(g, file, op, c.function);
    return c;
}

u32 graph_caller_count(const Graph *g, ScopeRef function) {
    const FunctionNode *fn = &g->functions[graph_function_id(g, function)];
    u32 n = 0;
    for (u32 i = 0; i < fn->callers.n; i++) n += !g->files[fn->callers.v[i].file].is_test;
    return n;
}

/* ---- members ---- */

static bool is_property_decorator(const Graph *g, u32 file, PathId decorator) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[decorator.i];
    Str last = facts_str(f, (StrId){p->kind == PATH_ATTR ? p->id : 0});
    if (str_is(last, "setter") || str_is(last, "getter") || str_is(last, "deleter")) return true;
    return str_ends(last, "property") || str_ends(graph_name_of(g, file, decorator), "property");
}

/* A class as decorator makes an object of its own, which may be a descriptor; so may what a
 * variable holds that is bound on several ways. */
static bool may_be_descriptor(const Graph *g, u32 file, PathId decorator) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[decorator.i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) decorator = op_path(&f->ops[p->id]);
    Entity e = entity_of_path(g, file, decorator, RESOLVE_DEPTH);
    return e.kind == ENTITY_CLASS || e.kind == ENTITY_VARIABLE;
}

static Member member_of_function(const Graph *g, Entity e) {
    Member m = {.kind = MEMBER_METHOD, .function = {e.file, {e.id}}};
    const FunctionNode *fn = &g->functions[entity_function(g, e)];
    const Facts *f = g->files[e.file].facts;
    const Scope *scope = &f->scopes[e.id];
    if (fn->kind != METHOD_INSTANCE) m.kind = MEMBER_STATIC;
    m.is_decorated = scope->decorator_first != scope->decorator_end;
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        PathId decorator = f->operands[d].path;
        if (is_property_decorator(g, e.file, decorator))
            m.kind = MEMBER_PROPERTY;
        else if (m.kind == MEMBER_METHOD && may_be_descriptor(g, e.file, decorator))
            m.kind = MEMBER_DATA;
    }
    return m;
}

Member graph_member(const Graph *g, ClassId c, u64 name) {
    ClassId owner;
    SymbolId s = class_member(g, c, name, &owner);
    if (!s.i) return (Member){g->classes[c.i].complete ? MEMBER_NONE : MEMBER_UNKNOWN, {0}, false};
    u32 file = g->classes[owner.i].file;
    Entity e = entity_of_symbol(g, file, s, RESOLVE_DEPTH);
    if (e.kind != ENTITY_FUNCTION) return (Member){MEMBER_DATA, {0}, false};
    Member m = member_of_function(g, e);
    /* bound again: `close = staticmethod(close)` or another definition under a condition */
    m.is_decorated |= g->files[file].facts->symbols[s.i].binds > 1;
    return m;
}

static void index_properties(Graph *g, u32 file, const Scope *class) {
    const FileNode *node = &g->files[file];
    const Facts *f = node->facts;
    for (u32 i = class->symbol_first; i < class->symbol_end; i++) {
        Entity e = node->entities[i];
        if (!(f->symbols[i].flags & SYMBOL_BOUND) || e.kind != ENTITY_FUNCTION) continue;
        const Scope *scope = &g->files[e.file].facts->scopes[e.id];
        if (scope->decorator_first == scope->decorator_end) continue;
        if (member_of_function(g, e).kind == MEMBER_PROPERTY)
            map_set(g->arena, &g->properties, name_hash(f, f->symbols[i].name), 1);
    }
}

void properties_index(Graph *g) {
    for (u32 id = 1; id <= g->n_classes; id++) {
        const ClassNode *c = &g->classes[id];
        index_properties(g, c->file, &g->files[c->file].facts->scopes[c->scope.i]);
    }
}

bool graph_may_be_property(const Graph *g, u64 name) {
    return map_get(&g->properties, name) != 0;
}

static ScopeRef setter_in(const Graph *g, ClassId c, Str name) {
    const ClassNode *node = &g->classes[c.i];
    const Facts *f = g->files[node->file].facts;
    const Scope *class = &f->scopes[node->scope.i];
    const Symbol *property = &f->symbols[member_of(g, c, hash_str(name)).i];
    u32 first = property->binds < 2 ? class->op_end : property->bind.i; /* getter and setter */
    for (u32 i = first; i < class->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_FUNCTION) continue;
        const Scope *scope = &f->scopes[op->subject];
        i = MAX(i, scope->op_end - 1);
        if (scope->parent.i != node->scope.i || !str_eq(facts_str(f, scope->name), name)) continue;
        for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
            const Path *p = &f->paths[f->operands[d].path.i];
            if (p->kind == PATH_ATTR && str_is(facts_str(f, (StrId){p->id}), "setter"))
                return (ScopeRef){node->file, {op->subject}};
        }
    }
    return (ScopeRef){0};
}

ScopeRef graph_setter(const Graph *g, ClassId c, Str name) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        ScopeRef setter = setter_in(g, node->mro[i], name);
        if (!scope_is_none(setter)) return setter;
    }
    return (ScopeRef){0};
}

bool graph_is_stored(const Graph *g, ClassId c, u64 name) {
    ClassId owner;
    return class_attribute(g, c, name, &owner) != NULL;
}

/* ---- fields ---- */

static bool makes_fields(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    const Facts *f = g->files[node->file].facts;
    const Scope *scope = &f->scopes[node->scope.i];
    static const char *const MAKERS[] = {
        "dataclasses.dataclass", "attr.s",         "attr.attrs",    "attr.define", "attrs.define",
        "attrs.frozen",          "attr.dataclass", "attrs.mutable", "attr.frozen", "attr.mutable"};
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        PathId path = f->operands[d].path;
        const Path *p = &f->paths[path.i];
        if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) path = op_path(&f->ops[p->id]);
        Str name = graph_name_of(g, node->file, path);
        for (u32 i = 0; i < ARRAY_LEN(MAKERS); i++)
            if (str_is(name, MAKERS[i])) return true;
    }
    for (u32 i = 0; i < node->n_bases; i++)
        if (str_is(node->bases[i].name, "typing.NamedTuple")) return true;
    return false;
}

static bool is_left_out(const Graph *g, u32 file, const Op *bind) {
    const Facts *f = g->files[file].facts;
    const Path *annotation = &f->paths[bound_annotation(f, bind).i];
    PathId head =
        annotation->kind == PATH_OP ? op_path(&f->ops[annotation->id]) : bound_annotation(f, bind);
    if (str_ends(graph_name_of(g, file, head), "ClassVar")) return true;
    const Path *value = &f->paths[bound_value(f, bind).i];
    if (value->kind != PATH_OP || f->ops[value->id].kind != OP_CALL) return false;
    const Path *init = &f->paths[call_argument(f, &f->ops[value->id], UINT32_MAX, "init").i];
    return init->kind == PATH_LITERAL && init->flags == LITERAL_FALSE;
}

/* The next field of the class itself, after a symbol of its body; 0 is none. */
static u32 next_field(const Graph *g, ClassId c, u32 after) {
    const ClassNode *node = &g->classes[c.i];
    const Facts *f = g->files[node->file].facts;
    const Scope *scope = &f->scopes[node->scope.i];
    for (u32 s = MAX(scope->symbol_first, after + 1); s < scope->symbol_end; s++) {
        const Symbol *symbol = &f->symbols[s];
        const Op *bind = &f->ops[symbol->bind.i];
        if (!(symbol->flags & (SYMBOL_BOUND | SYMBOL_ANNOTATED)) || bind->kind != OP_BIND) continue;
        if (bound_annotation(f, bind).i && !is_left_out(g, node->file, bind)) return s;
    }
    return 0;
}

u32 graph_fields(const Graph *g, ClassId c, Arena *arena, u32 most, const Str **names) {
    const ClassNode *node = &g->classes[c.i];
    VEC(Str) list = {0};
    bool has_fields = makes_fields(g, c);
    for (u32 i = node->n_mro; has_fields && i-- > 0;) { /* bases first */
        ClassId owner = node->mro[i];
        const Facts *f = g->files[g->classes[owner.i].file].facts;
        if (owner.i != c.i && !makes_fields(g, owner)) continue;
        for (u32 s = next_field(g, owner, 0); s && list.n < most; s = next_field(g, owner, s))
            vec_push(arena, &list, facts_str(f, f->symbols[s].name));
    }
    *names = list.v;
    return list.n;
}

/* `cache` fills `_cache` of a class of attrs. */
static bool fills(Str keyword, Str field) {
    return str_eq(keyword, field) || str_eq(keyword, str_public(field));
}

SymbolId field_filled(const Graph *g, ClassId c, u32 position, Str keyword, ClassId *owner) {
    const ClassNode *node = &g->classes[c.i];
    bool has_fields = makes_fields(g, c);
    for (u32 i = node->n_mro; has_fields && i-- > 0;) { /* bases first */
        *owner = node->mro[i];
        const Facts *f = g->files[g->classes[owner->i].file].facts;
        if (owner->i != c.i && !makes_fields(g, *owner)) continue;
        for (u32 s = next_field(g, *owner, 0); s; s = next_field(g, *owner, s))
            if (keyword.n ? fills(keyword, facts_str(f, f->symbols[s].name)) : !position--)
                return (SymbolId){s};
    }
    return (SymbolId){0};
}

bool graph_is_field(const Graph *g, ClassId c, Str name) {
    const ClassNode *node = &g->classes[c.i];
    if (!makes_fields(g, c)) return false;
    for (u32 i = 0; i < node->n_mro; i++) {
        ClassId owner = node->mro[i];
        SymbolId s = member_of(g, owner, hash_str(name));
        if (!s.i || (owner.i != c.i && !makes_fields(g, owner))) continue;
        if (next_field(g, owner, s.i - 1) == s.i) return true;
    }
    return false;
}

/* ---- the rest ---- */

ClassId graph_type_of_variable(const Graph *g, SymbolRef variable) {
    return g->files[variable.file].variable_types[variable.symbol.i];
}

SymbolRef graph_variable_of(const Graph *g, u32 file, PathId path) {
    Entity e = entity_of_path(g, file, path, RESOLVE_DEPTH);
    if (e.kind != ENTITY_VARIABLE) return (SymbolRef){0};
    return (SymbolRef){e.file, {e.id}};
}

ContainerKind graph_made_kind(const Graph *g, u32 file, PathId value) {
    return made_kind(g, file, value);
}
