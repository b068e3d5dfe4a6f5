/* Expressions: each evaluates to an access path; what happens on the way becomes operations. */
#include "python/extract.h"

#include <string.h>

static PathId unknown_value(Extract *e, u32 node);

/* ---- literals ---- */

/* Text between the quotes of a plain string; sets *plain to false for f-strings with
 * interpolations. */
static Str string_text(const Extract *e, u32 node, bool *plain, bool *bytes) {
    Str content = {0};
    *bytes = false;
    EACH_CHILD(e->tree, node, c) {
        NodeKind kind = node_kind(e, c);
        if (kind == N_STRING_START) {
            Str start = node_text(e, c);
            for (u32 i = 0; i < start.n; i++)
                if (start.p[i] == 'b' || start.p[i] == 'B') *bytes = true;
        } else if (kind == N_STRING_CONTENT && !content.n) {
            content = node_text(e, c);
        } else if (kind == N_INTERPOLATION) {
            *plain = false;
        }
    }
    return content;
}

static void interpolations(Extract *e, u32 node) {
    EACH_CHILD(e->tree, node, c) {
        NodeKind kind = node_kind(e, c);
        if (kind == N_INTERPOLATION || kind == N_FORMAT_EXPRESSION || kind == N_FORMAT_SPECIFIER ||
            kind == N_STRING || kind == N_ERROR) {
            interpolations(e, c);
        } else if (node_at(e, c)->field == F_EXPRESSION) {
            operand_push(e, expr(e, c), OPERAND_POSITIONAL, (StrId){0});
        }
    }
}

PathId string_literal(Extract *e, u32 node) {
    bool plain = true, bytes = false;
    Str text = {0};
    if (node_kind(e, node) == N_CONCATENATED) {
        Buf joined = {.arena = e->b->arena};
        EACH_CHILD(e->tree, node, c) {
            if (node_kind(e, c) != N_STRING) continue;
            Str part = string_text(e, c, &plain, &bytes);
            if (joined.n < FACTS_LITERAL_MAX)
                buf_str(&joined, str_sub(part, 0, FACTS_LITERAL_MAX + 4));
        }
        text = buf_get(&joined);
    } else {
        text = string_text(e, node, &plain, &bytes);
    }
    if (plain) return path_literal(e, bytes ? LITERAL_BYTES : LITERAL_STRING, text);
    u32 from = operands_begin(e);
    interpolations(e, node);
    return path_op(e, emit(e, OP_FSTRING, 0, 0, node_span(e, node), from));
}

/* A literal usable as a constant index: its kind and text. */
static bool constant_index(const Extract *e, u32 node, LiteralKind *kind, Str *text) {
    bool plain = true, bytes = false;
    *text = node_text(e, node);
    switch (node_kind(e, node)) {
    case N_INTEGER:
        *kind = LITERAL_INT;
        return true;
    case N_FLOAT:
        *kind = LITERAL_FLOAT;
        return true;
    case N_TRUE:
        *kind = LITERAL_TRUE;
        return true;
    case N_FALSE:
        *kind = LITERAL_FALSE;
        return true;
    case N_NONE:
        *kind = LITERAL_NONE;
        return true;
    case N_STRING:
        *text = string_text(e, node, &plain, &bytes);
        *kind = bytes ? LITERAL_BYTES : LITERAL_STRING;
        return plain && text->n <= FACTS_LITERAL_MAX;
    case N_UNARY: {
        u32 argument = node_field(e->tree, node, F_ARGUMENT);
        *kind = LITERAL_INT;
        return argument && node_kind(e, argument) == N_INTEGER &&
               e->text.p[node_at(e, node)->start] == '-';
    }
    default:
        return false;
    }
}

/* ---- names, attributes, subscripts ---- */

static PathId attribute(Extract *e, u32 node) {
    u32 object = node_field(e->tree, node, F_OBJECT);
    u32 name = node_field(e->tree, node, F_ATTRIBUTE);
    if (!object) return unknown_value(e, node);
    PathId base = expr(e, object);
    if (!name) return base;
    return path_select(e, base, PATH_ATTR, name_of(e, name).i, 0, node_span(e, object));
}

