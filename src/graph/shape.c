/* What keys and elements are made of: the union of what the parts of an expression say. */
#include "graph/rows.h"

static u32 shape_of_name(Str name) {
    u32 shape = 0;
    if (know_is_request_name(name)) shape |= SHAPE_REQUEST;
    if (know_is_id_name(name)) shape |= SHAPE_ID;
    return shape;
}

static bool is_enum(const Graph *g, ClassId c) {
    static const char *const ENUMS[] = {"enum.Enum", "enum.IntEnum", "enum.Flag", "enum.IntFlag",
                                        "enum.StrEnum"};
    for (u32 i = 0; i < ARRAY_LEN(ENUMS); i++)
        if (graph_is_subclass(g, c, ENUMS[i])) return true;
    return false;
}

enum { ALIAS_DEPTH = 4, PARTS_MAX = 64 };

/* `EventType = Literal["write"] | Literal["import"]`: all that it can be is written there. */
static bool is_closed_alias(const Graph *g, u32 file, PathId path, u32 depth, u32 *parts) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (!depth || ++*parts > PARTS_MAX) return false;
    if (op && op->kind == OP_BINARY) /* a long union is deep on its left */
        return op->operands == 2 && is_closed_alias(g, file, op_operand(f, op, 1), depth, parts) &&
               is_closed_alias(g, file, op_operand(f, op, 0), depth, parts);
    if (op && op->kind == OP_SUBSCRIPT)
        return know_is_closed_type(graph_name_of(g, file, op_path(op)));
    if (op && op->kind == OP_LOAD) p = &f->paths[op->subject]; /* where it stands as a value */
    if (p->kind == PATH_CONST || p->kind == PATH_ANY)
        return know_is_closed_type(graph_name_of(g, file, p->parent));
    Entity e = entity_of_path(g, file, path, RESOLVE_DEPTH);
    if (e.kind != ENTITY_VARIABLE) return false;
    const Facts *there = g->files[e.file].facts;
    const Symbol *s = &there->symbols[e.id];
    PathId value = s->binds == 1 ? bound_value(there, &there->ops[s->bind.i]) : (PathId){0};
    return value.i && is_closed_alias(g, e.file, value, depth - 1, parts);
}

/* `Optional[str]`, `Union[str, int]` */
static u32 shape_of_union(const Graph *g, u32 file, const Op *subscript) {
    const Facts *f = g->files[file].facts;
    u32 shape = 0;
    for (u32 i = 0; i < subscript->operands; i++) {
        PathId part = op_operand(f, subscript, i);
        const Path *p = &f->paths[part.i];
        if (p->kind == PATH_OP && f->ops[p->id].kind == OP_TUPLE)
            shape |= shape_of_union(g, file, &f->ops[p->id]);
        else
            shape |= shape_of_annotation(g, file, part);
    }
    return shape;
}

u32 shape_of_annotation(const Graph *g, u32 file, PathId annotation) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[annotation.i];
    u32 parts = 0;
    if (!annotation.i) return 0;
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_BINARY) {
        u32 shape = shape_of_annotation(g, file, op_operand(f, &f->ops[p->id], 0));
        return shape | shape_of_annotation(g, file, op_operand(f, &f->ops[p->id], 1));
    }
    if (is_closed_alias(g, file, annotation, ALIAS_DEPTH, &parts)) return SHAPE_CLOSED;
    ClassId c = type_of_annotation(g, file, annotation, RESOLVE_DEPTH);
    if (c.i) {
        u32 shape = know_is_request_type(graph_class_name(g, c)) ? SHAPE_REQUEST : 0;
        return shape | (is_enum(g, c) ? SHAPE_CLOSED : SHAPE_INSTANCE);
    }
    PathId head = p->kind == PATH_OP && f->ops[p->id].kind == OP_SUBSCRIPT ? op_path(&f->ops[p->id])
                                                                           : annotation;
    Str name = graph_name_of(g, file, head);
    if (head.i != annotation.i && (str_is(name, "typing.Optional") || str_is(name, "typing.Union")))
        return shape_of_union(g, file, &f->ops[p->id]);
    if (p->kind == PATH_LITERAL && p->flags == LITERAL_STRING) name = facts_str(f, (StrId){p->id});
    u32 shape = 0;
    if (know_is_closed_type(name))
        shape |= SHAPE_CLOSED;
    else if (know_is_plain_type(name))
        shape |= SHAPE_TEXT;
    if (know_is_request_type(name)) shape |= SHAPE_REQUEST;
    /* classes are as many as the source has, and a table of them is a registry */
    if (str_is(name, "builtins.type") || str_is(name, "typing.Type"))
        return SHAPE_CLOSED | SHAPE_FUNCTION;
    if (str_is(name, "typing.Callable") || str_is(name, "collections.abc.Callable"))
        shape |= SHAPE_FUNCTION;
    return shape;
}

