/* Everything that binds: assignment targets, imports, match patterns, type parameters. */
#include "python/extract.h"

void bind_name(Extract *e, SymbolId s, BindKind kind, Span span, PathId value, PathId annotation) {
    u32 from = operands_begin(e);
    if (value.i) operand_push(e, value, OPERAND_POSITIONAL, (StrId){0});
    if (annotation.i) operand_push(e, annotation, OPERAND_KEYWORD, facts_string(e->b, STR(":")));
    OpId op = emit(e, OP_BIND, (u8)kind, path_symbol(e, s).i, span, from);
    Symbol *symbol = &e->b->symbols.v[s.i];
    symbol->flags |= SYMBOL_BOUND;
    if (annotation.i) symbol->flags |= SYMBOL_ANNOTATED;
    if (kind == BIND_IMPORT) symbol->flags |= SYMBOL_IMPORT;
    if (!symbol->binds++) symbol->bind = op;
}

static void store(Extract *e, u32 target, BindKind kind, PathId value, PathId annotation) {
    PathId key;
    PathId path = expr_target(e, target, &key);
    u32 from = operands_begin(e);
    if (value.i) operand_push(e, value, OPERAND_POSITIONAL, (StrId){0});
    if (key.i) operand_push(e, key, OPERAND_KEY, (StrId){0});
    if (annotation.i) operand_push(e, annotation, OPERAND_KEYWORD, facts_string(e->b, STR(":")));
    emit(e, OP_STORE, (u8)kind, path.i, node_span(e, target), from);
}

static bool is_star(NodeKind kind) {
    return kind == N_LIST_SPLAT_PATTERN || kind == N_LIST_SPLAT;
}

/* `(a) = value`, which the grammar calls a tuple: no comma behind the only element. Returns it. */
static u32 parenthesized_target(const Extract *e, u32 pattern) {
    u32 only = 0;
    EACH_CHILD(e->tree, pattern, c) {
        if (node_is_token(e->tree, c)) continue;
        if (only) return 0;
        only = c;
    }
    if (!only || is_star(node_kind(e, only))) return 0;
    Str rest = str_sub(e->text, node_at(e, only)->end, node_at(e, pattern)->end);
    return str_find(rest, ',') < 0 ? only : 0;
}

static u32 inner_node(const Extract *e, u32 node) {
    EACH_CHILD(e->tree, node, c)
    if (!node_is_token(e->tree, c)) return c;
    return 0;
}

/* What a starred target takes: a new list of elements of `value`. */
static PathId rest_of(Extract *e, PathId value, OpKind kind, Span span) {
    u32 from = operands_begin(e);
    operand_push(e, value, kind == OP_DICT ? OPERAND_DOUBLE_STAR : OPERAND_STAR, (StrId){0});
    return path_op(e, emit(e, kind, OP_IMPLICIT, 0, span, from));
}

enum { DISPLAY_MAX = 32 }; /* elements that are taken apart: each is compared with all before it */

/* True when an op since `first` bound or stored to a path that `path` begins with: in `a, b = b, a`
 * the second value is not what a is by then. */
static bool is_overwritten(const Extract *e, u32 first, PathId path) {
    for (PathId p = path; p.i; p = e->b->paths.v[p.i].parent)
        for (u32 i = first; i < e->b->ops.n; i++) {
            const Op *op = &e->b->ops.v[i];
            if ((op->kind == OP_BIND || op->kind == OP_STORE) && op->subject == p.i) return true;
        }
    return false;
}

/* `a, *b, c = value`: a is value[0], b a new list, what follows it some element. A tuple display of
 * the same length is taken apart. */
static void unpack(Extract *e, u32 pattern, BindKind kind, PathId value) {
    u32 count = 0, index = 0;
    bool star = false;
    EACH_CHILD(e->tree, pattern, c) {
        if (node_is_token(e->tree, c)) continue;
        count++;
        star |= is_star(node_kind(e, c));
    }
    const Op *display = NULL;
    if (!star && (path_is_op(e, value, OP_TUPLE) || path_is_op(e, value, OP_LIST))) {
        display = &e->b->ops.v[e->b->paths.v[value.i].id];
        if (display->operands != count || count > DISPLAY_MAX) display = NULL;
    }
    u32 operands = display ? display->operand : 0;
    bool direct = display != NULL;
    for (u32 i = 0; direct && i < count; i++)
        if (operand_kind(e->b->operands.v[operands + i]) != OPERAND_POSITIONAL) direct = false;
    bool after_star = false;
    u32 first = e->b->ops.n;
    EACH_CHILD(e->tree, pattern, c) {
        if (node_is_token(e->tree, c)) continue;
        Span span = node_span(e, c);
        PathId element = direct ? e->b->operands.v[operands + index].path : (PathId){0};
        if (is_star(node_kind(e, c))) {
            after_star = true;
            if (value.i) element = rest_of(e, value, OP_LIST, span);
        } else if (direct && !is_overwritten(e, first, element)) {
            /* as it is written */
        } else if (after_star || !value.i) {
            element = value.i ? path_select(e, value, PATH_ANY, 0, 0, span) : value;
        } else {
            StrId at = facts_string(e->b, str_format(e->b->arena, "%u", index));
            element = path_select(e, value, PATH_CONST, at.i, LITERAL_INT, span);
        }
        bind_target(e, c, kind, element, (PathId){0});
        index++;
    }
}

