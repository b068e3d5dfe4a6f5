/* What a function of the project does with a callback that it is given: where it keeps it, how, and
 * who lets go of it. */
#include "graph/argued.h"

enum { INTAKE_OPS = 2000, INTAKE_DEPTH = 3, INTAKE_USES = 200 };

typedef struct Look {
    const Graph *g;
    const Facts *f;
    ScopeRef function;
    SymbolId parameter;
    PathId path;          /* of the parameter */
    const CallLink *link; /* the calls that lead here; NULL when they say nothing */
} Look;

/* ---- parameters ---- */

/* The parameter that operand `operand` of a call is bound to, or none. */
static SymbolId parameter_of(const Graph *g, u32 file, const Op *call, u32 operand, u32 fn,
                             bool is_unbound) {
    const Facts *f = g->files[file].facts;
    const FunctionNode *node = &g->functions[fn];
    const Facts *there = g->files[node->file].facts;
    const Scope *scope = &there->scopes[node->scope.i];
    Operand o = f->operands[call->operand + operand];
    bool has_self = node->owner.i && node->kind != METHOD_STATIC && !is_unbound;
    u32 at = scope->param_first + has_self, position = 0;
    if (operand_kind(o) == OPERAND_KEYWORD) {
        Str name = facts_str(f, operand_name(o));
        for (; at < scope->param_end; at++)
            if (str_eq(facts_str(there, there->symbols[there->params[at].symbol.i].name), name))
                return there->params[at].symbol;
        return (SymbolId){0};
    }
    for (u32 i = 0; i < operand; i++) {
        OperandKind kind = operand_kind(f->operands[call->operand + i]);
        if (kind == OPERAND_STAR) return (SymbolId){0};
        position += kind == OPERAND_POSITIONAL;
    }
    at += position;
    bool fits = operand_kind(o) == OPERAND_POSITIONAL && at < scope->param_end &&
                there->params[at].kind <= PARAM_POSITIONAL_ONLY;
    return fits ? there->params[at].symbol : (SymbolId){0};
}

static PathId path_of(const Facts *f, SymbolId variable) {
    for (u32 p = 1; p < f->n_paths; p++)
        if (f->paths[p].kind == PATH_SYMBOL && f->symbols[f->paths[p].id].target.i == variable.i)
            return (PathId){p};
    return (PathId){0};
}

/* ---- where it goes ---- */

/* `self._slots.setdefault(name, []).append`: the path of the container, without the calls that
 * reach into it. */
static PathId container_path(const Look *l, PathId path) {
    for (u32 steps = 0; steps < 6; steps++) {
        path = graph_alias_of(l->g, l->function.file, path);
        PathId start = path;
        while (l->f->paths[start.i].parent.i) start = l->f->paths[start.i].parent;
        const Path *root = &l->f->paths[start.i];
        if (root->kind != PATH_OP || l->f->ops[root->id].kind != OP_CALL) return path;
        const Path *callee = &l->f->paths[l->f->ops[root->id].subject];
        if (callee->kind != PATH_ATTR) return path;
        path = callee->parent;
    }
    return path;
}

static bool is_carried(const Look *l, PathId value) {
    if (!value.i) return false;
    Carry c = graph_carries(l->g, l->function.file, value, l->path);
    return c.kind != CARRY_NOTHING && c.kind != CARRY_OWNER;
}

static void note_store(const Look *l, OpId op, PathId container, Intake *out) {
    bool exact;
    out->keeps = true;
    out->function = l->function;
    out->store = (OpRef){l->function.file, op};
    SymbolId self = self_symbol(l->g, l->function);
    StrId name = self.i ? attribute_named(l->f, container, self, &exact) : (StrId){0};
    if (name.i) {
        out->owner = graph_method_class(l->g, l->function);
        out->attribute = facts_str(l->f, name);
    }
    Held held = held_by(l->g, l->function.file, container, RESOLVE_DEPTH);
    out->container = (ContainerId){held.container};
}

static bool take_store(const Look *l, OpId op, Intake *out) {
    const Op *store = &l->f->ops[op.i];
    if (!is_carried(l, bound_value(l->f, store)) && !is_carried(l, bound_key(l->f, store)))
        return false;
    const Path *subject = &l->f->paths[store->subject];
    out->is_slot = subject->kind == PATH_ATTR;
    PathId container = subject->kind == PATH_ATTR ? op_path(store) : subject->parent;
    note_store(l, op, container_path(l, container), out);
    return true;
}

static bool is_adding(Str method) {
    const MethodRow *row = know_method(method);
    return row && row->effect == METHOD_ADDS;
}