enum { CALLERS_READ = 12 };

/* Somebody else than tests, which pass what they like, calls the function. */
static bool is_called_outside_tests(const Graph *g, const FunctionNode *fn) {
    for (u32 i = 0; i < fn->callers.n; i++)
        if (!g->files[fn->callers.v[i].file].is_test) return true;
    return false;
}

/* What the callers pass, when all of them are known; 0 when they are not. Of many of them the first
 * ones are asked, and only whether it is a text. */
static u32 shape_of_arguments(const Graph *g, u32 file, const Scope *scope, u32 index, ScopeId s,
                              u32 depth) {
    const FunctionNode *fn = &g->functions[function_id(g, file, s)];
    const Facts *f = g->files[file].facts;
    const Param *p = &f->params[scope->param_first + index];
    bool all = !fn->escapes && !fn->called_by_name && !fn->unknown_callers;
    bool method = fn->owner.i && fn->kind != METHOD_STATIC;
    bool is_sample = fn->callers.n > CALLERS_READ;
    if (!fn->callers.n || !depth) return 0;
    if (p->kind == PARAM_STAR || p->kind == PARAM_DOUBLE_STAR || (method && !index)) return 0;
    Str name = facts_str(f, f->symbols[p->symbol.i].name);
    u32 shape = all ? 0 : SHAPE_PARAMETER;
    bool skips_tests = is_called_outside_tests(g, fn);
    for (u32 i = 0; i < MIN(fn->callers.n, CALLERS_READ); i++) {
        OpRef call = fn->callers.v[i];
        const Facts *from = g->files[call.file].facts;
        if (skips_tests && g->files[call.file].is_test) continue;
        PathId argument = call_argument_named(from, &from->ops[call.op.i], index - method, name);
        if (argument.i)
            shape |= shape_of(g, call.file, argument, depth - 1);
        else if (p->fallback.i)
            shape |= SHAPE_CONSTANT;
        else
            shape |= SHAPE_OPEN;
    }
    if (is_sample) return shape & SHAPE_TEXT ? SHAPE_TEXT | SHAPE_PARAMETER : 0;
    return shape;
}

/* Is the variable part of an expression? Looked for a few levels deep. */
static bool is_made_of(const Facts *f, PathId path, SymbolId owner, u32 depth) {
    const Path *p = &f->paths[path.i];
    if (facts_root_symbol(f, path).i == owner.i) return true;
    while (p->kind == PATH_ATTR || p->kind == PATH_CONST || p->kind == PATH_ANY)
        p = &f->paths[p->parent.i];
    if (p->kind != PATH_OP || !depth) return false;
    const Op *op = &f->ops[p->id];
    if (op->kind == OP_CALL && is_made_of(f, op_path(op), owner, depth - 1)) return true;
    for (u32 i = 0; i < op->operands && i < 4; i++)
        if (is_made_of(f, op_operand(f, op, i), owner, depth - 1)) return true;
    return false;
}

/* What the body puts in the place of an argument that is missing: `name = name or next(names)`. A
 * value that is made of the argument says nothing new. */
