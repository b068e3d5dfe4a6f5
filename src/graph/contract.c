/* What `__new__` and `__init__` do that they must not: calls that cannot work, results that are
 * refused, arguments of types that are complete when their `__new__` is done. */
#include "graph/model.h"

typedef struct Look {
    const Graph *g;
    ClassId class;
    ScopeRef method;
    const Facts *f;
    const Scope *scope;
    SymbolId first; /* cls or self, or 0 */
    Arena *arena;
    Breaches *out;
} Look;

static Look look_at(const Graph *g, ClassId class, ScopeRef method, Arena *arena, Breaches *out) {
    Look l = {.g = g, .class = class, .method = method, .arena = arena, .out = out};
    l.f = g->files[method.file].facts;
    l.scope = &l.f->scopes[method.scope.i];
    if (l.scope->param_first < l.scope->param_end)
        l.first = l.f->params[l.scope->param_first].symbol;
    return l;
}

/* At an operation of the method, or, when it is 0, at its name. */
static Breach *add(Look *l, BreachKind kind, u32 op) {
    Breach b = {.kind = kind, .method = l->method, .confidence = CONFIDENCE_HIGH};
    if (op) b.at = (OpRef){l->method.file, {op}};
    vec_push(l->arena, &l->out->list, b);
    return &l->out->list.v[l->out->list.n - 1];
}

/* The next operation of the method itself. */
static u32 next_op(const Facts *f, u32 i) {
    const Op *op = &f->ops[i];
    bool makes_scope = op_subject((OpKind)op->kind) == SUBJECT_SCOPE;
    return makes_scope ? MAX(i + 1, f->scopes[op->subject].op_end) : i + 1;
}

static bool is_variable(const Facts *f, PathId path, SymbolId s) {
    const Path *p = &f->paths[path.i];
    return s.i && p->kind == PATH_SYMBOL && f->symbols[p->id].target.i == s.i;
}

/* The call of a method of this name, or NULL. */
static const Op *method_call(const Facts *f, u32 i, const char *name) {
    const Op *op = &f->ops[i];
    const Path *callee = &f->paths[op->subject];
    if (op->kind != OP_CALL || callee->kind != PATH_ATTR) return NULL;
    return str_is(facts_str(f, (StrId){callee->id}), name) ? op : NULL;
}

static bool has_decorator(const Look *l, const char *name) {
    for (u32 d = l->scope->decorator_first; d < l->scope->decorator_end; d++)
        if (str_is(graph_name_of(l->g, l->method.file, l->f->operands[d].path), name)) return true;
    return false;
}

/* ---- __new__ ---- */

static bool has_star(const Look *l) {
    for (u32 i = l->scope->param_first; i < l->scope->param_end; i++)
        if (l->f->params[i].kind == PARAM_STAR) return true;
    return false;
}

/* `def __new__():`, `@classmethod def __new__(cls):` */
static void check_parameters(Look *l) {
    const Param *first = &l->f->params[l->scope->param_first];
    bool none = l->scope->param_first == l->scope->param_end || first->kind == PARAM_KEYWORD_ONLY ||
                first->kind == PARAM_DOUBLE_STAR;
    if (none) add(l, BREACH_NO_CLASS_PARAMETER, 0);
    if (!none && has_decorator(l, "builtins.classmethod") && !has_star(l))
        add(l, BREACH_CLASS_TWICE, 0);
}

/* `super().__new__()`, `object.__new__()`: nothing says of which class. */
static void check_class_passed(Look *l) {
    for (u32 i = l->scope->op_first; i < l->scope->op_end; i = next_op(l->f, i)) {
        const Op *call = method_call(l->f, i, "__new__");
        if (!call || call->operands) continue;
        add(l, BREACH_NO_CLASS, i);
        return;
    }
}

/* `cls()` or `K()` in `__new__` of K, on every way through it. */
static void check_own_call(Look *l) {
    for (u32 i = l->scope->op_first; i < l->scope->op_end; i = next_op(l->f, i)) {
        const Op *op = &l->f->ops[i];
        bool leaves = op->kind == OP_RETURN || op->kind == OP_RAISE || op->kind == OP_TEST;
        if (leaves) return; /* something is asked, or left, before */
        if (op->kind != OP_CALL || op->region.i != l->scope->region.i) continue;
        if (graph_callee(l->g, l->method.file, (OpId){i}).made.i != l->class.i) continue;
        add(l, BREACH_CALLS_ITSELF, i);
        return;
    }
}

