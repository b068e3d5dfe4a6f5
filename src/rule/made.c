/* What code that is not seen makes out of an object, and may hold. */
#include "rule/rule.h"

static bool is_unknown_call(RuleContext *c, u32 file, const Op *call) {
    Str name = graph_name_of(c->graph, file, op_path(call));
    return scope_is_none(graph_definition_of(c->graph, file, op_path(call))) &&
           !str_starts(name, "builtins.") && !know_call(name);
}

/* `client.register_script(script)`, `engine.types[type](expression, engine)`: code that is not seen
 * makes the value out of the object, and the value may hold it. */
static bool may_be_made_of(RuleContext *c, u32 file, PathId value, SymbolId object) {
    const Facts *f = graph_facts(c->graph, file);
    const Op *call = facts_call(f, value);
    if (!call || !is_unknown_call(c, file, call)) return false;
    for (u32 i = 0; i < call->operands; i++) {
        PathId given = op_operand(f, call, i);
        bool is_it = f->paths[given.i].kind == PATH_SYMBOL;
        if (is_it && facts_root_symbol(f, given).i == object.i) return true;
    }
    const Path *callee = &f->paths[call->subject];
    return callee->kind == PATH_ATTR && facts_root_symbol(f, op_path(call)).i == object.i &&
           str_starts(facts_str(f, (StrId){callee->id}), "register");
}

/* The same for what is in `{"add": client.register_script(script)}`. */
static bool may_hold(RuleContext *c, u32 file, PathId value, SymbolId object) {
    const Facts *f = graph_facts(c->graph, file);
    const Path *p = &f->paths[value.i];
    const Op *op = &f->ops[p->kind == PATH_OP ? p->id : 0];
    if (may_be_made_of(c, file, value, object)) return true;
    bool is_display = op->kind == OP_DICT || op->kind == OP_LIST || op->kind == OP_TUPLE;
    for (u32 i = 0; is_display && i < op->operands; i++)
        if (may_be_made_of(c, file, op_operand(f, op, i), object)) return true;
    return false;
}

bool rule_is_made_of(RuleContext *c, const Holding *h, const Change *added, PathId object) {
    const Facts *f = graph_facts(c->graph, added->file);
    SymbolId root = facts_root_symbol(f, object);
    const Scope *scope = &f->scopes[added->function.scope.i];
    for (u32 i = 0; root.i && i < h->n_changes; i++) {
        const Change *change = &h->changes[i];
        bool is_here = change->file == added->file && change->kind == CHANGE_ADDED &&
                       change->function.scope.i == added->function.scope.i;
        if (!is_here) continue;
        if (may_hold(c, added->file, change->value, root)) return true;
        SymbolId local = facts_root_symbol(f, change->value);
        for (u32 o = scope->op_first; local.i && o < change->op.i; o++)
            if (f->ops[o].kind == OP_BIND &&
                facts_root_symbol(f, op_path(&f->ops[o])).i == local.i &&
                may_hold(c, added->file, bound_value(f, &f->ops[o]), root))
                return true;
    }
    return false;
}
