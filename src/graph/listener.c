/* Calls that give a callback to something: which operand, what it holds, who gets it. */
#include "graph/model.h"

#include <string.h>

void graph_use_models(Graph *g, const Models *models) {
    g->models = *models;
}

const Models *graph_models(const Graph *g) {
    return &g->models;
}

/* ---- names ---- */

/* A method of something outside the project, by what made the receiver. */
static Str made_method(const Graph *g, u32 file, const Path *callee) {
    const Facts *f = g->files[file].facts;
    Str method = facts_str(f, (StrId){callee->id});
    Str made = graph_maker_of(g, file, callee->parent);
    Str class = know_result_class(made);
    if (!class.n) class = made;
    if (!class.n) return (Str){0};
    Arena scratch = {0};
    Str text = graph_text(g, str_format(&scratch, "%.*s.%.*s", STR_ARG(class), STR_ARG(method)));
    arena_free(&scratch);
    return text;
}

Str graph_called_name(const Graph *g, u32 file, OpId call) {
    const Facts *f = g->files[file].facts;
    const Op *op = facts_op(f, call);
    const Path *callee = &f->paths[op->subject];
    Callee known = graph_callee(g, file, call);
    if (known.function) return graph_scope_name(g, graph_function_scope(g, known.function));
    Str name = graph_name_of(g, file, op_path(op));
    if (callee->kind != PATH_ATTR || know_pair(name)) return name;
    Str made = made_method(g, file, callee);
    return made.n ? made : name;
}

const PairRow *graph_pair(const Graph *g, u32 file, OpId call) {
    return know_pair(graph_called_name(g, file, call));
}

PairHold graph_pair_hold(const Graph *g, u32 file, OpId call, const PairRow *row) {
    const Facts *f = g->files[file].facts;
    if (!row->weak_keyword) return row->hold;
    PathId said = call_argument(f, facts_op(f, call), UINT32_MAX / 4, row->weak_keyword);
    const Path *p = &f->paths[said.i];
    if (p->kind != PATH_LITERAL) return row->hold;
    if (p->flags == LITERAL_FALSE) return PAIR_STRONG;
    return p->flags == LITERAL_TRUE ? PAIR_WEAK : row->hold;
}

/* ---- operands ---- */

static bool has_keyword(const PairRow *row, Str name) {
    const char *at = row->keywords;
    if (str_is(name, "")) return false;
    if (at[0] == '*') return true;
    while (*at) {
        const char *from = at;
        while (*at && *at != ',') at++;
        if (str_eq((Str){from, (u32)(at - from)}, name)) return true;
        if (*at) at++;
    }
    return false;
}

/* What is not called: `sender=self`. */
static bool is_about(Str keyword) {
    static const char *const WORDS[] = {"context", "instance", "loop",     "obj",
                                        "owner",   "parent",   "sender",   "source",
                                        "state",   "target",   "user_data"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_is(keyword, WORDS[i])) return true;
    return false;
}

/* Is the operand one that is kept: by the row, the model, or, without either, any? */
static bool is_kept(const Facts *f, const Op *call, u32 i, const Listener *l) {
    Operand o = f->operands[call->operand + i];
    OperandKind kind = operand_kind(o);
    u32 position = 0;
    for (u32 k = 0; k < i; k++)
        position += operand_kind(f->operands[call->operand + k]) == OPERAND_POSITIONAL;
    if (l->model) return kind == OPERAND_POSITIONAL && (int)position == l->model->callback;
    bool is_named = kind == OPERAND_KEYWORD && !is_about(facts_str(f, operand_name(o)));
    if (!l->row || l->row->flags & PAIR_ALL) return kind == OPERAND_POSITIONAL || is_named;
    if (kind == OPERAND_KEYWORD) return has_keyword(l->row, facts_str(f, operand_name(o)));
    return kind == OPERAND_POSITIONAL && (int)position == l->row->callback;
}

static bool is_held_weakly(const Graph *g, u32 file, OpId call, const Listener *l) {
    if (l->model) return l->model->weak;
    if (!l->row) return false;
    PairHold hold = graph_pair_hold(g, file, call, l->row);
    return hold == PAIR_WEAK || (hold == PAIR_WEAK_METHODS && l->grip.carry.kind == CARRY_METHOD);
}

/* `add_timeout`, `once`: by the name, when no row says more. */
static bool is_once_by_name(Str verb) {
    const UndoRow *undo = know_undo(verb, (Str){0});
    return (undo && undo->flags & UNDO_ONCE) || str_contains(verb, "next_tick") ||
           str_contains(verb, "_once");
}

/* `self.reactor.register_callback(f)`: a reactor calls it in its next round, and lets it go. */
static bool is_of_reactor(const Facts *f, const Path *callee, Str verb) {
    Str receiver = callee->kind == PATH_ATTR ? facts_last_name(f, callee->parent) : (Str){0};
    return str_is(str_public(receiver), "reactor") && str_ends(verb, "callback");
}

