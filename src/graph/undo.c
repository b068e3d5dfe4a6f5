/* Who takes back what was given: the same class, the same function, or what closes the receiver. */
#include "graph/starting.h"

enum { UNDO_OPS = 20000 };

typedef struct Look {
    const Graph *g;
    u32 file;
    OpId call;
    const Listener *l;
    Str attribute; /* of the instance, when the receiver hangs on one */
} Look;

static Str last_of(const Facts *f, PathId callee) {
    const Path *p = &f->paths[callee.i];
    if (p->kind == PATH_ATTR) return facts_str(f, (StrId){p->id});
    return p->kind == PATH_SYMBOL ? facts_str(f, f->symbols[p->id].name) : (Str){0};
}

/* `self.client.close()`, where `self.client` got the callback. */
static bool is_closing(const Look *k, const Facts *f, const Op *op) {
    const Path *callee = &f->paths[op->subject];
    if (!k->attribute.n || callee->kind != PATH_ATTR || callee->depth < 2) return false;
    const Path *base = &f->paths[callee->parent.i];
    while (base->depth > 1) base = &f->paths[base->parent.i];
    if (base->kind != PATH_ATTR || !str_eq(facts_str(f, (StrId){base->id}), k->attribute))
        return false;
    return is_release_name(facts_str(f, (StrId){callee->id}));
}

/* `on_trait_change(f, remove=True)`: the pair of a name with itself is told by a keyword. */
static bool is_removing(const Facts *f, const Op *call) {
    return call_argument(f, call, UINT32_MAX / 4, "remove").i != 0;
}

static bool is_model_undo(const Look *k, u32 file, OpId call) {
    const Model *model = k->l->model;
    Str name = graph_called_name(k->g, file, call);
    Str last = last_of(k->g->files[file].facts, op_path(&k->g->files[file].facts->ops[call.i]));
    for (u32 i = 0; i < model->n_removes; i++)
        if (str_eq(model->removes[i], name) || str_eq(str_after_last(model->removes[i], '.'), last))
            return true;
    return false;
}

/* A function of a module took the callback (`atexit.register(f)`), and this is a method of
 * something else that bears the name of its undoing: `self.poller.unregister(fd)`. */
static bool is_of_another(const Look *k, u32 file, PathId path) {
    const Facts *f = k->g->files[file].facts;
    const PairRow *row = k->l->row;
    SymbolId root = facts_root_symbol(f, path);
    if (!row || !(row->flags & PAIR_PROCESS) || row->adds[0] == '.' || !root.i) return false;
    if (pair_is_undone_by(row, graph_name_of(k->g, file, path), (Str){0})) return false;
    return f->paths[path.i].depth >= 2 && f->symbols[root.i].flags & SYMBOL_PARAM;
}

/* Does the path name what takes it back? */
static bool is_undo_name(const Look *k, u32 file, PathId path) {
    const Facts *f = k->g->files[file].facts;
    const Listener *l = k->l;
    Str last = last_of(f, path);
    if (!last.n || str_eq(last, l->verb) || is_of_another(k, file, path)) return false;
    if (l->row && pair_is_undone_by(l->row, (Str){0}, last)) return true;
    if (l->row && pair_is_undone_by(l->row, graph_name_of(k->g, file, path), last)) return true;
    if (!scope_is_none(l->intake.undo)) {
        const Facts *there = k->g->files[l->intake.undo.file].facts;
        ScopeId undo = l->intake.undo.scope;
        if (str_eq(last, facts_str(there, there->scopes[undo.i].name))) return true;
    }
    return know_is_undoing(l->verb, last);
}

/* `stack.callback(atexit.unregister, f)`, `finalize(self, bus.unsubscribe, …)`. */
static bool is_handed_on(const Look *k, u32 file, const Op *op) {
    const Facts *f = k->g->files[file].facts;
    for (u32 i = 0; i < op->operands; i++)
        if (is_undo_name(k, file, op_operand(f, op, i))) return true;
    return false;
}

/* `core.reset_listeners(event, self.on_end)` after `core.on(event, self.on_end)`: the same receiver
 * gets the same method again, under a name that speaks of the end. */
static bool is_given_back(const Look *k, u32 file, const Op *op) {
    static const char *const WORDS[] = {"cancel", "clear",  "delete", "detach", "discard",
                                        "drop",   "forget", "remove", "reset",  "stop"};
    const Facts *f = k->g->files[file].facts, *home = k->g->files[k->file].facts;
    const Path *to = &f->paths[op->subject], *from = &home->paths[home->ops[k->call.i].subject];
    if (k->l->grip.carry.kind != CARRY_METHOD || to->kind != PATH_ATTR || from->kind != PATH_ATTR)
        return false;
    if (!str_eq(facts_last_name(f, to->parent), facts_last_name(home, from->parent))) return false;
    bool is_end = false;
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        is_end |= str_contains_word(facts_str(f, (StrId){to->id}), WORDS[i]);
    for (u32 i = 0; is_end && i < op->operands; i++)
        if (str_eq(facts_attribute(f, op_operand(f, op, i)), k->l->grip.carry.name)) return true;
    return false;
}

