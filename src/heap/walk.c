/* One function, operation by operation: variables, stores, allocations, returns. */
#include "heap/walk.h"

static const Value NOTHING;

/* ---- allocations ---- */

/* A display: its elements are held. Keys of a dict are elements too. */
static Value display(Walk *w, const Op *op, OpId id) {
    ObjectId o = object_new(w, OBJECT_CONTAINER, id.i);
    Label label = label_element();
    for (u32 i = 0; o.i && i < op->operands; i++) {
        Operand operand = w->f->operands[op->operand + i];
        OperandKind kind = operand_kind(operand);
        const Path *p = &w->f->paths[operand.path.i];
        bool is_literal = p->kind == PATH_LITERAL;
        if (kind == OPERAND_STAR || kind == OPERAND_DOUBLE_STAR) continue;
        if (!is_literal) edges_store(w, value_one(o), label, value_of(w, operand.path), 0);
        label = kind == OPERAND_KEY && is_literal ? label_item(w->f, p) : label_element();
    }
    return value_one(o);
}

static Value choice(Walk *w, const Op *op) {
    Value v = NOTHING;
    for (u32 i = 0; i < op->operands; i++) {
        PathId path = op_operand(w->f, op, i);
        Value each = value_of(w, path);
        value_join(&v, &each);
        v.is_open |= w->f->paths[path.i].kind == PATH_LITERAL;
    }
    return v;
}

/* Function, lambda, generator expression or class: what it captures is filled in at the end, when
 * every variable has its last value; default values are held at once. */
ObjectId closure_object(Walk *w, OpId op, ScopeId code) {
    const Scope *scope = &w->f->scopes[code.i];
    ObjectKind kind = scope->kind == SCOPE_CLASS           ? OBJECT_CLASS
                      : scope->kind == SCOPE_COMPREHENSION ? OBJECT_GENERATOR
                                                           : OBJECT_CLOSURE;
    ObjectId o = object_new(w, kind, op.i);
    if (!o.i) return o;
    Str name = facts_str(w->f, scope->name);
    object_at(w, o)->label = label_text(LABEL_NONE, name);
    object_at(w, o)->code = (ScopeRef){w->file, code};
    vec_push(&w->space->arena, &w->closures, o.i);
    for (u32 i = scope->param_first; i < scope->param_end; i++) {
        PathId fallback = w->f->params[i].fallback;
        if (!fallback.i || w->f->paths[fallback.i].kind == PATH_LITERAL) continue;
        const Symbol *symbol = &w->f->symbols[w->f->params[i].symbol.i];
        Label label = label_text(LABEL_ARGUMENT, facts_str(w->f, symbol->name));
        edges_store(w, value_one(o), label, value_of(w, fallback), 0);
    }
    return o;
}

static bool is_within(Span inner, Span outer) {
    return inner.start >= outer.start && inner.end <= outer.end;
}

/* Cells of the closure and of the functions in it that lead out of it. */
static void fill_cells(Walk *w, ObjectId o) {
    const Facts *f = w->f;
    ScopeId code = object_at(w, o)->code.scope;
    const Scope *scope = &f->scopes[code.i];
    for (u32 s = code.i; s < f->n_scopes && is_within(f->scopes[s].span, scope->span); s++) {
        for (u32 i = f->scopes[s].symbol_first; i < f->scopes[s].symbol_end; i++) {
            const Symbol *symbol = &f->symbols[i];
            if (!(symbol->flags & SYMBOL_FREE)) continue;
            if (is_within(f->scopes[f->symbols[symbol->target.i].scope.i].span, scope->span))
                continue;
            Value v = value_of_symbol(w, symbol->target);
            Label label = label_text(LABEL_CELL, facts_str(f, symbol->name));
            u32 before = w->edges.n;
            edges_store(w, value_one(o), label, v, 0);
            for (u32 e = before; e < w->edges.n; e++)
                w->edges.v[e].op = w->edges.v[e].at = object_at(w, o)->op;
        }
    }
}

static Value comprehension(Walk *w, OpId id, const Op *op) {
    if (op->kind == OP_GENERATOR) return value_one(closure_object(w, id, (ScopeId){op->subject}));
    return value_one(object_new(w, OBJECT_CONTAINER, id.i));
}

