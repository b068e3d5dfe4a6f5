/* Windows that one sees seldom, small ones, and parts of windows that go soon: what is made again
 * and again, and of which there are few. */
#include "graph/guard.h"
#include "graph/windows.h"

/* ---- wx: small parts of a window ---- */

static bool is_frame_base(const BaseRef *base) {
    return str_starts(base->name, "wx.") && str_ends(base->name, "Frame");
}

static bool is_control_base(const BaseRef *base) {
    return know_is_small_control(base->name);
}

static bool is_of_frame(const Graph *g, ClassId c, u32 outer) {
    const ClassNode *node = &g->classes[c.i];
    if (!c.i || class_has_base(g, c, is_frame_base) || is_main_window(g, c)) return c.i;
    for (u32 i = 0; outer && i < node->calls.n; i++) {
        OpRef call = node->calls.v[i];
        ClassId maker = graph_method_class(g, function_of_op(g, call));
        if (!g->files[call.file].is_test && is_of_frame(g, maker, outer - 1)) return true;
    }
    return false;
}

/* `wx.FileDialog(self.GetParent(), …)`: the window around the part, mostly a page of a dialog. */
static bool is_given_own_parent(const Graph *g, OpRef call, const Windowed *w) {
    const Facts *f = g->files[call.file].facts;
    const Path *parent = &f->paths[call_argument(f, &f->ops[call.op.i], 0, "parent").i];
    if (parent->kind != PATH_OP || f->ops[parent->id].kind != OP_CALL) return false;
    const Path *callee = &f->paths[f->ops[parent->id].subject];
    return callee->kind == PATH_ATTR && callee->depth == 1 &&
           str_is(facts_str(f, (StrId){callee->id}), "GetParent") &&
           is_own_instance(g, w->function, callee->parent);
}

/* A button, a box around two: it is a part of a window, mostly of one with settings. */
static bool is_part(const Graph *g, OpRef call, const Windowed *w) {
    bool is_wx = w->row->toolkit == TOOLKIT_WX || w->row->toolkit == TOOLKIT_WX_NATIVE;
    if (!is_wx || !w->has_parent || !w->owner.i) return false;
    return (class_has_base(g, w->owner, is_control_base) || is_given_own_parent(g, call, w)) &&
           !is_of_frame(g, w->owner, OUTER_WIDGETS);
}

/* ---- made again when a flag says so ---- */

typedef struct Lowering {
    const Graph *g;
    ScopeRef caller, callee;
    ClassId owner;
} Lowering;

/* The value makes a later test of the attribute come out as `holds`. */
static bool is_constant_for(const Facts *f, PathId value, bool holds) {
    const Path *p = &f->paths[value.i];
    return holds ? p->kind == PATH_LITERAL && p->flags == LITERAL_TRUE : is_unset(f, value);
}

static bool is_lowered(const Lowering *l, u32 name, bool holds) {
    const Facts *f = l->g->files[l->callee.file].facts;
    const Scope *s = &f->scopes[l->callee.scope.i];
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Path *p = &f->paths[f->ops[i].subject];
        if (f->ops[i].kind == OP_STORE && p->kind == PATH_ATTR && p->depth == 1 && p->id == name &&
            is_own_instance(l->g, l->callee, p->parent) &&
            is_constant_for(f, bound_value(f, &f->ops[i]), !holds))
            return true;
    }
    return false;
}

/* A method that runs with each event sets the flag anew. */
static bool is_raised_by_event(const Lowering *l, u64 name, bool holds) {
    const AttributeDef *def = own_attribute(l->g, l->owner, name);
    for (; def; def = attribute_next(l->g, def)) {
        const Facts *f = l->g->files[def->file].facts;
        ScopeRef in = function_of_op(l->g, (OpRef){def->file, def->op});
        if (is_constant_for(f, bound_value(f, &f->ops[def->op.i]), !holds) || !in.scope.i) continue;
        if (runs_with_event(l->g, in, l->owner)) return true;
    }
    return false;
}

/* The callee lowers the flag that is asked for: `if self._is_stale: self._rebuild()`. */
static bool asks_lowered_flag(const void *context, const Op *test, bool outcome) {
    const Lowering *l = context;
    const Facts *f = l->g->files[l->caller.file].facts;
    const Path *p = &f->paths[test->subject];
    if (test->kind != OP_TEST || (test->flags & OP_LOW) != TEST_TRUTH) return false;
    if (p->kind != PATH_ATTR || p->depth != 1) return false;
    bool holds = outcome != !!(test->flags & OP_NEGATED);
    return is_own_instance(l->g, l->caller, p->parent) && is_lowered(l, p->id, holds) &&
           !is_raised_by_event(l, name_hash(f, (StrId){p->id}), holds);
}

