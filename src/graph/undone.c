/* Removals by a method of a pair (`on` and `off`) that are given an object which was made just now,
 * and so was never added. */
#include "graph/model.h"

typedef struct Undone {
    const Graph *g;
    u32 file;
    const Facts *f;
    const Op *call;
    PathId receiver;
    Str method;
} Undone;

/* `lambda x: x.id == 3` asks, and is asked. */
static bool is_predicate(const Facts *f, const Op *lambda) {
    const Scope *scope = &f->scopes[lambda->subject];
    if (scope->param_first == scope->param_end) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        const Path *value = &f->paths[op_operand(f, op, 0).i];
        if (op->kind != OP_RETURN) continue;
        bool is_all = value->kind == PATH_LITERAL &&
                      (value->flags == LITERAL_TRUE || value->flags == LITERAL_FALSE);
        if (is_all) return true; /* `lambda x: True` */
        if (value->kind != PATH_OP) continue;
        u8 kind = f->ops[value->id].kind;
        if (kind == OP_COMPARE || kind == OP_NOT || kind == OP_CHOICE) return true;
    }
    return false;
}

/* The first argument that is a new object. */
static PathId fresh_argument(const Undone *u, Str *what) {
    for (u32 i = 0; i < u->call->operands; i++) {
        Operand o = u->f->operands[u->call->operand + i];
        if (operand_kind(o) != OPERAND_POSITIONAL) continue;
        KeyRef value = {u->file, graph_alias_of(u->g, u->file, o.path)};
        if (!graph_is_fresh_object(u->g, value, what)) continue;
        const Op *op = &u->f->ops[u->f->paths[value.path.i].id];
        if (op->kind == OP_LAMBDA && is_predicate(u->f, op)) continue;
        return value.path;
    }
    return (PathId){0};
}

/* Does the other call add to the same receiver, by the method that this one undoes? */
static bool is_addition(const Undone *u, const Op *other) {
    const Path *callee = &u->f->paths[other->subject];
    if (other->kind != OP_CALL || callee->kind != PATH_ATTR || !other->operands) return false;
    if (!know_undo(facts_str(u->f, (StrId){callee->id}), u->method)) return false;
    KeyRef a = {u->file, callee->parent}, b = {u->file, u->receiver};
    return callee->parent.i == u->receiver.i || graph_match_keys(u->g, a, b).kind == KEY_SAME;
}

/* *is_given: the removal has what the addition had. */
static bool adds_function(const Undone *u, const Op *other, PathId removed, bool *is_given) {
    bool found = false;
    for (u32 i = 0; i < other->operands; i++) {
        KeyRef value = {u->file, op_operand(u->f, other, i)};
        PathKind kind = (PathKind)u->f->paths[value.path.i].kind;
        *is_given |= graph_match_keys(u->g, value, (KeyRef){u->file, removed}).kind == KEY_SAME;
        Str what;
        found |=
            kind == PATH_ATTR || kind == PATH_SYMBOL || graph_is_fresh_object(u->g, value, &what);
    }
    return found;
}

FreshRemoval graph_fresh_removal(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    Undone u = {.g = g, .file = call.file, .f = f, .call = &f->ops[call.op.i]};
    FreshRemoval r = {0};
    const Path *callee = &f->paths[graph_alias_of(g, call.file, op_path(u.call)).i];
    r.value = fresh_argument(&u, &r.what);
    if (!r.value.i || g->files[call.file].is_test) return (FreshRemoval){0};
    r.is_process = str_is(graph_name_of(g, call.file, op_path(u.call)), "atexit.unregister");
    if (callee->kind != PATH_ATTR) return r.is_process ? r : (FreshRemoval){0};
    u.receiver = callee->parent;
    u.method = facts_str(f, (StrId){callee->id});
    for (u32 i = 1; i < f->n_ops; i++) {
        bool is_given = false;
        if (!is_addition(&u, &f->ops[i]) || !adds_function(&u, &f->ops[i], r.value, &is_given))
            continue;
        if (is_given) return (FreshRemoval){0};
        if (!r.added.i) r.added = (OpId){i};
    }
    return r.added.i || r.is_process ? r : (FreshRemoval){0};
}

OpId graph_identity_filter(const Graph *g, KeyRef value) {
    const Facts *f = g->files[value.file].facts;
    const Path *p = &f->paths[graph_alias_of(g, value.file, value.path).i];
    const Op *made = &f->ops[p->kind == PATH_OP ? p->id : 0];
    if (made->kind < OP_LISTCOMP || made->kind > OP_GENERATOR) return (OpId){0};
    const Scope *scope = &f->scopes[made->subject];
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_TEST || (op->flags & OP_LOW) != TEST_IS || !(op->flags & OP_NEGATED))
            continue;
        KeyRef other = {value.file, op_operand(f, op, 0)};
        if (graph_is_bound_method(g, other)) return (OpId){i};
    }
    return (OpId){0};
}