static PathId slice(Extract *e, u32 node) {
    u32 from = operands_begin(e);
    EACH_CHILD(e->tree, node, c)
    if (!node_is_token(e->tree, c)) operand_push(e, expr(e, c), OPERAND_POSITIONAL, (StrId){0});
    return path_op(e, emit(e, OP_SLICE, 0, 0, node_span(e, node), from));
}

/* The index of a subscript: one expression, or a tuple of several; its node in *only when single.
 */
static PathId subscript_key(Extract *e, u32 node, u32 value, u32 *only) {
    u32 first = 0, count = 0;
    EACH_CHILD(e->tree, node, c) {
        if (c == value || node_is_token(e->tree, c)) continue;
        if (!count++) first = c;
    }
    *only = count == 1 ? first : 0;
    if (count == 1) return expr(e, first);
    u32 from = operands_begin(e);
    EACH_CHILD(e->tree, node, c)
    if (c != value && !node_is_token(e->tree, c))
        operand_push(e, expr(e, c), OPERAND_POSITIONAL, (StrId){0});
    return path_op(e, emit(e, OP_TUPLE, 0, 0, node_span(e, node), from));
}

/* Evaluates base and index of `base[index]` without reading it: the path, and the key. */
static PathId subscript_path(Extract *e, u32 node, PathId *key) {
    u32 value = node_field(e->tree, node, F_VALUE), only = 0;
    PathId base = expr(e, value);
    *key = subscript_key(e, node, value, &only);
    LiteralKind kind;
    Str text;
    if (only && constant_index(e, only, &kind, &text))
        return path_select(e, base, PATH_CONST, facts_string(e->b, text).i, (u8)kind,
                           node_span(e, value));
    u8 flags = only && node_kind(e, only) == N_SLICE ? PATH_SLICE : 0;
    return path_select(e, base, PATH_ANY, 0, flags, node_span(e, value));
}

PathId expr_target(Extract *e, u32 node, PathId *key) {
    *key = (PathId){0};
    if (node_kind(e, node) == N_ATTRIBUTE) return attribute(e, node);
    if (node_field(e->tree, node, F_VALUE)) return subscript_path(e, node, key);
    return unknown_value(e, node);
}

static PathId subscript(Extract *e, u32 node) {
    u32 value = node_field(e->tree, node, F_VALUE);
    if (!value) return unknown_value(e, node);
    u32 from;
    if (e->quiet) {
        PathId base = expr(e, value);
        from = operands_begin(e);
        EACH_CHILD(e->tree, node, c)
        if (c != value && !node_is_token(e->tree, c))
            operand_push(e, expr(e, c), OPERAND_POSITIONAL, (StrId){0});
        return path_op(e, emit(e, OP_SUBSCRIPT, 0, base.i, node_span(e, node), from));
    }
    PathId key;
    PathId path = subscript_path(e, node, &key);
    from = operands_begin(e);
    operand_push(e, key, OPERAND_KEY, (StrId){0});
    emit(e, OP_LOAD, 0, path.i, node_span(e, node), from);
    return path;
}

/* ---- calls ---- */

static void argument(Extract *e, u32 c) {
    switch (node_kind(e, c)) {
    case N_KEYWORD_ARGUMENT: {
        u32 name = node_field(e->tree, c, F_NAME), value = node_field(e->tree, c, F_VALUE);
        PathId path = value ? expr(e, value) : (PathId){0};
        operand_push(e, path, OPERAND_KEYWORD, name ? name_of(e, name) : (StrId){0});
        return;
    }
    case N_LIST_SPLAT:
    case N_PARENTHESIZED_SPLAT: {
        u32 inner = node_first(e->tree, c);
        while (inner && node_is_token(e->tree, inner)) inner = node_next(e->tree, c, inner);
        operand_push(e, inner ? expr(e, inner) : (PathId){0}, OPERAND_STAR, (StrId){0});
        return;
    }
    case N_DICTIONARY_SPLAT: {
        u32 inner = node_first(e->tree, c);
        operand_push(e, inner ? expr(e, inner) : (PathId){0}, OPERAND_DOUBLE_STAR, (StrId){0});
        return;
    }
    default:
        operand_push(e, expr(e, c), OPERAND_POSITIONAL, (StrId){0});
    }
}