void bind_target(Extract *e, u32 target, BindKind kind, PathId value, PathId annotation) {
    if (!depth_enter(e)) return;
    switch (node_kind(e, target)) {
    case N_IDENTIFIER:
        bind_name(e, symbol_mention(e, target), kind, node_span(e, target), value, annotation);
        break;
    case N_ATTRIBUTE:
    case N_SUBSCRIPT:
        store(e, target, kind, value, annotation);
        break;
    case N_TUPLE:
    case N_TUPLE_PATTERN: {
        u32 inner = parenthesized_target(e, target);
        if (inner)
            bind_target(e, inner, kind, value, annotation);
        else
            unpack(e, target, kind, value);
        break;
    }
    case N_LIST:
    case N_LIST_PATTERN:
    case N_PATTERN_LIST:
    case N_EXPRESSION_LIST:
        unpack(e, target, kind, value);
        break;
    case N_PARENTHESIZED:
    case N_LIST_SPLAT:
    case N_LIST_SPLAT_PATTERN:
    case N_DICTIONARY_SPLAT_PATTERN:
    case N_SPLAT_PATTERN:
    case N_AS_PATTERN_TARGET: {
        u32 inner = node_first(e->tree, target);
        while (inner && node_is_token(e->tree, inner)) inner = node_next(e->tree, target, inner);
        if (inner) bind_target(e, inner, kind, value, annotation);
        break;
    }
    default:
        expr(e, target);
    }
    e->depth--;
}

/* ---- imports ---- */

static StrId dotted_text(Extract *e, u32 node) {
    Buf text = {.arena = e->b->arena};
    EACH_CHILD(e->tree, node, c) {
        if (node_kind(e, c) != N_IDENTIFIER) continue;
        if (text.n) buf_char(&text, '.');
        buf_str(&text, facts_string(e->b, node_text(e, c)).i ? node_text(e, c) : (Str){0});
    }
    return facts_string(e->b, buf_get(&text));
}

static void add_import(Extract *e, Import import, u32 bound, Span span) {
    import.region = e->region;
    import.span = span;
    if (bound) import.symbol = symbol_mention(e, bound);
    vec_push(e->b->arena, &e->b->imports, import);
    u32 index = e->b->imports.n - 1;
    OpId op = emit_plain(e, OP_IMPORT, 0, index, span);
    if (bound)
        bind_name(e, import.symbol, BIND_IMPORT, node_span(e, bound), path_op(e, op), (PathId){0});
}

/* The name and alias nodes of `a.b` or `a.b as c`. */
static u32 aliased(const Extract *e, u32 node, u32 *alias) {
    *alias = 0;
    if (node_kind(e, node) != N_ALIASED_IMPORT) return node;
    *alias = node_field(e->tree, node, F_ALIAS);
    return node_field(e->tree, node, F_NAME);
}

void import_statement(Extract *e, u32 node) {
    EACH_CHILD(e->tree, node, c) {
        u32 alias, name = aliased(e, c, &alias);
        if (!name || node_kind(e, name) != N_DOTTED_NAME) continue;
        Import import = {.module = dotted_text(e, name)};
        if (alias) import.alias = name_of(e, alias);
        add_import(e, import, alias ? alias : node_first(e->tree, name), node_span(e, c));
    }
}

static void module_name(Extract *e, u32 node, Import *out) {
    if (node_kind(e, node) == N_DOTTED_NAME) {
        out->module = dotted_text(e, node);
        return;
    }
    EACH_CHILD(e->tree, node, c) {
        if (node_kind(e, c) == N_DOTTED_NAME) out->module = dotted_text(e, c);
        if (node_kind(e, c) != N_IMPORT_PREFIX) continue;
        Str dots = node_text(e, c);
        for (u32 i = 0; i < dots.n; i++) out->level += dots.p[i] == '.';
    }
}