static u32 shape_of_stand_in(const Graph *g, u32 file, SymbolId owner, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[owner.i];
    const Op *bind = &f->ops[s->bind.i];
    if (!s->binds || !depth || bind->kind != OP_BIND) return 0;
    if ((bind->flags & OP_LOW) != BIND_ASSIGN) return 0;
    PathId value = bound_value(f, bind);
    const Path *p = &f->paths[value.i];
    const Op *choice = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (!choice || choice->kind != OP_CHOICE)
        return is_made_of(f, value, owner, 3) ? 0 : shape_of(g, file, value, depth - 1);
    u32 shape = 0;
    for (u32 i = 0; i < choice->operands && i < 4; i++) {
        PathId part = op_operand(f, choice, i);
        if (!is_made_of(f, part, owner, 3)) shape |= shape_of(g, file, part, depth - 1);
    }
    return shape;
}

static u32 shape_of_parameter(const Graph *g, u32 file, SymbolId owner, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[owner.i];
    const Scope *scope = &f->scopes[s->scope.i];
    bool is_class;
    ClassId own = self_class(g, file, owner, &is_class);
    /* the instances that modules hold are as many as the source has, and so are the classes that
     * are called; those that a metaclass is making may be more */
    Str method = facts_str(f, scope->name);
    bool is_making = str_is(method, "__init__") || str_is(method, "__new__");
    bool is_metaclass = own.i && graph_is_subclass(g, own, "builtins.type");
    bool lasting = is_class || (is_metaclass && !is_making) ||
                   g->classes[own.i].instance_symbol.i || g->classes[own.i].resident.n;
    if (own.i) return lasting ? SHAPE_CLOSED : SHAPE_SELF;
    u32 shape = SHAPE_PARAMETER;
    for (u32 i = scope->param_first; i < scope->param_end; i++) {
        if (f->params[i].symbol.i != owner.i) continue;
        u32 passed =
            shape_of_arguments(g, file, scope, i - scope->param_first, s->scope, MIN(depth, 3u));
        if (passed) passed |= shape_of_stand_in(g, file, owner, MIN(depth, 5u));
        if (passed && !(passed & ~(u32)(SHAPE_CONSTANT | SHAPE_CLOSED))) return passed;
        u32 annotated = shape_of_annotation(g, file, f->params[i].annotation);
        if ((annotated & ~(u32)SHAPE_FUNCTION) == SHAPE_CLOSED) return annotated;
        /* an annotation says more than the names of what is passed */
        if (annotated && !(annotated & ~(u32)(SHAPE_TEXT | SHAPE_CLOSED)))
            passed &= ~(u32)SHAPE_REQUEST;
        shape |= passed | annotated;
    }
    u32 named = shape_of_name(facts_str(f, s->name));
    /* an annotation says more than a name: `session: str` is no session */
    if (shape & (SHAPE_CLOSED | SHAPE_TEXT)) named &= ~(u32)SHAPE_REQUEST;
    return shape | named;
}

static u32 shape_of_free_variables(const Graph *g, u32 file, ScopeId s, u32 depth) {
    const Facts *f = g->files[file].facts;
    u32 shape = SHAPE_FUNCTION;
    if (!s.i || !depth) return shape;
    for (u32 i = f->scopes[s.i].symbol_first; i < f->scopes[s.i].symbol_end; i++) {
        const Symbol *symbol = &f->symbols[i];
        bool is_class;
        if (!(symbol->flags & SYMBOL_FREE)) continue;
        if (self_class(g, file, symbol->target, &is_class).i && !is_class) shape |= SHAPE_SELF;
        shape |= shape_of_name(facts_str(f, symbol->name)) & SHAPE_REQUEST;
    }
    return shape;
}

bool is_keyword_arguments(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    SymbolId owner = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (!owner.i || !(f->symbols[owner.i].flags & SYMBOL_PARAM) || f->symbols[owner.i].binds)
        return false;
    const Scope *scope = &f->scopes[f->symbols[owner.i].scope.i];
    for (u32 i = scope->param_first; i < scope->param_end; i++)
        if (f->params[i].symbol.i == owner.i) return f->params[i].kind == PARAM_DOUBLE_STAR;
    return false;
}

/* The loop variable of `for name in options`, or the first of `for name, value in options.items()`.
 */
