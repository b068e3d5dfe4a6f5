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
    static const char *const NAMES[] = {"typing.Optional",
                                        "typing.Union",
                                        "typing.Annotated",
                                        "typing.Tuple",
                                        "typing.FrozenSet",
                                        "typing.Final",
                                        "builtins.tuple",
                                        "builtins.frozenset",
                                        "typing.Sequence",
                                        "typing_extensions.Annotated",
                                        NULL};
    return is_one_of(name, NAMES);
}

static bool is_unhashable(Str name) {
    static const char *const NAMES[] = {"builtins.list",
                                        "builtins.dict",
                                        "builtins.set",
                                        "typing.List",
                                        "typing.Dict",
                                        "typing.Set",
                                        "numpy.ndarray",
                                        "pandas.DataFrame",
                                        "typing.MutableMapping",
                                        "builtins.bytearray",
                                        NULL};
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
    if (str_is(name, "typing.Type") || str_is(name, "builtins.type")) {
        d.kind = DOMAIN_CLOSED; /* classes, and not their instances */
        return d;
    }
    ClassId c = type_of_annotation(g, file, annotation, RESOLVE_DEPTH);
    if (c.i) return domain_of_class(g, c);
    if (p->kind == PATH_LITERAL) name = facts_str(f, (StrId){p->id});
    d.what = str_after_last(name, '.');
    if (know_is_closed_type(name))
        d.kind = DOMAIN_CLOSED;
    else if (know_is_plain_type(name))
        d.kind = DOMAIN_PLAIN;
    else if (know_is_request_type(name))
        d.kind = DOMAIN_REQUEST, d.confidence = CONFIDENCE_MEDIUM;
    else if (is_unhashable(name))
        d.kind = DOMAIN_UNHASHABLE;
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
enum { WIDE_KEY = 3 }; /* arguments in a key of which nobody counts the combinations */

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
    if (f->symbols[p->symbol.i].binds) all = false; /* what the body puts in its place */
    if (all && passed.kind == DOMAIN_CLOSED) d = passed;
    if (!p->annotation.i && (all || passed.kind > DOMAIN_UNKNOWN)) d = passed;
    if (d.kind == DOMAIN_UNKNOWN && passed.kind > DOMAIN_UNKNOWN) d = passed;
    bool is_named = !p->annotation.i && d.kind == DOMAIN_UNKNOWN && know_is_request_name(name);
    if (is_named) {
        /* a user may be the name of one, and there are so many of them */
        bool is_user = str_is(str_after_last(name, '_'), "user");
        d.kind = DOMAIN_REQUEST;
        d.confidence = is_user ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
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

/* A frame or traceback, which hold the locals of whole calls: by annotation, or by the usual name.
 */
static bool is_frame_parameter(const Graph *g, u32 file, const Param *p) {
    static const char *const NAMES[] = {"frame", "tb", "traceback", NULL};
    static const char *const TYPES[] = {"FrameType", "TracebackType", NULL};
    const Facts *f = g->files[file].facts;
    if (!p->annotation.i) return is_one_of(facts_str(f, f->symbols[p->symbol.i].name), NAMES);
    const Path *annotation = &f->paths[p->annotation.i];
    Str type = graph_name_of(g, file, p->annotation);
    if (annotation->kind == PATH_LITERAL) type = facts_str(f, (StrId){annotation->id});
    return is_one_of(str_after_last(type, '.'), TYPES);
}

/* A piece of work holds no connection, and some of them weigh little. */
static bool is_work(Str name) {
    return str_contains(name, "job") || str_contains(name, "task");
}

Str graph_grave_argument(const Graph *g, ScopeRef function, u32 first) {
    const Facts *f = graph_facts(g, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    u32 fn = function_id(g, function.file, function.scope);
    for (u32 at = scope->param_first + first; at < scope->param_end; at++) {
        const Param *p = &f->params[at];
        if (p->kind == PARAM_STAR || p->kind == PARAM_DOUBLE_STAR) continue;
        Domain d = domain_of_parameter(g, fn, function.file, scope, at);
        bool is_request = d.kind == DOMAIN_REQUEST && d.confidence > CONFIDENCE_LOW &&
                          !is_work(facts_str(f, f->symbols[p->symbol.i].name));
        if (is_request || is_frame_parameter(g, function.file, p))
            return facts_str(f, f->symbols[p->symbol.i].name);
    }
    return (Str){0};
}

Domain graph_constructor_domain(const Graph *g, Arena *arena, ClassId class) {
    ScopeRef init = graph_method(g, class, "__init__");
    if (scope_is_none(init)) init = graph_method(g, class, "__new__");
    if (!scope_is_none(init)) return graph_arguments_domain(g, init, 1);
    const Str *names;
    u32 n = graph_fields(g, class, arena, 1, &names);
    bool is_open = n || !g->classes[class.i].complete;
    return (Domain){.kind = is_open ? DOMAIN_UNKNOWN : DOMAIN_CLOSED};
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

/* `hash(…)` and `int(…)` of what is not written down: a number of a content. */
static bool is_number_of(const Graph *g, u32 file, const Op *call) {
    static const char *const NUMBERS[] = {"builtins.hash", "builtins.int", NULL};
    if (!is_one_of(graph_name_of(g, file, op_path(call)), NUMBERS)) return false;
    PathId of = call->operands ? op_operand(graph_facts(g, file), call, 0) : (PathId){0};
    return of.i && graph_value_domain(g, file, of).kind > DOMAIN_CLOSED;
}

bool graph_is_wide_key(const Graph *g, u32 file, PathId key) {
    const Facts *f = graph_facts(g, file);
    const Path *p = &f->paths[graph_alias_of(g, file, key).i];
    const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (op && op->kind == OP_CALL) return is_number_of(g, file, op);
    u32 open = 0;
    for (u32 i = 0; op && op->kind == OP_TUPLE && i < op->operands && i < 8; i++)
        open += domain_of_argument(g, file, op_operand(f, op, i)).kind > DOMAIN_CLOSED;
    return open >= WIDE_KEY;
}

/* ---- what texts are made of ---- */

static void add_parts(const Graph *g, u32 file, PathId text, u32 depth, TextParts *parts);

static void add_operands(const Graph *g, u32 file, const Op *op, u32 depth, TextParts *parts) {
    for (u32 i = 0; i < op->operands && i < 16; i++)
        add_parts(g, file, op_operand(g->files[file].facts, op, i), depth, parts);
}

static void be_fresh(const Graph *g, TextParts *parts, Str name) {
    parts->is_fresh = true;
    if (!parts->fresh.n) parts->fresh = graph_text(g, name);
}

/* A function by name that makes what does not come again; of a class it does. */
static bool is_fresh_call(const Graph *g, u32 file, Str name, const Op *call) {
    const CallRow *row = know_call(name);
    if (!row || !(row->flags & CALL_ID)) return false;
    PathId of = call ? op_operand(g->files[file].facts, call, 0) : (PathId){0};
    return !of.i || shape_of(g, file, of, 4) != SHAPE_CLOSED;
}

/* `id(self)` in a method. */
static bool is_id_of_self(const Graph *g, u32 file, Str name, const Op *call) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[op_operand(f, call, 0).i];
    bool is_class;
    return str_is(name, "builtins.id") && p->kind == PATH_SYMBOL &&
           self_class(g, file, f->symbols[p->id].target, &is_class).i && !is_class;
}

static void add_call(const Graph *g, u32 file, PathId text, const Op *call, u32 depth,
                     TextParts *parts) {
    const Facts *f = g->files[file].facts;
    static const char *const KEEPS[] = {
        "builtins.str", "builtins.format", "builtins.hex", "builtins.repr",
        "builtins.int", "builtins.ascii",  "sys.intern",   NULL};
    Str name = graph_name_of(g, file, op_path(call));
    const Path *callee = &f->paths[call->subject];
    Str method = callee->kind == PATH_ATTR ? facts_str(f, (StrId){callee->id}) : (Str){0};
    u32 shape = shape_of(g, file, text, 5);
    bool is_next = str_is(name, "builtins.next") && shape & SHAPE_ID;
    if (is_fresh_call(g, file, name, call)) {
        parts->is_of_self = !parts->is_fresh && is_id_of_self(g, file, name, call);
        be_fresh(g, parts, name);
    }
    if (is_next) be_fresh(g, parts, STR("next"));
    if (is_one_of(name, KEEPS)) {
        add_operands(g, file, call, depth, parts);
        return;
    }
    if (str_is(method, "format") || str_is(method, "join")) {
        add_operands(g, file, call, depth, parts);
        add_parts(g, file, callee->parent, depth, parts);
        return;
    }
    parts->shape |= shape;
}

/* What the callers pass for a parameter, one level up. */
static void add_passed(const Graph *g, u32 file, SymbolId s, u32 depth, TextParts *parts) {
    const Facts *f = g->files[file].facts;
    const Symbol *symbol = &f->symbols[s.i];
    const Scope *scope = &f->scopes[symbol->scope.i];
    if (!(symbol->flags & SYMBOL_PARAM) || symbol->binds || depth < 3) return;
    if (scope->kind != SCOPE_FUNCTION) return;
    const FunctionNode *fn = &g->functions[function_id(g, file, symbol->scope)];
    bool method = fn->owner.i && fn->kind != METHOD_STATIC;
    for (u32 at = scope->param_first; at < scope->param_end; at++) {
        const Param *p = &f->params[at];
        u32 index = at - scope->param_first;
        bool is_star = p->kind == PARAM_STAR || p->kind == PARAM_DOUBLE_STAR;
        if (p->symbol.i != s.i || is_star || index < method) continue;
        for (u32 i = 0; i < fn->callers.n && i < CALLERS_READ; i++) {
            OpRef call = fn->callers.v[i];
            const Facts *from = g->files[call.file].facts;
            const Op *op = &from->ops[call.op.i];
            bool runs = graph_how_often(g, call.file, op->region) >= RUNS_PER_INSTANCE;
            if (g->files[call.file].is_test || !runs) continue;
            PathId passed =
                call_argument_named(from, op, index - method, facts_str(f, symbol->name));
            add_parts(g, call.file, passed, 2, parts);
        }
    }
}

/* What methods store in an attribute of self, or of an object of a class that is known. */
static void add_attribute(const Graph *g, u32 file, const Path *p, u32 depth, TextParts *parts) {
    const Facts *f = g->files[file].facts;
    bool is_class;
    ClassId owner, own = {0};
    if (f->paths[p->parent.i].kind == PATH_SYMBOL)
        own = self_class(g, file, facts_root_symbol(f, p->parent), &is_class);
    if (depth < 3 || (own.i && is_class)) return;
    if (!own.i) own = graph_type_of(g, file, p->parent);
    if (!own.i) return;
    const AttributeDef *d = class_attribute(g, own, name_hash(f, (StrId){p->id}), &owner);
    for (u32 n = 0; d && n < 4; d = attribute_next(g, d), n++) {
        const Facts *from = g->files[d->file].facts;
        add_parts(g, d->file, bound_value(from, &from->ops[d->op.i]), 2, parts);
    }
}

static void add_parts(const Graph *g, u32 file, PathId text, u32 depth, TextParts *parts) {
    const Facts *f = g->files[file].facts;
    PathId path = graph_alias_of(g, file, text);
    const Path *p = &f->paths[path.i];
    const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (!depth || !text.i) return;
    if (is_counter(f, text)) be_fresh(g, parts, facts_str(f, f->symbols[f->paths[text.i].id].name));
    if (op && op->kind == OP_CALL) {
        add_call(g, file, path, op, depth - 1, parts);
        return;
    }
    if (op && (op->kind == OP_FSTRING || op->kind == OP_BINARY || op->kind == OP_TUPLE ||
               op->kind == OP_CHOICE || op->kind == OP_LIST)) {
        add_operands(g, file, op, depth - 1, parts);
        return;
    }
    /* `uuid4().hex`, and attributes of self that were made so */
    const Path *parent = &f->paths[p->parent.i];
    Str maker = graph_maker_of(g, file, path);
    if (!maker.n && p->kind == PATH_ATTR && parent->kind != PATH_SYMBOL)
        maker = graph_maker_of(g, file, p->parent);
    if (maker.n && is_fresh_call(g, file, maker, NULL)) be_fresh(g, parts, maker);
    parts->shape |= shape_of(g, file, path, 6);
    if (p->kind == PATH_SYMBOL) add_passed(g, file, facts_root_symbol(f, path), depth, parts);
    if (p->kind != PATH_ATTR) return;
    add_attribute(g, file, p, depth, parts);
    if (know_is_id_name(facts_str(f, (StrId){p->id})))
        parts->shape |= shape_of(g, file, p->parent, 4) & SHAPE_REQUEST;
}

TextParts graph_text_parts(const Graph *g, u32 file, PathId text) {
    TextParts parts = {0};
    add_parts(g, file, text, 5, &parts);
    return parts;
}

/* ---- what most callers leave out ---- */

bool graph_is_mostly_omitted(const Graph *g, KeyRef parameter) {
    const Facts *f = g->files[parameter.file].facts;
    PathId path = graph_alias_of(g, parameter.file, parameter.path);
    SymbolId owner = facts_root_symbol(f, path);
    if (f->paths[path.i].kind != PATH_SYMBOL || !(f->symbols[owner.i].flags & SYMBOL_PARAM))
        return false;
    const Param *p = facts_param(f, owner);
    if (!p || !facts_is_none(f, p->fallback)) return false;
    ScopeRef function = {parameter.file, f->symbols[owner.i].scope};
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    u32 all = 0, omitted = 0;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        if (g->files[call.file].is_test) continue;
        PathId given = given_argument(g, call, function, owner);
        all++;
        omitted += !given.i || facts_is_none(g->files[call.file].facts, given);
    }
    return omitted * 2 > all;
}