void arguments(Extract *e, u32 list) {
    if (node_kind(e, list) == N_GENERATOR) {
        operand_push(e, expr(e, list), OPERAND_POSITIONAL, (StrId){0});
        return;
    }
    EACH_CHILD(e->tree, list, c)
    if (!node_is_token(e->tree, c)) argument(e, c);
}

static PathId call(Extract *e, u32 node) {
    u32 function = node_field(e->tree, node, F_FUNCTION);
    u32 list = node_field(e->tree, node, F_ARGUMENTS);
    PathId callee = function ? expr(e, function) : (PathId){0};
    u32 from = operands_begin(e);
    if (list) arguments(e, list);
    return path_op(e, emit(e, OP_CALL, 0, callee.i, node_span(e, node), from));
}

static PathId await_value(Extract *e, u32 node) {
    u32 inner = 0;
    EACH_CHILD(e->tree, node, c)
    if (!node_is_token(e->tree, c)) inner = c;
    if (!inner) return unknown_value(e, node);
    PathId value = expr(e, inner);
    if (path_is_op(e, value, OP_CALL)) e->b->ops.v[e->b->paths.v[value.i].id].flags |= OP_AWAITED;
    emit_plain(e, OP_AWAIT, 0, value.i, node_span(e, node));
    return path_op(e, emit_plain(e, OP_AWAITED_VALUE, 0, value.i, node_span(e, node)));
}

/* ---- operators ---- */

u8 operator_of(const Extract *e, u32 node) {
    static const struct {
        const char *text;
        Operator op;
    } TABLE[] = {{"+", OPERATOR_ADD},     {"-", OPERATOR_SUB},       {"*", OPERATOR_MUL},
                 {"/", OPERATOR_DIV},     {"//", OPERATOR_FLOORDIV}, {"%", OPERATOR_MOD},
                 {"**", OPERATOR_POW},    {"@", OPERATOR_MATMUL},    {"&", OPERATOR_AND},
                 {"|", OPERATOR_OR},      {"^", OPERATOR_XOR},       {"<<", OPERATOR_LSHIFT},
                 {">>", OPERATOR_RSHIFT}, {"~", OPERATOR_INVERT}};
    u32 token = node_field(e->tree, node, F_OPERATOR);
    if (!token) return OPERATOR_ADD;
    Str text = node_text(e, token);
    if (str_ends(text, "=")) text = str_sub(text, 0, text.n - 1);
    for (u32 i = 0; i < ARRAY_LEN(TABLE); i++)
        if (str_is(text, TABLE[i].text)) return (u8)TABLE[i].op;
    return OPERATOR_ADD;
}

/* Long chains (`"a" + "b" + …`) nest on the left: they are followed without recursion. */
static PathId binary(Extract *e, u32 node) {
    u32 mark = e->stack.n;
    u32 chain = node;
    while (chain && node_kind(e, chain) == N_BINARY) {
        operand_push(e, (PathId){chain}, OPERAND_POSITIONAL, (StrId){0});
        chain = node_field(e->tree, chain, F_LEFT);
    }
    PathId left = chain ? expr(e, chain) : (PathId){0};
    while (e->stack.n > mark) {
        u32 at = e->stack.v[--e->stack.n].path.i;
        u32 right = node_field(e->tree, at, F_RIGHT);
        u32 from = operands_begin(e);
        operand_push(e, left, OPERAND_POSITIONAL, (StrId){0});
        operand_push(e, right ? expr(e, right) : (PathId){0}, OPERAND_POSITIONAL, (StrId){0});
        left = path_op(e, emit(e, OP_BINARY, operator_of(e, at), 0, node_span(e, at), from));
    }
    return left;
}

static PathId unary(Extract *e, u32 node) {
    u32 inner = node_field(e->tree, node, F_ARGUMENT);
    LiteralKind kind;
    Str text;
    if (constant_index(e, node, &kind, &text)) return path_literal(e, kind, text);
    PathId value = inner ? expr(e, inner) : (PathId){0};
    return path_op(e, emit_with(e, OP_UNARY, operator_of(e, node), 0, node_span(e, node), value));
}

