/* Windows, timers and threads of toolkits that are made with each call and never destroyed. What
 * makes them, whether it runs again and again, and whether anything on their way destroys them. */
#include "graph/windows.h"

/* Callers of callers that are asked whether they run again and again; operations that are looked
 * through for what becomes of one; operations of a table of slots; calls of what returns one;
 * makings of an object whose makers are asked for its slots. */
enum { CALLER_DEPTH = 3, WINDOW_OPS = 4000, TABLE_OPS = 200, RETURN_CALLS = 16, MAKERS = 4 };

/* ---- what it is ---- */

const WindowRow *window_row_of(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; c.i && i < node->n_mro; i++) {
        const ClassNode *each = &g->classes[node->mro[i].i];
        for (u32 b = 0; b < each->n_bases; b++) {
            const WindowRow *row = each->bases[b].known.i ? NULL : know_window(each->bases[b].name);
            if (row) return row;
        }
    }
    return NULL;
}

u32 graph_window_makings(const Graph *g, ClassId c, const OpRef **calls) {
    *calls = g->classes[c.i].calls.v;
    return window_row_of(g, c) ? g->classes[c.i].calls.n : 0;
}

/* *made is the project's class, or 0. */
static const WindowRow *row_of_call(const Graph *g, u32 file, const Op *call, ClassId *made) {
    const Facts *f = g->files[file].facts;
    *made = (ClassId){0};
    u32 function = callee_function(g, file, call, made);
    if (made->i) return window_row_of(g, *made);
    if (function) return NULL;
    Str name = graph_name_of(g, file, op_path(call));
    const WindowRow *row = know_window(name.n ? name : facts_last_name(f, op_path(call)));
    return row && (name.n || row->toolkit == TOOLKIT_QT) ? row : NULL;
}

/* ---- who holds it ---- */

bool is_own_instance(const Graph *g, ScopeRef method, PathId path) {
    const Path *p = &g->files[method.file].facts->paths[path.i];
    SymbolId self = self_symbol(g, method);
    return self.i && p->kind == PATH_SYMBOL && p->id == self.i;
}

/* `wx.FileDialog(self, "Open")`: it goes with the window that it is given, at the latest. */
static bool has_wx_parent(const Graph *g, OpRef call, const Windowed *w, ClassId made) {
    bool is_wx = w->row->toolkit == TOOLKIT_WX || w->row->toolkit == TOOLKIT_WX_NATIVE;
    if (!is_wx) return false;
    if (made.i && !scope_is_none(graph_method(g, made, "__init__")) && !graph_is_parented(g, made))
        return false;
    const Facts *f = g->files[call.file].facts;
    PathId parent = call_argument(f, &f->ops[call.op.i], 0, "parent");
    return parent.i && !facts_is_none(f, parent);
}

/* ---- does it run again and again ---- */

static bool is_qt_window(const BaseRef *base) {
    return str_ends(base->name, "QMainWindow");
}

/* A window of Qt with bars, of which there may be many: of this one a program makes few. */
bool is_main_window(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; c.i && i < node->n_mro; i++)
        if (str_contains_word(graph_class_name(g, node->mro[i]), "mainwindow")) return true;
    if (!c.i || !class_has_base(g, c, is_qt_window)) return false;
    if (str_contains_word(str_after_last(graph_class_name(g, c), '.'), "main")) return true;
    MadeHow making = graph_instances(g, c).making;
    return making == MADE_ONCE || making == MADE_MAYBE;
}

static bool is_qt_model(const BaseRef *base) {
    Str name = str_after_last(base->name, '.');
    return know_is_qt_name(name) && (str_ends(name, "Model") || str_ends(name, "Delegate"));
}

bool binds_attribute(const Facts *f, ScopeRef function, u32 name) {
    const Scope *s = &f->scopes[function.scope.i];
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        const Path *p = &f->paths[op->subject];
        if (op->kind == OP_STORE && p->kind == PATH_ATTR && p->depth == 1 && p->id == name)
            return true;
    }
    return false;
}

/* The region is entered by a test of an attribute of `self` that the function or `maker` binds. */
static bool asks_own_flag(const Graph *g, ScopeRef function, ScopeRef maker, const Region *r) {
    const Facts *f = g->files[function.file].facts;
    for (u32 t = r->test_first; t < r->test_end; t++) {
        const Path *p = &f->paths[f->ops[t].subject];
        if (f->ops[t].kind != OP_TEST || p->kind != PATH_ATTR || p->depth != 1) continue;
        if (!is_own_instance(g, function, p->parent)) continue;
        if (binds_attribute(f, function, p->id)) return true;
        if (maker.file == function.file && binds_attribute(f, maker, p->id)) return true;
    }
    return false;
}

