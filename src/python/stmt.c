/* Statements: regions, and the operations that only statements make. */
#include "python/extract.h"

void block_in(Extract *e, u32 block, RegionKind kind, u8 flags, RegionId group) {
    region_open(e, kind, flags, group, node_span(e, block));
    statements(e, block);
    region_close(e);
}

/* ---- assignment ---- */

static PathId value_of(Extract *e, u32 node) {
    NodeKind kind = node_kind(e, node);
    if (kind == N_EXPRESSION_LIST || kind == N_PATTERN_LIST) return expr_tuple(e, node);
    return expr(e, node);
}

/* `a = b = value`: the value first, then the targets from left to right. */
static void assignment(Extract *e, u32 node) {
    u32 last = node;
    while (last) {
        u32 right = node_field(e->tree, last, F_RIGHT);
        if (!right || node_kind(e, right) != N_ASSIGNMENT) break;
        last = right;
    }
    u32 right = node_field(e->tree, last, F_RIGHT), type = node_field(e->tree, node, F_TYPE);
    PathId value = right ? value_of(e, right) : (PathId){0};
    PathId annotation = type ? expr_type(e, type) : (PathId){0};
    for (u32 at = node; at; at = at == last ? 0 : node_field(e->tree, at, F_RIGHT)) {
        u32 left = node_field(e->tree, at, F_LEFT);
        BindKind kind = right ? BIND_ASSIGN : BIND_DECLARE;
        /* the annotation in `(x): int` declares nothing */
        if (left && e->text.p[node_at(e, left)->start] == '(') annotation = (PathId){0};
        if (left && (right || annotation.i)) bind_target(e, left, kind, value, annotation);
    }
}

static void augmented(Extract *e, u32 node) {
    u32 left = node_field(e->tree, node, F_LEFT), right = node_field(e->tree, node, F_RIGHT);
    if (!left) return;
    PathId target, key = {0};
    bool name = node_kind(e, left) == N_IDENTIFIER;
    SymbolId s = name ? symbol_mention(e, left) : (SymbolId){0};
    target = name ? path_symbol(e, s) : expr_target(e, left, &key);
    PathId value = right ? value_of(e, right) : (PathId){0};
    u32 from = operands_begin(e);
    if (value.i) operand_push(e, value, OPERAND_POSITIONAL, (StrId){0});
    if (key.i) operand_push(e, key, OPERAND_KEY, (StrId){0});
    OpId op = emit(e, OP_AUGMENT, operator_of(e, node), target.i, node_span(e, node), from);
    if (!name) return;
    Symbol *symbol = &e->b->symbols.v[s.i];
    symbol->flags |= SYMBOL_BOUND;
    if (!symbol->binds++) symbol->bind = op;
}

static void delete_target(Extract *e, u32 node) {
    switch (node_kind(e, node)) {
    case N_IDENTIFIER: {
        SymbolId s = symbol_mention(e, node);
        e->b->symbols.v[s.i].flags |= SYMBOL_BOUND;
        emit_plain(e, OP_DELETE, 0, path_symbol(e, s).i, node_span(e, node));
        return;
    }
    case N_ATTRIBUTE:
    case N_SUBSCRIPT: {
        PathId key;
        PathId path = expr_target(e, node, &key);
        u32 from = operands_begin(e);
        if (key.i) operand_push(e, key, OPERAND_KEY, (StrId){0});
        emit(e, OP_DELETE, 0, path.i, node_span(e, node), from);
        return;
    }
    default:
        if (!depth_enter(e)) return;
        EACH_CHILD(e->tree, node, c)
        if (!node_is_token(e->tree, c)) delete_target(e, c);
        e->depth--;
    }
}

/* ---- if, loops ---- */

static bool is_main_test(const Extract *e, u32 condition_node) {
    if (node_kind(e, condition_node) != N_COMPARISON) return false;
    Str text = node_text(e, condition_node);
    return str_contains(text, "__name__") && str_contains(text, "__main__") &&
           str_contains(text, "==");
}

