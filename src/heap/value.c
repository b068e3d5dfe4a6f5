/* What paths evaluate to at the operation that is being walked. */
#include "heap/walk.h"

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
    v->is_doubtful |= other->is_doubtful;
}

/* ---- operations and variables ---- */

Value *op_value(Walk *w, OpId op) {
    Workspace *s = w->space;
    if (s->op_stamps[op.i] != s->stamp) {
        s->op_stamps[op.i] = s->stamp;
        s->op_values[op.i] = NOTHING;
    }
    return &s->op_values[op.i];
}

static u32 *bindings_of(Walk *w, SymbolId target) {
    Workspace *s = w->space;
    if (s->symbol_stamps[target.i] != s->stamp) {
        s->symbol_stamps[target.i] = s->stamp;
        s->symbol_bindings[target.i] = 0;
    }
    return &s->symbol_bindings[target.i];
}

void symbol_bind(Walk *w, SymbolId target, Value value) {
    u32 *newest = bindings_of(w, target);
    vec_push(&w->space->lists, &w->bindings, (Binding){value, w->region, w->at, *newest});
    *newest = w->bindings.n - 1;
}

/* Is there a loop around this place that a binding stands outside of? Then bindings that come later
 * in the loop reach it from the round before. */
static bool is_reached_again(const Walk *w, const Binding *b) {
    const Region *regions = w->f->regions;
    RegionId loop = loop_around(w, w->region);
    while (loop.i && regions[loop.i].scope.i != w->scope.i) /* a comprehension binds its own */
        loop = loop_around(w, regions[loop.i].parent);
    if (loop.i <= w->f->scopes[w->scope.i].region.i) return false;
    return !b || !is_around(w, loop, b->region);
}

static u32 count_bindings(Walk *w, SymbolId target) {
    u32 n = 0;
    for (u32 i = *bindings_of(w, target); i && n < SCAN_MAX; i = w->bindings.v[i].before) n++;
    return n;
}

static ObjectId parameter_object(const Walk *w, SymbolId target) {
    u32 first = w->f->scopes[w->scope.i].param_first;
    for (u32 i = 0; i < w->n_parameters; i++)
        if (w->f->params[first + i].symbol.i == target.i) return w->parameters[i];
    return (ObjectId){0};
}

/* Bound in a loop that is over, to something that was reached from elsewhere: `node = node.next`.
 */
static bool is_moved(const Walk *w, const Binding *b) {
    bool is_loaded = false;
    for (u32 i = 0; i < b->value.n; i++)
        is_loaded |= object_at(w, b->value.v[i])->kind == OBJECT_LOADED;
    RegionId loop = loop_around(w, b->region);
    return is_loaded && loop.i && !is_around(w, loop, w->region);
}

/* A variable of this function: what its bindings that reach this place give. */
static Value local_value(Walk *w, SymbolId target) {
    const Symbol *symbol = &w->f->symbols[target.i];
    Value v = NOTHING;
    u32 scanned = 0;
    const Binding *found = NULL;
    for (u32 i = *bindings_of(w, target); i && scanned < SCAN_MAX && !found; scanned++) {
        const Binding *b = &w->bindings.v[i];
        i = b->before;
        if (is_either(w, b->region, b->at, w->region, w->at)) continue;
        if (is_moved(w, b))
            v.is_open = true;
        else
            value_join(&v, &b->value);
        if (is_around(w, b->region, w->region)) found = b;
    }
    if (!found && symbol->flags & SYMBOL_PARAM) {
        v.is_doubtful |= scanned > 0; /* it may have become something else: a weak reference … */
        value_add(&v, parameter_object(w, target));
    }
    if (!found && scanned == SCAN_MAX) v.is_open = true;
    if (symbol->binds > count_bindings(w, target) && is_reached_again(w, found)) v.is_open = true;
    return v;
}

static ObjectId named_object(Walk *w, ObjectKind kind, u32 file, SymbolId symbol) {
    u64 key = (u64)kind << 60 | (u64)file << 30 | symbol.i;
    u32 known = map_get(&w->named, key);
    if (known) return (ObjectId){known};
    ObjectId o = object_new(w, kind, symbol.i);
    if (!o.i) return o;
    const Facts *f = graph_facts(w->g, file);
    object_at(w, o)->file = file;
    object_at(w, o)->label = label_text(LABEL_NONE, facts_str(f, f->symbols[symbol.i].name));
    map_set(&w->space->arena, &w->named, key, o.i);
    return o;
}

