/* Callbacks of weak references and finalizers: what they reach, and whether they matter. */
#include "graph/model.h"

/* Called or detached at once: the next operations take the result as their callee. */
bool graph_is_spent_at_once(const Facts *f, OpId call) {
    for (u32 o = call.i + 1; o < f->n_ops && o < call.i + 4; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_CALL) continue;
        const Path *callee = &f->paths[op->subject];
        if (callee->kind == PATH_OP && callee->id == call.i) return true;
        const Path *base = &f->paths[callee->parent.i];
        if (callee->kind == PATH_ATTR && base->kind == PATH_OP && base->id == call.i)
            return str_is(facts_str(f, (StrId){callee->id}), "detach");
    }
    return false;
}

/* The path names a class of the module, as `C` or as the first parameter of a class method. */
static bool is_lasting_class(const Graph *g, u32 file, PathId object, SymbolId root) {
    const Facts *f = graph_facts(g, file);
    ClassId named = graph_class_of_scope(g, graph_definition_of(g, file, object));
    ScopeRef owner = {file, f->symbols[root.i].scope};
    const Scope *scope = &f->scopes[owner.scope.i];
    bool is_first = scope->param_first < scope->param_end &&
                    f->params[scope->param_first].symbol.i == root.i &&
                    f->paths[object.i].kind == PATH_SYMBOL;
    if (!named.i && is_first && graph_method_kind(g, owner) == METHOD_CLASS)
        named = graph_method_class(g, owner);
    return named.i && graph_class_is_static(g, named);
}

/* The object lives as long as the process in any case. */
bool graph_is_immortal(const Graph *g, u32 file, PathId object) {
    const Facts *f = graph_facts(g, file);
    SymbolId root = facts_root_symbol(f, object);
    if (root.i && f->scopes[f->symbols[root.i].scope.i].kind == SCOPE_MODULE) return true;
    if (root.i && is_lasting_class(g, file, object, root)) return true;
    ClassId class = graph_type_of(g, file, object);
    return class.i && graph_only_module_instances(g, class);
}

/* The variable holds `weakref.ref(object)`, and nothing else. */
static bool is_reference_to(const Graph *g, u32 file, SymbolId variable, PathId object) {
    const Facts *f = graph_facts(g, file);
    const Symbol *s = &f->symbols[variable.i];
    const Op *bind = facts_op(f, s->bind);
    if (s->binds != 1 || bind->kind != OP_BIND) return false;
    const Path *value = &f->paths[op_operand(f, bind, 0).i];
    if (value->kind != PATH_OP || f->ops[value->id].kind != OP_CALL) return false;
    const Op *call = &f->ops[value->id];
    SymbolId root = facts_root_symbol(f, op_operand(f, call, 0));
    return root.i && root.i == facts_root_symbol(f, object).i && !f->paths[object.i].depth &&
           str_is(graph_name_of(g, file, op_path(call)), "weakref.ref");
}

/* The lambda or inner function that the callback is, or 0. */
static ScopeId inner_function(const Facts *f, PathId callback) {
    const Path *p = &f->paths[callback.i];
    if (p->kind == PATH_SYMBOL) {
        const Symbol *s = &f->symbols[f->symbols[p->id].target.i];
        const Op *bind = facts_op(f, s->bind);
        if (s->binds != 1 || bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_FUNCTION)
            return (ScopeId){0};
        p = &f->paths[op_operand(f, bind, 0).i];
    }
    if (p->kind != PATH_OP) return (ScopeId){0};
    const Op *op = &f->ops[p->id];
    bool is_function = op->kind == OP_LAMBDA || op->kind == OP_FUNCTION;
    return (ScopeId){is_function ? op->subject : 0};
}

/* `reference().attribute`, `x = reference()`. */
static bool is_way_to(const Facts *f, const Op *op, SymbolId reference) {
    PathId path = op->kind == OP_CALL   ? op_path(op)
                  : op->kind == OP_BIND ? op_operand(f, op, 0)
                                        : (PathId){0};
    const Path *root = facts_root(f, path);
    if (!path.i || root->kind != PATH_OP || f->ops[root->id].kind != OP_CALL) return false;
    if (op->kind == OP_CALL && !f->paths[path.i].depth) return false;
    PathId callee = op_path(&f->ops[root->id]);
    return f->paths[callee.i].kind == PATH_SYMBOL && facts_root_symbol(f, callee).i == reference.i;
}

/* The weak reference to the object that the callback calls, where it captures nothing else; or 0.
 */
SymbolId graph_dead_reference(const Graph *g, u32 file, PathId callback, PathId object) {
    const Facts *f = graph_facts(g, file);
    ScopeId inner = inner_function(f, callback);
    const Scope *scope = &f->scopes[inner.i];
    SymbolId found = {0};
    for (u32 i = scope->symbol_first; inner.i && i < scope->symbol_end; i++) {
        const Symbol *s = &f->symbols[i];
        if (!(s->flags & SYMBOL_FREE)) continue;
        if (found.i || !is_reference_to(g, file, s->target, object)) return (SymbolId){0};
        found = s->target;
    }
    for (u32 o = scope->op_first; found.i && o < scope->op_end; o++)
        if (is_way_to(f, &f->ops[o], found)) return found;
    return (SymbolId){0};
}

/* ---- signals ---- */

/* What is known of the method: by the name of what it is called on, or by what made that. */
static const EffectRow *effects_of_method(const Graph *g, OpRef ref, u32 *n) {
    const Facts *f = g->files[ref.file].facts;
    const Path *callee = &f->paths[facts_op(f, ref.op)->subject];
    Str name = graph_name_of(g, ref.file, op_path(facts_op(f, ref.op)));
    const EffectRow *rows = know_effects(name, n);
    if (rows) return rows;
    Str made = graph_maker_of(g, ref.file, callee->parent);
    Str class = know_result_class(made);
    if (!made.n) return NULL;
    Arena arena = {0};
    Str method = str_format(&arena, "%.*s.connect", STR_ARG(class.n ? class : made));
    rows = know_effects(method, n);
    arena_free(&arena);
    return rows;
}

/* The receiver of `signal.connect(receiver)` that the signal refers to weakly, or none. */
PathId graph_weak_receiver(const Graph *g, OpRef ref) {
    const Facts *f = graph_facts(g, ref.file);
    const Op *call = facts_op(f, ref.op);
    u32 n = 0;
    const EffectRow *rows = effects_of_method(g, ref, &n);
    for (u32 i = 0; rows && i < n; i++) {
        if (rows[i].holder != HELD_BY_RECEIVER || !(rows[i].flags & EFFECT_WEAK)) continue;
        const Path *weak = &f->paths[call_argument(f, call, UINT32_MAX, "weak").i];
        if (weak->kind && !(weak->kind == PATH_LITERAL && weak->flags == LITERAL_TRUE))
            return (PathId){0};
        for (u32 k = 0, position = 0; k < call->operands; k++) {
            Operand o = f->operands[call->operand + k];
            bool is_it = operand_kind(o) == OPERAND_POSITIONAL
                             ? effect_has_position(&rows[i], position++)
                             : operand_kind(o) == OPERAND_KEYWORD &&
                                   effect_has_keyword(&rows[i], facts_str(f, operand_name(o)));
            if (is_it) return o.path;
        }
    }
    return (PathId){0};
}