/* All calls of the function stand under such a flag: it runs once for each time that it is set. */
static bool is_flagged(const Graph *g, const Windowed *w) {
    u32 id = function_id(g, w->function.file, w->function.scope), calls = 0;
    const FunctionNode *fn = &g->functions[id];
    if (!w->owner.i || runs_with_event(g, w->function, w->owner)) return false;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        if (g->files[call.file].is_test) continue;
        calls++;
        Lowering l = {g, function_of_op(g, call), w->function, w->owner};
        if (call.file != w->function.file) return false;
        if (!branch_says(g->files[call.file].facts, call.op, asks_lowered_flag, &l)) return false;
    }
    return calls;
}

/* ---- threads that are over ---- */

typedef struct ThreadPath {
    const Facts *f;
    Str name; /* of the variable or attribute that has it */
} ThreadPath;

static Str name_of_step(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    if (p->kind == PATH_SYMBOL) return facts_str(f, f->symbols[p->id].name);
    return p->kind == PATH_ATTR ? facts_str(f, (StrId){p->id}) : (Str){0};
}

/* `thread.quit`, called or given to a signal. */
static bool is_ending_of_thread(void *context, PathId path) {
    static const char *const WORDS[] = {"exit", "quit", "terminate"};
    const ThreadPath *t = context;
    const Path *p = &t->f->paths[path.i];
    return p->kind == PATH_ATTR && str_is_any(facts_str(t->f, (StrId){p->id}), WORDS, 3) &&
           str_eq(name_of_step(t->f, p->parent), t->name);
}

/* `thread.started.connect(lambda: …)`: a method would be held weakly, and its object with it. */
static bool gives_closure(const ThreadPath *t, const Op *op) {
    if (op->kind != OP_CALL || !str_is(facts_method(t->f, op), "connect")) return false;
    PathId signal = t->f->paths[op->subject].parent;
    PathId thread = t->f->paths[signal.i].parent;
    for (u32 i = 0; str_eq(name_of_step(t->f, thread), t->name) && i < op->operands; i++)
        if (t->f->paths[op_operand(t->f, op, i).i].kind != PATH_ATTR) return true;
    return false;
}

/* `thread.worker = worker` */
static bool is_given_field(const ThreadPath *t, const Op *op) {
    const Path *p = &t->f->paths[op->subject];
    return op->kind == OP_STORE && p->kind == PATH_ATTR &&
           str_eq(name_of_step(t->f, p->parent), t->name);
}

/* A thread of Qt's own class, which is told to end and has nothing with it: some hundred bytes. */
static bool is_bare_thread(const Graph *g, const Windowed *w, Str class) {
    if (w->row->toolkit != TOOLKIT_QT || !str_is(class, "QThread")) return false;
    const Facts *f = g->files[w->function.file].facts;
    ScopeRef in = w->attribute.n && w->owner.i ? graph_class_scope(g, w->owner) : w->function;
    if (in.file != w->function.file) return false;
    const Scope *s = &f->scopes[in.scope.i];
    ThreadPath t = {.f = f, .name = w->attribute.n ? w->attribute : w->local};
    bool is_ended = false;
    for (u32 i = s->op_first; t.name.n && i < s->op_end; i++) {
        is_ended |= op_paths(f, &f->ops[i], is_ending_of_thread, &t);
        if (gives_closure(&t, &f->ops[i]) || is_given_field(&t, &f->ops[i])) return false;
    }
    return is_ended;
}

/* ---- menus of actions that are there anyway ---- */

static bool names_menu(void *context, PathId path) {
    const Fates *look = context;
    for (; path.i; path = look->f->paths[path.i].parent)
        if (fate_is_it(context, path)) return true;
    return false;
}

/* `self.copy_action`, which the function does not make. */
static bool is_action_of_self(const Graph *g, ScopeRef function, PathId path) {
    const Path *p = &g->files[function.file].facts->paths[path.i];
    return p->kind == PATH_ATTR && p->depth == 1 && is_own_instance(g, function, p->parent) &&
           !binds_attribute(g->files[function.file].facts, function, p->id);
}

/* What becomes of it takes nothing along: it is shown, and has a line between its actions. */
static bool is_plain_use(const Fates *look, const Op *op) {
    static const char *const WORDS[] = {"addSeparator", "exec", "exec_", "popup"};
    if (op->kind == OP_BIND || op->kind == OP_RETURN) return true;
    if (op->kind != OP_CALL) return false;
    for (u32 i = 0; i < op->operands; i++)
        if (names_menu((void *)(uintptr_t)look, op_operand(look->f, op, i))) return false;
    return str_is_any(facts_method(look->f, op), WORDS, 4);
}

/* `menu.addAction(self.copy_action)` for each of its actions: all menus share them, and only an
 * empty one stays behind. */