static RegionKind if_kind(const Extract *e, u32 node) {
    if (!node) return REGION_IF;
    if (is_main_test(e, node)) return REGION_MAIN;
    NodeKind kind = node_kind(e, node);
    Str text = node_text(e, node);
    bool is_name = kind == N_IDENTIFIER || kind == N_ATTRIBUTE;
    bool never = is_name ? str_ends(text, "TYPE_CHECKING") || str_is(text, "MYPY")
                         : str_is(text, "False") || str_is(text, "0");
    return never ? REGION_TYPE_CHECKING : REGION_IF;
}

/* An elif is an if inside the else region; a long chain nests regions, not C calls. */
static void if_statement(Extract *e, u32 node) {
    u32 opened = 0, at = node;
    u32 branch = 0;
    while (at) {
        u32 test = node_field(e->tree, at, F_CONDITION),
            then = node_field(e->tree, at, F_CONSEQUENCE);
        u32 first = e->b->ops.n;
        if (test) condition(e, test, false);
        u32 end = e->b->ops.n;
        Span span = then ? node_span(e, then) : node_span(e, at);
        RegionId r = region_open(e, if_kind(e, test), 0, (RegionId){0}, span);
        region_tests(e, r, first, end);
        if (then) statements(e, then);
        region_close(e);
        branch = branch ? node_next(e->tree, node, branch) : node_first(e->tree, node);
        while (branch && node_kind(e, branch) != N_ELIF && node_kind(e, branch) != N_ELSE)
            branch = node_next(e->tree, node, branch);
        if (!branch) break;
        RegionId otherwise = region_open(e, REGION_ELSE, REGION_NEGATED, r, node_span(e, branch));
        region_tests(e, otherwise, first, end);
        opened++;
        at = node_kind(e, branch) == N_ELIF ? branch : 0;
        if (!at) {
            u32 body = node_field(e->tree, branch, F_BODY);
            if (body) statements(e, body);
        }
    }
    while (opened--) region_close(e);
}

static void loop_else(Extract *e, u32 node, RegionId loop) {
    u32 alternative = node_field(e->tree, node, F_ALTERNATIVE);
    u32 body = alternative ? node_field(e->tree, alternative, F_BODY) : 0;
    if (body) block_in(e, body, REGION_LOOP_ELSE, 0, loop);
}

static void for_statement(Extract *e, u32 node) {
    u32 left = node_field(e->tree, node, F_LEFT), right = node_field(e->tree, node, F_RIGHT);
    u32 body = node_field(e->tree, node, F_BODY);
    bool is_async = node_child(e->tree, node, T_ASYNC) != 0;
    PathId iterable = right ? value_of(e, right) : (PathId){0};
    Span span = right ? node_span(e, right) : node_span(e, node);
    emit_plain(e, OP_ITERATE, is_async ? OP_ASYNC : 0, iterable.i, span);
    RegionId loop =
        region_open(e, REGION_FOR, is_async ? REGION_ASYNC : 0, (RegionId){0}, node_span(e, node));
    PathId element = path_select(e, iterable, PATH_ANY, 0, 0, span);
    if (left) bind_target(e, left, BIND_FOR, element, (PathId){0});
    if (body) statements(e, body);
    region_close(e);
    loop_else(e, node, loop);
}

static bool is_always_true(const Extract *e, u32 node) {
    while (node && node_kind(e, node) == N_PARENTHESIZED) node = node_first(e->tree, node);
    if (!node) return false;
    if (node_kind(e, node) == N_TRUE) return true;
    return node_kind(e, node) == N_INTEGER && !str_is(node_text(e, node), "0");
}

static void while_statement(Extract *e, u32 node) {
    u32 test = node_field(e->tree, node, F_CONDITION), body = node_field(e->tree, node, F_BODY);
    u8 flags = test && is_always_true(e, test) ? REGION_ENDLESS : 0;
    RegionId loop = region_open(e, REGION_WHILE, flags, (RegionId){0}, node_span(e, node));
    u32 first = e->b->ops.n;
    if (test) condition(e, test, false);
    region_tests(e, loop, first, e->b->ops.n);
    if (body) statements(e, body);
    region_close(e);
    loop_else(e, node, loop);
}

