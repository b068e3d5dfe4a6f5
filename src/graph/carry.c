/* What the value of an expression carries: the one classifier of strong references in expressions.
 * It looks for one object in one value, a few steps deep, and takes back what it cannot prove. */
#include "graph/model.h"

/* Aliases, displays, calls and closures that are followed on the way from the value to the object.
 */
enum { STEPS_MAX = 6 };
/* Stores of one attribute, and operations of one function, that one question looks at. */
enum { STORES_MAX = 64, OPS_MAX = 4000 };

typedef struct Look {
    const Graph *g;
    const Facts *f;
    u32 file;
    PathId object; /* as written */
    PathId alias;  /* what it was bound to once, or the same */
} Look;

static const Carry NOTHING;

static Carry look(const Look *l, PathId value, u32 steps);

/* ---- paths ---- */

/* Same variable or attribute chain, whichever scopes mention it. An index says nothing. */
static bool is_same(const Facts *f, PathId a, PathId b) {
    while (a.i != b.i) {
        const Path *p = &f->paths[a.i], *q = &f->paths[b.i];
        if (p->kind != q->kind) return false;
        if (p->kind == PATH_SYMBOL)
            return f->symbols[p->id].target.i &&
                   f->symbols[p->id].target.i == f->symbols[q->id].target.i;
        if (p->kind != PATH_ATTR || p->id != q->id) return false;
        a = p->parent;
        b = q->parent;
    }
    for (; a.i; a = f->paths[a.i].parent)
        if (f->paths[a.i].kind == PATH_ANY || f->paths[a.i].kind == PATH_CUT) return false;
    return b.i != 0;
}

static bool is_object(const Look *l, PathId p) {
    return is_same(l->f, p, l->object) || (l->alias.i != l->object.i && is_same(l->f, p, l->alias));
}

/* The value of a variable's only assignment, or none. */
static PathId only_value(const Facts *f, SymbolId target) {
    const Symbol *s = &f->symbols[target.i];
    if (s->binds != 1 || s->flags & SYMBOL_PARAM || !s->bind.i) return (PathId){0};
    const Op *bind = facts_op(f, s->bind);
    if (bind->kind != OP_BIND) return (PathId){0};
    BindKind kind = (BindKind)(bind->flags & OP_LOW);
    bool is_plain = kind == BIND_ASSIGN || kind == BIND_WALRUS || kind == BIND_FUNCTION;
    return is_plain ? bound_value(f, bind) : (PathId){0};
}

static PathId followed(const Look *l, PathId p) {
    PathId alias = graph_alias_of(l->g, l->file, p);
    if (alias.i && alias.i != p.i) return alias;
    const Path *path = &l->f->paths[p.i];
    if (path->kind != PATH_SYMBOL) return p;
    PathId value = only_value(l->f, l->f->symbols[path->id].target);
    return value.i ? value : p;
}

static const Op *root_op(const Facts *f, PathId p, OpKind kind) {
    const Path *path = &f->paths[p.i];
    if (path->kind != PATH_OP) return NULL;
    const Op *op = &f->ops[path->id];
    return op->kind == kind ? op : NULL;
}

/* ---- classes and methods ---- */

/* The class of `self` where the path is the first parameter of an instance method. */
static ClassId class_of_self(const Look *l, PathId p) {
    const Path *path = &l->f->paths[p.i];
    if (path->kind != PATH_SYMBOL) return (ClassId){0};
    SymbolId target = l->f->symbols[path->id].target;
    const Scope *scope = &l->f->scopes[l->f->symbols[target.i].scope.i];
    if (scope->kind != SCOPE_FUNCTION || scope->param_first == scope->param_end)
        return (ClassId){0};
    if (l->f->params[scope->param_first].symbol.i != target.i) return (ClassId){0};
    ScopeRef function = {l->file, l->f->symbols[target.i].scope};
    if (graph_method_kind(l->g, function) != METHOD_INSTANCE) return (ClassId){0};
    return graph_method_class(l->g, function);
}

