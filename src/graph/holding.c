/* Long-lived containers and attributes of classes under one form: the uses of the one and the
 * picture of the other as a list of changes. */
#include "graph/model.h"

#include <stdlib.h>

/* Calls of one method that a default value holds: `def add(x, put=TABLE.append)`. */
enum { DEFAULT_OPS = 6000 };

typedef struct Changes {
    Arena *arena;
    VEC(Change) list;
} Changes;

static bool is_mapping(ContainerKind kind) {
    return kind == CONTAINER_DICT || kind == CONTAINER_DEFAULTDICT ||
           kind == CONTAINER_ORDERED_DICT || kind == CONTAINER_COUNTER || kind == CONTAINER_WEAK ||
           kind == CONTAINER_BOUNDED;
}

static bool is_closed(u32 shape) {
    return shape && !(shape & ~(u32)(SHAPE_CONSTANT | SHAPE_CLOSED));
}

static Str called_method(const Graph *g, u32 file, const Op *op) {
    const Facts *f = g->files[file].facts;
    if (op->kind != OP_CALL) return (Str){0};
    const Path *callee = &f->paths[graph_alias_of(g, file, op_path(op)).i];
    return callee->kind == PATH_ATTR ? facts_str(f, (StrId){callee->id}) : (Str){0};
}

/* ---- long-lived containers ---- */

static bool change_of_use(const Graph *g, const Use *u, Change *out) {
    const Facts *f = g->files[u->file].facts;
    const Op *op = &f->ops[u->op.i];
    *out = (Change){.file = u->file,
                    .op = u->op,
                    .how = u->how,
                    .level = u->level,
                    .through_alias = u->through_alias,
                    .overwrites = u->overwrites,
                    .key = u->key,
                    .value = u->value,
                    .how_often = u->how_often,
                    .function = u->function};
    const MethodRow *row = know_method(u->how);
    bool is_method = row && op->kind != OP_DELETE && op->kind != OP_AUGMENT;
    out->is_callback = is_method && !str_eq(called_method(g, u->file, op), u->how);
    switch (u->kind) {
    case USE_GROW:
        out->kind = CHANGE_ADDED;
        return true;
    case USE_SHRINK:
        out->kind = CHANGE_REMOVED;
        if (is_method && row->flags & METHOD_ALL && !u->level) out->kind = CHANGE_EMPTIED;
        return true;
    case USE_REBIND: {
        Value v = value_find(g, u->file, u->value, (PathId){0});
        bool is_empty = !u->value.i || v.is_nothing || v.is_fresh;
        out->kind = is_empty ? CHANGE_EMPTIED : CHANGE_REPLACED;
        return true;
    }
    case USE_GUARD:
        out->kind = CHANGE_MEASURED;
        return true;
    case USE_ESCAPE:
        out->kind = CHANGE_HANDED_OUT;
        return true;
    default:
        return false;
    }
}

/* The calls of a parameter whose default value is a method of the container. */
static void add_default_calls(const Graph *g, const DefaultMethod *d, Changes *out) {
    const Facts *f = g->files[d->file].facts;
    const Scope *scope = &f->scopes[f->symbols[d->parameter.i].scope.i];
    for (u32 i = scope->op_first; i < scope->op_end && i < scope->op_first + DEFAULT_OPS; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL || f->paths[op->subject].kind != PATH_SYMBOL) continue;
        if (facts_root_symbol(f, op_path(op)).i != d->parameter.i) continue;
        const MethodRow *row = d->row;
        bool is_all = row->flags & METHOD_ALL;
        Change c = {.kind = row->effect == METHOD_ADDS ? CHANGE_ADDED
                            : is_all                   ? CHANGE_EMPTIED
                                                       : CHANGE_REMOVED,
                    .file = d->file,
                    .op = {i},
                    .how = str_from(row->method),
                    .through_alias = true,
                    .how_often = graph_how_often(g, d->file, op->region),
                    .function = {d->file, f->symbols[d->parameter.i].scope}};
        if (row->key >= 0) c.key = call_argument(f, op, (u32)row->key, NULL);
        if (row->value >= 0) c.value = call_argument(f, op, (u32)row->value, NULL);
        vec_push(out->arena, &out->list, c);
    }
}

