/* Classes of values: as far as constructor calls, annotations, first parameters, returned
 * constructions and attributes tell. Answers are the project's classes only.
 *
 * Variables, attributes and results are found in rounds over the whole project, each from the
 * tables of the rounds before: an expression is then answered by walking down its own path, never
 * by recursion through the program. */
#include "graph/rounds.h"

static const char *const WRAPPERS[] = {"typing.Optional", "typing.Annotated",
                                       "typing.Final",    "typing.ClassVar",
                                       "typing.Required", "dataclasses.InitVar"};

static ClassId class_of_entity(const Graph *g, Entity e) {
    return (ClassId){e.kind == ENTITY_CLASS ? g->files[e.file].class_of_scope[e.id] : 0};
}

/* "Session" or "app.Session" written as text, in the scope of the module. */
static ClassId type_of_text(const Graph *g, u32 file, Str text) {
    text = str_trim(text);
    for (u32 i = 0; i < text.n; i++) {
        u8 c = (u8)text.p[i];
        bool word = c == '_' || c == '.' || c >= 0x80 || (c >= '0' && c <= '9') ||
                    ((c | 32) >= 'a' && (c | 32) <= 'z');
        if (!word) return (ClassId){0};
    }
    Entity e = entity_at(ENTITY_MODULE, file, 0);
    for (u32 start = 0, i = 0; i <= text.n && e.kind == ENTITY_MODULE; i++) {
        if (i < text.n && text.p[i] != '.') continue;
        Str part = str_sub(text, start, i);
        e = entity_in_module(g, e.file, part, hash_str(part), RESOLVE_DEPTH);
        start = i + 1;
    }
    return class_of_entity(g, e);
}

static bool is_wrapper(Str name) {
    for (u32 i = 0; i < ARRAY_LEN(WRAPPERS); i++)
        if (str_is(name, WRAPPERS[i])) return true;
    return false;
}

ClassId type_of_annotation(const Graph *g, u32 file, PathId annotation, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[annotation.i];
    if (!annotation.i || !depth) return (ClassId){0};
    if (p->kind == PATH_LITERAL && p->flags == LITERAL_STRING)
        return type_of_text(g, file, facts_str(f, (StrId){p->id}));
    if (p->kind == PATH_OP) {
        const Op *op = &f->ops[p->id];
        if (op->kind == OP_SUBSCRIPT) {
            if (!is_wrapper(graph_name_of(g, file, op_path(op))))
                return class_of_entity(g, entity_of_path(g, file, op_path(op), RESOLVE_DEPTH));
            return type_of_annotation(g, file, op_operand(f, op, 0), depth - 1);
        }
        if (op->kind != OP_BINARY) return (ClassId){0};
        ClassId left = type_of_annotation(g, file, op_operand(f, op, 0), depth - 1);
        ClassId right = type_of_annotation(g, file, op_operand(f, op, 1), depth - 1);
        return !left.i ? right : right.i ? (ClassId){0} : left;
    }
    return class_of_entity(g, entity_of_path(g, file, annotation, RESOLVE_DEPTH));
}

static ClassId type_of_parameter(const Graph *g, u32 file, SymbolId owner, u32 depth) {
    const Facts *f = g->files[file].facts;
    bool is_class;
    ClassId c = self_class(g, file, owner, &is_class);
    if (c.i) return is_class ? (ClassId){0} : c;
    const Scope *scope = &f->scopes[f->symbols[owner.i].scope.i];
    for (u32 i = scope->param_first; i < scope->param_end; i++)
        if (f->params[i].symbol.i == owner.i)
            return type_of_annotation(g, file, f->params[i].annotation, depth - 1);
    return (ClassId){0};
}

enum { FILLED_SYMBOLS = 10000 }; /* of a file in which variables that functions fill get a type */

