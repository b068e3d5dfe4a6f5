/* What the value of an expression carries: the one classifier of strong references in expressions.
 * It looks for one object in one value, a few steps deep, and takes back what it cannot prove. */
#include "graph/model.h"

/* Aliases, displays, calls and closures that are followed on the way from the value to the object.
 */
enum { STEPS_MAX = 6 };
/* Stores of one attribute, and operations of one function, that one question looks at. */
enum { STORES_MAX = 64, OPS_MAX = 4000, FIELDS_MAX = 64 };

typedef struct Look {
    const Graph *g;
    const Facts *f;
    u32 file;
    PathId object; /* as written */
    PathId alias;  /* what it was bound to once, or the same */
} Look;

static const Carry NOTHING;

static Carry look(const Look *l, PathId value, u32 steps);
static Carry passed_on(const Look *l, OpRef at, ScopeRef init, u32 steps);

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
    Carry c = {
        .kind = CARRY_METHOD, .confidence = CONFIDENCE_MEDIUM, .name = name, .is_guess = true};
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
    c.is_guess = false;
    c.confidence = member.is_decorated ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
    c.has_place = true;
    c.file = member.function.file;
    c.place = f->scopes[member.function.scope.i].name_span;
    return c;
}

/* ---- constructors ---- */

/* How the function writes the variable, or none when it does not mention it. */
static PathId mention(const Facts *f, const Scope *scope, SymbolId variable) {
    u32 end = MIN(scope->op_end, scope->op_first + OPS_MAX);
    for (u32 o = scope->op_first; o < end; o++) {
        const Op *op = &f->ops[o];
        bool is_path = op_subject((OpKind)op->kind) == SUBJECT_PATH;
        if (is_path && facts_root_symbol(f, op_path(op)).i == variable.i)
            return (PathId){(u32)(facts_root(f, op_path(op)) - f->paths)};
        for (u32 i = 0; i < op->operands; i++)
            if (facts_root_symbol(f, op_operand(f, op, i)).i == variable.i)
                return (PathId){(u32)(facts_root(f, op_operand(f, op, i)) - f->paths)};
    }
    return (PathId){0};
}

/* What is found in another function holds for its caller's object, but `x.name` of a class that
 * nobody knows may be anything. */
static Carry proven(Carry c) {
    return c.is_guess ? NOTHING : c;
}

/* Does the constructor store something that carries its parameter in an attribute of its own
 * instance, or hand it to the constructor of a base that does? */
static Carry kept_by(const Look *l, ScopeRef init, SymbolId param, u32 steps) {
    const Facts *f = graph_facts(l->g, init.file);
    const Scope *scope = &f->scopes[init.scope.i];
    PathId object = steps ? mention(f, scope, param) : (PathId){0};
    if (!object.i || scope->param_first == scope->param_end) return NOTHING;
    Look there = {.g = l->g, .f = f, .file = init.file, .object = object, .alias = object};
    SymbolId self = f->params[scope->param_first].symbol;
    u32 end = MIN(scope->op_end, scope->op_first + OPS_MAX);
    for (u32 o = scope->op_first; o < end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_STORE && f->paths[op->subject].kind == PATH_ATTR &&
            facts_root_symbol(f, op_path(op)).i == self.i) {
            Carry c = proven(look(&there, bound_value(f, op), steps - 1));
            c.attribute = facts_str(f, (StrId){f->paths[op->subject].id});
            if (c.kind != CARRY_NOTHING) return c;
        }
        const Path *callee = &f->paths[op->kind == OP_CALL ? op->subject : 0];
        bool is_init =
            callee->kind == PATH_ATTR && str_is(facts_str(f, (StrId){callee->id}), "__init__");
        u32 id = is_init ? graph_callee(l->g, init.file, (OpId){o}).function : 0;
        if (!id) continue;
        ScopeRef base = graph_function_scope(l->g, id);
        Carry c = passed_on(&there, (OpRef){init.file, {o}}, base, steps - 1);
        if (c.kind != CARRY_NOTHING) return c;
    }
    return NOTHING;
}