/* `self = super().__new__(cls)`: an instance of the class that is asked for. */
static bool is_made_here(const Look *l, PathId path) {
    const Path *p = &l->f->paths[graph_alias_of(l->g, l->method.file, path).i];
    if (p->kind != PATH_OP || !l->first.i || l->f->symbols[l->first.i].binds) return false;
    const Op *made = method_call(l->f, p->id, "__new__");
    return made && is_variable(l->f, op_operand(l->f, made, 0), l->first);
}

/* By the first `return` that is reached from there. */
static bool is_returned(const Look *l, PathId path, u32 from) {
    PathId value = graph_alias_of(l->g, l->method.file, path);
    for (u32 i = from; i < l->scope->op_end; i = next_op(l->f, i)) {
        const Op *op = &l->f->ops[i];
        if (op->kind != OP_RETURN) continue;
        if (graph_alias_of(l->g, l->method.file, op_operand(l->f, op, 0)).i == value.i) return true;
        if (op->region.i == l->f->ops[from].region.i) return false;
    }
    return false;
}

/* `self.__init__(…)` in a `__new__` that returns it: the call of the class runs it again. */
static void check_init_twice(Look *l) {
    if (!graph_is_called_plainly(l->g, l->class)) return;
    for (u32 i = l->scope->op_first; i < l->scope->op_end; i = next_op(l->f, i)) {
        const Op *call = method_call(l->f, i, "__init__");
        if (!call) continue;
        PathId instance = l->f->paths[call->subject].parent;
        if (!is_made_here(l, instance) || !is_returned(l, instance, i)) continue;
        add(l, BREACH_INIT_TWICE, i)->confidence = CONFIDENCE_MEDIUM;
        return;
    }
}

static void check_new(Look *l) {
    if (l->scope->flags & (SCOPE_ASYNC | SCOPE_GENERATOR)) return;
    check_parameters(l);
    check_class_passed(l);
    check_own_call(l);
    check_init_twice(l);
}

/* ---- __init__ ---- */

/* A display, a text, a number, a new instance: certainly not None. */
static bool is_certainly_something(const Look *l, PathId value) {
    const Path *p = &l->f->paths[value.i];
    if (!value.i) return false;
    if (p->kind == PATH_LITERAL) return p->flags != LITERAL_NONE;
    if (p->kind == PATH_SYMBOL) return is_variable(l->f, value, l->first);
    if (p->kind != PATH_OP) return false;
    switch (l->f->ops[p->id].kind) {
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
    case OP_DICT:
    case OP_FSTRING:
    case OP_LISTCOMP:
    case OP_COMPARE:
    case OP_BINARY:
        return true;
    case OP_CALL:
        return graph_callee(l->g, l->method.file, (OpId){p->id}).made.i != 0;
    default:
        return false;
    }
}

static void check_result(Look *l) {
    if (l->scope->flags & SCOPE_ASYNC) {
        add(l, BREACH_COROUTINE, 0);
        return;
    }
    if (l->scope->flags & SCOPE_GENERATOR) {
        add(l, BREACH_GENERATOR, 0);
        return;
    }
    for (u32 i = l->scope->op_first; i < l->scope->op_end; i = next_op(l->f, i)) {
        const Op *op = &l->f->ops[i];
        if (op->kind != OP_RETURN || !is_certainly_something(l, op_operand(l->f, op, 0))) continue;
        add(l, BREACH_RETURNS, i);
        return;
    }
}

/* What calls `__init__` may treat it in its own way: a metaclass, or a `__new__` that is a
 * coroutine and awaits it. False when no breach of its result can be told. */