/* `if not self.loaded: self.load()`, or `if self.loaded: return` before it. */
static bool is_first_time(const Graph *g, ScopeRef function, OpRef at, ScopeRef maker) {
    const Facts *f = g->files[at.file].facts;
    ScopeId s = function.scope;
    for (RegionId r = f->ops[at.op.i].region; r.i && f->regions[r.i].scope.i == s.i;
         r = f->regions[r.i].parent)
        if (asks_own_flag(g, function, maker, &f->regions[r.i])) return true;
    for (u32 o = f->scopes[s.i].op_first; o < at.op.i; o++) {
        const Region *r = &f->regions[f->ops[o].region.i];
        if (f->ops[o].kind == OP_RETURN && r->scope.i == s.i && r->kind == REGION_IF &&
            asks_own_flag(g, function, maker, r))
            return true;
    }
    return false;
}

/* What the toolkit calls as often as the user does something; a main window is shown once. */
static bool is_event(const Graph *g, ClassId owner, Str name) {
    return know_is_window_event(name) ||
           (know_is_showing_event(name) && !is_main_window(g, owner)) ||
           (know_is_model_event(name) && owner.i && class_has_base(g, owner, is_qt_model));
}

static Str function_name(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    return function.scope.i ? facts_str(f, f->scopes[function.scope.i].name) : (Str){0};
}

typedef struct Slot {
    const Graph *g;
    ScopeRef method;
    u64 name;
    const Facts *f; /* where it is looked for, if that is another file */
} Slot;

static bool is_method_of_self(void *context, PathId path) {
    const Slot *slot = context;
    const Facts *f = slot->g->files[slot->method.file].facts;
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_ATTR && p->depth == 1 && f->strings[p->id].hash == slot->name;
}

static bool is_connected_soon(const Facts *f, const Scope *s, u32 from) {
    for (u32 i = from; i < MIN(s->op_end, from + ROW_OPS); i++)
        if (f->ops[i].kind == OP_CALL && str_is(facts_method(f, &f->ops[i]), "connect"))
            return true;
    return false;
}

/* The class or its family goes through the table, and connects nothing: it calls the methods. */
static bool is_read_by_family(const Graph *g, ClassId owner, u64 attribute) {
    ClassId family[FAMILY_SLOTS];
    u32 n = family_of(g, owner, family);
    for (u32 k = 0; k < n; k++) {
        ScopeRef body = graph_class_scope(g, family[k]);
        const Facts *f = g->files[body.file].facts;
        const Scope *s = &f->scopes[body.scope.i];
        Slot slot = {.g = g, .method = body, .name = attribute};
        for (u32 i = s->op_first; i < s->op_end; i++)
            if (f->ops[i].kind != OP_STORE && op_paths(f, &f->ops[i], is_method_of_self, &slot) &&
                !is_connected_soon(f, s, i))
                return true;
    }
    return false;
}

static bool is_op(const Facts *f, PathId path, u32 op) {
    return f->paths[path.i].kind == PATH_OP && f->paths[path.i].id == op;
}

/* Who goes through the rows of the table at `i` connects them. */
static bool is_table_of_slots(const Graph *g, ClassId owner, const Facts *f, const Scope *s,
                              u32 i) {
    for (u32 k = i + 1; k < MIN(s->op_end, i + ROW_OPS); k++) {
        const Op *op = &f->ops[k];
        const Path *p = &f->paths[op->subject];
        if (op->kind == OP_ITERATE && is_op(f, op_path(op), i)) return is_connected_soon(f, s, k);
        if (op->kind != OP_STORE || !is_op(f, bound_value(f, op), i)) continue;
        return p->kind == PATH_ATTR && p->depth == 1 &&
               !is_read_by_family(g, owner, f->strings[p->id].hash);
    }
    return false;
}

/* `self.receives = [("selected", self.load)]`: pairs that others connect, with the method in `i`.
 * `for signal, slot in ((self.changed, self.load),): signal.connect(slot)` */
