/* Functions that need no walk: nothing that they do to references can be seen from outside or close
 * a cycle, so that they have no summary and no cycles. Most functions are such, and one look at
 * their operations tells it. When in doubt a function is walked. */
#include "heap/walk.h"

/* ---- names of methods ---- */

/* Does outside.c do anything about a method of that name, whatever it is called on? */
static bool is_loud(const Heap *h, const Facts *f, StrId id) {
    Str name = facts_str(f, id);
    if (map_get(&h->names, f->strings[id.i].hash) || know_is_registering(name)) return true;
    const MethodRow *row = know_method(name);
    return (row && row->effect != METHOD_READS) || name_is_adding(name);
}

static bool is_quiet_method(const Heap *h, Workspace *s, const Facts *f, StrId id) {
    enum { QUIET = 1, LOUD = 2 };
    u64 hash = f->strings[id.i].hash;
    u32 known = map_get(&s->quiet_names, hash);
    if (!known) {
        known = is_loud(h, f, id) ? LOUD : QUIET;
        map_set(&s->kept, &s->quiet_names, hash, known);
    }
    return known == QUIET;
}

/* ---- calls ---- */

/* Edges from what the call makes to what it is given: nobody sees them when the call's result is
 * dropped. */
static bool is_only_making(const Summary *s) {
    if (s->n_cuts || s->n_calls) return false;
    for (u32 i = 0; i < s->n_edges; i++) {
        const SummaryObject *from = &s->objects[s->edges[i].from],
                            *to = &s->objects[s->edges[i].to];
        bool is_self = from->kind == OBJECT_PARAMETER && from->id == 0;
        if (!is_self || to->kind != OBJECT_PARAMETER || to->id == 0) return false;
    }
    return true;
}

static bool is_quiet_class(const Heap *h, u32 id, ClassId c) {
    static const char *const NAMES[] = {"__init__", "__post_init__"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++) {
        Member m = graph_member(h->g, c, hash_str(str_from(NAMES[i])));
        u32 function = m.kind == MEMBER_METHOD ? graph_function_id(h->g, m.function) : 0;
        const Summary *s = function ? summary_for(h, id, function) : NULL;
        if (s && !is_only_making(s)) return false;
    }
    return true;
}

/* `from m import f as g`: another name than the one that know/ has. */
static bool is_renamed(const Facts *f, const Symbol *owner) {
    const Path *value = &f->paths[op_operand(f, &f->ops[owner->bind.i], 0).i];
    if (owner->binds != 1 || value->kind != PATH_OP) return true;
    const Op *import = &f->ops[value->id];
    return import->kind != OP_IMPORT || f->imports[import->subject].alias.i;
}

static bool is_quiet_name(const Heap *h, const Facts *f, ScopeId scope, SymbolId id) {
    const Symbol *s = &f->symbols[id.i], *owner = &f->symbols[s->target.i];
    if (map_get(&h->names, f->strings[s->name.i].hash)) return false;
    if (!s->target.i) return true;
    if (owner->scope.i == scope.i) return false; /* it may be a parameter, or code that it holds */
    return !(owner->flags & SYMBOL_IMPORT) || !is_renamed(f, owner);
}

static bool is_quiet_call(const Heap *h, Workspace *space, const Facts *f, const Quiet *q,
                          OpId op) {
    Callee c = graph_callee(h->g, q->file, op);
    if (c.function) {
        const Summary *s = summary_for(h, q->id, c.function);
        return !s || (!s->n_edges && !s->n_cuts && !s->n_calls);
    }
    if (c.made.i && !h->is_outside[c.made.i]) return is_quiet_class(h, q->id, c.made);
    const Path *callee = &f->paths[f->ops[op.i].subject];
    switch (callee->kind) {
    case PATH_SYMBOL:
        return is_quiet_name(h, f, q->scope, (SymbolId){callee->id});
    case PATH_ATTR:
        return is_quiet_method(h, space, f, (StrId){callee->id});
    default:
        return true;
    }
}

/* ---- values ---- */

/* A call whose result is nothing with a name: see outside_value. The call is quiet. */
static bool is_unknown_call(const Heap *h, const Facts *f, const Quiet *q, OpId op) {
    Callee c = graph_callee(h->g, q->file, op);
    if (c.function) {
        ScopeRef s = graph_function_scope(h->g, c.function);
        u32 flags = graph_facts(h->g, s.file)->scopes[s.scope.i].flags;
        return !(flags & (SCOPE_GENERATOR | SCOPE_ASYNC)) && !summary_for(h, q->id, c.function);
    }
    const Path *callee = &f->paths[f->ops[op.i].subject];
    if (c.made.i || (callee->kind != PATH_ATTR && callee->kind != PATH_SYMBOL)) return false;
    StrId last = callee->kind == PATH_ATTR ? (StrId){callee->id} : f->symbols[callee->id].name;
    Str name = facts_str(f, last);
    return !name_is_class(name) && !str_is(name, "__get__") &&
           !is_named_tuple(h->g, q->file, op_path(&f->ops[op.i]));
}