/* ---- try, with, match ---- */

/* Pushes the exception types; the name after `as` (or after Python 2's comma) in *alias. */
static void handler_types(Extract *e, u32 node, u32 block, u32 *alias, bool *comma) {
    EACH_CHILD(e->tree, node, c) {
        NodeKind kind = node_kind(e, c);
        if (kind == T_COMMA) *comma = true;
        if (c == block || node_is_token(e->tree, c)) continue;
        if (node_at(e, c)->field == F_ALIAS) {
            *alias = c;
        } else if (kind == N_AS_PATTERN) {
            u32 value = node_first(e->tree, c),
                target = node_child(e->tree, c, N_AS_PATTERN_TARGET);
            if (value) operand_push(e, expr(e, value), OPERAND_POSITIONAL, (StrId){0});
            *alias = target ? node_first(e->tree, target) : 0;
        } else {
            operand_push(e, expr(e, c), OPERAND_POSITIONAL, (StrId){0});
        }
    }
}

static void except_clause(Extract *e, u32 node, RegionId group) {
    u32 block = node_child(e->tree, node, N_BLOCK), alias = 0;
    bool comma = false;
    bool star = node_kind(e, node) == N_EXCEPT_GROUP || node_child(e->tree, node, T_EXCEPT_STAR) ||
                node_child(e->tree, node, T_STAR);
    region_open(e, REGION_EXCEPT, star ? REGION_STAR : 0, group, node_span(e, node));
    u32 from = operands_begin(e);
    handler_types(e, node, block, &alias, &comma);
    /* `except A, b`: Python 2 binds b, PEP 758 catches it too; both readings are kept */
    if (comma && alias) operand_push(e, expr(e, alias), OPERAND_POSITIONAL, (StrId){0});
    emit(e, OP_HANDLER, comma ? OP_BARE_COMMA : 0, 0, node_span(e, node), from);
    PathId name = {0};
    if (alias && !comma) {
        bind_target(e, alias, BIND_EXCEPT, (PathId){0}, (PathId){0});
        if (node_kind(e, alias) == N_IDENTIFIER) name = path_symbol(e, symbol_mention(e, alias));
    }
    if (block) statements(e, block);
    if (name.i) emit_plain(e, OP_DELETE, OP_IMPLICIT, name.i, node_span(e, alias));
    region_close(e);
}

static void try_statement(Extract *e, u32 node) {
    RegionId group = {0};
    EACH_CHILD(e->tree, node, c) {
        u32 body = node_field(e->tree, c, F_BODY);
        switch (node_kind(e, c)) {
        case N_BLOCK:
            if (group.i) break;
            group = region_open(e, REGION_TRY, 0, (RegionId){0}, node_span(e, c));
            statements(e, c);
            region_close(e);
            break;
        case N_EXCEPT:
        case N_EXCEPT_GROUP:
            except_clause(e, c, group);
            break;
        case N_ELSE:
            if (body) block_in(e, body, REGION_TRY_ELSE, 0, group);
            break;
        case N_FINALLY:
            body = node_child(e->tree, c, N_BLOCK);
            if (body) block_in(e, body, REGION_FINALLY, 0, group);
            break;
        default:
            if (!node_is_token(e->tree, c)) statement(e, c);
        }
    }
}

/* One `manager as target`; the manager's path is left on the stack for the exit. */
static void with_item(Extract *e, u32 item, bool is_async) {
    u32 value = node_kind(e, item) == N_WITH_ITEM ? node_field(e->tree, item, F_VALUE) : item;
    u32 target = 0;
    if (value && node_kind(e, value) == N_AS_PATTERN) {
        u32 holder = node_child(e->tree, value, N_AS_PATTERN_TARGET);
        target = holder ? node_first(e->tree, holder) : 0;
        value = node_first(e->tree, value);
    }
    PathId manager = value ? expr(e, value) : (PathId){0};
    emit_plain(e, OP_ENTER, is_async ? OP_ASYNC : 0, manager.i, node_span(e, item));
    if (target) bind_target(e, target, BIND_WITH, manager, (PathId){0});
    operand_push(e, manager, OPERAND_POSITIONAL, (StrId){0});
}