/* The element of a comprehension, which runs where it stands. */
static void yield_element(Walk *w, const Op *op) {
    ScopeId s = w->f->regions[op->region.i].scope;
    const Scope *scope = &w->f->scopes[s.i];
    if (scope->kind != SCOPE_COMPREHENSION || !scope->def.i) return;
    Value *made = op_value(w, scope->def);
    if (w->f->ops[scope->def.i].kind == OP_GENERATOR || !op->operands) return;
    edges_store(w, *made, label_element(), value_of(w, op_operand(w->f, op, op->operands - 1u)),
                EDGE_UNSURE);
}

/* ---- statements ---- */

static Value entered(Walk *w, PathId manager) {
    Value v = value_of(w, manager), out = NOTHING;
    for (u32 i = 0; i < v.n; i++) {
        ClassId c = object_class(w, v.v[i]);
        Member m = c.i ? graph_member(w->g, c, hash_str(STR("__enter__"))) : (Member){0};
        if (m.kind == MEMBER_NONE && c.i) m = graph_member(w->g, c, hash_str(STR("__aenter__")));
        Value each = {.is_open = true};
        if (m.kind == MEMBER_METHOD) each = property_value(w, m.function, v.v[i]);
        /* what is not of the project gives itself most often, and may give something else */
        if (!c.i) value_add(&each, v.v[i]);
        value_join(&out, &each);
    }
    return out;
}

static void bind(Walk *w, const Op *op) {
    const Facts *f = w->f;
    SymbolId target = facts_root_symbol(f, op_path(op));
    PathId value = bound_value(f, op);
    u32 kind = op->flags & OP_LOW;
    if (!target.i || kind == BIND_IMPORT || kind == BIND_TYPE || kind == BIND_DECLARE) return;
    Value v = NOTHING;
    if (kind == BIND_WITH)
        v = entered(w, value);
    else if (kind == BIND_EXCEPT || kind == BIND_MATCH)
        v.is_open = true;
    else if (!path_is_literal(f, value))
        v = value_of(w, value);
    bool is_global = f->scopes[f->symbols[target.i].scope.i].kind == SCOPE_MODULE;
    if (is_global && f->scopes[w->scope.i].kind != SCOPE_MODULE) { /* `global name` */
        edges_store(w, value_one(global_object(w, w->file, target)),
                    label_text(LABEL_NONE, (Str){0}), v, 0);
        return;
    }
    symbol_bind(w, target, v);
}

/* Base and label of what a store or delete names. */
static Value place_of(Walk *w, const Op *op, Label *label) {
    const Facts *f = w->f;
    const Path *p = &f->paths[op->subject];
    if (p->kind == PATH_ATTR)
        *label = label_attribute(f, (StrId){p->id});
    else if (p->kind == PATH_CONST)
        *label = label_item(f, p);
    else
        *label = label_element();
    return value_of(w, p->parent);
}

/* `self.__dict__["x"] = v` and `vars(self)[name] = v` store attributes. */
static Label dictionary_label(const Facts *f, const Op *op, Label label) {
    const Path *parent = &f->paths[f->paths[op->subject].parent.i];
    bool is_dict =
        parent->kind == PATH_ATTR && str_is(facts_str(f, (StrId){parent->id}), "__dict__");
    if (is_dict && label.kind == LABEL_ITEM) label.kind = LABEL_ATTRIBUTE;
    return label;
}

/* A store to a property of a known class is a call of its setter. */
static bool set_property(Walk *w, Value base, Label label, Value v) {
    for (u32 i = 0; i < base.n; i++) {
        ClassId c = object_class(w, base.v[i]);
        if (!c.i) continue;
        /* what the class makes of a store is its own business */
        if (graph_member(w->g, c, hash_str(STR("__setattr__"))).kind == MEMBER_METHOD) return true;
        if (graph_member(w->g, c, label.hash).kind != MEMBER_PROPERTY) continue;
        ScopeRef setter = graph_setter(w->g, c, label.text);
        if (!scope_is_none(setter)) setter_call(w, setter, base.v[i], v);
        return true;
    }
    return false;
}