static PathId comparison(Extract *e, u32 node) {
    u32 from = operands_begin(e);
    EACH_CHILD(e->tree, node, c)
    if (!node_is_token(e->tree, c)) operand_push(e, expr(e, c), OPERAND_POSITIONAL, (StrId){0});
    return path_op(e, emit(e, OP_COMPARE, 0, 0, node_span(e, node), from));
}

static bool boolean_is_or(const Extract *e, u32 node) {
    u32 token = node_field(e->tree, node, F_OPERATOR);
    return token && str_is(node_text(e, token), "or");
}

/* `a or b` as a value: b is evaluated in a region that a's test guards. */
static PathId boolean(Extract *e, u32 node) {
    u32 left = node_field(e->tree, node, F_LEFT), right = node_field(e->tree, node, F_RIGHT);
    if (!left || !right) return unknown_value(e, node);
    u32 first = e->b->ops.n;
    PathId a = expr(e, left);
    emit_plain(e, OP_TEST, TEST_TRUTH, a.i, node_span(e, left));
    u8 flags = boolean_is_or(e, node) ? REGION_NEGATED : 0;
    RegionId r = region_open(e, REGION_SHORT_CIRCUIT, flags, (RegionId){0}, node_span(e, right));
    region_tests(e, r, first, e->b->ops.n);
    PathId b = expr(e, right);
    region_close(e);
    u32 from = operands_begin(e);
    operand_push(e, a, OPERAND_POSITIONAL, (StrId){0});
    operand_push(e, b, OPERAND_POSITIONAL, (StrId){0});
    return path_op(e, emit(e, OP_CHOICE, 0, 0, node_span(e, node), from));
}

static PathId conditional(Extract *e, u32 node) {
    u32 part[3] = {0}, n = 0;
    EACH_CHILD(e->tree, node, c)
    if (!node_is_token(e->tree, c) && n < 3) part[n++] = c;
    if (n < 3) return unknown_value(e, node);
    u32 first = e->b->ops.n;
    condition(e, part[1], false);
    u32 end = e->b->ops.n;
    RegionId then = region_open(e, REGION_THEN, 0, (RegionId){0}, node_span(e, part[0]));
    region_tests(e, then, first, end);
    PathId a = expr(e, part[0]);
    region_close(e);
    RegionId otherwise =
        region_open(e, REGION_OTHERWISE, REGION_NEGATED, then, node_span(e, part[2]));
    region_tests(e, otherwise, first, end);
    PathId b = expr(e, part[2]);
    region_close(e);
    u32 from = operands_begin(e);
    operand_push(e, a, OPERAND_POSITIONAL, (StrId){0});
    operand_push(e, b, OPERAND_POSITIONAL, (StrId){0});
    return path_op(e, emit(e, OP_CHOICE, 0, 0, node_span(e, node), from));
}

/* ---- conditions ---- */

static void test(Extract *e, TestKind kind, bool negated, PathId subject, Span span,
                 PathId operand) {
    u8 flags = (u8)((u32)kind | (negated ? (u32)OP_NEGATED : 0u));
    emit_with(e, OP_TEST, flags, subject.i, span, operand);
}

static TestKind comparison_kind(NodeKind token, bool *negated) {
    *negated = token == T_NOT_IN || token == T_IS_NOT || token == T_NOT_EQUAL || token == T_DIAMOND;
    switch (token) {
    case T_IN:
    case T_NOT_IN:
        return TEST_IN;
    case T_IS:
    case T_IS_NOT:
        return TEST_IS;
    case T_EQUAL:
    case T_NOT_EQUAL:
    case T_DIAMOND:
        return TEST_EQUAL;
    default:
        return TEST_ORDER;
    }
}

