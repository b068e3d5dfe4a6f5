/* What a callable is that is handed over: a function, a lambda, a bound method, a partial. */
#include "cpu/read.h"

static Target of_path(const Reader *r, PathId callable, u32 depth);

static bool is_partial(Str name) {
    return str_is(name, "functools.partial") || str_is(name, "functools.partialmethod");
}

static Target of_call(const Reader *r, const Op *call, u32 depth) {
    Target t = {0};
    if (!is_partial(graph_name_of(r->g, r->file, op_path(call)))) return t;
    t = of_path(r, op_operand(r->f, call, 0), depth - 1);
    for (u32 k = 1; k < call->operands; k++)
        t.skip += operand_kind(r->f->operands[call->operand + k]) == OPERAND_POSITIONAL;
    return t;
}

static Target of_function(const Reader *r, ScopeRef function, bool is_bound) {
    Target t = {.function = graph_function_id(r->g, function)};
    t.skip = is_bound && graph_method_kind(r->g, function) != METHOD_STATIC;
    return t;
}

static Target of_attribute(const Reader *r, PathId callable) {
    const Path *p = &r->f->paths[callable.i];
    ClassId c = graph_type_of(r->g, r->file, p->parent);
    Member m = c.i ? graph_member(r->g, c, r->f->strings[p->id].hash) : (Member){0};
    if (m.kind != MEMBER_METHOD && m.kind != MEMBER_STATIC) return (Target){0};
    return of_function(r, m.function, m.kind == MEMBER_METHOD);
}

static Target of_path(const Reader *r, PathId callable, u32 depth) {
    const Facts *f = r->f;
    Target t = {0};
    if (!depth || !callable.i) return t;
    callable = graph_alias_of(r->g, r->file, callable);
    const Path *p = &f->paths[callable.i];
    if (p->kind == PATH_OP) {
        const Op *op = &f->ops[p->id];
        if (op->kind == OP_LAMBDA) return of_function(r, (ScopeRef){r->file, {op->subject}}, false);
        return op->kind == OP_CALL ? of_call(r, op, depth) : t;
    }
    ScopeRef named = graph_definition_of(r->g, r->file, callable);
    if (!scope_is_none(named)) {
        u8 kind = graph_facts(r->g, named.file)->scopes[named.scope.i].kind;
        if (kind == SCOPE_CLASS) return t;
        bool is_class_method = graph_method_kind(r->g, named) == METHOD_CLASS;
        return of_function(r, named, is_class_method);
    }
    if (p->kind == PATH_ATTR) t = of_attribute(r, callable);
    if (t.function || (p->kind != PATH_ATTR && p->kind != PATH_SYMBOL)) return t;
    Str name = graph_name_of(r->g, r->file, callable);
    t.row = name.n ? know_cost(name) : NULL;
    if (t.row) t.name = name;
    return t;
}

Target target_of(const Reader *r, PathId callable) {
    Target t = of_path(r, callable, 4);
    if (!t.function) return t;
    ScopeRef target = graph_function_scope(r->g, t.function);
    Decoration decoration = graph_decoration(r->g, target);
    bool is_stub = graph_facts(r->g, target.file)->flags & FACTS_STUB;
    if (is_stub || decoration >= DECORATION_NOTHING || graph_is_overridden(r->g, target))
        return (Target){0};
    return t;
}
