/* What a value is, by the expression that makes it and by its annotation. */
#include "graph/model.h"

enum { VALUE_DEPTH = 5 };

static const char *const LOCKS[] = {"asyncio.Condition",     "asyncio.Event",
                                    "asyncio.Lock",          "asyncio.Semaphore",
                                    "multiprocessing.Event", "multiprocessing.Lock",
                                    "multiprocessing.RLock", "thread.allocate_lock",
                                    "_thread.allocate_lock", "threading.Barrier",
                                    "threading.Condition",   "threading.Event",
                                    "threading.Lock",        "threading.RLock",
                                    "threading.Semaphore",   "threading.BoundedSemaphore"};

static bool is_lock(Str name) {
    for (u32 i = 0; i < ARRAY_LEN(LOCKS); i++)
        if (str_is(name, LOCKS[i])) return true;
    return false;
}

static Value of_class(ClassId c) {
    return (Value){.kind = c.i ? ATTRIBUTE_INSTANCE : ATTRIBUTE_UNKNOWN,
                   .container = CONTAINER_OTHER,
                   .instance = c};
}

static Value of_container(ContainerKind kind, bool is_fresh) {
    return (Value){.kind = kind == CONTAINER_OTHER ? ATTRIBUTE_UNKNOWN : ATTRIBUTE_CONTAINER,
                   .container = kind,
                   .is_fresh = is_fresh};
}

/* What calling, or being annotated with, a name outside the project gives. */
static Value of_name(Str name) {
    Value v = {.container = CONTAINER_OTHER, .made_by = name};
    const ResourceRow *resource = know_resource(name);
    const CallRow *row = know_call(name);
    u32 n;
    const EffectRow *effects = know_effects(name, &n);
    bool holds_weakly =
        effects && effects->holder == HELD_BY_RESULT && effects->flags & EFFECT_WEAK;
    if (resource) v.resource = resource->kind;
    if (is_lock(name))
        v.kind = ATTRIBUTE_LOCK;
    else if ((row && row->flags & CALL_WEAK) || holds_weakly)
        v.kind = ATTRIBUTE_WEAK;
    else if (row && row->flags & CALL_TASK)
        v.kind = ATTRIBUTE_TASK;
    else if (resource)
        v.kind = ATTRIBUTE_RESOURCE;
    else if (know_is_plain_type(name) || know_is_closed_type(name) ||
             (row && row->flags & CALL_PLAIN))
        v.kind = ATTRIBUTE_PLAIN;
    else if (row && row->flags & CALL_HOLDS)
        v.kind = ATTRIBUTE_FUNCTION;
    else if (str_ends(name, ".Callable"))
        v.kind = ATTRIBUTE_FUNCTION;
    else if (name.n && !row && !str_starts(name, "builtins.") && !str_starts(name, "typing."))
        v.kind = ATTRIBUTE_OUTSIDE;
    return v;
}

static Value of_annotation(const Graph *g, u32 file, PathId annotation) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[annotation.i];
    PathId head = annotation;
    ClassId c = type_of_annotation(g, file, annotation, RESOLVE_DEPTH);
    if (c.i || !annotation.i) return of_class(c);
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_SUBSCRIPT) head = op_path(&f->ops[p->id]);
    if (p->kind == PATH_OP && f->ops[p->id].kind == OP_BINARY) /* list[int] | None */
        return of_annotation(g, file, op_operand(f, &f->ops[p->id], 0));
    if (p->kind == PATH_LITERAL) return of_class(c);
    Str name = graph_name_of(g, file, head);
    if (str_is(name, "typing.Optional") || str_is(name, "typing.ClassVar") ||
        str_is(name, "typing.Final"))
        return of_annotation(g, file, op_operand(f, &f->ops[p->kind == PATH_OP ? p->id : 0], 0));
    const ConstructorRow *row = know_constructor_row(name);
    /* a bound is not to be seen in an annotation */
    if (row && row->made != MADE_BOUNDED) return of_container(kind_of_made(row->made), false);
    Value v = of_name(name);
    if (v.kind == ATTRIBUTE_OUTSIDE) v.kind = ATTRIBUTE_UNKNOWN; /* of that type, or derived */
    return v;
}

static Value value_at(const Graph *g, u32 file, PathId value, u32 depth);

/* `field(default_factory=list)`, `attr.ib(factory=dict)`, `attr.ib(default=attr.Factory(dict))`:
 * what makes the value of each instance, or 0. */