ObjectId global_object(Walk *w, u32 file, SymbolId symbol) {
    return named_object(w, OBJECT_GLOBAL, file, symbol);
}

ObjectId cell_object(Walk *w, u32 file, SymbolId symbol) {
    return named_object(w, OBJECT_CELL, file, symbol);
}

/* Does the variable belong to this function, or to a comprehension or class body that runs in it?
 */
static bool is_own(const Walk *w, SymbolId target) {
    const Facts *f = w->f;
    ScopeId s = f->symbols[target.i].scope;
    while (s.i != w->scope.i &&
           (f->scopes[s.i].kind == SCOPE_COMPREHENSION || f->scopes[s.i].kind == SCOPE_CLASS))
        s = f->scopes[s.i].parent;
    return s.i == w->scope.i;
}

Value value_of_symbol(Walk *w, SymbolId target) {
    if (is_own(w, target)) return local_value(w, target);
    const Scope *scope = &w->f->scopes[w->f->symbols[target.i].scope.i];
    if (scope->kind == SCOPE_FUNCTION || scope->kind == SCOPE_LAMBDA)
        return value_one(cell_object(w, w->file, target));
    return ANYTHING;
}

static Value symbol_value(Walk *w, PathId path, const Symbol *symbol) {
    const Facts *f = w->f;
    SymbolId target = symbol->target;
    bool is_module = target.i && f->scopes[f->symbols[target.i].scope.i].kind == SCOPE_MODULE;
    if (target.i && !is_module) return value_of_symbol(w, target);
    if (is_module && f->scopes[w->scope.i].kind == SCOPE_MODULE &&
        !(f->symbols[target.i].flags & SYMBOL_IMPORT)) {
        if (*bindings_of(w, target)) return local_value(w, target);
    }
    SymbolRef variable = graph_variable_of(w->g, w->file, path);
    if (!variable.symbol.i) return ANYTHING; /* classes and functions of modules hold nothing */
    return value_one(global_object(w, variable.file, variable.symbol));
}

/* ---- attributes and elements ---- */

static ObjectId loaded_object(Walk *w, ObjectId base, Label label, PathId path) {
    ObjectId o = object_new(w, OBJECT_LOADED, w->at.i);
    if (!o.i) return o;
    Object *object = object_at(w, o);
    object->base = base;
    object->label = label;
    object->path = path;
    u32 flags = EDGE_IMPLIED | (label.kind == LABEL_ELEMENT ? EDGE_UNSURE : 0);
    u32 edge = edge_add(w, base, o, label, flags);
    if (!edge) return o;
    /* It was there before whatever this function has stored: the oldest edge. */
    Edge *e = &w->edges.v[edge];
    if (e->next) {
        u32 last = e->next, steps = 0;
        object_at(w, base)->edges = e->next;
        while (w->edges.v[last].next && steps++ < SCAN_MAX) last = w->edges.v[last].next;
        e->next = w->edges.v[last].next;
        w->edges.v[last].next = edge;
    }
    return o;
}

static bool is_certain_at(const Walk *w, const Edge *e) {
    return e->flags & EDGE_IMPLIED || is_around(w, w->f->ops[e->at.i].region, w->region);
}

Value value_loaded(Walk *w, ObjectId base, Label label, PathId path) {
    Value v = NOTHING;
    u32 scanned = 0;
    bool is_known = false, is_element = label.kind == LABEL_ELEMENT;
    for (u32 i = object_at(w, base)->edges; i && scanned < SCAN_MAX && !is_known; scanned++) {
        const Edge *e = &w->edges.v[i];
        i = e->next;
        if (e->flags & EDGE_DEAD || is_element || !label_equal(&e->label, &label)) continue;
        if (is_either(w, w->f->ops[e->at.i].region, e->at, w->region, w->at)) continue;
        value_add(&v, e->to);
        is_known = is_certain_at(w, e) && !(e->flags & EDGE_DOUBTED);
    }
    if (is_known) return v;
    ObjectKind kind = object_at(w, base)->kind;
    bool is_fresh = kind == OBJECT_CONTAINER || kind == OBJECT_NAMESPACE;
    if (is_fresh) { /* made here: nothing was in it before */
        v.is_open = true;
        return v;
    }
    value_add(&v, loaded_object(w, base, label, path));
    return v;
}

