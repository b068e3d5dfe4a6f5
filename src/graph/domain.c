/* What can come as an argument, and so what a key made of arguments keeps: by the annotation, by
 * what the callers pass, by the name. */
#include "graph/model.h"

static bool is_enum(const Graph *g, ClassId c) {
    static const char *const ENUMS[] = {"enum.Enum", "enum.IntEnum", "enum.Flag", "enum.IntFlag",
                                        "enum.StrEnum"};
    for (u32 i = 0; i < ARRAY_LEN(ENUMS); i++)
        if (graph_is_subclass(g, c, ENUMS[i])) return true;
    return false;
}

bool graph_is_made_per_call(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->calls.n; i++) {
        OpRef call = node->calls.v[i];
        const Op *op = &g->files[call.file].facts->ops[call.op.i];
        if (g->files[call.file].is_test) continue;
        if (graph_how_often(g, call.file, op->region) >= RUNS_PER_INSTANCE) return true;
    }
    for (u32 i = 0; i < node->subclasses.n; i++)
        if (g->classes[node->subclasses.v[i].i].calls.n) return true;
    return false;
}

/* Instances of the class as keys. */
static Domain domain_of_class(const Graph *g, ClassId c) {
    Domain d = {.kind = DOMAIN_VALUE, .class = c, .confidence = CONFIDENCE_LOW};
    d.what = str_after_last(graph_class_name(g, c), '.');
    HashKind hash = graph_hash_kind(g, c);
    if (is_enum(g, c) || graph_is_subclass(g, c, "builtins.type")) d.kind = DOMAIN_CLOSED;
    if (graph_only_module_instances(g, c)) d.kind = DOMAIN_CLOSED;
    if (d.kind == DOMAIN_CLOSED || hash == HASH_VALUE) return d;
    if (hash == HASH_NONE) d.kind = DOMAIN_UNHASHABLE;
    if (hash == HASH_IDENTITY) d.kind = DOMAIN_IDENTITY;
    const ClassId *mro;
    bool complete;
    graph_mro(g, c, &mro, &complete);
    bool is_made = graph_is_made_per_call(g, c);
    d.confidence = is_made && complete ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    if (d.kind == DOMAIN_IDENTITY && know_is_request_type(graph_class_name(g, c)))
        d.kind = DOMAIN_REQUEST;
    return d;
}

static Domain worse(Domain a, Domain b) {
    return b.kind > a.kind || (b.kind == a.kind && b.confidence > a.confidence) ? b : a;
}

static bool is_one_of(Str name, const char *const *names) {
    for (; *names; names++)
        if (str_is(name, *names)) return true;
    return false;
}

/* `Optional[X]`, `tuple[X, Y]`: what is inside decides. */
static bool is_transparent(Str name) {
    static const char *const NAMES[] = {
        "typing.Optional",  "typing.Union", "typing.Annotated",   "typing.Tuple",
        "typing.FrozenSet", "typing.Final", "builtins.tuple",     "builtins.frozenset",
        "typing.Sequence",  "typing.Type",  "typing_extensions.Annotated", NULL};
    return is_one_of(name, NAMES);
}

static bool is_unhashable(Str name) {
    static const char *const NAMES[] = {
        "builtins.list", "builtins.dict",         "builtins.set",
        "typing.List",   "typing.Dict",           "typing.Set",
        "numpy.ndarray", "pandas.DataFrame",      "typing.MutableMapping",
        "builtins.bytearray", NULL};
    return is_one_of(name, NAMES);
}

static Domain domain_of_annotation(const Graph *g, u32 file, PathId annotation, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[annotation.i];
    Domain d = {.kind = DOMAIN_UNKNOWN, .confidence = CONFIDENCE_LOW};
    if (!annotation.i || !depth) return d;
    const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    bool is_union = op && op->kind == OP_BINARY;
    Str name = graph_name_of(g, file, op && op->kind == OP_SUBSCRIPT ? op_path(op) : annotation);
    if (is_union || (op && op->kind == OP_SUBSCRIPT && is_transparent(name))) {
        d.kind = DOMAIN_CLOSED;
        for (u32 i = 0; i < op->operands; i++)
            d = worse(d, domain_of_annotation(g, file, op_operand(f, op, i), depth - 1));
        return d;
    }
    if (p->kind == PATH_LITERAL && p->flags != LITERAL_STRING) {
        d.kind = DOMAIN_CLOSED; /* None, … */
        return d;
    }
    if (op && op->kind == OP_TUPLE) return d;
    ClassId c = type_of_annotation(g, file, annotation, RESOLVE_DEPTH);
    if (c.i) return domain_of_class(g, c);
    if (p->kind == PATH_LITERAL) name = facts_str(f, (StrId){p->id});
    d.what = str_after_last(name, '.');
    if (know_is_closed_type(name)) d.kind = DOMAIN_CLOSED;
    else if (know_is_plain_type(name)) d.kind = DOMAIN_PLAIN;
    else if (know_is_request_type(name)) d.kind = DOMAIN_REQUEST, d.confidence = CONFIDENCE_MEDIUM;
    else if (is_unhashable(name)) d.kind = DOMAIN_UNHASHABLE;
    return d;
}