/* The first argument of the call that carries the object and that the constructor keeps. */
static Carry passed_on(const Look *l, OpRef at, ScopeRef init, u32 steps) {
    const Facts *f = graph_facts(l->g, init.file);
    const Scope *scope = &f->scopes[init.scope.i];
    for (u32 p = scope->param_first + 1; p < scope->param_end; p++) {
        PathId argument = graph_argument(l->g, at, init, f->params[p].symbol);
        Carry inner = argument.i ? proven(look(l, argument, steps)) : NOTHING;
        if (inner.kind == CARRY_NOTHING) continue;
        Carry kept = kept_by(l, init, f->params[p].symbol, steps);
        if (kept.kind == CARRY_NOTHING) continue;
        inner.confidence = MIN(inner.confidence, kept.confidence);
        inner.attribute = kept.attribute;
        return inner;
    }
    return NOTHING;
}

/* An argument that fills a field of a dataclass. */
static Carry kept_in_field(const Look *l, const Op *call, ClassId class, u32 steps) {
    Arena names_arena = {0};
    const Str *names;
    u32 n = graph_fields(l->g, class, &names_arena, FIELDS_MAX, &names);
    Carry found = NOTHING;
    for (u32 i = 0; i < n && found.kind == CARRY_NOTHING; i++) {
        PathId argument = call_argument_named(l->f, call, i, names[i]);
        if (argument.i) found = proven(look(l, argument, steps));
        found.attribute = names[i];
    }
    arena_free(&names_arena);
    return found;
}

/* A new instance of a project class that keeps an argument that carries the object. */
static Carry instance(const Look *l, const Op *call, u32 steps) {
    ClassId class = graph_class_of_scope(l->g, graph_definition_of(l->g, l->file, op_path(call)));
    if (!class.i) return NOTHING;
    ScopeRef init = graph_method(l->g, class, "__init__");
    OpRef at = {l->file, {(u32)(call - l->f->ops)}};
    Carry inner =
        scope_is_none(init) ? kept_in_field(l, call, class, steps) : passed_on(l, at, init, steps);
    if (inner.kind == CARRY_NOTHING) return NOTHING;
    ScopeRef where = scope_is_none(init) ? graph_class_scope(l->g, class) : init;
    return (Carry){.kind = CARRY_INSTANCE,
                   .confidence = inner.confidence,
                   .name = graph_class_name(l->g, class),
                   .holder = class,
                   .attribute = inner.attribute,
                   .has_place = true,
                   .file = where.file,
                   .place = graph_facts(l->g, where.file)->scopes[where.scope.i].name_span};
}

/* ---- results ---- */

/* What a return statement of the function holds of a parameter. */
static Carry returned(const Look *l, u32 function, SymbolId param, bool is_awaited, u32 steps) {
    const FunctionNode *fn = &l->g->functions[function];
    const Facts *f = graph_facts(l->g, fn->file);
    const Scope *scope = &f->scopes[fn->scope.i];
    PathId object = mention(f, scope, param);
    bool is_coroutine = scope->flags & SCOPE_ASYNC && !is_awaited;
    if (scope->flags & SCOPE_GENERATOR || is_coroutine)
        return (Carry){.kind = CARRY_CLOSURE,
                       .confidence = CONFIDENCE_HIGH,
                       .name = facts_str(f, scope->name),
                       .has_place = true,
                       .file = fn->file,
                       .place = scope->name_span};
    Look there = {.g = l->g, .f = f, .file = fn->file, .object = object, .alias = object};
    for (u32 i = 0; object.i && i < fn->n_returns; i++) {
        Carry c = proven(look(&there, op_operand(f, &f->ops[fn->returns[i].i], 0), steps));
        if (c.kind == CARRY_NOTHING) continue;
        if (fn->n_returns > 1) c.confidence = MIN(c.confidence, CONFIDENCE_MEDIUM);
        return c;
    }
    return NOTHING;
}

