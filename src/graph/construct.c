/* `__new__` and `__init__`: what calls they take, and what `__new__` gives back. */
#include "graph/model.h"

/* ---- parameters ---- */

/* An `@overload`, or a definition for type checkers alone. */
static bool is_declaration(const Graph *g, ScopeRef method) {
    const Facts *f = g->files[method.file].facts;
    const Scope *scope = &f->scopes[method.scope.i];
    for (RegionId r = f->ops[scope->def.i].region; r.i; r = f->regions[r.i].parent)
        if (f->regions[r.i].kind == REGION_TYPE_CHECKING) return true;
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++)
        if (str_ends(graph_name_of(g, method.file, f->operands[d].path), "overload")) return true;
    return false;
}

Accepts graph_accepts(const Graph *g, ScopeRef method) {
    const Facts *f = g->files[method.file].facts;
    const Scope *scope = &f->scopes[method.scope.i];
    Accepts a = {0};
    if (is_declaration(g, method))
        return (Accepts){.most = UINT32_MAX, .star = true, .double_star = true};
    for (u32 i = scope->param_first; i < scope->param_end; i++) {
        const Param *p = &f->params[i];
        bool is_first = i == scope->param_first;
        if (is_first && p->kind != PARAM_STAR && p->kind != PARAM_DOUBLE_STAR) continue;
        switch (p->kind) {
        case PARAM_STAR:
            a.star = true;
            break;
        case PARAM_DOUBLE_STAR:
            a.double_star = true;
            break;
        case PARAM_KEYWORD_ONLY:
            a.needs_keyword |= !p->fallback.i;
            a.has_keyword = true;
            break;
        default:
            a.most++;
            if (!p->fallback.i) a.least++;
            break;
        }
    }
    if (a.star) a.most = UINT32_MAX;
    return a;
}

/* ---- what __new__ returns ---- */

static bool is_instance_of(const Graph *g, ClassId of, ClassId base) {
    const ClassNode *node = &g->classes[of.i];
    for (u32 i = 0; i < node->n_mro; i++)
        if (node->mro[i].i == base.i) return true;
    return !node->complete;
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

static NewGives given_by(const Graph *g, u32 file, PathId value, ClassId class, SymbolId cls) {
    const Facts *f = g->files[file].facts;
    SymbolId variable = facts_root_symbol(f, value);
    bool is_local = variable.i && f->symbols[variable.i].scope.i == f->symbols[cls.i].scope.i;
    PathId made = is_local ? graph_alias_of(g, file, value) : value;
    const Path *p = &f->paths[made.i];
    if (!value.i) return GIVEN_NOTHING;
    if (p->kind == PATH_LITERAL) return p->flags == LITERAL_NONE ? GIVEN_NOTHING : GIVEN_OTHER;
    if (p->kind == PATH_SYMBOL && f->symbols[p->id].target.i == cls.i && cls.i) return GIVEN_CLASS;
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
        return is_other_call(g, file, op, class) ? GIVEN_OTHER : GIVEN_UNKNOWN;
    default:
        return GIVEN_UNKNOWN;
    }
}

/* Does the function end in a statement that leaves it? The tail of a branch counts: in doubt
 * nothing falls off the end. */
static bool ends_by_leaving(const Facts *f, const Scope *scope) {
    if (scope->op_end == scope->op_first) return false;
    const Op *last = &f->ops[scope->op_end - 1];
    if (last->region.i != scope->region.i) return true;
    return last->kind == OP_RETURN || last->kind == OP_RAISE;
}

NewResult graph_new_result(const Graph *g, ScopeRef new_method, ClassId class) {
    const Facts *f = g->files[new_method.file].facts;
    const Scope *scope = &f->scopes[new_method.scope.i];
    SymbolId cls = scope->param_first < scope->param_end ? f->params[scope->param_first].symbol
                                                         : (SymbolId){0};
    NewResult out = {.kind = GIVEN_UNKNOWN};
    if (scope->flags & (SCOPE_GENERATOR | SCOPE_ASYNC) || is_declaration(g, new_method)) return out;
    u32 returns = 0, raises = 0, strange = 0;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op_subject((OpKind)op->kind) == SUBJECT_SCOPE) {
            i = MAX(i, f->scopes[op->subject].op_end - 1);
            continue;
        }
        raises += op->kind == OP_RAISE;
        if (op->kind != OP_RETURN) continue;
        returns++;
        NewGives kind = given_by(g, new_method.file, op_operand(f, op, 0), class, cls);
        strange += kind != GIVEN_UNKNOWN;
        if (kind > out.kind) {
            out.kind = kind;
            out.at = (OpRef){new_method.file, {i}};
        }
    }
    out.is_always = returns == strange;
    if (returns) return out;
    bool leaves = raises && ends_by_leaving(f, scope);
    return (NewResult){.kind = leaves ? GIVEN_UNKNOWN : GIVEN_NOTHING, .is_always = !leaves};
}

/* ---- bases that cannot be changed after they are made ---- */

static const char *const IMMUTABLE[] = {
    "builtins.tuple",     "builtins.str",     "builtins.int",       "builtins.float",
    "builtins.complex",   "builtins.bytes",   "builtins.frozenset", "datetime.date",
    "datetime.datetime",  "datetime.time",    "datetime.timedelta", "decimal.Decimal",
    "fractions.Fraction", "builtins.unicode", "builtins.long"};

Str graph_immutable_base(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        const ClassNode *base = &g->classes[node->mro[i].i];
        if (member_of(g, node->mro[i], hash_str(STR("__new__"))).i) return (Str){0};
        for (u32 k = 0; k < base->n_bases; k++) {
            if (base->bases[k].known.i) continue;
            Str name = base->bases[k].name;
            if (str_is(name, "builtins.object")) continue;
            for (u32 n = 0; n < ARRAY_LEN(IMMUTABLE); n++)
                if (str_is(name, IMMUTABLE[n]) && base->n_bases == 1) return name;
            return (Str){0}; /* something else may come first */
        }
    }
    return (Str){0};
}