/* `_bus = None`, and `global _bus`, `_bus = Bus()` in functions: what these agree on. */
static ClassId type_of_filled_later(const Graph *g, u32 file, SymbolId owner, u32 depth) {
    const Facts *f = g->files[file].facts;
    ClassId found = {0};
    if (f->n_symbols > FILLED_SYMBOLS) return found;
    for (u32 i = 1; i < f->n_symbols; i++) {
        const Symbol *s = &f->symbols[i];
        if (i == owner.i || s->target.i != owner.i || !s->binds) continue;
        const Op *bind = &f->ops[s->bind.i];
        if (s->binds != 1 || bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_ASSIGN)
            return (ClassId){0};
        if (facts_is_none(f, bound_value(f, bind))) continue;
        ClassId c = type_of_path(g, file, bound_value(f, bind), depth - 1);
        if (!c.i || (found.i && c.i != found.i)) return (ClassId){0};
        found = c;
    }
    return found;
}

ClassId variable_type(const Graph *g, u32 file, SymbolId owner, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[owner.i];
    if (s->flags & SYMBOL_PARAM)
        return s->binds ? (ClassId){0} : type_of_parameter(g, file, owner, depth);
    if (!s->bind.i) return (ClassId){0};
    const Op *op = &f->ops[s->bind.i];
    if (op->kind != OP_BIND) return (ClassId){0};
    ClassId c = type_of_annotation(g, file, bound_annotation(f, op), depth - 1);
    if (c.i || s->binds > 1) return c;
    u32 kind = op->flags & OP_LOW;
    if (kind != BIND_ASSIGN && kind != BIND_WITH && kind != BIND_WALRUS) return (ClassId){0};
    if (facts_is_none(f, bound_value(f, op)) && f->scopes[s->scope.i].kind == SCOPE_MODULE)
        return type_of_filled_later(g, file, owner, depth);
    return type_of_path(g, file, bound_value(f, op), depth - 1);
}

_Thread_local TypesRead *types_read;

void note_type_read(u32 cell) {
    TypesRead *read = types_read;
    if (read->n == TYPES_READ_ALL) return;
    for (u32 i = 0; i < read->n; i++)
        if (read->cells[i] == cell) return;
    if (read->n < TYPES_READ_MAX)
        read->cells[read->n++] = cell;
    else
        read->n = TYPES_READ_ALL;
}

static ClassId type_of_variable(const Graph *g, u32 file, SymbolId owner) {
    const ClassId *types = g->files[file].variable_types;
    if (types_read) note_type_read(type_cell_of_variable(file, owner));
    return types ? types[owner.i] : (ClassId){0};
}

static ClassId type_of_entity(const Graph *g, Entity e) {
    return e.kind == ENTITY_VARIABLE ? type_of_variable(g, e.file, (SymbolId){e.id}) : (ClassId){0};
}

/* What a function returns: its annotation, else the class that every return gives. */
ClassId result_type(const Graph *g, u32 fn) {
    const FunctionNode *node = &g->functions[fn];
    const Facts *f = g->files[node->file].facts;
    const Scope *scope = &f->scopes[node->scope.i];
    if (scope->flags & (SCOPE_GENERATOR | SCOPE_ASYNC)) return (ClassId){0};
    ClassId c = type_of_annotation(g, node->file, scope->returns, RESOLVE_DEPTH);
    if (c.i) return c;
    bool first = true;
    for (u32 i = 0; i < node->n_returns; i++) {
        const Op *op = &f->ops[node->returns[i].i];
        ClassId each = type_of_path(g, node->file, op_operand(f, op, 0), RESOLVE_DEPTH);
        if (!each.i || (!first && each.i != c.i)) return (ClassId){0};
        c = each;
        first = false;
    }
    return c;
}

/* What all definitions of one attribute by one class agree on. */
ClassId attribute_type(const Graph *g, const AttributeDef *def) {
    ClassId found = {0};
    for (; def; def = attribute_next(g, def)) {
        const Facts *f = g->files[def->file].facts;
        const Op *op = &f->ops[def->op.i];
        ClassId c = type_of_annotation(g, def->file, bound_annotation(f, op), RESOLVE_DEPTH);
        if (!c.i) c = type_of_path(g, def->file, bound_value(f, op), RESOLVE_DEPTH);
        if (c.i && found.i && c.i != found.i) return (ClassId){0};
        if (c.i) found = c;
    }
    return found;
}