static bool has_shared_actions(const Graph *g, OpRef call, const Windowed *w) {
    if (!str_is(str_from(w->row->name), "QMenu")) return false;
    const Facts *f = g->files[call.file].facts;
    const Scope *s = &f->scopes[w->function.scope.i];
    Fates look = {.g = g, .f = f, .file = call.file, .call = call.op.i};
    bool any = false;
    for (u32 i = call.op.i + 1; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        fate_note_local(&look, op);
        if (!op_paths(f, op, names_menu, &look)) continue;
        bool is_added = op->kind == OP_CALL && op->operands == 1 &&
                        str_is(facts_method(f, op), "addAction") &&
                        is_action_of_self(g, w->function, op_operand(f, op, 0));
        if (!is_added && !is_plain_use(&look, op)) return false;
        any |= is_added;
    }
    return any;
}

/* ---- by what it is ---- */

/* … and a box of wx frees its native window when it closes. */
static bool is_message(const Windowed *w, Str class) {
    Toolkit kit = w->row->toolkit;
    bool is_kit = kit == TOOLKIT_QT || kit == TOOLKIT_WX || kit == TOOLKIT_WX_NATIVE;
    return (is_kit && know_is_message_window(class)) ||
           str_is(str_from(w->row->name), "wx.MessageDialog");
}

/* `Gtk.MessageDialog(…, type=Gtk.MessageType.ERROR)`: as often as that goes wrong. */
static bool is_about_error(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    for (u32 i = 0; i < op->operands; i++) {
        Str name = facts_attribute(f, op_operand(f, op, i));
        if (str_is(name, "ERROR") || str_is(name, "MESSAGE_ERROR")) return true;
    }
    return false;
}

/* `on_about`, `menu_about`: of the program, not `panel_about`. GTK's boxes are as large as others,
 * and a dialog of the project tells its name. */
static bool is_help_of_program(const Graph *g, const Windowed *w) {
    const Facts *f = g->files[w->function.file].facts;
    return w->function.scope.i && w->row->toolkit != TOOLKIT_GTK &&
           know_opens_help(facts_str(f, f->scopes[w->function.scope.i].name));
}

bool is_seldom_seen(const Graph *g, OpRef call, const Windowed *w, Str class) {
    Str last = str_after_last(class, '.');
    return is_message(w, class) || know_is_help_window(last) || know_is_rare_window(last) ||
           is_help_of_program(g, w) || has_shared_actions(g, call, w) || is_about_error(g, call) ||
           is_part(g, call, w) || is_flagged(g, w) || is_bare_thread(g, w, class);
}

/* ---- dialogs that are more than a question ---- */

/* `dialog.setLayout(…)`, `QVBoxLayout(dialog)` */
static bool gets_widgets(const Graph *g, const Windowed *w) {
    const Facts *f = g->files[w->function.file].facts;
    const Scope *s = &f->scopes[w->function.scope.i];
    Str name = w->attribute.n ? w->attribute : w->local;
    for (u32 i = s->op_first; name.n && i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL) continue;
        bool is_method = str_eq(name_of_step(f, f->paths[op->subject].parent), name);
        if (is_method && str_is(facts_method(f, op), "setLayout")) return true;
        if (!str_ends(facts_last_name(f, op_path(op)), "Layout")) continue;
        for (u32 o = 0; o < op->operands; o++)
            if (str_eq(name_of_step(f, op_operand(f, op, o)), name)) return true;
    }
    return false;
}

/* The main function, main windows and the widgets that these make: nothing else makes it. */
static bool is_part_of_main(const Graph *g, ClassId c, u32 outer) {
    const ClassNode *node = &g->classes[c.i];
    u32 seen = 0;
    for (u32 i = 0; i < node->calls.n; i++) {
        OpRef call = node->calls.v[i];
        if (g->files[call.file].is_test) continue;
        ScopeRef function = function_of_op(g, call);
        ClassId maker = graph_method_class(g, function);
        bool is_main = maker.i ? is_main_window(g, maker) || is_application(g, maker) ||
                                     (outer && is_class_of_qt(g, maker) &&
                                      is_part_of_main(g, maker, outer - 1))
                               : !function.scope.i || is_started_by_main(g, function);
        if (!is_main) return false;
        seen++;
    }
    return seen;
}

bool stays_with_program(const Graph *g, const Windowed *w, ClassId made) {
    if (!w->is_dialog || w->is_brief || !str_is(str_from(w->row->name), "QDialog")) return false;
    if (!made.i && !gets_widgets(g, w)) return false;
    /* what a function gives back goes into any window */
    return graph_instances(g, w->owner).making == MADE_ONCE && !graph_is_offered(g, w->owner) &&
           is_part_of_main(g, w->owner, OUTER_WIDGETS);
}