static bool is_keyword_name(const Facts *f, PathId value) {
    const Path *p = &f->paths[value.i];
    const Path *parent = &f->paths[p->parent.i];
    if (p->kind == PATH_ANY) return is_keyword_arguments(f, p->parent);
    if (p->kind != PATH_CONST || !str_is(facts_str(f, (StrId){p->id}), "0")) return false;
    const Path *items = &f->paths[parent->parent.i];
    if (parent->kind != PATH_ANY || items->kind != PATH_OP) return false;
    const Op *call = &f->ops[items->id];
    const Path *callee = &f->paths[call->subject];
    return call->kind == OP_CALL && callee->kind == PATH_ATTR &&
           str_is(facts_str(f, (StrId){callee->id}), "items") &&
           is_keyword_arguments(f, callee->parent);
}

/* `count += 1`, `count = count + 1` of a module's number, in the function that uses it. */
bool is_counter(const Facts *f, PathId path) {
    if (f->paths[path.i].kind != PATH_SYMBOL) return false;
    SymbolId owner = facts_root_symbol(f, path);
    const Symbol *s = &f->symbols[owner.i];
    const Symbol *here = &f->symbols[f->paths[path.i].id];
    const Path *first = &f->paths[bound_value(f, &f->ops[s->bind.i]).i];
    bool is_number = s->bind.i && f->scopes[s->scope.i].kind == SCOPE_MODULE &&
                     f->ops[s->bind.i].kind == OP_BIND && first->kind == PATH_LITERAL &&
                     first->flags == LITERAL_INT;
    const Op *step = &f->ops[here->bind.i];
    if (!is_number || here->binds != 1 || !(here->flags & SYMBOL_GLOBAL)) return false;
    if (step->kind != OP_BIND) return step->kind == OP_AUGMENT;
    const Path *value = &f->paths[bound_value(f, step).i];
    return value->kind == PATH_OP && f->ops[value->id].kind == OP_BINARY &&
           facts_root_symbol(f, op_operand(f, &f->ops[value->id], 0)).i == owner.i;
}

static u32 shape_of_variable(const Graph *g, u32 file, SymbolId owner, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[owner.i];
    Str name = facts_str(f, s->name);
    bool module = f->scopes[s->scope.i].kind == SCOPE_MODULE;
    if (s->flags & SYMBOL_PARAM) return shape_of_parameter(g, file, owner, depth);
    if (!s->bind.i) return SHAPE_OPEN;
    const Op *op = &f->ops[s->bind.i];
    u32 bind = op->flags & OP_LOW;
    if (op->kind != OP_BIND) return module ? SHAPE_CONSTANT : SHAPE_OPEN;
    u32 shape = shape_of_annotation(g, file, bound_annotation(f, op));
    PathId value = bound_value(f, op);
    if (bind == BIND_EXCEPT) return SHAPE_EXCEPTION;
    if (bind == BIND_FUNCTION)
        return shape_of_free_variables(g, file, (ScopeId){f->ops[f->paths[value.i].id].subject},
                                       depth) |
               (module ? SHAPE_CLOSED : 0);
    if (bind == BIND_CLASS) return SHAPE_FUNCTION | (module ? SHAPE_CLOSED : 0);
    if (bind == BIND_IMPORT) return SHAPE_CLOSED;
    if (bind == BIND_FOR && s->binds == 1 && is_keyword_name(f, value)) return SHAPE_CLOSED;
    if (!module && depth > 1 && s->binds > 1 && is_listed_variable(g, file, owner))
        return shape | SHAPE_CLOSED;
    if (bind == BIND_FOR && s->binds == 1 && depth > 1 && is_listed(g, file, value))
        return shape | SHAPE_CLOSED;
    if (bind == BIND_FOR) shape |= SHAPE_ROUND;
    if (module && s->binds == 1 && bind == BIND_ASSIGN) return shape | SHAPE_CONSTANT;
    if (s->binds == 1 && value.i)
        shape |= shape_of(g, file, value, depth - 1);
    else
        shape |= SHAPE_OPEN;
    bool is_plain = shape & (SHAPE_TEXT | SHAPE_CLOSED | SHAPE_CONSTANT) ||
                    (s->binds == 1 && is_field_of_row(g, file, value));
    if (!is_plain)
        shape |= shape_of_name(name);
    else if (shape != SHAPE_CLOSED)
        shape |= shape_of_name(name) & SHAPE_ID;
    return shape;
}