static ObjectId method_object(Walk *w, ObjectId base, Label label, ScopeRef code, u32 flags) {
    ObjectId o = object_new(w, OBJECT_METHOD, w->at.i);
    if (!o.i) return o;
    object_at(w, o)->label = label;
    object_at(w, o)->code = code;
    edge_add(w, o, base, label_text(LABEL_SELF, STR("__self__")), flags);
    return o;
}

static bool has_edge(const Walk *w, ObjectId base, const Label *label) {
    u32 scanned = 0;
    for (u32 i = object_at(w, base)->edges; i && scanned < SCAN_MAX; scanned++) {
        if (label_equal(&w->edges.v[i].label, label)) return true;
        i = w->edges.v[i].next;
    }
    return false;
}
Value attribute_value(Walk *w, ObjectId base, PathId path, StrId name) {
    Label label = label_attribute(w->f, name);
    if (str_is(label.text, "__dict__"))
        return value_one(base); /* its elements are the attributes */
    if (str_is(label.text, "__class__")) return ANYTHING;
    ClassId c = object_class(w, base);
    if (!c.i) return value_loaded(w, base, label, path);
    bool is_stored = graph_is_stored(w->g, c, label.hash);
    Member m = graph_member(w->g, c, label.hash);
    if (m.kind == MEMBER_PROPERTY) return property_value(w, m.function, base); /* it wins */
    if (is_stored && has_edge(w, base, &label)) return value_loaded(w, base, label, path);
    if (is_stored && m.kind == MEMBER_METHOD) m.is_decorated = true; /* or what is stored */
    if (is_stored && m.kind != MEMBER_METHOD) return value_loaded(w, base, label, path);
    switch (m.kind) {
    case MEMBER_METHOD:
        return value_one(
            method_object(w, base, label, m.function, m.is_decorated ? EDGE_UNSURE : 0));

    case MEMBER_STATIC:
    case MEMBER_DATA:
        return ANYTHING;
    default:
        return value_loaded(w, base, label, path);
    }
}

static Value selected(Walk *w, PathId path, const Path *p) {
    Value bases = value_of(w, p->parent);
    Value v = {.is_open = bases.is_open, .is_doubtful = bases.is_doubtful};
    for (u32 i = 0; i < bases.n; i++) {
        Value each = ANYTHING;
        if (p->kind == PATH_ATTR) {
            each = attribute_value(w, bases.v[i], path, (StrId){p->id});
        } else if (p->kind == PATH_CONST) {
            each = value_loaded(w, bases.v[i], label_item(w->f, p), path);
        } else if (p->kind == PATH_ANY && !(p->flags & PATH_SLICE)) {
            each = value_loaded(w, bases.v[i], label_element(), path);
        }
        value_join(&v, &each);
    }
    return v;
}

/* `super().method` as a value: bound to the first parameter. */
static bool is_super(Walk *w, PathId path) {
    const Path *p = &w->f->paths[path.i];
    if (p->kind != PATH_OP || w->f->ops[p->id].kind != OP_CALL) return false;
    const Path *callee = &w->f->paths[w->f->ops[p->id].subject];
    return callee->kind == PATH_SYMBOL && !w->f->symbols[callee->id].target.i &&
           str_is(facts_str(w->f, w->f->symbols[callee->id].name), "super");
}

Value value_of(Walk *w, PathId path) {
    const Path *p = &w->f->paths[path.i];
    switch ((PathKind)p->kind) {
    case PATH_SYMBOL:
        return symbol_value(w, path, &w->f->symbols[p->id]);
    case PATH_OP:
        return *op_value(w, (OpId){p->id});
    case PATH_ATTR:
        if (is_super(w, p->parent) && w->n_parameters)
            return value_one(method_object(w, w->parameters[0],
                                           label_attribute(w->f, (StrId){p->id}), (ScopeRef){0},
                                           EDGE_UNSURE));
        return selected(w, path, p);
    case PATH_CONST:
    case PATH_ANY:
        return selected(w, path, p);
    default:
        return NOTHING;
    }
}
