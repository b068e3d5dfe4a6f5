/* What paths evaluate to at the operation that is being walked. */
#include "heap/frame.h"

static const Value NOTHING;
static const Value ANYTHING = {.is_open = true};

void value_add(Value *v, ObjectId o) {
    if (!o.i) {
        v->is_open = true;
        return;
    }
    for (u32 i = 0; i < v->n; i++)
        if (v->v[i].i == o.i) return;
    if (v->n == VALUES_MAX)
        v->is_open = true;
    else
        v->v[v->n++] = o;
}

void value_join(Value *v, const Value *other) {
    for (u32 i = 0; i < other->n; i++) value_add(v, other->v[i]);
    v->is_open |= other->is_open;
}

static Value one(ObjectId o) {
    Value v = {0};
    value_add(&v, o);
    return v;
}

/* ---- operations and variables ---- */

Value *op_value(Frame *fr, OpId op) {
    Workspace *s = fr->space;
    if (s->op_stamps[op.i] != s->stamp) {
        s->op_stamps[op.i] = s->stamp;
        s->op_values[op.i] = NOTHING;
    }
    return &s->op_values[op.i];
}

static u32 *bindings_of(Frame *fr, SymbolId target) {
    Workspace *s = fr->space;
    if (s->symbol_stamps[target.i] != s->stamp) {
        s->symbol_stamps[target.i] = s->stamp;
        s->symbol_bindings[target.i] = 0;
    }
    return &s->symbol_bindings[target.i];
}

void symbol_bind(Frame *fr, SymbolId target, Value value) {
    u32 *newest = bindings_of(fr, target);
    vec_push(&fr->space->arena, &fr->bindings, (Binding){value, fr->region, *newest});
    *newest = fr->bindings.n - 1;
}

static bool is_loop(const Facts *f, RegionId r) {
    RegionKind kind = (RegionKind)f->regions[r.i].kind;
    return kind == REGION_FOR || kind == REGION_WHILE || kind == REGION_COMPREHENSION;
}

/* Is there a loop around this place that a binding stands outside of? Then bindings that come later
 * in the loop reach it from the round before. */
static bool is_reached_again(const Frame *fr, const Binding *b) {
    const Facts *f = fr->f;
    for (RegionId r = fr->region; r.i; r = f->regions[r.i].parent) {
        if (b && is_around(f, r, b->region)) return false;
        if (f->regions[r.i].scope.i == fr->scope.i && is_loop(f, r)) return true;
        if (r.i == f->scopes[fr->scope.i].region.i) return false;
    }
    return false;
}

static u32 count_bindings(Frame *fr, SymbolId target) {
    u32 n = 0;
    for (u32 i = *bindings_of(fr, target); i && n < SCAN_MAX; i = fr->bindings.v[i].before) n++;
    return n;
}

static ObjectId parameter_object(const Frame *fr, SymbolId target) {
    const Scope *scope = &fr->f->scopes[fr->scope.i];
    for (u32 i = scope->param_first; i < scope->param_end; i++)
        if (fr->f->params[i].symbol.i == target.i) return fr->parameters[i - scope->param_first];
    return (ObjectId){0};
}

/* A variable of this function: what its bindings that reach this place give. */
static Value local_value(Frame *fr, SymbolId target) {
    const Symbol *symbol = &fr->f->symbols[target.i];
    Value v = NOTHING;
    u32 scanned = 0;
    const Binding *found = NULL;
    for (u32 i = *bindings_of(fr, target); i && scanned < SCAN_MAX && !found; scanned++) {
        const Binding *b = &fr->bindings.v[i];
        i = b->before;
        if (is_either(fr->f, b->region, fr->region)) continue;
        value_join(&v, &b->value);
        if (is_around(fr->f, b->region, fr->region)) found = b;
    }
    if (!found && symbol->flags & SYMBOL_PARAM) value_add(&v, parameter_object(fr, target));
    if (!found && scanned == SCAN_MAX) v.is_open = true;
    if (symbol->binds > count_bindings(fr, target) && is_reached_again(fr, found)) v.is_open = true;
    return v;
}