/* An expression that holds nothing with a name. */
static bool is_unknown(const Heap *h, const Facts *f, const Quiet *q, PathId path) {
    const Path *p = &f->paths[path.i];
    if (p->kind == PATH_NONE || p->kind == PATH_LITERAL) return true;
    if (p->kind != PATH_OP) return false;
    const Op *op = &f->ops[p->id];
    switch (op->kind) {
    case OP_CALL:
        return is_unknown_call(h, f, q, (OpId){p->id});
    case OP_COMPARE:
    case OP_NOT:
    case OP_FSTRING:
    case OP_UNARY:
        return true;
    case OP_BINARY:
        return (op->flags & OP_LOW) != OPERATOR_ADD && (op->flags & OP_LOW) != OPERATOR_OR;
    default:
        return false;
    }
}

static bool is_made_by(const Facts *f, PathId path, OpKind kind) {
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_OP && f->ops[p->id].kind == kind;
}

/* ---- operations ---- */

static bool is_quiet_binding(const Heap *h, const Facts *f, const Quiet *q, const Op *op) {
    SymbolId target = facts_root_symbol(f, op_path(op));
    if (target.i && f->scopes[f->symbols[target.i].scope.i].kind == SCOPE_MODULE) return false;
    PathId value = bound_value(f, op);
    if ((op->flags & OP_LOW) == BIND_WITH) return is_unknown(h, f, q, value);
    return !is_made_by(f, value, OP_GENERATOR); /* which may capture the variable */
}

static bool is_quiet_choice(const Facts *f, const Op *op) {
    for (u32 i = 0; i < op->operands; i++)
        if (is_made_by(f, op_operand(f, op, i), OP_GENERATOR)) return false;
    return true;
}

/* Reading an attribute may run a property. */
static bool reads_properties(const Facts *f, const Quiet *q, const Op *op) {
    if (op_subject((OpKind)op->kind) == SUBJECT_PATH && q->loud_paths[op->subject]) return true;
    for (u32 i = 0; i < op->operands; i++)
        if (q->loud_paths[f->operands[op->operand + i].path.i]) return true;
    return false;
}

static bool is_quiet_op(const Heap *h, Workspace *space, const Facts *f, const Quiet *q, u32 i) {
    const Op *op = &f->ops[i];
    switch ((OpKind)op->kind) {
    case OP_STORE:
    case OP_FUNCTION:
    case OP_LAMBDA:
    case OP_CLASS:
        return false;
    case OP_AUGMENT:
        if ((op->flags & OP_LOW) <= OPERATOR_OR && !path_is_literal(f, bound_value(f, op)))
            return false;
        break;
    case OP_DELETE:
        if (f->paths[op->subject].parent.i) return false;
        break;
    case OP_BIND:
        if (!is_quiet_binding(h, f, q, op)) return false;
        break;
    case OP_EXIT:
        if (!is_unknown(h, f, q, op_path(op))) return false;
        break;
    case OP_RETURN:
        if (!is_unknown(h, f, q, op_operand(f, op, 0))) return false;
        break;
    case OP_CHOICE:
        if (!is_quiet_choice(f, op)) return false;
        break;
    case OP_CALL:
        if (!is_quiet_call(h, space, f, q, (OpId){i})) return false;
        break;
    default:
        break;
    }
    return !reads_properties(f, q, op);
}

bool function_is_quiet(const Heap *h, Workspace *space, const Quiet *q) {
    const Facts *f = graph_facts(h->g, q->file);
    const Scope *scope = &f->scopes[q->scope.i];
    if (scope->decorator_first != scope->decorator_end) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++)
        if (!is_quiet_op(h, space, f, q, i)) return false;
    return true;
}

bool *loud_paths_new(Arena *arena, const Graph *g, const Facts *f) {
    bool *paths = arena_array(arena, bool, f->n_paths);
    for (u32 i = 1; i < f->n_paths; i++) {
        const Path *p = &f->paths[i];
        paths[i] = (is_path_root((PathKind)p->kind) ? false : paths[p->parent.i]) ||
                   (p->kind == PATH_ATTR && graph_may_be_property(g, f->strings[p->id].hash));
    }
    return paths;
}