static PathId factory_of_field(const Graph *g, u32 file, const Op *op) {
    const Facts *f = g->files[file].facts;
    PathId factory = call_argument(f, op, UINT32_MAX, "default_factory");
    if (!factory.i) factory = call_argument(f, op, UINT32_MAX, "factory");
    if (factory.i) return factory;
    const Op *made = facts_call(f, call_argument(f, op, 0, "default"));
    if (!made) return (PathId){0};
    Str name = graph_name_of(g, file, op_path(made));
    bool is_factory = str_is(name, "attr.Factory") || str_is(name, "attrs.Factory");
    return is_factory ? op_operand(f, made, 0) : (PathId){0};
}

static Value of_field(const Graph *g, u32 file, const Op *op) {
    PathId factory = factory_of_field(g, file, op);
    PathId plain = call_argument(g->files[file].facts, op, UINT32_MAX, "default");
    if (!factory.i) return plain.i ? value_at(g, file, plain, 2) : of_class((ClassId){0});
    Entity e = entity_of_path(g, file, factory, RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS) return of_class(entity_class(g, e));
    Str name = entity_name(g, e);
    const ConstructorRow *row = know_constructor_row(name);
    if (row) return of_container(kind_of_made(row->made), true);
    return e.kind == ENTITY_EXTERNAL ? of_name(name) : of_class((ClassId){0});
}

/* `lambda: defaultdict(list)` */
static ContainerKind kind_of_lambda(const Graph *g, u32 file, PathId factory) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[factory.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_LAMBDA) return CONTAINER_OTHER;
    const Scope *s = &f->scopes[f->ops[p->id].subject];
    for (u32 i = s->op_first; i < s->op_end; i++)
        if (f->ops[i].kind == OP_RETURN) return made_kind(g, file, op_operand(f, &f->ops[i], 0));
    return CONTAINER_OTHER;
}

ContainerKind field_kind(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    const Op *call = facts_call(f, value);
    PathId factory = call ? factory_of_field(g, file, call) : (PathId){0};
    if (!factory.i) return CONTAINER_OTHER;
    const ConstructorRow *row = know_constructor_row(graph_name_of(g, file, factory));
    return row ? kind_of_made(row->made) : kind_of_lambda(g, file, factory);
}

static bool is_empty_call(const Facts *f, const Op *op, MadeKind made) {
    u32 positional = 0;
    for (u32 i = 0; i < op->operands; i++) {
        Operand o = f->operands[op->operand + i];
        positional += operand_kind(o) != OPERAND_KEYWORD;
        if (operand_kind(o) == OPERAND_KEYWORD && made == MADE_DICT) return false;
    }
    return positional == 0 || (positional == 1 && made == MADE_DEFAULTDICT);
}

static Value of_call(const Graph *g, u32 file, PathId value, const Op *op) {
    const Facts *f = g->files[file].facts;
    Str name = graph_name_of(g, file, op_path(op));
    const ConstructorRow *row = know_constructor_row(name);
    if (row) return of_container(made_kind(g, file, value), is_empty_call(f, op, row->made));
    ClassId made;
    u32 fn = callee_function(g, file, op, &made);
    if (made.i) return of_class(made);
    if (fn) return of_class(g->functions[fn].result);
    static const char *const FIELDS[] = {"attr.attrib", "attr.field",        "attr.ib",
                                         "attrs.field", "dataclasses.field", "pydantic.Field"};
    if (str_is_any(name, FIELDS, ARRAY_LEN(FIELDS))) return of_field(g, file, op);
    const Path *callee = &f->paths[op->subject];
    if (callee->kind == PATH_ATTR && know_is_task_method(facts_str(f, (StrId){callee->id})))
        return (Value){.kind = ATTRIBUTE_TASK, .container = CONTAINER_OTHER};
    bool is_outside = entity_of_path(g, file, op_path(op), RESOLVE_DEPTH).kind == ENTITY_EXTERNAL;
    return is_outside ? of_name(name) : of_class((ClassId){0});
}

/* `given or {}`, `None if … else ref(x)`: what its sides that say something agree on. */
static Value of_choice(const Graph *g, u32 file, const Op *op, u32 depth) {
    Value found = {.container = CONTAINER_OTHER, .is_nothing = true};
    for (u32 i = 0; i < op->operands && i < 4; i++) {
        Value v = value_at(g, file, op_operand(g->files[file].facts, op, i), depth - 1);
        if (v.is_nothing) continue;
        if (found.kind == ATTRIBUTE_WEAK && v.kind != ATTRIBUTE_WEAK)
            return of_class((ClassId){0}); /* strong on one side is strong */
        if (v.kind == ATTRIBUTE_WEAK && !found.is_nothing) return of_class((ClassId){0});
        if (found.is_nothing || found.kind == ATTRIBUTE_UNKNOWN) found = v;
        found.is_nothing = found.is_fresh = false;
    }
    return found;
}

