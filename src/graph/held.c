/* Which paths lead to a long-lived container: through variables, attributes, elements and calls. */
#include "graph/model.h"

static bool is_container_name(const Graph *g, u64 name) {
    return filter_may_have(&g->held_keys, name) && map_get(&g->container_names, name);
}

/* ---- paths that may lead to one ---- */

/* Of each path of a file: may held_by find something? Paths come after what they are made of, but
 * for variables that are bound further down. */
typedef struct Marking {
    const Graph *g;
    u32 file;
    const Facts *f;
    bool *may;        /* by path */
    VEC(PathId) late; /* symbols whose value comes later */
} Marking;

/* The value of a variable that is bound once, or none: see held_by_variable. */
static PathId followed_value(const Facts *f, SymbolId owner) {
    const Symbol *s = &f->symbols[owner.i];
    const Op *op = &f->ops[s->bind.i];
    u32 kind = op->flags & OP_LOW;
    bool is_followed = s->binds == 1 && !(s->flags & SYMBOL_PARAM) && op->kind == OP_BIND &&
                       kind != BIND_IMPORT && kind != BIND_FUNCTION && kind != BIND_CLASS;
    return is_followed ? bound_value(f, op) : (PathId){0};
}

static bool is_held_key(const Marking *m, u32 file, SymbolId symbol) {
    return filter_may_have(&m->g->held_keys, variable_key(file, symbol));
}

static bool may_hold_symbol(const Marking *m, PathId path) {
    const Symbol *s = &m->f->symbols[m->f->paths[path.i].id];
    const Symbol *target = &m->f->symbols[s->target.i];
    bool is_import = s->target.i && target->flags & SYMBOL_IMPORT;
    if (s->target.i && !is_import) {
        if (is_held_key(m, m->file, s->target)) return true;
        if (m->may[followed_value(m->f, s->target).i]) return true;
        if (m->f->scopes[target->scope.i].kind != SCOPE_MODULE) return false;
    }
    if (!is_import) return is_container_name(m->g, name_hash(m->f, s->name));
    Entity e = entity_of_path(m->g, m->file, path, RESOLVE_DEPTH);
    return is_held_key(m, m->file, s->target) ||
           (e.kind == ENTITY_VARIABLE && is_held_key(m, e.file, (SymbolId){e.id}));
}

static bool may_hold_call(const Marking *m, const Op *call) {
    const Path *callee = &m->f->paths[call->subject];
    if (callee->kind == PATH_ATTR && m->may[callee->parent.i]) return true;
    if (call->operands && m->may[op_operand(m->f, call, 0).i]) return true;
    ClassId made;
    u32 fn = m->g->returned.n ? callee_function(m->g, m->file, call, &made) : 0;
    return fn && map_get(&m->g->returned, fn);
}

static bool may_hold_op(const Marking *m, const Op *op) {
    switch (op->kind) {
    case OP_LOAD:
        return m->may[op->subject];
    case OP_CALL:
        return may_hold_call(m, op);
    case OP_CHOICE:
        return m->may[op_operand(m->f, op, 0).i] || m->may[op_operand(m->f, op, 1).i];
    default:
        return false;
    }
}

static bool may_hold(const Marking *m, u32 i) {
    const Path *p = &m->f->paths[i];
    switch (p->kind) {
    case PATH_SYMBOL:
        return may_hold_symbol(m, (PathId){i});
    case PATH_OP:
        return may_hold_op(m, &m->f->ops[p->id]);
    case PATH_ATTR:
        return is_container_name(m->g, name_hash(m->f, (StrId){p->id}));
    case PATH_CONST:
    case PATH_ANY:
        return m->may[p->parent.i];
    default:
        return false;
    }
}

/* Has a variable that is bound later become one that may hold something? */
static bool is_to_be_repeated(const Marking *m) {
    for (u32 i = 0; i < m->late.n; i++)
        if (!m->may[m->late.v[i].i] && may_hold_symbol(m, m->late.v[i])) return true;
    return false;
}

void held_remember(Graph *g, u32 file, Arena *arena) {
    const Facts *f = g->files[file].facts;
    Marking m = {.g = g, .file = file, .f = f, .may = arena_array(arena, bool, f->n_paths)};
    for (u32 i = 1; i < f->n_paths; i++) {
        m.may[i] = may_hold(&m, i);
        if (m.may[i] || f->paths[i].kind != PATH_SYMBOL) continue;
        SymbolId owner = f->symbols[f->paths[i].id].target;
        if (owner.i && followed_value(f, owner).i > i) vec_push(arena, &m.late, (PathId){i});
    }
    /* one round for each step of held_by that leads from a variable to another one */
    for (u32 round = 0; round < RESOLVE_DEPTH && is_to_be_repeated(&m); round++)
        for (u32 i = 1; i < f->n_paths; i++) m.may[i] |= may_hold(&m, i);
    g->files[file].may_hold = m.may;
}

void held_forget(Graph *g, u32 file) {
    g->files[file].may_hold = NULL;
}

/* ---- what they lead to ---- */

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

static Held held_by_op(const Graph *g, u32 file, const Op *op, u32 depth) {
    const Facts *f = g->files[file].facts;
    switch (op->kind) {
    case OP_LOAD:
        return held_by(g, file, op_path(op), depth - 1);
    case OP_CALL:
        return held_by_call(g, file, op, depth);
    case OP_CHOICE: {
        Held h = held_by(g, file, op_operand(f, op, 0), depth - 1);
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

Held held_by(const Graph *g, u32 file, PathId path, u32 depth) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    const bool *may_hold = g->files[file].may_hold;
    if (!depth || (may_hold && !may_hold[path.i])) return none();
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