static u32 shape_of_operands(const Graph *g, u32 file, const Op *op, u32 depth) {
    u32 shape = 0;
    /* a bound on the tree of expressions that one question looks at */
    u32 most = depth >= 5 ? 16 : 4;
    for (u32 i = 0; i < op->operands && i < most; i++)
        shape |= shape_of(g, file, op_operand(g->files[file].facts, op, i), depth - 1);
    return shape;
}

/* Methods of text and numbers, by name: their result holds nothing. */
static bool is_text_method(Str name) {
    static const char *const METHODS[] = {
        "format",   "lower",     "upper",  "strip",         "join",      "encode", "decode",
        "replace",  "hexdigest", "digest", "lstrip",        "rstrip",    "title",  "isoformat",
        "casefold", "as_posix",  "fileno", "total_seconds", "timestamp", "group"};
    for (u32 i = 0; i < ARRAY_LEN(METHODS); i++)
        if (str_is(name, METHODS[i])) return true;
    return false;
}

/* `self.numbers` of `next(self.numbers)`: what the class gives it, in *file. */
static PathId counter_of_class(const Graph *g, u32 *file, PathId path) {
    const Facts *f = g->files[*file].facts;
    const Path *p = &f->paths[path.i];
    bool is_class;
    ClassId owner = {0};
    if (p->kind == PATH_ATTR && p->depth == 1)
        owner = self_class(g, *file, facts_root_symbol(f, path), &is_class);
    const AttributeDef *def =
        owner.i ? class_attribute(g, owner, name_hash(f, (StrId){p->id}), &(ClassId){0}) : NULL;
    if (!def || attribute_next(g, def)) return path;
    *file = def->file;
    f = g->files[def->file].facts;
    return bound_value(f, &f->ops[def->op.i]);
}

