/* What makes it grave that a variable lives on: a large object, an owned resource, an object of one
 * request. By what is written: the annotation, the call that made it, the name of a parameter. */
#include "graph/model.h"

/* Operations of a function that are searched for the release of a resource. */
enum { RELEASE_OPS = 4000 };
enum { ANNOTATION_DEPTH = 3 };

static const Burden NO_BURDEN;

static Burden burden(BurdenKind kind, Confidence confidence, Str what) {
    return (Burden){kind, confidence, what};
}

/* ---- annotations ---- */

static Burden of_type(Str canonical) {
    Str bare = str_after_last(canonical, '.');
    if (know_is_large(canonical)) return burden(BURDEN_LARGE, CONFIDENCE_HIGH, bare);
    if (know_is_request_type(canonical)) return burden(BURDEN_REQUEST, CONFIDENCE_HIGH, bare);
    return NO_BURDEN;
}

/* `X`, `Optional[X]`, `Union[X, None]`; *is_plain when it says text, a number or the like. */
static Burden of_annotation(const Graph *g, u32 file, PathId path, u32 depth, bool *is_plain) {
    const Facts *f = graph_facts(g, file);
    const Path *p = &f->paths[path.i];
    if (!depth || !path.i) return NO_BURDEN;
    if (p->kind == PATH_LITERAL) {
        *is_plain = p->flags != LITERAL_STRING;
        return of_type(facts_str(f, (StrId){p->flags == LITERAL_STRING ? p->id : 0}));
    }
    if (p->kind == PATH_OP) {
        const Op *op = &f->ops[p->id];
        if (op->kind != OP_SUBSCRIPT && op->kind != OP_BINARY) return NO_BURDEN;
        Str base = op->kind == OP_SUBSCRIPT ? graph_name_of(g, file, op_path(op)) : STR("Union");
        if (!str_ends(base, "Optional") && !str_ends(base, "Union") && !str_ends(base, "NDArray"))
            return NO_BURDEN;
        if (str_ends(base, "NDArray")) return of_type(base);
        for (u32 i = 0; i < op->operands; i++) {
            bool ignored;
            Burden b = of_annotation(g, file, op_operand(f, op, i), depth - 1, &ignored);
            if (b.kind) return b;
        }
        return NO_BURDEN;
    }
    Str name = graph_name_of(g, file, path);
    *is_plain = know_is_plain_type(name) || know_is_closed_type(name);
    return of_type(name);
}

/* ---- parameters ---- */

static Burden of_parameter(const Graph *g, u32 file, SymbolId s) {
    const Facts *f = graph_facts(g, file);
    const Param *p = facts_param(f, s);
    if (!p || p->kind == PARAM_STAR || p->kind == PARAM_DOUBLE_STAR) return NO_BURDEN;
    ScopeRef function = {file, f->symbols[s.i].scope};
    bool is_first = f->scopes[function.scope.i].param_first == (u32)(p - f->params);
    if (is_first && graph_method_kind(g, function) != METHOD_NONE) return NO_BURDEN; /* self */
    bool is_plain = false;
    Burden b = of_annotation(g, file, p->annotation, ANNOTATION_DEPTH, &is_plain);
    if (b.kind) return b;
    ClassId class = variable_type(g, file, s, RESOLVE_DEPTH);
    if (class.i) return of_type(graph_class_name(g, class));
    Str name = facts_str(f, f->symbols[s.i].name);
    /* `task`, `sock` or `user_msg` is as often a class, a server's or a text: only two names say it
     * without a type */
    bool is_request = str_is(name, "request") || str_is(name, "websocket");
    if (p->annotation.i || !is_request) return NO_BURDEN;
    return burden(BURDEN_REQUEST, CONFIDENCE_MEDIUM, name);
}

/* ---- locals ---- */

static bool has_word(const char *words, Str word) {
    for (Str left = str_from(words); left.n;) {
        i64 comma = str_find(left, ',');
        u32 n = comma < 0 ? left.n : (u32)comma;
        if (str_eq(str_sub(left, 0, n), word)) return true;
        left = str_sub(left, comma < 0 ? left.n : n + 1, left.n);
    }
    return false;
}

/* The function releases it, enters it as a context manager, or gives it back to its caller. */
static bool is_released(const Facts *f, SymbolId s, const ResourceRow *row) {
    const Scope *scope = &f->scopes[f->symbols[s.i].scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + RELEASE_OPS);
    for (u32 o = scope->op_first; o < end; o++) {
        const Op *op = &f->ops[o];
        const Path *subject = &f->paths[op_subject((OpKind)op->kind) ? 0 : op->subject];
        if (op->kind == OP_ENTER && facts_root_symbol(f, op_path(op)).i == s.i) return true;
        if ((op->kind == OP_RETURN || op->kind == OP_YIELD) && op->operands == 1 &&
            f->paths[op_operand(f, op, 0).i].kind == PATH_SYMBOL &&
            facts_root_symbol(f, op_operand(f, op, 0)).i == s.i)
            return true;
        if (op->kind == OP_CALL && subject->kind == PATH_ATTR && row &&
            facts_root_symbol(f, op_path(op)).i == s.i &&
            has_word(row->releases, facts_str(f, (StrId){subject->id})))
            return true;
    }
    return false;
}