static void condition_comparison(Extract *e, u32 node, bool negated) {
    PathId left = {0};
    NodeKind token = N_OTHER;
    EACH_CHILD(e->tree, node, c) {
        if (node_is_token(e->tree, c)) {
            token = node_kind(e, c);
            continue;
        }
        PathId right = expr(e, c);
        bool reversed = false;
        if (token != N_OTHER) {
            TestKind kind = comparison_kind(token, &reversed);
            test(e, kind, reversed != negated, left, node_span(e, node), right);
        }
        left = right;
    }
}

static void condition_call(Extract *e, u32 node, bool negated) {
    PathId value = expr(e, node);
    Span span = node_span(e, node);
    u32 function = node_field(e->tree, node, F_FUNCTION);
    Str name = function ? node_text(e, function) : (Str){0};
    Op op = path_is_op(e, value, OP_CALL) ? e->b->ops.v[e->b->paths.v[value.i].id] : (Op){0};
    PathId first = op.operands > 0 ? e->b->operands.v[op.operand].path : (PathId){0};
    PathId second = op.operands > 1 ? e->b->operands.v[op.operand + 1].path : (PathId){0};
    if (str_is(name, "isinstance") || str_is(name, "issubclass"))
        test(e, TEST_INSTANCE, negated, first, span, second);
    else if (str_is(name, "hasattr"))
        test(e, TEST_HAS, negated, first, span, second);
    else
        test(e, TEST_CALL, negated, value, span, (PathId){0});
}

static void condition_boolean(Extract *e, u32 node, bool negated) {
    u32 left = node_field(e->tree, node, F_LEFT), right = node_field(e->tree, node, F_RIGHT);
    u32 first = e->b->ops.n;
    if (left) condition(e, left, negated);
    if (!right) return;
    /* the tests of `not (a and b)` are those of `not a or not b` */
    u8 flags = boolean_is_or(e, node) != negated ? REGION_NEGATED : 0;
    RegionId r = region_open(e, REGION_SHORT_CIRCUIT, flags, (RegionId){0}, node_span(e, right));
    region_tests(e, r, first, e->b->ops.n);
    condition(e, right, negated);
    region_close(e);
}

void condition(Extract *e, u32 node, bool negated) {
    if (!depth_enter(e)) return;
    switch (node_kind(e, node)) {
    case N_PARENTHESIZED: {
        u32 inner = node_first(e->tree, node);
        if (inner) condition(e, inner, negated);
        break;
    }
    case N_NOT: {
        u32 inner = node_field(e->tree, node, F_ARGUMENT);
        if (inner) condition(e, inner, !negated);
        break;
    }
    case N_BOOLEAN:
        condition_boolean(e, node, negated);
        break;
    case N_COMPARISON:
        condition_comparison(e, node, negated);
        break;
    case N_CALL:
        condition_call(e, node, negated);
        break;
    default: {
        PathId value = expr(e, node);
        test(e, TEST_TRUTH, negated, value, node_span(e, node), (PathId){0});
    }
    }
    e->depth--;
}

/* ---- displays and comprehensions ---- */

static void elements(Extract *e, u32 node) {
    EACH_CHILD(e->tree, node, c) {
        NodeKind kind = node_kind(e, c);
        if (node_is_token(e->tree, c)) continue;
        if (kind == N_LIST_SPLAT || kind == N_PARENTHESIZED_SPLAT || kind == N_DICTIONARY_SPLAT ||
            kind == N_LIST_SPLAT_PATTERN) {
            u32 inner = node_first(e->tree, c);
            while (inner && node_is_token(e->tree, inner)) inner = node_next(e->tree, c, inner);
            OperandKind star = kind == N_DICTIONARY_SPLAT ? OPERAND_DOUBLE_STAR : OPERAND_STAR;
            operand_push(e, inner ? expr(e, inner) : (PathId){0}, star, (StrId){0});
        } else if (kind == N_PAIR) {
            u32 key = node_field(e->tree, c, F_KEY), value = node_field(e->tree, c, F_VALUE);
            PathId k = key ? expr(e, key) : (PathId){0};
            operand_push(e, k, OPERAND_KEY, (StrId){0});
            operand_push(e, value ? expr(e, value) : (PathId){0}, OPERAND_POSITIONAL, (StrId){0});
        } else {
            operand_push(e, expr(e, c), OPERAND_POSITIONAL, (StrId){0});
        }
    }
}