static bool is_slice(const Facts *f, const Op *op) {
    const Path *p = &f->paths[op->subject];
    return p->kind == PATH_ANY && p->flags & PATH_SLICE;
}

static void add_elements(Walk *w, Value base, const Value *from) {
    for (u32 k = 0; k < from->n; k++) {
        if (object_at(w, from->v[k])->kind != OBJECT_CONTAINER) continue;
        u32 left = SCAN_MAX;
        for (u32 i = object_at(w, from->v[k])->edges; i && left; left--) {
            ObjectId held = w->edges.v[i].to;
            i = w->edges.v[i].next;
            edges_store(w, base, label_element(), value_one(held), 0);
        }
    }
}

/* A weak reference or a plain value, which holds nothing on. */
static bool is_holding_nothing(const Graph *g, u32 file, PathId class) {
    static const char *const WEAK[] = {"weakref.ReferenceType", "weakref.WeakMethod",
                                       "weakref.ref"};
    Str name = graph_name_of(g, file, class);
    return str_is_any(name, WEAK, ARRAY_LEN(WEAK)) || know_is_plain_type(name);
}

/* `if isinstance(sender, ReferenceType): self.sender = sender`: here it is nothing that holds. */
static bool is_narrowed_to_nothing(const Walk *w, const Op *op, PathId value) {
    const Facts *f = w->f;
    const Path *stored = &f->paths[value.i];
    if (stored->kind != PATH_SYMBOL) return false;
    ScopeId s = f->regions[op->region.i].scope;
    for (RegionId r = op->region; r.i && f->regions[r.i].scope.i == s.i;
         r = f->regions[r.i].parent) {
        const Region *branch = &f->regions[r.i];
        const Op *asked = NULL;
        u32 n = 0;
        for (u32 t = branch->test_first; t < branch->test_end; t++)
            if (f->ops[t].kind == OP_TEST) asked = &f->ops[t], n++;
        if (branch->kind != REGION_IF || n != 1 || asked->flags & OP_NEGATED) continue;
        bool is_it = (asked->flags & OP_LOW) == TEST_INSTANCE && asked->operands &&
                     facts_root_symbol(f, op_path(asked)).i == facts_root_symbol(f, value).i &&
                     f->paths[asked->subject].kind == PATH_SYMBOL;
        if (is_it && is_holding_nothing(w->h->g, w->file, op_operand(f, asked, 0))) return true;
    }
    return false;
}

static void store(Walk *w, const Op *op) {
    Label label;
    PathId value = bound_value(w->f, op);
    if (!w->f->paths[op->subject].parent.i) return;
    Value base = place_of(w, op, &label);
    if (!base.n) return;
    label = dictionary_label(w->f, op, label);
    Value v = NOTHING;
    bool is_nothing = path_is_literal(w->f, value) || is_narrowed_to_nothing(w, op, value);
    if (!is_nothing) v = value_of(w, value);
    if (label.kind == LABEL_ATTRIBUTE && set_property(w, base, label, v)) return;
    if (is_slice(w->f, op)) { /* takes what the right side holds */
        if (base.n == 1) edges_cut(w, base.v[0], label);
        add_elements(w, base, &v);
        return;
    }
    edges_store(w, base, label, v, 0);
    if (label.kind == LABEL_ATTRIBUTE) assign_outside(w, base, label.text, v);
}

/* `x.items += [a]` adds what the right side holds. */
static void augment(Walk *w, const Op *op) {
    PathId value = bound_value(w->f, op);
    if (path_is_literal(w->f, value) || (op->flags & OP_LOW) > OPERATOR_OR) return;
    Value right = value_of(w, value);
    add_elements(w, value_of(w, op_path(op)), &right);
}

static void delete(Walk *w, const Op *op) {
    Label label;
    if (!w->f->paths[op->subject].parent.i) { /* a variable: its object lives on, without it */
        SymbolId target = facts_root_symbol(w->f, op_path(op));
        ObjectId o = target.i ? object_new(w, OBJECT_UNKNOWN, w->at.i) : (ObjectId){0};
        if (!o.i || op->flags & OP_IMPLICIT) return;
        Str name = facts_str(w->f, w->f->symbols[target.i].name);
        object_at(w, o)->label = label_text(LABEL_NONE, name);
        symbol_bind(w, target, value_one(o));
        return;
    }
    Value base = place_of(w, op, &label);
    bool is_slice =
        w->f->paths[op->subject].kind == PATH_ANY && w->f->paths[op->subject].flags & PATH_SLICE;
    if (base.n == 1 && (label.kind != LABEL_ELEMENT || is_slice)) edges_cut(w, base.v[0], label);
}