static Burden of_call(const Graph *g, u32 file, SymbolId s, const Op *call) {
    const Facts *f = graph_facts(g, file);
    Str name = graph_name_of(g, file, op_path(call));
    const ResourceRow *row = know_resource(name);
    if (row)
        return is_released(f, s, row)
                   ? NO_BURDEN
                   : burden(BURDEN_RESOURCE, CONFIDENCE_HIGH, str_from(resource_text(row->kind)));
    Burden b = of_type(name);
    const Path *callee = &f->paths[call->subject];
    if (!b.kind && callee->kind == PATH_ATTR) {
        Str method = facts_str(f, (StrId){callee->id});
        if (know_is_large_method(method))
            b = burden(BURDEN_LARGE, CONFIDENCE_MEDIUM, STR("content"));
    }
    return b.kind && is_released(f, s, NULL) ? NO_BURDEN : b;
}

static Burden of_local(const Graph *g, u32 file, SymbolId s) {
    const Facts *f = graph_facts(g, file);
    const Op *bind = facts_op(f, f->symbols[s.i].bind);
    if (bind->kind != OP_BIND || graph_is_switched_off(g, file, bind->region)) return NO_BURDEN;
    u32 kind = bind->flags & OP_LOW;
    if (kind != BIND_ASSIGN && kind != BIND_WALRUS) return NO_BURDEN;
    bool is_plain;
    Burden b = of_annotation(g, file, bound_annotation(f, bind), ANNOTATION_DEPTH, &is_plain);
    if (b.kind) return b;
    const Path *value = &f->paths[bound_value(f, bind).i];
    if (value->kind == PATH_OP && f->ops[value->id].kind == OP_AWAITED_VALUE)
        value = &f->paths[f->ops[value->id].subject];
    if (value->kind != PATH_OP || f->ops[value->id].kind != OP_CALL) return NO_BURDEN;
    return of_call(g, file, s, &f->ops[value->id]);
}

Burden graph_burden_of(const Graph *g, u32 file, SymbolId variable) {
    const Facts *f = graph_facts(g, file);
    const Symbol *s = &f->symbols[variable.i];
    u8 scope = f->scopes[s->scope.i].kind;
    if (scope != SCOPE_FUNCTION && scope != SCOPE_LAMBDA) return NO_BURDEN;
    return s->flags & SYMBOL_PARAM ? of_parameter(g, file, variable) : of_local(g, file, variable);
}

static bool is_method_self(const Graph *g, u32 file, SymbolId s) {
    const Facts *f = graph_facts(g, file);
    ScopeRef function = {file, f->symbols[s.i].scope};
    const Scope *scope = &f->scopes[function.scope.i];
    return scope->kind == SCOPE_FUNCTION && scope->param_first < scope->param_end &&
           f->params[scope->param_first].symbol.i == s.i &&
           graph_method_kind(g, function) == METHOD_INSTANCE;
}

/* What nobody misses: modules, functions and classes, literals, texts and numbers. */
static bool is_light(const Graph *g, u32 file, SymbolId variable) {
    const Facts *f = graph_facts(g, file);
    const Symbol *s = &f->symbols[variable.i];
    if (s->flags & SYMBOL_IMPORT) return true;
    if (s->flags & SYMBOL_PARAM) {
        const Param *p = facts_param(f, variable);
        bool is_plain = false;
        if (p) of_annotation(g, file, p->annotation, ANNOTATION_DEPTH, &is_plain);
        bool is_first = p && f->scopes[s->scope.i].param_first == (u32)(p - f->params);
        bool is_cls = is_first && graph_method_kind(g, (ScopeRef){file, s->scope}) == METHOD_CLASS;
        return is_plain || is_cls;
    }
    const Op *bind = facts_op(f, s->bind);
    if (bind->kind != OP_BIND || s->binds != 1) return false;
    const Path *value = &f->paths[bound_value(f, bind).i];
    if (value->kind != PATH_OP) return value->kind == PATH_LITERAL;
    u8 kind = f->ops[value->id].kind;
    return kind == OP_FUNCTION || kind == OP_CLASS || kind == OP_LAMBDA || kind == OP_FSTRING ||
           kind == OP_COMPARE || kind == OP_NOT;
}

/* A local that is bound to a fresh container, or to an instance of a class of the project: what the
 * inner functions work on. */
static bool is_fresh_object(const Graph *g, u32 file, SymbolId variable) {
    const Facts *f = graph_facts(g, file);
    const Op *bind = facts_op(f, f->symbols[variable.i].bind);
    const Path *value = &f->paths[bind->kind == OP_BIND ? bound_value(f, bind).i : 0];
    if (value->kind != PATH_OP) return false;
    const Op *op = &f->ops[value->id];
    if (op->kind == OP_LIST || op->kind == OP_DICT || op->kind == OP_SET) return true;
    if (op->kind != OP_CALL) return false;
    return variable_type(g, file, variable, RESOLVE_DEPTH).i ||
           know_constructor(graph_name_of(g, file, op_path(op))) != MADE_NOTHING;
}

SymbolId graph_heaviest(const Graph *g, u32 file, const SymbolId *variables, u32 n, Burden *out) {
    const Facts *f = graph_facts(g, file);
    SymbolId heaviest = {0};
    u32 most = 0;
    *out = NO_BURDEN;
    for (u32 i = 0; i < n; i++) {
        SymbolId s = variables[i];
        Burden b = graph_burden_of(g, file, s);
        bool is_parameter = f->symbols[s.i].flags & SYMBOL_PARAM;
        u32 weight = is_parameter || is_fresh_object(g, file, s) ? 2 : 1;
        if (is_method_self(g, file, s)) weight = 3;
        if (b.kind) weight = 4 + (u32)b.confidence * 4 + (u32)b.kind;
        if (weight <= most || (!b.kind && is_light(g, file, s))) continue;
        most = weight;
        heaviest = s;
        *out = b;
    }
    return heaviest;
}