static PathId display(Extract *e, u32 node, OpKind kind) {
    u32 from = operands_begin(e);
    elements(e, node);
    return path_op(e, emit(e, kind, 0, 0, node_span(e, node), from));
}

PathId expr_tuple(Extract *e, u32 node) {
    return display(e, node, OP_TUPLE);
}

/* The iterable of a for clause: `in` is followed by one expression, or several without parentheses.
 */
static PathId clause_iterable(Extract *e, u32 clause) {
    u32 first = 0, count = 0;
    EACH_CHILD(e->tree, clause, c) {
        if (node_at(e, c)->field != F_RIGHT || node_is_token(e->tree, c)) continue;
        if (!count++) first = c;
    }
    if (count <= 1) return first ? expr(e, first) : (PathId){0};
    u32 from = operands_begin(e);
    EACH_CHILD(e->tree, clause, c)
    if (node_at(e, c)->field == F_RIGHT && !node_is_token(e->tree, c))
        operand_push(e, expr(e, c), OPERAND_POSITIONAL, (StrId){0});
    return path_op(e, emit(e, OP_TUPLE, 0, 0, node_span(e, clause), from));
}

static void for_clause(Extract *e, u32 clause, PathId iterable) {
    bool is_async = node_child(e->tree, clause, T_ASYNC) != 0;
    Span span = node_span(e, clause);
    emit_plain(e, OP_ITERATE, is_async ? OP_ASYNC : 0, iterable.i, span);
    if (is_async) e->b->scopes.v[e->scope.i].flags |= SCOPE_ASYNC;
    u32 left = node_field(e->tree, clause, F_LEFT);
    PathId element = path_select(e, iterable, PATH_ANY, 0, 0, span);
    if (left) bind_target(e, left, BIND_FOR, element, (PathId){0});
}

/* Clauses and ifs nest: each opens a region for what stands after it. */
static void comprehension_clauses(Extract *e, u32 node, u32 body, PathId first_iterable) {
    bool first = true;
    EACH_CHILD(e->tree, node, c) {
        NodeKind kind = node_kind(e, c);
        if (c == body || (kind != N_FOR_IN && kind != N_IF_CLAUSE)) continue;
        Span rest = {node_at(e, c)->start, node_at(e, node)->end};
        if (kind == N_FOR_IN) {
            PathId iterable = first ? first_iterable : clause_iterable(e, c);
            region_open(e, REGION_FOR, 0, (RegionId){0}, rest);
            for_clause(e, c, iterable);
            first = false;
        } else {
            u32 from = e->b->ops.n;
            u32 inner = node_first(e->tree, c);
            if (inner) condition(e, inner, false);
            RegionId r = region_open(e, REGION_IF, 0, (RegionId){0}, rest);
            region_tests(e, r, from, e->b->ops.n);
        }
    }
}

static PathId comprehension(Extract *e, u32 node, OpKind kind) {
    Span span = node_span(e, node);
    u32 body = node_field(e->tree, node, F_BODY), clause = node_child(e->tree, node, N_FOR_IN);
    PathId iterable = clause ? clause_iterable(e, clause) : (PathId){0};
    Span bracket = {span.start, MIN(span.start + 1, span.end)};
    ScopeId s = scope_make(e, SCOPE_COMPREHENSION, (StrId){0}, span, bracket);
    OpId op = emit_plain(e, kind, 0, s.i, span);
    ScopeMark outer = scope_enter(e, s, op, REGION_COMPREHENSION, span);
    comprehension_clauses(e, node, body, iterable);
    u32 from = operands_begin(e);
    if (body && node_kind(e, body) == N_PAIR) {
        u32 key = node_field(e->tree, body, F_KEY), value = node_field(e->tree, body, F_VALUE);
        operand_push(e, key ? expr(e, key) : (PathId){0}, OPERAND_KEY, (StrId){0});
        operand_push(e, value ? expr(e, value) : (PathId){0}, OPERAND_POSITIONAL, (StrId){0});
    } else if (body) {
        operand_push(e, expr(e, body), OPERAND_POSITIONAL, (StrId){0});
    }
    emit(e, OP_YIELD, OP_IMPLICIT, 0, body ? node_span(e, body) : span, from);
    scope_leave(e, outer);
    return path_op(e, op);
}