static ClassId type_of_attribute(const Graph *g, ClassId base, u64 name) {
    const ClassNode *node = &g->classes[base.i];
    u32 n = names_have(&g->attribute_names[base.i], name) ? node->n_mro : 0;
    if (types_read && n) note_type_read(type_cell_of_attribute(name));
    for (u32 i = 0; i < n; i++) {
        u32 c = map_get(&g->attribute_types, attribute_key(node->mro[i], name));
        if (c) return (ClassId){c};
    }
    ClassId owner;
    SymbolId s = class_member(g, base, name, &owner);
    ClassId c = s.i ? type_of_variable(g, g->classes[owner.i].file, s) : (ClassId){0};
    /* a descriptor gives what its `__get__` returns */
    ClassId by;
    if (c.i && class_member(g, c, hash_str(STR("__get__")), &by).i) return (ClassId){0};
    return c;
}

static u32 callee_at(const Graph *g, u32 file, const Op *call, u32 depth, ClassId *instance);

static ClassId type_of_op(const Graph *g, u32 file, const Op *op, u32 depth) {
    const Facts *f = g->files[file].facts;
    ClassId c;
    u32 fn;
    switch (op->kind) {
    case OP_CALL:
        fn = callee_at(g, file, op, depth - 1, &c);
        if (c.i || !fn) return c;
        if (types_read) note_type_read(type_cell_of_result(fn));
        return g->functions[fn].result;
    case OP_LOAD:
        return type_of_path(g, file, op_path(op), depth - 1);
    case OP_CHOICE: {
        ClassId a = type_of_path(g, file, op_operand(f, op, 0), depth - 1);
        ClassId b = type_of_path(g, file, op_operand(f, op, 1), depth - 1);
        return !a.i ? b : b.i && b.i != a.i ? (ClassId){0} : a;
    }
    default:
        return (ClassId){0};
    }
}

ClassId type_of_path(const Graph *g, u32 file, PathId path, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    if (depth < 2 || depth > RESOLVE_DEPTH) return (ClassId){0};
    switch (p->kind) {
    case PATH_SYMBOL: {
        SymbolId owner = f->symbols[p->id].target;
        if (!owner.i || f->scopes[f->symbols[owner.i].scope.i].kind == SCOPE_MODULE)
            return type_of_entity(g, entity_of_path(g, file, path, RESOLVE_DEPTH));
        return type_of_variable(g, file, owner);
    }
    case PATH_OP:
        return type_of_op(g, file, &f->ops[p->id], depth - 1);
    case PATH_ATTR: {
        ClassId base = type_of_path(g, file, p->parent, depth - 1);
        if (base.i) return type_of_attribute(g, base, name_hash(f, (StrId){p->id}));
        return type_of_entity(g, entity_of_path(g, file, path, RESOLVE_DEPTH));
    }
    default:
        return (ClassId){0};
    }
}

ClassId graph_type_of(const Graph *g, u32 file, PathId path) {
    return type_of_path(g, file, path, RESOLVE_DEPTH);
}

/* ---- callees ---- */

bool graph_is_super(const Graph *g, u32 file, PathId path) {
    const Op *call = facts_call(g->files[file].facts, path);
    return call && str_is(graph_name_of(g, file, op_path(call)), "builtins.super");
}

/* The method that `super().name` means inside a method of a class. */
static u32 super_method(const Graph *g, u32 file, const Op *call, u64 name) {
    const Facts *f = g->files[file].facts;
    ScopeId s = enclosing_function(f, f->regions[call->region.i].scope);
    while (s.i && !g->functions[function_id(g, file, s)].owner.i)
        s = enclosing_function(f, f->scopes[s.i].parent);
    if (!s.i) return 0;
    const ClassNode *c = &g->classes[g->functions[function_id(g, file, s)].owner.i];
    for (u32 i = 1; i < c->n_mro; i++) {
        SymbolId member = member_of(g, c->mro[i], name);
        if (!member.i) continue;
        Entity e = entity_of_symbol(g, g->classes[c->mro[i].i].file, member, RESOLVE_DEPTH);
        return e.kind == ENTITY_FUNCTION ? entity_function(g, e) : 0;
    }
    return 0;
}

