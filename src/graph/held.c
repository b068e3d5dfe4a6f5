/* Which paths lead to a long-lived container: through variables, attributes, elements and calls. */
#include "graph/model.h"

static bool is_container_name(const Graph *g, u64 name) {
    return filter_may_have(&g->held_keys, name) && map_get(&g->container_names, name);
}

static Held none(void) {
    return (Held){0};
}

static Held container_at(const Graph *g, u64 key) {
    return (Held){.container = map_get(&g->container_of, key)};
}

static Held held_by_variable(const Graph *g, u32 file, SymbolId owner, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[owner.i];
    u64 key = variable_key(file, owner);
    bool may_hold = filter_may_have(&g->held_keys, key);
    Held h = may_hold ? container_at(g, key) : none();
    u32 alias = may_hold ? map_get(&g->parameter_aliases, key) : 0;
    if (h.container) { /* a default, and what callers pass instead */
        h.more = alias;
        return h;
    }
    if (alias) {
        const Alias *a = &g->aliases.v[alias];
        return (Held){.container = a->container, .more = a->next, .flags = HELD_ALIAS};
    }
    if (s->binds != 1 || (s->flags & SYMBOL_PARAM)) return none();
    const Op *op = &f->ops[s->bind.i];
    u32 kind = op->flags & OP_LOW;
    if (op->kind != OP_BIND || kind == BIND_IMPORT || kind == BIND_FUNCTION || kind == BIND_CLASS)
        return none();
    h = held_by(g, file, bound_value(f, op), depth - 1);
    if (h.container) h.flags |= HELD_ALIAS;
    return h;
}

static Held held_by_symbol(const Graph *g, u32 file, PathId path, const Symbol *s, u32 depth) {
    const Facts *f = g->files[file].facts;
    if (s->target.i) {
        const Symbol *target = &f->symbols[s->target.i];
        bool is_import = target->flags & SYMBOL_IMPORT; /* in a function, too */
        bool local = f->scopes[target->scope.i].kind != SCOPE_MODULE && !is_import;
        Held h = held_by_variable(g, file, s->target, depth);
        if (h.container || local) return h;
    }
    if (!is_container_name(g, name_hash(f, s->name)) &&
        !(s->target.i && f->symbols[s->target.i].flags & SYMBOL_IMPORT))
        return none();
    Entity e = entity_of_path(g, file, path, RESOLVE_DEPTH);
    return e.kind == ENTITY_VARIABLE ? container_at(g, variable_key(e.file, (SymbolId){e.id}))
                                     : none();
}

/* `self.x`, `cls.x`, `C.x`, `instance.x`: by the class that declares x. */
static Held held_by_class(const Graph *g, ClassId c, u64 name) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        u64 key = attribute_key(node->mro[i], name);
        Held h = container_at(g, key);
        u32 alias = h.container ? 0 : map_get(&g->attribute_aliases, key);
        if (alias)
            h = (Held){.container = g->aliases.v[alias].container,
                       .more = g->aliases.v[alias].next,
                       .flags = HELD_ALIAS};
        if (h.container) return h;
    }
    return none();
}

static Held held_by_attribute(const Graph *g, u32 file, const Path *p, u32 depth) {
    const Facts *f = g->files[file].facts;
    u64 name = name_hash(f, (StrId){p->id});
    const Path *base = &f->paths[p->parent.i];
    if (!is_container_name(g, name)) return none();
    u64 state = app_state_key(f, p);
    if (state && map_get(&g->container_of, state)) return container_at(g, state);
    if (base->kind == PATH_SYMBOL && f->symbols[base->id].target.i) {
        bool is_class;
        ClassId c = self_class(g, file, f->symbols[base->id].target, &is_class);
        if (c.i) return held_by_class(g, c, name);
    }
    Entity e = entity_of_path(g, file, p->parent, RESOLVE_DEPTH);
    if (e.kind == ENTITY_MODULE) {
        Entity member =
            entity_in_module(g, e.file, facts_str(f, (StrId){p->id}), name, RESOLVE_DEPTH);
        return member.kind == ENTITY_VARIABLE
                   ? container_at(g, variable_key(member.file, (SymbolId){member.id}))
                   : none();
    }
    if (e.kind == ENTITY_CLASS) return held_by_class(g, entity_class(g, e), name);
    if (e.kind == ENTITY_FUNCTION)
        return container_at(g, function_attribute_key(entity_function(g, e), name));
    /* self.__class__.x, type(self).x */
    if (base->kind == PATH_ATTR && str_is(facts_str(f, (StrId){base->id}), "__class__")) {
        ClassId c = type_of_path(g, file, base->parent, RESOLVE_DEPTH);
        return c.i ? held_by_class(g, c, name) : none();
    }
    if (base->kind == PATH_OP && f->ops[base->id].kind == OP_CALL &&
        f->ops[base->id].operands == 1 &&
        str_is(graph_name_of(g, file, op_path(&f->ops[base->id])), "builtins.type")) {
        ClassId c = type_of_path(g, file, op_operand(f, &f->ops[base->id], 0), RESOLVE_DEPTH);
        return c.i ? held_by_class(g, c, name) : none();
    }
    ClassId c = type_of_path(g, file, p->parent, MIN(depth + 2, (u32)RESOLVE_DEPTH));
    return c.i ? held_by_class(g, c, name) : none();
}