/* What an await gives is not what was awaited. */
static Value awaited(Walk *w, const Op *op) {
    Value v = value_of(w, op_path(op)), out = {.is_open = v.is_open};
    exhaust(w, &v);
    for (u32 i = 0; i < v.n; i++) {
        ObjectKind kind = object_at(w, v.v[i])->kind;
        bool is_awaitable = kind == OBJECT_HOLDER || kind == OBJECT_GENERATOR ||
                            kind == OBJECT_UNKNOWN || kind == OBJECT_LOADED;
        value_add(&out, is_awaitable ? (ObjectId){0} : v.v[i]);
    }
    return out;
}

/* `for x in generator`, `await coroutine`: it runs to its end, unless the loop is left before. */
static void run_out(Walk *w, const Op *op) {
    Value v = value_of(w, op_path(op));
    exhaust(w, &v);
}

/* The end of `with`: `__exit__` runs. */
static void leave_manager(Walk *w, const Op *op) {
    Value v = value_of(w, op_path(op));
    for (u32 i = 0; i < v.n; i++) {
        ClassId c = object_class(w, v.v[i]);
        Member m = c.i ? graph_member(w->g, c, hash_str(STR("__exit__"))) : (Member){0};
        if (m.kind == MEMBER_METHOD) property_value(w, m.function, v.v[i]);
    }
}

/* `[a] + more`: a new container with the elements of both. */
static Value sum(Walk *w, const Op *op, OpId id) {
    u32 operator= op->flags & OP_LOW;
    if (operator!= OPERATOR_ADD && operator!= OPERATOR_OR) return NOTHING;
    Value parts[2] = {value_of(w, op_operand(w->f, op, 0)), value_of(w, op_operand(w->f, op, 1))};
    bool is_container = false;
    for (u32 k = 0; k < 2; k++)
        for (u32 i = 0; i < parts[k].n; i++)
            is_container |= object_at(w, parts[k].v[i])->kind == OBJECT_CONTAINER;
    if (!is_container) return NOTHING;
    Value made = value_one(object_new(w, OBJECT_CONTAINER, id.i));
    for (u32 k = 0; k < 2; k++) add_elements(w, made, &parts[k]);
    return made;
}

static void leave(Walk *w, OpId id) {
    w->space->region_stamps[w->region.i] = w->space->stamp;
    w->space->region_exits[w->region.i] = id.i;
}

static void note_return(Walk *w, OpId id, const Op *op) {
    if (!(op->flags & OP_IMPLICIT)) leave(w, id);
    if (!op->operands || w->returns.n >= RETURNS_MAX) return;
    vec_push(&w->space->arena, &w->returns, value_of(w, op_operand(w->f, op, 0)));
    vec_push(&w->space->arena, &w->return_ops, id.i);
}

/* What an operation gives; nothing for statements. */
static Value evaluate(Walk *w, OpId id, const Op *op) {
    switch ((OpKind)op->kind) {
    case OP_CALL:
        return call_value(w, id);
    case OP_LOAD:
        return value_of(w, op_path(op));
    case OP_AWAITED_VALUE:
        return awaited(w, op);
    case OP_BINARY:
        return sum(w, op, id);
    case OP_LIST:
    case OP_TUPLE:
    case OP_SET:
    case OP_DICT:
        return display(w, op, id);
    case OP_LISTCOMP:
    case OP_SETCOMP:
    case OP_DICTCOMP:
    case OP_GENERATOR:
        return comprehension(w, id, op);
    case OP_LAMBDA:
    case OP_FUNCTION:
    case OP_CLASS: /* those of modules hold nothing */
        if (w->f->scopes[w->scope.i].kind == SCOPE_MODULE) return NOTHING;
        return value_one(closure_object(w, id, (ScopeId){op->subject}));
    case OP_CHOICE:
        return choice(w, op);
    default:
        return NOTHING;
    }
}