/* next(itertools.count()), also through a variable: a number that does not come again. */
static bool is_next_number(const Graph *g, u32 file, const Op *op) {
    PathId counter = op_operand(g->files[file].facts, op, 0);
    Entity e = entity_of_path(g, file, counter, RESOLVE_DEPTH);
    counter = counter_of_class(g, &file, counter);
    if (e.kind == ENTITY_VARIABLE) {
        const Facts *home = g->files[e.file].facts;
        file = e.file;
        counter = bound_value(home, &home->ops[home->symbols[e.id].bind.i]);
    }
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[counter.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return false;
    const CallRow *row = know_call(graph_name_of(g, file, op_path(&f->ops[p->id])));
    return row && row->flags & CALL_COUNTER;
}

static u32 shape_of_call(const Graph *g, u32 file, const Op *op, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *callee = &f->paths[op->subject];
    Str name = graph_name_of(g, file, op_path(op));
    const CallRow *row = know_call(name);
    Str method = callee->kind == PATH_ATTR ? facts_str(f, (StrId){callee->id}) : (Str){0};
    if (str_is(name, "builtins.next") && is_next_number(g, file, op)) return SHAPE_ID | SHAPE_TEXT;
    if (row) {
        if (row->flags & CALL_ID) {
            u32 of = op->operands ? shape_of_operands(g, file, op, depth) : 0;
            return of == SHAPE_CLOSED ? of : SHAPE_ID | SHAPE_TEXT; /* id(type(x)) */
        }
        if (row->flags & CALL_TASK)
            return SHAPE_TASK | (shape_of_operands(g, file, op, depth) & SHAPE_SELF);
        if (row->flags & CALL_WEAK) return SHAPE_WEAK;
        if (row->flags & CALL_CLOSED) return SHAPE_CLOSED;
        if (row->flags & CALL_EXCEPTION) return SHAPE_EXCEPTION;
        u32 parts = shape_of_operands(g, file, op, depth);
        if (row->flags & CALL_PLAIN)
            return SHAPE_TEXT | (parts & ~(u32)(SHAPE_SELF | SHAPE_REQUEST | SHAPE_INSTANCE |
                                                SHAPE_TASK | SHAPE_EXCEPTION));
        return parts;
    }
    if (method.n && know_is_task_method(method)) return SHAPE_TASK;
    if (method.n && is_text_method(method))
        return SHAPE_TEXT | (shape_of(g, file, callee->parent, depth - 1) &
                             ~(u32)(SHAPE_REQUEST | SHAPE_SELF | SHAPE_INSTANCE));
    ClassId c;
    callee_function(g, file, op, &c);
    if (c.i) {
        u32 shape =
            SHAPE_INSTANCE | (know_is_request_type(graph_class_name(g, c)) ? SHAPE_REQUEST : 0);
        u32 parts = shape_of_operands(g, file, op, depth);
        return shape | (parts & (SHAPE_SELF | SHAPE_REQUEST | SHAPE_TASK));
    }
    if (know_is_request_type(name)) return SHAPE_REQUEST | SHAPE_OPEN;
    return SHAPE_OPEN;
}

static u32 shape_of_op(const Graph *g, u32 file, const Op *op, u32 depth) {
    switch (op->kind) {
    case OP_CALL:
        return shape_of_call(g, file, op, depth);
    case OP_LOAD:
        return shape_of(g, file, op_path(op), depth - 1);
    case OP_FSTRING:
        return SHAPE_TEXT | (shape_of_operands(g, file, op, depth) &
                             (SHAPE_ID | SHAPE_PARAMETER | SHAPE_ROUND | SHAPE_OPEN));
    case OP_TUPLE:
    case OP_LIST:
    case OP_SET:
    case OP_DICT:
    case OP_CHOICE:
        return op->operands ? shape_of_operands(g, file, op, depth) : SHAPE_CONSTANT;
    case OP_BINARY:
    case OP_UNARY:
        return shape_of_operands(g, file, op, depth) &
               ~(u32)(SHAPE_SELF | SHAPE_REQUEST | SHAPE_INSTANCE);
    case OP_COMPARE:
    case OP_NOT:
        return SHAPE_CLOSED;
    case OP_LAMBDA:
    case OP_FUNCTION:
        return shape_of_free_variables(g, file, (ScopeId){op->subject}, depth);
    case OP_CLASS:
        return SHAPE_FUNCTION;
    default:
        return SHAPE_OPEN;
    }
}

/* `flask.request`: a name of a module that stands for the request at hand. */
static bool is_of_request(Entity e) {
    return know_is_request_proxy(entity_text(e));
}

/* obj.name: an identity by its name, a closed set (`__class__`, Enum members), or as open as the
 * object. */
/* `uuid4().hex`: another form of the same number. */
static bool is_form_of_number(Str attribute) {
    static const char *const FORMS[] = {"hex", "int", "bytes", "bytes_le", "urn"};
    for (u32 i = 0; i < ARRAY_LEN(FORMS); i++)
        if (str_is(attribute, FORMS[i])) return true;
    return false;
}

static u32 shape_of_attribute(const Graph *g, u32 file, PathId path, const Path *p, u32 depth) {
    const Facts *f = g->files[file].facts;
    Str name = facts_str(f, (StrId){p->id});
    Entity e = entity_of_path(g, file, path, RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS || e.kind == ENTITY_FUNCTION || e.kind == ENTITY_MODULE)
        return SHAPE_CLOSED;
    if (e.kind == ENTITY_EXTERNAL)
        return is_of_request(e) ? SHAPE_PARAMETER | SHAPE_OPEN : SHAPE_CLOSED;
    if (e.kind == ENTITY_VARIABLE) return SHAPE_CONSTANT;
    if (str_starts(name, "__") && str_ends(name, "__")) return SHAPE_CLOSED;
    u32 base = shape_of(g, file, p->parent, depth - 1);
    if (base == (SHAPE_ID | SHAPE_TEXT) && is_form_of_number(name)) return base;
    u32 shape = shape_of_name(name);
    if (shape & SHAPE_REQUEST && is_field_of_row(g, file, path)) shape &= ~(u32)SHAPE_REQUEST;
    ClassId c = type_of_path(g, file, path, RESOLVE_DEPTH);
    if (c.i) shape |= is_enum(g, c) ? SHAPE_CLOSED : SHAPE_INSTANCE;
    if (c.i && know_is_request_type(graph_class_name(g, c))) shape |= SHAPE_REQUEST;
    ClassId owner = type_of_path(g, file, p->parent, RESOLVE_DEPTH), holder;
    if (owner.i && !c.i) {
        SymbolId s = class_member(g, owner, name_hash(f, (StrId){p->id}), &holder);
        Entity member =
            s.i ? entity_of_symbol(g, g->classes[holder.i].file, s, RESOLVE_DEPTH) : (Entity){0};
        u32 fn =
            member.kind == ENTITY_FUNCTION ? function_id(g, member.file, (ScopeId){member.id}) : 0;
        const Facts *home = fn ? g->files[member.file].facts : NULL;
        bool property =
            fn && home->scopes[member.id].decorator_first != home->scopes[member.id].decorator_end;
        if (fn && !property && g->functions[fn].kind == METHOD_INSTANCE)
            return SHAPE_FUNCTION | (base & (SHAPE_SELF | SHAPE_REQUEST));
    }
    if (shape & ~(u32)SHAPE_ID) return shape;
    return shape | SHAPE_OPEN | (base & (SHAPE_PARAMETER | SHAPE_ROUND));
}

/* `row["name"]` in `for row in rows` */
static bool is_part_of_round(const Facts *f, PathId path) {
    const Op *bind = &f->ops[f->symbols[facts_root_symbol(f, path).i].bind.i];
    return bind->kind == OP_BIND && (bind->flags & OP_LOW) == BIND_FOR;
}

/* `message[0]`, a byte or field of what is called a message: few values, and no message. */
static bool is_byte_of(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    return p->kind == PATH_CONST && p->flags == LITERAL_INT &&
           know_is_request_name(facts_last_name(f, p->parent));
}

u32 shape_of(const Graph *g, u32 file, PathId path, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    if (!depth || depth > RESOLVE_DEPTH) return SHAPE_OPEN;
    switch (p->kind) {
    case PATH_LITERAL:
        return SHAPE_CONSTANT;
    case PATH_SYMBOL: {
        SymbolId owner = f->symbols[p->id].target;
        if (is_counter(f, path)) return SHAPE_ID | SHAPE_TEXT;
        if (owner.i) {
            Entity e = entity_of_symbol(g, file, owner, RESOLVE_DEPTH);
            if (e.kind == ENTITY_EXTERNAL && is_of_request(e)) return SHAPE_REQUEST | SHAPE_OPEN;
            if (e.kind == ENTITY_EXTERNAL || e.kind == ENTITY_MODULE) return SHAPE_CLOSED;
            return shape_of_variable(g, file, owner, depth - 1);
        }
        return SHAPE_CLOSED; /* builtins: types, functions, __name__ */
    }
    case PATH_OP:
        return shape_of_op(g, file, &f->ops[p->id], depth - 1);
    case PATH_ATTR:
        return shape_of_attribute(g, file, path, p, depth);
    case PATH_CONST:
    case PATH_ANY: {
        if (depth > 1 && is_part_of_round(f, path) && is_listed(g, file, path)) return SHAPE_CLOSED;
        u32 base = shape_of(g, file, p->parent, depth - 1);
        /* of `sys.exc_info()` value and traceback, of `inspect.stack()` no part but a frame */
        Str index = p->kind == PATH_CONST ? facts_str(f, (StrId){p->id}) : (Str){0};
        if (!str_is(index, "1") && !str_is(index, "2")) base &= ~(u32)SHAPE_EXCEPTION;
        if (know_is_kind_name(index) || is_byte_of(f, path))
            base &= ~(u32)SHAPE_REQUEST; /* `message["type"]`, `message[0]` */
        return (base & ~(u32)SHAPE_SELF) |
               ((base & (SHAPE_CONSTANT | SHAPE_CLOSED)) ? 0 : SHAPE_OPEN);
    }
    default:
        return SHAPE_OPEN;
    }
}