static ClassId class_of(const Look *l, PathId p) {
    ClassId c = graph_type_of(l->g, l->file, p);
    return c.i ? c : class_of_self(l, p);
}

typedef bool StoreVisitor(void *context, u32 file, const Op *store);

/* Calls `visit` for every `self.<name> = …` in the instance methods of a class and its known bases,
 * until it returns true. */
static bool stores_of(const Look *l, ClassId c, Str name, StoreVisitor *visit, void *context) {
    const ClassId *mro;
    bool complete;
    u32 n = graph_mro(l->g, c, &mro, &complete), left = STORES_MAX;
    for (u32 i = 0; i < n; i++) {
        const AttributeDef *def = own_attribute(l->g, mro[i], hash_str(name));
        for (; def && left; def = attribute_next(l->g, def), left--) {
            const Facts *f = graph_facts(l->g, def->file);
            const Op *op = facts_op(f, def->op);
            Look there = {.g = l->g, .f = f, .file = def->file};
            if (class_of_self(&there, f->paths[op->subject].parent).i != mro[i].i) continue;
            if (visit(context, def->file, op)) return true;
        }
    }
    return false;
}

static bool any_store(void *context, u32 file, const Op *store) {
    (void)file, (void)store;
    ++*(u32 *)context;
    return false;
}

/* Is `object.name` a bound method? Sure when the class shows a plain method; likely when nothing is
 * known of the class; never for data, properties, static and class methods. */
static Carry method_of(const Look *l, PathId object, Str name) {
    Carry c = {.kind = CARRY_METHOD, .confidence = CONFIDENCE_MEDIUM, .name = name};
    ClassId class = class_of(l, object);
    if (!class.i) return c;
    Member member = graph_member(l->g, class, hash_str(name));
    if (member.kind == MEMBER_UNKNOWN) {
        u32 stores = 0;
        stores_of(l, class, name, any_store, &stores);
        return stores ? NOTHING : c;
    }
    if (member.kind != MEMBER_METHOD) return NOTHING;
    const Facts *f = graph_facts(l->g, member.function.file);
    c.confidence = member.is_decorated ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
    c.has_place = true;
    c.file = member.function.file;
    c.place = f->scopes[member.function.scope.i].name_span;
    return c;
}

/* ---- constructors ---- */

/* True when `__init__` stores the parameter in an attribute of its own instance. */
static bool keeps_parameter(const Facts *f, const Scope *init, SymbolId param) {
    SymbolId self = f->params[init->param_first].symbol;
    for (u32 o = init->op_first; o < init->op_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_STORE) continue;
        PathId value = bound_value(f, op);
        const Path *subject = &f->paths[op->subject];
        if (subject->kind != PATH_ATTR || facts_root_symbol(f, op_path(op)).i != self.i) continue;
        if (f->paths[value.i].kind == PATH_SYMBOL && facts_root_symbol(f, value).i == param.i)
            return true;
    }
    return false;
}

/* The parameter of `__init__` that operand `i` of the call is bound to, or none. */
static SymbolId parameter_of(const Look *l, const Op *call, u32 i, const Facts *f,
                             const Scope *init) {
    Operand argument = l->f->operands[call->operand + i];
    if (operand_kind(argument) == OPERAND_POSITIONAL) {
        u32 at = init->param_first + 1 + i;
        if (at >= init->param_end || f->params[at].kind > PARAM_POSITIONAL_ONLY)
            return (SymbolId){0};
        return f->params[at].symbol;
    }
    if (operand_kind(argument) != OPERAND_KEYWORD) return (SymbolId){0};
    Str name = facts_str(l->f, operand_name(argument));
    for (u32 p = init->param_first; p < init->param_end; p++)
        if (str_eq(facts_str(f, f->symbols[f->params[p].symbol.i].name), name))
            return f->params[p].symbol;
    return (SymbolId){0};
}