static void with_statement(Extract *e, u32 node) {
    bool is_async = node_child(e->tree, node, T_ASYNC) != 0;
    u32 clause = node_child(e->tree, node, N_WITH_CLAUSE), body = node_field(e->tree, node, F_BODY);
    region_open(e, REGION_WITH, is_async ? REGION_ASYNC : 0, (RegionId){0}, node_span(e, node));
    u32 mark = operands_begin(e);
    if (clause) EACH_CHILD(e->tree, clause, c)
    if (!node_is_token(e->tree, c)) with_item(e, c, is_async);
    u32 managers = e->stack.n;
    if (body) statements(e, body);
    e->stack.n = managers;
    Span end = {node_at(e, node)->end, node_at(e, node)->end};
    while (e->stack.n > mark) {
        PathId manager = e->stack.v[--e->stack.n].path;
        emit_plain(e, OP_EXIT, is_async ? OP_ASYNC : 0, manager.i, end);
    }
    region_close(e);
}

static void case_clause(Extract *e, u32 node, PathId subject, RegionId *group) {
    u32 body = node_field(e->tree, node, F_CONSEQUENCE), guard = node_field(e->tree, node, F_GUARD);
    RegionId r = region_open(e, REGION_CASE, 0, *group, node_span(e, node));
    if (!group->i) *group = r;
    u32 first = e->b->ops.n;
    EACH_CHILD(e->tree, node, c)
    if (node_kind(e, c) == N_CASE_PATTERN) match_pattern(e, c, subject);
    u32 inner = guard ? node_first(e->tree, guard) : 0;
    if (inner) condition(e, inner, false);
    region_tests(e, r, first, e->b->ops.n);
    if (body) statements(e, body);
    region_close(e);
}

static void match_statement(Extract *e, u32 node) {
    u32 count = 0, single = 0;
    EACH_CHILD(e->tree, node, c) {
        if (node_at(e, c)->field != F_SUBJECT) continue;
        count++;
        single = c;
    }
    PathId subject = {0};
    if (count == 1) {
        subject = expr(e, single);
    } else {
        u32 from = operands_begin(e);
        EACH_CHILD(e->tree, node, c)
        if (node_at(e, c)->field == F_SUBJECT)
            operand_push(e, expr(e, c), OPERAND_POSITIONAL, (StrId){0});
        subject = path_op(e, emit(e, OP_TUPLE, 0, 0, node_span(e, node), from));
    }
    u32 body = node_field(e->tree, node, F_BODY);
    RegionId group = {0};
    if (body) EACH_CHILD(e->tree, body, c)
    if (node_kind(e, c) == N_CASE_CLAUSE) case_clause(e, c, subject, &group);
}

/* ---- simple statements ---- */

static void raise_statement(Extract *e, u32 node) {
    u32 from = operands_begin(e);
    EACH_CHILD(e->tree, node, c) {
        if (node_is_token(e->tree, c)) continue;
        if (node_kind(e, c) == N_EXPRESSION_LIST) { /* Python 2: raise type, value, traceback */
            e->b->flags |= FACTS_PYTHON2;
            EACH_CHILD(e->tree, c, part)
            if (!node_is_token(e->tree, part))
                operand_push(e, expr(e, part), OPERAND_POSITIONAL, (StrId){0});
        } else {
            bool cause = node_at(e, c)->field == F_CAUSE;
            StrId name = cause ? facts_string(e->b, STR("from")) : (StrId){0};
            operand_push(e, expr(e, c), cause ? OPERAND_KEYWORD : OPERAND_POSITIONAL, name);
        }
    }
    emit(e, OP_RAISE, 0, 0, node_span(e, node), from);
}