static bool is_row_of_slots(const Graph *g, ClassId owner, const Facts *f, const Scope *s, u32 i) {
    for (u32 k = i + 1; k < MIN(s->op_end, i + TABLE_OPS); k++) {
        const Op *op = &f->ops[k];
        if (op->kind != OP_LIST && op->kind != OP_TUPLE) continue;
        for (u32 o = 0; o < op->operands; o++)
            if (is_op(f, op_operand(f, op, o), i)) return is_table_of_slots(g, owner, f, s, k);
    }
    return false;
}

/* `button.clicked.connect(lambda: self.save())`, or of a function inside of the one that connects.
 */
static OpRef connection_of_inner(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    const Scope *own = &f->scopes[function.scope.i];
    ScopeId around = enclosing_function(f, own->parent);
    const Scope *s = &f->scopes[around.i];
    for (u32 i = s->op_first; around.i && i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL || !str_is(facts_method(f, op), "connect")) continue;
        for (u32 o = 0; o < op->operands; o++) {
            const Path *p = &f->paths[op_operand(f, op, o).i];
            ScopeRef named = graph_definition_of(g, function.file, op_operand(f, op, o));
            bool is_it = p->kind == PATH_OP
                             ? p->id == own->def.i
                             : named.file == function.file && named.scope.i == function.scope.i;
            if (is_it) return (OpRef){function.file, {i}};
        }
    }
    return (OpRef){0};
}

/* `button.clicked.connect(self.show_menu)`, in the file of the method, or a row of a table. */
static OpRef connection_of(const Graph *g, ScopeRef method, ClassId owner) {
    const Facts *f = g->files[method.file].facts;
    Slot slot = {
        .g = g, .method = method, .name = f->strings[f->scopes[method.scope.i].name.i].hash};
    ScopeRef body = graph_class_scope(g, owner);
    if (!owner.i) return connection_of_inner(g, method);
    if (body.file != method.file) return (OpRef){0};
    const Scope *s = &f->scopes[body.scope.i];
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        for (u32 o = 0; op->kind == OP_CALL && o < op->operands; o++)
            if (is_method_of_self(&slot, op_operand(f, op, o)) &&
                !runs_argument_once(g, method.file, op))
                return (OpRef){method.file, {i}};
        if (op->kind == OP_TUPLE && op->operands == 2 &&
            is_method_of_self(&slot, op_operand(f, op, 1)) && is_row_of_slots(g, owner, f, s, i))
            return (OpRef){method.file, {i}};
    }
    return (OpRef){0};
}

/* `self.plots.rebuild`: the method of what the attribute of the maker has. */
static bool is_method_of_part(const Graph *g, ClassId maker, const Slot *slot, PathId path) {
    const Facts *f = slot->f;
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_ATTR || p->depth != 2 || f->strings[p->id].hash != slot->name) return false;
    const Path *part = &f->paths[p->parent.i];
    if (part->kind != PATH_ATTR) return false;
    ClassId owner = graph_method_class(g, slot->method);
    return owner.i && graph_attribute_class(g, maker, facts_str(f, (StrId){part->id})).i == owner.i;
}

/* `self.names.changed.connect(self.plots.rebuild)`, in a class that makes the object. */
static OpRef connection_by_maker(const Graph *g, ScopeRef method, ClassId owner) {
    const Facts *f = g->files[method.file].facts;
    const FunctionNode *fn = &g->functions[function_id(g, method.file, method.scope)];
    const ClassNode *node = &g->classes[owner.i];
    Slot slot = {.g = g, .method = method, .name = name_hash(f, f->scopes[method.scope.i].name)};
    for (u32 k = 0; owner.i && fn->is_value && k < MIN(node->calls.n, MAKERS); k++) {
        OpRef making = node->calls.v[k];
        ClassId maker = graph_method_class(g, function_of_op(g, making));
        if (!maker.i || g->files[making.file].is_test) continue;
        const Scope *s = &g->files[making.file].facts->scopes[graph_class_scope(g, maker).scope.i];
        slot.f = g->files[making.file].facts;
        for (u32 i = s->op_first; i < s->op_end; i++) {
            const Op *op = &slot.f->ops[i];
            if (op->kind != OP_CALL || !str_is(facts_method(slot.f, op), "connect")) continue;
            for (u32 o = 0; o < op->operands; o++)
                if (is_method_of_part(g, maker, &slot, op_operand(slot.f, op, o)))
                    return (OpRef){making.file, {i}};
        }
    }
    return (OpRef){0};
}