static bool any_carried(const Look *l, const Op *call, u32 *operand) {
    for (u32 i = 0; i < call->operands; i++) {
        if (!is_carried(l, op_operand(l->f, call, i))) continue;
        *operand = i;
        return true;
    }
    return false;
}

/* `weakref.ref(cb)`, `WeakMethod(cb)`, a weak container's `add`, `make_weak(cb)`. */
static bool is_weak_call(const Look *l, const Op *call) {
    Str name = graph_name_of(l->g, l->function.file, op_path(call));
    const Path *callee = &l->f->paths[call->subject];
    if (str_starts(name, "weakref.")) return true;
    const CallRow *row = know_call(name);
    if (row && row->flags & CALL_WEAK) return true;
    Str last = str_after_last(name, '.');
    for (u32 i = 0; i + 4 <= last.n; i++)
        if ((last.p[i] | 0x20) == 'w' && str_is(str_sub(last, i + 1, i + 4), "eak")) return true;
    return callee->kind == PATH_ATTR &&
           str_starts(maker_of(l->g, l->function.file, callee->parent), "weakref.Weak");
}

/* `weakref.ref(callback.__self__)` */
static bool is_given_part(const Look *l, const Op *call) {
    for (u32 i = 0; i < call->operands; i++)
        if (facts_root_symbol(l->f, op_operand(l->f, call, i)).i == l->parameter.i) return true;
    return false;
}

static void look_into(const Graph *g, OpRef call, u32 operand, const CallLink *up, u32 depth,
                      Intake *out);

static void take_call(const Look *l, OpId op, u32 depth, Intake *out) {
    const Op *call = &l->f->ops[op.i];
    const Path *callee = &l->f->paths[call->subject];
    u32 operand = 0;
    if (is_weak_call(l, call) && is_given_part(l, call)) out->is_weak = true;
    if (!any_carried(l, call, &operand)) return;
    if (is_weak_call(l, call)) {
        out->is_weak = true;
        return;
    }
    Str method = callee->kind == PATH_ATTR ? facts_str(l->f, (StrId){callee->id}) : (Str){0};
    if (is_adding(method) && !callee_function(l->g, l->function.file, call, &(ClassId){0})) {
        note_store(l, op, container_path(l, callee->parent), out);
        return;
    }
    const CallRow *row = know_call(graph_name_of(l->g, l->function.file, op_path(call)));
    if (row && row->flags & CALL_READS) return;
    if (has_ending_keyword(l->f, call)) {
        out->is_emptied = true;
        return;
    }
    if (!(call->flags & OP_DROPPED)) out->keeps = true; /* what it returned may hold it */
    if (depth) look_into(l->g, (OpRef){l->function.file, op}, operand, l->link, depth - 1, out);
}

static void look_at_body(const Look *l, u32 depth, Intake *out) {
    const Scope *scope = &l->f->scopes[l->function.scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + INTAKE_OPS);
    for (u32 o = scope->op_first; o < end; o++) {
        const Op *op = &l->f->ops[o];
        if (op->kind != OP_STORE && op->kind != OP_CALL) continue;
        if (l->link && call_passes_by(l->g, l->link, (OpId){o})) continue;
        if (op->kind == OP_STORE && !out->keeps) take_store(l, (OpId){o}, out);
        if (op->kind == OP_CALL && (!out->keeps || !out->is_weak))
            take_call(l, (OpId){o}, depth, out);
    }
}

static void look_into(const Graph *g, OpRef call, u32 operand, const CallLink *up, u32 depth,
                      Intake *out) {
    Callee callee = graph_callee(g, call.file, call.op);
    if (!callee.function) {
        if (!callee.made.i) out->keeps = true; /* code that is not seen may keep it */
        return;
    }
    const Op *op = &g->files[call.file].facts->ops[call.op.i];
    SymbolId parameter =
        parameter_of(g, call.file, op, operand, callee.function, callee.is_unbound);
    ScopeRef function = graph_function_scope(g, callee.function);
    const Facts *f = g->files[function.file].facts;
    PathId path = parameter.i ? path_of(f, parameter) : (PathId){0};
    if (!parameter.i) out->keeps = true; /* `*args`: who knows */
    if (!path.i) return;
    CallLink link = {up, call, function};
    Look l = {g, f, function, parameter, path, callee.is_unbound ? NULL : &link};
    look_at_body(&l, depth, out);
}

/* ---- who lets go ---- */

static bool is_leaving(Str name) {
    static const char *const WORDS[] = {"close",    "clear",   "stop",      "shutdown",
                                        "reset",    "dispose", "destroy",   "teardown",
                                        "finalize", "cleanup", "__exit__",  "__aexit__",
                                        "__del__",  "aclose",  "disconnect"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_is(name, WORDS[i])) return true;
    return false;
}