static void return_statement(Extract *e, u32 node) {
    u32 value = node_first(e->tree, node);
    while (value && node_is_token(e->tree, value)) value = node_next(e->tree, node, value);
    PathId path = value ? value_of(e, value) : (PathId){0};
    emit_with(e, OP_RETURN, 0, 0, node_span(e, node), path);
}

static void assert_statement(Extract *e, u32 node) {
    u32 test = node_first(e->tree, node), first = e->b->ops.n;
    if (!test) return;
    condition(e, test, false);
    u32 message = node_next(e->tree, node, test);
    while (message && node_is_token(e->tree, message)) message = node_next(e->tree, node, message);
    if (!message) return;
    RegionId r = region_open(e, REGION_IF, REGION_NEGATED, (RegionId){0}, node_span(e, message));
    region_tests(e, r, first, e->b->ops.n);
    expr_dropped(e, message);
    region_close(e);
}

static void declare(Extract *e, u32 node, u32 flag) {
    EACH_CHILD(e->tree, node, c) {
        if (node_kind(e, c) != N_IDENTIFIER) continue;
        SymbolId s = symbol_mention(e, c);
        e->b->symbols.v[s.i].flags |= flag;
    }
}

/* print and exec statements are calls of the builtins that they became. */
static void python2_statement(Extract *e, u32 node, Str name) {
    e->b->flags |= FACTS_PYTHON2;
    u32 from = operands_begin(e);
    EACH_CHILD(e->tree, node, c) {
        if (node_is_token(e->tree, c)) continue;
        u32 inner = node_kind(e, c) == N_CHEVRON ? node_first(e->tree, c) : c;
        if (inner) operand_push(e, expr(e, inner), OPERAND_POSITIONAL, (StrId){0});
    }
    PathId callee = path_symbol(e, symbol_in(e, e->scope, facts_string(e->b, name)));
    emit(e, OP_CALL, OP_DROPPED, callee.i, node_span(e, node), from);
}

/* The grammar takes `type(x).y = z` for an alias. No alias begins with a parenthesis. */
static void type_assignment(Extract *e, u32 left, u32 right) {
    PathId value = right ? expr(e, right) : (PathId){0};
    u32 target = node_kind(e, left) == N_TYPE ? node_first(e->tree, left) : left;
    u32 first = target;
    while (first && node_kind(e, first) != N_PARENTHESIZED && node_kind(e, first) != N_TUPLE)
        first = node_first(e->tree, first);
    e->type_call = first;
    if (target) bind_target(e, target, BIND_ASSIGN, value, (PathId){0});
    e->type_call = 0;
}

static void type_alias(Extract *e, u32 node) {
    u32 left = node_field(e->tree, node, F_LEFT), right = node_field(e->tree, node, F_RIGHT);
    if (left && e->text.p[node_at(e, left)->start] == '(') {
        type_assignment(e, left, right);
        return;
    }
    PathId value = right ? expr_type(e, right) : (PathId){0};
    u32 name = left;
    while (name && node_kind(e, name) != N_IDENTIFIER) name = node_first(e->tree, name);
    if (name)
        bind_name(e, symbol_mention(e, name), BIND_TYPE, node_span(e, name), value, (PathId){0});
}

static void expression_statement(Extract *e, u32 node) {
    u32 count = 0, single = 0;
    EACH_CHILD(e->tree, node, c) {
        if (node_is_token(e->tree, c)) continue;
        count++;
        single = c;
    }
    if (count == 1) {
        statement(e, single);
        return;
    }
    EACH_CHILD(e->tree, node, c)
    if (!node_is_token(e->tree, c)) expr_dropped(e, c);
}

static void decorated(Extract *e, u32 node) {
    u32 inner = node_field(e->tree, node, F_DEFINITION);
    if (!inner) {
        EACH_CHILD(e->tree, node, c)
        if (!node_is_token(e->tree, c)) expr_dropped(e, c);
    } else if (node_kind(e, inner) == N_CLASS) {
        define_class(e, inner, node);
    } else {
        define_function(e, inner, node);
    }
}

