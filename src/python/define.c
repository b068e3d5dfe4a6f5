/* Functions, lambdas and classes. */
#include "python/extract.h"

typedef struct Pending {
    ParamKind kind;
    u32 name; /* identifier, or a Python 2 tuple pattern */
    PathId fallback, annotation;
} Pending;

typedef struct PendingList {
    VEC(Pending) list;
    bool keyword_only;
} PendingList;

static u32 pattern_name(const Extract *e, u32 node) {
    EACH_CHILD(e->tree, node, c)
    if (node_kind(e, c) == N_IDENTIFIER) return c;
    return 0;
}

/* One parameter; defaults and annotations are evaluated here, in the enclosing scope. */
static void read_parameter(Extract *e, u32 c, PendingList *out) {
    Pending p = {.kind = out->keyword_only ? PARAM_KEYWORD_ONLY : PARAM_NORMAL};
    NodeKind kind = node_kind(e, c);
    u32 type = node_field(e->tree, c, F_TYPE), value = node_field(e->tree, c, F_VALUE);
    u32 inner = c;
    if (kind == N_DEFAULT_PARAMETER || kind == N_TYPED_DEFAULT_PARAMETER)
        inner = node_field(e->tree, c, F_NAME);
    else if (kind == N_TYPED_PARAMETER)
        inner = node_first(e->tree, c);
    if (!inner) return;
    kind = node_kind(e, inner);
    if (kind == N_LIST_SPLAT_PATTERN || kind == N_DICTIONARY_SPLAT_PATTERN) {
        p.kind = kind == N_LIST_SPLAT_PATTERN ? PARAM_STAR : PARAM_DOUBLE_STAR;
        out->keyword_only = true;
        inner = pattern_name(e, inner);
    }
    if (!inner) return;
    p.name = inner;
    if (value) p.fallback = expr(e, value);
    if (type) p.annotation = expr_type(e, type);
    vec_push(e->b->arena, &out->list, p);
}

static PendingList read_parameters(Extract *e, u32 list) {
    PendingList out = {0};
    if (!list) return out;
    EACH_CHILD(e->tree, list, c) {
        switch (node_kind(e, c)) {
        case N_KEYWORD_SEPARATOR:
        case T_STAR:
            out.keyword_only = true;
            break;
        case N_POSITIONAL_SEPARATOR:
            for (u32 i = 0; i < out.list.n; i++)
                if (out.list.v[i].kind == PARAM_NORMAL) out.list.v[i].kind = PARAM_POSITIONAL_ONLY;
            break;
        default:
            if (!node_is_token(e->tree, c)) read_parameter(e, c, &out);
        }
    }
    return out;
}

static void add_param(Extract *e, const Pending *p, SymbolId s) {
    e->b->symbols.v[s.i].flags |= SYMBOL_BOUND | SYMBOL_PARAM;
    if (p->annotation.i) e->b->symbols.v[s.i].flags |= SYMBOL_ANNOTATED;
    vec_push(e->b->arena, &e->b->params, (Param){(u32)p->kind, s, p->fallback, p->annotation});
}

/* In the new scope: the parameters' symbols, all records in a row. Python 2's `def f(a, (b, c))`
 * gets a nameless parameter that is taken apart. */
static void add_parameters(Extract *e, const PendingList *pending) {
    Scope *scope = &e->b->scopes.v[e->scope.i];
    scope->param_first = e->b->params.n;
    for (u32 i = 0; i < pending->list.n; i++) {
        const Pending *p = &pending->list.v[i];
        bool plain = node_kind(e, p->name) == N_IDENTIFIER;
        StrId name =
            plain ? name_of(e, p->name) : facts_string(e->b, str_format(e->b->arena, ".%u", i));
        add_param(e, p, symbol_in(e, e->scope, name));
    }
    scope->param_end = e->b->params.n;
    for (u32 i = 0; i < pending->list.n; i++) {
        const Pending *p = &pending->list.v[i];
        if (node_kind(e, p->name) == N_IDENTIFIER) continue;
        e->b->flags |= FACTS_PYTHON2;
        SymbolId s = e->b->params.v[scope->param_first + i].symbol;
        bind_target(e, p->name, BIND_ASSIGN, path_symbol(e, s), (PathId){0});
        scope = &e->b->scopes.v[e->scope.i];
    }
}

/* Copies what lies on the stack above `from` into the operand table; the range. */
static void keep_operands(Extract *e, u32 from, u32 *first, u32 *end) {
    *first = e->b->operands.n;
    for (u32 i = from; i < e->stack.n; i++) vec_push(e->b->arena, &e->b->operands, e->stack.v[i]);
    *end = e->b->operands.n;
    e->stack.n = from;
}

