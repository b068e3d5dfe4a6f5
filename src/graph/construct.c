/* `__new__` and what it gives back. */
#include "graph/model.h"

/* ---- what __new__ returns ---- */

static bool is_instance_of(const Graph *g, ClassId of, ClassId base) {
    return class_is_kind_of(g, of, base) || !g->classes[of.i].complete;
}

/* A call that certainly makes something else: a class of the project that is not related, or a type
 * of the builtins. */
static bool is_other_call(const Graph *g, u32 file, const Op *call, ClassId class) {
    Entity e = entity_of_path(g, file, op_path(call), RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS) {
        ClassId made = entity_class(g, e);
        return !is_instance_of(g, made, class) && scope_is_none(graph_method(g, made, "__new__"));
    }
    Str name = entity_name(g, e);
    bool is_builtin = know_is_plain_type(name) || know_constructor_row(name);
    return is_builtin && !g->classes[class.i].n_bases;
}

/* `object.__new__(K)`: the class is named, and not the one that is asked for. */
static NewGives given_by_new(const Graph *g, u32 file, const Op *call, ClassId class) {
    Entity e = entity_of_path(g, file, op_operand(g->files[file].facts, call, 0), RESOLVE_DEPTH);
    if (e.kind != ENTITY_CLASS) return GIVEN_UNKNOWN;
    ClassId made = entity_class(g, e);
    if (made.i == class.i) return GIVEN_NAMED;
    return is_instance_of(g, made, class) ? GIVEN_UNKNOWN : GIVEN_OTHER;
}

/* `return cls._fill(values)`, a function that returns nothing. */
static bool is_call_of_nothing(const Graph *g, u32 file, OpId call) {
    u32 callee = graph_callee(g, file, call).function;
    const FunctionNode *fn = &g->functions[callee];
    if (!callee || fn->n_returns) return false;
    const Scope *scope = &g->files[fn->file].facts->scopes[fn->scope.i];
    if (scope->flags & (SCOPE_GENERATOR | SCOPE_ASYNC) || scope->op_first == scope->op_end ||
        scope->decorator_end - scope->decorator_first > 1)
        return false;
    if (fn->owner.i && g->classes[fn->owner.i].subclasses.n) return false; /* it may be another */
    return graph_reaches_end(g, (ScopeRef){fn->file, fn->scope});
}

static NewGives given_by_call(const Graph *g, u32 file, OpId call, ClassId class) {
    const Facts *f = g->files[file].facts;
    const Op *op = &f->ops[call.i];
    const Path *callee = &f->paths[op->subject];
    if (callee->kind == PATH_ATTR && str_is(facts_str(f, (StrId){callee->id}), "__new__"))
        return given_by_new(g, file, op, class);
    if (is_call_of_nothing(g, file, call)) return GIVEN_NOTHING;
    return is_other_call(g, file, op, class) ? GIVEN_OTHER : GIVEN_UNKNOWN;
}

static NewGives given_by(const Graph *g, u32 file, PathId value, ClassId class, SymbolId cls) {
    const Facts *f = g->files[file].facts;
    SymbolId variable = facts_root_symbol(f, value);
    bool is_local = variable.i && f->symbols[variable.i].scope.i == f->symbols[cls.i].scope.i;
    PathId made = is_local ? graph_alias_of(g, file, value) : value;
    const Path *p = &f->paths[made.i];
    if (!value.i) return GIVEN_NOTHING;
    if (p->kind == PATH_LITERAL) return p->flags == LITERAL_NONE ? GIVEN_NOTHING : GIVEN_OTHER;
    bool is_cls = p->kind == PATH_SYMBOL && cls.i && f->symbols[p->id].target.i == cls.i;
    if (is_cls) return f->symbols[cls.i].binds ? GIVEN_UNKNOWN : GIVEN_CLASS;
    if (p->kind != PATH_OP) return GIVEN_UNKNOWN;
    const Op *op = &f->ops[p->id];
    switch (op->kind) {
    case OP_LIST:
    case OP_TUPLE:
    case OP_DICT:
    case OP_SET:
    case OP_FSTRING:
    case OP_LAMBDA:
    case OP_FUNCTION:
        return GIVEN_OTHER;
    case OP_CALL:
        return given_by_call(g, file, (OpId){p->id}, class);
    default:
        return GIVEN_UNKNOWN;
    }
}

/* Something other than `staticmethod` and its kin is around it, and may give something else. */
static bool is_wrapped(const Graph *g, ScopeRef method) {
    const Facts *f = g->files[method.file].facts;
    const Scope *scope = &f->scopes[method.scope.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        Str name = graph_name_of(g, method.file, f->operands[d].path);
        if (!str_is(name, "builtins.staticmethod") && !str_is(name, "builtins.classmethod"))
            return true;
    }
    return false;
}

/* A body of three dots, `pass` or a text, or one that is for type checkers. */
static bool is_stub(const Graph *g, ScopeRef method) {
    const Facts *f = g->files[method.file].facts;
    const Scope *scope = &f->scopes[method.scope.i];
    return scope->op_first == scope->op_end || g->files[method.file].is_stub ||
           graph_how_often(g, method.file, scope->region) == RUNS_NEVER;
}

/* The end of the function can be reached, and what stands there is no call that may raise. */
static bool ends_in_nothing(const Graph *g, ScopeRef method) {
    const Facts *f = g->files[method.file].facts;
    const Scope *scope = &f->scopes[method.scope.i];
    const Op *last = &f->ops[scope->op_end - 1];
    if (last->kind == OP_CALL && last->flags & OP_DROPPED) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++)
        if (f->regions[f->ops[i].region.i].kind == REGION_CASE) return false;
    return graph_reaches_end(g, method);
}

