/* Context variables that are made while the program runs: who sets them, and whether the context
 * ever lets go of them again. */
#include "graph/model.h"

enum {
    CONTEXT_OPS = 40000, /* of a file that is searched for what is done to the variable */
    TAKER_OPS = 16,      /* after the call, for what its result is bound to */
};

/* What the call's result is bound to: the path of a variable or attribute, or none. */
static PathId bound_to(const Facts *f, u32 call) {
    u32 end = MIN(call + TAKER_OPS, f->n_ops);
    for (u32 i = call + 1; i < end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_BIND && op->kind != OP_STORE) continue;
        const Path *value = &f->paths[bound_value(f, op).i];
        if (value->kind == PATH_OP && value->id == call) return op_path(op);
    }
    return (PathId){0};
}

/* The receiver of a method is the variable: the same local, or an attribute of the same name. */
static bool is_same(const Facts *f, PathId receiver, PathId variable) {
    const Path *a = &f->paths[receiver.i], *b = &f->paths[variable.i];
    if (b->kind == PATH_SYMBOL)
        return a->kind == PATH_SYMBOL &&
               facts_root_symbol(f, receiver).i == facts_root_symbol(f, variable).i;
    return a->kind == PATH_ATTR && b->kind == PATH_ATTR && a->id == b->id;
}

/* The variable itself goes elsewhere: returned, an argument, stored under another name. */
static bool goes_elsewhere(const Facts *f, const Op *op, PathId variable) {
    if (op->kind == OP_BIND || op->kind == OP_STORE) {
        PathId value = bound_value(f, op);
        return value.i && is_same(f, value, variable);
    }
    if (op->kind != OP_RETURN && op->kind != OP_YIELD && op->kind != OP_CALL) return false;
    for (u32 i = 0; i < op->operands; i++)
        if (is_same(f, f->operands[op->operand + i].path, variable)) return true;
    return false;
}

static void look_at(const Facts *f, u32 i, ContextVariable *v) {
    const Op *op = &f->ops[i];
    v->escapes |= goes_elsewhere(f, op, v->path);
    if (op->kind != OP_CALL) return;
    const Path *callee = &f->paths[op->subject];
    if (callee->kind != PATH_ATTR || !is_same(f, callee->parent, v->path)) return;
    Str method = facts_method(f, op);
    v->is_reset |= str_is(method, "reset");
    if (str_is(method, "set") && !v->set.i) v->set = (OpId){i};
}

static bool is_async_scope(const Facts *f, const Op *op) {
    ScopeId s = enclosing_function(f, f->regions[op->region.i].scope);
    return s.i && f->scopes[s.i].flags & SCOPE_ASYNC;
}

ContextVariable graph_context_variable(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    ContextVariable v = {.path = bound_to(f, call.op.i)};
    const Op *next = call.op.i + 1 < f->n_ops ? &f->ops[call.op.i + 1] : NULL;
    u32 first = 1, end = MIN(f->n_ops, (u32)CONTEXT_OPS);
    if (!v.path.i) { /* `ContextVar("x").set(value)` */
        for (u32 i = call.op.i + 1; next && i < MIN(call.op.i + TAKER_OPS, f->n_ops); i++) {
            const Path *root = facts_root(f, op_path(&f->ops[i]));
            bool is_its = f->ops[i].kind == OP_CALL && root->kind == PATH_OP &&
                          root->id == call.op.i && str_is(facts_method(f, &f->ops[i]), "set");
            if (is_its) v.set = (OpId){i};
        }
        v.in_task = v.set.i && is_async_scope(f, &f->ops[v.set.i]);
        return v;
    }
    if (f->paths[v.path.i].kind == PATH_SYMBOL) {
        SymbolId owner = facts_root_symbol(f, v.path);
        const Scope *s = &f->scopes[f->symbols[owner.i].scope.i];
        v.is_shared = s->kind != SCOPE_FUNCTION;
        first = s->op_first;
        end = MIN(s->op_end, first + CONTEXT_OPS);
    }
    for (u32 i = first; i < end; i++) look_at(f, i, &v);
    v.in_task = v.set.i && is_async_scope(f, &f->ops[v.set.i]);
    return v;
}

bool graph_is_reset(const Graph *g, u32 file, PathId variable) {
    const Facts *f = g->files[file].facts;
    ContextVariable v = {.path = variable};
    for (u32 i = 1; i < f->n_ops && i < CONTEXT_OPS && !v.is_reset; i++) look_at(f, i, &v);
    return v.is_reset;
}

