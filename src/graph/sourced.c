/* Tables that have as many entries as the source has classes or decorated functions. */
#include "graph/model.h"

enum {
    FAR_MORE = 4,
    OPS_MAX = 400,
    NAMES_MAX = 8,
    CALLERS_READ = 24,
    CLASSES_MAX = 4000,
    DEFS_MAX = 64
};

/* ---- keyed by what a class says of itself ---- */

typedef struct Names {
    u64 v[NAMES_MAX];
    u32 n;
} Names;

static void add_name(const Facts *f, PathId path, SymbolId of, Names *names) {
    if (facts_root_symbol(f, path).i != of.i) return;
    for (; f->paths[path.i].depth > 1; path = f->paths[path.i].parent) {
    }
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_ATTR || f->paths[p->parent.i].kind != PATH_SYMBOL) return;
    u64 name = name_hash(f, (StrId){p->id});
    for (u32 i = 0; i < names->n; i++)
        if (names->v[i] == name) return;
    if (names->n < NAMES_MAX) names->v[names->n++] = name;
}

/* The attributes that the function reads of the variable: what may come is what has all of them. */
static Names names_read(const Facts *f, const Scope *scope, SymbolId of) {
    Names names = {0};
    for (u32 o = scope->op_first; o < MIN(scope->op_end, scope->op_first + OPS_MAX); o++) {
        const Op *op = &f->ops[o];
        if (op_subject((OpKind)op->kind) == SUBJECT_PATH) add_name(f, op_path(op), of, &names);
        for (u32 i = 0; i < op->operands; i++) add_name(f, op_operand(f, op, i), of, &names);
    }
    return names;
}

static bool has_names(const Graph *g, ClassId c, const Names *names) {
    for (u32 i = 0; i < names->n; i++) {
        ClassId owner;
        if (graph_member(g, c, names->v[i]).kind <= MEMBER_UNKNOWN &&
            !class_attribute(g, c, names->v[i], &owner))
            return false;
    }
    return true;
}

/* Of the classes that have the attribute, and all that is read beside it, by far the most bind it
 * in their bodies, and few give one to each instance. */
static bool is_of_class_bodies(const Graph *g, const Names *names, u64 key) {
    u32 bodies = 0, instances = 0;
    for (u32 c = 1; c <= MIN(graph_class_count(g), (u32)CLASSES_MAX); c++) {
        ClassId class = {c}, owner = {0};
        bool is_body = class_member(g, class, key, &owner).i && owner.i == c;
        const AttributeDef *def = own_attribute(g, class, key);
        if ((!is_body && !def) || g->files[g->classes[c].file].is_test) continue;
        if (!has_names(g, class, names)) continue;
        bool is_stored = false;
        for (u32 n = 0; def && n < DEFS_MAX; def = attribute_next(g, def), n++)
            is_stored |= g->files[def->file].facts->ops[def->op.i].kind != OP_BIND;
        bodies += !is_stored;
        instances += is_stored;
    }
    return bodies > 1 && bodies >= instances * FAR_MORE;
}

/* `self.by_id[component.id] = component`, where `id` is bound in the bodies of the classes. */
static bool is_keyed_by_class(const Graph *g, const AttributeUse *add) {
    const Facts *f = g->files[add->file].facts;
    PathId key = graph_alias_of(g, add->file, add->key), value = add->value;
    const Path *p = &f->paths[key.i];
    SymbolId of = facts_root_symbol(f, value);
    if (p->kind != PATH_ATTR || f->paths[value.i].kind != PATH_SYMBOL || !of.i) return false;
    if (f->paths[p->parent.i].kind != PATH_SYMBOL || facts_root_symbol(f, key).i != of.i)
        return false;
    Names names = names_read(f, &f->scopes[add->function.scope.i], of);
    return is_of_class_bodies(g, &names, name_hash(f, (StrId){p->id}));
}

/* ---- filled by decorators ---- */

/* `return function`, `return cast(Task, function)` */
static bool returns(const Graph *g, u32 file, const FunctionNode *fn, SymbolId param) {
    const Facts *f = g->files[file].facts;
    for (u32 i = 0; i < fn->n_returns; i++) {
        PathId value = op_operand(f, &f->ops[fn->returns[i].i], 0);
        const Path *p = &f->paths[value.i];
        const Op *call = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
        if (call && call->kind == OP_CALL &&
            str_ends(graph_name_of(g, file, op_path(call)), ".cast"))
            value = op_operand(f, call, 1);
        if (f->paths[value.i].kind == PATH_SYMBOL && facts_root_symbol(f, value).i == param.i)
            return true;
    }
    return false;
}

/* An inner function with one parameter, which it returns: what `@registry.periodic(…)` applies. */
static bool is_decorator(const Graph *g, u32 file, ScopeId s) {
    const Facts *f = g->files[file].facts;
    const Scope *scope = &f->scopes[s.i];
    if (!s.i || scope->kind != SCOPE_FUNCTION || scope->param_end != scope->param_first + 1)
        return false;
    if (!facts_enclosing(f, scope->parent, SCOPE_FUNCTION).i) return false;
    const FunctionNode *fn = &g->functions[function_id(g, file, s)];
    return returns(g, file, fn, f->params[scope->param_first].symbol);
}

/* `for part in other.registry.parts.values(): self.registry.register(part)`: what another one has
 * been given before. */
static bool is_taken_over(const Facts *f, const Op *call, Str table) {
    for (u32 i = 0; i < call->operands; i++) {
        SymbolId s = facts_root_symbol(f, op_operand(f, call, i));
        const Op *bind = &f->ops[f->symbols[s.i].bind.i];
        if (!s.i || bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_FOR) continue;
        const Path *over = &f->paths[f->paths[bound_value(f, bind).i].parent.i];
        const Op *view = over->kind == PATH_OP ? &f->ops[over->id] : NULL;
        if (view && view->kind == OP_CALL) over = &f->paths[f->paths[view->subject].parent.i];
        if (over->kind == PATH_ATTR && str_eq(facts_str(f, (StrId){over->id}), table)) return true;
    }
    return false;
}

/* All that call the function are such, or it is one. */
static bool is_called_by_decorators(const Graph *g, ScopeRef function, Str table) {
    if (is_decorator(g, function.file, function.scope)) return true;
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    u32 found = 0;
    for (u32 i = 0; i < fn->callers.n && i < CALLERS_READ; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *f = g->files[call.file].facts;
        if (g->files[call.file].is_test) continue;
        RegionId region = f->ops[call.op.i].region;
        if (is_taken_over(f, &f->ops[call.op.i], table)) continue;
        if (!is_decorator(g, call.file, enclosing_function(f, f->regions[region.i].scope)))
            return false;
        found++;
    }
    return found > 0;
}

bool graph_is_of_source(const Graph *g, const AttributeUse *add, Str table) {
    if (scope_is_none(add->function)) return false;
    return is_called_by_decorators(g, add->function, table) ||
           (add->key.i && add->value.i && is_keyed_by_class(g, add));
}