bool runs_with_event(const Graph *g, ScopeRef method, ClassId owner) {
    return is_event(g, owner, function_name(g, method)) || connection_of(g, method, owner).op.i;
}

/* Of an object: a slot may well be called `start_search`. */
static bool is_beginning(Str name) {
    static const char *const WORDS[] = {"setup", "set_up", "init", "install"};
    if (str_is(name, "__new__") || str_is(name, "__post_init__")) return true;
    Str word = str_starts(name, "__") ? str_sub(name, 2, name.n) : str_public(name);
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_starts(word, WORDS[i])) return true;
    return false;
}

/* Does the function run again and again, and come to `at`, where it makes or calls `maker`? */
static bool is_repeated(const Graph *g, ScopeRef function, OpRef at, ScopeRef maker,
                        OpRef *connected, u32 depth) {
    Str name = function_name(g, function);
    if (!function.scope.i || is_beginning(name) || depth > CALLER_DEPTH) return false;
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    bool is_called = false, is_begun = false;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        ScopeRef caller = function_of_op(g, call);
        if (g->files[call.file].is_test || is_on_new(g, call)) continue;
        if (!caller.scope.i) return false;
        if (is_beginning(function_name(g, caller))) {
            is_begun = true;
            continue;
        }
        is_called = is_called || is_repeated(g, caller, call, function, connected, depth + 1);
    }
    OpRef site = connection_by_maker(g, function, fn->owner);
    if (is_begun && !site.op.i) return false;
    if (know_is_showing_event(name) && is_first_time(g, function, at, maker)) return is_called;
    if (is_event(g, fn->owner, name)) return true;
    if (!site.op.i) site = connection_of(g, function, fn->owner);
    if (site.op.i) *connected = site;
    return site.op.i || is_called;
}

/* ---- what becomes of it ---- */

bool fate_is_it(void *context, PathId path) {
    const Fates *look = context;
    const Path *p = &look->f->paths[path.i];
    if (p->kind == PATH_OP) return p->id == look->call;
    return p->kind == PATH_SYMBOL && look->local.i &&
           facts_root_symbol(look->f, path).i == look->local.i;
}

static bool is_rooted_in_it(void *context, PathId path) {
    const Fates *look = context;
    const Path *root = facts_root(look->f, path);
    if (root->kind == PATH_OP) return root->id == look->call;
    return look->local.i && facts_root_symbol(look->f, path).i == look->local.i;
}

/* `sip.delete`, `shiboken6.delete` */
static bool is_delete_of_binding(const Facts *f, PathId path) {
    Str module = facts_last_name(f, f->paths[path.i].parent);
    return (str_starts(module, "sip") || str_starts(module, "shiboken")) &&
           str_is(facts_last_name(f, path), "delete");
}

/* `menu.deleteLater()`, `Qt.WA_DeleteOnClose`, `sip.delete(menu)` */
bool fate_destroys(void *context, PathId path) {
    const Facts *f = context;
    for (; path.i; path = f->paths[path.i].parent)
        if (know_destroys_window(facts_last_name(f, path)) || is_delete_of_binding(f, path))
            return true;
    return false;
}

static bool is_destroyed_in(const Graph *g, ScopeRef scope) {
    const Facts *f = g->files[scope.file].facts;
    const Scope *s = &f->scopes[scope.scope.i];
    for (u32 i = s->op_first; i < s->op_end; i++)
        if (op_paths(f, &f->ops[i], fate_destroys, (void *)(uintptr_t)f)) return true;
    return false;
}

/* `self.deleteLater`, `super().deleteLater()`, `Qt.WA_DeleteOnClose` in a class of Qt's; what
 * `item.widget().deleteLater()` destroys is another one. */
static bool destroys_itself(void *context, PathId path) {
    const Facts *f = context;
    for (; path.i; path = f->paths[path.i].parent) {
        const Path *p = &f->paths[path.i], *of = &f->paths[p->parent.i];
        if (is_delete_of_binding(f, path)) return true;
        if (p->kind != PATH_ATTR || !know_destroys_window(facts_str(f, (StrId){p->id}))) continue;
        bool is_call = of->kind == PATH_OP && f->ops[of->id].kind == OP_CALL;
        Str owner = facts_last_name(f, is_call ? op_path(&f->ops[of->id]) : p->parent);
        if (str_is(owner, is_call ? "super" : "self")) return true;
        if (!str_starts(facts_str(f, (StrId){p->id}), "delete") && !is_call) return true;
    }
    return false;
}

