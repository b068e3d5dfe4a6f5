/* Descriptors: classes whose instances stand in other classes' bodies, and get with each access the
 * object that was asked. */
#include "graph/model.h"

/* Callers of a helper that are looked at. */
enum { HELPER_CALLERS = 12 };

static Str function_name(const Facts *f, ScopeId s) {
    return facts_str(f, f->scopes[s.i].name);
}

bool graph_is_descriptor(const Graph *g, ClassId c) {
    return graph_method(g, c, "__get__").scope.i || graph_method(g, c, "__set__").scope.i;
}

static u32 parameter_index(const Facts *f, SymbolId variable) {
    const Scope *scope = &f->scopes[f->symbols[variable.i].scope.i];
    for (u32 i = scope->param_first; i < scope->param_end; i++)
        if (f->params[i].symbol.i == variable.i) return i - scope->param_first;
    return UINT32_MAX;
}

/* The second parameter of `__get__` and `__set__`, and what these pass on to a method of self. */
static bool is_instance(const Graph *g, KeyRef k, u32 depth) {
    const Facts *f = g->files[k.file].facts;
    const Path *p = &f->paths[graph_alias_of(g, k.file, k.path).i];
    SymbolId variable = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (!variable.i || !(f->symbols[variable.i].flags & SYMBOL_PARAM)) return false;
    ScopeRef function = {k.file, f->symbols[variable.i].scope};
    if (graph_method_kind(g, function) != METHOD_INSTANCE) return false;
    u32 index = parameter_index(f, variable);
    Str name = function_name(f, function.scope);
    if (str_is(name, "__get__") || str_is(name, "__set__")) return index == 1;
    const FunctionNode *fn = &g->functions[graph_function_id(g, function)];
    if (!depth || !index) return false;
    for (u32 i = 0; i < fn->callers.n && i < HELPER_CALLERS; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *from = g->files[call.file].facts;
        PathId argument = call_argument_named(from, &from->ops[call.op.i], index - 1,
                                              facts_str(f, f->symbols[variable.i].name));
        if (argument.i && is_instance(g, (KeyRef){call.file, argument}, depth - 1)) return true;
    }
    return false;
}

static InstanceKey key_of(const Graph *g, KeyRef k, u32 depth) {
    const Facts *f = g->files[k.file].facts;
    k.path = graph_alias_of(g, k.file, k.path);
    if (is_instance(g, k, 1)) return INSTANCE_ITSELF;
    const Path *p = &f->paths[k.path.i];
    if (p->kind != PATH_OP || !depth) return INSTANCE_NONE;
    const Op *op = &f->ops[p->id];
    KeyRef first = {k.file, op_operand(f, op, 0)};
    if (op->kind == OP_CALL && str_is(graph_name_of(g, k.file, op_path(op)), "builtins.id"))
        return is_instance(g, first, 1) ? INSTANCE_ID : INSTANCE_NONE;
    InstanceKey best = INSTANCE_NONE;
    for (u32 i = 0; op->kind == OP_TUPLE && i < op->operands; i++)
        best = MAX(best, key_of(g, (KeyRef){k.file, op_operand(f, op, i)}, depth - 1));
    return best;
}

InstanceKey graph_instance_key(const Graph *g, KeyRef key) {
    return key.path.i ? key_of(g, key, 2) : INSTANCE_NONE;
}