static bool is_for_type(const Graph *g, ClassId c, Confidence *sure) {
    const ClassNode *node = &g->classes[c.i];
    ScopeRef maker = graph_method(g, c, "__new__");
    ClassId owner, meta = metaclass_of(g, c);
    if (meta.i && class_member(g, meta, hash_str(STR("__call__")), &owner).i) return false;
    if (!scope_is_none(maker)) {
        const Scope *s = &g->files[maker.file].facts->scopes[maker.scope.i];
        if (s->flags & (SCOPE_ASYNC | SCOPE_GENERATOR)) return false;
    }
    if (!graph_is_called_plainly(g, c) && !node->complete) *sure = CONFIDENCE_MEDIUM;
    return true;
}

/* ---- immutable types ---- */

/* The base outside the project that fixes its value in `__new__`, when nothing of the project has a
 * `__new__` before it, and nothing else may; or NULL. */
static const ImmutableRow *immutable_base(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        const ClassNode *base = &g->classes[node->mro[i].i];
        if (member_of(g, node->mro[i], hash_str(STR("__new__"))).i) return NULL;
        if (base->metaclass_known.i || base->metaclass.n) return NULL;
        for (u32 k = 0; k < base->n_bases; k++) {
            if (base->bases[k].known.i || str_is(base->bases[k].name, "builtins.object")) continue;
            return base->n_bases == 1 ? know_immutable(base->bases[k].name) : NULL;
        }
    }
    return NULL;
}

/* `super().__init__(value)`, which is that of object. */
static void check_passed_on(Look *l, const ImmutableRow *row) {
    for (u32 i = l->scope->op_first; i < l->scope->op_end; i = next_op(l->f, i)) {
        const Op *call = method_call(l->f, i, "__init__");
        if (!call || !call->operands) continue;
        PathId receiver = l->f->paths[call->subject].parent;
        bool is_super = graph_is_super(l->g, l->method.file, receiver);
        bool by_name =
            str_is(graph_name_of(l->g, l->method.file, receiver), row->name) && call->operands > 1;
        OperandKind kind = operand_kind(l->f->operands[call->operand]);
        if ((!is_super && !by_name) || kind == OPERAND_STAR || kind == OPERAND_DOUBLE_STAR)
            continue;
        Breach *b = add(l, BREACH_IMMUTABLE_INIT, i);
        b->base = str_from(row->name);
        return;
    }
}

/* A base of the project whose `__init__` comes next takes what it likes. */
static bool has_init_above(const Look *l) {
    const ClassNode *node = &l->g->classes[l->class.i];
    for (u32 i = 1; i < node->n_mro; i++)
        if (member_of(l->g, node->mro[i], hash_str(STR("__init__"))).i) return true;
    return false;
}

static void check_immutable(Look *l) {
    const ImmutableRow *row = immutable_base(l->g, l->class);
    if (!row) return;
    Accepts a = graph_accepts(l->g, l->method);
    bool is_needed = a.least > row->most || a.keyword.n;
    if (is_needed || (a.most != UINT32_MAX && a.most > row->most)) {
        Breach *b = add(l, BREACH_IMMUTABLE_ARGUMENTS, 0);
        b->base = str_from(row->name);
        b->count = is_needed ? a.least : a.most;
        b->most = row->most;
        b->is_optional = !is_needed;
        b->keyword = a.keyword;
        if (!is_needed) b->confidence = CONFIDENCE_MEDIUM;
    }
    if (!has_init_above(l)) check_passed_on(l, row);
}

Breaches graph_breaches(const Graph *g, ClassId class, Arena *arena) {
    Breaches out = {0};
    ScopeRef maker = graph_method(g, class, "__new__"), init = graph_method(g, class, "__init__");
    if (!scope_is_none(maker) && graph_method_class(g, maker).i == class.i) {
        Look l = look_at(g, class, maker, arena, &out);
        check_new(&l);
    }
    if (!scope_is_none(init) && graph_method_class(g, init).i == class.i) {
        Look l = look_at(g, class, init, arena, &out);
        Confidence sure = CONFIDENCE_HIGH;
        u32 before = out.list.n;
        if (is_for_type(g, class, &sure)) check_result(&l);
        for (u32 i = before; i < out.list.n; i++)
            out.list.v[i].confidence = MIN(out.list.v[i].confidence, sure);
        check_immutable(&l);
    }
    return out;
}