static bool is_destroyed_by_class(const Graph *g, ClassId c) {
    ScopeRef body = graph_class_scope(g, c);
    const Facts *f = g->files[body.file].facts;
    const Scope *s = &f->scopes[body.scope.i];
    if (!is_class_of_qt(g, c)) return is_destroyed_in(g, body);
    for (u32 i = s->op_first; i < s->op_end; i++)
        if (op_paths(f, &f->ops[i], destroys_itself, (void *)(uintptr_t)f)) return true;
    return false;
}

/* `main.delete_when_closed(self)`, in the class of the window. */
static bool hands_itself_over(const Graph *g, ScopeRef class) {
    const Facts *f = g->files[class.file].facts;
    const Scope *s = &f->scopes[class.scope.i];
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL || !know_speaks_of_end(facts_last_name(f, op_path(op)))) continue;
        for (u32 o = 0; o < op->operands; o++)
            if (str_is(facts_last_name(f, op_operand(f, op, o)), "self")) return true;
    }
    return false;
}

static bool is_destroyed_by_family(const Graph *g, ClassId c) {
    ClassId family[FAMILY_SLOTS];
    u32 n = c.i ? family_of(g, c, family) : 0;
    for (u32 i = 0; i < n; i++) {
        ScopeRef body = graph_class_scope(g, family[i]);
        if (is_destroyed_by_class(g, family[i]) || hands_itself_over(g, body)) return true;
    }
    return false;
}

/* `QAction("Copy", menu)`: a child of it, or what refers to it. */
static bool is_made_by_qt(const Fates *look, const Op *op) {
    Str name = graph_name_of(look->g, look->file, op_path(op));
    return know_is_qt_name(name.n ? str_after_last(name, '.')
                                  : facts_last_name(look->f, op_path(op)));
}

/* A function that gets it may keep or destroy it. */
static bool is_handed_on(const Fates *look, const Op *op) {
    bool is_given = false;
    for (u32 i = 0; i < op->operands; i++)
        is_given |= fate_is_it((void *)(uintptr_t)look, op_operand(look->f, op, i));
    if (!is_given) return false;
    ClassId made = {0};
    u32 id = callee_function(look->g, look->file, op, &made);
    if (made.i) return !window_row_of(look->g, made) && !is_class_of_qt(look->g, made);
    if (id)
        return is_destroyed_in(
            look->g, (ScopeRef){look->g->functions[id].file, look->g->functions[id].scope});
    if (is_made_by_qt(look, op)) return false;
    if (look->f->paths[op->subject].kind != PATH_ATTR) return true;
    const MethodRow *row = know_method(facts_method(look->f, op));
    return row && row->effect == METHOD_ADDS;
}

/* False when somebody else may have it now. */
static bool follow(Fates *look, ScopeRef function, u32 from) {
    const Facts *f = look->f;
    const Scope *s = &f->scopes[function.scope.i];
    for (u32 i = from; i < s->op_end && i < from + WINDOW_OPS; i++) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_CALL) {
            if (is_handed_on(look, op)) return false;
            continue;
        }
        bool is_bound = op->kind == OP_BIND || op->kind == OP_STORE;
        if (is_bound && fate_is_it(look, bound_value(f, op))) {
            const Path *p = &f->paths[op->subject];
            bool is_first = !look->local.i && !look->attribute.n;
            if (op->kind == OP_BIND && is_first)
                look->local = facts_root_symbol(f, op_path(op));
            else if (op->kind == OP_STORE && p->kind == PATH_ATTR && p->depth == 1 &&
                     is_own_instance(look->g, function, p->parent))
                look->attribute = facts_str(f, (StrId){p->id});
            else
                return false;
            continue;
        }
        if (op->kind == OP_TEST || op->kind == OP_DELETE || op->kind == OP_LOAD) continue;
        if (op->kind == OP_RETURN && fate_is_it(look, op_operand(f, op, 0))) {
            look->is_returned = true;
            continue;
        }
        if (is_bound && !is_rooted_in_it(look, bound_value(f, op))) continue;
        if (op_paths(f, op, fate_is_it, look)) return false;
    }
    return true;
}

