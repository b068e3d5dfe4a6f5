/* Objects that a library's parent holds: `QObject.__init__(self, parent)` and the constructors of
 * wxPython's windows put them among its children, and there they stay until the parent goes or
 * deletes them. */
#include "graph/windows.h"

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

/* ---- who is the parent ---- */

/* `self.main_window`: by the class of what it has, or by its name. */
static bool is_main_window_of_self(const Graph *g, const Windowed *w, PathId path) {
    const Facts *f = g->files[w->function.file].facts;
    const Path *p = &f->paths[path.i];
    if (!w->owner.i || p->kind != PATH_ATTR || p->depth != 1) return false;
    if (!is_own_instance(g, w->function, p->parent)) return false;
    Str name = facts_str(f, (StrId){p->id});
    ClassId c = graph_attribute_class(g, w->owner, name);
    if (c.i && is_main_window(g, c)) return true;
    return know_is_main_window_name(name) && (!c.i || is_class_of_qt(g, c));
}

static bool is_parent(const Graph *g, Windowed *w, PathId path) {
    if (is_own_instance(g, w->function, path)) return is_class_of_qt(g, w->owner);
    if (!is_main_window_of_self(g, w, path)) return false;
    const Facts *f = g->files[w->function.file].facts;
    w->window = facts_attribute(f, path);
    return true;
}

/* The place of the parameter `parent` among the arguments. */
static u32 place_of_parent(const Graph *g, ScopeRef init) {
    const Facts *f = g->files[init.file].facts;
    const Scope *s = &f->scopes[init.scope.i];
    for (u32 i = s->param_first + 1; i < s->param_end; i++)
        if (str_is(facts_str(f, f->symbols[f->params[i].symbol.i].name), "parent"))
            return i - s->param_first - 1;
    return UINT32_MAX / 4;
}

/* `QTimer(self)`, `QMenu(title, self)`, `QFileDialog(self, title)`, `QMessageBox(parent=self)`: no
 * other argument of Qt's constructors is a widget, but what an animation moves. */
bool finds_qt_parent(const Graph *g, OpRef call, Windowed *w, ClassId made) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    ScopeRef init = made.i ? graph_method(g, made, "__init__") : (ScopeRef){0};
    bool is_own = !scope_is_none(init);
    if (is_own && !graph_is_parented(g, made)) return false;
    PathId named =
        call_argument(f, op, is_own ? place_of_parent(g, init) : UINT32_MAX / 4, "parent");
    if (named.i && is_parent(g, w, named)) return true;
    u32 before = 0;
    for (u32 i = 0; i < op->operands; i++) {
        if (operand_kind(f->operands[op->operand + i]) != OPERAND_POSITIONAL) continue;
        PathId each = op_operand(f, op, i);
        if (before++ < w->row->before) continue;
        if (is_own ? is_own_instance(g, w->function, each) && is_class_of_qt(g, w->owner)
                   : is_parent(g, w, each))
            return true;
    }
    return false;
}