/* ---- the rest ---- */

static PathId named_expression(Extract *e, u32 node) {
    u32 name = node_field(e->tree, node, F_NAME), value = node_field(e->tree, node, F_VALUE);
    PathId path = value ? expr(e, value) : (PathId){0};
    if (name && node_kind(e, name) == N_IDENTIFIER) {
        SymbolId s = symbol_in(e, binding_scope(e), name_of(e, name));
        symbol_mention(e, name); /* a generator holds the variable that it binds outside */
        bind_name(e, s, BIND_WALRUS, node_span(e, name), path, (PathId){0});
    }
    return path;
}

static PathId yield(Extract *e, u32 node) {
    bool delegate = node_child(e->tree, node, T_FROM) != 0;
    u32 inner = 0;
    EACH_CHILD(e->tree, node, c)
    if (!node_is_token(e->tree, c)) inner = c;
    PathId value = inner ? expr(e, inner) : (PathId){0};
    e->b->scopes.v[e->scope.i].flags |= SCOPE_GENERATOR;
    emit_with(e, OP_YIELD, delegate ? OP_DELEGATE : 0, 0, node_span(e, node), value);
    return path_op(e, emit_plain(e, OP_SENT_VALUE, 0, 0, node_span(e, node)));
}

/* Whatever it is, what can be read inside is read. */
static PathId unknown_value(Extract *e, u32 node) {
    u32 from = operands_begin(e);
    EACH_CHILD(e->tree, node, c)
    if (!node_is_token(e->tree, c)) operand_push(e, expr(e, c), OPERAND_POSITIONAL, (StrId){0});
    return path_op(e, emit(e, OP_UNKNOWN, 0, 0, node_span(e, node), from));
}

static PathId too_deep(Extract *e, u32 node) {
    return path_op(e, emit_plain(e, OP_UNKNOWN, 0, 0, node_span(e, node)));
}

static PathId inner_expr(Extract *e, u32 node) {
    u32 inner = node_first(e->tree, node);
    while (inner && node_is_token(e->tree, inner)) inner = node_next(e->tree, node, inner);
    return inner ? expr(e, inner) : (PathId){0};
}

static PathId type_value(Extract *e, u32 node) {
    u32 first = node_first(e->tree, node);
    PathId base = first ? expr(e, first) : (PathId){0};
    u32 from = operands_begin(e);
    u32 args = node_child(e->tree, node, N_TYPE_PARAMETER);
    if (args) EACH_CHILD(e->tree, args, c)
    if (!node_is_token(e->tree, c)) operand_push(e, expr(e, c), OPERAND_POSITIONAL, (StrId){0});
    return path_op(e, emit(e, OP_SUBSCRIPT, 0, base.i, node_span(e, node), from));
}

static PathId not_value(Extract *e, u32 node) {
    u32 inner = node_field(e->tree, node, F_ARGUMENT);
    PathId value = inner ? expr(e, inner) : (PathId){0};
    return path_op(e, emit_with(e, OP_NOT, 0, 0, node_span(e, node), value));
}