void import_from(Extract *e, u32 node) {
    Import base = {0};
    u32 module = node_field(e->tree, node, F_MODULE_NAME);
    if (module) module_name(e, module, &base);
    if (node_kind(e, node) == N_FUTURE_IMPORT) base.module = facts_string(e->b, STR("__future__"));
    EACH_CHILD(e->tree, node, c) {
        Import import = base;
        if (node_kind(e, c) == N_WILDCARD) {
            import.name = facts_string(e->b, STR("*"));
            e->b->scopes.v[e->scope.i].flags |= SCOPE_STAR_IMPORT;
            add_import(e, import, 0, node_span(e, c));
            continue;
        }
        if (node_at(e, c)->field != F_NAME) continue;
        u32 alias, name = aliased(e, c, &alias);
        u32 identifier = name ? node_first(e->tree, name) : 0;
        if (!identifier) continue;
        import.name = name_of(e, identifier);
        if (alias) import.alias = name_of(e, alias);
        add_import(e, import, alias ? alias : identifier, node_span(e, c));
    }
}

/* ---- match ---- */

static void capture(Extract *e, u32 identifier, PathId subject) {
    if (str_is(node_text(e, identifier), "_")) return;
    SymbolId s = symbol_in(e, binding_scope(e), name_of(e, identifier));
    bind_name(e, s, BIND_MATCH, node_span(e, identifier), subject, (PathId){0});
}

static PathId dotted_value(Extract *e, u32 node) {
    PathId path = {0};
    EACH_CHILD(e->tree, node, c) {
        if (node_kind(e, c) != N_IDENTIFIER) continue;
        if (path.i)
            path = path_select(e, path, PATH_ATTR, name_of(e, c).i, 0, node_span(e, c));
        else
            path = path_symbol(e, symbol_mention(e, c));
    }
    return path;
}

static u32 child_count(const Extract *e, u32 node) {
    u32 n = 0;
    EACH_CHILD(e->tree, node, c) n += node_kind(e, c) == N_IDENTIFIER;
    return n;
}

/* `*rest` and `**rest` of a pattern. */
static void match_rest(Extract *e, u32 node, PathId subject) {
    u32 name = inner_node(e, node);
    if (!name || str_is(node_text(e, name), "_")) return;
    bool is_dict = str_starts(node_text(e, node), "**");
    Span span = node_span(e, node);
    capture(e, name, rest_of(e, subject, is_dict ? OP_DICT : OP_LIST, span));
}

/* The child of a pattern that matters: keyword and starred patterns are wrapped. */
static u32 unwrapped(const Extract *e, u32 node) {
    u32 inner = node_kind(e, node) == N_CASE_PATTERN ? inner_node(e, node) : 0;
    return inner ? inner : node;
}

static void match_sequence(Extract *e, u32 node, PathId subject) {
    PathId part = {0};
    EACH_CHILD(e->tree, node, c) {
        if (node_is_token(e->tree, c)) continue;
        u32 inner = unwrapped(e, c);
        if (node_kind(e, inner) == N_SPLAT_PATTERN) {
            match_rest(e, inner, subject);
            continue;
        }
        if (!part.i) part = path_select(e, subject, PATH_ANY, 0, 0, node_span(e, node));
        match_pattern(e, c, part);
    }
}

static void match_children(Extract *e, u32 node, PathId subject) {
    EACH_CHILD(e->tree, node, c)
    if (!node_is_token(e->tree, c)) match_pattern(e, c, subject);
}

static void match_class(Extract *e, u32 node, PathId subject) {
    u32 name = node_child(e->tree, node, N_DOTTED_NAME);
    if (name) emit_with(e, OP_MATCH, 0, subject.i, node_span(e, name), dotted_value(e, name));
    PathId part = {0}; /* which attribute a positional pattern means is the class's business */
    EACH_CHILD(e->tree, node, c) {
        if (c == name || node_is_token(e->tree, c)) continue;
        bool is_keyword = node_kind(e, unwrapped(e, c)) == N_KEYWORD_PATTERN;
        if (!is_keyword && !part.i)
            part = path_select(e, subject, PATH_ANY, 0, 0, node_span(e, node));
        match_pattern(e, c, is_keyword ? subject : part);
    }
}

/* A minus sign stands before the number, outside its node. */
static PathId match_value(Extract *e, u32 node) {
    Span span = node_span(e, node);
    NodeKind kind = node_kind(e, node);
    bool is_number = kind == N_INTEGER || kind == N_FLOAT;
    if (!is_number || !span.start || e->text.p[span.start - 1] != '-') return expr(e, node);
    return path_literal(e, kind == N_INTEGER ? LITERAL_INT : LITERAL_FLOAT,
                        str_sub(e->text, span.start - 1, span.end));
}