/* `bus.off("end", self.on_end)` does not take back `self.on_begin`. */
static bool is_for_another_method(const Look *k, u32 file, const Op *op) {
    const Facts *f = k->g->files[file].facts;
    bool is_class, others = false;
    if (k->l->grip.carry.kind != CARRY_METHOD) return false;
    for (u32 i = 0; i < op->operands; i++) {
        PathId operand = op_operand(f, op, i);
        const Path *p = &f->paths[operand.i];
        if (p->kind != PATH_ATTR) continue;
        if (str_eq(facts_attribute(f, operand), k->l->grip.carry.name)) return false;
        ClassId c = self_class(k->g, file, facts_root_symbol(f, operand), &is_class);
        others |= p->depth == 1 && c.i && method_by_name(k->g, c, name_hash(f, (StrId){p->id}));
    }
    return others;
}

static bool is_undo(const Look *k, u32 file, OpId at) {
    const Facts *f = k->g->files[file].facts;
    const Op *op = &f->ops[at.i];
    if (op->kind != OP_CALL || (file == k->file && at.i == k->call.i)) return false;
    if (is_closing(k, f, op)) return true;
    if (k->l->model) return is_model_undo(k, file, at);
    if (is_undo_name(k, file, op_path(op)) || is_handed_on(k, file, op))
        return !is_for_another_method(k, file, op);
    if (is_given_back(k, file, op)) return true;
    bool is_same = str_eq(last_of(f, op_path(op)), k->l->verb) && k->l->verb.n;
    return is_same && is_removing(f, op);
}

static bool find_in(const Look *k, u32 file, const Scope *scope, OpRef *where) {
    u32 end = MIN(scope->op_end, scope->op_first + UNDO_OPS);
    for (u32 o = scope->op_first; o < end; o++) {
        if (!is_undo(k, file, (OpId){o})) continue;
        *where = (OpRef){file, {o}};
        return true;
    }
    return false;
}

bool graph_is_undone(const Graph *g, u32 file, OpId call, const Listener *l, OpRef *where) {
    Look k = {g, file, call, l, {0}};
    const Facts *f = g->files[file].facts;
    *where = (OpRef){0};
    ScopeRef function = function_of_op(g, (OpRef){file, call});
    ScopeRef method = function;
    while (method.scope.i && !graph_method_class(g, method).i)
        method.scope = enclosing_function(f, f->scopes[method.scope.i].parent);
    ClassId c = graph_method_class(g, method);
    SymbolId self = method.scope.i ? self_symbol(g, method) : (SymbolId){0};
    bool exact;
    /* closing the receiver in the end is no help against one more with each call */
    if (self.i && l->receiver.holder.i && l->grip.kind != GRIP_LOCAL)
        k.attribute = facts_str(f, attribute_named(f, l->receiver.holder, self, &exact));
    if (!c.i) return function.scope.i && find_in(&k, file, &f->scopes[function.scope.i], where);
    ClassId family[FAMILY_SLOTS];
    u32 n = family_of(g, c, family);
    for (u32 i = 0; i < n; i++) {
        ScopeRef body = graph_class_scope(g, family[i]);
        const Facts *there = g->files[body.file].facts;
        if (find_in(&k, body.file, &there->scopes[body.scope.i], where)) return true;
    }
    return false;
}

/* `bus.listen(name, handler)`, `self.handlers.append((name, handler))`: noted, to be taken back. */
bool graph_is_noted(const Graph *g, OpRef call, const Listener *l) {
    const Facts *f = g->files[call.file].facts;
    const Scope *scope = &f->scopes[f->regions[f->ops[call.op.i].region.i].scope.i];
    PathId given = op_operand(f, &f->ops[call.op.i], l->operand);
    for (u32 i = scope->op_first; given.i && i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        const MethodRow *row = op->kind == OP_CALL && op->operands == 1 && i != call.op.i
                                   ? know_method(facts_method(f, op))
                                   : NULL;
        if (!row || row->effect != METHOD_ADDS) continue;
        PathId added = op_operand(f, op, 0);
        const Path *p = &f->paths[added.i];
        const Op *tuple = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
        if (added.i == given.i) return true;
        for (u32 k = 0; tuple && tuple->kind == OP_TUPLE && k < tuple->operands; k++)
            if (op_operand(f, tuple, k).i == given.i) return true;
    }
    return false;
}

/* ---- slots ---- */