static ObjectId named_object(Frame *fr, ObjectKind kind, u32 file, SymbolId symbol) {
    u64 key = (u64)kind << 60 | (u64)file << 30 | symbol.i;
    u32 known = map_get(&fr->named, key);
    if (known) return (ObjectId){known};
    ObjectId o = object_new(fr, kind, symbol.i);
    if (!o.i) return o;
    const Facts *f = graph_facts(fr->g, file);
    object_at(fr, o)->file = file;
    object_at(fr, o)->label = label_text(LABEL_NONE, facts_str(f, f->symbols[symbol.i].name));
    map_set(&fr->space->arena, &fr->named, key, o.i);
    return o;
}

ObjectId global_object(Frame *fr, u32 file, SymbolId symbol) {
    return named_object(fr, OBJECT_GLOBAL, file, symbol);
}

ObjectId cell_object(Frame *fr, u32 file, SymbolId symbol) {
    return named_object(fr, OBJECT_CELL, file, symbol);
}

/* Does the variable belong to this function, or to a comprehension or class body that runs in it?
 */
static bool is_own(const Frame *fr, SymbolId target) {
    const Facts *f = fr->f;
    ScopeId s = f->symbols[target.i].scope;
    while (s.i != fr->scope.i &&
           (f->scopes[s.i].kind == SCOPE_COMPREHENSION || f->scopes[s.i].kind == SCOPE_CLASS))
        s = f->scopes[s.i].parent;
    return s.i == fr->scope.i;
}

Value value_of_symbol(Frame *fr, SymbolId target) {
    if (is_own(fr, target)) return local_value(fr, target);
    const Scope *scope = &fr->f->scopes[fr->f->symbols[target.i].scope.i];
    if (scope->kind == SCOPE_FUNCTION || scope->kind == SCOPE_LAMBDA)
        return one(cell_object(fr, fr->file, target));
    return ANYTHING;
}

static Value symbol_value(Frame *fr, PathId path, const Symbol *symbol) {
    const Facts *f = fr->f;
    SymbolId target = symbol->target;
    bool is_module = target.i && f->scopes[f->symbols[target.i].scope.i].kind == SCOPE_MODULE;
    if (target.i && !is_module) return value_of_symbol(fr, target);
    if (is_module && f->scopes[fr->scope.i].kind == SCOPE_MODULE &&
        !(f->symbols[target.i].flags & SYMBOL_IMPORT)) {
        if (*bindings_of(fr, target)) return local_value(fr, target);
    }
    SymbolRef variable = graph_variable_of(fr->g, fr->file, path);
    if (!variable.symbol.i) return ANYTHING; /* classes and functions of modules hold nothing */
    return one(global_object(fr, variable.file, variable.symbol));
}

/* ---- attributes and elements ---- */

static ObjectId loaded_object(Frame *fr, ObjectId base, Label label, PathId path) {
    ObjectId o = object_new(fr, OBJECT_LOADED, fr->at.i);
    if (!o.i) return o;
    Object *object = object_at(fr, o);
    object->base = base;
    object->label = label;
    object->path = path;
    u32 flags = EDGE_IMPLIED | (label.kind == LABEL_ELEMENT ? EDGE_UNSURE : 0);
    u32 edge = edge_add(fr, base, o, label, flags);
    if (!edge) return o;
    /* It was there before whatever this function has stored: the oldest edge. */
    Edge *e = &fr->edges.v[edge];
    if (e->next) {
        u32 last = e->next, steps = 0;
        object_at(fr, base)->edges = e->next;
        while (fr->edges.v[last].next && steps++ < SCAN_MAX) last = fr->edges.v[last].next;
        e->next = fr->edges.v[last].next;
        fr->edges.v[last].next = edge;
    }
    return o;
}

static bool is_certain_at(const Frame *fr, const Edge *e) {
    return e->flags & EDGE_IMPLIED || is_around(fr->f, fr->f->ops[e->at.i].region, fr->region);
}