/* A new instance of a project class whose constructor keeps an argument that carries the object. */
static Carry instance(const Look *l, const Op *call, u32 steps) {
    ClassId class = graph_class_of_scope(l->g, graph_definition_of(l->g, l->file, op_path(call)));
    if (!class.i) return NOTHING;
    ScopeRef init = graph_method(l->g, class, "__init__");
    if (scope_is_none(init)) return NOTHING;
    const Facts *f = graph_facts(l->g, init.file);
    const Scope *scope = &f->scopes[init.scope.i];
    if (scope->param_first == scope->param_end) return NOTHING;
    for (u32 i = 0; i < call->operands; i++) {
        SymbolId param = parameter_of(l, call, i, f, scope);
        if (!param.i || !keeps_parameter(f, scope, param)) continue;
        Carry inner = look(l, op_operand(l->f, call, i), steps);
        if (inner.kind == CARRY_NOTHING) continue;
        return (Carry){.kind = CARRY_INSTANCE,
                       .confidence = inner.confidence,
                       .name = graph_class_name(l->g, class),
                       .has_place = true,
                       .file = init.file,
                       .place = scope->name_span};
    }
    return NOTHING;
}

/* ---- closures ---- */

static Carry variable(const Look *l, SymbolId target, u32 steps) {
    const Path *object = &l->f->paths[l->object.i];
    const Symbol *s = &l->f->symbols[target.i];
    const Path *alias = &l->f->paths[l->alias.i];
    bool is_it = object->kind == PATH_SYMBOL && l->f->symbols[object->id].target.i == target.i;
    bool is_alias = alias->kind == PATH_SYMBOL && l->f->symbols[alias->id].target.i == target.i;
    if (is_it || is_alias) {
        /* A cell that is bound again may hold something else by then. */
        bool once = s->flags & SYMBOL_PARAM ? s->binds == 0 : s->binds == 1;
        return (Carry){.kind = CARRY_ITSELF,
                       .confidence = once ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM};
    }
    PathId value = only_value(l->f, target);
    return value.i ? look(l, value, steps) : NOTHING;
}

static bool is_within(Span inner, Span outer) {
    return inner.start >= outer.start && inner.end <= outer.end;
}

/* A lambda, inner function or generator: free variables at any depth, and default values. */
static Carry closure(const Look *l, const Op *op, u32 steps) {
    const Facts *f = l->f;
    const Scope *scope = &f->scopes[op->subject];
    Carry c = {.kind = CARRY_CLOSURE,
               .name = facts_str(f, scope->name),
               .has_place = true,
               .file = l->file,
               .place = scope->name_span};
    for (u32 p = scope->param_first; p < scope->param_end; p++) {
        if (!f->params[p].fallback.i) continue;
        Carry inner = look(l, f->params[p].fallback, steps);
        c.confidence = inner.confidence;
        if (inner.kind != CARRY_NOTHING) return c;
    }
    for (u32 s = op->subject; s < f->n_scopes && is_within(f->scopes[s].span, scope->span); s++) {
        for (u32 i = f->scopes[s].symbol_first; i < f->scopes[s].symbol_end; i++) {
            const Symbol *symbol = &f->symbols[i];
            if (!(symbol->flags & SYMBOL_FREE)) continue;
            if (is_within(f->scopes[f->symbols[symbol->target.i].scope.i].span, scope->span))
                continue;
            Carry inner = variable(l, symbol->target, steps);
            c.confidence = inner.confidence;
            if (inner.kind != CARRY_NOTHING) return c;
        }
    }
    return NOTHING;
}

/* ---- the rest ---- */

/* The first operand that carries the object, as a part of something of another kind (or
 * CARRY_NOTHING: as it is). */
