/* Objects that a library's parent holds: `QObject.__init__(self, parent)` and the constructors of
 * wxPython's windows put them among its children, and there they stay until the parent goes or
 * deletes them. */
#include "graph/model.h"

static bool is_base_of_qt(const BaseRef *base) {
    return !base->known.i && know_is_qt_name(str_after_last(base->name, '.'));
}

bool is_class_of_qt(const Graph *g, ClassId c) {
    return class_has_base(g, c, is_base_of_qt);
}

static bool is_base_of_wx(const BaseRef *base) {
    return !base->known.i && str_starts(base->name, "wx.");
}

/* A base's constructor gets the parameter `parent`. */
static bool hands_on_parent(const Facts *f, const Op *op) {
    const Path *callee = &f->paths[op->subject];
    if (op->kind != OP_CALL || callee->kind != PATH_ATTR) return false;
    if (!str_is(facts_str(f, (StrId){callee->id}), "__init__")) return false;
    for (u32 i = 0; i < op->operands; i++) {
        const Path *given = &f->paths[op_operand(f, op, i).i];
        if (given->kind != PATH_SYMBOL) continue;
        const Symbol *symbol = &f->symbols[given->id];
        if (symbol->flags & SYMBOL_PARAM && str_is(facts_str(f, symbol->name), "parent"))
            return true;
    }
    return false;
}

bool graph_is_parented(const Graph *g, ClassId c) {
    bool is_child = c.i && (is_class_of_qt(g, c) || class_has_base(g, c, is_base_of_wx));
    ScopeRef init = is_child ? graph_method(g, c, "__init__") : (ScopeRef){0};
    if (scope_is_none(init)) return false;
    const Facts *f = g->files[init.file].facts;
    const Scope *scope = &f->scopes[init.scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++)
        if (hands_on_parent(f, &f->ops[i])) return true;
    return false;
}