static bool is_taking_back(Str name) {
    static const char *const STEMS[] = {
        "remove",     "un",   "off", "detach", "disconnect", "discard", "delete", "cancel",  "drop",
        "deregister", "del_", "pop", "clear",  "reset",      "_remove", "_un",    "_discard"};
    for (u32 i = 0; i < ARRAY_LEN(STEMS); i++)
        if (str_starts(name, STEMS[i])) return true;
    return false;
}

static bool is_constructor(Str name) {
    return str_is(name, "__init__") || str_is(name, "__new__") || str_is(name, "__post_init__");
}

/* One use of the attribute that the callbacks are in. */
static void take_use(const Graph *g, const AttributeUse *u, Intake *out) {
    if (scope_is_none(u->function) || g->files[u->file].is_test) return;
    const Facts *f = g->files[u->function.file].facts;
    Str name = facts_str(f, f->scopes[u->function.scope.i].name);
    bool empties = u->kind == ATTRIBUTE_EMPTIED || (u->kind == ATTRIBUTE_DEFINED && u->replaces);
    bool shrinks = u->kind == ATTRIBUTE_SHRINKS;
    if ((!empties && !shrinks) || is_constructor(name)) return;
    if (is_taking_back(name)) {
        if (scope_is_none(out->undo)) out->undo = u->function;
    } else if (is_leaving(name)) {
        if (scope_is_none(out->end)) out->end = u->function;
    } else if (!out->is_slot) {
        out->is_emptied = true; /* `callbacks, self._callbacks = self._callbacks, []` */
    }
}

static void find_undo(const Graph *g, Intake *out) {
    Arena scratch = {0};
    Attribute a = graph_attribute(g, out->owner, out->attribute, &scratch);
    out->is_weak |= a.container == CONTAINER_WEAK || a.is_weak;
    for (u32 i = 0; i < a.n_uses && i < INTAKE_USES; i++) take_use(g, &a.uses[i], out);
    arena_free(&scratch);
}

/* An operand that is not of the instance whose method calls. */
static bool gives_other(const Graph *g, OpRef call, Str name) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    ScopeId s = enclosing_function(f, f->regions[op->region.i].scope);
    SymbolId self = s.i ? self_symbol(g, (ScopeRef){call.file, s}) : (SymbolId){0};
    for (u32 i = 0; i < op->operands; i++) {
        PathId path = op_operand(f, op, i);
        const Path *p = &f->paths[path.i];
        SymbolId root = facts_root_symbol(f, path);
        if (!root.i || root.i == self.i) continue;
        if (!name.n || (p->kind == PATH_ATTR && str_eq(facts_str(f, (StrId){p->id}), name)))
            return true;
    }
    return false;
}

bool graph_intake_is_undone(const Graph *g, const Intake *intake, Str name) {
    if (scope_is_none(intake->undo)) return false;
    const FunctionNode *node = &g->functions[graph_function_id(g, intake->undo)];
    for (u32 i = 0; i < node->callers.n; i++) {
        OpRef call = node->callers.v[i];
        if (!g->files[call.file].is_test && gives_other(g, call, name)) return true;
    }
    return false;
}

bool graph_intake_is_undone_for_all(const Graph *g, const Intake *intake) {
    if (scope_is_none(intake->undo)) return false;
    const FunctionNode *node = &g->functions[graph_function_id(g, intake->undo)];
    const Facts *home = g->files[node->file].facts;
    u64 name = name_hash(home, home->scopes[node->scope.i].name);
    if (map_get(&g->methods_called, name) & CALLED_BY_CODE) return true;
    for (u32 i = 0; i < node->callers.n; i++) {
        OpRef call = node->callers.v[i];
        const Facts *f = g->files[call.file].facts;
        const Op *op = &f->ops[call.op.i];
        if (g->files[call.file].is_test) continue;
        u32 code = 0;
        for (u32 k = 0; k < op->operands; k++)
            code |= shape_of(g, call.file, op_operand(f, op, k), RESOLVE_DEPTH);
        if (!(code & (SHAPE_FUNCTION | SHAPE_SELF | SHAPE_PARAMETER))) return true;
    }
    return false;
}

Intake graph_intake(const Graph *g, u32 file, OpId call, u32 operand) {
    Intake out = {0};
    if (!graph_callee(g, file, call).function) return out;
    out.is_known = true;
    look_into(g, (OpRef){file, call}, operand, NULL, INTAKE_DEPTH, &out);
    if (out.owner.i) find_undo(g, &out);
    return out;
}