/* `if self.menu is None: self.menu = QMenu(self)` */
static bool names_attribute(void *context, PathId path) {
    const Fates *look = context;
    const Facts *f = look->f;
    if (!look->attribute.n) return false;
    for (; path.i; path = f->paths[path.i].parent) {
        const Path *p = &f->paths[path.i];
        if (p->kind == PATH_ATTR && str_eq(facts_str(f, (StrId){p->id}), look->attribute))
            return true;
        if (str_eq(facts_text(f, path), look->attribute)) return true;
    }
    return false;
}

bool fate_is_named_before(const Graph *g, ScopeRef function, u32 end, const Fates *of) {
    const Facts *f = g->files[function.file].facts;
    const Scope *s = &f->scopes[function.scope.i];
    Fates look = {.g = g, .f = f, .file = function.file, .attribute = of->attribute};
    for (u32 i = s->op_first; i < end; i++)
        if (op_paths(f, &f->ops[i], names_attribute, &look)) return true;
    return false;
}

/* … or who calls the function asks. */
static bool is_asked_for(const Graph *g, ScopeRef function, const Fates *look) {
    if (!look->attribute.n) return false;
    if (fate_is_named_before(g, function, look->call, look)) return true;
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        ScopeRef caller = function_of_op(g, call);
        if (caller.scope.i && fate_is_named_before(g, caller, call.op.i, look)) return true;
    }
    return false;
}

/* ---- what its owner does with it ---- */

static bool is_dialog_row(const WindowRow *row) {
    Str name = str_from(row->name);
    return str_ends(name, "Dialog") || str_ends(name, "QMessageBox") || str_ends(name, "QWizard") ||
           str_ends(name, "QErrorMessage");
}

/* A function of the class ends something, and speaks of the attribute or of who sent the signal. */
static bool is_ended_in(const Graph *g, ScopeRef class, Fates *look) {
    const Facts *f = g->files[class.file].facts;
    const Scope *s = &f->scopes[class.scope.i];
    Fates there = {.g = g, .f = f, .file = class.file, .attribute = look->attribute};
    for (u32 i = s->op_first; i < s->op_end; i++) {
        if (!op_paths(f, &f->ops[i], fate_destroys, (void *)(uintptr_t)f)) continue;
        ScopeId function = enclosing_function(f, f->regions[f->ops[i].region.i].scope);
        const Scope *in = &f->scopes[function.i];
        for (u32 o = in->op_first; function.i && o < in->op_end; o++)
            if (op_paths(f, &f->ops[o], names_attribute, &there) ||
                str_is(facts_method(f, &f->ops[o]), "sender"))
                return true;
    }
    return false;
}

/* A slot of a process or timer gets it from `self.sender()`. */
static bool is_ended_by_owner(const Graph *g, const WindowRow *row, ClassId owner, Fates *look) {
    bool is_window = is_dialog_row(row) || str_is(str_from(row->name), "QMenu");
    if (row->toolkit != TOOLKIT_QT || (is_window && !look->attribute.n)) return false;
    ClassId family[FAMILY_SLOTS];
    u32 n = owner.i ? family_of(g, owner, family) : 0;
    for (u32 i = 0; i < n; i++)
        if (is_ended_in(g, graph_class_scope(g, family[i]), look)) return true;
    return false;
}

/* `self.menu = self.create_menu()`: the next one takes its place, and nothing ends the old one. */
static bool is_replaced(const Graph *g, ScopeRef caller, const Windowed *w, Fates *look) {
    return w->row->toolkit == TOOLKIT_QT && !look->is_returned && !is_asked_for(g, caller, look) &&
           !is_ended_by_owner(g, w->row, graph_method_class(g, caller), look);
}

/* ---- what is returned ---- */

/* `super().create_menu()`, `View.create_menu(self)`: not what a subclass has in its place. */
static bool is_base(const Graph *g, u32 file, PathId receiver) {
    return graph_is_super(g, file, receiver) ||
           entity_of_path(g, file, receiver, RESOLVE_DEPTH).kind == ENTITY_CLASS;
}

/* The calls of the function outside of tests, and those that may come to it as it overrides a
 * method: their number, or more than `max`. */