/* ---- what callers pass ---- */

static Domain domain_of_argument(const Graph *g, u32 file, PathId value) {
    u32 shape = shape_of(g, file, value, 5);
    Domain d = {.kind = DOMAIN_UNKNOWN, .confidence = CONFIDENCE_LOW};
    ClassId c = type_of_path(g, file, value, RESOLVE_DEPTH);
    if (shape && !(shape & ~(u32)(SHAPE_CONSTANT | SHAPE_CLOSED))) {
        d.kind = DOMAIN_CLOSED;
        return d;
    }
    if (c.i) {
        d = domain_of_class(g, c);
        return d;
    }
    if (shape & SHAPE_REQUEST) {
        d.kind = DOMAIN_REQUEST;
        d.confidence = CONFIDENCE_MEDIUM;
        d.what = STR("object of one request, message or connection");
    } else if (shape & SHAPE_TEXT) {
        d.kind = DOMAIN_PLAIN;
    }
    return d;
}

enum { CALLERS_READ = 24 };

/* The worst that the known callers outside of tests pass; *all is false when there may be others.
 */
static Domain domain_of_calls(const Graph *g, u32 fn_id, u32 index, Str name, PathId fallback,
                              bool *all) {
    const FunctionNode *fn = &g->functions[fn_id];
    Domain d = {.kind = DOMAIN_CLOSED, .confidence = CONFIDENCE_LOW};
    bool method = fn->owner.i && fn->kind != METHOD_STATIC;
    u32 read = 0;
    *all = !fn->called_by_name && !fn->unknown_callers && fn->callers.n <= CALLERS_READ;
    for (u32 i = 0; i < fn->callers.n && i < CALLERS_READ; i++) {
        OpRef call = fn->callers.v[i];
        if (g->files[call.file].is_test) continue;
        const Facts *from = g->files[call.file].facts;
        PathId argument = call_argument_named(from, &from->ops[call.op.i], index - method, name);
        read++;
        if (argument.i)
            d = worse(d, domain_of_argument(g, call.file, argument));
        else if (!fallback.i)
            *all = false;
    }
    if (!read) *all = false;
    return d;
}

/* ---- parameters ---- */

static Domain domain_of_parameter(const Graph *g, u32 fn, u32 file, const Scope *scope, u32 at) {
    const Facts *f = g->files[file].facts;
    const Param *p = &f->params[at];
    Str name = facts_str(f, f->symbols[p->symbol.i].name);
    Domain d = domain_of_annotation(g, file, p->annotation, 4);
    if (p->kind == PARAM_STAR || p->kind == PARAM_DOUBLE_STAR) {
        d.parameter = p->symbol;
        return d;
    }
    bool all;
    u32 index = at - scope->param_first;
    Domain passed = domain_of_calls(g, fn, index, name, p->fallback, &all);
    if (all && passed.kind == DOMAIN_CLOSED) d = passed;
    if (!p->annotation.i && (all || passed.kind > DOMAIN_UNKNOWN)) d = passed;
    bool is_named = !p->annotation.i && d.kind == DOMAIN_UNKNOWN && know_is_request_name(name);
    if (is_named) {
        d.kind = DOMAIN_REQUEST;
        d.confidence = CONFIDENCE_MEDIUM;
    }
    /* a default that is a flag: `verbose=False` */
    const Path *fallback = &f->paths[p->fallback.i];
    bool is_flag = fallback->kind == PATH_LITERAL &&
                   (fallback->flags == LITERAL_TRUE || fallback->flags == LITERAL_FALSE);
    if (is_flag && d.kind == DOMAIN_UNKNOWN) d.kind = DOMAIN_CLOSED;
    if (!d.what.n) d.what = name;
    d.parameter = p->symbol;
    return d;
}

Domain graph_arguments_domain(const Graph *g, ScopeRef function, u32 first) {
    const Facts *f = graph_facts(g, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    u32 fn = function_id(g, function.file, function.scope);
    Domain d = {.kind = DOMAIN_CLOSED, .confidence = CONFIDENCE_LOW};
    for (u32 at = scope->param_first + first; at < scope->param_end; at++)
        d = worse(d, domain_of_parameter(g, fn, function.file, scope, at));
    return d;
}

Domain graph_value_domain(const Graph *g, u32 file, PathId value) {
    const Facts *f = graph_facts(g, file);
    PathId path = graph_alias_of(g, file, value);
    const Path *p = &f->paths[path.i];
    const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    bool is_tuple = op && op->kind == OP_TUPLE;
    Domain d = {.kind = DOMAIN_CLOSED, .confidence = CONFIDENCE_LOW};
    if (!is_tuple) return domain_of_argument(g, file, value);
    for (u32 i = 0; i < op->operands && i < 8; i++)
        d = worse(d, domain_of_argument(g, file, op_operand(f, op, i)));
    return d;
}