/* The result of a function of the project that is given the object, as argument or as receiver. */
static Carry result(const Look *l, const Op *op, u32 steps) {
    OpRef at = {l->file, {(u32)(op - l->f->ops)}};
    Callee callee = graph_callee(l->g, at.file, at.op);
    if (!callee.function || !steps) return NOTHING;
    const FunctionNode *fn = &l->g->functions[callee.function];
    const Facts *f = graph_facts(l->g, fn->file);
    const Scope *scope = &f->scopes[fn->scope.i];
    if (scope->decorator_first != scope->decorator_end) return NOTHING;
    for (u32 p = scope->param_first; p < scope->param_end; p++) {
        ScopeRef function = {fn->file, fn->scope};
        PathId argument = graph_argument(l->g, at, function, f->params[p].symbol);
        Carry inner = argument.i ? proven(look(l, argument, steps - 1)) : NOTHING;
        if (inner.kind == CARRY_NOTHING) continue;
        bool is_awaited = op->flags & OP_AWAITED;
        Carry c = returned(l, callee.function, f->params[p].symbol, is_awaited, steps - 1);
        if (c.kind == CARRY_NOTHING) continue;
        c.confidence = MIN(c.confidence, inner.confidence);
        return c;
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
        c.is_guess = inner.is_guess;
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
            c.is_guess = inner.is_guess;
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
    if (!row) {
        Carry c = instance(l, op, steps);
        return c.kind == CARRY_NOTHING ? result(l, op, steps) : c;
    }
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
                       .place = store->span,
                       .is_guess = inner.is_guess};
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
        return (Carry){.kind = CARRY_METHOD, .confidence = CONFIDENCE_MEDIUM, .name = name};
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
    case OP_AWAITED_VALUE:
        return look(l, op_path(op), steps);
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

/* `TABLE[key] = self`, in a method that stores its parameter `key` in an attribute of self. */
static Carry kept_by_self(const Look *l, PathId value, u32 steps) {
    const Path *object = &l->f->paths[l->alias.i];
    const Symbol *s = &l->f->symbols[l->f->paths[value.i].id];
    ScopeRef method = {l->file, s->scope};
    ClassId class = graph_method_class(l->g, method);
    if (!class.i || object->kind != PATH_SYMBOL || self_symbol(l->g, method).i != s->target.i)
        return NOTHING;
    const Symbol *param = &l->f->symbols[l->f->symbols[object->id].target.i];
    if (!(param->flags & SYMBOL_PARAM) || param->scope.i != method.scope.i || param->binds)
        return NOTHING; /* `source = weakref.ref(source)`: what is stored is something else */
    Carry kept = kept_by(l, method, l->f->symbols[object->id].target, steps);
    if (kept.kind == CARRY_NOTHING) return NOTHING;
    kept.kind = CARRY_INSTANCE;
    kept.name = graph_class_name(l->g, class);
    kept.holder = class;
    return kept;
}

static Carry look(const Look *l, PathId value, u32 steps) {
    if (!steps || !value.i) return NOTHING;
    if (is_object(l, value)) return (Carry){.kind = CARRY_ITSELF, .confidence = CONFIDENCE_HIGH};
    const Path *path = &l->f->paths[value.i];
    switch ((PathKind)path->kind) {
    case PATH_SYMBOL: {
        PathId next = followed(l, value);
        return next.i == value.i ? kept_by_self(l, value, steps) : look(l, next, steps - 1);
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

/* `old = x`, and `x` bound to something else behind it: who names `x` by then does not mean `old`.
 */
static bool is_replaced_behind(const Look *l, PathId alias) {
    const Facts *f = l->f;
    const Path *p = &f->paths[alias.i];
    const Symbol *copy = &f->symbols[facts_root_symbol(f, l->object).i];
    if (p->kind != PATH_SYMBOL || !copy->bind.i) return false;
    RegionId since = f->ops[copy->bind.i].region;
    const Scope *scope = &f->scopes[f->regions[since.i].scope.i];
    SymbolId other = f->symbols[p->id].target;
    u32 end = MIN(scope->op_end, copy->bind.i + OPS_MAX);
    for (u32 o = copy->bind.i + 1; o < end; o++) {
        const Op *op = &f->ops[o];
        const Path *value = &f->paths[op->kind == OP_BIND ? bound_value(f, op).i : 0];
        bool is_cleared = value->kind == PATH_LITERAL && value->flags == LITERAL_NONE;
        if (op->kind == OP_BIND && facts_root_symbol(f, op_path(op)).i == other.i && !is_cleared &&
            (op->flags & OP_LOW) != BIND_DECLARE && region_is_within(f, since, op->region))
            return true;
    }
    return false;
}

Carry graph_carries(const Graph *g, u32 file, PathId value, PathId object) {
    Look l = {.g = g, .f = graph_facts(g, file), .file = file, .object = object, .alias = object};
    if (!value.i || !object.i || !l.f) return NOTHING;
    if (l.f->paths[object.i].kind == PATH_SYMBOL) {
        PathId alias = followed(&l, object);
        if (l.f->paths[alias.i].kind != PATH_OP && l.f->paths[alias.i].kind != PATH_LITERAL &&
            !is_replaced_behind(&l, alias))
            l.alias = alias;
    }
    Carry c = look(&l, value, STEPS_MAX);
    return c.kind == CARRY_NOTHING ? look_for_owner(&l, value) : c;
}

Carry graph_carries_one_of(const Graph *g, u32 file, PathId value, PathId *object) {
    Carry c = graph_carries(g, file, value, *object);
    const Facts *f = graph_facts(g, file);
    const Path *p = &f->paths[graph_alias_of(g, file, *object).i];
    const Op *choice = &f->ops[p->kind == PATH_OP ? p->id : 0];
    if (choice->kind != OP_CHOICE) return c;
    for (u32 i = 0; i < choice->operands && c.kind == CARRY_NOTHING; i++) {
        c = graph_carries(g, file, value, op_operand(f, choice, i));
        c.confidence = MIN(c.confidence, CONFIDENCE_MEDIUM);
        if (c.kind != CARRY_NOTHING) *object = op_operand(f, choice, i);
    }
    return c;
}

/* ---- what holds the owner of an attribute ---- */

typedef struct Rebinding {
    const Look *l;
    bool is_late; /* some store is in no constructor */
} Rebinding;

static bool is_late_store(void *context, u32 file, const Op *store) {
    Rebinding *r = context;
    const Facts *f = graph_facts(r->l->g, file);
    const Scope *scope = &f->scopes[f->regions[store->region.i].scope.i];
    bool is_made = str_is(facts_str(f, scope->name), "__init__") || scope->kind == SCOPE_CLASS;
    r->is_late |= !is_made;
    return r->is_late;
}

/* Can `owner.attr` become another object while the owner lives? Of an owner whose class nobody
 * knows every class of the project that has such an attribute is asked. */
static bool may_be_rebound(const Look *l, PathId attribute) {
    const Path *path = &l->f->paths[attribute.i];
    Str name = facts_str(l->f, (StrId){path->id});
    ClassId class = class_of(l, path->parent);
    Rebinding r = {.l = l};
    if (class.i) {
        stores_of(l, class, name, is_late_store, &r);
    } else {
        u32 left = STORES_MAX;
        for (u32 c = 1; c <= graph_class_count(l->g) && !r.is_late; c++) {
            const AttributeDef *def = own_attribute(l->g, (ClassId){c}, hash_str(name));
            for (; def && left && !r.is_late; def = attribute_next(l->g, def), left--)
                is_late_store(&r, def->file, facts_op(graph_facts(l->g, def->file), def->op));
        }
    }
    SymbolId root = facts_root_symbol(l->f, attribute);
    const Scope *scope = &l->f->scopes[l->f->symbols[root.i].scope.i];
    u32 end = MIN(scope->op_end, scope->op_first + OPS_MAX);
    for (u32 o = scope->op_first; o < end && !r.is_late; o++)
        r.is_late =
            l->f->ops[o].kind == OP_STORE && is_same(l->f, op_path(&l->f->ops[o]), attribute);
    return r.is_late;
}

Carry graph_carries_owner(const Graph *g, u32 file, PathId value, PathId object, PathId *owner) {
    Look l = {.g = g, .f = graph_facts(g, file), .file = file};
    PathId of = value.i && object.i ? graph_alias_of(g, file, object) : (PathId){0};
    for (u32 steps = 0; steps < STEPS_MAX && l.f->paths[of.i].kind == PATH_ATTR; steps++) {
        if (may_be_rebound(&l, of)) return NOTHING;
        of = l.f->paths[of.i].parent;
        Carry c = graph_carries(g, file, value, of);
        if (c.kind == CARRY_NOTHING || c.is_guess) continue;
        c.kind = CARRY_OWNER;
        *owner = of;
        return c;
    }
    return NOTHING;
}
