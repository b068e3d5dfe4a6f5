/* Calls of instances that have `__call__`, through the attributes that keep them:
 * `Rule(Checker())`, where `Rule` stores it as `self.check`, and `rule.check(text, found)`. */
#include "graph/along.h"

enum { CALLABLE_SITES = 16, CALLABLE_FIELDS = 4 };

typedef struct Callable {
    const Graph *g;
    u32 place; /* of the argument that is asked about */
    Str name;
    u64 fields[CALLABLE_FIELDS];
    ClassId of[CALLABLE_FIELDS]; /* whose attributes they are, or 0 */
    u32 n_fields, n_calls;
} Callable;

/* Where one instance goes, in the scope that makes it. */
typedef struct Instance {
    u32 file;
    const Facts *f;
    u32 call;
    SymbolId local;
} Instance;

static bool is_instance(const Instance *at, PathId path) {
    const Path *p = &at->f->paths[path.i];
    if (p->kind == PATH_OP) return p->id == at->call;
    return p->kind == PATH_SYMBOL && at->local.i && at->f->symbols[p->id].target.i == at->local.i;
}

static bool add_field(Callable *c, u64 name, ClassId of) {
    for (u32 i = 0; i < c->n_fields; i++)
        if (c->fields[i] == name && c->of[i].i == of.i) return true;
    if (c->n_fields == CALLABLE_FIELDS) return false;
    c->of[c->n_fields] = of;
    c->fields[c->n_fields++] = name;
    return true;
}

static bool check_call(Callable *c, const Facts *f, const Op *call) {
    c->n_calls++;
    return call_argument_named(f, call, c->place, c->name).i;
}

/* The constructor stores what it gets there in an attribute. */
static bool add_field_of(Callable *c, ClassId made, ScopeRef init, SymbolId parameter) {
    const Facts *f = c->g->files[init.file].facts;
    const Scope *s = &f->scopes[init.scope.i];
    bool any = false;
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        const Path *target = &f->paths[op->subject];
        if (op->kind != OP_STORE || target->kind != PATH_ATTR) continue;
        const Path *value = &f->paths[bound_value(f, op).i];
        if (value->kind != PATH_SYMBOL || f->symbols[value->id].target.i != parameter.i) continue;
        if (!add_field(c, name_hash(f, (StrId){target->id}), made)) return false;
        any = true;
    }
    return any;
}

/* The call gets the instance as an argument: of a constructor that keeps it. */
static bool follow_argument(Callable *c, const Instance *at, u32 op) {
    const Graph *g = c->g;
    ClassId made = {0};
    callee_function(g, at->file, &at->f->ops[op], &made);
    ScopeRef init = made.i ? graph_method(g, made, "__init__") : (ScopeRef){0};
    if (!init.scope.i) return false;
    const Facts *f = g->files[init.file].facts;
    const Scope *s = &f->scopes[init.scope.i];
    for (u32 p = s->param_first + 1; p < s->param_end; p++) {
        SymbolId parameter = f->params[p].symbol;
        PathId given = given_argument(g, (OpRef){at->file, {op}}, init, parameter);
        if (given.i && is_instance(at, given)) return add_field_of(c, made, init, parameter);
    }
    return false;
}

/* False when somebody may have it who is not seen. */
static bool follow_op(Callable *c, Instance *at, u32 i) {
    const Op *op = &at->f->ops[i];
    const Path *subject = &at->f->paths[op->subject];
    bool is_bound = op->kind == OP_BIND || op->kind == OP_STORE;
    if (is_bound && is_instance(at, bound_value(at->f, op))) {
        if (op->kind == OP_STORE)
            return subject->kind == PATH_ATTR &&
                   add_field(c, name_hash(at->f, (StrId){subject->id}),
                             type_of_path(c->g, at->file, subject->parent, RESOLVE_DEPTH));
        if (at->local.i) return false;
        at->local = facts_root_symbol(at->f, op_path(op));
        return at->f->scopes[at->f->symbols[at->local.i].scope.i].kind == SCOPE_FUNCTION;
    }
    if (op->kind == OP_TEST) return true;
    if (op->kind == OP_CALL && is_instance(at, op_path(op))) return check_call(c, at->f, op);
    for (u32 o = 0; o < op->operands; o++)
        if (is_instance(at, op_operand(at->f, op, o)))
            return op->kind == OP_CALL && follow_argument(c, at, i);
    return true;
}

static bool follow_instance(Callable *c, OpRef call) {
    const Facts *f = c->g->files[call.file].facts;
    Instance at = {call.file, f, call.op.i, {0}};
    const Scope *s = &f->scopes[f->regions[f->ops[call.op.i].region.i].scope.i];
    for (u32 i = call.op.i + 1; i < s->op_end; i++)
        if (!follow_op(c, &at, i)) return false;
    return true;
}

/* `x.check`: not when x is known to be of another class. */
static bool may_be_field(const Callable *c, u32 file, const Path *callee) {
    const Facts *f = c->g->files[file].facts;
    u64 name = name_hash(f, (StrId){callee->id});
    ClassId type = {0};
    for (u32 i = 0; i < c->n_fields; i++) {
        if (c->fields[i] != name) continue;
        if (!type.i) type = type_of_path(c->g, file, callee->parent, RESOLVE_DEPTH);
        if (!type.i || !c->of[i].i || class_is_kind_of(c->g, type, c->of[i]) ||
            class_is_kind_of(c->g, c->of[i], type))
            return true;
    }
    return false;
}

static bool check_file(Callable *c, u32 file) {
    const Facts *f = c->g->files[file].facts;
    OpList calls = ops_of(&c->g->files[file], OP_CALL);
    for (u32 i = 0; i < calls.n; i++) {
        const Op *call = &f->ops[calls.v[i]];
        const Path *p = &f->paths[call->subject];
        if (p->kind == PATH_ATTR && may_be_field(c, file, p) && !check_call(c, f, call))
            return false;
    }
    return true;
}

bool instance_calls_give(const Graph *g, ClassId class, u32 place, Str name) {
    const ClassNode *node = &g->classes[class.i];
    Callable c = {.g = g, .place = place, .name = name};
    if (node->escapes || node->subclasses.n || node->calls.n > CALLABLE_SITES) return false;
    for (u32 i = 0; i < node->calls.n; i++)
        if (!g->files[node->calls.v[i].file].is_test && !follow_instance(&c, node->calls.v[i]))
            return false;
    for (u32 file = 0; c.n_fields && file < g->n_files; file++)
        if (!g->files[file].is_test && !check_file(&c, file)) return false;
    return c.n_calls > 0;
}