static PathId dispatch(Extract *e, u32 node) {
    switch (node_kind(e, node)) {
    case N_IDENTIFIER:
        return path_symbol(e, symbol_mention(e, node));
    case N_ATTRIBUTE:
        return attribute(e, node);
    case N_SUBSCRIPT:
        return subscript(e, node);
    case N_CALL:
        return call(e, node);
    case N_AWAIT:
        return await_value(e, node);
    case N_STRING:
    case N_CONCATENATED:
        return string_literal(e, node);
    case N_INTEGER:
        return path_literal(e, LITERAL_INT, node_text(e, node));
    case N_FLOAT:
        return path_literal(e, LITERAL_FLOAT, node_text(e, node));
    case N_TRUE:
        return path_literal(e, LITERAL_TRUE, node_text(e, node));
    case N_FALSE:
        return path_literal(e, LITERAL_FALSE, node_text(e, node));
    case N_NONE:
        return path_literal(e, LITERAL_NONE, node_text(e, node));
    case N_ELLIPSIS:
        return path_literal(e, LITERAL_ELLIPSIS, node_text(e, node));
    case N_BINARY:
        return binary(e, node);
    case N_UNARY:
        return unary(e, node);
    case N_COMPARISON:
        return comparison(e, node);
    case N_BOOLEAN:
        return boolean(e, node);
    case N_NOT:
        return not_value(e, node);
    case N_CONDITIONAL:
        return conditional(e, node);
    case N_LIST:
    case N_LIST_PATTERN:
        return display(e, node, OP_LIST);
    case N_SET:
        return display(e, node, OP_SET);
    case N_DICTIONARY:
        return display(e, node, OP_DICT);
    case N_TUPLE:
    case N_TUPLE_PATTERN:
    case N_EXPRESSION_LIST:
    case N_PATTERN_LIST:
        return display(e, node, OP_TUPLE);
    case N_LIST_COMPREHENSION:
        return comprehension(e, node, OP_LISTCOMP);
    case N_SET_COMPREHENSION:
        return comprehension(e, node, OP_SETCOMP);
    case N_DICTIONARY_COMPREHENSION:
        return comprehension(e, node, OP_DICTCOMP);
    case N_GENERATOR:
        return comprehension(e, node, OP_GENERATOR);
    case N_LAMBDA:
        return define_lambda(e, node);
    case N_NAMED_EXPRESSION:
        return named_expression(e, node);
    case N_YIELD:
        return yield(e, node);
    case N_SLICE:
        return slice(e, node);
    case N_PARENTHESIZED:
    case N_TYPE:
    case N_AS_PATTERN_TARGET:
    case N_LIST_SPLAT:
    case N_SPLAT_TYPE:
    case N_DICTIONARY_SPLAT:
        return inner_expr(e, node);
    case N_GENERIC_TYPE:
        return type_value(e, node);
    case N_KEYWORD_ARGUMENT: {
        u32 value = node_field(e->tree, node, F_VALUE);
        return value ? expr(e, value) : (PathId){0};
    }
    default:
        if (!is_statement(e, node)) return unknown_value(e, node);
        statement(e, node); /* recovered from inside broken code */
        return (PathId){0};
    }
}

/* `(x)` where it was a call of `type`. */
static PathId type_call(Extract *e, u32 node) {
    PathId callee = path_symbol(e, symbol_in(e, e->scope, facts_string(e->b, STR("type"))));
    u32 from = operands_begin(e);
    arguments(e, node);
    return path_op(e, emit(e, OP_CALL, 0, callee.i, node_span(e, node), from));
}

PathId expr(Extract *e, u32 node) {
    if (!depth_enter(e)) return too_deep(e, node);
    PathId path = node && node == e->type_call ? type_call(e, node) : dispatch(e, node);
    e->depth--;
    return path;
}

PathId expr_type(Extract *e, u32 node) {
    e->quiet++;
    PathId path = expr(e, node);
    e->quiet--;
    return path;
}

void expr_dropped(Extract *e, u32 node) {
    NodeKind kind = node_kind(e, node);
    if (kind == N_STRING || kind == N_CONCATENATED || kind == N_ELLIPSIS) {
        bool is_docstring = kind != N_ELLIPSIS;
        if (is_docstring) string_literal(e, node);
        return;
    }
    PathId value = expr(e, node);
    const Path *path = &e->b->paths.v[value.i];
    if (path->kind != PATH_OP) {
        if (path->depth && path->kind == PATH_ATTR)
            emit_plain(e, OP_LOAD, OP_DROPPED, value.i, node_span(e, node));
        return;
    }
    Op *op = &e->b->ops.v[path->id];
    op->flags |= OP_DROPPED;
    if (op->kind == OP_AWAITED_VALUE) {
        const Path *awaited = &e->b->paths.v[op->subject];
        if (awaited->kind == PATH_OP) e->b->ops.v[awaited->id].flags |= OP_DROPPED;
    }
}