static void step(Walk *w, OpId id, const Op *op) {
    switch ((OpKind)op->kind) {
    case OP_BIND:
        bind(w, op);
        break;
    case OP_STORE:
        store(w, op);
        break;
    case OP_AUGMENT:
        augment(w, op);
        break;
    case OP_DELETE:
        delete (w, op);
        break;
    case OP_AWAIT:
    case OP_ITERATE:
        run_out(w, op);
        break;
    case OP_EXIT:
        leave_manager(w, op);
        break;
    case OP_YIELD:
        if (op->flags & OP_IMPLICIT) yield_element(w, op);
        break;
    case OP_RAISE:
        leave(w, id);
        break;
    case OP_RETURN:
        note_return(w, id, op);
        break;
    default:
        *op_value(w, id) = evaluate(w, id, op);
        break;
    }
}

/* ---- the function ---- */

static void make_parameters(Walk *w) {
    const Scope *scope = &w->f->scopes[w->scope.i];
    w->n_parameters = MIN(scope->param_end - scope->param_first, (u32)PARAMETERS_MAX);
    w->parameters = arena_array(&w->space->arena, ObjectId, w->n_parameters + 1);
    bool is_class_method = false;
    ScopeRef function = {w->file, w->scope};
    if (scope->kind == SCOPE_FUNCTION && graph_method_class(w->g, function).i)
        is_class_method = graph_method_kind(w->g, function) == METHOD_CLASS ||
                          str_is(facts_str(w->f, scope->name), "__new__");
    for (u32 i = 0; i < w->n_parameters; i++) {
        const Param *param = &w->f->params[scope->param_first + i];
        if (i == 0 && is_class_method) continue; /* a class */
        if (param->kind == PARAM_STAR || param->kind == PARAM_DOUBLE_STAR) continue;
        ObjectId o = object_new(w, OBJECT_PARAMETER, i);
        Str name = facts_str(w->f, w->f->symbols[param->symbol.i].name);
        object_at(w, o)->label = label_text(LABEL_NONE, name);
        w->parameters[i] = o;
    }
}

/* A property that keeps what it returns in the instance. */
static bool is_cached_property(const Walk *w) {
    const Scope *scope = &w->f->scopes[w->scope.i];
    static const char *const NAMES[] = {
        "cached_property",          "memoized_property", "reify",       "memoized_attribute",
        "threaded_cached_property", "lazy_property",     "lazyproperty"};
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        Str name = str_after_last(graph_name_of(w->g, w->file, w->f->operands[d].path), '.');
        for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
            if (str_is(name, NAMES[i])) return true;
    }
    return false;
}

static void keep_returned(Walk *w) {
    const Scope *scope = &w->f->scopes[w->scope.i];
    if (!w->returns.n || !w->n_parameters || scope->decorator_first == scope->decorator_end) return;
    if (!is_cached_property(w)) return;
    for (u32 i = 0; i < w->returns.n; i++) {
        w->at = (OpId){w->return_ops.v[i]};
        w->region = w->f->ops[w->at.i].region;
        edges_store(w, value_one(w->parameters[0]), label_attribute(w->f, scope->name),
                    w->returns.v[i], 0);
    }
}

void walk_function(Walk *w) {
    const Scope *scope = &w->f->scopes[w->scope.i];
    vec_push(&w->space->lists, &w->objects, (Object){0});
    vec_push(&w->space->lists, &w->edges, (Edge){0});
    vec_push(&w->space->lists, &w->bindings, (Binding){0});
    make_parameters(w);
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &w->f->ops[i];
        w->at = (OpId){i};
        w->region = op->region;
        step(w, w->at, op);
        bool is_nested = op->kind == OP_FUNCTION || op->kind == OP_LAMBDA || (op->kind == OP_CLASS);
        if (is_nested) i = MAX(i, w->f->scopes[op->subject].op_end - 1);
    }
    keep_returned(w);
    w->region = scope->region;
    for (u32 i = 0; i < w->closures.n; i++) fill_cells(w, (ObjectId){w->closures.v[i]});
}