Value value_loaded(Frame *fr, ObjectId base, Label label, PathId path) {
    Value v = NOTHING;
    u32 scanned = 0;
    bool is_known = false, is_element = label.kind == LABEL_ELEMENT;
    for (u32 i = object_at(fr, base)->edges; i && scanned < SCAN_MAX && !is_known; scanned++) {
        const Edge *e = &fr->edges.v[i];
        i = e->next;
        if (e->flags & EDGE_DEAD || is_element || !label_equal(&e->label, &label)) continue;
        if (is_either(fr->f, fr->f->ops[e->at.i].region, fr->region)) continue;
        value_add(&v, e->to);
        is_known = is_certain_at(fr, e) && !(e->flags & EDGE_DOUBTED);
    }
    if (is_known) return v;
    ObjectKind kind = object_at(fr, base)->kind;
    bool is_fresh = kind == OBJECT_CONTAINER || kind == OBJECT_NAMESPACE;
    if (is_fresh) { /* made here: nothing was in it before */
        v.is_open = true;
        return v;
    }
    value_add(&v, loaded_object(fr, base, label, path));
    return v;
}

static ObjectId method_object(Frame *fr, ObjectId base, Label label, ScopeRef code, u32 flags) {
    ObjectId o = object_new(fr, OBJECT_METHOD, fr->at.i);
    if (!o.i) return o;
    object_at(fr, o)->label = label;
    object_at(fr, o)->code = code;
    edge_add(fr, o, base, label_text(LABEL_SELF, STR("__self__")), flags);
    return o;
}

/* `x.name`: a bound method, what a property gives, or what is stored. */
static Value attribute_value(Frame *fr, ObjectId base, PathId path, StrId name) {
    Label label = label_attribute(fr->f, name);
    if (str_is(label.text, "__dict__")) return one(base); /* its elements are the attributes */
    ClassId c = object_class(fr, base);
    if (!c.i || graph_is_stored(fr->g, c, label.hash))
        return value_loaded(fr, base, label, path);
    Member m = graph_member(fr->g, c, label.hash);
    switch (m.kind) {
    case MEMBER_METHOD:
        return one(method_object(fr, base, label, m.function, m.is_decorated ? EDGE_UNSURE : 0));
    case MEMBER_PROPERTY:
        return property_value(fr, m.function, base);
    case MEMBER_STATIC:
    case MEMBER_DATA:
        return ANYTHING;
    default:
        return value_loaded(fr, base, label, path);
    }
}

static Value selected(Frame *fr, PathId path, const Path *p) {
    Value bases = value_of(fr, p->parent), v = {.is_open = bases.is_open};
    for (u32 i = 0; i < bases.n; i++) {
        Value each = ANYTHING;
        if (p->kind == PATH_ATTR) {
            each = attribute_value(fr, bases.v[i], path, (StrId){p->id});
        } else if (p->kind == PATH_CONST) {
            Str text = facts_str(fr->f, (StrId){p->id});
            Label label = {LABEL_ITEM, fr->f->strings[p->id].hash, text};
            each = value_loaded(fr, bases.v[i], label, path);
        } else if (p->kind == PATH_ANY && !(p->flags & PATH_SLICE)) {
            each = value_loaded(fr, bases.v[i], label_text(LABEL_ELEMENT, (Str){0}), path);
        }
        value_join(&v, &each);
    }
    return v;
}

/* `super().method` as a value: bound to the first parameter. */
static bool is_super(Frame *fr, PathId path) {
    const Path *p = &fr->f->paths[path.i];
    if (p->kind != PATH_OP || fr->f->ops[p->id].kind != OP_CALL) return false;
    const Path *callee = &fr->f->paths[fr->f->ops[p->id].subject];
    return callee->kind == PATH_SYMBOL && !fr->f->symbols[callee->id].target.i &&
           str_is(facts_str(fr->f, fr->f->symbols[callee->id].name), "super");
}

Value value_of(Frame *fr, PathId path) {
    const Path *p = &fr->f->paths[path.i];
    switch ((PathKind)p->kind) {
    case PATH_SYMBOL:
        return symbol_value(fr, path, &fr->f->symbols[p->id]);
    case PATH_OP:
        return *op_value(fr, (OpId){p->id});
    case PATH_ATTR:
        if (is_super(fr, p->parent) && fr->n_parameters)
            return one(method_object(fr, fr->parameters[0],
                                     label_attribute(fr->f, (StrId){p->id}), (ScopeRef){0},
                                     EDGE_UNSURE));
        return selected(fr, path, p);
    case PATH_CONST:
    case PATH_ANY:
        return selected(fr, path, p);
    default:
        return NOTHING;
    }
}