static Value of_op(const Graph *g, u32 file, PathId value, const Op *op, u32 depth) {
    const Facts *f = g->files[file].facts;
    switch (op->kind) {
    case OP_LIST:
    case OP_DICT:
    case OP_SET:
        return of_container(made_kind(g, file, value), !op->operands);
    case OP_LISTCOMP:
    case OP_DICTCOMP:
    case OP_SETCOMP:
        return of_container(made_kind(g, file, value), false);
    case OP_CALL:
        return of_call(g, file, value, op);
    case OP_CHOICE:
        return of_choice(g, file, op, depth);
    case OP_LAMBDA:
    case OP_FUNCTION:
        return (Value){.kind = ATTRIBUTE_FUNCTION, .container = CONTAINER_OTHER};
    case OP_FSTRING:
    case OP_COMPARE:
    case OP_NOT:
    case OP_UNARY:
        return (Value){.kind = ATTRIBUTE_PLAIN, .container = CONTAINER_OTHER};
    case OP_BINARY: /* [None] * n, a + [b] */
        for (u32 i = 0; i < op->operands && i < 2; i++) {
            Value v = value_at(g, file, op_operand(f, op, i), depth - 1);
            if (v.kind == ATTRIBUTE_CONTAINER || v.kind == ATTRIBUTE_PLAIN) return v;
        }
        return of_class((ClassId){0});
    case OP_LOAD:
        return value_at(g, file, op_path(op), depth - 1);
    case OP_AWAITED_VALUE: {
        const Path *p = &f->paths[op->subject];
        if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return of_class((ClassId){0});
        return of_name(graph_name_of(g, file, op_path(&f->ops[p->id])));
    }
    default:
        return of_class((ClassId){0});
    }
}

static Value of_parameter(const Graph *g, u32 file, SymbolId owner) {
    const Facts *f = g->files[file].facts;
    const Scope *scope = &f->scopes[f->symbols[owner.i].scope.i];
    for (u32 i = scope->param_first; i < scope->param_end; i++)
        if (f->params[i].symbol.i == owner.i)
            return of_annotation(g, file, f->params[i].annotation);
    return of_class((ClassId){0});
}

static Value of_path(const Graph *g, u32 file, PathId value, const Path *p) {
    const Facts *f = g->files[file].facts;
    ClassId c = type_of_path(g, file, value, RESOLVE_DEPTH), owner;
    if (c.i) return of_class(c);
    Entity e = entity_of_path(g, file, value, RESOLVE_DEPTH);
    Value function = {.kind = ATTRIBUTE_FUNCTION, .container = CONTAINER_OTHER};
    if (e.kind == ENTITY_FUNCTION || e.kind == ENTITY_CLASS) return function;
    if (p->kind == PATH_SYMBOL) {
        SymbolId target = f->symbols[p->id].target;
        bool is_parameter =
            f->symbols[target.i].flags & SYMBOL_PARAM && !f->symbols[target.i].binds;
        return is_parameter ? of_parameter(g, file, target) : of_class(c);
    }
    ClassId receiver = type_of_path(g, file, p->parent, RESOLVE_DEPTH);
    SymbolId s = receiver.i ? class_member(g, receiver, name_hash(f, (StrId){p->id}), &owner)
                            : (SymbolId){0};
    if (!s.i) return of_class(c);
    e = entity_of_symbol(g, g->classes[owner.i].file, s, RESOLVE_DEPTH);
    const Facts *home = g->files[e.file].facts;
    bool is_method = e.kind == ENTITY_FUNCTION &&
                     home->scopes[e.id].decorator_first == home->scopes[e.id].decorator_end;
    return is_method ? function : of_class(c); /* a bound method, not a property */
}

static Value value_at(const Graph *g, u32 file, PathId value, u32 depth) {
    const Facts *f = g->files[file].facts;
    value = graph_alias_of(g, file, value);
    const Path *p = &f->paths[value.i];
    if (!value.i || !depth) return of_class((ClassId){0});
    switch (p->kind) {
    case PATH_LITERAL: {
        bool is_none = p->flags == LITERAL_NONE;
        return (Value){.kind = is_none ? ATTRIBUTE_UNKNOWN : ATTRIBUTE_PLAIN,
                       .container = CONTAINER_OTHER,
                       .is_nothing = is_none};
    }
    case PATH_OP:
        return of_op(g, file, value, &f->ops[p->id], depth);
    case PATH_SYMBOL:
    case PATH_ATTR:
        return of_path(g, file, value, p);
    default:
        return of_class((ClassId){0});
    }
}

Value value_find(const Graph *g, u32 file, PathId value, PathId annotation) {
    Value v = value_at(g, file, value, VALUE_DEPTH);
    if (v.kind != ATTRIBUTE_UNKNOWN) return v;
    Value annotated = of_annotation(g, file, annotation);
    annotated.is_nothing = v.is_nothing;
    annotated.is_fresh = v.is_fresh;
    return annotated;
}