static int by_place(const void *a, const void *b) {
    const Change *x = a, *y = b;
    if (x->file != y->file) return x->file < y->file ? -1 : 1;
    if (x->op.i != y->op.i) return x->op.i < y->op.i ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

static void finish(Holding *h, Changes *changes) {
    if (changes->list.n) qsort(changes->list.v, changes->list.n, sizeof(Change), by_place);
    h->changes = changes->list.v;
    h->n_changes = changes->list.n;
}

Holding graph_holding_of_container(const Graph *g, ContainerId id, Arena *arena) {
    const Container *c = &g->containers[id.i];
    Holding h = {.is_lasting = true,
                 .container = id,
                 .owner = c->owner,
                 .name = c->name,
                 .kind = c->kind,
                 .file = c->file,
                 .definition = c->definition,
                 .is_cut = map_get(&g->unfollowed, id.i) != 0};
    Changes changes = {.arena = arena};
    for (u32 i = 0; i < c->n_uses; i++) {
        Change change;
        if (g->files[c->uses[i].file].is_test || !change_of_use(g, &c->uses[i], &change)) continue;
        h.is_cut |= change.kind == CHANGE_HANDED_OUT;
        vec_push(arena, &changes.list, change);
    }
    for (u32 i = map_get(&g->defaults_of, id.i); i; i = g->defaults.v[i].next)
        add_default_calls(g, &g->defaults.v[i], &changes);
    if (c->holder == HOLDER_CLASS_ATTRIBUTE || c->holder == HOLDER_SINGLETON)
        h.is_removed_by_name =
            map_get(&g->removed_attributes, hash_str(str_after_last(c->short_name, '.'))) != 0;
    finish(&h, &changes);
    return h;
}

/* ---- methods as default values ---- */

void defaults_index(Graph *g) {
    vec_push(g->arena, &g->defaults, (DefaultMethod){0});
    for (u32 file = 0; file < g->n_files && g->n_containers; file++) {
        const Facts *f = g->files[file].facts;
        for (u32 i = f->n_params; i-- > 1 && !g->files[file].is_test;) {
            const Path *p = &f->paths[f->params[i].fallback.i];
            if (p->kind != PATH_ATTR || f->symbols[f->params[i].symbol.i].binds) continue;
            const MethodRow *row = know_method(facts_str(f, (StrId){p->id}));
            if (!row || row->effect == METHOD_READS) continue;
            Held h = held_by(g, file, p->parent, RESOLVE_DEPTH / 2);
            if (!h.container || h.level || h.flags & HELD_VIEW) continue;
            u32 next = map_get(&g->defaults_of, h.container);
            DefaultMethod d = {file, f->params[i].symbol, row, next};
            vec_push(g->arena, &g->defaults, d);
            map_set(g->arena, &g->defaults_of, h.container, g->defaults.n - 1);
        }
    }
}

/* ---- attributes ---- */

static bool is_long_lived(const Graph *g, ClassId c, u64 name) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++)
        if (map_get(&g->container_of, attribute_key(node->mro[i], name))) return true;
    return false;
}

/* Some definition in the class itself makes a container. */
static bool makes_container(const Graph *g, ClassId c, u64 name) {
    const Facts *f = g->files[g->classes[c.i].file].facts;
    const Op *body = &f->ops[f->symbols[member_of(g, c, name).i].bind.i];
    if (body->kind == OP_BIND &&
        made_kind(g, g->classes[c.i].file, bound_value(f, body)) != CONTAINER_OTHER)
        return true;
    for (const AttributeDef *d = own_attribute(g, c, name); d; d = attribute_next(g, d)) {
        const Facts *home = g->files[d->file].facts;
        PathId value = bound_value(home, &home->ops[d->op.i]);
        if (made_kind(g, d->file, value) != CONTAINER_OTHER) return true;
    }
    return false;
}

static bool is_made_above(const Graph *g, ClassId c, u64 name) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 1; i < node->n_mro; i++)
        if (makes_container(g, node->mro[i], name)) return true;
    return false;
}

Str graph_next_holding(const Graph *g, ClassId c, Str after) {
    if (g->files[g->classes[c.i].file].is_test) return (Str){0};
    Str name = after;
    while ((name = graph_next_attribute(g, c, name)).n) {
        u64 hash = hash_str(name);
        if (makes_container(g, c, hash) && !is_long_lived(g, c, hash) && !is_made_above(g, c, hash))
            return name;
    }
    return name;
}