/* Leaves the decorators' values on the stack, in source order. */
static void push_decorators(Extract *e, u32 decorated) {
    if (!decorated) return;
    EACH_CHILD(e->tree, decorated, c) {
        if (node_kind(e, c) != N_DECORATOR) continue;
        u32 inner = node_first(e->tree, c);
        while (inner && node_is_token(e->tree, inner)) inner = node_next(e->tree, c, inner);
        if (!inner) continue;
        PathId p = expr(e, inner);
        /* a bare name has no operation that tells where it stands */
        if (!path_is_op(e, p, OP_CALL))
            emit_plain(e, OP_LOAD, OP_IMPLICIT, p.i, node_span(e, inner));
        operand_push(e, p, OPERAND_POSITIONAL, (StrId){0});
    }
}

void define_function(Extract *e, u32 node, u32 decorated) {
    const Tree *t = e->tree;
    u32 name = node_field(t, node, F_NAME), body = node_field(t, node, F_BODY);
    u32 returns = node_field(t, node, F_RETURN_TYPE),
        types = node_field(t, node, F_TYPE_PARAMETERS);
    u32 decorators = operands_begin(e);
    push_decorators(e, decorated);
    PendingList pending = read_parameters(e, node_field(t, node, F_PARAMETERS));
    PathId returned = returns ? expr_type(e, returns) : (PathId){0};
    StrId id = name ? name_of(e, name) : (StrId){0};
    Span span = node_span(e, node), name_span = name ? node_span(e, name) : span;
    ScopeId s = scope_make(e, SCOPE_FUNCTION, id, span, name_span);
    Scope *scope = &e->b->scopes.v[s.i];
    scope->returns = returned;
    if (node_child(t, node, T_ASYNC)) scope->flags |= SCOPE_ASYNC;
    keep_operands(e, decorators, &scope->decorator_first, &scope->decorator_end);
    OpId op = emit_plain(e, OP_FUNCTION, 0, s.i, span);
    u32 quiet = e->quiet;
    e->quiet = 0;
    ScopeMark outer = scope_enter(e, s, op, REGION_BODY, body ? node_span(e, body) : span);
    if (types) type_parameters(e, types);
    add_parameters(e, &pending);
    if (body) statements(e, body);
    scope_leave(e, outer);
    e->quiet = quiet;
    if (name)
        bind_name(e, symbol_mention(e, name), BIND_FUNCTION, name_span, path_op(e, op),
                  (PathId){0});
}

PathId define_lambda(Extract *e, u32 node) {
    const Tree *t = e->tree;
    u32 body = node_field(t, node, F_BODY), list = node_field(t, node, F_PARAMETERS);
    PendingList pending = read_parameters(e, list);
    Span span = node_span(e, node);
    ScopeId s = scope_make(e, SCOPE_LAMBDA, (StrId){0}, span,
                           (Span){span.start, MIN(span.start + 6, span.end)});
    OpId op = emit_plain(e, OP_LAMBDA, 0, s.i, span);
    ScopeMark outer = scope_enter(e, s, op, REGION_BODY, span);
    add_parameters(e, &pending);
    if (body) emit_with(e, OP_RETURN, OP_IMPLICIT, 0, node_span(e, body), expr(e, body));
    scope_leave(e, outer);
    return path_op(e, op);
}

void define_class(Extract *e, u32 node, u32 decorated) {
    const Tree *t = e->tree;
    u32 name = node_field(t, node, F_NAME), body = node_field(t, node, F_BODY);
    u32 bases = node_field(t, node, F_SUPERCLASSES), types = node_field(t, node, F_TYPE_PARAMETERS);
    u32 decorators = operands_begin(e);
    push_decorators(e, decorated);
    u32 base_list = operands_begin(e);
    if (bases) arguments(e, bases);
    StrId id = name ? name_of(e, name) : (StrId){0};
    Span span = node_span(e, node), name_span = name ? node_span(e, name) : span;
    ScopeId s = scope_make(e, SCOPE_CLASS, id, span, name_span);
    Scope *scope = &e->b->scopes.v[s.i];
    keep_operands(e, base_list, &scope->base_first, &scope->base_end);
    keep_operands(e, decorators, &scope->decorator_first, &scope->decorator_end);
    OpId op = emit_plain(e, OP_CLASS, 0, s.i, span);
    ScopeMark outer = scope_enter(e, s, op, REGION_BODY, body ? node_span(e, body) : span);
    if (types) type_parameters(e, types);
    if (body) statements(e, body);
    scope_leave(e, outer);
    if (name)
        bind_name(e, symbol_mention(e, name), BIND_CLASS, name_span, path_op(e, op), (PathId){0});
}