static Carry any_operand(const Look *l, const Op *op, CarryKind kind, Str name, u32 steps) {
    for (u32 i = 0; i < op->operands; i++) {
        Carry inner = look(l, op_operand(l->f, op, i), steps);
        if (inner.kind == CARRY_NOTHING) continue;
        if (kind != CARRY_NOTHING) inner.kind = kind;
        if (name.n) inner.name = name;
        return inner;
    }
    return NOTHING;
}

static Carry call(const Look *l, const Op *op, u32 steps) {
    Str name = graph_name_of(l->g, l->file, op_path(op));
    const CallRow *row = know_call(name);
    if (str_is(name, "builtins.getattr")) {
        const Path *attr = &l->f->paths[op_operand(l->f, op, 1).i];
        bool is_of_it = is_object(l, op_operand(l->f, op, 0)) && attr->kind == PATH_LITERAL;
        Str text = facts_str(l->f, (StrId){is_of_it ? attr->id : 0});
        return is_of_it ? method_of(l, op_operand(l->f, op, 0), text) : NOTHING;
    }
    if (!row) return instance(l, op, steps);
    if (row->flags & (CALL_HOLDS | CALL_LAZY))
        return any_operand(l, op, CARRY_PARTIAL, name, steps);
    if (!(row->flags & CALL_COPY)) return NOTHING;
    Carry inner = look(l, op_operand(l->f, op, 0), steps);
    return inner.kind == CARRY_DISPLAY ? inner
                                       : NOTHING; /* a copy of x's elements does not hold x */
}

typedef struct BackReference {
    const Look *l;
    u32 steps;
    u32 stores;
    Carry found;
} BackReference;

static bool refers_back(void *context, u32 file, const Op *store) {
    BackReference *b = context;
    const Facts *f = graph_facts(b->l->g, file);
    b->stores++;
    PathId self = f->paths[store->subject].parent;
    Look there = {.g = b->l->g, .f = f, .file = file, .object = self, .alias = self};
    Carry inner = look(&there, bound_value(f, store), b->steps);
    if (inner.kind == CARRY_NOTHING || b->found.kind) return false;
    b->found = (Carry){.kind = CARRY_BACK_REFERENCE,
                       .confidence = inner.confidence,
                       .name = inner.name,
                       .has_place = true,
                       .file = file,
                       .place = store->span};
    return false;
}

/* `x.h`: an attribute whose value was made to hold x: by a method of x's class, or in this
 * function. */
static Carry back_reference(const Look *l, PathId attribute, u32 steps) {
    const Path *path = &l->f->paths[attribute.i];
    BackReference b = {.l = l, .steps = steps};
    Str name = facts_str(l->f, (StrId){path->id});
    ClassId class = class_of(l, path->parent);
    if (class.i) stores_of(l, class, name, refers_back, &b);
    SymbolId root = facts_root_symbol(l->f, attribute);
    const Scope *scope = &l->f->scopes[l->f->symbols[root.i].scope.i];
    bool is_here =
        !b.found.kind && scope->kind == SCOPE_FUNCTION && !class_of_self(l, path->parent).i;
    u32 end = MIN(scope->op_end, scope->op_first + OPS_MAX);
    for (u32 o = scope->op_first; is_here && o < end; o++) {
        const Op *op = &l->f->ops[o];
        if (op->kind == OP_STORE && is_same(l->f, op_path(op), attribute))
            refers_back(&b, l->file, op);
    }
    if (b.stores > 1 && b.found.confidence == CONFIDENCE_HIGH)
        b.found.confidence = CONFIDENCE_MEDIUM;
    return b.found;
}

/* `super().name` in a method of the object. */
static bool is_super_of(const Look *l, PathId p) {
    const Op *op = root_op(l->f, p, OP_CALL);
    return op && class_of_self(l, l->object).i &&
           str_is(graph_name_of(l->g, l->file, op_path(op)), "builtins.super");
}

