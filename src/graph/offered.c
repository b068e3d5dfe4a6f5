/* Classes that a library offers: whoever uses it makes as many as he likes, whatever the library
 * itself does with them. */
#include "graph/starting.h"

#define NO_FILE UINT32_MAX

enum {
    SITES = 32,     /* calls of the class that are looked at */
    RETURN_OPS = 60 /* operations from the call to its `return` */
};

bool is_reexported(const Graph *g, ScopeRef definition) {
    const Facts *f = g->files[definition.file].facts;
    const Scope *scope = &f->scopes[definition.scope.i];
    Str name = facts_str(f, scope->name), module = g->files[definition.file].module;
    if (str_starts(name, "_") || f->scopes[scope->parent.i].kind != SCOPE_MODULE) return false;
    bool is_class = scope->kind == SCOPE_CLASS;
    ClassId c = is_class ? graph_class_of_scope(g, definition) : (ClassId){0};
    u32 id = is_class ? 0 : function_id(g, definition.file, definition.scope);
    for (i64 dot = (i64)module.n; dot > 0; dot = str_rfind(module, '.')) {
        module = str_sub(module, 0, (u32)dot);
        u32 file = module_find(g, definition.file, module);
        if (file == NO_FILE || !g->files[file].is_package) continue;
        Entity e = entity_in_module(g, file, name, hash_str(name), RESOLVE_DEPTH);
        if (is_class && e.kind == ENTITY_CLASS && entity_class(g, e).i == c.i) return true;
        if (!is_class && e.kind == ENTITY_FUNCTION && entity_function(g, e) == id) return true;
    }
    return false;
}

/* Is the value what the call made, directly or in a local that is bound once? */
static bool is_made_by(const Facts *f, PathId value, OpId call) {
    const Path *p = &f->paths[value.i];
    if (p->kind == PATH_SYMBOL) {
        const Symbol *s = &f->symbols[f->symbols[p->id].target.i];
        const Op *bind = &f->ops[s->bind.i];
        if (s->binds != 1 || bind->kind != OP_BIND) return false;
        p = &f->paths[bound_value(f, bind).i];
    }
    return p->kind == PATH_OP && p->id == call.i;
}

/* `def pipeline(self): return Pipeline(self)` */
static bool is_given_away(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    ScopeId s = enclosing_function(f, f->regions[f->ops[call.op.i].region.i].scope);
    if (!s.i || g->files[call.file].is_test) return false;
    if (str_starts(facts_str(f, f->scopes[s.i].name), "_")) return false;
    u32 end = MIN(f->scopes[s.i].op_end, call.op.i + RETURN_OPS);
    for (u32 i = call.op.i + 1; i < end; i++)
        if (f->ops[i].kind == OP_RETURN && is_made_by(f, op_operand(f, &f->ops[i], 0), call.op))
            return true;
    return false;
}

/* Also by a subclass: `def AsyncResult(self, id): return AbortableResult(id)`. */
bool graph_is_offered(const Graph *g, ClassId c) {
    ClassId family[FAMILY_SLOTS];
    u32 n = c.i ? family_of(g, c, family) : 0, sites = 0;
    for (u32 k = 0; k < n; k++) {
        const ClassNode *node = &g->classes[family[k].i];
        if (g->files[node->file].is_test || !class_is_kind_of(g, family[k], c)) continue;
        if (is_reexported(g, (ScopeRef){node->file, node->scope})) return true;
        for (u32 i = 0; i < node->calls.n && sites < SITES; i++, sites++)
            if (is_given_away(g, node->calls.v[i])) return true;
    }
    return false;
}