static u32 calls_of(const Graph *g, ScopeRef function, OpRef *calls, u32 max) {
    u64 name = name_hash(g->files[function.file].facts,
                         g->files[function.file].facts->scopes[function.scope.i].name);
    u32 own = function_id(g, function.file, function.scope), n = 0;
    ClassId owner = g->functions[own].owner;
    u32 n_mro = owner.i ? g->classes[owner.i].n_mro : 0;
    for (u32 i = 0; i <= n_mro; i++) {
        ClassId c = i ? g->classes[owner.i].mro[i - 1] : (ClassId){0};
        u32 id = i ? 0 : own;
        if (i && c.i != owner.i && member_of(g, c, name).i) id = method_by_name(g, c, name);
        const FunctionNode *fn = &g->functions[id];
        for (u32 k = 0; id && k < fn->callers.n; k++) {
            OpRef call = fn->callers.v[k];
            const Facts *f = g->files[call.file].facts;
            const Path *callee = &f->paths[f->ops[call.op.i].subject];
            if (g->files[call.file].is_test) continue;
            if (i && is_base(g, call.file, callee->parent)) continue;
            if (n == max) return max + 1;
            calls[n++] = call;
        }
    }
    return n;
}

/* `menu = self.create_menu()`, then `menu.exec(…)`: all callers only run what the function returns,
 * and drop it, or put it where the next one takes its place; `dropped` is set where one of them
 * does so with each event. */
static bool is_dropped_by_callers(const Graph *g, ScopeRef function, Windowed *w, u32 depth) {
    OpRef calls[RETURN_CALLS];
    u32 n = calls_of(g, function, calls, RETURN_CALLS);
    if (!n || n > RETURN_CALLS || depth > CALLER_DEPTH) return false;
    if (graph_decoration(g, function) != DECORATION_NONE) return false;
    for (u32 i = 0; i < n; i++) {
        const Facts *f = g->files[calls[i].file].facts;
        ScopeRef caller = function_of_op(g, calls[i]);
        if (!caller.scope.i || is_beginning(function_name(g, caller))) return false;
        Fates look = {.g = g, .f = f, .file = calls[i].file, .call = calls[i].op.i};
        if (!follow(&look, caller, calls[i].op.i + 1) || is_destroyed_in(g, caller)) return false;
        if (look.attribute.n && !is_replaced(g, caller, w, &look)) return false;
        if (look.is_returned) {
            if (!is_dropped_by_callers(g, caller, w, depth + 1)) return false;
        } else if (!w->dropped.op.i &&
                   is_repeated(g, caller, calls[i], function, &w->connected, depth)) {
            w->dropped = calls[i];
            w->attribute = look.attribute;
            w->local = look.local.i ? facts_str(f, f->symbols[look.local.i].name) : (Str){0};
        }
    }
    return true;
}

/* ---- the whole ---- */

bool graph_is_windowed(const Graph *g, OpRef call, Windowed *out) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    ClassId made;
    *out = (Windowed){.row = row_of_call(g, call.file, op, &made)};
    if (!out->row || graph_is_once(g, call.file, call.op)) return false;
    out->function = function_of_op(g, call);
    out->owner = graph_method_class(g, out->function);
    out->is_dialog = out->row->toolkit == TOOLKIT_QT && is_dialog_row(out->row);
    bool is_qt = out->row->toolkit == TOOLKIT_QT;
    out->has_parent = is_qt || has_wx_parent(g, call, out, made);
    if (is_qt && !finds_qt_parent(g, call, out, made)) return false;
    out->is_brief = !out->window.n && is_brief_owner(g, out->owner, OUTER_WIDGETS);
    out->is_of_main = out->window.n || is_main_window(g, out->owner);
    Fates look = {.g = g, .f = f, .file = call.file, .call = call.op.i};
    if (!follow(&look, out->function, call.op.i + 1)) return false;
    out->attribute = look.attribute;
    out->local = look.local.i ? facts_str(f, f->symbols[look.local.i].name) : (Str){0};
    bool is_told = look.is_returned
                       ? !out->attribute.n && is_dropped_by_callers(g, out->function, out, 1) &&
                             out->dropped.op.i
                       : is_repeated(g, out->function, call, out->function, &out->connected, 0);
    if (!is_told) return false;
    if (out->attribute.n && (!is_qt || is_asked_for(g, out->function, &look))) return false;
    if (is_destroyed_in(g, out->function) || is_destroyed_by_family(g, made)) return false;
    if (is_ended_by_owner(g, out->row, out->owner, &look)) return false;
    Str class = made.i ? graph_class_name(g, made) : str_from(out->row->name);
    out->is_seldom = is_seldom_seen(g, call, out, class);
    out->is_of_main |= stays_with_program(g, out, made);
    return true;
}