static void match_as(Extract *e, u32 node, PathId subject) {
    u32 alias = node_field(e->tree, node, F_ALIAS);
    EACH_CHILD(e->tree, node, c) {
        if (node_is_token(e->tree, c)) continue;
        if (!alias && c != node_first(e->tree, node) && node_kind(e, c) == N_IDENTIFIER)
            alias = c;
        else if (c != alias)
            match_pattern(e, c, subject);
    }
    if (alias && node_kind(e, alias) != N_IDENTIFIER) alias = node_first(e->tree, alias);
    if (alias) capture(e, alias, subject);
}

/* `key: pattern` pairs: keys are values that are looked up. */
static void match_mapping(Extract *e, u32 node, PathId subject) {
    PathId part = path_select(e, subject, PATH_ANY, 0, 0, node_span(e, node));
    EACH_CHILD(e->tree, node, c) {
        if (node_is_token(e->tree, c)) continue;
        if (node_kind(e, c) == N_SPLAT_PATTERN) {
            match_rest(e, c, subject);
            continue;
        }
        if (node_at(e, c)->field != F_KEY || node_kind(e, c) == N_CASE_PATTERN) {
            match_pattern(e, c, part);
            continue;
        }
        bool dotted = node_kind(e, c) == N_DOTTED_NAME;
        emit_with(e, OP_MATCH, 0, subject.i, node_span(e, c),
                  dotted ? dotted_value(e, c) : match_value(e, c));
    }
}

void match_pattern(Extract *e, u32 node, PathId subject) {
    if (!depth_enter(e)) return;
    PathId part;
    switch (node_kind(e, node)) {
    case N_CASE_PATTERN:
    case N_UNION_PATTERN:
    case N_ERROR:
        match_children(e, node, subject);
        break;
    case N_IDENTIFIER:
        capture(e, node, subject);
        break;
    case N_DOTTED_NAME:
        if (child_count(e, node) == 1)
            capture(e, node_first(e->tree, node), subject);
        else
            emit_with(e, OP_MATCH, 0, subject.i, node_span(e, node), dotted_value(e, node));
        break;
    case N_CLASS_PATTERN:
        match_class(e, node, subject);
        break;
    case N_AS_PATTERN:
        match_as(e, node, subject);
        break;
    case N_DICT_PATTERN:
        match_mapping(e, node, subject);
        break;
    case N_KEYWORD_PATTERN: {
        u32 name = inner_node(e, node);
        if (!name) break;
        part = path_select(e, subject, PATH_ATTR, name_of(e, name).i, 0, node_span(e, node));
        EACH_CHILD(e->tree, node, c)
        if (c != name && !node_is_token(e->tree, c)) match_pattern(e, c, part);
        break;
    }
    case N_TUPLE_PATTERN: {
        u32 inner = parenthesized_target(e, node);
        if (inner && node_kind(e, unwrapped(e, inner)) != N_SPLAT_PATTERN)
            match_pattern(e, inner, subject);
        else
            match_sequence(e, node, subject);
        break;
    }
    case N_LIST_PATTERN:
        match_sequence(e, node, subject);
        break;
    case N_SPLAT_PATTERN:
        match_rest(e, node, subject);
        break;
    default:
        emit_with(e, OP_MATCH, 0, subject.i, node_span(e, node), match_value(e, node));
    }
    e->depth--;
}

/* ---- type parameters ---- */

static u32 last_node(const Extract *e, u32 node) {
    u32 last = 0;
    EACH_CHILD(e->tree, node, c)
    if (!node_is_token(e->tree, c)) last = c;
    return last;
}

/* `T`, `T: bound`, `*Ts`, `**P`. The grammar does not know the default of `T = int` (PEP 696): it
 * leaves an error `T =` and then what looks like a parameter. */
void type_parameters(Extract *e, u32 node) {
    bool is_default = false;
    EACH_CHILD(e->tree, node, c) {
        if (node_is_token(e->tree, c)) continue;
        u32 name = c, bound = 0;
        while (name && node_kind(e, name) != N_IDENTIFIER) {
            if (node_kind(e, name) == N_CONSTRAINED_TYPE) bound = last_node(e, name);
            name = inner_node(e, name);
        }
        bool is_value =
            is_default || (node_kind(e, c) == N_ERROR && e->text.p[node_at(e, c)->start] == '=');
        if (is_value) {
            expr_type(e, c);
        } else if (name) {
            SymbolId s = symbol_mention(e, name);
            bind_name(e, s, BIND_TYPE, node_span(e, name), (PathId){0}, (PathId){0});
            e->b->symbols.v[s.i].flags |= SYMBOL_TYPE_PARAM;
            if (bound) expr_type(e, bound);
        }
        is_default = node_kind(e, c) == N_ERROR && !is_value;
    }
}