/* What its return statements give; *returns is their number. */
static NewResult returned_by(const Graph *g, ScopeRef method, ClassId class, u32 *returns) {
    const Facts *f = g->files[method.file].facts;
    const Scope *scope = &f->scopes[method.scope.i];
    SymbolId cls = scope->param_first < scope->param_end ? f->params[scope->param_first].symbol
                                                         : (SymbolId){0};
    NewResult out = {.kind = GIVEN_UNKNOWN};
    u32 strange = 0, named = 0;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op_subject((OpKind)op->kind) == SUBJECT_SCOPE) {
            i = MAX(i, f->scopes[op->subject].op_end - 1);
            continue;
        }
        if (op->kind != OP_RETURN) continue;
        ++*returns;
        NewGives kind = given_by(g, method.file, op_operand(f, op, 0), class, cls);
        strange += kind != GIVEN_UNKNOWN;
        named += kind == GIVEN_NAMED;
        if (kind <= out.kind) continue;
        out.kind = kind;
        out.at = (OpRef){method.file, {i}};
        out.is_written = op->operands > 0;
    }
    /* `object.__new__(K)` beside other returns makes K as it should */
    out.is_always = *returns == strange && (!named || out.kind == GIVEN_NAMED);
    return out;
}

/* `-> tuple[Sender, Receiver]`, `-> Query` in a class that Query is no kind of. */
static bool names_another_type(const Graph *g, u32 file, PathId annotation, ClassId class) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[annotation.i];
    if (!annotation.i) return false;
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_SUBSCRIPT)
        annotation = op_path(&f->ops[p->id]);
    Entity e = entity_of_path(g, file, annotation, RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS) {
        const ClassNode *named = &g->classes[entity_class(g, e).i];
        for (u32 i = 0; i < named->n_mro; i++)
            if (named->mro[i].i == class.i) return false;
        return true;
    }
    Str name = graph_name_of(g, file, annotation);
    return str_starts(name, "builtins.") && !str_is(name, "builtins.object");
}

/* Two returns and more, and each makes an instance of a class, whose `__init__` runs. */
static bool picks_a_class(const Graph *g, ScopeRef new_method) {
    const Facts *f = g->files[new_method.file].facts;
    const Scope *scope = &f->scopes[new_method.scope.i];
    u32 made = 0;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op_subject((OpKind)op->kind) == SUBJECT_SCOPE) return false;
        if (op->kind != OP_RETURN) continue;
        const Path *value = &f->paths[op_operand(f, op, 0).i];
        if (value->kind != PATH_OP || f->ops[value->id].kind != OP_CALL) return false;
        if (!graph_callee(g, new_method.file, (OpId){value->id}).made.i) return false;
        made++;
    }
    return made > 1;
}

/* A factory that is written as a class: its signature says what it gives, or it picks one of
 * several classes, and no `__init__` is written for instances of this class. */
static bool is_declared(const Graph *g, ScopeRef new_method, ClassId class) {
    const Facts *f = g->files[new_method.file].facts;
    PathId says = f->scopes[new_method.scope.i].returns;
    ScopeRef init = graph_method(g, class, "__init__");
    bool has_own = !scope_is_none(init) && graph_method_class(g, init).i == class.i;
    if (has_own && !is_stub(g, init)) return false;
    return names_another_type(g, new_method.file, says, class) || picks_a_class(g, new_method);
}

NewResult graph_new_result(const Graph *g, ScopeRef new_method, ClassId class) {
    const Facts *f = g->files[new_method.file].facts;
    const Scope *scope = &f->scopes[new_method.scope.i];
    NewResult unknown = {.kind = GIVEN_UNKNOWN};
    if (scope->flags & (SCOPE_GENERATOR | SCOPE_ASYNC)) return unknown;
    if (is_stub(g, new_method) || is_wrapped(g, new_method)) return unknown;
    u32 returns = 0;
    NewResult out = returned_by(g, new_method, class, &returns);
    if (out.kind == GIVEN_NAMED && !out.is_always) out.kind = GIVEN_UNKNOWN;
    out.is_declared = out.kind == GIVEN_OTHER && is_declared(g, new_method, class);
    if (out.kind != GIVEN_UNKNOWN) return out;
    if (!returns) {
        if (!graph_reaches_end(g, new_method)) return unknown;
        return (NewResult){.kind = GIVEN_NOTHING, .is_always = true};
    }
    if (!ends_in_nothing(g, new_method)) return unknown;
    return (NewResult){.kind = GIVEN_NOTHING};
}

ClassId graph_heir_of_new(const Graph *g, ClassId c, bool *is_made) {
    ClassId family[FAMILY_SLOTS], heir = {0};
    u32 n = family_of(g, c, family);
    *is_made = false;
    for (u32 i = 0; i < n && !*is_made; i++) {
        const ClassNode *node = &g->classes[family[i].i];
        ClassId owner;
        if (family[i].i == c.i || g->files[node->file].is_test) continue;
        bool inherits =
            class_member(g, family[i], hash_str(STR("__new__")), &owner).i && owner.i == c.i;
        if (!inherits || (heir.i && !node->calls.n)) continue;
        heir = family[i];
        *is_made = node->calls.n > 0;
    }
    return heir;
}