bool is_statement(const Extract *e, u32 node) {
    switch (node_kind(e, node)) {
    case N_ASSERT:
    case N_ASSIGNMENT:
    case N_AUGMENTED:
    case N_BLOCK:
    case N_BREAK:
    case N_CLASS:
    case N_CONTINUE:
    case N_DECORATED:
    case N_DELETE:
    case N_EXEC:
    case N_EXPRESSION_STATEMENT:
    case N_FOR:
    case N_FUNCTION:
    case N_FUTURE_IMPORT:
    case N_GLOBAL:
    case N_IF:
    case N_IMPORT:
    case N_IMPORT_FROM:
    case N_MATCH:
    case N_NONLOCAL:
    case N_PASS:
    case N_PRINT:
    case N_RAISE:
    case N_RETURN:
    case N_TRY:
    case N_TYPE_ALIAS:
    case N_WHILE:
    case N_WITH:
    case N_MODULE:
    case N_ELIF:
    case N_ELSE:
    case N_EXCEPT:
    case N_EXCEPT_GROUP:
    case N_FINALLY:
    case N_CASE_CLAUSE:
        return true;
    default:
        return false;
    }
}

static void dispatch(Extract *e, u32 node) {
    switch (node_kind(e, node)) {
    case N_EXPRESSION_STATEMENT:
        expression_statement(e, node);
        return;
    case N_ASSIGNMENT:
        assignment(e, node);
        return;
    case N_AUGMENTED:
        augmented(e, node);
        return;
    case N_IF:
        if_statement(e, node);
        return;
    case N_FOR:
        for_statement(e, node);
        return;
    case N_WHILE:
        while_statement(e, node);
        return;
    case N_TRY:
        try_statement(e, node);
        return;
    case N_WITH:
        with_statement(e, node);
        return;
    case N_MATCH:
        match_statement(e, node);
        return;
    case N_FUNCTION:
        define_function(e, node, 0);
        return;
    case N_CLASS:
        define_class(e, node, 0);
        return;
    case N_DECORATED:
        decorated(e, node);
        return;
    case N_IMPORT:
        import_statement(e, node);
        return;
    case N_IMPORT_FROM:
    case N_FUTURE_IMPORT:
        import_from(e, node);
        return;
    case N_RETURN:
        return_statement(e, node);
        return;
    case N_RAISE:
        raise_statement(e, node);
        return;
    case N_ASSERT:
        assert_statement(e, node);
        return;
    case N_DELETE:
        delete_target(e, node);
        return;
    case N_GLOBAL:
        declare(e, node, SYMBOL_GLOBAL);
        return;
    case N_NONLOCAL:
        declare(e, node, SYMBOL_NONLOCAL);
        return;
    case N_BREAK:
        emit_plain(e, OP_BREAK, 0, 0, node_span(e, node));
        return;
    case N_CONTINUE:
        emit_plain(e, OP_CONTINUE, 0, 0, node_span(e, node));
        return;
    case N_PRINT:
        python2_statement(e, node, STR("print"));
        return;
    case N_EXEC:
        python2_statement(e, node, STR("exec"));
        return;
    case N_TYPE_ALIAS:
        type_alias(e, node);
        return;
    case N_PASS:
        return;
    case N_EXCEPT:
    case N_EXCEPT_GROUP:
        except_clause(e, node, (RegionId){0});
        return;
    case N_BLOCK:
    case N_MODULE:
    case N_ERROR:
    case N_ELIF:
    case N_ELSE:
    case N_FINALLY:
    case N_CASE_CLAUSE:
        statements(e, node);
        return;
    default:
        expr_dropped(e, node);
    }
}

void statement(Extract *e, u32 node) {
    if (!depth_enter(e)) return;
    dispatch(e, node);
    e->depth--;
}

void statements(Extract *e, u32 parent) {
    EACH_CHILD(e->tree, parent, c)
    if (!node_is_token(e->tree, c)) statement(e, c);
}