/* `import events`, `events.bind(f)`. */
static bool is_whole_module(const Facts *f, const Path *callee) {
    const Path *owner = &f->paths[callee->parent.i];
    if (callee->kind != PATH_ATTR || owner->kind != PATH_SYMBOL) return false;
    SymbolId s = f->symbols[owner->id].target;
    for (u32 i = 1; s.i && i < f->n_imports; i++)
        if (f->imports[i].symbol.i == s.i) return !f->imports[i].name.i;
    return false;
}

/* `self.loop.add_callback(f)`: tornado's, which calls it once. */
static bool is_called_on_loop(const Facts *f, const Path *callee) {
    const Path *p = &f->paths[callee->parent.i];
    if (callee->kind != PATH_ATTR || (p->kind != PATH_ATTR && p->kind != PATH_SYMBOL)) return false;
    Str name = facts_str(f, p->kind == PATH_ATTR ? (StrId){p->id} : f->symbols[p->id].name);
    return str_ends(name, "loop") || str_ends(name, "Loop");
}

/* Methods that only event loops have: the receiver need not be known. */
static const PairRow *loop_row(const Facts *f, const Path *callee, Str verb) {
    static const char *const VERBS[] = {"add_reader", "add_signal_handler", "add_writer"};
    if (str_is(verb, "add_callback") && is_called_on_loop(f, callee))
        return know_pair(STR("tornado.ioloop.IOLoop.add_callback"));
    for (u32 i = 0; i < ARRAY_LEN(VERBS); i++) {
        char name[64] = "asyncio.AbstractEventLoop.";
        if (!str_is(verb, VERBS[i])) continue;
        return know_pair(str_from(strcat(name, VERBS[i])));
    }
    return NULL;
}

/* `event.listen(target, name, f)`: a function of a module, whose first argument gets the others. */
static bool is_module_function(const Graph *g, u32 file, const Op *call) {
    const Path *callee = &g->files[file].facts->paths[call->subject];
    return callee->kind == PATH_ATTR && call->operands > 1 &&
           entity_of_path(g, file, callee->parent, RESOLVE_DEPTH).kind == ENTITY_MODULE;
}

/* `Base.attach(self, …)`: what it is called on, not what it is given. */
static bool is_unbound_self(const Graph *g, u32 file, const Op *call, const Grip *grip) {
    const Facts *f = g->files[file].facts;
    const Path *callee = &f->paths[call->subject];
    if (callee->kind != PATH_ATTR || grip->carry.kind != CARRY_ITSELF) return false;
    if (entity_of_path(g, file, callee->parent, RESOLVE_DEPTH).kind == ENTITY_CLASS) return true;
    Str name = graph_name_of(g, file, callee->parent), last = str_after_last(name, '.');
    const ClassNode *node = &g->classes[grip->class.i];
    for (u32 i = 0; grip->class.i && i < node->n_bases; i++)
        if (name.n && str_eq(node->bases[i].name, name)) return true;
    return last.n && last.p[0] >= 'A' && last.p[0] <= 'Z' && grip->class.i &&
           f->paths[callee->parent.i].kind != PATH_OP &&
           str_eq(last, str_after_last(graph_class_name(g, grip->class), '.'));
}

static bool is_gobject_base(const BaseRef *base) {
    return !base->known.i && know_is_gobject(base->name);
}

/* `screen.connect("size-changed", f)` of what GObject's libraries hand out, or of an object of a
 * class that is derived from theirs; `settings.connect("notify::theme", f)`, as nobody else has it.
 */
static bool is_gobject_signal(const Graph *g, u32 file, const Op *call, PathId holder, Str verb) {
    if (!holder.i || (!str_is(verb, "connect") && !str_is(verb, "connect_after"))) return false;
    const Facts *f = g->files[file].facts;
    const Path *signal = &f->paths[op_operand(f, call, 0).i];
    bool is_text = signal->kind == PATH_LITERAL && signal->flags == LITERAL_STRING;
    if (is_text && str_starts(facts_str(f, (StrId){signal->id}), "notify::")) return true;
    ClassId c = graph_type_of(g, file, holder);
    return c.i ? class_has_base(g, c, is_gobject_base)
               : know_is_gobject(graph_maker_of(g, file, holder));
}

static PathId holder_of(const Graph *g, u32 file, const Op *call, const Listener *l) {
    const Facts *f = g->files[file].facts;
    const Path *callee = &f->paths[call->subject];
    bool is_first =
        l->row ? l->row->flags & PAIR_HOLDER : l->operand > 0 && is_module_function(g, file, call);
    if (is_first) return op_operand(f, call, 0);
    return callee->kind == PATH_ATTR ? callee->parent : (PathId){0};
}

/* The first kept operand that holds something. */
static bool find_grip(const Graph *g, u32 file, OpId call, Listener *out) {
    const Facts *f = g->files[file].facts;
    const Op *op = facts_op(f, call);
    for (u32 i = 0; i < op->operands; i++) {
        if (!is_kept(f, op, i, out)) continue;
        out->grip = graph_grip(g, file, call, op_operand(f, op, i));
        out->operand = i;
        if (out->grip.kind == GRIP_NONE) continue;
        bool is_target =
            !i && out->grip.carry.kind == CARRY_ITSELF &&
            (is_module_function(g, file, op) || is_unbound_self(g, file, op, &out->grip));
        bool is_data = out->grip.kind == GRIP_LOCAL && out->grip.carry.kind == CARRY_DISPLAY;
        if (!is_target && !is_data) return true;
    }
    return false;
}