static Carry attribute(const Look *l, PathId p, u32 steps) {
    const Path *path = &l->f->paths[p.i];
    Str name = facts_str(l->f, (StrId){path->id});
    PathId base = path->parent;
    if (is_super_of(l, base))
        return (Carry){CARRY_METHOD, CONFIDENCE_MEDIUM, name, false, 0, {0, 0}};
    if (is_object(l, base) || is_object(l, followed(l, base))) {
        Carry method = method_of(l, base, name);
        return method.kind ? method : back_reference(l, p, steps);
    }
    Carry inner = look(l, base, steps); /* x.h.m, helper.m: bound to something that holds x */
    if (inner.kind == CARRY_NOTHING || inner.kind == CARRY_METHOD) return NOTHING;
    Carry method = method_of(l, base, name);
    if (!method.kind) return NOTHING;
    if (method.confidence < inner.confidence) inner.confidence = method.confidence;
    return inner;
}

static Carry made(const Look *l, const Op *op, u32 steps) {
    switch ((OpKind)op->kind) {
    case OP_CALL:
        return call(l, op, steps);
    case OP_LAMBDA:
    case OP_FUNCTION:
    case OP_GENERATOR:
        return closure(l, op, steps);
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
    case OP_DICT:
        return any_operand(l, op, CARRY_DISPLAY, (Str){0}, steps);
    case OP_CHOICE: {
        Carry inner = any_operand(l, op, CARRY_NOTHING, (Str){0}, steps);
        if (inner.confidence == CONFIDENCE_HIGH) inner.confidence = CONFIDENCE_MEDIUM;
        return inner;
    }
    default:
        return NOTHING;
    }
}

static Carry look(const Look *l, PathId value, u32 steps) {
    if (!steps || !value.i) return NOTHING;
    if (is_object(l, value)) return (Carry){.kind = CARRY_ITSELF, .confidence = CONFIDENCE_HIGH};
    const Path *path = &l->f->paths[value.i];
    switch ((PathKind)path->kind) {
    case PATH_SYMBOL: {
        PathId next = followed(l, value);
        return next.i == value.i ? NOTHING : look(l, next, steps - 1);
    }
    case PATH_ATTR:
        return attribute(l, value, steps - 1);
    case PATH_OP:
        return made(l, &l->f->ops[path->id], steps - 1);
    default:
        return NOTHING;
    }
}

/* `object` is `owner.attr`, a plain attribute: what holds the owner holds it too, as long as the
 * attribute is not bound to something else. */
static Carry look_for_owner(const Look *l, PathId value) {
    const Path *path = &l->f->paths[l->object.i];
    if (path->kind != PATH_ATTR) return NOTHING;
    Str name = facts_str(l->f, (StrId){path->id});
    ClassId class = class_of(l, path->parent);
    u32 stores = 0;
    if (class.i) stores_of(l, class, name, any_store, &stores);
    if (!stores) return NOTHING;
    Look owner = *l;
    owner.object = owner.alias = path->parent;
    Carry c = look(&owner, value, STEPS_MAX);
    if (c.kind == CARRY_NOTHING) return c;
    c.kind = CARRY_OWNER;
    c.confidence = stores == 1 ? MIN(c.confidence, CONFIDENCE_MEDIUM) : CONFIDENCE_LOW;
    return c;
}

Carry graph_carries(const Graph *g, u32 file, PathId value, PathId object) {
    Look l = {.g = g, .f = graph_facts(g, file), .file = file, .object = object, .alias = object};
    if (!value.i || !object.i || !l.f) return NOTHING;
    if (l.f->paths[object.i].kind == PATH_SYMBOL) {
        PathId alias = followed(&l, object);
        if (l.f->paths[alias.i].kind != PATH_OP && l.f->paths[alias.i].kind != PATH_LITERAL)
            l.alias = alias;
    }
    Carry c = look(&l, value, STEPS_MAX);
    return c.kind == CARRY_NOTHING ? look_for_owner(&l, value) : c;
}