/* Another value is put into the slot: a call or assignment that is not the same again. */
static bool is_other_filling(const Graph *g, OpRef store, u32 file, OpId at, const PairRow *row) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[at.i];
    if (file == store.file && at.i == store.op.i) return false;
    if (row->flags & PAIR_ASSIGN) {
        if (op->kind == OP_DELETE) return str_is(graph_name_of(g, file, op_path(op)), row->adds);
        if (op->kind != OP_STORE) return false;
        const Path *p = &f->paths[op->subject];
        Str name = p->kind == PATH_ATTR ? facts_str(f, (StrId){p->id}) : (Str){0};
        if (!str_eq(name, str_after_last(str_from(row->adds), '.'))) return false;
        return str_is(graph_name_of(g, file, op_path(op)), row->adds);
    }
    if (op->kind != OP_CALL) return false;
    Str last = last_of(f, op_path(op));
    return pair_is_undone_by(row, graph_name_of(g, file, op_path(op)), last);
}

bool graph_slot_is_restored(const Graph *g, OpRef store, const PairRow *row, ClassId c) {
    ClassId family[FAMILY_SLOTS];
    u32 n = c.i ? family_of(g, c, family) : 0;
    for (u32 i = 0; i < n; i++) {
        ScopeRef body = graph_class_scope(g, family[i]);
        const Facts *f = g->files[body.file].facts;
        const Scope *scope = &f->scopes[body.scope.i];
        u32 end = MIN(scope->op_end, scope->op_first + UNDO_OPS);
        for (u32 o = scope->op_first; o < end; o++)
            if (is_other_filling(g, store, body.file, (OpId){o}, row)) return true;
    }
    return false;
}

/* ---- once for all ---- */

/* `found = getattr(function, "found", None)`: what a function of a module remembers on itself. */
static bool is_kept_on_function(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    const Op *call = facts_call(f, graph_alias_of(g, file, path));
    if (!call || !str_is(graph_name_of(g, file, op_path(call)), "builtins.getattr")) return false;
    EntityKind kind = entity_of_path(g, file, op_operand(f, call, 0), RESOLVE_DEPTH).kind;
    return kind == ENTITY_FUNCTION || kind == ENTITY_CLASS;
}

bool is_lasting_flag(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    SymbolId root = facts_root_symbol(f, path);
    if (!root.i) return false;
    if (is_kept_on_function(g, file, path)) return true;
    bool is_class;
    const Symbol *s = &f->symbols[root.i];
    if (f->scopes[s->scope.i].kind == SCOPE_MODULE) {
        Entity e = entity_of_path(g, file, path, RESOLVE_DEPTH);
        bool is_plain = f->paths[path.i].kind == PATH_SYMBOL && e.kind == ENTITY_VARIABLE;
        return is_plain ||
               entity_of_path(g, file, (PathId){f->paths[path.i].parent.i}, 4).kind == ENTITY_CLASS;
    }
    ClassId c = self_class(g, file, root, &is_class);
    if (c.i && is_class) return true;
    bool exact;
    ClassId owner;
    StrId name = c.i ? attribute_named(f, path, root, &exact) : (StrId){0};
    if (name.i && str_is(facts_str(f, name), "__class__")) return true;
    return name.i && class_member(g, c, name_hash(f, name), &owner).i &&
           !class_attribute(g, c, name_hash(f, name), &owner);
}

static bool tests_flag(const Graph *g, u32 file, const Region *r) {
    const Facts *f = g->files[file].facts;
    for (u32 t = r->test_first; t < r->test_end; t++)
        if (f->ops[t].kind == OP_TEST && is_lasting_flag(g, file, op_path(&f->ops[t]))) return true;
    return false;
}

bool graph_is_once(const Graph *g, u32 file, OpId op) {
    const Facts *f = g->files[file].facts;
    ScopeId s = f->regions[f->ops[op.i].region.i].scope;
    for (RegionId r = f->ops[op.i].region; r.i && f->regions[r.i].scope.i == s.i;
         r = f->regions[r.i].parent)
        if (tests_flag(g, file, &f->regions[r.i])) return true;
    const Scope *scope = &f->scopes[s.i]; /* `if _installed: return` before it */
    for (u32 o = scope->op_first; o < op.i; o++) {
        if (f->ops[o].kind != OP_RETURN) continue;
        const Region *r = &f->regions[f->ops[o].region.i];
        if (r->scope.i == s.i && r->kind == REGION_IF && tests_flag(g, file, r)) return true;
    }
    return false;
}

/* ---- names ---- */

Str graph_undo_name(const Listener *l, char *room, u32 size) {
    if (l->model) return l->model->n_removes ? str_after_last(l->model->removes[0], '.') : (Str){0};
    if (l->row) {
        Str name = pair_undo(l->row);
        return name.n && name.p[0] == '.' ? str_sub(name, 1, name.n) : name;
    }
    return know_undo_name(l->verb, room, size);
}