bool has_ending_keyword(const Facts *f, const Op *call) {
    for (u32 i = 0; i < call->operands; i++) {
        Operand o = f->operands[call->operand + i];
        const Path *p = &f->paths[o.path.i];
        bool is_off =
            p->kind == PATH_LITERAL && (p->flags == LITERAL_FALSE || p->flags == LITERAL_NONE);
        if (operand_kind(o) == OPERAND_KEYWORD && !is_off &&
            know_is_ending_keyword(facts_str(f, operand_name(o))))
            return true;
    }
    return false;
}

/* `reactor.addSystemEventTrigger(…)`, `reactor.run()`: it lives as long as the function. */
static bool is_run_here(const Graph *g, u32 file, OpId call, PathId holder) {
    const Facts *f = g->files[file].facts;
    const Scope *s = &f->scopes[f->regions[f->ops[call.i].region.i].scope.i];
    PathId root = graph_alias_of(g, file, holder);
    for (u32 i = call.i + 1; holder.i && i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        const Path *p = &f->paths[op->kind == OP_CALL ? op->subject : 0];
        if (p->kind != PATH_ATTR || !know_is_running(facts_str(f, (StrId){p->id}))) continue;
        if (p->parent.i == holder.i || graph_alias_of(g, file, p->parent).i == root.i) return true;
    }
    return false;
}

/* `label.bind(on_press=self.open)`: tkinter's takes the event first, so that it is kivy's. */
static const PairRow *kivy_row(const Facts *f, const Op *call, Str verb) {
    if (!str_is(verb, "bind")) return NULL;
    for (u32 i = 0; i < call->operands; i++)
        if (operand_kind(f->operands[call->operand + i]) != OPERAND_KEYWORD) return NULL;
    return know_pair(STR("kivy.event.EventDispatcher.bind"));
}

bool graph_listener(const Graph *g, u32 file, OpId call, Listener *out) {
    const Facts *f = g->files[file].facts;
    const Op *op = facts_op(f, call);
    *out = (Listener){0};
    const Path *callee = &f->paths[op->subject];
    bool is_removal = call_argument(f, op, UINT32_MAX / 4, "remove").i != 0; /* traitlets */
    if (!op->operands || is_removal || has_ending_keyword(f, op)) return false;
    Str name = graph_called_name(g, file, call);
    out->verb =
        callee->kind == PATH_ATTR ? facts_str(f, (StrId){callee->id}) : str_after_last(name, '.');
    out->model = models_find(&g->models, name);
    out->row = out->model ? NULL : know_pair(name);
    if (!out->row && !out->model && !graph_callee(g, file, call).function) {
        out->row = loop_row(f, callee, out->verb);
        if (!out->row) out->row = kivy_row(f, op, out->verb);
    }
    if (!out->row && !out->model && !know_is_listening(out->verb)) return false;
    out->is_once = out->row ? out->row->flags & PAIR_ONCE
                            : is_once_by_name(out->verb) || is_of_reactor(f, callee, out->verb);
    if (!find_grip(g, file, call, out) || is_held_weakly(g, file, call, out)) return false;
    PathId holder = holder_of(g, file, op, out);
    if (out->grip.kind == GRIP_LOCAL && is_run_here(g, file, call, holder)) return false;
    if (out->row && out->row->flags & PAIR_PROCESS)
        out->receiver.kind = RECEIVER_PROCESS;
    else if (holder.i)
        out->receiver = graph_receiver(g, file, call, holder, &out->grip);
    if (!out->row && !out->model) out->intake = graph_intake(g, file, call, out->operand);
    out->is_of_module = is_whole_module(f, callee);
    out->is_gobject = !out->row && !out->model && !out->intake.is_known &&
                      is_gobject_signal(g, file, op, holder, out->verb);
    return true;
}

bool graph_always_goes_on(const Graph *g, const Listener *l, OpRef call) {
    const Facts *of = g->files[call.file].facts;
    const Path *method = &of->paths[l->grip.value.i];
    if (l->grip.kind != GRIP_SELF || method->kind != PATH_ATTR) return false;
    if (!(of->ops[call.op.i].flags & OP_DROPPED)) return false;
    char name[64];
    Str text = facts_str(of, (StrId){method->id});
    if (text.n >= sizeof name) return false;
    memcpy(name, text.p, text.n);
    name[text.n] = 0;
    ScopeRef m = graph_method(g, l->grip.class, name);
    if (scope_is_none(m)) return false;
    const Facts *f = g->files[m.file].facts;
    const Scope *s = &f->scopes[m.scope.i];
    bool is_last = false;
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_RETURN || f->regions[op->region.i].scope.i != m.scope.i) continue;
        const Path *value = &f->paths[op_operand(f, op, 0).i];
        if (value->kind != PATH_LITERAL || value->flags != LITERAL_TRUE) return false;
        is_last |= op->region.i == s->region.i;
    }
    return is_last;
}
