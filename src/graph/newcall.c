/* Whose `__new__` a call of `….__new__(cls, …)` reaches, and whether anybody passes arguments. */
#include "graph/model.h"

static const u32 MAKERS = 64; /* calls of one class that are looked at */

static bool has_new(const Graph *g, ClassId c) {
    return member_of(g, c, hash_str(STR("__new__"))).i != 0;
}

/* Does the first `__new__` in the order of `of`, after the class `after` (or from the first, when
 * it is 0), belong to object? */
static NewTarget target_in(const Graph *g, ClassId of, ClassId after) {
    const ClassNode *node = &g->classes[of.i];
    if (!node->complete) return NEW_UNKNOWN;
    bool passed = !after.i;
    for (u32 i = 0; i < node->n_mro; i++) {
        if (passed && has_new(g, node->mro[i])) return NEW_UNKNOWN;
        passed |= node->mro[i].i == after.i;
    }
    return passed ? NEW_OBJECT : NEW_UNKNOWN;
}

/* The same for all classes that inherit the method: in theirs, another class may come next. */
static NewTarget target_for_all(const Graph *g, ClassId c) {
    ClassId family[FAMILY_SLOTS];
    u32 n = family_of(g, c, family);
    for (u32 i = 0; i < n; i++) {
        const ClassNode *node = &g->classes[family[i].i];
        bool inherits = false;
        for (u32 k = 0; k < node->n_mro; k++) inherits |= node->mro[k].i == c.i;
        if (inherits && target_in(g, family[i], c) != NEW_OBJECT) return NEW_UNKNOWN;
    }
    return NEW_OBJECT;
}

/* The class that `super()` or `super(K, cls)` begins after, or 0. */
static ClassId super_of(const Graph *g, u32 file, PathId path, ClassId around) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[graph_alias_of(g, file, path).i];
    const Op *call = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (!call || call->kind != OP_CALL) return (ClassId){0};
    if (!str_is(graph_name_of(g, file, op_path(call)), "builtins.super")) return (ClassId){0};
    if (!call->operands) return around;
    Entity e = entity_of_path(g, file, op_operand(f, call, 0), RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS) return entity_class(g, e);
    return (ClassId){0};
}

static NewTarget find_target(const Graph *g, u32 file, PathId receiver, ClassId around) {
    ClassId after = super_of(g, file, receiver, around);
    if (after.i) return target_for_all(g, after);
    Entity e = entity_of_path(g, file, receiver, RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS) return target_in(g, entity_class(g, e), (ClassId){0});
    return str_is(entity_name(g, e), "builtins.object") ? NEW_OBJECT : NEW_UNKNOWN;
}

static void look_at_init(const Graph *g, ClassId c, NewCall *out) {
    ScopeRef init = graph_method(g, c, "__init__");
    out->has_init = !scope_is_none(init);
    out->init_takes = true;
    if (!out->has_init) return;
    const Facts *f = g->files[init.file].facts;
    const Scope *scope = &f->scopes[init.scope.i];
    out->init_takes = scope->param_end > scope->param_first + 1;
    for (u32 i = scope->param_first + 1; i < scope->param_end; i++) {
        const Param *p = &f->params[i];
        bool is_star = p->kind == PARAM_STAR || p->kind == PARAM_DOUBLE_STAR;
        out->init_needs |= !is_star && !p->fallback.i;
    }
}

/* A call of the class or of a subclass that inherits its `__new__`, with an argument. */
static OpRef find_made(const Graph *g, ClassId c, NewCall *out) {
    ClassId family[FAMILY_SLOTS];
    u32 n = family_of(g, c, family);
    for (u32 i = 0; i < n; i++) {
        ClassId owner;
        class_member(g, family[i], hash_str(STR("__new__")), &owner);
        const ClassNode *node = &g->classes[family[i].i];
        for (u32 k = 0; owner.i == c.i && k < node->calls.n && k < MAKERS; k++) {
            OpRef call = node->calls.v[k];
            out->is_bare |= n == 1 && !g->files[call.file].is_test;
            if (g->files[call.file].facts->ops[call.op.i].operands) return call;
        }
    }
    return (OpRef){0};
}

NewCall graph_new_call(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    const Path *callee = &f->paths[op->subject];
    NewCall out = {0};
    if (callee->kind != PATH_ATTR || op->operands < 2) return out;
    ScopeId scope = enclosing_function(f, f->regions[op->region.i].scope);
    out.function = (ScopeRef){call.file, scope};
    if (!scope.i || !str_is(facts_str(f, f->scopes[scope.i].name), "__new__")) return (NewCall){0};
    out.class = graph_method_class(g, out.function);
    if (!out.class.i) return (NewCall){0};
    out.extra = op->operands - 1u;
    out.is_starred = out.is_keywords = true;
    for (u32 i = 1; i < op->operands; i++) {
        OperandKind kind = operand_kind(f->operands[op->operand + i]);
        out.is_starred &= kind == OPERAND_STAR || kind == OPERAND_DOUBLE_STAR;
        out.is_keywords &= kind == OPERAND_DOUBLE_STAR;
    }
    /* `__new__(*args)`: the class is among them */
    if (operand_kind(f->operands[op->operand]) != OPERAND_POSITIONAL) return (NewCall){0};
    out.target = find_target(g, call.file, callee->parent, out.class);
    if (out.target == NEW_UNKNOWN) return out;
    look_at_init(g, out.class, &out);
    out.made = find_made(g, out.class, &out);
    return out;
}