static Held held_by_call(const Graph *g, u32 file, const Op *op, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *callee = &f->paths[op->subject];
    if (callee->kind == PATH_ATTR) {
        Held h = held_by(g, file, callee->parent, depth - 1);
        if (h.container) {
            MadeKind made = h.level ? MADE_NOTHING : made_of(g->containers[h.container].kind);
            Str method = facts_str(f, (StrId){callee->id});
            const MethodRow *row = made ? know_method_of(made, method) : know_method(method);
            if (!row) return none();
            h.flags |= HELD_ALIAS;
            if (row->flags & METHOD_ELEMENT)
                h.level++;
            else if (row->flags & METHOD_ELEMENTS)
                h.flags |= str_is(method, "items") ? HELD_VIEW | HELD_PAIRS : HELD_VIEW;
            else
                return none();
            return h;
        }
    }
    /* list(REG), sorted(REG.items()), iter(REG): a copy or an iterator */
    if (op->operands && (callee->kind == PATH_SYMBOL || callee->kind == PATH_ATTR)) {
        Held h = held_by(g, file, op_operand(f, op, 0), depth - 1);
        const CallRow *row = h.container ? know_call(graph_name_of(g, file, op_path(op))) : NULL;
        if (row && row->flags & (CALL_COPY | CALL_LAZY)) {
            h.flags |= HELD_VIEW | HELD_ALIAS;
            return h;
        }
        if (h.container) return none();
    }
    if (g->returned.n) {
        ClassId c;
        u32 fn = callee_function(g, file, op, &c);
        u32 container = fn ? map_get(&g->returned, fn) : 0;
        if (container) return (Held){.container = container, .flags = HELD_ALIAS};
    }
    return none();
}

/* `given or OTHERS`, `given if given else []` of a default `[]`: that is false, and is passed over.
 */
static bool passes_over_empty(const Graph *g, u32 file, const Op *choice, u32 container) {
    const Facts *f = g->files[file].facts;
    const Container *c = &g->containers[container];
    PathId given = op_operand(f, choice, 0);
    if (c->holder != HOLDER_DEFAULT || g->files[c->file].facts->ops[c->op.i].operands) return false;
    for (u32 r = choice->region.i + 1;
         r < f->n_regions && f->regions[r].parent.i >= choice->region.i; r++) {
        const Region *side = &f->regions[r];
        bool is_or = side->kind == REGION_SHORT_CIRCUIT && side->flags & REGION_NEGATED;
        bool is_then = side->kind == REGION_THEN && !(side->flags & REGION_NEGATED);
        for (u32 t = side->test_first; (is_or || is_then) && t < side->test_end; t++) {
            const Op *test = &f->ops[t];
            if (test->kind == OP_TEST && test->subject == given.i &&
                (test->flags & (OP_LOW | OP_NEGATED)) == TEST_TRUTH)
                return true;
        }
    }
    return false;
}

static Held held_by_op(const Graph *g, u32 file, const Op *op, u32 depth) {
    const Facts *f = g->files[file].facts;
    switch (op->kind) {
    case OP_LOAD:
        return held_by(g, file, op_path(op), depth - 1);
    case OP_CALL:
        return held_by_call(g, file, op, depth);
    case OP_CHOICE: {
        Held h = held_by(g, file, op_operand(f, op, 0), depth - 1);
        if (h.container && passes_over_empty(g, file, op, h.container)) h = none();
        if (!h.container) h = held_by(g, file, op_operand(f, op, 1), depth - 1);
        if (h.container) h.flags |= HELD_ALIAS;
        return h;
    }
    default:
        return none();
    }
}

/* An element of what the parent denotes: of a view (a pair's second part), of a mapping by key, of
 * a list. */
static Held held_by_element(const Graph *g, u32 file, const Path *p, u32 depth) {
    Held h = held_by(g, file, p->parent, depth - 1);
    if (!h.container) return h;
    const Facts *f = g->files[file].facts;
    if (h.flags & HELD_PAIRS) {
        if (h.flags & HELD_VIEW) { /* an item: the pair */
            h.flags &= (u8)~HELD_VIEW;
            return h;
        }
        h.flags &= (u8)~HELD_PAIRS;
        if (p->kind != PATH_CONST || !str_is(facts_str(f, (StrId){p->id}), "1")) return none();
        h.level++;
        return h;
    }
    if (p->kind == PATH_ANY && p->flags == PATH_SLICE) {
        h.flags |= HELD_VIEW | HELD_ALIAS;
        return h;
    }
    h.flags &= (u8)~HELD_VIEW;
    h.level++;
    return h;
}

static Held find_held_by(const Graph *g, u32 file, PathId path, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    switch (p->kind) {
    case PATH_SYMBOL:
        return held_by_symbol(g, file, path, &f->symbols[p->id], depth);
    case PATH_OP:
        return held_by_op(g, file, &f->ops[p->id], depth);
    case PATH_ATTR:
        return held_by_attribute(g, file, p, depth);
    case PATH_CONST:
    case PATH_ANY:
        return held_by_element(g, file, p, depth);
    default:
        return none();
    }
}

/* Most paths lead to none, and are asked for again and again: by those that use them and by those
 * that use what is bound to them. */
Held held_by(const Graph *g, u32 file, PathId path, u32 depth) {
    u16 *known = g->files[file].not_held;
    u16 bit = (u16)(1u << depth);
    if (!depth || (known && known[path.i] & bit)) return none();
    Held h = find_held_by(g, file, path, depth);
    if (known && !h.container) known[path.i] |= bit;
    return h;
}

void held_remember(Graph *g, u32 file, Arena *arena) {
    g->files[file].not_held = arena_array(arena, u16, g->files[file].facts->n_paths);
}

void held_forget(Graph *g, u32 file) {
    g->files[file].not_held = NULL;
}