u32 method_by_name(const Graph *g, ClassId c, u64 name) {
    ClassId owner;
    SymbolId s = class_member(g, c, name, &owner);
    if (!s.i) return 0;
    Entity e = entity_of_symbol(g, g->classes[owner.i].file, s, RESOLVE_DEPTH);
    return e.kind == ENTITY_FUNCTION ? entity_function(g, e) : 0;
}

/* `x.f()` needs the type of `x`, which may be what another call returns: the depth bounds both. */
/* `Point[int]`, of a class with parameters: the class. */
static PathId without_parameters(const Graph *g, u32 file, PathId callee) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[callee.i];
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_LOAD) p = &f->paths[f->ops[p->id].subject];
    if (p->kind != PATH_ANY && p->kind != PATH_CONST) return callee;
    Entity e = entity_of_path(g, file, p->parent, RESOLVE_DEPTH);
    ClassId c = e.kind == ENTITY_CLASS ? class_of_entity(g, e) : (ClassId){0};
    return c.i && graph_is_subclass(g, c, "typing.Generic") ? p->parent : callee;
}

static u32 callee_at(const Graph *g, u32 file, const Op *call, u32 depth, ClassId *instance) {
    const Facts *f = g->files[file].facts;
    PathId callee = without_parameters(g, file, op_path(call));
    const Path *p = &f->paths[callee.i];
    *instance = (ClassId){0};
    Entity e = entity_of_path(g, file, callee, RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS) {
        *instance = class_of_entity(g, e);
        return 0;
    }
    if (e.kind == ENTITY_FUNCTION) return entity_function(g, e);
    if (p->kind == PATH_SYMBOL && f->symbols[p->id].target.i) { /* cls(…) in a class method */
        bool is_class;
        ClassId c = self_class(g, file, f->symbols[p->id].target, &is_class);
        if (c.i && is_class) *instance = c;
        return 0;
    }
    if (p->kind != PATH_ATTR) return 0;
    u64 name = name_hash(f, (StrId){p->id});
    const Path *parent = &f->paths[p->parent.i];
    if (graph_is_super(g, file, p->parent)) return super_method(g, file, call, name);
    ClassId c = type_of_path(g, file, p->parent, depth);
    bool is_class = false;
    if (!c.i && parent->kind == PATH_SYMBOL && f->symbols[parent->id].target.i)
        c = self_class(g, file, f->symbols[parent->id].target, &is_class);
    return c.i ? method_by_name(g, c, name) : 0;
}

u32 callee_function(const Graph *g, u32 file, const Op *call, ClassId *instance) {
    const FileNode *node = &g->files[file];
    const Op *ops = node->facts->ops;
    if (node->callees && call >= ops && call < ops + node->facts->n_ops) {
        u32 known = node->callees[call - ops] & ~CALLEE_OUTSIDE;
        *instance = (ClassId){known & CALLEE_CLASS ? known & ~CALLEE_CLASS : 0};
        return known & CALLEE_CLASS ? 0 : known;
    }
    return callee_at(g, file, call, RESOLVE_DEPTH, instance);
}

void callees_find(const Graph *g, u32 file, u32 *table) {
    const Facts *f = g->files[file].facts;
    OpList calls = ops_of(&g->files[file], OP_CALL);
    for (u32 k = 0; k < calls.n; k++) {
        u32 i = calls.v[k];
        ClassId made;
        u32 fn = callee_at(g, file, &f->ops[i], RESOLVE_DEPTH, &made);
        table[i] = made.i ? made.i | CALLEE_CLASS : fn;
        if (!made.i && !fn && f->paths[f->ops[i].subject].kind == PATH_ATTR &&
            entity_of_path(g, file, op_path(&f->ops[i]), RESOLVE_DEPTH).kind == ENTITY_EXTERNAL)
            table[i] = CALLEE_OUTSIDE;
    }
}