static bool change_of_attribute(const Graph *g, const AttributeUse *u, Change *out) {
    static const ChangeKind KINDS[] = {
        [ATTRIBUTE_DEFINED] = CHANGE_REPLACED,    [ATTRIBUTE_EMPTIED] = CHANGE_EMPTIED,
        [ATTRIBUTE_GROWS] = CHANGE_ADDED,         [ATTRIBUTE_SHRINKS] = CHANGE_REMOVED,
        [ATTRIBUTE_MEASURED] = CHANGE_MEASURED,   [ATTRIBUTE_HANDED_OUT] = CHANGE_HANDED_OUT,
        [ATTRIBUTE_RELEASED] = CHANGE_HANDED_OUT,
    };
    if (u->kind == ATTRIBUTE_RELEASED || (u->kind == ATTRIBUTE_DEFINED && !u->replaces))
        return false;
    *out = (Change){.kind = KINDS[u->kind],
                    .file = u->file,
                    .op = u->op,
                    .how = u->how,
                    .level = u->level,
                    .through_alias = u->through_alias,
                    .is_callback = u->is_callback,
                    .by_other = u->by_other,
                    .key = u->key,
                    .value = u->value,
                    .how_often = u->how_often,
                    .function = u->function};
    if (u->kind != ATTRIBUTE_GROWS) return true;
    out->overwrites = u->key.i && is_closed(graph_shape(g, u->file, u->key));
    return true;
}

static bool is_nothing(const Facts *f, PathId value) {
    return f->paths[value.i].kind == PATH_LITERAL && f->paths[value.i].flags == LITERAL_NONE;
}

/* Where the container is made, by the first definition that makes one. */
static void find_definition(const Graph *g, ClassId c, Holding *h, const Attribute *a) {
    h->file = g->classes[c.i].file;
    h->definition = g->files[h->file].facts->scopes[g->classes[c.i].scope.i].name_span;
    for (u32 i = 0; i < a->n_uses; i++) {
        const AttributeUse *u = &a->uses[i];
        const Facts *f = g->files[u->file].facts;
        if (u->kind != ATTRIBUTE_DEFINED || u->replaces || is_nothing(f, u->value)) continue;
        h->file = u->file;
        h->definition = f->ops[u->op.i].span;
        return;
    }
}

Holding graph_holding_of_attribute(const Graph *g, ClassId c, Str name, Arena *arena) {
    Attribute a = graph_attribute(g, c, name, arena);
    const Facts *home = g->files[g->classes[c.i].file].facts;
    Str class_name = facts_str(home, home->scopes[g->classes[c.i].scope.i].name);
    Holding h = {.owner = c,
                 .name = str_format(arena, "%.*s.%.*s", STR_ARG(class_name), STR_ARG(name)),
                 .kind = a.kind == ATTRIBUTE_CONTAINER ? a.container : CONTAINER_OTHER,
                 .is_cut = a.is_cut,
                 .is_removed_by_name = map_get(&g->removed_attributes, hash_str(name)) != 0};
    Changes changes = {.arena = arena};
    find_definition(g, c, &h, &a);
    for (u32 i = 0; i < a.n_uses; i++) {
        Change change;
        if (g->files[a.uses[i].file].is_test || !change_of_attribute(g, &a.uses[i], &change))
            continue;
        h.is_cut |= change.kind == CHANGE_HANDED_OUT;
        vec_push(arena, &changes.list, change);
    }
    finish(&h, &changes);
    return h;
}

/* ---- changes ---- */

PathId change_key(const Holding *h, const Change *c) {
    /* of a list an index or nothing at all; an inner container may be of any kind */
    bool is_place = !c->level && h->kind != CONTAINER_OTHER && !is_mapping(h->kind);
    if (c->key.i && !is_place) return c->key;
    bool is_mapped = !c->level && is_mapping(h->kind);
    return is_mapped ? (PathId){0} : c->value;
}

bool change_removes(const Change *c, u32 level) {
    switch (c->kind) {
    case CHANGE_EMPTIED:
    case CHANGE_REPLACED:
        return true;
    case CHANGE_REMOVED:
        return c->level <= level;
    default:
        return false;
    }
}