/* ---- identities of threads and tasks ---- */

Str graph_thread_identity(const Graph *g, u32 file, PathId key) {
    static const struct {
        const char *name, *what;
    } ROWS[] = {{"_thread.get_ident", "thread"},       {"asyncio.Task.current_task", "task"},
                {"asyncio.current_task", "task"},      {"asyncio.tasks.current_task", "task"},
                {"greenlet.getcurrent", "greenlet"},   {"thread.get_ident", "thread"},
                {"threading.currentThread", "thread"}, {"threading.current_thread", "thread"},
                {"threading.get_ident", "thread"},     {"threading.get_native_id", "thread"}};
    const Facts *f = g->files[file].facts;
    key = graph_alias_of(g, file, key);
    const Path *p = &f->paths[key.i];
    bool is_part = p->kind == PATH_ATTR && (str_is(facts_str(f, (StrId){p->id}), "ident") ||
                                            str_is(facts_str(f, (StrId){p->id}), "native_id"));
    if (is_part) p = &f->paths[graph_alias_of(g, file, p->parent).i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return (Str){0};
    Str name = graph_name_of(g, file, op_path(&f->ops[p->id]));
    if (str_is(name, "builtins.id")) /* id(current_thread()) */
        return graph_thread_identity(g, file, op_operand(f, &f->ops[p->id], 0));
    for (u32 i = 0; i < ARRAY_LEN(ROWS); i++)
        if (str_is(name, ROWS[i].name)) return str_from(ROWS[i].what);
    return (Str){0};
}

bool graph_is_reused_identity(const Graph *g, u32 file, PathId key) {
    const Facts *f = g->files[file].facts;
    key = graph_alias_of(g, file, key);
    const Path *p = &f->paths[key.i];
    if (p->kind == PATH_ATTR) return true; /* `.ident` */
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    Str name = graph_name_of(g, file, op_path(&f->ops[p->id]));
    return str_is(name, "builtins.id") || str_ends(name, "get_ident") ||
           str_ends(name, "get_native_id");
}

/* ---- attributes of thread-locals ---- */

static bool is_none(const Facts *f, PathId value) {
    const Path *p = &f->paths[value.i];
    return p->kind == PATH_LITERAL;
}

/* `attribute` of the thread-local `variable` is deleted or set to a constant somewhere. */
static bool is_let_go(const Facts *f, u32 first, u32 end, SymbolId variable, u32 attribute) {
    for (u32 i = first; i < end; i++) {
        const Op *op = &f->ops[i];
        bool is_end =
            op->kind == OP_DELETE || (op->kind == OP_STORE && is_none(f, bound_value(f, op)));
        bool is_clear = op->kind == OP_CALL && str_is(facts_method(f, op), "clear");
        if (!is_end && !is_clear) continue;
        const Path *p = &f->paths[op->subject];
        if (facts_root_symbol(f, op_path(op)).i != variable.i) continue;
        if (is_clear || (p->kind == PATH_ATTR && p->id == attribute)) return true;
    }
    return false;
}

OpId graph_thread_local_kept(const Graph *g, OpRef call, u32 shapes) {
    const Facts *f = g->files[call.file].facts;
    PathId path = bound_to(f, call.op.i);
    SymbolId variable = facts_root_symbol(f, path);
    u32 end = MIN(f->n_ops, (u32)CONTEXT_OPS);
    if (f->paths[path.i].kind != PATH_SYMBOL || !variable.i) return (OpId){0};
    if (f->scopes[f->symbols[variable.i].scope.i].kind != SCOPE_MODULE) return (OpId){0};
    for (u32 i = 1; i < end; i++) {
        const Op *op = &f->ops[i];
        const Path *p = &f->paths[op->subject];
        if (op->kind != OP_STORE || p->kind != PATH_ATTR || p->depth != 1) continue;
        if (facts_root_symbol(f, op_path(op)).i != variable.i) continue;
        PathId value = bound_value(f, op);
        if (is_none(f, value) || !(graph_shape(g, call.file, value) & shapes)) continue;
        if (!enclosing_function(f, f->regions[op->region.i].scope).i) continue;
        return is_let_go(f, 1, end, variable, p->id) ? (OpId){0} : (OpId){i};
    }
    return (OpId){0};
}
